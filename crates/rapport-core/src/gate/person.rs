//! What is known about a person besides their log: the facts, accounts, choices and notices of `PUT /people`.

use std::collections::{BTreeMap, BTreeSet};

use crate::country::Country;
use crate::gate::{Age, Purpose};
use crate::ids::{Name, Product};
use crate::time::UnixMillis;
use crate::topic::TopicId;

/// A person's facts.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Person {
    /// Where they live; unknown fails closed.
    pub country: Country,
    /// The year they were born in.
    pub birth_year: Option<i16>,
    /// ISO 639-1 codes, best first.
    pub languages: Vec<String>,
    /// Their accounts in the house's products.
    pub accounts: Vec<Account>,
    /// For notices.
    pub email: Option<String>,
    /// What they allowed or refused.
    pub choices: Choices,
    /// What they were told.
    pub notices: Vec<NoticeSeen>,
}

/// An account in one product.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Account {
    /// The product.
    pub product: Product,
    /// Whether the person linked it with their others.
    pub linked: bool,
}

/// A notice that a person saw.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct NoticeSeen {
    /// The notice, for example `"2025-12"`.
    pub notice: String,
    /// When it was seen.
    pub at: UnixMillis,
    /// `"in_app"` or `"email"`.
    pub channel: String,
}

/// What a person allowed or refused.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Choices {
    /// `false` is an objection, `true` is consent.
    pub purposes: BTreeMap<Purpose, bool>,
    /// More, less or never of a topic and its descendants.
    pub topics: BTreeMap<TopicId, TopicChoice>,
    /// Advertisers that the person never wants to see.
    pub never_advertisers: BTreeSet<Name>,
}

/// What a person wants of a topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TopicChoice {
    /// More of it; for a sensitive topic this is asking for it.
    More,
    /// Less of it.
    Less,
    /// None of it.
    Never,
}

impl Person {
    /// Whether signals of `from` may serve `to` as far as links go: the same product, or both accounts linked.
    pub fn links(&self, from: &Product, to: &Product) -> bool {
        let linked = |product: &Product| self.accounts.iter().any(|a| a.product == *product && a.linked);
        linked(from) && linked(to)
    }

    /// Years between the year of birth and the year of `now`; up to one more than the true age.
    pub fn years(&self, now: UnixMillis) -> Option<u8> {
        let years = now.year() - self.birth_year?;
        u8::try_from(years).ok().filter(|years| *years <= 130)
    }

    /// Grown up only if certainly 18, whatever the birthday.
    pub fn age(&self, now: UnixMillis) -> Age {
        match self.years(now) {
            None => Age::Unknown,
            Some(years) if years > 18 => Age::Adult,
            Some(_) => Age::Minor,
        }
    }

    /// When the person first saw `notice`.
    pub fn saw(&self, notice: &str) -> Option<UnixMillis> {
        self.notices.iter().filter(|seen| seen.notice == notice).map(|seen| seen.at).min()
    }
}

impl Choices {
    /// What the person said of `topic`, or of the nearest topic above it.
    pub fn of_topic(&self, topic: TopicId) -> Option<TopicChoice> {
        if self.topics.is_empty() {
            return None;
        }
        topic.lineage().find_map(|t| self.topics.get(&t).copied())
    }
}
