//! Answers to insights, and the people behind their numbers.

use serde_json::{Value, json};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::double::{Double, FIRST, SECOND};
use crate::screen::Screen;

/// A server that counted two days, and the paths of the people behind the second one.
fn server() -> (Double, String) {
    let server = Double::new();
    let days = ["2026-05-01", "2026-05-02"];
    let urls = days.map(|day| json!({"url": format!("/api/people/{day}/"), "filter": {}}));
    let line = json!({
        "action": {"name": "purchase", "order": 0},
        "data": [2, 4],
        "days": days,
        "labels": days,
        "persons_urls": urls,
    });
    let answer = json!({"result": [line]}).to_string();
    server.answer_beginning("insights/trend/", 200, &answer);
    server.answer_beginning("property_definitions/", 200, r#"{"results": []}"#);
    let [first, second] = days.map(|day| format!("/api/people/{day}/?limit=100"));
    server.answer_at(&first, 200, &listed(SECOND));
    server.answer_at(&second, 200, &listed(FIRST));
    (server, second)
}

/// The people of a page of the list, as those behind a number are listed.
fn listed(page: &str) -> String {
    let page: Value = serde_json::from_str(page).expect("the fixture is JSON");
    json!({"results": [{"people": page["results"]}], "next": null}).to_string()
}

#[wasm_bindgen_test]
async fn people_of_one_number_never_stand_under_another() {
    let (server, second) = server();
    let events = persons::routes::encode(&json!([{"id": "purchase", "math": "dau"}]).to_string());
    let screen = Screen::open(&format!(
        "/insights?insight=TRENDS&events={events}&as=table"
    ));
    screen.click("2").await;
    screen.arrives_at("2026-05-01").await;
    screen.sees("cy@acme.example").await;
    screen.sees("2 in the chart = 2 listed").await;
    server.hold(&second);
    screen.click("4").await;
    screen.arrives_at("2026-05-02").await;
    screen.asks(&server, &second).await;
    // The number says that it is chosen; whose it is is not known yet.
    screen.misses("cy@acme.example").await;
    assert!(!screen.text().contains("in the chart"), "{}", screen.text());
    server.release(&second);
    screen.sees("Ada Lovelace").await;
    screen.sees("4 in the chart = 4 listed").await;
}
