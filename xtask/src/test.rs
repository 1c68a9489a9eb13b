//! `cargo xtask test`: every check that a change must pass, from a bare machine.

use std::process::{Command, ExitCode};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::shell;
use crate::steps::{Outcome, Steps};
use crate::tally::{Runner, Tally};
use crate::tools;

/// How much is checked.
#[derive(Clone, Copy, PartialEq)]
pub enum Scope {
    /// Everything; installs what is missing.
    Full,
    /// What a change most likely breaks: no browser, no docs, no dependency rules; installs nothing.
    Quick,
}

/// With this feature the browser tests run, and a browser that is missing fails them.
const BROWSER_TESTS: &str = "rapport-server/browser-tests";

/// With this feature the tests over the speech model run, and a model that is missing fails them.
const SPEECH_TESTS: &str = "rapport-server/speech-tests";

/// How long the advisory database may take to arrive before it counts as out of reach.
const FETCH_LIMIT: Duration = Duration::from_secs(180);

/// Takes all steps of the scope, also past one that fails, and ends on one line that counts the tests.
pub fn run(scope: Scope) -> ExitCode {
    let start = Instant::now();
    let full = scope == Scope::Full;
    let tally = Mutex::new(Tally::default());
    let mut steps = Steps::default();

    if full {
        steps.take("install: browser", || passed(tools::ensure_browser()));
        steps.take("install: cargo-nextest", || Ok(install_nextest()));
        steps.take("install: cargo-deny", || passed(tools::ensure(&tools::DENY)));
        steps.take("install: speech model", || passed(shell::run(speech_model())));
    }
    steps.take("lock file", || passed(lock_file()));
    steps.take("format", || passed(shell::run(shell::cargo(&["fmt", "--all", "--check"]))));
    steps.take("lints", || passed(shell::run(lints())));
    steps.take("tests", || passed(tests(scope, &tally)));
    steps.take("documentation tests", || passed(count(documentation_tests(scope), Runner::Cargo, &tally)));
    if full {
        steps.take("documentation", || passed(shell::run(documentation())));
        steps.take("dependencies: licences, sources, bans", || passed(dependency_rules()));
        steps.take("dependencies: advisories", advisories);
    }

    let failed = steps.finish();
    let tally = tally.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
    println!("{}", tally.line(failed.is_empty(), start.elapsed()));
    if failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn passed(result: Result<()>) -> Result<Outcome> {
    result.map(|()| Outcome::Passed)
}

/// Without it the tests run all the same, so that it can't be had is said, not failed.
fn install_nextest() -> Outcome {
    match tools::ensure(&tools::NEXTEST) {
        Ok(()) => Outcome::Passed,
        Err(error) => Outcome::Skipped(format!(
            "the tests run under `cargo test`, without a time limit each: {error:#}"
        )),
    }
}

/// A lock file behind its manifests would let a fresh clone choose other releases than those that were tried.
fn lock_file() -> Result<()> {
    shell::capture(shell::cargo(&["metadata", "--locked", "--format-version=1"])).map(drop)
}

fn lints() -> Command {
    shell::cargo(&["clippy", "--workspace", "--all-targets", "--all-features", "--", "-D", "warnings"])
}

fn tests(scope: Scope, tally: &Mutex<Tally>) -> Result<()> {
    if tools::is_there(&tools::NEXTEST) {
        let run = ["nextest", "run", "--workspace"];
        return count(with_features(&run, scope), Runner::Nextest, tally);
    }
    println!("cargo-nextest is not installed: the tests run under `cargo test`, without a time limit each");
    let run = ["test", "--workspace", "--lib", "--bins", "--tests", "--no-fail-fast"];
    count(with_features(&run, scope), Runner::Cargo, tally)
}

fn documentation_tests(scope: Scope) -> Command {
    with_features(&["test", "--workspace", "--doc", "--no-fail-fast"], scope)
}

// The same features for all tests, so that nothing is built twice.
fn with_features(arguments: &[&str], scope: Scope) -> Command {
    let all = format!("{BROWSER_TESTS},{SPEECH_TESTS}");
    let features: &[&str] = if scope == Scope::Full { &["--features", &all] } else { &[] };
    shell::cargo(&[arguments, features].concat())
}

// The same features as the tests, so that nothing is built twice.
fn speech_model() -> Command {
    let all = format!("{BROWSER_TESTS},{SPEECH_TESTS}");
    let program = ["run", "--quiet", "--package", "rapport-server", "--bin", "rapport", "--features", &all];
    shell::cargo(&[&program[..], &["--", "models", "pull", "speech"]].concat())
}

fn count(command: Command, runner: Runner, tally: &Mutex<Tally>) -> Result<()> {
    let shown = shell::show(&command);
    let ok = shell::watch(command, |line| {
        if let Ok(mut tally) = tally.lock() {
            tally.read(runner, line);
        }
    })?;
    if !ok {
        bail!("`{shown}` failed");
    }
    Ok(())
}

fn documentation() -> Command {
    let mut command = shell::cargo(&["doc", "--workspace", "--no-deps", "--all-features"]);
    command.env("RUSTDOCFLAGS", "-D warnings");
    command
}

fn dependency_rules() -> Result<()> {
    shell::run(shell::cargo(&["deny", "check", "--hide-inclusion-graph", "bans", "licenses", "sources"]))
}

/// Advisories are in a database on the network. Out of reach is no fault of the change: it is said, not failed.
fn advisories() -> Result<Outcome> {
    if let Err(error) = shell::run_within(shell::cargo(&["deny", "fetch", "db"]), FETCH_LIMIT) {
        return Ok(Outcome::Skipped(format!(
            "known vulnerabilities were NOT checked, no advisory database: {error:#}"
        )));
    }
    passed(shell::run(shell::cargo(&["deny", "check", "--disable-fetch", "advisories"])))
}
