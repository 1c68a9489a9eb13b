//! A server in this process, over the real router, with a word list instead of models so that a test says exactly
//! what a text means.
#![allow(dead_code, reason = "each test file uses a part of it")]
#![allow(clippy::unwrap_used, reason = "test code")]
#![allow(clippy::panic, reason = "test code")]

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use rapport_core::time::UnixMillis;
use rapport_core::topic::{Categories, Category, TopicId};
use rapport_core::understanding::{ScoredTopic, Subject, Understanding, VECTOR_DIM, Vector};
use rapport_server::app::{App, Clock, Mode, Understand};
use rapport_server::config::Config;
use rapport_server::http::router;
use rapport_store::{MemoryStore, Store};
use serde_json::{Value, json};
use tower::ServiceExt;

/// Walking, which is what hiking is called in the taxonomy.
pub const HIKING: &str = "542";
pub const FOOD: &str = "210";
pub const MEDICAL: &str = "286";

/// After the effective date of both presets, and after the default notice of [`Server::person`].
pub const NOW: &str = "2025-12-20T12:00:00Z";
pub const SEEN: &str = "2025-11-01T09:00:00Z";

/// A clock that stands still, for requests that bring none.
pub struct Still;

impl Clock for Still {
    fn now(&self) -> UnixMillis {
        UnixMillis::parse(NOW).unwrap()
    }
}

/// Knows a few words.
pub struct Words;

impl Understand for Words {
    fn understand(&self, texts: &[&str]) -> Vec<Option<Understanding>> {
        texts.iter().map(|text| judge(&text.to_lowercase())).collect()
    }
}

fn judge(text: &str) -> Option<Understanding> {
    if text.contains("unjudgeable") {
        return None;
    }
    if text.contains("takes its time") {
        std::thread::sleep(std::time::Duration::from_millis(500));
    }
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    let mut topics = Vec::new();
    let mut sensitive = Categories::NONE;
    let stance = if has(&["hate"]) { -0.9 } else { 0.5 };
    let mut add = |code: &str, score: f32| {
        topics.push(ScoredTopic { topic: TopicId::from_code(code).unwrap(), score, stance });
    };
    if has(&["hik", "boots", "trail"]) {
        add(HIKING, 0.9);
    }
    if has(&["cook", "pasta", "recipe"]) {
        add(FOOD, 0.9);
    }
    if has(&["diabetes", "insulin"]) {
        add(MEDICAL, 0.9);
        sensitive.insert(Category::Health);
    }
    if has(&["church", "parish"]) {
        add("453", 0.9);
        sensitive.insert(Category::Religion);
    }
    for (word, category) in [
        ("atheis", Category::Philosophy),
        ("gay", Category::Sexuality),
        ("vote for", Category::Politics),
        ("my ethnic", Category::Ethnicity),
        ("trade union", Category::Union),
    ] {
        if text.contains(word) {
            sensitive.insert(category);
        }
    }
    let first = topics.first().map(|t| t.topic);
    Some(Understanding {
        language: if text.contains("wandern") { "de" } else { "en" },
        sensitive_scores: [0.0; 7],
        sensitive,
        subject: if has(&["my brother", "my mother"]) { Subject::Other } else { Subject::Own },
        about_child: has(&["my daughter"]),
        stance,
        intent: None,
        pii: Vec::new(),
        low_confidence: topics.is_empty() && sensitive.is_empty(),
        vector: first.and_then(direction),
        topics,
    })
}

/// One direction a topic.
fn direction(topic: TopicId) -> Option<Vector> {
    let values: [f32; VECTOR_DIM] = std::array::from_fn(|i| {
        let mixed = (i as u32 + 1).wrapping_mul(2_654_435_761).wrapping_mul(u32::from(topic.index()) * 2 + 1);
        (mixed >> 16) as f32 / 32_768.0 - 1.0
    });
    Vector::quantize(&values)
}

/// What a server answered.
#[derive(Debug, PartialEq)]
pub struct Answer {
    pub status: u16,
    pub kind: String,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {}", self.text))
    }

    #[track_caller]
    pub fn ok(self) -> Value {
        assert!((200..300).contains(&self.status), "{} {}", self.status, self.text);
        self.json()
    }

    /// The slug of a problem document, after checking that it is one.
    #[track_caller]
    pub fn problem(&self) -> String {
        assert_eq!(self.kind, "application/problem+json", "{}", self.text);
        let json = self.json();
        assert_eq!(json["status"], self.status);
        for field in ["title", "detail"] {
            assert!(json[field].as_str().is_some_and(|text| !text.is_empty()), "{json}");
        }
        json["type"].as_str().unwrap().to_owned()
    }
}

/// A server, with a runtime of its own.
pub struct Server {
    pub app: Arc<App>,
    router: Router,
    runtime: tokio::runtime::Runtime,
}

impl Server {
    pub fn new() -> Self {
        Self::over(Arc::new(MemoryStore::new()), "", true)
    }

    pub fn judged_by(policy: &str) -> Self {
        Self::over(Arc::new(MemoryStore::new()), &format!("[policy]\nname = \"{policy}\""), true)
    }

