//! The tab with everything that is known about somebody.

use std::sync::Arc;

use leptos::prelude::*;
use persons_api::Person;
use serde_json::Value;

use super::property::PropertyRow;
use super::rows::{Wanted, is_system, wanted_keys};
use crate::platform::storage::Memory;
use crate::platform::{focus, intl, keyboard};
use crate::preferences::Preferences;
use crate::ui::icon::Icon;
use crate::ui::message::{Message, Tone};

const SEARCH_ID: &str = "property-search";

/// Whether system properties are hidden is a habit, the same for all people.
const HIDES_SYSTEM_KEY: &str = "persons.hide-system";

/// Properties, to be searched.
#[component]
pub fn PropertiesTab(person: Arc<Person>) -> impl IntoView {
    let text = RwSignal::new(String::new());
    let hides_system = RwSignal::new(Memory::Device.get(HIDES_SYSTEM_KEY).as_deref() == Some("on"));
    let has_system = person.properties.keys().any(|key| is_system(key));
    let total = person.properties.len();
    let listed = person.clone();
    let keys = Memo::new(move |_| {
        let wanted = Wanted {
            text: text.get(),
            hides_system: hides_system.get(),
        };
        wanted_keys(&listed.properties, &wanted)
    });
    let preferences = Preferences::expect();
    keyboard::on_shortcut(move |event| {
        if event.key() == "/" && preferences.has_shortcuts_now() {
            event.prevent_default();
            focus::select(SEARCH_ID);
        }
    });
    let count = move || {
        let (shown, total) = (keys.read().len(), intl::number(total as u64));
        format!("{} of {total}", intl::number(shown as u64))
    };
    let row = move |key: String| {
        let value = person.properties.get(&key).cloned().unwrap_or(Value::Null);
        view! { <PropertyRow key=key value/> }
    };
    view! {
        <div class="toolbar">
            <div class="search">
                <Icon name="search"/>
                <input
                    id=SEARCH_ID
                    type="search"
                    class="field"
                    aria-label="Search properties"
                    aria-keyshortcuts="/"
                    placeholder="Search keys and values"
                    spellcheck="false"
                    prop:value=text
                    on:input=move |event| text.set(event_target_value(&event))
                    on:keydown=move |event| {
                        if event.key() == "Escape" {
                            text.set(String::new());
                        }
                    }
                />
                <kbd aria-hidden="true">"/"</kbd>
            </div>
            <Show when=move || has_system>
                <HideSystem hides_system/>
            </Show>
            <span class="page-gap"></span>
            <span class="page-count" role="status">{count}</span>
        </div>
        <Show when=move || !keys.read().is_empty() fallback=move || view! { <Nothing total/> }>
            <div class="panel">
                <table class="properties">
                    <caption class="visually-hidden">"Properties"</caption>
                    <thead>
                        <tr>
                            <th scope="col">"Key"</th>
                            <th scope="col">"Value"</th>
                            <th scope="col">"Type"</th>
                            <th scope="col"><span class="visually-hidden">"Copy"</span></th>
                        </tr>
                    </thead>
                    <tbody>
                        <For each=move || keys.get() key=String::clone children=row.clone()/>
                    </tbody>
                </table>
            </div>
        </Show>
    }
}

#[component]
fn HideSystem(hides_system: RwSignal<bool>) -> impl IntoView {
    let set = move |event| {
        let hides = event_target_checked(&event);
        Memory::Device.set(HIDES_SYSTEM_KEY, if hides { "on" } else { "off" });
        hides_system.set(hides);
    };
    view! {
        <label class="choice">
            <input type="checkbox" prop:checked=hides_system on:change=set/>
            "Hide system ($…)"
        </label>
    }
}

#[component]
fn Nothing(total: usize) -> impl IntoView {
    let (title, detail) = if total == 0 {
        ("No properties", "Nothing was set for this person: events carry properties in $set.")
    } else {
        ("No property fits", "Neither a key nor a value contains the text, or it is hidden.")
    };
    view! {
        <Message tone=Tone::Empty title=title detail=detail>
            {()}
        </Message>
    }
}
