//! The small dialog that makes or changes one condition.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

use super::Opened;
use crate::conditions::ConditionForm;

/// The dialog. It is not modal: the list stays in view and in reach.
#[component]
pub fn Editor(opened: Opened) -> impl IntoView {
    let Opened {
        filter,
        rows,
        on_finish,
        on_cancel,
    } = opened;
    let on_keydown = move |event: KeyboardEvent| {
        if event.key() == "Escape" {
            event.stop_propagation();
            on_cancel.run(());
        }
    };
    let label = if filter.is_none() {
        "Add filter"
    } else {
        "Edit filter"
    };
    view! {
        <div class="popover" role="dialog" aria-label=label on:keydown=on_keydown>
            <ConditionForm filter rows on_finish on_cancel/>
        </div>
    }
}
