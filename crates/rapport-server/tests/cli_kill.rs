//! `kill -9` during ingest and ad serving, again and again: what was acknowledged is there, nothing counts twice,
//! and no budget is overspent.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "test code")]

mod program;

use std::collections::HashMap;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use program::{Served, call};
use serde_json::{Value, json};

const ROUNDS: u64 = 20;
const SEED: u64 = 41;
const PEOPLE: usize = 4;
/// Enough for some of what is asked for, so that the budget's end is reached too.
const BUDGET: i64 = 600_000;
const PRICE: i64 = 1_000;

/// What the world outside knows: which events it sent, and what it was told.
#[derive(Default)]
struct Known {
    /// Every event ever sent, and whether its acknowledgement came.
    events: HashMap<String, (Value, bool)>,
    /// Impressions that were answered as counted.
    counted: i64,
    /// Impressions sent without an answer.
    unsure: i64,
}

struct World {
    known: Mutex<Known>,
    stop: AtomicBool,
    round: u64,
}

fn prepare(server: &Served) {
    for person in 0..PEOPLE {
        let body = json!({"country": "US", "birth_year": 1990, "languages": ["en"],
                          "accounts": [{"product": "main", "linked": true}]});
        assert_eq!(server.call("PUT", &format!("/people/p-{person}"), Some(&body)).0 / 100, 2);
    }
    let item = json!({"kind": "post", "title": "A walk", "text": "A walk along the river.", "topics": ["542"],
                      "created_at": "2026-01-02T00:00:00Z", "visibility": "public"});
    assert_eq!(server.call("PUT", "/items/walk", Some(&item)).0 / 100, 2);
    let campaign = json!({
        "advertiser": "Boots", "status": "active", "start": "2025-01-01T00:00:00Z", "end": "2035-01-01T00:00:00Z",
        "budget_micros": BUDGET, "currency": "USD", "bid_micros": 5 * PRICE, "reserve_micros": PRICE,
        "targeting": "", "ads": [{"id": "boot", "title": "Boots", "body": "Walk.", "url": "https://example.org/"}],
    });
    let (status, answer) = server.call("PUT", "/campaigns/boots", Some(&campaign));
    assert_eq!(status / 100, 2, "{answer}");
}

/// Posts batches until the server is gone.
fn ingest(world: &World, url: &str) {
    let agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    for batch in 0.. {
        let events: Vec<Value> = (0..7)
            .map(|n| {
                json!({"id": format!("e-{}-{batch}-{n}", world.round), "type": "click", "item": "walk",
                       "person": format!("p-{}", n % PEOPLE), "product": "main", "at": "2026-01-03T00:00:00Z"})
            })
            .collect();
        let id = |event: &Value| event["id"].as_str().unwrap().to_owned();
        {
            let mut known = world.known.lock().unwrap();
            known.events.extend(events.iter().map(|event| (id(event), (event.clone(), false))));
        }
        let answer = call(&agent, url, "POST", "/events", Some(&Value::Array(events.clone())));
        let Ok((200, answer)) = answer else { return };
        assert_eq!((&answer["accepted"], &answer["duplicates"]), (&json!(7), &json!(0)), "{answer}");
        let mut known = world.known.lock().unwrap();
        events.iter().for_each(|event| known.events.get_mut(&id(event)).unwrap().1 = true);
        if world.stop.load(Ordering::Relaxed) {
            return;
        }
    }
}

/// Asks for ads and bills their impressions, each token twice, until the server is gone.
fn advertise(world: &World, url: &str, person: usize) {
    let agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let request = json!({"person": format!("p-{person}"), "product": "main", "placement": "top", "limit": 1});
    while !world.stop.load(Ordering::Relaxed) {
        let Ok((200, answer)) = call(&agent, url, "POST", "/ads", Some(&request)) else { return };
        let Some(ad) = answer["ads"].get(0) else { return };
        assert_eq!(ad["price_micros"], PRICE, "the only bidder pays the reserve");
        let token = format!("/ads/tokens/{}", ad["tokens"]["impression"].as_str().unwrap());
        world.known.lock().unwrap().unsure += 1;
        let first = call(&agent, url, "POST", &token, None);
        let Ok((status, first)) = first else { return };
        let mut known = world.known.lock().unwrap();
        known.unsure -= 1;
        known.counted += i64::from(status == 200 && first["counted"] == true);
        drop(known);
        let Ok((again, _)) = call(&agent, url, "POST", &token, None) else { return };
        assert_eq!(again, 409, "a second use of a token");
    }
}

