//! When properties of somebody changed: the tab on their page, and the page as it was at a moment.

use serde_json::{Value, json};
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::HtmlElement;

use crate::ada::{ADA, UUID};
use crate::double::Double;
use crate::screen::{Screen, url};

const GONE: &str = include_str!("../fixtures/ages/new/error-gone.json");
const NO_KEYS: &str = include_str!("../fixtures/ages/old/error-no-keys.json");
const CRASH: &str = include_str!("../fixtures/ages/old/error-crash.json");

/// April 2024, with three keys watched. The end of it is known, unlike now.
const APRIL: &str = "&from=2024-04-01&to=2024-04-30";
const WATCHED: [&str; 3] = ["plan", "seats", "trial"];

const FIRST: &str = "2024-04-02T09:00:00Z";
const SECOND: &str = "2024-04-10T12:30:00Z";
const THIRD: &str = "2024-04-20T08:00:00Z";
const END: &str = "2024-04-30T23:59:59.999999Z";

/// The tab at a URL that says what is watched.
fn tab(keys: &[&str], rest: &str) -> String {
    let keys = persons::routes::encode(&json!(keys).to_string());
    format!("/person/{UUID}?tab=timeline&watch={keys}{rest}")
}

/// The path that the timeline of these keys is asked at.
fn timeline_path(keys: &[&str], days: &str) -> String {
    let filters: Vec<Value> = keys
        .iter()
        .map(|key| json!({"key": key, "value": "is_set", "operator": "is_set", "type": "person"}))
        .collect();
    let filters = persons::routes::encode(&json!(filters).to_string());
    format!("persons/{UUID}/properties_timeline/?properties={filters}&{days}")
}

/// What is watched of Ada where nobody chose anything.
const WELL_KNOWN: &[&str] = &["plan", "seats", "homepage", "script", "vip"];

const DAYS: &str = "date_from=2024-04-01&date_to=2024-04-30";

/// What every question about a moment begins with.
const MOMENTS: &str = "persons/properties_at_time/";

fn moment_path(at: &str, include_set_once: bool) -> String {
    let at = persons::routes::encode(at);
    format!(
        "persons/properties_at_time/?person_id={UUID}&timestamp={at}&include_set_once={include_set_once}"
    )
}

fn points(points: &[(&str, Value)]) -> String {
    let points: Vec<Value> = points
        .iter()
        .map(|(at, properties)| json!({"timestamp": at, "properties": properties, "relevant_event_count": 1}))
        .collect();
    let body = json!({
        "points": points,
        "crucial_property_keys": WATCHED,
        "effective_date_from": "2024-04-01T00:00:00+00:00",
        "effective_date_to": "2024-04-30T23:59:59.999999+00:00",
    });
    body.to_string()
}

fn adas_points() -> String {
    points(&[
        (
            FIRST,
            json!({"plan": "free", "seats": 5, "trial": true, "age": "41"}),
        ),
        (
            SECOND,
            json!({"plan": "free", "seats": 10, "trial": true, "age": "41"}),
        ),
        (
            THIRD,
            json!({"plan": "<b>pro</b>", "seats": 10, "age": "41", "vip": null}),
        ),
    ])
}

/// A server that knows Ada, and nothing of how she was.
fn server() -> Double {
    let server = Double::new();
    server.answer(&format!("persons/{UUID}/"), 200, ADA);
    let nothing = r#"{"results": []}"#;
    server.answer(&format!("persons/cohorts/?person_id={UUID}"), 200, nothing);
    server
}

fn as_of(properties: &Value) -> String {
    let mut ada: Value = serde_json::from_str(ADA).expect("the fixture is JSON");
    ada["properties"] = properties.clone();
    ada.to_string()
}

/// What she was at the moments that the tests go to, in the words of a server that tells.
fn tell_moments(server: &Double) {
    let at_end = json!({"plan": "team", "seats": 10, "age": 41, "vip": null, "name": "Ada"});
    for (at, properties) in [
        (
            FIRST,
            json!({"plan": "free", "seats": 5, "trial": "", "age": "41", "name": "Ada"}),
        ),
        (
            SECOND,
            json!({"plan": "free", "seats": 10, "trial": "", "age": "41", "name": "Ada"}),
        ),
        (
            THIRD,
            json!({"plan": "pro", "seats": 10, "age": "41", "name": "Ada"}),
        ),
        (END, at_end),
    ] {
        server.answer(&moment_path(at, true), 200, &as_of(&properties));
    }
}

