//! The policies that the server can judge by: the one in force and, with `--dev`, both presets.

use std::sync::Arc;

use rapport_core::gate::{Decider, PolicyFacts};
use rapport_policy::{CedarPolicy, PRESETS, PolicyError};
use rapport_store::{Store, StoreError};

use crate::app::{Call, Problem};

/// Where the store keeps the versions that were ever in force, oldest first; a version's epoch is its place.
const HISTORY: &str = "policy-history";

/// The policies at hand.
pub struct Policies {
    known: Vec<Arc<CedarPolicy>>,
    history: Vec<String>,
}

/// Why no policy could be put in force.
#[derive(Debug, thiserror::Error)]
pub enum PoliciesError {
    /// The policy itself.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// The store that remembers versions.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Policies {
    /// Puts `name` (a preset or a folder) in force; with `dev`, the presets can be asked for by request.
    ///
    /// # Errors
    /// When the policy is refused, or the store cannot remember its version.
    pub fn open(name: &str, dev: bool, store: &dyn Store) -> Result<Self, PoliciesError> {
        let mut opened = vec![CedarPolicy::open(name)?];
        for preset in PRESETS.iter().filter(|_| dev) {
            if opened[0].facts().name != *preset {
                opened.push(CedarPolicy::preset(preset)?);
            }
        }
        let known: Vec<String> =
            store.setting(HISTORY)?.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
        let mut history = known.clone();
        let known_policies =
            opened.into_iter().map(|policy| Arc::new(remember(policy, &mut history))).collect();
        if history != known {
            let bytes = serde_json::to_vec(&history).unwrap_or_default();
            store.put_setting(HISTORY, Some(&bytes))?;
        }
        Ok(Self { known: known_policies, history })
    }

    /// The policy in force.
    pub fn current(&self) -> &Arc<CedarPolicy> {
        &self.known[0]
    }

    /// What anybody may know about the policy in force.
    pub fn current_facts(&self) -> &PolicyFacts {
        self.current().facts()
    }

    /// The policy that `call` is judged by.
    ///
    /// # Errors
    /// When the call names a policy that is not at hand.
    pub fn for_call(&self, call: &Call) -> Result<&Arc<CedarPolicy>, Problem> {
        let Some(name) = &call.policy else { return Ok(self.current()) };
        self.known.iter().find(|policy| policy.facts().name == *name).ok_or_else(|| {
            Problem::invalid("`Rapport-Policy` names no policy at hand; say `announced` or `careful`")
        })
    }

    /// Every policy at hand, the one in force first.
    pub fn all(&self) -> &[Arc<CedarPolicy>] {
        &self.known
    }

    /// Every version that was ever in force here, oldest first.
    pub fn history(&self) -> &[String] {
        &self.history
    }

    /// The notice that `name` stands for: a policy's version or name, or the notice's own id.
    pub fn notice(&self, name: &str) -> Option<String> {
        let names = |facts: &PolicyFacts| facts.version == name || facts.name == name;
        let by_version =
            self.known.iter().find(|p| names(p.facts())).and_then(|p| p.facts().notice_in_force());
        let by_id =
            || self.known.iter().flat_map(|p| &p.facts().terms.notices).find(|notice| notice.id == name);
        by_version.or_else(by_id).map(|notice| notice.id.clone())
    }
}

fn remember(policy: CedarPolicy, history: &mut Vec<String>) -> CedarPolicy {
    let version = policy.facts().version.clone();
    let epoch = history.iter().position(|known| *known == version).unwrap_or_else(|| {
        history.push(version);
        history.len() - 1
    });
    policy.with_epoch(epoch as u32)
}
