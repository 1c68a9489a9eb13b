//! An immutable part of the index.

use crate::catalog::names::lexicon::Lexicon;
use crate::catalog::names::sorted::{SortedMap, SortedSet};
use crate::catalog::names::spelling::Spellings;

/// The names of some rows.
#[derive(Clone, Debug, Default)]
pub(super) struct Run {
    /// From a way of saying a title to the rows that have it.
    pub names: SortedMap,
    /// What names begin with.
    pub beginnings: SortedSet,
    /// The words of titles.
    pub lexicon: Lexicon,
    /// Titles that went in.
    pub titles: usize,
}

impl Run {
    /// The names of `titles`, each with its row.
    pub fn of<'t>(titles: impl Iterator<Item = (u32, &'t str)>) -> Self {
        let (mut names, mut beginnings, mut words, mut count) = (Vec::new(), Vec::new(), Vec::new(), 0);
        let mut known = std::collections::HashSet::new();
        for (row, title) in titles {
            count += 1;
            let spellings = Spellings::of(title, |word| {
                if !known.contains(word) {
                    known.insert(word.to_owned());
                }
            });
            for spelling in spellings.list {
                names.push((spelling.key, row));
                beginnings.extend(spelling.beginnings);
            }
        }
        words.extend(known);
        Self {
            names: SortedMap::new(names),
            beginnings: SortedSet::new(beginnings),
            lexicon: Lexicon::new(words),
            titles: count,
        }
    }

    /// All of `runs` in one, without the rows that are gone.
    pub fn merged<'r>(runs: impl Iterator<Item = &'r Self>, lives: impl Fn(u32) -> bool) -> Self {
        let (mut names, mut beginnings, mut words, mut titles) = (Vec::new(), Vec::new(), Vec::new(), 0);
        for run in runs {
            names.extend(run.names.entries().filter(|(_, row)| lives(*row)));
            beginnings.extend_from_slice(run.beginnings.values());
            words.extend(run.lexicon.words().map(str::to_owned));
            titles += run.titles;
        }
        Self {
            names: SortedMap::new(names),
            beginnings: SortedSet::new(beginnings),
            lexicon: Lexicon::new(words),
            titles,
        }
    }

    pub fn bytes(&self) -> usize {
        self.names.bytes() + self.beginnings.bytes() + self.lexicon.bytes()
    }
}
