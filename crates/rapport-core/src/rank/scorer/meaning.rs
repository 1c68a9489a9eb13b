//! Likeness of meaning to what the person said or liked.

use crate::catalog::Item;
use crate::explain::ReasonKind;
use crate::rank::{Query, Scorer, Sink, Term};

/// Weight × (cosine − floor) to the interest that is nearest, faded with the interest.
#[derive(Debug)]
pub struct Meaning;

impl Scorer for Meaning {
    fn score<'q>(&self, query: &'q Query<'_>, item: &'q Item, sink: &mut dyn Sink<'q>) {
        let Some(vector) = &item.vector else { return };
        let floor = query.settings.meaning_floor;
        let likeness = |interest: &crate::profile::InterestVector, weight: f32| {
            (interest.vector.cosine(vector) - floor).max(0.0) / (1.0 - floor) * weight.min(1.0)
        };
        let best = query
            .interests
            .iter()
            .map(|(interest, weight, source)| (likeness(interest, *weight), interest, source))
            .max_by(|a, b| a.0.total_cmp(&b.0));
        if let Some((likeness, interest, source)) = best.filter(|(likeness, ..)| *likeness > 0.0) {
            sink.add(Term {
                kind: ReasonKind::of(interest.deed),
                topic: None,
                source: Some(*source),
                event: Some(&interest.event),
                value: query.settings.meaning * likeness,
            });
        }
    }
}
