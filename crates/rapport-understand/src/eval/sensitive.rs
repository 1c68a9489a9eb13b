//! The sensitive gate: how much does it miss, how often does it cry wolf, and what is promised?

use std::collections::HashMap;
use std::path::Path as FilePath;

use rapport_core::topic::{Category, TopicId};

use super::judged::{Judged, Rate, is_harmless, judge};
use super::rows::{Row, accepted_topics, held_out};
use super::{EvalError, Report, Table};
use crate::calibrate::{Gate, LabelledRow, Path, Thresholds};

const WRITTEN: [&str; 2] = ["b_handwritten_en", "b_handwritten_multilingual"];
const OTHERS: [&str; 5] = [
    "b_medquad_questions",
    "b_meqsum_consumer_health",
    "b_holisticbias",
    "b_bbq_contexts",
    "b_mhc_nonhateful_multilingual",
];
const ORDINARY: [&str; 4] = ["a_clinc150", "a_hwu64", "a_slurp", "a_snips"];
const SIB: &str = "a_sib200_multilingual";
/// Labels of SIB-200 under which nothing is sensitive.
const HARMLESS_LABELS: [&str; 5] = ["sports", "travel", "geography", "science/technology", "entertainment"];
const LANGUAGES: [&str; 7] = ["en", "es", "de", "fr", "pt", "hi", "ko"];
/// Topics whose intents are no ordinary requests: Medical Health and Healthy Living.
const HEALTH: [&str; 2] = ["286", "223"];
/// One minus the confidence of bounds, where the thresholds in force don't say.
const DELTA: f64 = 0.1;

