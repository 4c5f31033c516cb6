//! A list without anybody: because nothing has been sent yet, or because nobody fits.

use leptos::prelude::*;

use super::source::Source;
use crate::api::Session;
use crate::routes::{PersonsState, Who};
use crate::ui::button::{Button, Loudness};
use crate::ui::copy::CopyButton;
use crate::ui::dynamic::when;
use crate::ui::message::{Message, Tone};

/// Why nobody is there.
#[derive(Clone, PartialEq)]
pub enum Nobody {
    /// Nothing has been sent yet.
    Yet,
    /// Nobody fits what was asked for.
    Fits(PersonsState),
    /// None of those who are loaded is shown.
    IsShown,
}

/// What stands in the place of the list.
#[derive(Clone)]
pub struct Empty {
    /// Why.
    pub nobody: Nobody,
    /// What is asked for, and how it is shown.
    pub question: Memo<PersonsState>,
    /// The list.
    pub source: Source,
    /// Asks for something else.
    pub on_change: Callback<PersonsState>,
}

crate::part! {
    /// An empty list: most people see one seldom.
    pub empty in device: Empty, |empty| {
        let Empty { nobody, question, source, on_change } = empty;
        match nobody {
            Nobody::Yet => view! { <NobodyYet/> }.into_any(),
            Nobody::Fits(question) => view! { <NobodyFits question source on_change/> }.into_any(),
            Nobody::IsShown => view! { <NoneLoaded question source on_change/> }.into_any(),
        }
    }
}

/// Nobody at all: how to send the first event.
#[component]
fn NobodyYet() -> impl IntoView {
    let session = Session::expect();
    let snippet = snippet(
        &session.client.server().origin(),
        &session.project.api_token,
    );
    let copied = snippet.clone();
    view! {
        <Message
            tone=Tone::Empty
            title="No people yet"
            detail="Everybody who sends an event to this project appears here. Send the first one:"
        >
            <div class="snippet">
                <pre tabindex="0" aria-label="Command that sends an event"><code>{snippet}</code></pre>
                <CopyButton what="command" text=move || copied.clone()/>
            </div>
        </Message>
    }
}

/// Nobody fits what was asked for.
#[component]
fn NobodyFits(
    /// What was asked for.
    question: PersonsState,
    source: Source,
    /// Asks for something else.
    on_change: Callback<PersonsState>,
) -> impl IntoView {
    let looked_at = if source.sees_all() {
        "The search looks for ids and values of any property that contain the text."
    } else {
        "The search looks for e-mail addresses, names and ids that contain the text."
    };
    let has_search = !question.search.is_empty();
    let has_filters = !question.filters.is_empty();
    let detail = match (has_search, has_filters) {
        (true, true) => "Nobody fits both the search and the filters.",
        (true, false) => looked_at,
        _ => "Nobody fits all of the filters.",
    };
    let without_search = PersonsState {
        search: String::new(),
        ..question.clone()
    };
    let without_filters = PersonsState {
        filters: Default::default(),
        ..question
    };
    let offer = move |label: &'static str, state: PersonsState| {
        view! {
            <Button loudness=Loudness::Plain on_click=move |_| on_change.run(state.clone())>
                {label}
            </Button>
        }
    };
    view! {
        <Message tone=Tone::Empty title="Nobody found" detail=detail>
            {has_search.then(|| offer("Clear search", without_search))}
            {has_filters.then(|| offer("Clear filters", without_filters))}
        </Message>
    }
}

/// None of those who are loaded is shown.
#[component]
fn NoneLoaded(
    question: Memo<PersonsState>,
    source: Source,
    on_change: Callback<PersonsState>,
) -> impl IntoView {
    let title = move || match question.read().who {
        Who::Anonymous => "Nobody who is loaded is anonymous".to_owned(),
        _ => "Nobody who is loaded is identified".to_owned(),
    };
    let everybody = move |_| {
        on_change.run(PersonsState {
            who: Who::Everybody,
            ..question.get_untracked()
        });
    };
    let has_more = move || {
        source
            .list
            .read()
            .as_ref()
            .is_some_and(|list| !list.is_complete())
    };
    let more = move || {
        view! { <Button on_click=move |_| source.ask_more()>"Load more"</Button> }.into_any()
    };
    view! {
        <Message
            tone=Tone::Empty
            title=Signal::derive(title)
            detail="Servers cannot be asked for this, so the people who are loaded are looked at."
        >
            <Button on_click=everybody>"Show everybody"</Button>
            {when(has_more, more)}
        </Message>
    }
}

/// A command for a terminal that sends an event about a made-up person.
fn snippet(origin: &str, token: &str) -> String {
    // PostHog Cloud takes events in at a host of its own.
    let host = match origin {
        "https://us.posthog.com" => "https://us.i.posthog.com",
        "https://eu.posthog.com" => "https://eu.i.posthog.com",
        other => other,
    };
    let token = if token.is_empty() {
        "<project token>"
    } else {
        token
    };
    format!(
        r#"curl {host}/i/v0/e/ -H 'Content-Type: application/json' -d '{{
  "api_key": "{token}",
  "event": "signed up",
  "distinct_id": "ada",
  "properties": {{"$set": {{"email": "ada@example.com", "plan": "pro"}}}}
}}'"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_snippet_names_the_host_that_takes_events_and_the_token() {
        let text = snippet("https://eu.posthog.com", "phc_1");
        assert!(text.contains("https://eu.i.posthog.com/i/v0/e/"));
        assert!(text.contains("\"api_key\": \"phc_1\""));
        assert!(snippet("http://127.0.0.1:8000", "").contains("<project token>"));
    }
}
