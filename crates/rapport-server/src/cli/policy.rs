//! `rapport policy`: what a policy says, and whether it can be held to.

use std::fmt::Write;
use std::process::ExitCode;

use anyhow::{Context, Result};
use rapport_core::gate::{Decider, PolicyFacts, Purpose, Rule};
use rapport_policy::{CedarPolicy, PRESETS};
use serde_json::{Value, json};

use crate::cli::output;

/// Shows and checks data-use policies.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// Says what a policy allows and refuses, in its own words.
    Show(One),
    /// Loads a policy strictly, as the server would; exits with 1 and says where if it is not sound.
    Check(One),
    /// Not built yet: what changes between two policies.
    Diff(Two),
    /// Not built yet: how many people's signals a change of policy touches.
    Impact(Two),
}

#[derive(clap::Args)]
struct One {
    /// A preset (`announced`, `careful`) or a policy's folder.
    #[arg(value_name = "NAME|DIR")]
    policy: String,
    /// Answer in JSON.
    #[arg(long)]
    json: bool,
}

#[derive(clap::Args)]
struct Two {
    /// Two policies.
    #[arg(num_args = 2, value_name = "NAME|DIR")]
    policies: Vec<String>,
    /// The data folder.
    #[arg(long, value_name = "DIR")]
    data: Option<std::path::PathBuf>,
    /// Answer in JSON.
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<ExitCode> {
    match &args.what {
        What::Show(one) => {
            let policy = open(&one.policy)?;
            if one.json {
                output::json(&as_json(&policy))?
            } else {
                output::line(as_text(&policy).trim_end())?
            }
        }
        What::Check(one) => check(one)?,
        What::Diff(_) => {
            return Ok(not_built("policy diff", "compare `rapport policy show A` with `… show B`"));
        }
        What::Impact(_) => return Ok(not_built("policy impact", "a later version brings it")),
    }
    Ok(ExitCode::SUCCESS)
}

/// The policy of that name or in that folder.
///
/// # Errors
/// When there is none, or it is not sound.
pub fn open(policy: &str) -> Result<CedarPolicy> {
    CedarPolicy::open(policy)
        .with_context(|| format!("policy `{policy}` can't be used; presets: {}", PRESETS.join(", ")))
}

fn check(one: &One) -> Result<()> {
    let policy = open(&one.policy)?;
    let facts = policy.facts();
    let (rules, laws) = (facts.rules.len(), policy.laws().len());
    if one.json {
        let answer = json!({"ok": true, "version": facts.version, "rules": rules, "laws": laws});
        output::json(&answer)?;
    } else {
        output::line(format!("ok: {}, {rules} rules, {laws} laws", facts.version))?;
    }
    Ok(())
}

fn not_built(what: &str, instead: &str) -> ExitCode {
    output::note(format!("error: `rapport {what}` is not built yet: {instead}"));
    ExitCode::from(2)
}

/// The shape of `GET /policy`, with the laws.
fn as_json(policy: &CedarPolicy) -> Value {
    let facts = policy.facts();
    let notice = facts.notice_in_force().map(|notice| {
        json!({
            "id": notice.id,
            "notice_from": notice.notice_from.to_string(),
            "effective_at": notice.effective_at.to_string(),
        })
    });
    let regions = facts.terms.regions.iter();
    let regions: Vec<Value> =
        regions.map(|(country, from)| json!({"country": country, "from": from.to_string()})).collect();
    let list = |rules: &[Rule]| -> Vec<Value> {
        rules.iter().map(|rule| json!({"id": rule.id, "says": rule.says})).collect()
    };
    json!({
        "name": facts.name,
        "version": facts.version,
        "notice": notice,
        "regions": regions,
        "purposes": Purpose::ALL.map(Purpose::name),
        "rules": list(&facts.rules),
        "laws": list(policy.laws()),
    })
}

fn as_text(policy: &CedarPolicy) -> String {
    let facts = policy.facts();
    let mut text = format!("{} (version {})\n", facts.name, facts.version);
    if let Some(notice) = facts.notice_in_force() {
        let (from, effective) = (notice.notice_from, notice.effective_at);
        let _ =
            writeln!(text, "\nnotice {}\n  people are told from {from}\n  use begins {effective}", notice.id);
    }
    text.push_str(&regions(facts));
    section(&mut text, "rules, the first that applies is named", &facts.rules);
    section(&mut text, "laws, which no change of the rules may break", policy.laws());
    text
}

/// Countries grouped by the day that they were rolled out.
fn regions(facts: &PolicyFacts) -> String {
    let mut by_date = std::collections::BTreeMap::<_, Vec<&str>>::new();
    for (country, from) in &facts.terms.regions {
        by_date.entry(*from).or_default().push(country.code());
    }
    let mut text = String::new();
    for (from, countries) in by_date {
        let _ = writeln!(text, "\nopen from {from}:");
        for row in countries.chunks(24) {
            let _ = writeln!(text, "  {}", row.join(" "));
        }
    }
    text
}

fn section(text: &mut String, title: &str, rules: &[Rule]) {
    let _ = writeln!(text, "\n{title}:");
    for rule in rules {
        let _ = writeln!(text, "  {}", rule.id);
        for line in wrap(&rule.says, 74) {
            let _ = writeln!(text, "      {line}");
        }
    }
}

/// `text` in lines of at most `width` characters, broken at blanks.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let full = lines
            .last()
            .is_some_and(|line| !line.is_empty() && line.chars().count() + 1 + word.chars().count() > width);
        if full {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_wrapped_at_blanks() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("incomprehensible", 4), ["incomprehensible"]);
    }

    #[test]
    fn a_preset_says_its_rules_and_laws() {
        let policy = CedarPolicy::preset("announced").unwrap();
        let shown = as_json(&policy);
        assert_eq!(shown["notice"]["effective_at"], "2025-12-16T00:00:00Z");
        assert!(shown["rules"].as_array().unwrap().iter().all(|rule| rule["says"].is_string()));
        assert!(as_text(&policy).lines().all(|line| line.chars().count() <= 80));
    }
}
