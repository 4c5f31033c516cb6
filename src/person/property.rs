//! One property: its value as what it is, never as anything else.

use leptos::prelude::*;
use serde_json::Value;

use crate::platform::intl;
use crate::ui::copy::CopyButton;
use crate::ui::json::JsonTree;
use crate::ui::value::{ValueText, is_ambiguous, plain, type_name};

/// Letters of a text that are shown before asking.
const SHOWN_LETTERS: usize = 300;

/// A row of the table.
#[component]
pub fn PropertyRow(key: String, value: Value) -> impl IntoView {
    let kind = type_name(&value);
    let copied = plain(&value);
    view! {
        <tr>
            <th scope="row" class="property-key">
                <bdi>{key.clone()}</bdi>
            </th>
            <td class="property-value">
                <PropertyValue value/>
            </td>
            <td class="property-type">
                <span class="mono">{kind}</span>
            </td>
            <td class="property-actions">
                <CopyButton what=format!("value of {key}") text=move || copied.clone()/>
            </td>
        </tr>
    }
}

#[component]
fn PropertyValue(value: Value) -> AnyView {
    match value {
        Value::Array(_) | Value::Object(_) => view! { <JsonTree value/> }.into_any(),
        Value::String(text) if text.chars().count() > SHOWN_LETTERS => {
            view! { <LongText text/> }.into_any()
        }
        // In a table of types `"41"` and `41` must not look the same.
        Value::String(text) if is_ambiguous(&text) => {
            view! { <bdi class="quoted">{text}</bdi> }.into_any()
        }
        value => view! { <ValueText value=Some(&value)/> }.into_any(),
    }
}

#[component]
fn LongText(text: String) -> impl IntoView {
    let open = RwSignal::new(false);
    let letters = text.chars().count() as u64;
    let start: String = text.chars().take(SHOWN_LETTERS).collect();
    let shown = move || if open.get() { text.clone() } else { format!("{start}…") };
    view! {
        <bdi>{shown}</bdi>
        " "
        <button
            type="button"
            class="link"
            aria-expanded=move || if open.get() { "true" } else { "false" }
            on:click=move |_| open.update(|open| *open = !*open)
        >
            {move || if open.get() {
                "Show less".to_owned()
            } else {
                format!("Show all ({} characters)", intl::number(letters))
            }}
        </button>
    }
}
