//! The log as a table.

use std::collections::BTreeSet;
use std::sync::Arc;

use rapport_core::event::Record;
use rapport_core::ids::{EventId, Surrogate};
use rusqlite::{Connection, OptionalExtension, params};

use super::Inner;
use super::vault::Entry;
use crate::seal::Kind;
use crate::{Appended, Committed, NewEvent, StoreError, Undo, Undone, wire};

/// An event sealed and ready to be written.
pub struct Sealed {
    key: [u8; 16],
    row: Row,
    mirror: Option<Row>,
}

struct Row {
    person: Surrogate,
    target: Option<Surrogate>,
    payload: Vec<u8>,
    record: Arc<Record>,
}

impl Row {
    fn seal(entry: &Entry, record: Record) -> Result<Self, StoreError> {
        Ok(Self {
            person: entry.surrogate,
            target: wire::target_of(&record),
            payload: entry.key.seal(Kind::Event, &wire::encode_record(&record)?)?,
            record: Arc::new(record),
        })
    }

    fn insert(&self, db: &Connection, key: Option<[u8; 16]>, of: Option<i64>) -> Result<i64, StoreError> {
        db.prepare_cached(
            "INSERT INTO event (key, person, target, mirror_of, payload) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (key) DO NOTHING",
        )?
        .execute(params![key, self.person.0, self.target.map(|t| t.0), of, self.payload])
        .map(|written| if written == 0 { 0 } else { db.last_insert_rowid() })
        .map_err(StoreError::from)
    }

    fn committed(&self, seq: i64) -> Committed {
        Committed { seq: seq as u64, person: self.person, record: self.record.clone() }
    }
}

/// Seals an event with the keys of the people whose logs it goes to; `None` if one of them is not known. Runs
/// on the caller's thread: sealing is what can be done in parallel.
pub fn seal(inner: &Inner, event: NewEvent) -> Result<Option<Sealed>, StoreError> {
    let NewEvent { person, record, mirror } = event;
    let Some(entry) = inner.vault.by_surrogate(person) else { return Ok(None) };
    let mirror = match mirror.map(|mirror| inner.vault.by_surrogate(mirror)) {
        None => None,
        Some(None) => return Ok(None),
        Some(Some(entry)) => Some(Row::seal(&entry, wire::mirrored(&record, person))?),
    };
    let key = inner.hash(record.event.as_str());
    Ok(Some(Sealed { key, row: Row::seal(&entry, record)?, mirror }))
}

/// Writes sealed events; answers each, and says what is new.
pub fn append(
    inner: &Inner,
    db: &Connection,
    events: &[Option<Sealed>],
) -> Result<(Vec<Appended>, Vec<Committed>), StoreError> {
    let (mut answers, mut committed) = (Vec::with_capacity(events.len()), Vec::with_capacity(events.len()));
    for event in events {
        // Asked again here: an erasure may have come between the sealing and this thread's turn.
        let Some(event) = event.as_ref().filter(|event| inner.knows_all(event)) else {
            answers.push(Appended::UnknownPerson);
            continue;
        };
        let seq = event.row.insert(db, Some(event.key), None)?;
        if seq == 0 {
            answers.push(Appended::Duplicate);
            continue;
        }
        committed.push(event.row.committed(seq));
        if let Some(mirror) = &event.mirror {
            let copy = mirror.insert(db, None, Some(seq))?;
            committed.push(mirror.committed(copy));
        }
        answers.push(Appended::Accepted { seq: seq as u64 });
    }
    Ok((answers, committed))
}

impl Inner {
    fn knows_all(&self, event: &Sealed) -> bool {
        let named = [Some(event.row.person), event.row.target, event.mirror.as_ref().map(|row| row.person)];
        named.into_iter().flatten().all(|person| self.vault.knows(person))
    }
}

fn open(entry: &Entry, target: Option<[u8; 16]>, payload: &[u8]) -> Result<Record, StoreError> {
    wire::decode_record(&entry.key.open(Kind::Event, payload)?, target.map(Surrogate))
}

pub fn read_after(db: &Connection, entry: &Entry, offset: u64) -> Result<Vec<(u64, Record)>, StoreError> {
    let rows = rows_of(db, entry, offset)?;
    Ok(rows.into_iter().map(|(seq, _, record)| (seq as u64, record)).collect())
}

/// Sequence number, what it mirrors, and record of each of a person's rows.
fn rows_of(
    db: &Connection,
    entry: &Entry,
    offset: u64,
) -> Result<Vec<(i64, Option<i64>, Record)>, StoreError> {
    let offset = i64::try_from(offset).unwrap_or(i64::MAX);
    let mut statement = db.prepare_cached(
        "SELECT seq, mirror_of, target, payload FROM event WHERE person = ?1 AND seq > ?2 ORDER BY seq",
    )?;
    let mut rows = statement.query(params![entry.surrogate.0, offset])?;
    let mut out = Vec::new();
    while let Some(row) = rows.next()? {
        let payload = row.get_ref(3)?.as_blob().map_err(|_| StoreError::Unreadable("event"))?;
        out.push((row.get(0)?, row.get(1)?, open(entry, row.get(2)?, payload)?));
    }
    Ok(out)
}

