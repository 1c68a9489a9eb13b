//! The forward pass of the Universal Sentence Encoder, multilingual, version 3 (Yang et al. 2019).
//!
//! Every token looks up 512 numbers. Three branches, which see windows of 2, 3 and 5 tokens, project them to 256, pass
//! two residual convolutions, and stand beside the token's own 512: 1280 a token, normalised, summed over the text, and
//! read by the [`Tail`].
//!
//! Matrix products are 8-bit: the weights as published, which loses nothing; the table's rows as stored, which loses
//! nothing either; what the layers hand on in steps of a 127th of each row's largest value. All else is 32-bit floats.
//! The texts of a batch lie one after the other without gaps. A convolution multiplies each token once for every place
//! in the window and adds the results to the neighbours within its own text, so that each row may have a step of its own.

use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use super::WIDTH;
use super::elementwise::{accumulate, add, normalize, quantize, rectified};
use super::table::{Span, Table};
use super::tail::Tail;
use crate::error::ModelError;
use crate::files::{Blob, ENCODER};
use crate::kernel::{Kernel, Weights};
use crate::tensors::Tensors;

const CHANNELS: usize = 256;
/// Numbers a token: its own, and each branch's.
pub(super) const FEATURES: usize = WIDTH + 3 * CHANNELS;
/// Width of each branch's window, and how many tokens of it lie to the left.
const WINDOWS: [(usize, usize); 3] = [(2, 0), (3, 1), (5, 2)];

/// All weights.
pub(crate) struct Network {
    kernel: Kernel,
    table: Table,
    branches: Vec<Branch>,
    norm: LayerNorm,
    tail: Tail,
    /// Working memory of past calls, for the next ones.
    idle: Mutex<Vec<Scratch>>,
}

struct Branch {
    left: usize,
    project: Product,
    project_bias: Vec<f32>,
    /// The sum of each output's weights, by which a row's `low` counts.
    project_sums: Vec<f32>,
    norm: LayerNorm,
    convolutions: [Convolution; 2],
}

/// One product for each place in the window.
struct Convolution {
    places: Vec<Weights>,
    step: f32,
    bias: Vec<f32>,
}

/// 8-bit weights and the step that they count.
pub(super) struct Product {
    pub weights: Weights,
    pub step: f32,
}

struct LayerNorm {
    gain: Vec<f32>,
    bias: Vec<f32>,
}

/// The working memory of one call; only grows.
#[derive(Default)]
struct Scratch {
    /// `[tokens, WIDTH]`: the table's numbers.
    looked_up: Vec<i8>,
    spans: Vec<Span>,
    /// `[tokens, CHANNELS]`: a layer's inputs in steps, and each row's step.
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
    /// Lays out the weights of `file` for `kernel`.
    pub fn load(file: &Blob, kernel: Kernel) -> Result<Self, ModelError> {
        let tensors = Tensors::parse(ENCODER, file)?;
        Ok(Self {
            kernel,
            table: Table::load(file, &tensors)?,
            branches: WINDOWS
                .iter()
                .map(|&window| Branch::load(&tensors, kernel, window))
                .collect::<Result<_, _>>()?,
            norm: LayerNorm::load(&tensors, "", FEATURES)?,
            tail: Tail::load(&tensors, kernel)?,
            idle: Mutex::default(),
        })
    }

    /// The table, for who needs no more.
    pub fn table(&self) -> &Table {
        &self.table
    }

    /// One vector for each list of piece ids; `see` is first shown the features of each text, `[tokens, FEATURES]`.
    pub fn forward(&self, texts: &[Vec<u32>], mut see: impl FnMut(usize, &[f32])) -> Vec<[f32; WIDTH]> {
        let mut scratch = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default();
        let texts = Texts::of(texts);
        self.features(&texts, &mut scratch);
        for (index, rows) in texts.rows.iter().enumerate() {
            see(index, &scratch.features[rows.start * FEATURES..rows.end * FEATURES]);
        }
        self.sum(&texts, &mut scratch);
        let vectors = self.tail.forward(&scratch.sums, &texts.lengths());
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(scratch);
        vectors
    }

