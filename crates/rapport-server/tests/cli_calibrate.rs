//! `rapport calibrate`: an operator's own rows become thresholds, or a reason why not.
#![allow(clippy::unwrap_used, clippy::panic, reason = "test code")]

mod program;

use std::path::Path;

use program::{complained, jsonl, rapport, said};
use serde_json::{Value, json};

/// Requests that nothing sensitive is in, and disclosures in explicit terms.
fn rows() -> Vec<Value> {
    let things =
        ["lamp", "kettle", "tent", "guitar", "bicycle", "sofa", "camera", "jacket", "drill", "plant"];
    let harmless = (0..150).map(|at| {
        let thing = things[at % things.len()];
        json!({"text": format!("find me a {thing} for less than {} euros", 20 + at), "sensitive": []})
    });
    let sensitive = (0..200).map(|at| {
        let text = format!("my doctor changed my insulin dose, remind me at {}:{:02}", at / 60, at % 60);
        json!({"text": text, "sensitive": ["health"]})
    });
    harmless.chain(sensitive).collect()
}

fn written(path: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn rows_become_a_file_of_thresholds_with_a_bound_and_how_to_switch_it_on() {
    let folder = tempfile::tempdir().unwrap();
    let rows = jsonl(folder.path(), "rows.jsonl", &rows());
    let out = folder.path().join("thresholds.json");
    let run = rapport(&[
        "calibrate",
        &rows,
        "--population",
        "rows of a test",
        "--max-alarms",
        "0.2",
        "--out",
        out.to_str().unwrap(),
    ]);
    assert!(run.status.success(), "{}", complained(&run));
    let promise = "With confidence 90 %, at most 2 % of sensitive messages pass unflagged";
    assert!(said(&run).contains(promise), "{}", said(&run));
    assert!(said(&run).contains("(rows of a test)"), "{}", said(&run));
    assert!(complained(&run).contains("set `thresholds = "), "{}", complained(&run));
    let file = written(&out);
    assert_eq!(file["bounds"]["overall"]["method"], "learn-then-test");
    assert_eq!(file["thresholds"].as_object().unwrap().len(), 7);

    let config = folder.path().join("rapport.toml");
    std::fs::write(&config, format!("[understanding]\nthresholds = {:?}\n", out.to_str().unwrap())).unwrap();
    let again = rapport(&["calibrate", &rows, "--config", config.to_str().unwrap(), "--json"]);
    assert!(again.status.success(), "{}", complained(&again));
    let answer: Value = serde_json::from_str(&said(&again)).unwrap();
    assert_eq!(answer["file"], written(&out), "by default it is written where the configuration reads it");
}

#[test]
fn a_bad_row_is_named_by_its_line_and_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let mut lines = rows();
    lines.insert(41, json!({"text": "my secret", "sensitive": ["sports"]}));
    let rows = jsonl(folder.path(), "rows.jsonl", &lines);
    let out = folder.path().join("thresholds.json");
    let run = rapport(&["calibrate", &rows, "--out", out.to_str().unwrap()]);
    assert_eq!(run.status.code(), Some(1));
    assert!(complained(&run).contains("line 42: `sensitive` names `sports`"), "{}", complained(&run));
    assert!(!complained(&run).contains("secret"), "{}", complained(&run));
    assert!(!out.exists() && said(&run).is_empty());
}

#[test]
fn a_goal_out_of_reach_is_said_and_is_no_failure() {
    let folder = tempfile::tempdir().unwrap();
    let rows = jsonl(folder.path(), "rows.jsonl", &rows()[..250]);
    let run = rapport(&["calibrate", &rows, "--alpha", "0.001"]);
    assert!(run.status.success(), "{}", complained(&run));
    assert!(complained(&run).contains("warning: at most "), "{}", complained(&run));
    assert!(complained(&run).contains("rows can't show more"), "{}", complained(&run));
    assert!(complained(&run).contains("`--out FILE`"), "{}", complained(&run));
    let file: Value = serde_json::from_str(&said(&run)).unwrap();
    assert_eq!(file["bounds"]["overall"]["method"], "clopper-pearson");
}

#[test]
fn a_server_refuses_thresholds_that_are_malformed() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("thresholds.json");
    std::fs::write(&file, "{\"alpha\": 0.02}").unwrap();
    let config = folder.path().join("rapport.toml");
    std::fs::write(&config, format!("[understanding]\nthresholds = {:?}\n", file.to_str().unwrap())).unwrap();
    let data = folder.path().join("data");
    let run = rapport(&[
        "serve",
        "--dev",
        "--listen",
        "127.0.0.1:0",
        "--data",
        data.to_str().unwrap(),
        "--config",
        config.to_str().unwrap(),
    ]);
    assert_eq!(run.status.code(), Some(1));
    assert!(complained(&run).contains("thresholds are malformed: missing field"), "{}", complained(&run));
}
