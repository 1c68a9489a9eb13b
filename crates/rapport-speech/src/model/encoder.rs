//! The half that hears: a spectrogram in, a state every 20 ms out.

use ndarray::linalg::general_mat_mul;
use ndarray::{Array2, ArrayView2, ArrayViewMut2, s};

use crate::mel::BANDS;
use crate::model::linear::{Linear, Norm};
use crate::model::math::{gelu, softmax};
use crate::model::{CONTEXT, HEAD, HEADS, INNER, LAYERS, WIDTH};
use crate::weights::{ModelError, Variables};

/// Rows whose attention is worked out at once: their scores stay in the cache.
const ROWS: usize = 128;

/// The encoder.
pub struct Encoder {
    first: Linear,
    second: Linear,
    /// `[CONTEXT, WIDTH]`.
    positions: Vec<f32>,
    layers: Vec<Layer>,
    norm: Norm,
}

struct Layer {
    attention_norm: Norm,
    /// Queries, keys and values side by side.
    attention: Linear,
    attention_out: Linear,
    feed_norm: Norm,
    feed_in: Linear,
    feed_out: Linear,
}

impl Encoder {
    /// Takes the encoder's variables.
    ///
    /// # Errors
    /// When one is missing or has another shape.
    pub fn take(variables: &mut Variables) -> Result<Self, ModelError> {
        let positions = variables.take("encoder/position_encodings/encodings", &[CONTEXT, WIDTH])?;
        Ok(Self {
            first: Linear::take_convolution(variables, "encoder/conv1", WIDTH, BANDS)?,
            second: Linear::take_convolution(variables, "encoder/conv2", WIDTH, WIDTH)?,
            positions: positions.into_iter().map(half::f16::to_f32).collect(),
            layers: (0..LAYERS).map(|layer| Layer::take(variables, layer)).collect::<Result<_, _>>()?,
            norm: Norm::take(variables, "encoder/layer_norm", WIDTH)?,
        })
    }

    /// The states of a spectrogram: `[frames, 80]` to `[frames / 2, 384]`, for at most 3,000 frames.
    ///
    /// Cost: for 3,000 frames, 37 billion operations on one thread.
    pub fn states(&self, mel: &Array2<f32>) -> Array2<f32> {
        let mut states = self.first.apply(neighbours(mel.view(), 1).view());
        activate(&mut states);
        states = self.second.apply(neighbours(states.view(), 2).view());
        activate(&mut states);
        for (mut state, position) in states.outer_iter_mut().zip(self.positions.chunks_exact(WIDTH)) {
            state.iter_mut().zip(position).for_each(|(value, position)| *value += position);
        }
        for layer in &self.layers {
            layer.apply(&mut states);
        }
        self.norm.of(&states)
    }
}

impl Layer {
    fn take(variables: &mut Variables, layer: usize) -> Result<Self, ModelError> {
        let name = |part: &str| format!("encoder/layer_{layer}/{part}");
        Ok(Self {
            attention_norm: Norm::take(variables, &name("self_attention/layer_norm"), WIDTH)?,
            attention: Linear::take(variables, &name("self_attention/linear_0"), 3 * WIDTH, WIDTH)?,
            attention_out: Linear::take(variables, &name("self_attention/linear_1"), WIDTH, WIDTH)?,
            feed_norm: Norm::take(variables, &name("ffn/layer_norm"), WIDTH)?,
            feed_in: Linear::take(variables, &name("ffn/linear_0"), INNER, WIDTH)?,
            feed_out: Linear::take(variables, &name("ffn/linear_1"), WIDTH, INNER)?,
        })
    }

    fn apply(&self, states: &mut Array2<f32>) {
        let projected = self.attention.apply(self.attention_norm.of(states).view());
        *states += &self.attention_out.apply(attend(&projected).view());
        let mut inner = self.feed_in.apply(self.feed_norm.of(states).view());
        activate(&mut inner);
        *states += &self.feed_out.apply(inner.view());
    }
}

/// Each row with the one before and the one after, zeros past the edges, every `stride`-th.
fn neighbours(rows: ArrayView2<f32>, stride: usize) -> Array2<f32> {
    let (count, width) = rows.dim();
    let mut wide = Array2::zeros((count.div_ceil(stride), 3 * width));
    for (at, mut wide) in wide.outer_iter_mut().enumerate() {
        for tap in 0..3 {
            if let Some(row) = (at * stride + tap).checked_sub(1).filter(|row| *row < count) {
                wide.slice_mut(s![tap * width..(tap + 1) * width]).assign(&rows.row(row));
            }
        }
    }
    wide
}

fn activate(states: &mut Array2<f32>) {
    if let Some(values) = states.as_slice_mut() {
        gelu(values);
    }
}

/// Attention of all rows to all rows (Vaswani et al. 2017, eq. 1), for queries, keys and values side by side.
fn attend(projected: &Array2<f32>) -> Array2<f32> {
    let mut heard = Array2::zeros((projected.nrows(), WIDTH));
    let mut scores = Array2::zeros((ROWS, projected.nrows()));
    for head in 0..HEADS {
        let part = |which: usize| {
            let from = which * WIDTH + head * HEAD;
            projected.slice(s![.., from..from + HEAD])
        };
        let into = heard.slice_mut(s![.., head * HEAD..(head + 1) * HEAD]);
        attend_head(part(0), part(1), part(2), into, &mut scores);
    }
    heard
}

fn attend_head(
    queries: ArrayView2<f32>,
    keys: ArrayView2<f32>,
    values: ArrayView2<f32>,
    mut into: ArrayViewMut2<f32>,
    scores: &mut Array2<f32>,
) {
    let scale = 1.0 / (HEAD as f32).sqrt();
    for from in (0..queries.nrows()).step_by(ROWS) {
        let to = queries.nrows().min(from + ROWS);
        let mut scores = scores.slice_mut(s![..to - from, ..]);
        general_mat_mul(scale, &queries.slice(s![from..to, ..]), &keys.t(), 0.0, &mut scores);
        for row in scores.outer_iter_mut() {
            if let Some(row) = row.into_slice() {
                softmax(row);
            }
        }
        general_mat_mul(1.0, &scores, &values, 0.0, &mut into.slice_mut(s![from..to, ..]));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_stand_side_by_side_with_zeros_past_the_edges() {
        let rows = ndarray::array![[1.0], [2.0], [3.0]];
        let expected = ndarray::array![[0.0, 1.0, 2.0], [1.0, 2.0, 3.0], [2.0, 3.0, 0.0]];
        assert_eq!(neighbours(rows.view(), 1), expected);
        assert_eq!(neighbours(rows.view(), 2), ndarray::array![[0.0, 1.0, 2.0], [2.0, 3.0, 0.0]]);
    }

    #[test]
    fn attention_to_equal_keys_is_the_mean_of_the_values_in_every_block() {
        let rows = 2 * ROWS + 3;
        let projected = Array2::from_shape_fn((rows, 3 * WIDTH), |(row, column)| match column / WIDTH {
            0 => row as f32,
            1 => 1.0,
            _ => row as f32,
        });
        let mean = (rows - 1) as f32 / 2.0;
        assert!(attend(&projected).iter().all(|value| (value - mean).abs() < 1e-2));
    }
}
