//! SentencePiece's unigram tokenizer: the segmentation whose pieces have the largest sum of log probabilities
//! (Kudo 2018, "Subword Regularization", §3.2), found by Viterbi over a double-array trie.

use super::normalizer::Normalizer;
use super::trie::Trie;
use crate::error::ModelError;
use crate::files::PIECES;
use crate::tensors::Tensors;

const UNKNOWN: u32 = 0;
const BEGIN: u32 = 1;
const END: u32 = 2;
/// SentencePiece scores an unknown character this much below its least likely piece.
const UNKNOWN_PENALTY: f32 = 10.0;

/// The vocabulary, ready for search.
pub(crate) struct Tokenizer {
    normalizer: Normalizer,
    trie: Trie,
    scores: Vec<f32>,
    unknown_score: f32,
}

/// The best way to reach a byte of the text.
#[derive(Clone, Copy)]
struct Step {
    score: f32,
    from: u32,
    piece: u32,
}

impl Tokenizer {
    /// Reads the vocabulary as `training/pieces.py` writes it.
    pub fn load(bytes: &[u8]) -> Result<Self, ModelError> {
        let tensors = Tensors::parse(PIECES, bytes)?;
        let scores = tensors.list("scores")?;
        let unknown_score = scores.iter().copied().fold(f32::INFINITY, f32::min) - UNKNOWN_PENALTY;
        let trie = Trie::load(&tensors, "trie")?;
        Ok(Self { normalizer: Normalizer::load(&tensors)?, trie, scores, unknown_score })
    }

    /// The ids of `text` between the marks for begin and end. Cost: linear in its length.
    pub fn tokenize(&self, text: &str) -> Vec<u32> {
        let text = self.normalizer.normalize(text);
        let mut ids = vec![BEGIN];
        if text.is_empty() {
            ids.push(UNKNOWN);
        } else {
            self.push_best_pieces(&text, &mut ids);
        }
        ids.push(END);
        ids
    }

    fn push_best_pieces(&self, text: &str, ids: &mut Vec<u32>) {
        let steps = self.best_steps(text);
        let begin = ids.len();
        let mut at = text.len();
        while at > 0 {
            let step = steps[at];
            // SentencePiece reports a run of unknown characters as one unknown piece.
            if step.piece != UNKNOWN || ids.len() == begin || ids.last() != Some(&UNKNOWN) {
                ids.push(step.piece);
            }
            at = step.from as usize;
        }
        ids[begin..].reverse();
    }

    fn best_steps(&self, text: &str) -> Vec<Step> {
        let nowhere = Step { score: f32::NEG_INFINITY, from: 0, piece: UNKNOWN };
        let mut steps = vec![nowhere; text.len() + 1];
        steps[0].score = 0.0;
        for (at, character) in text.char_indices() {
            let base = steps[at].score;
            let width = character.len_utf8();
            let mut reach = |length: usize, piece: u32, score: f32| {
                if base + score > steps[at + length].score {
                    steps[at + length] = Step { score: base + score, from: at as u32, piece };
                }
            };
            let mut known = false;
            for (piece, length) in self.trie.prefixes(&text.as_bytes()[at..]) {
                known |= length == width;
                reach(length, piece, self.scores.get(piece as usize).copied().unwrap_or(self.unknown_score));
            }
            if !known {
                reach(width, UNKNOWN, self.unknown_score);
            }
        }
        steps
    }
}
