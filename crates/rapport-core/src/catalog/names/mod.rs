//! Names of items, found in what people say.
//!
//! A title is a name in several spellings (`spelling`): whole without article, case and accents, and by parts that
//! name it ("fellowship of the ring"). A key is a hash of letters without spaces, so "Spider-Man" is "spiderman". The
//! index is a few immutable runs (`run`), merged as they grow; an entry is believed only after the catalogue was
//! asked for the title as it is now, so what was deleted or renamed needs no entry of its own.
//!
//! The trap is titles that are everyday words ("It", "Up", "Friends with Money"): how rare the words are
//! (`ordinary`) and what speaks for a name (`evidence`) decide together. Nothing that was counted over people
//! takes part: a stored mention outlives a policy, so it must not depend on what others liked.

mod cues;
mod evidence;
mod lexicon;
mod ordinary;
mod reader;
mod run;
mod sorted;
mod spelling;
mod words;

use std::sync::Arc;

use crate::catalog::Item;

use run::Run;

pub use reader::Rules;

/// A run is merged with the one before it unless that is this many times larger.
const GROWTH: usize = 4;

/// A name of an item in a text.
#[derive(Clone, Debug, PartialEq)]
pub struct Mention {
    /// The item.
    pub item: Arc<Item>,
    /// First Unicode scalar of the name.
    pub start: usize,
    /// One past the last.
    pub end: usize,
    /// How sure it is that this item is meant, 0..=1. Items that share a name share it.
    pub confidence: f32,
    /// What the speaker feels about it, -1 (dislikes) to 1 (likes); 0 until whoever reads stances has set it.
    pub stance: f32,
}

/// The names of a catalogue. Cloning is cheap.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// Larger ones first.
    runs: Vec<Arc<Run>>,
}

impl Names {
    /// How many titles there are, counting those that are out of date.
    pub fn titles(&self) -> usize {
        self.runs.iter().map(|run| run.titles).sum()
    }

    /// Memory beside the titles themselves.
    pub fn bytes(&self) -> usize {
        self.runs.iter().map(|run| run.bytes()).sum()
    }

    /// With more titles, each with its row. `lives` tells which rows are still there, for merging.
    pub(super) fn with<'t>(
        &self,
        titles: impl Iterator<Item = (u32, &'t str)>,
        lives: impl Fn(u32) -> bool,
    ) -> Self {
        let mut runs = self.runs.clone();
        let fresh = Run::of(titles);
        if fresh.titles == 0 {
            return self.clone();
        }
        runs.push(Arc::new(fresh));
        let keep = (1..runs.len()).rev().scan(0, |after, at| {
            *after += runs[at].titles;
            Some((at, runs[at - 1].titles >= *after * GROWTH))
        });
        // Everything behind the last run that is large enough becomes one.
        let from = keep.filter(|(_, large)| *large).map(|(at, _)| at).next().unwrap_or(0);
        if from + 1 < runs.len() {
            let merged = Run::merged(runs[from..].iter().map(Arc::as_ref), lives);
            runs.truncate(from);
            runs.push(Arc::new(merged));
        }
        Self { runs }
    }
}
