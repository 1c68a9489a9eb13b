//! Connections for reading: each is used by one caller at a time, outside of any lock.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use rusqlite::Connection;

use super::files;
use crate::StoreError;

/// Connections kept for the next reader; more are opened when needed, and closed after use.
const KEPT: usize = 16;

/// The readers of one database.
pub struct Readers {
    file: PathBuf,
    idle: Mutex<Vec<Connection>>,
    closed: AtomicBool,
}

impl Readers {
    pub fn new(file: PathBuf) -> Self {
        Self { file, idle: Mutex::default(), closed: AtomicBool::new(false) }
    }

    pub fn with<T>(&self, read: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        if self.closed.load(Ordering::Acquire) {
            return Err(StoreError::Closed);
        }
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let db = match idle {
            Some(db) => db,
            None => files::open_reader(&self.file).map_err(|error| error.in_file(&self.file))?,
        };
        let result = read(&db).map_err(|error| error.in_file(&self.file));
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < KEPT && !self.closed.load(Ordering::Acquire) {
            idle.push(db);
        }
        result
    }

    pub fn close(&self) {
        self.closed.store(true, Ordering::Release);
        let idle = std::mem::take(&mut *self.idle.lock().unwrap_or_else(PoisonError::into_inner));
        drop(idle);
    }
}
