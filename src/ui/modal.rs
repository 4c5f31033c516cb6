//! A modal dialog: the browser keeps the focus inside, closes it at Escape, and gives the focus back.

use leptos::ev::{self, KeyboardEvent};
use leptos::html::Dialog;
use leptos::prelude::*;

use crate::platform::{dialog, keyboard};

/// The dialog. It is open as long as it is drawn.
#[component]
pub fn Modal(
    /// What it is for, for those who do not see it.
    #[prop(into)]
    label: String,
    /// Takes in that it was closed: by Escape or a click beside it.
    on_close: Callback<()>,
    /// What is in it.
    children: Children,
) -> impl IntoView {
    let node = NodeRef::<Dialog>::new();
    node.on_load(|dialog| dialog::show(&dialog));
    // A dialog that is taken away while it is open would take the focus with it.
    on_cleanup(move || {
        if let Some(dialog) = node.try_get_untracked().flatten() {
            dialog::close(&dialog);
        }
    });
    // A click beside the dialog falls on the dialog itself, one inside on what is in it.
    let on_click = move |event: ev::MouseEvent| {
        if dialog::is_backdrop(&event) {
            on_close.run(());
        }
    };
    let on_keydown = move |event: KeyboardEvent| {
        // The page behind must not take what is pressed here for its own keys.
        if keyboard::is_bare(&event) {
            event.stop_propagation();
        }
    };
    view! {
        <dialog
            class="overlay"
            aria-label=label
            node_ref=node
            on:close=move |_| on_close.run(())
            on:click=on_click
            on:keydown=on_keydown
        >
            <div class="overlay-body">{children()}</div>
        </dialog>
    }
}
