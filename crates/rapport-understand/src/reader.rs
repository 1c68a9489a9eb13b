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
        let mut answers: Vec<Option<Answer>> =
            parts.iter().zip(&ids).map(|(part, ids)| self.at_once(path, part, ids)).collect();
        let doubtful: Vec<usize> = (0..parts.len()).filter(|&at| answers[at].is_none()).collect();
        let slow: Vec<Vec<u32>> = doubtful.iter().map(|&at| ids[at].clone()).collect();
        self.encoder.encode_pieces(&slow, |index, features, vector| {
            let (at, ids) = (doubtful[index], &slow[index]);
            answers[at] = Some(self.heads.read(ids, &self.encoder.rows(ids), features, vector));
        });
        (answers.into_iter().flatten().collect(), ids)
    }

    /// The language that the pieces of `text` speak for, if they tell.
    pub fn language(&self, text: &str) -> Option<&'static str> {
        self.heads.language(&self.encoder.tokenize(text))
    }

    /// The share of `parts` about which the fast path is not sure.
    pub fn slow_share(&self, parts: &[Part<'_>]) -> f64 {
        let slow =
            |part: &&Part<'_>| self.at_once(Path::Cascade, part, &self.encoder.tokenize(part.text)).is_none();
        parts.iter().filter(slow).count() as f64 / parts.len().max(1) as f64
    }

    /// What the fast path says, if it is asked and sure.
    fn at_once(&self, path: Path, part: &Part<'_>, ids: &[u32]) -> Option<Answer> {
        if path == Path::Slow || (path == Path::Cascade && part.of_many) {
            return None;
        }
        let answer = self.heads.read_fast(ids, &self.encoder.rows(ids));
        (path == Path::Fast || self.heads.is_clear(&answer)).then_some(answer)
    }
}
