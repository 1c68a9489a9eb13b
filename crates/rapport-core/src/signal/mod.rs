//! Signals: pieces of evidence, and the class that says everything a policy may ask about them.

mod class;
mod strength;

pub use class::{Class, Marks, Source};
pub use strength::{of_name, of_named, of_object, of_words, partner_topics};

use crate::topic::TopicId;

/// How strongly something speaks for (or against) a topic, -1..=1.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct TopicStrength {
    /// The topic.
    pub topic: TopicId,
    /// -1 (never again) to 1 (very much).
    pub strength: f32,
}
