//! Keys and sessions of the real process: what it logs, what others see of it, what other commands change.

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::server::{self, KEY, Server};

/// Sends bytes and returns the response.
fn talk(server: &Server, request: &str) -> String {
    let address = server.base.strip_prefix("http://").expect("a URL");
    let mut stream = TcpStream::connect(address).expect("connects");
    stream.write_all(request.as_bytes()).expect("sent");
    let mut answer = Vec::new();
    // A request that is refused early may end in a reset instead of a response.
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

fn get(server: &Server, path: &str, headers: &str) -> String {
    talk(
        server,
        &format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n"),
    )
}

/// Follows the sign-in link; returns the cookie.
fn sign_in(server: &Server) -> String {
    let token = server.link.rsplit('/').next().expect("a token");
    let answer = get(
        server,
        &format!("/signin/{token}"),
        "User-Agent: Mozilla/5.0 Firefox/140.0\r\n",
    );
    assert!(answer.starts_with("HTTP/1.1 303"), "{answer}");
    let cookie = answer
        .lines()
        .find_map(|line| line.strip_prefix("set-cookie: persons_session="));
    let cookie = cookie
        .and_then(|cookie| cookie.split(';').next())
        .expect("a cookie");
    cookie.to_owned()
}

fn is_signed_in(server: &Server, cookie: &str) -> bool {
    let answer = get(
        server,
        "/api/users/@me/",
        &format!("Cookie: persons_session={cookie}\r\n"),
    );
    answer.starts_with("HTTP/1.1 200")
}

#[test]
fn no_log_line_holds_a_key_or_the_sign_in_link() {
    let folder = server::folder("log");
    let log = folder.join("log");
    let mut command = server::command(&folder.join("persons.sqlite"), "127.0.0.1:0");
    command
        .env("PERSONS_LOG", "trace")
        .stderr(File::create(&log).expect("a file"));
    let mut server = Server::start_command(command);
    let cookie = sign_in(&server);
    assert!(is_signed_in(&server, &cookie));
    let auth = format!("Authorization: Bearer {KEY}\r\n");
    for path in [
        format!("/{KEY}"),
        format!("/api/{KEY}/"),
        format!("/api/projects/{KEY}/persons/"),
        format!("/api/person/{KEY}/"),
        format!("/api/person/?personal%5Fapi_key={KEY}&limit=1"),
        format!("/api/event/{KEY}/"),
        format!("/signin/{KEY}"),
        format!("/array/{KEY}/config"),
        format!("/e/?data={KEY}"),
        format!("http://{KEY}@localhost/api/person/"),
        format!("http://{KEY}/api/person/"),
        format!("not a path {KEY}"),
    ] {
        get(&server, &path, "");
        get(&server, &path, &auth);
    }
    for request in [
        format!("{KEY} /api/person/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"),
        format!("GET / HTTP/1.1\r\nHost: {KEY}.example\r\nConnection: close\r\n\r\n"),
        format!("GET / HTTP/1.1\r\nHost: localhost\r\n{KEY}: {KEY}\r\nConnection: close\r\n\r\n"),
        format!("GET / HTTP/1.1\r\nHost: localhost\r\n{KEY}\r\n\r\n"),
        format!(
            "POST /batch/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: {KEY}\r\nContent-Encoding: {KEY}\r\nContent-Length: 5\r\nConnection: close\r\n\r\n{{\"{KEY}"
        ),
        format!("{KEY}\r\n\r\n"),
    ] {
        talk(&server, &request);
    }
    server.terminate(Duration::from_secs(60)).expect("ends");
    let log = fs::read_to_string(&log).expect("a log");
    let token = server.link.rsplit('/').next().expect("a token");
    for secret in [KEY, token, &cookie] {
        assert!(!log.contains(secret), "{log}");
    }
    for route in [
        "/signin/{token}",
        "/api/{*rest}",
        "/api/projects/{project}/persons/{id}",
        "/{*file}",
    ] {
        assert!(log.contains(route), "{route} is not in {log}");
    }
    let _ = fs::remove_dir_all(folder);
}

/// A program in the place of `xdg-open` that notes its arguments and keeps the page it is given.
#[cfg(target_os = "linux")]
fn fake_opener(folder: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    let script = "#!/bin/sh\ndir=\"$(dirname \"$0\")\"\ncp -p \"$1\" \"$dir/page\"\nprintf '%s\\n' \"$*\" > \"$dir/arguments.new\"\nmv \"$dir/arguments.new\" \"$dir/arguments\"\n";
    let path = folder.join("xdg-open");
    fs::write(&path, script).expect("written");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("set");
}

#[cfg(target_os = "linux")]
#[test]
fn the_browser_is_opened_without_the_link_in_the_process_list() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = server::folder("open");
    fake_opener(&folder);
    let mut command = server::command(&folder.join("persons.sqlite"), "127.0.0.1:0");
    let path = std::env::var("PATH").unwrap_or_default();
    command
        .arg("--open")
        .env("PATH", format!("{}:{path}", folder.display()));
    let server = Server::start_command(command);
    server::wait_until("the browser is opened", || {
        folder.join("arguments").exists()
    });
    let arguments = fs::read_to_string(folder.join("arguments")).expect("noted");
    let page = Path::new(arguments.trim_end());
    let token = server.link.rsplit('/').next().expect("a token");
    assert!(!arguments.contains(token), "{arguments}");
    assert!(page.exists(), "the browser could not read {arguments}");
    assert_eq!(
        fs::metadata(page).expect("there").permissions().mode() & 0o777,
        0o600
    );
    let copy = fs::read_to_string(folder.join("page")).expect("kept");
    assert!(copy.contains(&format!("url={}\"", server.link)), "{copy}");
    sign_in(&server);
    server::wait_until("the page is removed", || !page.exists());
    let _ = fs::remove_dir_all(folder);
}

