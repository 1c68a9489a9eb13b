//! Campaigns, targeting, the index and the auction.
#![allow(clippy::unwrap_used, clippy::panic, reason = "test code")]

mod auction;
mod campaign;
mod index;
mod person;
mod targeting;
