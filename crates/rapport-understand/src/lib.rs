//! Text → [`Understanding`]: encoder, trained heads, cues, lexicon and PII patterns.
//!
//! [`Understander`] is the door. Inside, in the order in which a text passes: [`fold`](crate) undoes disguises,
//! `language` names the language, `reader` asks the fast path or the `encoder`, off which `heads` reads topics and sensitive
//! categories, `lexicon` adds explicit terms, `cues` tells subject, stance and intent, `pii` finds personal data.

pub mod calibrate;
mod cues;
mod encoder;
mod error;
pub mod eval;
mod files;
mod fold;
mod heads;
mod kernel;
mod language;
mod lexicon;
mod pii;
mod reader;
mod tensors;
mod understander;
mod windows;

pub use cues::{ClauseStance, CueFeatures, CueModel, Cues};
pub use encoder::WIDTH;
pub use error::ModelError;
pub use pii::Tagger;
pub use rapport_core::understanding::Understanding;
pub use reader::Path;
pub use understander::Understander;
