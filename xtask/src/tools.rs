//! Programs that the checks need beside the Rust toolchain: looked for first, installed only where they are missing.

use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::shell;

/// The packages, as Debian names them, that bring a browser and its WebDriver server.
const BROWSER_PACKAGES: [&str; 2] = ["chromium", "chromium-driver"];
const BROWSERS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// The release of cargo-deny that is installed where there is none. A newer one that is already there is used as it is.
const CARGO_DENY: &str = "0.20.2";

/// Sees to a headless browser and its WebDriver server.
///
/// # Errors
/// When they are missing and can't be installed.
pub fn ensure_browser() -> Result<()> {
    let browser = BROWSERS.iter().any(|name| shell::is_installed(name));
    if browser && shell::is_installed("chromedriver") {
        println!("browser: already installed");
        return Ok(());
    }
    if !shell::is_installed("apt-get") {
        bail!(
            "the browser tests need Chromium and `chromedriver` on the PATH, and there is no apt-get to install them"
        );
    }
    shell::run(as_root(&["apt-get", "-qq", "-o", "Acquire::Retries=3", "update"])?)?;
    let install = ["apt-get", "-qq", "-y", "--no-install-recommends", "-o", "Acquire::Retries=3", "install"];
    shell::run(as_root(&[&install[..], &BROWSER_PACKAGES].concat())?)
}

/// Sees to `cargo deny`.
///
/// # Errors
/// When it is missing and can't be built.
pub fn ensure_cargo_deny() -> Result<()> {
    if has_cargo_command("deny") {
        println!("cargo-deny: already installed");
        return Ok(());
    }
    // Unoptimised it builds in a minute instead of many, and still checks this tree in seconds.
    let mut install =
        shell::cargo(&["install", "cargo-deny", "--locked", "--debug", "--version", CARGO_DENY]);
    install.env("CARGO_PROFILE_DEV_DEBUG", "0");
    shell::run(install)
}

/// Says whether cargo knows this subcommand, wherever it looks for it.
pub fn has_cargo_command(name: &str) -> bool {
    let status = shell::cargo(&[name, "--version"]).stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

fn as_root(words: &[&str]) -> Result<Command> {
    let user = shell::capture(shell::program("id", &["-u"])).context("cannot tell whether this is root")?;
    let quiet = ["env", "DEBIAN_FRONTEND=noninteractive"];
    if user.trim() == "0" {
        return Ok(shell::program(quiet[0], &[&quiet[1..], words].concat()));
    }
    if !shell::is_installed("sudo") {
        bail!("`{}` needs root: run it yourself, then start again", words.join(" "));
    }
    Ok(shell::program("sudo", &[&["-n"], &quiet[..], words].concat()))
}
