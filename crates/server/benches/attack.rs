//! Two hundred anonymous requests at the same time, of each kind that was made to exhaust a server: how much memory the
//! real process takes above an idle one, and how long another client waits meanwhile: for a page of people, and for an
//! event to be stored.
//!
//! `cargo bench -p persons-server --bench attack`

#[path = "../tests/bombs/mod.rs"]
mod bombs;
#[path = "../tests/process/server.rs"]
#[allow(dead_code, reason = "the tests use the rest")]
mod process;

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier};
use std::time::{Duration, Instant};

use bombs::{base64, form, gzip, lz64};
use serde_json::json;

/// Requests at the same time.
const ATTACKERS: usize = 200;

/// How long a slow body takes.
const SLOW: Duration = Duration::from_secs(8);

fn main() {
    let folder = process::folder("attack-bench");
    let server = process::Server::start(&folder.join("persons.sqlite"));
    let people: Vec<_> = (0..1000)
        .map(|n| json!({"event": "$set", "distinct_id": format!("d{n}"), "$set": {"n": n}}))
        .collect();
    let batch = json!({"api_key": process::TOKEN, "batch": people});
    assert_eq!(
        process::post(&format!("{}/batch/", server.base), &batch),
        Ok(200)
    );
    println!(
        "attack: {ATTACKERS} anonymous requests at once; memory above the idle server, and another client's GET and capture meanwhile"
    );
    // The first round takes what a server that has worked once keeps.
    attack(
        &server,
        "warming up",
        &Attack::whole("/e/", "", b"{}"),
        false,
    );
    for (name, attack_of_kind) in attacks() {
        attack(&server, name, &attack_of_kind, true);
    }
    drop(server);
    let _ = std::fs::remove_dir_all(folder);
}

/// What each of the attackers sends.
struct Attack {
    head: String,
    body: Vec<u8>,
    is_slow: bool,
}

impl Attack {
    fn whole(path: &str, headers: &str, body: &[u8]) -> Self {
        let length = body.len();
        Self {
            head: format!(
                "POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}Content-Length: {length}\r\n\r\n"
            ),
            body: body.to_vec(),
            is_slow: false,
        }
    }

    /// A body that arrives in pieces, and never all of it.
    fn slow(path: &str, headers: &str) -> Self {
        let length = 2 << 20;
        Self {
            head: format!(
                "POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}Content-Length: {length}\r\n\r\n"
            ),
            body: vec![b' '; 1 << 20],
            is_slow: true,
        }
    }
}

