//! The walk: test one vector of thresholds after the other, and keep the last that was shown to be safe.

use super::binomial::{tail_at_most, upper_bound};
use super::doubt::Doubts;
use super::family::Family;
use super::{Bound, Judged, Method, reaches};

/// What is tested, in which order.
///
/// INVARIANT: nothing here was chosen by the rows that are tested. The family, its begin and the doubts come
/// from harmless rows and from rows set aside; the order is fixed. That is what makes testing in sequence at full δ valid.
pub(super) struct Walk {
    family: Family,
    doubts: Doubts,
    /// The strictest member that alarms allow.
    begin: usize,
}

/// Where a walk ended.
pub(super) struct Certified {
    /// Position in the family; the strictest allowed if nothing was shown.
    pub at: usize,
    /// What holds there, and at all stricter thresholds.
    pub bound: Bound,
}

impl Walk {
    /// `None` as the strictest begins, and ends, at the loosest.
    pub fn new(family: Family, doubts: Doubts, strictest: Option<usize>) -> Self {
        let begin = strictest.unwrap_or(family.loosest());
        Self { family, doubts, begin }
    }

    /// Thresholds and doubts of one member of the sequence.
    pub fn member(&self, at: usize) -> (&[f32; 7], &[f32; 7]) {
        (self.family.member(at), self.doubts.member(at))
    }

    /// Goes from the strictest to the loosest while the exact p-value of "more than `alpha` of messages like `tested`
    /// pass" is at most `delta`. The first null hypothesis that is true is rejected with probability `delta` at most, and
    /// none after it is tested unless it was: the end is safe with confidence 1 − `delta`, however many were tested.
    pub fn test(&self, tested: &[&Judged], alpha: f64, delta: f64) -> Certified {
        let n = tested.len();
        let missed = |at| {
            let (thresholds, doubts) = self.member(at);
            tested.iter().filter(|row| !row.is_caught(thresholds, doubts)).count()
        };
        let confidence = 1.0 - delta;
        let mut last = None;
        for at in self.begin..=self.family.loosest() {
            let missed = missed(at);
            if tail_at_most(missed, n, alpha) > delta {
                break;
            }
            last = Some((at, missed));
        }
        if let Some((at, missed)) = last {
            let method = Method::LearnThenTest;
            return Certified {
                at,
                bound: Bound { n, missed, at_least: 0.0, at_most: alpha, confidence, method },
            };
        }
        // Nothing was chosen by these rows, so the plain bound holds.
        let missed = missed(self.begin);
        let at_most = upper_bound(missed, n, delta);
        let method = Method::ClopperPearson;
        Certified { at: self.begin, bound: Bound { n, missed, at_least: 0.0, at_most, confidence, method } }
    }
}

/// The strictest member that flags at most the share `max_alarms` of the harmless rows, with what explicit terms and
/// topics flag.
pub(super) fn strictest_allowed(family: &Family, harmless: &[&Judged], max_alarms: f64) -> Option<usize> {
    let allowed = max_alarms * harmless.len() as f64;
    (0..family.len()).find(|&at| {
        let thresholds = family.member(at);
        harmless.iter().filter(|row| row.is_flagged(thresholds)).count() as f64 <= allowed
    })
}

impl Judged {
    /// Whether anything flags it on the slow path.
    pub(super) fn is_flagged(&self, thresholds: &[f32; 7]) -> bool {
        !self.named.is_empty() || !self.topical.is_empty() || reaches(&self.slow, thresholds)
    }
}
