//! Interests as directions of meaning.

use crate::event::Deed;
use crate::ids::EventId;
use crate::time::{DAY, UnixMillis, decay};
use crate::understanding::{VECTOR_DIM, Vector};

/// How fast an interest's weight halves.
const HALF_LIFE: i64 = 14 * DAY;
/// From this cosine on, two meanings are one interest.
const SAME: f32 = 0.55;
/// Interests a class.
const PER_CLASS: usize = 2;

/// A direction that a person's interest points to.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct InterestVector {
    /// The direction.
    pub vector: Vector,
    /// How much speaks for it, as of `last`.
    pub weight: f32,
    /// The latest time that counts in.
    pub last: UnixMillis,
    /// The latest event that moved it.
    pub event: EventId,
    /// What was done in it.
    pub deed: Deed,
}

impl InterestVector {
    /// The weight as of `now`.
    pub fn weight_at(&self, now: UnixMillis) -> f32 {
        self.weight * decay(now.since(self.last), HALF_LIFE)
    }

    /// Turns this interest towards `next`, each weighing what it weighs at the later of both times.
    fn absorb(&mut self, next: Self) {
        let now = self.last.max(next.last);
        let (old, new) = (self.weight_at(now), next.weight_at(now));
        let mut mixed = [0.0f32; VECTOR_DIM];
        for (to, (a, b)) in mixed.iter_mut().zip(self.vector.0.iter().zip(next.vector.0.iter())) {
            *to = f32::from(*a) * old + f32::from(*b) * new;
        }
        let Some(vector) = Vector::quantize(&mixed) else { return };
        let (event, deed) =
            if next.last >= self.last { (next.event, next.deed) } else { (self.event.clone(), self.deed) };
        *self = Self { vector, weight: old + new, last: now, event, deed };
    }
}

/// Adds an interest to a class: near one is turned, a new one takes a free place or that of the weakest.
pub(super) fn add(vectors: &mut Vec<InterestVector>, next: InterestVector) {
    let cosine = |v: &InterestVector| v.vector.cosine(&next.vector);
    let nearest = (0..vectors.len()).max_by(|&a, &b| cosine(&vectors[a]).total_cmp(&cosine(&vectors[b])));
    match nearest {
        Some(near) if cosine(&vectors[near]) >= SAME => vectors[near].absorb(next),
        _ if vectors.len() < PER_CLASS => vectors.push(next),
        _ => replace_weakest(vectors, next),
    }
}

fn replace_weakest(vectors: &mut [InterestVector], next: InterestVector) {
    let now = next.last;
    let weakest = vectors.iter_mut().min_by(|a, b| a.weight_at(now).total_cmp(&b.weight_at(now)));
    if let Some(weakest) = weakest {
        *weakest = next;
    }
}
