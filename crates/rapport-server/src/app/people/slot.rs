//! One person in memory: what is folded, and what the log has that is not.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rapport_core::gate::Person;
use rapport_core::gate::Terms;
use rapport_core::profile::{Folder, Limits, Profile};
use rapport_store::Committed;

/// A person as folded up to a place in the log.
#[derive(Clone, Debug)]
pub struct Ready {
    /// Facts, choices and notices.
    pub person: Person,
    /// What their log comes to.
    pub profile: Profile,
    /// Every event up to and including this sequence number is in the profile.
    pub offset: u64,
}

/// A place in the cache. Readers take a snapshot and never wait for the store.
#[derive(Debug, Default)]
pub(super) struct Slot(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    ready: Option<Arc<Ready>>,
    /// The last event that the log is known to have of them.
    latest: u64,
    /// Grows whenever what is loaded meanwhile is out of date.
    version: u64,
}

impl Slot {
    pub(super) fn ready(&self) -> Option<Arc<Ready>> {
        self.lock().ready.clone()
    }

    /// To be shown to [`Slot::install`]: nothing may have changed since.
    pub(super) fn version(&self) -> u64 {
        self.lock().version
    }

    /// Takes in what was loaded since `version` was read; whether it is up to date.
    pub(super) fn install(&self, loaded: Arc<Ready>, version: u64) -> bool {
        let mut state = self.lock();
        let fresh = state.version == version && state.latest <= loaded.offset;
        if fresh {
            state.ready = Some(loaded);
        }
        fresh
    }

    pub(super) fn invalidate(&self) {
        let mut state = self.lock();
        state.version += 1;
        state.ready = None;
    }

    /// Folds the next event of the log; what takes an earlier one back is folded anew at the next look.
    pub(super) fn fold(&self, event: &Committed, terms: &Terms, limits: &Limits) {
        let mut state = self.lock();
        state.latest = state.latest.max(event.seq);
        let Some(mut ready) = state.ready.take() else { return };
        if ready.offset < event.seq {
            let person = Arc::make_mut(&mut ready);
            let folder = Folder { terms, notices: &person.person.notices, limits };
            if folder.apply(&mut person.profile, &event.record).is_err() {
                return;
            }
            person.offset = event.seq;
        }
        state.ready = Some(ready);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
