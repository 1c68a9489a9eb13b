//! The profile: a pure fold of a person's log, grouped by class so that the gate can take any class away.
//!
//! Bounds and what gives way when they are reached: [`Limits`]. Everything is deterministic: the same records
//! in the same order, under the same [`Terms`](crate::gate::Terms) and notices, give the same bytes.

mod conversation;
mod fold;
mod interest;
pub mod weight;

pub use conversation::FlaggedConversation;
pub use fold::{Folder, Refold, class_of};
pub use interest::InterestVector;
pub use weight::{Evidence, TopicWeight, Weight};

use crate::event::{Deed, Object};
use crate::ids::EventId;
use crate::signal::Class;
use crate::time::UnixMillis;

/// How large a profile may grow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Classes; the one of the same source that changed least recently gives way, with all that it holds.
    pub classes: usize,
    /// Topics a class and sign; the weakest slow weight gives way.
    pub topics: usize,
    /// Evidence a topic; the oldest gives way and counts as `earlier` from then on.
    pub evidence: usize,
    /// Interest vectors a person, at most two a class, half of them for what was said to the assistant; the least
    /// recent of its half gives way.
    pub vectors: usize,
    /// Items remembered as seen, a class; the oldest gives way.
    pub seen: usize,
    /// Relations (friends, follows, likes, blocks …); the oldest like or save gives way first.
    pub relations: usize,
    /// Sensitive messages whose conversations are remembered; the oldest gives way.
    pub conversations: usize,
    /// How long what follows in a conversation bears the marks of a sensitive message in it, in minutes.
    pub conversation_flag_minutes: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            classes: 32,
            topics: 64,
            evidence: 4,
            vectors: 8,
            seen: 256,
            relations: 2_000,
            conversations: 16,
            conversation_flag_minutes: 30,
        }
    }
}

/// What a person's log comes to.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Profile {
    /// Evidence by class, in order of first appearance.
    pub classes: Vec<ClassProfile>,
    /// Standing relations to people and items, oldest first.
    pub relations: Vec<Relation>,
    /// Sensitive messages of conversations, oldest first.
    pub flagged: Vec<FlaggedConversation>,
}

/// What the signals of one class come to.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct ClassProfile {
    /// What a policy may ask about all of it.
    pub class: Class,
    /// What speaks for a topic, by topic.
    pub topics: Vec<TopicWeight>,
    /// What speaks against a topic, kept longer, by topic; weights are positive.
    pub negatives: Vec<TopicWeight>,
    /// Interests as directions of meaning, at most two.
    pub vectors: Vec<InterestVector>,
    /// Hashes of items seen, oldest first.
    pub seen: Vec<u64>,
    /// The latest time of any of its signals.
    pub last: UnixMillis,
}

/// A standing relation: a friendship, a follow, a membership, a like, a block, a hide.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Relation {
    /// What made it.
    pub deed: Deed,
    /// To whom or what.
    pub object: Object,
    /// The event that made it.
    pub event: EventId,
    /// When.
    pub at: UnixMillis,
    /// Index of its class in [`Profile::classes`].
    pub class: u16,
}

/// A stable hash of an item's id, for remembering what was seen in eight bytes (FNV-1a, 64 bit).
pub fn seen_hash(item: &str) -> u64 {
    item.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
