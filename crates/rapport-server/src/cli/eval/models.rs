//! `rapport eval topics` and `rapport eval sensitive`: the models against labelled texts.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;
use rapport_understand::Understander;
use rapport_understand::eval::{EvalError, Report};

use crate::cli::{models, output};

/// Where labelled texts lie.
#[derive(clap::Args)]
pub struct Args {
    /// The folder of the data.
    #[arg(long, value_name = "DIR", default_value = "../shared/data")]
    data: PathBuf,
    /// Answer in JSON.
    #[arg(long)]
    json: bool,
}

/// Measures the topics.
pub fn topics(args: &Args) -> Result<ExitCode> {
    report(args, rapport_understand::eval::topics)
}

/// Measures the sensitive detectors.
pub fn sensitive(args: &Args) -> Result<ExitCode> {
    report(args, rapport_understand::eval::sensitive)
}

/// Measures the search for personal data.
pub fn pii(args: &Args) -> Result<ExitCode> {
    report(args, rapport_understand::eval::pii)
}

fn report(args: &Args, of: fn(&Understander, &Path) -> Result<Report, EvalError>) -> Result<ExitCode> {
    let models = models::open()?;
    let report = of(models.understander(), &args.data)?;
    if args.json {
        output::json(&report)?
    } else {
        output::line(report.to_string().trim_end())?
    }
    Ok(ExitCode::SUCCESS)
}
