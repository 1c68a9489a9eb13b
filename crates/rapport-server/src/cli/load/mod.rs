//! `rapport load`: people, items, campaigns and events from JSON lines, in that order whatever the files' order,
//! so that what an event names is there before it.

mod input;
mod progress;
mod send;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::cli::client::Client;
use crate::cli::{open, output};
pub use input::{Input, Kind};
pub use send::{Sender, Tally};

/// Loads people, items, campaigns and events from JSON lines.
///
/// Each line is the body of the HTTP call, plus its `id` and `"record": "person" | "item" | "campaign" | "event"`.
/// Exits with 0 if every line was taken, with 1 if any was rejected; the others are loaded all the same.
#[derive(clap::Args)]
pub struct Args {
    /// Files of JSON lines; `-` is standard input.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Load into this data folder, which no server may have open.
    #[arg(long, value_name = "DIR", required_unless_present = "url", conflicts_with = "url")]
    data: Option<PathBuf>,
    /// Load through the server at this address, for example http://127.0.0.1:7700.
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// The server's configuration, for its operator key and limits.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<ExitCode> {
    let inputs = args.files.iter().map(|file| Input::open(file)).collect::<Result<Vec<_>>>()?;
    let client = match (&args.data, &args.url) {
        (Some(data), _) => open::folder(data, args.config.as_deref())?,
        (None, Some(url)) => Client::remote(url, open::operator_key(args.config.as_deref())?)?,
        (None, None) => bail!("name a data folder with `--data DIR`, or a server with `--url URL`"),
    };
    let tally = load(&client, &inputs)?;
    output::line(&tally)?;
    Ok(if tally.rejected == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Sends everything in `inputs`, kind after kind, and says on standard error which lines were rejected and why.
///
/// # Errors
/// When an input can't be read or the server can't be reached; a rejected line is no error.
pub fn load(client: &Client, inputs: &[Input]) -> Result<Tally> {
    let mut tally = Tally::default();
    let counts = input::survey(inputs, |rejection| tally.reject(&rejection))?;
    let bar = progress::bar(counts.total());
    for kind in Kind::ALL.into_iter().filter(|kind| counts.of(*kind) > 0) {
        bar.set_message(kind.plural());
        let mut sender = Sender::new(client, kind, &mut tally, &bar);
        for input in inputs {
            input.each(kind, |record| sender.push(record))?;
        }
        sender.finish()?;
    }
    bar.finish_and_clear();
    Ok(tally)
}
