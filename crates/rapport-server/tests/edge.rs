//! The edge: the document, the key, counting, the policy's own pages.
#![allow(clippy::unwrap_used, reason = "test code")]

mod common;

use std::sync::Arc;

use common::Server;
use rapport_store::MemoryStore;
use serde_json::{Value, json};

#[test]
fn the_openapi_document_lists_every_call_of_the_contract() {
    let document = Server::new().get("/openapi.json");
    let contract = [
        ("post", "/v1/events"),
        ("put", "/v1/people/{id}"),
        ("delete", "/v1/people/{id}"),
        ("put", "/v1/items/{id}"),
        ("delete", "/v1/items/{id}"),
        ("put", "/v1/campaigns/{id}"),
        ("get", "/v1/campaigns/{id}"),
        ("post", "/v1/feed"),
        ("post", "/v1/ads"),
        ("post", "/v1/ads/tokens/{token}"),
        ("get", "/v1/people/{id}/profile"),
        ("put", "/v1/people/{id}/choices"),
        ("get", "/v1/people/{id}/notices"),
        ("post", "/v1/people/{id}/notices/{version}/seen"),
        ("delete", "/v1/people/{id}/events/{event}"),
        ("delete", "/v1/people/{id}/events"),
        ("get", "/v1/people/{id}/export"),
        ("get", "/v1/receipts/{id}"),
        ("get", "/v1/policy"),
        ("get", "/v1/policy/versions"),
        ("get", "/v1/health"),
        ("get", "/v1/metrics"),
    ];
    for (method, path) in contract {
        assert!(document["paths"][path][method]["responses"].is_object(), "{method} {path}");
    }
    assert!(document["components"]["schemas"]["Problem"].is_object());
    assert!(document["components"]["schemas"]["FeedAnswer"]["properties"]["items"].is_object());
}

#[test]
fn without_dev_every_call_needs_the_operators_key_and_no_header_moves_the_clock() {
    let key = "a key that is long enough";
    let config = format!("[server]\noperator_key = \"{key}\"");
    let server = Server::over(Arc::new(MemoryStore::new()), &config, false);
    let bearer = format!("Bearer {key}");
    for (sent, status) in [(None, 401), (Some("Bearer wrong"), 401), (Some(key), 401), (Some(&*bearer), 200)]
    {
        let headers: Vec<(&str, &str)> = sent.map(|value| ("authorization", value)).into_iter().collect();
        let answer = server.call_with(&headers, "PUT", "/v1/people/maya", json!({"country": "US"}));
        assert_eq!(answer.status, status, "{sent:?}");
        if status == 401 {
            assert_eq!(answer.problem(), "unauthorized");
        }
    }
    assert_eq!(server.send("GET", "/health", &[], b"").status, 200);
    assert_eq!(server.send("GET", "/v1/metrics", &[], b"").status, 401);
    // `Rapport-Now` would make this event's time acceptable.
    let headers = [
        ("authorization", &*bearer),
        ("rapport-now", "2030-01-01T00:00:00Z"),
        ("rapport-policy", "announced"),
    ];
    let event = json!({"id": "e", "type": "assistant.prompt", "person": "maya", "product": "main",
        "at": "2029-12-31T00:00:00Z", "text": "hiking"});
    let answer = server.call_with(&headers, "POST", "/v1/events", event).ok();
    assert_eq!(answer["rejected"][0]["error"]["type"], "future-time");
}

#[test]
fn what_is_counted_names_routes_and_never_ids() {
    let server = Server::new();
    server.person("maya-the-secret");
    server.call("GET", "/v1/people/maya-the-secret/profile", Value::Null).ok();
    let text = server.call("GET", "/metrics", Value::Null).text;
    assert!(text.contains("route=\"/v1/people/{id}/profile\""), "{text}");
    assert!(!text.contains("secret"), "{text}");
}

