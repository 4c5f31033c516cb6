//! The editor of one property: the type is chosen, the difference and the request are shown before
//! anything is sent, and what was typed survives leaving.

mod known;

use std::sync::Arc;

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use persons_api::Person;
use serde_json::Value;

use self::known::explained;
use crate::api::Session;
use crate::api::changes::Request;
use crate::outbox::{self, Change, Outbox};
use crate::people;
use crate::platform::focus;
use crate::platform::keyboard;
use crate::platform::storage::Memory;
use crate::ui::button::{Button, Loudness};
use crate::ui::copy::copy;
use crate::ui::dynamic::{dynamic, text};
use crate::ui::notice::Notices;
use crate::ui::typed::{Draft, Type, Types, VALUE_ID, ValueField};
use crate::ui::value::type_name;

const KEY_ID: &str = "edit-key";

/// What is edited.
#[derive(Clone)]
pub struct Edited {
    /// Whose property.
    pub person: Arc<Person>,
    /// Its key; `None` adds one.
    pub key: Option<String>,
    /// Closes the editor.
    pub on_close: Callback<()>,
}

crate::part! {
    /// The editor.
    pub editor in changes: Edited, |edited| {
        outbox::style();
        view! { <Editor edited/> }.into_any()
    }
}

/// Where a draft is remembered until the tab is closed.
fn place(person: &Person, key: Option<&str>) -> String {
    [
        "persons.draft.",
        &person.uuid.to_string(),
        ".",
        key.unwrap_or_default(),
    ]
    .concat()
}

/// Takes a property away. It can be undone.
pub fn remove(outbox: &Outbox, person: &Person, key: &str) {
    let change = Change::Unset {
        key: key.to_owned(),
        before: person.properties.get(key).cloned(),
    };
    outbox.add(person.uuid, people::name(person).text(), change);
}

