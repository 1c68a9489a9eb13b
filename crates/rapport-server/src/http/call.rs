//! What a request's headers say: its clock, seed, policy and objection.

use std::sync::Arc;

use axum::extract::{FromRef, FromRequestParts};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use rapport_core::time::UnixMillis;

use crate::app::{App, Call, Problem};
use crate::http::answer::Problems;

/// One request's circumstances, from its headers.
pub struct Told(pub Call);

impl<S> FromRequestParts<S> for Told
where
    S: Send + Sync,
    Arc<App>: FromRef<S>,
{
    type Rejection = Problems;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problems> {
        let app = Arc::<App>::from_ref(state);
        Ok(Self(read(&app, &parts.headers)?))
    }
}

/// Reads the headers of a request to `app`. Clock, seed and policy are heard with `--dev` only.
///
/// # Errors
/// The header that can't be read.
pub fn read(app: &App, headers: &HeaderMap) -> Result<Call, Problem> {
    let mut call = Call::at(app.clock().now());
    call.gpc = text(headers, "sec-gpc")?.is_some_and(|value| value.trim() == "1");
    if !app.mode().dev {
        return Ok(call);
    }
    if let Some(now) = text(headers, "rapport-now")? {
        call.now = UnixMillis::parse(now.trim()).map_err(|_| {
            Problem::invalid("`Rapport-Now` is no RFC 3339 time, for example `2025-12-20T09:30:00Z`")
        })?;
    }
    if let Some(seed) = text(headers, "rapport-seed")? {
        let seed = seed.trim().parse().map_err(|_| {
            Problem::invalid("`Rapport-Seed` is no whole number from 0 to 18446744073709551615")
        })?;
        call.seed = Some(seed);
    }
    call.policy = text(headers, "rapport-policy")?.map(|name| name.trim().to_owned());
    Ok(call)
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Result<Option<&'h str>, Problem> {
    headers
        .get(name)
        .map(|value| value.to_str().map_err(|_| Problem::invalid(format!("`{name}` is no plain text"))))
        .transpose()
}
