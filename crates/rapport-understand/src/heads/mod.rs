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
use crate::encoder::WIDTH;
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
const DOUBTFUL_TOPIC: std::ops::Range<f32> = 0.25..0.5;

/// Weight of the fast path's log-odds beside the slow one's.
const SAY: f32 = 0.3;

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
    projection: Projection,
}

/// What the models say of one window of text.
pub(crate) struct Answer {
    /// The calibrated probability of every topic, in the taxonomy's order; below .02 it may read 0.
    pub topics: Vec<f32>,
    /// The score of every sensitive category, 0..=1.
    pub scores: [f32; 7],
    /// The meaning, of unit length.
    pub vector: [f32; WIDTH],
}

/// Principal components of the training vectors.
struct Projection {
    mean: Vec<f32>,
    /// `[WIDTH, VECTOR_DIM]`.
    basis: Vec<f32>,
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
        Ok(Self {
            inner,
            outer,
            platt: [platt[0], platt[1]],
            gate: Gate::load(&tensors, kernel)?,
            fast: Fast::load(&tensors, kernel)?,
            tongue: Tongue::load(&tensors)?,
            thresholds: Thresholds::parse(thresholds)
                .map_err(|error| ModelError::layout(THRESHOLDS, error.to_string()))?,
            projection: Projection {
                mean: tensors.floats("vector/mean", &[WIDTH])?,
                basis: tensors.floats("vector/basis", &[WIDTH, VECTOR_DIM])?,
            },
        })
    }

    /// What the encoder's features `[tokens, FEATURES]` and vector mean. The fast path has a say in the categories: the two
    /// err on different texts.
    pub fn read(&self, ids: &[u32], rows: &[f32], features: &[f32], vector: &[f32; WIDTH]) -> Answer {
        let (slow, (_, fast)) = (self.gate.logits(features, vector), self.fast.read(ids, rows));
        let scores = std::array::from_fn(|c| sigmoid((1.0 - SAY) * slow[c] + SAY * fast[c]));
        Answer { topics: self.topics(vector), scores, vector: *vector }
    }

    /// What the fast path says of a text's pieces.
    pub fn read_fast(&self, ids: &[u32], rows: &[f32]) -> Answer {
        let (vector, gate) = self.fast.read(ids, rows);
        Answer { topics: self.topics(&vector), scores: gate.map(sigmoid), vector }
    }

    /// Whether an answer of the fast path may stand.
    pub fn is_clear(&self, fast: &Answer) -> bool {
        let best = fast.topics.iter().copied().fold(0.0, f32::max);
        let calm = |c: Category| fast.scores[c as usize] < self.thresholds.doubt.of(c);
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

    fn topics(&self, vector: &[f32; WIDTH]) -> Vec<f32> {
        let [slope, offset] = self.platt;
        let mut scores = self.outer.apply(&self.inner.rectified(&vector.map(|value| value * LOUDER)));
        for score in &mut scores {
            let z = slope * *score + offset;
            // Most of the 704 are out of the question; their exponentials would cost more than the layer.
            *score = if z < -4.0 { 0.0 } else { sigmoid(z) };
        }
        scores
    }

    /// The short vector that profiles and catalogues keep.
    pub fn shorten(&self, vector: &[f32; WIDTH]) -> Option<Vector> {
        let mut short = [0.0; VECTOR_DIM];
        for ((value, mean), row) in
            vector.iter().zip(&self.projection.mean).zip(self.projection.basis.chunks(VECTOR_DIM))
        {
            let factor = value - mean;
            short.iter_mut().zip(row).for_each(|(to, from)| *to += factor * from);
        }
        Vector::quantize(&short)
    }
}

fn sigmoid(z: f32) -> f32 {
    1.0 / (1.0 + (-z).exp())
}
