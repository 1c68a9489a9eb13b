//! Text → [`Understanding`](rapport_core::understanding::Understanding): models, tokenizer, heads, thresholds, PII.

mod encoder;
mod error;
mod files;
mod fold;
mod hindi;
mod tensors;

pub use encoder::{SentenceEncoder, WIDTH};
pub use error::ModelError;
