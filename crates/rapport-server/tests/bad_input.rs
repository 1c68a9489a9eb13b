//! Bad input is refused by itself, with a problem document that names the field and the limit.
#![allow(clippy::unwrap_used, reason = "test code")]

mod common;

use common::Server;
use serde_json::{Value, json};

fn server() -> Server {
    let server = Server::new();
    server.small_world();
    server.person("maya");
    server
}

fn like(id: &str) -> Value {
    json!({"id": id, "type": "like", "person": "maya", "product": "main", "at": "2025-12-20T11:00:00Z", "item": "soup"})
}

fn without(mut event: Value, field: &str) -> Value {
    event.as_object_mut().unwrap().remove(field);
    event
}

fn with(mut event: Value, field: &str, value: Value) -> Value {
    event[field] = value;
    event
}

#[test]
fn a_bad_event_is_rejected_by_itself_and_says_why() {
    let server = server();
    let prompt = |text: String| {
        json!({"id": "p", "type": "assistant.prompt", "person": "maya", "product": "main",
        "at": "2025-12-20T11:00:00Z", "text": text})
    };
    let cases: Vec<(Value, &str, &str)> = vec![
        (without(like("x"), "id"), "missing-field", "`id`"),
        (with(like("x"), "id", json!("")), "invalid-field", "`id`"),
        (with(like("x"), "id", json!("i".repeat(201))), "invalid-field", "at most 200"),
        (with(like("x"), "type", json!("wave")), "unknown-type", "`type`"),
        (with(like("x"), "at", json!("yesterday")), "invalid-field", "`at`"),
        (without(like("x"), "at"), "missing-field", "`at`"),
        (with(like("x"), "at", json!("2025-12-20T12:05:01Z")), "future-time", "limit: 300 seconds"),
        (without(like("x"), "product"), "missing-field", "`product`"),
        (without(like("x"), "item"), "missing-field", "`item`"),
        (with(like("x"), "person", json!("nobody")), "unknown-person", "`person`"),
        (with(like("x"), "item", json!("nothing")), "unknown-item", "`item`"),
        (prompt("x".repeat(16_385)), "too-long", "limit: 16384"),
        (with(prompt("hiking".into()), "audio", json!("UklG")), "invalid-field", "`audio` and `text`"),
        (with(without(prompt(String::new()), "text"), "audio", json!("?")), "undecodable-audio", "base64"),
        (with(prompt("hiking".into()), "image", json!("UklG")), "unsupported-modality", "`image`"),
        (
            json!({"id": "f", "type": "friend", "person": "maya", "product": "main", "at": "2025-12-20T11:00:00Z",
            "target": "nobody"}),
            "unknown-person",
            "`target`",
        ),
        (
            json!({"id": "a", "type": "ad.click", "person": "maya", "product": "main", "at": "2025-12-20T11:00:00Z",
            "ad": "none"}),
            "unknown-ad",
            "`ad`",
        ),
        (json!("text"), "not-an-object", "a string"),
    ];
    for (at, (event, slug, says)) in cases.into_iter().enumerate() {
        let before = like(&format!("before-{at}"));
        let after = like(&format!("after-{at}"));
        let answer = server.call("POST", "/v1/events", json!([before, event, after])).ok();
        assert_eq!(answer["accepted"], 2, "{answer}");
        let refused = &answer["rejected"][0];
        assert_eq!(
            (refused["index"].clone(), &refused["error"]["type"]),
            (json!(1), &json!(slug)),
            "{answer}"
        );
        assert!(refused["error"]["detail"].as_str().unwrap().contains(says), "{says}: {refused}");
    }
}

#[test]
fn five_minutes_ahead_and_any_age_are_accepted() {
    let server = server();
    server.event(with(like("a"), "at", json!("2025-12-20T12:05:00Z")));
    server.event(with(like("b"), "at", json!("1999-01-01T00:00:00Z")));
}

#[test]
fn malformed_json_in_the_middle_of_ndjson_leaves_its_neighbours() {
    let server = server();
    let body = format!("{}\n{{\"id\": \"broken\n\n{}\n", like("n-1"), like("n-2"));
    for kind in ["application/x-ndjson", "application/json", "text/plain"] {
        let headers = [("rapport-now", common::NOW), ("content-type", kind)];
        let answer = server.send("POST", "/v1/events", &headers, body.as_bytes()).ok();
        assert_eq!(
            answer["accepted"].as_u64().unwrap() + answer["duplicates"].as_u64().unwrap(),
            2,
            "{answer}"
        );
        assert_eq!(answer["rejected"][0]["index"], 1);
        assert_eq!(answer["rejected"][0]["error"]["type"], "invalid-json");
    }
}

