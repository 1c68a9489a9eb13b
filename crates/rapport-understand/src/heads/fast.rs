//! The fast path: a small network over the same table of pieces, taught to answer as the encoder and its heads do
//! (`training/student.py`).

use super::layer::Layer;
use crate::encoder::WIDTH;
use crate::encoder::elementwise::make_unit;
use crate::error::ModelError;
use crate::files::HEADS;
use crate::kernel::Kernel;
use crate::tensors::Tensors;

/// Pieces that a channel sees at a time: its own and one to each side.
const WINDOW: usize = 3;
/// Training reads the pooled rows this much louder.
const LOUDER: f32 = 4.0;

/// The student.
pub(super) struct Fast {
    /// How much each piece counts.
    worth: Vec<f32>,
    project: Layer,
    window: Layer,
    inner: Layer,
    vector: Layer,
    skip: Layer,
    gate: Layer,
}

impl Fast {
    pub fn load(tensors: &Tensors<'_>, kernel: Kernel) -> Result<Self, ModelError> {
        let layer = |name: &str, inputs| Layer::load(tensors, kernel, &format!("fast/{name}"), inputs);
        let project = layer("project", WIDTH)?;
        let window = layer("window", WINDOW * project.outputs())?;
        let inner = layer("inner", WIDTH + 2 * window.outputs())?;
        let (vector, gate) = (layer("vector", inner.outputs())?, layer("gate", inner.outputs())?);
        if vector.outputs() != WIDTH || gate.outputs() != 7 {
            return Err(ModelError::layout(
                HEADS,
                "the fast path's answers have other widths than the encoder's",
            ));
        }
        let worth = tensors.list("fast/worth")?;
        Ok(Self { worth, skip: layer("skip", WIDTH)?, project, window, inner, vector, gate })
    }

    /// A vector of unit length and the log-odds of every category.
    pub fn read(&self, ids: &[u32], tokens: &[f32]) -> ([f32; WIDTH], [f32; 7]) {
        let root = (ids.len() as f32).sqrt();
        let mut both = self.pooled(ids, tokens, root);
        let pooled = both.clone();
        self.channels(tokens, root, &mut both);
        let hidden = self.inner.rectified(&both);
        let mut vector = [0.0; WIDTH];
        let sums = self.vector.apply(&hidden);
        for ((to, a), b) in vector.iter_mut().zip(sums).zip(self.skip.apply(&pooled)) {
            *to = a + b;
        }
        make_unit(&mut vector);
        let gate = self.gate.apply(&hidden);
        (vector, std::array::from_fn(|c| gate[c]))
    }

    fn pooled(&self, ids: &[u32], tokens: &[f32], root: f32) -> Vec<f32> {
        let mut sum = vec![0.0; WIDTH];
        for (&id, row) in ids.iter().zip(tokens.chunks_exact(WIDTH)) {
            let worth = self.worth.get(id as usize).copied().unwrap_or(1.0) * LOUDER / root;
            sum.iter_mut().zip(row).for_each(|(sum, value)| *sum += value * worth);
        }
        sum
    }

    /// Appends the largest value of each channel, and its sum over √n.
    fn channels(&self, tokens: &[f32], root: f32, to: &mut Vec<f32>) {
        let width = self.project.outputs();
        let seen = self.window.rectified(&neighbours(&self.project.rectified(tokens), width));
        let rows = || seen.chunks_exact(self.window.outputs());
        to.extend((0..self.window.outputs()).map(|c| rows().map(|row| row[c]).fold(0.0, f32::max)));
        to.extend((0..self.window.outputs()).map(|c| rows().map(|row| row[c]).sum::<f32>() / root));
    }
}

/// Each row between its neighbours; zeros beyond the ends.
fn neighbours(rows: &[f32], width: usize) -> Vec<f32> {
    let count = rows.len() / width;
    let mut out = vec![0.0; rows.len() * WINDOW];
    for (at, row) in out.chunks_exact_mut(width * WINDOW).enumerate() {
        let from = at.saturating_sub(1);
        let to = (at + 2).min(count);
        let skipped = if at == 0 { width } else { 0 };
        row[skipped..skipped + (to - from) * width].copy_from_slice(&rows[from * width..to * width]);
    }
    out
}
