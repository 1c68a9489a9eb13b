//! The forward pass of the Universal Sentence Encoder, multilingual, version 3 (Yang et al. 2019), in 32-bit floats.
//!
//! Every token looks up 512 numbers. Three branches, which see windows of 2, 3 and 5 tokens, project them to 256, pass
//! two residual convolutions, and stand beside the token's own 512: 1280 a token, normalised, summed over the text,
//! projected to 512 and scaled by 1/√n. A residual network of four layers, tanh and unit length make the vector.

use std::io::Read;
use std::ops::Range;

use ndarray::linalg::general_mat_mul;
use ndarray::{Array1, Array2, ArrayView2, Axis, s};

use super::WIDTH;
use crate::error::ModelError;
use crate::files::ENCODER;
use crate::tensors::Tensors;

/// The table is stored as 17 chunks with a scale each; piece `id` is row `id / CHUNKS` of chunk `id % CHUNKS`.
const CHUNKS: usize = 17;
const CHUNK_ROWS: usize = 7530;
const CHANNELS: usize = 256;
const FEATURES: usize = WIDTH + 3 * CHANNELS;
/// Width of each branch's window, and how many tokens of it lie to the left.
const WINDOWS: [(usize, usize); 3] = [(2, 0), (3, 1), (5, 2)];
/// Zero rows before the first text and after each: no window reaches further, so texts can't see each other.
const GAP_BEFORE: usize = 2;
const GAP_AFTER: usize = 2;
const EPSILON: f32 = 1e-12;

/// All weights; matrices are `[inputs, outputs]`.
pub(crate) struct Network {
    table: Vec<u8>,
    scale: Vec<f32>,
    low: Vec<f32>,
    branches: Vec<Branch>,
    features: LayerNorm,
    project: Array2<f32>,
    project_bias: Array1<f32>,
    tail: Tail,
}

struct Branch {
    window: usize,
    left: usize,
    project: Array2<f32>,
    project_bias: Array1<f32>,
    norm: LayerNorm,
    /// Two residual convolutions, weights `[window * CHANNELS, CHANNELS]`.
    convolutions: [(Array2<f32>, Array1<f32>); 2],
}

struct LayerNorm {
    gain: Vec<f32>,
    bias: Vec<f32>,
}

/// The residual network behind the sum.
struct Tail {
    d0: Array2<f32>,
    d1: Array2<f32>,
    d2: Array2<f32>,
    d3: Array2<f32>,
    p1: Array2<f32>,
    p3: Array2<f32>,
}

impl Network {
    /// Decompresses and lays out the weights.
    pub fn load(compressed: &[u8]) -> Result<Self, ModelError> {
        let bytes = decompress(compressed)?;
        let tensors = Tensors::parse(ENCODER, &bytes)?;
        Ok(Self {
            table: tensors.bytes("table", CHUNKS * CHUNK_ROWS * WIDTH)?.to_vec(),
            scale: tensors.floats("scale", &[CHUNKS])?,
            low: tensors.floats("lo", &[CHUNKS])?,
            branches: WINDOWS.iter().map(|&w| Branch::load(&tensors, w)).collect::<Result<_, _>>()?,
            features: LayerNorm::load(&tensors, "", FEATURES)?,
            project: matrix(&tensors, "cnn_W", [FEATURES, WIDTH])?,
            project_bias: tensors.floats("cnn_b", &[WIDTH])?.into(),
            tail: Tail::load(&tensors)?,
        })
    }

    /// One vector for each list of piece ids. Ids past the vocabulary read as unknown.
    pub fn forward(&self, texts: &[Vec<u32>]) -> Vec<[f32; WIDTH]> {
        if texts.is_empty() {
            return Vec::new();
        }
        let layout = Layout::of(texts);
        let mut features = Array2::zeros((layout.rows, FEATURES));
        self.look_up(texts, &layout, &mut features);
        let tokens = features.slice(s![.., ..WIDTH]).to_owned();
        for (index, branch) in self.branches.iter().enumerate() {
            let at = WIDTH + index * CHANNELS;
            features.slice_mut(s![.., at..at + CHANNELS]).assign(&branch.forward(&tokens, &layout));
        }
        self.tail.forward(&self.pool(features, &layout))
    }

