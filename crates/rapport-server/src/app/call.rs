//! What comes with a request besides its body: its clock, its seed, its signals of consent.

use rapport_core::time::UnixMillis;

use crate::app::Problem;

/// The clock of a server, passed in.
pub trait Clock: Send + Sync {
    /// The time.
    fn now(&self) -> UnixMillis;
}

/// The clock of the machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> UnixMillis {
        UnixMillis(jiff::Timestamp::now().as_millisecond())
    }
}

/// One request's circumstances.
#[derive(Clone, Debug)]
pub struct Call {
    /// Its whole clock.
    pub now: UnixMillis,
    /// Fixes its randomness and ties; drawn if it does not say.
    pub seed: Option<u64>,
    /// Whether it bears `Sec-GPC: 1`.
    pub gpc: bool,
    /// The preset that it asks to be judged by; only with `--dev`.
    pub policy: Option<String>,
}

impl Call {
    /// A request at `now` that says nothing else.
    pub fn at(now: UnixMillis) -> Self {
        Self { now, seed: None, gpc: false, policy: None }
    }

    /// The seed that it says, or a random one.
    ///
    /// # Errors
    /// When the system has no randomness to give.
    pub fn seed(&self) -> Result<u64, Problem> {
        match self.seed {
            Some(seed) => Ok(seed),
            None => Ok(u64::from_le_bytes(random()?)),
        }
    }
}

/// Random bytes of the system.
///
/// # Errors
/// When the system has none to give.
pub fn random<const N: usize>() -> Result<[u8; N], Problem> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| {
        tracing::error!(%error, "the system gave no randomness");
        Problem::internal()
    })?;
    Ok(bytes)
}
