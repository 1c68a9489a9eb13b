//! The sentence encoder: text → 512 numbers of unit length, close for texts of close meaning, in sixteen languages.

mod cache;
mod elementwise;
mod network;
mod normalizer;
mod table;
mod tail;
mod tokenizer;
mod tokens;
mod trie;

use std::borrow::Cow;
use std::path::Path;

use crate::error::ModelError;
use crate::files::ModelFiles;
use crate::fold;
use crate::hindi::HindiGloss;
use crate::kernel::Kernel;
use network::Network;
use tokenizer::Tokenizer;

/// Width of the encoder's vectors.
pub const WIDTH: usize = 512;

/// Numbers a token in what [`SentenceEncoder::encode_with`] shows.
pub const FEATURES: usize = network::FEATURES;

/// Tokens in one pass through the network: enough to amortise streaming the weights, few enough to stay in cache.
const BATCH_TOKENS: usize = 128;

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
        Self::load_for(files, Kernel::detect())
    }

    fn load_for(files: &ModelFiles, kernel: Kernel) -> Result<Self, ModelError> {
        Ok(Self {
            tokenizer: Tokenizer::load(&files.pieces)?,
            network: Network::load(&files.encoder, kernel)?,
            hindi: HindiGloss::parse(&files.hindi)?,
        })
    }

    /// The piece ids of `text`, with the marks for begin and end.
    pub fn tokenize(&self, text: &str) -> Vec<u32> {
        self.tokenizer.tokenize(&self.prepare(text))
    }

    /// One vector a text, in order; equal to the last bit whatever texts are encoded together, and on every processor.
    /// Long texts are not cut here.
    pub fn encode(&self, texts: &[&str]) -> Vec<[f32; WIDTH]> {
        let mut vectors = Vec::with_capacity(texts.len());
        self.each_batch(texts, |batch| vectors.append(&mut self.network.forward(batch, |_, _| ())));
        vectors
    }

    /// [`encode`](Self::encode) that also shows each token: calls `see(index, features, tokens, vector)` for every text
    /// in order, with its index, its `[tokens, FEATURES]` features after the last normalisation (row-major, a row for
    /// each id of [`tokenize`](Self::tokenize)), and its vector.
    pub fn encode_with(&self, texts: &[&str], mut see: impl FnMut(usize, &[f32], usize, &[f32; WIDTH])) {
        let mut done = 0;
        self.each_batch(texts, |batch| {
            let mut features: Vec<Vec<f32>> = Vec::with_capacity(batch.len());
            let vectors = self.network.forward(batch, |_, rows| features.push(rows.to_vec()));
            for ((ids, features), vector) in batch.iter().zip(&features).zip(&vectors) {
                see(done, features, ids.len(), vector);
                done += 1;
            }
        });
    }

    /// The mean of what the table holds for the pieces of `text`, without the marks for begin and end: where a text lies
    /// as a bag of words. Cost: the tokenizer and about a microsecond a piece.
    pub fn look_up(&self, text: &str) -> [f32; WIDTH] {
        self.network.tokens().mean(pieces(&self.tokenize(text)))
    }

    /// What the table holds for each piece of `text`, without the marks: `[pieces, WIDTH]`, row-major. Cost: as
    /// [`look_up`](Self::look_up).
    pub fn look_up_pieces(&self, text: &str) -> Vec<f32> {
        self.network.tokens().rows(pieces(&self.tokenize(text)))
    }

    fn each_batch(&self, texts: &[&str], mut take: impl FnMut(&[Vec<u32>])) {
        let mut batch = Vec::new();
        let mut tokens = 0;
        for text in texts {
            let ids = self.tokenize(text);
            if tokens > 0 && tokens + ids.len() > BATCH_TOKENS {
                take(&batch);
                batch.clear();
                tokens = 0;
            }
            tokens += ids.len();
            batch.push(ids);
        }
        if !batch.is_empty() {
            take(&batch);
        }
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

/// Without the marks for begin and end.
fn pieces(ids: &[u32]) -> &[u32] {
    &ids[1..ids.len() - 1]
}

#[cfg(all(test, feature = "embedded"))]
mod tests {
    use super::*;

    const TEXTS: [&str; 7] = [
        "play some jazz",
        "",
        "¿Qué botas compro para ir de excursión?",
        "다음 주말에 등산 가고 싶은데 어떤 등산화를 살까?",
        "मुझे कल डॉक्टर से मिलना है",
        "The committee will publish its findings in the spring, after consulting experts from eleven countries, as \
         it promised in its last report; until then, nobody outside of it knows what they are, and those inside of \
         it say nothing, which has not stopped the newspapers from writing about it every other day of the week.",
        "x",
    ];

    fn bits(vectors: &[[f32; WIDTH]]) -> Vec<u32> {
        vectors.iter().flatten().map(|value| value.to_bits()).collect()
    }

    #[test]
    fn every_processor_computes_the_same_bits() {
        let files = ModelFiles::embedded();
        let plain = SentenceEncoder::load_for(&files, Kernel::PORTABLE).unwrap().encode(&TEXTS);
        for &kernel in Kernel::available() {
            let found = SentenceEncoder::load_for(&files, kernel).unwrap().encode(&TEXTS);
            assert_eq!(bits(&found), bits(&plain), "{kernel:?}");
        }
    }

    #[test]
    fn a_look_up_is_the_mean_of_the_pieces_whether_they_were_seen_before_or_not() {
        let encoder = SentenceEncoder::load(&ModelFiles::embedded()).unwrap();
        for text in TEXTS {
            let (before, pieces) = (encoder.look_up(text), encoder.look_up_pieces(text));
            assert_eq!(pieces.len(), (encoder.tokenize(text).len() - 2) * WIDTH);
            encoder.encode(&[text]);
            assert_eq!(bits(&[before]), bits(&[encoder.look_up(text)]), "{text}");
            for (at, value) in before.iter().enumerate() {
                let column: Vec<f32> = pieces[at..].iter().step_by(WIDTH).copied().collect();
                assert!((column.iter().sum::<f32>() / column.len() as f32 - value).abs() < 1e-4);
            }
        }
    }

    #[test]
    fn a_text_has_the_same_bits_alone_and_among_others() {
        let encoder = SentenceEncoder::load(&ModelFiles::embedded()).unwrap();
        let together = encoder.encode(&TEXTS);
        for (text, vector) in TEXTS.iter().zip(&together) {
            assert_eq!(bits(&encoder.encode(&[text])), bits(&[*vector]), "{text}");
        }
        let mut seen = 0;
        encoder.encode_with(&TEXTS, |index, features, tokens, vector| {
            assert_eq!((index, features.len()), (seen, tokens * FEATURES));
            assert_eq!(tokens, encoder.tokenize(TEXTS[index]).len());
            assert_eq!(bits(&[*vector]), bits(&[together[index]]));
            seen += 1;
        });
        assert_eq!(seen, TEXTS.len());
    }
}
