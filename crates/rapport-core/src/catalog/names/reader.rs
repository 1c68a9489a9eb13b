//! Finding names in a text.

use std::sync::Arc;

use crate::catalog::names::cues::Cue;
use crate::catalog::names::evidence::{Evidence, Manner, Stretch, cues};
use crate::catalog::names::lexicon::{Correction, is_correctable};
use crate::catalog::names::ordinary::is_ordinary;
use crate::catalog::names::spelling::{Spellings, Trail, is_article, space};
use crate::catalog::names::words::Words;
use crate::catalog::names::{Mention, Names};
use crate::catalog::{Catalog, Item};

/// Words of a name, and characters where each is a word.
const LONGEST: usize = 12;
const LONGEST_GLUED: usize = 30;
/// Ways of reading a misspelt stretch that are followed at once.
const READINGS: usize = 8;
/// Rows of one name that are looked at, and how many may share it: more, and it is a phrase and no name.
const ROWS: usize = 64;
const SHARED: usize = 8;
/// Items that one stretch may mean.
const MEANT: usize = 4;
/// Bits that double the odds' exponent: how steep confidence rises with evidence.
const STEEPNESS: f32 = 4.0;
/// From this confidence on it is a mention.
const SURE: f32 = 0.5;
/// What a part of a title counts less than the whole, in bits.
const PARTIAL: f32 = 4.0;
/// What spaces elsewhere than in the title count, in bits.
const RESPACED: f32 = 4.0;
/// What a wrong year counts, in bits.
const WRONG_YEAR: f32 = 24.0;
/// What a word that goes on behind the name counts, in bits: only particles do.
const GOES_ON: f32 = 3.0;

/// How names are told from ordinary words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rules {
    /// By evidence; misspellings and parts of titles count.
    #[default]
    Evidence,
    /// Every whole title, spelt as it is: a floor to compare with.
    PlainTitles,
}

impl Catalog {
    /// The items that `text` names, in reading order and without overlaps; a stretch that fits several names them
    /// all. Cost: about a microsecond a word over a million titles.
    pub fn mentions(&self, text: &str, rules: Rules) -> Vec<Mention> {
        let names = self.names();
        if names.runs.is_empty() {
            return Vec::new();
        }
        let words = Words::of(text);
        let reader = Reader::new(self, names, text, &words, rules);
        let mut found = Vec::new();
        for from in 0..words.list().len() {
            reader.read_from(from, &mut found);
        }
        reader.choose(found)
    }
}

/// One way of reading on.
#[derive(Clone, Copy, Debug, Default)]
struct Reading {
    trail: Trail,
    spaces: u64,
    edits: u32,
}

/// A stretch that fits a name.
#[derive(Clone, Debug)]
struct Found {
    from: usize,
    to: usize,
    /// Letters in it.
    weight: u32,
    score: f32,
    items: Vec<Arc<Item>>,
    /// Whether the article before it is its own.
    article: bool,
    year: bool,
}

struct Reader<'a> {
    catalog: &'a Catalog,
    names: &'a Names,
    words: &'a Words,
    cues: Vec<Cue>,
    manner: Manner,
    corrections: Vec<std::cell::OnceCell<Vec<Correction>>>,
    rules: Rules,
    titles: usize,
}

impl<'a> Reader<'a> {
    fn new(catalog: &'a Catalog, names: &'a Names, text: &str, words: &'a Words, rules: Rules) -> Self {
        let cues = cues(words);
        let manner = Manner::of(text, words, &cues);
        let corrections = vec![std::cell::OnceCell::new(); words.list().len()];
        Self { catalog, names, words, cues, manner, corrections, rules, titles: names.titles() }
    }

