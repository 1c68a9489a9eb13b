//! Events: what happened, as the caller tells it, and the record of it that the log keeps.

mod body;
mod record;

pub use body::{Body, Event, EventError, MAX_AHEAD, Modality, Target, claimed_id};
pub use record::{Deed, Named, Object, Record};
