//! One project: its people and their events in memory, and the single writer that changes them.
//!
//! A write is decided on a [`Draft`], stored, and only then applied to what readers see. Many requests
//! share one transaction (group commit), so that one flush of the disk acknowledges them all. While the
//! disk works, nobody holds the lock that readers need.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{SystemTime, UNIX_EPOCH};

use parking_lot::{Mutex, RwLock, RwLockReadGuard};
use persons_api::Timestamp;
use persons_engine::events::LoggedEvent;
use persons_engine::insights::Action;
use persons_engine::{CapturedEvent, Changes, Draft, Events, People};
use tokio::sync::{mpsc, oneshot};

pub use crate::store::ProjectInfo;
use crate::store::{Piece, Storage, Store, StoreError, StoredAction, StoredWarning};
use crate::{actions, secret};

/// Requests that may wait for the writer before senders wait too.
const QUEUE: usize = 1024;
/// Requests that share one transaction at most; more would only delay the first of them.
const GROUP: usize = 128;

/// What is in memory, all of the same moment.
pub struct State {
    /// The people.
    pub people: People,
    /// Their events.
    pub events: Events,
    /// All actions, deleted ones too.
    pub stored_actions: BTreeMap<i64, StoredAction>,
    /// What the others mean.
    pub actions: BTreeMap<i64, Action>,
    /// Grows with every change: as long as it is the same, so are the answers to questions.
    pub version: u64,
}

impl State {
    /// Makes visible what was written. `numbers` are those of the events.
    fn apply(&mut self, changes: Changes, numbers: &[Option<i64>]) {
        for (number, event) in numbers.iter().zip(&changes.events) {
            let Some(number) = *number else { continue };
            let logged = LoggedEvent {
                number,
                distinct_id: event.distinct_id,
                name: &event.name,
                at: event.timestamp,
            };
            self.events.append(logged, &event.properties);
        }
        self.people.apply(changes);
        self.version += 1;
    }

    /// Makes an action visible.
    fn put_action(&mut self, stored: StoredAction) -> Result<(), StoreError> {
        let action = actions::read(&stored.name, &stored.steps);
        let action = action.map_err(|error| StoreError::Damaged(error.to_string()))?;
        if stored.deleted {
            self.actions.remove(&stored.id);
        } else {
            self.actions.insert(stored.id, action);
        }
        self.stored_actions.insert(stored.id, stored);
        self.version += 1;
        Ok(())
    }

    /// Makes visible that events of some distinct ids are deleted, and when these had their latest event now.
    fn forget(&mut self, ids: &[u32], before: i64, seen: &[(u32, Option<Timestamp>)]) {
        let unused = self.events.delete(ids, before);
        self.people.forget_definitions(&unused);
        self.people.set_seen(seen);
        self.version += 1;
    }
}

/// A data file at work.
pub struct Project {
    state: Arc<RwLock<State>>,
    info: ProjectInfo,
    // Before the others: the last connection to close folds the write-ahead log into the data file.
    writer: Writer,
    side: SharedStore,
    archive: SharedStore,
}

