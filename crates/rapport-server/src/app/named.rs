//! Items of the catalogue that words name: found when the words are heard, because nothing remains of them afterwards.

use rapport_core::catalog::{Catalog, Mention, Rules};
use rapport_core::event::{Deed, Named};
use rapport_core::signal::{of_name, of_named};
use rapport_core::understanding::Understanding;

use crate::app::Understand;

/// Mentions kept of one message, the surest; a list of everything is no interest.
const MOST: usize = 8;

/// What `text` names, each with the stance towards it, in reading order. An answer of the assistant repeats what it was
/// asked and names nothing of its own.
pub fn mentions(
    catalog: &Catalog,
    models: &dyn Understand,
    deed: Deed,
    text: &str,
    words: &Understanding,
) -> Vec<Mention> {
    if !matches!(deed, Deed::Said | Deed::Acted) {
        return Vec::new();
    }
    let mut found = catalog.mentions(text, Rules::Evidence);
    if found.len() > MOST {
        found.sort_by(|a, b| b.confidence.total_cmp(&a.confidence).then(a.start.cmp(&b.start)));
        found.truncate(MOST);
        found.sort_by_key(|mention| mention.start);
    }
    let places: Vec<_> = found.iter().map(|mention| bytes(text, mention)).collect();
    let stances = if places.is_empty() { Vec::new() } else { models.stances(text, words, &places) };
    for (mention, stance) in found.iter_mut().zip(stances) {
        mention.stance = stance;
    }
    found
}

/// Where a mention stands, in bytes.
fn bytes(text: &str, mention: &Mention) -> std::ops::Range<usize> {
    let at = |scalar: usize| text.char_indices().nth(scalar).map_or(text.len(), |(byte, _)| byte);
    at(mention.start)..at(mention.end)
}

/// The evidence in mentions: for the topics and the meaning of an item, or against its topics.
pub(super) fn evidence(deed: Deed, words: &Understanding, mentions: &[Mention]) -> Vec<Named> {
    let named = |mention: &Mention| {
        let strength = of_name(deed, words.subject, mention.stance, mention.confidence);
        Named {
            signals: of_named(strength, &mention.item.topics),
            marks: mention.item.marks,
            vector: mention.item.vector.clone().filter(|_| strength > 0.0),
        }
    };
    mentions.iter().map(named).collect()
}
