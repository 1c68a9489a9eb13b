//! What the tables say: no entry for the id, and no row about anybody whom the vault doesn't know.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, params};

use super::{Finding, Trace};
use crate::StoreError;
use crate::embedded::files::{open_unchanged, paths};
use crate::embedded::schema::SURROGATES;
use crate::embedded::vault::{framed, unframed};

/// Looks into both databases. A server may be writing: an erasure or a registration between the two looks
/// reads as orphans for a moment, so those are looked at again before they count.
pub fn check(dir: &Path, id: &str) -> Result<Vec<Finding>, StoreError> {
    let (log_file, vault_file) = paths(dir);
    if !log_file.exists() || !vault_file.exists() {
        let problem =
            "has no `rapport.db` and `vault.db`; name the folder that the server was given with `--data`";
        return Err(StoreError::Invalid { what: "data folder", problem: problem.to_owned() });
    }
    let mut findings = look(&log_file, &vault_file, id)?;
    for _ in 0..5 {
        if !findings.iter().any(|found| matches!(found.kind, Trace::Orphan { .. } | Trace::Unfinished)) {
            break;
        }
        std::thread::sleep(Duration::from_millis(200));
        findings = look(&log_file, &vault_file, id)?;
    }
    Ok(findings)
}

fn look(log_file: &Path, vault_file: &Path, id: &str) -> Result<Vec<Finding>, StoreError> {
    let in_log = |error: StoreError| error.in_file(log_file);
    let log = open_unchanged(log_file).map_err(in_log)?;
    let vault = open_unchanged(vault_file).map_err(|error| error.in_file(vault_file))?;
    let mut findings = Vec::new();
    // The log first: whoever is registered meanwhile is then known to the vault.
    let mut named = BTreeMap::new();
    for (table, column) in SURROGATES {
        named.insert((table, column), surrogates(&log, table, column).map_err(in_log)?);
    }
    let known = known(&vault).map_err(|error| error.in_file(vault_file))?;
    for ((table, column), counts) in named {
        let orphans = counts.iter().filter(|(surrogate, _)| !known.contains(*surrogate));
        let rows: u64 = orphans.map(|(_, rows)| *rows).sum();
        let kind = match table {
            "erasing" if !counts.is_empty() => Trace::Unfinished,
            _ if rows > 0 => Trace::Orphan { table, column, rows },
            _ => continue,
        };
        findings.push(Finding { file: log_file.to_owned(), offset: None, kind });
    }
    let sql = "SELECT count(*) FROM person WHERE id = ?1";
    let entries: i64 = vault.query_row(sql, params![framed(id)], |row| row.get(0))?;
    if entries > 0 {
        findings.push(Finding { file: vault_file.to_owned(), offset: None, kind: Trace::VaultEntry });
    }
    Ok(findings)
}

/// The surrogates in a column, with how many rows each has.
fn surrogates(db: &Connection, table: &str, column: &str) -> Result<BTreeMap<[u8; 16], u64>, StoreError> {
    let sql = format!("SELECT {column}, count(*) FROM {table} WHERE {column} IS NOT NULL GROUP BY {column}");
    let mut statement = db.prepare(&sql)?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get::<_, i64>(1)? as u64)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn known(vault: &Connection) -> Result<HashSet<[u8; 16]>, StoreError> {
    let mut statement = vault.prepare("SELECT surrogate FROM person")?;
    let rows = statement.query_map([], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Other ids in the vault that contain `id`, as they stand there.
pub fn ids_containing(dir: &Path, id: &str) -> Result<Vec<String>, StoreError> {
    let (_, vault_file) = paths(dir);
    let read = || -> Result<Vec<String>, StoreError> {
        let vault = open_unchanged(&vault_file)?;
        let mut statement = vault.prepare("SELECT id FROM person WHERE instr(id, ?1) > 0")?;
        let rows = statement.query_map(params![id], |row| row.get::<_, String>(0))?;
        let ids = rows.collect::<Result<Vec<_>, _>>()?.into_iter();
        Ok(ids.map(|text| unframed(&text).to_owned()).filter(|other| other != id).collect())
    };
    read().map_err(|error| error.in_file(&vault_file))
}
