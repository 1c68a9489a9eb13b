//! What a calibration found: thresholds, what was seen with them, and what can't be promised.

use std::fmt;

use rapport_core::topic::Category;

use super::{Bound, Thresholds};

/// The outcome.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Calibration {
    /// What the gate reads, with the bounds.
    pub file: Thresholds,
    /// What was seen on the rows.
    pub observed: Observed,
    /// What was asked for and does not hold.
    pub warnings: Vec<Warning>,
}

/// Counts on the rows, at the chosen thresholds.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Observed {
    /// Harmless rows.
    pub harmless: usize,
    /// Of these, flagged by anything, were all of them to take the slow path.
    pub alarms: usize,
    /// Of these, sent to the slow path by the detectors' doubt.
    pub slow: usize,
    /// Of these, flagged by one category's detector.
    pub alarms_by_category: [usize; 7],
    /// Sensitive rows that chose the sequence and the doubts, and tested nothing.
    pub set_aside: usize,
    /// Rows that count neither way.
    pub left_out: usize,
}

/// Something asked for that does not hold.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
#[serde(tag = "warning", rename_all = "kebab-case")]
pub enum Warning {
    /// No thresholds within the allowed alarms keep the promise.
    AlphaNotMet {
        /// Whose messages; none is all of them.
        category: Option<Category>,
        /// What was asked for.
        alpha: f64,
        /// What holds instead.
        bound: Bound,
        /// The share of harmless rows that thresholds may flag.
        max_alarms: f64,
    },
    /// Explicit terms, topics and the loosest thresholds flag more harmless rows than allowed.
    TooManyAlarms {
        /// The share flagged.
        alarms: f64,
        /// The share allowed.
        max_alarms: f64,
    },
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AlphaNotMet { category, alpha, bound, max_alarms } => {
                let (at_most, confidence) = (percent(bound.at_most), percent(bound.confidence));
                let whose = category.map_or("sensitive", Category::name);
                write!(
                    f,
                    "at most {at_most} of {whose} messages pass with confidence {confidence}, not {} as asked: ",
                    percent(*alpha)
                )?;
                match fewest_rows(*alpha, 1.0 - bound.confidence) {
                    fewest if bound.n < fewest => {
                        write!(f, "{} rows can't show more, and {fewest} could if none were missed", bound.n)
                    }
                    _ => write!(
                        f,
                        "stricter thresholds would flag more than {} of the harmless rows",
                        percent(*max_alarms)
                    ),
                }
            }
            Self::TooManyAlarms { alarms, max_alarms } => write!(
                f,
                "{} of the harmless rows are flagged even at the loosest thresholds, by explicit terms or topics mostly; {} were allowed",
                percent(*alarms),
                percent(*max_alarms),
            ),
        }
    }
}

/// How many rows show, if none is missed, that at most `alpha` are.
pub(super) fn fewest_rows(alpha: f64, delta: f64) -> usize {
    (delta.ln() / (-alpha).ln_1p()).ceil() as usize
}

/// A share for people: `7.1 %`. Two digits below a percent.
pub fn percent(share: f64) -> String {
    let hundredths = share * 100.0;
    let digits = if hundredths < 1.0 { 2 } else { 1 };
    let text = format!("{hundredths:.digits$}");
    let short = text.trim_end_matches('0').trim_end_matches('.');
    format!("{short} %")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_said_in_percent() {
        assert_eq!([0.02, 0.0714, 0.9, 0.0034, 0.0].map(percent), ["2 %", "7.1 %", "90 %", "0.34 %", "0 %"]);
    }
}
