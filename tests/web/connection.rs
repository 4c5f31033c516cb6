//! The Connect screen.

use wasm_bindgen_test::wasm_bindgen_test;

use crate::double::{Double, SESSIONS, WARNINGS};
use crate::screen::{Screen, tab_remembers, url};

const FIRST: &str = include_str!("../fixtures/api/persons-second-page.json");
const PROJECTS: &str = include_str!("../fixtures/api/projects.json");
const NOT_SIGNED_IN: &str = include_str!("../fixtures/api/error-not-signed-in.json");
const PROJECT: &str = include_str!("../fixtures/api/project.json");

const KEY: &str = "phx_secret";
const PASSPHRASE: &str = "correct horse";
const PEOPLE: &str = "/api/projects/7/persons/?limit=100";

/// What the key is checked with, each in a project.
const CHECKS: [&str; 5] = [
    "persons/?limit=1",
    "persons/values/",
    "cohorts/?limit=1",
    "property_definitions/?type=person&limit=1",
    "persons/activity/?limit=1",
];

/// Whoever may write is told that there is nobody to be changed.
const NOBODY: (&str, &str) = (
    "PATCH",
    "/api/projects/7/persons/00000000-0000-0000-0000-000000000000/",
);

fn closed() -> Double {
    let server = Double::new();
    server.answer("", 401, NOT_SIGNED_IN);
    server
}

