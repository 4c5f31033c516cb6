//! The page of one person.

use js_sys::{Function, Reflect};
use leptos::prelude::*;
use persons::ui::value::ValueText;
use serde_json::json;
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::ada::{ADA, COHORTS, PROPERTIES, UUID, ada_with};
use crate::double::Double;
use crate::screen::{Screen, title, url};

const NOT_FOUND: &str = include_str!("../fixtures/api/error-person-not-found.json");
const OVERVIEW: &str = "/person/2c4fb98d-8bed-5dd1-9b94-ef6aeace63b5";

/// A server that knows this person.
fn server_with(person: &str) -> Double {
    let server = Double::new();
    server.answer(&format!("persons/{UUID}/"), 200, person);
    server.answer(&format!("persons/cohorts/?person_id={UUID}"), 200, COHORTS);
    let nothing = r#"{"results": [], "next": null, "total_count": 0}"#;
    server.answer(&format!("persons/{UUID}/activity/?limit=25"), 200, nothing);
    for past in [&format!("{UUID}/properties_timeline"), "properties_at_time"] {
        server.answer_beginning(&format!("persons/{past}/"), 405, "");
    }
    server
}

async fn open(url: &str) -> Screen {
    let screen = Screen::open(url);
    screen.sees("Ada Lovelace").await;
    screen
}

#[wasm_bindgen_test]
async fn the_head_says_who_it_is() {
    let _server = server_with(ADA);
    let screen = open(OVERVIEW).await;
    assert_eq!(screen.all("h1").len(), 1);
    screen.sees("identified").await;
    screen.sees("ada@acme.example").await;
    let first_seen = screen.find("time").expect("a moment");
    assert_eq!(
        first_seen.get_attribute("datetime").as_deref(),
        Some("2024-02-11T09:12:44.252000Z")
    );
    assert_eq!(title(), "Ada Lovelace · Persons");
}

#[wasm_bindgen_test]
async fn properties_are_searched_by_key_and_by_value() {
    let _server = server_with(ADA);
    let screen = open(PROPERTIES).await;
    screen.fill("Search properties", "BONN").await;
    assert_eq!(screen.heads(), ["address"]);
    screen.fill("Search properties", "seat").await;
    assert_eq!(screen.heads(), ["seats"]);
    screen.fill("Search properties", "safari").await;
    screen.sees("No property fits").await;
    screen.click("Look in system properties (1)").await;
    assert_eq!(screen.heads(), ["$browser"]);
}

#[wasm_bindgen_test]
async fn system_and_null_properties_can_be_hidden() {
    let _server = server_with(ADA);
    let screen = open(PROPERTIES).await;
    screen.sees("2 system properties are hidden.").await;
    assert!(screen.row("$os").is_none());
    screen.click("Hide system ($…)").await;
    let heads = screen.heads();
    assert_eq!(heads.first().map(String::as_str), Some("address"));
    assert_eq!(heads[heads.len() - 2..], ["$browser", "$os"]);
    screen.click("Hide null").await;
    assert!(screen.row("trial").is_none());
    screen.sees("1 null property is hidden.").await;
}

#[wasm_bindgen_test]
async fn system_properties_are_shown_when_there_are_no_others() {
    let _server = server_with(&ada_with(|ada| {
        ada["properties"] = json!({"$os": "macOS", "$browser": "Safari"});
        ada["name"] = json!("Ada Lovelace");
    }));
    let screen = open(PROPERTIES).await;
    assert_eq!(screen.heads(), ["$browser", "$os"]);
}

#[wasm_bindgen_test]
async fn values_are_shown_as_what_they_are() {
    let _server = server_with(ADA);
    let screen = open(PROPERTIES).await;
    // The first cell is the star.
    assert_eq!(screen.cells("seats")[1..3], ["12", "number"]);
    assert_eq!(screen.cells("vip")[1..3], ["true", "boolean"]);
    assert_eq!(screen.cells("trial")[1..3], ["null", "null"]);
    assert_eq!(
        screen.cells("nickname")[1..3],
        ["\"\" empty text", "string"]
    );
    assert_eq!(screen.cells("zip")[1..3], ["00712", "string"]);
    let zip = screen.row("zip").expect("a row");
    assert!(
        zip.query_selector("bdi.quoted").expect("valid").is_some(),
        "text, not a number"
    );
}

