//! Topics that the person is tired of.

use crate::catalog::Item;
use crate::rank::scorer::affinity_terms;
use crate::rank::{Query, Scorer, Sink};

/// The regret head: minus weight × ln(1 + negative weight).
#[derive(Debug)]
pub struct Dislikes;

impl Scorer for Dislikes {
    fn score<'q>(&self, query: &'q Query<'_>, item: &'q Item, sink: &mut dyn Sink<'q>) {
        affinity_terms(&query.disliked, item, -query.settings.dislike, sink);
    }
}
