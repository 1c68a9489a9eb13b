//! What speaks for a stretch of text being a name, on one additive scale of bits.

use crate::catalog::names::cues::{Cue, cue, is_around};
use crate::catalog::names::ordinary::{bits, is_ordinary};
use crate::catalog::names::spelling::is_article;
use crate::catalog::names::words::Words;

/// Titles of which a chance match is as likely as the words are rare.
const FEWEST_TITLES: usize = 1_024;

/// A stretch of words that may be a name.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stretch {
    /// First word.
    pub from: usize,
    /// One past the last.
    pub to: usize,
    /// Letters that differ from the title's.
    pub edits: u32,
}

/// What is seen of a stretch. Each is a feature of [`Evidence::score`].
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Evidence {
    /// How rare the words are together, in bits.
    pub rarity: f32,
    /// How many words are not of ordinary language.
    pub unknown: f32,
    /// How many words there are.
    pub words: f32,
    /// Its words are characters.
    pub glued: bool,
    /// -log2 of the chance that some title fits: grows with the catalogue.
    pub titles: f32,
    /// In quotation marks.
    pub quoted: bool,
    /// Its words begin with capitals where ordinary ones would not.
    pub capitals: bool,
    /// One capital that no sentence asks for.
    pub capital: bool,
    /// A word that announces names stands before it.
    pub before: bool,
    /// A word of liking stands before it.
    pub liking: bool,
    /// A word that follows names stands behind it.
    pub behind: bool,
    /// The message speaks of works.
    pub around: bool,
    /// A year stands behind it: in brackets 2, else 1.
    pub year: u8,
    /// Its neighbour has a capital as well: it is part of a longer name.
    pub within: bool,
    /// A word that says where stands before it.
    pub place: bool,
    /// One word before "movies" or the like: a kind, not a name.
    pub kind: bool,
    /// "is great" stands behind it.
    pub judged: bool,
    /// All there is in the message, or in its sentence.
    pub alone: bool,
    /// Letters that differ from the title's.
    pub edits: f32,
    /// An article or possessive stands before it that is not the title's.
    pub determined: bool,
}

/// What the message is like, worked out once.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Manner {
    /// Capitals tell something: there are small initials, and not everything is shouted.
    cased: bool,
    around: bool,
}

impl Manner {
    pub fn of(text: &str, words: &Words, cues: &[Cue]) -> Self {
        let list = words.list();
        let small = list.iter().filter(|word| word.lower && !word.capital).count();
        let around = cues.iter().any(|cue| cue.around);
        let glued = list.iter().any(|word| word.glued);
        Self { cased: small * 3 > list.len(), around: around || (glued && is_around(text)) }
    }
}

/// The cues of every word.
pub(super) fn cues(words: &Words) -> Vec<Cue> {
    (0..words.list().len()).map(|index| cue(words.letters(index))).collect()
}

