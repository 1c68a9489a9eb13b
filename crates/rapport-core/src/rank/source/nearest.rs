//! Items near in meaning to what the person said or liked.

use crate::catalog::RowId;
use crate::rank::{Query, Source};

/// The nearest items to each interest, by an exact scan.
#[derive(Debug)]
pub struct Nearest;

impl Source for Nearest {
    fn name(&self) -> &'static str {
        "nearest"
    }

    fn find(&self, query: &Query<'_>) -> Vec<RowId> {
        let limit = query.settings.per_source;
        let near =
            |interest: &crate::profile::InterestVector| query.world.catalog.nearest(&interest.vector, limit);
        query.interests.iter().flat_map(|(interest, ..)| near(interest)).map(|(_, row)| row).collect()
    }
}
