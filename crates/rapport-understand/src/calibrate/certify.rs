//! From judged rows to thresholds, the bounds that hold with them, and what was asked for in vain.

use std::collections::BTreeMap;

use rapport_core::topic::Category;

use super::binomial::interval;
use super::doubt::Doubts;
use super::family::Family;
use super::walk::{Certified, Walk, strictest_allowed};
use super::{
    Bound, CalibrateError, Calibration, Goals, Judged, Method, Observed, PerCategory, Thresholds, Warning,
};

/// Rows of a category, those set aside included, from which it gets a promise of its own.
pub const ENOUGH: usize = 150;
/// Harmless rows below which a quantile at one in a hundred is a guess.
const FEWEST_HARMLESS: usize = 100;

/// Chooses the loosest thresholds that keep `goals`, and says what holds if none do. `before` are the doubts of
/// categories that too few rows speak of.
///
/// The bound over all holds with confidence 1 − δ. Those by category, of k categories that have at least [`ENOUGH`] rows,
/// are tested at δ/k each, so that they hold with confidence 1 − δ all at once (Bonferroni).
///
/// # Errors
/// When a goal is no share, or too few rows are harmless, or none is sensitive.
pub fn calibrate(
    rows: &[Judged],
    goals: &Goals,
    before: Option<&PerCategory>,
) -> Result<Calibration, CalibrateError> {
    goals.check()?;
    let harmless: Vec<&Judged> = rows.iter().filter(|row| row.is_harmless()).collect();
    let (tuning, tested): (Vec<&Judged>, Vec<&Judged>) =
        rows.iter().filter(|row| !row.truth.is_empty()).partition(|row| row.set_aside);
    if harmless.len() < FEWEST_HARMLESS {
        return Err(CalibrateError::FewHarmless { found: harmless.len(), needed: FEWEST_HARMLESS });
    }
    if tested.is_empty() {
        return Err(CalibrateError::NoneSensitive);
    }
    let family = Family::of(&harmless, &tuning);
    let doubts = Doubts::of(&tuning, &family, goals.kept, before.map(|before| &before.0));
    let strictest = strictest_allowed(&family, &harmless, goals.max_alarms);
    let walk = Walk::new(family, doubts, strictest);

    let overall = walk.test(&tested, goals.alpha, goals.delta);
    let own = walk_by_category(&walk, &tested, &tuning, goals);
    let chosen = Chosen::of(&walk, &overall, &own);
    let mut file = Thresholds {
        alpha: goals.alpha,
        delta: goals.delta,
        population: goals.population.clone(),
        rows: rows.len(),
        thresholds: PerCategory(chosen.thresholds),
        doubt: PerCategory(chosen.doubts),
        bounds: BTreeMap::new(),
    };
    file.set_bounds(
        Bound { missed: chosen.missed(&tested), ..overall.bound },
        Category::ALL.map(|category| {
            let of = rows_of(&tested, category);
            let certified = own[category as usize].as_ref().map(|own| own.bound.clone());
            chosen.bound(&of, certified, goals.delta)
        }),
    );
    let observed = chosen.observe(rows, &harmless, tuning.len());
    let mut warnings = unmet(&file, goals);
    if strictest.is_none() {
        let alarms = observed.alarms as f64 / harmless.len() as f64;
        warnings.push(Warning::TooManyAlarms { alarms, max_alarms: goals.max_alarms });
    }
    Ok(Calibration { file, observed, warnings })
}

impl Goals {
    fn check(&self) -> Result<(), CalibrateError> {
        let shares = [
            ("alpha", self.alpha),
            ("alpha_category", self.alpha_category),
            ("delta", self.delta),
            ("max_alarms", self.max_alarms),
            ("kept", self.kept),
        ];
        match shares.into_iter().find(|(_, value)| !(*value > 0.0 && *value < 1.0)) {
            Some((name, value)) => Err(CalibrateError::OutOfRange { name, value }),
            None => Ok(()),
        }
    }
}

fn walk_by_category(
    walk: &Walk,
    tested: &[&Judged],
    tuning: &[&Judged],
    goals: &Goals,
) -> [Option<Certified>; 7] {
    let is_promised = Category::ALL.map(|category| {
        let (of, set_aside) = (rows_of(tested, category), rows_of(tuning, category));
        !of.is_empty() && of.len() + set_aside.len() >= ENOUGH
    });
    let promised = is_promised.iter().filter(|promised| **promised).count();
    let delta = goals.delta / promised.max(1) as f64;
    Category::ALL.map(|category| {
        let of = rows_of(tested, category);
        is_promised[category as usize].then(|| walk.test(&of, goals.alpha_category, delta))
    })
}

fn rows_of<'a>(rows: &[&'a Judged], category: Category) -> Vec<&'a Judged> {
    rows.iter().copied().filter(|row| row.truth.contains(category)).collect()
}

/// The thresholds that are taken.
struct Chosen {
    thresholds: [f32; 7],
    doubts: [f32; 7],
}

impl Chosen {
    /// The strictest that any of the tests asks for: what is caught at looser thresholds stays caught, so none of them loses.
    /// A test that showed nothing asks for the begin, where its bound was counted.
    fn of(walk: &Walk, overall: &Certified, own: &[Option<Certified>; 7]) -> Self {
        let at = own.iter().flatten().map(|own| own.at).fold(overall.at, usize::min);
        let (thresholds, doubts) = walk.member(at);
        Self { thresholds: *thresholds, doubts: *doubts }
    }

    fn missed(&self, rows: &[&Judged]) -> usize {
        rows.iter().filter(|row| !row.is_caught(&self.thresholds, &self.doubts)).count()
    }

    /// What holds for one category: what was certified, else an interval.
    fn bound(&self, of: &[&Judged], certified: Option<Bound>, delta: f64) -> Option<Bound> {
        let (n, missed) = (of.len(), self.missed(of));
        if let Some(certified) = certified {
            return Some(Bound { missed, ..certified });
        }
        let (at_least, at_most) = interval(missed, n, delta);
        let confidence = 1.0 - delta;
        (n > 0).then_some(Bound { n, missed, at_least, at_most, confidence, method: Method::Interval })
    }

    fn observe(&self, rows: &[Judged], harmless: &[&Judged], set_aside: usize) -> Observed {
        let count = |test: &dyn Fn(&Judged) -> bool| harmless.iter().filter(|row| test(row)).count();
        Observed {
            harmless: harmless.len(),
            alarms: count(&|row| row.is_flagged(&self.thresholds)),
            slow: count(&|row| row.is_doubted(&self.doubts)),
            alarms_by_category: std::array::from_fn(|at| count(&|row| row.slow[at] >= self.thresholds[at])),
            set_aside,
            left_out: rows.iter().filter(|row| row.truth.is_empty() && !row.uncertain.is_empty()).count(),
        }
    }
}

/// The promises that the file does not hold.
fn unmet(file: &Thresholds, goals: &Goals) -> Vec<Warning> {
    let categories = Category::ALL.into_iter().map(|c| (Some(c), file.bound(c), goals.alpha_category));
    std::iter::once((None, file.overall(), goals.alpha))
        .chain(categories)
        .filter_map(|(category, bound, alpha)| {
            let bound = bound.filter(|bound| bound.method == Method::ClopperPearson)?.clone();
            Some(Warning::AlphaNotMet { category, alpha, bound, max_alarms: goals.max_alarms })
        })
        .collect()
}

#[cfg(test)]
mod tests;
