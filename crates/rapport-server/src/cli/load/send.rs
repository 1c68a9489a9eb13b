//! Sends records to a server: puts side by side, events in batches and in order.

use anyhow::{Context, Result};
use indicatif::ProgressBar;
use serde_json::Value;

use crate::cli::client::{self, Answer, Client};
use crate::cli::load::Kind;
use crate::cli::load::input::{Record, Rejection};
use crate::cli::output;

/// Events of one call.
const EVENTS: usize = 500;
/// Puts on their way at once: they share the server's group commits.
const PUTS: usize = 64;
/// Threads that send them.
const THREADS: usize = 16;

/// What became of the lines.
#[derive(Default)]
pub struct Tally {
    taken: [u64; 4],
    duplicates: u64,
    /// Lines that were not taken.
    pub rejected: u64,
}

impl Tally {
    /// Counts a rejected line and says why.
    pub fn reject(&mut self, rejection: &Rejection) {
        self.rejected += 1;
        output::note(rejection);
    }
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [people, items, campaigns, events] = self.taken;
        write!(f, "loaded {people} people, {items} items, {campaigns} campaigns, {events} events")?;
        write!(f, " ({} duplicates), rejected {} lines", self.duplicates, self.rejected)
    }
}

/// Collects records of one kind and sends them when a batch is full.
pub struct Sender<'a> {
    client: &'a Client,
    kind: Kind,
    tally: &'a mut Tally,
    bar: &'a ProgressBar,
    waiting: Vec<Record>,
}

impl<'a> Sender<'a> {
    /// Sends records of `kind` to `client`.
    pub fn new(client: &'a Client, kind: Kind, tally: &'a mut Tally, bar: &'a ProgressBar) -> Self {
        Self { client, kind, tally, bar, waiting: Vec::new() }
    }

    /// Adds a record.
    ///
    /// # Errors
    /// When a batch was full and the server can't be reached.
    pub fn push(&mut self, record: Record) -> Result<()> {
        self.waiting.push(record);
        let full = if self.kind == Kind::Event { EVENTS } else { PUTS };
        if self.waiting.len() >= full { self.flush() } else { Ok(()) }
    }

    /// Sends what is left.
    ///
    /// # Errors
    /// When the server can't be reached.
    pub fn finish(mut self) -> Result<()> {
        self.flush()
    }

    fn flush(&mut self) -> Result<()> {
        let batch = std::mem::take(&mut self.waiting);
        if batch.is_empty() {
            return Ok(());
        }
        let sent = batch.len() as u64;
        match self.kind {
            Kind::Event => self.events(batch)?,
            _ => self.puts(batch)?,
        }
        self.bar.inc(sent);
        Ok(())
    }

    fn puts(&mut self, batch: Vec<Record>) -> Result<()> {
        let (client, kind) = (self.client, self.kind);
        let share = batch.len().div_ceil(THREADS);
        let answers: Vec<Result<Vec<Result<Answer, String>>>> = std::thread::scope(|scope| {
            let part = |records: &'_ [Record]| {
                records.iter().map(|record| put(client, kind, &record.value)).collect::<Result<Vec<_>>>()
            };
            let threads: Vec<_> =
                batch.chunks(share).map(|records| scope.spawn(move || part(records))).collect();
            threads.into_iter().map(joined).collect()
        });
        let mut records = batch.into_iter();
        for answers in answers {
            for (answer, record) in answers?.into_iter().zip(&mut records) {
                match answer {
                    Ok(answer) if answer.is_ok() => self.tally.taken[kind as usize] += 1,
                    Ok(answer) => self.tally.reject(&Rejection { at: record.at, why: answer.problem() }),
                    Err(why) => self.tally.reject(&Rejection { at: record.at, why }),
                }
            }
        }
        Ok(())
    }

    fn events(&mut self, batch: Vec<Record>) -> Result<()> {
        let places: Vec<_> = batch.iter().map(|record| record.at.clone()).collect();
        let body: Vec<Value> = batch.into_iter().map(|record| without_frame(record.value, false)).collect();
        let answer = self.client.send("POST", "/v1/events", Some(&Value::Array(body)))?;
        if !answer.is_ok() {
            anyhow::bail!("events from {} on were refused: {}", places[0], answer.problem());
        }
        let count = |field: &str| answer.body.get(field).and_then(Value::as_u64).unwrap_or(0);
        self.tally.taken[Kind::Event as usize] += count("accepted");
        self.tally.duplicates += count("duplicates");
        for rejected in answer.body.get("rejected").and_then(Value::as_array).into_iter().flatten() {
            let index = rejected.get("index").and_then(Value::as_u64).unwrap_or(0) as usize;
            let at = places.get(index).context("the server rejected an event that was not sent")?.clone();
            let error = rejected.get("error").unwrap_or(&Value::Null);
            let why = client::problem(error).unwrap_or_else(|| error.to_string());
            self.tally.reject(&Rejection { at, why });
        }
        Ok(())
    }
}

/// Puts one record; `Err` within says what is wrong with it before it is sent.
fn put(client: &Client, kind: Kind, value: &Value) -> Result<Result<Answer, String>> {
    let Some(id) = value.get("id").and_then(Value::as_str).filter(|id| !id.is_empty()) else {
        return Ok(Err("`id` is missing, or is no text".to_owned()));
    };
    let path = format!("/v1/{}/{}", kind.plural(), client::segment(id));
    client.send("PUT", &path, Some(&without_frame(value.clone(), true))).map(Ok)
}

/// The body of the call: the line without `record` and, where the path has it, `id`.
fn without_frame(mut value: Value, id_in_path: bool) -> Value {
    if let Some(map) = value.as_object_mut() {
        map.remove("record");
        if id_in_path {
            map.remove("id");
        }
    }
    value
}

fn joined<T>(thread: std::thread::ScopedJoinHandle<'_, Result<T>>) -> Result<T> {
    thread.join().unwrap_or_else(|_| Err(anyhow::anyhow!("a sending thread broke off")))
}
