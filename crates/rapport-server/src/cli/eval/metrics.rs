//! How good a ranking is: recall and normalised discounted cumulative gain.

use std::collections::HashSet;

/// The measures at one depth.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct At {
    /// Hits among the first k ÷ number of relevant items.
    pub recall: f64,
    /// DCG ÷ ideal DCG, binary gains (Järvelin and Kekäläinen 2002, with log2(place + 1) from the first place on;
    /// the ideal has min(k, number of relevant) hits at the top).
    pub ndcg: f64,
}

/// The measures of `ranked`, best first, at depth `k`. `relevant` is not empty.
pub fn at(ranked: &[&str], relevant: &HashSet<&str>, k: usize) -> At {
    let top = ranked.iter().take(k);
    let gains: Vec<bool> = top.map(|item| relevant.contains(item)).collect();
    let hits = gains.iter().filter(|hit| **hit).count();
    let dcg: f64 = gains.iter().enumerate().filter(|(_, hit)| **hit).map(|(place, _)| gain(place)).sum();
    let ideal: f64 = (0..k.min(relevant.len())).map(gain).sum();
    At { recall: hits as f64 / relevant.len() as f64, ndcg: if ideal > 0.0 { dcg / ideal } else { 0.0 } }
}

/// What a hit at `place`, from 0, is worth.
fn gain(place: usize) -> f64 {
    1.0 / (place as f64 + 2.0).log2()
}

/// Sums of measures over queries, for their mean.
#[derive(Clone, Debug)]
pub struct Mean {
    depths: Vec<usize>,
    sums: Vec<At>,
    n: usize,
}

impl Mean {
    /// No query yet, at `depths`.
    pub fn new(depths: &[usize]) -> Self {
        Self { depths: depths.to_vec(), sums: vec![At::default(); depths.len()], n: 0 }
    }

    /// Adds one query.
    pub fn add(&mut self, ranked: &[&str], relevant: &HashSet<&str>) {
        self.n += 1;
        for (sum, k) in self.sums.iter_mut().zip(&self.depths) {
            let one = at(ranked, relevant, *k);
            sum.recall += one.recall;
            sum.ndcg += one.ndcg;
        }
    }

    /// How many queries went in.
    pub fn n(&self) -> usize {
        self.n
    }

    /// Each depth with the mean over queries; nothing where there was no query.
    pub fn each(&self) -> impl Iterator<Item = (usize, At)> + '_ {
        let n = self.n as f64;
        let mean = move |sum: &At| At { recall: sum.recall / n, ndcg: sum.ndcg / n };
        self.depths.iter().copied().zip(self.sums.iter().map(mean)).filter(move |_| n > 0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-12
    }

    #[test]
    fn a_ranking_is_measured_as_one_does_by_hand() {
        let relevant = HashSet::from(["b", "d", "z"]);
        let found = at(&["a", "b", "c", "d"], &relevant, 4);
        // Hits at the second and fourth place; the ideal has three at the top.
        let (second, fourth) = (1.0 / 3f64.log2(), 1.0 / 5f64.log2());
        let ideal = 1.0 + 1.0 / 3f64.log2() + 1.0 / 4f64.log2();
        assert!(close(found.recall, 2.0 / 3.0));
        assert!(close(found.ndcg, (second + fourth) / ideal));
    }

    #[test]
    fn the_ideal_is_cut_at_k() {
        let relevant = HashSet::from(["a", "b", "c"]);
        let found = at(&["a", "x"], &relevant, 1);
        assert!(close(found.ndcg, 1.0), "one place, and it is a hit");
        assert!(close(found.recall, 1.0 / 3.0), "recall is over all that is relevant");
    }

    #[test]
    fn a_short_ranking_is_no_error() {
        assert_eq!(at(&[], &HashSet::from(["a"]), 10), At { recall: 0.0, ndcg: 0.0 });
    }
}
