//! Ads and their money: prices, budgets, caps, tokens.
#![allow(clippy::unwrap_used, reason = "test code")]

mod common;

use common::{HIKING, NOW, Server, ids};
use serde_json::{Value, json};

fn server() -> Server {
    let server = Server::new();
    server.person("maya");
    server
}

fn token(ad: &Value, kind: &str) -> String {
    format!("/v1/ads/tokens/{}", ad["tokens"][kind].as_str().unwrap())
}

#[test]
fn the_only_bidder_pays_the_reserve_and_at_least_one_micro() {
    let server = server();
    server.campaign("a", "Tents", 9_000, json!({}));
    assert_eq!(server.ads("maya")["ads"][0]["price_micros"], 1);
    server.campaign("a", "Tents", 9_000, json!({"reserve_micros": 700}));
    assert_eq!(server.ads("maya")["ads"][0]["price_micros"], 700);
}

#[test]
fn the_winner_pays_what_the_second_would_have_needed() {
    let server = server();
    server.campaign("a", "Tents", 9_000, json!({}));
    server.campaign("b", "Tents", 4_000, json!({}));
    let ads = server.ads("maya");
    assert_eq!(ids(&ads, "campaign"), ["a"]);
    let price = ads["ads"][0]["price_micros"].as_i64().unwrap();
    assert!((4_000..=4_001).contains(&price), "equal quality: the second's bid, {price}");
}

#[test]
fn a_token_bills_once_and_a_click_counts_once() {
    let server = server();
    server.campaign("a", "Tents", 9_000, json!({"reserve_micros": 700}));
    let ad = server.ads("maya")["ads"][0].clone();
    let held = server.get("/v1/campaigns/a");
    assert_eq!((&held["reserved_micros"], &held["spent_micros"]), (&json!(700), &json!(0)));
    assert_eq!(server.call("POST", &token(&ad, "impression"), Value::Null).ok()["counted"], true);
    assert_eq!(server.call("POST", &token(&ad, "impression"), Value::Null).status, 409);
    assert_eq!(server.call("POST", &token(&ad, "click"), Value::Null).ok()["counted"], true);
    assert_eq!(server.call("POST", &token(&ad, "click"), Value::Null).problem(), "token-used");
    let campaign = server.get("/v1/campaigns/a");
    for (field, value) in [("spent_micros", 700), ("reserved_micros", 0), ("impressions", 1), ("clicks", 1)] {
        assert_eq!(campaign[field], value, "{campaign}");
    }
}

#[test]
fn a_forged_token_is_none() {
    let server = server();
    server.campaign("a", "Tents", 9_000, json!({}));
    let ad = server.ads("maya")["ads"][0].clone();
    let impression = ad["tokens"]["impression"].as_str().unwrap().to_owned();
    let click = ad["tokens"]["click"].as_str().unwrap().to_owned();
    for at in 0..impression.len() {
        let mut forged: Vec<u8> = impression.clone().into_bytes();
        forged[at] = if forged[at] == b'0' { b'1' } else { b'0' };
        let path = format!("/v1/ads/tokens/{}", String::from_utf8(forged).unwrap());
        assert_eq!(server.call("POST", &path, Value::Null).problem(), "bad-token");
    }
    // The nonce of one with the kind and signature of the other is that other.
    assert_eq!(impression[..32], click[..32]);
    assert_eq!(server.get("/v1/campaigns/a")["impressions"], 0);
}

#[test]
fn a_token_after_its_time_counts_nothing_and_releases_the_money() {
    let server = server();
    server.campaign("a", "Tents", 9_000, json!({"reserve_micros": 700}));
    let ad = server.ads("maya")["ads"][0].clone();
    let late = server.call_at("2025-12-20T12:31:00Z", "POST", &token(&ad, "impression"), Value::Null).ok();
    assert_eq!(late, json!({"counted": false, "reason": "expired"}));
    let campaign = server.call_at("2025-12-20T12:31:00Z", "GET", "/v1/campaigns/a", Value::Null).ok();
    assert_eq!((&campaign["spent_micros"], &campaign["reserved_micros"]), (&json!(0), &json!(0)));
}

#[test]
fn a_budget_is_never_overspent() {
    let server = server();
    server.campaign("a", "Tents", 9_000, json!({"reserve_micros": 1_000, "budget_micros": 3_500}));
    let mut shown = 0;
    for n in 0..6 {
        if let Some(ad) = server.ads("maya")["ads"].as_array().unwrap().first() {
            shown += 1;
            if n % 2 == 0 {
                server.call("POST", &token(ad, "impression"), Value::Null).ok();
            }
        }
    }
    assert_eq!(shown, 3);
    let campaign = server.get("/v1/campaigns/a");
    let sum = campaign["spent_micros"].as_i64().unwrap() + campaign["reserved_micros"].as_i64().unwrap();
    assert_eq!(sum, 3_000, "{campaign}");
}

#[test]
fn a_daily_budget_opens_again_the_next_day() {
    let server = server();
    server.campaign("a", "Tents", 9_000, json!({"reserve_micros": 1_000, "daily_budget_micros": 1_000}));
    let count = |at: &str| {
        let body = json!({"person": "maya", "product": "main"});
        server.call_at(at, "POST", "/v1/ads", body).ok()["ads"].as_array().unwrap().len()
    };
    assert_eq!((count(NOW), count(NOW), count("2025-12-21T00:00:00Z")), (1, 0, 1));
}

