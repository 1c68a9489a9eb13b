//! `GET /v1/health` and `GET /v1/metrics`.

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::app::Problem;
use crate::http::Web;
use crate::http::answer::{Answer, Problems, blocking};

/// Whether the server can do its work: its store answers.
#[utoipa::path(
    get,
    path = "/v1/health",
    tag = "operations",
    responses(
        (status = 200, body = Object),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn health(State(web): State<Web>) -> Answer<Value> {
    blocking(web.app, |app| app.store().last_seq().map_err(Problem::from)).await?;
    Ok(Json(json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION") })))
}

/// Prometheus' text format.
#[utoipa::path(
    get,
    path = "/v1/metrics",
    tag = "operations",
    responses((status = 200, body = String, content_type = "text/plain"))
)]
pub(super) async fn metrics(State(web): State<Web>) -> Response {
    let app = &web.app;
    let rendered = web.metrics.render(app.people_cached(), app.catalog().len(), app.campaign_index().len());
    match rendered {
        Ok(text) => {
            ([(header::CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")], text)
                .into_response()
        }
        Err(_) => Problems(Problem::internal()).into_response(),
    }
}