/// A server that knows nobody but the owner of a key, who may do everything in project 7.
fn open_to_a_key() -> Double {
    let server = closed();
    server.answer_at("/api/projects/", 200, PROJECTS);
    server.answer_at("/api/projects/7/", 200, PROJECT);
    server.answer_at(PEOPLE, 200, FIRST);
    for check in CHECKS {
        server.answer_at(&format!("/api/projects/7/{check}"), 200, "{}");
    }
    server.takes(NOBODY, 404, r#"{"detail": "Person not found."}"#);
    server
}

#[wasm_bindgen_test]
async fn who_is_not_signed_in_learns_how_and_goes_on_to_where_they_wanted() {
    let server = closed();
    server.answer("persons/?limit=100&search=cy", 200, FIRST);
    let screen = Screen::open("/persons?search=cy");
    screen.sees("open the sign-in link").await;
    server.answer("", 200, PROJECT);
    screen.click("Check again").await;
    screen.sees("Cy Young").await;
    assert_eq!(url(), "/persons?search=cy");
}

#[wasm_bindgen_test]
async fn a_key_opens_a_project_and_travels_in_its_header_only() {
    let server = open_to_a_key();
    let screen = Screen::open("/connect");
    screen.fill("Personal API key", KEY).await;
    screen.click("Check key").await;
    screen.sees("Production (7)").await;
    screen.click("Open project").await;
    screen.sees("Cy Young").await;
    assert_eq!(
        server.authorization(PEOPLE).as_deref(),
        Some("Bearer phx_secret")
    );
    assert_eq!(url(), "/persons");
    assert!(!tab_remembers(KEY));
}

#[wasm_bindgen_test]
async fn a_tab_remembers_a_key_when_it_is_asked_to_and_forgets_it_too() {
    let server = open_to_a_key();
    let screen = Screen::open("/connect");
    screen.fill("Personal API key", KEY).await;
    screen.click("In this tab until the tab is closed").await;
    screen.click("Check key").await;
    screen.click("Open project").await;
    screen.sees("Cy Young").await;
    assert!(tab_remembers(KEY));
    assert_eq!(
        server.authorization(PEOPLE),
        server.authorization("/api/projects/")
    );
    screen.click("Connection").await;
    screen.click("Forget the key").await;
    screen.sees("open the sign-in link").await;
    assert!(!tab_remembers(KEY));
}

#[wasm_bindgen_test]
async fn a_rejected_key_and_a_careless_address_are_explained() {
    let server = closed();
    server.answer_at("/api/projects/", 401, NOT_SIGNED_IN);
    let screen = Screen::open("/connect");
    screen.click("Check key").await;
    screen.sees("Enter a personal API key.").await;
    screen.fill("Personal API key", KEY).await;
    screen.click("Check key").await;
    screen.sees("The server rejected the key.").await;
    screen.click("Another server").await;
    screen.fill("Address", "http://posthog.example.com").await;
    screen.click("Check key").await;
    screen.sees("Keys are sent over https only").await;
}

/// A connection that this device remembers, and then a new start of the app.
async fn locked_on_this_device() -> Screen {
    let screen = Screen::open("/connect");
    screen.fill("Personal API key", KEY).await;
    screen
        .click("On this device, locked with a passphrase")
        .await;
    screen.click("Check key").await;
    screen.fill("Passphrase", "short").await;
    screen.click("Open project").await;
    screen.sees("at least 8 characters.").await;
    screen.fill("Passphrase", PASSPHRASE).await;
    screen.click("Open project").await;
    screen.sees("Cy Young").await;
    for secret in [KEY, PASSPHRASE] {
        assert!(!tab_remembers(secret), "{secret} lies there for everybody");
        assert!(!url().contains(secret));
    }
    drop(screen);
    Screen::reload("/connect")
}

#[wasm_bindgen_test]
async fn a_device_remembers_a_key_under_a_passphrase() {
    let server = open_to_a_key();
    let screen = locked_on_this_device().await;
    screen.sees("open the sign-in link").await;
    screen.sees("For https://us.posthog.com.").await;
    screen
        .fill("Passphrase of this device", "wrong horse")
        .await;
    screen.click("Unlock").await;
    screen.sees("This passphrase does not open it.").await;
    screen.fill("Passphrase of this device", PASSPHRASE).await;
    screen.click("Unlock").await;
    screen.sees("Cy Young").await;
    let bearer = format!("Bearer {KEY}");
    assert_eq!(server.authorization("/api/projects/7/"), Some(bearer));
    assert!(!tab_remembers(KEY));
}

#[wasm_bindgen_test]
async fn a_device_forgets_what_it_remembered() {
    let _server = open_to_a_key();
    let screen = locked_on_this_device().await;
    assert!(tab_remembers("https://us.posthog.com\n"));
    screen.click("Forget this device").await;
    screen.misses("Unlock the key").await;
    assert!(!tab_remembers("https://us.posthog.com\n"));
}

#[wasm_bindgen_test]
async fn what_a_key_cannot_do_is_said_and_stops_nobody() {
    let server = open_to_a_key();
    let lacks = include_str!("../fixtures/ages/mid/error-scope.json");
    let lacks_cohorts = lacks.replace("person:read", "cohort:read");
    server.answer_at("/api/projects/7/cohorts/?limit=1", 403, &lacks_cohorts);
    let gone = include_str!("../fixtures/ages/new/error-gone.json");
    server.answer_at("/api/projects/7/persons/activity/?limit=1", 400, gone);
    server.answer_at("/api/projects/7/persons/values/", 502, "<html>");
    let screen = Screen::open("/connect");
    screen.fill("Personal API key", KEY).await;
    screen.click("Check key").await;
    screen.sees("people (person:read)").await;
    screen
        .sees("cohort:read: the key may not read cohorts, so cohorts are off")
        .await;
    screen.sees("activity: not offered by this server").await;
    screen
        .sees("values of properties: the server did not say")
        .await;
    screen.click("Open project").await;
    screen.sees("Cy Young").await;
}

#[wasm_bindgen_test]
async fn a_key_that_may_only_read_says_so_before_anything_is_changed() {
    let server = open_to_a_key();
    let lacks = include_str!("../fixtures/ages/mid/error-scope.json");
    let lacks_writing = lacks.replace("person:read", "person:write");
    server.takes(NOBODY, 403, &lacks_writing);
    let screen = Screen::open("/connect");
    screen.fill("Personal API key", KEY).await;
    screen.click("Check key").await;
    screen
        .sees("person:write: the key may only read, so editing is off")
        .await;
    screen.click("Open project").await;
    screen.sees("Cy Young").await;
    screen.press("j").await;
    screen.press("x").await;
    screen.sees("1 selected").await;
    screen.sees("Copy distinct IDs").await;
    assert!(!screen.text().contains("Delete…"));
    assert_eq!(server.writes(NOBODY), 1);
}

#[wasm_bindgen_test]
async fn a_key_that_may_not_read_people_opens_nothing() {
    let server = open_to_a_key();
    let lacks = include_str!("../fixtures/ages/mid/error-scope.json");
    server.answer_at("/api/projects/7/persons/?limit=1", 403, lacks);
    let screen = Screen::open("/connect");
    screen.fill("Personal API key", KEY).await;
    screen.click("Check key").await;
    screen.sees("so nothing can be shown").await;
    screen.click("Open project").await;
    screen.sees("may not read the people of this project").await;
    assert_eq!(url(), "/connect");
}

#[wasm_bindgen_test]
async fn a_key_that_may_not_list_projects_needs_the_number_of_one() {
    let server = open_to_a_key();
    let lacks = include_str!("../fixtures/ages/mid/error-scope.json");
    for path in [
        "/api/projects/",
        "/api/projects/@current/",
        "/api/users/@me/",
    ] {
        server.answer_at(path, 403, lacks);
    }
    let screen = Screen::open("/connect");
    screen.fill("Personal API key", KEY).await;
    screen.click("Check key").await;
    screen.fill("Project number", "seven").await;
    screen.click("Check project").await;
    screen.sees("Enter the project's number.").await;
    screen.fill("Project number", "7").await;
    screen.click("Check project").await;
    screen.sees("Project 7 (7)").await;
    screen.click("Open project").await;
    screen.sees("Cy Young").await;
}

#[wasm_bindgen_test]
async fn many_projects_can_be_searched_and_the_last_one_comes_first_again() {
    let server = open_to_a_key();
    let project = |id: u32| format!(r#"{{"id": {id}, "name": "Shop {id}"}}"#);
    let projects: Vec<String> = (1..=20).map(project).collect();
    let page = |from: usize, to: usize, next: &str| {
        let results = projects[from..to].join(",");
        format!(r#"{{"results": [{results}], "next": {next}}}"#)
    };
    let next = r#""https://us.posthog.com/api/projects/?limit=10&offset=10""#;
    server.answer_at("/api/projects/", 200, &page(0, 10, next));
    let second = page(10, 20, "null");
    server.answer_at("/api/projects/?limit=10&offset=10", 200, &second);
    for check in CHECKS {
        server.answer_at(&format!("/api/projects/1/{check}"), 200, "{}");
    }
    let nobody = NOBODY.1.replace("/7/", "/1/");
    server.takes(("PATCH", &nobody), 404, "");
    let screen = Screen::open("/connect");
    screen.fill("Personal API key", KEY).await;
    screen.click("Check key").await;
    screen.sees("Shop 20 (20)").await;
    screen.fill("Search projects", "shop 7").await;
    screen.misses("Shop 20 (20)").await;
    screen.choose("Project", "7").await;
    screen.click("Open project").await;
    screen.sees("Cy Young").await;
    assert_eq!(server.times(PEOPLE), 1);
    screen.click("Connection").await;
    screen.fill("Personal API key", KEY).await;
    screen.click("Check key").await;
    screen.sees("Shop 7 (7)").await;
    screen.click("Open project").await;
    screen.sees("Cy Young").await;
    assert_eq!(server.times(PEOPLE), 2);
}

#[wasm_bindgen_test]
async fn requests_to_a_server_that_counts_them_are_counted() {
    let _server = open_to_a_key();
    let screen = Screen::open("/connect");
    screen.fill("Personal API key", KEY).await;
    screen.click("Check key").await;
    assert!(screen.find("meter").is_none());
    screen.click("Open project").await;
    screen.sees("Cy Young").await;
    let meter = screen.find("meter").expect("a meter");
    let words = meter.get_attribute("aria-label").unwrap_or_default();
    assert!(
        words.ends_with("of 180 requests left this minute"),
        "{words}"
    );
    assert!(!words.starts_with("180"), "{words}");
}

/// Two browsers: this one, and another one that can be revoked.
const TWO_SESSIONS: &str = r#"{"count": 2, "next": null, "previous": null, "results": [
  {"id": "a1", "label": "Firefox", "created_at": "2024-05-01T10:00:00Z", "last_used_at": "2024-05-02T10:00:00Z", "expires_at": "2024-05-31T10:00:00Z", "is_current": true},
  {"id": "b2", "label": "Safari", "created_at": "2024-04-01T10:00:00Z", "last_used_at": "2024-04-02T10:00:00Z", "expires_at": "2024-05-01T10:00:00Z", "is_current": false}
]}"#;
const ONE_SESSION: &str = r#"{"count": 1, "next": null, "previous": null, "results": [
  {"id": "a1", "label": "Firefox", "created_at": "2024-05-01T10:00:00Z", "last_used_at": "2024-05-02T10:00:00Z", "expires_at": "2024-05-31T10:00:00Z", "is_current": true}
]}"#;
const SIGN_OUT: (&str, &str) = ("POST", "/api/users/@me/sign_out/");
const REVOKE: (&str, &str) = ("DELETE", "/api/users/@me/sessions/b2/");

