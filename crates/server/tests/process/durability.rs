//! An acknowledged event is on the disk, however the process ends.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::server::{self, Server};
use serde_json::{Value, json};

/// How often the server is killed.
const ROUNDS: usize = 5;
/// Clients that send at the same time.
const CLIENTS: usize = 4;
/// The server is killed once this many requests of a round have been acknowledged.
const ACKNOWLEDGED: usize = 60;
/// Events in a request.
const BATCH: usize = 10;

#[test]
fn a_killed_server_has_lost_no_acknowledged_event() {
    let folder = server::folder("killed");
    let data = folder.join("persons.sqlite");
    let acknowledged = Arc::new(Mutex::new(Vec::<String>::new()));
    for round in 0..ROUNDS {
        let mut server = Server::start(&data);
        let stop = Arc::new(AtomicBool::new(false));
        let clients: Vec<_> = (0..CLIENTS)
            .map(|client| {
                let (base, stop, acknowledged) = (server.base.clone(), stop.clone(), acknowledged.clone());
                std::thread::spawn(move || {
                    for request in 0.. {
                        let ids: Vec<String> = (0..BATCH).map(|n| format!("{round}-{client}-{request}-{n}")).collect();
                        let batch: Vec<Value> = ids.iter().map(|id| json!({"event": "e", "distinct_id": id, "properties": {"$set": {"round": round}}})).collect();
                        let sent = server::post(&format!("{base}/batch/"), &json!({"api_key": server::TOKEN, "batch": batch}));
                        match sent {
                            Ok(200) => acknowledged.lock().expect("not poisoned").extend(ids),
                            _ if stop.load(Ordering::SeqCst) => return,
                            other => panic!("capture failed before the kill: {other:?}"),
                        }
                    }
                })
            })
            .collect();
        let target = acknowledged.lock().expect("not poisoned").len() + ACKNOWLEDGED * BATCH;
        server::wait_until("events are acknowledged", || {
            acknowledged.lock().expect("not poisoned").len() >= target
        });
        stop.store(true, Ordering::SeqCst);
        server.kill();
        for client in clients {
            client.join().expect("a client");
        }
        let server = Server::start(&data);
        let ids = acknowledged.lock().expect("not poisoned").clone();
        let count = server.get("/api/projects/@current/persons/?limit=1")["count"]
            .as_u64()
            .expect("a count");
        assert!(
            count >= ids.len() as u64,
            "{count} people of {} acknowledged",
            ids.len()
        );
        // Every tenth one by name: a hundred look-ups a round say as much as thousands.
        for id in ids.iter().rev().step_by(10).take(100) {
            let found = server.get(&format!("/api/projects/@current/persons/?distinct_id={id}"));
            assert_eq!(found["count"], 1, "{id} was acknowledged and is gone");
        }
    }
}

#[test]
fn a_full_disk_refuses_the_write_and_keeps_what_was_there() {
    // A data file that may not grow stands for a full disk: SQLite reports both with the same error.
    let project = persons_server::project::Project::in_memory().expect("opens");
    let event = |id: &str, size: usize| persons_engine::CapturedEvent {
        uuid: uuid::Uuid::now_v7(),
        name: "e".into(),
        distinct_id: id.into(),
        timestamp: project.now(),
        properties: [("text".to_owned(), Value::from("x".repeat(size)))]
            .into_iter()
            .collect(),
    };
    project
        .capture_blocking(vec![event("before", 10)])
        .expect("there is room");
    project.side_store().lock().limit_size(64).expect("limits");
    let refused = project
        .capture_blocking(vec![event("during", 10), event("large", 1 << 20)])
        .expect_err("no room");
    assert!(refused.to_string().contains("disk"), "{refused}");
    assert_eq!(project.read().len(), 1);
    assert_eq!(project.event_count().expect("counts"), 1);
    project
        .side_store()
        .lock()
        .limit_size(1 << 20)
        .expect("limits");
    project
        .capture_blocking(vec![event("after", 10)])
        .expect("there is room again");
    assert!(project.read().by_distinct_id("during").is_none());
    assert_eq!(project.read().len(), 2);
}

#[test]
fn a_stopped_server_drains_and_exits_with_success() {
    let folder = server::folder("stopped");
    let mut server = Server::start(&folder.join("persons.sqlite"));
    assert_eq!(server.terminate(Duration::from_secs(20)), Some(0));
}

#[test]
fn data_files_that_cannot_be_used_end_in_one_sentence() {
    let folder = server::folder("refused");
    let text = folder.join("notes.txt");
    std::fs::write(
        &text,
        "these are my notes, do not touch them, they are longer than a header of SQLite would be: "
            .repeat(40),
    )
    .expect("written");
    let before = std::fs::read(&text).expect("read");
    assert!(server::failure(&text).contains("is not a Persons data file"));
    assert_eq!(
        std::fs::read(&text).expect("read"),
        before,
        "a foreign file was changed"
    );

    let foreign = folder.join("foreign.sqlite");
    let other = rusqlite::Connection::open(&foreign).expect("opens");
    other
        .execute_batch("CREATE TABLE notes (text TEXT)")
        .expect("works");
    drop(other);
    assert!(server::failure(&foreign).contains("is not a Persons data file"));

    let ours = folder.join("ours.sqlite");
    drop(Server::start(&ours));
    let newer = rusqlite::Connection::open(&ours).expect("opens");
    newer
        .execute_batch("PRAGMA user_version = 99")
        .expect("works");
    drop(newer);
    assert!(server::failure(&ours).contains("written by a newer version"));

    let used = folder.join("used.sqlite");
    let _server = Server::start(&used);
    assert!(server::failure(&used).contains("in use by another persons-server"));
    assert!(
        server::failure(std::path::Path::new("/proc/persons/x.sqlite"))
            .contains("cannot be opened")
    );
}

#[test]
fn a_taken_port_is_named() {
    let folder = server::folder("port");
    let server = Server::start(&folder.join("a.sqlite"));
    let port = server.base.rsplit(':').next().expect("a port").to_owned();
    let output = server::command(&folder.join("b.sqlite"), &format!("127.0.0.1:{port}"))
        .output()
        .expect("runs");
    assert!(!output.status.success());
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        error.contains("is taken by another program; choose another port with --listen"),
        "{error}"
    );
}
