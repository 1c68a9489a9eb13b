//! Weights that decay at two half-lives, each with the evidence that it came from.

use crate::event::Deed;
use crate::ids::EventId;
use crate::time::{DAY, UnixMillis, decay};
use crate::topic::TopicId;

/// Half-lives of what speaks for a topic: a mood of days and a taste of months.
pub const LIKES: HalfLives = HalfLives { fast: 3 * DAY, slow: 60 * DAY };
/// Half-lives of what speaks against: "not interested" that fades is the commonest complaint about feeds.
pub const DISLIKES: HalfLives = HalfLives { fast: 30 * DAY, slow: 365 * DAY };

/// Two half-lives in milliseconds.
#[derive(Clone, Copy, Debug)]
pub struct HalfLives {
    /// The shorter.
    pub fast: i64,
    /// The longer.
    pub slow: i64,
}

/// A sum of strengths, each halved with age.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Weight {
    /// The sum at the shorter half-life, as of `last`.
    pub fast: f32,
    /// The sum at the longer half-life, as of `last`.
    pub slow: f32,
    /// The latest time that counts in.
    pub last: UnixMillis,
}

impl Weight {
    /// Adds `strength` given at `at`, which may lie before what is already in.
    pub fn add(&mut self, strength: f32, at: UnixMillis, half_lives: HalfLives) {
        let later = at.since(self.last);
        if later >= 0 {
            self.fast = self.fast * decay(later, half_lives.fast) + strength;
            self.slow = self.slow * decay(later, half_lives.slow) + strength;
            self.last = at;
        } else {
            self.fast += strength * decay(-later, half_lives.fast);
            self.slow += strength * decay(-later, half_lives.slow);
        }
    }

    /// Both sums as of `now`.
    pub fn at(&self, now: UnixMillis, half_lives: HalfLives) -> (f32, f32) {
        let age = now.since(self.last);
        (self.fast * decay(age, half_lives.fast), self.slow * decay(age, half_lives.slow))
    }
}

/// The weight of one topic and what it rests on.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct TopicWeight {
    /// The topic.
    pub topic: TopicId,
    /// How much.
    pub weight: Weight,
    /// The latest evidence, oldest first; what is missing to the weight came earlier.
    pub evidence: Vec<Evidence>,
}

/// One event's part in a weight.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Evidence {
    /// The event.
    pub event: EventId,
    /// What was done.
    pub deed: Deed,
    /// When.
    pub at: UnixMillis,
    /// How strongly it spoke, before any decay; positive.
    pub strength: f32,
}

impl TopicWeight {
    /// Splits the slow weight as of `now` into the parts of each evidence kept and, last, of what came earlier
    /// (never negative). The parts add up to the weight.
    pub fn parts(&self, now: UnixMillis, half_lives: HalfLives) -> (Vec<f32>, f32) {
        let (_, whole) = self.weight.at(now, half_lives);
        let anchor = self.weight.last.max(now);
        let part = |e: &Evidence| e.strength * decay(anchor.since(e.at), half_lives.slow);
        let parts: Vec<f32> = self.evidence.iter().map(part).collect();
        let known: f32 = parts.iter().sum();
        if known <= whole {
            return (parts, whole - known);
        }
        // Rounding only: evidence cannot outweigh the sum that it is part of.
        let scale = if known > 0.0 { whole / known } else { 0.0 };
        (parts.into_iter().map(|p| p * scale).collect(), 0.0)
    }
}
