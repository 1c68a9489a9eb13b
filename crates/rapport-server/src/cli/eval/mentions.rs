//! `rapport eval mentions`: titles found in conversations about films, and in messages about anything else.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use rapport_core::catalog::{Catalog, Change, Item, Rules};
use rapport_core::ids::Name;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::cli::eval::query;
use crate::cli::output;

/// Looks for the films of ReDial in messages, by evidence and by plain titles, and prints a Markdown report.
#[derive(clap::Args)]
pub struct Args {
    /// The folder of `c_redial_catalogue.jsonl`, `c_redial_dialogues.jsonl`, `c_ccpe_partial_utterances.jsonl`,
    /// `a_clinc150.jsonl`, `a_hwu64.jsonl` and `a_snips.jsonl`.
    #[arg(long, value_name = "DIR", default_value = "../shared/data")]
    data: PathBuf,
    /// Answer in JSON.
    #[arg(long)]
    json: bool,
}

const INTRODUCTION: &str = "\
Films of ReDial's catalogue (6,588 titles) looked for in messages. ReDial: turns whose films are labelled; a stretch is
right if it names a labelled film, so a film named and not labelled counts against precision. CCPE: utterances whose
films are marked, counted where the catalogue has that title; right is what overlaps a marked stretch. Others: mentions
per 100 messages that are not about films; some of SNIPS are (\"find the movie\"), and those are counted as well. Only
the half of each set whose hash is even is measured: the list of ordinary words saw the other half; the weights were set by hand on this one.
Typos: one edit in a quarter of all words of five letters or more. Plain: every whole title, without rules of evidence.
";

/// How ReDial's turns are written down for a measurement.
const FORMS: [&str; 4] =
    ["as it is", "without years", "in small letters, without years", "with typos, without years"];
/// Messages that are not about films.
const OTHERS: [&str; 3] = ["a_clinc150", "a_hwu64", "a_snips"];
/// A marked stretch is in the catalogue if a title covers this share of it.
const COVERED: f64 = 0.8;

#[derive(Deserialize)]
struct Film {
    id: String,
    title: String,
}

#[derive(Deserialize)]
struct Dialogue {
    id: String,
    turns: Vec<Turn>,
}

#[derive(Deserialize)]
struct Turn {
    text: String,
    items: Vec<String>,
}

#[derive(Deserialize)]
struct Utterance {
    conv: u64,
    text: String,
    entities: Vec<Entity>,
    types_checked: Vec<String>,
}

#[derive(Deserialize)]
struct Entity {
    start: usize,
    end: usize,
    text: String,
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Deserialize)]
struct Message {
    text: String,
}

/// Hits and misses.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    wanted: usize,
    found: usize,
    said: usize,
    right: usize,
}

impl Counts {
    fn recall(&self) -> f64 {
        self.found as f64 / self.wanted.max(1) as f64
    }

    fn precision(&self) -> f64 {
        self.right as f64 / self.said.max(1) as f64
    }
}

/// Runs the command.
pub fn run(args: &Args) -> Result<ExitCode> {
    let catalog = catalogue(&args.data)?;
    let dialogues: Vec<Dialogue> = read(&args.data, "c_redial_dialogues.jsonl")?;
    let utterances: Vec<Utterance> = read(&args.data, "c_ccpe_partial_utterances.jsonl")?;
    let mut rows = Vec::new();
    for form in FORMS {
        rows.push((format!("ReDial, {form}"), both(|rules| redial(&catalog, &dialogues, form, rules))));
    }
    rows.push(("CCPE".to_owned(), both(|rules| ccpe(&catalog, &utterances, rules))));
    let mut others = BTreeMap::new();
    for name in OTHERS {
        let messages: Vec<Message> = read(&args.data, &format!("{name}.jsonl"))?;
        others.insert(name, both(|rules| per_hundred(&catalog, &messages, rules)));
    }
    if args.json {
        output::json(&as_json(&rows, &others))?
    } else {
        print(&rows, &others)?
    }
    Ok(ExitCode::SUCCESS)
}

