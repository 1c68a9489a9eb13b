//! What is calibrated and evaluated: something that flags texts on several paths.

use rapport_core::topic::Categories;
use rapport_core::understanding::Understanding;

use super::Thresholds;
use crate::Understander;

/// A way through the gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Path {
    /// The fast path answers, and doubtful texts take the slow one: what serves.
    Cascade,
    /// The fast path alone.
    Fast,
    /// The slow path alone.
    Slow,
}

/// A gate whose paths can be asked one by one: the models, or a table in tests.
pub trait Gate: Sync {
    /// What each text means when all of them take `path`, in order.
    fn understand_by(&self, path: Path, texts: &[&str]) -> Vec<Understanding>;

    /// What explicit terms alone name in `text`.
    fn named(&self, text: &str) -> Categories;

    /// The least score that flags anything in `text`, whatever the thresholds.
    fn least_score(&self, text: &str) -> f32;

    /// The thresholds in force, if they are known with their bounds.
    fn thresholds(&self) -> Option<&Thresholds>;
}

/// This version has one path.
impl Gate for Understander {
    fn understand_by(&self, _: Path, texts: &[&str]) -> Vec<Understanding> {
        self.understand_batch(texts)
    }

    fn named(&self, text: &str) -> Categories {
        self.lexicon_flags(text)
    }

    fn least_score(&self, text: &str) -> f32 {
        Understander::least_score(self, text)
    }

    fn thresholds(&self) -> Option<&Thresholds> {
        Understander::thresholds(self)
    }
}