    pub fn over(store: Arc<dyn Store>, config: &str, dev: bool) -> Self {
        let config = Config::with(config).unwrap();
        let mode = Mode { dev, demo: false };
        let app = App::open(config, mode, store, Arc::new(Words), Arc::new(Still)).unwrap();
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        Self { router: router(Arc::clone(&app)), app, runtime }
    }

    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(body.to_vec())).unwrap();
        self.runtime.block_on(async {
            let response = self.router.clone().oneshot(request).await.unwrap();
            let kind = response.headers().get("content-type").map_or("", |v| v.to_str().unwrap()).to_owned();
            let status = response.status().as_u16();
            let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
            Answer { status, kind, text: String::from_utf8(bytes.to_vec()).unwrap() }
        })
    }

    /// A call at [`NOW`] with seed 7.
    pub fn call(&self, method: &str, path: &str, body: Value) -> Answer {
        self.call_at(NOW, method, path, body)
    }

    pub fn call_at(&self, now: &str, method: &str, path: &str, body: Value) -> Answer {
        self.call_with(&[("rapport-now", now), ("rapport-seed", "7")], method, path, body)
    }

    pub fn call_with(&self, headers: &[(&str, &str)], method: &str, path: &str, body: Value) -> Answer {
        let bytes = if body.is_null() { Vec::new() } else { serde_json::to_vec(&body).unwrap() };
        self.send(method, path, headers, &bytes)
    }

    #[track_caller]
    pub fn get(&self, path: &str) -> Value {
        self.call("GET", path, Value::Null).ok()
    }

    #[track_caller]
    pub fn put(&self, path: &str, body: Value) -> Value {
        self.call("PUT", path, body).ok()
    }

    /// An adult in the United States with linked accounts in `main` and `messenger`, who saw the notice.
    #[track_caller]
    pub fn person(&self, id: &str) {
        self.person_with(id, json!({}));
        self.see_notice(id, SEEN);
    }

    /// The same with other facts, and no notice seen.
    #[track_caller]
    pub fn person_with(&self, id: &str, other: Value) {
        let mut body = json!({
            "country": "US", "birth_year": 1990, "languages": ["en"],
            "accounts": [{"product": "main", "linked": true}, {"product": "messenger", "linked": true}],
        });
        for (key, value) in other.as_object().unwrap() {
            body[key] = value.clone();
        }
        self.put(&format!("/v1/people/{id}"), body);
    }

    #[track_caller]
    pub fn see_notice(&self, id: &str, at: &str) {
        let path = format!("/v1/people/{id}/notices/2025-12/seen");
        self.call_at(at, "POST", &path, json!({"channel": "in_app"})).ok();
    }

    /// Sends one event, which must be accepted.
    #[track_caller]
    pub fn event(&self, event: Value) {
        let answer = self.call("POST", "/v1/events", event).ok();
        assert_eq!(answer["accepted"], 1, "{answer}");
    }

    #[track_caller]
    pub fn say(&self, id: &str, person: &str, text: &str) {
        self.event(json!({
            "id": id, "type": "assistant.prompt", "person": person, "product": "main", "at": "2025-12-20T11:00:00Z",
            "text": text, "conversation": "c-1",
        }));
    }

    #[track_caller]
    pub fn item(&self, id: &str, kind: &str, author: &str, title: &str, visibility: &str) {
        self.put(
            &format!("/v1/items/{id}"),
            json!({
                "kind": kind, "author": author, "title": title, "text": "", "created_at": "2025-12-10T08:00:00Z",
                "visibility": visibility,
            }),
        );
    }

    #[track_caller]
    pub fn campaign(&self, id: &str, title: &str, bid: i64, other: Value) {
        let mut body = json!({
            "advertiser": format!("{id}-inc"), "status": "active", "start": "2025-11-01T00:00:00Z",
            "end": "2026-12-31T00:00:00Z", "budget_micros": 1_000_000, "currency": "USD", "bid_micros": bid,
            "pacing": "asap", "targeting": "",
            "ads": [{"id": format!("{id}-ad"), "title": title, "body": "", "url": "https://example.org/"}],
        });
        for (key, value) in other.as_object().unwrap() {
            body[key] = value.clone();
        }
        self.put(&format!("/v1/campaigns/{id}"), body);
    }

    #[track_caller]
    pub fn feed(&self, person: &str) -> Value {
        self.call("POST", "/v1/feed", json!({"person": person, "product": "main", "limit": 10})).ok()
    }

    #[track_caller]
    pub fn ads(&self, person: &str) -> Value {
        self.call("POST", "/v1/ads", json!({"person": person, "product": "main", "limit": 1})).ok()
    }

    /// A small world: hiking and cooking, a friend who hikes, ads for both, and something sensitive.
    pub fn small_world(&self) {
        self.person("theo");
        self.item("hiking-group", "group", "ada", "Weekend hikers", "public");
        self.item("hiking-reel", "reel", "bo", "A trail at dawn", "public");
        self.item("theo-update", "friend_update", "theo", "Back from the trail", "friends");
        self.item("pasta", "post", "cora", "Pasta in ten minutes", "public");
        self.item("soup", "post", "dan", "A recipe for soup", "public");
        self.item("diabetes-group", "group", "eve", "Living with diabetes", "public");
        self.item("parish", "page", "fay", "Parish choir", "public");
        for n in 0..6 {
            self.item(
                &format!("other-{n}"),
                "post",
                &format!("author-{n}"),
                "About nothing in particular",
                "public",
            );
        }
        self.campaign(
            "boots",
            "Hiking boots",
            5_000,
            json!({"targeting": format!("topics has \"{HIKING}\"")}),
        );
        self.campaign("pans", "Pasta pans", 4_000, json!({}));
    }
}

/// The rows of an answer without what differs in every answer, for comparing two people's.
pub fn comparable(answer: &Value) -> Value {
    let mut rows = answer.get("items").or_else(|| answer.get("ads")).unwrap().clone();
    for row in rows.as_array_mut().unwrap() {
        row.as_object_mut().unwrap().remove("tokens");
    }
    json!({"personalised": answer["personalised"], "rows": rows})
}

pub fn ids(answer: &Value, field: &str) -> Vec<String> {
    let rows = answer.get("items").or_else(|| answer.get("ads")).unwrap().as_array().unwrap();
    rows.iter().map(|row| row[field].as_str().unwrap().to_owned()).collect()
}
