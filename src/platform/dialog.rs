//! Modal dialogs, as the browser has them: the focus stays inside, Escape closes, the rest is out of reach.

use leptos::ev::MouseEvent;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlDialogElement};

/// Shows a dialog above everything.
pub fn show(dialog: &HtmlDialogElement) {
    // It fails only when it is open already.
    let _ = dialog.show_modal();
}

/// Closes a dialog. The browser puts the focus back where it was.
pub fn close(dialog: &HtmlDialogElement) {
    dialog.close();
}

/// Whether a click fell beside the content of a dialog.
pub fn is_backdrop(event: &MouseEvent) -> bool {
    let target = event
        .target()
        .and_then(|target| target.dyn_into::<Element>().ok());
    target.is_some_and(|element| element.tag_name() == "DIALOG")
}
