//! How a failed request is shown: one sentence, and what can be done.

use leptos::ev;
use leptos::prelude::*;

use crate::api::{ApiError, ServerFailure};
use crate::platform::document;
use crate::platform::listener::on_window;
use crate::routes::Route;
use crate::ui::button::{Button, Loudness};
use crate::ui::message::{Message, ProblemPage, Tone};

/// In place of content that could not be loaded.
#[component]
pub fn Failure(
    /// Why.
    error: ApiError,
    /// What was wanted: `people`, `this person`.
    what: &'static str,
    /// Tries again.
    on_retry: Callback<()>,
    /// What to do instead where trying again cannot help: the words and the deed.
    #[prop(optional)]
    way_out: Option<(&'static str, Callback<()>)>,
) -> impl IntoView {
    let (advice, may_pass) = (advice(&error), error.may_pass());
    if may_pass {
        on_window(ev::online, move |_| on_retry.run(()));
    }
    let action = match error {
        ApiError::Unauthorized | ApiError::Forbidden { .. } => view! {
            <a class="button button-primary" href=Route::Connect.url()>
                "Open connection"
            </a>
        }
        .into_any(),
        _ => {
            let (label, deed) = way_out
                .filter(|_| !may_pass)
                .unwrap_or(("Try again", on_retry));
            view! {
                <Button loudness=Loudness::Primary on_click=move |_| deed.run(())>
                    {label}
                </Button>
            }
            .into_any()
        }
    };
    view! {
        <Message
            tone=Tone::Problem
            title=format!("Could not load {what}")
            detail=Signal::stored(format!("{error} {advice}"))
        >
            {action}
        </Message>
    }
}

/// What can be done, in one sentence; empty when the error says it.
fn advice(error: &ApiError) -> &'static str {
    match error {
        ApiError::Offline => "It is tried again once there is a network.",
        ApiError::Unreachable => "Check that it runs and that its address is right.",
        ApiError::Unauthorized => "Sign in, or use another key.",
        ApiError::Forbidden { .. } => "Use a key that may, or add the scope to this one.",
        ApiError::Throttled { .. } => "Wait a moment, then try again.",
        ApiError::Server { .. } => match error.server_failure() {
            Some(ServerFailure::TimeLimit | ServerFailure::Estimate) => {
                "Choose a shorter date range or a longer interval, then refresh."
            }
            Some(ServerFailure::MemoryLimit) => {
                "Choose a shorter date range or fewer breakdown values, then refresh."
            }
            Some(ServerFailure::Busy) => "Wait a minute, then try again.",
            _ => "Try again; if it keeps failing, see the server's log.",
        },
        ApiError::Canceled => "Refresh to run it again.",
        ApiError::NotFound
        | ApiError::NotOffered
        | ApiError::Invalid { .. }
        | ApiError::Unreadable => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_failure_reads_as_sentences() {
        let errors = [
            ApiError::Offline,
            ApiError::Unreachable,
            ApiError::Unauthorized,
            ApiError::Forbidden {
                scope: Some("person:read".into()),
                detail: String::new(),
            },
            ApiError::NotFound,
            ApiError::NotOffered,
            ApiError::Throttled {
                retry_after: Some(3),
            },
            ApiError::from_answer(503, None, ""),
            ApiError::from_answer(502, None, ""),
            ApiError::from_answer(
                504,
                None,
                r#"{"detail":"Query has hit the max execution time before completing."}"#,
            ),
            ApiError::from_answer(
                504,
                None,
                r#"{"detail":"Query has hit the memory limit before completing."}"#,
            ),
            ApiError::from_answer(
                512,
                None,
                r#"{"detail":"Estimated query execution time is too long."}"#,
            ),
            ApiError::Canceled,
            ApiError::Unreadable,
        ];
        let sentences = errors.map(|error| format!("{error} {}", advice(&error)).trim().to_owned());
        insta::assert_snapshot!(sentences.join("\n"), @r"
        You are offline. It is tried again once there is a network.
        The server cannot be reached. Check that it runs and that its address is right.
        The server does not know you: you are not signed in, or the key is not valid. Sign in, or use another key.
        The key lacks the scope “person:read”. Use a key that may, or add the scope to this one.
        There is nothing at this address any more.
        This server does not offer this.
        The server asks for a pause: too many requests. Wait a moment, then try again.
        The server failed (status 503). Wait a minute, then try again.
        The server failed (status 502). Try again; if it keeps failing, see the server's log.
        The server failed (status 504): Query has hit the max execution time before completing. Choose a shorter date range or a longer interval, then refresh.
        The server failed (status 504): Query has hit the memory limit before completing. Choose a shorter date range or fewer breakdown values, then refresh.
        The server failed (status 512): Estimated query execution time is too long. Choose a shorter date range or a longer interval, then refresh.
        The query was canceled. Refresh to run it again.
        The server's answer cannot be read: is this a PostHog server?
        ");
    }
}

/// A link that cannot be read.
#[component]
pub fn BrokenLink(
    /// Why, in one sentence.
    reason: String,
) -> impl IntoView {
    document::set_title("Not found · Persons");
    view! {
        <ProblemPage title="This link leads nowhere" detail=reason>
            <a class="button button-primary" href=Route::Persons(Default::default()).url()>
                "Show people"
            </a>
        </ProblemPage>
    }
}
