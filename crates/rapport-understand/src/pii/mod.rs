//! Personal data in a text: what has a form is found by form and check digits, names and streets by a small tagger.
//!
//! Hand-written scanners over scalar values: no back-tracking, every look-ahead bounded, so that time is linear, and
//! the offsets come out in the contract's unit.

mod bank;
mod checksum;
mod cue;
mod date;
mod national;
mod numeral;
mod phone;
mod spoken;
mod tagger;
#[cfg(test)]
mod tests;
mod text;
mod web;

use rapport_core::understanding::PiiSpan;

pub use tagger::Tagger;

use cue::Cue;
use numeral::Numeral;
use text::{Text, digit, starts_word};

/// Longest text that is scanned, in scalar values.
const LIMIT: usize = 65_536;

/// All spans, in reading order, without overlaps.
pub(crate) fn find(text: &str, tagger: &Tagger) -> Vec<PiiSpan> {
    let text: Vec<char> = text.chars().take(LIMIT).collect();
    let found = forms(&text);
    let mut tagged = Vec::new();
    tagger.find(&text, &mut tagged);
    if tagged.is_empty() { found } else { merge(&text, found, tagged) }
}

/// What has a form, in reading order.
fn forms(text: &Text) -> Vec<PiiSpan> {
    let mut found = Vec::new();
    if text.iter().any(|c| *c == '@' || *c == ':' || digit(*c).is_some()) || web::names_a_site(text) {
        scan(text, &mut found);
    }
    spoken::find(text, &mut found);
    settle(found)
}

/// One pass: at each beginning of a word, the first form that fits takes its characters.
fn scan(text: &Text, spans: &mut Vec<PiiSpan>) {
    let mut at = 0;
    while at < text.len() {
        let next = match begins(text, at) {
            Begins::Nothing => None,
            Begins::Mail => web::email(text, at).map(|(start, end)| PiiSpan { kind: "email", start, end }),
            Begins::Word => word(text, at),
            Begins::Number => number(text, at),
        };
        at = match next {
            Some(span) => {
                let end = span.end;
                // An address that follows a number or a code may reach back over it.
                spans.retain(|earlier| earlier.end <= span.start);
                spans.push(span);
                end
            }
            None => at + 1,
        };
    }
}

enum Begins {
    Nothing,
    Mail,
    Word,
    Number,
}

fn begins(text: &Text, at: usize) -> Begins {
    let c = text[at];
    let before = at.checked_sub(1).map(|before| text[before]);
    match c {
        '@' => Begins::Mail,
        // Read before, from the sign on.
        '0'..='9' if before == Some('+') => Begins::Nothing,
        '+' | '(' if before.is_some_and(|before| digit(before).is_some()) => Begins::Nothing,
        '+' | '(' if text[at + 1..].iter().take(2).any(|c| digit(*c).is_some() || *c == '+') => {
            Begins::Number
        }
        _ if digit(c).is_some() && starts_word(text, at) => Begins::Number,
        ':' if text.get(at + 1) == Some(&':') => Begins::Word,
        _ if c.is_alphabetic() && starts_word(text, at) => Begins::Word,
        _ => Begins::Nothing,
    }
}

/// What a letter at the beginning of a word may begin.
fn word(text: &Text, at: usize) -> Option<PiiSpan> {
    let span = |(kind, end)| PiiSpan { kind, start: at, end };
    if let Some(end) = web::url(text, at) {
        return Some(span(("url", end)));
    }
    // The rest have a digit or a colon early on; most words have neither.
    if !text[at..].iter().take(10).any(|c| c.is_ascii_digit() || *c == ':') {
        return date_of_birth(text, at).map(span);
    }
    None.or_else(|| bank::iban(text, at).map(|end| ("iban", end)))
        .or_else(|| national::with_letters(text, at))
        .or_else(|| web::network(text, at))
        .or_else(|| web::wallet(text, at).map(|end| ("crypto_wallet", end)))
        .or_else(|| date_of_birth(text, at))
        .or_else(|| announced_code(text, at))
        .map(span)
}

