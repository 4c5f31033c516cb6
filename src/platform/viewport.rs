//! How large things are, and where they are scrolled to.

use leptos::prelude::{
    Get, GetUntracked, RwSignal, Set, Signal, StoredValue, UpdateValue, on_cleanup,
    request_animation_frame,
};
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, HtmlElement, ResizeObserver};

/// Width and height in CSS pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Size {
    /// Along the line.
    pub width: f64,
    /// Down the page.
    pub height: f64,
}

/// Keeps a signal at the inner size of an element, as long as the current owner lives.
pub fn observe_size(element: &Element, size: RwSignal<Size>) {
    let measured = element.clone();
    let measure = move || {
        let now = Size {
            width: f64::from(measured.client_width()),
            height: f64::from(measured.client_height()),
        };
        if size.try_get_untracked().is_some_and(|known| known != now) {
            size.set(now);
        }
    };
    measure();
    let on_resize = Closure::<dyn Fn()>::new(measure);
    let Ok(observer) = ResizeObserver::new(on_resize.as_ref().unchecked_ref()) else {
        return;
    };
    observer.observe(element);
    // The observer calls the closure, so both go together.
    let both = StoredValue::new_local(Some((observer, on_resize)));
    on_cleanup(move || {
        if let Some(Some((observer, _))) = both.try_update_value(Option::take) {
            observer.disconnect();
        }
    });
}

/// Whether the window is as narrow as a phone: one column, large targets.
pub fn is_narrow() -> Signal<bool> {
    let query =
        web_sys::window().and_then(|window| window.match_media("(max-width: 640px)").ok()?);
    let narrow = RwSignal::new(query.as_ref().is_some_and(web_sys::MediaQueryList::matches));
    if let Some(query) = query {
        let list = query.clone();
        let on_change = Closure::<dyn Fn()>::new(move || narrow.set(list.matches()));
        query.set_onchange(Some(on_change.as_ref().unchecked_ref()));
        let both = StoredValue::new_local(Some((query, on_change)));
        on_cleanup(move || {
            if let Some(Some((query, _))) = both.try_update_value(Option::take) {
                query.set_onchange(None);
            }
        });
    }
    Signal::derive(move || narrow.get())
}

/// Whether an element holds more than it has the height to show.
pub fn is_cut_off(element: &Element) -> bool {
    element.scroll_height() > element.client_height()
}

/// How far an element is scrolled down.
pub fn scroll_top(element: &Element) -> f64 {
    f64::from(element.scroll_top())
}

/// How far an element is scrolled to the right.
pub fn scroll_left(element: &Element) -> f64 {
    f64::from(element.scroll_left())
}

/// Scrolls an element.
pub fn scroll_to(element: &Element, top: f64) {
    element.set_scroll_top(top as i32);
}

/// Moves the element with this id to the left, once the page has been drawn, as far as it stands out of the
/// one around it that fits a selector.
pub fn soon_within(id: &'static str, around: &'static str) {
    request_animation_frame(move || {
        let _ = move_within(id, around);
    });
}

fn move_within(id: &str, around: &str) -> Option<()> {
    let element = web_sys::window()?.document()?.get_element_by_id(id)?;
    let room = element.closest(around).ok()??.get_bounding_client_rect();
    let own = element.get_bounding_client_rect();
    let out = (own.right() - room.right()).min(own.left() - room.left());
    if out > 0.0 {
        let style = element.dyn_into::<HtmlElement>().ok()?.style();
        style
            .set_property("translate", &format!("{}px", -out))
            .ok()?;
    }
    Some(())
}
