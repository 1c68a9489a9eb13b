//! `rapport verify-erasure`: reads the raw files, and trusts no index.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::cli::output;

/// Looks for traces of an erased person in a data folder's raw files; exits with 0 only if nothing is left.
#[derive(clap::Args)]
pub struct Args {
    /// The person's id.
    #[arg(value_name = "PERSON")]
    person: String,
    /// The data folder; its server may be running.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<ExitCode> {
    if !args.data.is_dir() {
        bail!("`{}` is no folder", args.data.display());
    }
    let verdict = rapport_store::verify_erasure(&args.data, &args.person)?;
    let searched = format!("{} files, {} bytes searched", verdict.files, verdict.bytes);
    if verdict.is_erased() {
        output::line(format!("nothing is left; {searched}"))?;
        return Ok(ExitCode::SUCCESS);
    }
    for finding in &verdict.findings {
        output::line(finding)?;
    }
    output::note(format!("{} traces are left; {searched}", verdict.findings.len()));
    Ok(ExitCode::FAILURE)
}
