//! Tells a trace of somebody from a coincidence: `ann` inside of `anna`, who is still there.

use std::path::Path;

use super::structure;
use crate::StoreError;
use crate::embedded::schema::SCHEMA;
use crate::embedded::vault::{FRAME, SCHEMA as VAULT_SCHEMA};

/// Ids up to this long turn up in binary data by chance: one of four bytes once in four gigabytes.
const SHORT: usize = 4;

/// How far around a hit decides whether it stands in text.
const AROUND: usize = 8;

/// What explains a hit away.
pub struct Context {
    /// Texts that rightly are in the files and contain the id, each with where the id is in it: longer ids,
    /// and lines of the schema.
    known: Vec<(usize, Vec<u8>)>,
    /// Whether the id is to be expected in binary data.
    common: bool,
}

impl Context {
    /// Reads from the vault of `dir` which other ids contain `id`.
    pub fn read(dir: &Path, id: &str) -> Result<Self, StoreError> {
        let longer = structure::ids_containing(dir, id)?;
        // A statement is stored without the semicolon that ends it.
        let schema: Vec<&str> =
            [SCHEMA, VAULT_SCHEMA].iter().flat_map(|text| text.split(['\n', ';'])).collect();
        let common = id.len() <= SHORT || schema.iter().any(|line| line.contains(id));
        let texts = longer.iter().map(String::as_str).chain(schema);
        let known =
            texts.flat_map(|text| text.match_indices(id).map(move |(at, _)| (at, text.as_bytes().to_vec())));
        Ok(Self { known: known.collect(), common })
    }

    /// How many bytes around a hit may be asked for.
    pub fn reach(&self) -> usize {
        self.known.iter().map(|(_, text)| text.len()).max().unwrap_or(0).max(AROUND)
    }

    /// Whether the hit at `at..to` of `bytes` is about the person, as far as the bytes around it tell.
    pub fn counts(&self, bytes: &[u8], at: usize, to: usize, plain: bool) -> bool {
        if plain && self.known.iter().any(|(offset, text)| stands_at(bytes, at, *offset, text)) {
            return false;
        }
        let (before, after) = (bytes[..at].last(), bytes.get(to));
        let framed = [before, after].iter().all(|byte| byte.is_some_and(|byte| char::from(*byte) == FRAME));
        let alone = !before.copied().is_some_and(is_word) && !after.copied().is_some_and(is_word);
        match (plain, in_text(bytes, at, to)) {
            (false, _) => true,
            (true, true) => alone,
            (true, false) => framed || !self.common,
        }
    }

    /// Whether a file name names the person, and not somebody whose id is longer.
    pub fn is_named(&self, name: &str, id: &str) -> bool {
        name.match_indices(id).any(|(at, _)| {
            let alone = |byte: Option<&u8>| !byte.copied().is_some_and(is_word);
            alone(name.as_bytes()[..at].last()) && alone(name.as_bytes().get(at + id.len()))
        })
    }
}

fn stands_at(bytes: &[u8], at: usize, offset: usize, text: &[u8]) -> bool {
    at.checked_sub(offset).and_then(|from| bytes.get(from..from + text.len())) == Some(text)
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// Whether the surroundings read as text: twelve printable bytes out of sixteen are seldom chance.
fn in_text(bytes: &[u8], at: usize, to: usize) -> bool {
    let before = &bytes[at.saturating_sub(AROUND)..at];
    let after = &bytes[to..bytes.len().min(to + AROUND)];
    let around = before.len() + after.len();
    let printable = before.iter().chain(after).filter(|byte| matches!(byte, b' '..=b'~' | b'\n' | b'\t'));
    printable.count() * 4 >= around * 3
}
