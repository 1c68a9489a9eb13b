//! Times of many runs of the same thing.

use std::time::{Duration, Instant};

/// Times, sorted.
pub struct Times(Vec<Duration>);

impl Times {
    /// Runs `job` once for each of `0..n`, after `warm` runs that do not count.
    pub fn of(n: usize, warm: usize, mut job: impl FnMut(usize)) -> Self {
        (0..warm).for_each(&mut job);
        let mut times: Vec<Duration> = (0..n)
            .map(|index| {
                let start = Instant::now();
                job(index);
                start.elapsed()
            })
            .collect();
        times.sort();
        Self(times)
    }

    /// The time that `share` of the runs stayed within, in microseconds.
    pub fn percentile_us(&self, share: f64) -> f64 {
        let last = self.0.len().saturating_sub(1);
        let place = (share * self.0.len() as f64).ceil() as usize;
        self.0.get(place.saturating_sub(1).min(last)).map_or(0.0, |time| time.as_secs_f64() * 1e6)
    }

    /// The mean, in microseconds.
    pub fn mean_us(&self) -> f64 {
        let sum: Duration = self.0.iter().sum();
        sum.as_secs_f64() * 1e6 / self.0.len().max(1) as f64
    }
}

/// How often a second `job` handles one of `n` things; it is told to handle all of them.
pub fn per_second(n: usize, job: impl FnOnce()) -> f64 {
    let start = Instant::now();
    job();
    n as f64 / start.elapsed().as_secs_f64().max(1e-9)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_times_that_were_seen() {
        let times = Times((1..=100).map(Duration::from_micros).collect());
        assert!((times.percentile_us(0.5) - 50.0).abs() < 1e-6);
        assert!((times.percentile_us(0.99) - 99.0).abs() < 1e-6);
        assert!((times.mean_us() - 50.5).abs() < 1e-6);
    }
}
