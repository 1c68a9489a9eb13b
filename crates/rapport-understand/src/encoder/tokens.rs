//! The part of the forward pass that depends on each token alone, which is more than half of it: the look-up, each
//! branch's projection, and the products of the first convolution, which only their sum brings together with neighbours.

use super::WIDTH;
use super::cache::{Cache, Computed};
use super::elementwise::{quantize, scale};
use super::network::{CHANNELS, FEATURES, LayerNorm, Product, WINDOWS, pack};
use super::table::{Span, Table};
use crate::error::ModelError;
use crate::kernel::{Kernel, Weights};
use crate::tensors::Tensors;

/// Numbers computed for a token: its features before the convolutions, then, for each branch and each place in its
/// window, what the token adds to the first convolution of the token in whose window it has that place.
const COMPUTED: usize = FEATURES + (WINDOWS[0].0 + WINDOWS[1].0 + WINDOWS[2].0) * CHANNELS;
/// Tokens whose numbers are kept: 31 MB.
const KEPT: usize = 2048;

/// The layers that see one token.
pub(crate) struct Tokens {
    kernel: Kernel,
    table: Table,
    branches: Vec<Branch>,
    cache: Cache,
}

struct Branch {
    project: Product,
    bias: Vec<f32>,
    /// The sum of each output's weights, by which a row's `low` counts.
    sums: Vec<f32>,
    norm: LayerNorm,
    /// The first convolution's weights for each place in the window.
    places: Vec<Weights>,
    /// Where in a token's numbers the features are, and the products.
    features_at: usize,
    products_at: usize,
}

/// Working memory; only grows.
#[derive(Default)]
pub(super) struct Scratch {
    /// `[tokens, WIDTH]`.
    looked_up: Vec<i8>,
    spans: Vec<Span>,
    /// `[tokens, CHANNELS]`: inputs in steps, and each row's step.
    inputs: Vec<i8>,
    steps: Vec<f32>,
    /// `[tokens, CHANNELS]`.
    products: Vec<i32>,
    /// `[tokens, COMPUTED]`.
    computed: Vec<f32>,
}

/// What the first convolution's products of one branch's token are, `[window, CHANNELS]`.
pub(super) fn products(computed: &Computed, branch: usize) -> &[f32] {
    let places = |windows: &[(usize, usize)]| windows.iter().map(|window| window.0).sum::<usize>();
    let at = |branch: usize| FEATURES + places(&WINDOWS[..branch]) * CHANNELS;
    &computed[at(branch)..at(branch + 1)]
}

impl Tokens {
    pub fn load(table: Table, tensors: &Tensors<'_>, kernel: Kernel) -> Result<Self, ModelError> {
        let mut products_at = FEATURES;
        let mut branches = Vec::new();
        for (index, (window, _)) in WINDOWS.into_iter().enumerate() {
            branches.push(Branch::load(tensors, kernel, window, WIDTH + index * CHANNELS, products_at)?);
            products_at += window * CHANNELS;
        }
        Ok(Self { kernel, table, branches, cache: Cache::new(KEPT) })
    }

    /// The numbers of each of `ids`.
    pub fn compute(&self, ids: impl Iterator<Item = u32>, scratch: &mut Scratch) -> Vec<Computed> {
        self.cache.all(ids, |missing| {
            self.compute_missing(missing, scratch);
            scratch.computed.chunks_exact(COMPUTED).take(missing.len()).map(Computed::from).collect()
        })
    }

    /// The table's rows of `ids`: `[ids, WIDTH]`.
    pub fn rows(&self, ids: &[u32]) -> Vec<f32> {
        let mut rows = vec![0.0; ids.len() * WIDTH];
        let mut numbers = [0; WIDTH];
        for (&id, row) in ids.iter().zip(rows.chunks_exact_mut(WIDTH)) {
            match self.cache.get(id) {
                Some(computed) => row.copy_from_slice(&computed[..WIDTH]),
                None => {
                    let span = self.table.unpack(id, &mut numbers);
                    self.kernel.vectorize(|| span.read(&numbers, row));
                }
            }
        }
        rows
    }

