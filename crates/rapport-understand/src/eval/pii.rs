//! Personal data: how much of it is covered, and how many ordinary messages are masked for nothing?

use std::collections::BTreeMap;
use std::path::Path;

use rapport_core::understanding::PiiSpan;

use super::rows::{Row, held_out};
use super::{EvalError, Report, Table};
use crate::Understander;

const LABELLED: &str = "f_pii_presidio";
const ORDINARY: [&str; 5] = ["a_clinc150", "a_hwu64", "a_slurp", "a_snips", "a_banking77"];
/// What the issue calls numeric; a date or a place alone names nobody.
const NUMERIC: [&str; 6] =
    ["CREDIT_CARD", "IBAN_CODE", "EMAIL_ADDRESS", "PHONE_NUMBER", "IP_ADDRESS", "US_SSN"];
const NAMES: &str = "PERSON";
const STREETS: &str = "STREET_ADDRESS";

/// How much of some labelled spans is covered.
#[derive(Clone, Copy, Default)]
struct Coverage {
    spans: usize,
    whole: usize,
    characters: usize,
    covered: usize,
    naive: usize,
}

/// Evaluates the search for personal data on the held-out rows of the data folder `data`, with a naive masker as the
/// floor: every run of seven digits or more, every word with an `@`, every capitalised word that begins no sentence.
///
/// # Errors
/// If the data can't be read.
pub fn pii(u: &Understander, data: &Path) -> Result<Report, EvalError> {
    let labelled = held_out(data, LABELLED)?;
    let title = "Personal data on held-out rows. *Covered*: the share of labelled letters and digits that lie in a \
                 span of any kind. *Whole*: the share of labelled spans with every letter and digit covered. *Naive*: \
                 covered when every run of 7 digits, word with `@` and capitalised word within a sentence is masked.";
    Ok(Report { title: title.into(), tables: vec![coverage(u, &labelled), false_masks(u, data)?] })
}

fn coverage(u: &Understander, rows: &[Row]) -> Table {
    let mut kinds: BTreeMap<&str, Coverage> = BTreeMap::new();
    for row in rows {
        let text: Vec<char> = row.text.chars().collect();
        let found = mask(text.len(), &u.personal_data(&row.text));
        let naive = naive(&text);
        for span in &row.spans {
            kinds.entry(&span.kind).or_default().count(&text, span.start..span.end, &found, &naive);
        }
    }
    let of = |wanted: &[&str]| {
        let chosen = kinds.iter().filter(|(kind, _)| wanted.contains(kind));
        chosen.fold(Coverage::default(), |sum, (_, one)| sum.plus(*one))
    };
    let mut table = Table::new("labelled as", &["spans", "covered", "whole", "naive covered"]);
    table.push("numeric (all of the next six)", of(&NUMERIC).values());
    for kind in NUMERIC {
        table.push(kind, of(&[kind]).values());
    }
    table.push("names and streets", of(&[NAMES, STREETS]).values());
    table.push(NAMES, of(&[NAMES]).values());
    table.push(STREETS, of(&[STREETS]).values());
    table
}

fn false_masks(u: &Understander, data: &Path) -> Result<Table, EvalError> {
    let columns = ["n", "any span", "name", "street", "other kinds", "naive"];
    let mut table = Table::new("ordinary requests (messages with a span)", &columns);
    for set in ORDINARY {
        let rows = held_out(data, set)?;
        let share = |test: &dyn Fn(&Row) -> bool| {
            (!rows.is_empty()).then(|| rows.iter().filter(|row| test(row)).count() as f64 / rows.len() as f64)
        };
        let has = |row: &Row, test: fn(&str) -> bool| u.personal_data(&row.text).iter().any(|s| test(s.kind));
        table.push(
            set,
            vec![
                Some(rows.len() as f64),
                share(&|row| has(row, |_| true)),
                share(&|row| has(row, |kind| kind == "person")),
                share(&|row| has(row, |kind| kind == "street_address")),
                share(&|row| has(row, |kind| kind != "person" && kind != "street_address")),
                share(&|row| naive(&row.text.chars().collect::<Vec<_>>()).contains(&true)),
            ],
        );
    }
    Ok(table)
}

impl Coverage {
    fn count(&mut self, text: &[char], span: std::ops::Range<usize>, found: &[bool], naive: &[bool]) {
        let told: Vec<usize> = span.filter(|&at| text.get(at).is_some_and(|c| c.is_alphanumeric())).collect();
        let covered = told.iter().filter(|&&at| found[at]).count();
        self.spans += 1;
        self.whole += usize::from(covered == told.len());
        self.characters += told.len();
        self.covered += covered;
        self.naive += told.iter().filter(|&&at| naive[at]).count();
    }

    fn plus(self, other: Self) -> Self {
        Self {
            spans: self.spans + other.spans,
            whole: self.whole + other.whole,
            characters: self.characters + other.characters,
            covered: self.covered + other.covered,
            naive: self.naive + other.naive,
        }
    }

    fn values(self) -> Vec<Option<f64>> {
        let share = |part: usize, of: usize| (of > 0).then(|| part as f64 / of as f64);
        vec![
            Some(self.spans as f64),
            share(self.covered, self.characters),
            share(self.whole, self.spans),
            share(self.naive, self.characters),
        ]
    }
}

fn mask(length: usize, spans: &[PiiSpan]) -> Vec<bool> {
    let mut mask = vec![false; length];
    for span in spans {
        mask[span.start..span.end.min(length)].fill(true);
    }
    mask
}

/// The floor: no model, no check digits.
fn naive(text: &[char]) -> Vec<bool> {
    let mut mask = vec![false; text.len()];
    let mut begins_sentence = true;
    let mut start = 0;
    for word in text.split_inclusive(|c| c.is_whitespace()) {
        let digits = word.iter().filter(|c| c.is_ascii_digit()).count();
        let capital = word.first().is_some_and(|c| c.is_uppercase()) && !begins_sentence;
        mask[start..start + word.len()].fill(digits >= 7 || word.contains(&'@') || capital);
        begins_sentence = word.iter().any(|c| ".!?:\n".contains(*c));
        start += word.len();
    }
    mask
}
