//! What fields suggest: events and keys that the project has seen, values that people have, cohorts.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use leptos::prelude::*;
use persons_api::{Person, PropertyDefinition, PropertyType, Subject, ValueCount};

use crate::api::{Session, definitions, load};
use crate::platform::intl;
use crate::platform::text::lowercase;
use crate::platform::timer::debounced;
use crate::ui::combobox::Suggestion;
use crate::ui::value::plain;

const TYPING_PAUSE: Duration = Duration::from_millis(150);

/// Keys of people's properties that contain what is typed. Where a key may not read definitions, those of
/// the loaded people.
pub fn keys(typed: RwSignal<String>, rows: Memo<Vec<Arc<Person>>>) -> Memo<Vec<Suggestion>> {
    keys_about(Signal::stored(Subject::Person), typed, rows)
}

/// Keys of a subject's properties that contain what is typed.
pub fn keys_about(
    subject: Signal<Subject>,
    typed: RwSignal<String>,
    rows: Memo<Vec<Arc<Person>>>,
) -> Memo<Vec<Suggestion>> {
    let client = StoredValue::new(Session::expect().client);
    let asked = debounced(move || typed.get().trim().to_owned(), TYPING_PAUSE);
    let defined = load(
        move || Some((subject.get(), asked.get())).filter(|(of, _)| *of != Subject::Cohort),
        move |(of, text), abort| async move {
            definitions::properties(&client.get_value(), of, &text, &abort).await
        },
    );
    Memo::new(move |_| match defined.value.get() {
        Some(definitions) => best_first(definitions, typed.read().trim()),
        None if defined.error.read().is_some() && subject.get() == Subject::Person => {
            keys_of(&rows.read(), typed.read().trim())
        }
        None => Vec::new(),
    })
}

/// Keys that begin with the text before those that merely contain it; else in the server's order.
fn best_first(definitions: Vec<PropertyDefinition>, text: &str) -> Vec<Suggestion> {
    let text = lowercase(text);
    let begins = |definition: &PropertyDefinition| lowercase(&definition.name).starts_with(&text);
    // A key without a letter would be a line that cannot be read, nor typed.
    let named = definitions
        .into_iter()
        .filter(|known| !known.name.trim().is_empty());
    let (begin, contain): (Vec<_>, Vec<_>) = named.partition(begins);
    begin.into_iter().chain(contain).map(defined_key).collect()
}

fn defined_key(definition: PropertyDefinition) -> Suggestion {
    let note = match definition.property_type {
        Some(PropertyType::String) => "text",
        Some(PropertyType::Numeric) => "number",
        Some(PropertyType::Boolean) => "boolean",
        Some(PropertyType::DateTime) => "date",
        None => "",
    };
    Suggestion {
        text: definition.name,
        note: note.into(),
    }
}

/// The keys that loaded people have and that contain the text.
fn keys_of(rows: &[Arc<Person>], text: &str) -> Vec<Suggestion> {
    let text = lowercase(text);
    let keys: BTreeSet<&String> = rows
        .iter()
        .flat_map(|person| person.properties.keys())
        .collect();
    let fitting = keys
        .into_iter()
        .filter(|key| !key.trim().is_empty() && lowercase(key).contains(&text));
    fitting
        .map(|key| Suggestion {
            text: key.clone(),
            note: String::new(),
        })
        .collect()
}

/// The most frequent values under a subject's key that contain what is typed.
pub fn values(
    subject: RwSignal<Subject>,
    key: RwSignal<String>,
    typed: RwSignal<String>,
) -> Memo<Vec<Suggestion>> {
    let client = StoredValue::new(Session::expect().client);
    let asked = debounced(
        move || (subject.get(), key.get().trim().to_owned(), typed.get()),
        TYPING_PAUSE,
    );
    let found = load(
        move || Some(asked.get()).filter(|(_, key, _)| !key.is_empty()),
        move |(of, key, text), abort| async move {
            let values = definitions::values(&client.get_value(), of, &key, &text, &abort).await?;
            Ok((of, key, values))
        },
    );
    // No suggestions are no reason to stop anybody, so errors here stay silent.
    Memo::new(move |_| match found.value.get() {
        // Those of another key would be wrong.
        Some((of, asked, values)) if of == subject.get() && asked == key.read().trim() => {
            values.into_iter().map(frequent_value).collect()
        }
        _ => Vec::new(),
    })
}

/// Events that contain what is typed. None where a server does not list them: any name may be typed.
pub fn events(typed: RwSignal<String>) -> Memo<Vec<Suggestion>> {
    let client = StoredValue::new(Session::expect().client);
    let asked = debounced(move || typed.get().trim().to_owned(), TYPING_PAUSE);
    let found = load(
        move || Some(asked.get()),
        move |text, abort| async move { definitions::events(&client.get_value(), &text, &abort).await },
    );
    Memo::new(move |_| {
        let names = found.value.get().unwrap_or_default();
        names.into_iter().map(event_name).collect()
    })
}

fn event_name(text: String) -> Suggestion {
    Suggestion {
        text,
        note: String::new(),
    }
}

fn frequent_value(ValueCount { name, count }: ValueCount) -> Suggestion {
    Suggestion {
        text: plain(&name),
        note: if count > 0 {
            intl::number(count)
        } else {
            String::new()
        },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn keys_of_loaded_people_stand_in_for_definitions() {
        let person = json!({
            "id": 1, "uuid": "018f3c5a-7b1e-7c44-9d3e-2f6a1b0c9d8e",
            "properties": {"Plan": 1, "plan_since": 2, "email": 3},
        });
        let rows = [Arc::new(serde_json::from_value(person).expect("a person"))];
        let texts = |text| {
            keys_of(&rows, text)
                .into_iter()
                .map(|s| s.text)
                .collect::<Vec<_>>()
        };
        assert_eq!(texts("plan"), ["Plan", "plan_since"]);
        assert_eq!(texts("").len(), 3);
    }
}
