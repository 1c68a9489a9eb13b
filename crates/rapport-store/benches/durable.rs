//! What does it cost to be told that something is on disk? Beside the floor: raw SQLite with the same settings.
//!
//! `cargo bench -p rapport-store --bench durable`
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a bench")]

#[path = "../tests/given/mod.rs"]
mod given;

use std::time::{Duration, Instant};

use given::{Surrogate, campaign, event, liked, nonce, want};
use rapport_core::event::Record;
use rapport_core::signal::TopicStrength;
use rapport_core::topic::TopicId;
use rapport_core::understanding::{VECTOR_DIM, Vector};
use rapport_store::{EmbeddedStore, EventLog, NewEvent, Receipt, Reservation, Settle, Store};

const PEOPLE: usize = 10_000;
const EVENTS: usize = 131_072;
const BATCH: usize = 256;
const SINGLE: u64 = 2_000;

fn main() {
    // `cargo test` runs benches, too: there is nothing to learn from an unoptimised one.
    if cfg!(debug_assertions) {
        return println!("skipped: build with `cargo bench`");
    }
    let dir = tempfile::tempdir_in(".").unwrap();
    println!("n = {EVENTS} events of {PEOPLE} people, batches of {BATCH}, seed: none (no choice is random)");
    println!("raw SQLite, appended events/s:      {:>9.0}", floor_append(&dir.path().join("floor.db")));
    for threads in [1, 2, 4] {
        let store = EmbeddedStore::open(&dir.path().join(format!("append-{threads}"))).unwrap();
        println!("appended events/s, {threads} threads:        {:>9.0}", append(&store, threads));
    }
    let store = EmbeddedStore::open(&dir.path().join("single")).unwrap();
    let person = store.put_person("somebody", b"{}").unwrap();
    print("raw SQLite, one row committed", floor_single(&dir.path().join("floor.db")));
    print("append one event", time(|n| store.append(vec![event(person, liked(&format!("s{n}")))]).unwrap()));
    store.put_campaign(&campaign("c", i64::MAX)).unwrap();
    let of = |n| Reservation { person: Some(person), ..want(n, "c", 10) };
    print("reserve", time(|n| store.reserve(vec![of(n)]).unwrap()));
    print("bill", time(|n| store.settle(nonce(n), Settle::Impression, given::NOON).unwrap()));
    print("store a receipt of 2 KB", time(|n| store.put_receipts(vec![receipt(n, person)]).unwrap()));
    let began = Instant::now();
    std::thread::scope(|scope| {
        for thread in 1..=8u64 {
            let (store, of) = (&store, &of);
            scope.spawn(move || {
                (0..500).for_each(|n| drop(store.reserve(vec![of(thread << 32 | n)]).unwrap()))
            });
        }
    });
    println!("reserved/s, 8 threads one by one:   {:>9.0}", 4_000.0 / began.elapsed().as_secs_f64());
    print("read 200 of a person's events", read(&store));
    print("erase somebody", erase(&store));
}

fn record(n: usize) -> Record {
    let signals =
        (0..3u16).map(|at| TopicStrength { topic: TopicId::from_index(at * 7).unwrap(), strength: 0.5 });
    let mut values = [0.0; VECTOR_DIM];
    values.iter_mut().enumerate().for_each(|(at, value)| *value = ((at * 31 + n) % 17) as f32 - 8.0);
    let vector = if n.is_multiple_of(10) { Vector::quantize(&values) } else { None };
    Record { signals: signals.collect(), vector, ..liked(&format!("event-{n:09}")) }
}

fn people(store: &EmbeddedStore) -> Vec<Surrogate> {
    let ids: Vec<String> = (0..PEOPLE).map(|n| format!("person-{n}")).collect();
    let people: Vec<(&str, &[u8])> = ids.iter().map(|id| (id.as_str(), &b"{}"[..])).collect();
    store.put_people(&people).unwrap()
}

fn append(store: &EmbeddedStore, threads: usize) -> f64 {
    let people = people(store);
    let batches: Vec<Vec<NewEvent>> = (0..EVENTS / BATCH)
        .map(|batch| {
            let events = batch * BATCH..(batch + 1) * BATCH;
            events.map(|n| event(people[n * 7_919 % PEOPLE], record(n))).collect()
        })
        .collect();
    let began = Instant::now();
    std::thread::scope(|scope| {
        for thread in 0..threads {
            let own: Vec<_> = batches.iter().skip(thread).step_by(threads).cloned().collect();
            scope.spawn(move || own.into_iter().for_each(|batch| drop(store.append(batch).unwrap())));
        }
    });
    EVENTS as f64 / began.elapsed().as_secs_f64()
}

const FLOOR: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;
    PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = 16000;
    CREATE TABLE IF NOT EXISTS event (seq INTEGER PRIMARY KEY, key BLOB UNIQUE, payload BLOB)";

fn insert(db: &rusqlite::Connection, n: u64) {
    let key = n.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes();
    db.prepare_cached("INSERT INTO event (key, payload) VALUES (?1, ?2)")
        .unwrap()
        .execute(rusqlite::params![[key, key].concat(), [7u8; 200]])
        .unwrap();
}

fn floor_append(file: &std::path::Path) -> f64 {
    let db = rusqlite::Connection::open(file).unwrap();
    db.execute_batch(FLOOR).unwrap();
    let began = Instant::now();
    for batch in 0..EVENTS / BATCH {
        db.execute_batch("BEGIN").unwrap();
        (batch * BATCH..(batch + 1) * BATCH).for_each(|n| insert(&db, n as u64 + 1));
        db.execute_batch("COMMIT").unwrap();
    }
    EVENTS as f64 / began.elapsed().as_secs_f64()
}

fn floor_single(file: &std::path::Path) -> Vec<Duration> {
    let db = rusqlite::Connection::open(file).unwrap();
    db.execute_batch(FLOOR).unwrap();
    time(|n| insert(&db, 1_000_000 + n))
}

fn receipt(n: u64, person: Surrogate) -> Receipt {
    Receipt { id: nonce(n), person: Some(person), at: given::NOON, payload: vec![7; 2_000], mentions: vec![] }
}

fn read(store: &EmbeddedStore) -> Vec<Duration> {
    let person = store.put_person("reader", b"{}").unwrap();
    store.append((0..200).map(|n| event(person, record(1_000_000 + n))).collect()).unwrap();
    time(|_| assert_eq!(store.read(person).unwrap().len(), 200))
}

fn erase(store: &EmbeddedStore) -> Vec<Duration> {
    people(store);
    (0..20)
        .map(|n| {
            let began = Instant::now();
            store.erase(&format!("person-{n}"), &|_, payload| payload.to_vec()).unwrap().unwrap();
            began.elapsed()
        })
        .collect()
}

fn time<T>(mut work: impl FnMut(u64) -> T) -> Vec<Duration> {
    (0..SINGLE)
        .map(|n| {
            let began = Instant::now();
            work(n);
            began.elapsed()
        })
        .collect()
}

fn print(what: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_micros();
    println!("{what:<32} p50 {:>7} µs   p99 {:>7} µs", at(0.5), at(0.99));
}
