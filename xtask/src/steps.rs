//! The steps of a chore: a heading and a time for each, and a summary that names what failed or was left out.

use std::time::{Duration, Instant};

use anyhow::Result;

/// How a step ended that did not fail.
pub enum Outcome {
    /// The step ran and found nothing wrong.
    Passed,
    /// The step could not run here, and why.
    Skipped(String),
}

enum Verdict {
    Passed,
    Skipped(String),
    Failed(String),
}

struct Step {
    name: &'static str,
    took: Duration,
    verdict: Verdict,
}

/// The steps taken so far. A step that fails doesn't keep the next from running: one run shows all that is wrong.
#[derive(Default)]
pub struct Steps {
    taken: Vec<Step>,
}

impl Steps {
    /// Takes one step under a heading, and notes its time and how it ended.
    pub fn take(&mut self, name: &'static str, step: impl FnOnce() -> Result<Outcome>) {
        println!("\n=== {name} ===");
        let start = Instant::now();
        let verdict = match step() {
            Ok(Outcome::Passed) => Verdict::Passed,
            Ok(Outcome::Skipped(why)) => Verdict::Skipped(why),
            Err(error) => Verdict::Failed(format!("{error:#}")),
        };
        let took = start.elapsed();
        println!("--- {name}: {} in {:.1} s", verdict.word(), took.as_secs_f64());
        self.taken.push(Step { name, took, verdict });
    }

    /// Prints a line a step, and returns the names of the steps that failed.
    pub fn finish(self) -> Vec<&'static str> {
        println!("\n=== summary ===");
        for Step { name, took, verdict } in &self.taken {
            println!("{:>7}  {:>7.1} s  {name}", verdict.word(), took.as_secs_f64());
            if let Verdict::Failed(why) | Verdict::Skipped(why) = verdict {
                println!("{:>20} {why}", "");
            }
        }
        let failed = self.taken.iter().filter(|step| matches!(step.verdict, Verdict::Failed(_)));
        failed.map(|step| step.name).collect()
    }
}

impl Verdict {
    fn word(&self) -> &'static str {
        match self {
            Verdict::Passed => "ok",
            Verdict::Skipped(_) => "SKIPPED",
            Verdict::Failed(_) => "FAILED",
        }
    }
}
