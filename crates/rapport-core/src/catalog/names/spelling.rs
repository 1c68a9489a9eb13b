//! The ways in which a title is said: whole, and the parts of it that name it.

use crate::catalog::names::ordinary::bits;
use crate::catalog::names::words::Words;

/// Letters after which a name that begins so must be known, or reading on is in vain.
pub(super) const BEGINNINGS: [u32; 2] = [6, 12];
/// Names of one title beside the whole.
const PARTS: usize = 3;
/// A part of a title names it only if it is this rare, in bits: "harry potter", not "part one".
const PART_BITS: u32 = 30;

/// Letters read so far, as a number: equal for equal letters, wherever the spaces were.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Trail {
    hash: u64,
    /// How much was read: a letter counts 1, a character of Chinese or Japanese 3.
    pub weight: u32,
}

impl Default for Trail {
    fn default() -> Self {
        Self { hash: 0xcbf2_9ce4_8422_2325, weight: 0 }
    }
}

impl Trail {
    /// Reads one letter on.
    #[inline]
    pub fn step(&mut self, c: char) {
        self.hash = (self.hash ^ u64::from(c)).wrapping_mul(0x0100_0000_01b3).rotate_left(23);
        self.weight += if c as u32 >= 0x2e80 { 3 } else { 1 };
    }

    /// What identifies a name that ends here (splitmix64's finish).
    #[inline]
    pub fn key(&self) -> u64 {
        let mut x = self.hash;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    }

    /// What identifies a name that begins so.
    #[inline]
    pub fn beginning(&self) -> u32 {
        (self.key() >> 16) as u32
    }

    /// Whether reading on from `before` came past one of [`BEGINNINGS`].
    #[inline]
    pub fn passed(&self, before: u32) -> bool {
        BEGINNINGS.iter().any(|at| before < *at && self.weight >= *at)
    }
}

/// One way of saying a title.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Spelling {
    /// The whole of it.
    pub key: u64,
    /// What names like it begin with.
    pub beginnings: Vec<u32>,
    /// Not the whole title, only a part that names it.
    pub partial: bool,
    /// Where spaces stand, as a number, for telling "therapist" from "the rapist".
    pub spaces: u64,
}

/// All ways of saying a title.
#[derive(Clone, Debug, Default)]
pub(super) struct Spellings {
    /// The whole first.
    pub list: Vec<Spelling>,
    /// The year that it bears in brackets.
    pub year: Option<u16>,
    /// Whether it begins with an article, which is left out of its spelling.
    pub article: bool,
}

impl Spellings {
    /// How `title` is said. Its words are handed to `word`, for whoever corrects misspellings.
    pub fn of(title: &str, mut word: impl FnMut(&str)) -> Self {
        let words = Words::of(title);
        let (count, year) = without_year(&words);
        let whole = trimmed(&words, 0..count);
        let mut all = Self { list: Vec::new(), year, article: whole.start > 0 };
        all.add(&words, whole.clone(), false);
        for part in parts(&words, whole.clone()) {
            if all.list.len() <= PARTS && is_telling(&words, part.clone()) {
                all.add(&words, part, true);
            }
        }
        for index in whole {
            if !words.list()[index].glued {
                word(words.letters(index));
            }
        }
        all
    }

    /// The way that has `key`.
    pub fn find(&self, key: u64) -> Option<&Spelling> {
        self.list.iter().find(|spelling| spelling.key == key)
    }

    fn add(&mut self, words: &Words, range: std::ops::Range<usize>, partial: bool) {
        let mut trail = Trail::default();
        let mut spaces = 0;
        let mut beginnings = Vec::new();
        for index in range {
            for c in words.letters(index).chars() {
                let before = trail.weight;
                trail.step(c);
                if trail.passed(before) {
                    beginnings.push(trail.beginning());
                }
            }
            spaces = space(spaces, trail.weight);
        }
        let key = trail.key();
        if trail.weight > 0 && self.find(key).is_none() {
            self.list.push(Spelling { key, beginnings, partial, spaces });
        }
    }
}

/// The place of a space, taken into a number.
pub(super) fn space(spaces: u64, weight: u32) -> u64 {
    spaces | 1 << (weight % 64)
}

/// English articles; other languages' are part of a title.
pub(super) fn is_article(word: &str) -> bool {
    matches!(word, "the" | "a" | "an")
}