    fn features(&self, texts: &Texts<'_>, scratch: &mut Scratch) {
        scratch.fit(texts);
        self.look_up(texts, scratch);
        for (index, branch) in self.branches.iter().enumerate() {
            branch.forward(self.kernel, texts, WIDTH + index * CHANNELS, scratch);
        }
        self.kernel.vectorize(|| {
            for row in scratch.features.chunks_exact_mut(FEATURES) {
                normalize(row, &self.norm.gain, &self.norm.bias);
            }
        });
    }

    fn look_up(&self, texts: &Texts<'_>, scratch: &mut Scratch) {
        let (rows, _) = scratch.looked_up.as_chunks_mut::<WIDTH>();
        let ids = texts.ids.iter().copied().flatten();
        for ((&id, row), span) in ids.zip(rows.iter_mut()).zip(&mut scratch.spans) {
            *span = self.table.unpack(id, row);
        }
        let features = scratch.features.chunks_exact_mut(FEATURES);
        self.kernel.vectorize(|| {
            for ((row, span), features) in rows.iter().zip(&scratch.spans).zip(features) {
                span.read(row, &mut features[..WIDTH]);
            }
        });
    }

    fn sum(&self, texts: &Texts<'_>, scratch: &mut Scratch) {
        scratch.sums.clear();
        scratch.sums.resize(texts.rows.len() * FEATURES, 0.0);
        self.kernel.vectorize(|| {
            for (rows, sum) in texts.rows.iter().zip(scratch.sums.chunks_exact_mut(FEATURES)) {
                for row in scratch.features[rows.start * FEATURES..rows.end * FEATURES].chunks_exact(FEATURES)
                {
                    add(sum, row);
                }
            }
        });
    }
}

/// The texts of a batch, and which rows are whose.
struct Texts<'a> {
    ids: Vec<&'a [u32]>,
    rows: Vec<Range<usize>>,
}

impl<'a> Texts<'a> {
    fn of(texts: &'a [Vec<u32>]) -> Self {
        let mut end = 0;
        let rows = texts.iter().map(|ids| {
            let start = end;
            end += ids.len();
            start..end
        });
        Self { rows: rows.collect(), ids: texts.iter().map(Vec::as_slice).collect() }
    }

    fn tokens(&self) -> usize {
        self.rows.last().map_or(0, |rows| rows.end)
    }

    fn lengths(&self) -> Vec<usize> {
        self.rows.iter().map(Range::len).collect()
    }
}

impl Scratch {
    fn fit(&mut self, texts: &Texts<'_>) {
        let tokens = texts.tokens();
        self.looked_up.resize(tokens * WIDTH, 0);
        self.spans.resize(tokens, Span::default());
        self.inputs.resize(tokens * CHANNELS, 0);
        self.steps.resize(tokens, 0.0);
        self.products.resize(tokens * CHANNELS, 0);
        self.hidden.resize(tokens * CHANNELS, 0.0);
        self.features.resize(tokens * FEATURES, 0.0);
    }
}

impl Branch {
    fn load(
        tensors: &Tensors<'_>,
        kernel: Kernel,
        (window, left): (usize, usize),
    ) -> Result<Self, ModelError> {
        let project = format!("proj{window}");
        let (values, step) = tensors.steps(&project, &[WIDTH, CHANNELS])?;
        let sums =
            (0..CHANNELS).map(|c| values[c..].iter().step_by(CHANNELS).map(|v| i32::from(*v)).sum::<i32>());
        Ok(Self {
            left,
            project_sums: sums.map(|sum| sum as f32).collect(),
            project: Product { weights: pack(kernel, &project, &values, WIDTH, CHANNELS)?, step },
            project_bias: tensors.floats(&format!("proj_b{window}"), &[CHANNELS])?,
            norm: LayerNorm::load(tensors, &window.to_string(), CHANNELS)?,
            convolutions: [
                Convolution::load(tensors, kernel, 1, window)?,
                Convolution::load(tensors, kernel, 2, window)?,
            ],
        })
    }