    fn look_up(&self, texts: &[Vec<u32>], layout: &Layout, features: &mut Array2<f32>) {
        for (ids, rows) in texts.iter().zip(&layout.texts) {
            for (&id, row) in ids.iter().zip(rows.clone()) {
                let id = if (id as usize) < CHUNKS * CHUNK_ROWS { id as usize } else { 0 };
                let chunk = id % CHUNKS;
                let at = (chunk * CHUNK_ROWS + id / CHUNKS) * WIDTH;
                let (scale, low) = (self.scale[chunk], self.low[chunk]);
                let quantized = &self.table[at..at + WIDTH];
                for (to, from) in features.row_mut(row).iter_mut().zip(quantized) {
                    *to = f32::from(*from) * scale + low;
                }
            }
        }
    }

    /// Sums each text's normalised rows and projects: the sum commutes with the projection, so that this is one
    /// product a text instead of one a token.
    fn pool(&self, mut features: Array2<f32>, layout: &Layout) -> Array2<f32> {
        let mut sums = Array2::zeros((layout.texts.len(), FEATURES));
        for (rows, mut sum) in layout.texts.iter().zip(sums.rows_mut()) {
            for row in rows.clone() {
                if let Some(values) = features.row_mut(row).as_slice_mut() {
                    self.features.apply(values);
                }
                sum += &features.row(row);
            }
        }
        let mut pooled = sums.dot(&self.project);
        for (rows, mut row) in layout.texts.iter().zip(pooled.rows_mut()) {
            let count = rows.len() as f32;
            row.scaled_add(count, &self.project_bias);
            row /= count.sqrt();
        }
        pooled
    }
}

/// Which rows of a batch belong to which text; all others stay zero.
struct Layout {
    texts: Vec<Range<usize>>,
    rows: usize,
}

impl Layout {
    fn of(texts: &[Vec<u32>]) -> Self {
        let mut rows = GAP_BEFORE;
        let ranges = texts
            .iter()
            .map(|ids| {
                let range = rows..rows + ids.len();
                rows = range.end + GAP_AFTER;
                range
            })
            .collect();
        Self { texts: ranges, rows }
    }

    /// Sets every row between texts to zero.
    fn clear_gaps(&self, values: &mut Array2<f32>) {
        let mut from = 0;
        let ends = self.texts.iter().map(|rows| rows.start).chain([self.rows]);
        let starts: Vec<usize> = self.texts.iter().map(|rows| rows.end).collect();
        for (gap, end) in ends.enumerate() {
            values.slice_mut(s![from..end, ..]).fill(0.0);
            from = starts.get(gap).copied().unwrap_or(self.rows);
        }
    }
}

impl Branch {
    fn load(tensors: &Tensors<'_>, (window, left): (usize, usize)) -> Result<Self, ModelError> {
        let convolution = |index: usize| {
            Ok::<_, ModelError>((
                matrix(tensors, &format!("w{index}_{window}"), [window * CHANNELS, CHANNELS])?,
                tensors.floats(&format!("b{index}_{window}"), &[CHANNELS])?.into(),
            ))
        };
        Ok(Self {
            window,
            left,
            project: matrix(tensors, &format!("proj{window}"), [WIDTH, CHANNELS])?,
            project_bias: tensors.floats(&format!("proj_b{window}"), &[CHANNELS])?.into(),
            norm: LayerNorm::load(tensors, &window.to_string(), CHANNELS)?,
            convolutions: [convolution(1)?, convolution(2)?],
        })
    }

    fn forward(&self, tokens: &Array2<f32>, layout: &Layout) -> Array2<f32> {
        let mut x = filled(layout.rows, &self.project_bias);
        general_mat_mul(1.0, tokens, &self.project, 1.0, &mut x);
        for mut row in x.rows_mut() {
            if let Some(values) = row.as_slice_mut() {
                self.norm.apply(values);
            }
        }
        layout.clear_gaps(&mut x);
        for (weights, bias) in &self.convolutions {
            let mut h = filled(layout.rows, bias);
            self.convolve(&x, weights, &mut h);
            h.mapv_inplace(|value| value.max(0.0));
            x += &h;
            layout.clear_gaps(&mut x);
        }
        x
    }

