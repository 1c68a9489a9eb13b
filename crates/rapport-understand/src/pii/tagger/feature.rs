//! What the tagger sees of a token: hashed features of it and its neighbours.

use super::gazetteer::{Class, Gazetteer};
use super::token::{Shape, Token};

/// Features of one token.
pub(super) const FEATURES: usize = 24;
/// Rows of the weight matrix, a power of two.
pub(super) const ROWS: usize = 1 << 17;
/// Neighbours on either side.
const REACH: usize = 2;

/// A token with its classes.
#[derive(Clone, Copy, Default)]
struct Seen {
    word: u32,
    head: u32,
    tail: u32,
    /// Shape and class in one number.
    look: u32,
}

/// All tokens, padded on both sides, and how the text is written.
pub(super) struct Sight {
    seen: Vec<Seen>,
    /// Without any capital, capitals tell nothing.
    lower: u32,
}

impl Sight {
    /// Looks every token up.
    pub fn of(tokens: &[Token], gazetteer: &Gazetteer) -> Self {
        let mut seen = vec![Seen::default(); tokens.len() + 2 * REACH];
        for (token, seen) in tokens.iter().zip(&mut seen[REACH..]) {
            let class = match token.shape {
                Shape::Mark | Shape::Line | Shape::Short | Shape::Middle | Shape::Long => Class::default(),
                _ => class(token, gazetteer),
            };
            let look = token.shape as u32 * 32 + u32::from(class.0);
            *seen = Seen { word: token.word, head: token.head, tail: token.tail, look };
        }
        let capital = |t: &Token| matches!(t.shape, Shape::Title | Shape::Upper | Shape::Mixed);
        Self { seen, lower: u32::from(!tokens.iter().any(capital)) }
    }

    /// The classes of token `at`.
    pub fn class(&self, at: usize) -> Class {
        Class((self.seen[at + REACH].look % 32) as u8)
    }

    /// The rows of the weight matrix that speak of token `at`.
    pub fn features(&self, at: usize) -> [u32; FEATURES] {
        let [pp, p, t, n, nn] = std::array::from_fn(|i| self.seen[at + i]);
        let shape = |seen: Seen| seen.look / 32;
        let raw = [
            0,
            t.word,
            p.word,
            n.word,
            pp.word,
            nn.word,
            t.head,
            t.tail,
            t.look,
            pair(t.look, p.look),
            pair(t.look, n.look),
            pair(pair(shape(p), shape(t)), shape(n)),
            pair(p.word, t.look),
            pair(n.word, t.look),
            pair(pair(pp.word, p.word), shape(t)),
            pair(pair(n.word, nn.word), shape(t)),
            pair(pair(p.look, t.look), n.look),
            pair(t.look, self.lower),
            pair(pair(pp.look, p.look), t.look),
            pair(pair(t.look, n.look), nn.look),
            pair(p.tail, t.look),
            pair(t.tail, shape(t)),
            pair(p.head, t.look),
            pair(n.head, t.look),
        ];
        std::array::from_fn(|kind| row(kind as u32, raw[kind]))
    }
}

/// A Korean word holds a name and what follows it: the name may be its first two syllables, or a surname and the next two.
fn class(token: &Token, gazetteer: &Gazetteer) -> Class {
    let whole = gazetteer.class(token.word);
    if token.given == [0; 2] || whole != Class::default() {
        return whole;
    }
    let [two, after_surname] = token.given.map(|part| gazetteer.class(part).has(Class::FIRST_NAME));
    let surname = gazetteer.class(token.head).has(Class::SURNAME);
    Class(if two || (surname && after_surname) { Class::FIRST_NAME } else { 0 })
}

fn pair(a: u32, b: u32) -> u32 {
    (a.rotate_left(15) ^ b).wrapping_mul(0x9e37_79b1)
}

/// Multiplicative hashing: the upper bits are the well-mixed ones.
fn row(kind: u32, value: u32) -> u32 {
    let mixed = (value ^ kind.wrapping_mul(0x85eb_ca6b)).wrapping_mul(0x9e37_79b1);
    (mixed ^ (mixed >> 15)).wrapping_mul(0x2c1b_3c6d) >> (32 - ROWS.trailing_zeros())
}
