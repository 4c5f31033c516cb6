//! Sends what waits, one after the other, and looks whether it was done.

use std::time::Duration;

use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use persons_api::Person;

use super::bar::Bar;
use super::change::Change;
use super::desk::Outbox;
use super::entry::{Entry, State};
use crate::api::{ApiError, Client, Session, persons, traffic};
use crate::effect::effect;
use crate::platform::listener::on_window;
use crate::platform::timer::{every, sleep};
use crate::platform::{Abort, clock, keyboard};
use crate::ui::notice::Notices;

/// How often something is sent that did not arrive.
const MOST_ATTEMPTS: u32 = 8;

/// When a change is looked for after it was accepted: so many milliseconds after the last look, a minute
/// in all. Our own server shows it at once, PostHog takes its time.
const LOOKS: [i64; 9] = [0, 500, 1_500, 3_000, 5_000, 8_000, 12_000, 15_000, 15_000];

/// The longest pause between two tries, in milliseconds.
const LONGEST_PAUSE: i64 = 60_000;

/// The outbox at work, and the bar with what it holds.
#[component]
pub fn AtWork(session: Session) -> impl IntoView {
    let client = StoredValue::new(session.client);
    let outbox = Outbox::expect();
    outbox.begin();
    let notices = Notices::expect();
    let is_busy = StoredValue::new(false);
    let (watched, working) = (outbox.clone(), outbox.clone());
    effect(move |is_first| {
        let entries = watched.entries();
        if is_first {
            for entry in entries
                .iter()
                .filter(|entry| entry.state == State::Accepted)
            {
                spawn_local(confirm(
                    working.clone(),
                    client.get_value(),
                    entry.clone(),
                    notices,
                ));
            }
        }
        if is_busy.get_value() || working.next().is_none() {
            return;
        }
        is_busy.set_value(true);
        let (outbox, client) = (working.clone(), client.get_value());
        spawn_local(async move {
            while let Some(entry) = outbox.next() {
                step(&outbox, &client, entry, notices).await;
                // The connection may be another one by now.
                if is_busy.try_get_value().is_none() {
                    return;
                }
            }
            is_busy.try_set_value(false);
        });
    });
    let held = outbox.clone();
    every(Duration::from_millis(250), move || {
        held.release(clock::now())
    });
    let undone = outbox.clone();
    on_window(ev::keydown, move |event| {
        let is_undo = keyboard::has_command(&event) && !event.shift_key() && event.key() == "z";
        if !is_undo || event.default_prevented() || keyboard::is_typing(&event) {
            return;
        }
        event.prevent_default();
        notices.show(match undone.undo_last() {
            Some(words) => format!("Undone. {words}"),
            None => "There is nothing to undo.".into(),
        });
    });
    view! { <Bar outbox/> }
}

/// Sends an entry. It is looked for first where it may have arrived before, or where it undoes something
/// that others may have changed since.
async fn step(outbox: &Outbox, client: &Client, entry: Entry, notices: Notices) {
    let id = entry.id;
    if entry.attempts > 0 || entry.undoes.is_some() {
        match look(client, &entry).await {
            Ok(Look::Done) => return done(outbox, client, &entry, notices),
            Ok(Look::Open(person)) if entry.undoes.is_some() => {
                if !entry.change.is_still_before(&person) {
                    let reason = "It was changed by others since. Nothing was sent.";
                    return fail(outbox, &entry, reason.into(), notices);
                }
            }
            Ok(_) => {}
            Err(error) if error.may_pass() => return wait(outbox, &entry, &error, notices).await,
            Err(error) => return fail(outbox, &entry, error.to_string(), notices),
        }
    }
    outbox.change(id, |entry| {
        entry.state = State::Sending;
        entry.attempts += 1;
        entry.sent = Some(clock::now());
    });
    let Some(entry) = outbox.get(id) else { return };
    match entry.change.request(entry.person).send(client).await {
        Ok(()) => {
            outbox.change(id, |entry| {
                entry.state = State::Accepted;
                entry.sent = Some(clock::now());
            });
            spawn_local(confirm(outbox.clone(), client.clone(), entry, notices));
        }
        Err(ApiError::NotFound) if matches!(entry.change, Change::Delete { .. }) => {
            done(outbox, client, &entry, notices);
        }
        // A request that was refused for its number did not arrive.
        Err(error @ ApiError::Throttled { .. }) => {
            outbox.change(id, |entry| {
                entry.state = State::Queued;
                entry.attempts -= 1;
            });
            sleep(traffic::heed(&error, 1).unwrap_or(1_000)).await;
        }
        Err(error) if error.may_pass() => wait(outbox, &entry, &error, notices).await,
        Err(ApiError::NotFound) => {
            let reason = "There is no such person any more.".into();
            fail(outbox, &entry, reason, notices);
        }
        Err(error) => fail(outbox, &entry, error.to_string(), notices),
    }
}

