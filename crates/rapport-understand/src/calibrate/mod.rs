//! Thresholds of the sensitive gate that keep a promise: *at most the share α of sensitive messages pass unflagged, with
//! confidence 1 − δ*.
//!
//! Learn then Test (Angelopoulos, Bates, Candès, Jordan, Lei 2021, "Learn then Test", section 2.3 on testing in a fixed
//! sequence): harmless rows, and a quarter of the sensitive ones that is set aside, fix a sequence of thresholds from the
//! strictest to the loosest; the other sensitive rows then test them one by one with an exact binomial p-value, and the walk ends at the first that does not reject "more than α
//! pass". Whichever of those before it is taken, the promise holds. `docs/decisions/0005-guarantees.md` says for whom.

pub mod binomial;
mod certify;
mod doubt;
mod family;
mod gate;
mod judge;
mod outcome;
mod path;
mod rows;
mod thresholds;
mod walk;

pub use certify::{ENOUGH, calibrate};
pub use gate::{Gate, Path};
pub use judge::judge;
pub use outcome::{Calibration, Observed, Warning, percent};
pub use rows::{LabelledRow, RowsError, read_rows};
pub use thresholds::{Bound, Method, PerCategory, Thresholds, ThresholdsError};

use rapport_core::topic::Categories;

/// What the operator asks for. Shares are within 0 to 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Goals {
    /// Largest share of sensitive messages that may pass unflagged.
    pub alpha: f64,
    /// The same for the messages of one category, where there are enough rows of it.
    pub alpha_category: f64,
    /// One minus the confidence.
    pub delta: f64,
    /// Largest share of harmless rows that may be flagged.
    pub max_alarms: f64,
    /// Smallest share of the slow path's findings that the fast path must send its way.
    pub kept: f64,
    /// For which messages the promise is made, in words.
    pub population: String,
}

/// A labelled row and what the gate's parts say of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// The categories that it is labelled with.
    pub truth: Categories,
    /// Categories that it is not known whether it has: without a label it counts neither as sensitive nor as harmless.
    pub uncertain: Categories,
    /// What explicit terms name, whatever the thresholds.
    pub named: Categories,
    /// What sensitive topics add, whatever the thresholds.
    pub topical: Categories,
    /// The slow path's probabilities.
    pub slow: [f32; 7],
    /// The fast path's.
    pub fast: [f32; 7],
    /// Whether the row is set aside to choose the sequence and the doubts, and so may not test them.
    pub set_aside: bool,
}

impl Judged {
    fn is_harmless(&self) -> bool {
        self.truth.is_empty() && self.uncertain.is_empty()
    }

    /// Whether explicit terms, or the detectors behind the fast path's doubt, flag it with anything.
    fn is_caught(&self, thresholds: &[f32; 7], doubts: &[f32; 7]) -> bool {
        !self.named.is_empty() || (reaches(&self.fast, doubts) && reaches(&self.slow, thresholds))
    }

    /// Whether it takes the slow path.
    fn is_doubted(&self, doubts: &[f32; 7]) -> bool {
        reaches(&self.fast, doubts)
    }
}

/// Whether any score reaches its bound.
fn reaches(scores: &[f32; 7], bounds: &[f32; 7]) -> bool {
    scores.iter().zip(bounds).any(|(score, bound)| score >= bound)
}

/// Why nothing could be calibrated.
#[derive(Debug, thiserror::Error)]
pub enum CalibrateError {
    /// A share that is none.
    #[error("`{name}` is {value}; expected more than 0 and less than 1")]
    OutOfRange {
        /// Which goal.
        name: &'static str,
        /// What it is.
        value: f64,
    },
    /// Thresholds are quantiles of harmless rows.
    #[error(
        "{found} rows are harmless (`sensitive` and `uncertain` empty), and at least {needed} are needed to place thresholds"
    )]
    FewHarmless {
        /// How many there are.
        found: usize,
        /// How many there should be.
        needed: usize,
    },
    /// Nothing to test.
    #[error(
        "no row is sensitive, or the few that are were set aside to choose doubts; there is nothing to test"
    )]
    NoneSensitive,
}
