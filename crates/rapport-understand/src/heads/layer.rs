//! One layer of a head: an 8-bit matrix, a bias, and what comes in put into 8-bit steps first.

use crate::encoder::elementwise::{accumulate, quantize};
use crate::error::ModelError;
use crate::files::HEADS;
use crate::kernel::{Kernel, Weights};
use crate::tensors::Tensors;

/// `rows · weights + bias`.
pub(super) struct Layer {
    kernel: Kernel,
    weights: Weights,
    step: f32,
    bias: Vec<f32>,
    inputs: usize,
}

impl Layer {
    /// Reads `name/weights`, which takes `inputs` numbers a row, and `name/bias`, as many as it gives.
    pub fn load(
        tensors: &Tensors<'_>,
        kernel: Kernel,
        name: &str,
        inputs: usize,
    ) -> Result<Self, ModelError> {
        let (mut parts, bias) = Self::parts(tensors, kernel, name, inputs, 1)?;
        let layer = parts.pop().ok_or_else(|| not_a_matrix(name))?;
        Ok(Self { bias, ..layer })
    }

    /// Reads a layer that takes `count` rows of `inputs` numbers side by side as one layer for each of them, without bias, and
    /// the bias of their sum.
    pub fn parts(
        tensors: &Tensors<'_>,
        kernel: Kernel,
        name: &str,
        inputs: usize,
        count: usize,
    ) -> Result<(Vec<Self>, Vec<f32>), ModelError> {
        let bias = tensors.list(&format!("{name}/bias"))?;
        let (values, step) = tensors.steps(&format!("{name}/weights"), &[count * inputs, bias.len()])?;
        let part = |values: &[i8]| {
            let weights =
                Weights::pack(kernel, values, inputs, bias.len()).filter(|_| inputs.is_multiple_of(4));
            let weights = weights.ok_or_else(|| not_a_matrix(name))?;
            Ok(Self { kernel, weights, step, bias: vec![0.0; bias.len()], inputs })
        };
        let parts = values.chunks(inputs * bias.len()).map(part).collect::<Result<_, _>>()?;
        Ok((parts, bias))
    }

    /// How many numbers a row gives.
    pub fn outputs(&self) -> usize {
        self.bias.len()
    }

    /// `[n, outputs]` from `[n, inputs]`.
    pub fn apply(&self, rows: &[f32]) -> Vec<f32> {
        let count = rows.len() / self.inputs;
        let padded = self.outputs().next_multiple_of(16);
        let (mut inputs, mut steps) = (vec![0; rows.len()], vec![0.0; count]);
        self.kernel.vectorize(|| put_in_steps(rows, self.inputs, &mut inputs, &mut steps));
        let mut products = vec![0; count * padded];
        self.weights.multiply(&inputs, &mut products);
        let mut out = self.bias.repeat(count);
        self.kernel.vectorize(|| {
            for ((out, products), step) in
                out.chunks_exact_mut(self.bias.len()).zip(products.chunks_exact(padded)).zip(&steps)
            {
                accumulate(out, products, step * self.step);
            }
        });
        out
    }

    /// [`apply`](Self::apply), negative results set to zero.
    pub fn rectified(&self, rows: &[f32]) -> Vec<f32> {
        let mut out = self.apply(rows);
        out.iter_mut().for_each(|value| *value = value.max(0.0));
        out
    }
}

fn not_a_matrix(name: &str) -> ModelError {
    ModelError::layout(HEADS, format!("tensor `{name}/weights` can't be multiplied by"))
}

#[inline(always)]
fn put_in_steps(rows: &[f32], width: usize, inputs: &mut [i8], steps: &mut [f32]) {
    for ((row, inputs), step) in rows.chunks_exact(width).zip(inputs.chunks_exact_mut(width)).zip(steps) {
        *step = quantize(row, inputs);
    }
}
