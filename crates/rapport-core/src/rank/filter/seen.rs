//! Items seen before.

use crate::catalog::Item;
use crate::profile::seen_hash;
use crate::rank::{Filter, Query};

/// Drops what the person saw, liked or joined already, and their own items.
#[derive(Debug)]
pub struct Seen;

impl Filter for Seen {
    fn name(&self) -> &'static str {
        "seen"
    }

    fn keeps(&self, query: &Query<'_>, item: &Item) -> bool {
        if item.author_surrogate.is_some() && item.author_surrogate == query.viewer {
            return false;
        }
        query.seen.is_empty() || !query.seen.contains(&seen_hash(item.id.as_str()))
    }
}
