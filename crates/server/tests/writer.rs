//! The single writer: what fails concerns the request that failed, and memory and data file always agree.

use std::path::PathBuf;
use std::pin::Pin;
use std::sync::mpsc;
use std::time::Duration;

use persons_api::{Properties, Timestamp};
use persons_engine::{Actor, CapturedEvent, DeletionWish, Draft, Edited, Membership};
use persons_server::project::Project;
use persons_server::store::{Storage, StoreError, StoredAction};
use serde_json::{Value, json};
use tokio::sync::oneshot;
use uuid::Uuid;

type Write<'p> = Pin<Box<dyn Future<Output = Result<(), StoreError>> + 'p>>;

fn event(name: &str, id: &str, properties: Value) -> CapturedEvent {
    CapturedEvent {
        uuid: Uuid::now_v7(),
        name: name.into(),
        distinct_id: id.into(),
        timestamp: Timestamp(1_700_000_000_000_000),
        properties: properties.as_object().cloned().unwrap_or_default(),
    }
}

/// A project with a data file that can be damaged and opened again.
struct OnDisk {
    folder: PathBuf,
    project: Project,
}

impl OnDisk {
    fn new() -> Self {
        let folder = std::env::temp_dir().join(format!("persons-writer-{}", Uuid::now_v7()));
        let project = Self::open(&folder);
        Self { folder, project }
    }

    fn open(folder: &std::path::Path) -> Project {
        Project::open(&Storage::File(folder.join("persons.sqlite")), None).expect("opens")
    }

    /// Changes the data file beside the server.
    fn execute(&self, sql: &str) {
        let file = self.folder.join("persons.sqlite");
        let beside = rusqlite::Connection::open(file).expect("opens");
        beside.execute_batch(sql).expect("works");
    }

    /// Checks that the data file holds what is in memory.
    fn check_file(self) {
        let before = everything(&self.project);
        drop(self.project);
        let again = Self::open(&self.folder);
        assert_eq!(everything(&again), before);
        drop(again);
        std::fs::remove_dir_all(self.folder).expect("ours");
    }
}

/// Everything in memory that can be compared.
fn everything(project: &Project) -> String {
    let state = project.read_all();
    let people = persons_engine::Selection::All;
    let people = state.people.page(&people, 0, usize::MAX);
    let people: Vec<_> = people
        .iter()
        .map(|person| {
            let ids: Vec<&str> = person.distinct_ids().collect();
            (person.to_state(), ids, person.last_seen_at())
        })
        .collect();
    let cohorts: Vec<_> = state.people.cohorts().collect();
    let mut names: Vec<_> = state.people.event_stats().collect();
    names.sort_unstable_by_key(|(name, _)| *name);
    let mut keys: Vec<_> = state.people.event_keys().collect();
    keys.sort_unstable_by_key(|(key, _)| *key);
    format!(
        "{people:#?} {names:#?} {keys:#?} {cohorts:#?} {:#?} {} {}",
        state.stored_actions,
        state.people.distinct_id_count(),
        state.events.len(),
    )
}

/// Lets writes wait until all are in the queue, so that they share a transaction.
fn as_group<'p>(project: &'p Project, writes: Vec<Write<'p>>) -> Vec<Result<(), StoreError>> {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.expect("starts").block_on(async {
        let (release, released) = mpsc::channel::<()>();
        let (begun, has_begun) = oneshot::channel();
        let mut held = Box::pin(project.write(move |_| {
            begun.send(()).expect("the test waits");
            // Ends with an error once the sender is dropped.
            let _ = released.recv();
        }));
        assert!(futures_util::poll!(&mut held).is_pending());
        has_begun.await.expect("the writer works");
        let mut writes = writes;
        for write in &mut writes {
            assert!(futures_util::poll!(write).is_pending());
        }
        assert_eq!(project.queued_writes(), writes.len());
        drop(release);
        held.await.expect("nothing was written");
        futures_util::future::join_all(writes).await
    })
}

fn capture<'p>(project: &'p Project, id: &str) -> Write<'p> {
    Box::pin(project.capture(vec![event("$set", id, json!({"$set": {"plan": "pro"}}))]))
}

fn change(project: &Project, work: impl FnOnce(&mut Draft<'_>) + Send + 'static) -> Write<'_> {
    Box::pin(project.write(work))
}

fn edited(fresh: &mut dyn FnMut() -> Uuid) -> Edited<'_> {
    let actor = Actor {
        id: "test".into(),
        name: "Test".into(),
    };
    Edited {
        actor,
        now: Timestamp(1_700_000_001_000_000),
        fresh,
    }
}