#[wasm_bindgen_test]
fn null_missing_empty_text_and_text_look_different() {
    let values = [
        None,
        Some(json!(null)),
        Some(json!("")),
        Some(json!("null")),
        Some(json!("–")),
    ];
    let mut looks: Vec<String> = values
        .into_iter()
        .map(|value| {
            let screen = Screen::mount(move || view! { <ValueText value=value.as_ref()/> });
            let shown = screen.find("*").expect("an element");
            shown.outer_html()
        })
        .collect();
    looks.sort();
    looks.dedup();
    assert_eq!(looks.len(), 5, "{looks:?}");
}

#[wasm_bindgen_test]
async fn html_and_script_are_text() {
    let _server = server_with(ADA);
    let screen = open(PROPERTIES).await;
    screen.sees("<script>document.title='run'</script>").await;
    assert!(screen.find("main img, main script").is_none());
    assert_eq!(title(), "Ada Lovelace · Persons");
    let script = screen.row("script").expect("a row");
    assert!(
        script.query_selector("a").expect("valid").is_none(),
        "no link runs a script"
    );
    let homepage = screen.row("homepage").expect("a row");
    let link = homepage
        .query_selector("a")
        .expect("valid")
        .expect("a link");
    assert_eq!(
        link.get_attribute("rel").as_deref(),
        Some("noopener noreferrer")
    );
}

#[wasm_bindgen_test]
async fn a_nested_value_opens_level_by_level() {
    let _server = server_with(ADA);
    let screen = open(PROPERTIES).await;
    screen.click("{ city: \"Bonn\", geo: {…} } 2 keys").await;
    screen.sees("lat: 50.7").await;
}

#[wasm_bindgen_test]
async fn all_ids_are_on_the_overview_and_the_head_leads_there() {
    let _server = server_with(ADA);
    let screen = open(PROPERTIES).await;
    assert!(
        !screen
            .text()
            .contains("018f3c5a-7b1e-7c44-9d3e-2f6a1b0c9d8e")
    );
    screen.click("+2 ids").await;
    screen.sees("018f3c5a-7b1e-7c44-9d3e-2f6a1b0c9d8e").await;
    screen.focus_is_on("Distinct ids 3").await;
    assert_eq!(url(), OVERVIEW);
}

#[wasm_bindgen_test]
async fn hundreds_of_ids_are_searched_and_shown_in_parts() {
    let _server = server_with(&ada_with(|ada| {
        ada["distinct_ids"] = (0..300).map(|n| format!("device-{n:03}")).collect();
        ada["distinct_id_count"] = json!(1234);
    }));
    let screen = open(OVERVIEW).await;
    screen.sees("+1,233 ids").await;
    assert_eq!(screen.all(".all-ids li").len(), 5);
    screen.sees("The server sent 300 of 1,234 ids.").await;
    screen.fill("Search ids", "DEVICE-29").await;
    assert_eq!(screen.all(".all-ids li").len(), 5);
    screen.click("Show all 10").await;
    assert_eq!(screen.all(".all-ids li").len(), 10);
    screen.fill("Search ids", "").await;
    assert_eq!(screen.all(".all-ids li").len(), 300);
    screen.fill("Search ids", "nothing").await;
    screen.sees("No id contains this text.").await;
}

/// The keys under a head of the overview, in their order.
fn keys_under(screen: &Screen, head: &str) -> Vec<String> {
    let sections = screen.all(".overview section");
    let section = sections.iter().position(|section| {
        let shown = section.query_selector("h2").expect("valid");
        shown.is_some_and(|shown| shown.text_content().as_deref() == Some(head))
    });
    let Some(place) = section else {
        return Vec::new();
    };
    let keys = sections[place].query_selector_all("dt").expect("valid");
    let keys = (0..keys.length()).filter_map(|key| keys.item(key)?.text_content());
    keys.collect()
}

