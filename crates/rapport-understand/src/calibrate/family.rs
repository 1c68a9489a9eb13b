//! A one-parameter family of thresholds, from those that flag most to those that flag least.

use super::Judged;
use super::path::path;

/// Sensitive rows set aside from which the family may learn where false alarms pay.
const ENOUGH_TO_LEARN: usize = 100;

/// The largest share of harmless rows that one detector may flag.
const LARGEST: f64 = 0.3;
/// The smallest.
const SMALLEST: f64 = 1e-4;
/// From one member to the next.
const STEP: f64 = 0.95;
/// A threshold is a probability strictly within 0 to 1.
const WITHIN: (f32, f32) = (1e-6, 1.0 - 1e-6);

/// Vectors of thresholds from the strictest, which flags most, to the loosest. Each is nowhere below its predecessor.
///
/// Chosen on harmless rows and on sensitive ones that are set aside: the sensitive rows that are then tested had no say.
pub(super) struct Family {
    members: Vec<[f32; 7]>,
}

impl Family {
    /// Each detector's thresholds are quantiles of `harmless` rows, at the shares λ of a fixed grid. With enough rows in
    /// `tuning`, each detector goes down its grid when that catches most of them for the alarms; else all go down together.
    pub fn of(harmless: &[&Judged], tuning: &[&Judged]) -> Self {
        let sorted: [Vec<f32>; 7] = std::array::from_fn(|category| {
            let mut scores: Vec<f32> = harmless.iter().map(|row| row.slow[category]).collect();
            scores.sort_unstable_by(|a, b| b.total_cmp(a));
            scores
        });
        let shares = std::iter::successors(Some(LARGEST), |share| Some(share * STEP));
        let grid: Vec<[f32; 7]> = shares
            .take_while(|&share| share > SMALLEST)
            .map(|share| std::array::from_fn(|category| threshold(&sorted[category], share)))
            .collect();
        if tuning.len() < ENOUGH_TO_LEARN {
            return Self { members: grid };
        }
        Self { members: path(&grid, harmless, tuning) }
    }

    /// How many members there are; at least one.
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// The thresholds of one member; 0 is the strictest.
    pub fn member(&self, at: usize) -> &[f32; 7] {
        &self.members[at.min(self.members.len() - 1)]
    }

    /// Position of the loosest member.
    pub fn loosest(&self) -> usize {
        self.members.len() - 1
    }
}

/// The lowest round threshold that at most the share `share` of the scores reach: halfway down to the first score that
/// must not reach it. `scores` go down.
fn threshold(scores: &[f32], share: f64) -> f32 {
    let allowed = (share * scores.len() as f64) as usize;
    let Some(&out) = scores.get(allowed) else { return WITHIN.0 };
    let above = match allowed.checked_sub(1) {
        Some(last) => scores[last],
        None => 1.0,
    };
    // INVARIANT: above `out`, and so nowhere below the threshold for a larger share.
    f32::midpoint(out, above).max(out.next_up()).clamp(WITHIN.0, WITHIN.1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn thresholds_stand_between_what_may_and_what_must_not_reach_them() {
        let scores = [0.9, 0.5, 0.5, 0.25, 0.0];
        assert_eq!(threshold(&scores, 0.0), 0.95);
        assert_eq!(threshold(&scores, 0.2), 0.7);
        assert_eq!(threshold(&scores, 0.4), 0.5f32.next_up(), "a tie is shut out whole");
        assert_eq!(threshold(&scores, 0.6), 0.375);
    }

    proptest! {
        #[test]
        fn a_share_is_never_passed_and_a_larger_one_never_raises_a_threshold(
            mut scores in prop::collection::vec(0.0f32..0.99, 1..40),
            shares in (0.0f64..1.0, 0.0f64..1.0),
        ) {
            scores.sort_unstable_by(|a, b| b.total_cmp(a));
            let (small, large) = (shares.0.min(shares.1), shares.0.max(shares.1));
            let low = threshold(&scores, large);
            prop_assert!(threshold(&scores, small) >= low);
            let reach = scores.iter().filter(|score| **score >= low).count();
            prop_assert!(reach as f64 <= large * scores.len() as f64 || low <= WITHIN.0);
        }
    }
}
