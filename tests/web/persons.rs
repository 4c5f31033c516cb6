//! The list of people.

use wasm_bindgen_test::wasm_bindgen_test;

use crate::double::{Double, FIRST, LIST, SECOND};
use crate::screen::{Screen, go_back, url};

const NOBODY: &str = include_str!("../fixtures/api/persons-nobody.json");
const ADA: &str = include_str!("../fixtures/api/person-ada.json");
const COHORTS: &str = include_str!("../fixtures/api/cohorts-of-ada.json");
const DEFINITIONS: &str = include_str!("../fixtures/api/property-definitions.json");
const VALUES: &str = include_str!("../fixtures/api/values-of-plan.json");
const THROTTLED: &str = include_str!("../fixtures/api/error-throttled.json");
const BAD_REGEX: &str = include_str!("../fixtures/api/error-regex.json");

const ADA_UUID: &str = "2c4fb98d-8bed-5dd1-9b94-ef6aeace63b5";

async fn open(url: &str) -> Screen {
    let screen = Screen::open(url);
    screen.sees("Ada Lovelace").await;
    screen
}

#[wasm_bindgen_test]
async fn people_stand_in_a_grid_with_their_values_as_they_are() {
    let _server = Double::with_people();
    let screen = open("/persons").await;
    screen.sees("5 people").await;
    let grid = screen.find("[role=grid]").expect("a grid");
    assert_eq!(grid.get_attribute("aria-rowcount").as_deref(), Some("6"));
    screen.sees("<b>Ben</b> Okri").await;
    screen.sees("0190c0de…00aa").await;
    screen.sees("طارق نصار").await;
    let row = |index: usize| {
        let selector = format!("[role=row][aria-rowindex='{index}']");
        screen.find(&selector).expect("a row").inner_text()
    };
    assert!(row(3).contains("null"), "{}", row(3));
    assert!(row(4).contains('–'), "{}", row(4));
    assert!(row(5).contains("\"\""), "{}", row(5));
}

#[wasm_bindgen_test]
async fn the_next_page_comes_by_itself_and_nobody_comes_twice() {
    let _server = Double::with_people();
    let screen = open("/").await;
    screen.sees("Cy Young").await;
    screen.sees("All loaded").await;
    assert_eq!(screen.all("[role=grid] [role=row]").len(), 6);
}

#[wasm_bindgen_test]
async fn a_search_is_in_the_url_and_escape_ends_it() {
    let server = Double::with_people();
    server.answer(&format!("{LIST}&search=cy%20y"), 200, SECOND);
    let screen = open("/persons").await;
    screen.press("/").await;
    screen.fill("Search people", "cy y").await;
    screen.is_at("/persons?search=cy%20y").await;
    screen.misses("Ada Lovelace").await;
    screen.press("Escape").await;
    screen.sees("Ada Lovelace").await;
    screen.is_at("/persons").await;
}

#[wasm_bindgen_test]
async fn a_filter_is_made_with_suggestions_and_can_be_taken_away() {
    let server = Double::with_people();
    let wire = "%5B%7B%22key%22%3A%22plan%22%2C%22operator%22%3A%22exact%22%2C%22type%22%3A%22person%22%2C%22value%22%3A%22pro%22%7D%5D";
    for text in ["", "plan"] {
        let path = format!("property_definitions/?type=person&search={text}&limit=50");
        server.answer(&path, 200, DEFINITIONS);
    }
    for text in ["", "pro"] {
        server.answer(
            &format!("persons/values/?key=plan&value={text}"),
            200,
            VALUES,
        );
    }
    server.answer(&format!("{LIST}&properties={wire}"), 200, SECOND);
    let screen = open("/persons").await;
    screen.press("f").await;
    screen.sees("Condition").await;
    screen.sees("initial_plan").await;
    screen.fill("Property", "plan").await;
    screen.fill("Values", "pro").await;
    screen.sees("128").await;
    screen.click("Add").await;
    screen.misses("Ada Lovelace").await;
    assert_eq!(url(), format!("/persons?properties={wire}"));
    screen.click("Remove filter: plan is pro").await;
    screen.sees("Ada Lovelace").await;
    assert_eq!(url(), "/persons");
}

#[wasm_bindgen_test]
async fn a_filter_that_is_not_complete_says_what_is_missing() {
    let server = Double::with_people();
    let path = "property_definitions/?type=person&search=&limit=50";
    server.answer(path, 200, DEFINITIONS);
    let screen = open("/persons").await;
    screen.press("f").await;
    screen.click("Add").await;
    screen.sees("Choose a property.").await;
    screen.click("Cancel").await;
    screen.misses("Choose a property.").await;
}

