//! What is known about a person, as the page shows it: topics, evidence, and what each purpose may do with them.

use std::collections::BTreeMap;

use serde::Serialize;

use super::answers::{PolicyAnswer, ProfileAnswer, ProfileTopic, Verdict};
use super::art::look;
use super::reason::{day, deed, shortened};
use super::world::world;

/// What stands for the rest where one rule keeps out several.
const MORE: &str = " and more";

/// Purposes for people, the two that the page is about first.
const PURPOSES: [(&str, &str); 11] = [
    ("feed", "Feed"),
    ("ads", "Ads"),
    ("assistant", "Assistant"),
    ("ads_offsite", "Ads elsewhere"),
    ("measurement", "Measurement"),
    ("product_improvement", "Improving the product"),
    ("research", "Research"),
    ("ai_training", "Training AI"),
    ("partner_share", "Sharing with partners"),
    ("safety", "Safety"),
    ("legal_request", "Lawful requests"),
];

/// A topic of the profile.
#[derive(Clone, Debug, Serialize)]
pub struct KnownTopic {
    /// The published id.
    pub id: String,
    /// The published name.
    pub name: String,
    /// Its weight, signed, with two digits.
    pub weight: String,
    /// The weight as part of the largest, in percent.
    pub bar: i64,
    /// Whether it is dislike.
    pub against: bool,
    /// Its drawing.
    pub art: &'static str,
    /// Its colour.
    pub hue: u8,
    /// What the person wants of it.
    pub choice: Option<String>,
    /// Where the evidence comes from, in words.
    pub sources: Vec<String>,
    /// The events.
    pub evidence: Vec<KnownEvent>,
    /// Feed and ads.
    pub main: Vec<Use>,
    /// The other purposes.
    pub others: Vec<Use>,
}

/// An event that something rests on.
#[derive(Clone, Debug, Serialize)]
pub struct KnownEvent {
    /// Its id.
    pub id: String,
    /// What happened, in words.
    pub words: String,
    /// When, for example `11 Dec`.
    pub when: Option<String>,
}

/// What one purpose may do.
#[derive(Clone, Debug, Serialize)]
pub struct Use {
    /// The contract's word.
    pub purpose: String,
    /// The same for people.
    pub name: &'static str,
    /// Whether it may be used.
    pub allowed: bool,
    /// The rule that says so.
    pub rule: String,
    /// The rule's sentence.
    pub says: String,
}

/// What became of something that was said.
#[derive(Clone, Debug, Serialize)]
pub struct Heard {
    /// Names of the topics that rest on it.
    pub topics: Vec<String>,
    /// Feed and ads, by the class that it fell into; one rule that says the same of both stands once.
    pub uses: Vec<Told>,
}

/// What one rule says of something that was said.
#[derive(Clone, Debug, Serialize)]
pub struct Told {
    /// The contract's words, with a space between.
    pub purposes: String,
    /// The same for people.
    pub names: String,
    /// Whether it may be used.
    pub allowed: bool,
    /// The rule.
    pub rule: String,
    /// Its sentence.
    pub says: String,
}

/// A rule that keeps something that was said from a purpose.
#[derive(Clone, Debug, Serialize)]
pub struct Refusal {
    /// What was said, shortened.
    pub about: String,
    /// The contract's word.
    pub purpose: String,
    /// The rule.
    pub rule: String,
    /// Its sentence.
    pub says: String,
}

/// What rests on events, in words.
pub struct Known<'a> {
    /// The profile.
    pub profile: &'a ProfileAnswer,
    /// The policy in force.
    pub policy: &'a PolicyAnswer,
    /// What the page remembers of what was said, by event.
    pub said: &'a BTreeMap<String, String>,
}

