//! Answers: JSON, or a problem document.

use std::sync::Arc;

use axum::Json;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::app::{App, Problem};

/// A problem on its way out.
#[derive(Debug)]
pub struct Problems(pub Problem);

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        Self(problem)
    }
}

impl IntoResponse for Problems {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(self.0)).into_response();
        let kind = HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER_S));
        }
        response
    }
}

/// When to try again, in seconds: a transcript takes one or two, a restart a few.
const RETRY_AFTER_S: &str = "2";

/// What a handler gives back.
pub type Answer<T> = Result<Json<T>, Problems>;

/// Runs a use case, which blocks, off the async threads.
pub async fn blocking<T, F>(app: Arc<App>, work: F) -> Result<T, Problems>
where
    T: Send + 'static,
    F: FnOnce(&App) -> Result<T, Problem> + Send + 'static,
{
    match tokio::task::spawn_blocking(move || work(&app)).await {
        Ok(done) => done.map_err(Problems),
        Err(_) => {
            tracing::error!("a use case did not finish");
            Err(Problems(Problem::internal()))
        }
    }
}

/// 404 for a path that is none.
pub async fn no_such_route() -> Problems {
    Problems(Problem::not_found("no such path; `/openapi.json` lists every route"))
}

/// 405 for a method that the path does not have.
pub async fn no_such_method() -> Problems {
    let detail = "this path has other methods; the `Allow` header and `/openapi.json` list them";
    Problems(Problem::new("method-not-allowed", "no such method here", 405, detail))
}

/// Gives an error that no handler worded (a timeout, a path that is no text) a problem document.
pub async fn no_bare_errors(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let status = response.status();
    let worded = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| {
        kind.as_bytes().starts_with(b"application/") || kind.as_bytes().starts_with(b"text/html")
    });
    if worded || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let allow = response.headers().get(header::ALLOW).cloned();
    let mut response = Problems(of_status(status)).into_response();
    if let Some(allow) = allow {
        response.headers_mut().insert(header::ALLOW, allow);
    }
    response
}

fn of_status(status: StatusCode) -> Problem {
    match status {
        StatusCode::REQUEST_TIMEOUT => {
            let detail = "the request took longer than `server.request_timeout_ms`; send less at once";
            Problem::new("timeout", "the request took too long", 408, detail)
        }
        StatusCode::PAYLOAD_TOO_LARGE => too_large(),
        status if status.is_server_error() => Problem::internal(),
        status => Problem::new(
            "bad-request",
            "the request can't be read",
            status.as_u16(),
            "the path, query or headers can't be read; `/openapi.json` says what belongs there",
        ),
    }
}

/// 413 for a body over the limit.
pub fn too_large() -> Problem {
    let detail = "the body is larger than `server.max_body_bytes`; send it in parts";
    Problem::new("too-large", "the body is too large", 413, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_is_busy_says_when_to_try_again_and_a_wrong_request_has_no_such_hope() {
        let retry = |status| {
            let response = Problems(Problem::new("some", "some", status, "some")).into_response();
            response.headers().get(header::RETRY_AFTER).map(|value| value.to_str().unwrap().to_owned())
        };
        assert_eq!(retry(503).as_deref(), Some("2"));
        assert_eq!(retry(400), None);
    }
}
