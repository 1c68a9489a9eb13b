//! What a count of misses says about the share behind it, exactly: binomial tails and Clopper–Pearson bounds.

/// Halvings of the interval in which a bound is sought: its error is below 2⁻⁵².
const HALVINGS: usize = 52;

/// Probability that at most `hits` of `n` independent draws hit, each with probability `p`.
///
/// Added up in log space from the exact ratio of neighbouring terms, so that it neither overflows nor cancels.
/// `p` is taken into 0..=1. Cost: one logarithm and one exponential for each of `hits` terms.
pub fn tail_at_most(hits: usize, n: usize, p: f64) -> f64 {
    if hits >= n || p <= 0.0 {
        return 1.0;
    }
    if p >= 1.0 {
        return 0.0;
    }
    let odds = p.ln() - (-p).ln_1p();
    let mut term = n as f64 * (-p).ln_1p();
    let (mut greatest, mut sum) = (term, 1.0);
    for i in 0..hits {
        term += ((n - i) as f64 / (i + 1) as f64).ln() + odds;
        if term > greatest {
            sum = sum * (greatest - term).exp() + 1.0;
            greatest = term;
        } else {
            sum += (term - greatest).exp();
        }
    }
    (greatest + sum.ln()).exp().min(1.0)
}

/// The share that is not exceeded with confidence 1 − `delta`, when `hits` of `n` were seen: the one-sided upper bound
/// of Clopper and Pearson (1934), the `p` at which `hits` or fewer have probability `delta`. 1 without draws.
pub fn upper_bound(hits: usize, n: usize, delta: f64) -> f64 {
    if hits >= n {
        return 1.0;
    }
    crossing(|p| tail_at_most(hits, n, p) > delta).1
}

/// The share that is exceeded with confidence 1 − `delta`, when `hits` of `n` were seen. 0 without hits.
pub fn lower_bound(hits: usize, n: usize, delta: f64) -> f64 {
    if hits == 0 {
        return 0.0;
    }
    crossing(|p| 1.0 - tail_at_most(hits - 1, n, p) < delta).0
}

/// The two-sided interval of Clopper and Pearson (1934), with `delta` split evenly.
pub fn interval(hits: usize, n: usize, delta: f64) -> (f64, f64) {
    (lower_bound(hits, n, delta / 2.0), upper_bound(hits, n, delta / 2.0))
}

/// Both sides of the point in 0..=1 where `is_below` turns false.
fn crossing(is_below: impl Fn(f64) -> bool) -> (f64, f64) {
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(low, high);
        if is_below(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    (low, high)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The definition: every outcome of `n` draws, one by one.
    fn by_brute_force(hits: usize, n: usize, p: f64) -> f64 {
        (0u32..1 << n)
            .map(|outcome| outcome.count_ones() as usize)
            .filter(|&seen| seen <= hits)
            .map(|seen| p.powi(seen as i32) * (1.0 - p).powi((n - seen) as i32))
            .sum()
    }

    proptest! {
        #[test]
        fn the_tail_is_the_sum_over_all_outcomes(n in 0usize..11, hits in 0usize..11, p in 0.0f64..=1.0) {
            let (exact, found) = (by_brute_force(hits.min(n), n, p), tail_at_most(hits, n, p));
            prop_assert!((exact - found).abs() < 1e-12, "{exact} {found}");
        }

        #[test]
        fn at_the_upper_bound_so_few_hits_have_probability_delta(n in 1usize..3000, part in 0.0f64..1.0, delta in 0.001f64..0.5) {
            let hits = (part * n as f64) as usize;
            prop_assert!((tail_at_most(hits, n, upper_bound(hits, n, delta)) - delta).abs() < 1e-6);
        }

        #[test]
        fn an_interval_holds_what_was_seen(n in 1usize..3000, part in 0.0f64..=1.0, delta in 0.001f64..0.5) {
            let hits = (part * n as f64) as usize;
            let (low, high) = interval(hits, n, delta);
            let seen = hits as f64 / n as f64;
            prop_assert!(low <= seen && seen <= high, "{low} {seen} {high}");
        }
    }

    #[test]
    fn bounds_are_those_of_the_tables() {
        // 1 − 0.05^(1/n) for no hit ("the rule of three"), and R's `binom.test(5, 100)$conf.int`.
        assert!((upper_bound(0, 100, 0.05) - 0.029_513_049).abs() < 1e-8);
        let (low, high) = interval(5, 100, 0.05);
        assert!((low - 0.016_431_88).abs() < 1e-7 && (high - 0.112_834_91).abs() < 1e-7, "{low} {high}");
    }

    #[test]
    fn a_large_sample_neither_overflows_nor_vanishes() {
        let half = tail_at_most(500_000, 1_000_000, 0.5);
        assert!((half - 0.5).abs() < 1e-3, "{half}");
        assert_eq!(tail_at_most(0, 1_000_000, 0.5), 0.0);
    }

    #[test]
    fn nothing_seen_says_nothing() {
        assert_eq!(interval(0, 0, 0.1), (0.0, 1.0));
    }
}
