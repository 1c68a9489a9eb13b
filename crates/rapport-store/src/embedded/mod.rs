//! One folder, one process, SQLite.
//!
//! | file | holds |
//! |---|---|
//! | `rapport.db` | the log, the ledger and the rest; people as surrogates, ids of events and items as keyed hashes, contents sealed |
//! | `vault.db` | ids in clear, surrogates, a key each, and the folder's root secret |
//! | `lock` | nothing; held while a process has the folder open |
//!
//! Each database has one writing thread (`writer.rs`) and readers of its own. What a person's key seals is
//! unreadable once the vault has lost it; the rows go as well, so that nothing is left to wonder about.

mod erase;
pub(crate) mod files;
mod ledger;
mod log;
mod readers;
pub(crate) mod schema;
mod shelf;
pub(crate) mod vault;
mod writer;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use rapport_core::event::Record;
use rapport_core::ids::{EventId, ItemId, Surrogate};
use rapport_core::time::UnixMillis;
use rusqlite::Connection;

use self::files::paths;
use self::readers::Readers;
use self::vault::Vault;
use self::writer::Writer;
use crate::seal::{Hasher, Key, Kind};
use crate::{
    Appended, Campaign, Checkpoint, Erasure, EventLog, Item, Mask, NewEvent, Observer, PastDecision, Person,
    Receipt, Reservation, Reserved, Settle, Settled, Store, StoreError, Totals, Undo, Undone, checks,
};

/// The store in a folder of this machine.
pub struct EmbeddedStore {
    inner: Arc<Inner>,
    writer: Writer,
    readers: Readers,
    dir: PathBuf,
    /// Erasures take turns: two that mention each other would wait for each other.
    erasures: Mutex<()>,
    swept: u64,
    /// Held until the store is closed or dropped.
    lock: Mutex<Option<File>>,
}

/// What the writing thread shares with its callers: no connection, nothing that waits.
struct Inner {
    vault: Vault,
    observers: RwLock<Vec<Arc<dyn Observer>>>,
    hasher: Hasher,
    /// Seals what is nobody's.
    house: Key,
}

impl Inner {
    fn hash(&self, id: &str) -> [u8; 16] {
        self.hasher.hash(id)
    }

    /// Nobody is always known.
    fn check_known(&self, person: Option<Surrogate>) -> Result<(), StoreError> {
        match person {
            Some(person) if !self.vault.knows(person) => Err(StoreError::UnknownPerson),
            _ => Ok(()),
        }
    }

    fn seal_for(&self, owner: Option<Surrogate>, kind: Kind, plain: &[u8]) -> Result<Vec<u8>, StoreError> {
        match owner {
            Some(person) => self.vault.entry(person)?.key.seal(kind, plain),
            None => self.house.seal(kind, plain),
        }
    }

    fn open_for(&self, owner: Option<Surrogate>, kind: Kind, sealed: &[u8]) -> Result<Vec<u8>, StoreError> {
        match owner {
            Some(person) => self.vault.entry(person)?.key.open(kind, sealed),
            None => self.house.open(kind, sealed),
        }
    }
}

