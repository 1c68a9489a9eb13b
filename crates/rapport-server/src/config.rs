//! The configuration: one commented file that is the default, changed key by key by the operator's own.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use rapport_core::profile::Limits;
use rapport_core::rank::FeedSettings;
use rapport_speech::AudioLimits;
use serde::Deserialize;

/// The file that is the default, with its comments.
pub const DEFAULT: &str = include_str!("../../../rapport.toml");

/// Shortest operator key accepted, in characters.
const MIN_KEY: usize = 16;
/// As far back as a frequency cap may look, in days.
const LONGEST_CAP: u16 = 367;

/// Everything that an operator can set; the comments are in `rapport.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The socket and its limits.
    pub server: Server,
    /// Which policy is in force.
    pub policy: Policy,
    /// Limits of incoming events.
    pub ingest: Ingest,
    /// The sensitive gate.
    pub understanding: Understanding,
    /// Spoken events.
    pub speech: Speech,
    /// The cache of profiles.
    pub people: People,
    /// How large a profile may grow.
    pub profile: Limits,
    /// The catalogue.
    pub catalog: Catalog,
    /// Feed requests.
    pub feed: Feed,
    /// Ads requests.
    pub ads: Ads,
    /// How long records are kept.
    pub retention: Retention,
    /// The log.
    pub log: Log,
}

/// The socket and its limits.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    /// Address and port.
    pub listen: SocketAddr,
    /// The key of every call without `--dev`.
    pub operator_key: Secret,
    /// Largest body, in bytes.
    pub max_body_bytes: usize,
    /// Longest request, in milliseconds.
    pub request_timeout_ms: u64,
    /// How long requests under way may take once told to stop, in milliseconds.
    pub shutdown_grace_ms: u64,
}

/// Which policy is in force.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// A preset's name or a folder.
    pub name: String,
}

/// Limits of incoming events.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ingest {
    /// Longest text of an event, in bytes.
    pub max_text_bytes: usize,
    /// Most events in one request.
    pub max_events: usize,
}

/// The sensitive gate: its thresholds, and what `rapport calibrate` asks of new ones. Shares are within 0 to 1.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Understanding {
    /// A file that `rapport calibrate` wrote; empty is the one compiled in.
    pub thresholds: PathBuf,
    /// Largest share of sensitive messages that may pass unflagged.
    pub alpha: f64,
    /// The same within one category.
    pub alpha_category: f64,
    /// One minus the confidence.
    pub delta: f64,
    /// Largest share of harmless rows that may be flagged.
    pub max_alarms: f64,
    /// Smallest share of the slow path's findings that the fast path must send its way.
    pub kept: f64,
}

/// Spoken events.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Speech {
    /// The models folder; empty is one in the user's cache.
    pub models: PathBuf,
    /// Longest audio, in seconds.
    pub max_seconds: f32,
    /// Largest audio before decoding, in bytes.
    pub max_bytes: usize,
    /// Requests whose audio is transcribed at once, each on a thread of its own.
    pub threads: usize,
    /// Requests that may wait for one of them.
    pub queue: usize,
}

impl Speech {
    /// How much audio is accepted.
    pub fn limits(&self) -> AudioLimits {
        AudioLimits { max_seconds: self.max_seconds, max_bytes: self.max_bytes }
    }

    /// The models folder: `models`, else `rapport` in `$XDG_CACHE_HOME`, else in `~/.cache`.
    ///
    /// # Errors
    /// [`ConfigError::NoModelsFolder`] where nothing names one.
    pub fn folder(&self) -> Result<PathBuf, ConfigError> {
        if !self.models.as_os_str().is_empty() {
            return Ok(self.models.clone());
        }
        let named =
            |variable| std::env::var_os(variable).map(PathBuf::from).filter(|path| path.is_absolute());
        let cache = named("XDG_CACHE_HOME").or_else(|| named("HOME").map(|home| home.join(".cache")));
        Ok(cache.ok_or(ConfigError::NoModelsFolder)?.join("rapport"))
    }
}

/// The cache of profiles.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct People {
    /// Profiles kept in memory.
    pub cached: usize,
    /// Pause between two rounds of checkpoints, in milliseconds.
    pub checkpoint_every_ms: u64,
    /// Most profiles written in one round.
    pub checkpoint_batch: usize,
}

/// The catalogue.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalog {
    /// Pause between two rounds of finding the most popular items, in milliseconds.
    pub popular_every_ms: u64,
}

/// Feed requests.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Feed {
    /// Items answered if the request does not say.
    pub default_limit: usize,
    /// Items answered at most.
    pub max_limit: usize,
    /// The weights of its scorers and the sizes of its sources.
    pub ranking: FeedSettings,
}

/// Ads requests.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ads {
    /// Ads answered if the request does not say.
    pub default_limit: usize,
    /// Ads answered at most.
    pub max_limit: usize,
    /// How long an answer's tokens and reserved prices live, in minutes.
    pub decision_minutes: i64,
}

/// How long records are kept.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// Receipts, in days.
    pub receipts_days: u16,
    /// Ad decisions after they expired, in days.
    pub decisions_days: u16,
    /// Pause between two rounds of removing, in minutes.
    pub every_minutes: u64,
}

/// The log.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// The least severe level written.
    pub level: Level,
}

/// How severe a line must be to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Somebody must act.
    Error,
    /// Recovered.
    Warn,
    /// What the server does.
    Info,
    /// For finding faults.
    Debug,
    /// Everything.
    Trace,
}

