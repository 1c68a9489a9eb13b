//! Rows of bits, one for each value of an attribute.

use std::collections::BTreeMap;

use crate::auction::targeting::{Ages, OneOf};

/// A row: bit `i` of word `w` is alternative `64 w + i`.
pub(super) type Bits = Vec<u64>;

pub(super) fn empty(bits: usize) -> Bits {
    vec![0; bits.div_ceil(64)]
}

/// A row that suits everybody.
fn full(bits: usize) -> Bits {
    let mut row = vec![u64::MAX; bits.div_ceil(64)];
    if let (Some(last), rest @ 1..) = (row.last_mut(), bits % 64) {
        *last = (1 << rest) - 1;
    }
    row
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

/// Tests collected for [`Rows`], one alternative after the other.
pub(super) struct RowsBuilder<T> {
    /// For each value that a test names, the alternatives and whether it suits them.
    named: BTreeMap<T, Vec<(u32, bool)>>,
    /// Alternatives with a test, and whether it lets values pass that it does not name.
    tested: Vec<(u32, bool)>,
}

impl<T> Default for RowsBuilder<T> {
    fn default() -> Self {
        Self { named: BTreeMap::new(), tested: Vec::new() }
    }
}

impl<T: Ord + Clone> RowsBuilder<T> {
    pub fn add(&mut self, bit: u32, test: &OneOf<T>) {
        let (values, suits) = match test {
            OneOf::Only(values) => (values, true),
            OneOf::Except(values) => (values, false),
        };
        self.tested.push((bit, !suits));
        for value in values {
            match self.named.get_mut(value) {
                Some(list) => list.push((bit, suits)),
                None => drop(self.named.insert(value.clone(), vec![(bit, suits)])),
            }
        }
    }

    /// Rows over `bits` alternatives. With more than `most` values there is no row a value: every test counts as passed,
    /// and those alternatives are returned, to be asked themselves.
    pub fn build(self, bits: usize, most: usize) -> (Rows<T>, Vec<u32>) {
        let (mut other, mut unknown) = (full(bits), full(bits));
        if self.named.len() > most {
            let asked = self.tested.into_iter().map(|(bit, _)| bit).collect();
            return (Rows { named: BTreeMap::new(), other, unknown }, asked);
        }
        for (bit, others_pass) in self.tested {
            clear(&mut unknown, bit as usize);
            if !others_pass {
                clear(&mut other, bit as usize);
            }
        }
        let row = |list: Vec<(u32, bool)>| {
            let mut row = other.clone();
            for (bit, suits) in list {
                if suits { set(&mut row, bit as usize) } else { clear(&mut row, bit as usize) }
            }
            row
        };
        let named = self.named.into_iter().map(|(value, list)| (value, row(list))).collect();
        (Rows { named, other, unknown }, Vec::new())
    }
}

impl<T: Ord> Rows<T> {
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
    /// Rows over `bits` alternatives, of which `tests` ask for ages.
    pub fn new(bits: usize, tests: &[(u32, Ages)]) -> Self {
        let all_steps = tests.iter().fold(0, |all, (_, ages)| all | ages.steps());
        let steps: Vec<u8> = (0..=Ages::OLDEST).filter(|&age| all_steps >> age & 1 == 1).collect();
        let mut unknown = full(bits);
        tests.iter().for_each(|(bit, _)| clear(&mut unknown, *bit as usize));
        let row = |first: &u8| {
            let mut row = unknown.clone();
            let suits = tests.iter().filter(|(_, ages)| ages.contains(*first));
            suits.for_each(|(bit, _)| set(&mut row, *bit as usize));
            row
        };
        let rows = std::iter::once(&0).chain(&steps).map(row).collect();
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
