//! Ties to whoever made an item.

use crate::catalog::Item;
use crate::explain::ReasonKind;
use crate::ids::EventId;
use crate::rank::{Query, Scorer, Sink, Term};
use crate::signal::Source;

/// The kind of item that is a friend's own news.
const FRIEND_UPDATE: &str = "friend_update";

/// A friend's item, one by somebody followed, or one of a group joined.
#[derive(Debug)]
pub struct Social;

impl Scorer for Social {
    fn score<'q>(&self, query: &'q Query<'_>, item: &'q Item, sink: &mut dyn Sink<'q>) {
        let tie = |kind, event: &'q EventId, value| Term {
            kind,
            topic: None,
            source: Some(Source::Social),
            event: Some(event),
            value,
        };
        if let Some(author) = &item.author_surrogate {
            if let Some(event) = query.friends.get(author) {
                let update = item.kind == FRIEND_UPDATE;
                let weight = if update { query.settings.friend_update } else { query.settings.friend };
                sink.add(tie(ReasonKind::Friend, event, weight));
            } else if let Some(event) = query.followed.get(author) {
                sink.add(tie(ReasonKind::Followed, event, query.settings.followed));
            }
        }
        if let Some(relation) = item.group.as_ref().and_then(|group| query.member.get(group)) {
            sink.add(tie(ReasonKind::of(relation.deed), &relation.event, query.settings.followed));
        }
    }
}
