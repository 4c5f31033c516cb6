//! Insights on servers of PostHog: what `query/` answers since 2024, refusals, and links of PostHog's own app.

use serde_json::{Value, json};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::double::Double;
use crate::screen::{Screen, hasten};

const ADA: &str = "b88736c3-bde8-51a6-b69f-6bb8d2c25b0b";
const GONE: &str = "00000000-0000-4000-8000-00000000dead";

/// The address of trends of people by day.
fn trends() -> String {
    let events = json!([{"id": "purchase", "math": "dau"}]).to_string();
    let events = persons::routes::encode(&events);
    format!("/insights?insight=TRENDS&events={events}&as=table")
}

/// Two days of numbers, without a word of whose they are.
fn numbers() -> Value {
    json!([{"action": {"name": "purchase", "order": 0}, "data": [1, 2], "days": ["2026-05-01", "2026-05-02"],
        "labels": ["1-May-2026", "2-May-2026"], "count": 3}])
}

/// A person as queries have them, and somebody who was merged.
fn actors() -> String {
    let ada = json!({"id": ADA, "properties": {"email": "ada@x.example"}, "is_identified": true,
        "created_at": "2026-03-01T10:00:00Z", "distinct_ids": ["0190c0de-0000-7000-8000-000000000001"]});
    let gone = json!({"id": GONE, "is_unresolved": true});
    json!({"results": [[ada, 3], [gone, 1]], "hasMore": false, "missing_actors_count": 0})
        .to_string()
}

/// A server whose `insights/…` has numbers only, as PostHog's from January 2025 to September 2026.
fn server_of_2025() -> Double {
    let server = Double::new();
    let legacy = json!({"result": numbers()}).to_string();
    server.answer_beginning("insights/trend/", 200, &legacy);
    server.answers_query("TrendsQuery", 200, &response());
    server.answers_query("ActorsQuery", 200, &actors());
    server
}

fn response() -> String {
    json!({"results": numbers(), "is_cached": true, "last_refresh": "2026-05-02T08:00:00Z"})
        .to_string()
}

/// A server that offers `query/` alone, as PostHog's since September 2026.
fn server_of_2026() -> Double {
    let server = Double::new();
    server.answer_beginning(
        "insights/trend/",
        404,
        r#"{"detail": "Endpoint not found."}"#,
    );
    server.answers_query("TrendsQuery", 200, &response());
    server.answers_query("ActorsQuery", 200, &actors());
    server
}

#[wasm_bindgen_test]
async fn people_are_listed_where_the_older_endpoint_names_none() {
    let server = server_of_2025();
    let screen = Screen::open(&trends());
    screen.click("2").await;
    screen.sees("ada@x.example").await;
    screen
        .sees("2 in the chart = 1 listed + 1 merged or deleted")
        .await;
    screen.sees("Merged or deleted: 00000000…dead").await;
    assert_eq!(server.times_beginning("insights/trend/"), 1);
    // The endpoint is not asked again, whatever comes next.
    screen.click("Refresh").await;
    screen.until_queried(&server, "TrendsQuery", 2).await;
    assert_eq!(server.times_beginning("insights/trend/"), 1);
}

#[wasm_bindgen_test]
async fn refresh_has_the_server_compute_anew_and_the_age_is_shown() {
    let server = server_of_2026();
    let refresh = |kind: &str| {
        let body = server.query(kind).expect("a query");
        let body: Value = serde_json::from_str(&body).expect("JSON");
        body["refresh"].as_str().unwrap_or_default().to_owned()
    };
    let screen = Screen::open(&trends());
    screen.click("2").await;
    screen.sees("ada@x.example").await;
    screen.sees("Updated").await;
    assert_eq!(
        (refresh("TrendsQuery"), refresh("ActorsQuery")),
        ("blocking".into(), "blocking".into())
    );
    screen.click("Refresh").await;
    screen.until_queried(&server, "ActorsQuery", 2).await;
    assert_eq!(
        (refresh("TrendsQuery"), refresh("ActorsQuery")),
        ("force_blocking".into(), "force_blocking".into())
    );
}

#[wasm_bindgen_test]
async fn a_query_that_is_refused_because_of_too_many_is_repeated() {
    let server = server_of_2026();
    let refusal =
        r#"{"type": "throttled_error", "detail": "Exceeded maximum concurrency limit: 3"}"#;
    server.answers_query("TrendsQuery", 429, refusal);
    let screen = Screen::open(&trends());
    screen.sees("too many requests. Next try in").await;
    server.answers_query("TrendsQuery", 200, &response());
    screen.sees("purchase").await;
    screen.misses("Next try").await;
    assert_eq!(server.queries("TrendsQuery"), 2);
}

#[wasm_bindgen_test]
async fn a_query_that_runs_too_long_says_so_and_is_not_repeated() {
    let server = server_of_2026();
    let refusal = r#"{"type": "server_error", "code": "error", "detail": "Query has hit the max execution time before completing."}"#;
    server.answers_query("TrendsQuery", 504, refusal);
    let screen = Screen::open(&trends());
    screen
        .sees("Query has hit the max execution time before completing.")
        .await;
    screen.sees("Choose a shorter date range").await;
    assert_eq!(server.queries("TrendsQuery"), 1);
}

