//! The vault: the only place that knows who somebody is, and the only one that holds their key. All of it is
//! also in memory, so that looking somebody up never touches the disk.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use rapport_core::ids::Surrogate;
use rusqlite::{Connection, OptionalExtension, params};

use super::files;
use super::writer::Writer;
use crate::StoreError;
use crate::seal::{Key, Kind, random};

/// What stands around an id in the file. No id can contain it, so that a scan of the raw bytes can tell `ann` from
/// the beginning of `anna`; and it is long enough that chance does not make it around a short one.
pub const FRAME: [&str; 2] = ["\u{1f}\u{1e}", "\u{1e}\u{1f}"];

/// The id as it stands in the file.
pub fn framed(id: &str) -> String {
    let [before, after] = FRAME;
    format!("{before}{id}{after}")
}

/// The id that stands in the file as `text`.
pub fn unframed(text: &str) -> &str {
    let [before, after] = FRAME;
    text.strip_prefix(before).and_then(|id| id.strip_suffix(after)).unwrap_or(text)
}

pub const SCHEMA: &str = "
CREATE TABLE person (id TEXT PRIMARY KEY, surrogate BLOB NOT NULL UNIQUE, key BLOB NOT NULL, facts BLOB) \
    STRICT, WITHOUT ROWID;
CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE age (changes INTEGER NOT NULL) STRICT;
INSERT INTO age VALUES (0);
";

/// Somebody in the vault.
pub struct Entry {
    pub id: String,
    pub surrogate: Surrogate,
    pub key: Key,
    /// `None` for an alias.
    pub facts: Option<Vec<u8>>,
}

#[derive(Default)]
struct Cache {
    by_id: HashMap<String, Arc<Entry>>,
    by_surrogate: HashMap<Surrogate, Arc<Entry>>,
}

impl Cache {
    fn insert(&mut self, entry: Arc<Entry>) {
        self.by_id.insert(entry.id.clone(), entry.clone());
        self.by_surrogate.insert(entry.surrogate, entry);
    }
}

/// The vault of a data folder.
pub struct Vault {
    writer: Writer,
    cache: Arc<RwLock<Cache>>,
    /// Whose erasure is under way: whoever registers such an id waits for a fresh start. Locked before
    /// `cache`.
    erasing: Arc<Mutex<HashMap<String, Surrogate>>>,
    erased: Condvar,
    root: Key,
}

impl Vault {
    /// Opens the vault in `file` and reads all of it.
    pub fn open(file: &Path) -> Result<Self, StoreError> {
        let db = files::open(file, SCHEMA)?;
        let root = root(&db).map_err(|error| error.in_file(file))?;
        let mut cache = Cache::default();
        load(&db, &mut cache).map_err(|error| error.in_file(file))?;
        Ok(Self {
            writer: Writer::start(db, file.to_owned())?,
            cache: Arc::new(RwLock::new(cache)),
            erasing: Arc::default(),
            erased: Condvar::new(),
            root,
        })
    }

    /// The folder's own secret, that its other secrets are derived from.
    pub fn root(&self) -> &Key {
        &self.root
    }

    fn cache(&self) -> RwLockReadGuard<'_, Cache> {
        self.cache.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn by_id(&self, id: &str) -> Option<Arc<Entry>> {
        self.cache().by_id.get(id).cloned()
    }

    pub fn by_surrogate(&self, person: Surrogate) -> Option<Arc<Entry>> {
        self.cache().by_surrogate.get(&person).cloned()
    }

    /// The key of somebody.
    ///
    /// # Errors
    /// [`StoreError::UnknownPerson`] if they are not, or no longer, in the vault.
    pub fn entry(&self, person: Surrogate) -> Result<Arc<Entry>, StoreError> {
        self.by_surrogate(person).ok_or(StoreError::UnknownPerson)
    }

    pub fn knows(&self, person: Surrogate) -> bool {
        self.cache().by_surrogate.contains_key(&person)
    }

    pub fn registered(&self) -> Vec<Arc<Entry>> {
        self.cache().by_id.values().filter(|entry| entry.facts.is_some()).cloned().collect()
    }

    /// Everybody, in a set that doesn't follow later changes.
    pub fn surrogates(&self) -> HashSet<Surrogate> {
        self.cache().by_surrogate.keys().copied().collect()
    }

    /// Registers people, or with `None` for facts only gives them surrogates.
    pub fn put(&self, people: Vec<(String, Option<Vec<u8>>)>) -> Result<Vec<Surrogate>, StoreError> {
        self.wait_for_erasures(&people);
        let (cache, erasing) = (self.cache.clone(), self.erasing.clone());
        let entries = self.writer.call(
            move |db| people.into_iter().map(|(id, facts)| put_one(db, id, facts)).collect(),
            move |entries: &Vec<Arc<Entry>>| {
                let erasing = erasing.lock().unwrap_or_else(PoisonError::into_inner);
                let mut cache = cache.write().unwrap_or_else(PoisonError::into_inner);
                // Whose erasure began since: this write came before it, and goes with it.
                let stays = |entry: &&Arc<Entry>| erasing.get(&entry.id) != Some(&entry.surrogate);
                entries.iter().filter(stays).for_each(|entry| cache.insert(entry.clone()));
            },
        )?;
        Ok(entries.iter().map(|entry| entry.surrogate).collect())
    }

