//! Items of groups joined and pages followed.

use crate::catalog::RowId;
use crate::rank::{Query, Source};

/// Latest items a group.
const PER_GROUP: usize = 20;

/// What was posted in groups that the person joined and by pages that they follow, the latest first.
#[derive(Debug)]
pub struct Groups;

impl Source for Groups {
    fn name(&self) -> &'static str {
        "groups"
    }

    fn find(&self, query: &Query<'_>) -> Vec<RowId> {
        let mut rows: Vec<RowId> =
            query.member.keys().flat_map(|group| query.world.catalog.within(group, PER_GROUP)).collect();
        rows.sort_unstable();
        rows.reverse();
        rows.truncate(query.settings.per_source * 2);
        rows
    }
}
