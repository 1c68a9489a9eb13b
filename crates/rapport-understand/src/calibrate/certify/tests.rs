//! The promise is kept where the truth is known, and nothing is promised that can't be.

use rapport_core::topic::Categories;

use super::*;
use crate::calibrate::binomial::upper_bound;

/// SplitMix64 (Steele, Lea, Flood 2014).
struct Draw(u64);

impl Draw {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A row of one category, whose detector stays below `t` with probability t⁴, or a harmless one, on which every
    /// detector stays below `t` with probability t^(1/40). The fast path says what the slow path says.
    fn row(&mut self, category: Option<Category>) -> Judged {
        let mut slow = std::array::from_fn(|_| self.uniform().powi(40) as f32);
        if let Some(category) = category {
            slow = [0.0; 7];
            slow[category as usize] = self.uniform().powf(0.25) as f32;
        }
        row(category.into_iter().collect(), slow)
    }

    fn world(&mut self, sensitive: usize, harmless: usize) -> Vec<Judged> {
        let sensitive: Vec<Judged> = (0..sensitive)
            .map(|_| Category::ALL[(self.uniform() * 7.0) as usize])
            .collect::<Vec<_>>()
            .into_iter()
            .map(|category| self.row(Some(category)))
            .collect();
        sensitive.into_iter().chain((0..harmless).map(|_| self.row(None)).collect::<Vec<_>>()).collect()
    }
}

fn row(truth: Categories, scores: [f32; 7]) -> Judged {
    Judged {
        truth,
        uncertain: Categories::NONE,
        named: Categories::NONE,
        topical: Categories::NONE,
        slow: scores,
        fast: scores,
        set_aside: false,
    }
}

/// The share that passes, known exactly: the mean over categories of t⁴.
fn true_share(thresholds: &PerCategory) -> f64 {
    thresholds.0.iter().map(|&t| f64::from(t).powi(4)).sum::<f64>() / 7.0
}

fn goals() -> Goals {
    Goals {
        alpha: 0.02,
        alpha_category: 0.05,
        delta: 0.1,
        max_alarms: 0.5,
        kept: 0.99,
        population: "draws of a test".into(),
    }
}

#[test]
fn the_promise_over_all_holds_in_all_but_a_share_delta_of_repeated_draws() {
    let (mut draw, worlds) = (Draw(7), 200);
    let (mut promised, mut broken) = (0, 0);
    let mut total = 0.0;
    for _ in 0..worlds {
        let rows = draw.world(600, 1500);
        let found = calibrate(&rows, &goals(), None).unwrap();
        let share = true_share(&found.file.thresholds);
        let promise = found.file.overall().unwrap();
        promised += usize::from(promise.method == Method::LearnThenTest);
        broken += usize::from(share > promise.at_most);
        total += share;
    }
    assert!(promised > worlds * 9 / 10, "promised in {promised} of {worlds}");
    assert!(broken as f64 <= 0.1 * worlds as f64, "broken in {broken} of {worlds}");
    assert!(total / worlds as f64 > 0.008, "not by flagging all: {}", total / worlds as f64);
}

#[test]
fn thresholds_that_merely_fit_their_rows_break_the_same_promise_far_more_often() {
    let (mut draw, worlds) = (Draw(7), 200);
    let fitted = Goals { delta: 0.5, ..goals() };
    let broken = (0..worlds)
        .filter(|_| {
            let rows = draw.world(600, 1500);
            true_share(&calibrate(&rows, &fitted, None).unwrap().file.thresholds) > 0.02
        })
        .count();
    assert!(broken as f64 > 0.2 * worlds as f64, "broken in {broken} of {worlds}: the test above can't fail");
}

#[test]
fn the_promises_by_category_hold_all_at_once_in_all_but_a_share_delta_of_repeated_draws() {
    let (mut draw, worlds) = (Draw(11), 100);
    let (mut promised, mut broken) = (0, 0);
    for _ in 0..worlds {
        let rows = draw.world(1600, 1000);
        let loose = Goals { alpha: 0.5, ..goals() };
        let file = calibrate(&rows, &loose, None).unwrap().file;
        let bounds = Category::ALL.map(|category| (category, file.bound(category).unwrap()));
        promised += bounds.iter().filter(|(_, bound)| bound.method == Method::LearnThenTest).count();
        broken += usize::from(
            bounds
                .iter()
                .any(|(category, bound)| f64::from(file.thresholds.of(*category)).powi(4) > bound.at_most),
        );
    }
    assert!(promised > worlds * 6, "{promised} promises in {worlds} worlds");
    assert!(broken as f64 <= 0.1 * worlds as f64, "broken in {broken} of {worlds}");
}

