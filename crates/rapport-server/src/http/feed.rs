//! `POST /v1/feed`.

use axum::Json;
use axum::extract::State;

use crate::app::{FeedAnswer, FeedQuestion, Problem};
use crate::http::Web;
use crate::http::answer::{Answer, blocking};
use crate::http::body::Body;
use crate::http::call::Told;

/// What this person should see now, and why.
#[utoipa::path(
    post,
    path = "/v1/feed",
    tag = "read",
    request_body = FeedQuestion,
    responses(
        (status = 200, body = FeedAnswer),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn post(
    State(web): State<Web>,
    Told(call): Told,
    Body(question): Body<FeedQuestion>,
) -> Answer<FeedAnswer> {
    let answer = blocking(web.app.clone(), move |app| app.feed(&question, &call)).await?;
    web.metrics.answer("feed", answer.personalised);
    Ok(Json(answer))
}
