//! `rapport bench`: the project's own load, each figure beside its floor.
//!
//! Every run prints its sizes and seed. Figures are of this machine at this moment: quote the ratio to the floor.
//! What was not measured in a run is null and never worked out from something smaller.

mod ads;
mod feed;
mod gate;
mod ingest;
mod messages;
mod names;
mod random;
mod served;
mod stats;
mod understand;
mod world;

use std::process::ExitCode;

use anyhow::Result;
use serde_json::{Map, Value};

use crate::cli::output;

/// Measures the project's own load and prints honest figures beside their floors.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    Understand(understand::Args),
    Ingest(ingest::Args),
    Feed(feed::Args),
    Ads(ads::Args),
    Gate(gate::Args),
    Names(names::Args),
}

/// What every measurement is told.
#[derive(clap::Args)]
pub struct Common {
    /// Answer in JSON.
    #[arg(long)]
    json: bool,
    /// Of all that is random.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// What a measurement found: the contract's keys, and what they mean.
pub struct Report {
    values: Map<String, Value>,
    notes: Vec<&'static str>,
}

impl Report {
    /// Begins with the size of the load and its seed.
    pub fn new(n: usize, seed: u64) -> Self {
        let mut values = Map::new();
        values.insert("n".to_owned(), n.into());
        values.insert("seed".to_owned(), seed.into());
        Self { values, notes: Vec::new() }
    }

    /// Adds a figure, rounded to what was measured; `None` is null.
    pub fn figure(&mut self, key: &str, value: impl Into<Option<f64>>) {
        let rounded =
            value.into().map(|v: f64| if v.abs() >= 100.0 { v.round() } else { (v * 1e3).round() / 1e3 });
        self.values.insert(key.to_owned(), rounded.map_or(Value::Null, Value::from));
    }

    /// Adds a count.
    pub fn count(&mut self, key: &str, value: usize) {
        self.values.insert(key.to_owned(), value.into());
    }

    /// Says what a figure covers.
    pub fn note(&mut self, note: &'static str) {
        self.notes.push(note);
    }

    fn print(mut self, json: bool) -> Result<()> {
        if json {
            self.values.insert("notes".to_owned(), self.notes.into());
            return Ok(output::json(&self.values)?);
        }
        for (key, value) in &self.values {
            output::line(format!("{key:<26} {value}"))?;
        }
        for note in self.notes {
            output::line(format!("- {note}"))?;
        }
        Ok(())
    }
}

/// Runs the command.
pub fn run(args: &Args) -> Result<ExitCode> {
    let (report, common) = match &args.what {
        What::Understand(args) => (understand::measure(args)?, &args.common),
        What::Ingest(args) => (ingest::measure(args)?, &args.common),
        What::Feed(args) => (feed::measure(args)?, &args.common),
        What::Ads(args) => (ads::measure(args)?, &args.common),
        What::Gate(args) => (gate::measure(args)?, &args.common),
        What::Names(args) => (names::measure(args)?, &args.common),
    };
    report.print(common.json)?;
    Ok(ExitCode::SUCCESS)
}
