//! National numbers of persons, by the form and the check digits that each state gives them.

use super::checksum::{mod_11_10, mod_97, verhoeff, weighted};
use super::numeral::Numeral;
use super::text::{Text, digit, ends_word, run, starts_word};

/// A number of digits only: its kind and its end.
pub(super) fn of_digits(number: &Numeral, announced: bool) -> Option<(&'static str, usize)> {
    if number.plus || number.groups[0].after == '(' {
        return None;
    }
    let shape = number.shape();
    number.beginnings().enumerate().find_map(|(dropped, (digits, end))| {
        let groups = &shape[..shape.len() - dropped];
        recognise(digits, groups, number, announced).map(|kind| (kind, end))
    })
}

fn recognise(digits: &[u8], groups: &[usize], number: &Numeral, announced: bool) -> Option<&'static str> {
    let bare = groups.len() == 1;
    let after = |group: usize| number.groups[group].after;
    let kind = match groups {
        [3, 2, 4] if after(1) == after(2) && is_ssn(digits) => "ssn",
        [9] if announced && is_ssn(digits) => "ssn",
        [3, 3, 4] if announced && is_nhs(digits) => "nhs_number",
        [10] if announced && is_nhs(digits) => "nhs_number",
        [3, 3, 3, 2] | [9, 2] | [11] if is_cpf(digits) => "cpf",
        [2, 3, 3, 4, 2] | [8, 4, 2] | [14] if is_cnpj(digits) => "cnpj",
        [2, 3, 3, 3] | [11] if is_tax_id(digits) => "tax_id",
        [4, 4, 4] | [12] if digits[0] > 1 && verhoeff(digits) => "aadhaar",
        [6, 7] | [13] if is_resident_number(digits, bare) => "rrn",
        _ if digits.len() == 15 && is_nir(digits) => "nir",
        _ => return None,
    };
    Some(kind)
}

/// United States: no area 000, 666; 9xx are the tax office's numbers of the same form; no group of zeros.
fn is_ssn(digits: &[u8]) -> bool {
    !matches!(digits[..3], [0, 0, 0] | [6, 6, 6]) && digits[3..5] != [0, 0] && digits[5..] != [0, 0, 0, 0]
}

