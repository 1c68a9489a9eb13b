//! The forward pass of the Universal Sentence Encoder, multilingual, version 3 (Yang et al. 2019).
//!
//! Every token looks up 512 numbers. Three branches, which see windows of 2, 3 and 5 tokens, project them to 256, pass
//! two residual convolutions, and stand beside the token's own 512: 1280 a token, normalised, summed over the text, and
//! read by the [`Tail`]. What sees one token only is in [`Tokens`].
//!
//! Matrix products are 8-bit: the weights as published, which loses nothing; the table's rows as stored, which loses
//! nothing either; what the layers hand on in steps of a 127th of each row's largest value. All else is 32-bit floats.
//! The texts of a batch lie one after the other without gaps. A convolution multiplies each token once for every place
//! in the window and adds the results to the neighbours within its own text, so that each row may have a step of its own.

use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use super::WIDTH;
use super::cache::Computed;
use super::elementwise::{accumulate, add, normalize, quantize, rectified};
use super::table::Table;
use super::tail::Tail;
use super::tokens::{self, Tokens};
use crate::error::ModelError;
use crate::files::{Blob, ENCODER};
use crate::kernel::{Kernel, Weights};
use crate::tensors::Tensors;

pub(super) const CHANNELS: usize = 256;
/// Numbers a token: its own, and each branch's.
pub(super) const FEATURES: usize = WIDTH + 3 * CHANNELS;
/// Width of each branch's window, and how many tokens of it lie to the left.
pub(super) const WINDOWS: [(usize, usize); 3] = [(2, 0), (3, 1), (5, 2)];

/// All weights.
pub(crate) struct Network {
    kernel: Kernel,
    tokens: Tokens,
    branches: Vec<Branch>,
    norm: LayerNorm,
    tail: Tail,
    /// Working memory of past calls, for the next ones.
    idle: Mutex<Vec<Scratch>>,
}

/// The convolutions of one window, each a sum over the places in it.
struct Branch {
    index: usize,
    left: usize,
    /// The first one's products are among the numbers of each token.
    first: Finish,
    second: Vec<Weights>,
    second_finish: Finish,
}

/// What makes a convolution's output of its sums.
struct Finish {
    step: f32,
    bias: Vec<f32>,
}

/// 8-bit weights and the step that they count.
pub(super) struct Product {
    pub weights: Weights,
    pub step: f32,
}

pub(super) struct LayerNorm {
    gain: Vec<f32>,
    bias: Vec<f32>,
}

/// The working memory of one call; only grows.
#[derive(Default)]
struct Scratch {
    tokens: tokens::Scratch,
    computed: Vec<Computed>,
    /// `[tokens, CHANNELS]`: the second convolution's inputs in steps, and each row's step.
    inputs: Vec<i8>,
    steps: Vec<f32>,
    /// `[tokens, CHANNELS]`.
    products: Vec<i32>,
    hidden: Vec<f32>,
    /// `[tokens, FEATURES]`.
    features: Vec<f32>,
    /// `[texts, FEATURES]`.
    sums: Vec<f32>,
}

impl Network {
    /// Lays out the weights of `file`, and of the embedding table, for `kernel`.
    pub fn load(table: &Blob, file: &Blob, kernel: Kernel) -> Result<Self, ModelError> {
        let tensors = Tensors::parse(ENCODER, file)?;
        let branches = (0..WINDOWS.len()).map(|index| Branch::load(&tensors, kernel, index));
        Ok(Self {
            kernel,
            tokens: Tokens::load(Table::load(table, file)?, &tensors, kernel)?,
            branches: branches.collect::<Result<_, _>>()?,
            norm: LayerNorm::load(&tensors, "", FEATURES)?,
            tail: Tail::load(&tensors, kernel)?,
            idle: Mutex::default(),
        })
    }

    /// The layers that see one token.
    pub fn tokens(&self) -> &Tokens {
        &self.tokens
    }

