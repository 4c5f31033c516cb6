//! Changes of people and the real process: killed while it writes, asked to delete events.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::server::{self, Server};
use serde_json::{Value, json};

const PERSONS: &str = "/api/projects/@current/persons";

/// People of each kind of write; every one is written to once or many times.
const PEOPLE: usize = 40;
/// The server is killed once this many writes have been acknowledged.
const ACKNOWLEDGED: usize = 60;
/// How often the server is killed.
const ROUNDS: usize = 3;

fn capture(server: &Server, events: &[Value]) {
    let body = json!({"api_key": server::TOKEN, "batch": events});
    assert_eq!(
        server::post(&format!("{}/batch/", server.base), &body),
        Ok(200)
    );
}

fn uuid(server: &Server, distinct_id: &str) -> Option<String> {
    let found = server.get(&format!("{PERSONS}/?distinct_id={distinct_id}"));
    found["results"][0]["uuid"].as_str().map(str::to_owned)
}

/// Gives the method, the path and the body of the next write, while there is one.
type Next = Box<dyn FnMut(usize) -> Option<(&'static str, String, Value)> + Send>;

/// Sends writes one after another until the server is gone; tells how many were acknowledged.
fn send(
    base: String,
    stop: Arc<AtomicBool>,
    acknowledged: Arc<AtomicUsize>,
    mut next: Next,
) -> std::thread::JoinHandle<usize> {
    std::thread::spawn(move || {
        for done in 0.. {
            let Some((method, path, body)) = next(done) else {
                return done;
            };
            match server::write(method, &format!("{base}{path}"), &body) {
                Ok(200..300) => acknowledged.fetch_add(1, Ordering::SeqCst),
                _ if stop.load(Ordering::SeqCst) => return done,
                other => panic!("{method} {path} failed before the kill: {other:?}"),
            };
        }
        unreachable!("the count ends with the server")
    })
}

#[test]
fn a_killed_server_has_all_of_a_change_or_none_and_the_history_agrees() {
    for round in 0..ROUNDS {
        let folder = server::folder(&format!("killed-changes-{round}"));
        let data = folder.join("persons.sqlite");
        let mut server = Server::start(&data);
        let ids = |kind: &str, n: usize| format!("{kind}-{n}");
        let mut events = vec![json!({"event": "$set", "distinct_id": "edited", "$set": {"n": 0}})];
        for n in 0..PEOPLE {
            let identify = |kind: &str| {
                let properties = json!({"$anon_distinct_id": format!("{kind}-anon-{n}"), "$set": {"plan": "pro"}});
                json!({"event": "$identify", "distinct_id": ids(kind, n), "properties": properties})
            };
            events.extend(["split", "deleted", "bulk"].map(identify));
        }
        capture(&server, &events);
        let edited = uuid(&server, "edited").expect("there");
        let of = |kind: &str| -> Vec<String> {
            (0..PEOPLE)
                .map(|n| uuid(&server, &ids(kind, n)).expect("there"))
                .collect()
        };
        let (split, deleted, bulk) = (of("split"), of("deleted"), of("bulk"));
        let (stop, acknowledged) = (
            Arc::new(AtomicBool::new(false)),
            Arc::new(AtomicUsize::new(0)),
        );
        let start = |next: Next| {
            send(
                server.base.clone(),
                stop.clone(),
                acknowledged.clone(),
                next,
            )
        };
        let clients = [
            start(Box::new({
                let url = format!("{PERSONS}/{edited}");
                move |n| Some(("PATCH", url.clone(), json!({"properties": {"n": n + 1}})))
            })),
            start(Box::new({
                let split = split.clone();
                move |n| {
                    Some((
                        "POST",
                        format!("{PERSONS}/{}/split/", split.get(n)?),
                        json!({}),
                    ))
                }
            })),
            start(Box::new({
                let deleted = deleted.clone();
                move |n| {
                    Some((
                        "DELETE",
                        format!("{PERSONS}/{}/?delete_events=true", deleted.get(n)?),
                        json!({}),
                    ))
                }
            })),
            start(Box::new({
                let bulk = bulk.clone();
                move |n| {
                    Some((
                        "POST",
                        format!("{PERSONS}/bulk_delete/"),
                        json!({"ids": bulk.get(2 * n..2 * n + 2)?}),
                    ))
                }
            })),
        ];
        server::wait_until("changes are acknowledged", || {
            acknowledged.load(Ordering::SeqCst) >= ACKNOWLEDGED
        });
        stop.store(true, Ordering::SeqCst);
        server.kill();
        let [edits, splits, deletions, pairs] =
            clients.map(|client| client.join().expect("a client"));

        let server = Server::start(&data);
        let log = |url: String| server.get(&format!("{url}?limit=1000&source=user"));
        // At most the one change that was under way is there beside those that were acknowledged.
        let n = server.get(&format!("{PERSONS}/{edited}/"))["properties"]["n"]
            .as_u64()
            .expect("a number");
        assert!(
            (edits as u64..=edits as u64 + 1).contains(&n),
            "{n} of {edits} edits"
        );
        let told = log(format!("{PERSONS}/{edited}/activity/"));
        assert_eq!(
            told["total_count"], n,
            "the history tells of other edits than there are"
        );
        if n > 0 {
            assert_eq!(told["results"][0]["detail"]["changes"][0]["after"]["n"], n);
        }
        for (index, person) in split.iter().enumerate() {
            let ids = server.get(&format!("{PERSONS}/{person}/"))["distinct_id_count"].as_u64();
            let is_told = log(format!("{PERSONS}/{person}/activity/"))["total_count"] == 1;
            assert_eq!(ids == Some(1), is_told, "split {index}");
            assert!(
                is_told || index >= splits,
                "split {index} was acknowledged and is gone"
            );
        }
        let gone = log(format!("{PERSONS}/activity/"));
        let waiting = server.get(&format!("{PERSONS}/deletion_status/?limit=1000"));
        let names = |page: &Value, name: &str, uuid: &str| {
            let rows = page["results"].as_array().expect("rows");
            rows.iter()
                .filter(|row| row.pointer(name).is_some_and(|value| value == uuid))
                .count()
        };
        for (index, person) in deleted.iter().enumerate() {
            let is_gone = uuid(&server, &ids("deleted", index)).is_none();
            let told: usize = gone["results"]
                .as_array()
                .expect("rows")
                .iter()
                .filter(|row| row["activity"] == "deleted" && row["detail"]["name"] == *person)
                .count();
            assert_eq!(
                (told, names(&waiting, "/person_uuid", person)),
                (usize::from(is_gone), usize::from(is_gone))
            );
            assert!(
                is_gone || index >= deletions,
                "deletion {index} was acknowledged and is undone"
            );
        }
        for pair in 0..PEOPLE / 2 {
            let are_gone = [0, 1].map(|n| uuid(&server, &ids("bulk", 2 * pair + n)).is_none());
            assert_eq!(are_gone[0], are_gone[1], "half of a bulk deletion");
            assert!(
                are_gone[0] || pair >= pairs,
                "bulk deletion {pair} was acknowledged and is undone"
            );
        }
        drop(server);
        let _ = std::fs::remove_dir_all(folder);
    }
}

#[test]
fn two_writers_on_one_person_lose_nothing() {
    let folder = server::folder("two-writers");
    let server = Server::start(&folder.join("persons.sqlite"));
    capture(
        &server,
        &[json!({"event": "$set", "distinct_id": "ada", "$set": {}})],
    );
    let url = format!(
        "{}{PERSONS}/{}/update_property/",
        server.base,
        uuid(&server, "ada").expect("there")
    );
    let writers: Vec<_> = (0..2)
        .map(|writer| {
            let url = url.clone();
            std::thread::spawn(move || {
                for n in 0..50 {
                    let body = json!({"key": format!("{writer}-{n}"), "value": n});
                    assert_eq!(server::write("POST", &url, &body), Ok(200));
                }
            })
        })
        .collect();
    writers
        .into_iter()
        .for_each(|writer| writer.join().expect("a writer"));
    let person = server.get(&format!("{PERSONS}/?distinct_id=ada"));
    let properties = person["results"][0]["properties"]
        .as_object()
        .expect("properties");
    // And the one that says which event made the person.
    assert_eq!(properties.len(), 101);
}

/// A server with ada deleted, her ten thousand events and all, and grace left.
fn with_deletion(data: &Path) -> Server {
    let server = Server::start(data);
    let event = |id: &str| json!({"event": "e", "distinct_id": id});
    for _ in 0..10 {
        capture(&server, &vec![event("ada"); 1_000]);
    }
    capture(&server, &[event("grace")]);
    let ada = uuid(&server, "ada").expect("there");
    let url = format!("{}{PERSONS}/{ada}/?delete_events=true", server.base);
    assert_eq!(server::write("DELETE", &url, &json!({})), Ok(204));
    server
}

fn events(data: &Path) -> i64 {
    let file = rusqlite::Connection::open(data).expect("opens");
    file.query_row("SELECT count(*) FROM events", [], |row| row.get(0))
        .expect("counts")
}

#[test]
fn deletions_run_at_once_with_and_without_a_running_server() {
    let folder = server::folder("run-deletions");
    let data = folder.join("persons.sqlite");
    let server = with_deletion(&data);
    assert_eq!(events(&data), 10_001);
    assert!(server::run(&["run-deletions"], &data).contains("1 request"));
    assert_eq!(events(&data), 1);
    let status = server.get(&format!("{PERSONS}/deletion_status/"));
    assert_eq!(status["results"][0]["status"], "completed");
    drop(server);
    let mut server = with_deletion(&data);
    server.kill();
    assert!(server::run(&["run-deletions"], &data).contains("1 request"));
    // Grace had another event.
    assert_eq!(events(&data), 2);
}

#[test]
fn a_deletion_that_was_broken_off_goes_on() {
    let folder = server::folder("broken-deletion");
    let data = folder.join("persons.sqlite");
    let mut server = with_deletion(&data);
    server.kill();
    // What a crash between two pieces leaves: some events gone, the request waiting.
    let file = rusqlite::Connection::open(&data).expect("opens");
    file.execute("DELETE FROM events WHERE number < 5000", [])
        .expect("works");
    drop(file);
    let server = Server::start(&data);
    let waiting = server.get(&format!("{PERSONS}/deletion_status/?status=pending"));
    assert_eq!(waiting["count"], 1);
    server::run(&["run-deletions"], &data);
    assert_eq!(events(&data), 1);
}

#[test]
fn a_file_from_before_history_was_kept_is_read_and_told_of() {
    let folder = server::folder("old-format");
    let data = folder.join("persons.sqlite");
    let server = Server::start(&data);
    let set = json!({"event": "$set", "distinct_id": "ada", "$set": {"plan": "pro"}, "timestamp": "2024-05-01T10:00:00Z"});
    capture(&server, &[set]);
    drop(server);
    let old = rusqlite::Connection::open(&data).expect("opens");
    old.execute_batch(
        "DROP TABLE quarantine; DROP TABLE actions; DROP TABLE history; DROP TABLE merged; DROP TABLE event_deletions; DROP TABLE event_deletion_ids;
         ALTER TABLE project DROP COLUMN next_event; ALTER TABLE project DROP COLUMN salt;
         ALTER TABLE events DROP COLUMN person;
         ALTER TABLE events DROP COLUMN version; PRAGMA user_version = 1;",
    )
    .expect("works");
    drop(old);
    let server = Server::start(&data);
    let ada = format!("{PERSONS}/{}", uuid(&server, "ada").expect("still there"));
    let log = server.get(&format!("{ada}/activity/"));
    assert_eq!(log["total_count"], 1);
    assert_eq!(log["results"][0]["activity"], "created");
    assert_eq!(
        log["results"][0]["detail"]["changes"][0]["after"]["plan"],
        "pro"
    );
    let timeline = server.get(&format!("{ada}/properties_timeline/?date_from=all"));
    assert_eq!(timeline["points"][0]["properties"]["plan"], "pro");
}
