//! `rapport bench ingest`: how many events a second become durable, understood and folded.

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::cli::bench::random::Random;
use crate::cli::bench::served::Served;
use crate::cli::bench::stats::per_second;
use crate::cli::bench::{Common, Report};

/// Measures events posted in batches to a server in this process, over a fresh folder.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    pub common: Common,
    /// Events of each kind of load.
    #[arg(long, default_value_t = 20_000)]
    events: usize,
    /// Events a batch.
    #[arg(long, default_value_t = 1_000)]
    batch: usize,
}

/// Senders side by side.
const SENDERS: usize = 4;
/// One event in so many is something said.
const SAID_ONE_IN: usize = 10;

/// Measures.
pub fn measure(args: &Args) -> Result<Report> {
    if args.events == 0 || args.batch == 0 {
        bail!("`--events` and `--batch` are at least 1");
    }
    let served = Served::new(200, 400)?;
    let mut random = Random::new(args.common.seed);
    let mixed = batches(&served, args, 0, |number| number % SAID_ONE_IN == 0, &mut random);
    let silent = batches(&served, args, args.events, |_| false, &mut random);
    let events = silent.iter().filter_map(Value::as_array).flatten();
    let bytes: Vec<Vec<u8>> = events.map(|event| event.to_string().into_bytes()).collect();

    let mut report = Report::new(args.events, args.common.seed);
    report.figure("events_per_s", post(&served, args.events, &mixed)?);
    report.figure("events_per_s_without_text", post(&served, args.events, &silent)?);
    report.figure("floor_events_per_s", floor(&bytes, args.batch)?);
    report.count("batch", args.batch);
    report.note("POST /v1/events in process, from 4 senders: parsed, understood, fsynced and folded before the answer");
    report.note("events_per_s: one in ten is something said; floor: the same bytes appended to plain SQLite, as batches");
    Ok(report)
}

fn batches(
    served: &Served,
    args: &Args,
    first: usize,
    said: impl Fn(usize) -> bool,
    random: &mut Random,
) -> Vec<Value> {
    let events: Vec<Value> =
        (first..first + args.events).map(|number| served.event(number, said(number), random)).collect();
    events.chunks(args.batch).map(|batch| Value::Array(batch.to_vec())).collect()
}

/// Posts every batch from several senders; events a second, all of which were accepted.
fn post(served: &Served, events: usize, batches: &[Value]) -> Result<f64> {
    let share = batches.len().div_ceil(SENDERS);
    let mut accepted: Result<u64> = Ok(0);
    let rate = per_second(events, || {
        accepted = std::thread::scope(|scope| {
            let send = |batches: &[Value]| -> Result<u64> {
                let accepted =
                    |batch| served.ask("POST", "/v1/events", batch)?["accepted"].as_u64().context("no count");
                batches.iter().map(accepted).sum()
            };
            let threads: Vec<_> =
                batches.chunks(share).map(|batches| scope.spawn(move || send(batches))).collect();
            let joined =
                threads.into_iter().map(|t| t.join().unwrap_or_else(|p| std::panic::resume_unwind(p)));
            joined.sum()
        });
    });
    match accepted? {
        all if all == events as u64 => Ok(rate),
        some => bail!("{some} of {events} events were accepted: the figure would mislead"),
    }
}

/// Plain SQLite with the store's durability: a key and a payload a row, one transaction and one fsync a batch.
fn floor(rows: &[Vec<u8>], batch: usize) -> Result<f64> {
    let folder = tempfile::tempdir()?;
    let mut database = rusqlite::Connection::open(folder.path().join("floor.sqlite"))?;
    database.pragma_update(None, "journal_mode", "wal")?;
    database.pragma_update(None, "synchronous", "full")?;
    database.execute_batch("create table log (seq integer primary key, id text unique, payload blob)")?;
    let mut appended = Ok(());
    let rate = per_second(rows.len(), || appended = append(&mut database, rows, batch));
    appended?;
    Ok(rate)
}

fn append(database: &mut rusqlite::Connection, rows: &[Vec<u8>], batch: usize) -> Result<()> {
    for (number, rows) in rows.chunks(batch).enumerate() {
        let transaction = database.transaction()?;
        {
            let mut insert = transaction.prepare_cached("insert into log (id, payload) values (?1, ?2)")?;
            for (place, row) in rows.iter().enumerate() {
                insert.execute((format!("{number}-{place}"), row))?;
            }
        }
        transaction.commit()?;
    }
    Ok(())
}
