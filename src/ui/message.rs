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

/// A whole screen that is only a problem. It is named by its title, also for those who hear it.
#[component]
pub fn ProblemPage(
    /// What is the case, in a few words.
    title: &'static str,
    /// Why, and what comes next.
    detail: String,
    /// Buttons and links that lead on.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="page">
            <h1 class="visually-hidden">{title}</h1>
            <Message tone=Tone::Problem title detail=Signal::stored(detail)>
                {children()}
            </Message>
        </div>
    }
}
