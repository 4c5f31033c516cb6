//! The head of the timeline: which keys are watched, and from when to when.

use std::sync::Arc;

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use persons_api::{Person, Timestamp};

use super::state::{Shown, is_reversed};
use crate::people::{in_order, is_system};
use crate::platform::text::lowercase;
use crate::platform::{focus, intl};
use crate::ui::combobox::{Combobox, Suggestion};
use crate::ui::dynamic::{attribute, dynamic, text};
use crate::ui::icon::Icon;
use crate::ui::value::type_name;

const KEY_ID: &str = "timeline-key";
const WATCH_ID: &str = "timeline-watch";

/// Keys that are suggested at once.
const MOST_SUGGESTIONS: usize = 50;

/// Chips of the watched keys, a button for another one, two days.
#[component]
pub fn Watched(
    /// The timeline.
    shown: Shown,
    /// Who: their keys are suggested.
    person: Arc<Person>,
) -> impl IntoView {
    let is_open = RwSignal::new(false);
    let chips = dynamic(move || {
        let keys = &shown.picture.read().keys;
        let chips: Vec<AnyView> = keys.iter().map(|key| chip(key.clone(), shown)).collect();
        chips.into_any()
    });
    let another = dynamic(move || {
        if is_open.get() {
            view! { <Another shown person=person.clone() is_open/> }.into_any()
        } else {
            ().into_any()
        }
    });
    let problem = text(move || {
        let [from, to] = shown.days();
        let problem = is_reversed(from, to).then_some("The last day lies before the first one.");
        problem.unwrap_or_default().into()
    });
    view! {
        <div class="timeline-head">
            <h2 id="timeline-title">"Property timeline"</h2>
            <ul class="timeline-watched" aria-label="Watched keys">{chips}</ul>
            <div class="timeline-watch">
                <button
                    type="button"
                    id=WATCH_ID
                    class="button button-quiet"
                    aria-haspopup="dialog"
                    on:click=move |_| is_open.update(|is_open| *is_open = !*is_open)
                >
                    <Icon name="add"/>
                    "Watch a key"
                </button>
                {another}
            </div>
            <span class="page-gap"></span>
            <div class="timeline-range">
                {day(shown, 0, "From")}
                {day(shown, 1, "To")}
                <span class="note">{intl::zone()}</span>
            </div>
            <p class="field-problem" role="alert">{problem}</p>
        </div>
    }
}

fn chip(key: String, shown: Shown) -> AnyView {
    let label = format!("Stop watching {key}");
    let (words, title) = (key.clone(), key.clone());
    let remove = move |_| {
        let mut keys = shown.picture.read_untracked().keys.clone();
        keys.retain(|watched| *watched != key);
        shown.watch(&keys);
        focus::soon(WATCH_ID);
    };
    view! {
        <li class="chip">
            <span class="chip-body">
                <bdi class="chip-key" title=title>{words}</bdi>
            </span>
            <button type="button" class="chip-remove" aria-label=label on:click=remove>
                <Icon name="close"/>
            </button>
        </li>
    }
    .into_any()
}

/// The small dialog that adds a key. Any text is a key: servers may know more than this person has.
#[component]
fn Another(shown: Shown, person: Arc<Person>, is_open: RwSignal<bool>) -> impl IntoView {
    let typed = RwSignal::new(String::new());
    let suggestions = Memo::new(move |_| {
        let watched = &shown.picture.read().keys;
        suggestions(&person, watched, &typed.read())
    });
    let close = move || {
        is_open.set(false);
        focus::soon(WATCH_ID);
    };
    let add = move |key: String| {
        let mut keys = shown.picture.read_untracked().keys.clone();
        if !key.is_empty() && !keys.contains(&key) {
            keys.push(key);
            shown.watch(&keys);
        }
        close();
    };
    let on_keydown = move |event: KeyboardEvent| {
        if event.key() == "Escape" {
            event.stop_propagation();
            close();
        }
    };
    focus::soon(KEY_ID);
    view! {
        <div class="popover" role="dialog" aria-label="Watch a key" on:keydown=on_keydown>
            <Combobox
                id=KEY_ID
                label="Key"
                text=typed
                suggestions=suggestions
                on_choose=Callback::new(add)
                on_enter=Callback::new(move |()| add(typed.get_untracked().trim().to_owned()))
                placeholder="plan"
            />
        </div>
    }
}

/// The keys of a person that contain a text and are not watched yet.
fn suggestions(person: &Person, watched: &[String], text: &str) -> Vec<Suggestion> {
    let text = lowercase(text.trim());
    let fitting = person.properties.keys().filter(|key| {
        !watched.contains(key) && !key.trim().is_empty() && lowercase(key).contains(&text)
    });
    let mut keys = in_order(fitting.map(|key| (usize::from(is_system(key)), key)));
    keys.truncate(MOST_SUGGESTIONS);
    let suggestion = |key: String| Suggestion {
        note: person.properties.get(&key).map_or("", type_name).into(),
        text: key,
    };
    keys.into_iter().map(suggestion).collect()
}

fn day(shown: Shown, which: usize, label: &'static str) -> AnyView {
    let id = ["timeline-from", "timeline-to"][which];
    let day = move || {
        let day = shown.days()[which].map(|day| day.to_string());
        let mut day = day.unwrap_or_default();
        day.truncate(10);
        day
    };
    let choose = move |event| shown.set_day(which, Timestamp::parse(&event_target_value(&event)));
    view! {
        <label for=id>{label}</label>
        <input id=id type="date" class="field" prop:value=attribute(day) on:change=choose/>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn own_keys_are_suggested_that_fit_and_are_not_watched() {
        let person = json!({
            "id": 1, "uuid": "018f3c5a-7b1e-7c44-9d3e-2f6a1b0c9d8e",
            "properties": {"$plan": 1, "Plan": "pro", "plan_since": "2026-03-01", "email": null, " ": 1},
        });
        let person: Person = serde_json::from_value(person).expect("a person");
        let texts = |watched: &[&str], text: &str| {
            let watched: Vec<String> = watched.iter().map(|key| (*key).to_owned()).collect();
            let found = suggestions(&person, &watched, text);
            found
                .into_iter()
                .map(|found| format!("{} {}", found.text, found.note))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            texts(&[], " PLAN"),
            ["Plan string", "plan_since date", "$plan number"]
        );
        assert_eq!(
            texts(&["Plan", "$plan"], ""),
            ["email null", "plan_since date"]
        );
    }
}
