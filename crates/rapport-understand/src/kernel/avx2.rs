//! The product for AVX2.

use std::arch::x86_64::*;

use super::weights::{DEPTH, LANES, Line};

/// Rows multiplied at once: eight sums, two weights, two forms of a value, and room for products fill 16 registers.
const ROWS: usize = 4;

/// See [`Weights::multiply`](super::Weights::multiply).
///
/// # Safety
/// `rows` must hold whole rows of `inputs` values (a multiple of 4), `lines` whole blocks of `inputs / 4` lines, and
/// `out` 16 sums a row and block.
#[target_feature(enable = "avx2")]
pub(super) unsafe fn multiply(rows: &[i8], lines: &[Line], inputs: usize, out: &mut [i32]) {
    let depth = inputs / DEPTH;
    let outputs = lines.len() / depth * LANES;
    for (rows, out) in rows.chunks(ROWS * inputs).zip(out.chunks_mut(ROWS * outputs)) {
        for (block, lines) in lines.chunks_exact(depth).enumerate() {
            let out = &mut out[block * LANES..];
            // SAFETY: the slices hold this many rows of `inputs` values, and of `outputs` sums less the blocks before.
            unsafe {
                match rows.len() / inputs {
                    1 => tile::<1>(rows, lines, inputs, out, outputs),
                    2 => tile::<2>(rows, lines, inputs, out, outputs),
                    3 => tile::<3>(rows, lines, inputs, out, outputs),
                    _ => tile::<ROWS>(rows, lines, inputs, out, outputs),
                }
            }
        }
    }
}

/// # Safety
/// `rows` must hold `R` rows of `inputs = 4 · lines.len()` values, and `out` 16 sums at each of `R` multiples of `outputs`.
#[target_feature(enable = "avx2")]
#[inline]
unsafe fn tile<const R: usize>(rows: &[i8], lines: &[Line], inputs: usize, out: &mut [i32], outputs: usize) {
    let ones = _mm256_set1_epi16(1);
    let mut sums = [[_mm256_setzero_si256(); 2]; R];
    for (k, line) in lines.iter().enumerate() {
        let at = line.0.as_ptr().cast::<__m256i>();
        // SAFETY: a line has 64 bytes.
        let weights = unsafe { [_mm256_loadu_si256(at), _mm256_loadu_si256(at.add(1))] };
        for (r, sums) in sums.iter_mut().enumerate() {
            // SAFETY: row `r` has four values for each line.
            let four = unsafe { rows.as_ptr().add(r * inputs + k * DEPTH).cast::<i32>().read_unaligned() };
            let values = _mm256_set1_epi32(four);
            let magnitudes = _mm256_abs_epi8(values);
            for (sum, weights) in sums.iter_mut().zip(weights) {
                // Unsigned magnitudes (at most 128) by weights that take the sign (within ±127): two products are at
                // most 32,512, so that the 16-bit sums never saturate.
                let pairs = _mm256_maddubs_epi16(magnitudes, _mm256_sign_epi8(weights, values));
                *sum = _mm256_add_epi32(*sum, _mm256_madd_epi16(pairs, ones));
            }
        }
    }
    for (r, [low, high]) in sums.into_iter().enumerate() {
        // SAFETY: `out` has 16 sums from `r · outputs` on.
        unsafe {
            let to = out.as_mut_ptr().add(r * outputs).cast::<__m256i>();
            _mm256_storeu_si256(to, low);
            _mm256_storeu_si256(to.add(1), high);
        }
    }
}
