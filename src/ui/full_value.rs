//! A JSON value in full: nothing of it is left out for good, and what it is can be seen.

use leptos::prelude::*;
use persons_api::Timestamp;
use serde_json::Value;

use super::clamp::Clamp;
use super::json::JsonTree;
use super::kind::{Kind, distance};
use super::value::ValueText;
use crate::platform::{clock, intl};

/// A value. The kinds of nothing differ in words and shape: `null` in a box, “not set” in a dashed one,
/// empty text in quotes and named.
pub fn full(value: Option<Value>) -> AnyView {
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
fn Moment(
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

/// Opens elsewhere and tells nobody where one came from: the address of a page may name a person.
#[component]
fn Link(address: String) -> impl IntoView {
    let href = address.clone();
    view! {
        <a href=href target="_blank" rel="noopener noreferrer">
            {address}
        </a>
    }
}