fn attacks() -> Vec<(&'static str, Attack)> {
    let json = "Content-Type: application/json\r\n";
    let as_form = "Content-Type: application/x-www-form-urlencoded\r\n";
    let token = process::TOKEN;
    let objects = |count: usize| r#"{"":0},"#.repeat(count);
    let anonymous_objects = format!("[{}0]", objects(4_500_000));
    // Within one event of the project, whose token is public.
    let own_objects = |events: usize| {
        let items = objects(120_000);
        let event = format!(r#"{{"event":"e","distinct_id":"a","properties":{{"x":[{items}0]}}}}"#);
        format!(
            r#"{{"token":"{token}","batch":[{}]}}"#,
            vec![event; events].join(",")
        )
    };
    let spaces = " ".repeat(64 << 20);
    let deep = "[".repeat(2 << 20);
    let base64_of_gzip = base64(&gzip(anonymous_objects.as_bytes()));
    vec![
        (
            "lz64",
            Attack::whole("/e/", as_form, &form(&lz64(96 << 10), "lz64")),
        ),
        (
            "gzip of {\"\":0}",
            Attack::whole("/batch/", json, &gzip(anonymous_objects.as_bytes())),
        ),
        (
            "the same, with the token",
            Attack::whole("/e/", json, &gzip(own_objects(2).as_bytes())),
        ),
        (
            "as many as are let in",
            Attack::whole("/s/", json, &gzip(own_objects(1).as_bytes())),
        ),
        (
            "gzip of blanks",
            Attack::whole("/batch/", json, &gzip(spaces.as_bytes())),
        ),
        (
            "base64 of gzip",
            Attack::whole("/e/", as_form, &form(&base64_of_gzip, "base64")),
        ),
        (
            "gzip of deep nesting",
            Attack::whole("/batch/", json, &gzip(deep.as_bytes())),
        ),
        (
            "deep nesting",
            Attack::whole("/e/", json, &deep.as_bytes()[..1 << 20]),
        ),
        ("slow bodies", Attack::slow("/e/", json)),
        (
            "slow bodies for the API",
            Attack::slow("/api/projects/@current/persons/batch_by_uuids/", json),
        ),
    ]
}

/// Sends one kind of request from all attackers and prints what it did.
fn attack(server: &process::Server, name: &str, attack: &Attack, prints: bool) {
    let address = server.base.trim_start_matches("http://").to_owned();
    let before = memory(server, "VmRSS");
    reset_peak(server);
    let is_over = Arc::new(AtomicBool::new(false));
    let start = Barrier::new(ATTACKERS + 1);
    let (statuses, waits, seconds) = std::thread::scope(|scope| {
        let client = {
            let (is_over, address) = (is_over.clone(), address.clone());
            scope.spawn(move || ask_meanwhile(&address, &is_over))
        };
        let attackers: Vec<_> = (0..ATTACKERS)
            .map(|_| scope.spawn(|| send(&address, attack, &start)))
            .collect();
        start.wait();
        let started = Instant::now();
        let mut statuses = BTreeMap::<String, usize>::new();
        for attacker in attackers {
            *statuses
                .entry(attacker.join().expect("an attacker"))
                .or_default() += 1;
        }
        let seconds = started.elapsed().as_secs_f64();
        is_over.store(true, Ordering::Relaxed);
        (statuses, client.join().expect("a client"), seconds)
    });
    if !prints {
        return;
    }
    let peak = memory(server, "VmHWM").saturating_sub(before);
    let [gets, captures] = waits.map(figures);
    println!(
        "  {name:<26} {:>6.1} kB each: {peak:>4} MB; GET {gets}; capture {captures}; {statuses:?} in {seconds:.1} s",
        attack.body.len() as f64 / 1024.0,
    );
}

/// The median, the 99th percentile and the maximum.
fn figures(mut waits: Vec<Duration>) -> String {
    waits.sort_unstable();
    let at = |part: f64| waits[((waits.len() - 1) as f64 * part) as usize].as_secs_f64() * 1000.0;
    format!(
        "{:.1} / {:.1} / {:.1} ms of {}",
        at(0.5),
        at(0.99),
        at(1.0),
        waits.len()
    )
}

/// Sends a request when all are ready; the status it was answered with.
fn send(address: &str, attack: &Attack, start: &Barrier) -> String {
    let stream = TcpStream::connect(address);
    start.wait();
    let Ok(mut stream) = stream else {
        return "not connected".into();
    };
    // The server may answer and close before it has received all of a body.
    let _ = stream.write_all(attack.head.as_bytes());
    let pieces = if attack.is_slow { 16 } else { 1 };
    for piece in attack.body.chunks(attack.body.len().div_ceil(pieces)) {
        if stream.write_all(piece).is_err() {
            break;
        }
        if attack.is_slow {
            std::thread::sleep(SLOW / pieces as u32);
        }
    }
    let mut answer = Vec::new();
    let _ = stream.set_read_timeout(Some(Duration::from_secs(60)));
    let _ = stream.read_to_end(&mut answer);
    let status = answer.get(9..12).unwrap_or(b"cut off");
    String::from_utf8_lossy(status).into_owned()
}

/// How long each GET and each capture took until the attack was over.
fn ask_meanwhile(address: &str, is_over: &AtomicBool) -> [Vec<Duration>; 2] {
    let (key, token) = (process::KEY, process::TOKEN);
    let event = format!(r#"{{"token":"{token}","event":"viewed","distinct_id":"d1"}}"#);
    let requests = [
        format!(
            "GET /api/projects/@current/persons/?limit=10 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer {key}\r\n\r\n"
        ),
        format!(
            "POST /e/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{event}",
            event.len()
        ),
    ];
    let mut waits = [Vec::new(), Vec::new()];
    while !is_over.load(Ordering::Relaxed) || waits[1].is_empty() {
        for (request, waits) in requests.iter().zip(&mut waits) {
            let asked = Instant::now();
            let mut stream = TcpStream::connect(address).expect("connects");
            stream.write_all(request.as_bytes()).expect("sent");
            let mut answer = Vec::new();
            stream.read_to_end(&mut answer).expect("answered");
            assert!(answer.starts_with(b"HTTP/1.1 200"), "another client failed");
            waits.push(asked.elapsed());
            // A user, not another attacker.
            std::thread::sleep(Duration::from_millis(5));
        }
    }
    waits
}

/// A figure of the process in megabytes.
fn memory(server: &process::Server, name: &str) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.id()));
    let status = status.expect("memory is measured on Linux only");
    let line = status.lines().find(|line| line.starts_with(name));
    let kilobytes = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<usize>().ok());
    kilobytes.expect("a figure") / 1024
}

fn reset_peak(server: &process::Server) {
    std::fs::write(format!("/proc/{}/clear_refs", server.id()), "5").expect("may be reset");
}
