//! Full dates: day, month and year. They count as personal only where a word says that they are of a birth.

use super::numeral::Numeral;
use super::text::{Text, digit, run, starts_word};

/// Whether the first three groups are a date of 1800 to 2099, in any of the three orders, with one separator.
pub(super) fn begins_with_date(number: &Numeral) -> bool {
    let [a, b, c, ..] = number.shape()[..] else { return false };
    let [x, y, z] = [number.value(0), number.value(1), number.value(2)];
    let one_separator = number.groups[1].after == number.groups[2].after;
    let day_month = |a: u32, b: u32| (1..=31).contains(&a.max(b)) && (1..=12).contains(&a.min(b));
    let short = |len: usize| len <= 2;
    let year_first = a == 4 && (1800..2100).contains(&x) && short(b) && short(c) && day_month(y, z);
    let year_last = c == 4 && (1800..2100).contains(&z) && short(a) && short(b) && day_month(x, y);
    let short_year = short(a) && short(b) && c == 2 && number.groups.len() == 3 && day_month(x, y);
    one_separator && (year_first || year_last || short_year)
}

/// The end of a date of digits that `number` begins with.
pub(super) fn numeric_end(number: &Numeral) -> Option<usize> {
    begins_with_date(number).then(|| number.groups[2].end)
}

/// A date with the month's name that begins at `at`: `12 March 1985`, `March 12, 1985`, `12 de marzo de 1985`,
/// `1985년 3월 12일`.
pub(super) fn written_end(text: &Text, at: usize) -> Option<usize> {
    if !starts_word(text, at) {
        return None;
    }
    let mut parts = Parts::default();
    let mut end = at;
    let mut from = at;
    for _ in 0..8 {
        let to = run(text, from, 16, |c| digit(c).is_some());
        let to = if to > from {
            to
        } else {
            run(text, from, 16, |c| c.is_alphabetic() || ('\u{900}'..='\u{97f}').contains(&c))
        };
        if to == from || !parts.take(&text[from..to]) {
            break;
        }
        if parts.are_complete() {
            let tail = run(text, to, 1, |c| c == '일');
            return Some(tail);
        }
        end = to;
        from = run(text, to, 2, |c| " .,'년월\u{ba}".contains(c));
    }
    let _ = end;
    None
}

#[derive(Default)]
struct Parts {
    day: bool,
    month: bool,
    year: bool,
}

impl Parts {
    /// Whether this word can be part of a date; at most one of each.
    fn take(&mut self, word: &[char]) -> bool {
        let slot = match word.iter().map(|c| digit(*c)).collect::<Option<Vec<u8>>>() {
            Some(digits) if digits.len() == 4 => &mut self.year,
            // Korean months are digits.
            Some(digits) if digits.len() <= 2 && self.year && !self.month => &mut self.month,
            Some(digits) if digits.len() <= 2 => &mut self.day,
            Some(_) => return false,
            None => {
                let word: String = word.iter().flat_map(|c| c.to_lowercase()).collect();
                if matches!(
                    word.as_str(),
                    "de" | "of" | "the" | "st" | "nd" | "rd" | "th" | "er" | "del" | "को"
                ) {
                    return true;
                }
                if !is_month(&word) {
                    return false;
                }
                &mut self.month
            }
        };
        !std::mem::replace(slot, true)
    }

    fn are_complete(&self) -> bool {
        self.day && self.month && self.year
    }
}

#[rustfmt::skip]
fn is_month(word: &str) -> bool {
    matches!(word,
        "january" | "february" | "march" | "april" | "may" | "june" | "july" | "august" | "september" | "october" | "november" | "december"
        | "jan" | "feb" | "mar" | "apr" | "jun" | "jul" | "aug" | "sep" | "sept" | "oct" | "nov" | "dec"
        | "enero" | "febrero" | "marzo" | "abril" | "mayo" | "junio" | "julio" | "agosto" | "septiembre" | "setiembre" | "octubre" | "noviembre" | "diciembre"
        | "januar" | "jänner" | "februar" | "märz" | "mai" | "juni" | "juli" | "oktober" | "dezember"
        | "janvier" | "février" | "mars" | "avril" | "juin" | "juillet" | "août" | "septembre" | "octobre" | "novembre" | "décembre"
        | "janeiro" | "fevereiro" | "março" | "maio" | "junho" | "julho" | "setembro" | "outubro" | "novembro" | "dezembro"
        | "जनवरी" | "फरवरी" | "मार्च" | "अप्रैल" | "मई" | "जून" | "जुलाई" | "अगस्त" | "सितंबर" | "सितम्बर" | "अक्टूबर" | "नवंबर" | "नवम्बर" | "दिसंबर" | "दिसम्बर")
}
