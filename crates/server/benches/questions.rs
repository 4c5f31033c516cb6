//! A project of a million events in a data file: how long it takes to import it and to start on it, what the
//! server takes in memory, how long questions take over HTTP with the first page of the people behind a number,
//! and how long a capture takes while ten clients ask for funnels.
//!
//! `cargo bench -p persons-server --bench questions`

#[path = "../../engine/benches/data/mod.rs"]
#[allow(dead_code, reason = "the benches of the engine use the rest")]
mod data;
#[path = "../tests/process/server.rs"]
#[allow(dead_code, reason = "the tests use the rest")]
mod process;

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write as _};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use persons_api::Timestamp;
use serde_json::{Value, json};

const PEOPLE: u64 = 100_000;
const RUNS: usize = 21;
const ASKING: usize = 10;
const CAPTURES: usize = 500;

fn main() {
    let folder = process::folder("questions-bench");
    let (file, data) = (folder.join("events.jsonl"), folder.join("persons.sqlite"));
    write_events(&file).expect("the folder can be written to");
    let imported = Instant::now();
    process::run(&["import", file.to_str().expect("a plain path")], &data);
    println!(
        "import: {:.1} s for a million events and {PEOPLE} identifications",
        imported.elapsed().as_secs_f64()
    );
    let mut starts: Vec<f64> = (0..3).map(|_| start(&data)).collect();
    let server = process::Server::start(&data);
    println!("start: {:.2} s (median of 3)", median(&mut starts));
    ask_all(&server);
    if let Some(most) = most_memory(&server) {
        println!("memory: {most} MB at most since the start");
    }
    capture_while_asked(&server);
    drop(server);
    let _ = fs::remove_dir_all(folder);
}

/// The events of the engine's benches; each person is identified before.
fn write_events(path: &Path) -> io::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    let mut write = |event: &Value| writeln!(file, "{event}");
    for person in 0..PEOPLE {
        let plan = ["free", "pro", "team"][person as usize % 3];
        write(&json!({
            "event": "$identify",
            "distinct_id": format!("person-{}", person * 2),
            "timestamp": "2023-12-31T00:00:00Z",
            "uuid": uuid::Uuid::from_u64_pair(1, person),
            "properties": {
                "$anon_distinct_id": format!("person-{}", person * 2 + 1),
                "$set": {"email": format!("person{person}@site.example"), "plan": plan},
            },
        }))?;
    }
    for (number, (id, name, at, properties)) in data::events::events(PEOPLE).enumerate() {
        let properties: Value = serde_json::from_str(&properties).map_err(io::Error::other)?;
        write(&json!({
            "event": name,
            "distinct_id": format!("person-{id}"),
            "timestamp": Timestamp(at).to_string(),
            "uuid": uuid::Uuid::from_u64_pair(2, number as u64),
            "properties": properties,
        }))?;
    }
    file.flush()
}

/// Seconds until the server answers.
fn start(data: &Path) -> f64 {
    let started = Instant::now();
    let server = process::Server::start(data);
    let seconds = started.elapsed().as_secs_f64();
    drop(server);
    seconds
}

fn median(times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// The most memory that the process has had, where the system says so.
fn most_memory(server: &process::Server) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{}/status", server.id())).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kilobytes / 1024)
}

