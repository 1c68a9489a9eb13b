//! The product in plain Rust: the reference, and the one for processors without a better one.

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

fn block(row: &[[i8; DEPTH]], lines: &[Line]) -> [i32; LANES] {
    let mut sums = [0i32; LANES];
    for (values, line) in row.iter().zip(lines) {
        let (line, _) = line.0.as_chunks::<DEPTH>();
        for (sum, weights) in sums.iter_mut().zip(line) {
            for (value, weight) in values.iter().zip(weights) {
                *sum += i32::from(*value) * i32::from(*weight);
            }
        }
    }
    sums
}
