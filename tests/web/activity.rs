//! What was done to people: the tab on somebody's page, and the page of the project.

use serde_json::{Value, json};
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::HtmlSelectElement;

use crate::ada::{ADA, UUID};
use crate::double::Double;
use crate::screen::Screen;

const ACTIVITY: &str = "/person/2c4fb98d-8bed-5dd1-9b94-ef6aeace63b5?tab=activity";

fn path(rest: &str) -> String {
    format!("persons/{UUID}/activity/{rest}")
}

fn server_with(results: Value, next: Value) -> Double {
    let server = Double::new();
    server.answer(&format!("persons/{UUID}/"), 200, ADA);
    let nobody = r#"{"results": []}"#;
    server.answer(&format!("persons/cohorts/?person_id={UUID}"), 200, nobody);
    let body = json!({"results": results, "next": next, "previous": null, "total_count": 3});
    server.answer(&path("?limit=25"), 200, &body.to_string());
    server
}

fn entry(activity: &str, detail: Value) -> Value {
    json!({
        "user": {"first_name": "Lin", "email": "lin@example.com"},
        "activity": activity,
        "scope": "Person",
        "item_id": "7",
        "detail": detail,
        "created_at": "2024-05-02T12:00:00Z",
    })
}

fn edit(before: Value, after: Value) -> Value {
    let change = json!({"type": "Person", "action": "changed", "field": "properties", "before": before, "after": after});
    entry(
        "updated",
        json!({"changes": [change], "trigger": null, "name": null}),
    )
}

#[wasm_bindgen_test]
async fn an_edit_shows_each_value_before_and_after() {
    let before = json!({"plan": "free", "seats": 5, "gone": ""});
    let after = json!({"plan": "<b>pro</b>", "seats": "5", "new": null});
    let _server = server_with(json!([edit(before, after)]), Value::Null);
    let screen = Screen::open(ACTIVITY);
    screen.sees("Lin changed 4 properties").await;
    let said: Vec<String> = screen
        .all(".change")
        .iter()
        .map(|line| line.text_content().unwrap_or_default())
        .collect();
    assert_eq!(
        said,
        [
            "gone\"\" empty text became not set",
            "planfree became <b>pro</b>",
            "seats5 became 5",
            "newnot set became null"
        ]
    );
    // A number and a text that reads the same look different.
    let seats = &screen.all(".change")[2];
    assert!(
        seats
            .query_selector("del > .literal")
            .expect("valid")
            .is_some()
    );
    assert!(
        seats
            .query_selector("ins > .quoted")
            .expect("valid")
            .is_some()
    );
    screen.sees("1 of 3 entries").await;
}

#[wasm_bindgen_test]
async fn a_server_that_keeps_no_values_is_not_made_to_look_as_if_nothing_changed() {
    let mut removal = entry(
        "delete_property",
        json!({"changes": [{"type": "Person", "action": "changed", "field": null, "before": null, "after": null}], "name": UUID}),
    );
    removal["user"] = json!({"first_name": "System", "email": null, "is_system": true});
    let split = entry(
        "split_person",
        json!({"changes": [{"action": "split", "field": null, "before": null, "after": {"distinct_ids": ["anon-1", "ada"]}}]}),
    );
    let _server = server_with(
        json!([edit(Value::Null, Value::Null), removal, split]),
        Value::Null,
    );
    let screen = Screen::open(ACTIVITY);
    screen.sees("Lin changed properties").await;
    screen.sees("does not keep which values changed").await;
    screen.sees("The system removed a property").await;
    screen.sees("Lin split this person").await;
    let ids: Vec<String> = screen
        .all(".entry-ids bdi")
        .iter()
        .map(|id| id.inner_text())
        .collect();
    assert_eq!(ids, ["anon-1", "ada"]);
}

