//! Chores of the project, run as `cargo xtask <chore>` from anywhere in the repository.
//!
//! | chore | does |
//! |---|---|
//! | `test [--quick]` | installs what is missing, then every check that a change must pass |
//! | `models` | fetches the pinned weights and converts them into `models/` |
//! | `eval [--data DIR]` | measures on the evaluation data and rewrites `docs/evaluation.md` |
#![allow(clippy::print_stdout, reason = "a chore's output is what its caller reads")]

mod eval;
mod models;
mod shell;
mod steps;
mod tally;
mod test;
mod tools;

use std::process::ExitCode;

use anyhow::{Result, bail};

const USAGE: &str = "\
usage: cargo xtask <chore>

  test [--quick]       format, lints, tests, docs and dependency rules; --quick leaves out
                       browser and speech tests, docs and dependency rules, and installs nothing
  models               fetch the pinned weights and convert them into models/
  eval [--data DIR]    measure on the data in DIR (default: ../shared/data) and rewrite docs/evaluation.md";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result<ExitCode> {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["test"] => return Ok(test::run(test::Scope::Full)),
        ["test", "--quick"] => return Ok(test::run(test::Scope::Quick)),
        ["models"] => models::run()?,
        ["eval"] => eval::run(eval::DATA.as_ref())?,
        ["eval", "--data", directory] => eval::run(directory.as_ref())?,
        [] | ["help" | "--help" | "-h"] => println!("{USAGE}"),
        _ => bail!("`{}` is not a chore\n\n{USAGE}", words.join(" ")),
    }
    Ok(ExitCode::SUCCESS)
}
