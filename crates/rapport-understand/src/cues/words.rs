//! The list of telling words (`models/lexicon/cues.tsv`): which class a word or phrase is of.

use super::tokens::{MAX_PREFIX, SEED, Script, Token, join, step, tokenize};
use crate::error::ModelError;
use crate::files::CUE_WORDS;

/// A set of classes that a word is of, one bit each.
pub(super) type Classes = u32;

/// The classes, in the order of their bits.
const NAMES: [&str; 23] = [
    "like", "dislike", "good", "bad", "want", "reject", "unsure", "prefer", "not", "contrast", "instead",
    "past", "ask", "mine", "theirs", "kin", "child", "gift", "buy", "fix", "plan", "learn", "go",
];
/// Speaks for or against something.
pub(super) const POLAR: Classes = 0xff;
/// Speaks for it, if not negated.
pub(super) const FOR: Classes = LIKE | GOOD | WANT | 1 << 7;
/// Speaks against it, if not negated.
pub(super) const AGAINST: Classes = DISLIKE | BAD | REJECT;
pub(super) const LIKE: Classes = 1;
pub(super) const DISLIKE: Classes = 1 << 1;
pub(super) const GOOD: Classes = 1 << 2;
pub(super) const BAD: Classes = 1 << 3;
pub(super) const WANT: Classes = 1 << 4;
pub(super) const REJECT: Classes = 1 << 5;
pub(super) const NOT: Classes = 1 << 8;
pub(super) const CONTRAST: Classes = 1 << 9;
pub(super) const INSTEAD: Classes = 1 << 10;
pub(super) const PAST: Classes = 1 << 11;
pub(super) const ASK: Classes = 1 << 12;
pub(super) const MINE: Classes = 1 << 13;
pub(super) const THEIRS: Classes = 1 << 14;
pub(super) const KIN: Classes = 1 << 15;
pub(super) const CHILD: Classes = 1 << 16;
/// Somebody.
pub(super) const PEOPLE: Classes = MINE | THEIRS | KIN | CHILD;
/// Whose it is and what for.
pub(super) const PURPOSE: Classes = PEOPLE | 0x7e_0000;

/// What a hash stands for, so that a word, a beginning of words and a beginning of a phrase don't meet.
#[derive(Clone, Copy)]
enum Kind {
    Whole = 0x1234_5678,
    Beginning = 0x5bd1_e995,
    Continues = 0x27d4_eb2f,
}

/// Size of the table, a power of two.
const SLOTS: usize = 1 << 15;
/// The longest phrase of the list.
const MAX_PHRASE: usize = 5;

/// An open-addressing table from hash to classes; no key is 0.
#[derive(Debug)]
pub(super) struct Words {
    slots: Vec<(u32, Classes)>,
    filled: usize,
}

impl Words {
    /// Reads the list.
    ///
    /// # Errors
    /// If a line is not `class<TAB>language<TAB>phrases`, or names an unknown class.
    pub fn parse(bytes: &[u8]) -> Result<Self, ModelError> {
        let text = String::from_utf8_lossy(bytes);
        let mut words = Self { slots: vec![(0, 0); SLOTS], filled: 0 };
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.starts_with('#')) {
            let mut fields = line.split('\t');
            let (class, phrases) = (fields.next().unwrap_or_default(), fields.nth(1).unwrap_or_default());
            let bit = NAMES.iter().position(|name| *name == class).ok_or_else(|| {
                ModelError::layout(CUE_WORDS, format!("line {}: unknown class `{class}`", number + 1))
            })?;
            phrases.split(';').for_each(|phrase| words.add(phrase, 1 << bit));
        }
        Ok(words)
    }

    fn add(&mut self, phrase: &str, class: Classes) {
        let tokens = tokenize(phrase).words;
        let Some((last, before)) = tokens.split_last() else { return };
        let mut hash = None;
        for token in before {
            let next = chain(hash, token.hash);
            self.insert(next, Kind::Continues, 0);
            hash = Some(next);
        }
        let kind = if phrase.ends_with('*') { Kind::Beginning } else { Kind::Whole };
        self.insert(chain(hash, last.hash), kind, class);
    }

    fn insert(&mut self, hash: u32, kind: Kind, class: Classes) {
        // The list fills a fifth of the table; what would fill more than half is left out, so that a search ends soon.
        if self.filled < SLOTS / 2 {
            let at = self.slot(hash ^ kind as u32);
            self.filled += usize::from(self.slots[at].0 == 0);
            self.slots[at].0 = (hash ^ kind as u32).max(1);
            self.slots[at].1 |= class;
        }
    }

    fn slot(&self, key: u32) -> usize {
        let key = key.max(1);
        let mask = SLOTS - 1;
        let mut at = (key.wrapping_mul(0x9e37_79b1) >> 12) as usize & mask;
        while self.slots[at].0 != 0 && self.slots[at].0 != key {
            at = (at + 1) & mask;
        }
        at
    }

    fn get(&self, hash: u32, kind: Kind) -> Option<Classes> {
        let slot = self.slots[self.slot(hash ^ kind as u32)];
        (slot.0 != 0).then_some(slot.1)
    }

    /// The classes of each word. A phrase counts at its last word, and its other words keep only whose it is.
    pub fn classify(&self, tokens: &[Token], classes: &mut Vec<Classes>) {
        classes.clear();
        classes.resize(tokens.len(), 0);
        let mut at = 0;
        while at < tokens.len() {
            let (len, class) = self.longest(&tokens[at..]);
            for (covered, class) in tokens[at..at + len - 1].iter().zip(&mut classes[at..]) {
                *class = self.single(covered, None) & PEOPLE;
            }
            classes[at + len - 1] = class;
            at += len;
        }
    }

    /// The longest phrase that `tokens` begin with: its words and its classes.
    fn longest(&self, tokens: &[Token]) -> (usize, Classes) {
        let mut best = (1, self.single(&tokens[0], None));
        let mut hash = chain(None, tokens[0].hash);
        for (len, token) in tokens.iter().enumerate().take(MAX_PHRASE).skip(1) {
            if self.get(hash, Kind::Continues).is_none() {
                break;
            }
            let class = self.single(token, Some(hash));
            if class != 0 {
                best = (len + 1, class);
            }
            hash = chain(Some(hash), token.hash);
        }
        best
    }

    /// The classes of `token` at the end of a phrase that began with `before`.
    fn single(&self, token: &Token, before: Option<u32>) -> Classes {
        let mut class = self.get(chain(before, token.hash), Kind::Whole).unwrap_or(0);
        let shortest = if token.script == Script::Spaced { 4 } else { 1 };
        for letters in shortest..=token.letters.min(MAX_PREFIX) {
            class |= self.get(chain(before, token.prefix(letters)), Kind::Beginning).unwrap_or(0);
        }
        // "mother's" is folded to "mothers".
        if class == 0 && token.script == Script::Spaced && (4..=MAX_PREFIX).contains(&token.letters) {
            let stem = chain(before, token.prefix(token.letters - 1));
            let ends_in_s = token.tail[0] == u32::from('s');
            class = if ends_in_s { self.get(stem, Kind::Whole).unwrap_or(0) & (KIN | CHILD) } else { 0 };
        }
        class
    }
}

fn chain(before: Option<u32>, hash: u32) -> u32 {
    before.map_or_else(|| step(SEED, hash), |before| join(before, hash))
}
