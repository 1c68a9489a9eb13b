//! What is new.

use crate::catalog::Item;
use crate::explain::ReasonKind;
use crate::rank::{Query, Scorer, Sink, Term};
use crate::time::{HOUR, decay};

/// Newness below this is no reason.
const LEAST: f32 = 0.001;

/// Weight × 2^(−age ÷ half-life).
#[derive(Debug)]
pub struct Fresh;

impl Scorer for Fresh {
    fn score<'q>(&self, query: &'q Query<'_>, item: &'q Item, sink: &mut dyn Sink<'q>) {
        let half_life = i64::from(query.settings.fresh_half_life_hours) * HOUR;
        let newness = decay(query.view.now().since(item.created_at), half_life);
        if newness > LEAST {
            sink.add(Term::general(ReasonKind::Fresh, query.settings.fresh * newness));
        }
    }
}