/// The way to the writer's thread.
struct Writer {
    /// `None` only while it is dropped.
    jobs: Option<mpsc::Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    fn jobs(&self) -> Result<&mpsc::Sender<Job>, StoreError> {
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

/// A connection for small things beside the writer: keys, sessions, warnings.
pub type SharedStore = Arc<Mutex<Store>>;

type Work = Box<dyn FnOnce(&mut Draft<'_>) + Send>;

/// Work for the writer.
enum Job {
    /// A decision, and whom to tell when it is on the disk.
    Decide(Work, oneshot::Sender<Result<(), StoreError>>),
    /// A piece of the events that are to be deleted, and whom to tell whether there may be more.
    DeletePiece(oneshot::Sender<Result<bool, StoreError>>),
    /// What becomes of an action, or a new one.
    Action(ActionChange),
}

/// What becomes of an action, and whom to tell what it is then.
struct ActionChange {
    /// Its number; `None` for a new one.
    id: Option<i64>,
    change: Box<dyn FnOnce(Option<StoredAction>) -> Option<StoredAction> + Send>,
    done: oneshot::Sender<Result<Option<StoredAction>, StoreError>>,
}

impl Project {
    /// Opens the data and loads the people. `token` replaces the stored capture token.
    pub fn open(storage: &Storage, token: Option<String>) -> Result<Self, StoreError> {
        let store = Store::open(storage, new_project)?;
        let mut info = store.project()?;
        if let Some(token) = token {
            info.api_token = token;
        }
        let (state, archive) = load(&store)?;
        store.expect_writes()?;
        let state = Arc::new(RwLock::new(state));
        let beside = [store.reader()?, archive];
        let store = Arc::new(Mutex::new(store));
        let [side, archive] = beside.map(|beside| {
            beside.map_or_else(|| store.clone(), |beside| Arc::new(Mutex::new(beside)))
        });
        let (sender, jobs) = mpsc::channel(QUEUE);
        let shared = state.clone();
        let thread = std::thread::Builder::new()
            .name("writer".into())
            .spawn(move || write_groups(jobs, &shared, &store))
            .map_err(|error| StoreError::Sqlite(error.to_string()))?;
        let writer = Writer {
            jobs: Some(sender),
            thread: Some(thread),
        };
        Ok(Self {
            state,
            info,
            writer,
            side,
            archive,
        })
    }

    /// A project in memory, for tests and for trying things out.
    pub fn in_memory() -> Result<Self, StoreError> {
        Self::open(&Storage::Memory, None)
    }

    /// The people, for reading. Keep the guard for milliseconds and never across an `await`.
    pub fn read(&self) -> impl Deref<Target = People> + '_ {
        RwLockReadGuard::map(self.state.read(), |state| &state.people)
    }

    /// Everything in memory, for reading. Keep the guard as briefly as that of [`Self::read`].
    pub fn read_all(&self) -> impl Deref<Target = State> + '_ {
        self.state.read()
    }

    /// What the project is called, and so on.
    pub fn info(&self) -> &ProjectInfo {
        &self.info
    }

    /// The connection for small things.
    pub fn side_store(&self) -> &SharedStore {
        &self.side
    }

    /// The connection for reading history and events. That may take long, and keeps neither the writer
    /// waiting nor those who show their keys.
    pub fn archive(&self) -> &SharedStore {
        &self.archive
    }

    /// The server's clock.
    pub fn now(&self) -> Timestamp {
        now()
    }

    /// Takes events in. When it returns, they are on the disk and visible; when it fails, none is.
    pub async fn capture(&self, events: Vec<CapturedEvent>) -> Result<(), StoreError> {
        self.write(|draft| events.into_iter().for_each(|event| draft.ingest(event)))
            .await
    }

    /// [`Self::capture`] for callers outside a runtime.
    pub fn capture_blocking(&self, events: Vec<CapturedEvent>) -> Result<(), StoreError> {
        self.write_blocking(|draft| events.into_iter().for_each(|event| draft.ingest(event)))
    }

    /// Decides something and makes it durable, then visible, then returns what the decision returned.
    pub async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Draft<'_>) -> T + Send + 'static,
    ) -> Result<T, StoreError> {
        let (job, done, value) = job(work);
        self.writer
            .jobs()?
            .send(job)
            .await
            .map_err(|_| StoreError::Closed)?;
        done.await.map_err(|_| StoreError::Closed)??;
        value.await.map_err(|_| StoreError::Closed)
    }

