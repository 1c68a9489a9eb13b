//! Digits in groups, as people write long numbers.

use super::text::{Text, digit, is_invisible};

/// More digits than any number that is looked for.
const MOST_DIGITS: usize = 24;
/// Most characters between two groups, as in ` (0) `.
const MOST_BETWEEN: usize = 3;

/// A number read off a text: its digits, and how they are grouped.
pub(super) struct Numeral {
    /// Where the `+`, the bracket or the first digit stands.
    pub start: usize,
    /// Whether it begins with a `+`.
    pub plus: bool,
    /// The values of all digits.
    pub digits: Vec<u8>,
    /// At least one.
    pub groups: Vec<Group>,
}

/// Digits without anything between them.
pub(super) struct Group {
    /// How many digits come before it.
    pub from: usize,
    /// How many it has.
    pub len: usize,
    /// One past its last digit, in the text.
    pub end: usize,
    /// What stands before it: the separator itself, or `(` where there is any bracket; `+` and nothing for the first.
    pub after: char,
}

impl Numeral {
    /// Reads from a digit, a `+` or a `(` at `start` on; `None` if no digit follows.
    pub fn read(text: &Text, start: usize) -> Option<Self> {
        let plus = text[start] == '+';
        let mut number = Self { start, plus, digits: Vec::with_capacity(16), groups: Vec::with_capacity(4) };
        let mut at = start;
        let mut after = text[start];
        while let Some(first) = next_digit(text, at, number.groups.is_empty(), &mut after) {
            at = number.read_group(text, first, after);
            if number.digits.len() >= MOST_DIGITS {
                break;
            }
        }
        (!number.groups.is_empty()).then_some(number)
    }

    fn read_group(&mut self, text: &Text, first: usize, after: char) -> usize {
        let from = self.digits.len();
        let mut end = first;
        let mut at = first;
        while let Some(&c) = text.get(at) {
            match digit(c) {
                Some(value) if self.digits.len() < MOST_DIGITS => {
                    self.digits.push(value);
                    end = at + 1;
                }
                None if is_invisible(c) => {}
                _ => break,
            }
            at += 1;
        }
        self.groups.push(Group { from, len: self.digits.len() - from, end, after });
        end
    }

    /// One past the last digit, in the text.
    pub fn end(&self) -> usize {
        self.groups.last().map_or(self.start, |group| group.end)
    }

    /// Whether it is seven single digits or more, as somebody spells a number.
    pub fn is_spelled(&self) -> bool {
        self.groups.len() >= 7 && self.groups.len() == self.digits.len()
    }

    /// How many digits each group has.
    pub fn shape(&self) -> Vec<usize> {
        self.groups.iter().map(|group| group.len).collect()
    }

    /// The value of each group, as far as it fits.
    pub fn value(&self, group: usize) -> u32 {
        let Group { from, len, .. } = self.groups[group];
        self.digits[from..from + len.min(9)].iter().fold(0, |value, &d| value * 10 + u32::from(d))
    }

    /// The beginnings that end with a group, longest first: their digits, shape and end in the text.
    pub fn beginnings(&self) -> impl Iterator<Item = (&[u8], usize)> {
        self.groups.iter().rev().map(|group| (&self.digits[..group.from + group.len], group.end))
    }

    /// The separator, if all groups have the same between them.
    pub fn separator(&self) -> Option<char> {
        let mut between = self.groups.iter().skip(1).map(|group| group.after);
        let first = between.next()?;
        between.all(|other| other == first).then_some(first)
    }
}

/// Where the next group begins, if only separators stand before it; `after` becomes what they are.
fn next_digit(text: &Text, at: usize, first: bool, after: &mut char) -> Option<usize> {
    let most = if first { 2 } else { MOST_BETWEEN };
    for (count, &c) in text.get(at..)?.iter().take(most + 1).enumerate() {
        if digit(c).is_some() {
            return (first || count > 0).then_some(at + count);
        }
        let opens = first && count == 0 && matches!(c, '+' | '(');
        if !(opens || is_separator(c) || is_invisible(c)) {
            return None;
        }
        match c {
            '(' | ')' => *after = '(',
            _ if count == 0 || *after == ' ' => *after = plain(c),
            _ => {}
        }
    }
    None
}

fn is_separator(c: char) -> bool {
    matches!(c, ' ' | '-' | '.' | '/' | '(' | ')' | '\u{a0}' | '\u{202f}' | '\u{2009}' | '‐'..='–' | '·')
}

/// One spelling for all spaces, one for all dashes.
fn plain(c: char) -> char {
    match c {
        '\u{a0}' | '\u{202f}' | '\u{2009}' => ' ',
        '‐'..='–' => '-',
        other => other,
    }
}
