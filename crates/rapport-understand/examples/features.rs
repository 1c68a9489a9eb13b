//! `features MODELS < texts.jsonl > features.bin`: one JSON string a line in; out, little-endian, for each text the number
//! n of its tokens (u32), their piece ids (n × u32), their features (n × 1280 × f16), and the text's vector (512 × f32).
//!
//! Heads that attend over tokens are trained on these, so that training sees exactly what serving sees.

use std::io::{BufRead, BufWriter, Write};
use std::path::PathBuf;

use rapport_understand::SentenceEncoder;

type Failure = Box<dyn std::error::Error>;

/// Texts in memory at a time.
const CHUNK: usize = 4096;

fn main() -> Result<(), Failure> {
    let models = std::env::args().nth(1).ok_or("usage: features MODELS < texts.jsonl > features.bin")?;
    let encoder = SentenceEncoder::unchecked_from_dir(&PathBuf::from(models))?;
    let texts = std::io::stdin()
        .lock()
        .lines()
        .map(|line| Ok(serde_json::from_str(&line?)?))
        .collect::<Result<Vec<String>, Failure>>()?;
    let mut out = BufWriter::new(std::io::stdout().lock());
    let threads = std::thread::available_parallelism()?.get();
    for texts in texts.chunks(CHUNK) {
        let parts = std::thread::scope(|scope| {
            let workers: Vec<_> = texts
                .chunks(texts.len().div_ceil(threads))
                .map(|part| scope.spawn(|| encode(&encoder, part)))
                .collect();
            workers
                .into_iter()
                .map(|worker| worker.join().map_err(|_| "a worker failed"))
                .collect::<Result<Vec<_>, _>>()
        })?;
        for part in parts {
            out.write_all(&part)?;
        }
    }
    Ok(out.flush()?)
}

fn encode(encoder: &SentenceEncoder, texts: &[String]) -> Vec<u8> {
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let mut out = Vec::new();
    encoder.encode_with(&texts, |index, features, tokens, vector| {
        out.extend((tokens as u32).to_le_bytes());
        out.extend(encoder.tokenize(texts[index]).iter().flat_map(|id| id.to_le_bytes()));
        out.extend(features.iter().flat_map(|value| half(*value).to_le_bytes()));
        out.extend(vector.iter().flat_map(|value| value.to_le_bytes()));
    });
    out
}

/// The nearest IEEE 754 half-precision number, for values within its range.
fn half(value: f32) -> u16 {
    let sign = (value.to_bits() >> 16) as u16 & 0x8000;
    // Dividing by 2¹¹² moves the exponent to where the half's fits, and lets small values become subnormal.
    let small = (value.abs() * f32::from_bits(0x0780_0000)).to_bits();
    sign | ((small + 0x0fff + (small >> 13 & 1)) >> 13) as u16
}
