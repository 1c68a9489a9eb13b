//! Views: the permitted part of a profile, for one purpose at one moment.

use std::marker::PhantomData;

use crate::country::Country;
use crate::event::Modality;
use crate::gate::{
    Age, Choices, Decider, Decision, GateKey, Person, PolicyFacts, Purpose, PurposeTag, TopicChoice,
};
use crate::ids::Product;
use crate::profile::{ClassProfile, Profile, Relation};
use crate::signal::{Class, Marks, Source};
use crate::time::UnixMillis;
use crate::topic::{Categories, TopicId};

/// Who asks, where, and when.
#[derive(Clone, Debug)]
pub struct Asking<'a> {
    /// The product that the answer is shown in.
    pub product: &'a Product,
    /// The request's clock.
    pub now: UnixMillis,
    /// Whether the request bears `Sec-GPC: 1`.
    pub gpc: bool,
}

/// Asks the policy about everything in a profile.
#[derive(Clone, Copy)]
pub struct Gate<'a> {
    decider: &'a dyn Decider,
}

/// A class, and what the policy said about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged<'p> {
    /// The class.
    pub class: &'p Class,
    /// The answer.
    pub decision: Decision,
}

/// What a ranker or auction may know of a person besides signals.
#[derive(Clone, Debug, PartialEq)]
pub struct Facts<'p> {
    /// Where the person is now; unknown if nobody said.
    pub country: Country,
    /// The languages that the person reads, best first.
    pub languages: &'p [String],
    /// The age in years, if the policy lets this purpose use account facts.
    pub years: Option<u8>,
}

/// The permitted part of a profile, for the purpose `P`, at one moment. Only [`Gate::view`] makes one.
#[derive(Debug)]
pub struct View<'p, P> {
    now: UnixMillis,
    classes: Vec<&'p ClassProfile>,
    relations: Vec<&'p Relation>,
    limits: Vec<&'p Relation>,
    facts: Facts<'p>,
    choices: &'p Choices,
    judged: Vec<Judged<'p>>,
    purpose: PhantomData<P>,
}

impl<'a> Gate<'a> {
    /// A gate that asks `decider`.
    pub fn new(decider: &'a dyn Decider) -> Self {
        Self { decider }
    }

    /// The policy that it asks.
    pub fn policy(&self) -> &'a PolicyFacts {
        self.decider.facts()
    }

    /// What of `profile` may serve `P` now. Cost: one decision a class.
    pub fn view<'p, P: PurposeTag>(
        &self,
        profile: &'p Profile,
        person: &'p Person,
        asking: &Asking<'_>,
    ) -> View<'p, P> {
        let judge = |c: &'p ClassProfile| Judged {
            class: &c.class,
            decision: self.decide(&c.class, person, P::PURPOSE, asking),
        };
        let judged: Vec<Judged<'p>> = profile.classes.iter().map(judge).collect();
        let allowed = |class: u16| judged.get(usize::from(class)).is_some_and(|j| j.decision.allowed);
        let classes =
            profile.classes.iter().zip(&judged).filter(|(_, j)| j.decision.allowed).map(|(c, _)| c).collect();
        let relations = profile.relations.iter().filter(|r| allowed(r.class)).collect();
        let limits = profile.relations.iter().filter(|r| restrains(r)).collect();
        View {
            now: asking.now,
            classes,
            relations,
            limits,
            facts: self.facts(person, P::PURPOSE, asking),
            choices: &person.choices,
            judged,
            purpose: PhantomData,
        }
    }

    /// Whether signals of `class` may serve `purpose` now.
    pub fn decide(&self, class: &Class, person: &Person, purpose: Purpose, asking: &Asking<'_>) -> Decision {
        self.decider.decide(&key(class, person, purpose, asking, self.policy()))
    }

    /// Country and language come with every request; age is account data that the policy may take away.
    fn facts<'p>(&self, person: &'p Person, purpose: Purpose, asking: &Asking<'_>) -> Facts<'p> {
        let account = account_class(person, asking);
        let allowed = self.decide(&account, person, purpose, asking).allowed;
        Facts {
            country: person.country,
            languages: &person.languages,
            years: if allowed { person.years(asking.now) } else { None },
        }
    }
}

