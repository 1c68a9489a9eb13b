//! `x · Wᵀ + b` with weights in half precision: widened all at once for many rows, row by row for few.

use half::f16;
use half::slice::HalfFloatSliceExt;
use ndarray::linalg::general_mat_mul;
use ndarray::{Array2, ArrayView2};

use crate::model::math::{dot, normalise};
use crate::weights::{ModelError, Variables};

/// A linear map with a bias.
pub struct Linear {
    /// `[outputs, inputs]`, row-major.
    weight: Vec<f16>,
    bias: Vec<f32>,
    inputs: usize,
}

impl Linear {
    /// Takes `{name}/weight` and `{name}/bias`.
    ///
    /// # Errors
    /// When one is missing or has another shape.
    pub fn take(
        variables: &mut Variables,
        name: &str,
        outputs: usize,
        inputs: usize,
    ) -> Result<Self, ModelError> {
        let weight = variables.take(&format!("{name}/weight"), &[outputs, inputs])?;
        let bias = variables.take_wide(&format!("{name}/bias"), outputs)?;
        Ok(Self { weight, bias, inputs })
    }

    /// Takes a convolution over three neighbours, as a map of their three rows side by side.
    ///
    /// # Errors
    /// As [`Linear::take`].
    pub fn take_convolution(
        variables: &mut Variables,
        name: &str,
        outputs: usize,
        inputs: usize,
    ) -> Result<Self, ModelError> {
        let stored = variables.take(&format!("{name}/weight"), &[outputs, inputs, 3])?;
        let bias = variables.take_wide(&format!("{name}/bias"), outputs)?;
        let of_output = |taps: &[f16]| {
            let of_tap = |tap: usize| taps.iter().skip(tap).step_by(3).copied().collect::<Vec<_>>();
            [of_tap(0), of_tap(1), of_tap(2)].concat()
        };
        let weight = stored.chunks_exact(inputs * 3).flat_map(of_output).collect();
        Ok(Self { weight, bias, inputs: inputs * 3 })
    }

    /// The map of many rows, `[rows, inputs]` to `[rows, outputs]`.
    pub fn apply(&self, rows: ArrayView2<f32>) -> Array2<f32> {
        let outputs = self.bias.len();
        let mut wide = Array2::zeros((outputs, self.inputs));
        for (wide, narrow) in wide.outer_iter_mut().zip(self.weight.chunks_exact(self.inputs)) {
            if let Some(wide) = wide.into_slice() {
                narrow.convert_to_f32_slice(wide);
            }
        }
        let mut result = Array2::from_shape_fn((rows.nrows(), outputs), |(_, output)| self.bias[output]);
        general_mat_mul(1.0, &rows, &wide.t(), 1.0, &mut result);
        result
    }

    /// The map of few rows: each weight is widened once, and read from memory once.
    pub fn apply_few(&self, rows: &Array2<f32>) -> Array2<f32> {
        apply_few(&self.weight, rows, |output| self.bias[output], self.bias.len())
    }
}

/// `rows · Wᵀ` and a bias a column, for `weight` as `[outputs, inputs]`.
pub fn apply_few(
    weight: &[f16],
    rows: &Array2<f32>,
    bias: impl Fn(usize) -> f32,
    outputs: usize,
) -> Array2<f32> {
    let inputs = rows.ncols();
    let mut result = Array2::zeros((rows.nrows(), outputs));
    let mut wide = vec![0.0; inputs];
    for (output, narrow) in weight.chunks_exact(inputs).enumerate() {
        narrow.convert_to_f32_slice(&mut wide);
        for (row, values) in rows.outer_iter().enumerate() {
            if let Some(values) = values.to_slice() {
                result[(row, output)] = dot(values, &wide) + bias(output);
            }
        }
    }
    result
}

/// Layer normalisation with its two vectors.
pub struct Norm {
    gain: Vec<f32>,
    shift: Vec<f32>,
}

impl Norm {
    /// Takes `{name}/gamma` and `{name}/beta`.
    ///
    /// # Errors
    /// When one is missing or has another shape.
    pub fn take(variables: &mut Variables, name: &str, width: usize) -> Result<Self, ModelError> {
        Ok(Self {
            gain: variables.take_wide(&format!("{name}/gamma"), width)?,
            shift: variables.take_wide(&format!("{name}/beta"), width)?,
        })
    }

    /// The rows, normalised.
    pub fn of(&self, rows: &Array2<f32>) -> Array2<f32> {
        let mut rows = rows.clone();
        for row in rows.outer_iter_mut() {
            if let Some(row) = row.into_slice() {
                normalise(row, &self.gain, &self.shift);
            }
        }
        rows
    }
}
