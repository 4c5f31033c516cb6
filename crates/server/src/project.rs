//! One project: its people and their events in memory.
//!
//! Readers take a snapshot and hold no lock. Everything that changes goes through the [writer](crate::writer).

use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use parking_lot::{Mutex, RwLock};
use persons_api::Timestamp;
use persons_engine::events::LoggedEvent;
use persons_engine::insights::Action;
use persons_engine::{CapturedEvent, Changes, Draft, Events, People};
use tokio::sync::oneshot;

pub use crate::store::ProjectInfo;
use crate::store::{
    DamageLog, DamagedRow, FirstNumbers, Storage, Store, StoreError, StoredAction, StoredWarning,
};
use crate::writer::{Job, Published, Work, Writer};
use crate::{actions, secret};

/// What is in memory, all of the same moment. A copy shares what neither changes.
#[derive(Clone)]
pub struct State {
    /// The people.
    pub people: People,
    /// Their events.
    pub events: Events,
    /// All actions, deleted ones too.
    pub stored_actions: Arc<BTreeMap<i64, StoredAction>>,
    /// What the others mean.
    pub actions: Arc<BTreeMap<i64, Action>>,
    /// The number that the next event gets.
    pub(crate) next_event: i64,
    /// Grows with every change: as long as it is the same, so are the answers to questions.
    pub version: u64,
}

impl State {
    /// Returns the numbers that the next new distinct id and the next event get.
    pub(crate) fn first_numbers(&self) -> FirstNumbers {
        FirstNumbers {
            distinct_id: self.people.distinct_id_count(),
            event: self.next_event,
        }
    }

    /// Applies what was decided on this state. Its events get the next numbers.
    pub(crate) fn apply(&mut self, changes: Changes) {
        for event in &changes.events {
            let logged = LoggedEvent {
                number: self.next_event,
                distinct_id: event.distinct_id,
                name: &event.name,
                at: event.timestamp,
            };
            self.events.append(logged, &event.properties);
            self.next_event += 1;
        }
        self.people.apply(changes);
        self.version += 1;
    }

    /// Adds or replaces an action.
    pub(crate) fn put_action(&mut self, stored: StoredAction) -> Result<(), StoreError> {
        let action = actions::read(&stored.name, &stored.steps);
        let action = action.map_err(|error| StoreError::Damaged(error.to_string()))?;
        let actions = Arc::make_mut(&mut self.actions);
        if stored.deleted {
            actions.remove(&stored.id);
        } else {
            actions.insert(stored.id, action);
        }
        Arc::make_mut(&mut self.stored_actions).insert(stored.id, stored);
        self.version += 1;
        Ok(())
    }

    /// Deletes the events of some distinct ids that come before a number. `seen` is when these had their latest
    /// event afterwards.
    pub(crate) fn forget(&mut self, ids: &[u32], before: i64, seen: &[(u32, Option<Timestamp>)]) {
        let unused = self.events.delete(ids, before);
        self.people.forget_definitions(&unused);
        self.people.set_seen(seen);
        self.version += 1;
    }

    /// Forgets the texts of distinct ids that have neither a person nor events any more.
    pub(crate) fn erase_ids(&mut self, ids: &[u32]) {
        self.people.forget_distinct_ids(ids);
        self.version += 1;
    }
}

/// A data file at work.
pub struct Project {
    published: Arc<Published>,
    info: ProjectInfo,
    // Before the others: the last connection to close folds the write-ahead log into the data file.
    writer: Writer,
    side: SharedStore,
    archive: SharedStore,
    damage: Arc<DamageLog>,
}

/// A connection for small things beside the writer: keys, sessions, warnings.
pub type SharedStore = Arc<Mutex<Store>>;

/// The people at one moment.
pub struct PeopleSnapshot(Arc<State>);

impl Deref for PeopleSnapshot {
    type Target = People;

    fn deref(&self) -> &People {
        &self.0.people
    }
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
        let damage = store.damage().clone();
        store.expect_writes()?;
        let published = Arc::new(RwLock::new(Arc::new(state)));
        let beside = [store.reader()?, archive];
        let store = Arc::new(Mutex::new(store));
        let [side, archive] = beside.map(|beside| {
            beside.map_or_else(|| store.clone(), |beside| Arc::new(Mutex::new(beside)))
        });
        let writer = Writer::start(published.clone(), store)?;
        Ok(Self {
            published,
            info,
            writer,
            side,
            archive,
            damage,
        })
    }

    /// A project in memory, for tests and for trying things out.
    pub fn in_memory() -> Result<Self, StoreError> {
        Self::open(&Storage::Memory, None)
    }

    /// Returns a snapshot of the people. It holds no lock and never changes; while it is kept, so is its memory.
    pub fn read(&self) -> PeopleSnapshot {
        PeopleSnapshot(self.read_all())
    }

    /// Returns a snapshot of everything in memory, like [`Self::read`].
    pub fn read_all(&self) -> Arc<State> {
        Arc::clone(&self.published.read())
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
        let (stored, when_stored) = oneshot::channel();
        let work = Work::Action {
            id,
            decision: Box::new(change),
            stored,
        };
        let (done, when_done) = oneshot::channel();
        let sent = self.writer.jobs()?.send(Job::Write(work, done)).await;
        sent.map_err(|_| StoreError::Closed)?;
        when_done.await.map_err(|_| StoreError::Closed)??;
        when_stored.await.map_err(|_| StoreError::Closed)
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

    /// Returns a page of the ingestion warnings, and how many there are: damaged rows of the data file first,
    /// because they are damaged now, then refused events and merges, newest first.
    pub fn warnings(
        &self,
        limit: usize,
        offset: usize,
    ) -> Result<(u64, Vec<StoredWarning>), StoreError> {
        let damaged = self.damage.rows();
        let (mut warnings, rest): (Vec<_>, usize) = {
            let page = damaged.iter().enumerate().skip(offset).take(limit);
            let page: Vec<_> = page.map(|(index, row)| warning_of(index, row)).collect();
            let rest = limit - page.len();
            (page, rest)
        };
        let offset = offset.saturating_sub(damaged.len());
        let (count, stored) = self.side.lock().warnings(rest, offset)?;
        warnings.extend(stored);
        Ok((count + damaged.len() as u64, warnings))
    }

    /// Returns the rows of the data file that could not be read.
    pub fn damage(&self) -> &DamageLog {
        &self.damage
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

/// The ingestion warning of a damaged row. Numbers below zero never belong to a stored warning.
fn warning_of(index: usize, damaged: &DamagedRow) -> StoredWarning {
    StoredWarning {
        id: -1 - index as i64,
        kind: "damaged_row".into(),
        details: serde_json::json!({
            "table": damaged.table,
            "row": damaged.row.to_string(),
            "reason": damaged.reason,
        }),
        created_at: damaged.noticed_at,
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
        stored_actions: Arc::default(),
        actions: Arc::default(),
        next_event: store.next_event()?,
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
    (Job::Write(Work::Draft(work), done), when_done, when_valued)
}

/// What a new data file starts with.
pub(crate) fn new_project() -> ProjectInfo {
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
