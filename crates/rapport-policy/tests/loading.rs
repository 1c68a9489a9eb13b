//! A policy that can't be held to is refused, with a sentence that says where and what to do.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

mod keys;

use std::fs;
use std::path::{Path, PathBuf};

use keys::favourable;
use rapport_core::gate::{Decider, Purpose};
use rapport_policy::CedarPolicy;
use tempfile::TempDir;

/// A copy of `careful` to break.
struct Broken {
    dir: TempDir,
}

impl Broken {
    fn new() -> Self {
        let broken = Self { dir: TempDir::new().unwrap() };
        for file in CedarPolicy::preset("careful").unwrap().sources() {
            broken.write(&file.path, &file.text);
        }
        broken
    }

    fn path(&self, file: &str) -> PathBuf {
        self.dir.path().join(file)
    }

    fn write(&self, file: &str, text: &str) {
        fs::create_dir_all(self.path(file).parent().unwrap()).unwrap();
        fs::write(self.path(file), text).unwrap();
    }

    fn replace(self, file: &str, from: &str, to: &str) -> Self {
        let text = fs::read_to_string(self.path(file)).unwrap();
        assert!(text.contains(from), "`{from}` is not in {file}");
        self.write(file, &text.replacen(from, to, 1));
        self
    }

    /// With a file of rules beside the preset's, so that places don't move when a preset does.
    fn with(self, rules: &str) -> Self {
        self.write("policy/more.cedar", rules);
        self
    }

    fn append(self, file: &str, text: &str) -> Self {
        let before = fs::read_to_string(self.path(file)).unwrap();
        self.write(file, &(before + text));
        self
    }

    fn without(self, file: &str) -> Self {
        fs::remove_file(self.path(file)).unwrap();
        self
    }

    fn load(&self) -> Result<CedarPolicy, String> {
        CedarPolicy::from_dir(self.dir.path()).map_err(|e| e.to_string())
    }

    /// The error's text, without the folder's random name.
    fn error(self) -> String {
        let error = self.load().expect_err("a broken policy is refused");
        error.replace(&self.dir.path().display().to_string(), "DIR")
    }
}

const RULE: &str = r#"
@id("one-more") @says("One more.")
forbid(principal, action == Action::"use", resource is Signal) when { CONDITION };
"#;

fn rule(condition: &str) -> String {
    RULE.replace("CONDITION", condition)
}

#[test]
fn an_unbroken_copy_loads() {
    assert!(Broken::new().load().is_ok());
}

#[test]
fn a_name_that_is_neither_preset_nor_folder_is_refused() {
    insta::assert_snapshot!(CedarPolicy::open("carefull").unwrap_err());
}

#[test]
fn a_missing_file_is_refused() {
    insta::assert_snapshot!("missing_data", Broken::new().without("data.json").error());
    insta::assert_snapshot!("missing_schema", Broken::new().without("schema.cedarschema").error());
    insta::assert_snapshot!("missing_laws", Broken::new().without("laws/never.cedar").error());
}

/// Any file names will do in `policy/`, so it is the laws that miss a lost file.
#[test]
fn a_policy_that_breaks_its_own_laws_is_refused() {
    insta::assert_snapshot!(Broken::new().without("policy/forbid.cedar").error());
}

#[test]
fn a_looser_region_rule_breaks_a_law() {
    let (condition, looser) = ("!resource.region_now &&", "!resource.region_now && resource.gpc &&");
    let error = Broken::new().replace("policy/forbid.cedar", condition, looser).error();
    assert!(error.contains("used-in-a-closed-region"), "{error}");
}

#[test]
fn an_unknown_country_is_refused() {
    insta::assert_snapshot!(Broken::new().replace("data.json", "\"US\"", "\"UK\"").error());
}

#[test]
fn a_country_listed_twice_is_refused() {
    insta::assert_snapshot!(Broken::new().replace("data.json", "\"US\"", "\"CA\"").error());
}

#[test]
fn a_date_that_is_none_is_refused() {
    let broken = Broken::new().replace("data.json", "2025-10-07T00:00:00Z", "7 October");
    insta::assert_snapshot!(broken.error());
}

#[test]
fn an_effective_date_before_its_notice_is_refused() {
    let broken = Broken::new().replace("data.json", "2025-10-07T00:00:00Z", "2026-10-07T00:00:00Z");
    insta::assert_snapshot!(broken.error());
}

#[test]
fn an_unknown_field_of_the_data_is_refused() {
    let broken = Broken::new().replace("data.json", "\"notice_from\"", "\"noticed_from\"");
    insta::assert_snapshot!(broken.error());
}

#[test]
fn text_that_is_no_cedar_is_refused_with_its_place() {
    insta::assert_snapshot!(Broken::new().with("forbid everything;\n").error());
}

#[test]
fn a_condition_of_the_wrong_type_is_refused() {
    insta::assert_snapshot!(Broken::new().with(&rule("resource.source")).error());
}