#[test]
fn an_unexpired_decision_counts_towards_the_frequency_cap() {
    let server = server();
    server.person("noa");
    server.campaign("a", "Tents", 9_000, json!({"frequency_cap": {"impressions": 2, "per_hours": 24}}));
    let count = |person: &str, at: &str| {
        let body = json!({"person": person, "product": "main"});
        server.call_at(at, "POST", "/v1/ads", body).ok()["ads"].as_array().unwrap().len()
    };
    assert_eq!((count("maya", NOW), count("maya", NOW), count("maya", NOW)), (1, 1, 0));
    assert_eq!(count("noa", NOW), 1, "a cap is a person's");
    assert_eq!(count("maya", "2025-12-20T13:00:00Z"), 1, "what expired unseen was no impression");
}

#[test]
fn an_advertiser_that_a_person_never_wants_is_not_shown() {
    let server = server();
    server.campaign("a", "Tents", 9_000, json!({"advertiser": "loud"}));
    server.campaign("b", "Tents", 1_000, json!({"advertiser": "quiet"}));
    server.put("/v1/people/maya/choices", json!({"advertisers": {"loud": "never"}}));
    assert_eq!(ids(&server.ads("maya"), "advertiser"), ["quiet"]);
}

#[test]
fn a_sensitive_ad_is_accepted_and_shown_by_context_only() {
    let server = server();
    server.item("diabetes-group", "group", "eve", "Living with diabetes", "public");
    server.item("pasta", "post", "cora", "Pasta in ten minutes", "public");
    server.campaign("meter", "A meter for diabetes", 9_000, json!({}));
    assert_eq!(server.get("/v1/campaigns/meter")["sensitive_ads"], json!(["meter-ad"]));
    server.say("e-1", "maya", "living with diabetes");
    let beside = |item: &str| {
        let body = json!({"person": "maya", "product": "main", "context": {"item": item}});
        let ads = server.call("POST", "/v1/ads", body).ok();
        ids(&ads, "campaign")
    };
    assert!(ids(&server.ads("maya"), "campaign").is_empty(), "what was said about health serves no ad");
    assert!(beside("pasta").is_empty());
    assert_eq!(beside("diabetes-group"), ["meter"]);
}

#[test]
fn sensitive_targeting_and_nonsense_are_refused_with_the_reason() {
    let server = server();
    let refused = |targeting: &str| {
        let body = json!({
            "advertiser": "a", "status": "active", "start": "2025-11-01T00:00:00Z", "end": "2026-12-31T00:00:00Z",
            "budget_micros": 1_000, "currency": "USD", "bid_micros": 10, "targeting": targeting,
            "ads": [{"id": "x", "title": "Tents", "body": "", "url": "https://example.org/"}],
        });
        server.call("PUT", "/v1/campaigns/x", body)
    };
    for targeting in ["topics has \"286\"", "topics has \"none\"", "income > 7", "country in [\"US\""] {
        let answer = refused(targeting);
        assert_eq!(answer.problem(), "invalid-campaign", "{targeting}");
        assert!(answer.text.contains("`targeting`"), "{}", answer.text);
    }
    assert_eq!(refused(&format!("topics has \"{HIKING}\" and not (age >= 65)")).status, 200);
}

#[test]
fn more_ads_than_one_come_from_different_campaigns() {
    let server = server();
    for (n, id) in ["a", "b", "c"].into_iter().enumerate() {
        server.campaign(id, "Tents", 1_000 * (n as i64 + 1), json!({}));
    }
    let ads = server.call("POST", "/v1/ads", json!({"person": "maya", "product": "main", "limit": 5})).ok();
    assert_eq!(ids(&ads, "campaign"), ["c", "b", "a"]);
}

#[test]
fn a_sensitive_ad_with_personal_targeting_is_accepted_with_a_warning_and_never_shown() {
    let server = server();
    server.item("diabetes-group", "group", "eve", "Living with diabetes", "public");
    server.campaign("meter", "A meter for diabetes", 9_000, json!({"targeting": "age >= 25"}));
    let campaign = server.get("/v1/campaigns/meter");
    assert_eq!(campaign["sensitive_ads"], json!(["meter-ad"]));
    assert!(campaign["warnings"][0].as_str().unwrap().contains("`targeting`"), "{campaign}");
    let body = json!({"person": "maya", "product": "main", "context": {"item": "diabetes-group"}});
    assert!(ids(&server.call("POST", "/v1/ads", body).ok(), "campaign").is_empty());
}

#[test]
fn many_requests_at_once_do_not_overspend() {
    let server = server();
    server.campaign("a", "Tents", 9_000, json!({"reserve_micros": 1_000, "budget_micros": 10_500}));
    let shown: usize = std::thread::scope(|scope| {
        let ask = |n: usize| {
            let app = &server.app;
            scope.spawn(move || {
                let wanted = serde_json::from_value(json!({"person": "maya", "product": "main"})).unwrap();
                let mut call = rapport_server::app::Call::at(app.clock().now());
                call.seed = Some(n as u64);
                (0..5).map(|_| app.ads(&wanted, &call).unwrap().ads.len()).sum::<usize>()
            })
        };
        let threads: Vec<_> = (0..8).map(ask).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!(shown, 10, "forty asked, and the budget holds ten");
    assert_eq!(server.get("/v1/campaigns/a")["reserved_micros"], 10_000);
}
