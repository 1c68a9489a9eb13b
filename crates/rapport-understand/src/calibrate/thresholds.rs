//! The file of thresholds: what the gate reads, and the bounds that were certified when it was written.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use rapport_core::topic::Category;
use serde::de::{Error as _, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::outcome::percent;

/// Key of the bound over all categories.
const OVERALL: &str = "overall";

/// The thresholds of the seven detectors, where they come from, and what they promise.
///
/// ```json
/// {"alpha": 0.02, "delta": 0.1, "population": "…", "rows": 2400,
///  "thresholds": {"religion": 0.31, …}, "doubt": {"religion": 0.05, …},
///  "bounds": {"overall": {"n": 900, "missed": 9, "at_most": 0.02, "confidence": 0.9, "method": "learn-then-test"}, …}}
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Thresholds {
    /// Largest share of sensitive messages that was to pass, 0 to 1.
    pub alpha: f64,
    /// One minus the confidence of the bounds, 0 to 1.
    pub delta: f64,
    /// For which messages the bounds hold, in words.
    pub population: String,
    /// Labelled rows that went in.
    pub rows: usize,
    /// A detector's probability from which its category is flagged; each within 0 to 1.
    pub thresholds: PerCategory,
    /// The fast path's probability from which a text takes the slow path; each at most the threshold.
    pub doubt: PerCategory,
    /// What holds: `overall`, and by category.
    #[serde(default)]
    pub(super) bounds: BTreeMap<String, Bound>,
}

/// A number for each category, in the order of [`Category::ALL`]; all seven are named in the file.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PerCategory(pub [f32; 7]);

/// A share of sensitive messages that pass unflagged, as far as the rows tell.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bound {
    /// Sensitive rows that were judged.
    pub n: usize,
    /// Those that passed unflagged.
    pub missed: usize,
    /// The share is at least this …
    #[serde(default)]
    pub at_least: f64,
    /// … and at most this …
    pub at_most: f64,
    /// … with this confidence, 0 to 1.
    pub confidence: f64,
    /// How the bound was found.
    pub method: Method,
}

/// How a bound was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// The thresholds were chosen so that it holds (Angelopoulos et al. 2021).
    LearnThenTest,
    /// The goal was not reached; this is the bound at thresholds that were fixed without looking at the rows counted.
    ClopperPearson,
    /// Too few rows for a promise: the two-sided interval of Clopper and Pearson at the chosen thresholds.
    Interval,
}

/// Why a file of thresholds is refused.
#[derive(Debug, thiserror::Error)]
pub enum ThresholdsError {
    /// It is not there, or can't be read.
    #[error("thresholds `{}` can't be read: {source}; `rapport calibrate` writes such a file", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Not JSON, or a field is missing, unknown or of another type.
    #[error("thresholds are malformed: {0}; `rapport calibrate` writes them")]
    Malformed(#[from] serde_json::Error),
    /// Outside of its range.
    #[error("thresholds: `{name}` is {value}; expected more than 0 and less than 1")]
    OutOfRange {
        /// Which number.
        name: String,
        /// What it is.
        value: f64,
    },
    /// The fast path would let pass what the slow path flags.
    #[error(
        "thresholds: `doubt.{category}` is {doubt}; expected 0 to {threshold}, the threshold: what is flagged must be doubted first"
    )]
    Doubt {
        /// Whose.
        category: &'static str,
        /// What it is.
        doubt: f32,
        /// Its most.
        threshold: f32,
    },
    /// A bound of nothing known.
    #[error("thresholds: `bounds.{0}` is no category, nor `overall`")]
    UnknownBound(String),
}

impl Thresholds {
    /// Reads the file's bytes.
    ///
    /// # Errors
    /// When it is no such file, or a number is out of its range; the error names it.
    pub fn parse(bytes: &[u8]) -> Result<Self, ThresholdsError> {
        let read: Self = serde_json::from_slice(bytes)?;
        read.check()?;
        Ok(read)
    }

    /// Reads the file at `path`.
    ///
    /// # Errors
    /// When it can't be read, and as [`Thresholds::parse`].
    pub fn read(path: &Path) -> Result<Self, ThresholdsError> {
        let bytes = std::fs::read(path)
            .map_err(|source| ThresholdsError::Unreadable { path: path.to_owned(), source })?;
        Self::parse(&bytes)
    }

    /// The file's text: JSON with a line feed at its end.
    ///
    /// # Errors
    /// When what would be written could not be read back.
    pub fn to_json(&self) -> Result<String, ThresholdsError> {
        self.check()?;
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }

    /// What holds over all categories.
    pub fn overall(&self) -> Option<&Bound> {
        self.bounds.get(OVERALL)
    }

    /// What is promised, in a sentence: how much, how surely, and for whom.
    pub fn promise(&self) -> Option<String> {
        let Bound { n, missed, at_most, confidence, .. } = self.overall()?;
        Some(format!(
            "With confidence {}, at most {} of sensitive messages pass unflagged: for messages like the rows of the \
             calibration, drawn the same way ({}). {missed} of {n} were missed there.",
            percent(*confidence),
            percent(*at_most),
            self.population,
        ))
    }

    /// What holds for one category's messages.
    pub fn bound(&self, category: Category) -> Option<&Bound> {
        self.bounds.get(category.name())
    }

