//! What is read off the encoder: topics, sensitive categories, and the short vector for profiles; and the fast path, which
//! answers the same without the encoder.

mod fast;
mod gate;
mod layer;
mod select;
mod tongue;

use rapport_core::topic::{Categories, Category, TopicId};
use rapport_core::understanding::{VECTOR_DIM, Vector};

use crate::calibrate::Thresholds;
use crate::encoder::{SentenceEncoder, WIDTH};
use crate::error::ModelError;
use crate::files::{HEADS, THRESHOLDS};
use crate::kernel::Kernel;
use crate::tensors::Tensors;
use fast::Fast;
use gate::{Gate, LOUDER};
use layer::Layer;
pub(crate) use select::{MAX_TOPICS, select_topics};
use tongue::Tongue;

/// A best topic less likely than this is none for sure, one likelier than that is certain: between them the fast path asks
/// the encoder.
const DOUBTFUL_TOPIC: std::ops::Range<f32> = 0.12..0.7;

/// Weight of the fast path's log-odds beside the slow one's.
const SAY: f32 = 0.5;

/// All heads, trained by `training/train.py`.
pub(crate) struct Heads {
    inner: Layer,
    outer: Layer,
    /// Slope and offset of the topics' calibration (Platt 1999).
    platt: [f32; 2],
    gate: Gate,
    fast: Fast,
    tongue: Tongue,
    /// From which scores categories are flagged, and doubted.
    pub thresholds: Thresholds,
    /// The encoder's vector → the short one: principal components of the training vectors.
    short: Layer,
}

/// What the models say of one window of text.
pub(crate) struct Answer {
    /// The calibrated probability of every topic, in the taxonomy's order; below .02 it may read 0.
    pub topics: Vec<f32>,
    /// The log-odds of every sensitive category.
    pub log_odds: [f32; 7],
    /// The meaning, of unit length.
    pub vector: [f32; WIDTH],
}

impl Heads {
    /// Reads `heads.bin` and `thresholds.json`.
    pub fn load(bytes: &[u8], thresholds: &[u8]) -> Result<Self, ModelError> {
        let (tensors, kernel) = (Tensors::parse(HEADS, bytes)?, Kernel::detect());
        let platt = tensors.floats("topics/platt", &[2])?;
        let inner = Layer::load(&tensors, kernel, "topics/inner", WIDTH)?;
        let outer = Layer::load(&tensors, kernel, "topics/outer", inner.outputs())?;
        if outer.outputs() != TopicId::all().count() {
            return Err(ModelError::layout(HEADS, "its topics are not those of this program's taxonomy"));
        }
        let short = Layer::load(&tensors, kernel, "vector/short", WIDTH)?;
        if short.outputs() != VECTOR_DIM {
            return Err(ModelError::layout(HEADS, "its short vectors are not as long as profiles keep them"));
        }
        Ok(Self {
            inner,
            outer,
            platt: [platt[0], platt[1]],
            gate: Gate::load(&tensors, kernel)?,
            fast: Fast::load(&tensors, kernel)?,
            tongue: Tongue::load(&tensors)?,
            thresholds: Thresholds::parse(thresholds)
                .map_err(|error| ModelError::layout(THRESHOLDS, error.to_string()))?,
            short,
        })
    }

    /// What the fast path says of texts, by their pieces.
    pub fn read_fast(&self, texts: &[Vec<u32>], encoder: &SentenceEncoder) -> Vec<Answer> {
        let said = self.fast.read(texts, encoder);
        let vectors: Vec<[f32; WIDTH]> = said.iter().map(|said| said.vector).collect();
        let answers = said.into_iter().zip(self.topics(&vectors));
        answers.map(|(said, topics)| Answer { topics, log_odds: said.gate, vector: said.vector }).collect()
    }

    /// What the encoder says of the categories, from a text's features `[tokens, FEATURES]` and vector, where the fast path
    /// says `fast` of them. It keeps a say: the two err on different texts.
    pub fn gate(&self, features: &[f32], vector: &[f32; WIDTH], fast: &[f32; 7]) -> [f32; 7] {
        let slow = self.gate.logits(features, vector);
        std::array::from_fn(|c| (1.0 - SAY) * slow[c] + SAY * fast[c])
    }

    /// Whether an answer of the fast path may stand.
    pub fn is_clear(&self, fast: &Answer) -> bool {
        let best = fast.topics.iter().copied().fold(0.0, f32::max);
        let scores = fast.scores();
        let calm = |c: Category| scores[c as usize] < self.thresholds.doubt.of(c);
        Category::ALL.into_iter().all(calm) && !DOUBTFUL_TOPIC.contains(&best)
    }

    /// The categories whose score reaches their own threshold, and `floor`.
    pub fn flagged(&self, scores: &[f32; 7], floor: f32) -> Categories {
        let fires = |c: Category| scores[c as usize] >= self.thresholds.thresholds.of(c).max(floor);
        Category::ALL.into_iter().filter(|&c| fires(c)).collect()
    }

    /// The language that a text's pieces speak for, if it is one of five in Latin letters and they tell.
    pub fn language(&self, ids: &[u32]) -> Option<&'static str> {
        self.tongue.of(ids)
    }

    /// The calibrated probability of every topic, for each of `vectors`.
    pub fn topics(&self, vectors: &[[f32; WIDTH]]) -> Vec<Vec<f32>> {
        let [slope, offset] = self.platt;
        let louder: Vec<f32> = vectors.iter().flatten().map(|value| value * LOUDER).collect();
        let logits = self.outer.apply(&self.inner.rectified(&louder));
        let probability = |logit: &f32| {
            let z = slope * logit + offset;
            // Most of the 704 are out of the question; their exponentials would cost more than the layer.
            if z < -4.0 { 0.0 } else { sigmoid(z) }
        };
        logits.chunks_exact(self.outer.outputs()).map(|row| row.iter().map(probability).collect()).collect()
    }

    /// The short vector that profiles and catalogues keep.
    pub fn shorten(&self, vector: &[f32; WIDTH]) -> Option<Vector> {
        let short = self.short.apply(vector);
        Vector::quantize(short.first_chunk::<VECTOR_DIM>()?)
    }
}

impl Answer {
    /// The score of every sensitive category, 0..=1.
    pub fn scores(&self) -> [f32; 7] {
        self.log_odds.map(sigmoid)
    }
}

fn sigmoid(z: f32) -> f32 {
    1.0 / (1.0 + (-z).exp())
}
