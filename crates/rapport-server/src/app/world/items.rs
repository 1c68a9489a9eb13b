//! The catalogue in memory, kept in step with the store.

use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use rapport_core::catalog::{Catalog, Change, Item};
use rapport_core::ids::ItemId;
use rapport_store::Store;

use crate::app::Problem;

/// The catalogue: readers take the snapshot of the moment, writers publish the next one.
#[derive(Default)]
pub struct Items {
    snapshot: ArcSwap<Catalog>,
    writing: Mutex<()>,
}

impl Items {
    /// Reads the whole catalogue from the store.
    ///
    /// # Errors
    /// When the store can't be read, or an item was written by another version of the program.
    pub fn read(store: &dyn Store) -> Result<Self, Problem> {
        let mut changes = Vec::new();
        let mut unreadable = 0usize;
        store.items(&mut |stored| match postcard::from_bytes::<Item>(&stored.payload) {
            Ok(item) => {
                changes.push(Change::Put(Arc::new(Item { author_surrogate: stored.author, ..item })));
            }
            Err(_) => unreadable += 1,
        })?;
        if unreadable > 0 {
            tracing::error!(count = unreadable, "stored items do not read; put them again");
        }
        // The store has no order, and ties go by place: put them in an order that a restart repeats.
        changes.sort_by(|a, b| order(a).cmp(&order(b)));
        Ok(Self {
            snapshot: ArcSwap::from_pointee(Catalog::default().with(changes)),
            writing: Mutex::default(),
        })
    }

    /// The catalogue as of now.
    pub fn snapshot(&self) -> Arc<Catalog> {
        self.snapshot.load_full()
    }

    /// Publishes changes that are already in the store.
    pub fn publish(&self, changes: Vec<Change>) {
        let _turn = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        self.snapshot.store(Arc::new(self.snapshot.load().with(changes)));
    }
}

fn order(change: &Change) -> Option<(rapport_core::time::UnixMillis, &ItemId)> {
    match change {
        Change::Put(item) => Some((item.created_at, &item.id)),
        Change::Remove(_) => None,
    }
}