/// A server that tells everything: ours.
fn telling_server() -> Double {
    let server = server();
    server.answer(&timeline_path(&WATCHED, DAYS), 200, &adas_points());
    tell_moments(&server);
    server
}

/// The tab, once its table is there.
async fn opened() -> Screen {
    let screen = Screen::open(&tab(&WATCHED, APRIL));
    screen.sees("unchanged").await;
    screen
}

fn texts(screen: &Screen, selector: &str) -> Vec<String> {
    let found = screen.all(selector);
    found
        .iter()
        .map(|found| found.text_content().unwrap_or_default())
        .collect()
}

/// What the row of a key says: how it differs, and the two values.
fn difference(screen: &Screen, key: &str) -> Vec<String> {
    screen.cells(key)
}

/// Waits until the table is that of the two moments that are chosen.
async fn compared(screen: &Screen) {
    screen.shows("[aria-busy=false] > table.differences").await;
}

fn handle(screen: &Screen, which: usize) -> HtmlElement {
    screen.all("[role=slider]").remove(which)
}

fn said(screen: &Screen, which: usize) -> String {
    let handle = handle(screen, which);
    handle.get_attribute("aria-valuetext").expect("a sentence")
}

#[wasm_bindgen_test]
async fn lines_list_and_table_tell_the_same() {
    let _server = telling_server();
    let screen = opened().await;
    assert_eq!(texts(&screen, ".timeline-names li"), WATCHED);
    let lines = screen.find("[role=img]").expect("the lines");
    assert_eq!(
        lines.get_attribute("aria-label").as_deref(),
        Some("plan: 1 change, seats: 1 change, trial: 1 change")
    );
    assert_eq!(
        texts(&screen, ".timeline-value"),
        ["free", "<b>pro</b>", "5", "10", "true"]
    );
    assert_eq!(
        texts(&screen, ".timeline-list .change"),
        [
            "planfree became <b>pro</b>",
            "trialtrue became not set",
            "seats5 became 10",
            "planfree",
            "seats5",
            "trialtrue"
        ]
    );
    screen.sees("First event in this range").await;
    screen.sees("5 differences · 1 unchanged").await;
    assert_eq!(screen.heads(), ["age", "plan", "seats", "trial", "vip"]);
    assert_eq!(
        difference(&screen, "age"),
        ["≠ type changed", "41 string", "41 number"]
    );
    assert_eq!(difference(&screen, "plan"), ["~ changed", "free", "team"]);
    assert_eq!(
        difference(&screen, "trial"),
        ["− removed", "\"\" empty text", "not set"]
    );
    assert_eq!(difference(&screen, "vip"), ["+ added", "not set", "null"]);
    screen.click("Show 1 unchanged").await;
    assert_eq!(difference(&screen, "name"), ["= same", "Ada"]);
}

#[wasm_bindgen_test]
async fn arrows_move_a_with_shift_b_and_letters_swap_and_return() {
    let server = telling_server();
    let screen = opened().await;
    screen.press("ArrowRight").await;
    screen
        .arrives_at(&format!("&a={}", persons::routes::encode(SECOND)))
        .await;
    assert!(
        said(&screen, 0).ends_with(", seats changes to 10"),
        "{}",
        said(&screen, 0)
    );
    screen.sees("4 differences · 2 unchanged").await;
    screen.press("ArrowRight").await;
    screen
        .arrives_at(&format!("&a={}", persons::routes::encode(THIRD)))
        .await;
    assert!(said(&screen, 0).ends_with(", plan changes to <b>pro</b>, trial is removed"));
    screen.press("ArrowLeft").await;
    screen.press("ArrowLeft").await;
    // At the beginning, which goes without saying.
    screen.is_at(&tab(&WATCHED, APRIL)).await;
    screen.press_shift("ArrowLeft").await;
    screen
        .arrives_at(&format!("&b={}", persons::routes::encode(THIRD)))
        .await;
    assert!(said(&screen, 1).ends_with("trial is removed"));
    screen.press("x").await;
    let swapped = [THIRD, FIRST].map(persons::routes::encode);
    screen
        .arrives_at(&format!("&a={}&b={}", swapped[0], swapped[1]))
        .await;
    compared(&screen).await;
    assert_eq!(
        difference(&screen, "trial"),
        ["+ added", "not set", "\"\" empty text"]
    );
    screen.press("t").await;
    screen.arrives_at(&format!("&a={}", swapped[0])).await;
    assert!(!url().contains("&b="), "{}", url());
    screen
        .asks(
            &server,
            &format!("/api/projects/@current/{}", moment_path(END, true)),
        )
        .await;
}

