//! `PUT /people/{id}/choices`: what a person allows and refuses.

use std::collections::BTreeMap;

use rapport_core::gate::{Choices, Person, Purpose, TopicChoice};
use rapport_core::topic::TopicId;
use rapport_policy::CedarPolicy;
use serde_json::{Map, Value, json};

use crate::app::people::facts;
use crate::app::{App, Call, Problem, name};

/// Choices to change; what is left out stays, null takes a choice back.
#[derive(Clone, Debug, Default, serde::Deserialize, utoipa::ToSchema)]
pub struct ChoicesBody {
    /// By purpose: `false` objects, `true` consents.
    #[serde(default)]
    pub purposes: BTreeMap<String, Option<bool>>,
    /// By IAB 3.1 id: `less`, `never` or `more`.
    #[serde(default)]
    pub topics: BTreeMap<String, Option<String>>,
    /// By advertiser: `never`.
    #[serde(default)]
    pub advertisers: BTreeMap<String, Option<String>>,
}

impl App {
    /// Merges choices into a person's; every choice of theirs, those that the policy does not honour marked.
    ///
    /// # Errors
    /// `unknown-person`, or the first choice that is none.
    pub fn choose(&self, id: &str, body: &ChoicesBody, call: &Call) -> Result<Value, Problem> {
        let policy = self.policies.for_call(call)?;
        let _turn = self.edit(id);
        let who = self.surrogate(id)?;
        let mut person: Person = facts(self.store.as_ref(), who)?;
        merge(&mut person.choices, body)?;
        self.save(&name("id", id)?, &person)?;
        self.recount(who, call.now);
        Ok(describe(&person.choices, policy))
    }

    /// A person's choices.
    ///
    /// # Errors
    /// `unknown-person`.
    pub fn choices(&self, id: &str, call: &Call) -> Result<Value, Problem> {
        let policy = self.policies.for_call(call)?;
        let person = facts(self.store.as_ref(), self.surrogate(id)?)?;
        Ok(describe(&person.choices, policy))
    }
}

fn merge(choices: &mut Choices, body: &ChoicesBody) -> Result<(), Problem> {
    for (purpose, choice) in &body.purposes {
        let known = Purpose::from_name(purpose).ok_or_else(|| {
            let names = Purpose::ALL.map(Purpose::name).join("`, `");
            Problem::invalid(format!("`purposes` names something that is none of `{names}`"))
        })?;
        set(&mut choices.purposes, known, *choice);
    }
    for (topic, choice) in &body.topics {
        let known = TopicId::from_code(topic).ok_or_else(|| {
            Problem::invalid("`topics` holds an id that is not in the IAB Content Taxonomy 3.1")
        })?;
        set(&mut choices.topics, known, choice.as_deref().map(topic_choice).transpose()?);
    }
    for (advertiser, choice) in &body.advertisers {
        let advertiser = name("advertisers", advertiser)?;
        match choice.as_deref() {
            Some("never") => choices.never_advertisers.insert(advertiser),
            None => choices.never_advertisers.remove(&advertiser),
            Some(_) => {
                return Err(Problem::invalid("`advertisers` holds something other than `never` or null"));
            }
        };
    }
    Ok(())
}

fn set<K: Ord, V>(choices: &mut BTreeMap<K, V>, key: K, choice: Option<V>) {
    match choice {
        Some(choice) => choices.insert(key, choice),
        None => choices.remove(&key),
    };
}

fn topic_choice(word: &str) -> Result<TopicChoice, Problem> {
    match word {
        "more" => Ok(TopicChoice::More),
        "less" => Ok(TopicChoice::Less),
        "never" => Ok(TopicChoice::Never),
        _ => Err(Problem::invalid("`topics` holds something other than `more`, `less`, `never` or null")),
    }
}

fn describe(choices: &Choices, policy: &CedarPolicy) -> Value {
    let purposes: Map<String, Value> = choices
        .purposes
        .iter()
        .map(|(purpose, choice)| (purpose.name().to_owned(), answer(*purpose, *choice, policy)))
        .collect();
    let advertisers: BTreeMap<&str, &str> =
        choices.never_advertisers.iter().map(|advertiser| (advertiser.as_str(), "never")).collect();
    json!({ "purposes": purposes, "topics": choices.topics, "advertisers": advertisers })
}

/// An objection that a rule overrides is stored, and the rule is named in its place.
fn answer(purpose: Purpose, choice: bool, policy: &CedarPolicy) -> Value {
    let overriding = if choice { None } else { policy.objection_rule(purpose) };
    match overriding {
        Some(rule) => json!({ "honoured": false, "rule": rule.id }),
        None => choice.into(),
    }
}
