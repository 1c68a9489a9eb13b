//! Words, numbers and marks of a text, with what the tagger asks of each.

use super::super::text::{digit, is_invisible};

/// One token: where it stands, and hashes of its spelling in lower case.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Token {
    /// Scalar values before it.
    pub start: usize,
    /// One past its last scalar value.
    pub end: usize,
    /// Hash of the whole word.
    pub word: u32,
    /// Hash of the first three letters, or of the first one where a letter is a syllable.
    pub head: u32,
    /// Hash of the last three letters, or of the last two where a letter is a syllable.
    pub tail: u32,
    /// Hashes of the two parts of a Korean name that begins here: the first two syllables, the second and third.
    pub given: [u32; 2],
    /// How it is written.
    pub shape: Shape,
}

/// How a token is written; the number is part of features, so the order must stay.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Shape {
    /// Beyond either end of the text.
    #[default]
    None,
    Lower,
    Title,
    Upper,
    Mixed,
    /// One letter, as an initial.
    Initial,
    /// Letters without case, up to two: Devanagari, Hangul, kana, Han and others.
    Brief,
    /// Three letters without case: a Korean name has so many.
    Caseless,
    /// More letters without case.
    Extended,
    /// One or two digits.
    Short,
    /// Three to five digits: house numbers and postal codes.
    Middle,
    Long,
    /// Digits with letters: `12b`, `3º`.
    Coded,
    Mark,
    Line,
}

const OFFSET: u32 = 0x811c_9dc5;

/// FNV-1a (Fowler, Noll, Vo) over scalar values; `training/pii.py` computes the same.
pub(super) fn hash(letters: impl Iterator<Item = char>) -> u32 {
    letters.fold(OFFSET, |hash, c| (hash ^ u32::from(c)).wrapping_mul(0x0100_0193))
}

/// All tokens in reading order; white space but line breaks is none.
pub(super) fn tokens(text: &[char]) -> Vec<Token> {
    let mut found = Vec::with_capacity(text.len() / 4 + 2);
    let mut at = 0;
    while at < text.len() {
        let c = text[at];
        let start = at;
        at += 1;
        if is_letter(c) || digit(c).is_some() {
            while text.get(at).is_some_and(|c| is_letter(*c) || digit(*c).is_some() || is_invisible(*c)) {
                at += 1;
            }
            found.push(word(&text[start..at], start));
        } else if c == '\n' {
            found.push(mark(c, start, Shape::Line));
        } else if !c.is_whitespace() && !is_invisible(c) {
            found.push(mark(c, start, Shape::Mark));
        }
    }
    found
}

/// Letters, and the marks that Devanagari writes on them.
fn is_letter(c: char) -> bool {
    c.is_alphabetic() || matches!(c, '\u{300}'..='\u{36f}' | '\u{900}'..='\u{963}')
}

fn mark(c: char, start: usize, shape: Shape) -> Token {
    let word = hash(std::iter::once(c));
    Token { start, end: start + 1, word, head: word, tail: word, given: [0; 2], shape }
}

fn word(letters: &[char], start: usize) -> Token {
    let shape = shape(letters);
    let caseless = matches!(shape, Shape::Brief | Shape::Caseless | Shape::Extended);
    let (head, tail) = if caseless { (1, 2) } else { (3, 3) };
    let lower = |part: &[char]| hash(part.iter().filter(|c| !is_invisible(**c)).map(|c| lower(*c)));
    // A number's digits tell nothing: its length is in the shape.
    let word = if matches!(shape, Shape::Short | Shape::Middle | Shape::Long) {
        shape as u32
    } else {
        lower(letters)
    };
    Token {
        start,
        end: start + letters.len(),
        word,
        head: lower(&letters[..head.min(letters.len())]),
        tail: lower(&letters[letters.len() - tail.min(letters.len())..]),
        given: match letters {
            [a @ '가'..='힣', b, c, ..] => [hash([*a, *b].into_iter()), hash([*b, *c].into_iter())],
            _ => [0; 2],
        },
        shape,
    }
}

/// The lower case of one scalar value, where it is one.
fn lower(c: char) -> char {
    if c.is_ascii() {
        return c.to_ascii_lowercase();
    }
    let mut lower = c.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(one), None) => one,
        _ => c,
    }
}

fn shape(letters: &[char]) -> Shape {
    let digits = letters.iter().filter(|c| digit(**c).is_some()).count();
    if digits == letters.len() {
        return match digits {
            0..=2 => Shape::Short,
            3..=5 => Shape::Middle,
            _ => Shape::Long,
        };
    }
    if digits > 0 {
        return Shape::Coded;
    }
    let upper = letters.iter().filter(|c| c.is_uppercase()).count();
    let first = letters[0].is_uppercase();
    match upper {
        1 if letters.len() == 1 => Shape::Initial,
        1 if first => Shape::Title,
        0 if letters[0].is_lowercase() => Shape::Lower,
        0 if letters.len() < 3 => Shape::Brief,
        0 if letters.len() == 3 => Shape::Caseless,
        0 => Shape::Extended,
        _ if upper == letters.len() => Shape::Upper,
        _ => Shape::Mixed,
    }
}
