//! The pure domain of Rapport: no I/O, no async, no clock, no global randomness.
//!
//! Data flows one way: an [`event`] becomes [`signal`]s, signals fold into a [`profile`], the [`gate`] takes a
//! profile apart into a view for one purpose, and [`rank`] and [`auction`] read nothing but views.
//! [`pipeline`] is the list of stages; read it first.

pub mod auction;
pub mod catalog;
pub mod country;
pub mod event;
pub mod explain;
pub mod gate;
pub mod ids;
pub mod pipeline;
pub mod profile;
pub mod rank;
pub mod signal;
pub mod time;
pub mod topic;
pub mod understanding;