/// Words up to a year in brackets at the end, "(1999)" or "(film, 1999)", and the year.
fn without_year(words: &Words) -> (usize, Option<u16>) {
    let list = words.list();
    let last = list.len();
    let bracket = (last.saturating_sub(3)..last).rev().find(|i| *i > 0 && list[*i].gap.bracket);
    let year = bracket.and_then(|from| (from..last).find_map(|i| words.year(i)));
    match (bracket, year) {
        (Some(from), Some(year)) => (from, Some(year)),
        _ => (last, None),
    }
}

/// Without an article before it or behind ("Matrix, The"), unless nothing else is left.
fn trimmed(words: &Words, range: std::ops::Range<usize>) -> std::ops::Range<usize> {
    let list = words.list();
    let (mut from, mut to) = (range.start, range.end);
    let connects = |i: usize| matches!(words.letters(i), "or" | "and" | "");
    while to > from + 1 && connects(to - 1) {
        to -= 1;
    }
    if to > from + 1 && is_article(words.letters(to - 1)) && list[to - 1].gap.comma {
        to -= 1;
    }
    if to > from + 1 && is_article(words.letters(from)) {
        from += 1;
    }
    from..to
}

/// Parts that may name the title: what stands before and behind a colon, a dash or a bracket, all up to there, and
/// who comes before "and the".
fn parts(words: &Words, whole: std::ops::Range<usize>) -> Vec<std::ops::Range<usize>> {
    let list = words.list();
    let mut cuts: Vec<usize> = whole
        .clone()
        .skip(1)
        .filter(|&i| {
            let gap = list[i].gap;
            let spaced = list[i].start > list[i - 1].end + 1;
            (gap.part && spaced) || gap.bracket
        })
        .collect();
    let and_the = whole.clone().skip(2).find(|&i| words.letters(i) == "and" && words.letters(i + 1) == "the");
    let mut found = Vec::new();
    if let Some(cut) = and_the.filter(|_| cuts.is_empty()) {
        found.push(whole.start..cut);
    }
    cuts.push(whole.end);
    let mut from = whole.start;
    for cut in cuts {
        found.push(from..cut);
        found.push(whole.start..cut);
        from = cut;
    }
    let mut found: Vec<_> = found.into_iter().map(|part| trimmed(words, part)).collect();
    found.retain(|part| *part != whole && !part.is_empty());
    found
}

fn is_telling(words: &Words, part: std::ops::Range<usize>) -> bool {
    let rare: u32 = part.map(|index| bits(words.letters(index))).sum();
    rare >= PART_BITS
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> u64 {
        Spellings::of(text, |_| {}).list[0].key
    }

    fn names(title: &str, said: &str) -> Option<bool> {
        Spellings::of(title, |_| {}).find(key(said)).map(|spelling| spelling.partial)
    }

    #[test]
    fn one_title_is_written_in_many_ways() {
        for (a, b) in [
            ("The Matrix (1999)", "matrix"),
            ("Matrix, The", "The Matrix"),
            ("Fast & Furious", "fast and furious"),
            ("Spider-Man", "spiderman"),
            ("Rocky II", "rocky 2"),
            ("Amélie", "AMELIE"),
            ("Guardians of the Galaxy Vol. 2", "guardians of the galaxy 2"),
        ] {
            assert_eq!(key(a), key(b), "{a} is {b}");
        }
        assert_ne!(key("Rocky"), key("Rocky 2"));
    }

    #[test]
    fn the_year_in_brackets_is_kept_apart() {
        let year = |title: &str| Spellings::of(title, |_| {}).year;
        assert_eq!(year("Heat (1995)"), Some(1995));
        assert_eq!(year("Blade Runner 2049 (2017)"), Some(2017));
        assert_eq!(year("Blade Runner 2049"), None);
        assert_eq!(year("Fargo (TV series, 2014)"), Some(2014));
    }

    #[test]
    fn parts_of_a_title_name_it() {
        let rings = "The Lord of the Rings: The Fellowship of the Ring (2001)";
        assert_eq!(names(rings, "fellowship of the ring"), Some(true));
        assert_eq!(names(rings, "lord of the rings"), Some(true));
        assert_eq!(
            names("Star Wars: Episode V – The Empire Strikes Back", "empire strikes back"),
            Some(true)
        );
        assert_eq!(names("Harry Potter and the Goblet of Fire (2005)", "Harry Potter"), Some(true));
        assert_eq!(names("Friends: The One", "the one"), None, "too common to name anything");
    }
}
