//! The question as pills, and the people who change it.

use serde_json::{Value, json};
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::HtmlElement;

use crate::double::Double;
use crate::screen::{Screen, url};

const KEYS: &str = include_str!("../fixtures/api/property-definitions.json");

/// A server that knows a few names and has counted nothing.
fn server() -> Double {
    let server = Double::new();
    let empty = json!({"result": []}).to_string();
    for name in ["trend", "funnel", "retention", "path"] {
        server.answer_beginning(&format!("insights/{name}/"), 200, &empty);
    }
    let event = |name: &str| json!({"name": name, "last_seen_at": null});
    let some = page(&[event("purchase"), event("signed_up")]);
    server.answer_beginning("event_definitions/", 200, &some);
    let one = page(&[event("purchase")]);
    server.answer("event_definitions/?search=pur&limit=50", 200, &one);
    server.answer_beginning("property_definitions/", 200, KEYS);
    server.answer_beginning("persons/values/", 200, "[]");
    server.answer_beginning("events/values/", 200, "[]");
    let paid = json!({"id": 7, "name": "Paid", "deleted": false});
    server.answer("actions/", 200, &page(&[paid]));
    let cohort = json!({"id": 12, "name": "Power users", "deleted": false});
    server.answer("cohorts/", 200, &page(&[cohort]));
    server
}

fn page(results: &[Value]) -> String {
    json!({"count": results.len(), "next": null, "previous": null, "results": results}).to_string()
}

fn event(name: &str) -> Value {
    json!({"id": name})
}

/// A question about these events.
async fn ask(insight: &str, events: &[&str], more: &str) -> Screen {
    let events: Value = events.iter().map(|name| event(name)).collect();
    let events = encoded(&events.to_string());
    let screen = Screen::open(&format!(
        "/insights?insight={insight}&events={events}{more}"
    ));
    screen.finds(".builder").await;
    screen
}

fn encoded(text: &str) -> String {
    js_sys::encode_uri_component(text).into()
}

/// What the URL asks under a name.
fn asked(name: &str) -> String {
    let begin = format!("{name}=");
    let url = url();
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let value = query.split('&').find_map(|part| part.strip_prefix(&begin));
    let value = js_sys::decode_uri_component(value.unwrap_or_default());
    value.expect("the app's own URL").into()
}

/// The names of the events that the URL asks about, in their order.
fn asked_events() -> Vec<String> {
    let events: Vec<Value> = serde_json::from_str(&asked("events")).expect("a list");
    let ids = events.iter().map(|event| event["id"].as_str());
    ids.map(|id| id.unwrap_or("any").to_owned()).collect()
}

/// Waits until the URL has some text, decoded.
async fn asks(screen: &Screen, part: &str) {
    screen.arrives_at(&encoded(part)).await;
}

/// What stands on the pills, in their order.
fn pills(screen: &Screen) -> Vec<String> {
    let pills = screen.all(".pill .chip-body");
    pills.iter().map(words).collect()
}

fn words(element: &HtmlElement) -> String {
    element.text_content().unwrap_or_default().trim().to_owned()
}

fn pill(screen: &Screen, name: &str) -> HtmlElement {
    let pills = screen.all(".pill .chip-body, .builder .button");
    let found = pills.into_iter().find(|pill| words(pill) == name);
    found.unwrap_or_else(|| panic!("no pill {name:?} among {:?}", self::pills(screen)))
}

/// Opens a pill as the keyboard does: it has the focus when it is pressed.
async fn open(screen: &Screen, name: &str) {
    let pill = pill(screen, name);
    pill.focus().expect("it takes the focus");
    pill.click();
    screen.finds("[role=dialog]").await;
    // The focus goes inside.
    screen.finds("[role=dialog] :focus").await;
}

async fn is_closed(screen: &Screen, returns_to: &str) {
    screen.finds(".builder:not(:has([role=dialog]))").await;
    screen.focus_is_on(returns_to).await;
}

