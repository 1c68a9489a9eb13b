//! How good the models are, on rows that training never saw.
//!
//! The split is by hash, and training uses the same one (`training/rows.py`): a row is held out when the first byte of
//! SHA-256(`<dataset>/<group>`) is below 64, where the group keeps together what must not be split (translations of a
//! sentence, questions on one disease, one template).

mod judged;
mod pii;
mod report;
mod rows;
mod sensitive;
mod stance;
mod topics;
mod written;

pub use pii::pii;
pub use report::{Report, Table};
pub use sensitive::sensitive;
pub use stance::stance;
pub use topics::topics;

use std::path::PathBuf;

/// Why the evaluation could not run.
#[derive(Debug, thiserror::Error)]
pub enum EvalError {
    /// A file of the data folder can't be read.
    #[error("evaluation data `{}` can't be read: {source}; name the data folder", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A line is not in the expected form.
    #[error("evaluation data `{}`, line {line}: {source}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// What is wrong.
        source: serde_json::Error,
    },
}
