//! The files of a data folder: `rapport.db`, `vault.db`, and a lock.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use crate::StoreError;

/// `RPRT`: marks a SQLite file as Rapport's.
const APPLICATION: i64 = 0x5250_5254;
/// Version of both schemas and of all that is stored in them.
pub const FORMAT: i64 = 1;

/// The log, the ledger and everything that knows people only by surrogate.
pub const LOG: &str = "rapport.db";
/// Ids in clear and keys.
pub const VAULT: &str = "vault.db";
const LOCK: &str = "lock";

/// How long a reader or a merge may make a write wait.
const BUSY: Duration = Duration::from_secs(10);

/// Takes the folder for this process, until the file is dropped.
pub fn lock(dir: &Path) -> Result<File, StoreError> {
    std::fs::create_dir_all(dir).map_err(|error| io(dir, error))?;
    let path = dir.join(LOCK);
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
    let file = file.map_err(|error| io(&path, error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse(dir.to_owned())),
        Err(TryLockError::Error(error)) => Err(io(&path, error)),
    }
}

pub fn io(path: &Path, error: std::io::Error) -> StoreError {
    StoreError::Io { path: path.to_owned(), source: error.into() }
}

/// Opens `file` for writing and brings it to `schema` if it is new.
pub fn open(file: &Path, schema: &str) -> Result<Connection, StoreError> {
    let opened = || -> Result<Connection, StoreError> {
        let db = Connection::open(file)?;
        db.busy_timeout(BUSY)?;
        db.set_prepared_statement_cache_capacity(128);
        check_format(&db, file)?;
        // FULL: each commit is fsynced. secure_delete: what is deleted is overwritten. Temporary files would
        // be copies that nobody overwrites. A journal of 64 MB before it is merged means that a page that
        // changes often is written to the file once.
        db.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;
             PRAGMA temp_store = MEMORY; PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = 16000;",
        )?;
        create(&db, schema)?;
        Ok(db)
    };
    opened().map_err(|error| error.in_file(file))
}

fn check_format(db: &Connection, file: &Path) -> Result<(), StoreError> {
    let pragma = |name: &str| db.query_row(&format!("PRAGMA {name}"), [], |row| row.get::<_, i64>(0));
    let tables: i64 = db.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if tables == 0 {
        return Ok(());
    }
    if pragma("application_id")? != APPLICATION {
        let problem = "it is a database of another program".to_owned();
        return Err(StoreError::Corrupt { file: file.to_owned(), problem });
    }
    match pragma("user_version")? {
        FORMAT => check_pages(db, file),
        found => Err(StoreError::Format { file: file.to_owned(), found, expected: FORMAT }),
    }
}

/// Reading every page takes a second a gigabyte or so; beyond that, damage is reported when it is met.
const CHECKED_PAGES: i64 = 65_536;

fn check_pages(db: &Connection, file: &Path) -> Result<(), StoreError> {
    let pages: i64 = db.query_row("PRAGMA page_count", [], |row| row.get(0))?;
    if pages > CHECKED_PAGES {
        return Ok(());
    }
    let verdict: String = db.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    match verdict.as_str() {
        "ok" => Ok(()),
        // What SQLite says names tables and pages, never values.
        _ => Err(StoreError::Corrupt { file: file.to_owned(), problem: verdict }),
    }
}

fn create(db: &Connection, schema: &str) -> Result<(), StoreError> {
    let tables: i64 = db.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if tables == 0 {
        db.execute_batch(&format!(
            "BEGIN; PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {FORMAT}; {schema} COMMIT;"
        ))?;
    }
    Ok(())
}

/// Opens `file` for reading only.
pub fn open_reader(file: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(file, flags)?;
    db.busy_timeout(BUSY)?;
    db.set_prepared_statement_cache_capacity(32);
    db.execute_batch("PRAGMA temp_store = MEMORY; PRAGMA cache_size = -8192;")?;
    Ok(db)
}

/// Opens `file` for reading without leaving anything beside it. Where there is no journal nobody is writing,
/// and SQLite is told so; or else it would make one.
pub fn open_unchanged(file: &Path) -> Result<Connection, StoreError> {
    let mut journal = file.as_os_str().to_owned();
    journal.push("-wal");
    match file.to_str() {
        Some(path) if !Path::new(&journal).exists() => {
            let escaped = path.replace('%', "%25").replace('?', "%3f").replace('#', "%23");
            let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
            Ok(Connection::open_with_flags(format!("file:{escaped}?immutable=1"), flags)?)
        }
        _ => open_reader(file),
    }
}

/// Merges the journal into the file and empties it, so that no old page is left in it. Waits for readers.
pub fn merge(db: &Connection) -> Result<(), StoreError> {
    let busy: i64 = db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    match busy {
        0 => Ok(()),
        _ => {
            let problem = "could not be merged: a reader of the database did not finish within 10 seconds";
            Err(StoreError::Invalid { what: "journal", problem: problem.to_owned() })
        }
    }
}

/// Where the two databases of a folder are.
pub fn paths(dir: &Path) -> (PathBuf, PathBuf) {
    (dir.join(LOG), dir.join(VAULT))
}
