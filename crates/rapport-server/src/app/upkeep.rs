//! What is done behind the requests: checkpoints, popular items, removing what is old.

use rapport_core::catalog::Catalog;
use rapport_core::ids::Surrogate;
use rapport_core::time::{DAY, UnixMillis};
use rapport_store::StoreError;

use crate::app::App;
use crate::app::world::Sources;

impl App {
    /// Counts anew what is popular where votes changed.
    pub fn refresh_popular(&self, now: UnixMillis) {
        self.boards.refresh(&self.vote_sources(&self.items.snapshot()), now);
    }

    /// Counts a person's votes anew at once.
    pub(super) fn recount(&self, person: Surrogate, now: UnixMillis) {
        self.boards.recount(&self.vote_sources(&self.items.snapshot()), person, now);
    }

    fn vote_sources<'a>(&'a self, catalog: &'a Catalog) -> Sources<'a> {
        let (store, people) = (self.store.as_ref(), &*self.people);
        Sources { store, people, policies: self.policies.all(), catalog }
    }

    /// Writes some profiles behind the log; how many.
    ///
    /// # Errors
    /// When the commit fails; they are then written in a later round.
    pub fn checkpoint(&self) -> Result<usize, StoreError> {
        self.people.checkpoint(self.store.as_ref(), self.config.people.checkpoint_batch)
    }

    /// Removes receipts and ad decisions that are older than they are kept; how many of each.
    ///
    /// # Errors
    /// When a commit fails; they are then removed in a later round.
    pub fn prune(&self, now: UnixMillis) -> Result<(u64, u64), StoreError> {
        let kept = &self.config.retention;
        let before = |days: u16| now.plus(-i64::from(days) * DAY);
        let receipts = self.store.prune_receipts(before(kept.receipts_days))?;
        Ok((receipts, self.store.prune_decisions(before(kept.decisions_days))?))
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