fn delete(draft: &mut Draft<'_>, id: &str, events: bool) {
    let mut fresh = Uuid::now_v7;
    let person = draft.number_of_id(id).expect("a person");
    let wish = DeletionWish {
        events,
        keep_person: false,
    };
    let deleted = draft.delete(person, wish, &edited(&mut fresh));
    deleted.expect("there");
}

fn put_action(project: &Project) -> Write<'_> {
    let action = StoredAction {
        id: 0,
        name: "Action".into(),
        description: String::new(),
        steps: json!([{"event": "view"}]),
        deleted: false,
        created_at: Timestamp(0),
    };
    Box::pin(async move {
        let stored = project.change_action(None, |_| Some(action)).await?;
        assert!(stored.is_some_and(|action| action.id > 0));
        Ok(())
    })
}

#[test]
fn a_panic_while_a_request_is_decided_fails_only_that_request() {
    let disk = OnDisk::new();
    let project = &disk.project;
    let panicking_action: Write<'_> = Box::pin(async {
        let changed = project.change_action(None, |_| panic!("injected")).await;
        changed.map(drop)
    });
    let results = as_group(
        project,
        vec![
            capture(project, "before"),
            change(project, |draft| {
                draft.ingest(event("$set", "lost", json!({})));
                panic!("injected");
            }),
            panicking_action,
            capture(project, "after"),
            put_action(project),
        ],
    );
    let is_panic = |result: &Result<(), StoreError>| matches!(result, Err(StoreError::Panic));
    assert_eq!(
        results.iter().map(is_panic).collect::<Vec<_>>(),
        [false, true, true, false, false]
    );
    assert!(results[0].is_ok() && results[3].is_ok() && results[4].is_ok());
    let people = project.read();
    assert!(people.by_distinct_id("before").is_some());
    assert!(people.by_distinct_id("after").is_some());
    assert_eq!(people.distinct_id_number("lost"), None);
    project
        .capture_blocking(vec![event("view", "later", json!({}))])
        .expect("the writer goes on");
    disk.check_file();
}

#[test]
fn a_group_is_visible_once_all_of_it_is_on_the_disk_and_not_before() {
    let disk = OnDisk::new();
    let project = &disk.project;
    let shown = || {
        let file = rusqlite::Connection::open(disk.folder.join("persons.sqlite")).expect("opens");
        let count = file.query_row("SELECT count(*) FROM events", [], |row| {
            row.get::<_, i64>(0)
        });
        (project.read().len(), count.expect("counts"))
    };
    let (release, released) = mpsc::channel::<()>();
    let (begun, has_begun) = mpsc::channel();
    std::thread::scope(|scope| {
        let group = scope.spawn(|| {
            let held = change(project, move |draft| {
                begun
                    .send(draft.number_of_id("first").is_some())
                    .expect("the test waits");
                // Ends with an error once the sender is dropped.
                let _ = released.recv();
            });
            let writes = vec![capture(project, "first"), held, capture(project, "last")];
            as_group(project, writes)
        });
        assert_eq!(has_begun.recv(), Ok(true), "a request sees those before it");
        assert_eq!(shown(), (0, 0));
        // What the group has read stays true until it is written.
        let beside = rusqlite::Connection::open(disk.folder.join("persons.sqlite"));
        let beside = beside.expect("opens");
        beside.busy_timeout(Duration::ZERO).expect("works");
        let refused = beside
            .execute_batch("BEGIN IMMEDIATE")
            .expect_err("no second writer");
        assert_eq!(
            refused.sqlite_error_code(),
            Some(rusqlite::ErrorCode::DatabaseBusy)
        );
        drop(release);
        for result in group.join().expect("no panic") {
            result.expect("stored");
        }
        assert_eq!(shown(), (2, 2));
    });
    disk.check_file();
}

