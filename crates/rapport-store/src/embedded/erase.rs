//! Erasure: everything about a person out of `rapport.db`, then the person out of the vault.
//!
//! The first is one transaction, which also notes in `erasing` whom the vault has still to lose. So whenever
//! the power fails, either nothing has happened, or the next opening finishes it.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use rapport_core::ids::{ItemId, Surrogate};
use rusqlite::{Connection, OptionalExtension, params};

use super::schema::SURROGATES;
use super::vault::Entry;
use super::{Inner, files, log, shelf};
use crate::seal::Kind;
use crate::{Erasure, Mask, Receipt, StoreError};

/// Others' receipts with the person masked and sealed again, by receipt.
pub type Masked = BTreeMap<[u8; 16], Vec<u8>>;

/// Applies `mask` to what mentions the person. Runs on the caller's thread, so others' writes go on.
pub fn mask_receipts(
    inner: &Inner,
    db: &Connection,
    person: &Entry,
    mask: &Mask<'_>,
) -> Result<Masked, StoreError> {
    let about = shelf::receipts_about(inner, db, person.surrogate)?;
    about
        .into_iter()
        .map(|Receipt { id, person: owner, payload, .. }| {
            let payload = mask(person.surrogate, &payload);
            Ok((id, inner.seal_for(owner, Kind::Receipt, &payload)?))
        })
        .collect()
}

/// Takes the person out of the log's database; `None` if a receipt that mentions them is not in `masked`,
/// because it was written since.
pub fn erase(db: &Connection, person: &Entry, masked: &Masked) -> Result<Option<Erasure>, StoreError> {
    let surrogate = person.surrogate;
    if mentioning(db, surrogate)?.iter().any(|receipt| !masked.contains_key(receipt)) {
        return Ok(None);
    }
    let (events, edges, people) = erase_events(db, surrogate)?;
    let position = if people.is_empty() { 0 } else { log::mark(db, &people)? };
    let (receipts, masked) = erase_receipts(db, surrogate, masked)?;
    let items = erase_items(db, person)?;
    let decisions = erase_rest(db, surrogate)?;
    run(db, "INSERT OR IGNORE INTO erasing VALUES (?1)", surrogate)?;
    Ok(Some(Erasure { surrogate, events, edges, receipts, masked, decisions, items, people, position }))
}

/// What needs no looking into; how many ad decisions lost their person.
fn erase_rest(db: &Connection, person: Surrogate) -> Result<u64, StoreError> {
    run(db, "DELETE FROM item WHERE author = ?1", person)?;
    run(db, "DELETE FROM checkpoint WHERE person = ?1", person)?;
    run(db, "DELETE FROM mark WHERE person = ?1", person)?;
    run(db, "UPDATE decision SET person = NULL, ad = NULL WHERE person = ?1", person)
}

fn run(db: &Connection, sql: &str, person: Surrogate) -> Result<u64, StoreError> {
    Ok(db.prepare_cached(sql)?.execute(params![person.0])? as u64)
}

/// Events and edges that went, and whose logs changed.
fn erase_events(db: &Connection, person: Surrogate) -> Result<(u64, u64, Vec<Surrogate>), StoreError> {
    const MIRRORS: &str = "mirror_of IN (SELECT seq FROM event WHERE person = ?1)";
    let mut people = BTreeSet::new();
    {
        let mut others = db.prepare_cached(&format!(
            "SELECT DISTINCT person FROM event WHERE person IS NOT NULL AND (target = ?1 OR {MIRRORS})"
        ))?;
        let mut rows = others.query(params![person.0])?;
        while let Some(row) = rows.next()? {
            people.insert(Surrogate(row.get(0)?));
        }
    }
    people.remove(&person);
    let mirrors = run(db, &format!("DELETE FROM event WHERE {MIRRORS}"), person)?;
    let own: i64 = db
        .prepare_cached("SELECT count(*) FROM event WHERE person = ?1")?
        .query_row(params![person.0], |row| row.get(0))?;
    run(db, "DELETE FROM event WHERE person = ?1 AND key IS NULL", person)?;
    run(db, "UPDATE event SET person = NULL, target = NULL, payload = NULL WHERE person = ?1", person)?;
    let targets = run(db, "UPDATE event SET target = NULL WHERE target = ?1", person)?;
    Ok((own as u64, mirrors + targets, people.into_iter().collect()))
}

