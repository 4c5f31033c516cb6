//! Browser tests: the app in a real browser, with a double in place of the server. One binary, so that
//! there is one link and one start of the browser.
#![cfg(target_arch = "wasm32")]

mod activity;
mod ada;
mod ages;
mod answer;
mod at_hand;
mod builder;
mod changes;
mod compare;
mod connection;
mod double;
mod outbox;
mod person;
mod persons;
mod posthog;
mod screen;
mod shell;
mod timeline;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