#[component]
fn Editor(edited: Edited) -> impl IntoView {
    let Edited {
        person,
        key: known_key,
        on_close,
    } = edited;
    let (outbox, notices) = (Outbox::expect(), Notices::expect());
    let client = StoredValue::new(Session::expect().client);
    let place = place(&person, known_key.as_deref());
    let before = known_key
        .as_ref()
        .and_then(|key| person.properties.get(key).cloned());
    let untouched = Draft::of(known_key.as_deref().unwrap_or_default(), before.as_ref());
    let kept = Memory::Tab.get(&place).and_then(|text| Draft::read(&text));
    let is_kept = kept.is_some();
    let draft = RwSignal::new(kept.unwrap_or_else(|| untouched.clone()));
    let problem = RwSignal::new(String::new());
    let remembered = place.clone();
    let change_draft = Callback::new(move |new: Draft| {
        if new == untouched {
            Memory::Tab.remove(&remembered);
        } else {
            Memory::Tab.set(&remembered, &new.write());
        }
        problem.set(String::new());
        draft.set(new);
    });
    let subject = StoredValue::new((person, known_key.clone(), before));
    let changes = move || {
        subject.with_value(|(person, key, before)| {
            changes(person, key.as_deref(), before.as_ref(), &draft.read())
        })
    };
    let forget = move || Memory::Tab.remove(&place);
    let forgotten = forget.clone();
    let save = move || match changes() {
        Err(sentence) => {
            problem.set(sentence);
            focus::now(VALUE_ID);
        }
        Ok(changes) => {
            subject.with_value(|(person, ..)| {
                let name = people::name(person).text().to_owned();
                let of_person = |change| (person.uuid, name.clone(), change);
                outbox.add_all(changes.into_iter().map(of_person).collect());
            });
            notices.announce("Sent. Waiting to see it on the server.".into());
            forget();
            on_close.run(());
        }
    };
    let saved = save.clone();
    let on_keydown = move |event: KeyboardEvent| {
        let is_line = draft.read_untracked().kind != Type::Json;
        match event.key().as_str() {
            "Escape" => on_close.run(()),
            "Enter"
                if keyboard::has_command(&event)
                    || is_line && !keyboard::is_on(&event, "button, summary") =>
            {
                saved();
            }
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    };
    let requests = move || {
        let changes = changes().unwrap_or_default();
        subject.with_value(|(person, ..)| {
            changes
                .iter()
                .map(|change| change.request(person.uuid))
                .collect::<Vec<_>>()
        })
    };
    let preview = dynamic(move || {
        let lines = match changes() {
            Ok(changes) => changes,
            Err(sentence) => return view! { <p class="note">{sentence}</p> }.into_any(),
        };
        let lines = lines
            .iter()
            .map(Change::words)
            .map(|words| view! { <p>{words}</p> }.into_any());
        let request =
            |request: &Request| view! { <code class="mono">{request.line()}</code> }.into_any();
        view! {
            {lines.collect_view()}
            <p class="note">{move || subject.with_value(|(_, _, before)| type_words(before.as_ref(), &draft.read()))}</p>
            <p class="edit-sends">"Sends " {requests().iter().map(request).collect_view()}</p>
        }
        .into_any()
    });
    let copy_curl = move |_| {
        let commands = requests()
            .iter()
            .map(|request| client.with_value(|client| request.curl(client)))
            .collect::<Vec<_>>();
        copy(
            notices,
            "request as curl, without the key".into(),
            commands.join("\n"),
        );
    };
    let hint = text(move || explained(&draft.read().key).unwrap_or_default().to_owned());
    let title = match &known_key {
        Some(key) => format!("Edit {key}"),
        None => "New property".to_owned(),
    };
    focus::soon(if known_key.is_some() {
        VALUE_ID
    } else {
        KEY_ID
    });
    let has_key = known_key.is_some();
    view! {
        <div class="edit" role="group" aria-label=title on:keydown=on_keydown>
            {is_kept
                .then(|| {
                    view! { <p class="note">"What you typed before is still here, and was not sent."</p> }
                })}
            <div class="edit-fields">
                <label for=KEY_ID>"Key"</label>
                <input
                    id=KEY_ID
                    class="field mono"
                    autocomplete="off"
                    spellcheck="false"
                    prop:value=move || draft.read().key.clone()
                    on:input=move |event| {
                        let key = event_target_value(&event);
                        change_draft.run(Draft { key, ..draft.get_untracked() });
                    }
                />
                <Types draft change_draft/>
                <ValueField draft change_draft problem/>
            </div>
            <p id="edit-problem" class="field-problem" role="alert">{move || problem.get()}</p>
            <p class="note">{hint}</p>
            <div class="edit-preview" aria-live="polite">{preview}</div>
            <div class="actions">
                <Button loudness=Loudness::Primary shortcut="Ctrl ⏎" on_click=move |_| save()>"Save"</Button>
                <Button on_click=move |_| on_close.run(())>"Close, keep draft"</Button>
                <Button
                    loudness=Loudness::Quiet
                    on_click=move |_| {
                        forgotten();
                        on_close.run(());
                    }
                >
                    "Discard"
                </Button>
                <Button loudness=Loudness::Quiet icon="copy" on_click=copy_curl>"Copy as curl"</Button>
                <span class="note">{if has_key { "Can be undone with Ctrl Z." } else { "" }}</span>
            </div>
        </div>
    }
}

/// What the draft asks for. Another key is a new property and one less.
fn changes(
    person: &Person,
    known_key: Option<&str>,
    before: Option<&Value>,
    draft: &Draft,
) -> Result<Vec<Change>, String> {
    let key = draft.key.as_str();
    if key.trim().is_empty() {
        return Err("A property needs a key.".into());
    }
    let after = draft.value()?;
    let is_same_key = known_key == Some(key);
    if !is_same_key && person.properties.contains_key(key) {
        return Err(format!(
            "There is a property “{key}” already: edit that one."
        ));
    }
    if is_same_key && before == Some(&after) {
        return Err("Nothing is changed yet.".into());
    }
    let set = Change::Set {
        key: key.to_owned(),
        before: before.filter(|_| is_same_key).cloned(),
        after,
    };
    let gone = known_key.filter(|_| !is_same_key).map(|old| Change::Unset {
        key: old.to_owned(),
        before: before.cloned(),
    });
    // The new one first: if the second fails, nothing is lost.
    Ok([Some(set), gone].into_iter().flatten().collect())
}

/// Whether the value becomes one of another type.
fn type_words(before: Option<&Value>, draft: &Draft) -> String {
    let (Some(before), Ok(after)) = (before, draft.value()) else {
        return String::new();
    };
    match (type_name(before), type_name(&after)) {
        (old, new) if old == new => String::new(),
        (old, new) => format!("The type changes: {old} → {new}."),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn ada() -> Person {
        let person = json!({
            "id": 1, "uuid": "018f3c5a-7b1e-7c44-9d3e-2f6a1b0c9d8e",
            "properties": {"plan": "free", "zip": "00712"},
        });
        serde_json::from_value(person).expect("a person")
    }

    fn asked(known_key: Option<&str>, draft: Draft) -> Result<Vec<Change>, String> {
        let ada = ada();
        let before = known_key.and_then(|key| ada.properties.get(key));
        changes(&ada, known_key, before, &draft)
    }

    fn draft(key: &str, kind: Type, text: &str) -> Draft {
        Draft {
            key: key.into(),
            kind,
            text: text.into(),
            flag: false,
        }
    }

    #[test]
    fn an_edit_knows_what_it_changes() {
        let pro = asked(Some("plan"), draft("plan", Type::Text, "pro"));
        let set = |key: &str, before, after| Change::Set {
            key: key.into(),
            before,
            after,
        };
        assert_eq!(
            pro,
            Ok(vec![set("plan", Some(json!("free")), json!("pro"))])
        );
        let renamed = asked(Some("plan"), draft("tier", Type::Text, "free"));
        let unset = Change::Unset {
            key: "plan".into(),
            before: Some(json!("free")),
        };
        assert_eq!(renamed, Ok(vec![set("tier", None, json!("free")), unset]));
        let added = asked(None, draft("seats", Type::Number, "12"));
        assert_eq!(added, Ok(vec![set("seats", None, json!(12))]));
    }

    #[test]
    fn what_would_do_nothing_or_overwrite_something_else_is_refused() {
        for (known_key, draft) in [
            (Some("plan"), draft("plan", Type::Text, "free")),
            (Some("plan"), draft("zip", Type::Text, "free")),
            (None, draft("plan", Type::Text, "pro")),
            (None, draft(" ", Type::Text, "pro")),
            (Some("plan"), draft("plan", Type::Number, "pro")),
        ] {
            assert!(asked(known_key, draft.clone()).is_err(), "{draft:?}");
        }
    }

    #[test]
    fn a_new_type_is_said() {
        let words = type_words(Some(&json!("00712")), &draft("zip", Type::Number, "712"));
        assert_eq!(words, "The type changes: string → number.");
        assert_eq!(
            type_words(Some(&json!("00712")), &draft("zip", Type::Text, "1")),
            ""
        );
    }
}
