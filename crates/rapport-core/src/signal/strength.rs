//! How strongly a deed speaks for the topics that it is about.

use crate::event::Deed;
use crate::signal::TopicStrength;
use crate::topic::TopicId;
use crate::understanding::{ScoredTopic, Subject, Understanding};

/// Topics kept a signal-bearing event; the rest are too unsure to matter.
const MAX_TOPICS: usize = 5;

/// What a deed to an object says about its doer, -1..=1. The order follows what published rankers found
/// (research: x-algorithm's action weights), squeezed to one scale.
fn weight(deed: Deed, dwell_ms: u32) -> f32 {
    match deed {
        Deed::Purchased => 1.0,
        Deed::Joined | Deed::Followed => 0.9,
        Deed::Shared | Deed::Saved => 0.8,
        Deed::Commented => 0.6,
        Deed::Liked => 0.5,
        Deed::AdConverted => 0.8,
        Deed::AdClicked => 0.4,
        Deed::Clicked => 0.25,
        Deed::Viewed => dwell_weight(dwell_ms),
        Deed::Hid | Deed::AdHid => -0.7,
        Deed::Reported => -1.0,
        _ => 0.0,
    }
}

/// Looking on for half a minute says as much as half a like; a glance says nothing.
fn dwell_weight(dwell_ms: u32) -> f32 {
    let seconds = dwell_ms as f32 / 1_000.0;
    if seconds < 2.0 { 0.0 } else { (seconds / 30.0).min(1.0) * 0.25 }
}

/// The signals of a deed to something about `topics`.
pub fn of_object(deed: Deed, dwell_ms: u32, topics: &[ScoredTopic]) -> Vec<TopicStrength> {
    let weight = weight(deed, dwell_ms);
    if weight == 0.0 {
        return Vec::new();
    }
    strengths(topics, weight)
}

/// The signals of words: what is asked for counts by stance, a question of fact counts little.
pub fn of_words(deed: Deed, words: &Understanding) -> Vec<TopicStrength> {
    let weight = match deed {
        Deed::Said => 1.0,
        Deed::Acted => 0.7,
        // An answer repeats what was asked; counting it as well would count it twice.
        _ => return Vec::new(),
    };
    let interest = match words.subject {
        Subject::Own | Subject::Other => 1.0,
        Subject::None => 0.4,
    };
    let stance = if words.stance < -0.2 { words.stance } else { 0.6 + 0.4 * words.stance.max(0.0) };
    strengths(&words.topics, weight * interest * stance)
}

/// The signals of a partner's topics, which nobody has checked: half as strong as a like.
pub fn partner_topics(topics: &[TopicId]) -> Vec<TopicStrength> {
    topics.iter().take(MAX_TOPICS).map(|&topic| TopicStrength { topic, strength: 0.25 }).collect()
}

fn strengths(topics: &[ScoredTopic], weight: f32) -> Vec<TopicStrength> {
    topics
        .iter()
        .take(MAX_TOPICS)
        .map(|scored| TopicStrength { topic: scored.topic, strength: weight * scored.score })
        .collect()
}
