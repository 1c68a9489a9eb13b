//! Whisper's two halves (Radford et al. 2022), in half-precision memory and single-precision arithmetic.

mod decoder;
mod encoder;
mod linear;
mod math;

pub use decoder::{Decoder, Heard, Said};
pub use encoder::Encoder;
pub use math::log_sum_exp;

use crate::weights::{ModelError, Variables};

/// Width of a state.
pub const WIDTH: usize = 384;
/// Attention heads of a layer.
pub const HEADS: usize = 6;
/// Width of a head.
pub const HEAD: usize = WIDTH / HEADS;
/// Width between the two halves of a feed-forward block.
pub const INNER: usize = 4 * WIDTH;
/// Layers of each half.
pub const LAYERS: usize = 4;
/// Tokens of the vocabulary.
pub const VOCABULARY: usize = 51_864;
/// States of 30 seconds of audio.
pub const CONTEXT: usize = 1_500;
/// Tokens that the decoder has positions for.
pub const POSITIONS: usize = 448;

/// Both halves of `tiny.en`.
///
/// # Errors
/// When a variable is missing or has another shape.
pub fn load(mut variables: Variables) -> Result<(Encoder, Decoder), ModelError> {
    Ok((Encoder::take(&mut variables)?, Decoder::take(&mut variables)?))
}
