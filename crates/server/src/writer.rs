//! The single writer: decides requests one after the other on a working copy of the state, stores a group of
//! them in one transaction, and then publishes the copy.
//!
//! A request sees everything that was decided before it, in its own group too. Readers see a group when it is on
//! the disk. If the transaction fails, the working copy is replaced by what is published, so that memory and data
//! file agree whatever happens.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::JoinHandle;

use parking_lot::{Mutex, RwLock};
use persons_engine::Draft;
use tokio::sync::{mpsc, oneshot};

use crate::project::{State, now};
use crate::store::{Store, StoreError, StoredAction, WriteTransaction};

/// Requests that may wait for the writer before senders wait too.
const QUEUE: usize = 1024;
/// Requests that share one transaction at most; more would only delay the first of them.
const GROUP: usize = 128;

/// The state that readers see. It is replaced as a whole.
pub(crate) type Published = RwLock<Arc<State>>;

/// Decides what a request changes.
pub(crate) type Decision = Box<dyn FnOnce(&mut Draft<'_>) + Send>;

/// Decides what becomes of an action: `None` writes nothing.
pub(crate) type ActionDecision =
    Box<dyn FnOnce(Option<StoredAction>) -> Option<StoredAction> + Send>;

/// Work for the writer.
pub(crate) enum Job {
    /// A request, and where to answer once it is stored.
    Write(Work, oneshot::Sender<Result<(), StoreError>>),
    /// Deletes a piece of the events that are to be deleted. Answers whether there may be more.
    DeletePiece(oneshot::Sender<Result<bool, StoreError>>),
}

/// A request that writes.
pub(crate) enum Work {
    /// Changes people, events, or cohorts.
    Draft(Decision),
    /// Changes the action with a number, or adds one.
    Action {
        /// `None` adds an action.
        id: Option<i64>,
        /// What becomes of it.
        decision: ActionDecision,
        /// Receives the action as it is stored. It is visible only when the request is answered.
        stored: oneshot::Sender<Option<StoredAction>>,
    },
}

/// The way to the writer's thread.
pub(crate) struct Writer {
    /// `None` only while it is dropped.
    jobs: Option<mpsc::Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the writer's thread.
    pub(crate) fn start(
        published: Arc<Published>,
        store: Arc<Mutex<Store>>,
    ) -> Result<Self, StoreError> {
        let (sender, jobs) = mpsc::channel(QUEUE);
        let working = State::clone(&published.read());
        let mut state = WriterThread {
            store,
            published,
            working,
            hidden_deletion: None,
        };
        let thread = std::thread::Builder::new()
            .name("writer".into())
            .spawn(move || state.run(jobs))
            .map_err(|error| StoreError::Sqlite(error.to_string()))?;
        Ok(Self {
            jobs: Some(sender),
            thread: Some(thread),
        })
    }

    /// The queue of work.
    pub(crate) fn jobs(&self) -> Result<&mpsc::Sender<Job>, StoreError> {
        self.jobs.as_ref().ok_or(StoreError::Closed)
    }
}

impl Drop for Writer {
    /// Lets the writer finish what was sent and close its connection.
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            // It catches panics of its own; there is nothing left to say about one.
            let _ = thread.join();
        }
    }
}

/// What became of one request in a transaction.
enum Outcome {
    /// It is written and applied.
    Changed,
    /// There was nothing to write.
    Unchanged,
    /// It failed alone. Nothing of it is written or applied.
    Failed(StoreError),
}

impl Outcome {
    fn failed(error: StoreError) -> Self {
        tracing::error!(%error, "a request could not be decided");
        Self::Failed(error)
    }
}

/// What the writer's thread works with.
struct WriterThread {
    store: Arc<Mutex<Store>>,
    published: Arc<Published>,
    /// Equal to what is published, except while a group is decided.
    working: State,
    /// The deletion whose events memory has forgotten already, while they are deleted from the file in pieces.
    hidden_deletion: Option<i64>,
}

impl WriterThread {
    fn run(&mut self, mut jobs: mpsc::Receiver<Job>) {
        let mut group = Vec::with_capacity(GROUP);
        while jobs.blocking_recv_many(&mut group, GROUP) > 0 {
            let (mut works, mut answers) = (Vec::new(), Vec::new());
            let mut deletions = Vec::new();
            for job in group.drain(..) {
                match job {
                    Job::Write(work, done) => {
                        works.push(work);
                        answers.push(done);
                    }
                    Job::DeletePiece(done) => deletions.push(done),
                }
            }
            for (result, done) in self.write_group(works).into_iter().zip(answers) {
                // The client may have gone away; what is stored stays stored.
                let _ = done.send(result);
            }
            for done in deletions {
                let deleted = self.write(|thread, transaction| thread.delete_piece(transaction));
                let has_more = deleted.and_then(|piece| match piece {
                    Some(()) => Ok(true),
                    None => self.store.lock().finish_deletions(now()),
                });
                let _ = done.send(has_more);
            }
        }
    }

    /// Decides requests in their order and stores them in one transaction. Returns the result of each.
    fn write_group(&mut self, works: Vec<Work>) -> Vec<Result<(), StoreError>> {
        let count = works.len();
        if count == 0 {
            return Vec::new();
        }
        let mut results = Vec::with_capacity(count);
        let stored = self.write(|thread, transaction| {
            let mut has_changed = false;
            for work in works {
                let outcome = thread.decide(work, transaction)?;
                has_changed |= matches!(outcome, Outcome::Changed);
                results.push(match outcome {
                    Outcome::Changed | Outcome::Unchanged => Ok(()),
                    Outcome::Failed(error) => Err(error),
                });
            }
            Ok(has_changed.then_some(()))
        });
        match stored {
            Ok(_) => results,
            Err(error) => vec![Err(error); count],
        }
    }