/// By evidence, and by plain titles.
fn both<T>(of: impl Fn(Rules) -> T) -> [T; 2] {
    [of(Rules::Evidence), of(Rules::PlainTitles)]
}

fn redial(catalog: &Catalog, dialogues: &[Dialogue], form: &str, rules: Rules) -> Counts {
    let mut counts = Counts::default();
    for turn in dialogues.iter().filter(|d| is_measured(&d.id)).flat_map(|d| &d.turns) {
        let text = written(&turn.text, form);
        let mentions = catalog.mentions(&text, rules);
        let wanted: BTreeSet<&str> = turn.items.iter().map(String::as_str).collect();
        let found: BTreeSet<&str> = mentions.iter().map(|m| m.item.id.as_str()).collect();
        let spans: BTreeSet<_> = mentions.iter().map(|m| (m.start, m.end)).collect();
        let right: BTreeSet<_> = mentions
            .iter()
            .filter(|m| wanted.contains(m.item.id.as_str()))
            .map(|m| (m.start, m.end))
            .collect();
        counts.wanted += wanted.len();
        counts.found += wanted.intersection(&found).count();
        counts.said += spans.len();
        counts.right += right.len();
    }
    counts
}

fn ccpe(catalog: &Catalog, utterances: &[Utterance], rules: Rules) -> Counts {
    let mut counts = Counts::default();
    let checked = |u: &&Utterance| u.types_checked.iter().any(|kind| kind == "title");
    for said in utterances.iter().filter(checked).filter(|u| is_measured(&u.conv.to_string())) {
        let films: Vec<&Entity> = said.entities.iter().filter(|e| e.kind == "MOVIE_OR_SERIES").collect();
        let spans: BTreeSet<_> =
            catalog.mentions(&said.text, rules).iter().map(|m| (m.start, m.end)).collect();
        let overlaps = |film: &Entity, span: &(usize, usize)| span.0 < film.end && film.start < span.1;
        let known = films.iter().filter(|film| is_known(catalog, &film.text));
        for film in known {
            counts.wanted += 1;
            counts.found += usize::from(spans.iter().any(|span| overlaps(film, span)));
        }
        counts.said += spans.len();
        counts.right += spans.iter().filter(|span| films.iter().any(|film| overlaps(film, span))).count();
    }
    counts
}

/// Whether the catalogue has a title that is nearly all of `words`.
fn is_known(catalog: &Catalog, words: &str) -> bool {
    let long = words.chars().count() as f64 * COVERED;
    catalog.mentions(words, Rules::PlainTitles).iter().any(|m| (m.end - m.start) as f64 >= long)
}

fn per_hundred(catalog: &Catalog, messages: &[Message], rules: Rules) -> f64 {
    let measured: Vec<&Message> = messages.iter().filter(|m| is_measured(&m.text)).collect();
    let spans = |text: &str| -> usize {
        let mentions = catalog.mentions(text, rules);
        mentions.iter().map(|m| m.start).collect::<BTreeSet<_>>().len()
    };
    let found: usize = measured.iter().map(|message| spans(&message.text)).sum();
    100.0 * found as f64 / measured.len().max(1) as f64
}

fn written(text: &str, form: &str) -> String {
    match FORMS.iter().position(|known| *known == form) {
        Some(1) => without_years(text),
        Some(2) => without_years(text).to_lowercase(),
        Some(3) => with_typos(&without_years(text)),
        _ => text.to_owned(),
    }
}

/// Without "(1999)" and the space before it.
fn without_years(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find('(') {
        let year = rest[open + 1..].split_once(')').map_or("", |(inside, _)| inside);
        let is_year = year.len() == 4 && year.bytes().all(|b| b.is_ascii_digit());
        let keep = if is_year { rest[..open].trim_end() } else { &rest[..open + 1] };
        out.push_str(keep);
        rest = &rest[(if is_year { open + year.len() + 2 } else { open + 1 }).min(rest.len())..];
    }
    out + rest
}