pub fn find(
    inner: &Inner,
    db: &Connection,
    event: &EventId,
) -> Result<Option<(Surrogate, u64, Record)>, StoreError> {
    let found = db
        .prepare_cached(
            "SELECT seq, person, target, payload FROM event WHERE key = ?1 AND person IS NOT NULL",
        )?
        .query_row(params![inner.hash(event.as_str())], |row| {
            Ok((row.get::<_, i64>(0)?, row.get(1)?, row.get(2)?, row.get::<_, Vec<u8>>(3)?))
        })
        .optional()?;
    let Some((seq, person, target, payload)) = found else { return Ok(None) };
    let Some(entry) = inner.vault.by_surrogate(Surrogate(person)) else { return Ok(None) };
    Ok(Some((entry.surrogate, seq as u64, open(&entry, target, &payload)?)))
}

/// Rows of the log read at a time by a scan, so that no read transaction outlives a moment.
const CHUNK: i64 = 1_000;

/// The next rows after `offset`: how far the reading came, or `None` at the end.
pub fn scan_chunk(
    inner: &Inner,
    db: &Connection,
    offset: i64,
    out: &mut Vec<(Surrogate, u64, Record)>,
) -> Result<Option<i64>, StoreError> {
    let mut statement = db.prepare_cached(
        "SELECT seq, person, target, payload FROM event WHERE seq > ?1 AND person IS NOT NULL
         ORDER BY seq LIMIT ?2",
    )?;
    let mut rows = statement.query(params![offset, CHUNK])?;
    let mut last = None;
    while let Some(row) = rows.next()? {
        let seq: i64 = row.get(0)?;
        last = Some(seq);
        // Somebody erased since this read began has no key any more, and is not to be seen.
        if let Some(entry) = inner.vault.by_surrogate(Surrogate(row.get(1)?)) {
            let payload = row.get_ref(3)?.as_blob().map_err(|_| StoreError::Unreadable("event"))?;
            out.push((entry.surrogate, seq as u64, open(&entry, row.get(2)?, payload)?));
        }
    }
    Ok(last)
}

pub fn last_seq(db: &Connection) -> Result<u64, StoreError> {
    let seq: Option<i64> = db
        .prepare_cached("SELECT seq FROM sqlite_sequence WHERE name = 'event'")?
        .query_row([], |row| row.get(0))
        .optional()?;
    Ok(seq.unwrap_or(0) as u64)
}

pub fn undo(inner: &Inner, db: &Connection, entry: &Entry, which: &Undo) -> Result<Undone, StoreError> {
    let originals = match which {
        Undo::Event(id) => event_of(db, entry, inner.hash(id.as_str()))?.into_iter().collect(),
        Undo::Conversation(name) => originals(db, entry, |r| r.conversation.as_ref() == Some(name))?,
        Undo::Source(source) => originals(db, entry, |r| r.source == *source)?,
    };
    let (mut seqs, mut people) = (Vec::new(), BTreeSet::new());
    for original in originals {
        bury(db, original, &mut seqs, &mut people)?;
    }
    seqs.sort_unstable();
    let people: Vec<_> = people.into_iter().collect();
    let position = if seqs.is_empty() { 0 } else { mark(db, &people)? };
    Ok(Undone { seqs, people, position })
}

/// The row with this key, if it is in the person's log or mirrored to it.
fn event_of(db: &Connection, entry: &Entry, key: [u8; 16]) -> Result<Option<i64>, StoreError> {
    Ok(db
        .prepare_cached(
            "SELECT seq FROM event AS own WHERE key = ?1 AND (person = ?2 OR EXISTS
                (SELECT 1 FROM event WHERE mirror_of = own.seq AND person = ?2))",
        )?
        .query_row(params![key, entry.surrogate.0], |row| row.get(0))
        .optional()?)
}

fn originals(
    db: &Connection,
    entry: &Entry,
    meant: impl Fn(&Record) -> bool,
) -> Result<BTreeSet<i64>, StoreError> {
    let rows = rows_of(db, entry, 0)?.into_iter();
    Ok(rows.filter(|(.., r)| meant(r)).map(|(seq, mirror_of, _)| mirror_of.unwrap_or(seq)).collect())
}

/// Turns a row into its tombstone and removes what mirrors it.
fn bury(
    db: &Connection,
    original: i64,
    seqs: &mut Vec<u64>,
    people: &mut BTreeSet<Surrogate>,
) -> Result<(), StoreError> {
    let mut find = db.prepare_cached(
        "SELECT seq, person FROM event WHERE (seq = ?1 OR mirror_of = ?1) AND person IS NOT NULL",
    )?;
    let mut rows = find.query(params![original])?;
    while let Some(row) = rows.next()? {
        seqs.push(row.get::<_, i64>(0)? as u64);
        people.insert(Surrogate(row.get(1)?));
    }
    db.prepare_cached("DELETE FROM event WHERE mirror_of = ?1")?.execute(params![original])?;
    db.prepare_cached("UPDATE event SET person = NULL, target = NULL, payload = NULL WHERE seq = ?1")?
        .execute(params![original])?;
    Ok(())
}

/// Takes a place in the log that stays empty, and drops the checkpoints of `people` from before it.
pub fn mark(db: &Connection, people: &[Surrogate]) -> Result<u64, StoreError> {
    db.prepare_cached("INSERT INTO event (key) VALUES (NULL)")?.execute([])?;
    let position = db.last_insert_rowid();
    db.prepare_cached("DELETE FROM event WHERE seq = ?1")?.execute(params![position])?;
    for person in people {
        db.prepare_cached("DELETE FROM checkpoint WHERE person = ?1")?.execute(params![person.0])?;
        db.prepare_cached("INSERT OR REPLACE INTO mark VALUES (?1, ?2)")?
            .execute(params![person.0, position])?;
    }
    Ok(position as u64)
}