    /// Puts down what was found.
    pub(super) fn set_bounds(&mut self, overall: Bound, categories: [Option<Bound>; 7]) {
        self.bounds = BTreeMap::from([(OVERALL.to_owned(), overall)]);
        for (category, bound) in Category::ALL.into_iter().zip(categories) {
            self.bounds.extend(bound.map(|bound| (category.name().to_owned(), bound)));
        }
    }

    fn check(&self) -> Result<(), ThresholdsError> {
        within("alpha", self.alpha)?;
        within("delta", self.delta)?;
        for category in Category::ALL {
            let (threshold, doubt) = (self.thresholds.of(category), self.doubt.of(category));
            within(&format!("thresholds.{}", category.name()), threshold.into())?;
            // Written so that NaN is refused.
            if !(0.0..=threshold).contains(&doubt) {
                return Err(ThresholdsError::Doubt { category: category.name(), doubt, threshold });
            }
        }
        for (name, bound) in &self.bounds {
            if name != OVERALL && Category::from_name(name).is_none() {
                return Err(ThresholdsError::UnknownBound(name.clone()));
            }
            within(&format!("bounds.{name}.confidence"), bound.confidence)?;
        }
        Ok(())
    }
}

fn within(name: &str, value: f64) -> Result<(), ThresholdsError> {
    if value > 0.0 && value < 1.0 {
        return Ok(());
    }
    Err(ThresholdsError::OutOfRange { name: name.into(), value })
}

impl PerCategory {
    /// The number of one category.
    pub fn of(&self, category: Category) -> f32 {
        self.0[category as usize]
    }
}

impl Serialize for PerCategory {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(Some(self.0.len()))?;
        for category in Category::ALL {
            map.serialize_entry(category.name(), &self.of(category))?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for PerCategory {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(Named)
    }
}

/// Reads seven numbers by name.
struct Named;

impl<'de> Visitor<'de> for Named {
    type Value = PerCategory;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number for each of the seven categories")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<PerCategory, M::Error> {
        let mut found = [None; 7];
        while let Some((name, value)) = map.next_entry::<String, f32>()? {
            let category = Category::from_name(&name)
                .ok_or_else(|| M::Error::custom(format!("`{name}` is no category")))?;
            if found[category as usize].replace(value).is_some() {
                return Err(M::Error::custom(format!("`{name}` is given twice")));
            }
        }
        let mut values = [0.0; 7];
        for category in Category::ALL {
            let missing = || M::Error::custom(format!("`{}` is missing", category.name()));
            values[category as usize] = found[category as usize].ok_or_else(missing)?;
        }
        Ok(PerCategory(values))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file() -> Thresholds {
        let bound = Bound {
            n: 300,
            missed: 2,
            at_least: 0.0,
            at_most: 0.02,
            confidence: 0.9,
            method: Method::LearnThenTest,
        };
        let mut file = Thresholds {
            alpha: 0.02,
            delta: 0.1,
            population: "rows of a test".into(),
            rows: 900,
            thresholds: PerCategory([0.3, 0.2, 0.4, 0.1, 0.5, 0.6, 0.7]),
            doubt: PerCategory([0.03, 0.02, 0.04, 0.0, 0.05, 0.06, 0.7]),
            bounds: BTreeMap::new(),
        };
        file.set_bounds(bound.clone(), [Some(bound), None, None, None, None, None, None]);
        file
    }

    fn refusal(change: impl Fn(&mut serde_json::Value)) -> String {
        let mut value = serde_json::to_value(file()).unwrap();
        change(&mut value);
        Thresholds::parse(value.to_string().as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn what_is_written_is_read_back() {
        let read = Thresholds::parse(file().to_json().unwrap().as_bytes()).unwrap();
        assert_eq!(read, file());
        assert_eq!(read.overall().map(|bound| bound.missed), Some(2));
        assert!(read.bound(Category::Religion).is_some() && read.bound(Category::Union).is_none());
    }

    #[test]
    fn a_category_that_is_missing_unknown_or_twice_is_named() {
        let missing = refusal(|file| {
            file["thresholds"].as_object_mut().unwrap().remove("health");
        });
        assert!(missing.contains("`health` is missing"), "{missing}");
        let unknown = refusal(|file| file["doubt"]["sport"] = 0.1.into());
        assert!(unknown.contains("`sport` is no category"), "{unknown}");
        let twice = file().to_json().unwrap().replacen("\"religion\"", "\"union\": 0.7, \"religion\"", 1);
        let twice = Thresholds::parse(twice.as_bytes()).unwrap_err().to_string();
        assert!(twice.contains("`union` is given twice"), "{twice}");
    }

    #[test]
    fn a_number_out_of_range_is_named_with_its_value() {
        for value in [0.0, 1.0, -0.1, 1.5] {
            let error = refusal(|file| file["thresholds"]["politics"] = value.into());
            assert!(error.contains("`thresholds.politics`"), "{error}");
        }
        assert!(refusal(|file| file["alpha"] = 2.into()).contains("`alpha` is 2"));
    }

    #[test]
    fn a_doubt_above_its_threshold_is_refused() {
        let error = refusal(|file| file["doubt"]["religion"] = 0.5.into());
        assert!(error.contains("`doubt.religion` is 0.5"), "{error}");
    }

    #[test]
    fn an_unknown_key_or_bound_is_refused() {
        assert!(refusal(|file| file["extra"] = 1.into()).contains("extra"));
        let error = refusal(|file| file["bounds"]["sport"] = file["bounds"]["overall"].clone());
        assert!(error.contains("`bounds.sport`"), "{error}");
    }
}
