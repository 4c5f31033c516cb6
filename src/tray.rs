//! The tray: the few people who were chosen to be compared. Every screen that shows somebody can choose them.

use std::sync::Arc;

use leptos::prelude::*;
use persons_api::Person;
use uuid::Uuid;

use crate::navigation::Navigation;
use crate::people;
use crate::routes::{MOST_COMPARED, Route};
use crate::ui::button::Loudness;
use crate::ui::notice::Notices;

/// Puts these people into the tray, in place of those who were there. A comparison that is on the screen
/// follows; Back undoes it.
pub fn fill(navigation: Navigation, people: Vec<Uuid>) {
    navigation.compared.set(people.clone());
    if let Route::Compare(_) = navigation.route().get_untracked() {
        navigation.go(Route::Compare(people));
    }
}

/// Puts somebody into the tray, or takes them out, and says so.
pub fn toggle(navigation: Navigation, notices: Notices, person: &Person) {
    let name = people::name(person);
    let mut chosen = navigation.compared.get_untracked();
    let said = match chosen.iter().position(|uuid| *uuid == person.uuid) {
        Some(place) => {
            chosen.remove(place);
            format!("{} will not be compared.", name.short())
        }
        None if chosen.len() == MOST_COMPARED => {
            let full = "Four people are chosen already. Take one of them out of Compare first.";
            return notices.show(full.into());
        }
        None => {
            chosen.push(person.uuid);
            format!(
                "{} will be compared: {} of {MOST_COMPARED} chosen.",
                name.short(),
                chosen.len()
            )
        }
    };
    notices.show(said);
    fill(navigation, chosen);
}

/// The button that does what `c` does.
#[component]
pub fn ToggleButton(
    /// Whom it chooses.
    person: Arc<Person>,
) -> impl IntoView {
    let (navigation, notices) = (Navigation::expect(), Notices::expect());
    let uuid = person.uuid;
    let is_chosen = move || navigation.compared.read().contains(&uuid);
    view! {
        <button
            type="button"
            class=Loudness::Plain.class()
            aria-pressed=move || if is_chosen() { "true" } else { "false" }
            aria-keyshortcuts="c"
            on:click=move |_| toggle(navigation, notices, &person)
        >
            {move || is_chosen().then_some("✓ ")}
            "Compare"
            <kbd aria-hidden="true">"c"</kbd>
        </button>
    }
}
