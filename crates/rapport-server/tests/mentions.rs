//! Items named in what is said: evidence about them, under the same rules as the words, and gone with the words.
#![allow(clippy::unwrap_used, reason = "test code")]

mod common;

use std::sync::Arc;

use common::{HIKING, MEDICAL, Server, comparable};
use rapport_store::MemoryStore;
use serde_json::{Value, json};

/// What the word list of the tests takes for a meal.
const SAID: &str = "after cooking I watched Porcelain Kiln Diaries";

fn film(server: &Server, title: &str, topic: &str) {
    server.put(
        "/v1/items/film",
        json!({"kind": "film", "title": title, "topics": [topic], "created_at": "2025-12-10T08:00:00Z"}),
    );
}

fn server() -> Server {
    let server = Server::new();
    server.person("maya");
    film(&server, "Porcelain Kiln Diaries (2019)", HIKING);
    server
}

/// The weight of a topic in a profile, and the events behind it.
fn topic(server: &Server, person: &str, code: &str) -> Option<(f64, Value)> {
    let profile = server.get(&format!("/v1/people/{person}/profile"));
    let topics = profile["topics"].as_array().unwrap().clone();
    let found = topics.into_iter().find(|topic| topic["id"] == code)?;
    Some((found["weight"].as_f64().unwrap(), found))
}

#[test]
fn a_named_item_speaks_for_its_topics() {
    let server = server();
    server.say("e-1", "maya", SAID);
    let (weight, topic) = topic(&server, "maya", HIKING).unwrap();
    assert!(weight > 0.0, "{topic}");
    assert!(topic.to_string().contains("e-1") && !topic.to_string().contains("film"), "{topic}");
    let feed = server.feed("maya");
    let row = feed["items"].as_array().unwrap().iter().find(|row| row["item"] == "film").unwrap();
    assert!(
        row["reasons"].as_array().unwrap().iter().any(|r| r["kind"] == "said" && r["topic"] == HIKING),
        "{row}"
    );
}

#[test]
fn an_item_named_with_dislike_speaks_against_its_topics() {
    let server = server();
    server.say("e-1", "maya", "I hate cooking and I hated the movie Porcelain Kiln Diaries");
    let (weight, topic) = topic(&server, "maya", HIKING).unwrap();
    assert!(weight < 0.0, "{topic}");
}

#[test]
fn naming_something_sensitive_is_as_sensitive_as_saying_it() {
    let server = server();
    film(&server, "Porcelain Kiln Diaries (2019)", MEDICAL);
    server.say("e-1", "maya", SAID);
    let (_, topic) = topic(&server, "maya", MEDICAL).unwrap();
    assert_eq!(topic["purposes"]["ads"]["allowed"], false, "{topic}");
}

#[test]
fn what_the_assistant_names_is_no_evidence() {
    let server = server();
    server.event(json!({"id": "r-1", "type": "assistant.response", "person": "maya", "product": "main",
        "at": "2025-12-20T11:00:00Z", "text": SAID}));
    assert_eq!(topic(&server, "maya", HIKING), None);
}

#[test]
fn undoing_the_message_undoes_what_it_named() {
    let server = server();
    let state = || {
        (server.call("GET", "/v1/people/maya/profile", Value::Null).text, comparable(&server.feed("maya")))
    };
    let before = state();
    server.say("e-1", "maya", SAID);
    assert_ne!(state(), before);
    server.call("DELETE", "/v1/people/maya/events/e-1", Value::Null).ok();
    assert_eq!(state(), before);
}

#[test]
fn a_later_catalogue_does_not_change_what_was_named() {
    let store = Arc::new(MemoryStore::new());
    let server = Server::over(Arc::clone(&store) as Arc<dyn rapport_store::Store>, "", true);
    server.person("maya");
    film(&server, "Porcelain Kiln Diaries (2019)", HIKING);
    server.say("e-1", "maya", SAID);
    let profile = |server: &Server| server.call("GET", "/v1/people/maya/profile", Value::Null).text;
    let before = profile(&server);
    server.call("DELETE", "/v1/items/film", Value::Null).ok();
    let again = Server::over(store, "", true);
    assert_eq!(profile(&again), before, "folded anew from the log");
}

#[test]
fn what_is_kept_of_a_name_is_in_the_export_and_the_name_is_not() {
    let server = server();
    server.say("e-1", "maya", SAID);
    let export = server.get("/v1/people/maya/export");
    let event = &export["events"][0];
    assert_eq!(event["named"][0]["signals"][0]["topic"], HIKING, "{event}");
    assert!(!event.to_string().contains("Porcelain") && !event.to_string().contains("film"), "{event}");
}
