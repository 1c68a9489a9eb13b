//! Text → [`Understanding`]: encoder, trained heads, lexicon, rules and PII patterns.
//!
//! [`Understander`] is the door. Inside, in the order in which a text passes: [`fold`](crate) undoes disguises,
//! `language` names the language, `encoder` makes the vector, `heads` reads topics and sensitive categories off it,
//! `lexicon` adds explicit terms, `rules` tells subject, stance and intent, `pii` finds personal data.

mod encoder;
mod error;
pub mod eval;
mod files;
mod fold;
mod heads;
mod hindi;
mod kernel;
mod language;
mod lexicon;
mod pii;
mod rules;
mod tensors;
mod understander;
mod windows;

pub use encoder::{FEATURES, SentenceEncoder, WIDTH};
pub use error::ModelError;
pub use pii::Tagger;
pub use rapport_core::understanding::Understanding;
pub use understander::Understander;
