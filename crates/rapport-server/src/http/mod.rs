//! The HTTP edge: routes, headers, limits, problem documents. What a call means is in [`crate::app`].

mod ads;
mod answer;
mod body;
mod call;
mod docs;
mod events;
mod feed;
mod guard;
mod health;
mod items;
mod people;
mod policy;
mod receipts;
mod serve;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, FromRef};
use axum::middleware::{from_fn, from_fn_with_state};
use tower_http::timeout::TimeoutLayer;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Metrics;
use crate::app::App;

pub use answer::Problems;
pub use serve::{ServeError, serve};

/// What every handler can reach.
#[derive(Clone)]
pub struct Web {
    app: Arc<App>,
    metrics: Arc<Metrics>,
}

impl FromRef<Web> for Arc<App> {
    fn from_ref(web: &Web) -> Self {
        Arc::clone(&web.app)
    }
}

/// Every route of the server.
pub fn router(app: Arc<App>) -> Router {
    let web = Web { app: Arc::clone(&app), metrics: Arc::default() };
    let (api, document) = api().split_for_parts();
    let server = &app.config().server;
    let timeout = Duration::from_millis(server.request_timeout_ms);
    let router = Router::new()
        .merge(api)
        .merge(docs::routes(document))
        .with_state(web.clone())
        .fallback(answer::no_such_route)
        .method_not_allowed_fallback(answer::no_such_method);
    router
        .layer(DefaultBodyLimit::max(server.max_body_bytes))
        .layer(TimeoutLayer::with_status_code(axum::http::StatusCode::REQUEST_TIMEOUT, timeout))
        .layer(from_fn(answer::no_bare_errors))
        .layer(from_fn_with_state(web.clone(), guard::require_key))
        .layer(from_fn_with_state(web, guard::observe))
}

/// The routes of the contract, with the document that is generated from their types.
fn api() -> OpenApiRouter<Web> {
    OpenApiRouter::with_openapi(docs::document())
        .routes(routes!(events::post))
        .routes(routes!(people::put, people::delete))
        .routes(routes!(people::undo_event))
        .routes(routes!(people::undo_events))
        .routes(routes!(people::profile))
        .routes(routes!(people::put_choices, people::get_choices))
        .routes(routes!(people::notices))
        .routes(routes!(people::see_notice))
        .routes(routes!(people::export))
        .routes(routes!(items::put, items::delete))
        .routes(routes!(ads::put_campaign, ads::get_campaign))
        .routes(routes!(feed::post))
        .routes(routes!(ads::post))
        .routes(routes!(ads::use_token))
        .routes(routes!(receipts::get))
        .routes(routes!(policy::get))
        .routes(routes!(policy::versions))
        .routes(routes!(health::health))
        .routes(routes!(health::metrics))
        .route("/health", axum::routing::get(health::health))
        .route("/metrics", axum::routing::get(health::metrics))
}
