//! Time is passed in: the domain has no clock.

use jiff::Timestamp;

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(transparent)]
pub struct UnixMillis(pub i64);

/// One second, in milliseconds.
pub const SECOND: i64 = 1_000;
/// One hour, in milliseconds.
pub const HOUR: i64 = 3_600 * SECOND;
/// One day, in milliseconds.
pub const DAY: i64 = 24 * HOUR;

impl UnixMillis {
    /// Reads RFC 3339, for example `2025-12-16T00:00:00Z`.
    ///
    /// # Errors
    /// When `text` is not RFC 3339 or lies outside the years -9999 to 9999.
    pub fn parse(text: &str) -> Result<Self, jiff::Error> {
        Ok(Self(text.parse::<Timestamp>()?.as_millisecond()))
    }

    /// Milliseconds from `earlier` to this moment; negative if `earlier` is later.
    pub fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// This moment moved by `millis`.
    #[must_use]
    pub fn plus(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// Days since 1970-01-01 in UTC; what "daily" means for budgets.
    pub fn day(self) -> i64 {
        self.0.div_euclid(DAY)
    }

    /// The calendar year in UTC.
    pub fn year(self) -> i16 {
        Timestamp::from_millisecond(self.0).map_or(0, |t| t.to_zoned(jiff::tz::TimeZone::UTC).year())
    }
}

impl std::fmt::Display for UnixMillis {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match Timestamp::from_millisecond(self.0) {
            Ok(time) => write!(f, "{time}"),
            Err(_) => write!(f, "{}ms", self.0),
        }
    }
}

/// 2^(-elapsed / half_life), for a weight that halves every `half_life` milliseconds. Time that runs
/// backwards does not grow a weight.
pub fn decay(elapsed: i64, half_life: i64) -> f32 {
    (-(elapsed.max(0) as f32) / half_life as f32).exp2()
}
