//! The newest items.

use crate::catalog::RowId;
use crate::rank::{Query, Source};

/// The newest items of the catalogue, whoever made them: how anything new gets its first chance.
#[derive(Debug)]
pub struct Fresh;

impl Source for Fresh {
    fn name(&self) -> &'static str {
        "fresh"
    }

    fn find(&self, query: &Query<'_>) -> Vec<RowId> {
        query.world.catalog.fresh().take(query.settings.per_source).collect()
    }
}
