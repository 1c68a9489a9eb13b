//! Undo, erasure and retries: what was taken back was never said.
#![allow(clippy::unwrap_used, reason = "test code")]

mod common;

use std::sync::Arc;

use common::{Server, comparable};
use rapport_store::EmbeddedStore;
use serde_json::{Value, json};

fn prompt(id: &str, conversation: &str, text: &str) -> Value {
    json!({"id": id, "type": "assistant.prompt", "person": "maya", "product": "main", "at": "2025-12-20T11:00:00Z",
        "text": text, "conversation": conversation})
}

fn server() -> Server {
    let server = Server::new();
    server.small_world();
    server.person("maya");
    server.event(json!({"id": "l-1", "type": "like", "person": "maya", "product": "main",
        "at": "2025-12-19T08:00:00Z", "item": "pasta"}));
    server
}

fn state(server: &Server) -> (String, Value, Value) {
    let profile = server.call("GET", "/v1/people/maya/profile", Value::Null).text;
    (profile, comparable(&server.feed("maya")), comparable(&server.ads("maya")))
}

#[test]
fn undo_is_byte_equal_to_never_said() {
    let undos = [
        "/v1/people/maya/events/e-1",
        "/v1/people/maya/events?conversation=c-9",
        "/v1/people/maya/events?source=assistant",
    ];
    for undo in undos {
        let server = server();
        let before = state(&server);
        server.event(prompt("e-1", "c-9", "hiking boots"));
        assert_ne!(state(&server), before);
        assert_eq!(server.call("DELETE", undo, Value::Null).ok()["removed"], 1);
        assert_eq!(state(&server), before, "{undo}");
        assert_eq!(server.call("DELETE", undo, Value::Null).status, 404);
        let retry = server.call("POST", "/v1/events", prompt("e-1", "c-9", "hiking boots")).ok();
        assert_eq!((&retry["accepted"], &retry["duplicates"]), (&json!(0), &json!(1)));
        assert_eq!(state(&server), before, "a retry of an undone event is a duplicate");
    }
}

#[test]
fn undoing_a_like_takes_its_vote_back() {
    let server = server();
    server.person("noa");
    let before = comparable(&server.feed("noa"));
    for n in 0..3 {
        server.person(&format!("fan-{n}"));
        server.event(
            json!({"id": format!("v-{n}"), "type": "like", "person": format!("fan-{n}"), "product": "main",
            "at": "2025-12-19T08:00:00Z", "item": "other-5"}),
        );
    }
    assert_ne!(comparable(&server.feed("noa")), before);
    for n in 0..3 {
        server.call("DELETE", &format!("/v1/people/fan-{n}/events/v-{n}"), Value::Null).ok();
    }
    assert_eq!(comparable(&server.feed("noa")), before);
}

#[test]
fn somebody_elses_event_cannot_be_undone() {
    let server = server();
    server.person("noa");
    assert_eq!(server.call("DELETE", "/v1/people/noa/events/l-1", Value::Null).problem(), "unknown-event");
}

#[test]
fn an_id_counts_once_whatever_its_body() {
    let server = server();
    let twice = json!([prompt("e-1", "c", "hiking"), prompt("e-1", "c", "cooking")]);
    let answer = server.call("POST", "/v1/events", twice).ok();
    assert_eq!((&answer["accepted"], &answer["duplicates"]), (&json!(1), &json!(1)));
    let before = state(&server);
    let again = server.call("POST", "/v1/events", prompt("e-1", "c", "my trade union")).ok();
    assert_eq!((&again["accepted"], &again["duplicates"]), (&json!(0), &json!(1)));
    assert_eq!(state(&server), before);
}

