//! An import as a process: killed, refused, and what it prints.

use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use rusqlite::{Connection, OpenFlags};

use crate::server::{self, Server};

/// Events in the file that is imported with interruptions.
const EVENTS: usize = 12_000;
/// How often the import is killed.
const KILLS: usize = 4;

fn import(file: &Path, data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_persons-server"));
    command.arg("import").arg(file).arg("--data").arg(data);
    command
}

fn output(mut command: Command) -> (bool, String, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().expect("runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    (status.success(), text(stdout), text(stderr))
}

/// Events with and without UUIDs, that identify and change people.
fn events() -> String {
    let mut text = String::new();
    for n in 0..EVENTS {
        let time = format!("2026-05-01T{:02}:{:02}:00Z", n / 60 % 24, n % 60);
        let person = n % 700;
        let event = match n % 5 {
            0 => format!(
                "{{\"event\":\"$identify\",\"distinct_id\":\"user-{person}\",\"timestamp\":\"{time}\",\"properties\":{{\"$anon_distinct_id\":\"anonymous-{person}\",\"$set\":{{\"n\":{n}}}}}}}"
            ),
            1 => format!(
                "{{\"event\":\"e\",\"distinct_id\":\"user-{person}\",\"timestamp\":\"{time}\",\"uuid\":\"018f5c2e-0000-7000-8000-{n:012x}\"}}"
            ),
            _ => format!(
                "{{\"event\":\"e\",\"distinct_id\":\"anonymous-{person}\",\"timestamp\":\"{time}\"}}"
            ),
        };
        text.push_str(&event);
        text.push('\n');
    }
    text
}

/// Everything that an import stores, except when it did.
fn content(data: &Path) -> Vec<Vec<String>> {
    let connection = Connection::open(data).expect("opens");
    let tables = [
        "SELECT hex(events.uuid), event_names.name, distinct_ids.text, timestamp, properties, events.person, version
            FROM events JOIN event_names ON event_names.number = events.name
            JOIN distinct_ids ON distinct_ids.number = events.distinct_id ORDER BY events.number",
        "SELECT number, hex(uuid), created_at, is_identified, version, properties FROM persons ORDER BY number",
        "SELECT number, text, person FROM distinct_ids ORDER BY number",
        "SELECT person, version, act, event_name, before, after FROM history ORDER BY number",
    ];
    let rows = tables.map(|query| {
        let mut statement = connection.prepare(query).expect("valid");
        let columns = statement.column_count();
        let rows = statement.query_map([], |row| {
            let cells = (0..columns).map(|column| Ok(format!("{:?}", row.get_ref(column)?)));
            cells.collect::<Result<Vec<_>, rusqlite::Error>>()
        });
        let rows = rows.expect("runs").map(|row| row.expect("a row").concat());
        rows.collect::<Vec<_>>()
    });
    rows.into()
}

/// How many events are stored, as another process sees it.
fn stored(data: &Path) -> i64 {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
    let Ok(connection) = Connection::open_with_flags(data, flags) else {
        return 0;
    };
    connection
        .query_row("SELECT count(*) FROM events", [], |row| row.get(0))
        .unwrap_or(0)
}

fn kill(mut child: Child) {
    child.kill().expect("was not waited for");
    child.wait().expect("ends");
}

#[test]
fn an_import_that_is_killed_again_and_again_stores_every_event_once() {
    let folder = server::folder("import-killed");
    let file = folder.join("events.jsonl");
    std::fs::write(&file, events()).expect("written");
    let (reference, data) = (
        folder.join("reference.sqlite"),
        folder.join("killed.sqlite"),
    );
    let (succeeds, printed, errors) = output(import(&file, &reference));
    assert!(succeeds, "{printed}{errors}");
    for _ in 0..KILLS {
        let before = stored(&data);
        let child = import(&file, &data)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("starts");
        // Once more events are there, the process is in the middle of the ones after them, or at its end.
        server::wait_until("events are stored", || {
            let now = stored(&data);
            now > before || now == EVENTS as i64
        });
        kill(child);
    }
    let (succeeds, printed, errors) = output(import(&file, &data));
    assert!(succeeds, "{printed}{errors}");
    assert_eq!(stored(&data), EVENTS as i64);
    assert!(content(&data) == content(&reference), "the data differ");
}

#[test]
fn an_import_that_is_killed_continues_exactly_after_what_is_stored() {
    let folder = server::folder("import-continued");
    let (file, data) = (folder.join("events.jsonl"), folder.join("persons.sqlite"));
    let events = events();
    std::fs::write(&file, &events).expect("written");
    // The import waits for the rest of its input, so it is known how far it is when it is killed.
    let mut child = import(Path::new("-"), &data)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .expect("starts");
    let mut input = child.stdin.take().expect("piped");
    let lines: Vec<&str> = events.split_inclusive('\n').collect();
    input
        .write_all(lines[..5_000].concat().as_bytes())
        .expect("is read");
    server::wait_until("two batches are stored", || stored(&data) == 4_000);
    kill(child);
    drop(input);
    let (succeeds, printed, errors) = output(import(&file, &data));
    assert!(succeeds, "{printed}{errors}");
    assert!(
        printed.starts_with("8,000 events imported, 4,000 already there, 0 skipped, in "),
        "{printed}"
    );
    let reference = folder.join("reference.sqlite");
    output(import(&file, &reference));
    assert!(content(&data) == content(&reference), "the data differ");
}

#[test]
fn skipped_records_are_counted_and_fail_the_command() {
    let folder = server::folder("import-skipped");
    let (file, data) = (folder.join("events.csv"), folder.join("persons.sqlite"));
    let mut text = "event,distinct_id,timestamp\r\ne,a,\r\n".to_owned();
    text.push_str(&"e,b,yesterday\r\n".repeat(30));
    std::fs::write(&file, text).expect("written");
    let (succeeds, printed, errors) = output(import(&file, &data));
    assert!(!succeeds);
    assert!(
        printed.starts_with("1 event imported, 0 already there, 30 skipped, in "),
        "{printed}"
    );
    assert!(
        printed.contains("1 event without a timestamp got the time of the import."),
        "{printed}"
    );
    let errors: Vec<&str> = errors.lines().collect();
    assert_eq!(
        errors[0],
        "Line 3 skipped: timestamp \"yesterday\" is not a time like 2026-05-01T12:00:00Z."
    );
    assert_eq!(errors.len(), 22, "{errors:?}");
    assert_eq!(errors[20], "… and 10 records more.");
    assert!(errors[21].starts_with("persons-server: 30 records were skipped."));
    assert!(!errors.concat().contains(['\r', '\u{1b}']));
}

#[test]
fn an_import_into_a_file_in_use_says_so() {
    let folder = server::folder("import-in-use");
    let (file, data) = (folder.join("events.jsonl"), folder.join("persons.sqlite"));
    std::fs::write(&file, events()).expect("written");
    let _server = Server::start(&data);
    let (succeeds, printed, errors) = output(import(&file, &data));
    assert!(!succeeds && printed.is_empty());
    assert!(
        errors.contains("is in use by another persons-server"),
        "{errors}"
    );
    assert_eq!(stored(&data), 0);
}

#[test]
#[cfg(unix)]
fn an_interrupted_import_says_how_to_continue() {
    let folder = server::folder("import-interrupted");
    let data = folder.join("persons.sqlite");
    let mut child = import(Path::new("-"), &data)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("starts");
    let mut input = child.stdin.take().expect("piped");
    let events = events();
    let lines: Vec<&str> = events.split_inclusive('\n').collect();
    input
        .write_all(lines[..2_000].concat().as_bytes())
        .expect("is read");
    server::wait_until("a batch is stored", || stored(&data) == 2_000);
    let sent = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .expect("kill runs");
    assert!(sent.success());
    // It may have noticed, and gone, while this is written.
    let _ = input.write_all(lines[2_000..].concat().as_bytes());
    drop(input);
    let output = child.wait_with_output().expect("ends");
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success());
    assert!(
        errors.contains("Interrupted. Run the same command again to continue."),
        "{errors}"
    );
}