/// A world of detectors that are not equally good, a quarter of its sensitive rows set aside.
fn uneven(draw: &mut Draw, sensitive: usize, harmless: usize) -> Vec<Judged> {
    let mut rows = draw.world(sensitive, harmless);
    for row in rows.iter_mut().filter(|row| !row.truth.is_empty()) {
        row.set_aside = draw.uniform() < 0.25;
        for (category, score) in row.slow.iter_mut().enumerate().filter(|(_, score)| **score > 0.0) {
            *score = draw.uniform().powf(1.0 / exponent(category)) as f32;
        }
        row.fast = row.slow;
    }
    rows
}

/// A sensitive row of the category stays below `t` with probability `t` to the power of this.
fn exponent(category: usize) -> f64 {
    2.0 + category as f64
}

fn uneven_share(thresholds: &PerCategory) -> f64 {
    let passed = thresholds.0.iter().enumerate().map(|(at, &t)| f64::from(t).powf(exponent(at)));
    passed.sum::<f64>() / 7.0
}

#[test]
fn the_promise_also_holds_where_rows_set_aside_choose_the_sequence() {
    let (mut draw, worlds) = (Draw(43), 100);
    let (mut promised, mut broken) = (0, 0);
    for _ in 0..worlds {
        let file = calibrate(&uneven(&mut draw, 900, 1000), &goals(), None).unwrap().file;
        let promise = file.overall().unwrap();
        promised += usize::from(promise.method == Method::LearnThenTest);
        broken += usize::from(uneven_share(&file.thresholds) > promise.at_most);
    }
    assert!(promised > worlds * 9 / 10, "promised in {promised} of {worlds}");
    assert!(broken as f64 <= 0.1 * worlds as f64, "broken in {broken} of {worlds}");
}

#[test]
fn rows_set_aside_spend_alarms_where_they_catch_most() {
    let rows = uneven(&mut Draw(47), 3000, 2000);
    let tight = Goals { max_alarms: 0.06, ..goals() };
    let learnt = calibrate(&rows, &tight, None).unwrap();
    let evenly: Vec<Judged> = rows.into_iter().filter(|row| row.truth.is_empty() || !row.set_aside).collect();
    let even = calibrate(&evenly, &tight, None).unwrap();
    let (learnt, even) = (uneven_share(&learnt.file.thresholds), uneven_share(&even.file.thresholds));
    assert!(learnt < 0.95 * even, "{learnt} {even}");
}

#[test]
fn a_promise_out_of_reach_is_not_made_and_what_holds_is_said() {
    let rows = Draw(3).world(800, 1500);
    let strict = Goals { max_alarms: 0.02, ..goals() };
    let found = calibrate(&rows, &strict, None).unwrap();
    let bound = found.file.overall().unwrap();
    assert_eq!(bound.method, Method::ClopperPearson);
    assert!((bound.at_most - upper_bound(bound.missed, bound.n, 0.1)).abs() < 1e-9);
    assert!(found.observed.alarms as f64 <= 0.02 * found.observed.harmless as f64, "{:?}", found.observed);
    let said = found.warnings[0].to_string();
    assert!(
        said.starts_with("at most ") && said.contains("with confidence 90 %, not 2 % as asked"),
        "{said}"
    );
    assert!(said.contains("would flag more than 2 %"), "{said}");
}

#[test]
fn so_few_rows_that_even_no_miss_would_not_do_are_named_as_the_reason() {
    let named = Categories::only(Category::Health);
    let sure = || Judged { named, ..row(named, [0.0; 7]) };
    let mut rows = Draw(5).world(0, 200);
    rows.extend((0..113).map(|_| sure()));
    let said = calibrate(&rows, &goals(), None).unwrap().warnings[0].to_string();
    assert!(said.contains("113 rows can't show more, and 114 could"), "{said}");
    rows.push(sure());
    assert!(calibrate(&rows, &goals(), None).unwrap().warnings.is_empty());
}

#[test]
fn what_explicit_terms_name_counts_as_flagged() {
    let mut rows = Draw(9).world(600, 1500);
    let without = calibrate(&rows, &goals(), None).unwrap().file.thresholds;
    rows.iter_mut().filter(|row| !row.truth.is_empty()).for_each(|row| row.named = row.truth);
    let with = calibrate(&rows, &goals(), None).unwrap().file.thresholds;
    assert!(with.0.iter().zip(without.0).all(|(with, without)| *with > without), "{with:?} {without:?}");
}

