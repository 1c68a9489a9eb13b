//! What can go wrong, told so that somebody can act on it. No variant holds personal data.

use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Why the store did not do what it was asked to.
///
/// Cloneable, because one failed commit is the answer to every call that shared it.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// A surrogate that the vault does not know: never registered, or erased.
    #[error("the person is not known to the vault; register them first, or take the erasure as final")]
    UnknownPerson,
    /// An argument outside of its documented range.
    #[error("{what}: {problem}")]
    Invalid {
        /// The argument.
        what: &'static str,
        /// What is wrong with it, and what is right.
        problem: String,
    },
    /// A nonce or receipt id that is already taken.
    #[error("{0} is already taken; draw a new random one")]
    Taken(&'static str),
    /// Another process has the folder open.
    #[error(
        "`{}` is in use by another process; stop that server, or send the request to it with `--url`", .0.display()
    )]
    InUse(PathBuf),
    /// A folder written by another version of the program.
    #[error(
        "`{}` has storage format {found}, and this program reads format {expected}; use the program that wrote it, \
         or load an export into a new folder", .file.display()
    )]
    Format {
        /// The database file.
        file: PathBuf,
        /// The format that it says it has.
        found: i64,
        /// The format of this program.
        expected: i64,
    },
    /// A file that is not, or no longer, a database of Rapport.
    #[error("`{}` is damaged ({problem}); restore the whole data folder from a backup, or start with an empty one",
        .file.display())]
    Corrupt {
        /// The database file.
        file: PathBuf,
        /// What the database engine says.
        problem: String,
    },
    /// A stored value that its key doesn't open, or that doesn't read.
    #[error("a stored {0} can't be opened with its key; restore the whole data folder from a backup")]
    Unreadable(&'static str),
    /// The operating system refused.
    #[error("`{}`: {source}; check the disk's free space and the folder's permissions", .path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: Arc<std::io::Error>,
    },
    /// The database engine refused.
    #[error("the database refused: {0}; check the disk's free space and the folder's permissions")]
    Database(Arc<dyn std::error::Error + Send + Sync>),
    /// The store was closed.
    #[error("the store is closed")]
    Closed,
}

/// Damage is told with an empty path by what does not know its file; `in_file` fills it in.
impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
        match error.sqlite_error_code() {
            Some(DatabaseCorrupt | NotADatabase) => {
                Self::Corrupt { file: PathBuf::new(), problem: error.to_string() }
            }
            _ => Self::Database(Arc::new(error)),
        }
    }
}

impl StoreError {
    /// Names the file that a damage is in, unless it is named.
    pub(crate) fn in_file(self, path: &Path) -> Self {
        match self {
            Self::Corrupt { file, problem } if file.as_os_str().is_empty() => {
                Self::Corrupt { file: path.to_owned(), problem }
            }
            other => other,
        }
    }
}
