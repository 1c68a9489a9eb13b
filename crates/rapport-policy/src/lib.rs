//! Data-use policies written in Cedar, and the gate's answers from them.
//!
//! A policy is one folder: `policy/*.cedar` holds the rules, `schema.cedarschema` what they may read,
//! `laws/*.cedar` what must never be allowed, `data.json` its name, notice and regions. [`CedarPolicy`] loads one
//! strictly (nothing that could fail while deciding gets in) and decides behind a memo.
//!
//! ```
//! use rapport_core::gate::Decider;
//! use rapport_policy::CedarPolicy;
//!
//! let careful = CedarPolicy::preset("careful")?;
//! assert_eq!(careful.facts().name, "careful");
//! # Ok::<(), rapport_policy::PolicyError>(())
//! ```

mod cedar;
mod engine;
mod error;
mod folder;
mod memo;
mod objection;
mod question;
mod rules;
mod sample;
mod schema;
mod terms;

pub use cedar::CedarPolicy;
pub use error::{Place, PolicyError};
pub use folder::{PRESETS, PolicyFile};
