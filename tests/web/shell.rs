//! What lies over every screen: the palette, the keys, privacy.

use wasm_bindgen_test::wasm_bindgen_test;

use crate::double::{Double, FIRST, SECOND};
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
async fn the_palette_never_offers_those_who_were_meant_before() {
    let server = Double::with_people();
    server.answer("persons/?limit=8&search=acme.ex", 200, SECOND);
    server.answer("persons/?limit=8&search=acme.e", 200, SECOND);
    server.answer("persons/?limit=8&search=ada", 200, FIRST);
    server.hold("persons/?limit=8&search=ada");
    // Where nobody is listed who could be taken for somebody found.
    let screen = Screen::open("/connect");
    screen.sees("Sample project on").await;
    screen.press_command("k").await;
    screen.shows("dialog[open] input:focus").await;
    screen.fill("Find people and actions", "acme.ex").await;
    screen.sees("cy@acme.example").await;
    // One letter less still means them.
    screen.fill("Find people and actions", "acme.e").await;
    screen.sees("Search people for “acme.e”").await;
    screen.sees("cy@acme.example").await;
    screen.fill("Find people and actions", "ada").await;
    screen.sees("Search people for “ada”").await;
    screen.misses("cy@acme.example").await;
    // Not even while the answer is awaited.
    let asked = "/api/projects/@current/persons/?limit=8&search=ada";
    screen.asks(&server, asked).await;
    assert!(!screen.text().contains("cy@acme.example"));
}

#[wasm_bindgen_test]
async fn people_who_are_found_later_do_not_become_what_enter_does() {
    let server = Double::with_people();
    let people = "persons/?limit=8&search=outbox";
    server.answer(people, 200, SECOND);
    server.hold(people);
    let screen = open().await;
    screen.press_command("k").await;
    screen.shows("dialog[open] input:focus").await;
    screen.fill("Find people and actions", "outbox").await;
    // The last one is the action.
    screen.press("ArrowUp").await;
    screen.shows("#palette-2[aria-selected=true]").await;
    screen
        .asks(&server, &["/api/projects/@current/", people].concat())
        .await;
    server.release(people);
    screen.shows("#palette-4[aria-selected=true]").await;
    screen.press("Enter").await;
    screen.is_at("/outbox").await;
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
