//! The address bar: reading it, changing it, and links that stay in the page.

use leptos::ev;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{History, HtmlAnchorElement, MouseEvent};

use super::listener::on_window;

fn history() -> Option<History> {
    web_sys::window()?.history().ok()
}

/// Path, query and fragment as they stand in the address bar, with every escape untouched.
pub fn current() -> String {
    let Some(window) = web_sys::window() else {
        return String::new();
    };
    let location = window.location();
    location.pathname().unwrap_or_default()
        + &location.search().unwrap_or_default()
        + &location.hash().unwrap_or_default()
}

/// A new entry: Back returns to where one was.
pub fn push(url: &str) {
    if let Some(history) = history() {
        // Browsers refuse hundreds of changes in a few seconds; the screen is right all the same.
        let _ = history.push_state_with_url(&JsValue::NULL, "", Some(url));
    }
}

/// Changes the current entry.
pub fn replace(url: &str) {
    if let Some(history) = history() {
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(url));
    }
}

/// Calls back after Back and Forward, as long as the current owner lives.
pub fn on_pop(callback: impl Fn() + 'static) {
    on_window(ev::popstate, move |_| callback());
}

/// Calls back for clicks on links within the app, with path and query, in place of a new page. What the
/// browser is to handle (a new tab, a download, another site) is left to it.
pub fn on_link(callback: impl Fn(String) + 'static) {
    on_window(ev::click, move |event| {
        if let Some(url) = url_within_app(&event) {
            event.prevent_default();
            callback(url);
        }
    });
}

fn url_within_app(click: &MouseEvent) -> Option<String> {
    let is_plain = click.button() == 0
        && !(click.default_prevented()
            || click.ctrl_key()
            || click.meta_key()
            || click.shift_key()
            || click.alt_key());
    let element: web_sys::Element = click.target()?.dyn_into().ok()?;
    let link: HtmlAnchorElement = element.closest("a[href]").ok()??.dyn_into().ok()?;
    let stays = is_plain
        && link.target().is_empty()
        && !link.has_attribute("download")
        && link.origin() == super::document::origin()
        // A link to a place on this page moves the focus there, which the browser does best.
        && link.hash().is_empty();
    stays.then(|| link.pathname() + &link.search())
}