impl EmbeddedStore {
    /// Opens the store in `dir`, makes it if the folder is empty or missing, and finishes what an interrupted
    /// erasure has left. Cost: reads the vault whole, and `rapport.db` if it has less than 256 MB.
    ///
    /// # Errors
    /// [`StoreError::InUse`] if another process has it open; [`StoreError::Corrupt`] or
    /// [`StoreError::Format`] if a file is damaged, foreign or of another version; [`StoreError::Io`].
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        let lock = files::lock(dir)?;
        let (log_file, vault_file) = paths(dir);
        if log_file.exists() && !vault_file.exists() {
            let problem = "it is missing, and with it every key to the data".to_owned();
            return Err(StoreError::Corrupt { file: vault_file, problem });
        }
        let vault = Vault::open(&vault_file)?;
        if !log_file.exists() && !vault.surrogates().is_empty() {
            let problem = "it is missing, but the vault has people".to_owned();
            return Err(StoreError::Corrupt { file: log_file, problem });
        }
        let db = files::open(&log_file, schema::SCHEMA)?;
        check_pair(&vault, &db).map_err(|error| error.in_file(&vault_file))?;
        let swept = finish_erasures(&vault, &db).map_err(|error| error.in_file(&log_file))?;
        let inner = Inner {
            hasher: Hasher::new(&vault.root().derive("ids of events and items")),
            house: vault.root().derive("what is nobody's"),
            observers: RwLock::default(),
            vault,
        };
        Ok(Self {
            inner: Arc::new(inner),
            writer: Writer::start(db, log_file.clone())?,
            readers: Readers::new(log_file),
            dir: dir.to_owned(),
            erasures: Mutex::default(),
            swept,
            lock: Mutex::new(Some(lock)),
        })
    }

    /// The folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// How many people's rows were removed when the folder was opened, because the vault doesn't know them: a
    /// copy of `rapport.db` from before their erasure had been restored.
    pub fn swept(&self) -> u64 {
        self.swept
    }

    fn write<T: Send + 'static>(
        &self,
        run: impl FnOnce(&Inner, &Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let inner = self.inner.clone();
        self.writer.call(move |db| run(&inner, db), |_| ())
    }

    fn read<T>(
        &self,
        read: impl FnOnce(&Inner, &Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.readers.with(|db| read(&self.inner, db))
    }

    /// Reads a table in chunks, each in a read transaction of its own, and hands out what it holds between
    /// them.
    fn in_chunks<T>(
        &self,
        chunk: impl Fn(&Inner, &Connection, i64, &mut Vec<T>) -> Result<Option<i64>, StoreError>,
        each: &mut dyn FnMut(T),
    ) -> Result<(), StoreError> {
        let (mut offset, mut rows) = (Some(0), Vec::new());
        while let Some(after) = offset {
            offset = self.read(|inner, db| chunk(inner, db, after, &mut rows))?;
            rows.drain(..).for_each(&mut *each);
        }
        Ok(())
    }

    /// Masks, erases and answers; again if somebody was mentioned meanwhile, which can happen once: nobody
    /// who is leaving is mentioned anew.
    fn erase_from_log(&self, person: &Arc<vault::Entry>, mask: &Mask<'_>) -> Result<Erasure, StoreError> {
        loop {
            let masked = self.read(|inner, db| erase::mask_receipts(inner, db, person, mask))?;
            let person = person.clone();
            if let Some(erasure) = self.write(move |_, db| erase::erase(db, &person, &masked))? {
                return Ok(erasure);
            }
        }
    }

    /// SQLite overwrites what it deletes, but may leave behind a copy that it made when it moved rows between
    /// pages. Where a search of the file finds one, the file is rebuilt.
    fn sweep(&self, surrogate: Surrogate) -> Result<(), StoreError> {
        let (file, _) = paths(&self.dir);
        if !crate::verify::holds(&file, &surrogate.0)? {
            return Ok(());
        }
        self.writer.alone(|db| {
            db.execute_batch("PRAGMA temp_store = FILE; VACUUM; PRAGMA temp_store = MEMORY")?;
            files::merge(db)
        })
    }
}

/// The log's database carries a mark of its vault, and how old it was when last seen: another vault would
/// open nothing in it, and an older one would take people for erased.
fn check_pair(vault: &Vault, db: &Connection) -> Result<(), StoreError> {
    let corrupt =
        |problem: &str| Err(StoreError::Corrupt { file: PathBuf::new(), problem: problem.to_owned() });
    let mark = vault.root().derive("mark of the vault");
    match shelf::setting(db, "store.vault")? {
        Some(known) if known != mark.bytes() => return corrupt("it is the vault of another `rapport.db`"),
        Some(_) => (),
        None => shelf::put_setting(db, "store.vault", Some(mark.bytes()))?,
    }
    let seen = shelf::setting(db, AGE)?.and_then(|age| Some(i64::from_le_bytes(age.try_into().ok()?)));
    match seen {
        Some(seen) if seen > vault.age()? => corrupt("it is older than `rapport.db`, and lacks keys to it"),
        _ => note_age(vault.age()?, db),
    }
}

