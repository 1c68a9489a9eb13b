//! How many messages a second does the encoder read on one core, alone and in batches?
//!
//! `cargo bench -p rapport-understand --bench encoder [-- DATA]` reads the data folder (`../shared/data` unless named):
//! short English requests (CLINC), and the mix of all sets `a_*` and `b_*`, in seven languages. The floors are the
//! tokenizer alone, and the table look-up without the network. Each line is the best of three passes on one thread.
#![allow(clippy::print_stdout, reason = "a bench prints")]

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::Instant;

use rapport_understand::SentenceEncoder;

type Failure = Box<dyn std::error::Error>;

const PASSES: usize = 3;
const BATCH: usize = 32;

fn main() -> Result<(), Failure> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let named = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    let data = named.map_or_else(|| root.join("../shared/data"), PathBuf::from);
    let began = Instant::now();
    let encoder = SentenceEncoder::unchecked_from_dir(&root.join("models"))?;
    println!("loaded in {:.0} ms", began.elapsed().as_secs_f64() * 1e3);
    report(&encoder, "short English (CLINC)", &texts(&data, "a_clinc150")?);
    report(&encoder, "the mix", &[texts(&data, "a_")?, texts(&data, "b_")?].concat());
    Ok(())
}

fn report(encoder: &SentenceEncoder, name: &str, texts: &[String]) {
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let tokens: usize = texts.iter().map(|text| encoder.tokenize(text).len()).sum();
    println!("{name}: {} texts, {:.1} tokens each", texts.len(), tokens as f64 / texts.len() as f64);
    line("one at a time", &texts, 1, |text| encoder.encode(text));
    line("in batches of 32", &texts, BATCH, |batch| encoder.encode(batch));
    line("floor: look-up", &texts, 1, |text| encoder.look_up(text[0]));
    line("floor: tokenizer", &texts, 1, |text| encoder.tokenize(text[0]));
}

fn line<R>(name: &str, texts: &[&str], size: usize, work: impl Fn(&[&str]) -> R) {
    let mut best = f64::INFINITY;
    for _ in 0..PASSES {
        let began = Instant::now();
        texts.chunks(size).for_each(|batch| {
            black_box(work(batch));
        });
        best = best.min(began.elapsed().as_secs_f64());
    }
    let count = texts.len() as f64;
    println!("  {name:<18} {:>8.0} messages/s a core, {:>6.1} µs each", count / best, best / count * 1e6);
}

/// The texts of every `<beginning>*.jsonl` in `data`, by file name.
fn texts(data: &Path, beginning: &str) -> Result<Vec<String>, Failure> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(data)
        .map_err(|error| format!("`{}` can't be read: {error}; name the data folder", data.display()))?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_, std::io::Error>>()?;
    let wanted = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with(beginning) && name.ends_with(".jsonl")
    };
    files.retain(wanted);
    files.sort();
    let mut texts = Vec::new();
    for file in files {
        for row in std::fs::read_to_string(file)?.lines().filter(|line| !line.is_empty()) {
            let row: serde_json::Value = serde_json::from_str(row)?;
            texts.push(row["text"].as_str().ok_or("a row has no text")?.to_owned());
        }
    }
    Ok(texts)
}
