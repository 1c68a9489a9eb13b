//! Items hidden.

use crate::catalog::Item;
use crate::rank::{Filter, Query};

/// Drops items that the person hid or reported. Binds whatever the policy says.
#[derive(Debug)]
pub struct Hidden;

impl Filter for Hidden {
    fn name(&self) -> &'static str {
        "hidden"
    }

    fn keeps(&self, query: &Query<'_>, item: &Item) -> bool {
        !query.hidden.contains(&item.id)
    }
}
