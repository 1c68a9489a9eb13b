//! Rules and laws as they are written: named, explained, in order, and sound against the schema.

use std::collections::HashSet;

use cedar_policy::{Effect, Policy, PolicyId, PolicySet, Schema, ValidationMode, Validator};
use rapport_core::gate::Rule;

use crate::{Place, PolicyError, PolicyFile};

/// What a decision names when no rule applies, or when it could not be made.
pub(crate) const NOT_PERMITTED: &str = "not-permitted";

/// A list of rules, and the set that Cedar evaluates. The set's ids are the rules' names.
#[derive(Debug)]
pub(crate) struct Rules {
    /// For people, in the order of the files and of the rules in them.
    pub listed: Vec<Rule>,
    /// For Cedar.
    pub set: PolicySet,
}

/// Reads `files` in their order.
pub(crate) fn parse(files: &[PolicyFile], schema: &Schema) -> Result<Rules, PolicyError> {
    let mut rules = Rules { listed: Vec::new(), set: PolicySet::new() };
    let mut names = HashSet::new();
    for file in files {
        let mut set = PolicySet::new();
        for policy in read(file)? {
            let rule = name(file, &policy)?;
            if !names.insert(rule.id.clone()) {
                return Err(PolicyError::DuplicateId { file: file.path.clone(), id: rule.id });
            }
            set.add(policy.new_id(PolicyId::new(&rule.id))).map_err(|e| text_error(file, &e))?;
            rules.listed.push(rule);
        }
        check(file, &set, schema)?;
        rules.set.merge(&set, false).map_err(|e| text_error(file, &e))?;
    }
    Ok(rules)
}

/// Reads laws: rules that all say what must never be allowed.
pub(crate) fn parse_laws(files: &[PolicyFile], schema: &Schema) -> Result<Rules, PolicyError> {
    let laws = parse(files, schema)?;
    for file in files {
        if let Some(law) = read(file)?.iter().find(|law| law.effect() == Effect::Forbid) {
            let id = law.annotation("id").unwrap_or_default().to_owned();
            return Err(PolicyError::LawForbids { file: file.path.clone(), id });
        }
    }
    Ok(laws)
}

/// The policies of a text, in its order.
fn read(file: &PolicyFile) -> Result<Vec<Policy>, PolicyError> {
    let set: PolicySet = file.text.parse().map_err(|e| text_error(file, &e))?;
    if let Some(template) = set.templates().next() {
        let id = template.annotation("id").map_or_else(|| template.id().to_string(), str::to_owned);
        return Err(PolicyError::Template { file: file.path.clone(), id });
    }
    let mut policies: Vec<Policy> = set.policies().cloned().collect();
    policies.sort_by_key(number);
    Ok(policies)
}

/// Strict: a rule with a warning (it can never apply, its text hides characters) is refused like one with an error.
fn check(file: &PolicyFile, set: &PolicySet, schema: &Schema) -> Result<(), PolicyError> {
    let result = Validator::new(schema.clone()).validate(set, ValidationMode::Strict);
    if let Some(error) = result.validation_errors().next() {
        return Err(text_error(file, error));
    }
    match result.validation_warnings().next() {
        Some(warning) => Err(text_error(file, warning)),
        None => Ok(()),
    }
}

/// Cedar numbers the policies of a text `policy0`, `policy1`, … in its order.
fn number(policy: &Policy) -> usize {
    let id: &str = policy.id().as_ref();
    id.trim_start_matches("policy").parse().unwrap_or(usize::MAX)
}

fn name(file: &PolicyFile, policy: &Policy) -> Result<Rule, PolicyError> {
    let annotation = |annotation: &'static str| {
        let text = policy.annotation(annotation).filter(|text| !text.trim().is_empty());
        text.map(str::to_owned).ok_or_else(|| {
            let place = place(file, policy);
            PolicyError::NoAnnotation { file: file.path.clone(), place, annotation }
        })
    };
    let rule = Rule { id: annotation("id")?, says: annotation("says")? };
    if !is_kebab(&rule.id) || rule.id == NOT_PERMITTED {
        return Err(PolicyError::BadId { file: file.path.clone(), id: rule.id });
    }
    Ok(rule)
}

/// Where a rule begins: Cedar keeps its text as it was written.
fn place(file: &PolicyFile, policy: &Policy) -> Place {
    let offset = policy.to_cedar().and_then(|text| file.text.find(text.trim()));
    Place::at(&file.text, offset.unwrap_or(0))
}

fn is_kebab(id: &str) -> bool {
    id.split('-')
        .all(|word| !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()))
}

fn text_error(file: &PolicyFile, problem: &dyn miette::Diagnostic) -> PolicyError {
    PolicyError::Text {
        file: file.path.clone(),
        place: Place::of(&file.text, problem),
        problem: problem.to_string(),
    }
}
