//! Items, receipts, checkpoints and settings as tables: what is put and taken by id.

use rapport_core::ids::{ItemId, Surrogate};
use rapport_core::time::UnixMillis;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::Inner;
use crate::seal::Kind;
use crate::{Checkpoint, Item, Receipt, StoreError, wire};

/// A value with its place, sealed on the caller's thread.
pub struct SealedItem {
    pub key: [u8; 16],
    pub author: Option<Surrogate>,
    pub payload: Vec<u8>,
}

pub fn seal_item(inner: &Inner, item: &Item) -> Result<SealedItem, StoreError> {
    let plain = wire::frame(&[item.id.as_str()], &item.payload);
    let payload = inner.seal_for(item.author, Kind::Item, &plain)?;
    Ok(SealedItem { key: inner.hash(item.id.as_str()), author: item.author, payload })
}

pub fn put_items(inner: &Inner, db: &Connection, items: &[SealedItem]) -> Result<(), StoreError> {
    let mut statement = db.prepare_cached("INSERT OR REPLACE INTO item VALUES (?1, ?2, ?3)")?;
    for item in items {
        inner.check_known(item.author)?;
        statement.execute(params![item.key, item.author.map(|author| author.0), item.payload])?;
    }
    Ok(())
}

pub fn delete_item(db: &Connection, key: [u8; 16]) -> Result<bool, StoreError> {
    Ok(db.prepare_cached("DELETE FROM item WHERE key = ?1")?.execute(params![key])? > 0)
}

/// Items read at a time, so that no read transaction outlives a moment.
const CHUNK: i64 = 1_000;

/// The next items after `row`; `None` at the end.
pub fn items_chunk(
    inner: &Inner,
    db: &Connection,
    after: i64,
    out: &mut Vec<Item>,
) -> Result<Option<i64>, StoreError> {
    let mut statement = db
        .prepare_cached("SELECT rowid, author, payload FROM item WHERE rowid > ?1 ORDER BY rowid LIMIT ?2")?;
    let mut rows = statement.query(params![after, CHUNK])?;
    let mut last = None;
    while let Some(row) = rows.next()? {
        last = Some(row.get(0)?);
        let author = row.get::<_, Option<[u8; 16]>>(1)?.map(Surrogate);
        // Somebody erased since this read began has no key any more, and is not to be seen.
        if inner.check_known(author).is_err() {
            continue;
        }
        let (id, payload) = open_item(inner, author, &row.get::<_, Vec<u8>>(2)?)?;
        out.push(Item { id, author, payload });
    }
    Ok(last)
}

pub fn open_item(
    inner: &Inner,
    author: Option<Surrogate>,
    sealed: &[u8],
) -> Result<(ItemId, Vec<u8>), StoreError> {
    let plain = inner.open_for(author, Kind::Item, sealed)?;
    unframe_item(&plain)
}

/// Id and payload of an item.
pub fn unframe_item(plain: &[u8]) -> Result<(ItemId, Vec<u8>), StoreError> {
    let ([id], payload) = wire::unframe::<1>(plain).ok_or(StoreError::Unreadable("item"))?;
    let id = ItemId::new(id).map_err(|_| StoreError::Unreadable("item"))?;
    Ok((id, payload.to_vec()))
}

/// Stores receipts whose payloads are sealed.
pub fn put_receipts(inner: &Inner, db: &Connection, receipts: &[Receipt]) -> Result<(), StoreError> {
    for receipt in receipts {
        inner.check_known(receipt.person)?;
        receipt.mentions.iter().try_for_each(|person| inner.check_known(Some(*person)))?;
        let written = db
            .prepare_cached("INSERT INTO receipt VALUES (?1, ?2, ?3, ?4) ON CONFLICT (id) DO NOTHING")?
            .execute(params![receipt.id, receipt.person.map(|p| p.0), receipt.at.0, receipt.payload])?;
        if written == 0 {
            return Err(StoreError::Taken("a receipt id"));
        }
        for person in &receipt.mentions {
            db.prepare_cached("INSERT OR IGNORE INTO mention VALUES (?1, ?2)")?
                .execute(params![person.0, receipt.id])?;
        }
    }
    Ok(())
}

pub fn receipt(inner: &Inner, db: &Connection, id: [u8; 16]) -> Result<Option<Receipt>, StoreError> {
    let found = db
        .prepare_cached("SELECT id, person, at, payload FROM receipt WHERE id = ?1")?
        .query_row(params![id], read_receipt)
        .optional()?;
    found.map(|receipt| open_receipt(inner, db, receipt)).transpose().map(Option::flatten)
}

pub fn receipts_of(inner: &Inner, db: &Connection, person: Surrogate) -> Result<Vec<Receipt>, StoreError> {
    let mut statement =
        db.prepare_cached("SELECT id, person, at, payload FROM receipt WHERE person = ?1 ORDER BY at, id")?;
    let rows = statement.query_map(params![person.0], read_receipt)?;
    let sealed: Vec<Receipt> = rows.collect::<Result<_, _>>()?;
    sealed.into_iter().filter_map(|receipt| open_receipt(inner, db, receipt).transpose()).collect()
}

