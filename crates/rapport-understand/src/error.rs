//! What can be wrong with the model files.

use std::path::PathBuf;

/// Why the models could not be loaded. Each message says what to do.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// A file is not there, or can't be read.
    #[error("model file `{}` can't be read: {source}; run `cargo xtask models`, or point `models` at the folder", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The bytes are not the ones that the manifest promises.
    #[error(
        "model file `{name}` is damaged: sha256 is {found}, the manifest says {expected}; restore it from the repository or run `cargo xtask models`"
    )]
    Damaged {
        /// Name within the models folder.
        name: String,
        /// Digest of the bytes found, hexadecimal.
        found: String,
        /// Digest in the manifest.
        expected: String,
    },
    /// The manifest does not name a file that is needed.
    #[error("the models' `MANIFEST` has no line for `{name}`; run `cargo xtask models`")]
    Unlisted {
        /// Name within the models folder.
        name: String,
    },
    /// A file is whole, but not in the layout that this version reads.
    #[error(
        "model file `{name}` is not in the expected layout: {reason}; its version and this program's differ, run `cargo xtask models`"
    )]
    Layout {
        /// Name within the models folder.
        name: String,
        /// What was expected, and what was found.
        reason: String,
    },
}

impl ModelError {
    pub(crate) fn layout(name: &str, reason: impl Into<String>) -> Self {
        Self::Layout { name: name.into(), reason: reason.into() }
    }
}