#[wasm_bindgen_test]
async fn no_column_of_the_table_runs_ahead_of_the_other() {
    let server = telling_server();
    let screen = opened().await;
    server.hold(&moment_path(SECOND, true));
    screen.press("ArrowRight").await;
    screen.press_shift("ArrowLeft").await;
    let [second, third] = [SECOND, THIRD].map(|at| {
        let path = moment_path(at, true);
        format!("/api/projects/@current/{path}")
    });
    screen.asks(&server, &second).await;
    screen.asks(&server, &third).await;
    // B is answered by now, A is not.
    screen.press("Shift").await;
    screen.press("Shift").await;
    screen.shows("[aria-busy=true] > table.differences").await;
    assert_eq!(difference(&screen, "plan"), ["~ changed", "free", "team"]);
    screen.sees("5 differences · 1 unchanged").await;
    server.release(&moment_path(SECOND, true));
    compared(&screen).await;
    assert_eq!(screen.heads(), ["plan", "trial"]);
    assert_eq!(difference(&screen, "plan"), ["~ changed", "free", "pro"]);
}

#[wasm_bindgen_test]
async fn a_handle_is_a_slider_that_keeps_the_focus() {
    let _server = telling_server();
    let screen = opened().await;
    for (which, label) in ["Moment A", "Moment B"].into_iter().enumerate() {
        let handle = handle(&screen, which);
        assert_eq!(handle.get_attribute("aria-label").as_deref(), Some(label));
        let place = ["4", "100"][which];
        assert_eq!(
            handle.get_attribute("aria-valuenow").as_deref(),
            Some(place)
        );
        handle.focus().expect("it takes the focus");
        screen.focus_is_on(label).await;
    }
    // The focus is on B.
    screen.press("ArrowLeft").await;
    screen.arrives_at("&b=2024-04-20").await;
    screen.focus_is_on("Moment B").await;
    screen.press("Home").await;
    screen.arrives_at("&b=2024-04-02").await;
    screen.press("PageUp").await;
    screen.arrives_at("&b=2024-04-03T20%3A58").await;
    screen.focus_is_on("Moment B").await;
    screen.press("End").await;
    screen.is_at(&tab(&WATCHED, APRIL)).await;
    screen.focus_is_on("Moment B").await;
}

#[wasm_bindgen_test]
async fn the_list_moves_a_and_b() {
    let _server = telling_server();
    let screen = opened().await;
    let movers = screen.all(".timeline-mover");
    // Newest first: the third change has the first two buttons.
    let labels = ["A", "B"].map(|letter| format!("Move {letter} to "));
    for (mover, label) in movers.iter().zip(labels) {
        let spoken = mover.get_attribute("aria-label").expect("a label");
        assert!(spoken.starts_with(&label), "{spoken}");
    }
    movers[0].click();
    screen.arrives_at("&a=2024-04-20").await;
    screen
        .finds(".timeline-list .entry:first-child [aria-pressed=true]")
        .await;
    movers[3].click();
    screen
        .arrives_at("&a=2024-04-20T08%3A00%3A00Z&b=2024-04-10")
        .await;
}

