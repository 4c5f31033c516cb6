//! Questions about what people did, and the people behind the numbers.

mod correlation;
mod funnel;
mod lifecycle;
mod parameters;
mod paths;
mod retention;
mod sample;
mod stickiness;
mod trends;

use serde_json::{Value, json};

use crate::server::{Answer, Server, escaped, event};

/// Three people, a stranger, and two days of May: ada views twice on the first day and once on the second, grace
/// once on the first, nobody ("stranger" has no profile) once on the first; ada buys.
async fn shop() -> Server {
    shop_of(Server::new()).await
}

async fn shop_of(server: Server) -> Server {
    server
        .people(&[
            ("ada", json!({"plan": "pro"})),
            ("grace", json!({"plan": "free"})),
            ("lin", json!({})),
        ])
        .await;
    let personless = json!({"$process_person_profile": false, "page": "/c"});
    server
        .capture(vec![
            event("view", "ada", "2024-05-02T08:00:00Z", json!({"page": "/a"})),
            event("view", "ada", "2024-05-02T09:00:00Z", json!({"page": "/b"})),
            event(
                "view",
                "grace",
                "2024-05-02T09:30:00Z",
                json!({"page": "/a"}),
            ),
            event("view", "stranger", "2024-05-02T10:00:00Z", personless),
            event("view", "ada", "2024-05-03T08:00:00Z", json!({"page": "/a"})),
            event("buy", "ada", "2024-05-03T08:10:00Z", json!({"price": 7.5})),
            event(
                "buy",
                "ada",
                "2024-05-03T08:20:00Z",
                json!({"price": "2.5"}),
            ),
            event("buy", "ada", "2024-05-03T08:30:00Z", json!({})),
        ])
        .await;
    server
}

/// A URL with these parameters; what is not text stands there as JSON.
fn url(path: &str, params: &[(&str, Value)]) -> String {
    let pair = |(name, value): &(&str, Value)| {
        let value = value.as_str().map_or(value.to_string(), str::to_owned);
        format!("{name}={}", escaped(&value))
    };
    let pairs: Vec<String> = params.iter().map(pair).collect();
    format!("{path}?{}", pairs.join("&"))
}

/// The answer to a question about the 2nd and 3rd of May.
async fn ask(server: &Server, params: &[(&str, Value)]) -> Value {
    let mut all = vec![
        ("date_from", json!("2024-05-02")),
        ("date_to", json!("2024-05-03")),
    ];
    all.extend_from_slice(params);
    let answer = server
        .get(&url("/api/projects/@current/insights/trend/", &all))
        .await;
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.text());
    answer.json()
}

/// The people that an answer lists: first distinct id and part of the number.
fn people(answer: &Answer) -> Vec<(String, Option<f64>)> {
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.text());
    let body = answer.json();
    let group = &body["results"][0];
    let people = group["people"].as_array().expect("a list");
    assert_eq!(group["count"], people.len());
    let row = |person: &Value| {
        assert_eq!(person["matched_recordings"], json!([]));
        let id = person["distinct_ids"][0].as_str().expect("an id");
        (id.to_owned(), person["value_at_data_point"].as_f64())
    };
    people.iter().map(row).collect()
}

/// Follows a link of an answer, which has no leading slash.
async fn follow(server: &Server, cell: &Value) -> Answer {
    let url = cell["url"]
        .as_str()
        .unwrap_or_else(|| panic!("no URL in {cell}"));
    assert!(url.starts_with("api/projects/"), "{url}");
    server.get(&format!("/{url}")).await
}

fn owned(rows: &[(&str, Option<f64>)]) -> Vec<(String, Option<f64>)> {
    rows.iter()
        .map(|(id, value)| ((*id).to_owned(), *value))
        .collect()
}
