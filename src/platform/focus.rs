//! Where the keyboard is.

use super::by_name;
use leptos::prelude::request_animation_frame;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Document, FocusEvent, HtmlElement, HtmlInputElement, Node};

fn document() -> Option<Document> {
    web_sys::window()?.document()
}

fn by_id(id: &str) -> Option<HtmlElement> {
    document()?.get_element_by_id(id)?.dyn_into().ok()
}

/// Focuses the element with this id once the page has been drawn, if it is still there then.
pub fn soon(id: impl Into<String>) {
    let id = id.into();
    request_animation_frame(move || {
        now(&id);
    });
}

/// Focuses the element with this id. `false` when there is none.
pub fn now(id: &str) -> bool {
    by_id(id).is_some_and(|element| element.focus().is_ok())
}

/// Focuses a part of a drawing with this id, which is no element of HTML. `false` when there is none.
pub fn drawn(id: &str) -> bool {
    let element = document().and_then(|document| document.get_element_by_id(id));
    element.is_some_and(|element| by_name::call(&element, "focus", &[]).is_some())
}

/// Focuses a field and selects its text, so that typing replaces it.
pub fn select(id: &str) {
    if let Some(field) = by_id(id).and_then(|element| element.dyn_into::<HtmlInputElement>().ok()) {
        // A refusal leaves the focus where it was, which is all there is to do about it.
        let _ = field.focus();
        field.select();
    }
}

/// Presses the button with this id.
pub fn click(id: &str) {
    if let Some(element) = by_id(id) {
        element.click();
    }
}

/// Whether the focus is on this element or inside it.
pub fn is_within(id: &str) -> bool {
    let active = document().and_then(|document| document.active_element());
    by_id(id).is_some_and(|element| element.contains(active.map(Into::into).as_ref()))
}

/// Moves the focus to the first element that fits a selector inside the element with this id.
pub fn first_within(id: &str, selector: &str) -> bool {
    by_id(id)
        .and_then(|element| element.query_selector(selector).ok().flatten())
        .and_then(|element| element.dyn_into::<HtmlElement>().ok())
        .is_some_and(|element| element.focus().is_ok())
}

/// Moves the focus from one element that fits a selector inside the one with this id to the next, or the one
/// before. Where none of them has it, it goes to the first.
pub fn step(id: &str, selector: &str, by: i32) {
    let all = by_id(id)
        .and_then(|element| by_name::call(&element, "querySelectorAll", &[selector.into()]));
    let all = all.map(|all| js_sys::Array::from(&all)).unwrap_or_default();
    let active = document().and_then(|document| document.active_element());
    let active: JsValue = active.into();
    let here = all.iter().position(|element| element == active);
    let next = here.map_or(0, |here| here.saturating_add_signed(by as isize));
    by_name::call(&all.get(next as u32), "focus", &[]);
}

/// Moves the focus, once the page has been drawn, to the first element inside the one with this id that
/// fits a selector, or else the next selector. The text of a field is selected, so that typing replaces it.
pub fn soon_within(id: &'static str, selectors: &'static [&'static str]) {
    request_animation_frame(move || {
        let _ = selectors.iter().any(|selector| first_within(id, selector));
        let focused = document().and_then(|document| document.active_element());
        if let Some(Ok(field)) = focused.map(|focused| focused.dyn_into::<HtmlInputElement>()) {
            field.select();
        }
    });
}

/// Whether the focus leaves the element that listens for that.
pub fn leaves(event: &FocusEvent) -> bool {
    let own: Option<Node> = event.current_target().and_then(|own| own.dyn_into().ok());
    let next: Option<Node> = event.related_target().and_then(|next| next.dyn_into().ok());
    own.is_none_or(|own| !own.contains(next.as_ref()))
}

/// The same as [`soon`], if nothing has the focus then because what had it is gone.
pub fn soon_if_lost(id: impl Into<String>) {
    let id = id.into();
    request_animation_frame(move || {
        let focused = document().and_then(|document| document.active_element());
        if focused.is_none_or(|focused| focused.tag_name() == "BODY") {
            now(&id);
        }
    });
}
