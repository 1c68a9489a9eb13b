//! The sentence encoder: text → 512 numbers of unit length, close for texts of close meaning, in seventeen languages.

pub(crate) mod cache;
pub(crate) mod elementwise;
mod network;
mod normalizer;
mod table;
mod tail;
mod tokenizer;
mod tokens;
mod trie;

use crate::error::ModelError;
use crate::files::ModelFiles;
use crate::fold;
use crate::kernel::Kernel;
use network::Network;
use tokenizer::Tokenizer;

/// Width of the encoder's vectors.
pub const WIDTH: usize = 512;

/// Numbers a token in what the heads read.
pub(crate) const FEATURES: usize = network::FEATURES;

/// Tokens in one pass through the network: enough to amortise streaming the weights, few enough to stay in cache.
const BATCH_TOKENS: usize = 128;

/// Universal Sentence Encoder, multilingual, version 3, trained further and taught Hindi (`training/`). What it sees is
/// the text with look-alikes undone.
pub(crate) struct SentenceEncoder {
    tokenizer: Tokenizer,
    network: Network,
}

impl SentenceEncoder {
    pub(crate) fn load(files: &ModelFiles) -> Result<Self, ModelError> {
        Self::load_for(files, Kernel::detect())
    }

    fn load_for(files: &ModelFiles, kernel: Kernel) -> Result<Self, ModelError> {
        Ok(Self {
            tokenizer: Tokenizer::load(&files.pieces)?,
            network: Network::load(&files.table, &files.encoder, kernel)?,
        })
    }

    /// The piece ids of `text`, with the marks for begin and end.
    pub fn tokenize(&self, text: &str) -> Vec<u32> {
        self.tokenizer.tokenize(&fold::reveal(text))
    }

    /// One vector a text, in order; equal to the last bit whatever texts are encoded together, and on every processor.
    /// Long texts are not cut here.
    pub fn encode(&self, texts: &[&str]) -> Vec<[f32; WIDTH]> {
        let pieces: Vec<Vec<u32>> = texts.iter().map(|text| self.tokenize(text)).collect();
        let mut vectors = Vec::with_capacity(texts.len());
        self.encode_pieces(&pieces, |_, _, vector| vectors.push(*vector));
        vectors
    }

    /// Calls `see(index, features, vector)` for every text in order, each cut by [`tokenize`](Self::tokenize): with its
    /// `[pieces, FEATURES]` features after the last normalisation (row-major) and its vector.
    pub(crate) fn encode_pieces(
        &self,
        texts: &[Vec<u32>],
        mut see: impl FnMut(usize, &[f32], &[f32; WIDTH]),
    ) {
        let mut from = 0;
        while from < texts.len() {
            let batch = &texts[from..from + batch_len(&texts[from..])];
            self.network.forward(batch, |index, features, vector| see(from + index, features, vector));
            from += batch.len();
        }
    }

    /// The table's rows of `ids`, `[ids, WIDTH]`. Cost: up to half a microsecond each.
    pub(crate) fn rows(&self, ids: &[u32]) -> Vec<f32> {
        self.network.tokens().rows(ids)
    }
}

/// How many of `texts`, one at least, make the next pass.
fn batch_len(texts: &[Vec<u32>]) -> usize {
    let mut tokens = 0;
    let fits = |ids: &&Vec<u32>| {
        tokens += ids.len();
        tokens <= BATCH_TOKENS
    };
    texts.iter().take_while(fits).count().max(1)
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
    fn a_text_has_the_same_bits_alone_and_among_others() {
        let encoder = SentenceEncoder::load(&ModelFiles::embedded()).unwrap();
        let together = encoder.encode(&TEXTS);
        for (text, vector) in TEXTS.iter().zip(&together) {
            assert_eq!(bits(&encoder.encode(&[text])), bits(&[*vector]), "{text}");
        }
        let mut seen = 0;
        let texts: Vec<Vec<u32>> = TEXTS.iter().map(|text| encoder.tokenize(text)).collect();
        encoder.encode_pieces(&texts, |index, features, vector| {
            assert_eq!((index, features.len()), (seen, texts[index].len() * FEATURES));
            assert_eq!(bits(&[*vector]), bits(&[together[index]]));
            seen += 1;
        });
        assert_eq!(seen, TEXTS.len());
    }
}