/// The receipts that mention somebody.
pub fn receipts_about(inner: &Inner, db: &Connection, person: Surrogate) -> Result<Vec<Receipt>, StoreError> {
    let mut statement = db.prepare_cached(
        "SELECT id, receipt.person, at, payload FROM mention JOIN receipt ON receipt.id = mention.receipt
         WHERE mention.person = ?1",
    )?;
    let rows = statement.query_map(params![person.0], read_receipt)?;
    let sealed: Vec<Receipt> = rows.collect::<Result<_, _>>()?;
    sealed.into_iter().filter_map(|receipt| open_receipt(inner, db, receipt).transpose()).collect()
}

fn read_receipt(row: &Row<'_>) -> rusqlite::Result<Receipt> {
    let person: Option<[u8; 16]> = row.get(1)?;
    Ok(Receipt {
        id: row.get(0)?,
        person: person.map(Surrogate),
        at: UnixMillis(row.get(2)?),
        payload: row.get(3)?,
        mentions: Vec::new(),
    })
}

/// `None` if its person is being erased at this moment.
fn open_receipt(inner: &Inner, db: &Connection, sealed: Receipt) -> Result<Option<Receipt>, StoreError> {
    if inner.check_known(sealed.person).is_err() {
        return Ok(None);
    }
    let payload = inner.open_for(sealed.person, Kind::Receipt, &sealed.payload)?;
    let mut statement = db.prepare_cached("SELECT person FROM mention WHERE receipt = ?1 ORDER BY person")?;
    let mentions = statement.query_map(params![sealed.id], |row| row.get(0).map(Surrogate))?;
    let mentions = mentions.collect::<Result<_, _>>()?;
    Ok(Some(Receipt { payload, mentions, ..sealed }))
}

pub fn prune_receipts(db: &Connection, before: UnixMillis) -> Result<u64, StoreError> {
    db.prepare_cached("DELETE FROM mention WHERE receipt IN (SELECT id FROM receipt WHERE at < ?1)")?
        .execute(params![before.0])?;
    let gone = db.prepare_cached("DELETE FROM receipt WHERE at < ?1")?.execute(params![before.0])?;
    Ok(gone as u64)
}

/// Stores checkpoints whose payloads are sealed.
pub fn put_checkpoints(inner: &Inner, db: &Connection, checkpoints: &[Checkpoint]) -> Result<(), StoreError> {
    let mut statement = db.prepare_cached(
        "INSERT OR REPLACE INTO checkpoint SELECT ?1, ?2, ?3
         WHERE NOT EXISTS (SELECT 1 FROM mark WHERE person = ?1 AND seq > ?2)",
    )?;
    for checkpoint in checkpoints.iter().filter(|checkpoint| inner.vault.knows(checkpoint.person)) {
        statement.execute(params![checkpoint.person.0, checkpoint.offset as i64, checkpoint.payload])?;
    }
    Ok(())
}

pub fn checkpoint(
    inner: &Inner,
    db: &Connection,
    person: Surrogate,
) -> Result<Option<(u64, Vec<u8>)>, StoreError> {
    let Some(entry) = inner.vault.by_surrogate(person) else { return Ok(None) };
    let found: Option<(i64, Vec<u8>)> = db
        .prepare_cached("SELECT seq, payload FROM checkpoint WHERE person = ?1")?
        .query_row(params![person.0], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    found.map(|(offset, sealed)| Ok((offset as u64, entry.key.open(Kind::Checkpoint, &sealed)?))).transpose()
}

/// The next checkpoints after `row`; `None` at the end.
pub fn checkpoints_chunk(
    inner: &Inner,
    db: &Connection,
    after: i64,
    out: &mut Vec<Checkpoint>,
) -> Result<Option<i64>, StoreError> {
    let mut statement = db.prepare_cached(
        "SELECT rowid, person, seq, payload FROM checkpoint WHERE rowid > ?1 ORDER BY rowid LIMIT ?2",
    )?;
    let mut rows = statement.query(params![after, CHUNK])?;
    let mut last = None;
    while let Some(row) = rows.next()? {
        last = Some(row.get(0)?);
        let Some(entry) = inner.vault.by_surrogate(Surrogate(row.get(1)?)) else { continue };
        out.push(Checkpoint {
            person: entry.surrogate,
            offset: row.get::<_, i64>(2)? as u64,
            payload: entry.key.open(Kind::Checkpoint, &row.get::<_, Vec<u8>>(3)?)?,
        });
    }
    Ok(last)
}

pub fn put_setting(db: &Connection, name: &str, value: Option<&[u8]>) -> Result<(), StoreError> {
    match value {
        Some(value) => db
            .prepare_cached("INSERT OR REPLACE INTO setting VALUES (?1, ?2)")?
            .execute(params![name, value])?,
        None => db.prepare_cached("DELETE FROM setting WHERE name = ?1")?.execute(params![name])?,
    };
    Ok(())
}

pub fn setting(db: &Connection, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
    Ok(db
        .prepare_cached("SELECT value FROM setting WHERE name = ?1")?
        .query_row(params![name], |row| row.get(0))
        .optional()?)
}
