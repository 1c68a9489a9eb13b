//! The page itself: the first paint, with the answers of the real API in it.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, header};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tower::ServiceExt;

use super::answers::{AdsAnswer, FeedAnswer, PolicyAnswer};
use super::draw::{Scene, fill};
use super::world::{capitalised, world};

/// When the demo begins: the feed has seen four weeks, the policy is in force since four days.
pub const NOW: &str = "2025-12-20T10:00:00Z";
/// Who the demo begins with.
pub const PERSON: &str = "maya";
/// Rows of the feed that the page shows.
const ROWS: usize = 12;
/// Fixes ties, so that a change is the policy's or the person's doing and never chance.
const SEED: &str = "7";
/// Longest answer that the page reads, in bytes.
const ANSWER: usize = 4 << 20;
const PRODUCTS: [&str; 3] = ["main", "messenger", "photos"];
/// A few letters for the button, and what it says.
const SUGGESTIONS: [(&str, &str); 5] = [
    ("Hiking boots", "I want to go hiking next weekend, which boots should I buy?"),
    ("Sour espresso", "My espresso tastes sour, what am I doing wrong?"),
    ("A diagnosis", "I was just diagnosed with type 2 diabetes, what can I still eat?"),
    ("Less horror", "I'm tired of horror films, more comedies please"),
    ("Auf Deutsch: Brot", "Ich möchte endlich lernen, gutes Brot zu backen"),
];

/// Countries to choose from; the last stands for one that nobody knows.
const PLACES: [(&str, &str); 16] = [
    ("US", "United States"),
    ("CA", "Canada"),
    ("BR", "Brazil"),
    ("IN", "India"),
    ("JP", "Japan"),
    ("AU", "Australia"),
    ("DE", "Germany"),
    ("FR", "France"),
    ("ES", "Spain"),
    ("NO", "Norway"),
    ("GB", "United Kingdom"),
    ("KR", "South Korea"),
    ("CH", "Switzerland"),
    ("TR", "Türkiye"),
    ("NG", "Nigeria"),
    ("", "unknown"),
];

/// Why the page can't be drawn.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// The API did not answer as it should.
    #[error("`{call}` answered {status}")]
    Api {
        /// The call.
        call: String,
        /// Its HTTP status.
        status: u16,
    },
    /// The API's answer is none.
    #[error("`{call}` gave no JSON that the page can read: {problem}")]
    Answer {
        /// The call.
        call: String,
        /// Why.
        problem: String,
    },
    /// A template failed.
    #[error(transparent)]
    Template(#[from] minijinja::Error),
}

#[derive(Serialize)]
struct Choice<'a> {
    id: &'a str,
    name: String,
}

#[derive(Serialize)]
struct Place {
    code: &'static str,
    name: &'static str,
    open: bool,
}

/// Draws the page; `run` names this start of the server, so that the script forgets what an earlier one was told.
///
/// # Errors
/// When the API refuses one of the page's calls, or a template fails.
pub async fn draw(api: &Router, run: &str) -> Result<String, PageError> {
    let scene = scene(api).await?;
    let drawing = scene.draw()?;
    let people: Vec<Choice<'_>> = world()
        .people()
        .filter_map(|person| person["id"].as_str())
        .map(|id| Choice { id, name: capitalised(id) })
        .collect();
    let places: Vec<Place> = PLACES
        .map(|(code, name)| Place { code, name, open: scene.policy.rolled_out(code) })
        .into_iter()
        .collect();
    let news = "This is the feed of somebody who has said nothing yet.";
    Ok(fill(
        "page.html",
        &json!({
            "run": run,
            "people": people,
            "places": places,
            "drawing": drawing,
            "news": news,
            "now": NOW,
            "products": PRODUCTS,
            "suggestions": SUGGESTIONS,
        }),
    )?)
}

async fn scene(api: &Router) -> Result<Scene, PageError> {
    let feed: FeedAnswer =
        call(api, Method::POST, "/v1/feed", json!({"person": PERSON, "product": "main", "limit": ROWS}))
            .await?;
    let ads: AdsAnswer = call(
        api,
        Method::POST,
        "/v1/ads",
        json!({"person": PERSON, "product": "main", "placement": "feed", "limit": 1}),
    )
    .await?;
    let profile =
        call(api, Method::GET, &format!("/v1/people/{PERSON}/profile?product=main"), Value::Null).await?;
    let policy: PolicyAnswer = call(api, Method::GET, "/v1/policy", Value::Null).await?;
    Ok(Scene { now: NOW.to_owned(), feed, ads, profile: Some(profile), policy, ..Scene::default() })
}

/// One call of the API, in this process, as the script would make it.
async fn call<A: DeserializeOwned>(
    api: &Router,
    method: Method,
    path: &str,
    body: Value,
) -> Result<A, PageError> {
    let failed = |problem: String| PageError::Answer { call: path.to_owned(), problem };
    let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::CONTENT_TYPE, "application/json")
        .header("rapport-now", NOW)
        .header("rapport-seed", SEED)
        .body(body)
        .map_err(|error| failed(error.to_string()))?;
    let answer = match api.clone().oneshot(request).await {
        Ok(answer) => answer,
        Err(never) => match never {},
    };
    if !answer.status().is_success() {
        return Err(PageError::Api { call: path.to_owned(), status: answer.status().as_u16() });
    }
    let bytes = to_bytes(answer.into_body(), ANSWER).await.map_err(|error| failed(error.to_string()))?;
    serde_json::from_slice(&bytes).map_err(|error| failed(error.to_string()))
}