/// England's health service: weights 10 to 2, modulo 11.
fn is_nhs(digits: &[u8]) -> bool {
    let check = (11 - weighted(&digits[..9], &[10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11) % 11;
    check == u32::from(digits[9])
}

/// Brazil's persons: two check digits modulo 11; all digits equal is no number.
fn is_cpf(digits: &[u8]) -> bool {
    const WEIGHTS: [u32; 10] = [11, 10, 9, 8, 7, 6, 5, 4, 3, 2];
    !all_equal(digits)
        && brazilian(&digits[..9], &WEIGHTS[1..]) == digits[9]
        && brazilian(&digits[..10], &WEIGHTS) == digits[10]
}

/// Brazil's companies: two check digits modulo 11.
fn is_cnpj(digits: &[u8]) -> bool {
    const WEIGHTS: [u32; 13] = [6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2];
    !all_equal(digits)
        && brazilian(&digits[..12], &WEIGHTS[1..]) == digits[12]
        && brazilian(&digits[..13], &WEIGHTS) == digits[13]
}

fn brazilian(digits: &[u8], weights: &[u32]) -> u8 {
    match weighted(digits, weights) % 11 {
        0 | 1 => 0,
        rest => (11 - rest) as u8,
    }
}

/// Germany: no leading zero, some digit twice or three times, ISO 7064 MOD 11,10.
fn is_tax_id(digits: &[u8]) -> bool {
    let most = (0..10).map(|d| digits[..10].iter().filter(|&&x| x == d).count()).max();
    digits[0] != 0 && matches!(most, Some(2 | 3)) && mod_11_10(digits)
}

/// South Korea: a date of birth, then 1 to 8; the last digit checks numbers issued before October 2020 only.
fn is_resident_number(digits: &[u8], bare: bool) -> bool {
    let two = |at: usize| digits[at] * 10 + digits[at + 1];
    let dated = (1..=12).contains(&two(2)) && (1..=31).contains(&two(4)) && (1..=8).contains(&digits[6]);
    let sum = weighted(&digits[..12], &[2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5]);
    dated && (!bare || (11 - sum % 11) % 10 == u32::from(digits[12]))
}

/// France: sex, year, month, department, commune, order, and 97 minus the remainder of it all.
fn is_nir(digits: &[u8]) -> bool {
    let check = u32::from(digits[13] * 10 + digits[14]);
    matches!(digits[0], 1..=4 | 7 | 8) && 97 - mod_97(&digits[..13]) == check
}

fn all_equal(digits: &[u8]) -> bool {
    digits.iter().all(|d| *d == digits[0])
}

/// A kind, its form in the language of [`fit`], and its check.
type Form = (&'static str, &'static str, fn(&[char]) -> bool);

/// A number with letters in it that begins at `at`: its kind and its end.
pub(super) fn with_letters(text: &Text, at: usize) -> Option<(&'static str, usize)> {
    if !starts_word(text, at) {
        return None;
    }
    const FORMS: [Form; 6] = [
        ("nino", "AA######A", is_nino),
        ("dni", "########A", is_dni),
        ("nie", "A#######A", is_nie),
        ("pan", "AAAAA####A", is_pan),
        ("curp", "AAAA######AAAAAA*#", |_| true),
        ("codice_fiscale", "AAAAAA##A##A###A", |_| true),
    ];
    FORMS.iter().find_map(|(kind, form, valid)| {
        let (letters, end) = fit(text, at, form)?;
        valid(&letters).then_some((*kind, end))
    })
}

/// Forms from this length on are written without anything between.
const UNBROKEN: usize = 10;

/// Letters (`A`), digits (`#`) or either (`*`), with single spaces, hyphens or dots between; in upper case.
fn fit(text: &Text, at: usize, form: &str) -> Option<(Vec<char>, usize)> {
    let mut found = Vec::with_capacity(form.len());
    let mut end = at;
    for wanted in form.chars() {
        let between = text.get(end).is_some_and(|c| *c == '-' || matches!(c, ' ' | '.') && found.len() > 1);
        if between && !found.is_empty() && form.len() < UNBROKEN {
            end += 1;
        }
        let c = *text.get(end)?;
        let fits = match wanted {
            'A' => c.is_ascii_alphabetic(),
            '#' => c.is_ascii_digit(),
            _ => c.is_ascii_alphanumeric(),
        };
        if !fits {
            return None;
        }
        found.push(c.to_ascii_uppercase());
        end += 1;
    }
    ends_word(text, end).then_some((found, end))
}

/// United Kingdom: prefixes that are never issued, and a suffix A to D.
fn is_nino(letters: &[char]) -> bool {
    !"DFIQUV".contains(letters[0])
        && !"DFIQUVO".contains(letters[1])
        && !["BG", "GB", "KN", "NK", "NT", "TN", "ZZ"]
            .iter()
            .any(|p| p.chars().eq(letters[..2].iter().copied()))
        && ('A'..='D').contains(&letters[8])
}

/// Spain: the letter is the number modulo 23.
fn is_dni(letters: &[char]) -> bool {
    spanish_letter(letters[..8].iter().copied()) == Some(letters[8])
}

/// Spain's foreigners: X, Y, Z stand for 0, 1, 2.
fn is_nie(letters: &[char]) -> bool {
    let Some(first) = "XYZ".find(letters[0]).and_then(|at| char::from_digit(at as u32, 10)) else {
        return false;
    };
    let digits = std::iter::once(first).chain(letters[1..8].iter().copied());
    spanish_letter(digits) == Some(letters[8])
}

fn spanish_letter(digits: impl Iterator<Item = char>) -> Option<char> {
    let number = digits.filter_map(|c| c.to_digit(10)).fold(0, |number, d| number * 10 + d);
    "TRWAGMYFPDXBNJZSQVHLCKE".chars().nth((number % 23) as usize)
}

/// India's tax office: the fourth letter is the kind of holder.
fn is_pan(letters: &[char]) -> bool {
    "ABCFGHJLPT".contains(letters[3])
}

/// A document's number that a word announces: five or more letters and digits, of which at least three are digits.
pub(super) fn announced_code(text: &Text, at: usize) -> Option<usize> {
    if !starts_word(text, at) {
        return None;
    }
    let mut end = run(text, at, 32, |c| c.is_ascii_alphanumeric() || c == '-' || digit(c).is_some());
    while end > at && text[end - 1] == '-' {
        end -= 1;
    }
    let digits = text[at..end].iter().filter(|c| digit(**c).is_some()).count();
    (end - at >= 5 && digits >= 3 && ends_word(text, end)).then_some(end)
}
