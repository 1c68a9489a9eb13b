//! `GET /policy` and `GET /policy/versions`.

use rapport_core::gate::{Decider, PolicyFacts, Purpose};
use serde_json::{Value, json};

use crate::app::{App, Call, Problem};

impl App {
    /// The policy in force, for anybody to read.
    ///
    /// # Errors
    /// When the call names a policy that is not at hand.
    pub fn policy(&self, call: &Call) -> Result<Value, Problem> {
        let facts = self.policies.for_call(call)?.facts();
        let regions: Vec<Value> = facts
            .terms
            .regions
            .iter()
            .map(|(country, from)| json!({ "country": country.code(), "from": from.to_string() }))
            .collect();
        let rules: Vec<Value> =
            facts.rules.iter().map(|rule| json!({ "id": rule.id, "says": rule.says })).collect();
        Ok(json!({
            "name": facts.name, "version": facts.version, "notice": notice(facts), "regions": regions,
            "purposes": Purpose::ALL.map(Purpose::name),
            "honours_objection": facts.honours_objection.iter().map(|p| p.name()).collect::<Vec<_>>(),
            "rules": rules,
        }))
    }

    /// Every version that was in force on this data, oldest first, and those at hand.
    pub fn policy_versions(&self) -> Value {
        let current = &self.policies.current_facts().version;
        let versions: Vec<Value> = self
            .policies
            .history()
            .iter()
            .enumerate()
            .map(|(epoch, version)| {
                let at_hand = self.policies.all().iter().map(|p| p.facts()).find(|f| f.version == *version);
                json!({
                    "version": version, "epoch": epoch, "current": version == current,
                    "name": at_hand.map(|facts| facts.name.as_str()), "notice": at_hand.map(notice),
                })
            })
            .collect();
        json!({ "versions": versions })
    }
}

fn notice(facts: &PolicyFacts) -> Value {
    let Some(notice) = facts.notice_in_force() else { return Value::Null };
    json!({
        "id": notice.id, "notice_from": notice.notice_from.to_string(),
        "effective_at": notice.effective_at.to_string(),
    })
}
