//! A catalogue read from a file for its names alone: nothing in it is understood.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use rapport_core::catalog::{Catalog, Change, Item};
use rapport_core::ids::Name;
use serde_json::Value;

use crate::cli::lines::lines;
use crate::cli::output;

/// The items of a file of `rapport load`'s lines; other records are passed over, bad lines named on standard error.
///
/// # Errors
/// When the file can't be read.
pub fn read(path: &Path) -> Result<Catalog> {
    let name = path.display();
    let file = std::fs::File::open(path).with_context(|| format!("`{name}` can't be opened"))?;
    let mut changes = Vec::new();
    for line in lines(std::io::BufReader::new(file)) {
        let line = line.with_context(|| format!("`{name}` can't be read"))?;
        let read = line.value.map_err(|problem| format!("no JSON: {problem}")).and_then(|value| item(&value));
        match read {
            Ok(item) => changes.extend(item.map(|item| Change::Put(Arc::new(item)))),
            Err(problem) => output::note(format!("{name}:{}: left out, {problem}", line.number)),
        }
    }
    Ok(Catalog::default().with(changes))
}

/// The item of a line, if it is one.
fn item(value: &Value) -> Result<Option<Item>, String> {
    if value.get("record").and_then(Value::as_str).is_some_and(|record| record != "item") {
        return Ok(None);
    }
    let id = value.get("id").and_then(Value::as_str).ok_or("`id` is missing, or is no text")?;
    let id = Name::new(id).map_err(|problem| format!("`id` {problem}"))?;
    Item::parse(id, value).map(Some).map_err(|problem| problem.to_string())
}
