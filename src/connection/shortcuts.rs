//! The keys that do things, and the switch for those that are single letters.

use leptos::prelude::*;

use crate::preferences::Preferences;

/// Scope, key, and what it does.
const KEYS: [(&str, &str, &str); 10] = [
    ("People", "/", "Search"),
    ("People", "f", "Add a filter"),
    ("People", "r", "Load the list again"),
    ("People", "j, ↓", "Next person"),
    ("People", "k, ↑", "Previous person"),
    ("People", "Home, End", "First, last person loaded"),
    ("People", "Enter", "Open the person"),
    ("Person", "1 2 3", "Properties, Cohorts, Raw JSON"),
    ("Person", "/", "Search properties"),
    ("Everywhere", "Shift D", "Theme: system, light, dark"),
];

/// A table of keys and the switch.
#[component]
pub fn Shortcuts() -> impl IntoView {
    let preferences = Preferences::expect();
    let row = |(scope, key, action): (&'static str, &'static str, &'static str)| {
        view! {
            <tr>
                <td>{scope}</td>
                <td><kbd>{key}</kbd></td>
                <td>{action}</td>
            </tr>
        }
    };
    view! {
        <section class="panel" aria-labelledby="keys-title">
            <h2 id="keys-title">"Keyboard"</h2>
            <label class="choice">
                <input
                    type="checkbox"
                    prop:checked=move || preferences.shortcuts()
                    on:change=move |event| preferences.set_shortcuts(event_target_checked(&event))
                />
                "Single keys do things"
            </label>
            <table class="keys">
                <caption class="visually-hidden">"Keyboard shortcuts"</caption>
                <thead>
                    <tr>
                        <th scope="col">"Where"</th>
                        <th scope="col">"Key"</th>
                        <th scope="col">"What it does"</th>
                    </tr>
                </thead>
                <tbody>{KEYS.map(row)}</tbody>
            </table>
        </section>
    }
}
