//! Texts → what the models say of them: by the fast path where it is sure, else by the encoder.

use crate::encoder::SentenceEncoder;
use crate::error::ModelError;
use crate::files::ModelFiles;
use crate::heads::{Answer, Heads};

/// Which models answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Path {
    /// The fast one, and where it is in doubt, or the text is long, the slow one.
    Cascade,
    /// A small network over the table of pieces.
    Fast,
    /// The encoder and its heads.
    Slow,
}

/// A stretch of text that the models read at once.
pub(crate) struct Part<'a> {
    pub text: &'a str,
    /// Whether it is one of several windows of a long text, which the fast path was not taught to read.
    pub of_many: bool,
}

/// The models that read text.
pub(crate) struct Reader {
    pub encoder: SentenceEncoder,
    pub heads: Heads,
}

impl Reader {
    pub fn load(files: &ModelFiles) -> Result<Self, ModelError> {
        Ok(Self {
            encoder: SentenceEncoder::load(files)?,
            heads: Heads::load(&files.heads, &files.thresholds)?,
        })
    }

    /// An answer for each part, in order, and its piece ids.
    pub fn read(&self, path: Path, parts: &[Part<'_>]) -> (Vec<Answer>, Vec<Vec<u32>>) {
        let ids: Vec<Vec<u32>> = parts.iter().map(|part| self.encoder.tokenize(part.text)).collect();
        let mut answers = self.heads.read_fast(&ids, &self.encoder);
        let slow: Vec<usize> =
            (0..parts.len()).filter(|&at| !self.may_stand(path, &parts[at], &answers[at])).collect();
        let texts: Vec<Vec<u32>> = slow.iter().map(|&at| ids[at].clone()).collect();
        let mut vectors = Vec::with_capacity(slow.len());
        self.encoder.encode_pieces(&texts, |index, features, vector| {
            let answer = &mut answers[slow[index]];
            answer.log_odds = self.heads.gate(features, vector, &answer.log_odds);
            answer.vector = *vector;
            vectors.push(*vector);
        });
        for (&at, topics) in slow.iter().zip(self.heads.topics(&vectors)) {
            answers[at].topics = topics;
        }
        (answers, ids)
    }

    /// The language that the pieces of `text` speak for, if they tell.
    pub fn language(&self, text: &str) -> Option<&'static str> {
        self.heads.language(&self.encoder.tokenize(text))
    }

    /// The share of `parts` about which the fast path is not sure.
    pub fn slow_share(&self, parts: &[Part<'_>]) -> f64 {
        let ids: Vec<Vec<u32>> = parts.iter().map(|part| self.encoder.tokenize(part.text)).collect();
        let answers = self.heads.read_fast(&ids, &self.encoder);
        let slow =
            parts.iter().zip(&answers).filter(|(part, fast)| !self.may_stand(Path::Cascade, part, fast));
        slow.count() as f64 / parts.len().max(1) as f64
    }

    /// Whether what the fast path says of `part` is the answer.
    fn may_stand(&self, path: Path, part: &Part<'_>, fast: &Answer) -> bool {
        match path {
            Path::Fast => true,
            Path::Slow => false,
            Path::Cascade => !part.of_many && self.heads.is_clear(fast),
        }
    }
}
