//! What is done behind the requests: checkpoints, popular items.

use rapport_core::time::UnixMillis;
use rapport_store::StoreError;

use crate::app::App;

impl App {
    /// Counts anew what is popular where votes changed.
    pub fn refresh_popular(&self, now: UnixMillis) {
        let (store, catalog) = (self.store.as_ref(), self.items.snapshot());
        self.boards.refresh(store, &self.people, self.policies.all(), &catalog, now);
    }

    /// Writes some profiles behind the log; how many.
    ///
    /// # Errors
    /// When the commit fails; they are then written in a later round.
    pub fn checkpoint(&self) -> Result<usize, StoreError> {
        self.people.checkpoint(self.store.as_ref(), self.config.people.checkpoint_batch)
    }

    /// Writes every changed profile and closes the store.
    ///
    /// # Errors
    /// When a commit fails; what was acknowledged is durable all the same.
    pub fn close(&self) -> Result<(), StoreError> {
        while self.checkpoint()? > 0 {}
        self.store.close()
    }
}