/// Puts an entry back, and waits longer each time.
async fn wait(outbox: &Outbox, entry: &Entry, error: &ApiError, notices: Notices) {
    if entry.attempts >= MOST_ATTEMPTS {
        return fail(outbox, entry, error.to_string(), notices);
    }
    outbox.change(entry.id, |entry| {
        entry.state = State::Queued;
        entry.attempts = entry.attempts.max(1) + u32::from(entry.state == State::Queued);
    });
    let pause = 1_000_i64 << entry.attempts.min(6);
    sleep(pause.min(LONGEST_PAUSE)).await;
}

/// What one sees of a change.
enum Look {
    Done,
    /// Not yet: the person as they are.
    Open(Box<Person>),
    /// There is nobody to be changed.
    Nobody,
}

async fn look(client: &Client, entry: &Entry) -> Result<Look, ApiError> {
    let abort = Abort::new();
    let person = persons::by_uuid(client, entry.person, &abort).await?;
    let mut is_done = entry.change.is_shown_by(person.as_deref());
    // An id has left only when it leads to somebody else.
    if let (true, Change::Split { leave, .. }) = (is_done, &entry.change)
        && let Some(id) = leave.first()
    {
        let owner = persons::owner(client, id, &abort).await?;
        is_done = owner.is_some_and(|owner| owner != entry.person);
    }
    Ok(match person {
        _ if is_done => Look::Done,
        Some(person) => Look::Open(person),
        None => Look::Nobody,
    })
}

/// Looks for a change that was accepted, for a minute.
async fn confirm(outbox: Outbox, client: Client, entry: Entry, notices: Notices) {
    for pause in LOOKS {
        sleep(pause).await;
        match look(&client, &entry).await {
            Ok(Look::Done) => return done(&outbox, &client, &entry, notices),
            Ok(Look::Nobody) => break,
            Ok(Look::Open(_)) | Err(_) => {}
        }
    }
    outbox.change(entry.id, |entry| entry.state = State::Unseen);
    notices.show(format!(
        "{}: the server accepted it and does not show it after a minute. {}",
        entry.name,
        entry.change.words()
    ));
}

fn done(outbox: &Outbox, client: &Client, entry: &Entry, notices: Notices) {
    outbox.change(entry.id, |entry| {
        entry.state = State::Confirmed;
        entry.sent = entry.sent.or(Some(clock::now()));
    });
    persons::forget(client, entry.person);
    outbox.tell(entry.person);
    notices.show(format!(
        "{}: {}. Confirmed.",
        entry.name,
        entry.change.words()
    ));
}

fn fail(outbox: &Outbox, entry: &Entry, reason: String, notices: Notices) {
    notices.show(format!(
        "{}: {} was not done. {reason}",
        entry.name,
        entry.change.words()
    ));
    outbox.change(entry.id, |entry| entry.state = State::Failed(reason));
}
