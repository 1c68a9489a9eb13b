//! Items near in meaning to what the person said or liked.

use crate::catalog::RowId;
use crate::profile::InterestVector;
use crate::rank::{Query, Source};

/// The nearest items to the latest interest and to the strongest, by an exact scan each.
#[derive(Debug)]
pub struct Nearest;

impl Source for Nearest {
    fn name(&self) -> &'static str {
        "nearest"
    }

    fn find(&self, query: &Query<'_>) -> Vec<RowId> {
        let limit = query.settings.per_source;
        let near = |interest: &InterestVector| query.world.catalog.nearest(&interest.vector, limit);
        query.retrieving().flat_map(near).map(|(_, row)| row).collect()
    }
}
