//! The binary as its users meet it: a process with arguments, standard streams and an exit code.
#![allow(dead_code, reason = "each test binary uses its own part")]

use std::fs::OpenOptions;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

/// Runs `rapport` to its end.
pub fn rapport(arguments: &[&str]) -> Output {
    rapport_with(arguments, "")
}

/// Runs `rapport` to its end with `input` on standard input.
pub fn rapport_with(arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_rapport"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

/// What a run said on standard output.
pub fn said(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// What a run said on standard error.
pub fn complained(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Writes `lines` as JSON lines and answers the file's path.
pub fn jsonl(folder: &Path, name: &str, lines: &[Value]) -> String {
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

/// Where a server over `data` writes its log: beside the folder, appended from start to start.
pub fn log_of(data: &Path) -> PathBuf {
    data.with_extension("log")
}

fn log(data: &Path) -> Stdio {
    OpenOptions::new().create(true).append(true).open(log_of(data)).unwrap().into()
}

/// A running `rapport serve --dev`; killed when dropped.
pub struct Served {
    child: Child,
    url: String,
    agent: ureq::Agent,
}

impl Served {
    /// Starts it on a free port over `data` and waits until it is ready.
    pub fn start(data: &Path) -> Self {
        Self::start_with(data, &["--dev"])
    }

    /// The same with other arguments.
    pub fn start_with(data: &Path, arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_rapport"))
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(data)
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(log(data))
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on ").unwrap_or_else(|| panic!("said {line:?}"));
        let config = ureq::Agent::config_builder().http_status_as_error(false).build();
        Self { child, url: format!("http://{address}"), agent: config.into() }
    }

    /// Its address.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Kills it as a power cut would.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Kills it from outside while others still talk to it.
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// Sends one call to `/v1`; the answer's status and body.
    pub fn call(&self, method: &str, path: &str, body: Option<&Value>) -> (u16, Value) {
        call(&self.agent, &self.url, method, path, body).unwrap()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends one call to the `/v1` of `url`; an error if no whole answer came.
pub fn call(
    agent: &ureq::Agent,
    url: &str,
    method: &str,
    path: &str,
    body: Option<&Value>,
) -> Result<(u16, Value), ureq::Error> {
    let request = ureq::http::Request::builder()
        .method(method)
        .uri(format!("{url}/v1{path}"))
        .header("content-type", "application/json");
    let mut response = match body {
        Some(body) => agent.run(request.body(body.to_string())?)?,
        None => agent.run(request.body(())?)?,
    };
    let status = response.status().as_u16();
    let text = response.body_mut().read_to_string()?;
    Ok((status, serde_json::from_str(&text).unwrap_or(Value::Null)))
}
