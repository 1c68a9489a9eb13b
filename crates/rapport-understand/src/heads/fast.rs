//! The fast path: a small network over the same table of pieces, taught to answer as the encoder and its heads do
//! (`training/student.py`).

use super::layer::Layer;
use crate::encoder::cache::{Cache, Computed};
use crate::encoder::elementwise::{add, make_unit, rectified};
use crate::encoder::{SentenceEncoder, WIDTH};
use crate::error::ModelError;
use crate::files::HEADS;
use crate::kernel::Kernel;
use crate::tensors::Tensors;

/// Pieces that a channel sees at a time: its own and one to each side.
const WINDOW: usize = 3;
/// Training reads the pooled rows this much louder.
const LOUDER: f32 = 4.0;
/// Tokens whose numbers are kept: 13 MB.
const KEPT: usize = 4096;

/// The student.
pub(super) struct Fast {
    kernel: Kernel,
    /// How much each piece counts.
    worth: Vec<f32>,
    project: Layer,
    /// What a token adds to the channels of its right neighbour, to its own, and to those of its left neighbour.
    places: Vec<Layer>,
    places_bias: Vec<f32>,
    inner: Layer,
    vector: Layer,
    skip: Layer,
    gate: Layer,
    cache: Cache,
}

/// What the student says of a text.
pub(super) struct Said {
    /// Of unit length.
    pub vector: [f32; WIDTH],
    /// The log-odds of every category.
    pub gate: [f32; 7],
}

impl Fast {
    pub fn load(tensors: &Tensors<'_>, kernel: Kernel) -> Result<Self, ModelError> {
        let layer = |name: &str, inputs| Layer::load(tensors, kernel, &format!("fast/{name}"), inputs);
        let project = layer("project", WIDTH)?;
        let (places, places_bias) = Layer::parts(tensors, kernel, "fast/window", project.outputs(), WINDOW)?;
        let inner = layer("inner", WIDTH + 2 * places_bias.len())?;
        let (vector, gate) = (layer("vector", inner.outputs())?, layer("gate", inner.outputs())?);
        if vector.outputs() != WIDTH || gate.outputs() != 7 {
            return Err(ModelError::layout(
                HEADS,
                "the fast path's answers have other widths than the encoder's",
            ));
        }
        let (worth, skip) = (tensors.list("fast/worth")?, layer("skip", WIDTH)?);
        let cache = Cache::new(KEPT);
        Ok(Self { kernel, worth, project, places, places_bias, inner, vector, skip, gate, cache })
    }

    /// What it says of each of `texts`, by their piece ids.
    pub fn read(&self, texts: &[Vec<u32>], encoder: &SentenceEncoder) -> Vec<Said> {
        let ids = texts.iter().flatten().copied();
        let tokens = self.cache.all(ids, |missing| self.compute(missing, encoder));
        let (mut pooled, mut both) = (vec![0.0; texts.len() * WIDTH], vec![0.0; texts.len() * self.inputs()]);
        let mut from = 0;
        let rows = pooled.chunks_exact_mut(WIDTH).zip(both.chunks_exact_mut(self.inputs()));
        for (ids, (pooled, both)) in texts.iter().zip(rows) {
            let tokens = &tokens[from..from + ids.len()];
            self.kernel.vectorize(|| self.bring_together(ids, tokens, both));
            pooled.copy_from_slice(&both[..WIDTH]);
            from += ids.len();
        }
        let hidden = self.inner.rectified(&both);
        let (mut vectors, skipped) = (self.vector.apply(&hidden), self.skip.apply(&pooled));
        add(&mut vectors, &skipped);
        let gate = self.gate.apply(&hidden);
        let (vectors, _) = vectors.as_chunks::<WIDTH>();
        let (gate, _) = gate.as_chunks::<7>();
        let said = |(vector, gate): (&[f32; WIDTH], &[f32; 7])| {
            let mut vector = *vector;
            self.kernel.vectorize(|| make_unit(&mut vector));
            Said { vector, gate: *gate }
        };
        vectors.iter().zip(gate).map(said).collect()
    }

    fn inputs(&self) -> usize {
        WIDTH + 2 * self.places_bias.len()
    }

    /// For each token its row of the table, and what it adds to the channels around it.
    fn compute(&self, ids: &[u32], encoder: &SentenceEncoder) -> Vec<Computed> {
        let rows = encoder.rows(ids);
        let projected = self.project.rectified(&rows);
        let added: Vec<Vec<f32>> = self.places.iter().map(|place| place.apply(&projected)).collect();
        let width = self.places_bias.len();
        let of = |(at, row): (usize, &[f32])| {
            let added = added.iter().flat_map(|added| &added[at * width..(at + 1) * width]);
            row.iter().chain(added).copied().collect()
        };
        rows.chunks_exact(WIDTH).enumerate().map(of).collect()
    }

    /// Writes the sum of the rows, each by its worth, and the largest value of each channel and its sum, both sums over √n.
    #[inline(always)]
    fn bring_together(&self, ids: &[u32], tokens: &[Computed], to: &mut [f32]) {
        let width = self.places_bias.len();
        let (pooled, channels) = to.split_at_mut(WIDTH);
        let (most, sum) = channels.split_at_mut(width);
        let part = |token: usize, place: usize| &tokens[token][WIDTH + place * width..][..width];
        let root = (ids.len() as f32).sqrt();
        let mut channel = vec![0.0; width];
        for (at, &id) in ids.iter().enumerate() {
            let worth = self.worth.get(id as usize).copied().unwrap_or(1.0) * LOUDER / root;
            pooled.iter_mut().zip(&tokens[at][..WIDTH]).for_each(|(sum, value)| *sum += value * worth);
            channel.copy_from_slice(&self.places_bias);
            if at > 0 {
                add(&mut channel, part(at - 1, 0));
            }
            add(&mut channel, part(at, 1));
            if at + 1 < ids.len() {
                add(&mut channel, part(at + 1, 2));
            }
            for ((most, sum), value) in most.iter_mut().zip(sum.iter_mut()).zip(&channel) {
                let value = rectified(*value);
                *most = most.max(value);
                *sum += value / root;
            }
        }
    }
}