#[test]
fn a_typo_in_a_word_is_refused() {
    let typo = rule(r#"resource.source == Source::"asistant""#);
    insta::assert_snapshot!(Broken::new().with(&typo).error());
}

#[test]
fn an_attribute_that_the_schema_lacks_is_refused() {
    insta::assert_snapshot!(Broken::new().with(&rule("resource.shoe_size")).error());
}

#[test]
fn an_attribute_that_nobody_fills_is_refused() {
    let broken = Broken::new().replace("schema.cedarschema", "gpc: Bool,", "gpc: Bool, shoe_size: Long,");
    insta::assert_snapshot!(broken.error());
}

#[test]
fn an_attribute_of_another_type_is_refused() {
    let broken = Broken::new().replace("schema.cedarschema", "modality: Modality,", "modality: String,");
    insta::assert_snapshot!(broken.error());
}

#[test]
fn an_optional_or_missing_attribute_is_refused() {
    let optional = Broken::new().replace("schema.cedarschema", "gpc: Bool,", "gpc?: Bool,");
    let missing = Broken::new().replace("schema.cedarschema", "gpc: Bool,", "");
    let optional = optional.error();
    assert_eq!(optional, missing.error());
    insta::assert_snapshot!(optional);
}

#[test]
fn an_enumeration_that_lacks_a_word_is_refused() {
    let broken = Broken::new().replace("schema.cedarschema", "\"union\"]", "\"unions\"]");
    insta::assert_snapshot!(broken.error());
}

#[test]
fn a_rule_without_a_name_or_sentence_is_refused() {
    let text = |without: &str| rule("resource.gpc").replace(without, "");
    let no_id = Broken::new().with(&text(r#"@id("one-more")"#)).error();
    let no_says = Broken::new().with(&text(r#"@says("One more.")"#)).error();
    insta::assert_snapshot!(format!("{no_id}\n{no_says}"));
}

#[test]
fn a_name_used_twice_or_reserved_is_refused() {
    let text = |id: &str| rule("resource.gpc").replace("one-more", id);
    let error = |id: &str| Broken::new().with(&text(id)).error();
    let errors = ["gpc-honoured", "not-permitted", "One More"].map(error);
    insta::assert_snapshot!(errors.join("\n"));
}

#[test]
fn a_rule_that_can_never_apply_is_refused() {
    let never = rule("resource.gpc && !resource.gpc && false");
    insta::assert_snapshot!(Broken::new().with(&never).error());
}

#[test]
fn a_template_is_refused() {
    let template = rule("resource.gpc").replace("forbid(principal,", "forbid(principal == ?principal,");
    insta::assert_snapshot!(Broken::new().with(&template).error());
}

#[test]
fn a_law_written_as_forbid_is_refused() {
    insta::assert_snapshot!(Broken::new().append("laws/never.cedar", &rule("resource.gpc")).error());
}

/// Cedar skips a `forbid` that errors; here that would open what it was to close.
#[test]
fn a_rule_that_errors_refuses_instead_of_failing_open() {
    let overflow = rule("9223372036854775807 + (if resource.gpc then 2 else 1) == 7");
    let policy = Broken::new().with(&overflow).load().unwrap();
    let decision = policy.decide(&favourable(Purpose::Feed));
    assert!(!decision.allowed);
    assert_eq!(policy.facts().rule(decision.rule).unwrap().id, "not-permitted");
}

#[test]
fn the_version_follows_what_decides_and_not_the_laws() {
    let version = |broken: Broken| broken.load().unwrap().facts().version.clone();
    let careful = version(Broken::new());
    assert_eq!(version(Broken::new().append("laws/never.cedar", "// more\n")), careful);
    assert_ne!(version(Broken::new().append("policy/permit.cedar", "// more\n")), careful);
    assert_ne!(version(Broken::new().replace("data.json", "2025-12-16", "2025-12-17")), careful);
}

#[test]
fn earlier_notices_keep_their_bits_and_the_last_is_in_force() {
    let earlier = r#""earlier_notices": [{ "id": "2024-06", "notice_from": "2024-06-01T00:00:00Z",
        "effective_at": "2024-07-01T00:00:00Z" }], "regions""#;
    let policy = Broken::new().replace("data.json", "\"regions\"", earlier).load().unwrap();
    let ids: Vec<&str> = policy.facts().terms.notices.iter().map(|notice| notice.id.as_str()).collect();
    assert_eq!(ids, ["2024-06", "2025-12"]);
    assert_eq!(policy.facts().notice_in_force().unwrap().id, "2025-12");
}

#[test]
fn a_folder_is_opened_by_its_path() {
    let copy = Broken::new();
    let dir: &Path = copy.dir.path();
    assert_eq!(CedarPolicy::open(dir.to_str().unwrap()).unwrap().facts().name, "careful");
}
