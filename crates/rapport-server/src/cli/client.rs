//! A server to talk to: one elsewhere over HTTP, or its router in this process. Both speak the same contract,
//! so a record that the one refuses is refused by the other.

use std::sync::Arc;

use anyhow::{Context, Result, bail};
use axum::Router;
use axum::body::Body;
use rapport_server::app::App;
use serde_json::Value;
use tower::ServiceExt;

use crate::cli::output;

/// Longest answer read, in bytes.
const MAX_ANSWER: usize = 256 << 20;

/// What a server said.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body; null where there is none.
    pub body: Value,
}

impl Answer {
    /// Whether the server did as it was asked.
    pub fn is_ok(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Why it did not, in the words of its problem document.
    pub fn problem(&self) -> String {
        problem(&self.body).unwrap_or_else(|| format!("the server answered {}", self.status))
    }
}

/// The sentence in a problem document: its detail, else its title, else the text itself.
pub fn problem(body: &Value) -> Option<String> {
    let said = |field: &str| body.get(field).and_then(Value::as_str);
    said("detail").or_else(|| said("title")).or_else(|| body.as_str()).map(str::to_owned)
}

/// Somebody who answers the contract's calls.
pub enum Client {
    /// A server elsewhere.
    Remote(Remote),
    /// A router in this process.
    Local(Local),
}

/// A server elsewhere.
pub struct Remote {
    agent: ureq::Agent,
    base: String,
    key: Option<String>,
}

/// A router in this process, with the runtime that it runs on.
pub struct Local {
    router: Router,
    runtime: tokio::runtime::Runtime,
    /// Closed when this is dropped.
    own: Option<Arc<App>>,
}

impl Client {
    /// The server at `url`, for example `http://127.0.0.1:7700`; `key` is the operator's.
    ///
    /// # Errors
    /// When `url` is not plain HTTP.
    pub fn remote(url: &str, key: Option<String>) -> Result<Self> {
        let base = url.trim_end_matches('/');
        let base = base.strip_suffix("/v1").unwrap_or(base);
        if !base.starts_with("http://") {
            bail!("`{url}` is no address that starts with `http://`, for example `http://127.0.0.1:7700`");
        }
        let config = ureq::Agent::config_builder().http_status_as_error(false).build();
        Ok(Self::Remote(Remote { agent: config.into(), base: base.to_owned(), key }))
    }

    /// `router`, on a runtime of its own; `own` is closed with the client.
    ///
    /// # Errors
    /// When the system gives no threads.
    pub fn local(router: Router, own: Option<Arc<App>>) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        Ok(Self::Local(Local { router, runtime, own }))
    }

    /// Sends one call; `path` begins with `/v1`.
    ///
    /// # Errors
    /// When the server can't be reached or its answer can't be read; a refusal is an answer.
    pub fn send(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Answer> {
        let bytes = body.map(serde_json::to_vec).transpose()?;
        match self {
            Self::Remote(remote) => remote.send(method, path, bytes),
            Self::Local(local) => local.send(method, path, bytes),
        }
    }
}

impl Remote {
    fn send(&self, method: &str, path: &str, body: Option<Vec<u8>>) -> Result<Answer> {
        let request = request(method, &format!("{}{path}", self.base), self.key.as_deref());
        let unreachable = || format!("no answer from `{}`; is the server running?", self.base);
        let mut response = match body {
            Some(bytes) => self.agent.run(request.body(bytes)?),
            None => self.agent.run(request.body(())?),
        }
        .with_context(unreachable)?;
        let status = response.status().as_u16();
        let text = response.body_mut().with_config().limit(MAX_ANSWER as u64).read_to_vec()?;
        Ok(Answer { status, body: read(&text) })
    }
}

impl Local {
    fn send(&self, method: &str, path: &str, body: Option<Vec<u8>>) -> Result<Answer> {
        let request = request(method, path, None).body(Body::from(body.unwrap_or_default()))?;
        self.runtime.block_on(async {
            let response = self.router.clone().oneshot(request).await?;
            let status = response.status().as_u16();
            let bytes = axum::body::to_bytes(response.into_body(), MAX_ANSWER).await?;
            Ok(Answer { status, body: read(&bytes) })
        })
    }
}

impl Drop for Local {
    fn drop(&mut self) {
        if let Some(Err(problem)) = self.own.as_ref().map(|app| app.close()) {
            output::note(format!("the store did not close: {problem}"));
        }
    }
}

fn request(method: &str, target: &str, key: Option<&str>) -> axum::http::request::Builder {
    let builder =
        axum::http::Request::builder().method(method).uri(target).header("content-type", "application/json");
    match key {
        Some(key) => builder.header("authorization", format!("Bearer {key}")),
        None => builder,
    }
}

/// JSON where it is JSON, the text itself where it is not, null where there is nothing.
fn read(bytes: &[u8]) -> Value {
    if bytes.is_empty() {
        return Value::Null;
    }
    serde_json::from_slice(bytes).unwrap_or_else(|_| String::from_utf8_lossy(bytes).into_owned().into())
}

/// An id as one segment of a path.
pub fn segment(id: &str) -> String {
    let mut out = String::with_capacity(id.len());
    for byte in id.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(byte.into()),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_of_any_letters_is_one_segment() {
        assert_eq!(segment("a/b?c d"), "a%2Fb%3Fc%20d");
        assert_eq!(segment("zoë"), "zo%C3%AB");
        assert_eq!(segment("p-1.x_~"), "p-1.x_~");
    }
}
