//! The stages of ranking, as traits, and what passes between them.

use std::sync::Arc;

use crate::catalog::{Item, RowId};
use crate::explain::{Contribution, Micronats, ReasonKind};
use crate::ids::EventId;
use crate::rank::Query;
use crate::rank::select::Placed;
use crate::signal;
use crate::topic::TopicId;

/// Finds candidates.
pub trait Source: Sync {
    /// For the receipt.
    fn name(&self) -> &'static str;
    /// Rows worth considering; a row found twice counts for the earlier source.
    fn find(&self, query: &Query<'_>) -> Vec<RowId>;
}

/// Takes candidates away.
pub trait Filter: Sync {
    /// For the receipt.
    fn name(&self) -> &'static str;
    /// Whether `item` may be shown.
    fn keeps(&self, query: &Query<'_>, item: &Item) -> bool;
}

/// Adds to a score.
pub trait Scorer: Sync {
    /// Hands every term to `sink`. Called twice for a row that is shown, and must say the same both times.
    fn score<'q>(&self, query: &'q Query<'_>, item: &'q Item, sink: &mut dyn Sink<'q>);
}

/// Puts candidates in order.
pub trait Selector: Sync {
    /// For the receipt.
    fn name(&self) -> &'static str;
    /// At most the rows asked for, best first, each move recorded.
    fn select<'a>(&self, query: &Query<'a>, candidates: Vec<Candidate<'a>>) -> Vec<Placed<'a>>;
}

/// An item and its score.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'a> {
    /// The item.
    pub item: &'a Arc<Item>,
    /// The sum of its terms.
    pub score: Micronats,
}

/// One term of a score, borrowing what it names.
#[derive(Clone, Copy, Debug)]
pub struct Term<'q> {
    /// Why it counts.
    pub kind: ReasonKind,
    /// The topic that it is about.
    pub topic: Option<TopicId>,
    /// Where the evidence comes from.
    pub source: Option<signal::Source>,
    /// The person's event, while it is kept.
    pub event: Option<&'q EventId>,
    /// How much, in nats.
    pub value: f32,
}

impl Term<'_> {
    /// A term without evidence of a person.
    pub fn general(kind: ReasonKind, value: f32) -> Self {
        Self { kind, topic: None, source: None, event: None, value }
    }
}

/// Where terms go.
pub trait Sink<'q> {
    /// Takes one term.
    fn add(&mut self, term: Term<'q>);
}

/// Adds up, and keeps nothing.
#[derive(Debug, Default)]
pub struct Sum(i64);

impl Sum {
    /// What it came to.
    pub fn total(&self) -> Micronats {
        Micronats(self.0)
    }
}

impl<'q> Sink<'q> for Sum {
    fn add(&mut self, term: Term<'q>) {
        self.0 += Micronats::from_nats(term.value).0;
    }
}

/// Keeps every term as a contribution.
#[derive(Debug, Default)]
pub struct Collect(Vec<Contribution>);

impl Collect {
    /// What was collected, like with like, the largest first.
    pub fn into_contributions(self) -> Vec<Contribution> {
        crate::explain::merge(&self.0)
    }
}

impl<'q> Sink<'q> for Collect {
    fn add(&mut self, term: Term<'q>) {
        self.0.push(Contribution {
            kind: term.kind,
            topic: term.topic,
            source: term.source,
            event: term.event.cloned(),
            value: Micronats::from_nats(term.value),
        });
    }
}
