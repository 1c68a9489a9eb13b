//! Audio in, words out.

use std::path::Path;

use crate::audio::{self, AudioError, AudioLimits};
use crate::mel::{FRAMES, Mel, WINDOW};
use crate::model::{self, Decoder, Encoder};
use crate::search::{Found, Search};
use crate::silence;
use crate::vocabulary::Vocabulary;
use crate::weights::{ModelError, ModelFiles, Variables};

/// What was said.
#[derive(Clone, Debug, PartialEq)]
pub struct Transcript {
    /// The words; empty where nobody speaks.
    pub text: String,
    /// The language that the model knows, as ISO 639-1.
    pub language: &'static str,
    /// How long the audio is, in seconds.
    pub seconds_audio: f32,
    /// Mean logarithm of the words' probabilities, 0 at best; below -1 they are guesses. 0 where there are none.
    pub confidence: f32,
}

/// Why there is no transcript.
#[derive(Debug, thiserror::Error)]
pub enum SpeechError {
    /// The audio.
    #[error(transparent)]
    Audio(#[from] AudioError),
    /// The model.
    #[error(transparent)]
    Model(#[from] ModelError),
}

/// The speech model, opened. Threads may share it; each transcript is worked out on the thread that asks.
///
/// Memory: 75 MB, and about 40 MB more for each transcript under way.
pub struct Speech {
    mel: Mel,
    encoder: Encoder,
    decoder: Decoder,
    vocabulary: Vocabulary,
    search: Search,
}

/// No speech is likelier than this, and the words are guesses: nobody speaks (Radford et al. 2022, section 4.5).
const NO_SPEECH: f32 = 0.6;
const GUESSES: f32 = -1.0;
/// Most tokens of 30 seconds, and those that any clip may have, with what each second of it adds: nobody speaks faster.
const MOST_TOKENS: usize = 224;
const FEWEST_TOKENS: f32 = 24.0;
const TOKENS_A_SECOND: f32 = 10.0;

impl Speech {
    /// Opens the model in a models folder. Takes about 0.2 seconds.
    ///
    /// # Errors
    /// When it is missing, can't be read or is damaged.
    pub fn open(models: &Path) -> Result<Self, ModelError> {
        let files = ModelFiles::of(models);
        let (encoder, decoder) = model::load(Variables::read(&files.weights())?)?;
        let vocabulary = Vocabulary::read(&files, model::VOCABULARY)?;
        Ok(Self { mel: Mel::new(), encoder, decoder, vocabulary, search: Search::default() })
    }

    /// The same with another search.
    #[must_use]
    pub fn with_search(self, search: Search) -> Self {
        Self { search, ..self }
    }

    /// What is said in a file of any supported format.
    ///
    /// # Errors
    /// When it can't be decoded or is over a limit.
    pub fn transcribe(&self, bytes: &[u8], limits: AudioLimits) -> Result<Transcript, AudioError> {
        Ok(self.transcribe_samples(&audio::decode(bytes, limits)?))
    }

    /// What is said in samples of one channel at 16 kHz.
    pub fn transcribe_samples(&self, samples: &[f32]) -> Transcript {
        let found: Vec<Found> = silence::parts(samples, WINDOW).iter().map(|part| self.hear(part)).collect();
        let spoken: Vec<&Found> = found.iter().filter(|found| is_speech(found)).collect();
        let texts: Vec<String> = spoken.iter().map(|found| self.vocabulary.text(&found.tokens)).collect();
        let tokens: usize = spoken.iter().map(|found| found.tokens.len() + 1).sum();
        let total: f32 = spoken.iter().map(|found| found.confidence * (found.tokens.len() + 1) as f32).sum();
        Transcript {
            text: texts.join(" ").trim().to_owned(),
            language: "en",
            seconds_audio: audio::seconds(samples),
            confidence: if tokens == 0 { 0.0 } else { total / tokens as f32 },
        }
    }

    /// What is said in at most 30 seconds.
    fn hear(&self, samples: &[f32]) -> Found {
        let states = self.encoder.states(&self.mel.spectrogram(samples, FRAMES));
        let heard = self.decoder.hear(&states);
        let room = FEWEST_TOKENS + TOKENS_A_SECOND * audio::seconds(samples);
        self.search.run(&self.decoder, &self.vocabulary, &heard, MOST_TOKENS.min(room as usize))
    }
}

fn is_speech(found: &Found) -> bool {
    found.no_speech < NO_SPEECH || found.confidence > GUESSES
}
