//! A policy, ready to decide.

use std::path::Path;

use rapport_core::gate::{Decider, Decision, GateKey, PolicyFacts, Purpose, Rule, RuleId};

use crate::engine::Engine;
use crate::folder::Folder;
use crate::memo::{MAX_RULES, Memo};
use crate::question::Questions;
use crate::rules::{NOT_PERMITTED, Rules};
use crate::{PRESETS, PolicyError, PolicyFile, objection, rules, sample, schema, terms};

/// A version of a policy: its facts, its rules in Cedar, and a memo of what they decided.
#[derive(Debug)]
pub struct CedarPolicy {
    facts: PolicyFacts,
    questions: Questions,
    rules: Engine,
    laws: Engine,
    law_names: Vec<Rule>,
    overriding: Vec<(Purpose, Option<RuleId>)>,
    memo: Memo,
    files: Vec<PolicyFile>,
}

impl CedarPolicy {
    /// One of [`PRESETS`], which are compiled in.
    ///
    /// # Errors
    /// When there is no preset of that name.
    pub fn preset(name: &str) -> Result<Self, PolicyError> {
        Self::load(&Folder::preset(name)?)
    }

    /// The policy in a folder: `data.json`, `schema.cedarschema`, `policy/*.cedar`, `laws/*.cedar`.
    ///
    /// # Errors
    /// When a file is missing, does not parse, or says something that Rapport can't hold to; the error names the
    /// file and the place. Also when the rules allow, for one of some two thousand sample questions, what a law says
    /// must never be: a folder that lost a file of `forbid`s would fail open. That is a net, not a proof.
    pub fn from_dir(dir: &Path) -> Result<Self, PolicyError> {
        let policy = Self::load(&Folder::read(dir)?)?;
        policy.check_laws()?;
        Ok(policy)
    }

    /// A preset by its name, or else the policy in a folder.
    ///
    /// # Errors
    /// Those of [`CedarPolicy::from_dir`], and when there is neither.
    pub fn open(name_or_dir: &str) -> Result<Self, PolicyError> {
        if PRESETS.contains(&name_or_dir) {
            return Self::preset(name_or_dir);
        }
        let dir = Path::new(name_or_dir);
        if dir.is_dir() {
            return Self::from_dir(dir);
        }
        Err(PolicyError::NoSuchPolicy { name: name_or_dir.to_owned() })
    }

    /// The same policy, known in this server's history as its `epoch`th version.
    #[must_use]
    pub fn with_epoch(mut self, epoch: u32) -> Self {
        self.facts.epoch = epoch;
        self
    }

    /// What Cedar says, past the memo. Cost: some 20 µs.
    pub fn decide_uncached(&self, key: &GateKey) -> Decision {
        self.rules.decide(&self.questions, key)
    }

    /// How many decisions the memo holds; it is bounded.
    pub fn memo_len(&self) -> usize {
        self.memo.len()
    }

    /// The rule that uses signals for `purpose` although the person objected; none if an objection is honoured.
    pub fn objection_rule(&self, purpose: Purpose) -> Option<&Rule> {
        let (_, rule) = self.overriding.iter().find(|(p, _)| *p == purpose)?;
        self.facts.rule((*rule)?)
    }

    /// The law that allowing `key` would break. Laws decide nothing; this is for checking a policy.
    pub fn law_against(&self, key: &GateKey) -> Option<&Rule> {
        let law = self.laws.decide(&self.questions, key);
        if law.allowed { self.law_names.get(usize::from(law.rule.0)) } else { None }
    }

    /// The policy's laws: what must never be allowed.
    pub fn laws(&self) -> &[Rule] {
        &self.law_names
    }

    /// The texts that it was read from: data, schema, rules, laws.
    pub fn sources(&self) -> &[PolicyFile] {
        &self.files
    }

    fn check_laws(&self) -> Result<(), PolicyError> {
        for key in sample::one_step_away(&self.facts.terms) {
            let decision = self.decide_uncached(&key);
            if let Some(law) = decision.allowed.then(|| self.law_against(&key)).flatten() {
                return Err(PolicyError::LawBroken {
                    law: law.id.clone(),
                    says: law.says.clone(),
                    rule: self.facts.rule(decision.rule).map_or_else(String::new, |rule| rule.id.clone()),
                    question: format!("{key:?}"),
                });
            }
        }
        Ok(())
    }

    fn load(folder: &Folder) -> Result<Self, PolicyError> {
        let (name, terms) = terms::parse(&folder.data)?;
        let questions = Questions::new().map_err(|e| PolicyError::SchemaMisfit {
            file: folder.schema.path.clone(),
            problem: e.to_string(),
        })?;
        let schema = schema::parse(&folder.schema, &questions)?;
        let written = rules::parse(&folder.rules, &schema)?;
        let laws = rules::parse_laws(&folder.laws, &schema)?;
        let listed = listed(&written)?;
        let rules = Engine::new(&written);
        let overriding = objection::overriding_rules(&terms, |key| rules.decide(&questions, key));
        let honoured = overriding.iter().filter(|(_, rule)| rule.is_none());
        let facts = PolicyFacts {
            version: format!("{name}-{}", folder.digest()),
            name,
            epoch: 0,
            notice: terms.notices.len().saturating_sub(1),
            terms,
            rules: listed,
            honours_objection: honoured.map(|(purpose, _)| *purpose).collect(),
        };
        Ok(Self {
            facts,
            questions,
            rules,
            laws: Engine::new(&laws),
            law_names: laws.listed,
            overriding,
            memo: Memo::new(),
            files: folder.files().cloned().collect(),
        })
    }
}

impl Decider for CedarPolicy {
    fn decide(&self, key: &GateKey) -> Decision {
        self.memo.get(key, || self.decide_uncached(key))
    }

    fn facts(&self) -> &PolicyFacts {
        &self.facts
    }
}

/// The written rules, and the one that stands for no rule at all.
fn listed(written: &Rules) -> Result<Vec<Rule>, PolicyError> {
    let mut listed = written.listed.clone();
    listed.push(Rule {
        id: NOT_PERMITTED.to_owned(),
        says: "What no rule permits, and what can't be decided, is refused.".to_owned(),
    });
    if listed.len() > MAX_RULES {
        return Err(PolicyError::TooManyRules { count: listed.len(), limit: MAX_RULES });
    }
    Ok(listed)
}
