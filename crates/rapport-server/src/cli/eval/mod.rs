//! `rapport eval`: how good the answers are, over the same pipeline as the server's.

mod mentions;
mod metrics;
mod models;
mod query;
mod rank;
mod redial;
mod voice;
mod world;

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result};
use rapport_core::rank::FeedSettings;

/// Measures ranking and understanding on data whose answers are known.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    Rank(rank::Args),
    Redial(redial::Args),
    Mentions(mentions::Args),
    /// Measures the topics that the models find, on files `a_*.jsonl`, and prints a Markdown report.
    Topics(models::Args),
    /// Measures the sensitive detectors, on files `b_*.jsonl`, and prints a Markdown report.
    Sensitive(models::SensitiveArgs),
    /// Measures how much personal data is found, on the file `f_pii_presidio.jsonl`, and prints a Markdown report.
    Pii(models::Args),
    /// Measures stance, subject and intent, on files `c_*.jsonl` and `b_handwritten_*.jsonl` and on the project's own
    /// messages, and prints a Markdown report.
    Stance(models::StanceArgs),
    Voice(voice::Args),
}

/// Runs the command.
pub fn run(args: &Args) -> Result<ExitCode> {
    match &args.what {
        What::Rank(args) => rank::run(args),
        What::Redial(args) => redial::run(args),
        What::Mentions(args) => mentions::run(args),
        What::Topics(args) => models::topics(args),
        What::Sensitive(args) => models::sensitive(args),
        What::Stance(args) => models::stance(args),
        What::Voice(args) => voice::run(args),
        What::Pii(args) => models::pii(args),
    }
}

/// The server's weights of the feed, but for those that a file names.
fn settings(file: Option<&Path>) -> Result<FeedSettings> {
    let Some(file) = file else { return Ok(FeedSettings::default()) };
    let name = file.display();
    let text = std::fs::read_to_string(file).with_context(|| format!("`{name}` can't be read"))?;
    serde_json::from_str(&text).with_context(|| format!("`{name}` holds no weights of the feed"))
}