fn mentioning(db: &Connection, person: Surrogate) -> Result<BTreeSet<[u8; 16]>, StoreError> {
    // A person's own receipts go whole; masking them is nobody's business.
    let mut statement = db.prepare_cached(
        "SELECT receipt FROM mention JOIN receipt ON receipt.id = mention.receipt
         WHERE mention.person = ?1 AND receipt.person IS NOT ?1",
    )?;
    let rows = statement.query_map(params![person.0], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// How many were removed, and how many masked.
fn erase_receipts(db: &Connection, person: Surrogate, masked: &Masked) -> Result<(u64, u64), StoreError> {
    run(db, "DELETE FROM mention WHERE receipt IN (SELECT id FROM receipt WHERE person = ?1)", person)?;
    let removed = run(db, "DELETE FROM receipt WHERE person = ?1", person)?;
    let mut count = 0;
    for id in mentioning(db, person)? {
        let mut statement = db.prepare_cached("UPDATE receipt SET payload = ?2 WHERE id = ?1")?;
        count += statement.execute(params![id, masked.get(&id)])? as u64;
    }
    run(db, "DELETE FROM mention WHERE person = ?1", person)?;
    Ok((removed, count))
}

fn erase_items(db: &Connection, author: &Entry) -> Result<Vec<ItemId>, StoreError> {
    let mut items = Vec::new();
    {
        let mut statement = db.prepare_cached("SELECT payload FROM item WHERE author = ?1")?;
        let mut rows = statement.query(params![author.surrogate.0])?;
        while let Some(row) = rows.next()? {
            let plain = author.key.open(Kind::Item, &row.get::<_, Vec<u8>>(0)?)?;
            items.push(shelf::unframe_item(&plain)?.0);
        }
    }
    Ok(items)
}

/// Removes the rows of everybody whom the vault doesn't know: what a restored copy of this file brings back
/// of people who were erased since. Receipts that mention them go whole, because nobody can tell where in
/// them they are. Answers how many people that were.
pub fn sweep_orphans(db: &Connection, known: &HashSet<Surrogate>) -> Result<u64, StoreError> {
    let mut orphans = BTreeSet::new();
    for (table, column) in SURROGATES {
        each_distinct(db, table, column, |person| {
            if !known.contains(&person) {
                orphans.insert(person);
            }
        })?;
    }
    for &person in &orphans {
        let (_, _, people) = erase_events(db, person)?;
        if !people.is_empty() {
            log::mark(db, &people)?;
        }
        run(db, "DELETE FROM receipt WHERE id IN (SELECT receipt FROM mention WHERE person = ?1)", person)?;
        erase_receipts(db, person, &Masked::new())?;
        erase_rest(db, person)?;
        run(db, "DELETE FROM erasing WHERE person = ?1", person)?;
    }
    db.execute("DELETE FROM mention WHERE receipt NOT IN (SELECT id FROM receipt)", [])?;
    Ok(orphans.len() as u64)
}

/// Calls `each` with every surrogate of an indexed column, jumping from one to the next.
fn each_distinct(
    db: &Connection,
    table: &str,
    column: &str,
    mut each: impl FnMut(Surrogate),
) -> Result<(), StoreError> {
    let mut next =
        db.prepare(&format!("SELECT {column} FROM {table} WHERE {column} > ?1 ORDER BY {column} LIMIT 1"))?;
    let mut last = Vec::new();
    while let Some(person) = next.query_row(params![last], |row| row.get::<_, [u8; 16]>(0)).optional()? {
        each(Surrogate(person));
        last = person.to_vec();
    }
    Ok(())
}

/// People whom an interrupted erasure has left in the vault.
pub fn unfinished(db: &Connection) -> Result<Vec<Surrogate>, StoreError> {
    let mut statement = db.prepare("SELECT person FROM erasing")?;
    let rows = statement.query_map([], |row| row.get(0).map(Surrogate))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The vault has lost them: forgets that, too, and leaves no old page in the journal.
pub fn finish(db: &Connection, people: &[Surrogate]) -> Result<(), StoreError> {
    for person in people {
        run(db, "DELETE FROM erasing WHERE person = ?1", *person)?;
    }
    files::merge(db)
}