#[wasm_bindgen_test]
async fn the_overview_says_the_most_important() {
    let _server = server_with(&ada_with(|ada| {
        ada["properties"]["utm_source"] = json!("newsletter");
    }));
    let screen = open(OVERVIEW).await;
    let chosen = screen
        .find("[role=tab][aria-selected=true]")
        .expect("a tab");
    assert_eq!(chosen.inner_text(), "Overview");
    assert_eq!(
        keys_under(&screen, "At a glance"),
        ["plan", "seats", "homepage", "script", "vip", "zip"]
    );
    assert_eq!(keys_under(&screen, "Acquisition"), ["utm_source"]);
    assert_eq!(keys_under(&screen, "Device"), ["$os", "$browser"]);
    // There is nothing of it, so it is not there.
    screen.misses("Location").await;
    assert_eq!(
        keys_under(&screen, "Identity"),
        ["UUID", "First seen", "Last seen", "Properties"]
    );
    for name in [
        "UUID",
        "first seen",
        "last seen",
        "distinct id",
        "link",
        "name",
    ] {
        assert!(
            screen
                .find(&format!("button[aria-label='Copy {name}']"))
                .is_some(),
            "{name} can be copied"
        );
    }
    screen.click("Show all 15").await;
    assert_eq!(url(), PROPERTIES);
}

#[wasm_bindgen_test]
async fn the_overview_of_somebody_without_properties_has_the_rest() {
    let _server = server_with(&ada_with(|ada| {
        ada["properties"] = json!({});
        ada["name"] = json!("Ada Lovelace");
    }));
    let screen = open(OVERVIEW).await;
    screen.sees("Nothing is pinned.").await;
    assert!(keys_under(&screen, "At a glance").is_empty());
    screen.sees("018f3c5a-7b1e-7c44-9d3e-2f6a1b0c9d8e").await;
}

#[wasm_bindgen_test]
async fn cohorts_on_the_overview_lead_to_their_people() {
    let _server = server_with(ADA);
    let screen = open(OVERVIEW).await;
    screen.sees("540 people").await;
    let link = screen.find(".overview li a").expect("a link");
    assert_eq!(link.inner_text(), "Paying");
    let address = link.get_attribute("href").expect("an address");
    assert!(
        address.starts_with("/persons?properties=") && address.contains("cohort"),
        "{address}"
    );
}

