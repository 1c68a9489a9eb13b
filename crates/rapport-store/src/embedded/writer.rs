//! The one thread that writes to a database: it gathers concurrent calls into one transaction, and answers
//! them after the `fsync` that ends it.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread::{JoinHandle, ThreadId};
use std::time::{Duration, Instant};

use rusqlite::Connection;

use crate::StoreError;

/// Calls that may wait; the next ones block, which is how a slow disk slows its callers down.
const QUEUE: usize = 1024;

/// A group takes no more calls after this long, so that a stream of calls does not keep the first one
/// waiting.
const GATHER: Duration = Duration::from_millis(5);

/// A call from another thread.
trait Job: Send {
    /// Whether it manages its own transactions (`VACUUM`, checkpoints).
    fn alone(&self) -> bool;
    /// Does the work; whether its changes are to be kept.
    fn run(&mut self, db: &Connection) -> bool;
    /// Acts on what is now durable, still on the writing thread and in order.
    fn committed(&mut self);
    /// Answers the caller; `lost` is why the group's commit failed, if it did.
    fn answer(self: Box<Self>, lost: Option<StoreError>);
}

struct Call<T, R, A> {
    alone: bool,
    run: Option<R>,
    after: Option<A>,
    result: Result<T, StoreError>,
    reply: SyncSender<Result<T, StoreError>>,
}

impl<T, R, A> Job for Call<T, R, A>
where
    T: Send,
    R: FnOnce(&Connection) -> Result<T, StoreError> + Send,
    A: FnOnce(&T) + Send,
{
    fn alone(&self) -> bool {
        self.alone
    }

    fn run(&mut self, db: &Connection) -> bool {
        if let Some(run) = self.run.take() {
            self.result = run(db);
        }
        self.result.is_ok()
    }

    fn committed(&mut self) {
        if let (Ok(value), Some(after)) = (&self.result, self.after.take()) {
            after(value);
        }
    }

    fn answer(self: Box<Self>, lost: Option<StoreError>) {
        // A caller that no longer waits has no use for the answer.
        let _ = self.reply.send(match lost {
            Some(error) if self.result.is_ok() => Err(error),
            _ => self.result,
        });
    }
}

/// The way to the writing thread of one database.
pub struct Writer {
    file: PathBuf,
    jobs: Mutex<Option<SyncSender<Box<dyn Job>>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
    id: ThreadId,
}

impl Writer {
    /// Starts the thread on `db`, which is `file`.
    pub fn start(db: Connection, file: PathBuf) -> Result<Self, StoreError> {
        let (jobs, queue) = sync_channel(QUEUE);
        let thread = std::thread::Builder::new()
            .name("rapport-store".to_owned())
            .spawn(move || serve(&db, &queue))
            .map_err(|error| StoreError::Io { path: file.clone(), source: error.into() })?;
        let id = thread.thread().id();
        Ok(Self { file, jobs: Mutex::new(Some(jobs)), thread: Mutex::new(Some(thread)), id })
    }

    /// Runs `run` inside a transaction that it may share with other calls; what it did is undone if it fails.
    /// `after` runs once it is durable, before the next call's `after` and before any caller is answered.
    pub fn call<T: Send + 'static>(
        &self,
        run: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
        after: impl FnOnce(&T) + Send + 'static,
    ) -> Result<T, StoreError> {
        self.send(false, run, after)
    }

    /// Runs `run` outside of any transaction, with nothing else under way on this thread.
    pub fn alone<T: Send + 'static>(
        &self,
        run: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.send(true, run, |_: &T| ())
    }

    fn send<T: Send + 'static>(
        &self,
        alone: bool,
        run: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
        after: impl FnOnce(&T) + Send + 'static,
    ) -> Result<T, StoreError> {
        if std::thread::current().id() == self.id {
            let problem = "calls a method that writes; it may only read".to_owned();
            return Err(StoreError::Invalid { what: "observer", problem });
        }
        let jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let jobs = jobs.ok_or(StoreError::Closed)?;
        let (reply, answer) = sync_channel(1);
        let call = Call { alone, run: Some(run), after: Some(after), result: Err(StoreError::Closed), reply };
        jobs.send(Box::new(call)).map_err(|_| StoreError::Closed)?;
        drop(jobs);
        answer.recv().unwrap_or(Err(StoreError::Closed)).map_err(|error| error.in_file(&self.file))
    }

    /// Waits for the calls under way, then ends the thread and closes its connection.
    pub fn stop(&self) {
        drop(self.jobs.lock().unwrap_or_else(PoisonError::into_inner).take());
        if let Some(thread) = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take() {
            let _ = thread.join();
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.stop();
    }
}

fn serve(db: &Connection, queue: &Receiver<Box<dyn Job>>) {
    let mut next = queue.recv().ok();
    while let Some(mut job) = next.take() {
        if job.alone() {
            job.run(db);
            job.committed();
            job.answer(None);
        } else {
            next = serve_group(db, queue, job);
        }
        next = next.or_else(|| queue.recv().ok());
    }
}

/// Runs `first` and whatever else waits in one transaction; gives back a call that wants to be alone.
fn serve_group(db: &Connection, queue: &Receiver<Box<dyn Job>>, first: Box<dyn Job>) -> Option<Box<dyn Job>> {
    let began = Instant::now();
    let begun = db.execute_batch("BEGIN IMMEDIATE");
    let (mut group, mut loner) = (Vec::new(), None);
    let mut next = Some(first);
    while let Some(mut job) = next.take() {
        if job.alone() {
            loner = Some(job);
            break;
        }
        if begun.is_ok() {
            run_apart(db, &mut *job);
        }
        group.push(job);
        if began.elapsed() < GATHER {
            next = queue.try_recv().ok();
        }
    }
    let lost = begun.and_then(|()| db.execute_batch("COMMIT")).err().map(StoreError::from);
    if lost.is_some() {
        // Fails only if SQLite has rolled back by itself.
        let _ = db.execute_batch("ROLLBACK");
    } else {
        group.iter_mut().for_each(|job| job.committed());
    }
    group.into_iter().for_each(|job| job.answer(lost.clone()));
    loner
}

/// Runs one call of a group so that its failure leaves the others' work alone.
fn run_apart(db: &Connection, job: &mut dyn Job) {
    let savepoint = |sql: &str| db.prepare_cached(sql).and_then(|mut statement| statement.execute([]));
    if savepoint("SAVEPOINT call").is_err() {
        return;
    }
    if !job.run(db) {
        let _ = savepoint("ROLLBACK TO call");
    }
    let _ = savepoint("RELEASE call");
}
