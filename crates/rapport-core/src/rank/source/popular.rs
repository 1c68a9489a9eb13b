//! The most popular items.

use crate::catalog::RowId;
use crate::rank::{Query, Source};

/// What most people liked, joined or saved.
#[derive(Debug)]
pub struct Popular;

impl Source for Popular {
    fn name(&self) -> &'static str {
        "popular"
    }

    fn find(&self, query: &Query<'_>) -> Vec<RowId> {
        query.world.popular.iter().copied().take(query.settings.per_source).collect()
    }
}
