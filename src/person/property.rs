//! One property: its value as what it is, never as anything else.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use serde_json::Value;

use super::editing::button_id;
use super::pins::{PinButton, Pins};
use crate::platform::keyboard;
use crate::ui::button::IconButton;
use crate::ui::copy::CopyButton;
use crate::ui::full_value::full;
use crate::ui::icon::Icon;
use crate::ui::value::{plain, type_name};

/// A row of the table.
#[component]
pub fn PropertyRow(
    /// Its key.
    key: String,
    /// Its value; `None` where somebody lacks what is pinned.
    value: Option<Value>,
    /// What is pinned.
    pins: Pins,
    /// Edits it, or takes it away.
    on_edit: Callback<bool>,
) -> impl IntoView {
    let on_keydown = move |event: KeyboardEvent| {
        if event.key() == "e" && keyboard::is_bare(&event) && !keyboard::is_typing(&event) {
            event.prevent_default();
            on_edit.run(false);
        }
    };
    let (id, edited, removed) = (button_id(&key), key.clone(), key.clone());
    let removal = value.is_some().then(|| {
        view! {
            <IconButton
                icon="trash"
                label=Signal::stored(format!("Remove {removed}"))
                on_click=move |_| on_edit.run(true)
            />
        }
    });
    let kind = value.as_ref().map_or("missing", type_name);
    view! {
        <tr on:keydown=on_keydown>
            <td class="property-pin"><PinButton key=key.clone() pins/></td>
            <th scope="row" class="property-key">
                <bdi>{key.clone()}</bdi>
            </th>
            <td class="property-value">{full(value.clone())}</td>
            <td class="property-type">
                <span class="mono">{kind}</span>
            </td>
            <td class="property-actions">
                <button
                    type="button"
                    id=id
                    class="button button-quiet button-icon"
                    aria-label=format!("Edit {edited}")
                    aria-keyshortcuts="e"
                    data-tip="Edit"
                    on:click=move |_| on_edit.run(false)
                >
                    <Icon name="edit"/>
                </button>
                {removal}
                {value.map(|value| copy_of(&key, &value))}
            </td>
        </tr>
    }
}

/// A line of the overview.
#[component]
pub fn PropertyLine(
    /// Its key.
    key: String,
    /// Its value; `None` where somebody lacks what is pinned.
    value: Option<Value>,
    /// What is pinned.
    pins: Pins,
) -> impl IntoView {
    let copy = value.as_ref().map(|value| copy_of(&key, value));
    view! {
        <div class="line">
            <dt><bdi>{key.clone()}</bdi></dt>
            <dd class="property-value">{full(value)}</dd>
            <dd class="line-actions">
                <PinButton key pins/>
                {copy}
            </dd>
        </div>
    }
}

fn copy_of(key: &str, value: &Value) -> AnyView {
    let copied = plain(value);
    view! { <CopyButton what=format!("value of {key}") text=move || copied.clone()/> }.into_any()
}
