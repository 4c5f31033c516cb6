//! The browsers that are signed in: listed, each with a button that signs it out.

use leptos::prelude::*;
use leptos::task::spawn_local;
use persons_api::BrowserSession;

use super::state::Connection;
use crate::api::{ApiError, Client, Load, load, sessions};
use crate::platform::Abort;
use crate::ui::button::Button;
use crate::ui::dynamic::{dynamic, text};
use crate::ui::time::Time;

/// The button that signs this browser out. The people kept on this device are forgotten, too.
#[component]
pub fn SignOut(
    /// The way to the server.
    client: Client,
    /// Why it did not work.
    problem: RwSignal<Option<ApiError>>,
) -> impl IntoView {
    let connection = Connection::expect();
    let is_busy = RwSignal::new(false);
    let sign_out = move |_| {
        if is_busy.get_untracked() {
            return;
        }
        is_busy.set(true);
        problem.set(None);
        let client = client.clone();
        spawn_local(async move {
            let outcome = sessions::sign_out(&client, &Abort::new()).await;
            // The screen may be gone; the session is, too.
            is_busy.try_set(false);
            match outcome {
                Ok(()) => connection.forget(),
                Err(error) => {
                    problem.try_set(Some(error));
                }
            }
        });
    };
    let words = text(move || {
        if is_busy.get() {
            "Signing out…"
        } else {
            "Sign out"
        }
        .to_owned()
    });
    view! { <Button on_click=sign_out>{words}</Button> }
}

/// The sessions of all browsers.
#[component]
pub fn Sessions(
    /// The way to the server.
    client: Client,
) -> impl IntoView {
    let list = {
        let client = client.clone();
        load(
            move || Some(client.clone()),
            |client, abort| async move { sessions::list(&client, &abort).await },
        )
    };
    let problem = RwSignal::new(None::<ApiError>);
    let rows = dynamic(move || match (list.value.get(), list.error.get()) {
        (_, Some(error)) => view! { <NotLoaded error list/> }.into_any(),
        (None, None) => view! { <p class="quiet">"Loading sessions…"</p> }.into_any(),
        (Some(sessions), None) => {
            let rows = sessions.into_iter().map(|session| {
                let client = client.clone();
                view! { <SessionRow session client list problem/> }.into_any()
            });
            view! { <ul class="sessions">{rows.collect_view()}</ul> }.into_any()
        }
    });
    view! {
        <section class="panel" aria-labelledby="sessions-title">
            <h2 id="sessions-title">"Signed-in browsers"</h2>
            {rows}
            <Problem problem what="Could not revoke the session."/>
        </section>
    }
}

/// Why something did not work, read aloud when it appears.
#[component]
pub fn Problem(
    /// Why.
    problem: RwSignal<Option<ApiError>>,
    /// What did not work, as a sentence.
    what: &'static str,
) -> impl IntoView {
    let words = text(move || {
        let error = problem.get();
        error.map_or(String::new(), |error| format!("{what} {error}"))
    });
    view! { <p class="field-problem" role="alert">{words}</p> }
}

#[component]
fn NotLoaded(error: ApiError, list: Load<Vec<BrowserSession>>) -> impl IntoView {
    view! {
        <p role="alert">{format!("Could not load the sessions. {error}")}</p>
        <div class="actions">
            <Button on_click=move |_| list.again()>"Try again"</Button>
        </div>
    }
}

#[component]
fn SessionRow(
    session: BrowserSession,
    client: Client,
    list: Load<Vec<BrowserSession>>,
    problem: RwSignal<Option<ApiError>>,
) -> impl IntoView {
    let BrowserSession {
        id,
        label,
        created_at,
        last_used_at,
        is_current,
        ..
    } = session;
    let is_busy = RwSignal::new(false);
    let revoke = move |_| {
        if is_busy.get_untracked() {
            return;
        }
        is_busy.set(true);
        problem.set(None);
        let (client, id) = (client.clone(), id.clone());
        spawn_local(async move {
            let outcome = sessions::revoke(&client, &id, &Abort::new()).await;
            // The screen may be gone.
            if is_busy.try_set(false).is_some() {
                return;
            }
            match outcome {
                Ok(()) => list.again(),
                Err(error) => problem.set(Some(error)),
            }
        });
    };
    let name = match is_current {
        true => format!("{label}, this browser"),
        false => label,
    };
    view! {
        <li class="session">
            <span>
                <strong>{name}</strong>
                <span class="note">
                    "Signed in " <Time at=Some(created_at) in_words=true/> ", last used "
                    <Time at=Some(last_used_at) in_words=true/>
                </span>
            </span>
            {(!is_current).then(|| view! { <Button on_click=revoke>"Revoke"</Button> })}
        </li>
    }
}