const AGE: &str = "store.vault age";

fn note_age(age: i64, db: &Connection) -> Result<(), StoreError> {
    shelf::put_setting(db, AGE, Some(&age.to_le_bytes()))
}

/// Finishes what an interrupted erasure has left, and what a restored file brought back; how many people that
/// was.
fn finish_erasures(vault: &Vault, db: &Connection) -> Result<u64, StoreError> {
    let left = erase::unfinished(db)?;
    if !left.is_empty() {
        vault.forget(&left)?;
        erase::finish(db, &left)?;
    }
    let transaction = db.unchecked_transaction()?;
    let swept = erase::sweep_orphans(&transaction, &vault.surrogates())?;
    transaction.commit()?;
    if swept > 0 {
        files::merge(db)?;
    }
    Ok(swept)
}

impl Drop for EmbeddedStore {
    fn drop(&mut self) {
        // Whoever wants to know closes the store first.
        let _ = self.close();
    }
}

impl EventLog for EmbeddedStore {
    fn append(&self, events: Vec<NewEvent>) -> Result<Vec<Appended>, StoreError> {
        checks::events(&events)?;
        let sealed: Vec<_> =
            events.into_iter().map(|event| log::seal(&self.inner, event)).collect::<Result<_, _>>()?;
        let (inner, after) = (self.inner.clone(), self.inner.clone());
        let (answers, _) = self.writer.call(
            move |db| log::append(&inner, db, &sealed),
            move |(_, committed)| {
                let observers = after.observers.read().unwrap_or_else(PoisonError::into_inner);
                observers.iter().for_each(|observer| observer.committed(committed));
            },
        )?;
        Ok(answers)
    }

    fn read_after(&self, person: Surrogate, offset: u64) -> Result<Vec<(u64, Record)>, StoreError> {
        match self.inner.vault.by_surrogate(person) {
            Some(entry) => self.read(|_, db| log::read_after(db, &entry, offset)),
            None => Ok(Vec::new()),
        }
    }

    fn find(&self, event: &EventId) -> Result<Option<(Surrogate, u64, Record)>, StoreError> {
        self.read(|inner, db| log::find(inner, db, event))
    }

    fn undo(&self, person: Surrogate, which: Undo) -> Result<Undone, StoreError> {
        match self.inner.vault.by_surrogate(person) {
            Some(entry) => self.write(move |inner, db| log::undo(inner, db, &entry, &which)),
            None => Ok(Undone::default()),
        }
    }

    fn scan(&self, each: &mut dyn FnMut(Surrogate, u64, Record)) -> Result<(), StoreError> {
        self.in_chunks(log::scan_chunk, &mut |(person, seq, record)| each(person, seq, record))
    }

    fn last_seq(&self) -> Result<u64, StoreError> {
        self.read(|_, db| log::last_seq(db))
    }

    fn observe(&self, observer: Arc<dyn Observer>) {
        self.inner.observers.write().unwrap_or_else(PoisonError::into_inner).push(observer);
    }
}

impl Store for EmbeddedStore {
    fn put_people(&self, people: &[(&str, &[u8])]) -> Result<Vec<Surrogate>, StoreError> {
        checks::person_ids(people.iter().map(|(id, _)| *id))?;
        let people = people.iter().map(|(id, facts)| ((*id).to_owned(), Some(facts.to_vec())));
        self.inner.vault.put(people.collect())
    }

    fn person(&self, id: &str) -> Result<Option<Person>, StoreError> {
        let entry = self.inner.vault.by_id(id);
        Ok(entry.and_then(|entry| Some(Person { surrogate: entry.surrogate, facts: entry.facts.clone()? })))
    }

