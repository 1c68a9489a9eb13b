//! Commands over one data folder: serve, load, why, erase, verify-erasure.
#![allow(clippy::unwrap_used, clippy::panic, reason = "test code")]

mod program;

use std::path::Path;

use program::{Served, complained, jsonl, rapport, rapport_with, said};
use serde_json::{Value, json};

fn person(id: &str) -> Value {
    json!({"record": "person", "id": id, "country": "US", "birth_year": 1990, "languages": ["en"],
           "accounts": [{"product": "main", "linked": true}]})
}

fn item(id: &str, topic: &str) -> Value {
    json!({"record": "item", "id": id, "kind": "post", "title": format!("About {id}"), "text": "A short text.",
           "topics": [topic], "created_at": "2026-01-02T00:00:00Z", "visibility": "public"})
}

fn like(id: &str, person: &str, item: &str) -> Value {
    json!({"record": "event", "id": id, "type": "like", "person": person, "product": "main",
           "at": "2026-01-03T00:00:00Z", "item": item})
}

/// A small world, its events before the people and items that they name.
fn world(folder: &Path) -> String {
    let lines = [
        like("e-1", "ada-lovelace-1815", "trail"),
        like("e-2", "brook", "trail"),
        item("trail", "542"),
        item("cake", "216"),
        person("ada-lovelace-1815"),
        person("brook"),
    ];
    jsonl(folder, "world.jsonl", &lines)
}

#[test]
fn what_was_loaded_is_served_and_the_receipt_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let loaded = rapport(&["load", &world(folder.path()), "--data", data.to_str().unwrap()]);
    assert!(loaded.status.success(), "{}", complained(&loaded));
    assert_eq!(
        said(&loaded).trim(),
        "loaded 2 people, 2 items, 0 campaigns, 2 events (0 duplicates), rejected 0 lines"
    );

    let server = Served::start(&data);
    let request = json!({"person": "brook", "product": "main", "limit": 5});
    let (status, feed) = server.call("POST", "/feed", Some(&request));
    assert_eq!(status, 200, "{feed}");
    let receipt = feed["receipt"].as_str().unwrap();
    for reach in [["--url", server.url()], ["--data", data.to_str().unwrap()]] {
        let why = rapport(&[&["why", receipt][..], &reach].concat());
        assert!(why.status.success(), "{}", complained(&why));
        let page = said(&why);
        assert!(page.contains(&format!("receipt {receipt}")), "{page}");
        assert!(page.contains("cake"), "the item that was answered is on the page: {page}");
        assert!(page.lines().all(|line| line.chars().count() <= 80), "{page}");
    }
}

#[test]
fn a_load_through_the_server_and_a_second_one_count_once() {
    let folder = tempfile::tempdir().unwrap();
    let server = Served::start(&folder.path().join("data"));
    let file = world(folder.path());
    let first = rapport(&["load", &file, "--url", server.url()]);
    assert!(said(&first).contains("2 events (0 duplicates)"), "{}{}", said(&first), complained(&first));
    let text = std::fs::read_to_string(&file).unwrap();
    let second = rapport_with(&["load", "-", "--url", server.url()], &text);
    assert!(said(&second).contains("0 events (2 duplicates)"), "{}{}", said(&second), complained(&second));
}

#[test]
fn a_bad_line_is_named_by_its_number_and_its_neighbours_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let file = world(folder.path());
    let mut text = std::fs::read_to_string(&file).unwrap();
    text.push_str("{\"record\": \"event\", \"id\"\n");
    text.push_str(&format!("{}\n", like("e-3", "nobody-at-all", "trail")));
    text.push_str(&format!("{}\n", like("e-4", "brook", "cake")));
    std::fs::write(&file, text).unwrap();
    let loaded = rapport(&["load", &file, "--data", data.to_str().unwrap()]);
    assert_eq!(loaded.status.code(), Some(1));
    let (out, complaints) = (said(&loaded), complained(&loaded));
    assert!(out.contains("3 events (0 duplicates), rejected 2 lines"), "{out}");
    assert!(complaints.contains("world.jsonl:7: no JSON"), "{complaints}");
    assert!(complaints.contains("world.jsonl:8: "), "{complaints}");
    assert!(!complaints.contains("nobody-at-all"), "an id is personal data: {complaints}");
}