    /// Adds every name that begins with the word at `from`.
    fn read_from(&self, from: usize, found: &mut Vec<Found>) {
        let list = self.words.list();
        let first = self.words.letters(from);
        if first.is_empty() || (is_article(first) && from + 1 < list.len()) || self.is_inside(from) {
            return;
        }
        let longest = if list[from].glued { LONGEST_GLUED } else { LONGEST };
        let mut readings = vec![Reading::default()];
        for at in from..list.len().min(from + longest) {
            readings = self.read_on(&readings, at);
            if readings.is_empty() {
                return;
            }
            for reading in &readings {
                self.look_up(from, at + 1, reading, found);
            }
        }
    }

    /// Korean hangs particles behind its words and nothing before them: a name begins where a word does.
    fn is_inside(&self, at: usize) -> bool {
        let hangul = |c: char| matches!(c, '\u{1100}'..='\u{11ff}' | '\u{3130}'..='\u{318f}');
        let word = &self.words.list()[at];
        at > 0 && word.glued && !word.gap.any && self.words.letters(at).chars().any(hangul)
    }

    fn read_on(&self, readings: &[Reading], at: usize) -> Vec<Reading> {
        let said = self.words.letters(at);
        let mut next = Vec::with_capacity(readings.len());
        for reading in readings {
            next.extend(self.step(*reading, said, 0));
        }
        for correction in self.corrections(at) {
            for reading in readings.iter().filter(|reading| reading.edits == 0 || reading.trail.weight > 8) {
                next.extend(self.step(*reading, &correction.word, correction.edits));
            }
        }
        next.truncate(READINGS);
        next
    }

    fn step(&self, mut reading: Reading, letters: &str, edits: u32) -> Option<Reading> {
        for c in letters.chars() {
            let before = reading.trail.weight;
            reading.trail.step(c);
            if reading.trail.passed(before) {
                let beginning = reading.trail.beginning();
                if !self.names.runs.iter().any(|run| run.beginnings.contains(beginning)) {
                    return None;
                }
            }
        }
        reading.edits += edits;
        reading.spaces = space(reading.spaces, reading.trail.weight);
        Some(reading)
    }

    /// What the word at `at` may be a misspelling of; ordinary words and words of titles are no misspellings.
    fn corrections(&self, at: usize) -> &[Correction] {
        self.corrections[at].get_or_init(|| {
            let said = self.words.letters(at);
            let mut found = Vec::new();
            let tried = self.rules == Rules::Evidence
                && !self.words.list()[at].glued
                && is_correctable(said)
                && !is_ordinary(said);
            if !tried {
                return found;
            }
            for run in &self.names.runs {
                if run.lexicon.correct(said, &mut found) {
                    return Vec::new();
                }
            }
            found
        })
    }

    fn look_up(&self, from: usize, to: usize, reading: &Reading, found: &mut Vec<Found>) {
        let key = reading.trail.key();
        let mut rows = self.names.runs.iter().flat_map(|run| run.names.get(key)).take(ROWS).peekable();
        if rows.peek().is_none() || self.words.letters(to - 1).is_empty() {
            return;
        }
        let stretch = Stretch { from, to, edits: reading.edits };
        let evidence = Evidence::of(self.words, &self.cues, self.manner, stretch, self.titles);
        let score = evidence.score() - self.going_on(to);
        if score < 0.0 && self.rules == Rules::Evidence {
            return;
        }
        let said_year = self.words.year(to).filter(|_| evidence.year > 0);
        // Only a year tells many of one name apart; without one, a few more than may share it show that it is a phrase.
        let looked_at = if said_year.is_some() { ROWS } else { SHARED + 1 };
        let titles = rows.filter_map(|row| self.title(*row, key)).take(looked_at).collect::<Vec<_>>();
        if let Some(mut one) = self.resolve(titles, reading, said_year, evidence.year == 2) {
            one.score += score;
            (one.from, one.to, one.weight) = (from, to, reading.trail.weight);
            if one.score >= 0.0 || self.rules == Rules::PlainTitles {
                found.push(one);
            }
        }
    }

