//! One property: its value as what it is, never as anything else.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use serde_json::Value;

use super::editing::button_id;
use super::pins::{PinButton, Pins};
use crate::platform::keyboard;
use crate::routes::Route;
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
    /// Edits it, or takes it away, where that can be done.
    on_edit: Option<Callback<bool>>,
    /// Why the server keeps others from writing it, if it does.
    lock: Option<String>,
) -> impl IntoView {
    let on_edit = on_edit.filter(|_| lock.is_none());
    let on_keydown = move |event: KeyboardEvent| {
        let is_asked =
            event.key() == "e" && keyboard::is_bare(&event) && !keyboard::is_typing(&event);
        if let Some(on_edit) = on_edit.filter(|_| is_asked) {
            event.prevent_default();
            on_edit.run(false);
        }
    };
    let edits = on_edit.map(|on_edit| edits(&key, value.is_some(), on_edit));
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
                {edits}
                {lock.map(locked)}
                {value.map(|value| copy_of(&key, &value))}
            </td>
        </tr>
    }
}

/// The buttons that edit a property, and take it away if it is there.
fn edits(key: &str, is_there: bool, on_edit: Callback<bool>) -> AnyView {
    let removal = is_there.then(|| {
        view! {
            <IconButton
                icon="trash"
                label=Signal::stored(format!("Remove {key}"))
                on_click=move |_| on_edit.run(true)
            />
        }
    });
    view! {
        <button
            type="button"
            id=button_id(key)
            class="button button-quiet button-icon"
            aria-label=format!("Edit {key}")
            aria-keyshortcuts="e"
            data-tip="Edit"
            on:click=move |_| on_edit.run(false)
        >
            <Icon name="edit"/>
        </button>
        {removal}
    }
    .into_any()
}

/// In place of the buttons: a change of this property was refused. Where it stands, it can be tried again.
fn locked(reason: String) -> AnyView {
    let words = ["Refused by the server: ", &reason].concat();
    view! {
        <a
            class="button button-quiet button-icon"
            href=Route::Outbox.url()
            aria-label=words.clone()
            data-tip=words
        >
            <Icon name="lock"/>
        </a>
    }
    .into_any()
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