#[wasm_bindgen_test]
async fn an_event_is_chosen_from_suggestions_and_asked_at_once() {
    let _server = server();
    let screen = ask("TRENDS", &["signed_up"], "").await;
    assert_eq!(
        pills(&screen),
        ["signed_up", "split by nothing", "by day", "last 7 days"]
    );
    open(&screen, "signed_up").await;
    screen.fill("Event", "pur").await;
    screen.sees("purchase").await;
    screen.press("ArrowDown").await;
    screen.press("Enter").await;
    asks(&screen, "\"purchase\"").await;
    assert_eq!(asked_events(), ["purchase"]);
    is_closed(&screen, "purchase").await;
}

#[wasm_bindgen_test]
async fn where_names_cannot_be_listed_any_name_may_be_typed() {
    let server = server();
    server.answer_beginning("event_definitions/", 404, "{}");
    server.answer("event_definitions/?search=pur&limit=50", 404, "{}");
    let screen = ask("TRENDS", &["signed_up"], "").await;
    open(&screen, "signed_up").await;
    screen.fill("Event", "pur").await;
    // Leaving the field finishes what was typed.
    screen.enter("Look for").await;
    asks(&screen, "\"pur\"").await;
    screen.finds("[role=dialog]").await;
    screen.press("Escape").await;
    is_closed(&screen, "pur").await;
}

#[wasm_bindgen_test]
async fn steps_are_added_moved_and_taken_away() {
    let _server = server();
    let screen = ask("FUNNELS", &["signed_up"], "").await;
    screen.sees("A funnel needs at least two steps.").await;
    open(&screen, "Step").await;
    screen.fill("Event", "pur").await;
    screen.press("Enter").await;
    asks(&screen, "\"pur\"").await;
    screen.misses("A funnel needs at least two steps.").await;
    is_closed(&screen, "Step").await;
    assert_eq!(asked_events(), ["signed_up", "pur"]);
    open(&screen, "pur").await;
    // The first one closes the suggestions.
    screen.sees("purchase").await;
    screen.press("Escape").await;
    screen.press("Escape").await;
    is_closed(&screen, "pur").await;
    screen.press_alt("ArrowLeft").await;
    screen.finds("#pill-Series0:focus").await;
    assert_eq!(asked_events(), ["pur", "signed_up"]);
    open(&screen, "signed_up").await;
    screen.click("Move left").await;
    screen.finds("#pill-Series0:focus").await;
    assert_eq!(asked_events(), ["signed_up", "pur"]);
    screen.click("Remove signed_up").await;
    screen.sees("A funnel needs at least two steps.").await;
    assert_eq!(asked_events(), ["pur"]);
    screen.focus_is_on("Step").await;
}

#[wasm_bindgen_test]
async fn a_window_is_a_number_and_what_is_none_stays_in_its_field() {
    let _server = server();
    let screen = ask("FUNNELS", &["signed_up", "purchase"], "").await;
    open(&screen, "within 14 days").await;
    let before = url();
    screen
        .fill("From the first step to the last, at most", "a week")
        .await;
    screen.press("Enter").await;
    screen.sees("Enter a whole number from 1 to 100000.").await;
    assert_eq!(url(), before);
    let field = screen.find("#builder-number").expect("a field");
    let field: &web_sys::HtmlInputElement = field.unchecked_ref();
    assert_eq!(field.value(), "a week");
    screen.enter("Unit").await;
    screen.choose("Unit", "hour").await;
    screen.arrives_at("funnel_window_interval_unit=hour").await;
    let label = "From the first step to the last, at most";
    screen.enter(label).await;
    screen.fill(label, "3").await;
    screen.press("Enter").await;
    screen.arrives_at("funnel_window_interval=3&").await;
    is_closed(&screen, "3 hours").await;
}