#[test]
fn a_folder_that_a_server_holds_is_loaded_through_it_only() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let _server = Served::start(&data);
    let loaded = rapport(&["load", &world(folder.path()), "--data", data.to_str().unwrap()]);
    assert_eq!(loaded.status.code(), Some(1));
    assert!(complained(&loaded).contains("--url"), "{}", complained(&loaded));
}

#[test]
fn erased_means_gone_with_and_without_a_server() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let path = data.to_str().unwrap();
    rapport(&["load", &world(folder.path()), "--data", path]);
    let ada = "ada-lovelace-1815";
    let before = rapport(&["verify-erasure", ada, "--data", path]);
    assert_eq!(before.status.code(), Some(1), "the person is there: {}", said(&before));
    assert!(rapport(&["erase", ada, "--data", path]).status.success());
    let after = rapport(&["verify-erasure", ada, "--data", path]);
    assert!(after.status.success(), "{}{}", said(&after), complained(&after));

    let server = Served::start(&data);
    let erased = rapport(&["erase", "brook", "--data", path]);
    assert!(erased.status.success(), "through the server: {}", complained(&erased));
    let request = json!({"person": "brook", "product": "main", "limit": 5});
    assert_eq!(server.call("POST", "/feed", Some(&request)).0, 404, "nobody by that id any more");
    let after = rapport(&["verify-erasure", "brook", "--data", path]);
    assert!(after.status.success(), "while the server runs: {}", said(&after));
    server.kill();
    let server = Served::start(&data);
    let late = json!([like("e-2", "brook", "trail")]);
    let (_, answer) = server.call("POST", "/events", Some(&late));
    assert_eq!(answer["accepted"], 0, "a late retry brings nobody back: {answer}");
    let after = rapport(&["verify-erasure", "brook", "--data", path]);
    assert!(after.status.success(), "after a restart and a late retry: {}", said(&after));
}

#[test]
fn a_start_that_fails_says_what_to_do_in_one_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let path = data.to_str().unwrap();
    let no_policy =
        rapport(&["serve", "--data", path, "--dev", "--listen", "127.0.0.1:0", "--policy", "lenient"]);
    assert_eq!(no_policy.status.code(), Some(1));
    let complaint = complained(&no_policy);
    assert!(complaint.contains("`lenient`") && complaint.contains("careful"), "{complaint}");
    let no_key = rapport(&["serve", "--data", path, "--listen", "127.0.0.1:0"]);
    assert_eq!(no_key.status.code(), Some(1));
    assert!(complained(&no_key).contains("operator_key"), "{}", complained(&no_key));
}

#[test]
fn a_broken_database_stops_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    rapport(&["load", &world(folder.path()), "--data", data.to_str().unwrap()]);
    let mut broken = 0;
    for entry in std::fs::read_dir(&data).unwrap() {
        let file = entry.unwrap().path();
        let bytes = std::fs::read(&file).unwrap_or_default();
        if bytes.starts_with(b"SQLite format 3") {
            std::fs::write(&file, vec![0x55; bytes.len()]).unwrap();
            broken += 1;
        }
    }
    assert!(broken > 0, "there is a database to break");
    let started = rapport(&["serve", "--data", data.to_str().unwrap(), "--dev", "--listen", "127.0.0.1:0"]);
    assert_eq!(started.status.code(), Some(1));
    assert!(complained(&started).lines().any(|line| line.starts_with("error: ")), "{}", complained(&started));
    assert!(said(&started).is_empty());
}
