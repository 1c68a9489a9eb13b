//! Erased means gone, judged by reading every byte of the data folder and of the server's log.
#![allow(clippy::unwrap_used, clippy::panic, reason = "test code")]

mod program;

use std::path::{Path, PathBuf};

use program::{Served, log_of, rapport, said};
use serde_json::{Value, json};

const PERSON: &str = "wilhelmina-canary-77";
/// Whatever was hers: her id, her events and conversation, her words, what she wrote.
const HERS: [&str; 6] =
    [PERSON, "canary-prompt-1", "canary-like-2", "canary-talk-3", "heliotrope sandals", "canary-post-4"];

fn put(server: &Server, path: &str, body: Value) {
    let (status, answer) = server.0.call("PUT", path, Some(&body));
    assert!(status < 300, "{path}: {answer}");
}

struct Server(Served);

impl Server {
    fn post(&self, path: &str, body: Value) -> Value {
        let (status, answer) = self.0.call("POST", path, Some(&body));
        assert_eq!(status, 200, "{path}: {answer}");
        answer
    }
}

fn event(id: &str, person: &str, more: Value) -> Value {
    let mut event = json!({"id": id, "person": person, "product": "main", "at": "2026-01-05T09:00:00Z"});
    for (key, value) in more.as_object().unwrap() {
        event[key] = value.clone();
    }
    event
}

fn her_prompt() -> Value {
    let text = "I want to go hiking in heliotrope sandals, which boots should I buy instead?";
    event(
        "canary-prompt-1",
        PERSON,
        json!({"type": "assistant.prompt", "text": text, "conversation": "canary-talk-3"}),
    )
}

/// A life: facts, words, a like, a post, a friendship on either side, answers with receipts.
fn live(server: &Server) {
    let facts = json!({"country": "US", "birth_year": 1990, "languages": ["en"],
        "accounts": [{"product": "main", "linked": true}], "email": "wilhelmina-canary-77@example.org"});
    put(server, &format!("/people/{PERSON}"), facts.clone());
    put(server, "/people/bo", facts);
    put(
        server,
        "/items/canary-post-4",
        json!({"kind": "post", "author": PERSON, "title": "Mine", "text": "In heliotrope sandals to the top.",
               "created_at": "2026-01-04T10:00:00Z", "visibility": "public"}),
    );
    put(
        server,
        "/items/trail",
        json!({"kind": "post", "author": "bo", "title": "A trail", "text": "Up and down.", "topics": ["542"],
               "created_at": "2026-01-04T10:00:00Z", "visibility": "public"}),
    );
    let events = json!([
        her_prompt(),
        event("canary-like-2", PERSON, json!({"type": "like", "item": "trail"})),
        event("bo-1", "bo", json!({"type": "friend", "target": PERSON})),
        event("bo-2", "bo", json!({"type": "like", "item": "canary-post-4"})),
    ]);
    assert_eq!(server.post("/events", events)["accepted"], 4);
    for person in [PERSON, "bo"] {
        server.post("/feed", json!({"person": person, "product": "main", "limit": 9}));
        server.post("/ads", json!({"person": person, "product": "main", "placement": "feed", "limit": 1}));
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}

/// Which of [`HERS`] stand anywhere in the folder or the log.
fn traces(data: &Path) -> Vec<&'static str> {
    let mut all = files(data);
    all.push(log_of(data));
    let bytes: Vec<u8> = all.iter().flat_map(|file| std::fs::read(file).unwrap()).collect();
    let stands = |needle: &&&str| bytes.windows(needle.len()).any(|window| window == needle.as_bytes());
    HERS.iter().filter(stands).copied().collect()
}

#[test]
fn no_byte_of_a_person_is_left_before_or_after_a_restart_and_a_late_retry() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let verify = || {
        let verdict = rapport(&["verify-erasure", PERSON, "--data", data.to_str().unwrap()]);
        (verdict.status.code(), said(&verdict))
    };
    let server = Server(Served::start(&data));
    live(&server);
    assert!(traces(&data).contains(&PERSON), "the scan finds her while she is there");
    assert!(
        !traces(&data).contains(&"heliotrope sandals"),
        "her words were never written, nor her post in clear"
    );
    assert_eq!(verify().0, Some(1));

    assert_eq!(server.0.call("DELETE", &format!("/people/{PERSON}"), None).0, 200);
    assert_eq!(traces(&data), [""; 0], "at once");
    assert_eq!(verify().0, Some(0), "{}", verify().1);

    server.0.kill();
    let server = Server(Served::start(&data));
    assert_eq!(traces(&data), [""; 0], "after a restart");
    assert_eq!(server.post("/events", json!([her_prompt()]))["accepted"], 0, "a late retry");
    assert_eq!(traces(&data), [""; 0], "after a late retry");
    assert_eq!(verify().0, Some(0), "{}", verify().1);
    let feed = server.post("/feed", json!({"person": "bo", "product": "main", "limit": 9}));
    assert!(!feed.to_string().contains("canary"), "{feed}");
}
