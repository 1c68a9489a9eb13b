//! Whose interest a message speaks of, what it is for, and how it feels about each thing that it names.
//!
//! Three small linear models over hashed features, trained by `training/cues.py` on messages written for it. They read
//! folded words and a list of telling words, need neither the sentence encoder nor the language, and take a few
//! microseconds.

mod clauses;
mod features;
#[cfg(test)]
mod tests;
mod tokens;
mod weights;
mod words;

use std::ops::Range;

use rapport_core::understanding::{Intent, Subject};

use crate::error::ModelError;
use clauses::Message;
use features::Features;
use weights::{Answers, Weights};
use words::Words;

/// The models.
#[derive(Debug)]
pub struct CueModel {
    words: Words,
    /// None while training.
    weights: Option<Weights>,
}

/// What small words tell of one text.
#[derive(Debug)]
pub struct Cues<'m> {
    model: &'m CueModel,
    message: Message,
    answers: Answers,
}

/// A stretch of a text that says one thing, and how it feels.
#[derive(Clone, Debug, PartialEq)]
pub struct ClauseStance {
    /// Bytes of the text.
    pub bytes: Range<usize>,
    /// -1 (dislikes) to 1 (likes).
    pub stance: f32,
}

/// Features of one text, for training: buckets of the tables of weights.
#[derive(Debug, serde::Serialize)]
pub struct CueFeatures {
    /// Of the whole.
    pub message: Vec<u32>,
    /// Of each thing named, in the order asked for.
    pub targets: Vec<Vec<u32>>,
    /// First byte, one past the last, and the features of each clause.
    pub clauses: Vec<(usize, usize, Vec<u32>)>,
}

impl CueModel {
    /// Loads `weights` (`heads/cues.bin`) and the list of telling words (`lexicon/cues.tsv`).
    pub(crate) fn load(weights: &[u8], words: &[u8]) -> Result<Self, ModelError> {
        Ok(Self { words: Words::parse(words)?, weights: Some(Weights::load(weights)?) })
    }

    /// Without weights, to make [`features`](Self::features) for training.
    ///
    /// # Errors
    /// If the list of words can't be read.
    pub fn untrained(words: &[u8]) -> Result<Self, ModelError> {
        Ok(Self { words: Words::parse(words)?, weights: None })
    }

    /// Reads `text`. Cost: about 5 µs for a short message; only the first 512 words count.
    pub fn read(&self, text: &str) -> Cues<'_> {
        let message = Message::new(tokens::tokenize(text), &self.words);
        let answers = self.weights.as_ref().map_or_else(Answers::default, |weights| {
            let mut features = Features::default();
            features::of_message(&message, &mut features);
            weights.answers(&features.0)
        });
        Cues { model: self, message, answers }
    }

    /// The features of `text` and of the things named at `targets`, ranges of bytes.
    pub fn features(&self, text: &str, targets: &[Range<usize>]) -> CueFeatures {
        let cues = Cues {
            model: self,
            message: Message::new(tokens::tokenize(text), &self.words),
            answers: Answers::default(),
        };
        let mut message = Features::default();
        features::of_message(&cues.message, &mut message);
        let clauses = (0..cues.message.clauses.len()).map(|index| {
            let bytes = cues.bytes(index);
            (bytes.start, bytes.end, cues.clause_features(index).0)
        });
        CueFeatures {
            message: message.0,
            targets: targets.iter().map(|target| cues.target_features(target).0).collect(),
            clauses: clauses.collect(),
        }
    }
}