#[wasm_bindgen_test]
async fn another_browser_is_revoked_and_leaves_the_list() {
    let server = Double::new();
    server.answer_at(SESSIONS, 200, TWO_SESSIONS);
    server.takes(REVOKE, 503, "");
    let screen = Screen::open("/connect");
    screen.sees("Firefox, this browser").await;
    screen.sees("Safari").await;
    screen.click("Revoke").await;
    screen.sees("Could not revoke the session.").await;
    server.takes(REVOKE, 204, "");
    server.answer_at(SESSIONS, 200, ONE_SESSION);
    screen.click("Revoke").await;
    screen.misses("Safari").await;
    screen.misses("Could not revoke the session.").await;
    screen.sees("Firefox, this browser").await;
    assert_eq!(server.writes(REVOKE), 2);
}

#[wasm_bindgen_test]
async fn signing_out_closes_the_connection_and_a_failure_does_not() {
    let server = Double::new();
    server.answer_at(SESSIONS, 200, ONE_SESSION);
    server.takes(SIGN_OUT, 0, "");
    let screen = Screen::open("/connect");
    screen.click("Sign out").await;
    screen.sees("Could not sign out.").await;
    screen.sees("Firefox, this browser").await;
    server.takes(SIGN_OUT, 204, "");
    server.answer("", 401, NOT_SIGNED_IN);
    screen.click("Sign out").await;
    screen.sees("open the sign-in link").await;
    screen.misses("Signed-in browsers").await;
}

