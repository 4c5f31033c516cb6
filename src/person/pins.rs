//! Properties that somebody looks at first in everybody: chosen with a star, kept on this device for
//! each project.

use leptos::ev::MouseEvent;
use leptos::prelude::*;
use serde_json::Value;

use crate::api::Session;
use crate::platform::focus;
use crate::platform::storage::Memory;
use crate::ui::icon::Icon;

/// Takes the focus when the star that had it is gone.
pub const PINNED_ID: &str = "pinned";

/// The keys that are pinned, in the order in which they were.
#[derive(Clone, Copy)]
pub struct Pins {
    place: StoredValue<String>,
    keys: RwSignal<Vec<String>>,
}

impl Pins {
    /// Those of the project of the session.
    pub fn remembered() -> Self {
        let project = Session::expect().project;
        // Numbers are given out anew by every server.
        let name = project
            .uuid
            .map_or_else(|| project.id.to_string(), |uuid| uuid.to_string());
        let place = format!("persons.pins.{name}");
        let keys = Memory::Device.get(&place);
        Self {
            keys: RwSignal::new(keys.map(|keys| read(&keys)).unwrap_or_default()),
            place: StoredValue::new(place),
        }
    }

    /// All of them.
    pub fn keys(self) -> Vec<String> {
        self.keys.get()
    }

    fn has(self, key: &str) -> bool {
        self.keys.read().iter().any(|pinned| pinned == key)
    }

    /// Pins a key, or takes it down.
    fn toggle(self, key: &str) {
        self.keys.update(|keys| toggle(keys, key));
        let keys: Value = self.keys.get_untracked().into();
        self.place
            .with_value(|place| Memory::Device.set(place, &keys.to_string()));
    }
}

/// What was remembered; nothing if it cannot be read.
fn read(text: &str) -> Vec<String> {
    let keys: Value = serde_json::from_str(text).unwrap_or_default();
    let keys = keys.as_array().into_iter().flatten();
    keys.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// A new one comes last, so that the others keep their places.
fn toggle(keys: &mut Vec<String>, key: &str) {
    match keys.iter().position(|pinned| pinned == key) {
        Some(place) => drop(keys.remove(place)),
        None => keys.push(key.to_owned()),
    }
}

/// The star.
#[component]
pub fn PinButton(key: String, pins: Pins) -> impl IntoView {
    let (label, id) = (format!("Pin {key}"), format!("pin-{key}"));
    let (pinned, tipped) = (key.clone(), key.clone());
    let on_click = {
        let id = id.clone();
        move |event: MouseEvent| {
            pins.toggle(&key);
            // The row has moved or gone, and the focus with it. Who points at things needs it nowhere,
            // and would be scrolled away. The second one wins where both are there.
            if event.detail() == 0 {
                focus::soon(PINNED_ID);
                focus::soon(id.clone());
            }
        }
    };
    view! {
        <button
            type="button"
            id=id
            class="button button-quiet button-icon pin"
            aria-label=label
            aria-pressed=move || if pins.has(&pinned) { "true" } else { "false" }
            data-tip=move || if pins.has(&tipped) { "Unpin" } else { "Pin" }
            on:click=on_click
        >
            <Icon name="star"/>
        </button>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_pin_comes_last_and_a_second_press_takes_it_down() {
        let mut keys = Vec::new();
        for key in ["plan", "$os", "seats", "$os"] {
            toggle(&mut keys, key);
        }
        assert_eq!(keys, ["plan", "seats"]);
    }

    #[test]
    fn what_is_remembered_is_read_back_and_nonsense_is_nothing() {
        let keys = ["a\nb", "\"", "🦄"].map(str::to_owned).to_vec();
        assert_eq!(read(&Value::from(keys.clone()).to_string()), keys);
        for text in ["", "{", "{}", "null"] {
            assert!(read(text).is_empty(), "{text}");
        }
        assert_eq!(read("[1, \"plan\"]"), ["plan"]);
    }
}
