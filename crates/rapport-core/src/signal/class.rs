//! The class of a signal: everything about it that a policy may ask, in a few bytes.

use crate::country::Country;
use crate::event::Modality;
use crate::ids::Product;
use crate::topic::Categories;

/// Where evidence comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// Interactions with the assistant.
    Assistant,
    /// Likes, follows, joins, views and the rest.
    Social,
    /// Activity at partners.
    Partner,
    /// What happened to ads.
    Ads,
    /// What the person's account says: age and the like.
    Account,
}

impl Source {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Assistant, Self::Social, Self::Partner, Self::Ads, Self::Account];

    /// The contract's word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Assistant => "assistant",
            Self::Social => "social",
            Self::Partner => "partner",
            Self::Ads => "ads",
            Self::Account => "account",
        }
    }
}

/// What a signal is about, as far as a policy cares.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
pub struct Marks {
    /// Sensitive categories; a like of a post on diabetes is as sensitive as saying it.
    pub sensitive: Categories,
    /// About somebody else.
    pub about_other: bool,
    /// About a child.
    pub about_child: bool,
    /// The models could not judge it.
    pub low_confidence: bool,
}

impl Marks {
    /// Everything that either bears.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self {
            sensitive: self.sensitive | other.sensitive,
            about_other: self.about_other || other.about_other,
            about_child: self.about_child || other.about_child,
            low_confidence: self.low_confidence || other.low_confidence,
        }
    }
}

/// Everything about a signal that a policy may ask. A profile groups signals by it, so that the gate can take
/// any class away whole.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct Class {
    /// Where the evidence comes from.
    pub source: Source,
    /// The product it happened in.
    pub product: Product,
    /// How it was said.
    pub modality: Modality,
    /// What it is about.
    pub marks: Marks,
    /// Where the person was when it was collected.
    pub country: Country,
    /// Whether that country was rolled out then.
    pub region_open: bool,
    /// Notices seen before it happened, one bit for each of [`Terms::notices`](crate::gate::Terms).
    pub notices_seen: u16,
    /// Notices whose effective date had come when it happened, likewise.
    pub notices_effective: u16,
    /// The policy version in force when it was collected.
    pub epoch: u32,
}
