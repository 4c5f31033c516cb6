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
use super::{Pending, stored};
use crate::api::{ApiError, Client, Session, persons, traffic};
use crate::effect::effect;
use crate::platform::listener::on_window;
use crate::platform::timer::{every, sleep};
use crate::platform::{Abort, clock, document, keyboard, locks, storage};
use crate::ui::notice::Notices;

/// How often something is sent that did not arrive.
const MOST_ATTEMPTS: u32 = 8;

/// When a change is looked for after it was accepted: so many milliseconds after the last look, a minute
/// in all. Our own server shows it at once, PostHog takes its time.
const LOOKS: [i64; 9] = [0, 500, 1_500, 3_000, 5_000, 8_000, 12_000, 15_000, 15_000];

/// The longest pause between two tries, in milliseconds.
const LONGEST_PAUSE: i64 = 60_000;

/// In microseconds.
const MINUTE: i64 = 60_000_000;

const NOBODY: &str = "There is no such person any more.";

/// The outbox at work, and the bar with what it holds.
#[component]
pub fn AtWork(session: Session) -> impl IntoView {
    let client = StoredValue::new(session.client);
    let outbox = Outbox::expect();
    let pending = Pending::expect();
    let notices = Notices::expect();
    let forgetful = outbox.clone();
    // Also at the start: other tabs may have written something before anybody listened.
    effect(move |_| {
        pending.forgotten.track();
        forgetful.learn_all();
    });
    take_over_what_is_left(outbox.clone(), client, notices);
    let learning = outbox.clone();
    storage::on_change_elsewhere(move |key| {
        let done = stored::id_of(&key).and_then(|id| learning.learn(id));
        if let Some(entry) = done {
            persons::forget(&client.get_value(), entry.person);
            learning.tell(entry.person);
        }
    });
    let is_busy = StoredValue::new(false);
    let working = outbox.clone();
    effect(move |_| {
        working.watch();
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
        let words = undone.undo_last();
        notices.show(if words.is_empty() {
            "There is nothing to undo.".into()
        } else {
            ["Undone. ", &words.join("; ")].concat()
        });
    });
    view! { <Bar outbox/> }
}

/// Goes on with what other runs of the app left, as soon as they are over.
fn take_over_what_is_left(outbox: Outbox, client: StoredValue<Client>, notices: Notices) {
    let abort = Abort::new();
    on_cleanup({
        let abort = abort.clone();
        move || abort.abort()
    });
    let watched = StoredValue::new(Vec::<String>::new());
    effect(move |_| {
        for Entry { run, .. } in outbox
            .entries()
            .iter()
            .filter(|entry| outbox.is_elsewhere(entry))
        {
            if watched.with_value(|watched| watched.contains(run)) {
                continue;
            }
            watched.update_value(|watched| watched.push(run.clone()));
            let (outbox, client) = (outbox.clone(), client.get_value());
            let (run, abort) = (run.clone(), abort.clone());
            spawn_local(async move {
                let lock = locks::lock(&run, &abort).await;
                if abort.is_aborted() || lock.is_none() && locks::are_offered() {
                    return;
                }
                for entry in outbox.take_over(&run, lock.as_ref()) {
                    match entry.state {
                        State::Held(_) => notices.show(format!(
                            "{}: {} was cancelled when its page was closed. Nothing was sent.",
                            entry.name,
                            entry.change.words()
                        )),
                        State::Accepted => {
                            let (outbox, client) = (outbox.clone(), client.clone());
                            spawn_local(confirm(outbox, client, entry, notices));
                        }
                        _ => {}
                    }
                }
            });
        }
    });
}