    /// Calls `see(index, features, vector)` for each list of piece ids, the features being `[tokens, FEATURES]`.
    pub fn forward(&self, texts: &[Vec<u32>], mut see: impl FnMut(usize, &[f32], &[f32; WIDTH])) {
        let mut scratch = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default();
        let rows = rows(texts);
        self.features(texts, &rows, &mut scratch);
        self.kernel.vectorize(|| scratch.sum(&rows));
        let vectors = self.tail.forward(&scratch.sums, &rows);
        for (index, (rows, vector)) in rows.iter().zip(&vectors).enumerate() {
            see(index, &scratch.features[rows.start * FEATURES..rows.end * FEATURES], vector);
        }
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(scratch);
    }

    fn features(&self, texts: &[Vec<u32>], rows: &[Range<usize>], scratch: &mut Scratch) {
        scratch.fit(rows.last().map_or(0, |rows| rows.end));
        let ids = texts.iter().flatten().copied();
        scratch.computed = self.tokens.compute(ids, &mut scratch.tokens);
        for (row, computed) in scratch.features.chunks_exact_mut(FEATURES).zip(&scratch.computed) {
            row.copy_from_slice(&computed[..FEATURES]);
        }
        for branch in &self.branches {
            branch.forward(self.kernel, rows, scratch);
        }
        scratch.computed.clear();
        self.kernel.vectorize(|| {
            for row in scratch.features.chunks_exact_mut(FEATURES) {
                self.norm.apply(row);
            }
        });
    }
}

/// Which rows are whose.
fn rows(texts: &[Vec<u32>]) -> Vec<Range<usize>> {
    let mut end = 0;
    let rows = texts.iter().map(|ids| {
        let start = end;
        end += ids.len();
        start..end
    });
    rows.collect()
}

impl Scratch {
    fn fit(&mut self, tokens: usize) {
        self.inputs.resize(tokens * CHANNELS, 0);
        self.steps.resize(tokens, 0.0);
        self.products.resize(tokens * CHANNELS, 0);
        self.hidden.resize(tokens * CHANNELS, 0.0);
        self.features.resize(tokens * FEATURES, 0.0);
    }

    #[inline(always)]
    fn sum(&mut self, texts: &[Range<usize>]) {
        self.sums.clear();
        self.sums.resize(texts.len() * FEATURES, 0.0);
        for (rows, sum) in texts.iter().zip(self.sums.chunks_exact_mut(FEATURES)) {
            for row in self.features[rows.start * FEATURES..rows.end * FEATURES].chunks_exact(FEATURES) {
                add(sum, row);
            }
        }
    }
}

impl Branch {
    fn load(tensors: &Tensors<'_>, kernel: Kernel, index: usize) -> Result<Self, ModelError> {
        let (window, left) = WINDOWS[index];
        let (first, second) = (format!("w1_{window}"), format!("w2_{window}"));
        let shape = [window * CHANNELS, CHANNELS];
        let (values, second_step) = tensors.steps(&second, &shape)?;
        let places = values.chunks(CHANNELS * CHANNELS);
        let bias = |layer: u8| tensors.floats(&format!("b{layer}_{window}"), &[CHANNELS]);
        Ok(Self {
            index,
            left,
            first: Finish { step: tensors.steps(&first, &shape)?.1, bias: bias(1)? },
            second: places
                .map(|values| pack(kernel, &second, values, CHANNELS, CHANNELS))
                .collect::<Result<_, _>>()?,
            second_finish: Finish { step: second_step, bias: bias(2)? },
        })
    }

    /// Takes this branch's part of the features through both convolutions.
    fn forward(&self, kernel: Kernel, texts: &[Range<usize>], scratch: &mut Scratch) {
        kernel.vectorize(|| self.convolve_first(texts, scratch));
        scratch.hidden.fill(0.0);
        for (place, weights) in self.second.iter().enumerate() {
            weights.multiply(&scratch.inputs, &mut scratch.products);
            kernel.vectorize(|| self.spread(place, texts, scratch));
        }
        kernel.vectorize(|| {
            let rows = scratch.features.chunks_exact_mut(FEATURES);
            for (row, hidden) in rows.zip(scratch.hidden.chunks_exact(CHANNELS)) {
                self.second_finish.join(self.part(row), hidden);
            }
        });
    }