    fn compute_missing(&self, ids: &[u32], scratch: &mut Scratch) {
        scratch.fit(ids.len());
        let (rows, _) = scratch.looked_up.as_chunks_mut::<WIDTH>();
        for ((id, row), span) in ids.iter().zip(rows.iter_mut()).zip(&mut scratch.spans) {
            *span = self.table.unpack(*id, row);
        }
        self.kernel.vectorize(|| {
            let computed = scratch.computed.chunks_exact_mut(COMPUTED);
            for ((row, span), computed) in rows.iter().zip(&scratch.spans).zip(computed) {
                span.read(row, &mut computed[..WIDTH]);
            }
        });
        for branch in &self.branches {
            branch.project.weights.multiply(&scratch.looked_up, &mut scratch.products);
            self.kernel.vectorize(|| branch.begin(scratch));
            for (place, weights) in branch.places.iter().enumerate() {
                weights.multiply(&scratch.inputs, &mut scratch.products);
                self.kernel.vectorize(|| scratch.keep_products(branch.products_at + place * CHANNELS));
            }
        }
    }
}

impl Scratch {
    fn fit(&mut self, tokens: usize) {
        self.looked_up.resize(tokens * WIDTH, 0);
        self.spans.resize(tokens, Span::default());
        self.inputs.resize(tokens * CHANNELS, 0);
        self.steps.resize(tokens, 0.0);
        self.products.resize(tokens * CHANNELS, 0);
        self.computed.resize(tokens * COMPUTED, 0.0);
    }

    #[inline(always)]
    fn keep_products(&mut self, at: usize) {
        let rows = self.computed.chunks_exact_mut(COMPUTED).zip(self.products.chunks_exact(CHANNELS));
        for ((row, products), step) in rows.zip(&self.steps) {
            scale(&mut row[at..at + CHANNELS], products, *step);
        }
    }
}

impl Branch {
    fn load(
        tensors: &Tensors<'_>,
        kernel: Kernel,
        window: usize,
        features_at: usize,
        products_at: usize,
    ) -> Result<Self, ModelError> {
        let project = format!("proj{window}");
        let (values, step) = tensors.steps(&project, &[WIDTH, CHANNELS])?;
        let sum =
            |output: usize| values[output..].iter().step_by(CHANNELS).map(|v| i32::from(*v)).sum::<i32>();
        let first = format!("w1_{window}");
        let (places, _) = tensors.steps(&first, &[window * CHANNELS, CHANNELS])?;
        let places =
            places.chunks(CHANNELS * CHANNELS).map(|place| pack(kernel, &first, place, CHANNELS, CHANNELS));
        Ok(Self {
            sums: (0..CHANNELS).map(|output| sum(output) as f32).collect(),
            project: Product { weights: pack(kernel, &project, &values, WIDTH, CHANNELS)?, step },
            bias: tensors.floats(&format!("proj_b{window}"), &[CHANNELS])?,
            norm: LayerNorm::load(tensors, &window.to_string(), CHANNELS)?,
            places: places.collect::<Result<_, _>>()?,
            features_at,
            products_at,
        })
    }

    /// Turns the projection's products into features, and those into the first convolution's inputs.
    #[inline(always)]
    fn begin(&self, scratch: &mut Scratch) {
        let rows = scratch.computed.chunks_exact_mut(COMPUTED).zip(&scratch.spans);
        let products = scratch.products.chunks_exact(CHANNELS);
        let inputs = scratch.inputs.chunks_exact_mut(CHANNELS).zip(&mut scratch.steps);
        for (((row, span), products), (input, step)) in rows.zip(products).zip(inputs) {
            let row = &mut row[self.features_at..self.features_at + CHANNELS];
            let weights = products.iter().zip(&self.sums).zip(&self.bias);
            for (value, ((product, sum), bias)) in row.iter_mut().zip(weights) {
                *value = (*product as f32 * span.scale + span.low * sum) * self.project.step + bias;
            }
            self.norm.apply(row);
            *step = quantize(row, input);
        }
    }
}
