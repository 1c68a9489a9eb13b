//! The product for AVX-512 with VNNI: 64 multiplications and additions an instruction.

use std::arch::x86_64::*;

use super::weights::{DEPTH, LANES, Line};

/// Rows and blocks of outputs multiplied at once: 24 sums and four weights fill 28 of 32 registers.
const ROWS: usize = 6;
const BLOCKS: usize = 4;

/// See [`Weights::multiply`](super::Weights::multiply). The weights are kept 128 higher than they are.
///
/// # Safety
/// `rows` must hold whole rows of `inputs` values (a multiple of 4), `lines` whole blocks of `inputs / 4` lines, and
/// `out` 16 sums a row and block.
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
pub(super) unsafe fn multiply(rows: &[i8], lines: &[Line], inputs: usize, out: &mut [i32]) {
    let outputs = lines.len() / (inputs / DEPTH) * LANES;
    for (rows, out) in rows.chunks(ROWS * inputs).zip(out.chunks_mut(ROWS * outputs)) {
        // SAFETY: the slices hold this many rows of `inputs` values and of `outputs` sums.
        unsafe {
            match rows.len() / inputs {
                1 => strip::<1>(rows, lines, inputs, out, outputs),
                2 => strip::<2>(rows, lines, inputs, out, outputs),
                3 => strip::<3>(rows, lines, inputs, out, outputs),
                4 => strip::<4>(rows, lines, inputs, out, outputs),
                5 => strip::<5>(rows, lines, inputs, out, outputs),
                _ => strip::<ROWS>(rows, lines, inputs, out, outputs),
            }
        }
    }
}

/// All outputs of `R` rows.
///
/// # Safety
/// `rows` must hold `R` rows of `inputs` values, `out` `R` rows of `outputs` sums, and `lines` `outputs / 16` blocks of
/// `inputs / 4`.
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
#[inline]
unsafe fn strip<const R: usize>(rows: &[i8], lines: &[Line], inputs: usize, out: &mut [i32], outputs: usize) {
    let depth = inputs / DEPTH;
    let mut bias = [0i32; R];
    for (bias, row) in bias.iter_mut().zip(rows.chunks_exact(inputs)) {
        *bias = -128 * row.iter().map(|value| i32::from(*value)).sum::<i32>();
    }
    let (wide, narrow) = lines.split_at(lines.len() / (depth * BLOCKS) * depth * BLOCKS);
    let mut from = 0;
    for lines in wide.chunks_exact(depth * BLOCKS) {
        // SAFETY: as the caller promises; each row of `out` has 64 sums from `from` on.
        unsafe { tile::<R, BLOCKS>(rows, lines, inputs, &bias, &mut out[from..], outputs) };
        from += LANES * BLOCKS;
    }
    for lines in narrow.chunks_exact(depth) {
        // SAFETY: as the caller promises; each row of `out` has 16 sums from `from` on.
        unsafe { tile::<R, 1>(rows, lines, inputs, &bias, &mut out[from..], outputs) };
        from += LANES;
    }
}

/// # Safety
/// `rows` must hold `R` rows of `inputs` values, `lines` `C` blocks of `inputs / 4`, and `out` `16 · C` sums at each of
/// `R` multiples of `outputs`.
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
#[inline]
unsafe fn tile<const R: usize, const C: usize>(
    rows: &[i8],
    lines: &[Line],
    inputs: usize,
    bias: &[i32; R],
    out: &mut [i32],
    outputs: usize,
) {
    let depth = inputs / DEPTH;
    let mut sums = [[_mm512_setzero_si512(); C]; R];
    for (sums, bias) in sums.iter_mut().zip(bias) {
        sums.fill(_mm512_set1_epi32(*bias));
    }
    for k in 0..depth {
        let mut weights = [_mm512_setzero_si512(); C];
        for (c, weights) in weights.iter_mut().enumerate() {
            // SAFETY: there are `C` blocks of `depth` lines of 64 bytes, aligned to 64.
            *weights = unsafe { _mm512_load_si512(lines.as_ptr().add(c * depth + k).cast()) };
        }
        for (r, sums) in sums.iter_mut().enumerate() {
            // SAFETY: row `r` has four values for each line.
            let four = unsafe { rows.as_ptr().add(r * inputs + k * DEPTH).cast::<i32>().read_unaligned() };
            let values = _mm512_set1_epi32(four);
            for (sum, weights) in sums.iter_mut().zip(weights) {
                *sum = _mm512_dpbusd_epi32(*sum, weights, values);
            }
        }
    }
    for (r, sums) in sums.into_iter().enumerate() {
        for (c, sum) in sums.into_iter().enumerate() {
            // SAFETY: `out` has `16 · C` sums from `r · outputs` on.
            unsafe { _mm512_storeu_si512(out.as_mut_ptr().add(r * outputs + c * LANES).cast(), sum) };
        }
    }
}