#[wasm_bindgen_test]
async fn older_entries_are_loaded_on_request_and_failures_lose_nothing() {
    let next = format!(
        "http://127.0.0.1/api/projects/@current/{}",
        path("?page=2&limit=25")
    );
    let server = server_with(json!([edit(json!({}), json!({"a": 1}))]), json!(next));
    server.answer(&path("?page=2&limit=25"), 500, "");
    let screen = Screen::open(ACTIVITY);
    screen.sees("Lin changed 1 property").await;
    screen.click("Show older").await;
    screen.sees("The older entries could not be loaded").await;
    screen.sees("Lin changed 1 property").await;
    let body = json!({"results": [entry("deleted", Value::Null)], "next": null, "total_count": 2});
    server.answer(&path("?page=2&limit=25"), 200, &body.to_string());
    screen.click("Show older").await;
    screen.sees("Lin deleted this person").await;
    screen.misses("Show older").await;
    screen.sees("Lin changed 1 property").await;
}

#[wasm_bindgen_test]
async fn one_kind_can_be_chosen_even_where_the_server_cannot_choose() {
    let entries = json!([
        edit(json!({}), json!({"a": 1})),
        entry("split_person", Value::Null)
    ]);
    let server = server_with(entries.clone(), Value::Null);
    let everything = json!({"results": entries, "next": null, "total_count": 2}).to_string();
    server.answer(&path("?limit=25&activity=split_person"), 200, &everything);
    let screen = Screen::open(ACTIVITY);
    screen.sees("Lin changed 1 property").await;
    screen.choose("Show", "split_person").await;
    screen.misses("Lin changed 1 property").await;
    screen.sees("Lin split this person").await;
    screen.sees("1 entry").await;
}

#[wasm_bindgen_test]
async fn the_page_of_the_project_leads_to_the_people() {
    let server = server_with(json!([]), Value::Null);
    let results = json!([
        edit(json!({}), json!({"a": 1})),
        entry("deleted", Value::Null)
    ]);
    let body = json!({"results": results, "next": null, "total_count": 2});
    server.answer("persons/activity/?limit=25", 200, &body.to_string());
    let screen = Screen::open("/activity");
    screen.sees("Lin changed 1 property · person 7").await;
    let links: Vec<_> = screen
        .all(".entry-whom")
        .iter()
        .map(|link| link.get_attribute("href"))
        .collect();
    assert_eq!(links, [Some("/person/7".to_owned()), None]);
}

#[wasm_bindgen_test]
async fn people_whom_this_device_knows_are_called_by_their_names() {
    let server = Double::with_people();
    let mut of_ada = edit(json!({}), json!({"a": 1}));
    of_ada["item_id"] = json!("2589");
    // Of somebody who is gone nothing is told that was known.
    let mut of_ben = entry("deleted", Value::Null);
    of_ben["item_id"] = json!("2590");
    let body = json!({"results": [of_ada, of_ben], "next": null, "total_count": 2});
    server.answer("persons/activity/?limit=25", 200, &body.to_string());
    let screen = Screen::open("/persons");
    screen.sees("Cy Young").await;
    screen.click("Activity").await;
    screen.sees("Lin changed 1 property · Ada Lovelace").await;
    screen.sees("Lin deleted this person · person 2590").await;
}

#[wasm_bindgen_test]
async fn the_chosen_kind_stands_in_the_address() {
    let server = Double::new();
    let body =
        |results: Value| json!({"results": results, "next": null, "total_count": 1}).to_string();
    let edits = body(json!([edit(json!({}), json!({"a": 1}))]));
    server.answer("persons/activity/?limit=25", 200, &edits);
    let splits = body(json!([entry("split_person", Value::Null)]));
    server.answer(
        "persons/activity/?limit=25&activity=split_person",
        200,
        &splits,
    );
    let screen = Screen::open("/activity?kind=split_person");
    screen.sees("Lin split this person").await;
    screen.choose("Show", "").await;
    screen.is_at("/activity").await;
    screen.sees("Lin changed 1 property").await;
    screen.choose("Show", "split_person").await;
    screen.is_at("/activity?kind=split_person").await;
    screen.sees("Lin split this person").await;
    // The place in the rail leads to everything.
    screen.click("Activity").await;
    screen.is_at("/activity").await;
    screen.sees("Lin changed 1 property").await;
    let chosen = screen.shows("select").await;
    let chosen: HtmlSelectElement = chosen.unchecked_into();
    assert_eq!(chosen.value(), "");
}

