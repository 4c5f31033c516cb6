//! One property: its value as what it is, never as anything else.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use persons_api::Timestamp;
use serde_json::Value;

use super::editing::button_id;
use super::kind::{Kind, distance};
use super::pins::{PinButton, Pins};
use crate::platform::{clock, intl, keyboard};
use crate::ui::button::IconButton;
use crate::ui::clamp::Clamp;
use crate::ui::copy::CopyButton;
use crate::ui::icon::Icon;
use crate::ui::json::JsonTree;
use crate::ui::value::{ValueText, plain, type_name};

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
            <td class="property-value">{shown(value.clone())}</td>
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
            <dd class="property-value">{shown(value)}</dd>
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

/// A value. The kinds of nothing differ in words and shape: `null` in a box, “not set” in a dashed one,
/// empty text in quotes and named.
fn shown(value: Option<Value>) -> AnyView {
    let Some(value) = value else {
        return view! { <span class="not-set">"not set"</span> }.into_any();
    };
    match Kind::of(value) {
        Kind::Plain(value) => {
            let hint = (value.as_str() == Some("")).then(|| {
                view! {
                    " "
                    <span class="property-hint">"empty text"</span>
                }
            });
            view! {
                <ValueText value=Some(&value)/>
                {hint}
            }
            .into_any()
        }
        Kind::Quoted(text) => view! { <bdi class="quoted">{text}</bdi> }.into_any(),
        Kind::Moment(text, at) => view! { <Moment text at/> }.into_any(),
        Kind::Link(address) => view! { <Link address/> }.into_any(),
        Kind::Text(text) => view! { <Clamp text/> }.into_any(),
        Kind::Nested(value) => view! { <JsonTree value/> }.into_any(),
    }
}

/// A moment as it was sent, with how long ago that is.
#[component]
pub fn Moment(
    /// How it is spelled.
    text: String,
    /// The moment.
    at: Timestamp,
) -> impl IntoView {
    // A day has no time of day, and in another zone it would be shown as the day before.
    let title = text.contains(':').then(|| intl::moment(at));
    let ago = intl::relative_in_words(distance(at, clock::now()));
    view! {
        <time datetime=at.to_string() title=title>{text}</time>
        <span class="property-hint">{ago}</span>
    }
}

/// Opens elsewhere and tells nobody where one came from: the address of this page names a person.
#[component]
fn Link(address: String) -> impl IntoView {
    let href = address.clone();
    view! {
        <a href=href target="_blank" rel="noopener noreferrer">
            {address}
        </a>
    }
}
