//! Known words, as one hash table of 16-bit entries: which words are names, which are ordinary.

use crate::error::ModelError;
use crate::files::PII;
use crate::tensors::Tensors;

/// Entries of the table, a power of two.
const SLOTS: usize = 1 << 17;
/// Entries looked at for one word.
const PROBES: usize = 8;
/// Bits of an entry that say what the word is; the rest check its hash.
const CLASS_BITS: u32 = 5;

/// A word's classes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Class(pub u8);

impl Class {
    pub const FIRST_NAME: u8 = 1;
    pub const SURNAME: u8 = 2;
    /// Frequent in ordinary texts.
    pub const COMMON: u8 = 4;
    /// Part of street names: "street", "calle", "Weg".
    pub const STREET: u8 = 8;
    // 16 is a town or a country: the weights know.

    pub fn has(self, bits: u8) -> bool {
        self.0 & bits != 0
    }
}

/// The table; open addressing, linear probing; zero is free.
pub(super) struct Gazetteer(Box<[u16]>);

impl Gazetteer {
    pub fn load(tensors: &Tensors<'_>) -> Result<Self, ModelError> {
        let bytes = tensors.raw("gazetteer", "u16", 2)?;
        if bytes.len() != SLOTS * 2 {
            return Err(ModelError::layout(
                PII,
                format!("{} bytes of gazetteer, expected {}", bytes.len(), SLOTS * 2),
            ));
        }
        Ok(Self(bytes.as_chunks::<2>().0.iter().map(|two| u16::from_le_bytes(*two)).collect()))
    }

    /// What the word with that hash is; about one word in a thousand is taken for another.
    pub fn class(&self, word: u32) -> Class {
        let check = (word >> 21) as u16;
        let first = word as usize % SLOTS;
        let entries = (first..first + PROBES).map(|slot| self.0[slot % SLOTS]);
        let found = entries.take_while(|entry| *entry != 0).find(|entry| entry >> CLASS_BITS == check);
        Class(found.map_or(0, |entry| (entry & ((1 << CLASS_BITS) - 1)) as u8))
    }
}
