//! The stored record of one answer.

use crate::explain::Contribution;
use crate::explain::Micronats;
use crate::gate::Purpose;
use crate::ids::{Name, Product};
use crate::signal::Class;
use crate::time::UnixMillis;

/// Everything that led to one answer.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Receipt {
    /// When it was given.
    pub at: UnixMillis,
    /// Feed or ads.
    pub purpose: Purpose,
    /// The product that asked.
    pub product: Product,
    /// The policy's name and version.
    pub policy: String,
    /// The seed of all randomness and ties.
    pub seed: u64,
    /// Whether anything about the person could shape it.
    pub personalised: bool,
    /// Every class of the profile, and what the policy said.
    pub classes: Vec<ClassUse>,
    /// How many came out of each stage, in order.
    pub stages: Vec<StageCount>,
    /// The answer, best first.
    pub rows: Vec<Row>,
}

/// A class and its use.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct ClassUse {
    /// The class.
    pub class: Class,
    /// Whether it was used.
    pub allowed: bool,
    /// The rule that said so.
    pub rule: String,
}

/// What one stage left.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct StageCount {
    /// For example `"source:topics"` or `"filter:seen"`.
    pub stage: String,
    /// Found by a source, taken away by a filter, or left by a selector.
    pub count: u32,
}

/// One row of the answer.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Row {
    /// The item, or `campaign/ad`.
    pub id: Name,
    /// What it added up to.
    pub score: Micronats,
    /// The price in micros, for an ad.
    pub price_micros: Option<i64>,
    /// The summands, all of them.
    pub contributions: Vec<Contribution>,
    /// Places moved down (negative) or up by diversity, and why.
    pub moved: Option<Move>,
}

/// A row that does not stand where its score would put it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Move {
    /// Its place by score, from 0.
    pub from: u32,
    /// Its place in the answer, from 0.
    pub to: u32,
    /// The rule that moved it, for example `"topic-diversity"`.
    pub because: String,
}
