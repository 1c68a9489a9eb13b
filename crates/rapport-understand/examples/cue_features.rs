//! Prints what the cue models see of texts, for `training/cues.py`: JSON lines `{"text","targets":[[first byte, end]]}` in,
//! their features out.
//!
//!     cargo run --release -p rapport-understand --no-default-features --example cue_features -- models

#![allow(clippy::print_stdout, reason = "an example's output")]

use std::error::Error;
use std::io::{BufRead, Write};
use std::path::PathBuf;

use rapport_understand::CueModel;

#[derive(serde::Deserialize)]
struct Line {
    text: String,
    #[serde(default)]
    targets: Vec<(usize, usize)>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let models = PathBuf::from(std::env::args().nth(1).ok_or("name the models folder")?);
    let model = CueModel::untrained(&std::fs::read(models.join("lexicon/cues.tsv"))?)?;
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for line in std::io::stdin().lock().lines() {
        let line: Line = serde_json::from_str(&line?)?;
        let targets: Vec<_> = line.targets.iter().map(|(start, end)| *start..*end).collect();
        serde_json::to_writer(&mut out, &model.features(&line.text, &targets))?;
        out.write_all(b"\n")?;
    }
    Ok(out.flush()?)
}
