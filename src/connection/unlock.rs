//! Coming back to a connection that this device remembers.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::device;
use super::state::Connection;
use crate::navigation::Navigation;
use crate::platform::document;
use crate::routes::Route;
use crate::ui::button::Button;
use crate::ui::dynamic::dynamic;

/// The way back, where this device remembers a connection that is not open.
#[component]
pub fn Unlock() -> impl IntoView {
    let connection = Connection::expect();
    let locked = RwSignal::new(device::locked_origin());
    dynamic(move || {
        let session = connection.session();
        let has_key = session.is_some_and(|session| session.client.key().is_some());
        match locked.get() {
            Some(origin) if has_key => view! { <Remembered origin locked/> }.into_any(),
            Some(origin) => view! { <Locked origin locked/> }.into_any(),
            None => ().into_any(),
        }
    })
}

/// The button that forgets.
#[component]
fn Forget(locked: RwSignal<Option<String>>) -> impl IntoView {
    let forget = move |_| {
        device::forget();
        locked.set(None);
    };
    view! { <Button on_click=forget>"Forget this device"</Button> }
}

fn shown(origin: &str) -> String {
    if origin.is_empty() {
        document::origin()
    } else {
        origin.to_owned()
    }
}

/// While the key is in use.
#[component]
fn Remembered(origin: String, locked: RwSignal<Option<String>>) -> impl IntoView {
    view! {
        <section class="panel" aria-label="This device">
            <p>"This device remembers a key for " <bdi>{shown(&origin)}</bdi> ", locked with a passphrase."</p>
            <div class="actions">
                <Forget locked/>
            </div>
        </section>
    }
}

#[component]
fn Locked(origin: String, locked: RwSignal<Option<String>>) -> impl IntoView {
    let connection = Connection::expect();
    let navigation = Navigation::expect();
    let passphrase = RwSignal::new(String::new());
    let is_busy = RwSignal::new(false);
    let problem = RwSignal::new("");
    let unlock = move |event: SubmitEvent| {
        event.prevent_default();
        if is_busy.get_untracked() {
            return;
        }
        is_busy.set(true);
        problem.set("");
        let passphrase = passphrase.get_untracked();
        spawn_local(async move {
            let client = device::unlock(&passphrase).await;
            // Whoever left the screen meanwhile wants nothing opened.
            if is_busy.try_set(false).is_some() {
                return;
            }
            match client {
                Some(client) => {
                    connection.check_with(client);
                    if navigation.route().get_untracked() == Route::Connect {
                        navigation.go(Route::Persons(Default::default()));
                    }
                }
                None => problem.set("This passphrase does not open it."),
            }
        });
    };
    view! {
        <form class="panel" aria-labelledby="unlock-title" on:submit=unlock>
            <h2 id="unlock-title">"Unlock the key on this device"</h2>
            <p>"For " <bdi>{shown(&origin)}</bdi> "."</p>
            <label for="unlock-passphrase">"Passphrase of this device"</label>
            <input
                id="unlock-passphrase"
                class="field"
                type="password"
                autocomplete="current-password"
                aria-describedby="unlock-problem"
                prop:value=passphrase
                on:input=move |event| passphrase.set(event_target_value(&event))
            />
            <p class="field-problem" id="unlock-problem" role="alert">
                {move || problem.get()}
            </p>
            <div class="actions">
                <button type="submit" class="button button-primary">
                    {move || if is_busy.get() { "Unlocking…" } else { "Unlock" }}
                </button>
                <Forget locked/>
            </div>
        </form>
    }
}
