//! Speech to text: audio bytes in, English words out.
//!
//! Whisper `tiny.en` in plain Rust, on borrowed matrix products, transforms and decoders. Nothing here touches the
//! network, and audio never touches the disk.
//!
//! ```text
//! bytes ─▶ audio (decode, mix, resample) ─▶ silence (skip) ─▶ mel ─▶ encoder ─▶ search over the decoder ─▶ text
//! ```

pub mod audio;
mod mel;
mod model;
mod search;
mod silence;
mod transcriber;
mod vocabulary;
pub mod weights;
pub mod wer;

pub use audio::{AudioError, AudioLimits};
pub use search::Search;
pub use transcriber::{Speech, SpeechError, Transcript};
pub use weights::ModelError;

/// Samples a second that the model hears, one channel.
pub const SAMPLE_RATE: u32 = 16_000;
