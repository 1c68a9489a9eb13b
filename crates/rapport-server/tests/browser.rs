//! The playground in a real browser: what is said is seen in the feed and the ads, and each rule can be felt.
//!
//! `RAPPORT_SCREENSHOTS=FOLDER` keeps pictures. A browser that is missing fails the tests.

#![cfg(feature = "browser-tests")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "test code")]

#[path = "browser/driver.rs"]
mod driver;

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use driver::{Browser, ENTER, TAB};

const HIKING: &str = "I want to go hiking next weekend, which boots should I buy?";
const DIAGNOSIS: &str = "I was just diagnosed with type 2 diabetes, what can I still eat?";

/// `rapport demo` on a free port.
struct Demo {
    process: Child,
    url: String,
}

impl Demo {
    fn start() -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_rapport"))
            .args(["demo", "--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let url = lines
            .by_ref()
            .find_map(|line| Some(format!("http://{}/", line.unwrap().strip_prefix("listening on ")?)))
            .expect("`rapport demo` should say where it listens");
        std::thread::spawn(move || lines.for_each(drop));
        Self { process, url }
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The page at one width, and a person who uses it.
struct Visit {
    browser: Browser,
    width: u32,
}

impl Visit {
    fn begin(demo: &Demo, width: u32, height: u32) -> Self {
        let browser = Browser::start();
        browser.size(width, height);
        browser.open(&demo.url);
        browser.settle();
        Self { browser, width }
    }

    fn phone(&self) -> bool {
        self.width < 860
    }

    /// Reaches the field with the Tab key alone, types, and sends with Enter.
    fn type_to_the_assistant(&self, words: &str) {
        let here = |visit: &Self| visit.browser.holds("document.activeElement.id === 'words'");
        for _ in 0..60 {
            if here(self) {
                break;
            }
            self.browser.keys(TAB);
        }
        assert!(here(self), "the Tab key should reach the field");
        assert!(
            self.browser.holds("getComputedStyle(document.activeElement).outlineStyle !== 'none'"),
            "whoever has the focus should see it"
        );
        self.browser.keys(words);
        self.browser.keys(ENTER);
        self.browser.settle();
    }

    /// Does something with the conditions, which a phone has in a sheet of their own.
    fn under_conditions(&self, what: impl FnOnce(&Browser)) {
        if self.phone() {
            self.browser.click(".tabs button");
        }
        what(&self.browser);
        self.browser.settle();
        if self.phone() {
            self.browser.click("#conditions .done");
        }
    }

    fn choose(&self, control: &str, value: &str) {
        self.under_conditions(|browser| browser.click(&format!("[name={control}] option[value='{value}']")));
    }

    fn press(&self, control: &str) {
        self.under_conditions(|browser| browser.click(control));
    }

    /// A date field is filled by hand in the order of the locale; the value is set as the picker would.
    fn on(&self, date: &str) {
        self.under_conditions(|browser| {
            let set = "const field = document.querySelector('[name=date]'); field.value = arguments[0];
                       field.dispatchEvent(new Event('change', {bubbles: true}))";
            browser.run(set, &[date]);
        });
    }

    fn picture(&self, name: &str) {
        self.browser.picture(&format!("{}-{name}", self.width), false);
    }

    /// The group, the friend's update, a reel and the boots, each because of what was said.
    fn sees_hiking(&self) {
        self.sees_hiking_items();
        assert!(self.sees_boots(), "the first ad should be for boots because it was said: {}", self.ad());
    }

    fn sees_hiking_items(&self) {
        for kind in ["group", "friend_update", "reel"] {
            let card = format!("#items .card[data-kind={kind}][data-said=true]");
            assert!(self.browser.count(&card) > 0, "no {kind} because of what was said:\n{}", self.feed());
            let reason =
                format!("document.querySelector('{card} [data-reason=said] .reason-words').textContent");
            assert_eq!(self.browser.text(&reason), format!("You said “{HIKING}”"));
        }
    }

    fn sees_boots(&self) -> bool {
        self.browser.count("#ads .ad[data-key*=fellrock][data-said=true] [data-reason=said]") > 0
    }

    /// Nothing of what was said is used for the purpose, the rule is named beside the words and at the profile's topic,
    /// and what is seen is what a twin who said nothing sees.
    fn feels(&self, rule: &str, purpose: &str) {
        let b = &self.browser;
        let named = format!("#log .use.no[data-rule='{rule}'][data-purpose~={purpose}]");
        assert!(b.count(&named) > 0, "`{rule}` should be named for {purpose}; it says: {}", self.heard());
        let says = b.text(&format!("document.querySelector(\"{named}\").textContent"));
        assert!(says.contains("said, but not used for") && says.len() > 60, "{says}");
        let part = if purpose == "feed" { "#items" } else { "#ads" };
        assert_eq!(
            b.count(&format!("{part} [data-reason=said]")),
            0,
            "{rule}: {}\n{}",
            self.ad(),
            self.feed()
        );
        assert!(
            b.count(&format!("{part} .rule[data-rule='{rule}']")) > 0,
            "`{rule}` should be named at the {purpose}"
        );
        assert!(b.count(&format!("#topics .verdict.no[data-rule='{rule}'][data-purpose={purpose}]")) > 0);
        if purpose == "feed" {
            assert_eq!(b.count(".twin-note[data-equal=true]"), 1, "{rule}: the twin sees another feed");
        }
    }

    fn feels_for_both(&self, rule: &str) {
        self.feels(rule, "feed");
        self.feels(rule, "ads");
    }

    fn feed(&self) -> String {
        self.browser.text("[...document.querySelectorAll('#items .card')].map(c => c.dataset.kind + ' ' + c.dataset.key + ' ' + c.dataset.said + ' ' + c.querySelector('.why-top').textContent).join('\\n')")
    }

    fn ad(&self) -> String {
        self.browser.text("document.querySelector('#ads').textContent")
    }

    fn heard(&self) -> String {
        self.browser.text("document.querySelector('#log').textContent")
    }

    fn is_whole(&self) {
        let wide = self.browser.run("return document.documentElement.scrollWidth", &[]).as_u64().unwrap();
        assert!(wide <= u64::from(self.width), "the page is {wide} wide on a screen of {}", self.width);
        assert_eq!(self.browser.console_errors(), Vec::<String>::new());
    }
}

#[test]
fn the_first_paint_has_the_feed_without_a_script() {
    let demo = Demo::start();
    let page = ureq::get(&demo.url).call().unwrap().body_mut().read_to_string().unwrap();
    assert!(page.matches("<article class=\"card").count() >= 8, "{page}");
    assert!(page.contains("<span class=\"ad-label\">Ad</span>"));
    let cards = page.matches("<article class=\"").count();
    assert_eq!(
        page.matches("data-said=\"false\"").count(),
        cards,
        "somebody who said nothing is told otherwise"
    );
    assert!(!page.contains("https://fonts") && !page.contains("src=\"http"), "nothing comes from elsewhere");
}

#[test]
fn what_is_said_is_seen_and_each_rule_is_felt_on_a_desk() {
    journey(1280, 900);
}

#[test]
fn what_is_said_is_seen_and_each_rule_is_felt_on_a_phone() {
    journey(390, 844);
}

fn journey(width: u32, height: u32) {
    let demo = Demo::start();
    let visit = Visit::begin(&demo, width, height);
    visit.picture("1-first");
    assert_eq!(visit.browser.count("[data-said=true]"), 0);
    says_it_and_sees_it(&visit);
    visit.press("[name=twin]");
    the_rules_of_place_and_time_hold(&visit);
    the_rules_about_the_person_hold(&visit);
    what_is_sensitive_stays_out(&visit);
    what_is_undone_and_erased_is_gone(&visit);
}

fn says_it_and_sees_it(visit: &Visit) {
    visit.type_to_the_assistant(HIKING);
    visit.sees_hiking();
    let news = visit.browser.text("document.querySelector('#news').textContent");
    assert!(news.contains(" new") && news.contains("feed in ") && news.contains(" ms"), "{news}");
    assert!(
        visit.browser.count("#log .use.yes[data-purpose~=feed][data-purpose~=ads]") == 1,
        "{}",
        visit.heard()
    );
    assert!(visit.heard().contains("No language model wrote this"), "{}", visit.heard());
    let receipt = visit.browser.text("document.querySelector('#items .receipt a').href");
    let receipt = ureq::get(&receipt).call().unwrap().body_mut().read_to_string().unwrap();
    assert!(receipt.contains("contributions"), "{receipt}");
    visit.is_whole();
    visit.picture("2-said");
    visit.browser.run(
        "document.querySelectorAll('#ads .why, #items li:first-child .why').forEach(d => { d.open = true })",
        &[],
    );
    visit.browser.picture(&format!("{}-3-why", visit.width), true);
}

fn the_rules_of_place_and_time_hold(visit: &Visit) {
    for country in ["DE", "KR", "GB"] {
        visit.choose("country", country);
        visit.feels_for_both("region-now-not-open");
        if country == "DE" {
            visit.is_whole();
            visit.browser.picture(&format!("{}-4-germany", visit.width), true);
        }
    }
    visit.choose("country", "US");
    visit.sees_hiking();

    visit.on("2025-12-10");
    visit.feels_for_both("effective-date");
    visit.on("2025-12-20");
    visit.sees_hiking();
}

fn the_rules_about_the_person_hold(visit: &Visit) {
    visit.press("[name=notice]");
    visit.feels_for_both("notice-before-use");
    visit.picture("5-no-notice");
    visit.press("[name=notice]");
    visit.sees_hiking();

    // It is said in messenger and seen in main.
    visit.press("[name=linked][value=messenger]");
    visit.feels_for_both("unlinked-accounts");
    visit.press("[name=linked][value=messenger]");
    visit.sees_hiking();

    visit.choose("choice-ads", "no");
    visit.feels("objection-honoured", "ads");
    visit.sees_hiking_items();
    visit.choose("choice-feed", "no");
    visit.feels_for_both("objection-honoured");
    visit.choose("choice-ads", "");
    visit.choose("choice-feed", "");
    visit.sees_hiking();

    visit.press("[name=gpc]");
    visit.feels("gpc-honoured", "ads");
    visit.sees_hiking_items();
    visit.press("[name=gpc]");
    visit.sees_hiking();
}

fn what_is_sensitive_stays_out(visit: &Visit) {
    visit.press("#start-over");
    assert_eq!(visit.browser.count("#log .mine, [data-reason=said]"), 0);
    visit.type_to_the_assistant(DIAGNOSIS);
    visit.feels("sensitive-never-for-ads", "ads");
    visit.feels("sensitive-only-if-asked", "feed");
    visit.is_whole();
    visit.picture("6-sensitive");
    visit.press(".segments label:nth-child(2) input");
    visit.feels("sensitive-never-for-ads", "ads");
    visit.press(".segments label:nth-child(1) input");
}

fn what_is_undone_and_erased_is_gone(visit: &Visit) {
    visit.type_to_the_assistant(HIKING);
    assert_eq!(visit.browser.count("[data-reason=said]"), 0, "it follows a diagnosis in one conversation");
    visit.press("#start-over");
    visit.type_to_the_assistant(HIKING);
    visit.sees_hiking();
    visit.browser.click("#log .mine:last-of-type .undo, #log .mine:nth-last-child(2) .undo");
    visit.browser.settle();
    assert_eq!(visit.browser.count("[data-reason=said]"), 0);
    assert_eq!(visit.browser.count(".twin-note[data-equal=true]"), 1);

    visit.browser.picture(&format!("{}-7-profile", visit.width), true);
    visit.browser.click("#erase");
    visit.browser.click("#erase");
    visit.browser.settle();
    assert_eq!(visit.browser.count("#items .card, #topics .topic, #ads .ad"), 0);
    visit.is_whole();
    visit.picture("8-erased");
    visit.press("#start-over");
    assert!(visit.browser.count("#items .card") >= 8, "{}", visit.feed());
    visit.is_whole();
}
