//! People: facts, choices, notices, profile, undo, export, erasure.

use axum::Json;
use axum::extract::{Path, Query, State};
use serde_json::Value;

use crate::app::{ChoicesBody, ErasureAnswer, PersonBody, Problem, UndoneAnswer, What};
use crate::http::Web;
use crate::http::ads::done;
use crate::http::answer::{Answer, blocking};
use crate::http::body::Body;
use crate::http::call::Told;

/// Registers a person or replaces their facts; choices and notices stay.
#[utoipa::path(
    put,
    path = "/v1/people/{id}",
    tag = "people",
    params(("id" = String, Path, description = "The person")),
    request_body = PersonBody,
    responses(
        (status = 200, body = Object),
        (status = 400, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn put(
    State(web): State<Web>,
    Told(call): Told,
    Path(id): Path<String>,
    Body(body): Body<PersonBody>,
) -> Answer<Value> {
    let answer = done(&id);
    blocking(web.app, move |app| app.put_person(&id, body, &call)).await?;
    Ok(Json(answer))
}

/// Erases a person: profile, log, edges, items, receipts, caches.
#[utoipa::path(
    delete,
    path = "/v1/people/{id}",
    tag = "people",
    params(("id" = String, Path, description = "The person")),
    responses(
        (status = 200, body = ErasureAnswer),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn delete(State(web): State<Web>, Path(id): Path<String>) -> Answer<ErasureAnswer> {
    Ok(Json(blocking(web.app, move |app| app.erase(&id)).await?))
}

/// Undoes one event: the profile is as if it had never been.
#[utoipa::path(
    delete,
    path = "/v1/people/{id}/events/{event}",
    tag = "people",
    params(("id" = String, Path, description = "The person"), ("event" = String, Path, description = "The event")),
    responses(
        (status = 200, body = UndoneAnswer),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn undo_event(
    State(web): State<Web>,
    Told(call): Told,
    Path((id, event)): Path<(String, String)>,
) -> Answer<UndoneAnswer> {
    Ok(Json(blocking(web.app, move |app| app.undo(&id, &What::Event(event), &call)).await?))
}

/// Which events to undo; exactly one of both.
#[derive(serde::Deserialize, utoipa::IntoParams)]
pub(super) struct UndoQuery {
    /// Every event of this conversation.
    conversation: Option<String>,
    /// Every event from this source, for example `assistant`.
    source: Option<String>,
}

/// Undoes every event of a conversation or from a source.
#[utoipa::path(
    delete,
    path = "/v1/people/{id}/events",
    tag = "people",
    params(("id" = String, Path, description = "The person"), UndoQuery),
    responses(
        (status = 200, body = UndoneAnswer),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn undo_events(
    State(web): State<Web>,
    Told(call): Told,
    Path(id): Path<String>,
    Query(query): Query<UndoQuery>,
) -> Answer<UndoneAnswer> {
    let what = match (query.conversation, query.source) {
        (Some(conversation), None) => What::Conversation(conversation),
        (None, Some(source)) => What::Source(source),
        _ => return Err(Problem::invalid("say either `?conversation=` or `?source=assistant`").into()),
    };
    Ok(Json(blocking(web.app, move |app| app.undo(&id, &what, &call)).await?))
}

/// Where a profile would be used.
#[derive(serde::Deserialize, utoipa::IntoParams)]
pub(super) struct ProfileQuery {
    /// The product; each class's own if it is not said.
    product: Option<String>,
}

/// What is known of a person, where it comes from, and what each part may be used for.
#[utoipa::path(
    get,
    path = "/v1/people/{id}/profile",
    tag = "people",
    params(("id" = String, Path, description = "The person"), ProfileQuery),
    responses(
        (status = 200, body = Object),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn profile(
    State(web): State<Web>,
    Told(call): Told,
    Path(id): Path<String>,
    Query(query): Query<ProfileQuery>,
) -> Answer<Value> {
    let work = move |app: &crate::app::App| app.profile(&id, query.product.as_deref(), &call);
    Ok(Json(blocking(web.app, work).await?))
}

/// Changes what a person allows and refuses; answers every choice, marked where the policy does not honour it.
#[utoipa::path(
    put,
    path = "/v1/people/{id}/choices",
    tag = "people",
    params(("id" = String, Path, description = "The person")),
    request_body = ChoicesBody,
    responses(
        (status = 200, body = Object),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn put_choices(
    State(web): State<Web>,
    Told(call): Told,
    Path(id): Path<String>,
    Body(body): Body<ChoicesBody>,
) -> Answer<Value> {
    Ok(Json(blocking(web.app, move |app| app.choose(&id, &body, &call)).await?))
}

/// What a person allows and refuses.
#[utoipa::path(
    get,
    path = "/v1/people/{id}/choices",
    tag = "people",
    params(("id" = String, Path, description = "The person")),
    responses(
        (status = 200, body = Object),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn get_choices(
    State(web): State<Web>,
    Told(call): Told,
    Path(id): Path<String>,
) -> Answer<Value> {
    Ok(Json(blocking(web.app, move |app| app.choices(&id, &call)).await?))
}

/// What a person was told, and what they saw.
#[utoipa::path(
    get,
    path = "/v1/people/{id}/notices",
    tag = "people",
    params(("id" = String, Path, description = "The person")),
    responses(
        (status = 200, body = Object),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn notices(
    State(web): State<Web>,
    Told(call): Told,
    Path(id): Path<String>,
) -> Answer<Value> {
    Ok(Json(blocking(web.app, move |app| app.notices(&id, &call)).await?))
}

/// By which channel a notice was seen.
#[derive(serde::Deserialize, utoipa::ToSchema)]
pub(super) struct SeenBody {
    /// `in_app` or `email`.
    channel: String,
}

/// Records that a person saw the notice of a policy version.
#[utoipa::path(
    post,
    path = "/v1/people/{id}/notices/{version}/seen",
    tag = "people",
    params(
        ("id" = String, Path, description = "The person"),
        ("version" = String, Path, description = "A policy version, its name, or the notice's own id"),
    ),
    request_body = SeenBody,
    responses(
        (status = 200, body = Object),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn see_notice(
    State(web): State<Web>,
    Told(call): Told,
    Path((id, version)): Path<(String, String)>,
    Body(body): Body<SeenBody>,
) -> Answer<Value> {
    let work = move |app: &crate::app::App| app.see_notice(&id, &version, &body.channel, &call);
    Ok(Json(blocking(web.app, work).await?))
}

/// Everything that is kept about a person, machine-readable.
#[utoipa::path(
    get,
    path = "/v1/people/{id}/export",
    tag = "people",
    params(("id" = String, Path, description = "The person")),
    responses(
        (status = 200, body = Object),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn export(
    State(web): State<Web>,
    Told(call): Told,
    Path(id): Path<String>,
) -> Answer<Value> {
    Ok(Json(blocking(web.app, move |app| app.export(&id, &call)).await?))
}
