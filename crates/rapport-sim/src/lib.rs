//! Development only: worlds made from a seed, and random operations on them, for simulation and load.
//!
//! Nothing that ships depends on this crate.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "test code: a broken generator should stop the run where it broke"
)]

mod operation;
mod rng;
mod words;
mod world;

pub use operation::{Operation, operations};
pub use rng::Rng;
pub use words::Words;
pub use world::{Size, World};
