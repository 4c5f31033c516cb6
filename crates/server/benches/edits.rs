//! Edits over HTTP, each one durable when it is answered: one after another, then from eight clients at
//! once. Prints edits per second and the time of an edit.
//!
//! `cargo bench -p persons-server --bench edits`

#[path = "../tests/process/server.rs"]
#[allow(dead_code, reason = "the tests use the rest")]
mod server;

use std::time::{Duration, Instant};

use serde_json::json;

const EDITS: usize = 2_000;
const PEOPLE: usize = 200;

fn main() {
    let folder = server::folder("edits-bench");
    let served = server::Server::start(&folder.join("persons.sqlite"));
    let batch: Vec<_> = (0..PEOPLE)
        .map(|n| json!({"event": "$set", "distinct_id": format!("p{n}"), "$set": {"n": 0}}))
        .collect();
    let body = json!({"api_key": server::TOKEN, "batch": batch});
    assert_eq!(
        server::post(&format!("{}/batch/", served.base), &body),
        Ok(200)
    );
    let page = served.get("/api/projects/@current/persons/?limit=1000");
    let people: Vec<String> = page["results"]
        .as_array()
        .expect("people")
        .iter()
        .filter_map(|person| person["uuid"].as_str())
        .map(|uuid| {
            format!(
                "{}/api/projects/@current/persons/{uuid}/update_property/",
                served.base
            )
        })
        .collect();
    for clients in [1, 8] {
        let started = Instant::now();
        let mut times: Vec<Duration> = std::thread::scope(|scope| {
            let people = &people;
            let clients: Vec<_> = (0..clients)
                .map(|client| scope.spawn(move || edit(people, client, EDITS / clients)))
                .collect();
            clients
                .into_iter()
                .flat_map(|client| client.join().expect("a client"))
                .collect()
        });
        let seconds = started.elapsed().as_secs_f64();
        times.sort_unstable();
        let at =
            |part: f64| times[((times.len() - 1) as f64 * part) as usize].as_secs_f64() * 1000.0;
        println!(
            "edits: {:.0} per second durable from {clients} client{}; an edit took {:.2} ms (median), {:.2} ms (p99)",
            times.len() as f64 / seconds,
            if clients == 1 { "" } else { "s" },
            at(0.5),
            at(0.99),
        );
    }
    drop(served);
    let _ = std::fs::remove_dir_all(folder);
}

/// Edits people in turn over one connection.
fn edit(people: &[String], client: usize, edits: usize) -> Vec<Duration> {
    let agent = ureq::Agent::new_with_defaults();
    let mut times = Vec::with_capacity(edits);
    for n in 0..edits {
        let body = json!({"key": "n", "value": n * 8 + client});
        let started = Instant::now();
        let answer = agent
            .post(&people[(n * 8 + client) % people.len()])
            .header("Authorization", &format!("Bearer {}", server::KEY))
            .send_json(&body)
            .expect("acknowledged");
        assert_eq!(answer.status(), 200);
        times.push(started.elapsed());
    }
    times
}
