//! The presets say what the design says: Cedar, the memo and a plain statement of the rules agree on any question.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

mod keys;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::LazyLock;

use keys::{any_key, favourable};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use rapport_core::country::Country;
use rapport_core::gate::{Age, Decider, Decision, GateKey, Purpose};
use rapport_core::signal::Source;
use rapport_core::time::UnixMillis;
use rapport_policy::{CedarPolicy, PRESETS};

static ANNOUNCED: LazyLock<CedarPolicy> = LazyLock::new(|| CedarPolicy::preset("announced").unwrap());
static CAREFUL: LazyLock<CedarPolicy> = LazyLock::new(|| CedarPolicy::preset("careful").unwrap());

/// The EU, the EEA, the United Kingdom and South Korea, as anybody would list them.
const CLOSED: &str = "AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE \
IS LI NO GB KR";
/// Their parts that have codes of their own.
const CLOSED_PARTS: &str = "AX GF GP MF MQ RE YT SJ GG GI IM JE";

fn rule(policy: &CedarPolicy, decision: Decision) -> String {
    policy.facts().rule(decision.rule).expect("a decision names a rule").id.clone()
}

fn advertises(purpose: Purpose) -> bool {
    matches!(purpose, Purpose::Ads | Purpose::AdsOffsite | Purpose::PartnerShare)
}

fn excepted(purpose: Purpose) -> bool {
    matches!(purpose, Purpose::Safety | Purpose::LegalRequest)
}

/// The rules of both presets about what the assistant was told.
fn assistant_refusals(key: &GateKey) -> Vec<&'static str> {
    let told = key.source == Source::Assistant;
    let bound = advertises(key.purpose) || matches!(key.purpose, Purpose::Feed | Purpose::AiTraining);
    if !told || !bound {
        return Vec::new();
    }
    let mut refusals = Vec::new();
    if key.country_then.is_unknown() || key.country_now.is_unknown() {
        refusals.push("unknown-country");
    }
    if !key.after_notice {
        refusals.push("notice-before-use");
    }
    if !key.after_effective || !key.effective_now {
        refusals.push("effective-date");
    }
    if !key.region_now {
        refusals.push("region-now-not-open");
    }
    if !key.region_then {
        refusals.push("region-then-not-open");
    }
    refusals
}

fn unlinked(key: &GateKey) -> bool {
    !key.same_product && !key.linked && !excepted(key.purpose)
}

/// Nothing in either preset permits it.
fn unforeseen(key: &GateKey) -> bool {
    use Source::{Account, Ads, Partner};
    match key.purpose {
        Purpose::Assistant => matches!(key.source, Partner | Ads),
        Purpose::ProductImprovement | Purpose::Research => key.source == Partner,
        Purpose::AiTraining => matches!(key.source, Partner | Ads | Account),
        Purpose::PartnerShare => matches!(key.source, Partner | Account),
        _ => false,
    }
}

/// What `announced` refuses, the weightiest reason first.
fn announced_refusals(key: &GateKey) -> Vec<&'static str> {
    let mut refusals = Vec::new();
    if advertises(key.purpose) {
        if !key.marks.sensitive.is_empty() {
            refusals.push("sensitive-never-for-ads");
        }
        if key.marks.about_other {
            refusals.push("about-others-never-for-ads");
        }
        if key.marks.about_child {
            refusals.push("children-never-for-ads");
        }
        if key.marks.low_confidence {
            refusals.push("low-confidence-never-for-ads");
        }
    }
    if unlinked(key) {
        refusals.push("unlinked-accounts");
    }
    refusals.extend(assistant_refusals(key));
    if unforeseen(key) {
        refusals.push("not-permitted");
    }
    refusals
}

