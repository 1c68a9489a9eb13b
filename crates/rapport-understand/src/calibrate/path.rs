//! A path through thresholds that spends false alarms where they catch most.

use super::Judged;

/// What a catch without any alarm is divided by, so that it is worth much and not everything.
const FREE: f64 = 0.5;

/// For each category, the positions below which a row is flagged by it.
type Levels = [usize; 7];

/// Vectors of thresholds from the strictest to the loosest, each category's taken from its column of `grid`, which goes up.
///
/// Greedy: from the loosest on, the jump of one category that catches most of `tuning` for the `harmless` rows it flags,
/// step by step; when nothing more is caught, all go on evenly. Neighbours differ in one category by one step.
pub(super) fn path(grid: &[[f32; 7]], harmless: &[&Judged], tuning: &[&Judged]) -> Vec<[f32; 7]> {
    let mut walk = Walk {
        at: [grid.len().saturating_sub(1); 7],
        alarms: open(grid, harmless.iter().filter(|row| row.topical.is_empty())),
        catches: open(grid, tuning.iter()),
    };
    let mut members = vec![walk.member(grid)];
    while let Some((category, to)) = walk.best().or_else(|| walk.loosest()) {
        while walk.at[category] > to {
            walk.at[category] -= 1;
            members.push(walk.member(grid));
        }
        walk.close();
    }
    members.reverse();
    members
}

struct Walk {
    /// Where each category stands in the grid.
    at: Levels,
    /// Harmless rows that nothing flags yet.
    alarms: Vec<Levels>,
    /// Sensitive rows that nothing flags yet.
    catches: Vec<Levels>,
}

impl Walk {
    fn member(&self, grid: &[[f32; 7]]) -> [f32; 7] {
        std::array::from_fn(|category| grid[self.at[category]][category])
    }

    /// The category and place to go to that catch most for an alarm; none if nothing more can be caught.
    fn best(&self) -> Option<(usize, usize)> {
        let jumps = (0..7).flat_map(|category| {
            let (catches, alarms) =
                (self.flagged(category, &self.catches), self.flagged(category, &self.alarms));
            (0..self.at[category]).rev().map(move |to| {
                let worth = catches[to] as f64 / (alarms[to] as f64 + FREE);
                (worth, category, to)
            })
        });
        // Of equals the first: the shortest jump.
        let best = jumps.fold(
            (0.0, None),
            |best, (worth, category, to)| {
                if worth > best.0 { (worth, Some((category, to))) } else { best }
            },
        );
        best.1
    }

    /// One step of the category that stands loosest; none at the end.
    fn loosest(&self) -> Option<(usize, usize)> {
        let (category, at) = self.at.iter().enumerate().max_by_key(|(_, at)| **at)?;
        Some((category, at.checked_sub(1)?))
    }

    /// How many of `rows` each place of `category` would flag.
    fn flagged(&self, category: usize, rows: &[Levels]) -> Vec<usize> {
        let mut counts = vec![0; self.at[category] + 1];
        for row in rows {
            // Flagged at every place below its level.
            if let Some(highest) = row[category].checked_sub(1) {
                counts[highest.min(self.at[category])] += 1;
            }
        }
        for place in (1..counts.len()).rev() {
            counts[place - 1] += counts[place];
        }
        counts
    }

    /// Leaves out what is flagged by now.
    fn close(&mut self) {
        let at = self.at;
        let is_open = |row: &Levels| row.iter().zip(at).all(|(level, at)| *level <= at);
        self.alarms.retain(is_open);
        self.catches.retain(is_open);
    }
}

/// The levels of the rows that neither explicit terms nor the loosest thresholds flag.
fn open<'a>(grid: &[[f32; 7]], rows: impl Iterator<Item = &'a &'a Judged>) -> Vec<Levels> {
    let level = |category: usize, score: f32| grid.partition_point(|member| member[category] <= score);
    rows.filter(|row| row.named.is_empty())
        .map(|row| std::array::from_fn(|category| level(category, row.slow[category])))
        .filter(|levels: &Levels| levels.iter().all(|level| *level < grid.len()))
        .collect()
}
