//! The embedding table: 512 six-bit numbers a piece, Huffman-coded, unpacked a row at a time.
//!
//! It never lies unpacked in memory: a program that carries the file inside itself reads only the pages of the rows that
//! turn up, and starts at once. `training/convert.py` describes the bytes.

use crate::error::ModelError;
use crate::files::{Blob, ENCODER, TABLE};
use crate::tensors::Tensors;

use super::WIDTH;

/// Piece `id` is coded, and scaled, as chunk `id % CHUNKS` is.
const CHUNKS: usize = 17;
const LEVELS: usize = 64;
/// Longest code, in bits.
const LONGEST: u32 = 11;
/// Most values that one look into a decoder yields.
const MOST: usize = 4;

/// The compressed table: the published rows, and behind them those that training added.
pub(crate) struct Table {
    published: Rows,
    added: Rows,
    decoders: Vec<Decoder>,
    spans: Vec<Span>,
}

/// Some rows of the table.
struct Rows {
    file: Blob,
    /// Where the rows' bits lie in the file, with eight bytes to look ahead.
    bits: std::ops::Range<usize>,
    /// Where each row begins among them, and the end of the last.
    starts: Vec<u32>,
}

/// How a row's numbers are read: a value is `number * scale + low`.
#[derive(Clone, Copy, Default)]
pub(crate) struct Span {
    pub scale: f32,
    pub low: f32,
}

impl Span {
    /// What `row` says.
    #[inline(always)]
    pub fn read(self, row: &[i8; WIDTH], values: &mut [f32]) {
        for (value, number) in values.iter_mut().zip(row) {
            *value = f32::from(*number) * self.scale + self.low;
        }
    }
}

impl Table {
    /// The published rows of `table`, and those that `encoder` adds.
    pub fn load(table: &Blob, encoder: &Blob) -> Result<Self, ModelError> {
        let tensors = Tensors::parse(TABLE, table)?;
        let published = Rows::load(TABLE, table, &tensors, "table")?;
        let added = Rows::load(ENCODER, encoder, &Tensors::parse(ENCODER, encoder)?, "added")?;
        let lengths = tensors.bytes("table/lengths", CHUNKS * LEVELS)?;
        let (scale, low) = (tensors.floats("scale", &[CHUNKS])?, tensors.floats("lo", &[CHUNKS])?);
        let decoders = lengths.chunks(LEVELS).map(Decoder::new).collect::<Option<_>>();
        let decoders = decoders.ok_or_else(|| ModelError::layout(TABLE, "a code is not a prefix code"))?;
        let spans = scale.into_iter().zip(low).map(|(scale, low)| Span { scale, low }).collect();
        Ok(Self { published, added, decoders, spans })
    }

    /// Unpacks the row of piece `id` into `row`: numbers of 0..=63. An id past the table reads as 0, the unknown piece.
    pub fn unpack(&self, id: u32, row: &mut [i8; WIDTH]) -> Span {
        let id = if (id as usize) < self.published.len() + self.added.len() { id as usize } else { 0 };
        let bits = match id.checked_sub(self.published.len()) {
            None => self.published.bits_of(id),
            Some(at) => self.added.bits_of(at),
        };
        self.decoders[id % CHUNKS].decode(bits, row);
        self.spans[id % CHUNKS]
    }
}

impl Rows {
    fn load(name: &'static str, file: &Blob, tensors: &Tensors<'_>, part: &str) -> Result<Self, ModelError> {
        let (starts, _) = tensors.raw(&format!("{part}/starts"), "u32", 4)?.as_chunks::<4>();
        let starts: Vec<u32> = starts.iter().map(|start| u32::from_le_bytes(*start)).collect();
        let bits = tensors.range(&format!("{part}/bits"), "u8", 1)?;
        let end = starts.last().map_or(0, |end| *end as usize);
        if starts.len() < 2 || !starts.is_sorted() || end + 8 > bits.len() {
            let reason = format!("tensor `{part}/starts` doesn't say where rows of `{part}/bits` begin");
            return Err(ModelError::layout(name, reason));
        }
        Ok(Self { file: file.clone(), bits, starts })
    }

    fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// The bits of row `at` and whatever follows them.
    fn bits_of(&self, at: usize) -> &[u8] {
        &self.file[self.bits.clone()][self.starts[at] as usize..]
    }
}

/// What the next 11 bits of a row say, for each of their 2048 values.
struct Decoder {
    /// Lowest bits first: four values of six bits; 4 bits, how many bits they used up; 3 bits, how many values are meant.
    entries: Vec<u32>,
}

