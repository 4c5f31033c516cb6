//! Pointing at things and dragging them: mouse, pen and finger alike.

use leptos::ev::PointerEvent;
use web_sys::Element;

/// How far along an element a pointer is: 0 at its left edge, 1 at its right one.
pub fn along(event: &PointerEvent, element: &Element) -> f64 {
    let place = element.get_bounding_client_rect();
    (f64::from(event.client_x()) - place.left()) / place.width().max(1.0)
}

/// Lets an element hear of the pointer until it is let go, wherever it is moved to.
pub fn capture(event: &PointerEvent, element: &Element) {
    // It fails only where the pointer is gone already.
    let _ = element.set_pointer_capture(event.pointer_id());
}
