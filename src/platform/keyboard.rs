//! Keys.

use leptos::ev::{self, KeyboardEvent};
use wasm_bindgen::JsCast;
use web_sys::Element;

use super::listener::on_window;

/// Calls back for keys pressed anywhere that are not text: nobody is typing, and no modifier but Shift
/// is held. For the shortcuts of a page.
pub fn on_shortcut(callback: impl Fn(&KeyboardEvent) + 'static) {
    listen_for_shortcuts(Box::new(callback));
}

/// Compiled once, whoever calls.
fn listen_for_shortcuts(callback: Box<dyn Fn(&KeyboardEvent)>) {
    on_window(ev::keydown, move |event| {
        if !event.default_prevented() && is_bare(&event) && !is_typing(&event) {
            callback(&event);
        }
    });
}

/// Calls back for a letter pressed together with Ctrl (Cmd on a Mac), wherever the focus is.
pub fn on_command(letter: &'static str, callback: impl Fn() + 'static) {
    on_window(ev::keydown, move |event| {
        if has_command(&event) && !event.alt_key() && !event.shift_key() && event.key() == letter {
            event.prevent_default();
            callback();
        }
    });
}

/// Whether no modifier but Shift is held, so that the browser's own shortcuts keep working.
pub fn is_bare(event: &KeyboardEvent) -> bool {
    !(event.ctrl_key() || event.meta_key() || event.alt_key())
}

/// Whether Ctrl (Cmd on a Mac) is held.
pub fn has_command(event: &KeyboardEvent) -> bool {
    event.ctrl_key() || event.meta_key()
}

/// Whether the focus is where one writes.
pub fn is_typing(event: &KeyboardEvent) -> bool {
    is_on(event, "input, textarea, select, [contenteditable]")
}

/// Whether something that fits the selector is pointed at, or has the focus.
pub fn is_on(event: &web_sys::Event, selector: &str) -> bool {
    event
        .target()
        .and_then(|target| target.dyn_into::<Element>().ok())
        .is_some_and(|element| element.closest(selector).is_ok_and(|found| found.is_some()))
}

/// Whether a click asks for the usual thing here and now: the main button, no modifier, nobody has dealt
/// with it, and it did not fall on a link or button or end the selecting of text.
pub fn is_plain_click(event: &ev::MouseEvent) -> bool {
    let on_control = is_on(event, "a, button");
    let is_selecting = web_sys::window()
        .and_then(|window| window.get_selection().ok().flatten())
        .is_some_and(|selection| !selection.is_collapsed());
    event.button() == 0
        && !(event.default_prevented()
            || event.ctrl_key()
            || event.meta_key()
            || event.shift_key()
            || on_control
            || is_selecting)
}