/// What a digit, a `+` or a `(` may begin.
fn number(text: &Text, at: usize) -> Option<PiiSpan> {
    let span = |(kind, end)| PiiSpan { kind, start: at, end };
    if at > 0 && matches!(text[at - 1], '.' | ',') && at > 1 && digit(text[at - 2]).is_some() {
        return None;
    }
    if digit(text[at]).is_some() {
        let fixed = web::network(text, at)
            .or_else(|| national::with_letters(text, at))
            .or_else(|| web::wallet(text, at).map(|end| ("crypto_wallet", end)));
        if fixed.is_some() {
            return fixed.map(span);
        }
    }
    let number = Numeral::read(text, at)?;
    of_digits(text, &number).or_else(|| announced_code(text, at)).map(span)
}

fn of_digits(text: &Text, number: &Numeral) -> Option<(&'static str, usize)> {
    if number.is_spelled() {
        return Some(("long_number", number.end()));
    }
    let date = date::numeric_end(number).or_else(|| date::written_end(text, number.start));
    if number.digits.len() < 3 && date.is_none() {
        return None;
    }
    let cue = cue::nearest(text, number.start, number.end());
    let announced = cue == Some(Cue::Identity);
    if let (Some(Cue::Birth), Some(end)) = (cue, date) {
        return Some(("date_of_birth", end));
    }
    if !text::ends_number(text, number.end()) && text.get(number.end()) != Some(&'x') {
        return None;
    }
    bank::card(number, announced)
        .map(|end| ("card", end))
        .or_else(|| national::of_digits(number, announced))
        .or_else(|| phone::phone(text, number, cue).map(|end| ("phone", end)))
        .or_else(|| named(text, number, cue))
}

/// A number that only the words before it make personal, or that is too long to count anything.
fn named(text: &Text, number: &Numeral, cue: Option<Cue>) -> Option<(&'static str, usize)> {
    let count = number.digits.len();
    let first = number.groups[0].len;
    let end = number.end();
    if number.plus || cue::counts_something(text, number.start, end) || date::begins_with_date(number) {
        return None;
    }
    let close = |kind| cue::precedes(text, number.start, 3, kind);
    match cue {
        Some(Cue::Identity) if count == 4 && (1800..2100).contains(&number.value(0)) => None,
        Some(Cue::Identity) if count >= 6 || count >= 4 && close(Cue::Identity) => {
            Some(("account_number", end))
        }
        Some(Cue::Secret) if (3..=8).contains(&first) && close(Cue::Secret) => {
            Some(("secret", number.groups[0].end))
        }
        Some(Cue::Postal) if (3..=10).contains(&count) => Some(("postal_code", end)),
        Some(Cue::Harmless) => None,
        _ => (first >= 9).then_some(("long_number", end)),
    }
}

fn announced_code(text: &Text, at: usize) -> Option<(&'static str, usize)> {
    let end = national::announced_code(text, at)?;
    cue::precedes(text, at, 4, Cue::Identity).then_some(("account_number", end))
}

fn date_of_birth(text: &Text, at: usize) -> Option<(&'static str, usize)> {
    let end = date::written_end(text, at)?;
    (cue::nearest(text, at, end) == Some(Cue::Birth)).then_some(("date_of_birth", end))
}

/// In reading order, without overlaps: of two that meet, what begins first stays, and the other loses what is covered.
fn settle(mut spans: Vec<PiiSpan>) -> Vec<PiiSpan> {
    spans.sort_by_key(|span| (span.start, usize::MAX - span.end));
    let mut end = 0;
    for span in &mut spans {
        span.start = span.start.max(end);
        end = end.max(span.end);
    }
    spans.retain(|span| span.start < span.end);
    spans
}

/// What has a form keeps its kind; of a name or street that meets it, the parts beside it remain.
fn merge(text: &Text, found: Vec<PiiSpan>, tagged: Vec<PiiSpan>) -> Vec<PiiSpan> {
    let mut parts = Vec::with_capacity(tagged.len());
    let mut ahead = found.iter().peekable();
    let mut covered = 0;
    for span in settle(tagged) {
        let mut start = span.start.max(covered);
        while ahead.next_if(|form| form.end <= start).is_some() {}
        while let Some(form) = ahead.next_if(|form| form.start < span.end) {
            parts.push(PiiSpan { start, end: form.start, ..span });
            start = form.end;
            covered = form.end;
        }
        parts.push(PiiSpan { start, ..span });
    }
    parts.retain(|part| {
        part.start < part.end && text[part.start..part.end].iter().any(|c| c.is_alphanumeric())
    });
    parts.extend(found);
    parts.sort_by_key(|span| span.start);
    parts
}
