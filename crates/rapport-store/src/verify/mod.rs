//! Checks an erasure from outside: by reading the files, not by asking the store that wrote them.
//!
//! Two looks, because neither is enough. The raw bytes of every file in the folder are searched for the id in
//! every spelling that a program might have left ([`spelling`]); and the tables are read for surrogates that
//! the vault no longer knows ([`structure`]), because nobody can search for a surrogate that is gone.
//!
//! What the raw search can't tell: an id of up to four bytes turns up in any large file by chance, and so does one
//! that is a word of the tables' definitions (`event`). For those only hits count that stand alone in a longer
//! stretch of text, or in the frame that the vault puts around ids; the tables are read all the same.

mod context;
mod scan;
mod spelling;
mod structure;

use std::fs::FileType;
use std::path::{Path, PathBuf};

pub(crate) use scan::holds;

use self::context::Context;
use crate::StoreError;

/// What is left of somebody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Where something was found; empty means erased.
    pub findings: Vec<Finding>,
    /// Files searched.
    pub files: u64,
    /// Bytes searched.
    pub bytes: u64,
}

impl Verdict {
    /// Whether nothing was found.
    pub fn is_erased(&self) -> bool {
        self.findings.is_empty()
    }
}

/// One thing that is left. Never repeats the id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The file it is in.
    pub file: PathBuf,
    /// The offset of its first byte, if it was found in the raw bytes.
    pub offset: Option<u64>,
    /// What it is.
    pub kind: Trace,
}

/// What a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trace {
    /// The id, in this spelling, in the raw bytes of a file.
    Bytes(&'static str),
    /// The id, in the name of a file.
    FileName,
    /// An entry of the vault: the person is registered, or named by somebody.
    VaultEntry,
    /// An erasure that was begun and not finished; opening the folder finishes it.
    Unfinished,
    /// Rows about somebody whom the vault doesn't know, in this table and column.
    Orphan {
        /// The table.
        table: &'static str,
        /// The column that holds the surrogate.
        column: &'static str,
        /// How many rows.
        rows: u64,
    },
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: ", self.file.display())?;
        match (self.kind, self.offset) {
            (Trace::Bytes(spelling), Some(offset)) => write!(f, "the id as {spelling} at byte {offset}"),
            (Trace::Bytes(spelling), None) => write!(f, "the id as {spelling}"),
            (Trace::FileName, _) => f.write_str("the id in the file's name"),
            (Trace::VaultEntry, _) => f.write_str("an entry for the id"),
            (Trace::Unfinished, _) => f.write_str("an erasure that is not finished; open the folder once"),
            (Trace::Orphan { table, column, rows }, _) => {
                write!(f, "{rows} rows about somebody erased, in `{table}.{column}`")
            }
        }
    }
}

/// Findings of one file that are listed one by one; more would not say more.
const LISTED: usize = 20;

/// Looks for what is left of `id` in the data folder `dir`, whether or not a server has it open. Changes
/// nothing. Cost: one pass over all files.
///
/// # Errors
/// [`StoreError::Invalid`] for an id that nobody can have, or a folder without data; [`StoreError::Io`] and
/// [`StoreError::Corrupt`] for files that can't be read.
pub fn verify_erasure(dir: &Path, id: &str) -> Result<Verdict, StoreError> {
    crate::checks::person_ids([id])?;
    let mut verdict = Verdict { findings: structure::check(dir, id)?, ..Verdict::default() };
    let context = Context::read(dir, id)?;
    let spellings = spelling::all(id);
    for (path, kind) in walk(dir)? {
        if path.file_name().is_some_and(|name| context.is_named(&name.to_string_lossy(), id)) {
            verdict.findings.push(Finding { file: path.clone(), offset: None, kind: Trace::FileName });
        }
        if !kind.is_file() {
            continue;
        }
        verdict.files += 1;
        let hits = scan::search(&path, &spellings, &context, &mut verdict.bytes)?;
        let finding = |(offset, spelling)| Finding {
            file: path.clone(),
            offset: Some(offset),
            kind: Trace::Bytes(spelling),
        };
        verdict.findings.extend(hits.into_iter().take(LISTED).map(finding));
    }
    Ok(verdict)
}

/// Every file and folder below `dir`. What disappears meanwhile (a journal that was merged) is left out.
fn walk(dir: &Path) -> Result<Vec<(PathBuf, FileType)>, StoreError> {
    let (mut found, mut folders) = (Vec::new(), vec![dir.to_owned()]);
    while let Some(folder) = folders.pop() {
        let failed = |error: std::io::Error| StoreError::Io { path: folder.clone(), source: error.into() };
        for entry in std::fs::read_dir(&folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let Ok(kind) = entry.file_type() else { continue };
            if kind.is_dir() {
                folders.push(entry.path());
            }
            found.push((entry.path(), kind));
        }
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(found)
}
