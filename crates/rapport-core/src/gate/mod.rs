//! The gate: may this class of signal be used, for this purpose, now?
//!
//! A policy engine decides ([`Decider`]); this module asks it about every class of a profile at the moment of
//! use, and is the only place that can make a [`View`].

mod key;
mod person;
mod policy;
mod purpose;
mod view;

pub use key::{Age, Decision, GateKey, RuleId};
pub use person::{Account, Choices, NoticeSeen, Person, TopicChoice};
pub use policy::{Decider, NoticeTerms, PolicyFacts, Rule, Terms};
pub use purpose::{Ads, Feed, Purpose, PurposeTag};
pub use view::{Asking, Facts, Gate, Judged, View};
