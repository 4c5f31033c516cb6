//! Deleting a person: what goes, what stays, exactly what will be sent, and a word to type.

use std::sync::Arc;

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use persons_api::Person;

use crate::people;
use crate::platform::{focus, intl};
use crate::ui::button::{Button, Loudness};
use crate::ui::dynamic::text;
use crate::ui::modal::Modal;

/// What has to be typed. Case and blanks around it do not matter.
const WORD: &str = "delete";
const WORD_ID: &str = "delete-word";
/// Ids that are named; more are a number.
const NAMED: usize = 3;

/// What is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// Their events, too.
    pub events: bool,
    /// Keep what was known about them in the ledger of this device.
    pub snapshot: bool,
}

/// The dialog.
#[component]
pub fn Delete(
    /// Who goes.
    person: Arc<Person>,
    /// The request for a wish, in one line.
    sends: Callback<Wish, String>,
    /// Asks for it.
    on_send: Callback<Wish>,
    /// Closes the dialog.
    on_close: Callback<()>,
) -> impl IntoView {
    let name = people::name(&person).text().to_owned();
    let (events, snapshot) = (RwSignal::new(false), RwSignal::new(false));
    let typed = RwSignal::new(String::new());
    let problem = RwSignal::new("");
    let wish = move || Wish {
        events: events.get(),
        snapshot: snapshot.get(),
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if !confirms(&typed.read_untracked()) {
            problem.set("Type the word delete to go on.");
            focus::now(WORD_ID);
            return;
        }
        on_send.run(untrack(wish));
        on_close.run(());
    };
    let request = text(move || sends.run(wish()));
    view! {
        <Modal label=format!("Delete {name}") on_close>
            <form class="deed" novalidate on:submit=submit>
                <h2>"Delete " <bdi>{name.clone()}</bdi> "?"</h2>
                <p>{goes(&person)} " It cannot be undone once it is sent."</p>
                <div class="deed-choices">
                    <Tick on=events label="Also delete their events" hint="Not at once: servers do it in batches, most of them on Sunday at 05:00 UTC."/>
                    <Tick on=snapshot label="Keep a copy in the ledger on this device" hint="Leave it out if they asked to be forgotten."/>
                </div>
                <p class="note">{reuse(&person)}</p>
                <label for=WORD_ID>"Type " <strong>{WORD}</strong> " to go on"</label>
                <input
                    id=WORD_ID
                    class="field"
                    autocomplete="off"
                    autocapitalize="off"
                    spellcheck="false"
                    aria-describedby="delete-problem"
                    aria-invalid=move || (!problem.read().is_empty()).then_some("true")
                    on:input=move |event| {
                        typed.set(event_target_value(&event));
                        problem.set("");
                    }
                />
                <p id="delete-problem" class="field-problem" role="alert">{move || problem.get()}</p>
                <p class="sends">"Sends " <code class="mono">{request}</code></p>
                <div class="actions">
                    <button type="submit" class="button button-danger">"Delete"</button>
                    <Button loudness=Loudness::Plain on_click=move |_| on_close.run(())>"Cancel"</Button>
                    <span class="note">"Held for ten seconds, in which it can be undone."</span>
                </div>
            </form>
        </Modal>
    }
}

#[component]
fn Tick(on: RwSignal<bool>, label: &'static str, hint: &'static str) -> impl IntoView {
    view! {
        <label class="choice deed-choice">
            <input
                type="checkbox"
                prop:checked=move || on.get()
                on:change=move |event| on.set(event_target_checked(&event))
            />
            <span>{label} <span class="note">{hint}</span></span>
        </label>
    }
}

fn confirms(typed: &str) -> bool {
    typed.trim().eq_ignore_ascii_case(WORD)
}

/// What is lost, in numbers.
fn goes(person: &Person) -> String {
    let (ids, properties) = (person.ids(), person.properties.len() as u64);
    let noun = |count, one, many| if count == 1 { one } else { many };
    format!(
        "{} {} and {} distinct {} go.",
        intl::number(properties),
        noun(properties, "property", "properties"),
        intl::number(ids),
        noun(ids, "id", "ids"),
    )
}

/// What not to do afterwards (PostHog's issue 20187).
fn reuse(person: &Person) -> String {
    let ids = &person.distinct_ids;
    let mut named = ids[..ids.len().min(NAMED)].join(", ");
    if person.ids() > NAMED as u64 {
        named.push_str(" and the others");
    }
    format!("Do not use these ids again: {named}. To free one id, split it off instead.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_is_taken_in_any_case_and_nothing_else_is() {
        for typed in ["delete", " DELETE ", "Delete\n"] {
            assert!(confirms(typed), "{typed}");
        }
        for typed in ["", "delet", "delete it", "yes"] {
            assert!(!confirms(typed), "{typed}");
        }
    }
}