impl Known<'_> {
    /// Every topic, in the profile's order.
    pub fn topics(&self) -> Vec<KnownTopic> {
        let largest =
            self.profile.topics.iter().map(|topic| topic.weight.abs()).fold(f64::MIN_POSITIVE, f64::max);
        self.profile.topics.iter().map(|topic| self.topic(topic, largest)).collect()
    }

    /// What became of each thing that was said, by event.
    pub fn heard(&self) -> BTreeMap<String, Heard> {
        self.said.keys().map(|event| (event.clone(), self.heard_of(event))).collect()
    }

    /// The rules that keep what was said from `purpose`, each once.
    pub fn refusals(&self, purpose: &str) -> Vec<Refusal> {
        let mut refusals: Vec<Refusal> = Vec::new();
        for (event, words) in self.said {
            let uses = self.uses_of(event).into_iter();
            for Use { purpose, rule, says, .. } in
                uses.filter(|found| found.purpose == purpose && !found.allowed)
            {
                let about = format!("“{}”", shortened(words, 44));
                match refusals.iter_mut().find(|known| known.rule == rule) {
                    Some(known) if !known.about.ends_with(MORE) => known.about.push_str(MORE),
                    Some(_) => {}
                    None => refusals.push(Refusal { about, purpose, rule, says }),
                }
            }
        }
        refusals
    }

    fn heard_of(&self, event: &str) -> Heard {
        let topics = self
            .profile
            .topics
            .iter()
            .filter(|t| rests(&t.evidence, event))
            .map(|t| t.name.clone())
            .collect();
        let mut uses: Vec<Told> = Vec::new();
        for found in self.uses_of(event) {
            let name = if found.purpose == "feed" { "your feed" } else { "ads" };
            match uses.iter_mut().find(|told| told.rule == found.rule && told.allowed == found.allowed) {
                Some(told) => {
                    told.purposes = format!("{} {}", told.purposes, found.purpose);
                    told.names = format!("{} and {name}", told.names);
                }
                None => uses.push(Told {
                    purposes: found.purpose,
                    names: name.to_owned(),
                    allowed: found.allowed,
                    rule: found.rule,
                    says: found.says,
                }),
            }
        }
        Heard { topics, uses }
    }

    /// Feed and ads; refused where any class that holds the event is.
    fn uses_of(&self, event: &str) -> Vec<Use> {
        let verdict = |purpose: &str| {
            let classes = self.profile.classes.iter().filter(|class| rests(&class.evidence, event));
            let mut verdicts = classes.filter_map(|class| class.purposes.get(purpose));
            verdicts.clone().find(|verdict| !verdict.allowed).or_else(|| verdicts.next())
        };
        PURPOSES[..2].iter().filter_map(|p| Some(self.one_use(p, verdict(p.0)?))).collect()
    }

    fn topic(&self, topic: &ProfileTopic, largest: f64) -> KnownTopic {
        let (art, hue) = look([topic.id.as_str()]);
        let uses = |purposes: &[(&str, &'static str)]| {
            purposes.iter().filter_map(|p| Some(self.one_use(p, topic.purposes.get(p.0)?))).collect()
        };
        KnownTopic {
            id: topic.id.clone(),
            name: topic.name.clone(),
            weight: format!("{:+.2}", topic.weight).replace('-', "−"),
            bar: (topic.weight.abs() / largest * 100.0).round() as i64,
            against: topic.weight < 0.0,
            art,
            hue,
            choice: topic.choice.clone(),
            sources: topic.sources.iter().map(|source| source_name(source).to_owned()).collect(),
            evidence: topic.evidence.iter().map(|id| self.event(id)).collect(),
            main: uses(&PURPOSES[..2]),
            others: uses(&PURPOSES[2..]),
        }
    }

    fn one_use(&self, (purpose, name): &(&str, &'static str), verdict: &Verdict) -> Use {
        Use {
            purpose: (*purpose).to_owned(),
            name,
            allowed: verdict.allowed,
            says: self.policy.says(&verdict.rule).to_owned(),
            rule: verdict.rule.clone(),
        }
    }

    fn event(&self, id: &str) -> KnownEvent {
        let event = world().event(id);
        let words = match (self.said.get(id), event.and_then(deed)) {
            (Some(said), _) => format!("You said “{}”", shortened(said, 90)),
            (None, Some(words)) => words,
            (None, None) => "You told the assistant; the words are not kept".to_owned(),
        };
        KnownEvent { id: id.to_owned(), words, when: event.and_then(|e| day(e["at"].as_str()?)) }
    }
}

fn rests(evidence: &[String], event: &str) -> bool {
    evidence.iter().any(|id| id == event)
}

fn source_name(source: &str) -> &str {
    match source {
        "assistant" => "said to the assistant",
        "social" => "done in the products",
        "partner" => "sent by a partner",
        "ads" => "from ads",
        "account" => "from the account",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_was_said_is_judged_by_its_own_class_even_where_others_allow_the_topic() {
        let profile: ProfileAnswer = serde_json::from_value(json!({"topics": [
            {"id": "542", "name": "Walking", "weight": 1.0, "evidence": ["e1", "like"],
             "purposes": {"ads": {"allowed": true, "rule": "personalised"}}},
            {"id": "317", "name": "Diabetes", "weight": 0.5, "evidence": ["e1"]},
        ], "classes": [
            {"evidence": ["like"], "purposes": {"ads": {"allowed": true, "rule": "personalised"}}},
            {"evidence": ["e1"], "purposes": {"feed": {"allowed": true, "rule": "personalised"},
                                              "ads": {"allowed": false, "rule": "sensitive-never-for-ads"}}},
        ]}))
        .unwrap();
        let policy: PolicyAnswer =
            serde_json::from_value(json!({"rules": [{"id": "sensitive-never-for-ads", "says": "Never."}]}))
                .unwrap();
        let said = BTreeMap::from([("e1".to_owned(), "words".to_owned())]);
        let known = Known { profile: &profile, policy: &policy, said: &said };
        let heard = &known.heard()["e1"];
        assert_eq!(heard.topics, ["Walking", "Diabetes"]);
        let allowed: Vec<bool> = heard.uses.iter().map(|found| found.allowed).collect();
        assert_eq!(allowed, [true, false]);
        assert_eq!(known.refusals("ads")[0].says, "Never.");
        assert!(known.refusals("feed").is_empty());
        assert_eq!(known.topics()[1].bar, 50);
    }
}
