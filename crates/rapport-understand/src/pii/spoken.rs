//! Numbers and addresses as a voice transcript spells them: "five five five oh one two three", "ana at mail dot com".

use rapport_core::understanding::PiiSpan;

use super::text::{Text, run};

/// Room for the longest word that is looked for, in bytes.
const LONGEST: usize = 20;
/// So many digit words in a row are no count of anything.
const ENOUGH: usize = 7;

/// All spoken numbers and e-mail addresses, in reading order.
pub(super) fn find(text: &Text, spans: &mut Vec<PiiSpan>) {
    let mut at = 0;
    let mut row = Row::default();
    while let Some((start, end)) = next_word(text, at) {
        at = end;
        let mut bytes = [0; LONGEST];
        let Some(word) = lower(&text[start..end], &mut bytes) else {
            row.finish(spans);
            continue;
        };
        if is_digit(word) {
            row.extend(start, end);
            continue;
        }
        // "five five five, dash, one two": pauses, and "double five".
        if row.count > 0 && matches!(word, "double" | "triple" | "dash" | "doble" | "doppel") {
            continue;
        }
        row.finish(spans);
        if let Some(end) = address_end(text, word, end) {
            spans.push(PiiSpan { kind: "email", start: local_start(text, start), end });
            at = end;
        }
    }
    row.finish(spans);
}

/// `word` in lower case, unless it is longer than any word that is looked for.
fn lower<'a>(word: &[char], bytes: &'a mut [u8; LONGEST]) -> Option<&'a str> {
    let mut length = 0;
    for c in word.iter().flat_map(|c| c.to_lowercase()) {
        length += c.encode_utf8(bytes.get_mut(length..length + c.len_utf8())?).len();
    }
    std::str::from_utf8(&bytes[..length]).ok()
}

#[derive(Default)]
struct Row {
    start: usize,
    end: usize,
    count: usize,
}

impl Row {
    fn extend(&mut self, start: usize, end: usize) {
        if self.count == 0 {
            self.start = start;
        }
        self.end = end;
        self.count += 1;
    }

    fn finish(&mut self, spans: &mut Vec<PiiSpan>) {
        if self.count >= ENOUGH {
            spans.push(PiiSpan { kind: "spoken_number", start: self.start, end: self.end });
        }
        *self = Self::default();
    }
}

fn next_word(text: &Text, at: usize) -> Option<(usize, usize)> {
    let start = at + text.get(at..)?.iter().position(|c| c.is_alphanumeric())?;
    let end = start
        + text[start..]
            .iter()
            .take_while(|c| c.is_alphanumeric() || ('\u{900}'..='\u{97f}').contains(*c))
            .count();
    Some((start, end))
}

#[rustfmt::skip]
fn is_digit(word: &str) -> bool {
    matches!(word, "zero" | "oh" | "o" | "one" | "two" | "three" | "four" | "five" | "six" | "seven" | "eight" | "nine"
        | "cero" | "uno" | "dos" | "tres" | "cuatro" | "cinco" | "seis" | "siete" | "ocho" | "nueve"
        | "null" | "eins" | "zwei" | "zwo" | "drei" | "vier" | "fünf" | "sechs" | "sieben" | "acht" | "neun"
        | "zéro" | "un" | "deux" | "trois" | "quatre" | "cinq" | "sept" | "huit" | "neuf"
        | "um" | "dois" | "três" | "quatro" | "meia" | "sete" | "oito" | "nove"
        | "शून्य" | "एक" | "दो" | "तीन" | "चार" | "पांच" | "पाँच" | "छह" | "सात" | "आठ" | "नौ"
        | "공" | "영" | "일" | "이" | "삼" | "사" | "오" | "육" | "칠" | "팔" | "구")
}

/// Where the address ends whose "at" ends at `end`: words joined by "dot", the last one a common ending.
fn address_end(text: &Text, word: &str, end: usize) -> Option<usize> {
    if !matches!(word, "at" | "arroba" | "arobase") {
        return None;
    }
    let (_, mut at) = next_word(text, end)?;
    for _ in 0..3 {
        let (start, to) = next_word(text, at)?;
        let joint: String = text[start..to].iter().collect();
        let (first, last) = next_word(text, to)?;
        if !matches!(joint.as_str(), "dot" | "punto" | "punkt" | "point" | "ponto") {
            return None;
        }
        let ending: String = text[first..last].iter().collect();
        if matches!(
            ending.as_str(),
            "com" | "org" | "net" | "edu" | "io" | "de" | "es" | "fr" | "br" | "pt" | "in" | "kr" | "uk"
        ) {
            return Some(last);
        }
        at = last;
    }
    None
}

/// The local part's words: the one before "at", and those joined to it by "dot" or "underscore".
fn local_start(text: &Text, at: usize) -> usize {
    let mut start = at;
    let mut joined = true;
    for _ in 0..8 {
        let gap = text[..start].iter().rev().take(2).take_while(|c| c.is_whitespace()).count();
        let length = text[..start - gap].iter().rev().take(32).take_while(|c| c.is_alphanumeric()).count();
        let from = start - gap - length;
        let word: String = text[from..start - gap].iter().collect();
        let joint =
            matches!(word.as_str(), "dot" | "underscore" | "punto" | "punkt" | "point" | "ponto" | "guion");
        if length == 0 || !(joined || joint) {
            break;
        }
        joined = joint;
        start = from;
    }
    run(text, start, 1, char::is_whitespace)
}
