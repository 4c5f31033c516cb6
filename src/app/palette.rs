//! The palette: people and actions by name.

use std::time::Duration;

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use uuid::Uuid;

use super::overlay::{Layer, Overlay};
use crate::api::{load, persons};
use crate::connection::Connection;
use crate::effect::effect;
use crate::navigation::Navigation;
use crate::people;
use crate::platform::focus;
use crate::platform::text::lowercase;
use crate::platform::timer::debounced;
use crate::preferences::Preferences;
use crate::routes::{PersonsState, Route};
use crate::ui::dynamic::{dynamic, text};

const INPUT_ID: &str = "palette";
const LIST_ID: &str = "palette-list";
const TYPING_PAUSE: Duration = Duration::from_millis(120);
/// People that are asked for.
const MOST_PEOPLE: usize = 8;

/// What an entry does.
#[derive(Clone, Debug, PartialEq)]
enum Act {
    Go(Route),
    Theme,
    Privacy,
    Help,
}

/// An entry.
#[derive(Clone, Debug, PartialEq)]
struct Entry {
    section: &'static str,
    title: String,
    note: String,
    act: Act,
}

/// Entries for what is typed: ways on with the text itself, the people who were found, the actions, of which
/// one compares those who were chosen. People come later than the text and must not push away the first ones.
fn entries(typed: &str, people: Vec<Entry>, compared: Vec<Uuid>) -> Vec<Entry> {
    let mut entries = Vec::new();
    if !typed.is_empty() {
        let search = PersonsState {
            search: typed.to_owned(),
            ..PersonsState::default()
        };
        let mut on_with = |title: String, act| {
            entries.push(Entry {
                section: "With this text",
                title,
                note: String::new(),
                act,
            });
        };
        on_with(
            format!("Search people for “{typed}”"),
            Act::Go(Route::Persons(search)),
        );
        on_with(
            format!("Open the person with the id “{typed}”"),
            Act::Go(Route::person(typed)),
        );
    }
    entries.extend(people);
    let actions = [
        (
            "Go to people",
            "g p",
            Act::Go(Route::Persons(PersonsState::default())),
        ),
        (
            "Compare the people chosen",
            "g c",
            Act::Go(Route::Compare(compared)),
        ),
        (
            "Go to activity",
            "g a",
            Act::Go(Route::Activity(String::new())),
        ),
        (
            "Go to insights",
            "g i",
            Act::Go(Route::Insights(String::new())),
        ),
        ("Go to the outbox", "g o", Act::Go(Route::Outbox)),
        ("Go to deletions", "g l", Act::Go(Route::Ledger)),
        ("Go to connection", "g s", Act::Go(Route::Connect)),
        ("Change the theme", "Shift D", Act::Theme),
        ("Privacy: blur personal values", "Shift M", Act::Privacy),
        ("Show keyboard shortcuts", "?", Act::Help),
    ];
    let wanted = lowercase(typed);
    let actions = actions
        .into_iter()
        .filter(|(title, ..)| lowercase(title).contains(&wanted));
    entries.extend(actions.map(|(title, note, act)| Entry {
        section: "Actions",
        title: title.into(),
        note: note.into(),
        act,
    }));
    entries
}

fn option_id(place: usize) -> String {
    format!("palette-{place}")
}

