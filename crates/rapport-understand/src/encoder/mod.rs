//! The sentence encoder: text → 512 numbers of unit length, close for texts of close meaning, in sixteen languages.

mod network;
mod normalizer;
mod pieces;
mod tokenizer;

use std::borrow::Cow;
use std::path::Path;

use crate::error::ModelError;
use crate::files::{ModelFiles, PIECES};
use crate::fold;
use crate::hindi::HindiGloss;
use network::Network;
use tokenizer::Tokenizer;

/// Width of the encoder's vectors.
pub const WIDTH: usize = 512;

/// Tokens in one pass through the network: enough to amortise streaming the weights, few enough to stay in cache.
const BATCH_TOKENS: usize = 512;

/// Universal Sentence Encoder, multilingual, version 3. What it sees is the text with look-alikes undone and Hindi
/// glossed, in training as in serving.
pub struct SentenceEncoder {
    tokenizer: Tokenizer,
    network: Network,
    hindi: HindiGloss,
}

impl SentenceEncoder {
    /// Reads the encoder's files out of a models folder, without the manifest: training runs before there is one.
    ///
    /// # Errors
    /// If a file is missing or not in the expected layout.
    pub fn unchecked_from_dir(dir: &Path) -> Result<Self, ModelError> {
        Self::load(&ModelFiles::read_encoder_unchecked(dir)?)
    }

    pub(crate) fn load(files: &ModelFiles) -> Result<Self, ModelError> {
        // Building the trie takes about as long as unpacking the weights.
        std::thread::scope(|scope| {
            let tokenizer = scope.spawn(|| Tokenizer::load(&files.pieces));
            let network = Network::load(&files.encoder)?;
            let hindi = HindiGloss::parse(&files.hindi)?;
            let tokenizer = tokenizer
                .join()
                .unwrap_or_else(|_| Err(ModelError::layout(PIECES, "reading it stopped unexpectedly")))?;
            Ok(Self { tokenizer, network, hindi })
        })
    }

    /// The piece ids of `text`, with the marks for begin and end.
    pub fn tokenize(&self, text: &str) -> Vec<u32> {
        self.tokenizer.tokenize(&self.prepare(text))
    }

    /// One vector a text, in order. Cost: about 1.5 ms a short text; long texts are not cut here.
    pub fn encode(&self, texts: &[&str]) -> Vec<[f32; WIDTH]> {
        let mut vectors = Vec::with_capacity(texts.len());
        let mut batch = Vec::new();
        let mut tokens = 0;
        for text in texts {
            let ids = self.tokenize(text);
            if tokens > 0 && tokens + ids.len() > BATCH_TOKENS {
                vectors.append(&mut self.network.forward(&batch));
                batch.clear();
                tokens = 0;
            }
            tokens += ids.len();
            batch.push(ids);
        }
        vectors.append(&mut self.network.forward(&batch));
        vectors
    }

    /// The share of Hindi words that the word list knows, 0..=1; `None` if the text is not in Devanagari.
    pub(crate) fn hindi_share(&self, text: &str) -> Option<f32> {
        self.hindi.gloss(text).map(|(_, share)| share)
    }

    fn prepare<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let revealed = fold::reveal(text);
        match self.hindi.gloss(&revealed) {
            Some((english, _)) => Cow::Owned(english),
            None => revealed,
        }
    }
}