#[wasm_bindgen_test]
async fn a_handle_is_dragged_to_a_change_and_a_click_takes_the_nearest() {
    let _server = telling_server();
    let screen = opened().await;
    let plot = screen.find(".timeline-plot").expect("the lines");
    let place = plot.get_bounding_client_rect();
    let at = |part: f64| place.left() + part * place.width();
    // The third change is at 19 days and 8 hours of 30 days.
    let third = (19.0 + 8.0 / 24.0) / 30.0;
    screen
        .point("pointerdown", &handle(&screen, 0), at(0.05))
        .await;
    screen.point("pointermove", &plot, at(0.3)).await;
    assert!(
        !said(&screen, 0).contains("changes"),
        "{}",
        said(&screen, 0)
    );
    screen.point("pointermove", &plot, at(third) + 3.0).await;
    assert!(
        said(&screen, 0).ends_with("trial is removed"),
        "{}",
        said(&screen, 0)
    );
    assert!(
        !url().contains("&a="),
        "nothing is said before it is let go"
    );
    screen.point("pointerup", &plot, at(third)).await;
    screen.arrives_at("&a=2024-04-20T08%3A00%3A00Z").await;
    screen.focus_is_on("Moment A").await;
    // B is nearer to this place.
    screen.point("pointerdown", &plot, at(0.9)).await;
    screen.point("pointerup", &plot, at(0.9)).await;
    screen.arrives_at("&b=2024-04-2").await;
    screen.focus_is_on("Moment B").await;
}

#[wasm_bindgen_test]
async fn keys_are_watched_and_no_longer() {
    let server = telling_server();
    server.answer(
        &timeline_path(&["plan", "trial"], DAYS),
        200,
        &adas_points(),
    );
    server.answer(
        &timeline_path(&["plan", "trial", "zip"], DAYS),
        200,
        &adas_points(),
    );
    server.answer(
        &timeline_path(&["plan", "trial", "zip", "a key of next year"], DAYS),
        200,
        &adas_points(),
    );
    let screen = opened().await;
    screen.click("Stop watching seats").await;
    screen.is_at(&tab(&["plan", "trial"], APRIL)).await;
    screen.focus_is_on("Watch a key").await;
    screen.click("Watch a key").await;
    screen.focus_is_on("").await;
    screen.fill("Key", "zi").await;
    screen.finds("[role=option]").await;
    assert_eq!(texts(&screen, "[role=option]"), ["zipstring"]);
    screen.press("ArrowDown").await;
    screen.press("Enter").await;
    screen.is_at(&tab(&["plan", "trial", "zip"], APRIL)).await;
    screen.focus_is_on("Watch a key").await;
    assert_eq!(texts(&screen, ".timeline-names li").len(), 3);
    // Any text is a key: servers may know more than this person has.
    screen.click("Watch a key").await;
    screen.fill("Key", " a key of next year ").await;
    screen.press("Enter").await;
    screen.arrives_at("next%20year").await;
    screen.click("Watch a key").await;
    screen
        .finds("[role=dialog] [role=listbox]:not([hidden]) [role=option]")
        .await;
    // The first Escape closes the suggestions.
    screen.press("Escape").await;
    screen.press("Escape").await;
    screen.focus_is_on("Watch a key").await;
    assert!(screen.find("[role=dialog]").is_none());
}

#[wasm_bindgen_test]
async fn without_a_choice_well_known_keys_are_watched_since_ever() {
    let server = server();
    server.answer_beginning(MOMENTS, 400, GONE);
    let path = timeline_path(WELL_KNOWN, "date_from=all");
    server.answer(&path, 200, &points(&[(FIRST, json!({"plan": "free"}))]));
    let screen = Screen::open(&format!("/person/{UUID}?tab=timeline"));
    screen.sees("No watched key changed in this range").await;
    assert_eq!(texts(&screen, ".timeline-names li"), WELL_KNOWN);
}

#[wasm_bindgen_test]
async fn a_flat_line_says_why() {
    for (answer, sentence) in [
        (
            points(&[]),
            "There is no event of this person in this range",
        ),
        (
            points(&[(FIRST, json!({"plan": "free"}))]),
            "No watched key changed in this range",
        ),
    ] {
        let server = server();
        server.answer(&timeline_path(&WATCHED, DAYS), 200, &answer);
        for at in [FIRST, "2024-04-01T00:00:00Z", END] {
            server.answer(
                &moment_path(at, true),
                200,
                &as_of(&json!({"plan": "free"})),
            );
        }
        let screen = Screen::open(&tab(&WATCHED, APRIL));
        screen.sees(sentence).await;
        screen
            .sees("Nothing differs between these two moments")
            .await;
        // There is still a line to walk on, in larger steps.
        screen.press("ArrowRight").await;
        screen.arrives_at("&a=2024-04-0").await;
        screen.sees("Between A and B").await;
    }
    let server = server();
    server.answer_beginning(MOMENTS, 200, ADA);
    let screen = Screen::open(&tab(&[], APRIL));
    screen.sees("No key is watched").await;
    screen.sees("Nothing differs").await;
}