#[wasm_bindgen_test]
async fn sessions_that_cannot_be_loaded_are_asked_for_again() {
    let server = Double::new();
    server.answer_at(SESSIONS, 400, "{}");
    let screen = Screen::open("/connect");
    screen.sees("Could not load the sessions.").await;
    server.answer_at(SESSIONS, 200, ONE_SESSION);
    screen.click("Try again").await;
    screen.sees("Firefox, this browser").await;
}

#[wasm_bindgen_test]
async fn a_connection_with_a_key_has_no_sessions() {
    let server = open_to_a_key();
    let screen = Screen::open("/connect");
    screen.fill("Personal API key", KEY).await;
    screen.click("Check key").await;
    screen.click("Open project").await;
    screen.sees("Cy Young").await;
    screen.click("Connection").await;
    screen.sees("known by a key").await;
    assert!(!screen.text().contains("Signed-in browsers"));
    assert_eq!(server.times(SESSIONS), 0);
}

const DAMAGED_ROW: &str = r#"{"count": 2, "next": "http://localhost/next", "previous": null, "results": [
  {"id": 2, "type": "damaged_row", "details": {"table": "events", "row": "17", "reason": "not JSON"}, "timestamp": "2024-05-01T10:00:00Z"}
]}"#;
const BOTH_WARNINGS: &str = r#"{"count": 2, "next": null, "previous": null, "results": [
  {"id": 2, "type": "damaged_row", "details": {"table": "events", "row": "17", "reason": "not JSON"}, "timestamp": "2024-05-01T10:00:00Z"},
  {"id": 1, "type": "cannot_merge_already_identified", "details": {"distinct_id": "ada"}, "timestamp": "2024-04-01T10:00:00Z"}
]}"#;

#[wasm_bindgen_test]
async fn warnings_of_the_server_are_listed_and_more_can_be_shown() {
    let server = Double::new();
    server.answer(WARNINGS, 200, DAMAGED_ROW);
    server.answer("ingestion_warnings/?limit=5", 200, BOTH_WARNINGS);
    let screen = Screen::open("/connect");
    screen.sees("A row of the data file cannot be read").await;
    screen.sees("row: 17").await;
    screen.sees("The latest 1 of 2.").await;
    screen.click("Show more").await;
    screen
        .sees("Merge refused: the person is already identified")
        .await;
    screen.misses("Show more").await;
}

#[wasm_bindgen_test]
async fn warnings_that_cannot_be_loaded_are_asked_for_again() {
    let server = Double::new();
    server.answer(WARNINGS, 400, "{}");
    let screen = Screen::open("/connect");
    screen.sees("Could not load the warnings.").await;
    server.answer(WARNINGS, 200, BOTH_WARNINGS);
    screen.click("Try again").await;
    screen.sees("Merge refused").await;
}
