//! Request bodies.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::app::Problem;
use crate::http::answer::{Problems, too_large};

/// A body as it came, within the limit.
pub struct Raw(pub Bytes);

impl<S: Send + Sync> FromRequest<S> for Raw {
    type Rejection = Problems;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problems> {
        Bytes::from_request(request, state).await.map(Self).map_err(|rejection| {
            if rejection.into_response().status() == StatusCode::PAYLOAD_TOO_LARGE {
                return Problems(too_large());
            }
            let detail = "the body ended before it was complete; send it again";
            Problems(Problem::new("unreadable-body", "the body can't be read", 400, detail))
        })
    }
}

/// A JSON body, whatever its content type says.
pub struct Body<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Problems;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problems> {
        let Raw(bytes) = Raw::from_request(request, state).await?;
        let json: Value = serde_json::from_slice(&bytes).map_err(|error| malformed(&error))?;
        serde_json::from_value(json).map(Self).map_err(|error| Problems(Problem::invalid(told(&error))))
    }
}

fn malformed(error: &serde_json::Error) -> Problems {
    let detail = format!("the body is no JSON (line {}, column {})", error.line(), error.column());
    Problems(Problem::new("invalid-json", "the body is no JSON", 400, detail))
}

/// serde repeats what it found, which may be personal; what it expected is enough.
fn told(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rsplit_once(", expected ") {
        Some((_, expected)) => {
            format!("the body holds a field of another type than it should; expected {expected}")
        }
        None if text.starts_with("missing field") => text,
        None => "the body does not have the fields that it should; see `/openapi.json`".to_owned(),
    }
}
