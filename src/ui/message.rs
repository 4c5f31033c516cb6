//! A sentence in place of content: nothing there, or something went wrong.

use leptos::prelude::*;

use super::icon::Icon;

/// What kind of message it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// There is nothing to show, and that is fine.
    Empty,
    /// Something went wrong.
    Problem,
}

/// A title, a sentence, and what can be done.
#[component]
pub fn Message(
    /// What kind.
    tone: Tone,
    /// What is the case, in a few words.
    #[prop(into)]
    title: Signal<String>,
    /// Why, and what comes next.
    #[prop(optional, into)]
    detail: Option<Signal<String>>,
    /// Buttons, links, a snippet.
    children: Children,
) -> impl IntoView {
    let (icon, role) = match tone {
        Tone::Empty => ("people", None),
        Tone::Problem => ("alert", Some("alert")),
    };
    view! {
        <section class="message" class:message-problem=tone == Tone::Problem role=role>
            <Icon name=icon/>
            <h2>{title}</h2>
            {detail.map(|detail| view! { <p>{detail}</p> })}
            <div class="message-actions">{children()}</div>
        </section>
    }
}
