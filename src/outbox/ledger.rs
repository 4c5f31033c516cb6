//! The ledger of deletions: who was asked to be deleted on this device, what the server said, and how it
//! stands now.

use leptos::prelude::*;
use leptos::task::spawn_local;
use persons_api::Timestamp;
use serde_json::{Value, json};

use super::change::Change;
use super::desk::Outbox;
use super::entry::{Entry, State};
use super::page::{is_deletion, person_link};
use crate::api::{ApiError, Client, Session, persons};
use crate::people;
use crate::platform::{Abort, clock, document, download};
use crate::ui::button::{Button, Loudness};
use crate::ui::dynamic::{Member, each, either, text};
use crate::ui::message::{Message, Tone};
use crate::ui::time::Time;

/// The page.
#[component]
pub fn LedgerPage() -> impl IntoView {
    super::style();
    document::set_title("Deletions · Persons");
    let outbox = Outbox::expect();
    let listed = outbox.clone();
    let rows = move || {
        let entries = listed.entries().into_iter().rev().filter(is_deletion);
        let row = |entry: Entry| {
            let key = format!("{} {}", entry.id, entry.state.name());
            Member::new(key, move || view! { <Row entry/> }.into_any())
        };
        entries.map(row).collect()
    };
    view! {
        <div class="page">
            <h1>"Deletions"</h1>
            <p class="note">
                "Who was deleted on this device: what was asked for, what the server said, and how it stands. Others' deletions are on the Activity page."
            </p>
            {either(
                move || !outbox.entries().iter().any(is_deletion),
                || {
                    view! {
                        <Message
                            tone=Tone::Empty
                            title="Nobody was deleted here"
                            detail="A deletion stands here from the moment it is asked for, with a receipt to keep."
                        >
                            ""
                        </Message>
                    }
                    .into_any()
                },
                move || {
                    view! {
                        <div class="panel ledger">
                            <table>
                                <caption class="visually-hidden">"Deletions"</caption>
                                <thead>
                                    <tr>
                                        <th scope="col">"When"</th>
                                        <th scope="col">"Person"</th>
                                        <th scope="col">"Asked for"</th>
                                        <th scope="col">"Answer"</th>
                                        <th scope="col">"Now"</th>
                                        <th scope="col"><span class="visually-hidden">"Actions"</span></th>
                                    </tr>
                                </thead>
                                <tbody>{each(rows.clone())}</tbody>
                            </table>
                        </div>
                    }
                    .into_any()
                },
            )}
        </div>
    }
}

#[component]
fn Row(entry: Entry) -> impl IntoView {
    let client = StoredValue::new(Session::expect().client);
    let now = RwSignal::new(match entry.state {
        State::Confirmed => "person gone".to_owned(),
        _ => "not looked at".to_owned(),
    });
    let entry = StoredValue::new(entry);
    let check = move || {
        now.set("asking…".into());
        let (client, entry) = (client.get_value(), entry.get_value());
        spawn_local(async move {
            let said = match standing(&client, &entry).await {
                Ok(said) => said,
                Err(error) => error.to_string(),
            };
            now.try_set(said);
        });
    };
    // Who opens the ledger wants to know how it stands.
    if entry.with_value(|entry| matches!(entry.state, State::Confirmed | State::Unseen(_))) {
        check();
    }
    let receipt = move |_| {
        let receipt = receipt(&entry.get_value(), &now.get_untracked());
        download::text("deletion.json", "application/json", &receipt);
    };
    let Entry {
        id,
        name,
        person,
        change,
        state,
        ..
    } = entry.get_value();
    let events = matches!(change, Change::Delete { events: true, .. });
    let answer = match &state {
        State::Failed(reason) | State::Unseen(reason) => reason.clone(),
        other => other.name().to_owned(),
    };
    view! {
        <tr>
            <td><Time at=Some(Timestamp(id))/></td>
            <th scope="row">
                <a href=entry.with_value(person_link)><bdi>{name}</bdi></a>
                <span class="note mono" title=person.to_string()>" " {people::shortened(&person.to_string())}</span>
            </th>
            <td>{if events { "person and events" } else { "person" }}</td>
            <td>{answer}</td>
            <td aria-live="polite">{text(move || now.get())}</td>
            <td class="outbox-actions">
                <Button loudness=Loudness::Quiet on_click=move |_| check()>"Check"</Button>
                <Button loudness=Loudness::Quiet on_click=receipt>"Receipt"</Button>
            </td>
        </tr>
    }
}

/// How a deletion stands, in exact words: that events are gone is said only when the server says so.
async fn standing(client: &Client, entry: &Entry) -> Result<String, ApiError> {
    let abort = Abort::new();
    if persons::by_uuid(client, entry.person, &abort)
        .await?
        .is_some()
    {
        return Ok("person still there".into());
    }
    let Change::Delete { events: true, .. } = entry.change else {
        return Ok("person gone".into());
    };
    Ok(
        match persons::deletion_status(client, entry.person, &abort).await {
            Ok(Some(status)) => format!("person gone; events {status}"),
            Ok(None) | Err(ApiError::NotOffered) => {
                "person gone; deletion of events was requested, the server does not say more".into()
            }
            Err(error) => return Err(error),
        },
    )
}

/// What can be kept of it.
fn receipt(entry: &Entry, now: &str) -> String {
    let Change::Delete { events, snapshot } = &entry.change else {
        return String::new();
    };
    let receipt: Value = json!({
        "person": entry.person,
        "name": entry.name,
        "server_and_project": entry.place,
        "request": entry.change.request(entry.person).line(),
        "events_too": events,
        "asked_at": Timestamp(entry.id).to_string(),
        "sent_at": entry.sent.map(|at| at.to_string()),
        "answer": entry.state.name(),
        "standing": now,
        "looked_at": clock::now().to_string(),
        "snapshot": snapshot,
    });
    crate::ui::json::pretty(&receipt.to_string())
}
