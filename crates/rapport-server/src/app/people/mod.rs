//! People in memory: profiles folded as the log grows, loaded on demand, bounded.
//!
//! INVARIANT: no lock is held across a call of the store, whose writing thread comes in here as its observer.

mod checkpoint;
mod slot;

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rapport_core::event::Record;
use rapport_core::gate::{Person, Terms};
use rapport_core::ids::Surrogate;
use rapport_core::profile::{Folder, Limits};
use rapport_store::{Committed, Observer, Store};

use crate::app::Problem;

pub use slot::Ready;
use slot::Slot;

/// Shards of the cache, so that people do not wait for each other.
const SHARDS: usize = 64;
/// How often a person who changes all the while is loaded anew before the answer is used and not kept.
const TRIES: usize = 3;

type Shard = HashMap<Surrogate, Arc<Slot>>;

/// The cache of people.
pub struct People {
    shards: Vec<Mutex<Shard>>,
    hasher: RandomState,
    per_shard: usize,
    terms: Terms,
    limits: Limits,
    changed: Mutex<HashSet<Surrogate>>,
    unwritten: Mutex<HashSet<Surrogate>>,
}

impl People {
    /// An empty cache for `cached` people, folding under `terms`.
    pub fn new(cached: usize, terms: Terms, limits: Limits) -> Self {
        Self {
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
            hasher: RandomState::new(),
            per_shard: cached.div_ceil(SHARDS).max(1),
            terms,
            limits,
            changed: Mutex::default(),
            unwritten: Mutex::default(),
        }
    }

    /// A person up to date with the log: every event whose append returned before this was called is in.
    ///
    /// # Errors
    /// `unknown-person` for somebody who is not registered (any more).
    pub fn get(&self, store: &dyn Store, person: Surrogate) -> Result<Arc<Ready>, Problem> {
        let slot = self.slot(person);
        if let Some(ready) = slot.ready() {
            return Ok(ready);
        }
        let mut tries = 0;
        loop {
            let version = slot.version();
            let loaded = Arc::new(self.load(store, person)?);
            tries += 1;
            if slot.install(Arc::clone(&loaded), version) || tries == TRIES {
                return Ok(loaded);
            }
        }
    }

    /// The same under other terms than the policy's in force; nothing is kept.
    ///
    /// # Errors
    /// As [`People::get`].
    pub fn get_under(&self, store: &dyn Store, who: Surrogate, terms: &Terms) -> Result<Arc<Ready>, Problem> {
        if *terms == self.terms {
            return self.get(store, who);
        }
        let person = facts(store, who)?;
        let (offset, records) = records(store.read(who)?);
        let folder = Folder { terms, notices: &person.notices, limits: &self.limits };
        let profile = folder.fold(&records);
        Ok(Arc::new(Ready { person, profile, offset }))
    }

    /// Forgets what is folded of a person: their facts, or what their log held, changed.
    pub fn invalidate(&self, person: Surrogate) {
        if let Some(slot) = lock(self.shard(person)).get(&person) {
            slot.invalidate();
        }
        self.mark(person);
    }

    /// Drops an erased person.
    pub fn forget(&self, person: Surrogate) {
        if let Some(slot) = lock(self.shard(person)).remove(&person) {
            slot.invalidate();
        }
        lock(&self.unwritten).remove(&person);
        lock(&self.changed).insert(person);
    }

    /// Marks a person as changed since the last look.
    pub fn mark(&self, person: Surrogate) {
        lock(&self.changed).insert(person);
    }

    /// Whoever changed since the last call.
    pub fn take_changed(&self) -> Vec<Surrogate> {
        std::mem::take(&mut *lock(&self.changed)).into_iter().collect()
    }

    /// How many people are in memory.
    pub fn len(&self) -> usize {
        self.shards.iter().map(|shard| lock(shard).len()).sum()
    }

    /// Whether nobody is in memory.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn load(&self, store: &dyn Store, who: Surrogate) -> Result<Ready, Problem> {
        let person = facts(store, who)?;
        let folder = Folder { terms: &self.terms, notices: &person.notices, limits: &self.limits };
        if let Some((offset, mut profile)) = checkpoint::read(store, who, &self.terms, &person)? {
            let (last, later) = records(store.read_after(who, offset)?);
            if later.iter().all(|record| folder.apply(&mut profile, record).is_ok()) {
                return Ok(Ready { person, profile, offset: offset.max(last) });
            }
        }
        let (offset, records) = records(store.read(who)?);
        let profile = folder.fold(&records);
        Ok(Ready { person, profile, offset })
    }

    fn slot(&self, person: Surrogate) -> Arc<Slot> {
        let mut shard = lock(self.shard(person));
        if let Some(slot) = shard.get(&person) {
            return Arc::clone(slot);
        }
        if shard.len() >= self.per_shard {
            // The log is the truth, so anybody may give way; whoever comes first in a randomly keyed map does.
            if let Some(gone) = shard.keys().next().copied() {
                shard.remove(&gone);
            }
        }
        Arc::clone(shard.entry(person).or_default())
    }

    fn shard(&self, person: Surrogate) -> &Mutex<Shard> {
        &self.shards[self.hasher.hash_one(person) as usize % SHARDS]
    }
}

/// Folds what one commit added, before it is acknowledged.
impl Observer for People {
    fn committed(&self, events: &[Committed]) {
        for event in events {
            let slot = lock(self.shard(event.person)).get(&event.person).cloned();
            if let Some(slot) = slot {
                slot.fold(event, &self.terms, &self.limits);
            }
        }
        lock(&self.changed).extend(events.iter().map(|event| event.person));
        lock(&self.unwritten).extend(events.iter().map(|event| event.person));
    }
}

/// The facts of a registered person.
///
/// # Errors
/// `unknown-person` for anybody else.
pub fn facts(store: &dyn Store, who: Surrogate) -> Result<Person, Problem> {
    let bytes = store.person_by_surrogate(who)?.ok_or_else(Problem::unknown_person)?;
    read_facts(&bytes)
}

/// The facts as the store keeps them.
///
/// # Errors
/// When they were written by another version of the program.
pub fn read_facts(bytes: &[u8]) -> Result<Person, Problem> {
    serde_json::from_slice(bytes).map_err(|error| {
        tracing::error!(line = error.line(), "a stored person does not read");
        Problem::internal()
    })
}

/// The facts for the store.
///
/// # Errors
/// Never in practice: every fact has a JSON form.
pub fn write_facts(person: &Person) -> Result<Vec<u8>, Problem> {
    serde_json::to_vec(person).map_err(|_| Problem::internal())
}

fn records(rows: Vec<(u64, Record)>) -> (u64, Vec<Record>) {
    let last = rows.last().map_or(0, |(seq, _)| *seq);
    (last, rows.into_iter().map(|(_, record)| record).collect())
}

/// A panic elsewhere must not take everybody down.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
