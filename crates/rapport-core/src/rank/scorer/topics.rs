//! Topics that the person is drawn to.

use crate::catalog::Item;
use crate::rank::scorer::affinity_terms;
use crate::rank::{Query, Scorer, Sink};

/// Weight × ln(1 + topic weight), shared out over the evidence.
#[derive(Debug)]
pub struct Topics;

impl Scorer for Topics {
    fn score<'q>(&self, query: &'q Query<'_>, item: &'q Item, sink: &mut dyn Sink<'q>) {
        affinity_terms(&query.liked, item, query.settings.topic, sink);
    }
}
