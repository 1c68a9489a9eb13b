//! Every rule of the two presets, over HTTP. *Not used* is judged by equality: a twin with the same facts who said
//! nothing gets the same answer for the same seed. *Used* means that the answers differ.
#![allow(clippy::unwrap_used, reason = "test code")]

mod common;

use common::{HIKING, MEDICAL, NOW, SEEN, Server, comparable};
use serde_json::{Value, json};

const ANNOUNCED: &str = "announced";
const CAREFUL: &str = "careful";

/// What the policy makes of a signal for one purpose.
#[derive(Clone, Copy, Debug)]
enum Use {
    Used,
    Refused(&'static str),
}

use Use::{Refused, Used};

/// A person, what they did, and how it is asked about.
#[derive(Clone)]
struct Case {
    says: &'static str,
    facts: Value,
    /// Facts that replace the former after the event.
    moved: Value,
    seen: Option<&'static str>,
    choices: Value,
    event: Value,
    asked_at: &'static str,
    gpc: bool,
}

fn case(says: &'static str) -> Case {
    Case {
        says,
        facts: json!({}),
        moved: Value::Null,
        seen: Some(SEEN),
        choices: Value::Null,
        event: prompt("hiking boots"),
        asked_at: NOW,
        gpc: false,
    }
}

fn prompt(text: &str) -> Value {
    json!({"id": "e", "type": "assistant.prompt", "product": "main", "at": "2025-12-20T11:00:00Z", "text": text})
}

fn like(item: &str) -> Value {
    json!({"id": "e", "type": "like", "product": "main", "at": "2025-12-20T11:00:00Z", "item": item})
}

fn with(mut value: Value, key: &str, other: Value) -> Value {
    value[key] = other;
    value
}

impl Case {
    fn facts(mut self, facts: Value) -> Self {
        self.facts = facts;
        self
    }
    fn moved(mut self, facts: Value) -> Self {
        self.moved = facts;
        self
    }
    fn seen(mut self, at: Option<&'static str>) -> Self {
        self.seen = at;
        self
    }
    fn choices(mut self, choices: Value) -> Self {
        self.choices = choices;
        self
    }
    fn event(mut self, event: Value) -> Self {
        self.event = event;
        self
    }
    fn says(self, text: &str) -> Self {
        self.event(prompt(text))
    }
    fn asked_at(mut self, at: &'static str) -> Self {
        self.asked_at = at;
        self
    }
    fn gpc(mut self) -> Self {
        self.gpc = true;
        self
    }

    #[track_caller]
    fn holds(&self, policy: &str, feed: Use, ads: Use) {
        let server = Server::judged_by(policy);
        server.small_world();
        self.register(&server, "maya");
        self.register(&server, "twin");
        let event = with(self.event.clone(), "person", json!("maya"));
        let answer = server.call("POST", "/v1/events", event).ok();
        assert_eq!(answer["accepted"], 1, "{policy}: {}: {answer}", self.says);
        if self.moved.is_object() {
            server.person_with("maya", self.moved.clone());
            server.person_with("twin", self.moved.clone());
        }
        self.judge(&server, policy, "/v1/feed", feed);
        self.judge(&server, policy, "/v1/ads", ads);
    }

    fn register(&self, server: &Server, id: &str) {
        server.person_with(id, self.facts.clone());
        if let Some(at) = self.seen {
            server.see_notice(id, at);
        }
        if self.choices.is_object() {
            server.put(&format!("/v1/people/{id}/choices"), self.choices.clone());
        }
    }

    #[track_caller]
    fn judge(&self, server: &Server, policy: &str, path: &str, expected: Use) {
        let what = format!("{policy}: {}: {path}", self.says);
        let (hers, twins) = (self.ask(server, path, "maya"), self.ask(server, path, "twin"));
        let equal = comparable(&hers) == comparable(&twins);
        let receipt = server.get(&format!("/v1/receipts/{}", hers["receipt"].as_str().unwrap()));
        let class = &receipt["classes"][0];
        match expected {
            Used => {
                assert_eq!(class["allowed"], true, "{what}: {class}");
                assert!(!equal, "{what}: was to be used, and the twin got the same\n{hers}");
            }
            Refused(rule) => {
                assert_eq!(class["rule"], rule, "{what}: {class}");
                assert_eq!(class["allowed"], false, "{what}");
                assert!(equal, "{what}: was not to be used\n{hers}\n{twins}");
            }
        }
    }

