//! A trie over bytes in a double array, as SentencePiece's character maps have it and `training/pieces.py` writes it.
//!
//! The child of node `n` by byte `b` is unit `n ^ offset(n) ^ b`, and bears the label `b`; where a string ends, its value
//! is in the child by 0 (Aoe 1989; the bits of a unit are those of darts-clone).

use crate::error::ModelError;
use crate::tensors::Tensors;

/// Bits of a unit: it holds a value; a string ends here; the offset is in steps of 256.
const VALUE: u32 = 1 << 31;
const ENDS: u32 = 1 << 8;
const WIDE: u32 = 1 << 9;

/// Strings and their values, for looking up prefixes.
pub(crate) struct Trie(Vec<u32>);

impl Trie {
    /// Reads tensor `name`. Any content is accepted: what points outside is read as "no such string".
    pub fn load(tensors: &Tensors<'_>, name: &str) -> Result<Self, ModelError> {
        let (units, _) = tensors.raw(name, "u32", 4)?.as_chunks::<4>();
        Ok(Self(units.iter().map(|unit| u32::from_le_bytes(*unit)).collect()))
    }

    /// Whether some string begins with `bytes`, or is all of them.
    pub fn leads(&self, bytes: &[u8]) -> bool {
        let (mut node, mut unit) = (0, self.0.first().copied().unwrap_or_default());
        bytes.iter().all(|&byte| {
            node ^= offset(unit) ^ u32::from(byte);
            unit = self.0.get(node as usize).copied().unwrap_or(VALUE);
            unit & (VALUE | 0xff) == u32::from(byte)
        })
    }

    /// The strings with which `text` begins, shortest first: value, and length in bytes.
    #[inline]
    pub fn prefixes(&self, text: &[u8]) -> impl Iterator<Item = (u32, usize)> {
        let mut node = 0;
        let mut unit = self.0.first().copied().unwrap_or_default();
        let mut bytes = text.iter().enumerate();
        std::iter::from_fn(move || {
            loop {
                let (at, &byte) = bytes.next()?;
                node ^= offset(unit) ^ u32::from(byte);
                unit = *self.0.get(node as usize)?;
                if unit & (VALUE | 0xff) != u32::from(byte) {
                    bytes = Default::default();
                    return None;
                }
                if unit & ENDS != 0 {
                    let value = self.0.get((node ^ offset(unit)) as usize)?;
                    return Some((value & !VALUE, at + 1));
                }
            }
        })
    }
}

fn offset(unit: u32) -> u32 {
    unit >> 10 << if unit & WIDE != 0 { 8 } else { 0 }
}