#[wasm_bindgen_test]
async fn keys_walk_through_the_list_and_back_returns_to_the_same_row() {
    let server = Double::with_people();
    server.answer(&format!("persons/{ADA_UUID}/"), 200, ADA);
    server.answer(
        &format!("persons/cohorts/?person_id={ADA_UUID}"),
        200,
        COHORTS,
    );
    let screen = open("/persons").await;
    screen.press("j").await;
    screen.focus_is_on("Ada Lovelace").await;
    screen.press("j").await;
    screen.focus_is_on("Ben").await;
    screen.press("End").await;
    screen.focus_is_on("Cy Young").await;
    screen.press("Home").await;
    screen.focus_is_on("Ada Lovelace").await;
    screen.press("Enter").await;
    screen.sees("identified").await;
    assert_eq!(url(), format!("/person/{ADA_UUID}"));
    // What was loaded is still there: the server is not asked again.
    server.answer(LIST, 500, "");
    go_back();
    screen.sees("Cy Young").await;
    screen.focus_is_on("Ada Lovelace").await;
}

#[wasm_bindgen_test]
async fn a_project_without_people_shows_how_to_send_an_event() {
    let server = Double::with_people();
    server.answer(LIST, 200, NOBODY);
    let screen = Screen::open("/persons");
    screen.sees("No people yet").await;
    screen.sees("\"api_key\": \"phc_example\"").await;
}

#[wasm_bindgen_test]
async fn a_search_that_finds_nobody_can_be_cleared() {
    let server = Double::with_people();
    server.answer(&format!("{LIST}&search=nobody"), 200, NOBODY);
    let screen = Screen::open("/persons?search=nobody");
    screen.sees("Nobody found").await;
    screen.click("Clear search").await;
    screen.sees("Ada Lovelace").await;
}

#[wasm_bindgen_test]
async fn a_server_that_asks_for_a_pause_is_asked_again_by_itself() {
    let server = Double::with_people();
    server.answer(LIST, 429, THROTTLED);
    let screen = Screen::open("/persons");
    screen.sees("Next try in 1 second").await;
    server.answer(LIST, 200, FIRST);
    screen.sees("Ada Lovelace").await;
}

#[wasm_bindgen_test]
async fn a_filter_the_server_refuses_is_named_and_can_be_cleared() {
    let server = Double::with_people();
    let wire = "%5B%7B%22key%22%3A%22email%22%2C%22operator%22%3A%22regex%22%2C%22type%22%3A%22person%22%2C%22value%22%3A%22%28%22%7D%5D";
    server.answer(&format!("{LIST}&properties={wire}"), 400, BAD_REGEX);
    let screen = Screen::open(&format!("/persons?properties={wire}"));
    screen.sees("unclosed group").await;
    screen.click("Clear search and filters").await;
    screen.sees("Ada Lovelace").await;
}

#[wasm_bindgen_test]
async fn a_link_that_cannot_be_read_says_so() {
    let _server = Double::with_people();
    let screen = Screen::open("/persons?properties=%7B");
    screen.sees("The filter in this link cannot be read.").await;
    screen.click("Show people").await;
    screen.sees("Ada Lovelace").await;
}

#[wasm_bindgen_test]
async fn columns_are_chosen_ordered_and_kept_in_the_url() {
    let server = Double::with_people();
    server.answer(
        "property_definitions/?type=person&search=&limit=50",
        200,
        DEFINITIONS,
    );
    let screen = open("/persons").await;
    screen.click("Columns").await;
    screen.click("Remove Email").await;
    screen.click("Move up Last seen").await;
    screen.arrives_at("%3Aplan").await;
    let heads = |screen: &Screen| {
        let heads = screen.all("[role=columnheader]").into_iter();
        heads.map(|head| head.inner_text()).collect::<Vec<_>>()
    };
    assert!(!heads(&screen).contains(&"Email".to_owned()));
    let place = |title: &str| heads(&screen).iter().position(|head| head == title);
    assert!(
        place("Last seen") < place("First seen"),
        "{:?}",
        heads(&screen)
    );
    screen.click("Let the app choose").await;
    screen.click("Close").await;
    assert_eq!(url(), "/persons");
    assert!(heads(&screen).contains(&"Email".to_owned()));
}