    fn ask(&self, server: &Server, path: &str, person: &str) -> Value {
        let mut headers = vec![("rapport-now", self.asked_at), ("rapport-seed", "11")];
        if self.gpc {
            headers.push(("sec-gpc", "1"));
        }
        let body = json!({"person": person, "product": "main", "limit": 5});
        server.call_with(&headers, "POST", path, body).ok()
    }
}

#[test]
fn what_was_said_after_the_notice_and_its_date_is_used() {
    for policy in [ANNOUNCED, CAREFUL] {
        case("told, effective, open").holds(policy, Used, Used);
        let voice = with(prompt("hiking boots"), "modality", json!("voice"));
        case("by voice").event(voice).holds(policy, Used, Used);
    }
}

#[test]
fn nothing_said_is_used_without_the_notice_seen_before() {
    for policy in [ANNOUNCED, CAREFUL] {
        let rule = Refused("notice-before-use");
        case("never seen").seen(None).holds(policy, rule, rule);
        case("seen after it was said").seen(Some("2025-12-20T11:30:00Z")).holds(policy, rule, rule);
    }
}

#[test]
fn nothing_said_is_used_before_the_effective_date() {
    let early = with(prompt("hiking boots"), "at", json!("2025-12-15T23:59:59Z"));
    for policy in [ANNOUNCED, CAREFUL] {
        let rule = Refused("effective-date");
        case("said the day before").event(early.clone()).holds(policy, rule, rule);
        case("asked the day before").asked_at("2025-12-15T23:00:00Z").holds(policy, rule, rule);
        let first = with(prompt("hiking boots"), "at", json!("2025-12-16T00:00:00Z"));
        case("said as it came into effect").event(first).holds(policy, Used, Used);
    }
}

#[test]
fn nothing_said_is_used_where_the_region_is_not_open() {
    for policy in [ANNOUNCED, CAREFUL] {
        for country in ["DE", "FR", "NO", "IS", "LI", "GB", "KR", "CH"] {
            let rule = Refused("region-now-not-open");
            case("lives where it is not open").facts(json!({"country": country})).holds(policy, rule, rule);
        }
        for country in ["", "XX", "Atlantis"] {
            let rule = Refused("unknown-country");
            case("lives nobody knows where").facts(json!({"country": country})).holds(policy, rule, rule);
        }
    }
}

#[test]
fn both_the_country_then_and_the_country_now_must_be_open() {
    for policy in [ANNOUNCED, CAREFUL] {
        let rule = Refused("region-then-not-open");
        let moved_in = case("said in Germany, lives in the US");
        moved_in.facts(json!({"country": "DE"})).moved(json!({"country": "US"})).holds(policy, rule, rule);
        let rule = Refused("region-now-not-open");
        case("said in the US, lives in Korea").moved(json!({"country": "KR"})).holds(policy, rule, rule);
    }
}

#[test]
fn the_other_products_signals_count_only_if_both_accounts_are_linked() {
    let elsewhere = with(prompt("hiking boots"), "product", json!("messenger"));
    let accounts = |main: bool, messenger: bool| json!({"accounts": [{"product": "main", "linked": main}, {"product": "messenger", "linked": messenger}]});
    for policy in [ANNOUNCED, CAREFUL] {
        case("both linked").event(elsewhere.clone()).holds(policy, Used, Used);
        for facts in
            [accounts(true, false), accounts(false, true), accounts(false, false), json!({"accounts": []})]
        {
            let rule = Refused("unlinked-accounts");
            case("not both linked").event(elsewhere.clone()).facts(facts).holds(policy, rule, rule);
        }
        let like = with(like("pasta"), "product", json!("messenger"));
        let rule = Refused("unlinked-accounts");
        case("a like elsewhere").event(like).facts(json!({"accounts": []})).holds(policy, rule, rule);
    }
}

#[test]
fn sensitive_topics_never_serve_ads_and_the_feed_only_as_the_policy_says() {
    let never = Refused("sensitive-never-for-ads");
    for text in [
        "living with diabetes",
        "our parish",
        "I am an atheist",
        "as a gay man",
        "I vote for them",
        "my ethnic roots",
        "my trade union",
    ] {
        case(text).says(text).holds(ANNOUNCED, Used, never);
        case(text).says(text).holds(CAREFUL, Refused("sensitive-only-if-asked"), never);
    }
    let asked = json!({"topics": {MEDICAL: "more"}});
    case("asked for it").says("living with diabetes").choices(asked).holds(CAREFUL, Used, never);
    case("a like").event(like("diabetes-group")).holds(ANNOUNCED, Used, never);
    case("a like").event(like("diabetes-group")).holds(CAREFUL, Refused("sensitive-only-if-asked"), never);
}

#[test]
fn what_is_about_others_and_children_is_kept_apart() {
    let text = "hiking boots for my brother";
    case(text).says(text).holds(ANNOUNCED, Used, Refused("about-others-never-for-ads"));
    case(text).says(text).holds(CAREFUL, Refused("about-others"), Refused("about-others"));
    let text = "hiking with my daughter";
    case(text).says(text).holds(ANNOUNCED, Used, Refused("children-never-for-ads"));
    case(text).says(text).holds(CAREFUL, Refused("children-never"), Refused("children-never"));
}

#[test]
fn what_the_models_could_not_judge_never_serves_ads() {
    for policy in [ANNOUNCED, CAREFUL] {
        let text = "unjudgeable";
        let server = Server::judged_by(policy);
        server.small_world();
        server.person("maya");
        server.say("e", "maya", text);
        let ads = server.ads("maya");
        let receipt = server.get(&format!("/v1/receipts/{}", ads["receipt"].as_str().unwrap()));
        assert_eq!(receipt["classes"][0]["rule"], "low-confidence-never-for-ads");
    }
}

#[test]
fn objections_are_honoured_by_the_careful_policy_alone() {
    let both = json!({"purposes": {"ads": false, "feed": false}});
    let rule = Refused("objection-honoured");
    case("objects to both").choices(both.clone()).holds(CAREFUL, rule, rule);
    case("objects to both").choices(both).holds(ANNOUNCED, Used, Used);
    case("objects to ads").choices(json!({"purposes": {"ads": false}})).holds(CAREFUL, Used, rule);
    case("GPC").gpc().holds(CAREFUL, Used, Refused("gpc-honoured"));
    case("GPC").gpc().holds(ANNOUNCED, Used, Used);
}

#[test]
fn under_eighteens_get_no_profiled_ads_under_the_careful_policy() {
    let rule = Refused("minors-no-profiled-ads");
    for facts in [json!({"birth_year": 2010}), json!({"birth_year": 2007}), json!({"birth_year": null})] {
        case("maybe under 18").facts(facts.clone()).holds(CAREFUL, Used, rule);
        case("maybe under 18").facts(facts.clone()).event(like("pasta")).holds(CAREFUL, Used, rule);
        case("maybe under 18").facts(facts).holds(ANNOUNCED, Used, Used);
    }
    case("certainly 18").facts(json!({"birth_year": 2006})).holds(CAREFUL, Used, Used);
}

#[test]
fn likes_were_in_use_before_and_need_no_notice() {
    for policy in [ANNOUNCED, CAREFUL] {
        case("a like").event(like("pasta")).seen(None).holds(policy, Used, Used);
        let early = with(like("pasta"), "at", json!("2025-09-01T00:00:00Z"));
        case("a like long ago").event(early).seen(None).holds(policy, Used, Used);
    }
    for country in ["DE", "GB", "KR", ""] {
        let liked = case("a like where the assistant is not open")
            .event(like("pasta"))
            .facts(json!({"country": country}));
        liked.holds(ANNOUNCED, Used, Used);
        liked.holds(CAREFUL, Used, Refused("consent-for-ads-where-law-asks"));
        let consents = liked.choices(json!({"purposes": {"ads": true}}));
        consents.holds(CAREFUL, Used, Used);
    }
}

#[test]
fn an_objection_that_is_not_honoured_is_stored_and_answered_with_its_rule() {
    for (policy, honoured) in [(ANNOUNCED, false), (CAREFUL, true)] {
        let server = Server::judged_by(policy);
        server.person("maya");
        let choices =
            json!({"purposes": {"ads": false}, "topics": {HIKING: "less"}, "advertisers": {"x": "never"}});
        let answer = server.put("/v1/people/maya/choices", choices);
        assert_eq!(answer["topics"], json!({HIKING: "less"}));
        assert_eq!(answer["advertisers"], json!({"x": "never"}));
        if honoured {
            assert_eq!(answer["purposes"]["ads"], false);
        } else {
            assert_eq!(answer["purposes"]["ads"]["honoured"], false);
            assert!(answer["purposes"]["ads"]["rule"].is_string(), "{answer}");
        }
        let merged = server.put("/v1/people/maya/choices", json!({"topics": {HIKING: null, "210": "more"}}));
        assert_eq!(merged["topics"], json!({"210": "more"}));
        assert_eq!(merged["purposes"], answer["purposes"], "what is left out stays");
    }
}

#[test]
fn a_request_can_ask_for_a_preset_with_dev_only() {
    let server = Server::judged_by(CAREFUL);
    server.small_world();
    server.person("maya");
    server.put("/v1/people/maya/choices", json!({"purposes": {"ads": false}}));
    server.say("e", "maya", "hiking boots");
    let ask = |policy: &str| {
        let headers = [("rapport-now", NOW), ("rapport-seed", "7"), ("rapport-policy", policy)];
        server.call_with(&headers, "POST", "/v1/ads", json!({"person": "maya", "product": "main"})).ok()
    };
    assert_eq!(ask(CAREFUL)["personalised"], false);
    assert_eq!(ask(ANNOUNCED)["personalised"], true);
}
