//! Sustained, durable capture: four clients post batches of 100 events to a real server on loopback with
//! a real data file. Prints events per second and the time of a request.
//!
//! `cargo bench -p persons-server --bench capture`

#[path = "../tests/process/server.rs"]
#[allow(dead_code, reason = "the tests use the rest")]
mod process;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

const CLIENTS: usize = 4;
const BATCH: usize = 100;
const SECONDS: u64 = 10;
/// Events come from this many people, as they would from a product in use.
const PEOPLE: usize = 20_000;

fn main() {
    let folder = process::folder("capture-bench");
    let server = process::Server::start(&folder.join("persons.sqlite"));
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .timeout_global(Some(Duration::from_secs(30)))
        .build()
        .into();
    let sent = Arc::new(AtomicUsize::new(0));
    let started = Instant::now();
    let clients: Vec<_> = (0..CLIENTS)
        .map(|client| {
            let (url, agent, sent) = (
                format!("{}/batch/", server.base),
                agent.clone(),
                sent.clone(),
            );
            std::thread::spawn(move || {
                let mut times = Vec::new();
                while started.elapsed() < Duration::from_secs(SECONDS) {
                    let first = sent.fetch_add(BATCH, Ordering::Relaxed);
                    let body = body(first, client);
                    let asked = Instant::now();
                    let answer = agent
                        .post(&url)
                        .header("Content-Type", "application/json")
                        .send(body)
                        .expect("acknowledged");
                    assert_eq!(answer.status(), 200);
                    times.push(asked.elapsed());
                }
                times
            })
        })
        .collect();
    let mut times: Vec<Duration> = clients
        .into_iter()
        .flat_map(|client| client.join().expect("a client"))
        .collect();
    let seconds = started.elapsed().as_secs_f64();
    times.sort_unstable();
    let events = times.len() * BATCH;
    let at = |part: f64| times[((times.len() - 1) as f64 * part) as usize].as_secs_f64() * 1000.0;
    println!(
        "capture: {:.0} events/s durable, {events} events in {seconds:.1} s from {CLIENTS} clients in batches of {BATCH}; a request took {:.1} ms (median), {:.1} ms (p99)",
        events as f64 / seconds,
        at(0.5),
        at(0.99),
    );
    drop(server);
    let _ = std::fs::remove_dir_all(folder);
}

/// A batch as a browser's SDK would send it.
fn body(first: usize, client: usize) -> String {
    let batch: Vec<Value> = (first..first + BATCH)
        .map(|n| {
            let person = n.wrapping_mul(7919) % PEOPLE;
            json!({
                "event": if n.is_multiple_of(10) { "$identify" } else { "$pageview" },
                "distinct_id": format!("person-{person}"),
                "uuid": uuid::Uuid::now_v7(),
                "timestamp": "2026-01-01T00:00:00Z",
                "properties": {
                    "$current_url": format!("https://app.example/page/{}", n % 50),
                    "$pathname": format!("/page/{}", n % 50),
                    "$browser": "Firefox", "$browser_version": 140, "$os": "Linux", "$device_type": "Desktop",
                    "$referring_domain": "search.example", "$session_id": format!("s-{client}-{}", n / 500),
                    "$set": {"plan": if person.is_multiple_of(7) { "pro" } else { "free" }, "seats": person % 13},
                },
            })
        })
        .collect();
    json!({"api_key": process::TOKEN, "batch": batch}).to_string()
}
