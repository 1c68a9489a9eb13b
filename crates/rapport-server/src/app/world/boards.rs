//! What is popular, for each policy and product: votes read from views, so that a choice takes them back.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rapport_core::catalog::{Catalog, Popularity, RowId, Vote, votes};
use rapport_core::gate::{Asking, Decider, Feed, Gate};
use rapport_core::ids::{Product, Surrogate};
use rapport_core::time::UnixMillis;
use rapport_policy::CedarPolicy;
use rapport_store::Store;

use crate::app::People;

/// Products that have a board of their own; a feed in any further one has no popular items.
const MAX_PRODUCTS: usize = 16;

/// People counted before what came of it is published.
const AT_ONCE: usize = 2_000;

/// What is popular in one product under one policy.
#[derive(Clone, Default)]
pub struct Popular {
    /// Every item's votes.
    pub votes: Popularity,
    /// The items with the most.
    pub top: Vec<RowId>,
}

#[derive(Default)]
struct Board {
    standing: HashMap<Surrogate, Vec<Vote>>,
    votes: Popularity,
    /// People whose votes may have changed.
    pending: HashSet<Surrogate>,
    published: Arc<Popular>,
}

type Key = (String, Product);

/// Every board.
#[derive(Default)]
pub struct Boards {
    boards: Mutex<HashMap<Key, Board>>,
    refreshing: Mutex<()>,
}

impl Boards {
    /// What is popular in `product` under the policy version `policy`, as of the last refresh. The first call for
    /// a product makes its board.
    pub fn of(&self, store: &dyn Store, policy: &str, product: &Product) -> Arc<Popular> {
        let key = (policy.to_owned(), product.clone());
        if let Some(board) = self.lock().get(&key) {
            return Arc::clone(&board.published);
        }
        let mut everybody = HashSet::new();
        if store
            .people(&mut |_, person| {
                everybody.insert(person.surrogate);
            })
            .is_err()
        {
            return Arc::default();
        }
        let mut boards = self.lock();
        if boards.len() < MAX_PRODUCTS {
            boards.entry(key).or_insert_with(|| Board { pending: everybody, ..Board::default() });
        }
        Arc::default()
    }

    /// Counts the votes of people who changed anew, as their views at `now` have them.
    pub fn refresh(&self, sources: &Sources<'_>, now: UnixMillis) {
        let _turn = self.refreshing.lock().unwrap_or_else(PoisonError::into_inner);
        let changed = sources.people.take_changed();
        let work: Vec<(Key, Vec<Surrogate>)> = {
            let mut boards = self.lock();
            boards.values_mut().for_each(|board| board.pending.extend(&changed));
            boards
                .iter_mut()
                .filter(|(_, board)| !board.pending.is_empty())
                .map(|(key, board)| (key.clone(), std::mem::take(&mut board.pending).into_iter().collect()))
                .collect()
        };
        for (key, pending) in work {
            pending.chunks(AT_ONCE).for_each(|people| self.count(sources, &key, people, now));
        }
    }

    /// Counts one person's votes anew at once: they made a choice, or took something back. Waits for no refresh; one
    /// that is under way may publish what it read before, and the next one puts that right.
    pub fn recount(&self, sources: &Sources<'_>, person: Surrogate, now: UnixMillis) {
        let keys: Vec<Key> = self.lock().keys().cloned().collect();
        keys.iter().for_each(|key| self.count(sources, key, &[person], now));
    }

    fn count(&self, sources: &Sources<'_>, key: &Key, people: &[Surrogate], now: UnixMillis) {
        let Some(policy) = sources.policies.iter().find(|p| p.facts().version == key.0) else { return };
        let asking = Asking { product: &key.1, now, gpc: false };
        let counted =
            people.iter().map(|who| (*who, sources.votes(policy.as_ref(), *who, &asking))).collect();
        self.publish(key, counted, sources.catalog);
    }

    /// Takes an erased person's votes out at once.
    pub fn forget(&self, person: Surrogate, catalog: &Catalog) {
        let keys: Vec<Key> = self.lock().keys().cloned().collect();
        keys.iter().for_each(|key| self.publish(key, vec![(person, Vec::new())], catalog));
    }

    fn publish(&self, key: &Key, counted: Vec<(Surrogate, Vec<Vote>)>, catalog: &Catalog) {
        let mut boards = self.lock();
        let Some(board) = boards.get_mut(key) else { return };
        let mut changed = false;
        for (who, votes) in counted {
            let before = if votes.is_empty() {
                board.standing.remove(&who)
            } else {
                board.standing.insert(who, votes.clone())
            };
            let before = before.unwrap_or_default();
            changed |= before != votes;
            board.votes.remove(&before);
            board.votes.add(&votes);
        }
        if !changed {
            return;
        }
        let top = board.votes.top(catalog);
        board.published = Arc::new(Popular { votes: board.votes.clone(), top });
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Board>> {
        self.boards.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where votes are read from.
pub struct Sources<'a> {
    /// The store.
    pub store: &'a dyn Store,
    /// The cache of people.
    pub people: &'a People,
    /// Every policy at hand.
    pub policies: &'a [Arc<CedarPolicy>],
    /// What can be voted for.
    pub catalog: &'a Catalog,
}

impl Sources<'_> {
    fn votes(&self, policy: &dyn Decider, who: Surrogate, asking: &Asking<'_>) -> Vec<Vote> {
        // Erased since it changed: no votes.
        let Ok(ready) = self.people.get_under(self.store, who, &policy.facts().terms) else {
            return Vec::new();
        };
        votes(&Gate::new(policy).view::<Feed>(&ready.profile, &ready.person, asking))
    }
}
