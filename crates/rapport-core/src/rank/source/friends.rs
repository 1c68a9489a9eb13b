//! Items by friends and by people followed.

use crate::catalog::RowId;
use crate::ids::Surrogate;
use crate::rank::{Query, Source};

/// Latest items an author; more would only be pushed out by the author's own newer ones.
const PER_AUTHOR: usize = 20;

/// What friends and people followed made, the latest first.
#[derive(Debug)]
pub struct FriendsAndFollowed;

impl Source for FriendsAndFollowed {
    fn name(&self) -> &'static str {
        "friends"
    }

    fn find(&self, query: &Query<'_>) -> Vec<RowId> {
        let mut rows: Vec<RowId> = query
            .friends
            .keys()
            .chain(query.followed.keys())
            .flat_map(|author: &Surrogate| query.world.catalog.by(*author, PER_AUTHOR))
            .collect();
        // Surrogates are random: whatever order they came in must not show.
        rows.sort_unstable();
        rows.reverse();
        rows.truncate(query.settings.per_source * 2);
        rows
    }
}