#[test]
fn a_failed_transaction_leaves_memory_as_it_was() {
    for (table, operation) in [
        ("persons", "INSERT"),
        ("persons", "DELETE"),
        ("distinct_ids", "INSERT"),
        ("distinct_ids", "UPDATE"),
        ("events", "INSERT"),
        ("event_names", "INSERT"),
        ("event_keys", "INSERT"),
        ("history", "INSERT"),
        ("merged", "INSERT"),
        ("cohorts", "INSERT"),
        ("cohort_members", "INSERT"),
        ("warnings", "INSERT"),
        ("actions", "INSERT"),
        ("event_deletions", "INSERT"),
        ("project", "UPDATE"),
    ] {
        let disk = OnDisk::new();
        let project = &disk.project;
        let start = ["ada", "grace", "kim"].map(|id| event("view", id, json!({"$set": {"n": 1}})));
        project.capture_blocking(start.into()).expect("stored");
        let before = everything(project);
        let writes = || {
            let kim = |draft: &Draft<'_>| {
                Membership::Static(draft.number_of_id("kim").into_iter().collect())
            };
            vec![
                put_action(project),
                capture(project, "new"),
                change(project, move |draft| {
                    let members = kim(draft);
                    let made = draft.create_cohort(
                        "C".into(),
                        String::new(),
                        Value::Null,
                        members,
                        Timestamp(0),
                    );
                    made.expect("no references");
                }),
                change(project, |draft| {
                    draft.ingest(event(
                        "$merge_dangerously",
                        "ada",
                        json!({"alias": "grace"}),
                    ));
                    draft.ingest(event(
                        "$identify",
                        "ada",
                        json!({"$anon_distinct_id": "null"}),
                    ));
                }),
                change(project, |draft| delete(draft, "kim", true)),
            ]
        };
        disk.execute(&format!(
            "CREATE TRIGGER fault BEFORE {operation} ON {table} BEGIN SELECT RAISE(ABORT, 'injected'); END"
        ));
        for result in as_group(project, writes()) {
            let error = result.expect_err("a trigger fails").to_string();
            assert!(error.contains("injected"), "{table}: {error}");
        }
        assert_eq!(everything(project), before, "{operation} {table}");
        disk.execute("DROP TRIGGER fault");
        for result in as_group(project, writes()) {
            result.expect("nothing fails any more");
        }
        assert_ne!(everything(project), before);
        disk.check_file();
    }
}

#[test]
fn deleted_events_are_forgotten_at_once_and_a_failure_brings_none_back() {
    let disk = OnDisk::new();
    let project = &disk.project;
    let many = (0..5_500).map(|_| event("view", "ada", json!({})));
    project.capture_blocking(many.collect()).expect("stored");
    project
        .capture_blocking(vec![event("view", "grace", json!({}))])
        .expect("stored");
    project
        .write_blocking(|draft| delete(draft, "ada", true))
        .expect("stored");
    let delete_events = || {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        runtime
            .expect("starts")
            .block_on(project.delete_waiting_events())
    };
    let counts = || {
        let stored = project.event_count().expect("counts") as usize;
        (project.read_all().events.len(), stored)
    };
    disk.execute(
        "CREATE TRIGGER fault BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'injected'); END",
    );
    delete_events().expect_err("the first piece fails");
    assert_eq!(counts(), (5_501, 5_501));
    disk.execute("DROP TRIGGER fault");
    disk.execute("CREATE TRIGGER fault BEFORE UPDATE ON event_deletions BEGIN SELECT RAISE(ABORT, 'injected'); END");
    delete_events().expect_err("the last piece fails");
    assert_eq!(counts(), (1, 501));
    disk.execute("DROP TRIGGER fault");
    delete_events().expect("nothing fails any more");
    assert_eq!(counts(), (1, 1));
    disk.check_file();
}

#[test]
fn a_snapshot_neither_changes_nor_blocks_the_writer() {
    let project = Project::in_memory().expect("opens");
    let (people, state) = (project.read(), project.read_all());
    let again = project.read();
    project
        .capture_blocking(vec![event("view", "ada", json!({}))])
        .expect("stored while snapshots are held");
    assert_eq!((people.len(), again.len()), (0, 0));
    assert_eq!((state.people.len(), state.events.len()), (0, 0));
    let now = project.read_all();
    assert_eq!((now.people.len(), now.events.len()), (1, 1));
    assert!(now.version > state.version);
}

#[test]
fn the_number_of_a_person_that_came_and_went_in_one_request_is_not_used_again() {
    let disk = OnDisk::new();
    let project = &disk.project;
    let batch = vec![
        event("view", "ada", json!({})),
        event("view", "grace", json!({})),
        event("$merge_dangerously", "ada", json!({"alias": "grace"})),
    ];
    project.capture_blocking(batch).expect("stored");
    project
        .capture_blocking(vec![event("view", "kim", json!({}))])
        .expect("stored");
    let kim = project
        .read()
        .by_distinct_id("kim")
        .map(|person| person.number());
    assert_eq!(kim, Some(3));
    let steps = project.side_store().lock().steps([3]).expect("reads");
    assert_eq!(steps[&3].len(), 1, "{steps:?}");
    let properties = Properties::from_iter([("plan".to_owned(), json!("pro"))]);
    project
        .write_blocking(move |draft| {
            let mut fresh = Uuid::now_v7;
            draft.set_properties(3, properties, &mut edited(&mut fresh))
        })
        .expect("stored")
        .expect("there");
    disk.check_file();
}
