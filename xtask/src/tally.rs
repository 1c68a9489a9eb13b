//! Counts of tests, read off the summary lines of the programs that run them.

use std::time::Duration;

/// A program that runs tests, known by the shape of its summary line.
#[derive(Clone, Copy, PartialEq)]
pub enum Runner {
    /// `cargo nextest run`: `Summary [  0.1s] 3 tests run: 2 passed (1 slow), 1 failed, 4 skipped`.
    Nextest,
    /// `cargo test`, a line a binary: `test result: ok. 2 passed; 0 failed; 4 ignored; 0 measured; …`.
    Cargo,
}

impl Runner {
    fn summary_starts(self) -> &'static str {
        match self {
            Runner::Nextest => "Summary [",
            Runner::Cargo => "test result: ",
        }
    }
}

/// How many tests ran, and how they ended.
#[derive(Default, Debug, PartialEq)]
pub struct Tally {
    passed: u64,
    failed: u64,
    ignored: u64,
}

impl Tally {
    /// Adds the counts of a summary line; any other line counts nothing.
    pub fn read(&mut self, runner: Runner, line: &str) {
        // Only the runner's own shape: nextest shows the output of a failed test, with a `test result` of its own.
        let Some(counts) = line.trim_start().strip_prefix(runner.summary_starts()) else { return };
        let words: Vec<&str> = counts.split_whitespace().collect();
        for pair in words.windows(2) {
            let Ok(number) = pair[0].parse::<u64>() else { continue };
            match pair[1].trim_end_matches([',', ';']) {
                "passed" => self.passed += number,
                "failed" | "timed" | "exec" => self.failed += number,
                "ignored" | "skipped" => self.ignored += number,
                _ => {}
            }
        }
    }

    /// The counts in the words of `cargo test`. The whole is `FAILED` also where a step other than the tests failed.
    pub fn line(&self, all_ok: bool, took: Duration) -> String {
        let word = if all_ok { "ok" } else { "FAILED" };
        let Tally { passed, failed, ignored } = self;
        let seconds = took.as_secs_f64();
        format!(
            "test result: {word}. {passed} passed; {failed} failed; {ignored} ignored; finished in {seconds:.1}s"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::{Runner, Tally};

    fn tally(runner: Runner, lines: &[&str]) -> Tally {
        let mut tally = Tally::default();
        lines.iter().for_each(|line| tally.read(runner, line));
        tally
    }

    #[test]
    fn nextest_summaries_are_counted() {
        let lines =
            ["     Summary [   4.2s] 9 tests run: 6 passed (1 slow), 2 failed, 1 timed out, 4 skipped"];
        assert_eq!(tally(Runner::Nextest, &lines), Tally { passed: 6, failed: 3, ignored: 4 });
    }

    #[test]
    fn summaries_of_cargo_test_add_up() {
        let lines = [
            "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 7 filtered out; finished in 0.00s",
            "test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s",
        ];
        assert_eq!(tally(Runner::Cargo, &lines), Tally { passed: 4, failed: 2, ignored: 1 });
    }

    #[test]
    fn output_of_a_failed_test_is_not_counted_again() {
        let lines = ["    test result: FAILED. 0 passed; 1 failed; 0 ignored", "running 1 test"];
        assert_eq!(tally(Runner::Nextest, &lines), Tally::default());
    }
}
