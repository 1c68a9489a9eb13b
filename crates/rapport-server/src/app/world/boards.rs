//! What is popular, for each policy and product: votes read from views, so that a choice takes them back.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rapport_core::catalog::{Catalog, Popularity, RowId, Vote, votes};
use rapport_core::gate::{Asking, Decider, Feed, Gate};
use rapport_core::ids::{Product, Surrogate};
use rapport_core::time::UnixMillis;
use rapport_store::Store;

use crate::app::People;

/// Products that have a board of their own; a feed in any further one has no popular items.
const MAX_PRODUCTS: usize = 16;

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

    /// Counts the votes of people who changed anew. Reads views under `policies` at `now`.
    pub fn refresh(
        &self,
        store: &dyn Store,
        people: &People,
        policies: &[Arc<rapport_policy::CedarPolicy>],
        catalog: &Catalog,
        now: UnixMillis,
    ) {
        let _turn = self.refreshing.lock().unwrap_or_else(PoisonError::into_inner);
        let changed = people.take_changed();
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
            let Some(policy) = policies.iter().find(|p| p.facts().version == key.0) else { continue };
            let asking = Asking { product: &key.1, now, gpc: false };
            let counted: Vec<(Surrogate, Vec<Vote>)> = pending
                .into_iter()
                .map(|who| (who, count(store, people, policy.as_ref(), who, &asking)))
                .collect();
            self.publish(&key, counted, catalog);
        }
    }

    /// Takes an erased person's votes out at once.
    pub fn forget(&self, person: Surrogate, catalog: &Catalog) {
        let keys: Vec<Key> = self.lock().keys().cloned().collect();
        keys.iter().for_each(|key| self.publish(key, vec![(person, Vec::new())], catalog));
    }

    fn publish(&self, key: &Key, counted: Vec<(Surrogate, Vec<Vote>)>, catalog: &Catalog) {
        let mut boards = self.lock();
        let Some(board) = boards.get_mut(key) else { return };
        for (who, votes) in counted {
            let before = if votes.is_empty() {
                board.standing.remove(&who)
            } else {
                board.standing.insert(who, votes.clone())
            };
            board.votes.remove(&before.unwrap_or_default());
            board.votes.add(&votes);
        }
        let top = board.votes.top(catalog);
        board.published = Arc::new(Popular { votes: board.votes.clone(), top });
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Board>> {
        self.boards.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn count(
    store: &dyn Store,
    people: &People,
    policy: &dyn Decider,
    who: Surrogate,
    asking: &Asking<'_>,
) -> Vec<Vote> {
    // Erased since it changed: no votes.
    let Ok(ready) = people.get_under(store, who, &policy.facts().terms) else { return Vec::new() };
    votes(&Gate::new(policy).view::<Feed>(&ready.profile, &ready.person, asking))
}
