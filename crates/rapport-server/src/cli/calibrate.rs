//! `rapport calibrate`: thresholds of the sensitive gate for an operator's own messages, with a bound on what they miss.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use rapport_core::topic::Category;
use rapport_server::config::Config;
use rapport_understand::calibrate::{self, Bound, Calibration, Goals, Method, percent};

use crate::cli::{models, open, output, rows};

/// Chooses the thresholds of the sensitive gate on labelled rows, so that at most a share alpha of sensitive messages
/// pass, with confidence 1 - delta.
///
/// Each line of ROWS is `{"text","sensitive":[category..],"uncertain":[category..]?}`; harmless rows have `[]`. The bound
/// holds for messages like these rows, drawn the same way. If alpha can't be reached, thresholds are chosen at the
/// largest share of alarms that is allowed, and what holds there is said. A bad row ends it, and nothing is written.
#[derive(clap::Args)]
pub struct Args {
    /// Labelled rows, as JSON lines; rows that the models were not trained on.
    #[arg(value_name = "ROWS")]
    rows: PathBuf,
    /// Largest share of sensitive messages that may pass unflagged.
    #[arg(long, value_name = "SHARE")]
    alpha: Option<f64>,
    /// One minus the confidence.
    #[arg(long, value_name = "SHARE")]
    delta: Option<f64>,
    /// Largest share of harmless rows that may be flagged.
    #[arg(long, value_name = "SHARE")]
    max_alarms: Option<f64>,
    /// For which messages the bound is to hold, in words.
    #[arg(long, value_name = "TEXT")]
    population: Option<String>,
    /// Where to write the thresholds; by default where the configuration reads them.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// A configuration file: its `[understanding]` has the goals, and names the file of thresholds.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Answer in JSON.
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<ExitCode> {
    let config = open::config(args.config.as_deref())?;
    let goals = goals(args, &config);
    let rows = rows::read(&args.rows)?;
    let models = models::of(&config)?;
    let gate = models.understander();
    let judged = calibrate::judge(gate, &rows);
    let found = calibrate::calibrate(&judged, &goals, Some(&gate.thresholds().doubt))?;

    let out = args.out.clone().or_else(|| named(&config.understanding.thresholds));
    // Made before anything is said, and put in place whole: a reader never sees half a file.
    let text = found.file.to_json()?;
    if let Some(out) = &out {
        replace(out, &text)?;
    }
    match (args.json, &out) {
        (true, _) => output::json(&found)?,
        (false, Some(_)) => output::line(table(&found))?,
        (false, None) => {
            output::note(table(&found));
            output::line(text.trim_end())?;
        }
    }
    for warning in &found.warnings {
        output::note(format!("warning: {warning}"));
    }
    output::note(hint(out.as_deref(), &config));
    Ok(ExitCode::SUCCESS)
}

fn goals(args: &Args, config: &Config) -> Goals {
    let wished = &config.understanding;
    let unnamed = || format!("the rows of {}", args.rows.file_name().unwrap_or_default().to_string_lossy());
    Goals {
        alpha: args.alpha.unwrap_or(wished.alpha),
        alpha_category: wished.alpha_category,
        delta: args.delta.unwrap_or(wished.delta),
        max_alarms: args.max_alarms.unwrap_or(wished.max_alarms),
        kept: wished.kept,
        population: args.population.clone().unwrap_or_else(unnamed),
    }
}

fn named(path: &Path) -> Option<PathBuf> {
    (!path.as_os_str().is_empty()).then(|| path.to_owned())
}

fn replace(file: &Path, text: &str) -> Result<()> {
    let name = file.display();
    let mut beside = file.as_os_str().to_owned();
    beside.push(".new");
    std::fs::write(&beside, text)
        .and_then(|()| std::fs::rename(&beside, file))
        .with_context(|| format!("`{name}` can't be written"))
}

fn hint(out: Option<&Path>, config: &Config) -> String {
    match out {
        Some(out) if out == config.understanding.thresholds => {
            format!("written to `{}`; a server reads it when it starts", out.display())
        }
        Some(out) => format!(
            "written to `{}`; to switch it on, set `thresholds = \"{}\"` under `[understanding]` in the configuration and \
             start the server anew",
            out.display(),
            out.display(),
        ),
        None => "nothing was written; keep the thresholds with `--out FILE`, and switch them on with `thresholds = \"FILE\"` \
                 under `[understanding]` in the configuration"
            .into(),
    }
}

/// What was chosen, what was seen, and what holds.
fn table(found: &Calibration) -> String {
    let (file, seen) = (&found.file, &found.observed);
    let share = |count: usize| percent(count as f64 / seen.harmless.max(1) as f64);
    let mut lines = vec![
        "| messages | threshold | doubt | sensitive rows | missed | holds | alarms |".to_owned(),
        "|---|---:|---:|---:|---:|---|---:|".to_owned(),
        format!("| all | | | {} | {} |", bound(file.overall()), share(seen.alarms)),
    ];
    for category in Category::ALL {
        lines.push(format!(
            "| {} | {:.4} | {:.4} | {} | {} |",
            category.name(),
            file.thresholds.of(category),
            file.doubt.of(category),
            bound(file.bound(category)),
            share(seen.alarms_by_category[category as usize]),
        ));
    }
    lines.push(String::new());
    lines.push(format!(
        "{} harmless rows: {} flagged, {} sent to the slow path. {} sensitive rows were set aside to choose the sequence and the doubts; {} rows \
         count neither way.",
        seen.harmless,
        share(seen.alarms),
        share(seen.slow),
        seen.set_aside,
        seen.left_out,
    ));
    lines.extend(file.promise());
    lines.join("\n")
}

/// Rows, misses, and what they show.
fn bound(bound: Option<&Bound>) -> String {
    let Some(Bound { n, missed, at_least, at_most, confidence, method }) = bound else {
        return "0 | 0 | nothing".into();
    };
    let holds = match method {
        Method::Interval => format!("no promise; {} to {}", percent(*at_least), percent(*at_most)),
        Method::LearnThenTest | Method::ClopperPearson => {
            format!("at most {}, confidence {}", percent(*at_most), percent(*confidence))
        }
    };
    format!("{n} | {missed} | {holds}")
}
