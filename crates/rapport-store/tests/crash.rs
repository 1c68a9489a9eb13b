//! `kill -9` in the middle of work: whatever was acknowledged is there, once, and no budget is overspent.
//!
//! The test runs itself again as a child that works and prints each acknowledgement; the parent kills it.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "test code")]

mod given;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use given::{campaign, event, liked, nonce, want};
use rapport_store::{
    Appended, Campaign, EmbeddedStore, EventLog, Reserved, Settle, Settled, Store, verify_erasure,
};

const CHILD: &str = "RAPPORT_CRASH_TEST_FOLDER";
const ROUND: &str = "RAPPORT_CRASH_TEST_ROUND";
const ROUNDS: u64 = 5;
const BUDGET: i64 = 3_000;

#[test]
fn what_was_acknowledged_survives_a_kill_and_counts_once() {
    if let Ok(dir) = std::env::var(CHILD) {
        return work(dir.as_ref(), std::env::var(ROUND).unwrap().parse().unwrap());
    }
    let dir = tempfile::tempdir().unwrap();
    let mut acked = Acked::default();
    for round in 0..ROUNDS {
        let before = acked.events.len();
        acked.read(run_and_kill(dir.path(), round));
        assert!(acked.events.len() > before, "round {round} was killed before it did anything");
        check(dir.path(), &acked);
    }
    assert!(acked.erased.len() >= 2, "too few erasures to tell: {:?}", acked.erased);
}

/// What the child said that it had been told.
#[derive(Default)]
struct Acked {
    events: BTreeSet<String>,
    billed: BTreeMap<u64, i64>,
    erased: BTreeSet<String>,
}

impl Acked {
    fn read(&mut self, lines: Vec<String>) {
        for line in lines {
            let words: Vec<&str> = line.split(' ').collect();
            match words[..] {
                ["event", id] => assert!(self.events.insert(id.to_owned())),
                ["billed", number, price] => {
                    assert!(self.billed.insert(number.parse().unwrap(), price.parse().unwrap()).is_none());
                }
                ["erased", id] => assert!(self.erased.insert(id.to_owned())),
                // The harness prints lines of its own.
                _ => (),
            }
        }
    }
}

fn run_and_kill(dir: &Path, round: u64) -> Vec<String> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "what_was_acknowledged_survives_a_kill_and_counts_once", "--nocapture"])
        .env(CHILD, dir)
        .env(ROUND, round.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let output = child.stdout.take().unwrap();
    let reader = std::thread::spawn(move || {
        BufReader::new(output).lines().map_while(Result::ok).collect::<Vec<String>>()
    });
    std::thread::sleep(Duration::from_millis(900 + 170 * round));
    child.kill().unwrap();
    child.wait().unwrap();
    let mut lines = reader.join().unwrap();
    // Only what is known to be whole was acknowledged to anybody: a line that the kill cut short was not.
    lines.retain(|line| line.ends_with(" ."));
    lines.iter().map(|line| line.trim_end_matches(" .").to_owned()).collect()
}

fn check(dir: &Path, acked: &Acked) {
    let store = EmbeddedStore::open(dir).unwrap();
    let mut logged = Vec::new();
    store.scan(&mut |_, _, record| logged.push(record.event.as_str().to_owned())).unwrap();
    let once: BTreeSet<String> = logged.iter().cloned().collect();
    assert_eq!(once.len(), logged.len(), "an event is in the log twice");
    let lost: Vec<_> = acked.events.difference(&once).collect();
    assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");

    let totals = store.totals("c", given::NOON).unwrap().unwrap();
    let billed: i64 = acked.billed.values().sum();
    assert!(totals.spent_micros >= billed, "billed {billed}, kept {}", totals.spent_micros);
    assert!(totals.spent_micros + totals.reserved_micros <= BUDGET, "{totals:?}");
    assert!(totals.impressions >= acked.billed.len() as u64);
    for number in acked.billed.keys() {
        let again = store.settle(nonce(*number), Settle::Impression, given::NOON).unwrap();
        assert_eq!(again, Settled::AlreadyUsed);
    }
    for id in &acked.erased {
        assert!(store.person(id).unwrap().is_none(), "{id} is back");
        let found = verify_erasure(dir, id).unwrap().findings;
        assert!(found.is_empty(), "{id}: {found:?}");
    }
}

/// Appends, reserves, bills and erases from several threads until it is killed.
fn work(dir: &Path, round: u64) {
    let store = Arc::new(EmbeddedStore::open(dir).unwrap());
    let daily_budget_micros = Some(BUDGET);
    store.put_campaign(&Campaign { daily_budget_micros, ..campaign("c", BUDGET) }).unwrap();
    let people: Vec<_> = (0..4).map(|n| store.put_person(&format!("keeper-{n}"), b"{}").unwrap()).collect();
    std::thread::scope(|scope| {
        for (thread, person) in people.iter().enumerate() {
            let store = &store;
            scope.spawn(move || {
                for batch in 0.. {
                    let ids: Vec<_> = (0..16).map(|n| format!("e{round}-{thread}-{batch}-{n}")).collect();
                    let answers =
                        store.append(ids.iter().map(|id| event(*person, liked(id))).collect()).unwrap();
                    assert!(answers.iter().all(|answer| matches!(answer, Appended::Accepted { .. })));
                    acknowledge(ids.iter().map(|id| format!("event {id}")));
                }
            });
        }
        scope.spawn(|| {
            for number in 0.. {
                let (number, price) = (round * 1_000_000 + number, 1 + (number as i64) % 7);
                if store.reserve(vec![want(number, "c", price)]).unwrap() == [Reserved::Held]
                    // Every third is left hanging, to be held when the kill comes.
                    && number % 3 != 0
                    && store.settle(nonce(number), Settle::Impression, given::NOON).unwrap() == Settled::Billed
                {
                    acknowledge([format!("billed {number} {price}")]);
                }
            }
        });
        scope.spawn(|| {
            for number in 0.. {
                let id = format!("passer-by-{round}-{number}");
                let person = store.put_person(&id, b"{}").unwrap();
                store.append(vec![event(person, liked(&format!("of-{id}")))]).unwrap();
                store.erase(&id, &|_, payload| payload.to_vec()).unwrap().unwrap();
                acknowledge([format!("erased {id}")]);
            }
        });
    });
}

fn acknowledge(lines: impl IntoIterator<Item = String>) {
    let mut out = std::io::stdout().lock();
    for line in lines {
        writeln!(out, "{line} .").unwrap();
    }
    out.flush().unwrap();
}