/// What `careful` refuses, the weightiest reason first.
fn careful_refusals(key: &GateKey) -> Vec<&'static str> {
    let mut refusals = Vec::new();
    if advertises(key.purpose) && !key.marks.sensitive.is_empty() {
        refusals.push("sensitive-never-for-ads");
    }
    if !excepted(key.purpose) && key.marks.about_other {
        refusals.push("about-others");
    }
    if !excepted(key.purpose) && key.marks.about_child {
        refusals.push("children-never");
    }
    if advertises(key.purpose) && key.marks.low_confidence {
        refusals.push("low-confidence-never-for-ads");
    }
    if !excepted(key.purpose) && key.objected {
        refusals.push("objection-honoured");
    }
    if advertises(key.purpose) && key.gpc {
        refusals.push("gpc-honoured");
    }
    if advertises(key.purpose) && key.age != Age::Adult {
        refusals.push("minors-no-profiled-ads");
    }
    if unlinked(key) {
        refusals.push("unlinked-accounts");
    }
    if key.purpose == Purpose::Feed && !key.marks.sensitive.is_empty() && !key.sensitive_asked {
        refusals.push("sensitive-only-if-asked");
    }
    refusals.extend(assistant_refusals(key));
    let asks = key.country_now.is_unknown()
        || [CLOSED, CLOSED_PARTS]
            .iter()
            .any(|list| list.split(' ').any(|code| code == key.country_now.code()));
    if matches!(key.purpose, Purpose::Ads | Purpose::AdsOffsite) && asks && !key.consented {
        refusals.push("consent-for-ads-where-law-asks");
    }
    if matches!(key.purpose, Purpose::PartnerShare | Purpose::AiTraining) && !key.consented {
        refusals.push("consent-for-partners-training");
    }
    if unforeseen(key) {
        refusals.push("not-permitted");
    }
    refusals
}

