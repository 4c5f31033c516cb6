//! What is held before it is sent, on every screen: how long still, and the ways out.

use std::time::Duration;

use leptos::prelude::*;

use super::desk::Outbox;
use super::entry::{Entry, State};
use crate::platform::clock;
use crate::platform::timer::every;
use crate::ui::button::{Button, Loudness};
use crate::ui::dynamic::{Member, each, text};

/// One line for each.
#[component]
pub fn Bar(outbox: Outbox) -> impl IntoView {
    let held = move || {
        let entries = outbox.entries().into_iter();
        let held = entries.filter(|entry| matches!(entry.state, State::Held(_)));
        held.map(|entry| {
            let outbox = outbox.clone();
            Member::new(entry.id.to_string(), move || {
                view! { <Held outbox entry/> }.into_any()
            })
        })
        .collect()
    };
    view! { <div class="held" role="status">{each(held)}</div> }
}

#[component]
fn Held(outbox: Outbox, entry: Entry) -> impl IntoView {
    let id = entry.id;
    let now = RwSignal::new(clock::now());
    every(Duration::from_millis(250), move || now.set(clock::now()));
    let watched = outbox.clone();
    let left = text(move || {
        let until = watched.entries().into_iter().find(|entry| entry.id == id);
        match until.map(|entry| entry.state) {
            Some(State::Held(until)) => {
                let left = (until.0 - now.get().0 + 999_999) / 1_000_000;
                format!(" in {} s", left.max(0))
            }
            _ => String::new(),
        }
    });
    let (undo, send, prolong) = (outbox.clone(), outbox.clone(), outbox);
    view! {
        <div class="held-line">
            <span class="held-words">
                <bdi>{entry.name.clone()}</bdi> ": " {entry.change.words()}
                // Read aloud every second it would drown everything else.
                <span aria-hidden="true">{left}</span>
            </span>
            <Button loudness=Loudness::Primary on_click=move |_| undo.cancel(id)>"Undo"</Button>
            <Button on_click=move |_| send.send_now(id)>"Send now"</Button>
            <Button loudness=Loudness::Quiet on_click=move |_| prolong.prolong(id)>"One more minute"</Button>
        </div>
    }
}
