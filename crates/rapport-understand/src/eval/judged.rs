//! Rows with what each path of the gate flagged, and rates over them.

use rapport_core::topic::{Categories, Category};
use rapport_core::understanding::Understanding;

use super::rows::Row;
use crate::calibrate::binomial::upper_bound;
use crate::calibrate::{Gate, Path};

/// One judged row.
pub(super) struct Judged {
    pub row: Row,
    pub truth: Categories,
    /// What explicit terms alone name.
    pub named: Categories,
    found: [Categories; 3],
}

impl Judged {
    /// What is flagged when every row takes `path`.
    pub fn found(&self, path: Path) -> Categories {
        self.found[path as usize]
    }
}

/// Runs every path over `rows`.
pub(super) fn judge(gate: &impl Gate, rows: Vec<Row>) -> Vec<Judged> {
    let texts: Vec<&str> = rows.iter().map(|row| row.text.as_str()).collect();
    let by = |path| gate.understand_by(path, &texts);
    let flags = |found: &[Understanding]| found.iter().map(|found| found.sensitive).collect::<Vec<_>>();
    // In the order of `Path`.
    let found = [Path::Cascade, Path::Fast, Path::Slow].map(|path| flags(&by(path)));
    let named: Vec<Categories> = texts.iter().map(|text| gate.named(text)).collect();
    rows.into_iter()
        .enumerate()
        .map(|(at, row)| Judged {
            truth: row.sensitive.iter().filter_map(|name| Category::from_name(name)).collect(),
            named: named[at],
            found: found.each_ref().map(|flags| flags[at]),
            row,
        })
        .collect()
}

/// Whether nothing sensitive is, or may be, in a row.
pub(super) fn is_harmless(row: &Judged) -> bool {
    row.truth.is_empty() && row.row.uncertain.is_empty()
}

/// So many of so many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Rate {
    hits: usize,
    n: usize,
}

impl Rate {
    /// How many of `outcomes` are true.
    pub fn of(outcomes: impl Iterator<Item = bool>) -> Self {
        outcomes.fold(Self::default(), |sum, hit| Self { hits: sum.hits + usize::from(hit), n: sum.n + 1 })
    }

    /// The number of rows, as a table's cell; none of nothing.
    pub fn n(self) -> Option<f64> {
        (self.n > 0).then_some(self.n as f64)
    }

    /// The share seen; none of nothing.
    pub fn share(self) -> Option<f64> {
        (self.n > 0).then(|| self.hits as f64 / self.n as f64)
    }

    /// The share not exceeded with confidence 1 − `delta`.
    pub fn at_most(self, delta: f64) -> Option<f64> {
        (self.n > 0).then(|| upper_bound(self.hits, self.n, delta))
    }
}