fn agree(policy: &CedarPolicy, key: &GateKey, refusals: &[&str]) -> Result<(), TestCaseError> {
    let cedar = policy.decide_uncached(key);
    prop_assert_eq!(policy.decide(key), cedar, "the memo, first time");
    prop_assert_eq!(policy.decide(key), cedar, "the memo, second time");
    prop_assert_eq!(cedar.allowed, refusals.is_empty(), "{}: {:?}", policy.facts().name, refusals);
    if let Some(first) = refusals.first() {
        prop_assert_eq!(rule(policy, cedar), *first);
    }
    if cedar.allowed {
        let law = policy.law_against(key);
        prop_assert!(law.is_none(), "allowed against the law {:?}", law);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn announced_is_what_the_design_says_and_keeps_its_laws(key in any_key()) {
        agree(&ANNOUNCED, &key, &announced_refusals(&key))?;
    }

    #[test]
    fn careful_is_what_the_design_says_and_keeps_its_laws(key in any_key()) {
        agree(&CAREFUL, &key, &careful_refusals(&key))?;
    }

    #[test]
    fn careful_allows_nothing_that_announced_refuses(key in any_key()) {
        prop_assert!(!CAREFUL.decide(&key).allowed || ANNOUNCED.decide(&key).allowed);
    }
}

/// Chance alone would seldom meet a country together with everything else in its favour.
#[test]
fn every_country_is_treated_as_the_design_says() {
    let letters = || (b'A'..=b'Z').map(char::from);
    let codes = letters().flat_map(|a| letters().map(move |b| format!("{a}{b}")));
    for country in codes.map(|code| Country::from_code(&code)) {
        for (purpose, source) in [(Purpose::Ads, Source::Social), (Purpose::AdsOffsite, Source::Assistant)] {
            let key = GateKey { source, country_now: country, ..favourable(purpose) };
            agree(&ANNOUNCED, &key, &announced_refusals(&key)).unwrap();
            agree(&CAREFUL, &key, &careful_refusals(&key)).unwrap();
        }
    }
}

/// Deterministic random questions.
fn questions(count: usize) -> impl Iterator<Item = GateKey> {
    let mut runner = TestRunner::deterministic();
    let strategy = any_key();
    std::iter::repeat_with(move || strategy.new_tree(&mut runner).unwrap().current()).take(count)
}

#[test]
fn every_rule_decides_something() {
    for policy in [&*ANNOUNCED, &*CAREFUL] {
        let named: BTreeSet<String> =
            questions(10_000).map(|key| rule(policy, policy.decide(&key))).collect();
        let written: BTreeSet<String> = policy.facts().rules.iter().map(|rule| rule.id.clone()).collect();
        assert_eq!(named, written, "{}", policy.facts().name);
    }
}

#[test]
fn every_law_forbids_something() {
    for policy in [&*ANNOUNCED, &*CAREFUL] {
        let broken: BTreeSet<&str> =
            questions(10_000).filter_map(|key| policy.law_against(&key)).map(|law| law.id.as_str()).collect();
        // A law may stand behind an earlier one for some question, but every one stands first for another.
        let written: BTreeSet<&str> = policy.laws().iter().map(|law| law.id.as_str()).collect();
        assert_eq!(broken, written, "{}", policy.facts().name);
    }
}

#[test]
fn the_memo_is_bounded_and_forgets_nothing_but_answers() {
    let policy = CedarPolicy::preset("careful").unwrap();
    let asked: Vec<GateKey> = questions(20_000).collect();
    let first: Vec<Decision> = asked.iter().map(|key| policy.decide(key)).collect();
    let second: Vec<Decision> = asked.iter().map(|key| policy.decide(key)).collect();
    assert_eq!(first, second);
    assert!(policy.memo_len() > 10_000 && policy.memo_len() <= 16_384, "{}", policy.memo_len());
}

#[test]
fn regions_are_an_allow_list_without_the_closed_ones() {
    let from = UnixMillis::parse("2025-12-16T00:00:00Z").unwrap();
    for policy in [&*ANNOUNCED, &*CAREFUL] {
        let terms = &policy.facts().terms;
        assert!(terms.region_open(Country::from_code("US"), from));
        assert!(!terms.region_open(Country::from_code("US"), from.plus(-1)));
        let shut = [CLOSED, CLOSED_PARTS, "--"].join(" ");
        for code in shut.split(' ') {
            assert!(!terms.region_open(Country::from_code(code), from.plus(i64::from(u32::MAX))), "{code}");
        }
    }
}

#[test]
fn both_presets_carry_the_same_notice() {
    for policy in [&*ANNOUNCED, &*CAREFUL] {
        let notice = policy.facts().notice_in_force().unwrap();
        assert_eq!(notice.id, "2025-12");
        assert_eq!(notice.notice_from.to_string(), "2025-10-07T00:00:00Z");
        assert_eq!(notice.effective_at.to_string(), "2025-12-16T00:00:00Z");
    }
}

#[test]
fn announced_honours_no_objection_and_says_by_which_rule() {
    assert_eq!(ANNOUNCED.facts().honours_objection, []);
    assert_eq!(ANNOUNCED.objection_rule(Purpose::Ads).unwrap().id, "no-opt-out");
    assert_eq!(ANNOUNCED.objection_rule(Purpose::Feed).unwrap().id, "no-opt-out");
    assert!(Purpose::ALL.iter().all(|purpose| ANNOUNCED.objection_rule(*purpose).is_some()));
}

#[test]
fn careful_honours_every_objection_but_to_safety_and_lawful_requests() {
    for purpose in Purpose::ALL {
        let honoured = CAREFUL.facts().honours_objection.contains(&purpose);
        assert_eq!(honoured, !excepted(purpose), "{purpose:?}");
        assert_eq!(CAREFUL.objection_rule(purpose).is_none(), honoured, "{purpose:?}");
    }
}

#[test]
fn account_facts_go_through_the_same_rules() {
    let age = |change: fn(&mut GateKey)| {
        let mut key = GateKey { source: Source::Account, ..favourable(Purpose::Ads) };
        change(&mut key);
        CAREFUL.decide(&key).allowed
    };
    assert!(age(|_| ()));
    assert!(!age(|key| key.objected = true));
    assert!(!age(|key| key.age = Age::Minor));
    assert!(!age(|key| key.country_now = Country::from_code("DE")));
    assert!(age(|key| (key.country_now, key.consented) = (Country::from_code("DE"), true)));
}

#[test]
fn a_preset_is_the_folder_that_it_was_compiled_from() {
    for name in PRESETS {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies").join(name);
        let (folder, preset) = (CedarPolicy::from_dir(&folder).unwrap(), CedarPolicy::open(name).unwrap());
        assert_eq!(folder.facts(), preset.facts());
        assert_eq!(folder.sources(), preset.sources());
        assert_eq!(preset.facts().version.len(), name.len() + 1 + 8);
    }
}

#[test]
fn rules_read_like_sentences() {
    let text = |policy: &CedarPolicy| {
        let lines = policy.facts().rules.iter().map(|rule| format!("{}: {}\n", rule.id, rule.says));
        lines.collect::<String>()
    };
    insta::assert_snapshot!("announced_rules", text(&ANNOUNCED));
    insta::assert_snapshot!("careful_rules", text(&CAREFUL));
}
