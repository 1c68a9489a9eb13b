//! What many people like.

use crate::catalog::Item;
use crate::explain::ReasonKind;
use crate::rank::{Query, Scorer, Sink, Term};

/// Votes from which on the most popular item counts in full: a single like is no crowd.
const CROWD: f32 = 10.0;

/// Weight × ln(1 + votes) ÷ ln(1 + the most votes, at least ten).
#[derive(Debug)]
pub struct Popular;

impl Scorer for Popular {
    fn score<'q>(&self, query: &'q Query<'_>, item: &'q Item, sink: &mut dyn Sink<'q>) {
        let votes = query.world.popularity.of(&item.id);
        if votes > 0.0 {
            let share = votes.ln_1p() / query.most_votes.max(CROWD).ln_1p();
            sink.add(Term::general(ReasonKind::Popular, query.settings.popular * share.min(1.0)));
        }
    }
}