#[wasm_bindgen_test]
async fn a_range_that_ends_before_it_begins_is_no_question() {
    let server = server();
    server.answer_beginning(MOMENTS, 200, ADA);
    let screen = Screen::open(&tab(&WATCHED, "&from=2024-04-30&to=2024-04-01"));
    screen.sees("The last day lies before the first one.").await;
}

#[wasm_bindgen_test]
async fn set_once_values_can_be_left_out() {
    let server = telling_server();
    for at in [FIRST, END] {
        server.answer(
            &moment_path(at, false),
            200,
            &as_of(&json!({"plan": "pro"})),
        );
    }
    let screen = opened().await;
    screen.click("Include set-once values").await;
    screen
        .is_at(&tab(&WATCHED, &format!("{APRIL}&set_once=no")))
        .await;
    screen.sees("Nothing differs").await;
    screen.click("Include set-once values").await;
    screen.is_at(&tab(&WATCHED, APRIL)).await;
    screen.sees("5 differences").await;
}

#[wasm_bindgen_test]
async fn values_of_all_kinds_look_different_and_none_is_markup() {
    let long = "word ".repeat(2_000);
    let moments = [
        (
            "2024-04-02T00:00:00Z",
            json!({"plan": null, "arabic": "مرحبا", "long": long}),
        ),
        (
            "2024-04-07T00:00:00Z",
            json!({"plan": "", "arabic": "🦄 é", "long": long}),
        ),
        (
            "2024-04-12T00:00:00Z",
            json!({"plan": "41", "long": "<script>"}),
        ),
        ("2024-04-17T00:00:00Z", json!({"plan": 41, "long": long})),
        (
            "2024-04-22T00:00:00Z",
            json!({"plan": {"a": [1]}, "long": long}),
        ),
    ];
    let keys = ["plan", "arabic", "long"];
    let server = server();
    server.answer(&timeline_path(&keys, DAYS), 200, &points(&moments));
    server.answer_beginning(MOMENTS, 400, GONE);
    let screen = Screen::open(&tab(&keys, APRIL));
    screen.sees("unchanged").await;
    let row = &screen.all(".timeline-row")[0];
    for selector in [".null", ".empty-text", "bdi", ".literal"] {
        assert!(
            row.query_selector(selector).expect("valid").is_some(),
            "{selector}"
        );
    }
    // What is missing is a line of its own.
    let missing = screen.all(".timeline-row:nth-child(2) .is-missing");
    assert!(
        missing[0]
            .get_attribute("d")
            .is_some_and(|path| !path.is_empty())
    );
    assert!(
        screen
            .find(".timeline-row script, .timeline-list script")
            .is_none()
    );
}

#[wasm_bindgen_test]
async fn thousands_of_changes_are_few_shapes_and_a_list_that_begins() {
    let many: Vec<(String, Value)> = (0..5_000)
        .map(|minute| {
            let at = persons_api::Timestamp(1_712_048_400_000_000 + minute * 300_000_000);
            (at.to_string(), json!({"plan": minute}))
        })
        .collect();
    let many: Vec<(&str, Value)> = many
        .iter()
        .map(|(at, value)| (at.as_str(), value.clone()))
        .collect();
    let server = server();
    server.answer(&timeline_path(&["plan"], DAYS), 200, &points(&many));
    server.answer_beginning(MOMENTS, 400, GONE);
    let screen = Screen::open(&tab(&["plan"], APRIL));
    screen.sees("4999 changes").await;
    assert!(screen.all(".timeline-plot *").len() < 100);
    assert_eq!(screen.all(".timeline-list .entry").len(), 50);
    screen.click("Show all 5,000").await;
    screen.finds(".timeline-list .entry:nth-child(5000)").await;
}

