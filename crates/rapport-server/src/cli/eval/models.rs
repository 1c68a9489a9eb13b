//! `rapport eval topics|sensitive|pii|stance`: the models against labelled texts.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;
use rapport_understand::Understander;
use rapport_understand::eval::{EvalError, Report};

use crate::cli::{models, open, output, rows};

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

/// Where labelled texts lie, the project's own included.
#[derive(clap::Args)]
pub struct StanceArgs {
    #[command(flatten)]
    args: Args,
    /// The folder of the messages written for the models.
    #[arg(long, value_name = "DIR", default_value = "training/texts")]
    texts: PathBuf,
}

/// Where labelled texts lie, the operator's own included.
#[derive(clap::Args)]
pub struct SensitiveArgs {
    #[command(flatten)]
    args: Args,
    /// JSON lines `{"text","sensitive":[..]}` of your own, measured besides; not the rows that were calibrated on.
    #[arg(long, value_name = "FILE")]
    rows: Option<PathBuf>,
    /// A configuration file: its `[understanding]` names the thresholds.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// Measures the topics.
pub fn topics(args: &Args) -> Result<ExitCode> {
    report(args, rapport_understand::eval::topics)
}

/// Measures the sensitive detectors.
pub fn sensitive(args: &SensitiveArgs) -> Result<ExitCode> {
    let rows = args.rows.as_deref().map(rows::read).transpose()?;
    let models = models::of(&open::config(args.config.as_deref())?)?;
    let report =
        rapport_understand::eval::sensitive(models.understander(), &args.args.data, rows.as_deref())?;
    print(&args.args, &report)
}

/// Measures the search for personal data.
pub fn pii(args: &Args) -> Result<ExitCode> {
    report(args, rapport_understand::eval::pii)
}

/// Measures stance, subject and intent.
pub fn stance(args: &StanceArgs) -> Result<ExitCode> {
    report(&args.args, |models, data| rapport_understand::eval::stance(models, data, &args.texts))
}

fn report(args: &Args, of: impl Fn(&Understander, &Path) -> Result<Report, EvalError>) -> Result<ExitCode> {
    let models = models::open()?;
    print(args, &of(models.understander(), &args.data)?)
}

fn print(args: &Args, report: &Report) -> Result<ExitCode> {
    if args.json {
        output::json(report)?
    } else {
        output::line(report.to_string().trim_end())?
    }
    Ok(ExitCode::SUCCESS)
}
