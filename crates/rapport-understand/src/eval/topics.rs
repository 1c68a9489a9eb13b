//! Topics: is the first one right, is its tier 1 right, and is "none" honest?

use std::collections::HashMap;
use std::path::Path;

use rapport_core::topic::TopicId;
use rapport_core::understanding::Understanding;

use super::rows::{Row, accepted_topics, held_out};
use super::{EvalError, Report, Table};
use crate::Understander;

const SETS: [&str; 6] =
    ["a_clinc150", "a_banking77", "a_hwu64", "a_slurp", "a_snips", "a_sib200_multilingual"];

/// Right and counted.
#[derive(Default)]
struct Tally {
    rows: usize,
    first: usize,
    tier1: usize,
    any: usize,
    prototype: usize,
    labels: HashMap<String, usize>,
}

/// Evaluates topics on the held-out rows of the data folder `data`, against two floors in the same table: always the
/// commonest label, and the nearest taxonomy path by cosine (no training).
///
/// # Errors
/// If the data can't be read.
pub fn topics(u: &Understander, data: &Path) -> Result<Report, EvalError> {
    let accepted = accepted_topics(data)?;
    let prototypes = Prototypes::of(u);
    let columns =
        ["n", "first right", "tier 1 right", "one of five right", "commonest label", "nearest path, tier 1"];
    let mut by_set = Table::new("set (clear labels)", &columns);
    let mut by_language = Table::new("language (SIB-200)", &columns);
    let mut none = Table::new("set (labelled none)", &["n", "none answered"]);
    for set in SETS {
        let rows = held_out(data, set)?;
        let texts: Vec<&str> = rows.iter().map(|row| row.text.as_str()).collect();
        let found = u.understand_batch(&texts);
        let mut whole = Tally::default();
        let mut languages: HashMap<String, Tally> = HashMap::new();
        let (mut silent, mut nothing) = (0, 0);
        for (row, found) in rows.iter().zip(&found) {
            match row.iab_clarity.as_str() {
                "clear" => {
                    let right = right_answers(set, row, &accepted);
                    let nearest = prototypes.nearest(u, &row.text);
                    whole.count(row, &right, found, nearest);
                    languages.entry(row.language().into()).or_default().count(row, &right, found, nearest);
                }
                "none" if row.label != "oos" => {
                    nothing += 1;
                    silent += usize::from(found.topics.is_empty());
                }
                _ => {}
            }
        }
        by_set.push(set, whole.values());
        if set == "a_sib200_multilingual" {
            let mut languages: Vec<_> = languages.into_iter().collect();
            languages.sort_by(|a, b| a.0.cmp(&b.0));
            languages.into_iter().for_each(|(language, tally)| by_language.push(language, tally.values()));
        }
        if nothing > 0 {
            none.push(set, vec![Some(nothing as f64), Some(silent as f64 / nothing as f64)]);
        }
    }
    let title = "Topics on held-out rows. *First right*: the best answer or one of its ancestors is an accepted id. \
                 *Tier 1 right*: it lies under the same tier 1 node as an accepted id.";
    Ok(Report { title: title.into(), tables: vec![by_set, by_language, none] })
}

fn right_answers(set: &str, row: &Row, accepted: &HashMap<(String, String), Vec<String>>) -> Vec<TopicId> {
    let short = set.trim_start_matches("a_").trim_end_matches("_multilingual").to_owned();
    let listed = accepted
        .get(&(short.clone(), row.label.clone()))
        .or_else(|| accepted.get(&(short, "* (all 77)".to_owned())));
    let mut right: Vec<TopicId> =
        listed.into_iter().flatten().filter_map(|code| TopicId::from_code(code)).collect();
    right.extend(TopicId::from_code(&row.iab));
    right
}

impl Tally {
    fn count(&mut self, row: &Row, right: &[TopicId], found: &Understanding, nearest: TopicId) {
        let hit = |topic: TopicId| topic.lineage().any(|node| right.contains(&node));
        let tier1 = |topic: TopicId| right.iter().any(|r| r.tier1() == topic.tier1());
        let first = found.topics.first().map(|topic| topic.topic);
        self.rows += 1;
        self.first += usize::from(first.is_some_and(hit));
        self.tier1 += usize::from(first.is_some_and(tier1));
        self.any += usize::from(found.topics.iter().any(|topic| hit(topic.topic)));
        self.prototype += usize::from(tier1(nearest));
        *self.labels.entry(row.iab.clone()).or_default() += 1;
    }

    fn values(&self) -> Vec<Option<f64>> {
        let share = |count: usize| Some(count as f64 / self.rows.max(1) as f64);
        let commonest = self.labels.values().copied().max().unwrap_or(0);
        let counts = [self.first, self.tier1, self.any, commonest, self.prototype];
        std::iter::once(Some(self.rows as f64)).chain(counts.into_iter().map(share)).collect()
    }
}

/// The floor without training: each node's path as a text.
struct Prototypes(Vec<(TopicId, [f32; crate::WIDTH])>);

impl Prototypes {
    fn of(u: &Understander) -> Self {
        let path = |topic: TopicId| topic.lineage().map(TopicId::name).collect::<Vec<_>>().join(", ");
        Self(TopicId::all().filter_map(|topic| Some((topic, u.encode(&path(topic))?))).collect())
    }

    fn nearest(&self, u: &Understander, text: &str) -> TopicId {
        let vector = u.encode(text).unwrap_or([0.0; crate::WIDTH]);
        let cosine = |other: &[f32; crate::WIDTH]| vector.iter().zip(other).map(|(a, b)| a * b).sum::<f32>();
        let best = self.0.iter().max_by(|a, b| cosine(&a.1).total_cmp(&cosine(&b.1)));
        best.map_or_else(|| self.0[0].0, |(topic, _)| *topic)
    }
}