impl Cues<'_> {
    /// Whose interest the text speaks of; nobody's if it holds no word.
    pub fn subject(&self) -> Subject {
        if self.message.words.is_empty() { Subject::None } else { self.answers.subject() }
    }

    /// Whether it speaks of a child's interests, health or belongings.
    pub fn about_child(&self) -> bool {
        !self.message.words.is_empty() && self.answers.about_child()
    }

    /// What the person means to do.
    pub fn intent(&self) -> Option<Intent> {
        if self.message.words.is_empty() { None } else { self.answers.intent() }
    }

    /// -1 (dislikes) to 1 (likes): the balance of its clauses, those that feel nothing aside.
    pub fn stance(&self) -> f32 {
        balance(&self.clauses())
    }

    /// How the text feels about what it names at `bytes`, -1 to 1; 0 if that is not within the part read.
    pub fn stance_at(&self, bytes: Range<usize>) -> f32 {
        let Some(weights) = &self.model.weights else { return 0.0 };
        weights.stance(&self.target_features(&bytes).0)
    }

    /// The clauses in order, with how each feels.
    pub fn clauses(&self) -> Vec<ClauseStance> {
        let stance = |index: usize| {
            let weights = self.model.weights.as_ref();
            weights.map_or(0.0, |weights| weights.stance(&self.clause_features(index).0))
        };
        (0..self.message.clauses.len().min(MAX_CLAUSES))
            .map(|index| ClauseStance { bytes: self.bytes(index), stance: stance(index) })
            .collect()
    }

    /// The sides of a text that likes one thing and dislikes another: neighbouring clauses of one feeling together, those
    /// that feel nothing with the one before. Empty if the text doesn't feel both ways.
    pub fn sides(&self) -> Vec<ClauseStance> {
        let clauses = self.clauses();
        let felt = |sign: f32| clauses.iter().any(|clause| clause.stance * sign > FELT);
        if !(felt(1.0) && felt(-1.0)) {
            return Vec::new();
        }
        let mut sides: Vec<ClauseStance> = Vec::new();
        for clause in clauses {
            match sides.last_mut() {
                Some(side) if clause.stance.abs() <= FELT || clause.stance * side.stance > 0.0 => {
                    side.bytes.end = clause.bytes.end;
                }
                // What comes before the first feeling belongs to it.
                Some(side) if side.stance.abs() <= FELT => {
                    *side = ClauseStance { bytes: side.bytes.start..clause.bytes.end, stance: clause.stance };
                }
                _ => sides.push(clause),
            }
        }
        sides
    }

    /// What the word list alone says of the thing named at `bytes`: the floor of the evaluation.
    pub(crate) fn listed_stance_at(&self, bytes: &Range<usize>) -> f32 {
        let home = self.message.words.partition_point(|word| word.end <= bytes.start);
        features::balance(&self.message, self.message.clause_of.get(home).copied().unwrap_or(0))
    }

    /// What the word list alone says of whose interest it is: the floor of the evaluation.
    pub(crate) fn listed_subject(&self) -> Subject {
        let any = |class| self.message.classes.iter().any(|classes| classes & class != 0);
        match (any(words::KIN | words::CHILD | words::THEIRS), any(words::MINE)) {
            (true, _) => Subject::Other,
            (false, true) => Subject::Own,
            _ => Subject::None,
        }
    }

    fn bytes(&self, clause: usize) -> Range<usize> {
        let words = &self.message.words[self.message.clauses[clause].words.clone()];
        words.first().map_or(0, |word| word.start)..words.last().map_or(0, |word| word.end)
    }

    fn clause_features(&self, clause: usize) -> Features {
        let mut features = Features::default();
        features::of_clause(&self.message, clause, &mut features);
        features
    }

    fn target_features(&self, bytes: &Range<usize>) -> Features {
        let words = &self.message.words;
        let first = words.partition_point(|word| word.end <= bytes.start);
        let end = words.partition_point(|word| word.start < bytes.end).max(first);
        let mut features = Features::default();
        // A name may end within a word; what clings to it is a particle.
        let clings = words[first..end].last().filter(|word| word.end > bytes.end);
        let tail = clings.map_or(0, |word| word.suffix((word.end - bytes.end).div_ceil(3).clamp(1, 3)));
        features::of_target(&self.message, first..end, tail, &mut features);
        features
    }
}

/// A stance weaker than this feels nothing.
const FELT: f32 = 0.3;
/// Clauses judged of one text: more say nothing new, and time stays bounded.
const MAX_CLAUSES: usize = 64;

/// The mean of the clauses' stances, each weighed by how strong it is.
fn balance(clauses: &[ClauseStance]) -> f32 {
    let weight: f32 = clauses.iter().map(|clause| clause.stance.abs()).sum();
    let sum: f32 = clauses.iter().map(|clause| clause.stance * clause.stance.abs()).sum();
    if weight < 1e-6 { 0.0 } else { (sum / weight).clamp(-1.0, 1.0) }
}
