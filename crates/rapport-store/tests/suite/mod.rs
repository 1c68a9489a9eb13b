//! What every store must do, one promise a test.

pub mod erasure;
pub mod ledger;
pub mod log;
pub mod shelf;
pub mod undo;
pub mod vault;
