//! What is held before it is sent, on every screen: how long still, and the ways out.

use std::time::Duration;

use leptos::prelude::*;

use super::desk::Outbox;
use super::entry::{Entry, State};
use crate::platform::clock;
use crate::platform::timer::every;
use crate::ui::button::{Button, Loudness};
use crate::ui::dynamic::{Member, each, text, when};

/// One line for each.
#[component]
pub fn Bar(outbox: Outbox) -> impl IntoView {
    let full = outbox.clone();
    let held = move || {
        let entries = outbox.entries().into_iter();
        // Another tab holds its own: an Undo here would not reach it.
        let held =
            entries.filter(|entry| outbox.is_own(entry) && matches!(entry.state, State::Held(_)));
        // What was made together is one line.
        let mut lines: Vec<(Entry, usize)> = Vec::new();
        for entry in held {
            match lines
                .iter_mut()
                .find(|(first, _)| first.batch.is_some() && first.batch == entry.batch)
            {
                Some((_, count)) => *count += 1,
                None => lines.push((entry, 1)),
            }
        }
        let line = |(entry, count): (Entry, usize)| {
            let outbox = outbox.clone();
            Member::new(entry.id.to_string(), move || {
                view! { <Held outbox entry count/> }.into_any()
            })
        };
        lines.into_iter().map(line).collect()
    };
    let no_room = || {
        view! {
            <p class="held-line">
                "This device has no room to remember your changes: leave this page open until they are done, or let it forget those that are over in the outbox."
            </p>
        }
        .into_any()
    };
    view! {
        <div class="held" role="status">
            {when(move || full.is_full(), no_room)}
            {each(held)}
        </div>
    }
}

#[component]
fn Held(outbox: Outbox, entry: Entry, count: usize) -> impl IntoView {
    let id = entry.id;
    let together = entry.batch;
    let who = match count {
        1 => entry.name.clone(),
        many => format!("{many} people"),
    };
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
    let each = move |deed: fn(&Outbox, i64)| {
        let entries = outbox.entries().into_iter();
        let same =
            entries.filter(|entry| entry.id == id || together.is_some() && entry.batch == together);
        same.for_each(|entry| deed(&outbox, entry.id));
    };
    let (undo, send, prolong) = (each.clone(), each.clone(), each);
    view! {
        <div class="held-line">
            <span class="held-words">
                <bdi>{who}</bdi> ": " {entry.change.words()}
                // Read aloud every second it would drown everything else.
                <span aria-hidden="true">{left}</span>
            </span>
            <Button loudness=Loudness::Primary on_click=move |_| untrack(|| undo(Outbox::cancel))>"Undo"</Button>
            <Button on_click=move |_| untrack(|| send(Outbox::send_now))>"Send now"</Button>
            <Button loudness=Loudness::Quiet on_click=move |_| untrack(|| prolong(Outbox::prolong))>"One more minute"</Button>
        </div>
    }
}