    /// Fills columns `at..at + CHANNELS` of the features.
    fn forward(&self, kernel: Kernel, texts: &Texts<'_>, at: usize, scratch: &mut Scratch) {
        self.project.weights.multiply(&scratch.looked_up, &mut scratch.products);
        kernel.vectorize(|| self.begin(at, scratch));
        for (index, convolution) in self.convolutions.iter().enumerate() {
            scratch.hidden.fill(0.0);
            for (place, weights) in convolution.places.iter().enumerate() {
                weights.multiply(&scratch.inputs, &mut scratch.products);
                kernel.vectorize(|| self.spread(place, texts, scratch));
            }
            kernel.vectorize(|| convolution.join(at, index == 0, scratch));
        }
    }

    /// Turns the projection's products into the first layer's inputs.
    #[inline(always)]
    fn begin(&self, at: usize, scratch: &mut Scratch) {
        let rows = scratch.features.chunks_exact_mut(FEATURES).zip(&scratch.spans);
        let products = scratch.products.chunks_exact(CHANNELS);
        let inputs = scratch.inputs.chunks_exact_mut(CHANNELS).zip(&mut scratch.steps);
        for (((row, span), products), (input, step)) in rows.zip(products).zip(inputs) {
            let row = &mut row[at..at + CHANNELS];
            let weights = products.iter().zip(&self.project_sums).zip(&self.project_bias);
            for (value, ((product, sum), bias)) in row.iter_mut().zip(weights) {
                *value = (*product as f32 * span.scale + span.low * sum) * self.project.step + bias;
            }
            normalize(row, &self.norm.gain, &self.norm.bias);
            *step = quantize(row, input);
        }
    }

    /// Adds each row's product with the weights of one place in the window to the row in whose window it has that place.
    #[inline(always)]
    fn spread(&self, place: usize, texts: &Texts<'_>, scratch: &mut Scratch) {
        for rows in &texts.rows {
            let (from, to) = if place >= self.left {
                ((rows.start + place - self.left).min(rows.end), rows.start)
            } else {
                (rows.start, (rows.start + self.left - place).min(rows.end))
            };
            let count = (rows.end - from).min(rows.end - to);
            let products =
                scratch.products[from * CHANNELS..].chunks_exact(CHANNELS).zip(&scratch.steps[from..]);
            let hidden = scratch.hidden[to * CHANNELS..].chunks_exact_mut(CHANNELS);
            for (hidden, (products, step)) in hidden.zip(products).take(count) {
                accumulate(hidden, products, *step);
            }
        }
    }
}

impl Convolution {
    fn load(tensors: &Tensors<'_>, kernel: Kernel, index: usize, window: usize) -> Result<Self, ModelError> {
        let name = format!("w{index}_{window}");
        let (values, step) = tensors.steps(&name, &[window * CHANNELS, CHANNELS])?;
        let places = values.chunks(CHANNELS * CHANNELS);
        Ok(Self {
            places: places
                .map(|values| pack(kernel, &name, values, CHANNELS, CHANNELS))
                .collect::<Result<_, _>>()?,
            step,
            bias: tensors.floats(&format!("b{index}_{window}"), &[CHANNELS])?,
        })
    }

    /// Adds the rectified sums to the features, and makes inputs of them if another layer follows.
    #[inline(always)]
    fn join(&self, at: usize, more: bool, scratch: &mut Scratch) {
        let rows = scratch.features.chunks_exact_mut(FEATURES).zip(scratch.hidden.chunks_exact(CHANNELS));
        let inputs = scratch.inputs.chunks_exact_mut(CHANNELS).zip(&mut scratch.steps);
        for ((row, hidden), (input, step)) in rows.zip(inputs) {
            let row = &mut row[at..at + CHANNELS];
            for ((value, hidden), bias) in row.iter_mut().zip(hidden).zip(&self.bias) {
                *value += rectified(hidden * self.step + bias);
            }
            if more {
                *step = quantize(row, input);
            }
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

fn pack(
    kernel: Kernel,
    name: &str,
    values: &[i8],
    inputs: usize,
    outputs: usize,
) -> Result<Weights, ModelError> {
    Weights::pack(kernel, values, inputs, outputs)
        .ok_or_else(|| ModelError::layout(ENCODER, format!("tensor `{name}`: a weight is below -127")))
}
