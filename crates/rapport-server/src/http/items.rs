//! `PUT` and `DELETE /v1/items/{id}`.

use axum::Json;
use axum::extract::{Path, State};
use serde_json::Value;

use crate::app::Problem;
use crate::http::Web;
use crate::http::ads::done;
use crate::http::answer::{Answer, blocking};
use crate::http::body::Body;

/// An item of the catalogue.
#[derive(utoipa::ToSchema)]
#[allow(
    dead_code,
    reason = "documents a body that the core reads field by field, to name the one that is wrong"
)]
pub(super) struct ItemBody {
    /// For example `post`, `reel`, `group`, `page`, `friend_update`, `product`.
    kind: String,
    /// Who made it.
    author: Option<String>,
    /// Its title.
    title: Option<String>,
    /// Its text.
    text: Option<String>,
    /// IAB 3.1 ids; the models find them where none are given.
    topics: Option<Vec<String>>,
    /// RFC 3339.
    created_at: String,
    /// `public`, `friends` or `group`.
    visibility: Option<String>,
    /// The group that it belongs to, where `visibility` is `group`; else its author is.
    group: Option<String>,
}

/// Adds an item or replaces the one of that id.
#[utoipa::path(
    put,
    path = "/v1/items/{id}",
    tag = "write",
    params(("id" = String, Path, description = "The item")),
    request_body = ItemBody,
    responses(
        (status = 200, body = Object),
        (status = 400, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn put(
    State(web): State<Web>,
    Path(id): Path<String>,
    Body(body): Body<Value>,
) -> Answer<Value> {
    let answer = done(&id);
    blocking(web.app, move |app| app.put_item(&id, &body)).await?;
    Ok(Json(answer))
}

/// Removes an item.
#[utoipa::path(
    delete,
    path = "/v1/items/{id}",
    tag = "write",
    params(("id" = String, Path, description = "The item")),
    responses(
        (status = 200, body = Object),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn delete(State(web): State<Web>, Path(id): Path<String>) -> Answer<Value> {
    let answer = done(&id);
    blocking(web.app, move |app| app.delete_item(&id)).await?;
    Ok(Json(answer))
}