#[wasm_bindgen_test]
async fn a_head_sorts_what_is_loaded_and_says_so() {
    let _server = Double::with_people();
    let screen = open("/persons").await;
    screen.sees("All loaded").await;
    screen.click("Name").await;
    screen.arrives_at("sort=%40name").await;
    let first = screen.find("[role=row][aria-rowindex='2']").expect("a row");
    assert!(
        !first.inner_text().contains("طارق"),
        "{}",
        first.inner_text()
    );
    screen.shows("[aria-sort=ascending] button").await.click();
    screen.arrives_at("sort=-%40name").await;
    let head = screen.shows("[aria-sort=descending]").await;
    assert!(
        head.inner_text().starts_with("Name"),
        "{}",
        head.inner_text()
    );
}

#[wasm_bindgen_test]
async fn space_shows_somebody_beside_the_list_and_the_panel_follows() {
    let _server = Double::with_people();
    let screen = open("/persons").await;
    screen.press("j").await;
    screen.focus_is_on("Ada Lovelace").await;
    screen.press(" ").await;
    screen.arrives_at("peek=").await;
    screen.sees("Distinct IDs").await;
    screen.arrives_at(ADA_UUID).await;
    screen.press("j").await;
    screen.focus_is_on("Okri").await;
    screen.arrives_at("peek=d90c831e").await;
    screen.press("Escape").await;
    screen.misses("Distinct IDs").await;
    assert_eq!(url(), "/persons");
}

#[wasm_bindgen_test]
async fn a_view_is_a_name_for_a_url() {
    let server = Double::with_people();
    server.answer(&format!("{LIST}&search=cy"), 200, SECOND);
    let screen = Screen::open("/persons?search=cy");
    screen.sees("Cy Young").await;
    screen.click("Views").await;
    screen
        .fill("Name of the present view", "Everyone called Cy")
        .await;
    screen.click("Save").await;
    screen.sees("Everyone called Cy").await;
    screen.click("Close").await;
    screen.fill("Search people", "").await;
    screen.is_at("/persons").await;
    screen.click("Views").await;
    screen.click("Everyone called Cy").await;
    screen.is_at("/persons?search=cy").await;
}

#[wasm_bindgen_test]
async fn conditions_can_be_alternatives() {
    let server = Double::with_people();
    let of = |plan: &str| {
        format!(r#"{{"key":"plan","operator":"exact","type":"person","value":"{plan}"}}"#)
    };
    let encode = |json: String| String::from(js_sys::encode_uri_component(&json));
    let both = encode(format!("[{},{}]", of("pro"), of("team")));
    let either = encode(format!(
        r#"{{"type":"AND","values":[{{"type":"OR","values":[{},{}]}}]}}"#,
        of("pro"),
        of("team")
    ));
    server.answer(&format!("{LIST}&properties={both}"), 200, SECOND);
    server.answer(&format!("{LIST}&properties={either}"), 200, FIRST);
    let screen = Screen::open(&format!("/persons?properties={both}"));
    screen.sees("Cy Young").await;
    screen.click("and: change to or").await;
    screen.sees("Ada Lovelace").await;
    assert_eq!(url(), format!("/persons?properties={either}"));
    screen.click("or: change to and").await;
    screen.misses("Ada Lovelace").await;
}

#[wasm_bindgen_test]
async fn a_search_says_where_it_was_found() {
    let server = Double::with_people();
    server.answer(&format!("{LIST}&search=pro"), 200, FIRST);
    let screen = open("/persons?search=pro").await;
    let row = screen.find("[role=row][aria-rowindex='2'] .tag-match");
    assert_eq!(row.map(|tag| tag.inner_text()).as_deref(), Some("plan"));
}

#[wasm_bindgen_test]
async fn x_selects_and_escape_lets_go() {
    let _server = Double::with_people();
    let screen = open("/persons").await;
    screen.sees("All loaded").await;
    screen.press("j").await;
    screen.shows("[role=row]:focus").await;
    screen.press("x").await;
    screen.press("j").await;
    screen.press("x").await;
    screen.sees("2 selected").await;
    assert_eq!(screen.all("[role=row][aria-selected=true]").len(), 2);
    screen.press("x").await;
    screen.sees("1 selected").await;
    screen.press("Escape").await;
    screen.misses("selected").await;
    assert!(screen.all("[role=row][aria-selected=true]").is_empty());
}

#[wasm_bindgen_test]
async fn the_round_mark_selects_and_the_rest_of_the_row_opens() {
    let _server = Double::with_people();
    let screen = Screen::open("/persons");
    screen.shows(".grid-row .avatar").await.click();
    screen.sees("1 selected").await;
    screen.find(".grid-row .avatar").expect("a mark").click();
    screen.misses("selected").await;
    assert_eq!(url(), "/persons");
}