/// A text that never shows in `Debug` output.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// The text itself.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.0.is_empty() { "Secret(empty)" } else { "Secret(..)" })
    }
}

/// Why a configuration is refused.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("the configuration `{path}` cannot be read: {source}")]
    Unreadable {
        /// The file.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// Not TOML, an unknown key or a value of the wrong type.
    #[error("the configuration is refused: {0}; every key stands with its comment in `rapport.toml`")]
    Refused(#[from] toml::de::Error),
    /// No key, and not `--dev`.
    #[error(
        "`server.operator_key` has {0} characters, and a server without `--dev` needs at least {MIN_KEY}; set it in the configuration file"
    )]
    NoOperatorKey(usize),
    /// Nothing says where models lie.
    #[error(
        "neither `XDG_CACHE_HOME` nor `HOME` names a folder; name one in `speech.models` or with `--models`"
    )]
    NoModelsFolder,
    /// A cap would forget what it counts.
    #[error(
        "`retention.decisions_days` is {0}, and should be at least {LONGEST_CAP}: the longest frequency cap looks back that far"
    )]
    ForgetsCaps(u16),
    /// `--dev` is for this machine only.
    #[error(
        "`--dev` asks for no key and trusts the clock it is told, so it listens on loopback only; `{0}` is not"
    )]
    DevNotLoopback(SocketAddr),
}

impl Config {
    /// The default: `rapport.toml` as it was compiled in.
    ///
    /// # Errors
    /// Only if that file was broken when this was compiled, which a test prevents.
    pub fn standard() -> Result<Self, ConfigError> {
        Self::with("")
    }

    /// The default with the keys that `changes` (TOML) names.
    ///
    /// # Errors
    /// When `changes` is no TOML, or names an unknown key, or a value has the wrong type.
    pub fn with(changes: &str) -> Result<Self, ConfigError> {
        let mut table: toml::Table = toml::from_str(DEFAULT)?;
        overlay(&mut table, toml::from_str(changes)?);
        Ok(table.try_into()?)
    }

    /// The default with the keys that the file at `path` names.
    ///
    /// # Errors
    /// When the file cannot be read, and as [`Config::with`].
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let unreadable = |source| ConfigError::Unreadable { path: path.display().to_string(), source };
        Self::with(&std::fs::read_to_string(path).map_err(unreadable)?)
    }

    /// Refuses what would be unsafe to serve.
    ///
    /// # Errors
    /// A missing key without `dev`; with it, an address that is not loopback; a retention that caps can't live with.
    pub fn check(&self, dev: bool) -> Result<(), ConfigError> {
        if self.retention.decisions_days < LONGEST_CAP {
            return Err(ConfigError::ForgetsCaps(self.retention.decisions_days));
        }
        let key = self.server.operator_key.reveal().chars().count();
        match dev {
            true if !self.server.listen.ip().is_loopback() => {
                Err(ConfigError::DevNotLoopback(self.server.listen))
            }
            false if key < MIN_KEY => Err(ConfigError::NoOperatorKey(key)),
            _ => Ok(()),
        }
    }
}

fn overlay(under: &mut toml::Table, over: toml::Table) {
    for (key, value) in over {
        match (under.get_mut(&key), value) {
            (Some(toml::Value::Table(below)), toml::Value::Table(above)) => overlay(below, above),
            (_, value) => {
                under.insert(key, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_file_is_the_default() {
        let config = Config::standard().unwrap();
        assert_eq!(config.policy.name, "careful");
        assert_eq!(config.profile, Limits::default());
        assert_eq!(config.feed.ranking, FeedSettings::default());
        assert_eq!(config.speech.limits(), AudioLimits::default());
    }

    #[test]
    fn a_file_changes_only_the_keys_it_names() {
        let config = Config::with("[ingest]\nmax_text_bytes = 10").unwrap();
        assert_eq!(config.ingest.max_text_bytes, 10);
        assert_eq!(config.ingest.max_events, Config::standard().unwrap().ingest.max_events);
    }

    #[test]
    fn models_lie_where_the_configuration_says_or_in_a_cache() {
        let named = Config::with("[speech]\nmodels = \"/models\"").unwrap();
        assert_eq!(named.speech.folder().unwrap(), Path::new("/models"));
        if let Ok(folder) = Config::standard().unwrap().speech.folder() {
            assert!(folder.is_absolute() && folder.ends_with("rapport"), "{}", folder.display());
        }
    }

    #[test]
    fn an_unknown_key_is_refused_by_name() {
        let error = Config::with("[ingest]\nmax_txt_bytes = 10").unwrap_err().to_string();
        assert!(error.contains("max_txt_bytes"), "{error}");
    }

    #[test]
    fn a_server_without_dev_needs_a_key_and_dev_needs_loopback() {
        let none = Config::standard().unwrap();
        assert!(matches!(none.check(false), Err(ConfigError::NoOperatorKey(0))));
        assert!(none.check(true).is_ok());
        let open =
            Config::with("[server]\nlisten = \"0.0.0.0:7700\"\noperator_key = \"a key of some length\"")
                .unwrap();
        assert!(open.check(false).is_ok());
        assert!(matches!(open.check(true), Err(ConfigError::DevNotLoopback(_))));
        assert!(!format!("{open:?}").contains("a key of"), "secrets never appear in Debug output");
    }
}