/// The question about one class.
fn key(
    class: &Class,
    person: &Person,
    purpose: Purpose,
    asking: &Asking<'_>,
    policy: &PolicyFacts,
) -> GateKey {
    let terms = &policy.terms;
    let notice = 1u16.checked_shl(policy.notice as u32).unwrap_or(0);
    let choice = person.choices.purposes.get(&purpose);
    GateKey {
        purpose,
        source: class.source,
        modality: class.modality,
        marks: class.marks,
        country_then: class.country,
        country_now: person.country,
        region_then: class.region_open,
        region_now: terms.region_open(person.country, asking.now),
        same_product: class.product == *asking.product,
        linked: person.links(&class.product, asking.product),
        after_notice: class.notices_seen & notice != 0,
        after_effective: class.notices_effective & notice != 0,
        effective_now: terms.effective(asking.now) & notice != 0,
        objected: choice == Some(&false),
        consented: choice == Some(&true),
        gpc: asking.gpc,
        age: person.age(asking.now),
        sensitive_asked: class.marks.sensitive.is_subset(asked_for(&person.choices)),
    }
}

/// The categories that the person asked for, by choosing more of a topic in them.
fn asked_for(choices: &Choices) -> Categories {
    let more = choices.topics.iter().filter(|(_, choice)| **choice == TopicChoice::More);
    more.fold(Categories::NONE, |all, (topic, _)| all | topic.sensitive())
}

/// The facts of an account, as a class of their own.
fn account_class(person: &Person, asking: &Asking<'_>) -> Class {
    Class {
        source: Source::Account,
        product: asking.product.clone(),
        modality: Modality::None,
        marks: Marks::default(),
        country: person.country,
        region_open: true,
        notices_seen: 0,
        notices_effective: 0,
        epoch: 0,
    }
}

/// Blocks, hides and reports bind every purpose: they are the person's own limits, not evidence.
fn restrains(relation: &Relation) -> bool {
    use crate::event::Deed::{AdHid, Blocked, Hid, Reported};
    matches!(relation.deed, Blocked | Hid | Reported | AdHid)
}

impl<'p, P: PurposeTag> View<'p, P> {
    /// The moment that it holds for.
    pub fn now(&self) -> UnixMillis {
        self.now
    }

    /// The permitted classes.
    pub fn classes(&self) -> &[&'p ClassProfile] {
        &self.classes
    }

    /// The permitted relations, oldest first.
    pub fn relations(&self) -> impl Iterator<Item = &'p Relation> + '_ {
        self.relations.iter().copied()
    }

    /// Blocks, hides and reports, whatever the policy allows.
    pub fn limits(&self) -> impl Iterator<Item = &'p Relation> + '_ {
        self.limits.iter().copied()
    }

    /// Country, languages and, if permitted, age.
    pub fn facts(&self) -> &Facts<'p> {
        &self.facts
    }

    /// What the person chose about a topic.
    pub fn choice(&self, topic: TopicId) -> Option<TopicChoice> {
        self.choices.of_topic(topic)
    }

    /// Advertisers that the person never wants to see.
    pub fn refuses_advertiser(&self, advertiser: &str) -> bool {
        self.choices.never_advertisers.contains(advertiser)
    }

    /// Every class of the profile with the policy's answer, for the receipt.
    pub fn judged(&self) -> &[Judged<'p>] {
        &self.judged
    }

    /// Whether anything about the person may shape the answer.
    pub fn is_personal(&self) -> bool {
        !self.classes.is_empty()
    }
}

impl Age {
    /// The word for policies.
    pub fn name(self) -> &'static str {
        match self {
            Self::Adult => "adult",
            Self::Minor => "minor",
            Self::Unknown => "unknown",
        }
    }
}
