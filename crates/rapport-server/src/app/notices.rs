//! `GET /people/{id}/notices` and `POST /people/{id}/notices/{version}/seen`.

use rapport_core::gate::{Decider, NoticeSeen};
use serde_json::{Value, json};

use crate::app::people::facts;
use crate::app::{App, Call, Problem, name};

impl App {
    /// What a person was told, and what they saw.
    ///
    /// # Errors
    /// `unknown-person`.
    pub fn notices(&self, id: &str, call: &Call) -> Result<Value, Problem> {
        let policy = self.policies.for_call(call)?;
        let person = facts(self.store.as_ref(), self.surrogate(id)?)?;
        let terms = &policy.facts().terms;
        let seen_of = |notice: &str| -> Vec<Value> {
            let seen = person.notices.iter().filter(|seen| seen.notice == notice);
            seen.map(|seen| json!({ "at": seen.at.to_string(), "channel": seen.channel })).collect()
        };
        let notices: Vec<Value> = terms
            .notices
            .iter()
            .map(|notice| {
                json!({
                    "id": notice.id, "notice_from": notice.notice_from.to_string(),
                    "effective_at": notice.effective_at.to_string(), "seen": seen_of(&notice.id),
                })
            })
            .collect();
        let in_force = policy.facts().notice_in_force().map(|notice| notice.id.as_str());
        Ok(json!({ "in_force": in_force, "policy": policy.facts().version, "notices": notices }))
    }

    /// Records that a person saw the notice of a policy version, now.
    ///
    /// # Errors
    /// `unknown-person`, `unknown-notice`, or a channel that is none.
    pub fn see_notice(&self, id: &str, version: &str, channel: &str, call: &Call) -> Result<Value, Problem> {
        let _turn = self.edit(id);
        let who = self.surrogate(id)?;
        let notice = self.policies.notice(version).ok_or_else(|| {
            let detail = "no policy version or notice by that name; `GET /v1/policy/versions` lists them";
            Problem::new("unknown-notice", "no such notice", 404, detail)
        })?;
        if !["in_app", "email"].contains(&channel) {
            return Err(Problem::invalid("`channel` is neither `in_app` nor `email`"));
        }
        let mut person = facts(self.store.as_ref(), who)?;
        let seen = NoticeSeen { notice, at: call.now, channel: channel.to_owned() };
        // The first time in a channel is what matters; saying it again changes nothing.
        let known = |s: &NoticeSeen| s.notice == seen.notice && s.channel == seen.channel && s.at <= seen.at;
        if !person.notices.iter().any(known) {
            person.notices.retain(|s| s.notice != seen.notice || s.channel != seen.channel);
            person.notices.push(seen);
            self.save(&name("id", id)?, &person)?;
        }
        self.notices(id, call)
    }
}
