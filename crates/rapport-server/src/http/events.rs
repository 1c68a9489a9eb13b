//! `POST /v1/events`.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, header};

use crate::app::{IngestAnswer, Problem, split};
use crate::http::Web;
use crate::http::answer::{Answer, blocking};
use crate::http::body::Raw;
use crate::http::call::Told;

/// An event; which fields it needs depends on its type.
#[derive(utoipa::ToSchema)]
#[allow(
    dead_code,
    reason = "documents a body that the core reads field by field, to name the one that is wrong"
)]
pub(super) struct EventBody {
    /// The caller's own id; the same id again is a duplicate.
    id: String,
    /// For example `assistant.prompt`, `like`, `view`, `ad.click`.
    r#type: String,
    /// Whose event it is.
    person: String,
    /// Where it happened.
    product: String,
    /// When, RFC 3339; at most 5 minutes ahead.
    at: String,
    /// The words, of the assistant's events and of partners.
    text: Option<String>,
    /// A spoken `assistant.prompt`, in place of `text`: a WAV, FLAC, MP3, AIFF, Ogg or WebM file in base64, of at most
    /// `speech.max_seconds`. It becomes text, and is not kept.
    audio: Option<String>,
    /// `text`, `voice`, `image` or `video`.
    modality: Option<String>,
    /// The conversation that the words belong to.
    conversation: Option<String>,
    /// The event that feedback judges.
    about: Option<String>,
    /// -1 (bad) to 1 (good), for feedback.
    value: Option<f64>,
    /// The item that it was done to.
    item: Option<String>,
    /// The person that it was done to.
    target: Option<String>,
    /// The ad that it was about, as `campaign/ad`.
    ad: Option<String>,
    /// How long a view lasted, in milliseconds.
    dwell_ms: Option<u32>,
    /// The partner.
    provider: Option<String>,
    /// IAB 3.1 ids that a partner sent.
    topics: Option<Vec<String>>,
}

/// Takes an event, an array of events, or NDJSON in. Answered once durable; each event is judged by itself.
#[utoipa::path(
    post,
    path = "/v1/events",
    tag = "write",
    request_body(content = EventBody, description = "An event, an array of events, or NDJSON"),
    responses(
        (status = 200, body = IngestAnswer),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json",
            description = "More audio waits to be transcribed than the server allows, or it is stopping",
            headers(("Retry-After" = u32, description = "When to try again, in seconds"))),
    )
)]
pub(super) async fn post(
    State(web): State<Web>,
    Told(call): Told,
    headers: HeaderMap,
    Raw(body): Raw,
) -> Answer<IngestAnswer> {
    let lines = is_ndjson(&headers);
    let answer = blocking(web.app.clone(), move |app| app.ingest(split(&body, lines)?, &call)).await?;
    web.metrics.events(answer.accepted, answer.duplicates, answer.rejected.len());
    Ok(Json(answer))
}

fn is_ndjson(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    ["ndjson", "jsonl", "json-lines", "jsonlines"].iter().any(|word| kind.contains(word))
}
