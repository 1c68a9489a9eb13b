//! Telephone numbers, in the world's usual spellings.

use super::cue::{Cue, counts_something};
use super::date::begins_with_date;
use super::numeral::Numeral;
use super::text::{Text, ends_word, run};

/// The end of the telephone number that `number` is, its extension included; `cue` is the nearest word's.
pub(super) fn phone(text: &Text, number: &Numeral, cue: Option<Cue>) -> Option<usize> {
    let end = number.end();
    let count = number.digits.len();
    let time =
        text.get(end) == Some(&':') || (number.start > 0 && text[number.start - 1] == ':' && count < 7);
    if !(5..=15).contains(&count) || time || cue == Some(Cue::Harmless) || is_amount(text, number) {
        return None;
    }
    let named_otherwise = cue == Some(Cue::Identity) && number.groups.len() == 1 && !number.plus;
    if named_otherwise {
        return None;
    }
    let announced = cue == Some(Cue::Phone) && count >= 6;
    let fits =
        if number.groups.len() == 1 { unbroken(number, announced) } else { grouped(number, announced) };
    fits.then(|| extension_end(text, end))
}

fn is_amount(text: &Text, number: &Numeral) -> bool {
    !number.plus && counts_something(text, number.start, number.end())
}

/// Without anything between the digits: with a `+` or `00`, or of a length that few other numbers have.
fn unbroken(number: &Numeral, announced: bool) -> bool {
    let digits = &number.digits;
    let round = digits.ends_with(&[0, 0, 0, 0]);
    match digits.len() {
        7.. if number.plus => true,
        8 | 9 if digits[0] == 0 => true,
        10..=15 => announced || (digits.len() < 14 && !round),
        _ => announced,
    }
}

/// In groups: dates, years, decimals and numbers with thousands are written so, too.
fn grouped(number: &Numeral, announced: bool) -> bool {
    let shape = number.shape();
    let count = number.digits.len();
    let bracket = number.groups.iter().take(3).any(|group| group.after == '(');
    let marked = number.plus || bracket || number.digits.starts_with(&[0, 0]);
    if begins_with_date(number) && !(announced && !marked && shape.len() > 3) {
        return false;
    }
    if is_decimal(number, &shape) || are_years(number, &shape) || is_book(number) {
        return false;
    }
    if marked || announced {
        return count >= if marked { 7 } else { 6 };
    }
    let pairs = shape.iter().all(|len| *len <= 2);
    if pairs {
        return matches!(shape.len(), 4 | 5)
            && shape.iter().all(|len| *len == 2)
            && number.separator().is_some();
    }
    let trunk = shape[0] == 1 && matches!(number.digits[0], 0 | 1 | 7 | 8) && count >= 10;
    let small = shape.iter().skip(1).any(|len| *len == 1);
    (7..=15).contains(&count)
        && (shape[0] > 1 || trunk)
        && !small
        && shape.len() <= 6
        && !has_thousands(number, &shape)
}

/// `3.14159`, `40.7128 -74.0060`: dots that are not between all groups.
fn is_decimal(number: &Numeral, shape: &[usize]) -> bool {
    let dots = number.groups.iter().skip(1).filter(|group| group.after == '.').count();
    let brackets = number.groups.iter().skip(1).filter(|group| group.after == '(').count();
    let one_digit = dots > 0 && !number.plus && shape.iter().skip(1).any(|len| *len == 1);
    dots > 0
        && (shape.len() == 2 || one_digit || dots + brackets + usize::from(number.plus) + 1 < shape.len())
}

/// `1.000.000` and `1 000 000`; three groups of three with spaces are more often a telephone.
fn has_thousands(number: &Numeral, shape: &[usize]) -> bool {
    let threes = shape[0] <= 3 && shape.iter().skip(1).all(|len| *len == 3);
    let leading = number.digits.first() == Some(&0);
    threes
        && !leading
        && match number.separator() {
            Some('.') => true,
            Some(' ') => shape[0] == 1 || shape.len() == 2,
            _ => false,
        }
}

/// `1998-2004`, `2024 2025`.
fn are_years(number: &Numeral, shape: &[usize]) -> bool {
    shape.iter().enumerate().all(|(group, len)| *len == 4 && (1800..2100).contains(&number.value(group)))
}

/// An ISBN-13 with its groups.
fn is_book(number: &Numeral) -> bool {
    number.digits.len() == 13 && matches!(number.digits[..3], [9, 7, 8 | 9])
}

/// `x123`, ` ext. 123`, ` Durchwahl 12` behind a number.
fn extension_end(text: &Text, end: usize) -> usize {
    const MARKS: [&str; 8] = ["x", "ext.", "ext", "extension", "durchwahl", "ramal", "poste", "#"];
    let from = run(text, end, 2, |c| c == ' ' || c == ',');
    let found = MARKS.iter().find_map(|mark| {
        let length = mark.chars().count();
        let same = text.get(from..from + length)?.iter().flat_map(|c| c.to_lowercase()).eq(mark.chars());
        let digits = run(text, from + length, 1, |c| c == ' ');
        let to = run(text, digits, 6, |c| c.is_ascii_digit());
        (same && to > digits && ends_word(text, to)).then_some(to)
    });
    found.unwrap_or(end)
}
