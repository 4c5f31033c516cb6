//! The promise, over the sample project: every number is the number of people one can list.

use persons_api::Timestamp;
use persons_engine::{Arrival, CapturedEvent};
use persons_server::sample::Sample;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{follow, url};
use crate::server::Server;

/// A small sample that ends on the last of May.
async fn sample() -> Server {
    let end = Timestamp::parse("2024-05-31T12:00:00Z").expect("a moment");
    let sample = Sample {
        people: 80,
        events: 2_000,
        ..Sample::new(end.0)
    };
    let arrival = Arrival {
        now: end,
        sent_at: None,
    };
    let events = sample
        .events()
        .map(|item| CapturedEvent::read(item, arrival, Uuid::now_v7).expect("a good event"));
    let server = Server::new();
    server.capture(events.collect()).await;
    server
}

/// What all pages of a list hold together.
#[derive(Debug, Default, PartialEq)]
struct Listed {
    people: usize,
    missing: u64,
    values: f64,
}

/// Follows a URL and all links to next pages; nobody may be on two of them.
async fn count(server: &Server, cell: &Value) -> Listed {
    let (mut listed, mut seen) = (Listed::default(), std::collections::BTreeSet::new());
    let mut answer = follow(server, cell).await;
    loop {
        assert_eq!(answer.status.as_u16(), 200, "{cell}: {}", answer.text());
        let body = answer.json();
        for person in body["results"][0]["people"].as_array().expect("a list") {
            assert!(
                seen.insert(person["uuid"].to_string()),
                "{cell} lists {person} twice"
            );
            listed.people += 1;
            listed.values += person["value_at_data_point"].as_f64().unwrap_or_default();
        }
        listed.missing += body["missing_persons"].as_u64().expect("a number");
        let Some(next) = body["next"].as_str() else {
            return listed;
        };
        answer = server
            .get(next.trim_start_matches("http://localhost:8000"))
            .await;
    }
}

/// Asks, and gives each number with the people behind it to `check`. Says how many numbers were not zero.
async fn every_cell(
    server: &Server,
    params: &[(&str, Value)],
    check: impl Fn(f64, Listed, &Value),
) -> usize {
    let answer = server
        .get(&url("/api/projects/1/insights/trend/", params))
        .await;
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.text());
    let body = answer.json();
    let mut some = 0;
    for line in body["result"].as_array().expect("lines") {
        let cells: Vec<(f64, &Value)> = match line.get("persons") {
            Some(cell) => vec![(line["aggregated_value"].as_f64().expect("a number"), cell)],
            None => {
                let data = line["data"].as_array().expect("numbers");
                let cells = line["persons_urls"].as_array().expect("URLs");
                assert_eq!(data.len(), cells.len());
                data.iter()
                    .map(|number| number.as_f64().expect("a number"))
                    .zip(cells)
                    .collect()
            }
        };
        for (number, cell) in cells {
            some += usize::from(number != 0.0);
            check(number, count(server, cell).await, cell);
        }
    }
    some
}

#[tokio::test]
async fn every_number_of_a_trend_is_the_number_of_its_people() {
    let server = sample().await;
    let by_browser = [
        ("breakdown", json!("$browser")),
        ("breakdown_limit", json!(2)),
    ];
    let by_plan = [
        ("breakdown", json!("plan")),
        ("breakdown_type", json!("person")),
    ];
    for (math, extra) in [
        ("dau", &[][..]),
        ("dau", &by_browser),
        ("dau", &by_plan),
        ("weekly_active", &[("interval", json!("week"))]),
        ("monthly_active", &by_browser),
        (
            "dau",
            &[
                ("display", json!("ActionsPie")),
                by_browser[0].clone(),
                by_browser[1].clone(),
            ],
        ),
        (
            "dau",
            &[
                ("display", json!("ActionsLineGraphCumulative")),
                by_browser[0].clone(),
                by_browser[1].clone(),
            ],
        ),
    ] {
        let params = [
            &[
                (
                    "events",
                    json!([{"id": "$pageview", "math": math}, {"id": null, "math": math}]),
                ),
                ("date_from", json!("2024-05-20")),
                ("date_to", json!("2024-05-31")),
                ("limit", json!(7)),
            ][..],
            extra,
        ]
        .concat();
        let some = every_cell(&server, &params, |number, listed, cell| {
            assert_eq!(number, listed.people as f64, "{math} {cell}");
        })
        .await;
        assert!(some > 2, "{math}: {some}");
    }
}

#[tokio::test]
async fn every_total_is_the_sum_of_the_parts_of_its_people() {
    let server = sample().await;
    let params = [
        ("events", json!([{"id": "$pageview"}])),
        ("date_from", json!("2024-05-01")),
        ("date_to", json!("2024-05-31")),
    ];
    let some = every_cell(&server, &params, |number, listed, cell| {
        // Events of nobody count and have no person.
        let is_whole = listed.missing == 0;
        assert!(
            if is_whole {
                number == listed.values
            } else {
                number > listed.values
            },
            "{number} {listed:?} {cell}"
        );
    })
    .await;
    assert!(some > 10, "{some}");
}

#[tokio::test]
async fn every_number_of_a_stickiness_is_the_number_of_its_people() {
    let server = sample().await;
    let params = [
        ("insight", json!("STICKINESS")),
        ("events", json!([{"id": "$pageview"}, {"id": null}])),
        ("date_from", json!("2024-05-01")),
        ("date_to", json!("2024-05-31")),
    ];
    let some = every_cell(&server, &params, |number, listed, cell| {
        assert_eq!(number, listed.people as f64, "{cell}");
    })
    .await;
    assert!(some > 2, "{some}");
}
