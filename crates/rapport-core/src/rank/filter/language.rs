//! Items that the person can't read.

use crate::catalog::Item;
use crate::rank::{Filter, Query};

/// Drops items in languages that the person did not name; without named languages, or for an item of unknown
/// language, nothing is dropped.
#[derive(Debug)]
pub struct Readable;

impl Filter for Readable {
    fn name(&self) -> &'static str {
        "language"
    }

    fn keeps(&self, query: &Query<'_>, item: &Item) -> bool {
        let languages = query.view.facts().languages;
        languages.is_empty() || item.language == "und" || languages.contains(&item.language)
    }
}