    /// What is wrong with a name that ends within a word of Korean: a particle may follow, a word may not.
    fn going_on(&self, to: usize) -> f32 {
        let list = self.words.list();
        let rest = list[to..].iter().take_while(|word| word.glued && !word.gap.any).count();
        match rest {
            0 => 0.0,
            1..=3 => GOES_ON,
            _ => GOES_ON * 2.0,
        }
    }

    /// The item of a row, if its title is still said so.
    fn title(&self, row: u32, key: u64) -> Option<Title<'a>> {
        let item = self.catalog.nameable(row)?;
        let spellings = Spellings::of(&item.title, |_| {});
        let spelling = spellings.find(key)?;
        Some(Title {
            item,
            partial: spelling.partial,
            spaces: spelling.spaces,
            year: spellings.year,
            article: spellings.article,
        })
    }

    /// Which of the items that share a name are meant.
    fn resolve(
        &self,
        mut titles: Vec<Title<'a>>,
        reading: &Reading,
        year: Option<u16>,
        bracketed: bool,
    ) -> Option<Found> {
        titles.sort_by_key(|title| (title.partial, title.year, title.item.id.clone()));
        titles.dedup_by(|a, b| a.item.id == b.item.id);
        let whole = titles.iter().filter(|title| !title.partial).count();
        if whole > 0 || self.rules == Rules::PlainTitles {
            titles.truncate(whole);
        }
        let mut score = 0.0;
        let mut of_year = false;
        if let Some(said) = year {
            let near = |title: &Title<'_>| title.year.map(|year| year.abs_diff(said));
            if let Some(best) = titles.iter().filter_map(near).min().filter(|off| *off <= 1) {
                titles.retain(|title| near(title) == Some(best));
                of_year = true;
            } else if titles.iter().any(|title| title.year.is_none()) {
                titles.retain(|title| title.year.is_none());
            } else if bracketed {
                score -= WRONG_YEAR;
            }
        }
        let first = titles.first()?;
        if titles.len() > SHARED {
            return None;
        }
        if first.partial {
            score -= PARTIAL;
        }
        if first.spaces != reading.spaces && reading.edits == 0 {
            score -= RESPACED;
        }
        titles.truncate(MEANT);
        Some(Found {
            from: 0,
            to: 0,
            weight: 0,
            score,
            article: titles.iter().any(|title| title.article),
            items: titles.into_iter().map(|title| Arc::clone(title.item)).collect(),
            year: of_year,
        })
    }

    /// The longest where several overlap, in reading order.
    fn choose(&self, mut found: Vec<Found>) -> Vec<Mention> {
        found.sort_by(|a, b| (b.weight, b.year).cmp(&(a.weight, a.year)).then(b.score.total_cmp(&a.score)));
        let mut taken = vec![false; self.words.list().len()];
        let mut mentions = Vec::new();
        for one in found {
            let range = one.from..one.to;
            if taken[range.clone()].iter().any(|taken| *taken) {
                continue;
            }
            taken[range].fill(true);
            self.name(&one, &mut mentions);
        }
        mentions.sort_by(|a, b| (a.start, a.item.id.as_str()).cmp(&(b.start, b.item.id.as_str())));
        mentions
    }

    fn name(&self, one: &Found, mentions: &mut Vec<Mention>) {
        let sure = 1.0 / (1.0 + (-one.score / STEEPNESS).exp2());
        if sure < SURE && self.rules == Rules::Evidence {
            return;
        }
        let list = self.words.list();
        let article = one.article && one.from > 0 && is_article(self.words.letters(one.from - 1));
        let start = list[if article { one.from - 1 } else { one.from }].start as usize;
        let end = list[one.to - 1].end as usize;
        let confidence = sure / one.items.len() as f32;
        mentions.extend(one.items.iter().map(|item| Mention {
            item: Arc::clone(item),
            start,
            end,
            confidence,
            stance: 0.0,
        }));
    }
}

/// A title that fits.
struct Title<'a> {
    item: &'a Arc<Item>,
    partial: bool,
    spaces: u64,
    year: Option<u16>,
    article: bool,
}
