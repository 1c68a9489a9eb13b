//! The tagger of names and streets: a linear-chain conditional random field (Lafferty, McCallum, Pereira 2001) over
//! hashed features, decoded by Viterbi's algorithm. `training/pii.py` trains it.

mod feature;
mod gazetteer;
mod token;

use rapport_core::understanding::PiiSpan;

use crate::error::ModelError;
use crate::files::PII;
use crate::tensors::Tensors;
use feature::{FEATURES, ROWS, Sight};
use gazetteer::{Class, Gazetteer};
use token::{Shape, Token, tokens};

use super::text::Text;

/// Outside, begin and inside of a person, begin and inside of a street; in the order of the weights.
const LABELS: usize = 5;
const OUTSIDE: usize = 0;
const KINDS: [(&str, usize, usize); 2] = [("person", 1, 2), ("street_address", 3, 4)];
/// Weights of a row, padded to eight bytes.
type Row = [i8; 8];
type Scores = [i32; LABELS];

/// Finds names of persons and street addresses. About 0.8 MB, immutable.
pub struct Tagger {
    gazetteer: Gazetteer,
    weights: Box<[Row]>,
    /// From label, to label; forbidden moves are very negative.
    moves: [Scores; LABELS],
}

impl Tagger {
    /// Reads `pii.bin`.
    ///
    /// # Errors
    /// If the file is not of this version's layout.
    pub fn load(bytes: &[u8]) -> Result<Self, ModelError> {
        let tensors = Tensors::parse(PII, bytes)?;
        let weights = tensors.raw("weights", "i8", 1)?;
        if weights.len() != ROWS * LABELS {
            let expected = ROWS * LABELS;
            return Err(ModelError::layout(PII, format!("{} weights, expected {expected}", weights.len())));
        }
        let row = |five: &[u8; LABELS]| std::array::from_fn(|i| five.get(i).map_or(0, |w| *w as i8));
        let moves = tensors.floats("moves", &[LABELS, LABELS])?;
        Ok(Self {
            gazetteer: Gazetteer::load(&tensors)?,
            weights: weights.as_chunks::<LABELS>().0.iter().map(row).collect(),
            moves: std::array::from_fn(|from| std::array::from_fn(|to| moves[from * LABELS + to] as i32)),
        })
    }

    /// Tokens of `text` (first and one past the last scalar value) and the features of each: what training reads.
    pub fn features(&self, text: &str) -> Vec<(usize, usize, [u32; FEATURES])> {
        let text: Vec<char> = text.chars().collect();
        let tokens = tokens(&text);
        let sight = Sight::of(&tokens, &self.gazetteer);
        tokens.iter().enumerate().map(|(at, token)| (token.start, token.end, sight.features(at))).collect()
    }

    /// Adds the spans of names and streets.
    pub(super) fn find(&self, text: &Text, spans: &mut Vec<PiiSpan>) {
        let tokens = tokens(text);
        let sight = Sight::of(&tokens, &self.gazetteer);
        if !tokens.iter().enumerate().any(|(at, token)| is_plausible(at, token, sight.class(at))) {
            return;
        }
        let mut labels = self.decode(&sight, tokens.len());
        repeat(&tokens, &sight, &mut labels);
        collect(&tokens, &labels, spans);
    }

    /// The best sequence of labels (Viterbi 1967).
    fn decode(&self, sight: &Sight, count: usize) -> Vec<usize> {
        let mut best: Scores = [0; LABELS];
        let mut origins: Vec<[u8; LABELS]> = Vec::with_capacity(count);
        for at in 0..count {
            let here = self.scores(sight, at);
            let reach = |from: usize, to: usize| match at {
                0 => self.moves[OUTSIDE][to],
                _ => best[from] + self.moves[from][to],
            };
            let origin: [usize; LABELS] =
                std::array::from_fn(|to| (0..LABELS).max_by_key(|from| reach(*from, to)).unwrap_or(OUTSIDE));
            best = std::array::from_fn(|to| reach(origin[to], to) + here[to]);
            origins.push(origin.map(|from| from as u8));
        }
        let mut label = (0..LABELS).max_by_key(|label| best[*label]).unwrap_or(OUTSIDE);
        let mut labels = vec![OUTSIDE; count];
        for at in (0..count).rev() {
            labels[at] = label;
            label = usize::from(origins[at][label]);
        }
        labels
    }

    fn scores(&self, sight: &Sight, at: usize) -> Scores {
        let mut sum = [0_i32; 8];
        for row in sight.features(at) {
            let weights = &self.weights[row as usize];
            sum.iter_mut().zip(weights).for_each(|(sum, weight)| *sum += i32::from(*weight));
        }
        std::array::from_fn(|label| sum[label])
    }
}

/// Whether a name or street may be near: most requests have no such word, and the tagger never runs on them.
fn is_plausible(at: usize, token: &Token, class: Class) -> bool {
    let named = class.has(Class::FIRST_NAME | Class::SURNAME) && !class.has(Class::COMMON);
    match token.shape {
        Shape::Title | Shape::Upper | Shape::Mixed => at > 0 || named || !class.has(Class::COMMON),
        Shape::Lower => named || class.has(Class::STREET),
        Shape::Brief | Shape::Caseless | Shape::Extended => true,
        _ => false,
    }
}

/// A name said twice is a name both times.
fn repeat(tokens: &[Token], sight: &Sight, labels: &mut [usize]) {
    let named = |at: usize| matches!(labels[at], 1 | 2) && !sight.class(at).has(Class::COMMON);
    let told: Vec<u32> = (0..tokens.len())
        .filter(|at| named(*at) && tokens[*at].shape == Shape::Title)
        .map(|at| tokens[at].word)
        .take(32)
        .collect();
    for (token, label) in tokens.iter().zip(labels) {
        if *label == OUTSIDE && token.shape == Shape::Title && told.contains(&token.word) {
            *label = 1;
        }
    }
}

/// Runs of one kind become spans.
fn collect(tokens: &[Token], labels: &[usize], spans: &mut Vec<PiiSpan>) {
    let mut last: Option<PiiSpan> = None;
    for (token, label) in tokens.iter().zip(labels) {
        let kind = KINDS.iter().find(|(_, begin, inside)| label == begin || label == inside);
        let Some((kind, begin, _)) = kind else {
            spans.extend(last.take());
            continue;
        };
        match &mut last {
            Some(span) if span.kind == *kind && label != begin => span.end = token.end,
            _ => {
                let next = PiiSpan { kind, start: token.start, end: token.end };
                spans.extend(last.replace(next));
            }
        }
    }
    spans.extend(last);
}
