//! Parts of a view that change.
//!
//! Leptos' `<Show>`, `<For>` and closures that give views do the same, and are compiled anew for every
//! place they are used in. These take boxed closures and are compiled once, which keeps the app small.

use leptos::prelude::*;

/// Draws anew whenever something that `draw` reads changes.
pub fn dynamic(draw: impl Fn() -> AnyView + Send + 'static) -> AnyView {
    drawn(Box::new(draw))
}

fn drawn(draw: Box<dyn Fn() -> AnyView + Send>) -> AnyView {
    (move || draw()).into_any()
}

/// Words that change.
pub fn text(words: impl Fn() -> String + Send + 'static) -> AnyView {
    written(Box::new(words))
}

fn written(words: Box<dyn Fn() -> String + Send>) -> AnyView {
    (move || words()).into_any()
}

/// Words of an attribute that change. Redrawing an element takes its attributes away for a moment, and with
/// `tabindex` or `href` the focus; these change in their place, and are of one type.
pub fn attribute(words: impl Fn() -> String + Send + 'static) -> Box<dyn Fn() -> String + Send> {
    Box::new(words)
}

/// Draws as long as something holds. What is drawn stays untouched until that changes.
pub fn when(
    holds: impl Fn() -> bool + Send + Sync + 'static,
    draw: impl Fn() -> AnyView + Send + 'static,
) -> AnyView {
    either(holds, draw, || ().into_any())
}

/// Draws the one or the other.
pub fn either(
    holds: impl Fn() -> bool + Send + Sync + 'static,
    draw: impl Fn() -> AnyView + Send + 'static,
    otherwise: impl Fn() -> AnyView + Send + 'static,
) -> AnyView {
    let holds = remembered(Box::new(holds));
    dynamic(move || if holds.get() { draw() } else { otherwise() })
}

fn remembered(holds: Box<dyn Fn() -> bool + Send + Sync>) -> Memo<bool> {
    Memo::new(move |_| holds())
}

/// A member of a list, known by its key: as long as the key stays, so does what was drawn.
pub struct Member {
    key: String,
    draw: Box<dyn FnOnce() -> AnyView + Send>,
}

impl Member {
    /// A member that draws itself once.
    pub fn new(key: String, draw: impl FnOnce() -> AnyView + Send + 'static) -> Self {
        Self {
            key,
            draw: Box::new(draw),
        }
    }
}

/// Draws a list, and only what is new in it when it changes.
pub fn each(members: impl Fn() -> Vec<Member> + Send + Sync + 'static) -> AnyView {
    keyed(Box::new(members))
}

fn keyed(members: Box<dyn Fn() -> Vec<Member> + Send + Sync>) -> AnyView {
    view! {
        <For
            each=move || members()
            key=|member| member.key.clone()
            children=|member| (member.draw)()
        />
    }
    .into_any()
}
