//! What a score is the sum of, one scorer a file.

pub mod dislikes;
pub mod fresh;
pub mod meaning;
pub mod popular;
pub mod social;
pub mod topics;

use crate::catalog::Item;
use crate::rank::{Affinities, Sink, Term};

/// What a second topic of an item counts beside its best one.
const SECOND: f32 = 0.25;

/// The affinity of a person to an item: the best of its topics whole, the others a quarter each.
fn affinity_terms<'q>(affinities: &'q Affinities<'_>, item: &Item, weight: f32, sink: &mut dyn Sink<'q>) {
    let affinity = |i: usize| affinities.sum(item.topics[i].topic) * item.topics[i].score;
    let Some(best) =
        (0..item.topics.len()).max_by(|&a, &b| affinity(a).total_cmp(&affinity(b)).then(b.cmp(&a)))
    else {
        return;
    };
    for (index, scored) in item.topics.iter().enumerate() {
        let factor = weight * scored.score * if index == best { 1.0 } else { SECOND };
        for part in affinities.to(scored.topic) {
            sink.add(Term {
                kind: part.kind,
                topic: Some(part.topic),
                source: Some(part.source),
                event: part.event,
                value: part.value * factor,
            });
        }
    }
}
