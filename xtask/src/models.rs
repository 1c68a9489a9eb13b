//! `cargo xtask models`: fetches the pinned weights and trains `models/` anew.
//!
//! The result is in the repository, so nobody needs this to run Rapport: it is for whoever wants to see that the
//! weights come from where they say, or to replace them.

use anyhow::{Context, Result, bail};

use crate::shell;

const PYTHON: &str = "python3";

/// The training downloads the wheels that it pins by SHA-256, and keeps its own environment under `target/`.
const TRAIN: &str = "training/train.py";

/// Runs the training, and says whether what it wrote differs from what is committed.
///
/// # Errors
/// When Python is missing, a wheel differs from its hash, or the training fails.
pub fn run() -> Result<()> {
    ensure_python()?;
    shell::run(shell::program(PYTHON, &[TRAIN]))?;
    let changed = shell::capture(shell::program("git", &["status", "--short", "--", "models"]))?;
    if changed.is_empty() {
        println!("models/ is byte for byte what is committed");
    } else {
        println!("models/ differs from what is committed:\n{changed}");
    }
    Ok(())
}

fn ensure_python() -> Result<()> {
    if !shell::is_installed(PYTHON) {
        bail!(
            "`{PYTHON}` is not on the PATH: install Python 3.11 or newer, then run `cargo xtask models` again"
        );
    }
    // Debian ships Python without the module that fills a new environment with pip.
    shell::capture(shell::program(PYTHON, &["-c", "import venv, ensurepip"])).with_context(|| {
        format!(
            "`{PYTHON}` can't make a virtual environment; install what is missing (Debian: `python3-venv`)"
        )
    })?;
    Ok(())
}
