//! A message cut where what it says may turn: at pauses, before "but", around "instead of".

use std::ops::Range;

use super::tokens::{Gap, Script, Token, Tokens};
use super::words::{BAD, CONTRAST, Classes, DISLIKE, GOOD, INSTEAD, LIKE, MINE, REJECT, WANT, Words};

/// What opens a clause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Opening {
    /// The message, or a new sentence.
    Sentence = 1,
    /// A comma or the like.
    Pause = 2,
    /// "but", "although".
    Contrast = 3,
    /// "instead of", "except".
    Instead = 4,
    /// "and" before a new feeling.
    And = 5,
}

/// A stretch of a message that says one thing.
#[derive(Clone, Debug)]
pub(super) struct Clause {
    /// Its words.
    pub words: Range<usize>,
    /// What opens it.
    pub opens: Opening,
}

/// A message in words, classes and clauses.
#[derive(Debug)]
pub(super) struct Message {
    pub words: Vec<Token>,
    /// Of each word.
    pub classes: Vec<Classes>,
    pub clauses: Vec<Clause>,
    /// Of each word, which clause it is in.
    pub clause_of: Vec<usize>,
    /// Whether there is a question mark.
    pub asks: bool,
}

impl Message {
    /// Reads `tokens` with the list of telling words.
    pub fn new(tokens: Tokens, words: &Words) -> Self {
        let mut classes = Vec::new();
        words.classify(&tokens.words, &mut classes);
        let mut message = Self {
            clauses: Vec::new(),
            clause_of: Vec::with_capacity(classes.len()),
            words: tokens.words,
            classes,
            asks: tokens.asks,
        };
        message.cut();
        message
    }

    fn cut(&mut self) {
        for at in 0..self.words.len() {
            if let Some(opens) = self.opening(at) {
                self.clauses.push(Clause { words: at..at, opens });
            }
            if let Some(clause) = self.clauses.last_mut() {
                clause.words.end = at + 1;
            }
            self.clause_of.push(self.clauses.len().saturating_sub(1));
        }
    }

    /// Whether a clause begins at a word.
    fn opening(&self, at: usize) -> Option<Opening> {
        let (word, class) = (&self.words[at], self.classes[at]);
        if at == 0 || word.gap == Gap::Hard {
            return Some(Opening::Sentence);
        }
        let leads = word.script == Script::Spaced;
        if class & CONTRAST != 0 {
            return Some(Opening::Contrast);
        }
        if class & INSTEAD != 0 && leads {
            return Some(Opening::Instead);
        }
        if word.gap == Gap::Soft {
            return Some(Opening::Pause);
        }
        self.follows_turn(at - 1).or_else(|| self.is_and(at).then_some(Opening::And))
    }

    /// In Hindi and Korean the turning word or ending stands at the end of what it sets back.
    fn follows_turn(&self, at: usize) -> Option<Opening> {
        let (word, class) = (&self.words[at], self.classes[at]);
        if word.script == Script::Spaced {
            return None;
        }
        if class & INSTEAD != 0 {
            return Some(Opening::Instead);
        }
        const ENDINGS: [[char; 2]; 7] = [
            ['지', '만'],
            ['는', '데'],
            ['은', '데'],
            ['인', '데'],
            ['던', '데'],
            ['한', '데'],
            ['니', '까'],
        ];
        let turns = word.script == Script::Hangul && ENDINGS.iter().any(|ending| word.ends_with(*ending));
        // "싫고 …": liked or not, and on to the next thing.
        let goes_on = word.ends_with_letter('고') && class & (LIKE | DISLIKE | GOOD | BAD) != 0;
        turns.then_some(Opening::Contrast).or_else(|| goes_on.then_some(Opening::And))
    }

    /// "and" opens a clause where a new feeling follows at once.
    fn is_and(&self, at: usize) -> bool {
        const AND: [&str; 7] = ["and", "y", "und", "et", "e", "और", "or"];
        let word = &self.words[at];
        let is_and = word.letters <= 3 && AND.iter().any(|and| super::tokens::is(word, and));
        let follows = self.classes.get(at + 1..self.classes.len().min(at + 3)).unwrap_or_default();
        is_and && follows.iter().any(|class| class & (LIKE | DISLIKE | WANT | REJECT | MINE) != 0)
    }

    /// What lies between two clauses: 0 if they are one, else the strongest turn on the way and how far it is.
    pub fn between(&self, a: usize, b: usize) -> u32 {
        if a == b {
            return 0;
        }
        let (low, high) = (a.min(b), a.max(b));
        let turns = self.clauses[low + 1..=high].iter().map(|clause| clause.opens as u32);
        let strongest = turns.max_by_key(|turn| [0, 1, 0, 3, 4, 2][*turn as usize]).unwrap_or(0);
        strongest * 4 + (high - low).min(3) as u32
    }
}
