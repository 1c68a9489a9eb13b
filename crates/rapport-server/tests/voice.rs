//! Spoken prompts: what happens without a model, and with one.
#![allow(clippy::unwrap_used, clippy::panic, reason = "test code")]

mod common;

use std::sync::Arc;

use common::Server;
use data_encoding::BASE64;
use rapport_store::MemoryStore;
use serde_json::{Value, json};

/// "in 1813", public domain; see the `README.md` beside it.
const CLIP: &[u8] = include_bytes!("../../rapport-speech/tests/clips/clip-wide.ogg");

fn spoken(id: &str, audio: &[u8]) -> Value {
    json!({"id": id, "type": "assistant.prompt", "person": "maya", "product": "main", "at": "2025-12-20T11:00:00Z",
        "audio": BASE64.encode(audio)})
}

fn server(config: &str) -> Server {
    let server = Server::over(Arc::new(MemoryStore::new()), config, true);
    server.small_world();
    server.person("maya");
    server
}

#[test]
fn without_a_model_a_spoken_prompt_is_rejected_with_the_command_that_fetches_one() {
    let folder = tempfile::tempdir().unwrap();
    let server = server(&format!("[speech]\nmodels = {:?}", folder.path()));
    let batch = json!([spoken("v", CLIP), {"id": "l", "type": "like", "person": "maya", "product": "main",
        "at": "2025-12-20T11:00:00Z", "item": "soup"}]);
    let answer = server.call("POST", "/v1/events", batch).ok();
    assert_eq!(answer["accepted"], 1, "its neighbour is kept: {answer}");
    let error = &answer["rejected"][0]["error"];
    assert_eq!(error["type"], "no-speech-model");
    assert!(error["detail"].as_str().unwrap().contains("rapport models pull speech"), "{error}");
    let path = folder.path().to_str().unwrap();
    assert!(!answer.to_string().contains(path), "where the server keeps its models is its own business");
}

#[test]
fn audio_that_is_too_large_is_refused_before_anything_is_decoded() {
    let server = server("[speech]\nmax_bytes = 1000");
    let answer = server.call("POST", "/v1/events", spoken("v", CLIP)).ok();
    let error = &answer["rejected"][0]["error"];
    assert_eq!(error["type"], "too-long");
    assert!(error["detail"].as_str().unwrap().contains("limit: 1000"), "{error}");
}

/// What needs the model: `cargo xtask test` fetches it and switches these on.
#[cfg(feature = "speech-tests")]
mod with_the_model {
    use std::path::PathBuf;
    use std::process::Command;

    use rapport_server::config::Config;
    use rapport_speech::{AudioLimits, Search, Speech};

    use super::*;

    const CLIPS: [&str; 7] = [
        "clip.wav",
        "clip.flac",
        "clip.mp3",
        "clip-vorbis.ogg",
        "clip-narrow.ogg",
        "clip-wide.ogg",
        "clip.webm",
    ];

    fn clip(name: &str) -> PathBuf {
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../rapport-speech/tests/clips").join(name)
    }

    fn model() -> Speech {
        let folder = Config::standard().unwrap().speech.folder().unwrap();
        Speech::open(&folder).unwrap_or_else(|problem| panic!("{problem}"))
    }

    fn heard(speech: &Speech, audio: &[u8]) -> String {
        speech.transcribe(audio, AudioLimits::default()).unwrap().text.to_lowercase()
    }

    #[test]
    fn every_format_says_the_same() {
        let speech = model();
        for name in CLIPS {
            let text = heard(&speech, &std::fs::read(clip(name)).unwrap());
            assert!(text.trim_end_matches('.') == "in 1813", "{name}: {text}");
        }
    }

    #[test]
    fn silence_says_nothing_and_a_wide_search_finds_what_a_narrow_one_does() {
        let speech = model();
        let silent = speech.transcribe_samples(&vec![0.0; 5 * 16_000]);
        assert_eq!((silent.text.as_str(), silent.seconds_audio), ("", 5.0));
        let wide = speech.with_search(Search { beams: 5, doubt: 0.0 });
        assert!(heard(&wide, CLIP).contains("1813"));
    }

    #[test]
    fn the_command_line_names_bad_files_and_goes_on() {
        let output = Command::new(env!("CARGO_BIN_EXE_rapport"))
            .arg("transcribe")
            .args([clip("README.md"), clip("clip.flac"), PathBuf::from("no-such-file.wav")])
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1));
        let complaints = String::from_utf8(output.stderr).unwrap();
        assert!(complaints.contains("README.md") && complaints.contains("no-such-file.wav"), "{complaints}");
        let line: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert!(line["text"].as_str().unwrap().contains("1813") && line["language"] == "en", "{line}");
        assert!(
            line["seconds_audio"].as_f64().unwrap() > 1.5 && line["seconds_taken"].as_f64().unwrap() > 0.0
        );
    }

    #[test]
    fn a_spoken_prompt_counts_once_and_leaves_no_audio_behind() {
        let server = server("");
        let event = spoken("v", CLIP);
        assert_eq!(server.call("POST", "/v1/events", event.clone()).ok()["accepted"], 1);
        assert_eq!(server.call("POST", "/v1/events", event.clone()).ok()["duplicates"], 1);
        let export = server.get("/v1/people/maya/export").to_string();
        assert!(export.contains("voice"), "{export}");
        assert!(!export.contains(&event["audio"].as_str().unwrap()[..64]));
    }

    #[test]
    fn whoever_comes_when_the_queue_is_full_is_told_when_to_come_back() {
        let server = server("[speech]\nthreads = 1\nqueue = 0");
        let long: Vec<Value> = (0..3).map(|n| spoken(&format!("v{n}"), CLIP)).collect();
        std::thread::scope(|scope| {
            let first = scope.spawn(|| server.call("POST", "/v1/events", json!(long)).ok());
            let turned_away = (0..500).any(|n| {
                std::thread::sleep(std::time::Duration::from_millis(10));
                let answer = server.call("POST", "/v1/events", spoken(&format!("w{n}"), b"RIFF"));
                answer.status == 503 && answer.problem() == "speech-busy"
            });
            assert!(turned_away);
            assert_eq!(first.join().unwrap()["accepted"], 3);
        });
    }
}
