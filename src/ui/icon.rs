//! Icons from the one sprite, `public/icons.svg`.

use leptos::prelude::*;

/// Decoration beside words, or inside a control that has a label of its own.
#[component]
pub fn Icon(
    /// The id of a symbol in the sprite.
    name: &'static str,
) -> impl IntoView {
    view! {
        <svg class="icon" aria-hidden="true">
            <use href=format!("/icons.svg#{name}")></use>
        </svg>
    }
}