#[wasm_bindgen_test]
async fn a_query_in_the_background_shows_its_progress_and_ends_with_its_result() {
    let server = server_of_2026();
    let running = json!({"query_status": {"id": "q1", "complete": false,
        "query_progress": {"rows_read": 250, "estimated_rows_total": 1000}}});
    server.answers_query("TrendsQuery", 202, &running.to_string());
    server.answer("query/q1/", 202, &running.to_string());
    let screen = Screen::open(&trends());
    screen.sees("The server is running the query: 25 %").await;
    let response: Value = serde_json::from_str(&response()).expect("JSON");
    let complete = json!({"query_status": {"id": "q1", "complete": true, "results": response}});
    server.answer("query/q1/", 200, &complete.to_string());
    screen.click("2").await;
    screen.sees("ada@x.example").await;
    screen.misses("The server is running").await;
}

#[wasm_bindgen_test]
async fn a_query_in_the_background_can_be_canceled() {
    let server = server_of_2026();
    let running = json!({"query_status": {"id": "q1", "complete": false}}).to_string();
    server.answers_query("TrendsQuery", 202, &running);
    server.answer("query/q1/", 202, &running);
    server.takes(("DELETE", "query/q1/"), 204, "");
    let screen = Screen::open(&trends());
    hasten(10);
    screen.sees("The server is running the query.").await;
    screen.click("Cancel").await;
    screen.sees("The query was canceled.").await;
    screen
        .asks_to_write(&server, ("DELETE", "query/q1/"), 1)
        .await;
}

#[wasm_bindgen_test]
async fn people_of_a_week_of_retention_are_those_who_came_in_it() {
    let server = Double::new();
    server.answer_beginning(
        "insights/retention/",
        404,
        r#"{"detail": "Endpoint not found."}"#,
    );
    let row = |date: &str, counts: [u32; 3]| {
        let values = counts.map(|count| json!({"count": count, "label": "x"}));
        json!({"date": date, "label": "x", "values": values})
    };
    let rows = json!([
        row("2026-05-04T00:00:00Z", [3, 1, 2]),
        row("2026-05-11T00:00:00Z", [0, 0, 0])
    ]);
    let response = json!({"results": rows}).to_string();
    server.answers_query("RetentionQuery", 200, &response);
    let person = |number: u32, appearances: Value| {
        let id = format!("00000000-0000-4000-8000-{number:012}");
        let properties = json!({"email": format!("p{number}@x.example")});
        json!([{"id": id, "properties": properties, "distinct_ids": []}, appearances])
    };
    let people = [
        person(1, json!([0, 1, 2])),
        person(2, json!([0, 2])),
        person(3, json!([0])),
    ];
    let actors = json!({"results": people, "hasMore": false}).to_string();
    server.answers_query("ActorsQuery", 200, &actors);
    let event = persons::routes::encode(r#"{"id": "signed_up", "type": "events"}"#);
    let url = format!(
        "/insights?insight=RETENTION&target_entity={event}&returning_entity={event}&period=Week&date_to=2026-05-11&as=table"
    );
    let screen = Screen::open(&format!("{url}&cell=2026-05-04T00%2F2"));
    screen.sees("2 in the chart = 2 listed").await;
    assert!(!screen.text().contains("p3@x.example"));
    let screen = Screen::open(&format!("{url}&cell=2026-05-04T00%2F0"));
    screen.sees("3 in the chart = 3 listed").await;
}

#[wasm_bindgen_test]
async fn a_link_of_posthog_opens_and_says_what_it_was_opened_without() {
    let server = server_of_2026();
    let query = json!({"kind": "InsightVizNode", "source": {"kind": "TrendsQuery",
        "series": [{"kind": "EventsNode", "event": "purchase", "math": "dau"}],
        "interval": "week", "trendsFilter": {"formula": "A * 2"}}});
    let fragment = persons::routes::encode(&query.to_string());
    let screen = Screen::open(&format!("/project/1/insights/new#q={fragment}"));
    screen
        .sees("This link from PostHog was opened without: formula A * 2.")
        .await;
    screen.sees("Trends of purchase").await;
    screen.until_queried(&server, "TrendsQuery", 1).await;
    let asked = server.query("TrendsQuery").expect("a query");
    assert!(asked.contains(r#""interval":"week""#), "{asked}");
}

#[wasm_bindgen_test]
async fn a_link_to_a_saved_insight_opens_its_query() {
    let server = server_of_2026();
    let query = json!({"kind": "InsightVizNode", "source": {"kind": "TrendsQuery",
        "series": [{"kind": "EventsNode", "event": "purchase", "math": "dau"}]}});
    let saved = json!({"results": [{"short_id": "Xy9", "name": "Sales", "query": query}]});
    server.answer("insights/?short_id=Xy9", 200, &saved.to_string());
    let screen = Screen::open("/project/1/insights/Xy9");
    screen.sees("Trends of purchase").await;
    screen.until_queried(&server, "TrendsQuery", 1).await;
}
