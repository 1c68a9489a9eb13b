//! The playground: one page on which each rule of the policy can be felt. It talks to the real API for everything;
//! the routes under `/playground/` exist for the demo only, and do what the contract has no call for: draw, answer as
//! the assistant, give out the sample world's records so that a person can be made anew, and set `Sec-GPC`, which
//! a script may not.

mod answers;
mod art;
mod assistant;
mod card;
mod draw;
mod known;
mod page;
mod reason;
mod world;

use std::sync::Arc;
use std::time::Instant;

use axum::body::Body;
use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::json;
use tower::ServiceExt;

use crate::app::{App, Problem};
use draw::{Scene, fill};
use world::world;

/// Nothing from elsewhere, nothing inline.
const CONTENT_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
                              connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

#[derive(Clone)]
struct Shared {
    /// The API in this process, for the first paint and for what a script may not send.
    api: Router,
    app: Arc<App>,
    /// Names this start of the server, so that a tab forgets what an earlier one was told.
    run: Arc<str>,
}

/// The API with the page beside it.
pub fn beside(api: Router, app: Arc<App>) -> Router {
    let run = getrandom::u64().unwrap_or_default();
    let shared = Shared { api: api.clone(), app, run: format!("{run:x}").into() };
    Router::new()
        .route("/", get(show))
        .route("/playground/style.css", get(|| file("text/css", include_str!("page/style.css"))))
        .route("/playground/app.js", get(|| file("text/javascript", include_str!("page/app.js"))))
        .route("/playground/icon.svg", get(|| file("image/svg+xml", include_str!("page/icon.svg"))))
        .route("/playground/draw", post(redraw))
        .route("/playground/assistant", post(answer))
        .route("/playground/world/{person}", get(retell))
        .route("/playground/gpc/{*path}", any(with_gpc))
        .with_state(shared)
        .merge(api)
}

async fn show(State(shared): State<Shared>) -> Response {
    match page::draw(&shared.api, &shared.run).await {
        Ok(html) => (
            [
                (header::CONTENT_TYPE, "text/html; charset=utf-8"),
                (header::CONTENT_SECURITY_POLICY, CONTENT_POLICY),
                (header::CACHE_CONTROL, "no-store"),
                (header::REFERRER_POLICY, "no-referrer"),
            ],
            html,
        )
            .into_response(),
        Err(error) => failed(&error),
    }
}

async fn file(kind: &'static str, text: &'static str) -> Response {
    let kind = HeaderValue::from_static(kind);
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, HeaderValue::from_static("no-cache"))], text)
        .into_response()
}

async fn redraw(Json(scene): Json<Scene>) -> Response {
    match scene.draw() {
        Ok(drawing) => Json(drawing).into_response(),
        Err(error) => failed(&error),
    }
}

#[derive(Deserialize)]
struct Message {
    text: String,
}

async fn answer(State(shared): State<Shared>, Json(message): Json<Message>) -> Response {
    let start = Instant::now();
    let replied = tokio::task::spawn_blocking(move || {
        let understood = shared.app.understand(&message.text)?;
        Some(assistant::reply(&understood, &shared.app.catalog()))
    });
    let reply = replied.await.ok().flatten().unwrap_or_else(|| assistant::Reply {
        text: "I could not make sense of that.".to_owned(),
        found: Vec::new(),
    });
    let took = format!("{:.1}", start.elapsed().as_secs_f64() * 1e3);
    match fill("reply.html", &json!({"text": reply.text, "found": reply.found, "took": took})) {
        Ok(html) => Json(json!({"html": html, "text": reply.text})).into_response(),
        Err(error) => failed(&error),
    }
}

#[derive(Deserialize)]
struct Retelling {
    alias: Option<String>,
    run: String,
}

async fn retell(Path(person): Path<String>, Query(retelling): Query<Retelling>) -> Response {
    let alias = retelling.alias.as_deref().unwrap_or(&person);
    match world().retold(&person, alias, &retelling.run) {
        Some(records) => Json(records).into_response(),
        None => problem(&Problem::not_found("nobody by that id is in the sample world")),
    }
}

/// Passes a call on with `Sec-GPC: 1`, as a browser that has it switched on would.
async fn with_gpc(
    State(shared): State<Shared>,
    Path(path): Path<String>,
    request: Request<Body>,
) -> Response {
    let (parts, body) = request.into_parts();
    let query = parts.uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let Ok(uri) = format!("/{path}{query}").parse::<Uri>() else {
        return problem(&Problem::not_found("this is no path of the API"));
    };
    // A request of its own: this one's extensions hold the path that brought it here.
    let mut passed = Request::new(body);
    *passed.method_mut() = parts.method;
    *passed.uri_mut() = uri;
    *passed.headers_mut() = parts.headers;
    passed.headers_mut().insert("sec-gpc", HeaderValue::from_static("1"));
    match shared.api.oneshot(passed).await {
        Ok(answer) => answer,
        Err(never) => match never {},
    }
}

fn failed(error: &dyn std::error::Error) -> Response {
    tracing::error!(%error, "the playground could not draw");
    problem(&Problem::internal())
}

fn problem(problem: &Problem) -> Response {
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, [(header::CONTENT_TYPE, "application/problem+json")], Json(problem).into_response().into_body())
        .into_response()
}