    /// Decides one request, writes it, and applies it to the working copy.
    ///
    /// # Errors
    ///
    /// If the whole transaction has to be given up.
    fn decide(
        &mut self,
        work: Work,
        transaction: &WriteTransaction<'_>,
    ) -> Result<Outcome, StoreError> {
        match work {
            Work::Draft(decision) => self.decide_draft(decision, transaction),
            Work::Action {
                id,
                decision,
                stored,
            } => {
                let before = id.and_then(|id| self.working.stored_actions.get(&id).cloned());
                let decided = match catch_panic(|| decision(before)) {
                    Ok(decided) => decided,
                    Err(error) => return Ok(Outcome::failed(error)),
                };
                let Some(mut action) = decided else {
                    let _ = stored.send(None);
                    return Ok(Outcome::Unchanged);
                };
                action.id = transaction.put_action(&action)?;
                self.working.put_action(action.clone())?;
                let _ = stored.send(Some(action));
                Ok(Outcome::Changed)
            }
        }
    }

    fn decide_draft(
        &mut self,
        decision: Decision,
        transaction: &WriteTransaction<'_>,
    ) -> Result<Outcome, StoreError> {
        let stored_events = transaction.stored_events();
        let decided = catch_panic(|| {
            let mut draft = Draft::with_stored_events(&self.working.people, &stored_events);
            decision(&mut draft);
            draft.finish()
        });
        stored_events.finish()?;
        let changes = match decided {
            Ok(changes) => changes,
            Err(error) => return Ok(Outcome::failed(error)),
        };
        if changes.is_empty() {
            return Ok(Outcome::Unchanged);
        }
        let first = self.working.first_numbers();
        transaction.write(&changes, first, now())?;
        self.working.apply(changes);
        Ok(Outcome::Changed)
    }

    /// Deletes a piece of the events that are to be deleted; `None` if there are none. Memory forgets all events
    /// of a deletion with its first piece.
    fn delete_piece(
        &mut self,
        transaction: &WriteTransaction<'_>,
    ) -> Result<Option<()>, StoreError> {
        let Some(deletion) = transaction.next_deletion()? else {
            return Ok(None);
        };
        if self.hidden_deletion != Some(deletion.number) {
            let mut ids = transaction.deletion_ids(&deletion)?;
            let count = self.working.people.distinct_id_count();
            ids.retain(|id| *id < count);
            let seen = transaction.last_events(&ids, &deletion)?;
            self.working.forget(&ids, deletion.before, &seen);
            self.hidden_deletion = Some(deletion.number);
        }
        let erased = transaction.delete_piece(&deletion, &self.working.people, now())?;
        self.working.erase_ids(&erased);
        Ok(Some(()))
    }

    /// Runs work in a transaction. If it returns `Some`, the transaction is committed and the working copy is
    /// published. After an error or a panic, data file and memory are as before.
    fn write<T>(
        &mut self,
        work: impl FnOnce(&mut Self, &WriteTransaction<'_>) -> Result<Option<T>, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        let store = Arc::clone(&self.store);
        let result = catch_panic(|| {
            let mut store = store.lock();
            let transaction = store.begin_write()?;
            let Some(value) = work(self, &transaction)? else {
                return Ok(None);
            };
            // Everything that can fail comes before the commit.
            let next = Arc::new(self.working.clone());
            transaction.commit()?;
            publish(&self.published, next);
            Ok(Some(value))
        });
        let result = result.unwrap_or_else(Err);
        if let Err(error) = &result {
            tracing::error!(%error, "a write failed");
            self.working = State::clone(&self.published.read());
            self.hidden_deletion = None;
        }
        result
    }
}

/// Runs code that may have a bug.
fn catch_panic<T>(work: impl FnOnce() -> T) -> Result<T, StoreError> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|_| StoreError::Panic)
}

/// Shows readers what was committed. A process that cannot show what its data file holds must not go on, so a
/// panic ends it; the next start reads the file.
fn publish(published: &Published, next: Arc<State>) {
    let guard = AbortOnPanic;
    let previous = std::mem::replace(&mut *published.write(), next);
    drop(guard);
    // Freeing it may take a while. No reader waits for that.
    drop(previous);
}

/// Ends the process if it is dropped by a panic.
struct AbortOnPanic;

impl Drop for AbortOnPanic {
    fn drop(&mut self) {
        if std::thread::panicking() {
            tracing::error!("the server stops: what was just written cannot be shown");
            std::process::abort();
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::process::ExitStatusExt as _;
    use std::process::Command;

    use super::*;

    /// Tells the test that it runs in the process that has to end.
    const CHILD: &str = "PERSONS_TEST_ABORT";

    #[test]
    fn a_panic_after_the_commit_ends_the_process() {
        if std::env::var_os(CHILD).is_some() {
            let caught = catch_panic(|| {
                let _guard = AbortOnPanic;
                panic!("injected");
            });
            assert!(caught.is_ok(), "the process goes on");
            return;
        }
        let output = Command::new(std::env::current_exe().expect("a path"))
            .args([
                "--exact",
                "writer::tests::a_panic_after_the_commit_ends_the_process",
            ])
            .env(CHILD, "1")
            .output()
            .expect("runs");
        let abort = 6;
        assert_eq!(output.status.signal(), Some(abort), "{output:?}");
    }
}
