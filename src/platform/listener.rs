//! Listening on the window for as long as a component lives.

use leptos::ev::EventDescriptor;
use leptos::prelude::{on_cleanup, window_event_listener};
use wasm_bindgen::JsCast;

/// Calls back for every such event on the window until the current owner is cleaned up.
pub fn on_window<E>(event: E, callback: impl Fn(E::EventType) + 'static)
where
    E: EventDescriptor + 'static,
    E::EventType: JsCast,
{
    let handle = window_event_listener(event, callback);
    on_cleanup(move || handle.remove());
}