    /// [`Self::write`] for callers outside a runtime.
    pub fn write_blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Draft<'_>) -> T + Send + 'static,
    ) -> Result<T, StoreError> {
        let (job, done, value) = job(work);
        self.writer
            .jobs()?
            .blocking_send(job)
            .map_err(|_| StoreError::Closed)?;
        done.blocking_recv().map_err(|_| StoreError::Closed)??;
        value.blocking_recv().map_err(|_| StoreError::Closed)
    }

    /// Makes something of an action as it is when its turn comes, or a new one where no number is given.
    /// `None` stands for no action: there was none, and nothing is written. Returns it as it is kept.
    pub async fn change_action(
        &self,
        id: Option<i64>,
        change: impl FnOnce(Option<StoredAction>) -> Option<StoredAction> + Send + 'static,
    ) -> Result<Option<StoredAction>, StoreError> {
        let (done, when_done) = oneshot::channel();
        let change = Box::new(change);
        let job = Job::Action(ActionChange { id, change, done });
        let sent = self.writer.jobs()?.send(job).await;
        sent.map_err(|_| StoreError::Closed)?;
        when_done.await.map_err(|_| StoreError::Closed)?
    }

    /// Deletes all events that wait for it, in pieces between which others can write.
    pub async fn delete_waiting_events(&self) -> Result<(), StoreError> {
        loop {
            let (done, when_done) = oneshot::channel();
            let job = Job::DeletePiece(done);
            let sent = self.writer.jobs()?.send(job).await;
            sent.map_err(|_| StoreError::Closed)?;
            if !when_done.await.map_err(|_| StoreError::Closed)?? {
                return Ok(());
            }
        }
    }

    /// Refused events and merges, newest first, and how many there are.
    pub fn warnings(
        &self,
        limit: usize,
        offset: usize,
    ) -> Result<(u64, Vec<StoredWarning>), StoreError> {
        self.side.lock().warnings(limit, offset)
    }

    /// How many events are stored.
    pub fn event_count(&self) -> Result<u64, StoreError> {
        self.side.lock().event_count()
    }

    /// Returns how many writes wait for the writer to take them up.
    pub fn queued_writes(&self) -> usize {
        let jobs = self.writer.jobs();
        jobs.map_or(0, |jobs| jobs.max_capacity() - jobs.capacity())
    }

    /// Whether the writer is at work.
    pub fn is_healthy(&self) -> bool {
        self.writer.jobs().is_ok_and(|jobs| !jobs.is_closed())
    }
}

/// Reads everything into memory, people and events at the same time where the data are in a file. Also
/// returns the second connection that this takes.
fn load(store: &Store) -> Result<(State, Option<Store>), StoreError> {
    let beside = store.reader()?;
    let (people, events, beside) = std::thread::scope(|scope| {
        let events = beside.map(|beside| scope.spawn(move || (beside.load_events(), beside)));
        let people = store.load();
        match events {
            None => (people, store.load_events(), None),
            Some(events) => match events.join() {
                Ok((events, beside)) => (people, events, Some(beside)),
                Err(panic) => std::panic::resume_unwind(panic),
            },
        }
    });
    let mut state = State {
        people: people?,
        events: events?,
        stored_actions: BTreeMap::new(),
        actions: BTreeMap::new(),
        version: 0,
    };
    state.people.keep_definitions_of(&state.events);
    for action in store.actions()? {
        state.put_action(action)?;
    }
    Ok((state, beside))
}

/// The server's clock.
pub fn now() -> Timestamp {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp(since.as_micros() as i64)
}

fn job<T: Send + 'static>(
    work: impl FnOnce(&mut Draft<'_>) -> T + Send + 'static,
) -> (
    Job,
    oneshot::Receiver<Result<(), StoreError>>,
    oneshot::Receiver<T>,
) {
    let (done, when_done) = oneshot::channel();
    let (value, when_valued) = oneshot::channel();
    let work = Box::new(move |draft: &mut Draft<'_>| {
        // The asker may have gone away; the decision stands all the same.
        let _ = value.send(work(draft));
    });
    (Job::Decide(work, done), when_done, when_valued)
}