impl Evidence {
    /// Looks at a stretch and around it.
    pub fn of(words: &Words, cues: &[Cue], manner: Manner, stretch: Stretch, titles: usize) -> Self {
        let Stretch { from, to, edits } = stretch;
        let list = words.list();
        let spoken = |i: usize| !words.letters(i).is_empty();
        let rarity = (from..to).map(|i| bits(words.letters(i))).sum::<u32>() as f32;
        let gap_behind = list.get(to).map_or(words.end, |word| word.gap);
        // The article of a title is not part of its spelling, and may stand before it.
        let first =
            (from..=from).rev().find(|i| *i > 0 && is_article(words.letters(i - 1))).map_or(from, |i| i - 1);
        let near = |back: usize| first.checked_sub(back).filter(|i| !list[i + 1].gap.stop).map(|i| cues[i]);
        let year_at = list.get(to).and_then(|word| words.year(to).map(|_| word.gap.bracket));
        Self {
            rarity,
            unknown: (from..to)
                .filter(|i| spoken(*i) && (list[*i].glued || !is_ordinary(words.letters(*i))))
                .count() as f32,
            words: (from..to).filter(|i| spoken(*i)).count() as f32,
            glued: list[from].glued,
            titles: (titles.max(FEWEST_TITLES) as f32).log2(),
            quoted: list[first].gap.quote && gap_behind.quote,
            capitals: manner.cased && has_title_case(words, from, to),
            capital: manner.cased
                && list[from].capital
                && (if first < from { list[first].capital } else { !list[from].gap.stop }),
            before: near(1).is_some_and(|cue| cue.before) || near(2).is_some_and(|cue| cue.before),
            liking: near(1).is_some_and(|cue| cue.liking),
            behind: cues.get(to).is_some_and(|cue| cue.behind) && !gap_behind.stop,
            around: manner.around,
            year: match year_at {
                Some(true) => 2,
                Some(false) => 1,
                None => 0,
            },
            within: manner.cased && is_within(words, cues, first, to),
            place: near(1).is_some_and(|cue| cue.place),
            kind: to - from == 1
                && !list[from].capital
                && matches!(
                    words.letters(to),
                    "movies" | "films" | "books" | "songs" | "games" | "shows" | "movie" | "film"
                ),
            judged: matches!(words.letters(to), "is" | "was" | "are" | "were")
                && (to + 1..to + 5).any(|i| cues.get(i).is_some_and(|cue| cue.verdict)),
            alone: list[first].gap.stop && (to == list.len() || gap_behind.stop),
            edits: edits as f32,
            determined: first < from && !list[first].capital
                || from
                    .checked_sub(1)
                    .is_some_and(|i| matches!(words.letters(i), "my" | "your" | "his" | "her")),
        }
    }

    /// How much speaks for a name: above 0, it is one. In bits.
    pub fn score(&self) -> f32 {
        let on = |seen: bool, worth: f32| if seen { worth } else { 0.0 };
        let common = self.unknown == 0.0;
        let context = on(self.before, 7.0).max(on(self.liking, 5.0))
            + on(self.behind && !self.kind, 6.0)
            + on(self.judged, 4.0)
            + on(self.around, 3.0);
        let form = on(self.quoted, 12.0)
            + on(self.capitals, 9.0).max(on(self.capital, 5.0))
            + match self.year {
                2 => 16.0,
                1 => 8.0,
                _ => 0.0,
            }
            + on(self.alone, 4.0);
        let plain = on(common, 6.0)
            + on(self.words < 1.5, 4.0)
            + on(self.determined, 2.0)
            + on(self.kind, 10.0)
            + on(self.place, 3.0)
            + on(self.within && self.year == 0 && !self.quoted, if self.capitals { 7.0 } else { 14.0 });
        // Words that follow each other are likelier together than apart: each beyond the first counts less.
        let rarity = self.rarity * if self.words > 1.0 && !self.glued { 0.75 } else { 1.0 };
        let bare = on(common && context + form == 0.0, 8.0);
        rarity - self.titles - 6.0 - plain - bare + context + form - self.edits * 4.0
    }
}

/// Whether a word beside the stretch has a capital that no sentence asks for, with nothing but a small word between.
fn is_within(words: &Words, cues: &[Cue], from: usize, to: usize) -> bool {
    let list = words.list();
    let named = |i: usize| {
        let word = &list[i];
        word.capital && words.letters(i) != "i" && !cues[i].before && !cues[i].around
    };
    let apart =
        |i: usize| list.get(i).is_none_or(|w| w.gap.stop || w.gap.comma || w.gap.quote || w.gap.bracket);
    let mut before = from;
    while before > 0 && !apart(before) && cues[before - 1].joins && !list[before - 1].capital {
        before -= 1;
    }
    let led = before > 0 && !apart(before) && named(before - 1) && !list[before - 1].gap.stop;
    let mut behind = to;
    while !apart(behind) && cues[behind].joins && !list[behind].capital {
        behind += 1;
    }
    led || (!apart(behind) && named(behind))
}

/// Every word that is long enough for one has a capital, and there are at least two of them.
fn has_title_case(words: &Words, from: usize, to: usize) -> bool {
    let list = &words.list()[from..to];
    let long = list.iter().filter(|word| word.end - word.start > 3 || word.capital);
    let (mut all, mut capitals) = (0, 0);
    for word in long {
        all += 1;
        capitals += usize::from(word.capital);
    }
    capitals >= 2 && capitals == all
}