#[test]
fn a_body_that_cannot_be_read_is_refused_whole() {
    let server = server();
    for body in [&b""[..], b"  \n ", b"{\"id\":", b"\xff\xfe", b"7", b"null", b"not json"] {
        let answer = server.send("POST", "/v1/events", &[], body);
        assert_eq!((answer.status, answer.problem().as_str()), (400, "invalid-json"), "{body:?}");
    }
    assert_eq!(server.call("POST", "/v1/events", json!([])).ok()["accepted"], 0);
}

#[test]
fn too_much_is_refused_with_its_limit() {
    let small = Server::over(
        std::sync::Arc::new(rapport_store::MemoryStore::new()),
        "[server]\nmax_body_bytes = 1000\n[ingest]\nmax_events = 2",
        true,
    );
    let answer = small.call("POST", "/v1/events", json!([1, 2, 3]));
    assert_eq!((answer.status, answer.problem().as_str()), (413, "too-many-events"));
    for path in ["/v1/events", "/v1/feed"] {
        let answer = small.send("POST", path, &[], "x".repeat(1_001).as_bytes());
        assert_eq!((answer.status, answer.problem().as_str()), (413, "too-large"));
    }
}

#[test]
fn every_other_call_answers_a_problem_document() {
    let server = server();
    let cases = [
        ("POST", "/v1/feed", json!({"product": "main"}), 400),
        ("POST", "/v1/feed", json!({"person": "nobody", "product": "main"}), 404),
        ("POST", "/v1/feed", json!({"person": "maya", "product": "main", "limit": 0}), 400),
        ("POST", "/v1/feed", json!({"person": "maya", "product": "main", "limit": 100_000}), 400),
        ("POST", "/v1/feed", json!({"person": "maya", "product": 7}), 400),
        ("POST", "/v1/ads", json!({"person": "nobody", "product": "main"}), 404),
        ("POST", "/v1/ads", json!({"person": "maya", "product": "main", "context": {"item": "none"}}), 404),
        ("POST", "/v1/ads/tokens/abc", Value::Null, 404),
        ("PUT", "/v1/items/x", json!({"kind": "post"}), 400),
        ("PUT", "/v1/items/x", json!({"kind": "post", "title": "t", "created_at": "soon"}), 400),
        ("DELETE", "/v1/items/none", Value::Null, 404),
        ("PUT", "/v1/campaigns/x", json!({"advertiser": "a"}), 400),
        ("GET", "/v1/campaigns/none", Value::Null, 404),
        ("PUT", "/v1/people/x", json!({"birth_year": 1066}), 400),
        ("PUT", "/v1/people/x", json!({"languages": "en"}), 400),
        ("PUT", "/v1/people/x", json!([]), 400),
        ("GET", "/v1/people/nobody/profile", Value::Null, 404),
        ("GET", "/v1/people/nobody/export", Value::Null, 404),
        ("GET", "/v1/people/nobody/notices", Value::Null, 404),
        ("PUT", "/v1/people/maya/choices", json!({"purposes": {"profit": false}}), 400),
        ("PUT", "/v1/people/maya/choices", json!({"topics": {"nope": "less"}}), 400),
        ("PUT", "/v1/people/maya/choices", json!({"topics": {"483": "some"}}), 400),
        ("POST", "/v1/people/maya/notices/1999-01/seen", json!({"channel": "in_app"}), 404),
        ("POST", "/v1/people/maya/notices/2025-12/seen", json!({"channel": "pigeon"}), 400),
        ("DELETE", "/v1/people/nobody", Value::Null, 404),
        ("DELETE", "/v1/people/maya/events/none", Value::Null, 404),
        ("DELETE", "/v1/people/maya/events", Value::Null, 400),
        ("GET", "/v1/receipts/none", Value::Null, 404),
        ("GET", "/v1/nothing", Value::Null, 404),
        ("GET", "/v1/feed", Value::Null, 405),
        ("GET", "/v1/people/%ff/profile", Value::Null, 400),
    ];
    for (method, path, body, status) in cases {
        let answer = server.call(method, path, body);
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.text);
        answer.problem();
    }
    let unreadable = server.send("POST", "/v1/feed", &[], b"{");
    assert_eq!(unreadable.problem(), "invalid-json");
    for (header, value) in [("rapport-now", "noon"), ("rapport-seed", "-1"), ("rapport-policy", "none")] {
        let body = json!({"person": "maya", "product": "main"});
        assert_eq!(server.call_with(&[(header, value)], "POST", "/v1/feed", body).status, 400, "{header}");
    }
}

#[test]
fn a_request_that_takes_too_long_is_answered_408() {
    let hasty = Server::over(
        std::sync::Arc::new(rapport_store::MemoryStore::new()),
        "[server]\nrequest_timeout_ms = 50",
        true,
    );
    let slow = json!({"kind": "post", "title": "takes its time", "created_at": "2025-12-10T08:00:00Z"});
    let answer = hasty.call("PUT", "/v1/items/x", slow);
    assert_eq!((answer.status, answer.problem().as_str()), (408, "timeout"));
}
