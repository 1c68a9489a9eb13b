//! `rapport erase`: everything about a person, gone.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::cli::{client, open, output};

/// Erases a person: profile, events, items, receipts, caps. If a server has the folder open, it does the work.
#[derive(clap::Args)]
pub struct Args {
    /// The person's id.
    #[arg(value_name = "PERSON")]
    person: String,
    /// The data folder.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// The server's configuration, for its operator key.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<ExitCode> {
    let server = open::folder_or_its_server(&args.data, args.config.as_deref())?;
    let answer = server.send("DELETE", &format!("/v1/people/{}", client::segment(&args.person)), None)?;
    if !answer.is_ok() {
        bail!("not erased: {}", answer.problem());
    }
    output::json(&answer.body)?;
    output::note("erased; `rapport verify-erasure` reads the raw files to check it");
    Ok(ExitCode::SUCCESS)
}
