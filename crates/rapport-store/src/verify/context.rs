//! Tells a trace of somebody from a coincidence: `ann` inside of `anna`, who is still there.

use std::path::Path;

use super::structure;
use crate::StoreError;
use crate::embedded::schema::SCHEMA;
use crate::embedded::vault::{FRAME, SCHEMA as VAULT_SCHEMA};

/// Ids up to this long turn up in binary data by chance: one of four bytes once in four gigabytes.
const SHORT: usize = 4;

/// How far around a hit decides whether it stands in text.
const AROUND: usize = 16;

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
        let framed =
            bytes[..at].ends_with(FRAME[0].as_bytes()) && bytes[to..].starts_with(FRAME[1].as_bytes());
        let alone = !ends_in_word(&bytes[..at]) && !starts_with_word(&bytes[to..]);
        match (plain, printable_share(bytes, at, to)) {
            (false, _) => true,
            // Chance makes a run of 32 printable bytes once in ten thousand billion places.
            (true, share) if self.common => framed || (alone && share == 1.0),
            (true, share) => alone || share < 0.75,
        }
    }

    /// Whether a file name names the person, and not somebody whose id is longer.
    pub fn is_named(&self, name: &str, id: &str) -> bool {
        name.match_indices(id).any(|(at, _)| {
            let name = name.as_bytes();
            !ends_in_word(&name[..at]) && !starts_with_word(&name[at + id.len()..])
        })
    }
}

fn stands_at(bytes: &[u8], at: usize, offset: usize, text: &[u8]) -> bool {
    at.checked_sub(offset).and_then(|from| bytes.get(from..from + text.len())) == Some(text)
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

fn starts_with_word(bytes: &[u8]) -> bool {
    let character = |length| std::str::from_utf8(bytes.get(..length)?).ok()?.chars().next();
    (1..=4).find_map(character).is_some_and(is_word)
}

fn ends_in_word(bytes: &[u8]) -> bool {
    let character =
        |length| std::str::from_utf8(bytes.get(bytes.len().checked_sub(length)?..)?).ok()?.chars().last();
    (1..=4).find_map(character).is_some_and(is_word)
}

/// How much of the surroundings reads as text, 0..=1.
fn printable_share(bytes: &[u8], at: usize, to: usize) -> f32 {
    let before = &bytes[at.saturating_sub(AROUND)..at];
    let after = &bytes[to..bytes.len().min(to + AROUND)];
    let around = before.len() + after.len();
    let printable = before.iter().chain(after).filter(|byte| matches!(byte, b' '..=b'~' | b'\n' | b'\t'));
    if around == 0 { 1.0 } else { printable.count() as f32 / around as f32 }
}