/// A server of 2022, asked with a key of that time: it knows when properties changed, and nothing else.
#[wasm_bindgen_test]
async fn an_old_server_is_read_at_its_points() {
    let server = server();
    server.answer(&timeline_path(&WATCHED, DAYS), 200, &adas_points());
    server.answer_beginning(MOMENTS, 400, GONE);
    let screen = opened().await;
    screen
        .sees("This server does not tell all properties of a moment.")
        .await;
    assert!(!screen.text().contains("set-once"));
    assert_eq!(screen.heads(), ["plan", "seats", "trial", "vip"]);
    // It is not asked again what it does not know.
    screen.press("ArrowRight").await;
    screen.sees("3 differences").await;
    assert_eq!(
        difference(&screen, "plan"),
        ["~ changed", "free", "<b>pro</b>"]
    );
    // Before the first event nothing is known.
    screen.press_shift("ArrowLeft").await;
    handle(&screen, 1).focus().expect("it takes the focus");
    for _ in 0..14 {
        screen.press("PageDown").await;
    }
    screen.sees("Nothing is known before the first event").await;
}

/// A server of 2024: none of it is for keys.
#[wasm_bindgen_test]
async fn a_mid_server_tells_nothing_and_that_is_said_once() {
    let server = server();
    server.answer(&timeline_path(&WATCHED, DAYS), 403, NO_KEYS);
    server.answer_beginning(MOMENTS, 400, GONE);
    let screen = Screen::open(&tab(&WATCHED, APRIL));
    screen.sees("This key may not read the timeline").await;
    screen
        .sees("This server does not tell how people were")
        .await;
    assert!(screen.find("[role=slider]").is_none());
    assert!(screen.find("[role=alert] h2").is_some());
}

/// A server of 2026: no timeline for keys, and moments at the address that does not name the project.
#[wasm_bindgen_test]
async fn a_new_server_tells_moments_without_a_timeline() {
    let server = server();
    server.answer(&timeline_path(&WATCHED, DAYS), 403, NO_KEYS);
    for (at, plan) in [("2024-04-01T00:00:00Z", "free"), (END, "pro")] {
        let path = moment_path(at, true);
        server.answer(&path, 500, CRASH);
        let flat = path.replacen("persons/", "/api/person/", 1);
        server.answer_at(&flat, 200, &as_of(&json!({"plan": plan, "seats": 5})));
    }
    let screen = Screen::open(&tab(&WATCHED, APRIL));
    screen.sees("1 difference · 1 unchanged").await;
    screen
        .sees("Two moments can be compared all the same")
        .await;
    assert_eq!(difference(&screen, "plan"), ["~ changed", "free", "pro"]);
    assert_eq!(screen.all("[role=slider]").len(), 2);
    assert!(screen.find(".timeline-row").is_none());
}

