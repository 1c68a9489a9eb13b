//! `GET /v1/receipts/{id}`.

use axum::Json;
use axum::extract::{Path, State};
use serde_json::Value;

use crate::app::Problem;
use crate::http::Web;
use crate::http::answer::{Answer, blocking};

/// The whole why of one answer: policy, classes used and refused with their rules, stages, contributions, moves.
#[utoipa::path(
    get,
    path = "/v1/receipts/{id}",
    tag = "read",
    params(("id" = String, Path, description = "As the answer named it")),
    responses(
        (status = 200, body = Object),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn get(State(web): State<Web>, Path(id): Path<String>) -> Answer<Value> {
    Ok(Json(blocking(web.app, move |app| app.receipt(&id)).await?))
}
