//! Check digits, on the values of digits.

/// Luhn's sum (ISO/IEC 7812-1) is a multiple of ten.
pub(super) fn luhn(digits: &[u8]) -> bool {
    let doubled = |d: u32| if d > 4 { 2 * d - 9 } else { 2 * d };
    let values = digits.iter().rev().map(|&d| u32::from(d)).enumerate();
    let sum: u32 = values.map(|(i, d)| if i % 2 == 0 { d } else { doubled(d) }).sum();
    sum.is_multiple_of(10)
}

/// Verhoeff's check (1969), which Aadhaar numbers use.
pub(super) fn verhoeff(digits: &[u8]) -> bool {
    const ROTATE: [u8; 10] = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
    let permuted = |d: u8, times: usize| (0..times % 8).fold(d, |d, _| ROTATE[usize::from(d % 10)]);
    let values = digits.iter().rev().enumerate().map(|(i, &d)| permuted(d, i));
    values.fold(0, dihedral) == 0
}

/// The product in the dihedral group of order ten.
fn dihedral(a: u8, b: u8) -> u8 {
    match (a < 5, b < 5) {
        (true, true) => (a + b) % 5,
        (true, false) => (a + b - 5) % 5 + 5,
        (false, true) => (a - b) % 5 + 5,
        (false, false) => (5 + a - b) % 5,
    }
}

/// The remainder modulo 97 of the number that `digits` spell.
pub(super) fn mod_97(digits: &[u8]) -> u32 {
    digits.iter().fold(0, |rest, &d| (rest * 10 + u32::from(d)) % 97)
}

/// The sum of digits times weights.
pub(super) fn weighted(digits: &[u8], weights: &[u32]) -> u32 {
    digits.iter().zip(weights).map(|(&d, w)| u32::from(d) * w).sum()
}

/// ISO/IEC 7064 MOD 11,10: the last digit checks the others (German tax ids).
pub(super) fn mod_11_10(digits: &[u8]) -> bool {
    let Some((check, rest)) = digits.split_last() else { return false };
    let product = rest.iter().fold(10, |product, &d| {
        let sum = (u32::from(d) + product) % 10;
        (if sum == 0 { 10 } else { sum }) * 2 % 11
    });
    (11 - product) % 10 == u32::from(*check)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(digits: &str) -> Vec<u8> {
        digits.bytes().map(|b| b - b'0').collect()
    }

    #[test]
    fn published_examples_hold_and_one_changed_digit_fails() {
        type Check = fn(&[u8]) -> bool;
        let cases: [(Check, &str); 3] =
            [(luhn, "4111111111111111"), (verhoeff, "2363"), (mod_11_10, "86095742719")];
        for (check, number) in cases {
            let mut digits = values(number);
            assert!(check(&digits), "{number}");
            digits[1] = (digits[1] + 1) % 10;
            assert!(!check(&digits), "{number} with another second digit");
        }
    }

    #[test]
    fn the_remainder_of_a_long_number_does_not_overflow() {
        assert_eq!(mod_97(&values("370400440532013000131489")), 1);
    }
}
