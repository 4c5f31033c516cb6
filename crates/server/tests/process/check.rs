//! `persons-server check`, and a server whose data file has damaged rows.

use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::server::{self, Server};
use serde_json::json;

fn check(arguments: &[&str], data: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_persons-server"))
        .arg("check")
        .args(arguments)
        .arg("--data")
        .arg(data)
        .output()
        .expect("runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The names of the files in a folder.
fn files(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("a folder");
    let mut names: Vec<String> = entries
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    names.sort();
    names
}

#[test]
fn check_finds_damaged_rows_without_changing_the_file_and_repair_moves_them_away() {
    let folder = server::folder("check");
    let data = folder.join("persons.sqlite");
    let mut server = Server::start(&data);
    let set = json!({"event": "$set", "distinct_id": "ada", "$set": {"plan": "pro"}});
    let body = json!({"api_key": server::TOKEN, "batch": [set]});
    assert_eq!(
        server::post(&format!("{}/batch/", server.base), &body),
        Ok(200)
    );
    // Beside a running server.
    let output = check(&[], &data);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("is sound"));
    server
        .terminate(std::time::Duration::from_secs(30))
        .expect("ends");

    let file = rusqlite::Connection::open(&data).expect("opens");
    file.execute_batch("UPDATE persons SET properties = '{\"a\": '")
        .expect("works");
    drop(file);
    let (before, names) = (std::fs::read(&data).expect("the file"), files(&folder));
    let output = check(&[], &data);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        text(&output.stdout).contains("persons, row 1: "),
        "{}",
        text(&output.stdout)
    );
    assert!(
        text(&output.stderr).contains("--repair"),
        "{}",
        text(&output.stderr)
    );
    assert_eq!(std::fs::read(&data).expect("the file"), before);
    assert_eq!(files(&folder), names, "check leaves files behind");

    let server = Server::start(&data);
    assert_eq!(check(&[], &data).status.code(), Some(1));
    let refused = check(&["--repair"], &data);
    assert_eq!(refused.status.code(), Some(1));
    assert!(
        text(&refused.stderr).contains("in use"),
        "{}",
        text(&refused.stderr)
    );
    drop(server);

    let repaired = check(&["--repair"], &data);
    assert_eq!(
        repaired.status.code(),
        Some(0),
        "{}",
        text(&repaired.stderr)
    );
    let printed = text(&repaired.stdout);
    assert!(
        printed.contains("persons, row 1: ") && printed.contains("is sound"),
        "{printed}"
    );
    assert_eq!(check(&[], &data).status.code(), Some(0));
}

#[test]
fn check_reports_broken_pages_and_files_that_are_none_of_ours() {
    let folder = server::folder("check-pages");
    let data = folder.join("persons.sqlite");
    drop(Server::start(&data));
    let file = rusqlite::Connection::open(&data).expect("opens");
    file.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")
        .expect("works");
    drop(file);
    let mut bytes = std::fs::read(&data).expect("the file");
    // All but the first page, which says what is where.
    let size = u16::from_be_bytes([bytes[16], bytes[17]]) as usize;
    bytes[3 * size..6 * size].fill(0xAA);
    std::fs::write(&data, bytes).expect("written");
    let output = check(&[], &data);
    assert_eq!(output.status.code(), Some(1));
    let printed = text(&output.stdout) + &text(&output.stderr);
    assert!(
        printed.contains("SQLite: ") && printed.contains("backup"),
        "{printed}"
    );

    let missing = check(&[], &folder.join("missing.sqlite"));
    assert_eq!(missing.status.code(), Some(1));
    assert!(!folder.join("missing.sqlite").exists());
}

#[test]
fn the_log_names_the_table_and_the_row_and_nothing_of_what_is_in_it() {
    let folder = server::folder("check-log");
    let data = folder.join("persons.sqlite");
    drop(Server::start(&data));
    let file = rusqlite::Connection::open(&data).expect("opens");
    file.execute_batch("INSERT INTO persons VALUES (7, zeroblob(16), 0, 0, 0, '{\"secret\": ')")
        .expect("works");
    drop(file);
    let mut child = server::command(&data, "127.0.0.1:0")
        .env("PERSONS_LOG", "warn")
        .env("NO_COLOR", "1")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("starts");
    // It prints its link once everything is loaded.
    let mut link = Vec::new();
    let mut stdout = child.stdout.take().expect("piped");
    while !text(&link).contains("Sign in:") {
        let mut bytes = [0; 256];
        let read = stdout.read(&mut bytes).expect("reads");
        assert!(read > 0, "the server ended: {}", text(&link));
        link.extend_from_slice(&bytes[..read]);
    }
    child.kill().expect("was running");
    let output = child.wait_with_output().expect("ends");
    let log = text(&output.stderr);
    assert!(log.contains("persons") && log.contains("row=7"), "{log}");
    assert!(!log.contains("secret"), "{log}");
}