#[wasm_bindgen_test]
async fn cohorts_that_fail_take_nothing_else_away() {
    let server = server_with(ADA);
    let path = format!("persons/cohorts/?person_id={UUID}");
    server.answer(&path, 503, "");
    server.answer_at(&format!("/api/person/cohorts/?person_id={UUID}"), 503, "");
    let screen = open(OVERVIEW).await;
    screen.sees("Could not load the cohorts").await;
    screen.sees("At a glance").await;
    server.answer(&path, 200, r#"{"results": []}"#);
    screen.click("Try again").await;
    screen.sees("In no cohort").await;
}

#[wasm_bindgen_test]
async fn a_pinned_property_stands_first_everywhere() {
    let server = server_with(ADA);
    let screen = open(PROPERTIES).await;
    screen.click("Pin zip").await;
    screen.click("Pin seats").await;
    assert_eq!(screen.heads()[..3], ["zip", "seats", "address"]);
    let star = screen.find("[aria-label='Pin zip']").expect("a star");
    assert_eq!(star.get_attribute("aria-pressed").as_deref(), Some("true"));
    screen.click("Overview").await;
    assert_eq!(keys_under(&screen, "Pinned"), ["zip", "seats"]);
    screen.misses("Nothing is pinned.").await;
    // Somebody else lacks it, which is told, on this device also after the app was closed.
    drop(screen);
    let other = ada_with(|ada| ada["properties"] = json!({"seats": 1, "name": "Ada Lovelace"}));
    server.answer(&format!("persons/{UUID}/"), 200, &other);
    let screen = Screen::reload(PROPERTIES);
    screen.sees("not set").await;
    assert_eq!(screen.heads(), ["zip", "seats", "name"]);
    assert_eq!(screen.cells("zip")[1..], ["not set", "missing", ""]);
    screen.click("Pin zip").await;
    screen.misses("not set").await;
    assert_eq!(screen.heads(), ["seats", "name"]);
}

#[wasm_bindgen_test]
async fn a_pinned_property_is_not_said_twice_and_keeps_the_focus() {
    let _server = server_with(ADA);
    let screen = open(OVERVIEW).await;
    screen.click("Pin $os").await;
    assert_eq!(keys_under(&screen, "Pinned"), ["$os"]);
    assert_eq!(keys_under(&screen, "Device"), ["$browser"]);
    screen.focus_is_on("Pin $os").await;
    screen.click("Pin $browser").await;
    assert!(keys_under(&screen, "Device").is_empty());
    screen.click("Pin $os").await;
    screen.click("Pin $browser").await;
    assert_eq!(keys_under(&screen, "Device"), ["$os", "$browser"]);
    screen.sees("At a glance").await;
}

#[wasm_bindgen_test]
async fn a_pinned_property_is_shown_whatever_is_hidden() {
    let _server = server_with(ADA);
    let screen = open(PROPERTIES).await;
    screen.click("Hide system ($…)").await;
    screen.click("Pin $os").await;
    screen.click("Hide system ($…)").await;
    assert_eq!(screen.heads()[0], "$os");
    assert!(screen.row("$browser").is_none());
    screen.fill("Search properties", "mac").await;
    assert_eq!(screen.heads(), ["$os"]);
    screen.sees("1 of 14").await;
    screen.fill("Search properties", "seat").await;
    assert_eq!(screen.heads(), ["seats"]);
}

#[wasm_bindgen_test]
async fn kinds_of_nothing_differ_in_words_and_shape() {
    let _server = server_with(&ada_with(|ada| {
        ada["properties"] =
            json!({"a": null, "b": "", "c": "null", "d": "none", "name": "Ada Lovelace"});
    }));
    let screen = open(PROPERTIES).await;
    let look = |key: &str| {
        let row = screen.row(key).expect("a row");
        let value = row.query_selector(".property-value").expect("valid");
        let shown = value.and_then(|value| value.first_element_child());
        let shown = shown.expect("a value");
        let (tag, class) = (shown.tag_name(), shown.class_name());
        [tag, class, shown.text_content().unwrap_or_default()]
    };
    assert_eq!(look("a"), ["SPAN", "null", "null"]);
    assert_eq!(look("b"), ["SPAN", "empty-text", "\"\""]);
    assert_eq!(look("c"), ["BDI", "quoted", "null"]);
    assert_eq!(look("d"), ["BDI", "", "none"]);
    screen.click("Pin d").await;
    screen.misses("not set").await;
}

#[wasm_bindgen_test]
async fn single_keys_choose_a_tab_and_lead_to_the_search() {
    let _server = server_with(ADA);
    let screen = open(OVERVIEW).await;
    for (key, tab) in [
        ("2", "properties"),
        ("3", "timeline"),
        ("4", "events"),
        ("5", "cohorts"),
        ("6", "activity"),
        ("7", "raw"),
    ] {
        screen.press(key).await;
        assert_eq!(url(), format!("{OVERVIEW}?tab={tab}"));
    }
    screen.press("1").await;
    assert_eq!(url(), OVERVIEW);
    screen.press("/").await;
    assert_eq!(url(), PROPERTIES);
    screen.focus_is_on("Search properties").await;
    // Whoever types presses no shortcut.
    screen.press("1").await;
    assert_eq!(url(), PROPERTIES);
}

#[wasm_bindgen_test]
async fn y_copies_the_link() {
    let _server = server_with(ADA);
    let screen = open(OVERVIEW).await;
    // A window without the focus has no clipboard.
    let copies = "navigator.clipboard.writeText = async (text) => { globalThis.copied = text; }";
    Function::new_no_args(copies)
        .call0(&JsValue::NULL)
        .expect("the script runs");
    screen.press("y").await;
    screen.sees("Copied link.").await;
    let copied = Reflect::get(&js_sys::global(), &"copied".into()).expect("an object");
    let copied = copied.as_string().unwrap_or_default();
    assert!(
        copied.starts_with("http") && copied.ends_with(OVERVIEW),
        "{copied}"
    );
}

#[wasm_bindgen_test]
async fn the_tab_is_in_the_url() {
    let _server = server_with(ADA);
    let screen = open(&format!("/person/{UUID}?tab=cohorts")).await;
    screen.sees("Beta testers").await;
    assert_eq!(screen.cells("Beta testers"), ["chosen by hand", "12"]);
    assert_eq!(screen.cells("Paying"), ["by properties", "540"]);
    screen.click("Raw JSON").await;
    screen.sees("\"distinct_id_count\": 3").await;
    assert_eq!(url(), format!("/person/{UUID}?tab=raw"));
    let chosen = screen
        .find("[role=tab][aria-selected=true]")
        .expect("a chosen tab");
    assert_eq!(chosen.inner_text(), "Raw JSON");
    assert!(
        screen
            .find("[role=tabpanel][aria-labelledby=tab-raw]")
            .is_some()
    );
}

#[wasm_bindgen_test]
async fn a_key_that_may_not_see_cohorts_is_told_so() {
    let server = server_with(ADA);
    let body = r#"{"detail": "API key missing required scope 'cohort:read'"}"#;
    server.answer(&format!("persons/cohorts/?person_id={UUID}"), 403, body);
    let screen = open(&format!("/person/{UUID}?tab=cohorts")).await;
    screen.sees("The key lacks the scope “cohort:read”.").await;
}

#[wasm_bindgen_test]
async fn somebody_who_does_not_exist_is_not_found() {
    let server = Double::new();
    server.answer(&format!("persons/{UUID}/"), 404, NOT_FOUND);
    server.answer(
        &format!("persons/?distinct_id={UUID}"),
        200,
        r#"{"results": []}"#,
    );
    let screen = Screen::open(OVERVIEW);
    screen.sees("This person does not exist").await;
    screen.sees("deleted, or merged into somebody else").await;
}

#[wasm_bindgen_test]
async fn a_distinct_id_leads_to_its_person() {
    let server = server_with(ADA);
    server.answer(
        "persons/?distinct_id=team%2F7",
        200,
        &format!(r#"{{"results": [{ADA}]}}"#),
    );
    let _screen = open("/person/team%2F7?tab=raw").await;
    assert_eq!(url(), format!("/person/{UUID}?tab=raw"));
}

#[wasm_bindgen_test]
async fn a_failure_offers_another_try() {
    let server = server_with(ADA);
    server.answer(&format!("persons/{UUID}/"), 503, "");
    let screen = Screen::open(OVERVIEW);
    screen.sees("Could not load this person").await;
    screen.sees("The server failed (status 503).").await;
    server.answer(&format!("persons/{UUID}/"), 200, ADA);
    screen.click("Try again").await;
    screen.sees("Ada Lovelace").await;
}

#[wasm_bindgen_test]
async fn a_refresh_that_fails_takes_nothing_away() {
    let server = server_with(ADA);
    let screen = open(PROPERTIES).await;
    server.answer(&format!("persons/{UUID}/"), 503, "");
    screen.click("Load again").await;
    screen
        .sees("This may be out of date: The server failed (status 503).")
        .await;
    assert!(screen.row("plan").is_some());
    let changed = ada_with(|ada| ada["properties"]["plan"] = json!("team"));
    server.answer(&format!("persons/{UUID}/"), 200, &changed);
    screen.click("Try again").await;
    screen.misses("out of date").await;
    assert_eq!(screen.cells("plan")[1], "team");
}
