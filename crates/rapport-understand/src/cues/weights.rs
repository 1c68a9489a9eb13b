//! The tables of weights (`models/heads/cues.bin`) and what their sums mean.

use rapport_core::understanding::{Intent, Subject};

use super::features::{CLASS_BUCKETS, WORD_BUCKETS};
use crate::error::ModelError;
use crate::files::CUES;
use crate::tensors::Tensors;

const BUCKETS: usize = (CLASS_BUCKETS + WORD_BUCKETS) as usize;
/// Like, dislike, neither.
const STANCES: usize = 3;
/// Three subjects, six intents, and whether it is about a child.
const ANSWERS: usize = 10;
const INTENTS: [Option<Intent>; 6] =
    [Some(Intent::Buy), Some(Intent::Plan), Some(Intent::Learn), Some(Intent::Fix), Some(Intent::Go), None];
const SUBJECTS: [Subject; 3] = [Subject::Own, Subject::Other, Subject::None];

/// One row of 8-bit weights a bucket.
#[derive(Debug)]
struct Table<const N: usize> {
    rows: Vec<[i8; N]>,
    step: f32,
    offset: [f32; N],
}

/// Two tables: one for stance, one for everything else.
#[derive(Debug)]
pub(super) struct Weights {
    stance: Table<STANCES>,
    message: Table<ANSWERS>,
}

/// The logits of a message's subject, intent and child.
#[derive(Debug, Default)]
pub(super) struct Answers([f32; ANSWERS]);

impl Weights {
    /// Reads the container of `training/convert.py`.
    pub fn load(bytes: &[u8]) -> Result<Self, ModelError> {
        let tensors = Tensors::parse(CUES, bytes)?;
        Ok(Self { stance: Table::load(&tensors, "stance")?, message: Table::load(&tensors, "message")? })
    }

    /// The probability of a like, or that of a dislike as a negative number, whichever is the likeliest. Where neither is,
    /// a hint of what it would be: at most 0.2.
    pub fn stance(&self, features: &[u32]) -> f32 {
        let [like, dislike, neither] = self.stance.sum(features);
        let top = like.max(dislike).max(neither);
        let [like, dislike, neither] = [like, dislike, neither].map(|logit| (logit - top).exp());
        let sum = like + dislike + neither;
        match (like > neither.max(dislike), dislike > neither.max(like)) {
            (true, _) => like / sum,
            (_, true) => -dislike / sum,
            _ => 0.4 * (like - dislike) / sum,
        }
    }

    /// The sums for a whole message.
    pub fn answers(&self, features: &[u32]) -> Answers {
        Answers(self.message.sum(features))
    }
}

impl Answers {
    pub fn subject(&self) -> Subject {
        SUBJECTS[best(&self.0[..3])]
    }

    pub fn intent(&self) -> Option<Intent> {
        INTENTS[best(&self.0[3..9])]
    }

    pub fn about_child(&self) -> bool {
        self.0[9] > 0.0
    }
}

impl<const N: usize> Table<N> {
    fn load(tensors: &Tensors<'_>, name: &str) -> Result<Self, ModelError> {
        let (weights, step) = tensors.steps(&format!("{name}/weights"), &[BUCKETS, N])?;
        let offset = tensors.floats(&format!("{name}/offset"), &[N])?;
        Ok(Self {
            rows: weights.as_chunks::<N>().0.to_vec(),
            step,
            offset: std::array::from_fn(|at| offset[at]),
        })
    }

    fn sum(&self, features: &[u32]) -> [f32; N] {
        let mut sum = [0i32; N];
        for feature in features {
            let row = &self.rows[*feature as usize];
            sum.iter_mut().zip(row).for_each(|(sum, weight)| *sum += i32::from(*weight));
        }
        std::array::from_fn(|at| sum[at] as f32 * self.step + self.offset[at])
    }
}

fn best(logits: &[f32]) -> usize {
    let first_best = |a: &(usize, &f32), b: &(usize, &f32)| a.1.total_cmp(b.1).then(b.0.cmp(&a.0));
    logits.iter().enumerate().max_by(first_best).map_or(0, |(at, _)| at)
}
