//! Programs that the checks need beside the Rust toolchain: looked for first, installed only where they are missing.

use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::shell;

/// The packages, as Debian names them, that bring a browser and its WebDriver server.
const BROWSER_PACKAGES: [&str; 2] = ["chromium", "chromium-driver"];
const BROWSERS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// A cargo subcommand, and the release that is installed where there is none; another that is already there is used.
pub struct Subcommand {
    name: &'static str,
    release: &'static str,
}

/// Checks the dependency tree: licences, sources, known vulnerabilities.
pub const DENY: Subcommand = Subcommand { name: "deny", release: "0.20.2" };
/// Runs each test in a process of its own, with a time limit.
pub const NEXTEST: Subcommand = Subcommand { name: "nextest", release: "0.9.151" };

// A fresh machine may still be updating itself: wait for its lock.
const APT_OPTIONS: [&str; 8] =
    ["-qq", "-y", "-o", "Acquire::Retries=3", "-o", "DPkg::Lock::Timeout=300", "-o", "Dpkg::Use-Pty=0"];

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
    let apt_get = [&["apt-get"], &APT_OPTIONS[..]].concat();
    shell::run(as_root(&[&apt_get[..], &["update"]].concat())?)?;
    shell::run(as_root(&[&apt_get[..], &["install", "--no-install-recommends"], &BROWSER_PACKAGES].concat())?)
}

/// Sees to a cargo subcommand.
///
/// # Errors
/// When it is missing and can't be built.
pub fn ensure(subcommand: &Subcommand) -> Result<()> {
    let Subcommand { name, release } = subcommand;
    if is_there(subcommand) {
        println!("cargo-{name}: already installed");
        return Ok(());
    }
    // Unoptimised it builds in a minute or a few instead of many, and is fast enough for this tree.
    let mut install =
        shell::cargo(&["install", &format!("cargo-{name}"), "--version", release, "--locked", "--debug"]);
    install.env("CARGO_PROFILE_DEV_DEBUG", "0");
    shell::run(install)
}

/// Says whether cargo knows this subcommand, wherever it looks for it.
pub fn is_there(subcommand: &Subcommand) -> bool {
    let asked =
        shell::cargo(&[subcommand.name, "--version"]).stdout(Stdio::null()).stderr(Stdio::null()).status();
    asked.is_ok_and(|status| status.success())
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