#[wasm_bindgen_test]
async fn conditions_narrow_all_events_or_one() {
    let _server = server();
    let screen = ask("TRENDS", &["signed_up"], "").await;
    open(&screen, "Condition").await;
    screen.fill("Property", "plan").await;
    screen.fill("Values", "pro").await;
    screen.click("Add").await;
    asks(&screen, "\"type\":\"person\"").await;
    is_closed(&screen, "Condition").await;
    assert!(pills(&screen).contains(&"where plan is pro".to_owned()));
    // One that is there is changed in its place, and can become one on a cohort.
    open(&screen, "where plan is pro").await;
    screen.enter("About").await;
    screen.choose("About", "cohort").await;
    screen.sees("Power users").await;
    screen.enter("Cohort").await;
    screen.choose("Cohort", "12").await;
    screen.click("Apply").await;
    asks(&screen, "\"type\":\"cohort\"").await;
    screen.click("Remove person is in cohort 12").await;
    screen
        .finds(".builder:not(:has([aria-label='Remove person is in cohort 12']))")
        .await;
    assert_eq!(asked("properties"), "");
    open(&screen, "signed_up").await;
    screen
        .finds("[aria-label='Conditions on this event'] + button")
        .await;
    let add = screen.find("[aria-label='Conditions on this event'] + button");
    add.expect("seen just now").click();
    screen.fill("Property", "price").await;
    screen.fill("Values", "9").await;
    screen.click("Add").await;
    asks(&screen, "\"type\":\"event\"").await;
    // Back in the event, which says it.
    screen.finds("[role=dialog][aria-label=Event] .chip").await;
    screen.click("Done").await;
    is_closed(&screen, "signed_up · price is 9").await;
}

#[wasm_bindgen_test]
async fn dates_are_chosen_or_given_by_hand() {
    let _server = server();
    let screen = ask("TRENDS", &["signed_up"], "&date_from=-30d").await;
    open(&screen, "last 30 days").await;
    // The focus is on what is chosen, and arrows go on from there.
    screen.focus_is_on("last 30 days").await;
    screen.press("ArrowDown").await;
    screen.focus_is_on("last 90 days").await;
    screen.click("last 90 days").await;
    screen.arrives_at("date_from=-90d").await;
    is_closed(&screen, "last 90 days").await;
    open(&screen, "last 90 days").await;
    screen.fill("First day", "2026-02-01").await;
    screen.fill("Last day", "2026-01-01").await;
    screen.enter("Last day").await;
    screen.press("Enter").await;
    screen.sees("The first day comes after the last one.").await;
    assert!(url().contains("date_from=-90d"));
    screen.fill("Last day", "2026-02-28").await;
    screen.press("Enter").await;
    screen
        .arrives_at("date_from=2026-02-01&date_to=2026-02-28")
        .await;
    is_closed(&screen, "1 – 28 Feb 2026").await;
}

#[wasm_bindgen_test]
async fn a_sum_says_that_its_property_is_missing_where_it_is() {
    let _server = server();
    let screen = ask("TRENDS", &["purchase"], "").await;
    open(&screen, "purchase").await;
    screen.enter("Counted as").await;
    screen.choose("Counted as", "sum").await;
    screen
        .finds("[role=dialog] .field-problem:not(:empty)")
        .await;
    assert!(pills(&screen).contains(&"purchase · sum of …".to_owned()));
    screen.fill("Property of the event", "price").await;
    screen.enter("Property of the event").await;
    screen.press("Enter").await;
    asks(&screen, "\"math_property\":\"price\"").await;
    is_closed(&screen, "purchase · sum of price").await;
}

#[wasm_bindgen_test]
async fn every_term_of_retention_can_be_changed() {
    let _server = server();
    let target = encoded("{\"id\":\"signed_up\",\"type\":\"events\"}");
    let path =
        format!("/insights?insight=RETENTION&target_entity={target}&period=Week&total_intervals=9");
    let screen = Screen::open(&path);
    screen.finds(".builder").await;
    assert_eq!(
        pills(&screen),
        [
            "did signed_up",
            "came back with the same",
            "by week",
            "for 9 weeks",
            "each time",
            "until today"
        ]
    );
    open(&screen, "came back with the same").await;
    screen.enter("Look for").await;
    screen.choose("Look for", "action").await;
    screen.sees("Paid").await;
    screen.enter("Action").await;
    screen.choose("Action", "7").await;
    screen.arrives_at("returning_entity=").await;
    screen.press("Escape").await;
    is_closed(&screen, "Paid").await;
    open(&screen, "each time").await;
    screen.click("only the first time ever begins").await;
    screen
        .arrives_at("retention_type=retention_first_time")
        .await;
    open(&screen, "by week").await;
    screen.click("month").await;
    screen.arrives_at("period=Month").await;
    open(&screen, "for 9 months").await;
    screen
        .fill("How many intervals, the first included", "6")
        .await;
    screen.press("Enter").await;
    screen.arrives_at("total_intervals=6").await;
    is_closed(&screen, "6 months").await;
}

