//! What stands before every route: the operator's key, counting and the log.

use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::app::Problem;
use crate::http::Web;
use crate::http::answer::Problems;

/// Paths that tell nothing about anybody.
const OPEN: [&str; 3] = ["/health", "/v1/health", "/openapi.json"];

/// Asks for the operator's key, but with `--dev`.
pub async fn require_key(State(web): State<Web>, request: Request, next: Next) -> Response {
    let open = OPEN.contains(&request.uri().path());
    if open || web.app.mode().dev || bears_key(&web, &request) {
        return next.run(request).await;
    }
    let detail = "send the operator's key as `Authorization: Bearer <key>`";
    let mut response =
        Problems(Problem::new("unauthorized", "the key is missing or wrong", 401, detail)).into_response();
    response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    response
}

/// Compares hashes, which take equally long whatever is sent.
fn bears_key(web: &Web, request: &Request) -> bool {
    let sent = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let Some(sent) = sent.and_then(|text| text.strip_prefix("Bearer ")) else { return false };
    let key = web.app.config().server.operator_key.reveal();
    !key.is_empty() && blake3::hash(sent.trim().as_bytes()) == blake3::hash(key.as_bytes())
}

/// Counts and logs each request by its route's template: paths hold ids.
pub async fn observe(State(web): State<Web>, request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let method = request.method().clone();
    let matched = request.extensions().get::<MatchedPath>().cloned();
    let route = matched.as_ref().map_or("none", MatchedPath::as_str);
    let response = next.run(request).await;
    let (status, took) = (response.status().as_u16(), begun.elapsed());
    web.metrics.request(method.as_str(), route, status, took.as_secs_f64());
    tracing::info!(method = method.as_str(), route, status, micros = took.as_micros() as u64, "answered");
    response
}