/// The writer: takes what is waiting, decides it, stores it at once, shows it, tells everybody.
fn write_groups(mut jobs: mpsc::Receiver<Job>, state: &RwLock<State>, store: &Mutex<Store>) {
    let mut group = Vec::with_capacity(GROUP);
    while jobs.blocking_recv_many(&mut group, GROUP) > 0 {
        let (mut work, mut told) = (Vec::new(), Vec::new());
        let (mut deletions, mut actions) = (Vec::new(), Vec::new());
        for job in group.drain(..) {
            match job {
                Job::Decide(decision, done) => {
                    work.push(decision);
                    told.push(done);
                }
                Job::DeletePiece(done) => deletions.push(done),
                Job::Action(change) => actions.push(change),
            }
        }
        let result = guarded(|| write_group(work, state, store));
        for done in told {
            let _ = done.send(result.clone());
        }
        for ActionChange { id, change, done } in actions {
            let _ = done.send(guarded(|| change_action(id, change, state, store)));
        }
        for done in deletions {
            let _ = done.send(guarded(|| delete_piece(state, store)));
        }
    }
}

/// Runs a piece of the writer's work. A bug in it must not end the writer: the work fails, nothing of it
/// is kept.
fn guarded<T>(work: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
    let result = catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        Err(StoreError::Damaged(
            "a write failed inside the server".into(),
        ))
    });
    if let Err(error) = &result {
        tracing::error!(%error, "a write failed");
    }
    result
}

/// Keeps what becomes of an action, and makes it visible.
fn change_action(
    id: Option<i64>,
    change: impl FnOnce(Option<StoredAction>) -> Option<StoredAction>,
    state: &RwLock<State>,
    store: &Mutex<Store>,
) -> Result<Option<StoredAction>, StoreError> {
    let before = id.and_then(|id| state.read().stored_actions.get(&id).cloned());
    let Some(mut action) = change(before) else {
        return Ok(None);
    };
    action.id = store.lock().put_action(&action)?;
    state.write().put_action(action.clone())?;
    Ok(Some(action))
}

/// Deletes a piece of the events that wait for it. What they change becomes visible at once, with the last.
fn delete_piece(state: &RwLock<State>, store: &Mutex<Store>) -> Result<bool, StoreError> {
    let (ids, before, seen) = {
        let mut store = store.lock();
        match store.delete_piece(now())? {
            Piece::Nothing => return Ok(false),
            Piece::Some => return Ok(true),
            Piece::Last { ids, before } => {
                let seen = store.last_events(&ids)?;
                (ids, before, seen)
            }
        }
    };
    state.write().forget(&ids, before, &seen);
    Ok(true)
}

fn write_group(
    work: Vec<Work>,
    state: &RwLock<State>,
    store: &Mutex<Store>,
) -> Result<(), StoreError> {
    let (changes, first_id, next_person) = {
        // This thread is the only one that changes people, so what is read here stays true below.
        let state = state.read();
        let people = &state.people;
        let store = store.lock();
        let stored_events = store.event_lookup();
        let mut draft = Draft::with_stored_events(people, &stored_events);
        for work in work {
            work(&mut draft);
        }
        let next_person = draft.next_person();
        let changes = draft.finish();
        stored_events.finish()?;
        (changes, people.distinct_id_count(), next_person)
    };
    if changes.is_empty() {
        return Ok(());
    }
    let numbers = store
        .lock()
        .commit(&changes, first_id, next_person, now())?;
    state.write().apply(changes, &numbers);
    Ok(())
}

/// What a new data file starts with.
fn new_project() -> ProjectInfo {
    ProjectInfo {
        id: 1,
        uuid: uuid::Uuid::now_v7(),
        organization: uuid::Uuid::now_v7(),
        name: "My project".into(),
        api_token: secret::new("phc_"),
        timezone: "UTC".into(),
        is_demo: false,
        week_start_day: 1,
        created_at: now(),
    }
}