/// A question: its name, where it is asked, how, and where its answer has the URL of the people behind a number.
struct Question {
    name: &'static str,
    path: &'static str,
    params: Vec<(&'static str, Value)>,
    people: &'static str,
}

fn questions() -> Vec<Question> {
    let viewed = || json!([{"id": "$pageview", "math": "dau"}]);
    let question = |name, path, params: &[(&'static str, Value)], people| Question {
        name,
        path,
        params: params.to_vec(),
        people,
    };
    vec![
        question(
            "people per day",
            "trend",
            &[("events", viewed())],
            "/0/persons_urls/45/url",
        ),
        question(
            "people per day, by city",
            "trend",
            &[
                ("events", viewed()),
                ("breakdown", json!("city")),
                ("breakdown_limit", json!(100)),
            ],
            "/0/persons_urls/45/url",
        ),
        question(
            "funnel of three steps",
            "funnel",
            &[("events", steps())],
            "/1/converted_people_url",
        ),
        question(
            "correlation by events",
            "funnel/correlation",
            &[("events", steps())],
            "/events/0/success_people_url",
        ),
        question(
            "lifecycle over 90 days",
            "trend",
            &[
                ("insight", json!("LIFECYCLE")),
                ("events", json!([{"id": "$pageview"}])),
            ],
            "/0/persons_urls/45/url",
        ),
        question(
            "stickiness over 90 days",
            "trend",
            &[
                ("insight", json!("STICKINESS")),
                ("events", json!([{"id": "$pageview"}])),
            ],
            "/0/persons_urls/3/url",
        ),
        question(
            "retention over 12 weeks",
            "retention",
            &[
                (
                    "target_entity",
                    json!({"id": "$pageview", "type": "events"}),
                ),
                (
                    "returning_entity",
                    json!({"id": "$pageview", "type": "events"}),
                ),
                ("period", json!("Week")),
                ("total_intervals", json!(12)),
            ],
            "/2/people_url",
        ),
        question("paths", "path", &[], "/0/people_url"),
    ]
}

fn steps() -> Value {
    let step = |(order, name): (usize, &&str)| json!({"id": name, "order": order});
    ["$pageview", "signed_up", "paid"]
        .iter()
        .enumerate()
        .map(step)
        .collect()
}

impl Question {
    fn path(&self) -> String {
        let mut path = format!(
            "/api/projects/@current/insights/{}/?refresh=true&date_from=2024-01-01&date_to=2024-03-30",
            self.path
        );
        for (name, value) in &self.params {
            let text = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            write!(path, "&{name}={}", escaped(&text)).expect("texts take everything");
        }
        path
    }
}

fn escaped(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    text.bytes().map(byte).collect()
}

/// Milliseconds, the median of many, and the last answer.
fn asked(server: &process::Server, path: &str) -> (f64, Value) {
    let mut answer = server.get(path);
    let mut times: Vec<f64> = (0..RUNS)
        .map(|_| {
            let start = Instant::now();
            answer = server.get(path);
            start.elapsed().as_secs_f64() * 1000.0
        })
        .collect();
    (median(&mut times), answer)
}

fn ask_all(server: &process::Server) {
    for question in questions() {
        let (numbers, answer) = asked(server, &question.path());
        let url = answer["result"]
            .pointer(question.people)
            .and_then(Value::as_str);
        let url = url.unwrap_or_else(|| panic!("{} has no {}", question.name, question.people));
        // Some are whole, some begin without a slash.
        let path = url
            .find("api/")
            .map(|at| format!("/{}&refresh=true", &url[at..]));
        let (people, _) = asked(server, &path.expect("a URL of the API"));
        println!(
            "over HTTP/{:26} {numbers:8.1} ms; first page of people {people:8.1} ms",
            question.name
        );
    }
}

/// Posts events one after the other, first alone, then while ten clients ask for funnels.
fn capture_while_asked(server: &process::Server) {
    print_captures("alone", captures(server, 0).0);
    let is_over = AtomicBool::new(false);
    let funnel = questions().swap_remove(2).path();
    let ((times, seconds), funnels) = std::thread::scope(|scope| {
        let asking: Vec<_> = (0..ASKING)
            .map(|_| {
                scope.spawn(|| {
                    let mut answers = 0usize;
                    while !is_over.load(Ordering::Relaxed) {
                        server.get(&funnel);
                        answers += 1;
                    }
                    answers
                })
            })
            .collect();
        let taken = captures(server, CAPTURES);
        is_over.store(true, Ordering::Relaxed);
        let answers = asking
            .into_iter()
            .map(|client| client.join().expect("a client"));
        (taken, answers.sum::<usize>())
    });
    let what = format!(
        "while {ASKING} clients asked for funnels, {:.0} answers a second",
        funnels as f64 / seconds
    );
    print_captures(&what, times);
}

fn print_captures(what: &str, mut times: Vec<f64>) {
    times.sort_by(f64::total_cmp);
    let at = |part: f64| times[((times.len() - 1) as f64 * part) as usize];
    println!(
        "capture {what}: {:.1} ms (median), {:.1} ms (p99)",
        at(0.5),
        at(0.99)
    );
}

/// The milliseconds of each capture, and the seconds of all.
fn captures(server: &process::Server, first: usize) -> (Vec<f64>, f64) {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .timeout_global(Some(Duration::from_secs(30)))
        .build()
        .into();
    let url = format!("{}/capture/", server.base);
    let started = Instant::now();
    let times = (first..first + CAPTURES).map(|number| {
        let event = json!({
            "api_key": process::TOKEN,
            "event": "$pageview",
            "distinct_id": format!("person-{number}"),
            "uuid": uuid::Uuid::now_v7(),
            "properties": {"$current_url": "https://site.example/pricing", "city": "Berlin"},
        });
        let asked = Instant::now();
        let answer = agent.post(&url).send_json(&event).expect("acknowledged");
        assert_eq!(answer.status(), 200);
        asked.elapsed().as_secs_f64() * 1000.0
    });
    let times = times.collect();
    (times, started.elapsed().as_secs_f64())
}
