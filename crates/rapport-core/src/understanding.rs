//! What one text says, as far as Rapport cares: the output of the understanding stage.

use crate::topic::{Categories, Category, TopicId};

/// Width of every vector in a profile and in the catalogue.
pub const VECTOR_DIM: usize = 256;

/// A meaning vector, `[VECTOR_DIM]`, each value in -127..=127, of length close to 127 before rounding:
/// cosine similarity is the dot product over 127².
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vector(pub Box<[i8; VECTOR_DIM]>);

impl Vector {
    /// Scales `values` to unit length and rounds to eight bits; `None` if they have no direction.
    pub fn quantize(values: &[f32; VECTOR_DIM]) -> Option<Self> {
        let norm = values.iter().map(|v| v * v).sum::<f32>().sqrt();
        if !norm.is_normal() {
            return None;
        }
        let mut out = Box::new([0i8; VECTOR_DIM]);
        for (to, from) in out.iter_mut().zip(values) {
            *to = (from / norm * 127.0 * SPREAD).round().clamp(-127.0, 127.0) as i8;
        }
        Some(Self(out))
    }

    /// Cosine similarity, -1..=1. Cost: one pass over 256 bytes.
    pub fn cosine(&self, other: &Self) -> f32 {
        let dot = dot(&self.0, &other.0) as f32;
        dot / (dot_self(self) * dot_self(other)).sqrt().max(1.0)
    }
}

/// A unit vector of 256 values has entries near 1/16; scaling by 4 uses the range of a byte (±31 typical)
/// and clips only entries beyond 4σ.
const SPREAD: f32 = 4.0;

fn dot_self(v: &Vector) -> f32 {
    dot(&v.0, &v.0) as f32
}

/// Dot product of two byte vectors. Products of bytes fit 16 bits, and runs of sixteen of them are what a compiler
/// turns into vector instructions: half the time of the plain sum.
pub fn dot(a: &[i8; VECTOR_DIM], b: &[i8; VECTOR_DIM]) -> i32 {
    let mut sum = 0;
    for (a, b) in a.chunks_exact(16).zip(b.chunks_exact(16)) {
        let mut run = 0;
        for (x, y) in a.iter().zip(b) {
            run += i32::from(i16::from(*x) * i16::from(*y));
        }
        sum += run;
    }
    sum
}

impl serde::Serialize for Vector {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_bytes(&self.0.map(|v| v as u8))
    }
}

impl<'de> serde::Deserialize<'de> for Vector {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let bytes = <serde_bytes::ByteBuf>::deserialize(from)?;
        let values: [u8; VECTOR_DIM] = bytes
            .as_slice()
            .try_into()
            .map_err(|_| serde::de::Error::invalid_length(bytes.len(), &"256 bytes"))?;
        Ok(Self(Box::new(values.map(|v| v as i8))))
    }
}

/// Everything that one message means.
#[derive(Clone, Debug, PartialEq)]
pub struct Understanding {
    /// ISO 639-1 code, or `"und"` when the text is too short to tell.
    pub language: &'static str,
    /// Topics with calibrated scores in 0..=1, best first; empty is an honest "none".
    pub topics: Vec<ScoredTopic>,
    /// One score in 0..=1 for each category, in the order of [`Category::ALL`].
    pub sensitive_scores: [f32; 7],
    /// The categories whose detector, lexicon or topic fired.
    pub sensitive: Categories,
    /// Whom the message is about.
    pub subject: Subject,
    /// Whether it speaks of a child's interests.
    pub about_child: bool,
    /// -1 (dislikes) to 1 (likes): the balance over the whole message; each topic has its own.
    pub stance: f32,
    /// What the person means to do, if it can be told.
    pub intent: Option<Intent>,
    /// Personal data found, in reading order.
    pub pii: Vec<PiiSpan>,
    /// Set when the model could not judge the text (unknown script, empty, too little to go on).
    pub low_confidence: bool,
    /// The meaning, if there is any.
    pub vector: Option<Vector>,
}

impl Understanding {
    /// Whether nothing in this message is sensitive, so that a policy may let ads use it.
    pub fn ads_safe(&self) -> bool {
        self.sensitive.is_empty()
    }

    /// The score of one category.
    pub fn score(&self, category: Category) -> f32 {
        self.sensitive_scores[category as usize]
    }
}

/// A topic and how sure the model is of it, 0..=1.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct ScoredTopic {
    /// The topic.
    pub topic: TopicId,
    /// Calibrated probability.
    pub score: f32,
    /// What the speaker feels about it, -1 (dislikes) to 1 (likes). Only words have one: it is not kept with items.
    #[serde(skip)]
    pub stance: f32,
}

impl ScoredTopic {
    /// A topic of which nothing is felt.
    pub fn new(topic: TopicId, score: f32) -> Self {
        Self { topic, score, stance: 0.0 }
    }
}

/// Whose interest a message speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Subject {
    /// The speaker's.
    Own,
    /// Somebody else's.
    Other,
    /// Nobody's: a question of fact, a command.
    None,
}

impl Subject {
    /// The contract's word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Own => "self",
            Self::Other => "other",
            Self::None => "none",
        }
    }
}

/// What a person means to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Intent {
    /// Buy something.
    Buy,
    /// Plan something ahead.
    Plan,
    /// Learn or understand.
    Learn,
    /// Mend or solve.
    Fix,
    /// Go somewhere.
    Go,
}

impl Intent {
    /// The contract's word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Buy => "buy",
            Self::Plan => "plan",
            Self::Learn => "learn",
            Self::Fix => "fix",
            Self::Go => "go",
        }
    }
}

/// A stretch of personal data; offsets count Unicode scalar values, `end` exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PiiSpan {
    /// What it is, for example `"email"`.
    pub kind: &'static str,
    /// First scalar.
    pub start: usize,
    /// One past the last scalar.
    pub end: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dot_product_is_the_plain_sum_at_its_extremes_too() {
        let plain = |a: &[i8; 256], b: &[i8; 256]| -> i32 {
            a.iter().zip(b).map(|(x, y)| i32::from(*x) * i32::from(*y)).sum()
        };
        let ramp: [i8; 256] = std::array::from_fn(|i| (i as i32 - 128) as i8);
        for a in [[i8::MIN; 256], [i8::MAX; 256], ramp] {
            for b in [[i8::MIN; 256], [i8::MAX; 256], ramp] {
                assert_eq!(dot(&a, &b), plain(&a, &b));
            }
        }
    }
}
