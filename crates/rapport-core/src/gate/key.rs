//! The question that a policy answers, with everything it may read and nothing else.

use crate::country::Country;
use crate::event::Modality;
use crate::gate::Purpose;
use crate::signal::{Marks, Source};

/// One question to the policy. Two questions with equal keys have equal answers, so a memo is safe: whatever a
/// policy may read stands here, and time is already turned into the facts that depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct GateKey {
    /// What the signal would be used for.
    pub purpose: Purpose,
    /// Where the evidence comes from.
    pub source: Source,
    /// How it was said.
    pub modality: Modality,
    /// What it is about.
    pub marks: Marks,
    /// Where the person was when it was collected.
    pub country_then: Country,
    /// Where the person is now.
    pub country_now: Country,
    /// Whether the former was rolled out when it was collected.
    pub region_then: bool,
    /// Whether the latter is rolled out now.
    pub region_now: bool,
    /// Whether it was collected in the product that asks.
    pub same_product: bool,
    /// Whether the person linked the two products' accounts.
    pub linked: bool,
    /// Whether it happened after the person saw the notice in force.
    pub after_notice: bool,
    /// Whether it happened on or after that notice's effective date.
    pub after_effective: bool,
    /// Whether that date has come now.
    pub effective_now: bool,
    /// Whether the person objected to this purpose.
    pub objected: bool,
    /// Whether the person consented to this purpose.
    pub consented: bool,
    /// Whether the request bears `Sec-GPC: 1`.
    pub gpc: bool,
    /// How old the person is.
    pub age: Age,
    /// Whether the person asked for every sensitive category that the signal bears.
    pub sensitive_asked: bool,
}

/// How old a person is, as far as a policy cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Age {
    /// Certainly 18 or more.
    Adult,
    /// Maybe less than 18.
    Minor,
    /// Nobody said.
    Unknown,
}

/// A policy's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Whether the signal may be used.
    pub allowed: bool,
    /// The rule that allowed or refused it.
    pub rule: RuleId,
}

/// Index into [`PolicyFacts::rules`](crate::gate::PolicyFacts::rules).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleId(pub u16);
