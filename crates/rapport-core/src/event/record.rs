//! What the log keeps of an event: the signals, never the words.

use crate::country::Country;
use crate::event::Modality;
use crate::ids::{EventId, ItemId, Name, Product, Surrogate};
use crate::signal::{Marks, Source, TopicStrength};
use crate::time::UnixMillis;
use crate::understanding::Vector;

/// What a person did. The verb decides how strong a signal is, and how a reason reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deed {
    /// Told the assistant something.
    Said,
    /// The assistant told the person something.
    Answered,
    /// Asked the assistant to act.
    Acted,
    /// Liked an answer of the assistant.
    RatedUp,
    /// Disliked an answer of the assistant.
    RatedDown,
    /// Liked an item.
    Liked,
    /// Took the like back.
    Unliked,
    /// Followed a person or page.
    Followed,
    /// Stopped following.
    Unfollowed,
    /// Became friends.
    Befriended,
    /// Stopped being friends.
    Unfriended,
    /// Blocked a person.
    Blocked,
    /// Joined a group.
    Joined,
    /// Left a group.
    Left,
    /// Looked at an item.
    Viewed,
    /// Commented on an item.
    Commented,
    /// Shared an item.
    Shared,
    /// Saved an item.
    Saved,
    /// Took the save back.
    Unsaved,
    /// Hid an item.
    Hid,
    /// Took the hide back.
    Unhid,
    /// Reported an item.
    Reported,
    /// Opened an item.
    Clicked,
    /// Bought a product.
    Purchased,
    /// Did something at a partner.
    PartnerActivity,
    /// Saw an ad.
    AdSeen,
    /// Clicked an ad.
    AdClicked,
    /// Bought after an ad.
    AdConverted,
    /// Hid an ad.
    AdHid,
}

impl Deed {
    /// The earlier deed that this one takes back: afterwards it is as if that one had never been.
    pub fn takes_back(self) -> Option<Self> {
        match self {
            Self::Unliked => Some(Self::Liked),
            Self::Unfollowed => Some(Self::Followed),
            Self::Unfriended => Some(Self::Befriended),
            Self::Left => Some(Self::Joined),
            Self::Unsaved => Some(Self::Saved),
            Self::Unhid => Some(Self::Hid),
            _ => None,
        }
    }

    /// Which way this deed judges an earlier event: 1 for, -1 against.
    pub fn judges(self) -> Option<f32> {
        match self {
            Self::RatedUp => Some(1.0),
            Self::RatedDown => Some(-1.0),
            _ => None,
        }
    }

    /// Whether a person's side of this deed is mirrored to its target.
    pub fn is_mutual(self) -> bool {
        matches!(self, Self::Befriended | Self::Unfriended)
    }
}

/// What a deed was done to.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub enum Object {
    /// An item of the catalogue.
    Item(ItemId),
    /// A person. The log keeps the surrogate in a column of its own, where erasure finds it.
    Person(Surrogate),
    /// An ad, as campaign and ad id.
    Ad(Name),
    /// The person's own earlier event, judged by feedback.
    Event(EventId),
}

/// An item that was named in words: evidence about what it is about. Which item it was is not kept, so that neither a
/// later catalogue nor the erasure of its author changes what was understood.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Named {
    /// What naming it tells about the person's interests.
    pub signals: Vec<TopicStrength>,
    /// What a policy must know about the item; it bears the marks of the words as well.
    pub marks: Marks,
    /// The item's meaning, where it was not named with dislike.
    pub vector: Option<Vector>,
}

/// An event as the log keeps it. Words are gone; what they meant is here.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Record {
    /// The caller's id.
    pub event: EventId,
    /// The product it happened in.
    pub product: Product,
    /// When it happened.
    pub at: UnixMillis,
    /// Where the person was registered when it was collected.
    pub country: Country,
    /// The policy version in force when it was collected.
    pub epoch: u32,
    /// What was done.
    pub deed: Deed,
    /// Where the evidence comes from.
    pub source: Source,
    /// How it was said.
    pub modality: Modality,
    /// The conversation it belongs to.
    pub conversation: Option<Name>,
    /// What it was done to.
    pub object: Option<Object>,
    /// Looked at for this long, in milliseconds; 0 if not a view.
    pub dwell_ms: u32,
    /// What it tells about the person's interests.
    pub signals: Vec<TopicStrength>,
    /// What a policy must know about it.
    pub marks: Marks,
    /// Its meaning.
    pub vector: Option<Vector>,
    /// Items that its words named.
    pub named: Vec<Named>,
}

impl Record {
    /// What naming an item comes to, as a record of its own: of the same event, with the marks of both.
    pub(crate) fn of_named(&self, named: &Named) -> Self {
        Self {
            signals: named.signals.clone(),
            marks: self.marks.union(named.marks),
            vector: named.vector.clone(),
            named: Vec::new(),
            ..self.clone()
        }
    }
}
