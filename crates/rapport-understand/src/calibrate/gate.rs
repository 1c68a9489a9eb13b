//! What is calibrated and evaluated: something that flags texts on several paths.

use rapport_core::topic::Categories;
use rapport_core::understanding::Understanding;

use super::Thresholds;
use crate::Understander;
pub use crate::reader::Path;

/// A gate whose paths can be asked one by one: the models, or a table in tests.
pub trait Gate: Sync {
    /// What each text means when all of them take `path`, in order.
    fn understand_by(&self, path: Path, texts: &[&str]) -> Vec<Understanding>;

    /// What explicit terms alone name in `text`.
    fn named(&self, text: &str) -> Categories;

    /// The least score that flags anything in `text`, whatever the thresholds.
    fn least_score(&self, text: &str) -> f32;

    /// The share of `texts` of which the cascade asks the slow path, 0 to 1.
    fn slow_share(&self, texts: &[&str]) -> f64;

    /// The thresholds in force, if they are known with their bounds.
    fn thresholds(&self) -> Option<&Thresholds>;
}

impl Gate for Understander {
    fn understand_by(&self, path: Path, texts: &[&str]) -> Vec<Understanding> {
        self.understand_batch_by(path, texts)
    }

    fn named(&self, text: &str) -> Categories {
        self.lexicon_flags(text)
    }

    fn least_score(&self, text: &str) -> f32 {
        Understander::least_score(self, text)
    }

    fn slow_share(&self, texts: &[&str]) -> f64 {
        Understander::slow_share(self, texts)
    }

    fn thresholds(&self) -> Option<&Thresholds> {
        Some(Understander::thresholds(self))
    }
}