#[wasm_bindgen_test]
async fn what_fails_is_a_sentence_and_can_be_tried_again() {
    for (status, body, sentence) in [
        (
            404,
            r#"{"detail": "Endpoint not found."}"#,
            "This server does not offer the timeline",
        ),
        (
            404,
            r#"{"detail": "Not found."}"#,
            "This server does not offer the timeline",
        ),
        (
            403,
            r#"{"detail": "API key missing required scope 'person:read'"}"#,
            "The key lacks the scope",
        ),
        (
            400,
            r#"{"detail": "Properties are unparsable!"}"#,
            "Properties are unparsable!",
        ),
        (200, r#"{"id": 1}"#, "The server's answer cannot be read"),
    ] {
        let server = server();
        server.answer(&timeline_path(&WATCHED, DAYS), status, body);
        server.answer_beginning(MOMENTS, 200, ADA);
        let screen = Screen::open(&tab(&WATCHED, APRIL));
        screen.sees(sentence).await;
        screen.sees("Nothing differs").await;
    }
    let server = server();
    server.answer(&timeline_path(&WATCHED, DAYS), 400, "");
    server.answer_beginning(MOMENTS, 400, GONE);
    let screen = Screen::open(&tab(&WATCHED, APRIL));
    screen.sees("The server refused the request").await;
    server.answer(&timeline_path(&WATCHED, DAYS), 200, &adas_points());
    tell_moments(&server);
    screen.click("Try again").await;
    screen.sees("5 differences").await;
}

const AT: &str = "2024-04-10T12:30:00Z";

fn page_at(tab: &str) -> String {
    format!(
        "/person/{UUID}?tab={tab}&at={}",
        persons::routes::encode(AT)
    )
}

#[wasm_bindgen_test]
async fn a_person_is_shown_as_they_were_and_t_returns_to_now() {
    let server = server();
    let then = json!({"plan": "free", "seats": 5, "nothing": null, "empty": ""});
    server.answer(&moment_path(AT, true), 200, &as_of(&then));
    let screen = Screen::open(&page_at("properties"));
    screen.sees("You are in the past").await;
    screen.sees("empty text").await;
    assert_eq!(screen.heads(), ["empty", "nothing", "plan", "seats"]);
    assert_eq!(screen.cells("plan")[1..3], ["free", "string"]);
    screen
        .finds("[role=tab][aria-selected=true] .tab-count")
        .await;
    assert_eq!(
        texts(&screen, "[role=tab][aria-selected=true]"),
        ["Properties4"]
    );
    // Other tabs of the same moment, and one that is of now.
    screen.press("7").await;
    screen.sees("\"nothing\": null").await;
    screen.press("5").await;
    screen.sees("In no cohort").await;
    screen.press("2").await;
    screen.is_at(&page_at("properties")).await;
    screen.press("t").await;
    screen
        .is_at(&format!("/person/{UUID}?tab=properties"))
        .await;
    screen.misses("You are in the past").await;
    assert_eq!(screen.cells("plan")[1..3], ["pro", "string"]);
}

#[wasm_bindgen_test]
async fn the_table_leads_to_the_person_at_a_moment_and_the_banner_back() {
    let server = telling_server();
    server.answer(
        &timeline_path(&["plan", "seats", "vip"], "date_from=all"),
        403,
        NO_KEYS,
    );
    let screen = opened().await;
    screen.press("ArrowRight").await;
    screen.arrives_at("&a=2024-04-10").await;
    let link = screen.find(".timeline-moments a").expect("a link");
    link.click();
    screen.sees("You are in the past").await;
    screen.arrives_at("?tab=properties&watch=").await;
    screen
        .arrives_at(&format!("&at={}", persons::routes::encode(SECOND)))
        .await;
    screen.finds("table.properties").await;
    assert_eq!(screen.cells("seats")[1..3], ["10", "number"]);
    screen.shows(".person-past button").await.click();
    screen.misses("You are in the past").await;
    // What was watched is still watched.
    screen.press("3").await;
    screen.sees("differences").await;
    screen.arrives_at("&a=2024-04-10").await;
}

#[wasm_bindgen_test]
async fn where_no_moment_is_told_the_timeline_is_read() {
    let server = server();
    server.answer(&moment_path(AT, true), 400, GONE);
    let known: Value = serde_json::from_str(ADA).expect("the fixture is JSON");
    let mut keys: Vec<&String> = known["properties"]
        .as_object()
        .expect("an object")
        .keys()
        .collect();
    keys.sort_by_key(|key| (key.starts_with('$'), key.to_lowercase()));
    let keys: Vec<&str> = keys.into_iter().map(String::as_str).collect();
    let path = timeline_path(&keys, "date_from=all&date_to=2024-04-10");
    server.answer(&path, 200, &adas_points());
    let screen = Screen::open(&page_at("properties"));
    screen.sees("Read from the timeline").await;
    screen.finds("table.properties").await;
    assert_eq!(screen.cells("seats")[1..3], ["10", "number"]);
    server.answer(&path, 403, NO_KEYS);
    let screen = Screen::open(&page_at("properties"));
    screen
        .sees("This server does not tell how people were")
        .await;
    screen
        .sees("does not support Personal API Key access")
        .await;
    // The head and the other tabs are there, and the way back.
    screen.sees("Ada Lovelace").await;
    screen.click("Back to now").await;
    screen.finds("table.properties").await;
    assert_eq!(screen.cells("seats")[1..3], ["12", "number"]);
}

#[wasm_bindgen_test]
async fn a_moment_that_is_to_come_says_so_and_one_that_is_none_is_a_broken_link() {
    let at = "2999-01-01T00:00:00Z";
    let server = server();
    server.answer(&moment_path(at, true), 200, ADA);
    let screen = Screen::open(&format!(
        "/person/{UUID}?at={}",
        persons::routes::encode(at)
    ));
    screen.sees("This moment is yet to come").await;
    screen.sees("First seen").await;
    let screen = Screen::open(&format!("/person/{UUID}?at=soon"));
    screen.sees("The moment in this link is none.").await;
}
