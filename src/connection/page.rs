//! The Connect screen: what is connected, or why nothing is, and the form to change it.

use leptos::prelude::*;

use super::form::ConnectForm;
use super::people::KeptPeople;
use super::sessions::{Problem, Sessions, SignOut};
use super::state::{Connection, State};
use super::unlock::Unlock;
use super::warnings::Warnings;
use crate::api::{ApiError, Server, Session};
use crate::navigation::Navigation;
use crate::platform::document;
use crate::routes::Route;
use crate::ui::button::Button;
use crate::ui::dynamic::dynamic;

/// The screen.
#[component]
pub fn ConnectPage() -> impl IntoView {
    document::set_title("Connection · Persons");
    let connection = Connection::expect();
    view! {
        <div class="page page-narrow">
            <h1>"Connection"</h1>
            <Unlock/>
            {dynamic(move || match connection.state().get() {
                State::Checking => view! { <p class="quiet">"Asking the server…"</p> }.into_any(),
                State::Open(session) => view! { <Present session/> }.into_any(),
                State::Closed(error) => view! { <WhyNot error/> }.into_any(),
            })}
            <ConnectForm/>
            <KeptPeople/>
        </div>
    }
}

/// What is connected now.
#[component]
fn Present(session: Session) -> impl IntoView {
    let connection = Connection::expect();
    let navigation = Navigation::expect();
    let has_key = session.client.key().is_some();
    let known_by = if has_key { "a key" } else { "a sign-in cookie" };
    let server = session.client.server().origin();
    // Only the server that this page came from signs browsers in.
    let cookie_client =
        (!has_key && *session.client.server() == Server::This).then(|| session.client.clone());
    let sessions = cookie_client.clone();
    // PostHog shows its warnings in its own app only.
    let warnings_client =
        (*session.client.server() == Server::This).then(|| session.client.clone());
    let problem = RwSignal::new(None);
    view! {
        <section class="panel connection-present" aria-label="Current connection">
            <p>
                <strong><bdi>{session.project.name}</bdi></strong>
                " on " <bdi>{server}</bdi> ", known by " {known_by} "."
            </p>
            <div class="actions">
                <a class="button button-primary" href=Route::Persons(navigation.last_list()).url()>
                    "Show people"
                </a>
                {has_key.then(|| {
                    let forget = move |_| connection.forget();
                    view! { <Button on_click=forget>"Forget the key"</Button> }
                })}
                {cookie_client.map(|client| view! { <SignOut client problem/> })}
            </div>
            <Problem problem what="Could not sign out."/>
        </section>
        {sessions.map(|client| view! { <Sessions client/> })}
        {warnings_client.map(|client| view! { <Warnings client/> })}
    }
}

/// Why nothing is connected, in one sentence.
#[component]
fn WhyNot(error: ApiError) -> impl IntoView {
    let connection = Connection::expect();
    let client = connection.client();
    let is_cookie = client.key().is_none() && *client.server() == Server::This;
    let sentence = match error {
        ApiError::Unauthorized if is_cookie => {
            "This browser is not signed in: open the sign-in link that persons-server printed when \
             it started."
                .to_owned()
        }
        ApiError::NotFound | ApiError::NotOffered | ApiError::Unreadable if is_cookie => {
            "This page comes from a server without people: connect to another one below.".to_owned()
        }
        error => error.to_string(),
    };
    view! {
        <section class="panel connection-problem" role="alert">
            <p>{sentence}</p>
            <Button on_click=move |_| connection.check()>"Check again"</Button>
        </section>
    }
}
