//! The main job, end to end: said to the assistant, seen in the feed and the ads, explained, and receipted.
#![allow(clippy::unwrap_used, reason = "test code")]

mod common;

use std::sync::Arc;

use common::{HIKING, Server, ids};
use rapport_store::EmbeddedStore;
use serde_json::{Value, json};

const SENTENCE: &str = "I want to go hiking next weekend, which boots should I buy?";

fn befriended(server: &Server) {
    server.small_world();
    server.person("maya");
    server.event(json!({
        "id": "f-1", "type": "friend", "person": "maya", "target": "theo", "product": "main",
        "at": "2025-12-01T08:00:00Z",
    }));
}

fn said(row: &Value) -> bool {
    row["reasons"].as_array().unwrap().iter().any(|r| {
        r["kind"] == "said" && r["event"] == "e-1" && r["topic"] == HIKING && r["source"] == "assistant"
    })
}

fn tell_the_story(server: &Server) {
    befriended(server);
    let before = server.ads("maya");
    assert!(!ids(&before, "campaign").contains(&"boots".to_owned()), "{before}");
    server.say("e-1", "maya", SENTENCE);

    let feed = server.feed("maya");
    assert_eq!(feed["personalised"], true);
    let first: Vec<String> = ids(&feed, "item").into_iter().take(3).collect();
    for wanted in ["hiking-group", "hiking-reel", "theo-update"] {
        assert!(first.contains(&wanted.to_owned()), "{wanted} is not among {first:?}");
    }
    let rows = feed["items"].as_array().unwrap();
    for row in &rows[..3] {
        assert!(said(row), "{row}");
        let positive: f64 =
            row["reasons"].as_array().unwrap().iter().map(|r| r["share"].as_f64().unwrap().max(0.0)).sum();
        assert!((positive - 1.0).abs() < 1e-9, "{row}");
    }
    let update = rows.iter().find(|row| row["item"] == "theo-update").unwrap();
    assert!(update["reasons"].as_array().unwrap().iter().any(|r| r["kind"] == "friend"), "{update}");

    let ads = server.ads("maya");
    assert_eq!(ids(&ads, "campaign"), ["boots"]);
    assert!(said(&ads["ads"][0]), "{ads}");
    assert!(ads["ads"][0]["price_micros"].as_i64().unwrap() >= 1);
    check_receipt(server, &feed);
    check_receipt(server, &ads);
}

/// Every contribution is in the receipt, and they add up to the score exactly.
fn check_receipt(server: &Server, answer: &Value) {
    let receipt = server.get(&format!("/v1/receipts/{}", answer["receipt"].as_str().unwrap()));
    assert_eq!(receipt["policy"], answer["policy"]);
    assert_eq!(receipt["seed"], 7);
    let rows = receipt["rows"].as_array().unwrap();
    assert_eq!(rows.len(), answer.get("items").or(answer.get("ads")).unwrap().as_array().unwrap().len());
    for row in rows {
        let parts = row["contributions"].as_array().unwrap();
        let sum: i64 = parts.iter().map(|part| part["value_micro"].as_i64().unwrap()).sum();
        assert_eq!(sum, row["score_micro"].as_i64().unwrap(), "{row}");
    }
    let classes = receipt["classes"].as_array().unwrap();
    assert!(classes.iter().any(|c| c["class"]["source"] == "assistant" && c["allowed"] == true), "{receipt}");
    assert!(classes.iter().all(|c| c["rule"].as_str().is_some_and(|rule| !rule.is_empty())), "{receipt}");
}

#[test]
fn what_is_said_to_the_assistant_changes_feed_and_ads_and_says_why() {
    tell_the_story(&Server::new());
}

#[test]
fn the_same_story_over_the_embedded_store() {
    let folder = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::open(folder.path()).unwrap();
    tell_the_story(&Server::over(Arc::new(store), "", true));
}

#[test]
fn a_restart_answers_as_before() {
    let folder = tempfile::tempdir().unwrap();
    let first = Server::over(Arc::new(EmbeddedStore::open(folder.path()).unwrap()), "", true);
    befriended(&first);
    first.say("e-1", "maya", SENTENCE);
    let before = (first.feed("maya")["items"].clone(), first.get("/v1/people/maya/profile"));
    first.app.close().unwrap();
    drop(first);
    let second = Server::over(Arc::new(EmbeddedStore::open(folder.path()).unwrap()), "", true);
    assert_eq!((second.feed("maya")["items"].clone(), second.get("/v1/people/maya/profile")), before);
}

#[test]
fn a_personalised_row_always_has_reasons() {
    let server = Server::new();
    befriended(&server);
    server.say("e-1", "maya", SENTENCE);
    for row in server.feed("maya")["items"].as_array().unwrap() {
        assert!(!row["reasons"].as_array().unwrap().is_empty(), "{row}");
    }
}

#[test]
fn what_is_known_names_its_sources_and_the_rule_of_each_purpose() {
    let server = Server::new();
    befriended(&server);
    server.say("e-1", "maya", SENTENCE);
    let profile = server.get("/v1/people/maya/profile");
    let topic = &profile["topics"][0];
    assert_eq!(topic["id"], HIKING);
    assert_eq!(topic["sources"], json!(["assistant"]));
    assert_eq!(topic["evidence"], json!(["e-1"]));
    for purpose in ["feed", "ads", "partner_share", "safety"] {
        assert!(topic["purposes"][purpose]["allowed"].is_boolean(), "{topic}");
        assert!(topic["purposes"][purpose]["rule"].is_string(), "{topic}");
    }
    assert_eq!(topic["purposes"]["ads"]["allowed"], true);
    assert_eq!(topic["purposes"]["partner_share"]["allowed"], false, "careful asks for consent");
}