    fn person_by_surrogate(&self, person: Surrogate) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.inner.vault.by_surrogate(person).and_then(|entry| entry.facts.clone()))
    }

    fn aliases(&self, ids: &[&str]) -> Result<Vec<Surrogate>, StoreError> {
        checks::person_ids(ids.iter().copied())?;
        let known: Vec<_> = ids.iter().filter_map(|id| self.inner.vault.by_id(id)).collect();
        if known.len() == ids.len() {
            return Ok(known.iter().map(|entry| entry.surrogate).collect());
        }
        self.inner.vault.put(ids.iter().map(|id| ((*id).to_owned(), None)).collect())
    }

    fn id_of(&self, person: Surrogate) -> Result<Option<String>, StoreError> {
        Ok(self.inner.vault.by_surrogate(person).map(|entry| entry.id.clone()))
    }

    fn people(&self, each: &mut dyn FnMut(&str, Person)) -> Result<(), StoreError> {
        for entry in self.inner.vault.registered() {
            if let Some(facts) = &entry.facts {
                each(&entry.id, Person { surrogate: entry.surrogate, facts: facts.clone() });
            }
        }
        Ok(())
    }

    fn erase(&self, id: &str, mask: &Mask<'_>) -> Result<Option<Erasure>, StoreError> {
        let _turn = self.erasures.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(mut leaving) = self.inner.vault.leave(id) else { return Ok(None) };
        let person = leaving.entry.clone();
        let erasure = self.erase_from_log(&person, mask)?;
        leaving.gone();
        self.inner.vault.delete(vec![person.surrogate])?;
        let age = self.inner.vault.age()?;
        self.writer.alone(move |db| {
            note_age(age, db)?;
            erase::finish(db, &[person.surrogate])
        })?;
        self.sweep(erasure.surrogate)?;
        Ok(Some(erasure))
    }

    fn put_items(&self, items: Vec<Item>) -> Result<(), StoreError> {
        let sealed: Vec<_> =
            items.iter().map(|item| shelf::seal_item(&self.inner, item)).collect::<Result<_, _>>()?;
        self.write(move |inner, db| shelf::put_items(inner, db, &sealed))
    }

    fn delete_item(&self, id: &ItemId) -> Result<bool, StoreError> {
        let key = self.inner.hash(id.as_str());
        self.write(move |_, db| shelf::delete_item(db, key))
    }

    fn items(&self, each: &mut dyn FnMut(Item)) -> Result<(), StoreError> {
        self.in_chunks(shelf::items_chunk, each)
    }

    fn put_campaign(&self, campaign: &Campaign) -> Result<(), StoreError> {
        campaign.check()?;
        let campaign = campaign.clone();
        self.write(move |inner, db| ledger::put_campaign(inner, db, &campaign))
    }

    fn campaigns(&self, each: &mut dyn FnMut(Campaign)) -> Result<(), StoreError> {
        self.read(ledger::campaigns)?.into_iter().for_each(each);
        Ok(())
    }

    fn put_account(&self, advertiser: &str, budget_micros: Option<i64>) -> Result<(), StoreError> {
        checks::account(budget_micros)?;
        let advertiser = advertiser.to_owned();
        self.write(move |inner, db| ledger::put_account(inner, db, &advertiser, budget_micros))
    }

    fn reserve(&self, wants: Vec<Reservation>) -> Result<Vec<Reserved>, StoreError> {
        checks::reservations(&wants)?;
        let wants: Vec<_> = wants
            .into_iter()
            .map(|reservation| {
                let ad =
                    self.inner.seal_for(reservation.person, Kind::Decision, reservation.ad.as_bytes())?;
                Ok(ledger::Want { reservation, ad })
            })
            .collect::<Result<_, StoreError>>()?;
        self.write(move |inner, db| ledger::reserve(inner, db, &wants))
    }

    fn settle(&self, nonce: [u8; 16], what: Settle, now: UnixMillis) -> Result<Settled, StoreError> {
        self.write(move |_, db| ledger::settle(db, nonce, what, now))
    }

    fn totals(&self, campaign: &str, now: UnixMillis) -> Result<Option<Totals>, StoreError> {
        self.read(|inner, db| ledger::totals(inner, db, campaign, now))
    }

    fn all_totals(&self, now: UnixMillis) -> Result<Vec<(String, Totals)>, StoreError> {
        self.read(|inner, db| ledger::all_totals(inner, db, now))
    }

    fn decisions(&self, person: Surrogate, since: UnixMillis) -> Result<Vec<PastDecision>, StoreError> {
        self.read(|inner, db| ledger::decisions(inner, db, person, since))
    }

    fn prune_decisions(&self, before: UnixMillis) -> Result<u64, StoreError> {
        self.write(move |_, db| ledger::prune(db, before))
    }

    fn put_receipts(&self, mut receipts: Vec<Receipt>) -> Result<(), StoreError> {
        checks::receipts(&receipts)?;
        for receipt in &mut receipts {
            receipt.payload = self.inner.seal_for(receipt.person, Kind::Receipt, &receipt.payload)?;
        }
        self.write(move |inner, db| shelf::put_receipts(inner, db, &receipts))
    }

    fn receipt(&self, id: [u8; 16]) -> Result<Option<Receipt>, StoreError> {
        self.read(|inner, db| shelf::receipt(inner, db, id))
    }

    fn receipts_of(&self, person: Surrogate) -> Result<Vec<Receipt>, StoreError> {
        self.read(|inner, db| shelf::receipts_of(inner, db, person))
    }

    fn prune_receipts(&self, before: UnixMillis) -> Result<u64, StoreError> {
        self.write(move |_, db| shelf::prune_receipts(db, before))
    }

    fn put_checkpoints(&self, mut checkpoints: Vec<Checkpoint>) -> Result<(), StoreError> {
        checkpoints.retain(|checkpoint| self.inner.vault.knows(checkpoint.person));
        for Checkpoint { person, payload, .. } in &mut checkpoints {
            let Ok(entry) = self.inner.vault.entry(*person) else { continue };
            *payload = entry.key.seal(Kind::Checkpoint, payload)?;
        }
        self.write(move |inner, db| shelf::put_checkpoints(inner, db, &checkpoints))
    }

    fn checkpoint(&self, person: Surrogate) -> Result<Option<(u64, Vec<u8>)>, StoreError> {
        self.read(|inner, db| shelf::checkpoint(inner, db, person))
    }

    fn checkpoints(&self, each: &mut dyn FnMut(Checkpoint)) -> Result<(), StoreError> {
        self.in_chunks(shelf::checkpoints_chunk, each)
    }

    fn clear_checkpoints(&self) -> Result<(), StoreError> {
        self.write(|_, db| {
            db.execute("DELETE FROM checkpoint", [])?;
            Ok(())
        })
    }

    fn secret(&self) -> Result<[u8; 32], StoreError> {
        Ok(*self.inner.vault.root().derive("tokens").bytes())
    }

    fn put_setting(&self, name: &str, value: Option<&[u8]>) -> Result<(), StoreError> {
        let (name, value) = (name.to_owned(), value.map(<[u8]>::to_vec));
        self.write(move |_, db| shelf::put_setting(db, &name, value.as_deref()))
    }

    fn setting(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.read(|_, db| shelf::setting(db, name))
    }

    fn close(&self) -> Result<(), StoreError> {
        let Some(lock) = self.lock.lock().unwrap_or_else(PoisonError::into_inner).take() else {
            return Err(StoreError::Closed);
        };
        self.readers.close();
        let noted = self.inner.vault.age().and_then(|age| self.write(move |_, db| note_age(age, db)));
        let merged = noted.and(self.writer.alone(files::merge));
        self.writer.stop();
        let vault = self.inner.vault.close();
        drop(lock);
        merged.and(vault)
    }
}
