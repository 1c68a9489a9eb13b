//! A policy as the gate sees it: its dates, notices and regions, and something that decides.

use std::collections::BTreeMap;

use crate::country::Country;
use crate::gate::{Decision, GateKey, Purpose, RuleId};
use crate::time::UnixMillis;

/// The part of a policy that classes are computed from: which notices exist and which regions are rolled out.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Terms {
    /// Every notice known, oldest first, at most 16; a class has one bit for each.
    pub notices: Vec<NoticeTerms>,
    /// The allow-list: a country is open from its date on, and only then.
    pub regions: BTreeMap<Country, UnixMillis>,
}

/// A notice and its dates.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct NoticeTerms {
    /// For example `"2025-12"`.
    pub id: String,
    /// When telling people began.
    pub notice_from: UnixMillis,
    /// When use may begin.
    pub effective_at: UnixMillis,
}

impl Terms {
    /// Whether `country` was on the allow-list at `at`.
    pub fn region_open(&self, country: Country, at: UnixMillis) -> bool {
        self.regions.get(&country).is_some_and(|from| at >= *from)
    }

    /// One bit for each notice whose effective date had come at `at`.
    pub fn effective(&self, at: UnixMillis) -> u16 {
        self.bits(|notice| at >= notice.effective_at)
    }

    /// One bit for each notice that `test` accepts.
    pub fn bits(&self, test: impl Fn(&NoticeTerms) -> bool) -> u16 {
        self.notices.iter().take(16).enumerate().fold(0, |bits, (i, n)| bits | (u16::from(test(n)) << i))
    }
}

/// What anybody may know about a policy version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyFacts {
    /// For example `"careful"`.
    pub name: String,
    /// For example `"careful-1"`: name and content.
    pub version: String,
    /// Ordinal of the version in this server's history; signals keep it as their epoch.
    pub epoch: u32,
    /// Index into [`Terms::notices`] of the notice in force.
    pub notice: usize,
    /// Its notices and regions.
    pub terms: Terms,
    /// Its rules, in the order that they are written.
    pub rules: Vec<Rule>,
    /// Purposes whose objection it honours.
    pub honours_objection: Vec<Purpose>,
}

impl PolicyFacts {
    /// The rule with that id.
    pub fn rule(&self, id: RuleId) -> Option<&Rule> {
        self.rules.get(usize::from(id.0))
    }

    /// The notice in force.
    pub fn notice_in_force(&self) -> Option<&NoticeTerms> {
        self.terms.notices.get(self.notice)
    }
}

/// One rule, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Stable name, for example `"sensitive-never-for-ads"`.
    pub id: String,
    /// What it says, in one sentence.
    pub says: String,
}

/// Something that decides: Cedar behind a memo in production, a few lines in tests.
pub trait Decider: Send + Sync {
    /// Allowed or refused, and by which rule. Anything that cannot be decided is refused.
    fn decide(&self, key: &GateKey) -> Decision;

    /// The policy that it decides by.
    fn facts(&self) -> &PolicyFacts;
}
