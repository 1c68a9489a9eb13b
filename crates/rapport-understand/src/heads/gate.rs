//! The sensitive gate: what single tokens in their windows say, and what the whole text says (`training/gate.py`).
//!
//! Every category attends over the tokens on its own, so that one phrase in a long text is enough; besides, each unit's
//! strongest answer and the text's vector pass a hidden layer.

use super::layer::Layer;
use crate::encoder::{FEATURES, WIDTH};
use crate::error::ModelError;
use crate::kernel::Kernel;
use crate::tensors::Tensors;

const CATEGORIES: usize = 7;
/// Training reads the vector this much louder, to bring its numbers to the size of the units'.
pub(super) const LOUDER: f32 = 8.0;

/// Detectors of the seven categories.
pub(super) struct Gate {
    /// Features of a token → units.
    units: Layer,
    /// Units → how much each category attends to the token, and what the token says to it.
    attend: Layer,
    say: Layer,
    /// Strongest units and vector → hidden → categories.
    inner: Layer,
    outer: Layer,
    /// Vector → categories.
    skip: Layer,
}

impl Gate {
    pub fn load(tensors: &Tensors<'_>, kernel: Kernel) -> Result<Self, ModelError> {
        let layer = |name: &str, inputs| Layer::load(tensors, kernel, &format!("gate/{name}"), inputs);
        let units = layer("units", FEATURES)?;
        let inner = layer("inner", units.outputs() + WIDTH)?;
        Ok(Self {
            attend: layer("attend", units.outputs())?,
            say: layer("say", units.outputs())?,
            outer: layer("outer", inner.outputs())?,
            skip: layer("skip", WIDTH)?,
            units,
            inner,
        })
    }

    /// The log-odds of every category, from a text's features `[tokens, FEATURES]` and its vector.
    pub fn logits(&self, features: &[f32], vector: &[f32; WIDTH]) -> [f32; CATEGORIES] {
        let units = self.units.rectified(features);
        let vector = vector.map(|value| value * LOUDER);
        let mut whole = strongest(&units, self.units.outputs());
        whole.extend(vector);
        let whole = self.outer.apply(&self.inner.rectified(&whole));
        let skip = self.skip.apply(&vector);
        let (attend, say) = (self.attend.apply(&units), self.say.apply(&units));
        std::array::from_fn(|c| whole[c] + skip[c] + attended(&attend, &say, c))
    }
}

/// The largest value of each column.
fn strongest(units: &[f32], width: usize) -> Vec<f32> {
    let mut most = vec![0.0f32; width];
    for row in units.chunks_exact(width) {
        most.iter_mut().zip(row).for_each(|(most, value)| *most = most.max(*value));
    }
    most
}

/// The mean of what the tokens say to `category`, each weighed by the softmax of how much it attends to them.
fn attended(attend: &[f32], say: &[f32], category: usize) -> f32 {
    let column = |rows: &'_ [f32], at: usize| rows[at * CATEGORIES + category];
    let tokens = attend.len() / CATEGORIES;
    let most = (0..tokens).map(|t| column(attend, t)).fold(f32::NEG_INFINITY, f32::max);
    let (mut sum, mut said) = (0.0, 0.0);
    for t in 0..tokens {
        let weight = (column(attend, t) - most).exp();
        sum += weight;
        said += weight * column(say, t);
    }
    if sum > 0.0 { said / sum } else { 0.0 }
}
