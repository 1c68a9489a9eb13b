//! A small WebDriver client: the few commands that the browser test needs. The known libraries bring a licence that
//! this project does not take, or an asynchronous HTTP stack of their own.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// Keeps what Chromium would like to do on its own from happening.
const FLAGS: [&str; 10] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--lang=en-US",
];

/// A key that has no letter, as WebDriver spells it.
pub const TAB: &str = "\u{e004}";
pub const ENTER: &str = "\u{e007}";

/// A browser with one tab.
pub struct Browser {
    driver: Child,
    agent: ureq::Agent,
    session: String,
    shots: Option<PathBuf>,
    _profile: tempfile::TempDir,
}

impl Browser {
    /// Starts chromedriver and Chromium; both must be there.
    pub fn start() -> Self {
        let profile = tempfile::tempdir().unwrap();
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the browser tests need `chromedriver` and Chromium on the PATH (`cargo xtask test` installs them)");
        let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines();
        let port = lines
            .by_ref()
            .find_map(|line| {
                line.unwrap().split("successfully on port ").nth(1)?.trim_end_matches('.').parse::<u16>().ok()
            })
            .expect("chromedriver should say which port it listens on");
        std::thread::spawn(move || lines.for_each(drop));
        let config = ureq::Agent::config_builder().http_status_as_error(false).proxy(None).build();
        let mut browser = Self {
            driver,
            agent: config.into(),
            session: format!("http://127.0.0.1:{port}/session"),
            shots: std::env::var_os("RAPPORT_SCREENSHOTS").map(Into::into),
            _profile: profile,
        };
        browser.open_session();
        browser
    }

    fn open_session(&mut self) {
        let folder = format!("--user-data-dir={}", self._profile.path().display());
        let flags: Vec<&str> = FLAGS.into_iter().chain([folder.as_str()]).collect();
        let wanted = json!({"capabilities": {"alwaysMatch": {
            "browserName": "chrome",
            "goog:chromeOptions": {"args": flags},
            "goog:loggingPrefs": {"browser": "ALL"},
        }}});
        let opened = self.send("POST", "", &wanted);
        let id = opened["sessionId"].as_str().expect("Chromium should start").to_owned();
        self.session = format!("{}/{id}", self.session);
    }

    /// Makes the tab as large as a screen of `width` × `height`.
    pub fn size(&self, width: u32, height: u32) {
        let metrics = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.cdp("Emulation.setDeviceMetricsOverride", &metrics);
    }

    pub fn open(&self, url: &str) {
        self.send("POST", "/url", &json!({"url": url}));
    }

    /// Runs a function body in the page and answers what it returns.
    pub fn run(&self, script: &str, arguments: &[&str]) -> Value {
        self.send("POST", "/execute/sync", &json!({"script": script, "args": arguments}))
    }

    /// Whether the script returns something true.
    pub fn holds(&self, script: &str) -> bool {
        self.run(&format!("return Boolean({script})"), &[]) == true
    }

    /// What the script returns, as text.
    pub fn text(&self, script: &str) -> String {
        self.run(&format!("return String({script})"), &[]).as_str().unwrap_or_default().to_owned()
    }

    /// How many elements there are.
    pub fn count(&self, selector: &str) -> u64 {
        self.run("return document.querySelectorAll(arguments[0]).length", &[selector]).as_u64().unwrap()
    }

    /// Presses and releases each key.
    pub fn keys(&self, keys: &str) {
        let presses: Vec<Value> = keys
            .chars()
            .flat_map(|key| {
                [json!({"type": "keyDown", "value": key}), json!({"type": "keyUp", "value": key})]
            })
            .collect();
        self.send(
            "POST",
            "/actions",
            &json!({"actions": [{"type": "key", "id": "keys", "actions": presses}]}),
        );
    }

    /// Clicks where a person would.
    pub fn click(&self, selector: &str) {
        let found = self.send("POST", "/element", &json!({"using": "css selector", "value": selector}));
        let id = found.as_object().and_then(|ids| ids.values().next()).and_then(Value::as_str);
        let id = id.unwrap_or_else(|| panic!("`{selector}` should be on the page"));
        // A person scrolls what lies under the bar of a phone out from there.
        self.run("document.querySelector(arguments[0]).scrollIntoView({block: 'center'})", &[selector]);
        let clicked = self.send("POST", &format!("/element/{id}/click"), &json!({}));
        assert!(clicked.is_null(), "`{selector}` can't be clicked: {clicked}");
    }

    /// Waits until the page has done what it was told to.
    pub fn settle(&self) {
        self.until("document.body.dataset.busy === 'false'");
    }

    /// Waits until the script holds; fails after half a minute.
    pub fn until(&self, script: &str) {
        let begun = Instant::now();
        while !self.holds(script) {
            assert!(begun.elapsed() < Duration::from_secs(30), "still not so: `{script}`");
            std::thread::sleep(Duration::from_millis(40));
        }
    }

    /// Errors of the console since the last call.
    pub fn console_errors(&self) -> Vec<String> {
        let log = self.send("POST", "/se/log", &json!({"type": "browser"}));
        let entries = log.as_array().cloned().unwrap_or_default();
        entries
            .iter()
            .filter(|entry| entry["level"] == "SEVERE")
            .map(|entry| entry["message"].as_str().unwrap_or_default().to_owned())
            .collect()
    }

    /// Keeps a picture of the tab, or of the whole page, where `RAPPORT_SCREENSHOTS` says.
    pub fn picture(&self, name: &str, whole: bool) {
        let Some(folder) = &self.shots else { return };
        // What glides has come to rest.
        std::thread::sleep(Duration::from_millis(600));
        let mut wanted = json!({"format": "png", "captureBeyondViewport": whole});
        if whole {
            let size = self.cdp("Page.getLayoutMetrics", &json!({}))["cssContentSize"].clone();
            wanted["clip"] =
                json!({"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1});
        }
        let picture = self.cdp("Page.captureScreenshot", &wanted);
        save(folder, name, picture["data"].as_str().unwrap());
    }

    fn cdp(&self, command: &str, with: &Value) -> Value {
        self.send("POST", "/goog/cdp/execute", &json!({"cmd": command, "params": with}))
    }

    fn send(&self, method: &str, path: &str, body: &Value) -> Value {
        let url = format!("{}{path}", self.session);
        let mut answer = match method {
            "DELETE" => self.agent.delete(&url).call().unwrap(),
            _ => self.agent.post(&url).content_type("application/json").send(body.to_string()).unwrap(),
        };
        let text = answer.body_mut().with_config().limit(64 << 20).read_to_string().unwrap();
        let mut json: Value = serde_json::from_str(&text).unwrap();
        json["value"].take()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Chromium goes with its session; a test that fails must not leave one behind, nor fail twice.
        let _ = self.agent.delete(&self.session).call();
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

fn save(folder: &Path, name: &str, base64: &str) {
    std::fs::create_dir_all(folder).unwrap();
    std::fs::write(folder.join(format!("{name}.png")), decode(base64)).unwrap();
}

/// Base64 with padding, as browsers write it.
fn decode(text: &str) -> Vec<u8> {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut held) = (0u32, 0);
    for value in text.bytes().filter_map(|letter| LETTERS.iter().position(|known| *known == letter)) {
        bits = bits << 6 | value as u32;
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push((bits >> held) as u8);
        }
    }
    out
}
