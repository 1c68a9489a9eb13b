//! The network's arithmetic on 32-bit floats, one value at a time.
//!
//! Plain loops that the compiler turns into vector instructions, inlined so that it may do so for the caller's. Sums and
//! maxima run in a fixed number of lanes, folded in a fixed order: the result doesn't depend on the width of registers.

const LANES: usize = 32;
const EPSILON: f32 = 1e-12;
/// Adding it to a number within ±2²² leaves the nearest integer, ties to even, in the lowest bits.
const ROUND: f32 = 12_582_912.0;
/// The largest 8-bit step.
const STEPS: f32 = 127.0;

/// Mean 0 and variance 1 over `row`, then times `gain` plus `bias` (Ba et al. 2016).
#[inline(always)]
pub(crate) fn normalize(row: &mut [f32], gain: &[f32], bias: &[f32]) {
    let count = row.len() as f32;
    let mean = fold(row, |sum, value| sum + value, |a, b| a + b) / count;
    let squares = |sum: f32, value: f32| sum + (value - mean) * (value - mean);
    let variance = fold(row, squares, |a, b| a + b) / count;
    let scale = 1.0 / (variance + EPSILON).sqrt();
    for ((value, gain), bias) in row.iter_mut().zip(gain).zip(bias) {
        *value = (*value - mean) * scale * gain + bias;
    }
}

/// Writes `row` in steps of a 127th of its largest magnitude, and answers the step.
#[inline(always)]
pub(crate) fn quantize(row: &[f32], steps: &mut [i8]) -> f32 {
    let larger = |a: f32, b: f32| if b > a { b } else { a };
    let largest = fold(row, |most, value: f32| larger(most, value.abs()), larger);
    let inverse = if largest > 0.0 { STEPS / largest } else { 0.0 };
    for (step, value) in steps.iter_mut().zip(row) {
        *step = (value * inverse + ROUND).to_bits() as i8;
    }
    largest / STEPS
}

/// `to += from * factor`.
#[inline(always)]
pub(crate) fn accumulate(to: &mut [f32], from: &[i32], factor: f32) {
    for (to, from) in to.iter_mut().zip(from) {
        *to += *from as f32 * factor;
    }
}

/// `to = from * factor`.
#[inline(always)]
pub(crate) fn scale(to: &mut [f32], from: &[i32], factor: f32) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = *from as f32 * factor;
    }
}

/// `to += from`.
#[inline(always)]
pub(crate) fn add(to: &mut [f32], from: &[f32]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to += from;
    }
}

/// The larger of `value` and 0.
#[inline(always)]
pub(crate) fn rectified(value: f32) -> f32 {
    if value > 0.0 { value } else { 0.0 }
}

/// Scales `row` to unit length.
#[inline(always)]
pub(crate) fn make_unit(row: &mut [f32]) {
    let length = fold(row, |sum, value| sum + value * value, |a, b| a + b).sqrt();
    let length = if length > EPSILON { length } else { EPSILON };
    for value in row {
        *value /= length;
    }
}

/// The hyperbolic tangent, within 3·10⁻⁷; the standard library's differs from platform to platform.
#[inline(always)]
pub(crate) fn tanh(x: f32) -> f32 {
    let small = exp_of_negative(-2.0 * x.abs());
    ((1.0 - small) / (1.0 + small)).copysign(x)
}

/// eʸ for y ≤ 0: 2ⁿ times a polynomial, with n = y / ln 2 rounded.
#[inline(always)]
fn exp_of_negative(y: f32) -> f32 {
    // ln 2 in two parts, of which the first has few bits, so that its product with n is exact.
    const LN2_HIGH: f32 = 0.693_359_4;
    const LN2_LOW: f32 = -2.121_944_4e-4;
    let y = if y > -80.0 { y } else { -80.0 };
    let shifted = y * std::f32::consts::LOG2_E + ROUND;
    let n = shifted - ROUND;
    let r = y - n * LN2_HIGH - n * LN2_LOW;
    let series = 1.0 / 720.0;
    let series = series * r + 1.0 / 120.0;
    let series = series * r + 1.0 / 24.0;
    let series = series * r + 1.0 / 6.0;
    let series = series * r + 0.5;
    let series = series * r + 1.0;
    let series = series * r + 1.0;
    // n is at least -116, so that the exponent stays above zero.
    series * f32::from_bits(((n as i32 + 127) as u32) << 23)
}

#[inline(always)]
fn fold(row: &[f32], step: impl Fn(f32, f32) -> f32, merge: impl Fn(f32, f32) -> f32) -> f32 {
    let (parts, rest) = row.as_chunks::<LANES>();
    let mut lanes = [0.0f32; LANES];
    for part in parts {
        for (lane, value) in lanes.iter_mut().zip(part) {
            *lane = step(*lane, *value);
        }
    }
    for (lane, value) in lanes.iter_mut().zip(rest) {
        *lane = step(*lane, *value);
    }
    let mut width = LANES / 2;
    while width > 0 {
        for lane in 0..width {
            lanes[lane] = merge(lanes[lane], lanes[lane + width]);
        }
        width /= 2;
    }
    lanes[0]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn tanh_is_the_hyperbolic_tangent(x in -100.0f32..100.0, near in -1.0f32..1.0) {
            for x in [x, near] {
                prop_assert!((tanh(x) - f64::from(x).tanh() as f32).abs() < 3e-7, "{x}");
            }
        }

        #[test]
        fn steps_are_within_half_a_step(row in proptest::collection::vec(-1e3f32..1e3, 1..300)) {
            let mut steps = vec![0; row.len()];
            let step = quantize(&row, &mut steps);
            for (value, found) in row.iter().zip(steps) {
                prop_assert!((value - f32::from(found) * step).abs() <= step * 0.5001);
            }
        }

        #[test]
        fn a_normalized_row_has_mean_0_and_variance_1(row in proptest::collection::vec(-1e3f32..1e3, 40..300)) {
            let mut row = row;
            let (gain, bias) = (vec![1.0; row.len()], vec![0.0; row.len()]);
            normalize(&mut row, &gain, &bias);
            let mean = row.iter().map(|v| f64::from(*v)).sum::<f64>() / row.len() as f64;
            let square = row.iter().map(|v| f64::from(*v).powi(2)).sum::<f64>() / row.len() as f64;
            prop_assert!(mean.abs() < 1e-4 && (square - 1.0).abs() < 1e-3, "{mean} {square}");
        }
    }

    #[test]
    fn a_row_of_zeros_stays_zero() {
        let mut steps = [1; 5];
        assert_eq!(quantize(&[0.0; 5], &mut steps), 0.0);
        assert_eq!(steps, [0; 5]);
    }
}
