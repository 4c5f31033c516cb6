//! The promise, over the sample project: every number is the number of people one can list.

use persons_api::Timestamp;
use persons_engine::{Arrival, CapturedEvent};
use persons_server::sample::Sample;
use serde_json::{Value, json};
use uuid::Uuid;

use super::url;
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
    let url = cell["url"]
        .as_str()
        .unwrap_or_else(|| panic!("no URL in {cell}"));
    count_url(server, &format!("/{url}")).await
}

async fn count_url(server: &Server, cell: &str) -> Listed {
    let (mut listed, mut seen) = (Listed::default(), std::collections::BTreeSet::new());
    let mut answer = server.get(cell).await;
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

/// The answer to a question of another insight than trends.
async fn ask(server: &Server, path: &str, params: &[(&str, Value)]) -> Value {
    let answer = server.get(&url(path, params)).await;
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.text());
    answer.json()["result"].clone()
}

fn list(value: &Value) -> &[Value] {
    value
        .as_array()
        .unwrap_or_else(|| panic!("no list: {value}"))
}

fn link(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no URL: {value}"))
}

const MAY: [(&str, &str); 2] = [("date_from", "2024-05-01"), ("date_to", "2024-05-31")];

fn in_may(params: &[(&'static str, Value)]) -> Vec<(&'static str, Value)> {
    let may = MAY.map(|(name, value)| (name, json!(value)));
    [&may[..], params].concat()
}

#[tokio::test]
async fn every_number_of_a_lifecycle_is_the_number_of_its_people() {
    let server = sample().await;
    for interval in ["day", "week"] {
        let params = in_may(&[
            ("insight", json!("LIFECYCLE")),
            ("interval", json!(interval)),
            ("events", json!([{"id": "$pageview"}])),
        ]);
        let some = every_cell(&server, &params, |number, listed, cell| {
            assert_eq!(number.abs(), listed.people as f64, "{cell}");
        })
        .await;
        assert!(some > 10, "{some}");
    }
}

#[tokio::test]
async fn every_step_of_a_funnel_has_its_people() {
    let server = sample().await;
    let steps = json!([{"id": "$pageview", "order": 0}, {"id": null, "order": 1}, {"id": "$pageview", "order": 2}]);
    for extra in [
        &[][..],
        &[
            ("funnel_order_type", json!("strict")),
            ("breakdown", json!("$browser")),
        ],
        &[
            ("funnel_order_type", json!("unordered")),
            ("breakdown", json!("$browser")),
            ("breakdown_limit", json!(1)),
        ],
        &[
            ("breakdown", json!("plan")),
            ("breakdown_type", json!("person")),
            ("breakdown_limit", json!(2)),
            ("funnel_window_interval", json!(3)),
            ("funnel_window_interval_unit", json!("hour")),
        ],
    ] {
        let params = [&in_may(&[("events", steps.clone())])[..], extra].concat();
        let result = ask(&server, "/api/projects/1/insights/funnel/", &params).await;
        let lines: Vec<&[Value]> = match list(&result)[0].is_array() {
            true => list(&result).iter().map(list).collect(),
            false => vec![list(&result)],
        };
        for line in &lines {
            for (place, step) in line.iter().enumerate() {
                let people = count_url(&server, link(&step["converted_people_url"]))
                    .await
                    .people as u64;
                assert_eq!(step["count"], people, "{step}");
                if place > 0 {
                    let dropped = count_url(&server, link(&step["dropped_people_url"]))
                        .await
                        .people as u64;
                    assert_eq!(line[place - 1]["count"], people + dropped, "{step}");
                }
            }
        }
        assert!(lines[0][0]["count"].as_u64() > Some(5), "{result}");
    }
}

#[tokio::test]
async fn every_point_of_a_funnel_over_time_and_every_bin_has_its_people() {
    let server = sample().await;
    let steps = json!([{"id": "$pageview", "order": 0}, {"id": "$pageview", "order": 1}]);
    let trends = in_may(&[
        ("events", steps.clone()),
        ("funnel_viz_type", json!("trends")),
        ("interval", json!("week")),
    ]);
    let result = ask(&server, "/api/projects/1/insights/funnel/", &trends).await;
    let line = &result[0];
    for (point, entered) in list(&line["reached_from_step_counts"]).iter().enumerate() {
        let converted = count_url(&server, link(&line["converted_people_urls"][point]))
            .await
            .people as u64;
        let dropped = count_url(&server, link(&line["dropped_people_urls"][point]))
            .await
            .people as u64;
        assert_eq!(line["reached_to_step_counts"][point], converted);
        assert_eq!(*entered, converted + dropped);
    }
    let times = in_may(&[
        ("events", steps),
        ("funnel_viz_type", json!("time_to_convert")),
    ]);
    let result = ask(&server, "/api/projects/1/insights/funnel/", &times).await;
    assert!(list(&result["bins"]).len() > 1);
    for (bin, url) in list(&result["bins"])
        .iter()
        .zip(list(&result["people_urls"]))
    {
        assert_eq!(bin[1], count_url(&server, link(url)).await.people as u64);
    }
}

#[tokio::test]
async fn every_cell_of_a_retention_has_its_people() {
    let server = sample().await;
    for extra in [
        &[][..],
        &[
            ("retention_type", json!("retention_first_time")),
            ("period", json!("Week")),
        ],
        &[("breakdown", json!("$browser"))],
        &[
            ("breakdown", json!("$browser")),
            ("breakdown_limit", json!(1)),
        ],
    ] {
        let params = [
            &[
                (
                    "target_entity",
                    json!({"id": "$pageview", "type": "events"}),
                ),
                ("returning_entity", json!({"id": null, "type": "events"})),
                ("date_to", json!("2024-05-30")),
                ("total_intervals", json!(6)),
            ][..],
            extra,
        ]
        .concat();
        let result = ask(&server, "/api/projects/1/insights/retention/", &params).await;
        let mut some = 0;
        for row in list(&result) {
            let mut counts = vec![0u64; list(&row["values"]).len()];
            let mut url = link(&row["people_url"]).to_owned();
            loop {
                let body = server.get(&url).await.json();
                for person in list(&body["result"]) {
                    let appearances = list(&person["appearances"]);
                    assert_eq!(appearances.len(), counts.len());
                    for (count, appears) in counts.iter_mut().zip(appearances) {
                        *count += appears.as_u64().expect("0 or 1");
                    }
                }
                match body["next"].as_str() {
                    Some(next) => url = next.trim_start_matches("http://localhost:8000").to_owned(),
                    None => break,
                }
            }
            for (value, count) in list(&row["values"]).iter().zip(counts) {
                assert_eq!(value["count"], count, "{row}");
                some += count;
            }
        }
        assert!(some > 10, "{some}");
    }
}

#[tokio::test]
async fn every_edge_of_paths_has_its_people() {
    let server = sample().await;
    let funnel = json!({
        "events": [{"id": "$pageview", "order": 0}, {"id": null, "order": 1}],
        "funnel_step": 2,
    });
    for around in [
        &[][..],
        &[
            ("funnel_paths", json!("funnel_path_after_step")),
            ("funnel_filter", funnel),
        ],
    ] {
        let limits = [("edge_limit", json!(30)), ("step_limit", json!(4))];
        let params = in_may(&[&limits[..], around].concat());
        let result = ask(&server, "/api/projects/1/insights/path/", &params).await;
        assert!(list(&result).len() > 5);
        for edge in list(&result) {
            let listed = count_url(&server, link(&edge["people_url"])).await;
            assert_eq!(edge["people"], listed.people as u64, "{edge}");
            let value = edge["value"].as_u64().expect("a number");
            assert!(listed.people as u64 + listed.missing <= value, "{edge}");
            let ended = count_url(&server, link(&edge["dropoff_url"])).await;
            assert_eq!(edge["dropoff_people"], ended.people as u64, "{edge}");
        }
    }
}

/// The results of a query.
async fn results(server: &Server, query: &Value) -> Value {
    let body = json!({"query": query});
    let answer = server.post("/api/projects/1/query/", &body).await;
    assert_eq!(answer.status.as_u16(), 200, "{query}: {}", answer.text());
    answer.json()
}

/// All rows of the people behind a number, from all pages; nobody may be on two of them.
async fn rows(server: &Server, source: &Value, column: &str) -> Vec<Value> {
    let (mut all, mut seen) = (Vec::new(), std::collections::BTreeSet::new());
    loop {
        let query = json!({"kind": "ActorsQuery", "select": ["person", column], "source": source,
            "limit": 7, "offset": all.len()});
        let body = results(server, &query).await;
        for row in list(&body["results"]) {
            assert!(seen.insert(row[0]["id"].to_string()), "{source}: {row}");
            all.push(row[1].clone());
        }
        if body["hasMore"] == false {
            return all;
        }
        assert_eq!(list(&body["results"]).len(), 7);
    }
}

#[tokio::test]
async fn every_number_of_a_query_is_the_number_of_its_people() {
    let server = sample().await;
    let actors = |source: &Value, more: Value| {
        let mut actors = json!({"kind": "InsightActorsQuery", "source": source});
        for (field, value) in more.as_object().expect("fields") {
            actors[field] = value.clone();
        }
        actors
    };
    for (kind, math) in [
        ("TrendsQuery", "dau"),
        ("TrendsQuery", "total"),
        ("StickinessQuery", "dau"),
        ("LifecycleQuery", "dau"),
    ] {
        let query = json!({"kind": kind, "series": [{"kind": "EventsNode", "event": "$pageview", "math": math}],
            "dateRange": {"date_from": "2024-05-22", "date_to": "2024-05-31"}});
        let mut some = 0;
        for line in list(&results(&server, &query).await["results"]) {
            for (number, day) in list(&line["data"]).iter().zip(list(&line["days"])) {
                let source = actors(&query, json!({"day": day, "status": line["status"]}));
                let column = if kind == "TrendsQuery" {
                    "event_count"
                } else {
                    "id"
                };
                let people = rows(&server, &source, column).await;
                let listed = match math {
                    "total" => people.iter().filter_map(Value::as_f64).sum(),
                    _ => people.len() as f64,
                };
                let number = number.as_f64().expect("a number").abs();
                // Events without a person count in totals, and are nobody's.
                assert!(
                    number == listed || (math == "total" && number > listed),
                    "{kind} {math} {day}: {number}, {listed}"
                );
                some += usize::from(listed > 0.0);
            }
        }
        assert!(some > 2, "{kind}: {some}");
    }
    for date_to in ["2024-05-20", "2024-05-30"] {
        let target = json!({"id": "$pageview", "type": "events"});
        let filter = json!({"targetEntity": target, "returningEntity": {"type": "events"}, "totalIntervals": 5});
        let query = json!({"kind": "RetentionQuery", "dateRange": {"date_to": date_to}, "retentionFilter": filter});
        let table = results(&server, &query).await["results"].clone();
        let mut some = 0;
        assert_eq!(list(&table).len(), 5);
        for (row, shown) in list(&table).iter().enumerate() {
            let source = actors(&query, json!({"interval": row}));
            let people = rows(&server, &source, "appearances").await;
            assert_eq!(list(&shown["values"]).len(), 5);
            for (column, value) in list(&shown["values"]).iter().enumerate() {
                let appears = |people: &&Value| list(people).contains(&json!(column));
                let count = people.iter().filter(appears).count();
                assert_eq!(value["count"], count, "{row}/{column}: {shown}");
                some += count;
            }
        }
        // In May's last row but one, too, somebody came back after the last interval of the table.
        if date_to == "2024-05-20" {
            assert!(table[4]["values"][4]["count"].as_u64() > Some(0), "{table}");
        }
        assert!(some > 10, "{some}");
    }
}