/// What was measured, by kind of message.
struct Measured {
    written: Vec<Judged>,
    others: Vec<(&'static str, Vec<Judged>)>,
    /// Requests without health intents.
    ordinary: Vec<(&'static str, Vec<Judged>)>,
    /// The health intents among requests.
    health: Vec<Judged>,
    sib: Vec<Judged>,
    own: Option<Vec<Judged>>,
    /// The share of requests that the cascade sends down the slow path.
    slow: f64,
    delta: f64,
}

/// Evaluates the sensitive gate on the held-out rows of the data folder `data`, and on `rows` if there are any, with the
/// lexicon alone as the floor.
///
/// # Errors
/// If the data can't be read.
pub fn sensitive(
    gate: &impl Gate,
    data: &FilePath,
    rows: Option<&[LabelledRow]>,
) -> Result<Report, EvalError> {
    let measured = Measured::of(gate, data, rows)?;
    let mut tables = vec![measured.paths(), measured.written(), measured.other_sets()];
    tables.extend(measured.own_rows());
    tables.extend([measured.requests(), measured.sentences(), measured.look_alikes()]);
    tables.extend(gate.thresholds().map(promises));
    Ok(Report { title: title(gate.thresholds(), measured.delta), tables })
}

fn title(thresholds: Option<&Thresholds>, delta: f64) -> String {
    let promise = thresholds.and_then(Thresholds::promise);
    let promise = promise
        .unwrap_or_else(|| "The thresholds in force carry no bound: `rapport calibrate` finds one.".into());
    format!(
        "The sensitive gate on held-out rows, as it serves (the cascade) unless a table says otherwise. *Missed*: a sensitive \
         message that no category flagged. *Right category missed*: one of its own categories was not flagged. *At most*: \
         the upper bound of Clopper and Pearson with confidence {}, for messages like those rows.\n\n{promise}",
        1.0 - delta,
    )
}

/// Thresholds and what was certified for them.
fn promises(thresholds: &Thresholds) -> Table {
    let mut table = Table::new("promised", &["threshold", "doubt", "n", "missed", "at most", "confidence"]);
    let bound = |bound: Option<&crate::calibrate::Bound>| match bound {
        Some(b) => {
            [Some(b.n as f64), Some(b.missed as f64 / b.n.max(1) as f64), Some(b.at_most), Some(b.confidence)]
        }
        None => [None; 4],
    };
    let mut row =
        |name: &str, cells: [Option<f64>; 2], of| table.push(name, [&cells[..], &bound(of)].concat());
    row("all", [None, None], thresholds.overall());
    for category in Category::ALL {
        let (threshold, doubt) = (thresholds.thresholds.of(category), thresholds.doubt.of(category));
        row(category.name(), [Some(threshold.into()), Some(doubt.into())], thresholds.bound(category));
    }
    table
}

impl Measured {
    fn of(gate: &impl Gate, data: &FilePath, rows: Option<&[LabelledRow]>) -> Result<Self, EvalError> {
        let read = |set: &'static str| Ok::<_, EvalError>(judge(gate, held_out(data, set)?));
        let mut written = Vec::new();
        for set in WRITTEN {
            written.append(&mut read(set)?);
        }
        let others = OTHERS.into_iter().map(|set| Ok((set, read(set)?))).collect::<Result<_, EvalError>>()?;
        let accepted = accepted_topics(data)?;
        let (mut ordinary, mut health) = (Vec::new(), Vec::new());
        for set in ORDINARY {
            let (about_health, plain) =
                read(set)?.into_iter().partition(|row| is_about_health(set, &row.row, &accepted));
            ordinary.push((set, plain));
            health.extend::<Vec<Judged>>(about_health);
        }
        let own = rows.map(|rows| judge(gate, rows.iter().map(Row::from_labelled).collect()));
        let requests: Vec<&str> =
            ordinary.iter().flat_map(|(_, rows)| rows).map(|row: &Judged| row.row.text.as_str()).collect();
        let slow = gate.slow_share(&requests);
        let delta = gate.thresholds().map_or(DELTA, |thresholds| thresholds.delta);
        Ok(Self { written, others, ordinary, health, sib: read(SIB)?, own, slow, delta })
    }

    /// Fast, slow and cascade side by side.
    fn paths(&self) -> Table {
        let columns = [
            "missed (hand-written)",
            "missed (other sets)",
            "alarms (requests)",
            "alarms (SIB-200)",
            "alarms (look-alikes)",
            "requests that go slow",
        ];
        let mut table = Table::new("path", &columns);
        let others: Vec<&Judged> = self.others.iter().flat_map(|(_, rows)| rows).collect();
        let requests: Vec<&Judged> = self.ordinary.iter().flat_map(|(_, rows)| rows).collect();
        let paths =
            [("fast", Path::Fast, 0.0), ("slow", Path::Slow, 1.0), ("cascade", Path::Cascade, self.slow)];
        for (name, path, slow) in paths {
            let values = [
                missed(self.written.iter(), path).share(),
                missed(others.iter().copied(), path).share(),
                alarms(requests.iter().copied(), path).share(),
                alarms(self.encyclopaedic(), path).share(),
                alarms(self.written.iter().filter(|row| row.row.hard), path).share(),
                Some(slow),
            ];
            table.push(name, values.to_vec());
        }
        table
    }

    fn written(&self) -> Table {
        self.misses("sensitive messages (hand-written)", &self.written.iter().collect::<Vec<_>>())
    }

    fn own_rows(&self) -> Vec<Table> {
        let Some(own) = &self.own else { return Vec::new() };
        let mut alarms = Table::new("harmless messages (your rows)", &ALARMS);
        alarms.push("all", self.alarms_of(own.iter()));
        vec![self.misses("sensitive messages (your rows)", &own.iter().collect::<Vec<_>>()), alarms]
    }

    fn other_sets(&self) -> Table {
        let all: Vec<&Judged> = self.others.iter().flat_map(|(_, rows)| rows).collect();
        let mut table = self.misses("sensitive messages (other sets)", &all);
        for (set, rows) in &self.others {
            table.push(*set, self.misses_of(&rows.iter().collect::<Vec<_>>(), None));
        }
        table
    }

    /// Overall, by category and by language.
    fn misses(&self, title: &str, rows: &[&Judged]) -> Table {
        let mut table =
            Table::new(title, &["n", "missed", "at most", "right category missed", "lexicon alone missed"]);
        table.push("all", self.misses_of(rows, None));
        for category in Category::ALL {
            table.push(category.name(), self.misses_of(rows, Some(category)));
        }
        for language in LANGUAGES {
            let spoken: Vec<&Judged> =
                rows.iter().copied().filter(|r| r.row.language() == language).collect();
            if spoken.iter().any(|row| !row.truth.is_empty()) {
                table.push(language, self.misses_of(&spoken, None));
            }
        }
        table
    }

    fn misses_of(&self, rows: &[&Judged], category: Option<Category>) -> Vec<Option<f64>> {
        let rows: Vec<&Judged> = rows
            .iter()
            .copied()
            .filter(|row| category.map_or(!row.truth.is_empty(), |category| row.truth.contains(category)))
            .collect();
        let missed = missed(rows.iter().copied(), Path::Cascade);
        let wrong = Rate::of(rows.iter().map(|row| {
            let found = row.found(Path::Cascade);
            !category.map_or(row.truth.is_subset(found), |category| found.contains(category))
        }));
        let unnamed = Rate::of(rows.iter().map(|row| row.named.is_empty()));
        vec![missed.n(), missed.share(), missed.at_most(self.delta), wrong.share(), unnamed.share()]
    }

    fn requests(&self) -> Table {
        let mut table = Table::new("ordinary requests, without health intents", &ALARMS);
        for (set, rows) in &self.ordinary {
            table.push(*set, self.alarms_of(rows.iter()));
        }
        table.push("all", self.alarms_of(self.ordinary.iter().flat_map(|(_, rows)| rows)));
        let mut labels: Vec<&str> = self.health.iter().map(|row| row.row.label.as_str()).collect();
        labels.sort_unstable();
        labels.dedup();
        for label in labels {
            let of = self.health.iter().filter(|row| row.row.label == label);
            table.push(format!("left out: {label}"), self.alarms_of(of));
        }
        table
    }

    fn sentences(&self) -> Table {
        let mut table = Table::new("harmless encyclopaedic sentences (SIB-200)", &ALARMS);
        for label in HARMLESS_LABELS {
            table.push(label, self.alarms_of(self.sib.iter().filter(|row| row.row.label == label)));
        }
        for language in LANGUAGES {
            table.push(
                language,
                self.alarms_of(self.encyclopaedic().filter(|r| r.row.language() == language)),
            );
        }
        table
    }

    fn look_alikes(&self) -> Table {
        let mut table = Table::new("other harmless messages", &ALARMS);
        table.push(
            "hand-written, look-alikes",
            self.alarms_of(self.written.iter().filter(|row| row.row.hard)),
        );
        table.push("hand-written, plain", self.alarms_of(self.written.iter().filter(|row| !row.row.hard)));
        for (set, rows) in self.others.iter().filter(|(_, rows)| rows.iter().any(is_harmless)) {
            table.push(*set, self.alarms_of(rows.iter()));
        }
        table
    }

    fn encyclopaedic(&self) -> impl Iterator<Item = &Judged> + Clone {
        self.sib.iter().filter(|row| HARMLESS_LABELS.contains(&row.row.label.as_str()))
    }

    fn alarms_of<'a>(&self, rows: impl Iterator<Item = &'a Judged> + Clone) -> Vec<Option<f64>> {
        let found = alarms(rows.clone(), Path::Cascade);
        let named = Rate::of(rows.filter(|row| is_harmless(row)).map(|row| !row.named.is_empty()));
        vec![found.n(), found.share(), found.at_most(self.delta), named.share()]
    }
}

const ALARMS: [&str; 4] = ["n", "false alarms", "at most", "lexicon alone"];

fn missed<'a>(rows: impl Iterator<Item = &'a Judged>, path: Path) -> Rate {
    Rate::of(rows.filter(|row| !row.truth.is_empty()).map(|row| row.found(path).is_empty()))
}

fn alarms<'a>(rows: impl Iterator<Item = &'a Judged>, path: Path) -> Rate {
    Rate::of(rows.filter(|row| is_harmless(row)).map(|row| !row.found(path).is_empty()))
}

/// Whether a request's label accepts a topic of health.
fn is_about_health(set: &str, row: &Row, accepted: &HashMap<(String, String), Vec<String>>) -> bool {
    let key = (set.trim_start_matches("a_").to_owned(), row.label.clone());
    let ids = accepted.get(&key).into_iter().flatten().filter_map(|code| TopicId::from_code(code));
    let is_health = |topic: TopicId| topic.lineage().any(|node| HEALTH.contains(&node.code()));
    ids.into_iter().any(is_health)
}

#[cfg(test)]
mod tests;
