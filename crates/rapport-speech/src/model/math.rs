//! Element by element: what the borrowed matrix products leave over. Plain loops that the compiler turns into vectors.

use std::f32::consts::{LN_2, LOG2_E};

/// Adding it leaves a number's nearest integer in the low bits of its mantissa.
const ROUND: f32 = 12_582_912.0;
/// ln 2 in two parts, so that the first product is exact (Cody and Waite 1980).
const LN_2_HIGH: f32 = 0.693_359_4;
const LN_2_LOW: f32 = LN_2 - LN_2_HIGH;

/// e to the power of `x`, for `x` from -87 to 88; below, as for -87. Relative error below 3e-7.
#[inline]
pub fn exp(x: f32) -> f32 {
    let x = x.max(-87.0);
    let rounded = x * LOG2_E + ROUND;
    let power = rounded - ROUND;
    let rest = x - power * LN_2_HIGH - power * LN_2_LOW;
    // Taylor to the sixth: |rest| is at most ln 2 / 2.
    let mut sum = 1.0 / 720.0;
    for coefficient in [1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5, 1.0, 1.0] {
        sum = sum * rest + coefficient;
    }
    let scale = f32::from_bits(rounded.to_bits().wrapping_shl(23).wrapping_add(0x3f80_0000));
    sum * scale
}

/// Gaussian error linear unit, exact form: `x · Φ(x)`. Absolute error below 1e-6 · |x|.
pub fn gelu(values: &mut [f32]) {
    for value in values {
        *value *= 0.5 + 0.5 * erf(*value * std::f32::consts::FRAC_1_SQRT_2);
    }
}

/// Abramowitz and Stegun 1964, 7.1.26.
#[inline]
fn erf(x: f32) -> f32 {
    let z = x.abs();
    let t = 1.0 / (1.0 + 0.327_591_1 * z);
    let mut sum = 1.061_405_4;
    for coefficient in [-1.453_152_1, 1.421_413_8, -0.284_496_72, 0.254_829_6] {
        sum = sum * t + coefficient;
    }
    (1.0 - sum * t * exp(-z * z)).copysign(x)
}

/// Turns scores into probabilities.
pub fn softmax(scores: &mut [f32]) {
    let highest = highest(scores);
    for score in scores.iter_mut() {
        *score = exp(*score - highest);
    }
    let scale = 1.0 / sum(scores);
    for score in scores {
        *score *= scale;
    }
}

/// The logarithm of the sum of the exponentials.
pub fn log_sum_exp(scores: &[f32]) -> f32 {
    let highest = highest(scores);
    let mut lanes = [0.0; LANES];
    let (whole, rest) = scores.as_chunks::<LANES>();
    for chunk in whole {
        for (lane, score) in lanes.iter_mut().zip(chunk) {
            *lane += exp(score - highest);
        }
    }
    let rest: f32 = rest.iter().map(|score| exp(score - highest)).sum();
    highest + (lanes.iter().sum::<f32>() + rest).ln()
}

/// Numbers that are worked on side by side: four vectors of the narrowest unit, so that their latencies overlap.
const LANES: usize = 16;

fn highest(scores: &[f32]) -> f32 {
    let mut lanes = [f32::NEG_INFINITY; LANES];
    let (whole, rest) = scores.as_chunks::<LANES>();
    for chunk in whole {
        for (lane, score) in lanes.iter_mut().zip(chunk) {
            *lane = if *score > *lane { *score } else { *lane };
        }
    }
    lanes.iter().chain(rest).copied().fold(f32::NEG_INFINITY, f32::max)
}

fn sum(values: &[f32]) -> f32 {
    let mut lanes = [0.0; LANES];
    let (whole, rest) = values.as_chunks::<LANES>();
    for chunk in whole {
        for (lane, value) in lanes.iter_mut().zip(chunk) {
            *lane += value;
        }
    }
    lanes.iter().sum::<f32>() + rest.iter().sum::<f32>()
}

/// The sum of products of two slices of equal length.
#[inline]
pub fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut lanes = [0.0; LANES];
    let ((whole_a, rest_a), (whole_b, rest_b)) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
    for (a, b) in whole_a.iter().zip(whole_b) {
        for ((lane, a), b) in lanes.iter_mut().zip(a).zip(b) {
            *lane += a * b;
        }
    }
    lanes.iter().sum::<f32>() + rest_a.iter().zip(rest_b).map(|(a, b)| a * b).sum::<f32>()
}

/// Adds `scale` times `from` to `into`.
#[inline]
pub fn add_scaled(into: &mut [f32], scale: f32, from: &[f32]) {
    for (into, from) in into.iter_mut().zip(from) {
        *into += scale * from;
    }
}

/// Layer normalisation (Ba et al. 2016) of one row.
pub fn normalise(row: &mut [f32], gain: &[f32], shift: &[f32]) {
    let scale = 1.0 / row.len() as f32;
    let mean = sum(row) * scale;
    for value in row.iter_mut() {
        *value -= mean;
    }
    let deviation = 1.0 / (dot(row, row) * scale + 1e-5).sqrt();
    for ((value, gain), shift) in row.iter_mut().zip(gain).zip(shift) {
        *value = *value * deviation * gain + shift;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_and_gelu_are_those_of_the_textbook() {
        for i in -8_700..8_800 {
            let x = i as f32 / 100.0;
            let exact = f64::from(x).exp();
            assert!((f64::from(exp(x)) / exact - 1.0).abs() < 5e-7, "exp({x})");
        }
        assert!(exp(f32::NEG_INFINITY) < 1e-37);
        // From tables of the normal distribution.
        let mut values = [-3.0, -1.0, 0.0, 1.0, 2.0, 10.0];
        gelu(&mut values);
        let expected = [-0.004_049_7, -0.158_655_25, 0.0, 0.841_344_8, 1.954_499_7, 10.0];
        assert!(values.iter().zip(expected).all(|(a, b)| (a - b).abs() < 2e-6), "{values:?}");
    }

    #[test]
    fn probabilities_add_up_whatever_the_length_and_the_infinities() {
        for length in [1, 3, 16, 17, 1_500] {
            let mut scores: Vec<f32> = (0..length).map(|i| (i as f32 * 0.7).sin() * 30.0).collect();
            scores[length / 2] = f32::NEG_INFINITY;
            scores[0] = 12.0;
            let total = log_sum_exp(&scores);
            let first = exp(scores[0] - total);
            softmax(&mut scores);
            assert!((scores.iter().sum::<f32>() - 1.0).abs() < 1e-5);
            assert!((scores[0] - first).abs() < 1e-6);
        }
    }

    #[test]
    fn products_and_norms_don_t_lose_the_last_numbers_of_an_odd_length() {
        let a: Vec<f32> = (0..37).map(|i| i as f32).collect();
        assert_eq!(dot(&a, &a), (0..37).map(|i| i * i).sum::<i32>() as f32);
        let mut row = a.clone();
        normalise(&mut row, &[1.0; 37], &[0.0; 37]);
        assert!(sum(&row).abs() < 1e-4 && (dot(&row, &row) / 37.0 - 1.0).abs() < 1e-4);
    }
}
