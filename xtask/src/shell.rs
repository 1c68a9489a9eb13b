//! Programs that the chores start: where, with which environment, and what is said when they fail.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// The root of the repository: of the checkout that `cargo run` was called in, also where two share a build folder.
pub fn root() -> PathBuf {
    let xtask = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    let xtask = Path::new(&xtask);
    xtask.parent().unwrap_or(xtask).to_path_buf()
}

/// A program that runs in the repository's root, without input.
///
/// Drops what `cargo run` set for this process: build scripts that watch those variables
/// would otherwise run again after each direct `cargo` call.
pub fn program(name: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(name);
    command.args(arguments).current_dir(root()).stdin(Stdio::null());
    for (variable, _) in std::env::vars_os() {
        if set_by_cargo_run(&variable) {
            command.env_remove(variable);
        }
    }
    command
}

/// The `cargo` that started this process, so that a toolchain chosen by the caller stays chosen.
pub fn cargo(arguments: &[&str]) -> Command {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    program(&cargo, arguments)
}

fn set_by_cargo_run(variable: &OsString) -> bool {
    variable
        .to_str()
        .is_some_and(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_"))
}

/// Runs a program to its end, its output passing through.
pub fn run(mut command: Command) -> Result<()> {
    let shown = show(&command);
    println!("$ {shown}");
    let status = command.status().with_context(|| format!("cannot start `{shown}`"))?;
    if !status.success() {
        bail!("`{shown}` ended with {status}");
    }
    Ok(())
}

/// Runs a program as [`run`] does, and ends it when it takes longer than `limit`.
pub fn run_within(mut command: Command, limit: Duration) -> Result<()> {
    let shown = show(&command);
    println!("$ {shown}");
    let start = Instant::now();
    let mut child = command.spawn().with_context(|| format!("cannot start `{shown}`"))?;
    loop {
        match child.try_wait()? {
            Some(status) if status.success() => return Ok(()),
            Some(status) => bail!("`{shown}` ended with {status}"),
            None if start.elapsed() < limit => std::thread::sleep(Duration::from_millis(100)),
            None => {
                child.kill()?;
                child.wait()?;
                bail!("`{shown}` took longer than {} s", limit.as_secs());
            }
        }
    }
}

/// Runs a program to its end and returns its standard output; its standard error passes through.
pub fn capture(mut command: Command) -> Result<String> {
    let shown = show(&command);
    let output =
        command.stderr(Stdio::inherit()).output().with_context(|| format!("cannot start `{shown}`"))?;
    if !output.status.success() {
        bail!("`{shown}` ended with {}", output.status);
    }
    String::from_utf8(output.stdout).with_context(|| format!("`{shown}` printed something other than UTF-8"))
}

/// Runs a program to its end, its output passing through, and hands each line to `read` as well.
///
/// Returns whether the program succeeded.
pub fn watch(mut command: Command, read: impl Fn(&str) + Sync) -> Result<bool> {
    let shown = show(&command);
    println!("$ {shown}");
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start `{shown}`"))?;
    let (out, err) = (child.stdout.take(), child.stderr.take());
    std::thread::scope(|scope| {
        scope.spawn(|| pass_through(out, std::io::stdout(), &read));
        scope.spawn(|| pass_through(err, std::io::stderr(), &read));
    });
    let status = child.wait().with_context(|| format!("cannot wait for `{shown}`"))?;
    Ok(status.success())
}

fn pass_through(from: Option<impl Read>, mut to: impl Write, read: impl Fn(&str)) {
    let Some(from) = from else { return };
    let mut lines = BufReader::new(from);
    let mut line = Vec::new();
    // A reader that went away must not stop the child, which would block on a full pipe: write errors are dropped.
    while lines.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
        let _ = to.write_all(&line);
        read(String::from_utf8_lossy(&line).trim_end());
        line.clear();
    }
}

/// Says whether a program of this name is on the `PATH`.
pub fn is_installed(name: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(name).is_file())
}

/// The command line, for people.
pub fn show(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    std::iter::once(program)
        .chain(command.get_args())
        .map(|word| word.to_string_lossy().into_owned())
        .collect::<Vec<_>>()
        .join(" ")
}
