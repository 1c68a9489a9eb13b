//! The one place that writes to standard output.
#![allow(clippy::print_stdout, reason = "what a command answers is its output")]

use std::io::{self, IsTerminal, Write};

use serde::Serialize;

/// Writes `text` and a line feed, and flushes: whoever reads a pipe sees a line when it is said.
pub fn line(text: impl std::fmt::Display) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{text}")?;
    out.flush()
}

/// Writes `value` as one line of JSON.
pub fn json(value: &impl Serialize) -> io::Result<()> {
    line(serde_json::to_string(value)?)
}

/// A buffered writer to standard output, for commands that answer line by line in bulk.
pub fn bulk() -> io::BufWriter<io::StdoutLock<'static>> {
    io::BufWriter::with_capacity(1 << 16, io::stdout().lock())
}

/// Tells people about progress or a problem, apart from the answer.
pub fn note(text: impl std::fmt::Display) {
    // Nobody to tell is no reason to fail.
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Whether somebody is looking at standard error.
pub fn is_watched() -> bool {
    io::stderr().is_terminal()
}
