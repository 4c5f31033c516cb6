//! A JSON value that opens level by level. Only what is open is drawn, so a large value costs little.

use leptos::prelude::*;
use serde_json::Value;

use crate::ui::dynamic::{dynamic, when};
use crate::ui::icon::Icon;
use crate::ui::value::ValueText;

/// Members drawn of one list or object before asking.
const AT_ONCE: usize = 100;

/// Text in a summary of an object.
const SUMMARY_LETTERS: usize = 60;

/// An object or a list, closed at first.
#[component]
pub fn JsonTree(
    /// The value.
    value: Value,
    /// Its key or place in what it stands in; empty at the top.
    #[prop(optional)]
    name: String,
) -> AnyView {
    if !(value.is_object() || value.is_array()) {
        return view! {
            <div class="json-leaf">
                <span class="json-key">{name}</span>
                <ValueText value=Some(&value)/>
            </div>
        }
        .into_any();
    }
    let open = RwSignal::new(false);
    let summary = summary(&value);
    let members = StoredValue::new(value);
    view! {
        <div class="json-branch">
            <button
                type="button"
                class="json-toggle"
                aria-expanded=move || if open.get() { "true" } else { "false" }
                on:click=move |_| open.update(|open| *open = !*open)
            >
                <Icon name="chevron"/>
                {(!name.is_empty()).then(|| view! { <span class="json-key">{name}</span> })}
                <span class="json-summary">{summary}</span>
            </button>
            {when(move || open.get(), move || view! { <Members members/> }.into_any())}
        </div>
    }
    .into_any()
}

/// What is inside: the first hundred, and more on request.
#[component]
fn Members(members: StoredValue<Value>) -> impl IntoView {
    let limit = RwSignal::new(AT_ONCE);
    let hidden = move || members.with_value(length).saturating_sub(limit.get());
    let shown = move || {
        let members = members.with_value(|value| members_of(value, limit.get()));
        let member = |(name, value)| view! { <JsonTree name value/> };
        members.into_iter().map(member).collect_view().into_any()
    };
    let more = move || {
        view! {
            <button
                type="button"
                class="link"
                on:click=move |_| limit.update(|limit| *limit += AT_ONCE)
            >
                {move || format!("Show {} more", hidden().min(AT_ONCE))}
            </button>
        }
        .into_any()
    };
    view! {
        <div class="json-members">
            {dynamic(shown)}
            {when(move || hidden() > 0, more)}
        </div>
    }
}

fn length(value: &Value) -> usize {
    match value {
        Value::Array(items) => items.len(),
        Value::Object(map) => map.len(),
        _ => 0,
    }
}

fn members_of(value: &Value, limit: usize) -> Vec<(String, Value)> {
    match value {
        Value::Array(items) => {
            let numbered = items.iter().enumerate().take(limit);
            numbered
                .map(|(place, item)| (place.to_string(), item.clone()))
                .collect()
        }
        Value::Object(map) => {
            let members = map.iter().take(limit);
            members
                .map(|(key, value)| (key.clone(), value.clone()))
                .collect()
        }
        _ => Vec::new(),
    }
}

/// `{ city: "Bonn", … } 3 keys`, or `[ 1, 2, … ] 12 items`
fn summary(value: &Value) -> String {
    let (open, close, unit) = match value {
        Value::Array(_) => ('[', ']', "item"),
        _ => ('{', '}', "key"),
    };
    let count = length(value);
    if count == 0 {
        return format!("{open}{close}");
    }
    let mut inner = String::new();
    let mut told = 0;
    for (name, member) in members_of(value, 3) {
        let text = match member {
            Value::Array(_) => "[…]".into(),
            Value::Object(_) => "{…}".into(),
            scalar => scalar.to_string(),
        };
        let text = if value.is_array() {
            text
        } else {
            format!("{name}: {text}")
        };
        if inner.chars().count() + text.chars().count() > SUMMARY_LETTERS {
            break;
        }
        inner += if told > 0 { ", " } else { "" };
        inner += &text;
        told += 1;
    }
    let more = match (told, count) {
        (0, _) => "…",
        (told, count) if told < count => ", …",
        _ => "",
    };
    let plural = if count == 1 { "" } else { "s" };
    format!("{open} {inner}{more} {close} {count} {unit}{plural}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_summary_is_one_short_line() {
        for (value, expected) in [
            (json!({}), "{}"),
            (json!([]), "[]"),
            (json!({"city": "Bonn"}), "{ city: \"Bonn\" } 1 key"),
            (json!([1, [2], {"a": 3}, 4]), "[ 1, […], {…}, … ] 4 items"),
            (json!(["x".repeat(500)]), "[ … ] 1 item"),
        ] {
            assert_eq!(summary(&value), expected);
        }
    }
}
