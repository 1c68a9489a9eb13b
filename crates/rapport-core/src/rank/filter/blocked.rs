//! Items by people blocked.

use crate::catalog::Item;
use crate::rank::{Filter, Query};

/// Drops items by anybody whom the person blocked or reported. Binds whatever the policy says.
#[derive(Debug)]
pub struct Blocked;

impl Filter for Blocked {
    fn name(&self) -> &'static str {
        "blocked"
    }

    fn keeps(&self, query: &Query<'_>, item: &Item) -> bool {
        item.author_surrogate.is_none_or(|author| !query.blocked.contains(&author))
    }
}
