//! Explanation: a score is the sum of its contributions, so a reason is what happened and not a guess.

mod contribution;
mod receipt;

pub(crate) use contribution::merge;
pub use contribution::{Contribution, Micronats, Reason, ReasonKind, reasons, total};
pub use receipt::{ClassUse, Move, Receipt, Row, StageCount};
