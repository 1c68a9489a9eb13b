//! From which score on the fast path a text must take the slow one.

use rapport_core::topic::Category;

use super::Judged;
use super::family::Family;

/// Rows that the slow path must flag before a quantile of theirs means something.
const FEW: usize = 10;

/// The doubt that belongs to each member of a family, from the strictest to the loosest. Nowhere below its predecessor.
pub(super) struct Doubts {
    members: Vec<[f32; 7]>,
}

impl Doubts {
    /// Of the sensitive rows `tuning` that only the slow path flags with a category, at least the share `kept` have a fast
    /// score that reaches its doubt. Where there are fewer than ten, what `before` says holds, else everything is doubted.
    pub fn of(tuning: &[&Judged], family: &Family, kept: f64, before: Option<&[f32; 7]>) -> Self {
        let by_category = Category::ALL.map(|category| {
            let thresholds: Vec<f32> =
                (0..family.len()).map(|at| family.member(at)[category as usize]).collect();
            let fallback = before.map_or(0.0, |before| before[category as usize]);
            of_category(tuning, category, &thresholds, kept, fallback)
        });
        let members = (0..family.len()).map(|at| by_category.each_ref().map(|doubts| doubts[at])).collect();
        Self { members }
    }

    /// The doubts that belong to a member of the family.
    pub fn member(&self, at: usize) -> &[f32; 7] {
        &self.members[at.min(self.members.len() - 1)]
    }
}

/// One category's doubt for each of its thresholds, which go up.
fn of_category(
    tuning: &[&Judged],
    category: Category,
    thresholds: &[f32],
    kept: f64,
    fallback: f32,
) -> Vec<f32> {
    let mut doubts: Vec<f32> =
        thresholds.iter().map_while(|&threshold| quantile(tuning, category, threshold, kept)).collect();
    // INVARIANT: whoever lowers a threshold never raises its doubt, so that the flagged rows only grow.
    for at in (1..doubts.len()).rev() {
        doubts[at - 1] = doubts[at - 1].min(doubts[at]);
    }
    // The loosest thresholds leave too few rows for a quantile: the doubt of the last that left enough does for them.
    doubts.resize(thresholds.len(), doubts.last().copied().unwrap_or(fallback));
    doubts.iter().zip(thresholds).map(|(doubt, threshold)| doubt.min(*threshold)).collect()
}

fn quantile(tuning: &[&Judged], category: Category, threshold: f32, kept: f64) -> Option<f32> {
    let at = category as usize;
    let flagged = tuning.iter().filter(|row| row.named.is_empty() && row.slow[at] >= threshold);
    let mut fast: Vec<f32> = flagged.map(|row| row.fast[at]).collect();
    if fast.len() < FEW {
        return None;
    }
    fast.sort_unstable_by(f32::total_cmp);
    // A share such as 0.99 is not exact: without the nudge, 1 of 100 would be rounded away.
    let given_up = ((1.0 - kept) * fast.len() as f64 + 1e-9) as usize;
    Some(fast[given_up.min(fast.len() - 1)])
}