/// The field and what it finds.
#[component]
pub fn Palette(overlay: Overlay) -> impl IntoView {
    let navigation = Navigation::expect();
    let preferences = Preferences::expect();
    let session = Connection::expect().session();
    let client = StoredValue::new(session.map(|session| session.client));
    let typed = RwSignal::new(String::new());
    let active = RwSignal::new(0_usize);
    let asked = debounced(move || typed.get().trim().to_owned(), TYPING_PAUSE);
    let found = load(
        move || {
            let client = client.get_value()?;
            let text = asked.get();
            (!text.is_empty()).then_some((client, text))
        },
        |(client, text), abort| async move {
            let people = persons::some(&client, &text, MOST_PEOPLE, &abort).await?;
            Ok((text, people))
        },
    );
    let listed = Memo::new(move |_| {
        let (asked, people) = found.value.get().unwrap_or_default();
        // An arrow and Enter open somebody. It must be one whom these letters mean, not those before them.
        let text = lowercase(typed.read().trim());
        let is_old = lowercase(&asked) != text;
        let people = people
            .into_iter()
            .filter(|person| !is_old || people::is_found(person, &text));
        let people = people.map(|person| Entry {
            section: "People",
            title: people::name(&person).text().to_owned(),
            note: people::email(&person).unwrap_or_default().to_owned(),
            act: Act::Go(Route::person(person.uuid.to_string())),
        });
        let compared = navigation.compared.get();
        entries(typed.read().trim(), people.collect(), compared)
    });
    // Whoever comes later moves what somebody is about to choose, and does not take its place.
    let mut before = Vec::new();
    effect(move |_| {
        let now = listed.get();
        let meant: Option<&Entry> = before.get(active.get_untracked());
        let place = meant.and_then(|meant| now.iter().position(|entry| entry == meant));
        active.set(place.unwrap_or_default());
        before = now;
    });
    let perform = Callback::new(move |place: usize| {
        let Some(entry) = listed.with_untracked(|listed| listed.get(place).cloned()) else {
            return;
        };
        overlay.close();
        match entry.act {
            Act::Go(route) => navigation.go(route),
            Act::Theme => preferences.set_theme(preferences.theme_now().next()),
            Act::Privacy => preferences.set_private(!preferences.is_private_now()),
            Act::Help => overlay.open(Layer::Help),
        }
    });
    let on_keydown = move |event: KeyboardEvent| {
        let count = listed.with_untracked(Vec::len).max(1);
        match event.key().as_str() {
            "ArrowDown" => active.update(|active| *active = (*active + 1) % count),
            "ArrowUp" => active.update(|active| *active = (*active + count - 1) % count),
            "Enter" => perform.run(active.get_untracked()),
            _ => return,
        }
        event.prevent_default();
    };
    let options = dynamic(move || {
        let mut section = "";
        let option = |(place, entry): (usize, Entry)| {
            let head = (entry.section != section).then_some(entry.section);
            section = entry.section;
            view! {
                {head.map(|head| view! { <li role="presentation" class="palette-section">{head}</li> })}
                <li
                    role="option"
                    id=option_id(place)
                    class="palette-option"
                    aria-selected=move || if active.get() == place { "true" } else { "false" }
                    on:click=move |_| perform.run(place)
                >
                    <bdi class="cut">{entry.title}</bdi>
                    <bdi class="palette-note cut">{entry.note}</bdi>
                </li>
            }
            .into_any()
        };
        listed
            .get()
            .into_iter()
            .enumerate()
            .map(option)
            .collect_view()
            .into_any()
    });
    let status = text(move || match found.error.get() {
        Some(error) => error.to_string(),
        None if found.is_busy.get() => "Looking for people…".into(),
        None => String::new(),
    });
    focus::soon(INPUT_ID);
    view! {
        <input
            id=INPUT_ID
            class="palette-input"
            role="combobox"
            aria-label="Find people and actions"
            aria-expanded="true"
            aria-controls=LIST_ID
            aria-activedescendant=move || option_id(active.get())
            autocomplete="off"
            spellcheck="false"
            placeholder="A name, an address, an id, or what to do"
            prop:value=typed
            on:input=move |event| {
                active.set(0);
                typed.set(event_target_value(&event));
            }
            on:keydown=on_keydown
        />
        <ul class="palette-list" role="listbox" id=LIST_ID aria-label="Found">
            {options}
        </ul>
        <p class="palette-status" role="status">{status}</p>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn titles(typed: &str) -> Vec<String> {
        entries(typed, Vec::new(), Vec::new())
            .into_iter()
            .map(|entry| entry.title)
            .collect()
    }

    #[test]
    fn without_a_text_there_are_the_actions() {
        assert_eq!(titles("").len(), 10);
    }

    #[test]
    fn a_text_finds_actions_and_can_always_be_searched_for() {
        let found = titles("THEME");
        assert_eq!(found.len(), 3, "{found:?}");
        assert_eq!(found[2], "Change the theme");
        assert_eq!(titles("user/13").len(), 2);
    }
}
