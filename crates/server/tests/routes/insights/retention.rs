//! `insights/retention/` and `persons/retention/`.

use serde_json::{Value, json};

use super::{shop, url};
use crate::server::Server;

async fn get(server: &Server, path: &str, params: &[(&str, Value)]) -> Value {
    let answer = server.get(&url(path, params)).await;
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.text());
    answer.json()
}

fn views() -> [(&'static str, Value); 3] {
    [
        ("target_entity", json!({"id": "view", "type": "events"})),
        ("total_intervals", json!(3)),
        ("date_to", json!("2024-05-03")),
    ]
}

/// First distinct id and appearances of each row.
fn rows(body: &Value) -> Vec<(String, Value)> {
    let rows = body["result"]
        .as_array()
        .unwrap_or_else(|| panic!("{body}"));
    rows.iter()
        .map(|row| {
            let id = row["person"]["distinct_ids"][0].as_str().expect("an id");
            (id.to_owned(), row["appearances"].clone())
        })
        .collect()
}

#[tokio::test]
async fn a_table_has_a_row_for_each_day_and_its_people() {
    let server = shop().await;
    for path in [
        "/api/projects/1/insights/retention/",
        "/api/insight/retention",
    ] {
        let body = get(&server, path, &views()).await;
        let table = body["result"].as_array().expect("rows");
        let counts: Vec<Vec<u64>> = table
            .iter()
            .map(|row| {
                let values = row["values"].as_array().expect("values").iter();
                values
                    .map(|value| value["count"].as_u64().expect("a number"))
                    .collect()
            })
            .collect();
        assert_eq!(counts, [vec![0, 0, 0], vec![2, 1], vec![1]]);
        assert_eq!(table[1]["label"], "Day 1");
        assert_eq!(table[1]["date"], "2024-05-02T00:00:00Z");
        assert!(table[0]["values"][0].get("people_url").is_none());
        assert_eq!(table[1]["values"][1]["people_url"], table[1]["people_url"]);
        let url = table[1]["people_url"].as_str().expect("a URL");
        let people = server.get(url).await.json();
        assert_eq!(
            rows(&people),
            [
                ("ada".to_owned(), json!([1, 1])),
                ("grace".to_owned(), json!([1, 0]))
            ]
        );
        assert_eq!(people["missing_persons"], 1);
        assert_eq!(
            people["filters"]["target_entity"],
            json!({"id": "view", "type": "events"})
        );
    }
}

#[tokio::test]
async fn people_come_in_pages_and_as_a_table() {
    let server = shop().await;
    let row = [
        &views()[..],
        &[("selected_interval", json!(1)), ("limit", json!(1))],
    ]
    .concat();
    let first = get(&server, "/api/person/retention/", &row).await;
    assert_eq!(rows(&first).len(), 1);
    let next = first["next"].as_str().expect("a link");
    let second = server
        .get(next.trim_start_matches("http://localhost:8000"))
        .await
        .json();
    assert_eq!(rows(&second), [("grace".to_owned(), json!([1, 0]))]);
    let csv = server
        .get(&url("/api/person/retention.csv", &row))
        .await
        .text();
    assert!(
        csv.starts_with("appearances.0,appearances.1,person.created_at,"),
        "{csv}"
    );
}

#[tokio::test]
async fn rows_may_be_the_values_of_a_property() {
    let server = shop().await;
    let by_page = [
        &views()[..],
        &[("breakdowns", json!([{"property": "page", "type": "event"}]))],
    ]
    .concat();
    let body = get(&server, "/api/insight/retention/", &by_page).await;
    let row = &body["result"][0];
    assert_eq!(
        (&row["label"], &row["values"][0]["count"]),
        (&json!("/a"), &json!(2))
    );
    let people = server
        .get(row["people_url"].as_str().expect("a URL"))
        .await
        .json();
    assert_eq!(rows(&people).len(), 2);
}

#[tokio::test]
async fn what_cannot_be_answered_names_its_parameter() {
    let server = shop().await;
    for (name, value) in [
        ("period", json!("Decade")),
        ("total_intervals", json!(0)),
        ("retention_type", json!("x")),
        ("target_entity", json!([])),
        ("date_to", json!("x")),
    ] {
        let answer = server
            .get(&url("/api/person/retention/", &[(name, value)]))
            .await;
        answer.is_invalid(name);
    }
    let body = server
        .get("/api/person/retention/?period=Decade")
        .await
        .json();
    assert_eq!(body["detail"], "Period Decade is unsupported.");
    let by_page = [("breakdown", json!("page"))];
    server
        .get(&url("/api/person/retention/", &by_page))
        .await
        .is_invalid("breakdown_values");
}
