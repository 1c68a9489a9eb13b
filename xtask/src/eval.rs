//! `cargo xtask eval`: runs the server's evaluations over the data, and rewrites `docs/evaluation.md`.

use std::fmt::Write;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::shell;

/// One evaluation: what `rapport eval` calls it, and which files of the data it is about.
struct Evaluation {
    title: &'static str,
    name: &'static str,
    data: &'static str,
}

const EVALUATIONS: [Evaluation; 7] = [
    Evaluation { title: "Topics of a message", name: "topics", data: "a_" },
    Evaluation { title: "Sensitive categories", name: "sensitive", data: "b_" },
    Evaluation { title: "Stance, subject and intent", name: "stance", data: "c_" },
    Evaluation { title: "Mentions of catalogue items", name: "mentions", data: "c_redial" },
    Evaluation { title: "Personal data", name: "pii", data: "f_pii_presidio" },
    Evaluation { title: "Ranking after a conversation (ReDial)", name: "redial", data: "c_redial" },
    Evaluation { title: "Speech to text", name: "voice", data: "e_voice/manifest" },
];

/// Where the evaluation data lies beside a checkout.
pub const DATA: &str = "../shared/data";

/// How `cargo` runs the server's program.
const RAPPORT: [&str; 8] =
    ["run", "--quiet", "--release", "--package", "rapport-server", "--bin", "rapport", "--"];

const REPORT: &str = "docs/evaluation.md";

/// Runs every evaluation, then writes the report: a run that fails half-way leaves the old report as it was.
///
/// # Errors
/// When the data is not there, or an evaluation fails or prints no table.
pub fn run(data: &Path) -> Result<()> {
    let shown = data.display();
    if !shell::root().join(data).is_dir() {
        bail!("`{shown}` is not a folder: name the evaluation data with `cargo xtask eval --data DIR`");
    }
    shell::run(shell::cargo(&["build", "--release", "--package", "rapport-server", "--bin", "rapport"]))?;
    shell::run(shell::cargo(&[&RAPPORT[..], &["models", "pull", "speech"]].concat()))?;
    let mut report = introduction()?;
    for evaluation in &EVALUATIONS {
        report.push_str(&section(evaluation, data)?);
    }
    std::fs::write(shell::root().join(REPORT), &report)
        .with_context(|| format!("cannot write `{REPORT}`"))?;
    print!("{report}");
    println!("\nwritten to {REPORT}");
    Ok(())
}

fn introduction() -> Result<String> {
    let models = hash(&shell::root().join("models/MANIFEST"))?;
    Ok(format!(
        "# Evaluation\n\n\
         Written by `cargo xtask eval --data DIR`: edit the code, not this file. Each table is what the command above it\n\
         printed, from a release build; DIR is the folder of the evaluation data, by default `{DATA}`. The inputs are\n\
         named by the start of their git blob hash (`git hash-object FILE`), so that a reader can tell what went in.\n\n\
         - `models/MANIFEST` {models}\n"
    ))
}

fn section(evaluation: &Evaluation, data: &Path) -> Result<String> {
    let Evaluation { title, name, data: prefix } = evaluation;
    let folder = data.to_str().context("the path of the data is not UTF-8")?;
    let command = shell::cargo(&[&RAPPORT[..], &["eval", name, "--data", folder]].concat());
    println!("\n=== rapport eval {name} ===");
    let table = shell::capture(command)?;
    if !table.lines().any(|line| line.starts_with('|')) {
        bail!("`rapport eval {name}` printed no Markdown table");
    }

    let mut section =
        format!("\n## {title}\n\n```\nrapport eval {name} --data DIR\n```\n\n{}\n\n", table.trim());
    for (file, hash) in inputs(data, prefix)? {
        writeln!(section, "- `{file}` {hash}")?;
    }
    Ok(section)
}

/// The data files whose names start with `prefix`, in order of name, each with its git blob hash.
fn inputs(data: &Path, prefix: &str) -> Result<Vec<(String, String)>> {
    let (inner, prefix) = prefix.rsplit_once('/').unwrap_or(("", prefix));
    let folder = shell::root().join(data).join(inner);
    let entries = std::fs::read_dir(&folder).with_context(|| format!("cannot read `{}`", data.display()))?;
    let names = entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
    let mut names: Vec<String> = names.collect::<Result<_>>()?;
    names.retain(|name| name.starts_with(prefix) && name.ends_with(".jsonl"));
    names.sort();
    names.into_iter().map(|name| hash(&folder.join(&name)).map(|hash| (name, hash))).collect()
}

fn hash(file: &Path) -> Result<String> {
    let file = file.to_str().context("the path of the data is not UTF-8")?;
    let hash = shell::capture(shell::program("git", &["hash-object", "--no-filters", file]))?;
    Ok(format!("`{}`", hash.trim().get(..12).unwrap_or(hash.trim())))
}
