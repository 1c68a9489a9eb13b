//! The sensitive gate: how much does it miss, and how often does it cry wolf?

use std::path::Path;

use rapport_core::topic::{Categories, Category};

use super::rows::{Row, held_out};
use super::{EvalError, Report, Table};
use crate::Understander;

const WRITTEN: [&str; 2] = ["b_handwritten_en", "b_handwritten_multilingual"];
const OTHERS: [&str; 5] = [
    "b_medquad_questions",
    "b_meqsum_consumer_health",
    "b_holisticbias",
    "b_bbq_contexts",
    "b_mhc_nonhateful_multilingual",
];
const ORDINARY: [&str; 4] = ["a_clinc150", "a_hwu64", "a_slurp", "a_snips"];

/// One judged row.
struct Judged {
    row: Row,
    truth: Categories,
    found: Categories,
    lexicon: Categories,
}

/// Evaluates the sensitive gate on the held-out rows of the data folder `data`, with the lexicon alone as the floor.
///
/// # Errors
/// If the data can't be read.
pub fn sensitive(u: &Understander, data: &Path) -> Result<Report, EvalError> {
    let mut written = Vec::new();
    for set in WRITTEN {
        written.append(&mut judge(u, held_out(data, set)?));
    }
    let mut misses = Table::new(
        "sensitive messages (hand-written)",
        &["n", "missed", "right category missed", "lexicon alone missed"],
    );
    misses.push("all", missed(&written, |_| true));
    for category in Category::ALL {
        misses.push(category.name(), missed_in(&written, category));
    }
    for language in ["en", "es", "de", "fr", "pt", "hi", "ko"] {
        misses.push(language, missed(&written, |row| row.row.language() == language));
    }
    let mut other = Table::new(
        "sensitive messages (other sets)",
        &["n", "missed", "right category missed", "lexicon alone missed"],
    );
    let mut alarms = Table::new("harmless messages", &["n", "false alarms", "lexicon alone"]);
    alarms.push("hand-written, plain", false_alarms(&written, |row| !row.hard));
    alarms.push("hand-written, look-alikes", false_alarms(&written, |row| row.hard));
    for set in OTHERS {
        let judged = judge(u, held_out(data, set)?);
        other.push(set, missed(&judged, |_| true));
        if judged.iter().any(is_harmless) {
            alarms.push(set, false_alarms(&judged, |_| true));
        }
    }
    for set in ORDINARY {
        let judged = judge(u, held_out(data, set)?);
        alarms.push(format!("{set} (all rows taken as harmless)"), false_alarms(&judged, |_| true));
    }
    let sib = judge(u, held_out(data, "a_sib200_multilingual")?);
    for label in ["sports", "travel", "geography", "science/technology", "entertainment"] {
        alarms.push(format!("SIB-200 {label} (encyclopaedic)"), false_alarms(&sib, |row| row.label == label));
    }
    let title = "The sensitive gate on held-out rows. *Missed*: a sensitive message that no category flagged. \
                 *Right category missed*: one of its own categories was not flagged.";
    Ok(Report { title: title.into(), tables: vec![misses, other, alarms] })
}

fn judge(u: &Understander, rows: Vec<Row>) -> Vec<Judged> {
    let texts: Vec<&str> = rows.iter().map(|row| row.text.as_str()).collect();
    let found: Vec<Categories> =
        u.understand_batch(&texts).into_iter().map(|found| found.sensitive).collect();
    rows.into_iter()
        .zip(found)
        .map(|(row, found)| Judged {
            truth: row.sensitive.iter().filter_map(|name| Category::from_name(name)).collect(),
            lexicon: u.lexicon_flags(&row.text),
            found,
            row,
        })
        .collect()
}

fn missed(judged: &[Judged], which: impl Fn(&Judged) -> bool) -> Vec<Option<f64>> {
    let rows: Vec<&Judged> = judged.iter().filter(|row| !row.truth.is_empty() && which(row)).collect();
    let count = |test: &dyn Fn(&Judged) -> bool| rows.iter().filter(|row| test(row)).count();
    vec![
        Some(rows.len() as f64),
        share(count(&|row| row.found.is_empty()), rows.len()),
        share(count(&|row| !row.truth.is_subset(row.found)), rows.len()),
        share(count(&|row| row.lexicon.is_empty()), rows.len()),
    ]
}

fn missed_in(judged: &[Judged], category: Category) -> Vec<Option<f64>> {
    let rows: Vec<&Judged> = judged.iter().filter(|row| row.truth.contains(category)).collect();
    let count = |test: &dyn Fn(&Judged) -> bool| rows.iter().filter(|row| test(row)).count();
    vec![
        Some(rows.len() as f64),
        share(count(&|row| row.found.is_empty()), rows.len()),
        share(count(&|row| !row.found.contains(category)), rows.len()),
        share(count(&|row| row.lexicon.is_empty()), rows.len()),
    ]
}

fn false_alarms(judged: &[Judged], which: impl Fn(&Row) -> bool) -> Vec<Option<f64>> {
    let rows: Vec<&Judged> = judged.iter().filter(|row| is_harmless(row) && which(&row.row)).collect();
    let count = |test: &dyn Fn(&Judged) -> bool| rows.iter().filter(|row| test(row)).count();
    vec![
        Some(rows.len() as f64),
        share(count(&|row| !row.found.is_empty()), rows.len()),
        share(count(&|row| !row.lexicon.is_empty()), rows.len()),
    ]
}

fn is_harmless(row: &Judged) -> bool {
    row.truth.is_empty() && row.row.uncertain.is_empty()
}

fn share(count: usize, of: usize) -> Option<f64> {
    (of > 0).then(|| count as f64 / of as f64)
}
