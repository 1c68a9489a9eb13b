//! `rapport why`: a receipt, for people.

mod bars;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::cli::client::{self, Client};
use crate::cli::{open, output};

/// Says why an answer was what it was: what of the person was used, what was refused and by which rule, and what
/// each row's score is made of.
#[derive(clap::Args)]
pub struct Args {
    /// The receipt's id, as the answer of `POST /v1/feed` or `/v1/ads` names it.
    #[arg(value_name = "RECEIPT")]
    receipt: String,
    /// Read it from this data folder, or from the server that has it open.
    #[arg(long, value_name = "DIR", required_unless_present = "url", conflicts_with = "url")]
    data: Option<PathBuf>,
    /// Ask the server at this address, for example http://127.0.0.1:7700.
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// The server's configuration, for its operator key.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The receipt as it is stored, in JSON.
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<ExitCode> {
    let client = match (&args.data, &args.url) {
        (Some(data), _) => open::folder_or_its_server(data, args.config.as_deref())?,
        (None, Some(url)) => Client::remote(url, open::operator_key(args.config.as_deref())?)?,
        (None, None) => bail!("name a data folder with `--data DIR`, or a server with `--url URL`"),
    };
    let answer = client.send("GET", &format!("/v1/receipts/{}", client::segment(&args.receipt)), None)?;
    if !answer.is_ok() {
        bail!("receipt `{}`: {}", args.receipt, answer.problem());
    }
    if args.json {
        output::json(&answer.body)?;
    } else {
        output::line(bars::explain(&args.receipt, &answer.body).trim_end())?;
    }
    Ok(ExitCode::SUCCESS)
}
