use std::sync::Arc;

use proptest::prelude::*;
use rapport_core::auction::{
    AdFacts, Beside, Campaign, Left, Listing, MAX_LOSERS, Outcome, PastDecision, Request, Snapshot, Stage,
    run, verdict,
};
use rapport_core::event::{Deed, Record};
use rapport_core::explain::{ReasonKind, reasons, total};
use rapport_core::gate::{Person, TopicChoice, View};
use rapport_core::signal::Source;
use rapport_core::time::{DAY, HOUR, UnixMillis};
use rapport_core::topic::Categories;
use rapport_core::understanding::ScoredTopic;
use serde_json::json;

use crate::person::*;

const ALL: &[Source] = &[];

fn view_of<T>(log: &[Record], with: impl FnOnce(&View<'_, rapport_core::gate::Ads>) -> T) -> T {
    with_view(&AllBut::new(ALL), &american(), log, with)
}

fn hiker() -> Vec<Record> {
    vec![said("e-hike", "542", Some(direction(0.0)))]
}

fn hidden_in(outcome: &Outcome, id: &str) -> Option<Stage> {
    outcome.losers.iter().find(|l| l.listing.campaign.id.as_str() == id).map(|l| l.stage)
}

#[test]
fn the_highest_bid_wins_at_exactly_the_next_bid() {
    let sale = sell(&[plain("a", 7_001), plain("b", 12_000), plain("c", 300)], 1, 1);
    assert_eq!(sold(&sale), [("b", 7_001)]);
    assert_eq!(hidden_in(&sale, "a"), Some(Stage::Outranked));
    let all = sell(&[plain("a", 7_001), plain("b", 12_000), plain("c", 300)], 5, 1);
    assert_eq!(sold(&all), [("b", 7_001), ("a", 300), ("c", 1)], "each pays the next, the last its reserve");
}

#[test]
fn the_only_bidder_pays_its_reserve_or_one_micro() {
    assert_eq!(sold(&sell(&[plain("a", 9_000)], 1, 1)), [("a", 1)]);
    let mut with_reserve = body(9_000, "");
    with_reserve["reserve_micros"] = json!(450);
    assert_eq!(sold(&sell(&[listing("a", with_reserve, AdFacts::default())], 1, 1)), [("a", 450)]);
    assert!(sell(&[], 1, 1).winners.is_empty());
    assert!(sell(&[plain("a", 9_000)], 0, 1).winners.is_empty());
}

#[test]
fn who_just_asked_for_boots_sees_boots_above_a_generic_ad_with_six_times_the_bid() {
    let generic = plain("generic", 12_000);
    let target = r#"topics has "542""#;
    let ads =
        [("boots", 2_000, 60.0), ("tents", 2_600, 76.0), ("rain", 2_600, 68.0), ("snacks", 2_800, 79.0)];
    let mut all = vec![generic];
    all.extend(ads.map(|(id, bid, degrees)| listing(id, body(bid, target), about("542", degrees))));
    view_of(&hiker(), |view| {
        let sale = sell_to(view, &all, 1);
        assert_eq!(sold(&sale)[0].0, "boots");
        let why = reasons(&sale.winners[0].contributions);
        assert!(why.iter().any(|r| r.kind == ReasonKind::Said && r.event == Some(name("e-hike"))));
        assert!(why.iter().any(|r| r.kind == ReasonKind::Bid));
    });
    with_view(&AllBut::new(&[Source::Assistant]), &american(), &hiker(), |view| {
        assert_eq!(sold(&sell_to(view, &all, 1)), [("generic", 1)], "the policy forbids it");
    });
}

#[test]
fn a_topic_known_from_the_assistant_is_no_topic_where_the_gate_refuses_it() {
    let boots = [listing("boots", body(2_000, r#"topics has "483""#), AdFacts::default())];
    view_of(&hiker(), |view| assert_eq!(sold(&sell_to(view, &boots, 1)), [("boots", 1)]));
    let refused = AllBut::new(&[Source::Assistant]);
    with_view(&refused, &american(), &hiker(), |view| assert!(sell_to(view, &boots, 1).winners.is_empty()));
    assert!(sell(&boots, 1, 1).winners.is_empty(), "nor without a view");
}

#[test]
fn age_is_read_only_where_the_view_has_it() {
    let wine = [listing("wine", body(2_000, "age >= 21"), AdFacts::default())];
    view_of(&[], |view| assert_eq!(sell_to(view, &wine, 1).winners.len(), 1));
    let without_account = AllBut::new(&[Source::Account]);
    with_view(&without_account, &american(), &[], |view| assert!(sell_to(view, &wine, 1).winners.is_empty()));
}

#[test]
fn a_sensitive_signal_that_a_policy_let_through_still_never_reaches_ads() {
    let log = [said("e-sick", "317", Some(direction(0.0)))];
    let ads = [listing("a", body(10, ""), about("542", 0.0)), listing("b", body(10, ""), about("1", 90.0))];
    view_of(&log, |view| {
        let sale = sell_to(view, &ads, 2);
        for winner in &sale.winners {
            assert_eq!(winner.contributions.len(), 1, "the bid and nothing else");
        }
    });
}

fn diabetes_ad(bid: i64) -> Arc<Listing> {
    let mut facts = about("317", 0.0);
    facts.sensitive = facts.topics[0].topic.sensitive();
    listing("monitor", body(bid, ""), facts)
}

fn beside(topics: &[ScoredTopic]) -> Beside<'_> {
    Beside { topics, sensitive: Categories::NONE, vector: None }
}

#[test]
fn a_sensitive_ad_wins_beside_the_like_of_it_and_nowhere_else() {
    let ads = [diabetes_ad(90_000), plain("generic", 10)];
    let product = name("main");
    let snapshot = Snapshot::new(ads.to_vec());
    let log = [said("e-sick", "317", Some(direction(0.0))), said("e-hike", "542", Some(direction(0.0)))];
    view_of(&log, |view| {
        let request =
            Request { product: &product, now: NOW, seed: 1, limit: 2, view: Some(view), beside: None };
        let sale = run(&snapshot, &request, &[], &unspent);
        assert_eq!(sold(&sale), [("generic", 1)]);
        assert_eq!(hidden_in(&sale, "monitor"), Some(Stage::OutOfContext));

        let insulin = [ScoredTopic::new(topic("317"), 0.9)];
        let request = Request { beside: Some(beside(&insulin)), ..request };
        let sale = run(&snapshot, &request, &[], &unspent);
        assert_eq!(sold(&sale)[0].0, "monitor");
        let parts = &sale.winners[0].contributions;
        assert!(parts.iter().all(|p| p.event.is_none() && p.source.is_none()), "nothing of the person");
        let anonymous = run(&snapshot, &Request { view: None, ..request }, &[], &unspent);
        assert_eq!(&anonymous.winners[0].contributions, parts, "the same for anybody");

        let politics = [ScoredTopic::new(topic("387"), 0.9)];
        let other = run(&snapshot, &Request { beside: Some(beside(&politics)), ..request }, &[], &unspent);
        assert_eq!(hidden_in(&other, "monitor"), Some(Stage::OutOfContext));
    });
}

#[test]
fn an_ad_with_a_sensitive_topic_is_sensitive_though_nothing_else_flagged_it() {
    let snapshot = Snapshot::new([listing("monitor", body(90, ""), about("317", 0.0))]);
    let product = name("main");
    let request = Request { product: &product, now: NOW, seed: 1, limit: 1, view: None, beside: None };
    assert_eq!(verdict(&snapshot, &request, &[], &unspent, "monitor"), Some(Stage::OutOfContext));
}

#[test]
fn a_sensitive_item_lends_nothing_to_ads_that_are_not() {
    let meaning = direction(0.0);
    let topics = [ScoredTopic::new(topic("317"), 0.9)];
    let item = Beside { topics: &topics, sensitive: Categories::NONE, vector: Some(&meaning) };
    let product = name("main");
    let request = Request { product: &product, now: NOW, seed: 1, limit: 1, view: None, beside: Some(item) };
    let snapshot = Snapshot::new([listing("a", body(10, ""), about("542", 0.0))]);
    assert_eq!(run(&snapshot, &request, &[], &unspent).winners[0].contributions.len(), 1);
}

#[test]
fn without_a_view_the_item_beside_the_ad_decides() {
    let ads =
        [listing("boots", body(2_000, r#"topics has "542""#), about("542", 0.0)), plain("generic", 5_000)];
    let trail = [ScoredTopic::new(topic("542"), 1.0)];
    let meaning = direction(20.0);
    let item = Beside { vector: Some(&meaning), ..beside(&trail) };
    let product = name("main");
    let request = Request { product: &product, now: NOW, seed: 1, limit: 1, view: None, beside: Some(item) };
    let sale = run(&Snapshot::new(ads.to_vec()), &request, &[], &unspent);
    assert_eq!(sold(&sale)[0].0, "boots");
    assert!(sale.winners[0].contributions.iter().any(|p| p.kind == ReasonKind::Context));
}

#[test]
fn what_the_person_refused_is_not_shown() {
    let mut never = american();
    never.choices.never_advertisers.insert(name("acme"));
    let mut no_sports = american();
    no_sports.choices.topics.insert(topic("483"), TopicChoice::Never);
    let ads = [listing("boots", body(2_000, ""), about("542", 0.0))];
    let outcome = |person: &Person, log: &[Record]| {
        with_view(&AllBut::new(ALL), person, log, |view| {
            sell_to(view, &ads, 1).losers.first().map(|l| l.stage)
        })
    };
    assert_eq!(outcome(&american(), &[]), None);
    assert_eq!(outcome(&never, &[]), Some(Stage::AdvertiserRefused));
    assert_eq!(outcome(&no_sports, &[]), Some(Stage::TopicRefused));
    for hidden in ["a1", "boots/a1", "boots"] {
        assert_eq!(outcome(&american(), &[hid_ad(hidden)]), Some(Stage::AdHidden), "{hidden}");
    }
    assert_eq!(outcome(&american(), &[hid_ad("boots/a2")]), None);
    let target = [listing("boots", body(2_000, r#"topics has "542""#), AdFacts::default())];
    with_view(&AllBut::new(ALL), &no_sports, &hiker(), |view| {
        assert!(sell_to(view, &target, 1).winners.is_empty())
    });
}

#[test]
fn disliking_a_topic_is_a_drawback_with_its_event() {
    let ads = [listing("boots", body(2_000, ""), about("542", 0.0)), plain("generic", 1_500)];
    let log = [did("e-hid", Deed::Hid, "542", -0.7, None)];
    view_of(&log, |view| {
        let sale = sell_to(view, &ads, 2);
        assert_eq!(sold(&sale)[0].0, "generic");
        let drawback = sale.winners[1].contributions.iter().find(|p| p.value.0 < 0).unwrap();
        assert_eq!(drawback.event, Some(name("e-hid")));
    });
}

#[test]
fn a_foreign_language_is_a_drawback_and_no_refusal() {
    let german = AdFacts { language: Some("de".into()), ..AdFacts::default() };
    let ads = [listing("german", body(2_000, ""), german), plain("plain", 1_900)];
    view_of(&[], |view| assert_eq!(sell_to(view, &ads, 2).winners[0].listing.campaign.id.as_str(), "plain"));
    assert_eq!(sold(&sell(&ads, 1, 1))[0].0, "german", "nobody's languages are known");
}

fn shown(hours_ago: i64, counts: bool) -> PastDecision {
    PastDecision {
        campaign: name("a"),
        ad: name("a1"),
        at: NOW.plus(-hours_ago * HOUR),
        unexpired_or_billed: counts,
    }
}

#[test]
fn a_cap_counts_what_was_or_may_yet_be_shown_in_its_hours() {
    let mut capped = body(2_000, "");
    capped["frequency_cap"] = json!({"impressions": 2, "per_hours": 24});
    let snapshot = Snapshot::new([listing("a", capped, AdFacts::default())]);
    let product = name("main");
    let request = Request { product: &product, now: NOW, seed: 1, limit: 1, view: None, beside: None };
    let stage = |past: &[PastDecision]| verdict(&snapshot, &request, past, &unspent, "a");
    assert_eq!(stage(&[shown(1, true), shown(2, true)]), Some(Stage::FrequencyCap));
    assert_eq!(stage(&[shown(1, true), shown(24, true)]), None, "a day ago is out of the window");
    assert_eq!(stage(&[shown(1, true), shown(2, false)]), None, "an expired decision is no impression");
}

fn with_budget(daily: Option<i64>, pacing: &str) -> Arc<Listing> {
    let mut order = body(1_000, "");
    order["budget_micros"] = json!(10_000);
    order["daily_budget_micros"] = json!(daily);
    order["pacing"] = json!(pacing);
    (order["start"], order["end"]) =
        (json!(NOW.plus(-DAY).to_string()), json!(NOW.plus(3 * DAY).to_string()));
    listing("a", order, AdFacts::default())
}

fn stage_when(order: &Arc<Listing>, spent: i64, today: i64, account: Option<i64>) -> Option<Stage> {
    let product = name("main");
    let request = Request { product: &product, now: NOW, seed: 1, limit: 1, view: None, beside: None };
    let left = move |_: &Campaign| Left {
        spent: micros(spent),
        spent_today: micros(today),
        account: account.map(micros),
    };
    verdict(&Snapshot::new([order.clone()]), &request, &[], &left, "a")
}

#[test]
fn nothing_is_sold_beyond_a_budget_a_day_or_an_account() {
    let asap = with_budget(Some(5_000), "asap");
    assert_eq!(stage_when(&asap, 9_999, 4_999, Some(1)), None);
    assert_eq!(stage_when(&asap, 10_000, 0, None), Some(Stage::Budget));
    assert_eq!(stage_when(&asap, 5_000, 5_000, None), Some(Stage::Budget));
    assert_eq!(stage_when(&asap, 0, 0, Some(0)), Some(Stage::Budget));
}

#[test]
fn a_nearly_spent_campaign_bids_what_it_has_left() {
    let left = |of: &Campaign| Left {
        spent: if of.id.as_str() == "rich" { micros(0) } else { micros(999_999_400) },
        ..Left::default()
    };
    let product = name("main");
    let request = Request { product: &product, now: NOW, seed: 1, limit: 1, view: None, beside: None };
    let snapshot = Snapshot::new([plain("poor", 9_000), plain("rich", 2_000)]);
    assert_eq!(sold(&run(&snapshot, &request, &[], &left)), [("rich", 600)]);
}

#[test]
fn even_pacing_spends_no_faster_than_time_passes() {
    let even = with_budget(None, "even");
    assert_eq!(stage_when(&even, 2_500, 0, None), None, "a quarter of its time has passed");
    assert_eq!(stage_when(&even, 2_501, 0, None), Some(Stage::Pacing));
    assert_eq!(stage_when(&with_budget(None, "asap"), 2_501, 0, None), None);
    let share_of_day = (NOW.0.rem_euclid(DAY) as f64 / DAY as f64 * 5_000.0) as i64;
    let daily = with_budget(Some(5_000), "even");
    assert_eq!(stage_when(&daily, 0, share_of_day, None), None);
    assert_eq!(stage_when(&daily, 0, share_of_day + 1, None), Some(Stage::Pacing));
}

#[test]
fn a_campaign_runs_from_its_start_until_before_its_end() {
    let (start, end) = (NOW, NOW.plus(HOUR));
    let mut order = body(1_000, "");
    (order["start"], order["end"]) = (json!(start.to_string()), json!(end.to_string()));
    let mut paused = order.clone();
    paused["status"] = json!("paused");
    let snapshot =
        Snapshot::new([listing("a", order, AdFacts::default()), listing("p", paused, AdFacts::default())]);
    let product = name("main");
    let stage = |now: UnixMillis, id: &str| {
        let request = Request { product: &product, now, seed: 1, limit: 1, view: None, beside: None };
        verdict(&snapshot, &request, &[], &unspent, id)
    };
    assert_eq!(stage(start.plus(-1), "a"), Some(Stage::NotStarted));
    assert_eq!(stage(start, "a"), None);
    assert_eq!(stage(end.plus(-1), "a"), None);
    assert_eq!(stage(end, "a"), Some(Stage::Ended));
    assert_eq!(stage(start, "p"), Some(Stage::Inactive));
}

#[test]
fn equal_bids_are_drawn_by_the_seed_and_pay_their_bid() {
    let all: Vec<_> = (0..8).map(|at| plain(&format!("c{at}"), 500)).collect();
    let winner = |seed| sold(&sell(&all, 1, seed))[0].0.to_owned();
    assert_eq!(winner(3), winner(3));
    let different: std::collections::BTreeSet<String> = (0..64).map(winner).collect();
    assert!(different.len() > 4, "{different:?}");
    assert_eq!(sold(&sell(&all, 1, 3))[0].1, 500);
}

#[test]
fn the_best_ad_of_a_campaign_speaks_for_it_once() {
    let mut order = body(2_000, "");
    order["ads"] = json!([
        {"id": "far", "title": "t", "body": "b", "url": "https://example.org/"},
        {"id": "near", "title": "t", "body": "b", "url": "https://example.org/"},
    ]);
    let campaign = Campaign::parse("a", &order).unwrap();
    let both = Arc::new(Listing::new(campaign, vec![about("542", 90.0), about("542", 5.0)]).unwrap());
    view_of(&hiker(), |view| {
        let sale = sell_to(view, &[both], 3);
        assert_eq!(sale.winners.len(), 1);
        assert_eq!(sale.winners[0].ad().id.as_str(), "near");
    });
}

/// Campaigns of any bid, topic and direction.
fn campaigns() -> impl Strategy<Value = Vec<Arc<Listing>>> {
    let topics = prop::sample::select(vec!["542", "483", "525", "1", "2", "159"]);
    let one = (1i64..20_000, 0i64..300, topics, -180.0f32..180.0, any::<bool>());
    prop::collection::vec(one, 1..60).prop_map(|all| {
        let listed = all.into_iter().enumerate().map(|(at, (bid, reserve, code, degrees, generic))| {
            let mut order = body(bid, if generic { "" } else { r#"topics has "483" or age >= 18"# });
            order["reserve_micros"] = json!(reserve.min(bid));
            listing(&format!("c{at}"), order, if generic { AdFacts::default() } else { about(code, degrees) })
        });
        listed.collect()
    })
}

/// Logs of anything said, liked or hidden.
fn logs() -> impl Strategy<Value = Vec<Record>> {
    let topics = prop::sample::select(vec!["542", "483", "525", "1", "2", "317"]);
    let one = (topics, 0.05f32..1.0, -180.0f32..180.0, 0usize..3, 0i64..200);
    prop::collection::vec(one, 0..14).prop_map(|all| {
        let records = all.into_iter().enumerate().map(|(at, (code, strength, degrees, kind, days))| {
            let (deed, sign) = [(Deed::Said, 1.0), (Deed::Commented, 1.0), (Deed::Viewed, -1.0)][kind];
            let mut record = did(&format!("e{at}"), deed, code, sign * strength, Some(direction(degrees)));
            record.at = NOW.plus(-days * DAY);
            record
        });
        records.collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn contributions_add_up_and_prices_lie_between_reserve_and_bid(
        all in campaigns(), log in logs(), limit in 1usize..6,
    ) {
        view_of(&log, |view| {
            let sale = sell_to(view, &all, limit);
            prop_assert!(sale.winners.windows(2).all(|pair| pair[0].score >= pair[1].score));
            prop_assert!(sale.losers.len() <= MAX_LOSERS);
            for winner in &sale.winners {
                prop_assert_eq!(total(&winner.contributions), winner.score);
                let order = &winner.listing.campaign;
                prop_assert!((order.reserve.0.max(1)..=order.bid.0).contains(&winner.price.0));
                let positive: f64 = reasons(&winner.contributions).iter().map(|r| r.share.max(0.0)).sum();
                prop_assert!((positive - 1.0).abs() < 1e-9);
            }
            Ok(())
        })?;
    }

    #[test]
    fn stopping_early_changes_nothing(all in campaigns(), log in logs()) {
        view_of(&log, |view| {
            let whole = sell_to(view, &all, all.len());
            for limit in 1..4 {
                let sale = sell_to(view, &all, limit);
                let short: Vec<_> = sold(&sale);
                let long: Vec<_> = sold(&whole).into_iter().take(limit).collect();
                prop_assert_eq!(short, long);
            }
            Ok(())
        })?;
    }

    #[test]
    fn raising_a_bid_never_loses_the_place(all in campaigns(), log in logs(), raise in 1i64..5_000) {
        view_of(&log, |view| {
            let before = sell_to(view, &all, 1);
            let Some(winner) = before.winners.first() else { return Ok(()) };
            let id = winner.listing.campaign.id.clone();
            let mut higher = all.clone();
            for listing in higher.iter_mut().filter(|l| l.campaign.id == id) {
                let mut raised = Listing::clone(listing);
                raised.campaign.bid.0 += raise;
                *listing = Arc::new(raised);
            }
            let after = sell_to(view, &higher, 1);
            prop_assert_eq!(&after.winners[0].listing.campaign.id, &id);
            prop_assert_eq!(after.winners[0].price, winner.price, "the price is the others' affair");
            Ok(())
        })?;
    }

    #[test]
    fn equal_views_and_seeds_get_equal_answers(all in campaigns(), log in logs()) {
        // The twin's log differs in what the policy forbids only.
        let policy = AllBut::new(&[Source::Assistant]);
        let social: Vec<Record> = log.iter().filter(|r| r.source != Source::Assistant).cloned().collect();
        let ask = |log: &[Record]| with_view(&policy, &american(), log, |view| {
            let sale = sell_to(view, &all, 3);
            sale.winners.into_iter().map(|w| (w.listing.campaign.id.clone(), w.price, w.contributions)).collect::<Vec<_>>()
        });
        prop_assert_eq!(ask(&log), ask(&social));
    }
}
