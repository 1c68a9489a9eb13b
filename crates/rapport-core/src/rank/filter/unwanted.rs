//! Items about topics that the person never wants.

use crate::catalog::Item;
use crate::gate::TopicChoice;
use crate::rank::{Filter, Query};

/// Drops items about a topic that the person chose `never` to see.
#[derive(Debug)]
pub struct Unwanted;

impl Filter for Unwanted {
    fn name(&self) -> &'static str {
        "unwanted"
    }

    fn keeps(&self, query: &Query<'_>, item: &Item) -> bool {
        !item.topics.iter().any(|scored| query.view.choice(scored.topic) == Some(TopicChoice::Never))
    }
}
