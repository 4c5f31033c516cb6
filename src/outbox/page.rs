//! The page of all changes that were made on this device.

use leptos::prelude::*;

use super::change::{Change, Physics};
use super::desk::Outbox;
use super::entry::{Entry, State};
use crate::api::Session;
use crate::platform::{document, locks};
use crate::routes::Route;
use crate::ui::button::{Button, Loudness};
use crate::ui::copy::CopyButton;
use crate::ui::dynamic::{Member, dynamic, each, either};
use crate::ui::message::{Message, Tone};
use crate::ui::time::Time;

/// Changes, newest first.
#[component]
pub fn OutboxPage() -> impl IntoView {
    super::style();
    document::set_title("Outbox · Persons");
    let outbox = Outbox::expect();
    let is_paused = outbox.is_paused();
    let (listed, counted, cleared) = (outbox.clone(), outbox.clone(), outbox);
    let rows = move || {
        let outbox = listed.clone();
        let entries = outbox.entries().into_iter().rev();
        let row = |entry: Entry| {
            // Drawn anew whenever something about it changes.
            let key = format!(
                "{} {} {} {}",
                entry.id,
                entry.state.name(),
                entry.attempts,
                outbox.is_undone(entry.id)
            );
            let outbox = outbox.clone();
            Member::new(key, move || view! { <Row outbox entry/> }.into_any())
        };
        entries.map(row).collect()
    };
    view! {
        <div class="page">
            <header class="page-head">
                <h1>"Outbox"</h1>
                <span class="page-gap"></span>
                {either(
                    move || is_paused.get(),
                    move || {
                        view! {
                            <Button loudness=Loudness::Primary on_click=move |_| is_paused.set(false)>
                                "Resume"
                            </Button>
                        }
                        .into_any()
                    },
                    || ().into_any(),
                )}
                <a class="button button-quiet" href=Route::Ledger.url()>"Deletions"</a>
                <Button loudness=Loudness::Quiet on_click=move |_| cleared.clear()>
                    "Forget what is over"
                </Button>
            </header>
            <p class="note">
                "Changes made on this device. One counts as done when the server shows it."
            </p>
            {either(
                move || counted.entries().is_empty(),
                || {
                    view! {
                        <Message
                            tone=Tone::Empty
                            title="Nothing was changed here"
                            detail="Edits, splits and deletions stand here on their way to the server, and after."
                        >
                            ""
                        </Message>
                    }
                    .into_any()
                },
                move || view! { <ul class="panel outbox">{each(rows.clone())}</ul> }.into_any(),
            )}
        </div>
    }
}

/// One change.
#[component]
fn Row(outbox: Outbox, entry: Entry) -> impl IntoView {
    let client = Session::expect().client;
    let request = entry.change.request(entry.person);
    let curl = request.curl(&client);
    let href = person_link(&entry);
    view! {
        <li class="outbox-row">
            <span class=format!("tag {}", tone(&entry.state))>{entry.state.name()}</span>
            <div class="outbox-what">
                <p>
                    <a href=href><bdi>{entry.name.clone()}</bdi></a> " "
                    <span class="outbox-words">{entry.change.words()}</span>
                    {entry.undoes.map(|_| view! { <span class="note">" undo"</span> })}
                </p>
                <p class="note">{explained(&entry, &outbox)}</p>
                <details>
                    <summary class="note">"Request"</summary>
                    <p class="sends">
                        <code class="mono">{request.line()}</code>
                        <CopyButton what="request as curl, without the key" text=move || curl.clone()/>
                    </p>
                </details>
            </div>
            <span class="outbox-when note"><Time at=Some(persons_api::Timestamp(entry.id))/></span>
            <div class="outbox-actions">{actions(outbox, &entry)}</div>
        </li>
    }
}

pub(super) fn person_link(entry: &Entry) -> String {
    Route::person(entry.person.to_string()).url()
}

fn tone(state: &State) -> &'static str {
    match state {
        State::Confirmed => "tag-success",
        State::Failed(_) => "tag-danger",
        State::Unseen(_) | State::Held(_) | State::Accepted | State::Sending | State::Queued => {
            "tag-warning"
        }
        State::Cancelled => "",
    }
}

/// What happened and what comes next, in one sentence.
fn explained(entry: &Entry, outbox: &Outbox) -> String {
    if outbox.is_elsewhere(entry) {
        return match locks::are_offered() {
            true => "Another tab is at it.".into(),
            false => "Left by another tab. If that one is closed, try it here.".into(),
        };
    }
    match &entry.state {
        State::Held(_) => "Nothing was sent yet.".into(),
        State::Queued if entry.attempts > 0 => {
            "It did not get through. It is looked at, then tried again.".into()
        }
        State::Queued => "It waits for its turn.".into(),
        State::Sending => "It is under way.".into(),
        State::Accepted => "Sent. Waiting to see it on the server.".into(),
        State::Confirmed => "Done: the server shows it.".into(),
        State::Unseen(reason) | State::Failed(reason) => reason.clone(),
        State::Cancelled => "Taken back before anything was sent.".into(),
    }
}

fn actions(outbox: Outbox, entry: &Entry) -> AnyView {
    let id = entry.id;
    let button = |label: &'static str, deed: Box<dyn Fn()>| {
        view! { <Button loudness=Loudness::Quiet on_click=move |_| deed()>{label}</Button> }
            .into_any()
    };
    let is_elsewhere = outbox.is_elsewhere(entry);
    match &entry.state {
        _ if is_elsewhere && locks::are_offered() => ().into_any(),
        _ if is_elsewhere => button("Try it here", Box::new(move || outbox.retry(id))),
        State::Failed(_) | State::Unseen(_) => {
            button("Try again", Box::new(move || outbox.retry(id)))
        }
        State::Held(_) | State::Queued if entry.attempts == 0 => {
            button("Cancel", Box::new(move || outbox.cancel(id)))
        }
        _ if outbox.is_undone(id) => view! { <span class="note">"undone"</span> }.into_any(),
        State::Confirmed | State::Accepted if entry.undoes.is_none() => {
            match entry.change.physics() {
                Physics::Reversible => {
                    let undo = move || {
                        outbox.undo(id);
                    };
                    button("Undo", Box::new(undo))
                }
                Physics::Held => view! { <span class="note">"final"</span> }.into_any(),
            }
        }
        _ => ().into_any(),
    }
}

/// What was changed of one person on this device, for their overview.
#[component]
pub fn YourChanges(
    /// Whom.
    person: uuid::Uuid,
) -> impl IntoView {
    const SHOWN: usize = 5;
    let outbox = Outbox::expect();
    dynamic(move || {
        let entries = outbox.entries().into_iter().rev();
        let own = entries.filter(|entry| entry.person == person);
        let line = |entry: Entry| {
            view! {
                <li class="line your-change">
                    <span>{entry.change.words()}</span>
                    <span class=format!("tag {}", tone(&entry.state))>{entry.state.name()}</span>
                    <span class="line-actions">{actions(outbox.clone(), &entry)}</span>
                </li>
            }
            .into_any()
        };
        let lines: Vec<_> = own.take(SHOWN).map(line).collect();
        if lines.is_empty() {
            return ().into_any();
        }
        view! {
            <section class="panel" aria-labelledby="your-changes">
                <h2 id="your-changes">"Your changes, on this device"</h2>
                <ul>{lines}</ul>
            </section>
        }
        .into_any()
    })
}

/// Whether something is a deletion.
pub(super) fn is_deletion(entry: &Entry) -> bool {
    matches!(entry.change, Change::Delete { .. })
}
