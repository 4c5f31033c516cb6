//! The conditions as chips, and the button that adds one.

use std::sync::Arc;

use leptos::prelude::*;
use persons_api::{Person, PropertyFilter, Subject};

use super::{Opened, opened};
use crate::conditions::words;
use crate::platform::focus;
use crate::routes::{Condition, PersonsState};
use crate::ui::button::Loudness;
use crate::ui::chip::Chip;
use crate::ui::dynamic::dynamic;
use crate::ui::icon::Icon;
use crate::ui::part;

/// The id of the button, for the key that does the same.
const ADD_ID: &str = "add-filter";

/// Presses the button.
pub fn open_from_keyboard() {
    focus::click(ADD_ID);
}

/// Which condition the editor changes.
#[derive(Clone, Copy, PartialEq)]
enum Editing {
    New,
    Existing(usize),
}

fn chip_id(index: usize) -> String {
    format!("filter-{index}")
}

/// The id of the word between a condition and the one before it.
fn joint_id(index: usize) -> String {
    format!("joint-{index}")
}

/// The conditions of the list.
#[component]
pub fn FilterBar(
    /// What the list asks.
    question: Memo<PersonsState>,
    /// Asks for something else.
    on_change: Callback<PersonsState>,
    /// People that are loaded, whose keys can be suggested.
    rows: Memo<Vec<Arc<Person>>>,
) -> impl IntoView {
    let editing = RwSignal::new(None::<Editing>);
    let conditions = Memo::new(move |_| question.read().conditions());
    let set = move |conditions: Vec<Condition>| {
        let mut state = question.get_untracked();
        state.set_conditions(conditions);
        on_change.run(state);
    };
    let remove = move |index: usize| {
        let mut conditions = conditions.get_untracked().unwrap_or_default();
        let removed = conditions.remove(index);
        // Who stood beside the one that goes stands beside what was before it.
        if let Some(next) = conditions.get_mut(index) {
            next.or &= removed.or;
        }
        editing.set(None);
        set(conditions);
        focus::soon(ADD_ID);
    };
    let finish = Callback::new(move |filter: PropertyFilter| {
        let mut conditions = conditions.get_untracked().unwrap_or_default();
        match editing.get_untracked() {
            Some(Editing::Existing(index)) if index < conditions.len() => {
                conditions[index].filter = filter;
            }
            _ => conditions.push(filter.into()),
        }
        editing.set(None);
        set(conditions);
        focus::soon(ADD_ID);
    });
    let cancel = Callback::new(move |()| {
        focus::soon(match editing.get_untracked() {
            Some(Editing::Existing(index)) => chip_id(index),
            _ => ADD_ID.to_owned(),
        });
        editing.set(None);
    });
    let join = move |index: usize| {
        let mut conditions = conditions.get_untracked().unwrap_or_default();
        if let Some(condition) = conditions.get_mut(index) {
            condition.or = !condition.or;
        }
        set(conditions);
        focus::soon(joint_id(index));
    };
    let joint = move |index: usize, or: bool| {
        let (word, other) = if or { ("or", "and") } else { ("and", "or") };
        view! {
            <li>
                <button
                    type="button"
                    id=joint_id(index)
                    class="chip-joint"
                    aria-label=format!("{word}: change to {other}")
                    on:click=move |_| join(index)
                >
                    {word}
                </button>
            </li>
        }
    };
    let chip = move |(index, Condition { filter, or }): (usize, Condition)| {
        let (key, operator, value) = words::parts(&filter);
        let edit = Callback::new(move |()| editing.set(Some(Editing::Existing(index))));
        view! {
            {(index > 0).then(|| joint(index, or))}
            <Chip
                id=chip_id(index)
                key=key
                operator=operator
                value=value
                // Conditions on cohorts come from links, and are taken away.
                on_edit=(filter.subject == Subject::Person).then_some(edit)
                on_remove=Callback::new(move |()| remove(index))
            />
        }
    };
    let chips = dynamic(move || match conditions.get() {
        Some(conditions) => conditions
            .into_iter()
            .enumerate()
            .map(chip)
            .collect_view()
            .into_any(),
        None => {
            view! { <NestedFilter on_remove=Callback::new(move |()| set(Vec::new()))/> }.into_any()
        }
    });
    let edited = move || {
        Some(match editing.get()? {
            Editing::New => None,
            Editing::Existing(index) => {
                Some(conditions.get_untracked()?.get(index)?.filter.clone())
            }
        })
    };
    let editor = dynamic(move || match edited() {
        Some(filter) => part::widget(
            opened,
            Opened {
                filter,
                rows,
                on_finish: finish,
                on_cancel: cancel,
            },
        ),
        None => ().into_any(),
    });
    view! {
        <div class="filter-bar">
            <ul class="chips" aria-label="Filters">
                {chips}
            </ul>
            <button
                type="button"
                id=ADD_ID
                class=Loudness::Quiet.class()
                aria-haspopup="dialog"
                aria-expanded=move || if editing.get().is_some() { "true" } else { "false" }
                aria-keyshortcuts="f"
                on:click=move |_| editing.set(Some(Editing::New))
            >
                <Icon name="add"/>
                "Filter"
                <kbd aria-hidden="true">"f"</kbd>
            </button>
            {editor}
        </div>
    }
}

/// A tree of conditions that chips cannot show. It works all the same, and can be taken away.
#[component]
fn NestedFilter(on_remove: Callback<()>) -> impl IntoView {
    view! {
        <Chip
            id=chip_id(0)
            key="people".into()
            operator="fit"
            value="nested filter from a link".into()
            on_edit=None
            on_remove=on_remove
        />
    }
}