    /// Adds up the products that the tokens of each window bring along, and makes inputs for the second convolution.
    #[inline(always)]
    fn convolve_first(&self, texts: &[Range<usize>], scratch: &mut Scratch) {
        for rows in texts {
            for at in rows.clone() {
                let mut hidden = [0.0; CHANNELS];
                for place in 0..self.second.len() {
                    let Some(from) = (at + place).checked_sub(self.left).filter(|from| rows.contains(from))
                    else {
                        continue;
                    };
                    let products = tokens::products(&scratch.computed[from], self.index);
                    add(&mut hidden, &products[place * CHANNELS..(place + 1) * CHANNELS]);
                }
                let row = self.part(&mut scratch.features[at * FEATURES..(at + 1) * FEATURES]);
                self.first.join(row, &hidden);
                scratch.steps[at] = quantize(row, &mut scratch.inputs[at * CHANNELS..(at + 1) * CHANNELS]);
            }
        }
    }

    /// Adds each row's product with the weights of one place in the window to the row in whose window it has that place.
    #[inline(always)]
    fn spread(&self, place: usize, texts: &[Range<usize>], scratch: &mut Scratch) {
        for rows in texts {
            let from = (rows.start + place.saturating_sub(self.left)).min(rows.end);
            let to = (rows.start + self.left.saturating_sub(place)).min(rows.end);
            let count = (rows.end - from).min(rows.end - to);
            let products =
                scratch.products[from * CHANNELS..].chunks_exact(CHANNELS).zip(&scratch.steps[from..]);
            let hidden = scratch.hidden[to * CHANNELS..].chunks_exact_mut(CHANNELS);
            for (hidden, (products, step)) in hidden.zip(products).take(count) {
                accumulate(hidden, products, *step);
            }
        }
    }

    /// This branch's columns of a row of features.
    #[inline(always)]
    fn part<'a>(&self, row: &'a mut [f32]) -> &'a mut [f32] {
        let at = WIDTH + self.index * CHANNELS;
        &mut row[at..at + CHANNELS]
    }
}

impl Finish {
    /// Adds the rectified sums to the features.
    #[inline(always)]
    fn join(&self, row: &mut [f32], hidden: &[f32]) {
        for ((value, hidden), bias) in row.iter_mut().zip(hidden).zip(&self.bias) {
            *value += rectified(hidden * self.step + bias);
        }
    }
}

impl LayerNorm {
    pub fn load(tensors: &Tensors<'_>, suffix: &str, width: usize) -> Result<Self, ModelError> {
        Ok(Self {
            gain: tensors.floats(&format!("ln_g{suffix}"), &[width])?,
            bias: tensors.floats(&format!("ln_b{suffix}"), &[width])?,
        })
    }

    #[inline(always)]
    pub fn apply(&self, row: &mut [f32]) {
        normalize(row, &self.gain, &self.bias);
    }
}

impl Product {
    pub fn load(
        tensors: &Tensors<'_>,
        kernel: Kernel,
        name: &str,
        [inputs, outputs]: [usize; 2],
    ) -> Result<Self, ModelError> {
        let (values, step) = tensors.steps(name, &[inputs, outputs])?;
        Ok(Self { weights: pack(kernel, name, &values, inputs, outputs)?, step })
    }
}

/// Lays out the weights of tensor `name`.
pub(super) fn pack(
    kernel: Kernel,
    name: &str,
    values: &[i8],
    inputs: usize,
    outputs: usize,
) -> Result<Weights, ModelError> {
    Weights::pack(kernel, values, inputs, outputs)
        .ok_or_else(|| ModelError::layout(ENCODER, format!("tensor `{name}`: a weight is below -127")))
}
