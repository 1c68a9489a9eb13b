//! Profiles written behind the log, so that a start need not fold everything.

use rapport_core::gate::{NoticeSeen, Person, Terms};
use rapport_core::ids::Surrogate;
use rapport_core::profile::Profile;
use rapport_store::{Checkpoint, Store, StoreError};

use crate::app::people::{People, lock};

/// What a fold depends on besides the log, and what it came to.
#[derive(serde::Serialize, serde::Deserialize)]
struct Written {
    terms: [u8; 32],
    notices: Vec<NoticeSeen>,
    profile: Profile,
}

/// A person's profile as last written, with its place in the log; `None` if there is none or it was folded under
/// other terms or notices.
pub(super) fn read(
    store: &dyn Store,
    who: Surrogate,
    terms: &Terms,
    person: &Person,
) -> Result<Option<(u64, Profile)>, StoreError> {
    let Some((offset, payload)) = store.checkpoint(who)? else { return Ok(None) };
    let written = postcard::from_bytes::<Written>(&payload).ok();
    let fits = written.filter(|w| w.terms == digest(terms) && w.notices == person.notices);
    Ok(fits.map(|w| (offset, w.profile)))
}

impl People {
    /// Writes up to `limit` profiles that changed since they were last written; how many. Whoever is no longer in
    /// memory is left to be folded from the log.
    ///
    /// # Errors
    /// When the commit fails; they are then written in a later round.
    pub fn checkpoint(&self, store: &dyn Store, limit: usize) -> Result<usize, StoreError> {
        let batch: Vec<Surrogate> = {
            let mut unwritten = lock(&self.unwritten);
            let batch: Vec<Surrogate> = unwritten.iter().take(limit).copied().collect();
            batch.iter().for_each(|person| {
                unwritten.remove(person);
            });
            batch
        };
        let terms = digest(&self.terms);
        let checkpoints: Vec<Checkpoint> =
            batch.iter().filter_map(|person| self.to_checkpoint(*person, terms)).collect();
        let count = checkpoints.len();
        if count > 0
            && let Err(error) = store.put_checkpoints(checkpoints)
        {
            lock(&self.unwritten).extend(batch);
            return Err(error);
        }
        Ok(count)
    }

    fn to_checkpoint(&self, person: Surrogate, terms: [u8; 32]) -> Option<Checkpoint> {
        let slot = lock(self.shard(person)).get(&person).cloned()?;
        let ready = slot.ready()?;
        let written =
            Written { terms, notices: ready.person.notices.clone(), profile: ready.profile.clone() };
        let payload = postcard::to_stdvec(&written).ok()?;
        Some(Checkpoint { person, offset: ready.offset, payload })
    }
}

fn digest(terms: &Terms) -> [u8; 32] {
    *blake3::hash(&serde_json::to_vec(terms).unwrap_or_default()).as_bytes()
}
