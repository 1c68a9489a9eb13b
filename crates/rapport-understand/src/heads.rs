//! What is read off the frozen vector: topics, sensitive categories, and the short vector for profiles.

use rapport_core::topic::{Categories, Category, TopicId};
use rapport_core::understanding::{ScoredTopic, VECTOR_DIM, Vector};

use crate::encoder::WIDTH;
use crate::error::ModelError;
use crate::files::HEADS;
use crate::tensors::Tensors;

/// A node is reported from this probability on; below it its ancestors may still be.
const TOPIC_THRESHOLD: f32 = 0.4;
/// A node this much less likely than the best is noise beside it.
const TOPIC_RATIO: f32 = 0.35;
/// Most topics in one message.
const MAX_TOPICS: usize = 5;

/// All heads, trained by `training/train.py`.
pub(crate) struct Heads {
    topics: Layers,
    /// Slope and offset of the topics' calibration (Platt 1999).
    platt: [f32; 2],
    sensitive: Layers,
    thresholds: [f32; 7],
    projection: Projection,
}

/// `x·skip + relu(x·inner + bias)·outer + offset`; matrices `[inputs, outputs]`, row-major.
struct Layers {
    inner: Vec<f32>,
    bias: Vec<f32>,
    outer: Vec<f32>,
    skip: Vec<f32>,
    offset: Vec<f32>,
}

/// Principal components of the training vectors.
struct Projection {
    mean: Vec<f32>,
    /// `[WIDTH, VECTOR_DIM]`.
    basis: Vec<f32>,
}

impl Heads {
    /// Reads `heads.bin`.
    pub fn load(bytes: &[u8]) -> Result<Self, ModelError> {
        let tensors = Tensors::parse(HEADS, bytes)?;
        let platt = tensors.floats("topics/platt", &[2])?;
        let mut thresholds = [0.0; 7];
        thresholds.copy_from_slice(&tensors.floats("sensitive/thresholds", &[7])?);
        Ok(Self {
            topics: Layers::load(&tensors, "topics", TopicId::all().count())?,
            platt: [platt[0], platt[1]],
            sensitive: Layers::load(&tensors, "sensitive", Category::ALL.len())?,
            thresholds,
            projection: Projection {
                mean: tensors.floats("vector/mean", &[WIDTH])?,
                basis: tensors.floats("vector/basis", &[WIDTH, VECTOR_DIM])?,
            },
        })
    }

    /// The calibrated probability of every topic, in the taxonomy's order.
    pub fn topic_scores(&self, vector: &[f32; WIDTH]) -> Vec<f32> {
        let [slope, offset] = self.platt;
        let mut scores = self.topics.forward(vector);
        for score in &mut scores {
            *score = sigmoid(slope * *score + offset);
        }
        scores
    }

    /// The score of every sensitive category.
    pub fn sensitive_scores(&self, vector: &[f32; WIDTH]) -> [f32; 7] {
        let logits = self.sensitive.forward(vector);
        std::array::from_fn(|at| sigmoid(logits[at]))
    }

    /// The categories whose score reaches their own threshold, and `floor`.
    pub fn flagged(&self, scores: &[f32; 7], floor: f32) -> Categories {
        let fires = |c: Category| scores[c as usize] >= self.thresholds[c as usize].max(floor);
        Category::ALL.into_iter().filter(|&c| fires(c)).collect()
    }

    /// The short vector that profiles and catalogues keep.
    pub fn shorten(&self, vector: &[f32; WIDTH]) -> Option<Vector> {
        let mut short = [0.0; VECTOR_DIM];
        for ((value, mean), row) in
            vector.iter().zip(&self.projection.mean).zip(self.projection.basis.chunks(VECTOR_DIM))
        {
            accumulate(&mut short, row, value - mean);
        }
        Vector::quantize(&short)
    }
}

/// The topics to report: the most specific nodes that are likely enough, best first. A doubtful node is left out, and its
/// parent, whose probability is never smaller by much, stands for it. May be empty: an honest "none".
pub(crate) fn select_topics(scores: &[f32]) -> Vec<ScoredTopic> {
    let best = scores.iter().copied().fold(0.0, f32::max);
    let floor = TOPIC_THRESHOLD.max(best * TOPIC_RATIO);
    let mut likely: Vec<ScoredTopic> = TopicId::all()
        .zip(scores)
        .filter(|(_, score)| **score >= floor)
        .map(|(topic, &score)| ScoredTopic::new(topic, score))
        .collect();
    let covered: Vec<TopicId> = likely.iter().flat_map(|found| found.topic.lineage().skip(1)).collect();
    likely.retain(|found| !covered.contains(&found.topic));
    likely.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.topic.cmp(&b.topic)));
    likely.truncate(MAX_TOPICS);
    likely
}

impl Layers {
    fn load(tensors: &Tensors<'_>, name: &str, outputs: usize) -> Result<Self, ModelError> {
        let (inner, [_, hidden]) = tensors.matrix(&format!("{name}/inner"))?;
        if inner.len() != WIDTH * hidden {
            return Err(ModelError::layout(
                HEADS,
                format!("tensor `{name}/inner` doesn't take {WIDTH} inputs"),
            ));
        }
        Ok(Self {
            inner,
            bias: tensors.floats(&format!("{name}/bias"), &[hidden])?,
            outer: tensors.floats(&format!("{name}/outer"), &[hidden, outputs])?,
            skip: tensors.floats(&format!("{name}/skip"), &[WIDTH, outputs])?,
            offset: tensors.floats(&format!("{name}/offset"), &[outputs])?,
        })
    }

    fn forward(&self, x: &[f32; WIDTH]) -> Vec<f32> {
        let mut hidden = self.bias.clone();
        for (value, row) in x.iter().zip(self.inner.chunks(hidden.len())) {
            accumulate(&mut hidden, row, *value);
        }
        let mut out = self.offset.clone();
        for (value, row) in x.iter().zip(self.skip.chunks(out.len())) {
            accumulate(&mut out, row, *value);
        }
        for (value, row) in hidden.iter().zip(self.outer.chunks(self.offset.len())) {
            if *value > 0.0 {
                accumulate(&mut out, row, *value);
            }
        }
        out
    }
}

fn accumulate(to: &mut [f32], row: &[f32], factor: f32) {
    for (to, from) in to.iter_mut().zip(row) {
        *to += factor * from;
    }
}

fn sigmoid(z: f32) -> f32 {
    1.0 / (1.0 + (-z).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scores(of: &[(&str, f32)]) -> Vec<f32> {
        let mut scores = vec![0.0; TopicId::all().count()];
        for (code, score) in of {
            scores[usize::from(TopicId::from_code(code).unwrap().index())] = *score;
        }
        scores
    }

    #[test]
    fn the_most_specific_likely_node_is_reported_and_implies_its_ancestors() {
        let found = select_topics(&scores(&[("483", 0.9), ("542", 0.8)]));
        assert_eq!(found.iter().map(|t| t.topic.code()).collect::<Vec<_>>(), ["542"]);
    }

    #[test]
    fn a_doubtful_leaf_answers_with_its_parent() {
        let found = select_topics(&scores(&[("483", 0.7), ("542", 0.3)]));
        assert_eq!(found.iter().map(|t| t.topic.code()).collect::<Vec<_>>(), ["483"]);
    }

    #[test]
    fn nothing_likely_is_an_honest_none() {
        assert!(select_topics(&scores(&[("483", 0.3)])).is_empty());
    }
}