/// Sends an entry. It is looked for first where it may have arrived before, or where it undoes something
/// that others may have changed since.
async fn step(outbox: &Outbox, client: &Client, entry: Entry, notices: Notices) {
    let id = entry.id;
    // Nobody else takes it up meanwhile.
    outbox.change(id, |entry| entry.state = State::Sending);
    let may_have_arrived = entry.attempts > 0;
    if may_have_arrived || entry.undoes.is_some() {
        match look_before_sending(client, &entry).await {
            Ok(Look::Done) if may_have_arrived => return done(outbox, client, &entry, notices),
            Ok(Look::Open(person)) if !entry.change.is_still_before(&person) => {
                if entry.undoes.is_some() {
                    let reason = "It was changed by others since. Nothing was sent.";
                    return fail(outbox, &entry, reason.into(), notices);
                }
            }
            // Something that seems undone already is sent all the same: what it undoes may show itself late.
            Ok(_) => {}
            Err(error) if error.may_pass() => {
                outbox.change(id, |entry| entry.attempts += 1);
                return wait(outbox, id, &error, notices).await;
            }
            Err(error) => return fail(outbox, &entry, error.to_string(), notices),
        }
    }
    let pending = outbox.pending();
    outbox.change(id, |entry| {
        entry.attempts += 1;
        entry.sent = Some(clock::now());
    });
    match entry.change.request(entry.person).send(client).await {
        Ok(()) => {
            pending.learn_writing(client, true);
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
        Err(error) if error.may_pass() => wait(outbox, id, &error, notices).await,
        Err(error) => {
            // A second request for what was done by the first one is refused.
            if may_have_arrived && matches!(look(client, &entry).await, Ok(Look::Done)) {
                return done(outbox, client, &entry, notices);
            }
            pending.learn_refusal(client, &error);
            // A server names the property that a key must not write.
            let is_refused = matches!(&error, ApiError::Invalid { detail, .. }
                if entry.change.key().is_some_and(|key| detail.contains(key)));
            outbox.change(id, |entry| entry.is_refused = is_refused);
            let reason = match error {
                ApiError::NotFound => NOBODY.into(),
                error => error.to_string(),
            };
            fail(outbox, &entry, reason, notices);
        }
    }
}

/// Puts an entry back, and waits: for a network, or longer each time.
async fn wait(outbox: &Outbox, id: i64, error: &ApiError, notices: Notices) {
    let Some(entry) = outbox.get(id) else { return };
    let is_offline = *error == ApiError::Offline;
    if !is_offline && entry.attempts >= MOST_ATTEMPTS {
        return fail(outbox, &entry, error.to_string(), notices);
    }
    outbox.change(id, |entry| {
        entry.state = State::Queued;
        if is_offline {
            entry.attempts = 1;
        }
    });
    let pause = 1_000_i64 << entry.attempts.min(6);
    sleep(pause.min(LONGEST_PAUSE)).await;
    while is_offline && document::is_offline() {
        sleep(1_000).await;
    }
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

/// Looks before something is sent again. A split that is on its way shows itself late, and must not be sent
/// a second time, so it gets as much time as one that was accepted.
async fn look_before_sending(client: &Client, entry: &Entry) -> Result<Look, ApiError> {
    let is_split = matches!(entry.change, Change::Split { .. });
    for pause in LOOKS {
        sleep(pause).await;
        let seen = look(client, entry).await?;
        let age = entry.sent.map_or(i64::MAX, |sent| clock::now().0 - sent.0);
        if !is_split || age > MINUTE || !matches!(seen, Look::Open(_)) {
            return Ok(seen);
        }
    }
    look(client, entry).await
}

/// Looks for a change that was accepted, for a minute. While nothing can be read, the minute stands still.
async fn confirm(outbox: Outbox, client: Client, entry: Entry, notices: Notices) {
    let mut failures = 0;
    let mut looks = LOOKS.into_iter();
    let mut pause = looks.next();
    let reason = loop {
        let Some(milliseconds) = pause else {
            break "The server accepted it and does not show it after a minute.".to_owned();
        };
        sleep(milliseconds).await;
        // Somebody else may have seen it, or the app may be another one by now.
        if outbox.get(entry.id).map(|entry| entry.state) != Some(State::Accepted) {
            return;
        }
        match look(&client, &entry).await {
            Ok(Look::Done) => return done(&outbox, &client, &entry, notices),
            Ok(Look::Nobody) => break NOBODY.to_owned(),
            Ok(Look::Open(_)) => pause = looks.next(),
            Err(error) if error.may_pass() => {
                pause = Some(LONGEST_PAUSE.min(1_000 << failures));
                failures = (failures + 1).min(6);
            }
            Err(error) => {
                break format!("The server accepted it, and it cannot be read back: {error}");
            }
        }
    };
    notices.show(format!(
        "{}: {}. {reason}",
        entry.name,
        entry.change.words()
    ));
    outbox.change(entry.id, |entry| entry.state = State::Unseen(reason));
}

fn done(outbox: &Outbox, client: &Client, entry: &Entry, notices: Notices) {
    if outbox
        .get(entry.id)
        .is_none_or(|entry| entry.state.is_over())
    {
        return;
    }
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
