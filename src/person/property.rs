//! One property: its value as what it is, never as anything else.

use leptos::prelude::*;
use persons_api::Timestamp;
use serde_json::Value;

use super::kind::{Kind, distance};
use crate::platform::{clock, intl};
use crate::ui::clamp::Clamp;
use crate::ui::copy::CopyButton;
use crate::ui::json::JsonTree;
use crate::ui::value::{ValueText, plain, type_name};

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
            <td class="property-value">{shown(Kind::of(value))}</td>
            <td class="property-type">
                <span class="mono">{kind}</span>
            </td>
            <td class="property-actions">
                <CopyButton what=format!("value of {key}") text=move || copied.clone()/>
            </td>
        </tr>
    }
}

fn shown(kind: Kind) -> AnyView {
    match kind {
        Kind::Plain(value) => view! { <ValueText value=Some(&value)/> }.into_any(),
        Kind::Quoted(text) => view! { <bdi class="quoted">{text}</bdi> }.into_any(),
        Kind::Moment(text, at) => view! { <Moment text at/> }.into_any(),
        Kind::Link(address) => view! { <Link address/> }.into_any(),
        Kind::Text(text) => view! { <Clamp text/> }.into_any(),
        Kind::Nested(value) => view! { <JsonTree value/> }.into_any(),
    }
}

/// A moment as it was sent, with how long ago that is.
#[component]
fn Moment(text: String, at: Timestamp) -> impl IntoView {
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
