//! `rapport bench names`: names found in messages, over a catalogue of synthetic titles, beside a naive look-up of
//! every run of words in a hash map.

use std::collections::HashMap;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Result, bail};
use rapport_core::catalog::{Catalog, Change, Item, Rules};
use rapport_core::ids::Name;
use serde_json::json;

use crate::cli::bench::messages::ENGLISH;
use crate::cli::bench::random::Random;
use crate::cli::bench::{Common, Report};

/// Measures how fast titles are found in messages, and what their index weighs.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    pub common: Common,
    /// Titles.
    #[arg(long, default_value_t = 1_000_000)]
    titles: usize,
    /// Messages.
    #[arg(long, default_value_t = 5_000)]
    messages: usize,
}

/// Different words in titles.
const WORDS: usize = 200_000;
/// Words of a title at most.
const LONGEST: usize = 5;
/// Syllables of the words.
const SYLLABLES: [&str; 20] = [
    "ba", "ko", "ri", "ten", "mar", "lo", "shi", "ver", "an", "dro", "qui", "sta", "pel", "no", "gra", "ul",
    "fi", "mon", "zer", "ca",
];

/// Runs the measurement.
pub fn measure(args: &Args) -> Result<Report> {
    if args.titles == 0 || args.messages == 0 {
        bail!("`--titles` and `--messages` are at least 1");
    }
    let mut random = Random::new(args.common.seed);
    let titles = titles(args.titles, &mut random);
    let changes = titles.iter().enumerate().map(change).collect::<Result<Vec<_>>>()?;
    let mut catalog = Catalog::default();
    let built = timed(|| catalog = Catalog::default().with(changes));
    let naive: HashMap<&str, u32> = titles.iter().map(String::as_str).zip(0u32..).collect();

    let ordinary: Vec<&str> = (0..args.messages).map(|_| ENGLISH[random.below(ENGLISH.len())]).collect();
    let naming: Vec<String> = (0..args.messages)
        .map(|_| {
            let title = &titles[random.below(titles.len())];
            format!("last night we watched {title} with some friends and it was really good I think")
        })
        .collect();
    let naming: Vec<&str> = naming.iter().map(String::as_str).collect();
    let each = |seconds: f64| seconds * 1e6 / args.messages as f64;
    let find = |texts: &[&str]| {
        texts.iter().map(|text| catalog.mentions(text, Rules::Evidence).len()).sum::<usize>()
    };

    let mut report = Report::new(args.titles, args.common.seed);
    report.figure("bytes_per_title", catalog.names().bytes() as f64 / args.titles as f64);
    report.figure("build_s", built);
    find(&ordinary);
    report.figure(
        "ordinary_us",
        each(timed(|| {
            black_box(find(&ordinary));
        })),
    );
    report.figure(
        "naming_us",
        each(timed(|| {
            black_box(find(&naming));
        })),
    );
    report.figure(
        "naive_ordinary_us",
        each(timed(|| {
            black_box(look_up(&naive, &ordinary));
        })),
    );
    report.figure(
        "naive_naming_us",
        each(timed(|| {
            black_box(look_up(&naive, &naming));
        })),
    );
    report.note("one thread; ordinary: short requests that name nothing; naming: 15 words or so, a title in the middle");
    report.note("naive: every run of up to five words, in small letters, looked up in a hash map: no misspellings, no evidence");
    Ok(report)
}

fn change((number, title): (usize, &String)) -> Result<Change> {
    let body = json!({"kind": "film", "title": title, "created_at": "2025-01-01T00:00:00Z"});
    Ok(Change::Put(Arc::new(Item::parse(Name::new(&number.to_string())?, &body)?)))
}

/// Titles of one to five words, the words drawn by Zipf's law: those of ordinary messages, and made-up ones.
fn titles(count: usize, random: &mut Random) -> Vec<String> {
    let mut words: Vec<String> = ENGLISH
        .iter()
        .flat_map(|text| text.split(' '))
        .map(|word| word.trim_matches([',', '?', '.']).to_lowercase())
        .collect();
    while words.len() < WORDS {
        let length = 2 + random.below(3);
        words.push((0..length).map(|_| SYLLABLES[random.below(SYLLABLES.len())]).collect());
    }
    let word = |random: &mut Random| {
        let share = random.below(1 << 20) as f64 / f64::from(1 << 20);
        words[((WORDS as f64).powf(share) as usize - 1).min(WORDS - 1)].clone()
    };
    (0..count)
        .map(|_| {
            let length = 1 + random.below(LONGEST);
            (0..length).map(|_| word(random)).collect::<Vec<_>>().join(" ")
        })
        .collect()
}

/// How many seconds `job` takes.
fn timed(job: impl FnOnce()) -> f64 {
    let start = Instant::now();
    job();
    start.elapsed().as_secs_f64()
}

/// How many runs of words are titles.
fn look_up(titles: &HashMap<&str, u32>, texts: &[&str]) -> usize {
    let mut found = 0;
    for text in texts {
        let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
        for from in 0..words.len() {
            for to in from + 1..=words.len().min(from + LONGEST) {
                found += usize::from(titles.contains_key(words[from..to].join(" ").as_str()));
            }
        }
    }
    found
}