impl Decoder {
    /// From the length of each value's code. `None` if they are no complete prefix code of at most 11 bits.
    fn new(lengths: &[u8]) -> Option<Self> {
        let single = single_codes(lengths)?;
        let entries = (0..1u32 << LONGEST).map(|bits| entry(&single, bits)).collect();
        Some(Self { entries })
    }

    fn decode(&self, bits: &[u8], row: &mut [i8; WIDTH]) {
        let mut out = [0i8; WIDTH + MOST];
        let (mut at, mut done) = (0, 0);
        while done < WIDTH {
            // Eight bytes hold at least 57 bits that are not used up yet: enough for five looks of 11.
            let ahead = bits.get(at / 8..).and_then(|rest| rest.first_chunk());
            let mut window = ahead.map_or(0, |eight| u64::from_le_bytes(*eight)) >> (at % 8);
            for _ in 0..5 {
                let entry = self.entries[window as usize % (1 << LONGEST)];
                for (k, value) in out[done..done + MOST].iter_mut().enumerate() {
                    *value = (entry >> (6 * k) & 63) as i8;
                }
                let used = entry >> 24 & 15;
                window >>= used;
                at += used as usize;
                done += (entry >> 28) as usize;
                if done >= WIDTH {
                    break;
                }
            }
        }
        row.copy_from_slice(&out[..WIDTH]);
    }
}

/// For each value of the next 11 bits: the value that their first code stands for, and its length.
fn single_codes(lengths: &[u8]) -> Option<Vec<(u32, u32)>> {
    let mut order: Vec<(u32, u32)> =
        (0u32..).zip(lengths).filter(|(_, length)| **length > 0).map(|(v, l)| (u32::from(*l), v)).collect();
    order.sort_unstable();
    let mut single = vec![(0, 0); 1 << LONGEST];
    let (mut code, mut last) = (0u32, 0);
    for (length, value) in order {
        if length > LONGEST {
            return None;
        }
        code <<= length - last;
        last = length;
        if code >> length > 0 {
            return None;
        }
        let reversed = code.reverse_bits() >> (32 - length);
        for rest in 0..1 << (LONGEST - length) {
            single[(reversed | rest << length) as usize] = (value, length);
        }
        code += 1;
    }
    (code == 1 << last).then_some(single)
}

fn entry(single: &[(u32, u32)], bits: u32) -> u32 {
    let (mut values, mut used, mut count) = (0, 0, 0);
    while count < MOST as u32 {
        let (value, length) = single[(bits >> used) as usize];
        if used + length > LONGEST {
            break;
        }
        values |= value << (6 * count);
        used += length;
        count += 1;
    }
    values | used << 24 | count << 28
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Canonical codes as `convert.py` writes them.
    fn write(lengths: &[u8], row: &[i8; WIDTH]) -> Vec<u8> {
        let single = single_codes(lengths).unwrap();
        let code = |value: i8| {
            let found = single.iter().position(|(v, l)| *l > 0 && *v == value as u32).unwrap();
            let length = single[found].1;
            (0..length).map(move |k| found >> k & 1 == 1)
        };
        let bits: Vec<bool> = row.iter().flat_map(|value| code(*value).collect::<Vec<_>>()).collect();
        let mut bytes: Vec<u8> = bits
            .chunks(8)
            .map(|eight| eight.iter().enumerate().map(|(k, bit)| u8::from(*bit) << k).sum())
            .collect();
        bytes.extend([0xff; 8]);
        bytes
    }

    /// Lengths 1, 2, 3 … 10, 11, 11 for twelve values spread over the range.
    fn lopsided() -> Vec<u8> {
        let mut lengths = vec![0; LEVELS];
        for k in 0..12u8 {
            lengths[usize::from(k) * 5] = (k + 1).min(11);
        }
        lengths
    }

    proptest! {
        #[test]
        fn a_row_comes_back_as_it_was_packed(
            flat in proptest::collection::vec(0i8..64, WIDTH),
            steep in proptest::collection::vec((0i8..12).prop_map(|k| k * 5), WIDTH),
        ) {
            for (lengths, row) in [(vec![6; LEVELS], flat), (lopsided(), steep)] {
                let row: [i8; WIDTH] = row.try_into().unwrap();
                let mut found = [0; WIDTH];
                Decoder::new(&lengths).unwrap().decode(&write(&lengths, &row), &mut found);
                prop_assert_eq!(found, row);
            }
        }
    }

    #[test]
    fn what_is_no_complete_code_is_refused() {
        assert!(Decoder::new(&[6; 63]).is_none());
        assert!(Decoder::new(&[6; 65]).is_none());
        assert!(Decoder::new(&[12; LEVELS]).is_none());
        assert!(Decoder::new(&[0; LEVELS]).is_none());
    }
}
