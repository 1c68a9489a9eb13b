//! `GET /people/{id}/profile`: what is known of a person, where it comes from, and what each part may be used for.

use std::collections::{BTreeMap, BTreeSet};

use rapport_core::gate::{Asking, Decider, Decision, Gate, Person, Purpose};
use rapport_core::ids::Product;
use rapport_core::profile::weight::{DISLIKES, LIKES};
use rapport_core::profile::{ClassProfile, TopicWeight};
use rapport_core::topic::TopicId;
use rapport_policy::CedarPolicy;
use serde_json::{Map, Value, json};

use crate::app::receipts::class as describe_class;
use crate::app::{App, Call, Problem, name};

/// A topic's parts in the classes that hold it.
#[derive(Default)]
struct Held<'p> {
    weight: f64,
    sources: BTreeSet<&'static str>,
    evidence: Vec<&'p str>,
    classes: Vec<(&'p ClassProfile, f64)>,
}

impl App {
    /// A person's profile, with what the policy says at the request's time. `product` is where it would be used; each class's own if it is
    /// not said. Equal profiles give equal bytes: no revision and no time of writing is in it.
    ///
    /// # Errors
    /// `unknown-person`, or a fault of the store.
    pub fn profile(&self, id: &str, product: Option<&str>, call: &Call) -> Result<Value, Problem> {
        let policy = self.policies.for_call(call)?;
        let product = product.map(|text| name("product", text)).transpose()?;
        let (_, ready) = self.person(id, policy)?;
        let judge = Judge { policy, person: &ready.person, product, call };
        let mut topics: Vec<(TopicId, Held<'_>)> = held(&ready.profile.classes).into_iter().collect();
        topics.sort_by(|a, b| b.1.weight.total_cmp(&a.1.weight).then(a.0.cmp(&b.0)));
        Ok(json!({
            "policy": policy.facts().version,
            "topics": topics.iter().map(|(topic, held)| judge.topic(*topic, held)).collect::<Vec<_>>(),
            "classes": ready.profile.classes.iter().map(|class| judge.class(class)).collect::<Vec<_>>(),
            "relations": ready.profile.relations.len(),
        }))
    }
}

struct Judge<'a> {
    policy: &'a CedarPolicy,
    person: &'a Person,
    product: Option<Product>,
    call: &'a Call,
}

impl Judge<'_> {
    fn topic(&self, topic: TopicId, held: &Held<'_>) -> Value {
        let mut purposes = Map::new();
        for purpose in Purpose::ALL {
            purposes.insert(purpose.name().to_owned(), self.any(purpose, &held.classes));
        }
        json!({
            "id": topic.code(),
            "name": topic.name(),
            "weight": held.weight,
            "sensitive": topic.sensitive().iter().map(|c| c.name()).collect::<Vec<_>>(),
            "choice": self.person.choices.of_topic(topic),
            "sources": held.sources,
            "evidence": held.evidence,
            "purposes": purposes,
        })
    }

    fn class(&self, class: &ClassProfile) -> Value {
        let mut purposes = Map::new();
        for purpose in Purpose::ALL {
            purposes.insert(purpose.name().to_owned(), self.answer(self.decide(class, purpose)));
        }
        let mut out = describe_class(&class.class);
        let topics = || class.topics.iter().chain(&class.negatives);
        out["topics"] = topics().map(|t| t.topic.code()).collect();
        let evidence: BTreeSet<&str> =
            topics().flat_map(|t| &t.evidence).map(|evidence| evidence.event.as_str()).collect();
        out["evidence"] = json!(evidence);
        out["purposes"] = Value::Object(purposes);
        out
    }

    /// Allowed if any class that holds the topic is: by the rule of the heaviest allowed one, or else refused by
    /// that of the heaviest.
    fn any(&self, purpose: Purpose, classes: &[(&ClassProfile, f64)]) -> Value {
        let mut heaviest: Vec<_> = classes.iter().collect();
        heaviest.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
        let decisions: Vec<Decision> =
            heaviest.iter().map(|(class, _)| self.decide(class, purpose)).collect();
        let telling = decisions.iter().find(|d| d.allowed).or(decisions.first());
        telling.map_or(Value::Null, |decision| self.answer(*decision))
    }

    fn decide(&self, class: &ClassProfile, purpose: Purpose) -> Decision {
        let product = self.product.as_ref().unwrap_or(&class.class.product);
        let asking = Asking { product, now: self.call.now, gpc: self.call.gpc };
        Gate::new(self.policy).decide(&class.class, self.person, purpose, &asking)
    }

    fn answer(&self, decision: Decision) -> Value {
        let rule = self.policy.facts().rule(decision.rule).map(|rule| rule.id.as_str());
        json!({ "allowed": decision.allowed, "rule": rule })
    }
}

/// Weights are as of the profile's own latest event, not of the request: the same log reads the same tomorrow.
fn held(classes: &[ClassProfile]) -> BTreeMap<TopicId, Held<'_>> {
    let latest = classes.iter().map(|class| class.last).max().unwrap_or_default();
    let mut all: BTreeMap<TopicId, Held<'_>> = BTreeMap::new();
    for class in classes {
        for (topics, half_lives, sign) in [(&class.topics, LIKES, 1.0), (&class.negatives, DISLIKES, -1.0)] {
            for topic in topics {
                let (fast, slow) = topic.weight.at(latest, half_lives);
                let weight = sign * f64::from(fast + slow) / 2.0;
                add(all.entry(topic.topic).or_default(), class, topic, weight);
            }
        }
    }
    all
}

fn add<'p>(held: &mut Held<'p>, class: &'p ClassProfile, topic: &'p TopicWeight, weight: f64) {
    held.weight += weight;
    held.sources.insert(class.class.source.name());
    held.classes.push((class, weight));
    for evidence in &topic.evidence {
        if !held.evidence.contains(&evidence.event.as_str()) {
            held.evidence.push(evidence.event.as_str());
        }
    }
}
