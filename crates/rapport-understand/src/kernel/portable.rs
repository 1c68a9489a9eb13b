//! The product in plain Rust: for processors without a better one, written so that the compiler can use what they have.

use super::weights::{DEPTH, LANES, Line};

/// See [`Weights::multiply`](super::Weights::multiply).
pub(super) fn multiply(rows: &[i8], lines: &[Line], inputs: usize, out: &mut [i32]) {
    let depth = inputs / DEPTH;
    let outputs = lines.len() / depth * LANES;
    for (row, sums) in rows.chunks_exact(inputs).zip(out.chunks_exact_mut(outputs)) {
        let (row, _) = row.as_chunks::<DEPTH>();
        let (sums, _) = sums.as_chunks_mut::<LANES>();
        for (sums, lines) in sums.iter_mut().zip(lines.chunks_exact(depth)) {
            *sums = block(row, lines);
        }
    }
}

/// A line is `[DEPTH, LANES]` here: the weights that meet one value lie side by side.
fn block(row: &[[i8; DEPTH]], lines: &[Line]) -> [i32; LANES] {
    let mut sums = [0i32; LANES];
    for (values, line) in row.iter().zip(lines) {
        let [v0, v1, v2, v3] = values.map(i16::from);
        let (weights, _) = line.0.as_chunks::<LANES>();
        for (lane, sum) in sums.iter_mut().enumerate() {
            // Weights are within ±127, so that two products are at most 32,512: they fit 16 bits.
            let low = v0 * i16::from(weights[0][lane]) + v1 * i16::from(weights[1][lane]);
            let high = v2 * i16::from(weights[2][lane]) + v3 * i16::from(weights[3][lane]);
            *sum += i32::from(low) + i32::from(high);
        }
    }
    sums
}
