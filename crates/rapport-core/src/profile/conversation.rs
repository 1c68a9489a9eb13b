//! Conversations that turned sensitive. What follows in one means more than it says ("and what should I eat?"), so it
//! bears the same marks for a while.

use crate::event::Record;
use crate::ids::{Name, Product};
use crate::profile::Limits;
use crate::signal::Source;
use crate::time::UnixMillis;
use crate::topic::Categories;

const MINUTE: i64 = 60_000;

/// What was last said in a conversation that is sensitive by itself.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct FlaggedConversation {
    /// Where it is held.
    pub product: Product,
    /// The caller's id of it.
    pub conversation: Name,
    /// Its categories.
    pub sensitive: Categories,
    /// When it was said.
    pub at: UnixMillis,
}

impl FlaggedConversation {
    fn holds(&self, record: &Record) -> bool {
        record.conversation.as_ref() == Some(&self.conversation)
            && record.product == self.product
            && record.source == Source::Assistant
    }
}

/// The categories that `record` inherits from what was said in its conversation shortly before. A follow-up doesn't
/// prolong what it inherits.
pub(super) fn inherited(flags: &[FlaggedConversation], record: &Record, limits: &Limits) -> Categories {
    let while_ = 0..=i64::from(limits.conversation_flag_minutes) * MINUTE;
    flags
        .iter()
        .filter(|flag| flag.holds(record) && while_.contains(&record.at.since(flag.at)))
        .fold(Categories::NONE, |all, flag| all | flag.sensitive)
}

/// Notes the conversation of `record` if it is sensitive by itself; the one noted longest ago gives way.
pub(super) fn note(flags: &mut Vec<FlaggedConversation>, record: &Record, limits: &Limits) {
    let Some(conversation) = &record.conversation else { return };
    if record.source != Source::Assistant || record.marks.sensitive.is_empty() {
        return;
    }
    flags.push(FlaggedConversation {
        product: record.product.clone(),
        conversation: conversation.clone(),
        sensitive: record.marks.sensitive,
        at: record.at,
    });
    if flags.len() > limits.conversations {
        flags.remove(0);
    }
}
