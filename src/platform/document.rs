//! The page as a whole.

use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// The element the app lives in, emptied of the static skeleton.
///
/// # Panics
/// When index.html has no such element: then nothing can be shown at all.
pub fn take_root(id: &str) -> HtmlElement {
    let root = web_sys::window()
        .and_then(|window| window.document())
        .and_then(|document| document.get_element_by_id(id))
        .and_then(|element| element.dyn_into::<HtmlElement>().ok())
        .expect("index.html has the element the app is mounted in");
    root.replace_children_with_node_0();
    root
}

/// Names the page in the tab and in the history.
pub fn set_title(title: &str) {
    if let Some(document) = web_sys::window().and_then(|window| window.document()) {
        document.set_title(title);
    }
}

/// Puts a mark on the whole page, or takes it away.
pub fn mark(name: &str, on: bool) {
    let root = web_sys::window()
        .and_then(|window| window.document())
        .and_then(|document| document.document_element());
    if let Some(root) = root {
        // A plain word: it cannot fail.
        let _ = root.toggle_attribute_with_force(name, on);
    }
}

/// Scheme, host and port of the page: `http://127.0.0.1:8000`.
pub fn origin() -> String {
    let window = web_sys::window();
    window
        .and_then(|window| window.location().origin().ok())
        .unwrap_or_default()
}

/// Whether the browser knows that it has no network at all.
pub fn is_offline() -> bool {
    web_sys::window().is_some_and(|window| !window.navigator().on_line())
}
