//! Cedar itself: one question, one decision, and the first rule that made it.

use std::collections::HashMap;

use cedar_policy::{Authorizer, Decision as Verdict, PolicyId, PolicySet, Response};
use rapport_core::gate::{Decision, GateKey, RuleId};

use crate::question::Questions;
use crate::rules::Rules;

#[derive(Debug)]
pub(crate) struct Engine {
    authorizer: Authorizer,
    set: PolicySet,
    order: HashMap<PolicyId, RuleId>,
    /// Named where no rule applies or the question could not be decided.
    fallback: RuleId,
}

impl Engine {
    /// The fallback's id is the first one after the rules.
    pub(crate) fn new(rules: &Rules) -> Self {
        let ids = rules.listed.iter().map(|rule| PolicyId::new(&rule.id));
        Self {
            authorizer: Authorizer::new(),
            set: rules.set.clone(),
            order: ids.zip((0..).map(RuleId)).collect(),
            fallback: RuleId(rules.listed.len() as u16),
        }
    }

    pub(crate) fn decide(&self, questions: &Questions, key: &GateKey) -> Decision {
        let refused = Decision { allowed: false, rule: self.fallback };
        match questions.ask(key, None) {
            Ok((request, signal)) => self.read(&self.authorizer.is_authorized(&request, &self.set, &signal)),
            Err(_) => refused,
        }
    }

    /// Cedar skips a rule that errors, and a skipped `forbid` would fail open: any error refuses.
    fn read(&self, response: &Response) -> Decision {
        let answer = response.diagnostics();
        let first = answer.reason().filter_map(|id| self.order.get(id)).min().copied();
        let failed = answer.errors().next().is_some();
        let allowed = response.decision() == Verdict::Allow && !failed;
        let named = if allowed || response.decision() == Verdict::Deny { first } else { None };
        match named {
            Some(rule) => Decision { allowed, rule },
            None => Decision { allowed: false, rule: self.fallback },
        }
    }
}