#[wasm_bindgen_test]
async fn what_paths_are_made_of_is_ticked_and_listed() {
    let _server = server();
    let screen = Screen::open("/insights?insight=PATHS");
    screen.finds(".builder").await;
    open(&screen, "through all events").await;
    screen.click("pages").await;
    asks(&screen, "[\"$pageview\"]").await;
    screen.click("Done").await;
    is_closed(&screen, "pages").await;
    open(&screen, "without nothing").await;
    screen.fill("Leave out", "/login").await;
    screen.press("Enter").await;
    asks(&screen, "[\"/login\"]").await;
    screen.fill("Leave out", "/logout").await;
    screen.press("Enter").await;
    asks(&screen, "[\"/login\",\"/logout\"]").await;
    screen.click("Remove /login").await;
    asks(&screen, "[\"/logout\"]").await;
    screen.press("Escape").await;
    is_closed(&screen, "/logout").await;
    open(&screen, "from anywhere").await;
    screen.fill("Begin with", "/home").await;
    screen.press("Enter").await;
    asks(&screen, "/home").await;
    assert_eq!(asked("start_point"), "/home");
}

#[wasm_bindgen_test]
async fn numbers_are_split_by_a_property_or_by_cohorts() {
    let _server = server();
    let screen = ask("TRENDS", &["signed_up"], "").await;
    open(&screen, "split by nothing").await;
    screen.enter("Split by").await;
    screen.choose("Split by", "event").await;
    screen.fill("Property", "$browser").await;
    screen.enter("Property").await;
    screen.press("Enter").await;
    screen
        .arrives_at("breakdown=%24browser&breakdown_type=event")
        .await;
    is_closed(&screen, "event property $browser").await;
    open(&screen, "split by event property $browser").await;
    screen.enter("Split by").await;
    screen.choose("Split by", "cohort").await;
    screen.click("Power users").await;
    screen.arrives_at("breakdown_type=cohort").await;
    assert_eq!(asked("breakdown"), "[12]");
    screen.enter("Split by").await;
    screen.choose("Split by", "").await;
    screen.click("Done").await;
    is_closed(&screen, "nothing").await;
    assert_eq!(asked("breakdown"), "");
}

#[wasm_bindgen_test]
async fn what_must_not_happen_between_steps_is_a_pill() {
    let _server = server();
    let screen = ask("FUNNELS", &["a", "b", "c"], "").await;
    open(&screen, "Exclusion").await;
    screen.enter("Before step").await;
    screen.choose("Before step", "1").await;
    screen.fill("Event", "refund").await;
    screen.enter("Event").await;
    screen.press("Enter").await;
    asks(&screen, "refund").await;
    is_closed(&screen, "Exclusion").await;
    let exclusions: Value = serde_json::from_str(&asked("exclusions")).expect("a list");
    assert_eq!(exclusions[0]["funnel_to_step"], 1);
    open(&screen, "without refund between 1 and 2").await;
    screen.enter("After step").await;
    screen.choose("After step", "1").await;
    screen
        .sees("The second step has to come after the first.")
        .await;
    screen.enter("Before step").await;
    screen.choose("Before step", "2").await;
    screen.sees("refund between 2 and 3").await;
    screen.click("Remove refund between 2 and 3").await;
    screen.focus_is_on("Exclusion").await;
    assert_eq!(asked("exclusions"), "");
}

#[wasm_bindgen_test]
async fn escape_gives_up_what_is_typed_and_returns_to_the_pill() {
    let _server = server();
    let screen = ask("TRENDS", &["signed_up"], "").await;
    let before = url();
    open(&screen, "signed_up").await;
    screen.fill("Event", "nothing_of_this_kind").await;
    screen.sees("purchase").await;
    screen.press("Escape").await;
    screen.press("Escape").await;
    is_closed(&screen, "signed_up").await;
    assert_eq!(url(), before);
    // The focus may be on the pill itself, whose popover stays open.
    open(&screen, "by day").await;
    screen.focus_is_on("day").await;
    pill(&screen, "by day").focus().expect("it takes the focus");
    screen.press("Escape").await;
    is_closed(&screen, "day").await;
}
