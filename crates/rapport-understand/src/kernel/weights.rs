//! A matrix of 8-bit weights, laid out once for the product that will read it.

use super::{Instructions, Kernel, portable};
#[cfg(target_arch = "x86_64")]
use super::{avx2, avx512};

/// Outputs whose weights lie side by side: a 512-bit register of 32-bit sums.
pub(super) const LANES: usize = 16;
/// Inputs of one output that lie side by side: as many as one instruction multiplies and adds.
pub(super) const DEPTH: usize = 4;

/// `DEPTH` inputs' weights for `LANES` outputs: `[LANES, DEPTH]`, for the portable product `[DEPTH, LANES]`.
#[derive(Clone, Copy)]
#[repr(align(64))]
pub(super) struct Line(pub [i8; LANES * DEPTH]);

/// Weights `[inputs, outputs]`, for products with rows of `inputs` 8-bit numbers.
pub(crate) struct Weights {
    kernel: Kernel,
    /// `[outputs / LANES, inputs / DEPTH]`; inputs and outputs are filled up with zeros.
    lines: Vec<Line>,
    inputs: usize,
    outputs: usize,
}

impl Weights {
    /// Lays out `values`, `[inputs, outputs]` row-major. `None` if a value is -128 (which has no counterpart of the
    /// other sign, as one of the kernels needs) or their number is wrong.
    pub fn pack(kernel: Kernel, values: &[i8], inputs: usize, outputs: usize) -> Option<Self> {
        if values.len() != inputs * outputs || values.contains(&i8::MIN) || inputs == 0 || outputs == 0 {
            return None;
        }
        let depth = inputs.div_ceil(DEPTH);
        let blocks = outputs.div_ceil(LANES);
        let bias = kernel.bias();
        let mut lines = vec![Line([bias; LANES * DEPTH]); depth * blocks];
        for (input, row) in values.chunks_exact(outputs).enumerate() {
            for (block, part) in row.chunks(LANES).enumerate() {
                let line = &mut lines[block * depth + input / DEPTH].0;
                for (lane, value) in part.iter().enumerate() {
                    line[kernel.place(lane, input % DEPTH)] = value ^ bias;
                }
            }
        }
        Some(Self { kernel, lines, inputs: depth * DEPTH, outputs: blocks * LANES })
    }

    #[cfg(test)]
    pub fn row_len(&self) -> usize {
        self.inputs
    }

    #[cfg(test)]
    pub fn out_len(&self) -> usize {
        self.outputs
    }

    /// `out[r, o] = Σ_i rows[r, i] · weights[i, o]`, exactly. `rows` is `[n, inputs]`, `out`
    /// `[n, outputs]`; inputs are rounded up to a multiple of 4 (what fills a row up is ignored), outputs of 16.
    ///
    /// # Panics
    /// If the lengths don't fit each other.
    pub fn multiply(&self, rows: &[i8], out: &mut [i32]) {
        assert_eq!(rows.len() % self.inputs, 0, "rows are cut off");
        assert_eq!(rows.len() / self.inputs * self.outputs, out.len(), "rows and results differ in number");
        match self.kernel.0 {
            Instructions::Portable => portable::multiply(rows, &self.lines, self.inputs, out),
            // SAFETY: the value exists only where AVX2 was detected; the lengths were checked above.
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx2 => unsafe { avx2::multiply(rows, &self.lines, self.inputs, out) },
            // SAFETY: the value exists only where AVX-512 F, BW and VNNI were detected; the lengths were checked above.
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx512 => unsafe { avx512::multiply(rows, &self.lines, self.inputs, out) },
        }
    }
}

impl Kernel {
    /// What the packed weights are combined with by exclusive or: VNNI multiplies unsigned by signed numbers, so that
    /// its weights are kept 128 higher, which the product takes off again.
    fn bias(self) -> i8 {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx512 => i8::MIN,
            _ => 0,
        }
    }

    /// Where in a line a weight is.
    fn place(self, lane: usize, input: usize) -> usize {
        if self == Self::PORTABLE { input * LANES + lane } else { lane * DEPTH + input }
    }
}
