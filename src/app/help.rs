//! The keys.

use leptos::prelude::*;

use super::overlay::Overlay;
use crate::preferences::Preferences;
use crate::ui::button::Button;

/// Where keys work, and what they do.
const KEYS: [(&str, &[(&str, &str)]); 7] = [
    (
        "Everywhere",
        &[
            ("Ctrl K, ⌘ K", "Find people and actions"),
            ("/", "Search"),
            ("g p", "People"),
            ("g c", "Compare the people chosen"),
            ("g a", "Activity"),
            ("g i", "Insights"),
            ("g o, g l", "Outbox, deletions"),
            ("g s", "Connection"),
            ("Ctrl Z, ⌘ Z", "Undo the last change"),
            ("Shift D", "Theme: system, light, dark"),
            ("Shift M", "Privacy: blur personal values"),
            ("?", "This list"),
            ("Esc", "Close what is open"),
        ],
    ),
    (
        "List of people",
        &[
            ("j, k, ↓, ↑", "Next and previous person"),
            ("Enter", "Open the person"),
            ("Space", "Show beside the list"),
            ("x", "Select, or no longer; so does the round mark"),
            ("c", "Choose to compare, or no longer"),
            ("Home, End", "First and last loaded person"),
            ("f", "Add a filter"),
            ("r", "Load again"),
        ],
    ),
    (
        "Insights",
        &[
            ("Arrows", "From number to number in the chart"),
            ("Enter", "The people behind it"),
            ("Shift Enter", "A second number, to compare who is in both"),
            ("Shift T", "The same numbers as a table"),
            ("w", "Why somebody is among the people"),
            ("Ctrl Enter, ⌘ Enter", "Refresh"),
            ("Alt ←, Alt →", "Move the step or event that has the focus"),
        ],
    ),
    (
        "Tools of the list",
        &[
            ("v", "Views"),
            ("o", "Columns and their order"),
            ("Shift E", "Export"),
        ],
    ),
    (
        "Person",
        &[
            (
                "1, 2, 3, 4, 5, 6, 7",
                "Overview, Properties, Timeline, Events, Cohorts, Activity, Raw JSON",
            ),
            ("/", "Search the properties"),
            ("e, n", "Edit the property that has the focus, add one"),
            ("c", "Choose to compare, or no longer"),
            ("y", "Copy the link"),
            ("r", "Load again"),
            ("t", "From the past back to now"),
        ],
    ),
    (
        "Timeline of a person",
        &[
            ("←, →", "A to the change before and after"),
            ("Shift ←, Shift →", "The same with B"),
            ("x", "Swap A and B"),
            ("t", "B to now"),
        ],
    ),
    ("Compare", &[("y", "Copy the link"), ("r", "Load again")]),
];

/// The list, and the switch for those whom single keys disturb.
#[component]
pub fn Help(overlay: Overlay) -> impl IntoView {
    let preferences = Preferences::expect();
    let tables = KEYS.map(|(scope, keys)| {
        let rows = keys.iter().map(|(key, action)| {
            view! {
                <tr>
                    <th scope="row"><kbd>{*key}</kbd></th>
                    <td>{*action}</td>
                </tr>
            }
        });
        view! {
            <table class="help-table">
                <caption>{scope}</caption>
                <thead class="visually-hidden">
                    <tr><th scope="col">"Key"</th><th scope="col">"Action"</th></tr>
                </thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        }
    });
    view! {
        <div class="overlay-head">
            <h2>"Keyboard shortcuts"</h2>
            <Button on_click=move |_| overlay.close()>"Close"</Button>
        </div>
        <div class="help">{tables.collect_view()}</div>
        <label class="choice">
            <input
                type="checkbox"
                prop:checked=move || preferences.shortcuts()
                on:change=move |event| preferences.set_shortcuts(event_target_checked(&event))
            />
            "Single letters do things"
        </label>
    }
}
