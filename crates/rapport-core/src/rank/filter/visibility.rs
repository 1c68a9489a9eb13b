//! Items that the person may not see.

use crate::catalog::Item;
use crate::rank::{Filter, Query};

/// Drops friends' items of strangers and groups' items of groups not joined.
#[derive(Debug)]
pub struct Visible;

impl Filter for Visible {
    fn name(&self) -> &'static str {
        "visibility"
    }

    fn keeps(&self, query: &Query<'_>, item: &Item) -> bool {
        query.may_see(item)
    }
}
