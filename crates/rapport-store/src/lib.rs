//! Where Rapport keeps what it must not lose, and how it forgets what it must not keep.
//!
//! Two traits carry the whole contract, method by method: [`EventLog`], the truth that profiles are folded
//! from, and [`Store`], everything else that is durable: the vault, items, campaigns, the ledger, receipts
//! and checkpoints. One suite of tests (`tests/suite`) runs over every implementation.
//!
//! What an erasure can be trusted with is not told by the store that did it: [`verify_erasure`] reads the raw
//! files.

mod checks;
pub mod embedded;
mod error;
mod ledger;
mod log;
pub mod memory;
mod seal;
mod store;
mod verify;
mod wire;

pub use embedded::EmbeddedStore;
pub use error::StoreError;
pub use ledger::{Campaign, PastDecision, Reservation, Reserved, Settle, Settled, Totals};
pub use log::{Appended, Committed, EventLog, NewEvent, Observer, Undo, Undone};
pub use memory::MemoryStore;
pub use store::{Checkpoint, Erasure, Item, Mask, Person, Receipt, Store};
pub use verify::{Finding, Trace, Verdict, verify_erasure};