    /// Adds to row `r` of `out` the sum over the window of `x[r + offset]` times that offset's weights.
    fn convolve(&self, x: &Array2<f32>, weights: &Array2<f32>, out: &mut Array2<f32>) {
        let rows = x.nrows() - GAP_BEFORE - GAP_AFTER;
        let mut out = out.slice_mut(s![GAP_BEFORE..GAP_BEFORE + rows, ..]);
        for offset in 0..self.window {
            let from = GAP_BEFORE + offset - self.left;
            let shifted = x.slice(s![from..from + rows, ..]);
            let weights = weights.slice(s![offset * CHANNELS..(offset + 1) * CHANNELS, ..]);
            general_mat_mul(1.0, &shifted, &weights, 1.0, &mut out);
        }
    }
}

impl LayerNorm {
    fn load(tensors: &Tensors<'_>, suffix: &str, width: usize) -> Result<Self, ModelError> {
        Ok(Self {
            gain: tensors.floats(&format!("ln_g{suffix}"), &[width])?,
            bias: tensors.floats(&format!("ln_b{suffix}"), &[width])?,
        })
    }

    fn apply(&self, values: &mut [f32]) {
        let count = values.len() as f32;
        let mean = sum(values, |v| v) / count;
        let variance = sum(values, |v| (v - mean) * (v - mean)) / count;
        let scale = (variance + EPSILON).sqrt().recip();
        for ((value, gain), bias) in values.iter_mut().zip(&self.gain).zip(&self.bias) {
            *value = (*value - mean) * scale * gain + bias;
        }
    }
}

/// Sums in eight lanes, which the compiler can vectorise (a strict left-to-right sum of floats it may not).
fn sum(values: &[f32], term: impl Fn(f32) -> f32) -> f32 {
    let (eights, rest) = values.as_chunks::<8>();
    let mut lanes = [0.0f32; 8];
    for eight in eights {
        for (lane, value) in lanes.iter_mut().zip(eight) {
            *lane += term(*value);
        }
    }
    lanes.iter().sum::<f32>() + rest.iter().map(|v| term(*v)).sum::<f32>()
}

impl Tail {
    fn load(tensors: &Tensors<'_>) -> Result<Self, ModelError> {
        Ok(Self {
            d0: matrix(tensors, "d0", [WIDTH, 320])?,
            d1: matrix(tensors, "d1", [320, 320])?,
            d2: matrix(tensors, "d2", [320, WIDTH])?,
            d3: matrix(tensors, "d3", [WIDTH, WIDTH])?,
            p1: matrix(tensors, "p1", [WIDTH, 320])?,
            p3: matrix(tensors, "p3", [320, WIDTH])?,
        })
    }

    fn forward(&self, x: &Array2<f32>) -> Vec<[f32; WIDTH]> {
        let rectify = |m: Array2<f32>| m.mapv_into(|value| value.max(0.0));
        let y0 = rectify(x.dot(&self.d0));
        let y1 = rectify(x.dot(&self.p1) + y0.dot(&self.d1));
        let y2 = rectify(y1.dot(&self.d2));
        let z = (y1.dot(&self.p3) + y2.dot(&self.d3)).mapv_into(f32::tanh);
        z.axis_iter(Axis(0))
            .map(|row| {
                let norm = row.dot(&row).sqrt().max(EPSILON);
                std::array::from_fn(|i| row[i] / norm)
            })
            .collect()
    }
}

fn filled(rows: usize, bias: &Array1<f32>) -> Array2<f32> {
    let mut out = Array2::zeros((rows, bias.len()));
    out += bias;
    out
}

fn matrix(tensors: &Tensors<'_>, name: &str, shape: [usize; 2]) -> Result<Array2<f32>, ModelError> {
    let values = tensors.floats(name, &shape)?;
    ArrayView2::from_shape(shape, &values)
        .map(|view| view.to_owned())
        .map_err(|error| ModelError::layout(ENCODER, format!("tensor `{name}`: {error}")))
}

fn decompress(compressed: &[u8]) -> Result<Vec<u8>, ModelError> {
    let wrong = |error: &dyn std::fmt::Display| ModelError::layout(ENCODER, format!("zstd: {error}"));
    let mut frame = ruzstd::decoding::StreamingDecoder::new(compressed).map_err(|e| wrong(&e))?;
    let mut bytes = Vec::with_capacity(CHUNKS * CHUNK_ROWS * WIDTH + (4 << 20));
    frame.read_to_end(&mut bytes).map_err(|e| wrong(&e))?;
    Ok(bytes)
}
