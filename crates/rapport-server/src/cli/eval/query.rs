//! A question of an evaluation: whose feed, after what, and what would have been right.

use std::collections::HashSet;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::cli::lines::lines;

/// One line of `--queries`.
#[derive(Clone, Debug, serde::Deserialize)]
pub struct Query {
    /// Names it in `--rankings`.
    pub id: String,
    /// Whose feed.
    pub person: String,
    /// What happened just before, for this query alone.
    #[serde(default)]
    pub context: Vec<Value>,
    /// Items left out of the ranking afterwards.
    #[serde(default)]
    pub exclude: HashSet<String>,
    /// What would have been right, if it is known.
    #[serde(default)]
    pub relevant: Option<HashSet<String>>,
}

/// The lines that read, each with its place, and what is wrong with the others.
pub type Lines = (Vec<(String, Value)>, Vec<String>);

/// Every line of a file of JSON lines with its place for messages, the bad ones as messages only.
///
/// # Errors
/// When the file can't be read.
pub fn values(path: &Path) -> Result<Lines> {
    let name = path.display();
    let file = std::fs::File::open(path).with_context(|| format!("`{name}` can't be opened"))?;
    let (mut good, mut bad) = (Vec::new(), Vec::new());
    for line in lines(std::io::BufReader::new(file)) {
        let line = line.with_context(|| format!("`{name}` can't be read"))?;
        let at = format!("{name}:{}", line.number);
        match line.value {
            Ok(value) => good.push((at, value)),
            Err(problem) => bad.push(format!("{at}: no JSON: {problem}")),
        }
    }
    Ok((good, bad))
}

/// The queries in a file. A bad one is an error and not left out: a figure over fewer queries would mislead.
///
/// # Errors
/// When the file can't be read, or a line is no query.
pub fn read(path: &Path) -> Result<Vec<Query>> {
    let (lines, bad) = values(path)?;
    if let Some(first) = bad.first() {
        bail!("{first}");
    }
    let query = |(at, value): (String, Value)| {
        serde_json::from_value(value)
            .with_context(|| format!("{at}: no query, see `rapport eval rank --help`"))
    };
    lines.into_iter().map(query).collect()
}
