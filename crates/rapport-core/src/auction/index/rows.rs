//! Rows of bits, one for each value of an attribute.

use std::collections::BTreeMap;

use crate::auction::targeting::{Ages, OneOf};

/// A row: bit `i` of word `w` is alternative `64 w + i`.
pub(super) type Bits = Vec<u64>;

pub(super) fn empty(bits: usize) -> Bits {
    vec![0; bits.div_ceil(64)]
}

pub(super) fn set(row: &mut [u64], bit: usize) {
    if let Some(word) = row.get_mut(bit / 64) {
        *word |= 1 << (bit % 64);
    }
}

fn clear(row: &mut [u64], bit: usize) {
    if let Some(word) = row.get_mut(bit / 64) {
        *word &= !(1 << (bit % 64));
    }
}

/// One row for each value that some alternative names, one for any other value, and one for no value.
#[derive(Debug)]
pub(super) struct Rows<T> {
    named: BTreeMap<T, Bits>,
    other: Bits,
    unknown: Bits,
}

impl<T> Default for Rows<T> {
    fn default() -> Self {
        Self { named: BTreeMap::new(), other: Bits::new(), unknown: Bits::new() }
    }
}

impl<T: Ord + Clone> Rows<T> {
    /// Rows over `bits` alternatives and what each asks for.
    pub fn new<'c>(bits: usize, tests: impl Iterator<Item = (usize, Option<&'c OneOf<T>>)> + Clone) -> Self
    where
        T: 'c,
    {
        let (mut other, mut unknown) = (empty(bits), empty(bits));
        for (bit, test) in tests.clone() {
            if test.is_none() {
                set(&mut unknown, bit);
            }
            if !matches!(test, Some(OneOf::Only(_))) {
                set(&mut other, bit);
            }
        }
        let mut named: BTreeMap<T, Bits> = BTreeMap::new();
        for (bit, test) in tests {
            let (values, suits) = match test {
                None => continue,
                Some(OneOf::Only(values)) => (values, true),
                Some(OneOf::Except(values)) => (values, false),
            };
            for value in values {
                if !named.contains_key(value) {
                    named.insert(value.clone(), other.clone());
                }
                let Some(row) = named.get_mut(value) else { continue };
                if suits { set(row, bit) } else { clear(row, bit) }
            }
        }
        Self { named, other, unknown }
    }

    /// Whom `value` suits.
    pub fn of(&self, value: Option<&T>) -> &[u64] {
        match value {
            None => &self.unknown,
            Some(value) => self.named.get(value).unwrap_or(&self.other),
        }
    }

    pub fn bytes(&self) -> usize {
        (self.named.len() + 2) * self.other.len() * 8
    }
}

/// One row for each stretch of ages that no alternative tells apart, and one for an age that is not known.
#[derive(Debug, Default)]
pub(super) struct AgeRows {
    /// The first age of each stretch after the first, ascending.
    steps: Vec<u8>,
    rows: Vec<Bits>,
    unknown: Bits,
}

impl AgeRows {
    pub fn new(bits: usize, tests: impl Iterator<Item = (usize, Option<Ages>)> + Clone) -> Self {
        let all_steps = tests.clone().filter_map(|(_, ages)| ages).fold(0, |all, ages| all | ages.steps());
        let steps: Vec<u8> = (0..=Ages::OLDEST).filter(|&age| all_steps >> age & 1 == 1).collect();
        let mut rows = vec![empty(bits); steps.len() + 1];
        let mut unknown = empty(bits);
        for (bit, ages) in tests {
            if ages.is_none() {
                set(&mut unknown, bit);
            }
            let firsts = std::iter::once(&0).chain(&steps);
            for (row, first) in rows.iter_mut().zip(firsts) {
                if ages.is_none_or(|ages| ages.contains(*first)) {
                    set(row, bit);
                }
            }
        }
        Self { steps, rows, unknown }
    }

    /// Whom `years` suit.
    pub fn of(&self, years: Option<u8>) -> &[u64] {
        let Some(years) = years else { return &self.unknown };
        let stretch = self.steps.partition_point(|first| *first <= years);
        self.rows.get(stretch).unwrap_or(&self.unknown)
    }

    pub fn bytes(&self) -> usize {
        (self.rows.len() + 1) * self.unknown.len() * 8
    }
}
