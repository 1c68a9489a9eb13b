//! Contributions in fixed point: integers add up exactly, in any order.

use crate::event::Deed;
use crate::ids::EventId;
use crate::signal::Source;
use crate::topic::TopicId;

/// A part of a score, in millionths of the scorer's unit (nats where the scale is a log).
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(transparent)]
pub struct Micronats(pub i64);

impl Micronats {
    /// Rounds `value`; not-a-number counts as nothing.
    pub fn from_nats(value: f32) -> Self {
        Self((f64::from(value) * 1e6).round() as i64)
    }

    /// The value in whole units.
    pub fn nats(self) -> f64 {
        self.0 as f64 / 1e6
    }
}

impl std::iter::Sum for Micronats {
    fn sum<I: Iterator<Item = Self>>(parts: I) -> Self {
        Self(parts.map(|p| p.0).sum())
    }
}

/// Why something counted, in the contract's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReasonKind {
    /// The person told the assistant.
    Said,
    /// The person liked something like it.
    Liked,
    /// The person follows its author, or something like it.
    Followed,
    /// A friend made it.
    Friend,
    /// The person joined its group, or one like it.
    Joined,
    /// The person looked at something like it.
    Viewed,
    /// The person commented on something like it.
    Commented,
    /// The person shared something like it.
    Shared,
    /// The person saved something like it.
    Saved,
    /// The person bought something like it.
    Purchased,
    /// Many people like it.
    Popular,
    /// It is new.
    Fresh,
    /// It speaks the person's language, or is near.
    Nearby,
    /// It fits what is shown beside it.
    Context,
    /// The advertiser's bid.
    Bid,
    /// Shown to learn from it.
    Explore,
    /// Evidence that is no longer kept.
    Earlier,
}

impl ReasonKind {
    /// The kind that evidence of `deed` gives.
    pub fn of(deed: Deed) -> Self {
        use Deed::*;
        match deed {
            Said | Answered | Acted | RatedUp | RatedDown => Self::Said,
            Liked | Unliked => Self::Liked,
            Followed | Unfollowed => Self::Followed,
            Befriended | Unfriended => Self::Friend,
            Joined | Left => Self::Joined,
            Commented => Self::Commented,
            Shared => Self::Shared,
            Saved | Unsaved => Self::Saved,
            Purchased | AdConverted => Self::Purchased,
            Blocked | Viewed | Hid | Unhid | Reported | Clicked | PartnerActivity | AdSeen | AdClicked
            | AdHid => Self::Viewed,
        }
    }

    /// The contract's word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Said => "said",
            Self::Liked => "liked",
            Self::Followed => "followed",
            Self::Friend => "friend",
            Self::Joined => "joined",
            Self::Viewed => "viewed",
            Self::Commented => "commented",
            Self::Shared => "shared",
            Self::Saved => "saved",
            Self::Purchased => "purchased",
            Self::Popular => "popular",
            Self::Fresh => "fresh",
            Self::Nearby => "nearby",
            Self::Context => "context",
            Self::Bid => "bid",
            Self::Explore => "explore",
            Self::Earlier => "earlier",
        }
    }
}

/// One summand of a score.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Contribution {
    /// Why it counted.
    pub kind: ReasonKind,
    /// The topic that it is about, if it is about one.
    pub topic: Option<TopicId>,
    /// Where the evidence comes from, if there is any.
    pub source: Option<Source>,
    /// The person's own event, while it is kept.
    pub event: Option<EventId>,
    /// How much it adds to the score; negative is a drawback.
    pub value: Micronats,
}

impl Contribution {
    /// One without evidence of a person.
    pub fn general(kind: ReasonKind, value: f32) -> Self {
        Self { kind, topic: None, source: None, event: None, value: Micronats::from_nats(value) }
    }
}

/// A contribution as the contract answers it.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Reason {
    /// Why it counted.
    pub kind: ReasonKind,
    /// The topic's published id.
    pub topic: Option<TopicId>,
    /// Where the evidence comes from.
    pub source: Option<Source>,
    /// The person's own event.
    pub event: Option<EventId>,
    /// Contribution ÷ the sum of the positive contributions.
    pub share: f64,
}

/// The score: what the contributions add up to.
pub fn total(parts: &[Contribution]) -> Micronats {
    parts.iter().map(|p| p.value).sum()
}

/// Contributions as reasons: those of one kind, topic, source and event become one, the largest first; positive
/// shares add up to 1.
pub fn reasons(parts: &[Contribution]) -> Vec<Reason> {
    let merged = merge(parts);
    let positive: i64 = merged.iter().map(|p| p.value.0.max(0)).sum();
    let scale = if positive > 0 { positive as f64 } else { 1.0 };
    merged
        .into_iter()
        .map(|p| Reason {
            kind: p.kind,
            topic: p.topic,
            source: p.source,
            event: p.event,
            share: p.value.0 as f64 / scale,
        })
        .collect()
}

/// Adds up what differs in value only, drops what came to nothing, and puts the largest first.
pub(crate) fn merge(parts: &[Contribution]) -> Vec<Contribution> {
    let mut merged: Vec<Contribution> = Vec::with_capacity(parts.len());
    for part in parts {
        let same = |m: &&mut Contribution| {
            m.kind == part.kind && m.topic == part.topic && m.source == part.source && m.event == part.event
        };
        match merged.iter_mut().find(same) {
            Some(known) => known.value.0 += part.value.0,
            None => merged.push(part.clone()),
        }
    }
    merged.retain(|m| m.value.0 != 0);
    merged.sort_by_key(|m| std::cmp::Reverse(m.value));
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positive_shares_add_up_to_one_and_drawbacks_stay_negative() {
        let parts = [
            Contribution::general(ReasonKind::Popular, 0.3),
            Contribution::general(ReasonKind::Fresh, 0.1),
            Contribution::general(ReasonKind::Popular, 0.2),
            Contribution::general(ReasonKind::Viewed, -0.3),
        ];
        let reasons = reasons(&parts);
        assert_eq!(reasons.len(), 3);
        assert_eq!(reasons[0].kind, ReasonKind::Popular);
        let positive: f64 = reasons.iter().map(|r| r.share.max(0.0)).sum();
        assert!((positive - 1.0).abs() < 1e-12);
        assert!((reasons[2].share + 0.5).abs() < 1e-12);
        assert_eq!(total(&parts).0, 300_000);
    }
}
