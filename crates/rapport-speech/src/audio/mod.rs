//! Audio of any format that is supported, as the model wants it: one channel, 16 kHz, samples in -1 to 1.

mod container;
mod opus;
mod resample;

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::SAMPLE_RATE;

/// How much audio is accepted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AudioLimits {
    /// Longest audio, in seconds.
    pub max_seconds: f32,
    /// Largest file, in bytes, before decoding.
    pub max_bytes: usize,
}

impl Default for AudioLimits {
    fn default() -> Self {
        Self { max_seconds: 60.0, max_bytes: 12_000_000 }
    }
}

/// Why audio is refused. The text never repeats what it holds.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum AudioError {
    /// Nothing there.
    #[error("the audio is empty")]
    Empty,
    /// Over the limit of bytes.
    #[error("the audio has {bytes} bytes (limit: {limit}); send it compressed, or in parts")]
    TooLarge {
        /// How many.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// Over the limit of seconds.
    #[error("the audio is longer than {limit} seconds; send it in parts")]
    TooLong {
        /// The limit, in seconds.
        limit: f32,
    },
    /// No format that is known.
    #[error(
        "the audio is of no format known here; send WAV, FLAC, MP3, AIFF, or Ogg or WebM with Opus or Vorbis"
    )]
    UnknownFormat,
    /// The container is known, what is in it is not.
    #[error(
        "the audio's container can be read, its codec can't ({0}); send WAV, FLAC, MP3, AIFF, or Ogg or WebM with Opus or Vorbis"
    )]
    UnknownCodec(&'static str),
    /// The format is known, the content is broken.
    #[error("the audio is damaged: {0}")]
    Damaged(&'static str),
}

/// Sound as the format's own rate and number of channels have it.
struct Sound {
    rate: u32,
    samples: Vec<f32>,
}

/// Decodes a file, mixes its channels into one and resamples it to 16 kHz.
///
/// Cost: about 1 ms a second of audio. Memory: at most four bytes a sample of the limit at the file's own rate.
///
/// # Errors
/// When the file is over a limit, or can't be decoded.
pub fn decode(bytes: &[u8], limits: AudioLimits) -> Result<Vec<f32>, AudioError> {
    if bytes.is_empty() {
        return Err(AudioError::Empty);
    }
    if bytes.len() > limits.max_bytes {
        return Err(AudioError::TooLarge { bytes: bytes.len(), limit: limits.max_bytes });
    }
    // The decoders are other people's and the bytes are anybody's: a panic in one costs this file, not the server.
    let decoded = catch_unwind(AssertUnwindSafe(|| container::decode(bytes, limits.max_seconds)));
    let sound = decoded.unwrap_or(Err(AudioError::Damaged("its decoder gave up")))?;
    if sound.samples.is_empty() {
        return Err(AudioError::Empty);
    }
    resample::to_model_rate(sound)
}

/// How long samples at the model's rate last, in seconds.
pub fn seconds(samples: &[f32]) -> f32 {
    samples.len() as f32 / SAMPLE_RATE as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A 16-bit WAV file of one channel.
    pub fn wav(rate: u32, samples: &[f32]) -> Vec<u8> {
        let data = samples.len() as u32 * 2;
        let mut file = Vec::new();
        file.extend(b"RIFF");
        file.extend((36 + data).to_le_bytes());
        file.extend(b"WAVEfmt ");
        file.extend(16u32.to_le_bytes());
        file.extend([1, 0, 1, 0]);
        file.extend(rate.to_le_bytes());
        file.extend((rate * 2).to_le_bytes());
        file.extend([2, 0, 16, 0]);
        file.extend(b"data");
        file.extend(data.to_le_bytes());
        file.extend(samples.iter().flat_map(|s| ((s * 32767.0) as i16).to_le_bytes()));
        file
    }

    #[test]
    fn a_file_over_a_limit_is_refused_with_the_limit() {
        let limits = AudioLimits { max_seconds: 0.5, max_bytes: 40_000 };
        let second = wav(16_000, &vec![0.1; 16_000]);
        assert_eq!(decode(&second, limits), Err(AudioError::TooLong { limit: 0.5 }));
        let large = wav(16_000, &vec![0.1; 30_000]);
        assert_eq!(decode(&large, limits), Err(AudioError::TooLarge { bytes: 60_044, limit: 40_000 }));
    }

    #[test]
    fn samples_come_back_as_they_were_written() {
        let ramp: Vec<f32> = (0..8_000).map(|i| i as f32 / 8_000.0).collect();
        let back = decode(&wav(16_000, &ramp), AudioLimits::default()).unwrap();
        assert_eq!(back.len(), ramp.len());
        assert!(back.iter().zip(&ramp).all(|(a, b)| (a - b).abs() < 1e-4));
    }

    #[test]
    fn nothing_and_no_audio_are_told_apart() {
        assert_eq!(decode(&[], AudioLimits::default()), Err(AudioError::Empty));
        assert_eq!(decode(&wav(16_000, &[]), AudioLimits::default()), Err(AudioError::Empty));
        let text = decode(b"this is a letter, and no sound", AudioLimits::default());
        assert_eq!(text, Err(AudioError::UnknownFormat));
    }
}