    fn wait_for_erasures(&self, people: &[(String, Option<Vec<u8>>)]) {
        let mut erasing = self.erasing.lock().unwrap_or_else(PoisonError::into_inner);
        while people.iter().any(|(id, _)| erasing.contains_key(id)) {
            erasing = self.erased.wait(erasing).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn cache_mut(&self) -> RwLockWriteGuard<'_, Cache> {
        self.cache.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes somebody out of memory, so that nothing new is written about them. They come back if the guard
    /// is dropped before [`Leaving::gone`]. `None` if there is no such person, or they are leaving already.
    pub fn leave(&self, id: &str) -> Option<Leaving<'_>> {
        let mut erasing = self.erasing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut cache = self.cache_mut();
        let entry = cache.by_id.remove(id)?;
        cache.by_surrogate.remove(&entry.surrogate);
        erasing.insert(id.to_owned(), entry.surrogate);
        Some(Leaving { vault: self, entry, gone: false })
    }

    /// Removes entries from the file, and rebuilds it so that no page ever held them.
    pub fn delete(&self, people: Vec<Surrogate>) -> Result<(), StoreError> {
        self.writer.call(
            move |db| {
                let mut statement = db.prepare_cached("DELETE FROM person WHERE surrogate = ?1")?;
                for person in people {
                    statement.execute(params![person.0])?;
                }
                grow_older(db)
            },
            |()| (),
        )?;
        self.writer.alone(|db| {
            db.execute_batch("VACUUM")?;
            files::merge(db)
        })
    }

    /// Forgets entries that an interrupted erasure left in the file.
    pub fn forget(&self, people: &[Surrogate]) -> Result<(), StoreError> {
        let mut cache = self.cache_mut();
        for person in people {
            if let Some(entry) = cache.by_surrogate.remove(person) {
                cache.by_id.remove(&entry.id);
            }
        }
        drop(cache);
        self.delete(people.to_vec())
    }

    /// How many people came or went since the file was made.
    pub fn age(&self) -> Result<i64, StoreError> {
        let age = |db: &Connection| Ok(db.query_row("SELECT changes FROM age", [], |row| row.get(0))?);
        self.writer.call(age, |_| ())
    }

    /// Merges the journal and ends the writing thread.
    pub fn close(&self) -> Result<(), StoreError> {
        let merged = self.writer.alone(files::merge);
        self.writer.stop();
        merged
    }
}

/// Somebody whose erasure is under way.
pub struct Leaving<'a> {
    vault: &'a Vault,
    pub entry: Arc<Entry>,
    gone: bool,
}

impl Leaving<'_> {
    /// From here on they don't come back, whatever else fails.
    pub fn gone(&mut self) {
        self.gone = true;
    }
}

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        let mut erasing = self.vault.erasing.lock().unwrap_or_else(PoisonError::into_inner);
        if !self.gone {
            self.vault.cache_mut().insert(self.entry.clone());
        }
        erasing.remove(&self.entry.id);
        self.vault.erased.notify_all();
    }
}

/// Counts who came and went, so that an old copy of the file can be told from the present one.
fn grow_older(db: &Connection) -> Result<(), StoreError> {
    db.prepare_cached("UPDATE age SET changes = changes + 1")?.execute([])?;
    Ok(())
}

fn root(db: &Connection) -> Result<Key, StoreError> {
    let known = db
        .query_row("SELECT value FROM meta WHERE name = 'root'", [], |row| row.get::<_, [u8; 32]>(0))
        .optional()?;
    if let Some(bytes) = known {
        return Ok(Key::from_bytes(bytes));
    }
    let key = Key::random()?;
    db.execute("INSERT INTO meta VALUES ('root', ?1)", params![key.bytes()])?;
    Ok(key)
}

fn load(db: &Connection, cache: &mut Cache) -> Result<(), StoreError> {
    let mut statement = db.prepare("SELECT id, surrogate, key, facts FROM person")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (id, key): (String, [u8; 32]) = (row.get(0)?, row.get(2)?);
        let key = Key::from_bytes(key);
        let sealed: Option<Vec<u8>> = row.get(3)?;
        let facts = sealed.map(|sealed| key.open(Kind::Facts, &sealed)).transpose()?;
        let id = unframed(&id).to_owned();
        cache.insert(Arc::new(Entry { id, surrogate: Surrogate(row.get(1)?), key, facts }));
    }
    Ok(())
}

/// The database decides whether somebody is new: two callers may name them at once.
fn put_one(db: &Connection, id: String, facts: Option<Vec<u8>>) -> Result<Arc<Entry>, StoreError> {
    let known = db
        .prepare_cached("SELECT surrogate, key, facts FROM person WHERE id = ?1")?
        .query_row(params![framed(&id)], |row| {
            Ok((row.get::<_, [u8; 16]>(0)?, row.get::<_, [u8; 32]>(1)?, row.get::<_, Option<Vec<u8>>>(2)?))
        })
        .optional()?;
    let (surrogate, key, sealed) = match known {
        Some((surrogate, key, sealed)) => (Surrogate(surrogate), Key::from_bytes(key), sealed),
        None => {
            grow_older(db)?;
            (Surrogate(random()?), Key::random()?, None)
        }
    };
    let facts = match (facts, sealed) {
        (Some(facts), _) => Some(facts),
        (None, Some(sealed)) => Some(key.open(Kind::Facts, &sealed)?),
        (None, None) => None,
    };
    let sealed = facts.as_ref().map(|facts| key.seal(Kind::Facts, facts)).transpose()?;
    db.prepare_cached(
        "INSERT INTO person VALUES (?1, ?2, ?3, ?4) ON CONFLICT (id) DO UPDATE SET facts = excluded.facts",
    )?
    .execute(params![framed(&id), surrogate.0, key.bytes(), sealed])?;
    Ok(Arc::new(Entry { id, surrogate, key, facts }))
}
