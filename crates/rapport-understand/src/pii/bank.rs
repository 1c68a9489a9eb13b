//! Cards and bank accounts, by their check digits.

use super::checksum::luhn;
use super::numeral::Numeral;
use super::text::{Text, ends_word, starts_word};

/// How cards are grouped when they are grouped.
const CARD_SHAPES: [&[usize]; 7] =
    [&[4, 4, 4, 4], &[4, 6, 5], &[4, 6, 4], &[4, 4, 4, 4, 3], &[6, 7], &[4, 5, 6], &[4, 4, 4]];

/// 13 to 19 digits, or 12 of a Maestro card, whose Luhn sum holds: unbroken, or grouped as on a card, or, `announced`
/// by a word for card, anyhow.
pub(super) fn card(number: &Numeral, announced: bool) -> Option<usize> {
    let shape = number.shape();
    if number.plus {
        return None;
    }
    number.beginnings().enumerate().find_map(|(dropped, (digits, end))| {
        let groups = &shape[..shape.len() - dropped];
        let grouped = groups.len() == 1 || announced || CARD_SHAPES.contains(&groups);
        let plausible = match digits.len() {
            12 => announced || matches!(digits[..2], [5, 0] | [5, 6..=8] | [6, _] | [0, 6]),
            13..=19 => announced || (1..=6).contains(&digits[0]),
            _ => false,
        };
        (grouped && plausible && luhn(digits)).then_some(end)
    })
}

/// An IBAN (ISO 13616) at `at`: a country that has them, its length, and 1 modulo 97; in groups or unbroken.
pub(super) fn iban(text: &Text, at: usize) -> Option<usize> {
    let country = [text.get(at)?.to_ascii_uppercase(), text.get(at + 1)?.to_ascii_uppercase()];
    let length = iban_length(country)?;
    if !starts_word(text, at) {
        return None;
    }
    let mut values = Vec::with_capacity(length);
    let mut end = at;
    while values.len() < length {
        match *text.get(end)? {
            c if c.is_ascii_alphanumeric() => values.push(c.to_digit(36)?),
            ' ' | '-' | '.' | '\u{a0}' if text[end - 1].is_ascii_alphanumeric() => {}
            _ => return None,
        }
        end += 1;
    }
    let checks = values[2..4].iter().all(|value| *value < 10);
    (checks && ends_word(text, end) && remainder(&values) == 1).then_some(end)
}

/// The country and check digits move to the end; letters count as two digits, A as 10.
fn remainder(values: &[u32]) -> u32 {
    values[4..].iter().chain(&values[..4]).fold(0, |rest, &value| {
        let shift = if value >= 10 { 100 } else { 10 };
        (rest * shift + value) % 97
    })
}

/// How long an IBAN of that country is (SWIFT's registry, release 98).
#[rustfmt::skip]
fn iban_length(country: [char; 2]) -> Option<usize> {
    const LENGTHS: [(usize, &str); 20] = [
        (15, "NO"), (16, "BE BI"), (18, "DK FI FO GL NL SD FK"), (19, "MK SI"),
        (20, "AT BA EE KZ LT LU XK MN"), (21, "CH HR LI LV"),
        (22, "BG BH CR DE GB GE IE ME RS VA"), (23, "AE GI IL IQ TL OM SO"), (24, "AD CZ ES MD PK RO SA SE SK TN VG"),
        (25, "PT ST LY"), (26, "IS TR"), (27, "FR GR IT MC MR SM DJ"), (28, "AL AZ CY DO GT HN HU LB PL BY SV NI"),
        (29, "BR EG PS QA UA"), (30, "JO KW MU YE"), (31, "MT SC"), (32, "LC"), (33, "RU"), (24, "DZ"), (27, "CM CI SN"),
    ];
    let is_listed = |codes: &str| codes.split(' ').any(|code| code.chars().eq(country));
    LENGTHS.iter().find(|(_, codes)| is_listed(codes)).map(|(length, _)| *length)
}
