//! How strongly a deed speaks for the topics that it is about.

use crate::event::Deed;
use crate::signal::TopicStrength;
use crate::topic::TopicId;
use crate::understanding::{ScoredTopic, Subject, Understanding};

/// Topics kept a signal-bearing event; the rest are too unsure to matter.
const MAX_TOPICS: usize = 5;

/// What naming an item says about its topics, beside saying the topics themselves.
const NAMED: f32 = 0.8;

/// A stance below this is a dislike.
const DISLIKED: f32 = -0.2;

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

/// The signals of words: each topic counts by the stance towards it, a question of fact counts little.
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
    words
        .topics
        .iter()
        .take(MAX_TOPICS)
        .map(|said| strength(said, weight * interest * felt(said.stance)))
        .collect()
}

/// How strongly words speak for something that they name, -1..=1: as for a topic that they are about, less where it is
/// not sure that it was meant.
pub fn of_name(deed: Deed, subject: Subject, stance: f32, confidence: f32) -> f32 {
    let weight = match deed {
        Deed::Said => NAMED,
        Deed::Acted => 0.7 * NAMED,
        _ => return 0.0,
    };
    let interest = match subject {
        Subject::Own | Subject::Other => 1.0,
        Subject::None => 0.4,
    };
    weight * interest * felt(stance) * confidence
}

/// What naming something speaks for each topic that it has.
pub fn of_named(strength: f32, topics: &[ScoredTopic]) -> Vec<TopicStrength> {
    strengths(topics, strength)
}

/// What a stance is worth: a dislike speaks against a topic, anything else for it, since it was brought up.
fn felt(stance: f32) -> f32 {
    if stance < DISLIKED { stance } else { 0.6 + 0.4 * stance.max(0.0) }
}

/// The signals of a partner's topics, which nobody has checked: half as strong as a like.
pub fn partner_topics(topics: &[TopicId]) -> Vec<TopicStrength> {
    topics.iter().take(MAX_TOPICS).map(|&topic| TopicStrength { topic, strength: 0.25 }).collect()
}

fn strengths(topics: &[ScoredTopic], weight: f32) -> Vec<TopicStrength> {
    topics.iter().take(MAX_TOPICS).map(|scored| strength(scored, weight)).collect()
}

fn strength(scored: &ScoredTopic, weight: f32) -> TopicStrength {
    TopicStrength { topic: scored.topic, strength: weight * scored.score }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::topic::{Categories, TopicId};

    fn said(topics: Vec<ScoredTopic>) -> Understanding {
        Understanding {
            language: "en",
            topics,
            sensitive_scores: [0.0; 7],
            sensitive: Categories::NONE,
            subject: Subject::Own,
            about_child: false,
            stance: 0.0,
            intent: None,
            pii: Vec::new(),
            low_confidence: false,
            vector: None,
        }
    }

    #[test]
    fn one_message_speaks_for_one_topic_and_against_another() {
        let [horror, comedy] = ["336", "646"].map(|code| TopicId::from_code(code).unwrap());
        let topics = vec![
            ScoredTopic { stance: -0.9, ..ScoredTopic::new(horror, 1.0) },
            ScoredTopic { stance: 0.9, ..ScoredTopic::new(comedy, 1.0) },
        ];
        let signals = of_words(Deed::Said, &said(topics));
        assert!(signals[0].strength < -0.8 && signals[1].strength > 0.9, "{signals:?}");
    }

    #[test]
    fn what_is_brought_up_without_feeling_is_still_of_interest() {
        let topic = TopicId::all().next().unwrap();
        let signals = of_words(Deed::Said, &said(vec![ScoredTopic::new(topic, 1.0)]));
        assert!((signals[0].strength - 0.6).abs() < 1e-6);
    }
}
