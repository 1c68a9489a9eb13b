//! Items about the person's topics.

use crate::catalog::RowId;
use crate::rank::{Query, Source};

/// The latest items about each of the person's strongest topics.
#[derive(Debug)]
pub struct Topics;

impl Source for Topics {
    fn name(&self) -> &'static str {
        "topics"
    }

    fn find(&self, query: &Query<'_>) -> Vec<RowId> {
        let topics = query.liked.own().iter().take(query.settings.topics);
        topics.flat_map(|(topic, _)| query.world.catalog.about(*topic, query.settings.per_source)).collect()
    }
}
