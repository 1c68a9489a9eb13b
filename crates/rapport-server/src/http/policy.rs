//! `GET /v1/policy` and `GET /v1/policy/versions`.

use axum::Json;
use axum::extract::State;
use serde_json::Value;

use crate::app::Problem;
use crate::http::Web;
use crate::http::answer::Answer;
use crate::http::call::Told;

/// The policy in force: its notice, regions, purposes and rules.
#[utoipa::path(
    get,
    path = "/v1/policy",
    tag = "policy",
    responses(
        (status = 200, body = Object),
        (status = 400, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn get(State(web): State<Web>, Told(call): Told) -> Answer<Value> {
    Ok(Json(web.app.policy(&call)?))
}

/// Every policy version that was in force on this data.
#[utoipa::path(get, path = "/v1/policy/versions", tag = "policy", responses((status = 200, body = Object)))]
pub(super) async fn versions(State(web): State<Web>) -> Json<Value> {
    Json(web.app.policy_versions())
}