/// Runs both against a server and kills it in the middle.
fn round(data: &Path, world: &World, pause: Duration) {
    let server = Served::start(data);
    if world.round == 0 {
        prepare(&server);
    }
    let url = server.url().to_owned();
    std::thread::scope(|scope| {
        scope.spawn(|| ingest(world, &url));
        scope.spawn(|| advertise(world, &url, 0));
        scope.spawn(|| advertise(world, &url, 1));
        std::thread::sleep(pause);
        server.kill();
        world.stop.store(true, Ordering::Relaxed);
    });
}

fn check_money(server: &Served, known: &Known) {
    let (_, campaign) = server.call("GET", "/campaigns/boots", None);
    let amount = |field: &str| campaign[field].as_i64().unwrap();
    let (spent, reserved, impressions) =
        (amount("spent_micros"), amount("reserved_micros"), amount("impressions"));
    assert!(spent + reserved <= BUDGET, "overspent: {campaign}");
    assert_eq!(spent, impressions * PRICE, "{campaign}");
    let most = known.counted + known.unsure;
    assert!((known.counted..=most).contains(&impressions), "told {}..={most}: {campaign}", known.counted);
}

/// Sends everything again: what was acknowledged is a duplicate, the rest is accepted at most once.
fn check_events(server: &Served, known: &mut Known) {
    let mut ids: Vec<String> = known.events.keys().cloned().collect();
    ids.sort();
    for chunk in ids.chunks(500) {
        for acknowledged in [true, false] {
            let of_kind = |id: &&String| known.events[*id].1 == acknowledged;
            let events: Vec<Value> =
                chunk.iter().filter(of_kind).map(|id| known.events[id].0.clone()).collect();
            if events.is_empty() {
                continue;
            }
            let (status, answer) = server.call("POST", "/events", Some(&Value::Array(events.clone())));
            assert_eq!(status, 200, "{answer}");
            assert_eq!(answer["rejected"], json!([]), "{answer}");
            if acknowledged {
                assert_eq!(answer["duplicates"], events.len(), "an acknowledged event is lost: {answer}");
            }
        }
    }
    known.events.values_mut().for_each(|(_, acknowledged)| *acknowledged = true);
}

/// Every event is in somebody's export exactly once.
fn check_once(server: &Served, known: &Known) {
    let mut found = HashMap::<String, usize>::new();
    for person in 0..PEOPLE {
        let (status, export) = server.call("GET", &format!("/people/p-{person}/export"), None);
        assert_eq!(status, 200);
        for event in export["events"].as_array().unwrap() {
            let id = event["id"].as_str().or_else(|| event["event"].as_str()).unwrap();
            *found.entry(id.to_owned()).or_default() += 1;
        }
    }
    for id in known.events.keys() {
        assert_eq!(found.get(id), Some(&1), "event {id}");
    }
}

#[test]
fn kill_nine_loses_nothing_that_was_acknowledged_and_counts_nothing_twice() {
    println!("seed {SEED}");
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let mut state = SEED;
    let mut known = Known::default();
    for number in 0..ROUNDS {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let pause = Duration::from_millis(30 + (state >> 33) % 400);
        let world = World { known: Mutex::new(known), stop: AtomicBool::new(false), round: number };
        round(&data, &world, pause);
        known = world.known.into_inner().unwrap();
    }
    assert!(known.events.len() > 100 && known.counted > 10, "the rounds did something: {}", known.counted);
    let server = Served::start(&data);
    check_money(&server, &known);
    check_events(&server, &mut known);
    check_once(&server, &known);
}