#[test]
fn an_erased_person_is_gone_and_a_late_retry_does_not_bring_them_back() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::over(Arc::new(EmbeddedStore::open(folder.path()).unwrap()), "", true);
    server.small_world();
    for id in ["maya", "noa"] {
        server.person(id);
    }
    server.event(json!({"id": "f-1", "type": "friend", "person": "theo", "target": "noa", "product": "main",
        "at": "2025-12-01T08:00:00Z"}));
    server.event(json!({"id": "secret-event", "type": "like", "person": "theo", "product": "main",
        "at": "2025-12-01T08:00:00Z", "item": "soup"}));
    let seen = server.feed("noa");
    assert!(seen.to_string().contains("theo-update"), "{seen}");
    let receipt = format!("/v1/receipts/{}", seen["receipt"].as_str().unwrap());
    assert!(server.get(&receipt).to_string().contains("f-1"), "the friendship counted");

    let erased = server.call("DELETE", "/v1/people/theo", Value::Null).ok();
    assert!(erased["receipt"].is_string(), "{erased}");
    assert_eq!((&erased["items"], &erased["masked"]), (&json!(1), &json!(1)), "{erased}");
    for path in ["/v1/people/theo/profile", "/v1/people/theo/export"] {
        assert_eq!(server.call("GET", path, Value::Null).status, 404);
    }
    assert!(!server.feed("noa").to_string().contains("theo"), "authored items and edges are gone");
    let masked = server.get(&receipt).to_string();
    assert!(!masked.contains("theo") && !masked.contains("f-1"), "{masked}");
    assert!(!server.get("/v1/people/noa/export").to_string().contains("theo"));

    let retry = json!({"id": "secret-event", "type": "like", "person": "theo", "product": "main",
        "at": "2025-12-01T08:00:00Z", "item": "soup"});
    assert_eq!(
        server.call("POST", "/v1/events", retry.clone()).ok()["rejected"][0]["error"]["type"],
        "unknown-person"
    );
    server.person("theo");
    assert_eq!(server.get("/v1/people/theo/profile")["topics"], json!([]), "a new start");
    assert_eq!(server.call("POST", "/v1/events", retry).ok()["duplicates"], 1);
    assert_eq!(server.get("/v1/people/theo/profile")["topics"], json!([]));
}

#[test]
fn a_person_put_again_keeps_choices_and_notices() {
    let server = server();
    server.put("/v1/people/maya/choices", json!({"purposes": {"ads": false}}));
    server.person_with("maya", json!({"country": "CA"}));
    let export = server.get("/v1/people/maya/export");
    assert_eq!(export["facts"]["country"], "CA");
    assert_eq!(export["choices"]["purposes"]["ads"], false);
    assert_eq!(export["notices"]["notices"][0]["seen"][0]["channel"], "in_app");
    assert_eq!(export["events"][0]["id"], "l-1");
}

#[test]
fn the_words_are_not_kept() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::over(Arc::new(EmbeddedStore::open(folder.path()).unwrap()), "", true);
    server.person("maya");
    server.event(prompt("e-1", "c-1", "hiking with xylophonequark"));
    server.app.close().unwrap();
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let bytes = std::fs::read(&path).unwrap();
            assert!(!bytes.windows(14).any(|w| w == b"xylophonequark"), "{}", path.display());
        }
    }
}

#[test]
fn undoing_what_was_judged_undoes_the_judgement() {
    let feedback = |id: &str, about: &str, value: f64| {
        json!({"id": id, "type": "assistant.feedback", "person": "maya",
        "product": "main", "at": "2025-12-20T11:30:00Z", "about": about, "value": value})
    };
    for undo in ["/v1/people/maya/events/e-1", "/v1/people/maya/events?conversation=c-9"] {
        let server = server();
        let before = state(&server);
        server.event(prompt("e-1", "c-9", "hiking boots"));
        let said = state(&server);
        server.event(feedback("j-1", "e-1", 1.0));
        assert_ne!(state(&server), said, "a good word counts");
        server.event(feedback("j-2", "j-1", -1.0));
        server.call("DELETE", undo, Value::Null).ok();
        assert_eq!(state(&server), before, "{undo}");
    }
}

#[test]
fn feedback_on_somebody_elses_event_says_nothing() {
    let server = server();
    server.person("noa");
    server.event(prompt("e-1", "c-9", "hiking boots"));
    server.event(json!({"id": "j-1", "type": "assistant.feedback", "person": "noa", "product": "main",
        "at": "2025-12-20T11:30:00Z", "about": "e-1", "value": 1}));
    assert_eq!(server.get("/v1/people/noa/profile")["topics"], json!([]));
}
