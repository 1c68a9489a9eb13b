//! Commands that need no data folder: understand, eval, policy.
#![allow(clippy::unwrap_used, clippy::panic, reason = "test code")]

mod program;

use program::{complained, jsonl, rapport, rapport_with, said};
use serde_json::{Value, json};

#[test]
fn each_message_is_answered_in_the_contract_s_shape() {
    let input = format!(
        "{}\n{}\n",
        json!({"id": "m-1", "text": "I want to go hiking next weekend, which boots should I buy?"}),
        json!({"id": 2, "text": "Write to zoë at zoe@example.org"}),
    );
    let output = rapport_with(&["understand"], &input);
    assert!(output.status.success(), "{}", complained(&output));
    let answers: Vec<Value> = said(&output).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers.len(), 2);
    assert_eq!((&answers[0]["id"], &answers[1]["id"]), (&json!("m-1"), &json!(2)));
    assert!(answers[0]["topics"][0]["name"].is_string(), "{}", answers[0]);
    assert_eq!(answers[0]["sensitive"].as_array().unwrap().len(), 7);
    assert_eq!(answers[0]["ads_safe"], true);
    assert!(["self", "other", "none"].contains(&answers[0]["subject"].as_str().unwrap()));
    let mail = answers[1]["pii"].as_array().unwrap().iter().find(|span| span["start"] == 16);
    assert_eq!(mail.unwrap()["end"], 31, "offsets count letters, not bytes: {}", answers[1]);
}

#[test]
fn a_message_that_can_t_be_read_is_named_and_the_rest_goes_on() {
    let input =
        "{\"id\":1,\"text\":\"hello\"}\n{\"id\":\nnot json\n{\"id\":4}\n{\"id\":5,\"text\":\"good night\"}\n";
    let output = rapport_with(&["understand"], input);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(said(&output).lines().count(), 2);
    let complaints = complained(&output);
    for line in ["line 2: ", "line 3: ", "line 4: `text`"] {
        assert!(complaints.contains(line), "{complaints}");
    }
}

fn item(id: &str, topic: &str) -> Value {
    json!({"id": id, "kind": "post", "title": id, "text": "Nothing but a title.", "topics": [topic],
           "created_at": "2026-01-02T00:00:00Z", "visibility": "public"})
}

fn like(id: &str, item: &str) -> Value {
    json!({"id": id, "type": "like", "person": "p", "product": "main", "at": "2026-01-03T00:00:00Z", "item": item})
}

#[test]
fn a_ranking_is_measured_as_by_hand() {
    let folder = tempfile::tempdir().unwrap();
    let walks = ["walk-a", "walk-b"].map(|id| item(id, "542"));
    let others = ["food-a", "food-b", "food-c"].map(|id| item(id, "210"));
    let catalog = jsonl(folder.path(), "catalog.jsonl", &[&walks[..], &others].concat());
    let events = jsonl(folder.path(), "events.jsonl", &[like("e-1", "walk-a")]);
    let queries = jsonl(
        folder.path(),
        "queries.jsonl",
        &[
            // Of the two that are relevant one is first, and the other is not in the catalogue.
            json!({"id": "q-1", "person": "p", "context": [], "exclude": [], "relevant": ["walk-b", "gone"]}),
            // The context turns the ranking of this query alone, and what it ranks first is left out.
            json!({"id": "q-2", "person": "p", "context": [like("c-1", "food-a"), like("c-2", "food-b")],
                   "exclude": ["food-c"], "relevant": ["food-c"]}),
            json!({"id": "q-3", "person": "p", "context": [], "exclude": ["food-a"]}),
        ],
    );
    let rankings = folder.path().join("rankings.jsonl");
    let arguments = ["eval", "rank", "--catalog", &catalog, "--events", &events, "--queries", &queries];
    let written = ["--k", "1,10", "--json", "--rankings", rankings.to_str().unwrap()];
    let output = rapport(&[&arguments[..], &written].concat());
    assert!(output.status.success(), "{}", complained(&output));
    let measured: Value = serde_json::from_str(&said(&output)).unwrap();

    assert_eq!(measured["n"], 2, "the third query says nothing of what is relevant");
    let close = |key: &str, expected: f64| {
        let found = measured[key].as_f64().unwrap();
        assert!((found - expected).abs() < 1e-9, "{key}: {found} instead of {expected}; {measured}");
    };
    close("recall@1", (0.5 + 0.0) / 2.0);
    close("ndcg@1", (1.0 + 0.0) / 2.0);
    close("recall@10", (0.5 + 0.0) / 2.0);
    close("ndcg@10", (1.0 / (1.0 + 1.0 / 3f64.log2()) + 0.0) / 2.0);

    let rankings = std::fs::read_to_string(rankings).unwrap();
    let rankings: Vec<Value> = rankings.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(rankings[0]["items"][0], "walk-b");
    assert!(rankings[1]["items"].as_array().unwrap().iter().all(|item| item != "food-c"));
    assert_eq!(rankings[2]["items"][0], "walk-b", "the context of another query is forgotten");
}

#[test]
fn a_policy_is_shown_and_checked_and_what_is_not_built_says_so() {
    let shown = rapport(&["policy", "show", "careful"]);
    assert!(shown.status.success() && said(&shown).contains("2025-12"), "{}", complained(&shown));
    let json: Value =
        serde_json::from_str(&said(&rapport(&["policy", "show", "announced", "--json"]))).unwrap();
    assert_eq!(json["name"], "announced");
    assert!(rapport(&["policy", "check", "careful"]).status.success());
    assert_eq!(rapport(&["policy", "check", "lenient"]).status.code(), Some(1));
    assert_eq!(rapport(&["policy", "diff", "announced", "careful"]).status.code(), Some(2));
}
