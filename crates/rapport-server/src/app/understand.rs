//! What texts mean, by whatever understands them.

use rapport_core::understanding::Understanding;

/// Something that understands texts: the models in production, a word list in tests.
pub trait Understand: Send + Sync {
    /// What each text means, in order; `None` where it could not be judged, which fails closed.
    fn understand(&self, texts: &[&str]) -> Vec<Option<Understanding>>;
}