#[wasm_bindgen_test]
async fn each_entry_says_when_to_the_second_with_the_zone_and_how_long_ago() {
    let _server = server_with(json!([edit(json!({}), json!({"a": 1}))]), Value::Null);
    let screen = Screen::open(ACTIVITY);
    let when = screen.shows(".entry-time").await;
    let time = screen.shows(".entry-time time").await;
    assert_eq!(
        time.get_attribute("datetime").as_deref(),
        Some("2024-05-02T12:00:00Z")
    );
    let (exact, words) = (time.inner_text(), when.inner_text());
    assert!(
        exact.contains("2024") && exact.contains(":00:00"),
        "{exact}"
    );
    let zone = exact.rsplit(' ').next().unwrap_or_default();
    assert!(
        zone.starts_with(|letter: char| letter.is_ascii_uppercase()),
        "{exact}"
    );
    assert!(
        words.starts_with(&exact) && words.ends_with(" ago"),
        "{words}"
    );
}

/// As PostHog writes its log: no values, users who are gone, the system.
async fn tells_of_a_log_without_values(page: &str) {
    let server = Double::new();
    server.answer("persons/activity/?limit=25", 200, page);
    let screen = Screen::open("/activity");
    for sentence in [
        "Lin changed properties · person 90210",
        "The server does not keep which values changed.",
        "Lin removed a property · person 90210",
        "The server does not keep which one.",
        "Mo split this person · person 90210",
        "These distinct ids were on this person before:",
        "The system deleted this person · person 90211",
        "Somebody unknown did “exported” · person 90212",
        "5 of 5 entries",
    ] {
        screen.sees(sentence).await;
    }
    assert!(screen.find("del, ins").is_none(), "no value is made up");
    assert_eq!(screen.all(".entry-ids bdi").len(), 2);
}

#[wasm_bindgen_test]
async fn logs_of_every_age_that_keeps_one_are_told_without_values() {
    for page in [
        include_str!("../fixtures/ages/mid/activity-of-project.json"),
        include_str!("../fixtures/ages/new/activity-of-project.json"),
    ] {
        tells_of_a_log_without_values(page).await;
    }
}

#[wasm_bindgen_test]
async fn what_events_did_says_which() {
    let mut made = entry(
        "created",
        json!({"changes": [{"field": "properties", "before": {}, "after": {"plan": "pro"}}], "trigger": {"job_type": "ingestion", "payload": {"event": "$identify"}}}),
    );
    made["user"] = json!({"first_name": "System", "email": null, "is_system": true});
    let _server = server_with(json!([made]), Value::Null);
    let screen = Screen::open(ACTIVITY);
    screen.sees("The event $identify created this person").await;
}

#[wasm_bindgen_test]
async fn nothing_done_no_scope_and_no_endpoint_are_sentences() {
    {
        let _server = server_with(json!([]), Value::Null);
        Screen::open(ACTIVITY)
            .sees("Nothing was done to this person")
            .await;
    }
    for (status, body, sentence) in [
        (
            403,
            r#"{"detail": "API key missing required scope 'activity_log:read'"}"#,
            "The key lacks the scope “activity_log:read”.",
        ),
        (
            404,
            r#"{"detail": "Endpoint not found.", "code": "not_found"}"#,
            "Could not load the activity",
        ),
    ] {
        let server = server_with(json!([]), Value::Null);
        server.answer(&path("?limit=25"), status, body);
        Screen::open(ACTIVITY).sees(sentence).await;
    }
}
