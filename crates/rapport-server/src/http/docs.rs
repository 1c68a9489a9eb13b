//! `/openapi.json`, generated from the types that the handlers use.

use std::sync::Arc;

use axum::Router;
use axum::http::header;
use axum::routing::get;
use utoipa::OpenApi;
use utoipa::openapi::OpenApi as Document;

use crate::app::Problem;
use crate::http::Web;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Rapport",
        description = "Turns what people say to an assistant into better feeds and ads, under a data-use policy \
            that it enforces. Errors are RFC 9457 problem documents (`application/problem+json`). With `--dev`, \
            the headers `Rapport-Now` (RFC 3339), `Rapport-Seed` (u64) and `Rapport-Policy` fix a request's \
            clock, randomness and policy; without, every call bears `Authorization: Bearer <operator key>`.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    components(schemas(Problem))
)]
struct Head;

/// The document, without the routes.
pub fn document() -> Document {
    Head::openapi()
}

/// The route that answers it.
pub fn routes(document: Document) -> Router<Web> {
    let text: Arc<str> = document.to_json().unwrap_or_default().into();
    let answer = move || {
        let text = Arc::clone(&text);
        async move { ([(header::CONTENT_TYPE, "application/json")], text.to_string()) }
    };
    Router::new().route("/openapi.json", get(answer))
}
