//! Each fast product equals plain arithmetic, whatever the shape and the values.

use proptest::prelude::*;

use super::{Kernel, Weights};

/// Shapes that fill no tile, and values with the extremes often among them.
fn case() -> impl Strategy<Value = (usize, usize, usize, Vec<i8>, Vec<i8>)> {
    let value = prop_oneof![3 => any::<i8>(), 1 => Just(i8::MIN), 1 => Just(i8::MAX)];
    let weight = prop_oneof![3 => -127i8..=127, 1 => Just(-127i8), 1 => Just(127i8)];
    (1usize..20, 1usize..150, 1usize..150).prop_flat_map(move |(rows, inputs, outputs)| {
        let values = proptest::collection::vec(value.clone(), rows * inputs.next_multiple_of(4));
        let weights = proptest::collection::vec(weight.clone(), inputs * outputs);
        (Just(rows), Just(inputs), Just(outputs), values, weights)
    })
}

fn plain(rows: &[i8], stride: usize, weights: &[i8], outputs: usize) -> Vec<i32> {
    let inputs = weights.len() / outputs;
    let product = |row: &[i8], output: usize| {
        (0..inputs).map(|input| i32::from(row[input]) * i32::from(weights[input * outputs + output])).sum()
    };
    rows.chunks(stride).flat_map(|row| (0..outputs).map(move |output| product(row, output))).collect()
}

fn product(kernel: Kernel, rows: &[i8], weights: &[i8], inputs: usize, outputs: usize) -> Vec<i32> {
    let packed = Weights::pack(kernel, weights, inputs, outputs).unwrap();
    let mut out = vec![i32::MIN; rows.len() / packed.row_len() * packed.out_len()];
    packed.multiply(rows, &mut out);
    out.chunks(packed.out_len()).flat_map(|row| row[..outputs].to_vec()).collect()
}

proptest! {
    #[test]
    fn every_kernel_multiplies_exactly((_, inputs, outputs, rows, weights) in case()) {
        let expected = plain(&rows, inputs.next_multiple_of(4), &weights, outputs);
        for &kernel in Kernel::available() {
            prop_assert_eq!(&product(kernel, &rows, &weights, inputs, outputs), &expected, "{:?}", kernel);
        }
    }
}

/// Where a product of pairs in 16 bits would saturate, and a sum of 1280 largest products would not fit fewer bits.
#[test]
fn the_largest_sums_are_exact() {
    for (value, weight) in [(127, 127), (-128, 127), (127, -127), (-128, -127)] {
        let (rows, weights) = (vec![value; 7 * 1280], vec![weight; 1280 * 64]);
        for &kernel in Kernel::available() {
            let found = product(kernel, &rows, &weights, 1280, 64);
            assert!(
                found.iter().all(|sum| *sum == i32::from(value) * i32::from(weight) * 1280),
                "{kernel:?}"
            );
        }
    }
}

#[test]
fn weights_without_a_counterpart_are_refused() {
    assert!(Weights::pack(Kernel::PORTABLE, &[0, i8::MIN], 1, 2).is_none());
}
