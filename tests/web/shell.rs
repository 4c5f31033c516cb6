//! What lies over every screen: the palette, the keys, privacy.

use wasm_bindgen_test::wasm_bindgen_test;

use crate::double::{Double, SECOND};
use crate::screen::{Screen, is_marked};

async fn open() -> Screen {
    let screen = Screen::open("/persons");
    screen.sees("Ada Lovelace").await;
    screen
}

#[wasm_bindgen_test]
async fn the_palette_finds_people_and_enter_goes_on() {
    let server = Double::with_people();
    server.answer("persons/?limit=8&search=acme.ex", 200, SECOND);
    server.answer("persons/?limit=100&search=acme.ex", 200, SECOND);
    let screen = open().await;
    screen.press_command("k").await;
    screen.shows("dialog[open] input:focus").await;
    screen.fill("Find people and actions", "acme.ex").await;
    screen.shows("[role=option][aria-selected=true]").await;
    screen.sees("cy@acme.example").await;
    screen.sees("Search people for “acme.ex”").await;
    screen.press("Enter").await;
    screen.is_at("/persons?search=acme.ex").await;
    assert!(screen.find("dialog").is_none());
    screen.misses("Ada Lovelace").await;
}

#[wasm_bindgen_test]
async fn the_keys_are_listed_and_single_letters_can_be_switched_off() {
    let _server = Double::with_people();
    let screen = open().await;
    screen.press("?").await;
    screen.sees("Keyboard shortcuts").await;
    assert_eq!(screen.all("dialog table caption").len(), 7);
    screen.click("Single letters do things").await;
    screen.click("Close").await;
    screen.misses("Keyboard shortcuts").await;
    screen.press("?").await;
    screen.press("f").await;
    assert!(screen.find("[role=dialog], dialog").is_none());
}

#[wasm_bindgen_test]
async fn g_and_a_letter_lead_to_a_place() {
    let _server = Double::with_people();
    let screen = open().await;
    screen.press("g").await;
    screen.press("s").await;
    screen.is_at("/connect").await;
    screen.press("g").await;
    screen.press("p").await;
    screen.is_at("/persons").await;
}

#[wasm_bindgen_test]
async fn privacy_marks_the_page_and_takes_the_mark_away() {
    let _server = Double::with_people();
    let screen = open().await;
    screen.press("M").await;
    assert!(is_marked("data-private"));
    screen.press("M").await;
    assert!(!is_marked("data-private"));
}
