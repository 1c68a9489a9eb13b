//! What makes a vector of a text's summed features: a projection to 512, scaled by 1/√n, a residual network of four
//! layers, tanh and unit length.

use std::ops::Range;

use super::WIDTH;
use super::elementwise::{accumulate, make_unit, quantize, rectified, tanh};
use super::network::{FEATURES, Product};
use crate::error::ModelError;
use crate::kernel::Kernel;
use crate::tensors::Tensors;

const HIDDEN: usize = 320;
/// Texts at a time, whose rows stay in the first caches.
const BATCH: usize = 32;

/// Weights behind the sum.
pub(crate) struct Tail {
    kernel: Kernel,
    project: Product,
    project_bias: Vec<f32>,
    d0: Product,
    d1: Product,
    d2: Product,
    d3: Product,
    p1: Product,
    p3: Product,
}

impl Tail {
    /// Lays out the weights for `kernel`.
    pub fn load(tensors: &Tensors<'_>, kernel: Kernel) -> Result<Self, ModelError> {
        let product = |name: &str, shape: [usize; 2]| Product::load(tensors, kernel, name, shape);
        Ok(Self {
            kernel,
            // The sum commutes with the projection, so that this is one product a text instead of one a token.
            project: product("cnn_W", [FEATURES, WIDTH])?,
            project_bias: tensors.floats("cnn_b", &[WIDTH])?,
            d0: product("d0", [WIDTH, HIDDEN])?,
            d1: product("d1", [HIDDEN, HIDDEN])?,
            d2: product("d2", [HIDDEN, WIDTH])?,
            d3: product("d3", [WIDTH, WIDTH])?,
            p1: product("p1", [WIDTH, HIDDEN])?,
            p3: product("p3", [HIDDEN, WIDTH])?,
        })
    }

    /// The vectors of texts; `sums` is `[texts, FEATURES]`, each the sum over `rows` tokens.
    pub fn forward(&self, sums: &[f32], rows: &[Range<usize>]) -> Vec<[f32; WIDTH]> {
        let batches = sums.chunks(BATCH * FEATURES).zip(rows.chunks(BATCH));
        batches.flat_map(|(sums, rows)| self.batch(sums, rows)).collect()
    }

    fn batch(&self, sums: &[f32], rows: &[Range<usize>]) -> Vec<[f32; WIDTH]> {
        let mut x = self.product(&self.project, &self.steps(sums, FEATURES), WIDTH);
        for (row, rows) in x.chunks_exact_mut(WIDTH).zip(rows) {
            let length = rows.len() as f32;
            let scale = 1.0 / length.sqrt();
            for (value, bias) in row.iter_mut().zip(&self.project_bias) {
                *value = (*value + length * bias) * scale;
            }
        }
        let x = self.steps(&x, WIDTH);
        let y0 = self.rectified_steps(self.product(&self.d0, &x, HIDDEN), HIDDEN);
        let y1 = added(self.product(&self.p1, &x, HIDDEN), &self.product(&self.d1, &y0, HIDDEN));
        let y1 = self.rectified_steps(y1, HIDDEN);
        let y2 = self.rectified_steps(self.product(&self.d2, &y1, WIDTH), WIDTH);
        let mut z = added(self.product(&self.p3, &y1, WIDTH), &self.product(&self.d3, &y2, WIDTH));
        self.kernel.vectorize(|| {
            for row in z.chunks_exact_mut(WIDTH) {
                row.iter_mut().for_each(|value| *value = tanh(*value));
                make_unit(row);
            }
        });
        z.as_chunks::<WIDTH>().0.to_vec()
    }

    fn product(&self, product: &Product, (rows, steps): &(Vec<i8>, Vec<f32>), outputs: usize) -> Vec<f32> {
        let mut sums = vec![0; steps.len() * outputs];
        product.weights.multiply(rows, &mut sums);
        let mut out = vec![0.0; sums.len()];
        self.kernel.vectorize(|| {
            for ((out, sums), step) in
                out.chunks_exact_mut(outputs).zip(sums.chunks_exact(outputs)).zip(steps)
            {
                accumulate(out, sums, step * product.step);
            }
        });
        out
    }

    /// Rows of `width` in steps, and each row's step.
    fn steps(&self, rows: &[f32], width: usize) -> (Vec<i8>, Vec<f32>) {
        let mut out = vec![0; rows.len()];
        let mut steps = Vec::with_capacity(rows.len() / width);
        self.kernel.vectorize(|| {
            for (row, out) in rows.chunks_exact(width).zip(out.chunks_exact_mut(width)) {
                steps.push(quantize(row, out));
            }
        });
        (out, steps)
    }

    fn rectified_steps(&self, mut rows: Vec<f32>, width: usize) -> (Vec<i8>, Vec<f32>) {
        rows.iter_mut().for_each(|value| *value = rectified(*value));
        self.steps(&rows, width)
    }
}

fn added(mut a: Vec<f32>, b: &[f32]) -> Vec<f32> {
    a.iter_mut().zip(b).for_each(|(a, b)| *a += b);
    a
}