#[test]
fn a_session_revoked_by_a_command_is_refused_by_the_running_server() {
    let folder = server::folder("revoke");
    let data = folder.join("persons.sqlite");
    let server = Server::start(&data);
    let [first, second, third] = [(); 3].map(|()| sign_in(&server));
    let listed = server::run(&["session", "list"], &data);
    assert_eq!(listed.lines().count(), 3);
    assert!(
        listed.lines().all(|line| line.ends_with("  Firefox")),
        "{listed}"
    );
    for secret in [&first, &second, &third] {
        assert!(!listed.contains(secret.as_str()));
    }
    let id = listed.split("  ").next().expect("an id");
    server::run(&["session", "revoke", id], &data);
    let left = [&first, &second, &third].map(|cookie| is_signed_in(&server, cookie));
    assert_eq!(left.iter().filter(|is_in| **is_in).count(), 2);
    assert!(server::run(&["session", "revoke", "--all"], &data).contains("2 sessions"));
    for cookie in [first, second, third] {
        assert!(!is_signed_in(&server, &cookie));
    }
    let _ = fs::remove_dir_all(folder);
}

#[test]
fn a_command_leaves_the_file_of_a_running_older_server_alone() {
    let folder = server::folder("older");
    let data = folder.join("persons.sqlite");
    let _server = Server::start(&data);
    let file = rusqlite::Connection::open(&data).expect("opens");
    // What the file of an older server says, while that server runs.
    file.execute_batch("PRAGMA user_version = 1")
        .expect("works");
    for arguments in [
        &["key", "create", "--name", "x", "--scope", "*"][..],
        &["key", "list"],
        &["key", "revoke", "x"],
        &["session", "list"],
        &["session", "revoke", "--all"],
        &["run-deletions"],
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_persons-server"));
        let output = command
            .args(arguments)
            .arg("--data")
            .arg(&data)
            .output()
            .expect("runs");
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success(), "{arguments:?} worked");
        assert!(
            error.contains("is in use by an older persons-server"),
            "{arguments:?}: {error}"
        );
    }
    let format: i64 = file
        .query_row("PRAGMA user_version", [], |row| row.get(0))
        .expect("a number");
    assert_eq!(format, 1);
    let _ = fs::remove_dir_all(folder);
}

#[test]
fn a_key_that_could_be_guessed_is_refused_where_others_reach_the_server() {
    let folder = server::folder("weak-key");
    let mut command = server::command(&folder.join("persons.sqlite"), "127.0.0.1:0");
    command
        .args(["--public-url", "https://people.example"])
        .env("PERSONS_API_KEY", "phx_short");
    let output = command.output().expect("runs");
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success());
    assert!(
        error.contains("PERSONS_API_KEY is shorter than 24 characters"),
        "{error}"
    );
    assert!(!error.contains("phx_short"), "{error}");
    let _ = fs::remove_dir_all(folder);
}
