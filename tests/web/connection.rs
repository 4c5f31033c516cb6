//! The Connect screen.

use wasm_bindgen_test::wasm_bindgen_test;

use crate::double::Double;
use crate::screen::{Screen, tab_remembers, url};

const FIRST: &str = include_str!("../fixtures/api/persons-second-page.json");
const PROJECTS: &str = include_str!("../fixtures/api/projects.json");
const NOT_SIGNED_IN: &str = include_str!("../fixtures/api/error-not-signed-in.json");
const PROJECT: &str = include_str!("../fixtures/api/project.json");

const KEY: &str = "phx_secret";

fn closed() -> Double {
    let server = Double::new();
    server.answer("", 401, NOT_SIGNED_IN);
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
    let server = closed();
    server.answer_at("/api/projects/", 200, PROJECTS);
    server.answer_at("/api/projects/7/persons/?limit=100", 200, FIRST);
    let screen = Screen::open("/connect");
    screen.fill("Personal API key", KEY).await;
    screen.click("Check key").await;
    screen.sees("Production (7)").await;
    screen.click("Open project").await;
    screen.sees("Cy Young").await;
    assert_eq!(
        server
            .authorization("/api/projects/7/persons/?limit=100")
            .as_deref(),
        Some("Bearer phx_secret")
    );
    assert_eq!(url(), "/persons");
    assert!(!tab_remembers(KEY));
}

#[wasm_bindgen_test]
async fn a_tab_remembers_a_key_when_it_is_asked_to_and_forgets_it_too() {
    let server = closed();
    server.answer_at("/api/projects/", 200, PROJECTS);
    server.answer_at("/api/projects/7/persons/?limit=100", 200, FIRST);
    let screen = Screen::open("/connect");
    screen.fill("Personal API key", KEY).await;
    screen
        .click("Keep it in this tab until the tab is closed")
        .await;
    screen.click("Check key").await;
    screen.click("Open project").await;
    screen.sees("Cy Young").await;
    assert!(tab_remembers(KEY));
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
