//! `embed MODELS < texts.jsonl > vectors.f32`: one JSON string a line in, 512 little-endian f32 a line out.
//!
//! Training reads these vectors, so that it sees exactly what serving sees.

use std::io::{BufRead, BufWriter, Write};
use std::path::PathBuf;

use rapport_understand::SentenceEncoder;

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let models = std::env::args().nth(1).ok_or("usage: embed MODELS < texts.jsonl > vectors.f32")?;
    let encoder = SentenceEncoder::unchecked_from_dir(&PathBuf::from(models))?;
    let texts = std::io::stdin()
        .lock()
        .lines()
        .map(|line| Ok(serde_json::from_str(&line?)?))
        .collect::<Result<Vec<String>, Failure>>()?;
    let mut out = BufWriter::new(std::io::stdout().lock());
    let half = texts.len().div_ceil(std::thread::available_parallelism()?.get()).max(1);
    let vectors = std::thread::scope(|scope| {
        let workers: Vec<_> = texts.chunks(half).map(|part| scope.spawn(|| encode(&encoder, part))).collect();
        workers
            .into_iter()
            .map(|worker| worker.join().map_err(|_| "a worker failed"))
            .collect::<Result<Vec<_>, _>>()
    })?;
    for value in vectors.iter().flatten().flatten() {
        out.write_all(&value.to_le_bytes())?;
    }
    Ok(out.flush()?)
}

fn encode(encoder: &SentenceEncoder, texts: &[String]) -> Vec<[f32; rapport_understand::WIDTH]> {
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    encoder.encode(&texts)
}
