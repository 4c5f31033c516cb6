//! Text in a few lines, with a button for the rest where there is more.

use leptos::html::Div;
use leptos::prelude::*;

use super::dynamic::{self, when};
use crate::effect::effect;
use crate::platform::viewport::{self, Size};

/// Text shorter than this fits into the lines of `style/clamp.css` on the narrowest screen: nothing needs
/// to be measured.
const SHORT: usize = 80;

/// Letters that are drawn while it is cut: enough for the lines on the widest screen, and no more, because
/// a text may be a whole book.
const DRAWN: usize = 2_000;

/// Text that takes three lines until all of it is asked for.
#[component]
pub fn Clamp(
    /// The text. Its line breaks are kept.
    text: String,
) -> AnyView {
    if text.len() < SHORT && !text.contains('\n') {
        return view! { <bdi>{text}</bdi> }.into_any();
    }
    let open = RwSignal::new(false);
    let beginning = text
        .char_indices()
        .nth(DRAWN)
        .map(|(end, _)| text[..end].to_owned());
    let is_cut = RwSignal::new(beginning.is_some());
    let body = NodeRef::<Div>::new();
    if beginning.is_none() {
        measure(body, open, is_cut);
    }
    let shown = dynamic::text(move || match &beginning {
        Some(beginning) if !open.get() => beginning.clone(),
        _ => text.clone(),
    });
    view! {
        <div class="clamp" class:is-open=move || open.get() dir="auto" node_ref=body>
            {shown}
        </div>
        {when(move || is_cut.get(), move || view! { <Switch open/> }.into_any())}
    }
    .into_any()
}

/// Shows all of it, or the beginning again.
#[component]
fn Switch(open: RwSignal<bool>) -> impl IntoView {
    view! {
        <button
            type="button"
            class="link"
            aria-expanded=move || if open.get() { "true" } else { "false" }
            on:click=move |_| open.update(|open| *open = !*open)
        >
            {move || if open.get() { "Show less" } else { "Show all" }}
        </button>
    }
}

/// Finds out whether the text is cut, again whenever its size changes. While it is open nothing can be
/// found out, and the button must stay.
fn measure(body: NodeRef<Div>, open: RwSignal<bool>, is_cut: RwSignal<bool>) {
    let size = RwSignal::new(Size::default());
    body.on_load(move |body| viewport::observe_size(&body, size));
    effect(move |_| {
        size.track();
        if let Some(body) = body.get()
            && !open.get_untracked()
        {
            is_cut.set(viewport::is_cut_off(&body));
        }
    });
}