/// One edit in a quarter of the words of five letters or more, the same each time.
fn with_typos(text: &str) -> String {
    let mut state = hash(text) | 1;
    let mut draw = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as usize % below
    };
    let words = text.split(' ').map(|word| {
        let mut letters: Vec<char> = word.chars().collect();
        if letters.len() < 5 || !letters.iter().all(char::is_ascii_alphabetic) || draw(4) > 0 {
            return word.to_owned();
        }
        let at = 1 + draw(letters.len() - 2);
        match draw(4) {
            0 => drop(letters.remove(at)),
            1 => letters.insert(at, letters[at]),
            2 => letters.swap(at, at + 1),
            _ => letters[at] = (b'a' + draw(26) as u8) as char,
        }
        letters.into_iter().collect()
    });
    words.collect::<Vec<String>>().join(" ")
}

/// The half that nothing was learnt from.
fn is_measured(name: &str) -> bool {
    hash(name).is_multiple_of(2)
}

fn hash(name: &str) -> u64 {
    name.bytes().fold(7, |hash: u64, byte| hash.wrapping_mul(31).wrapping_add(byte.into()))
}

fn catalogue(folder: &Path) -> Result<Catalog> {
    let films: Vec<Film> = read(folder, "c_redial_catalogue.jsonl")?;
    let item = |film: &Film| -> Result<Change> {
        let body = json!({"kind": "film", "title": film.title, "created_at": "2025-01-01T00:00:00Z"});
        Ok(Change::Put(Arc::new(Item::parse(Name::new(&film.id)?, &body)?)))
    };
    let titled = films.iter().filter(|film| !film.title.is_empty());
    Ok(Catalog::default().with(titled.map(item).collect::<Result<Vec<_>>>()?))
}

fn read<T: DeserializeOwned>(folder: &Path, name: &str) -> Result<Vec<T>> {
    let (lines, bad) = query::values(&folder.join(name))?;
    if let Some(first) = bad.first() {
        bail!("{first}");
    }
    lines.into_iter().map(|(at, value)| serde_json::from_value(value).context(at)).collect()
}

type Rows = [(String, [Counts; 2])];
type Others = BTreeMap<&'static str, [f64; 2]>;

fn as_json(rows: &Rows, others: &Others) -> Value {
    let one = |counts: &Counts| {
        json!({
            "wanted": counts.wanted, "recall": counts.recall(),
            "found": counts.said, "precision": counts.precision(),
        })
    };
    let found: serde_json::Map<String, Value> = rows
        .iter()
        .map(|(name, [evidence, plain])| {
            (name.clone(), json!({"evidence": one(evidence), "plain": one(plain)}))
        })
        .collect();
    let elsewhere: serde_json::Map<String, Value> = others
        .iter()
        .map(|(name, [evidence, plain])| ((*name).to_owned(), json!({"evidence": evidence, "plain": plain})))
        .collect();
    json!({"found": found, "per_100_elsewhere": elsewhere})
}

fn print(rows: &Rows, others: &Others) -> Result<()> {
    output::line(INTRODUCTION)?;
    output::line("| messages | named | recall | precision | plain recall | plain precision |")?;
    output::line("|---|---:|---:|---:|---:|---:|")?;
    for (name, [evidence, plain]) in rows {
        output::line(format!(
            "| {name} | {} | {:.3} | {:.3} | {:.3} | {:.3} |",
            evidence.wanted,
            evidence.recall(),
            evidence.precision(),
            plain.recall(),
            plain.precision()
        ))?;
    }
    output::line("\n| not about films | mentions per 100 messages | plain |\n|---|---:|---:|")?;
    for (name, [evidence, plain]) in others {
        output::line(format!("| {name} | {evidence:.2} | {plain:.1} |"))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years_in_brackets_go_and_other_brackets_stay() {
        assert_eq!(without_years("I saw Heat (1995) (again) and It (2017)"), "I saw Heat (again) and It");
        assert_eq!(without_years("(1995"), "(1995");
    }

    #[test]
    fn typos_are_the_same_each_time_and_spare_short_words() {
        let text = "the shawshank redemption and the godfather were wonderful pictures";
        assert_eq!(with_typos(text), with_typos(text));
        assert_eq!(with_typos(text).split(' ').next(), Some("the"));
    }
}