#[test]
fn the_policy_can_be_read_by_anybody_with_a_key() {
    for name in ["announced", "careful"] {
        let server = Server::judged_by(name);
        let policy = server.get("/v1/policy");
        assert_eq!((&policy["name"], &policy["notice"]["id"]), (&json!(name), &json!("2025-12")));
        assert!(policy["notice"]["effective_at"].as_str().unwrap().starts_with("2025-12-16T00:00:00"));
        assert!(policy["regions"].as_array().unwrap().iter().any(|r| r["country"] == "US"));
        assert!(policy["rules"].as_array().unwrap().iter().all(|r| r["says"].as_str().unwrap().len() > 10));
        assert_eq!(policy["purposes"].as_array().unwrap().len(), 11);
        let versions = server.get("/v1/policy/versions");
        let current: Vec<&Value> =
            versions["versions"].as_array().unwrap().iter().filter(|v| v["current"] == true).collect();
        assert_eq!(current[0]["version"], policy["version"]);
        let seen = format!("/v1/people/maya/notices/{}/seen", policy["version"].as_str().unwrap());
        server.person_with("maya", json!({}));
        server.call("POST", &seen, json!({"channel": "email"})).ok();
        assert_eq!(server.get("/v1/people/maya/notices")["notices"][0]["seen"][0]["channel"], "email");
    }
}

#[test]
fn equal_seeds_give_equal_answers_and_receipts_keep_the_seed() {
    let server = Server::new();
    server.small_world();
    server.person("maya");
    let ask = || {
        let body = json!({"person": "maya", "product": "main"});
        server
            .call_with(&[("rapport-now", common::NOW), ("rapport-seed", "99")], "POST", "/v1/feed", body)
            .ok()
    };
    let (first, second) = (ask(), ask());
    assert_eq!(first["items"], second["items"]);
    assert_ne!(first["receipt"], second["receipt"]);
    assert_eq!(server.get(&format!("/v1/receipts/{}", first["receipt"].as_str().unwrap()))["seed"], 99);
}

#[test]
fn changes_of_one_person_at_once_all_stay() {
    let server = Server::new();
    server.person("maya");
    let topics = ["483", "210", "542", "533", "677", "159", "223", "216"];
    std::thread::scope(|scope| {
        for topic in topics {
            let app = &server.app;
            scope.spawn(move || {
                let body = serde_json::from_value(json!({"topics": {topic: "less"}})).unwrap();
                app.choose("maya", &body, &rapport_server::app::Call::at(app.clock().now())).unwrap();
            });
        }
    });
    let export = server.get("/v1/people/maya/export");
    assert_eq!(export["choices"]["topics"].as_object().unwrap().len(), topics.len());
}

#[test]
fn receipts_are_removed_when_their_time_has_come() {
    use rapport_core::time::{DAY, UnixMillis};
    let server = Server::new();
    server.small_world();
    server.person("maya");
    let path = format!("/v1/receipts/{}", server.feed("maya")["receipt"].as_str().unwrap());
    let now = UnixMillis::parse(common::NOW).unwrap();
    assert_eq!(server.app.prune(now.plus(395 * DAY)).unwrap(), (0, 0));
    server.get(&path);
    assert_eq!(server.app.prune(now.plus(395 * DAY + 1)).unwrap(), (1, 0));
    assert_eq!(server.call("GET", &path, Value::Null).status, 404);
}

/// Law 10: nothing depends on a person's id, nor on the order in which people came.
#[test]
fn two_people_who_did_the_same_get_the_same() {
    let server = Server::new();
    server.small_world();
    for id in ["zzz", "a-much-longer-id-than-the-other", "m"] {
        server.person(id);
        server.event(json!({"id": format!("f-{id}"), "type": "friend", "person": id, "target": "theo",
            "product": "main", "at": "2025-12-01T08:00:00Z"}));
        server.event(json!({"id": format!("l-{id}"), "type": "like", "person": id, "item": "pasta",
            "product": "main", "at": "2025-12-02T08:00:00Z"}));
        server.say(&format!("e-{id}"), id, "hiking boots");
    }
    let of = |id: &str| {
        let answers =
            format!("{}{}", common::comparable(&server.feed(id)), common::comparable(&server.ads(id)));
        answers.replace(&format!("-{id}\""), "\"")
    };
    let first = of("zzz");
    assert!(first.contains("\"said\"") && first.contains("\"friend\""), "{first}");
    assert_eq!(first, of("a-much-longer-id-than-the-other"));
    assert_eq!(first, of("m"));
}