#[test]
fn a_category_that_is_missed_more_lowers_the_thresholds_until_its_own_promise_holds() {
    let mut rows = Draw(13).world(3000, 1500);
    let lenient = Goals { alpha: 0.3, ..goals() };
    let before = calibrate(&rows, &lenient, None).unwrap().file;
    let union = Categories::only(Category::Union);
    for row in rows.iter_mut().filter(|row| row.truth == union) {
        row.slow[6] *= 0.6;
        row.fast = row.slow;
    }
    let after = calibrate(&rows, &lenient, None).unwrap().file;
    assert!(after.thresholds.of(Category::Union) < 0.8 * before.thresholds.of(Category::Union));
    let bound = after.bound(Category::Union).unwrap();
    assert!(
        bound.method == Method::LearnThenTest && bound.missed as f64 <= 0.05 * bound.n as f64,
        "{bound:?}"
    );
}

#[test]
fn few_rows_of_a_category_get_an_interval_and_no_promise() {
    let rows = Draw(17).world(700, 1500);
    let found = calibrate(&rows, &goals(), None).unwrap();
    for category in Category::ALL {
        let bound = found.file.bound(category).unwrap();
        assert_eq!(bound.method == Method::Interval, bound.n < ENOUGH, "{bound:?}");
        let seen = bound.missed as f64 / bound.n as f64;
        assert!(bound.at_least <= seen && seen <= bound.at_most, "{bound:?}");
    }
}

#[test]
fn a_text_that_the_fast_path_does_not_doubt_counts_as_missed() {
    let mut rows = Draw(19).world(2000, 1500);
    let clear = calibrate(&rows, &goals(), None).unwrap();
    assert_eq!(clear.file.overall().unwrap().method, Method::LearnThenTest);
    // The fast path is blind to one in ten; the rows that choose doubts are not among them, so the doubts stay high.
    for (at, row) in rows.iter_mut().enumerate().filter(|(_, row)| !row.truth.is_empty()) {
        row.set_aside = at % 2 == 0;
        row.fast = if at % 10 == 1 { [0.0; 7] } else { row.slow };
    }
    let blind = calibrate(&rows, &goals(), None).unwrap().file;
    let bound = blind.overall().unwrap();
    assert!(bound.method == Method::ClopperPearson && bound.at_most > 0.1, "{bound:?}");
}

#[test]
fn doubt_keeps_the_asked_share_of_what_the_slow_path_flags() {
    let mut draw = Draw(23);
    let mut rows = draw.world(3000, 1500);
    for row in rows.iter_mut() {
        row.fast = row.slow.map(|slow| slow * draw.uniform() as f32);
        row.set_aside = !row.truth.is_empty() && draw.uniform() < 0.5;
    }
    let file = calibrate(&rows, &goals(), None).unwrap().file;
    for category in Category::ALL {
        let flagged = rows
            .iter()
            .filter(|row| row.set_aside && row.slow[category as usize] >= file.thresholds.of(category));
        let (mut all, mut kept) = (0, 0);
        for row in flagged {
            all += 1;
            kept += usize::from(row.fast[category as usize] >= file.doubt.of(category));
        }
        assert!(all > 100 && kept as f64 >= 0.99 * all as f64, "{kept} of {all}");
    }
}

#[test]
fn a_category_without_rows_keeps_the_doubt_it_had_or_doubts_everything() {
    let rows = Draw(29).world(600, 1500);
    let before = PerCategory([0.001; 7]);
    assert_eq!(calibrate(&rows, &goals(), Some(&before)).unwrap().file.doubt, before);
    assert_eq!(calibrate(&rows, &goals(), None).unwrap().file.doubt, PerCategory([0.0; 7]));
}

#[test]
fn what_is_found_can_be_written_and_read() {
    let file = calibrate(&Draw(31).world(600, 1500), &goals(), None).unwrap().file;
    assert_eq!(Thresholds::parse(file.to_json().unwrap().as_bytes()).unwrap(), file);
}

#[test]
fn goals_that_are_no_shares_and_too_few_rows_are_refused() {
    let rows = Draw(37).world(200, 200);
    let error = calibrate(&rows, &Goals { alpha: 1.0, ..goals() }, None).unwrap_err().to_string();
    assert!(error.contains("`alpha` is 1"), "{error}");
    assert!(matches!(
        calibrate(&rows[..250], &goals(), None),
        Err(CalibrateError::FewHarmless { found: 50, .. })
    ));
    assert!(matches!(calibrate(&rows[200..], &goals(), None), Err(CalibrateError::NoneSensitive)));
}

#[test]
fn an_uncertain_row_without_a_label_counts_neither_way() {
    let mut rows = Draw(41).world(600, 1500);
    let plain = calibrate(&rows, &goals(), None).unwrap();
    let open = Judged { uncertain: Categories::only(Category::Politics), ..row(Categories::NONE, [0.99; 7]) };
    rows.extend(std::iter::repeat_n(open, 500));
    let with = calibrate(&rows, &goals(), None).unwrap();
    assert_eq!(with.file.thresholds, plain.file.thresholds);
    assert_eq!(with.observed.left_out, 500);
}
