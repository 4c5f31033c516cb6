//! The tab with everything that is known about somebody.

use std::sync::Arc;

use leptos::prelude::*;
use persons_api::Person;
use serde_json::Value;

use super::edit::{Edited, editor, remove};
use super::editing::Editing;
use super::habit::Habit;
use super::pins::Pins;
use super::property::PropertyRow;
use super::rows::{Reason, Wanted, can_hide_system, wanted_keys, ways_out};
use crate::outbox::Outbox;
use crate::outbox::permission::EditingIsOff;
use crate::platform::intl;
use crate::ui::button::Button;
use crate::ui::dynamic::{self, Member, dynamic, each, either, when};
use crate::ui::message::{Message, Tone};
use crate::ui::part;
use crate::ui::search_field::SearchField;

/// The search field, for the key that leads to it.
pub const SEARCH_ID: &str = "property-search";

/// Rows drawn before asking: some people have thousands of properties.
const AT_ONCE: usize = 200;

/// Which properties somebody wants to see.
#[derive(Clone, Copy)]
pub struct Choices {
    text: RwSignal<String>,
    hides_system: Habit,
    hides_null: Habit,
    /// What is pinned.
    pub pins: Pins,
    /// What is being edited.
    pub editing: Editing,
}

impl Choices {
    /// No search; the rest as it was chosen last.
    pub fn remembered() -> Self {
        Self {
            text: RwSignal::new(String::new()),
            // What people set themselves is what they look for; the rest is a click away.
            hides_system: Habit::remembered("persons.hide-system", true),
            hides_null: Habit::remembered("persons.hide-null", false),
            pins: Pins::remembered(),
            editing: Editing::new(),
        }
    }

    fn wanted(self, person: &Person) -> Wanted {
        Wanted {
            text: self.text.get(),
            hides_system: self.hides_system.is_on() && can_hide_system(&person.properties),
            hides_null: self.hides_null.is_on(),
            pinned: self.pins.keys(),
        }
    }

    fn give_up(self, reason: Reason) {
        match reason {
            Reason::Text => self.text.set(String::new()),
            Reason::System => self.hides_system.set(false),
            Reason::Null => self.hides_null.set(false),
        }
    }
}

/// Properties, to be searched.
#[component]
pub fn Properties(
    /// Whose.
    person: Arc<Person>,
    /// Which are wanted.
    choices: Choices,
    /// Whether they are those of a moment that is over, which nobody can change.
    is_past: bool,
    /// Whether the key lets nobody change them.
    is_read_only: bool,
) -> impl IntoView {
    let editing = (!is_past && !is_read_only).then_some(choices.editing);
    let off = (!is_past && is_read_only).then(|| view! { <EditingIsOff/> });
    let adder = editing.map(|editing| adder(person.clone(), editing));
    if person.properties.is_empty() {
        return view! {
            {off}
            {adder}
            <NoProperties editing is_past/>
        }
        .into_any();
    }
    let listed = person.clone();
    let keys = Memo::new(move |_| wanted_keys(&listed.properties, &choices.wanted(&listed)));
    let total = person.properties.len();
    let counted = person.clone();
    // What is pinned and missing is shown, and is none of them.
    let is_there = move |key: &&String| counted.properties.contains_key(*key);
    let count = dynamic::text(move || match keys.read().iter().filter(&is_there).count() {
        shown if shown == total => String::new(),
        shown => format!(
            "{} of {}",
            intl::number(shown as u64),
            intl::number(total as u64)
        ),
    });
    let asked = person.clone();
    let reasons = Memo::new(move |_| ways_out(&asked.properties, &choices.wanted(&asked)));
    view! {
        <div class="toolbar">
            <SearchField
                text=choices.text
                label="Search properties"
                placeholder="Search keys and values"
                id=SEARCH_ID
            />
            {can_hide_system(&person.properties)
                .then(|| view! { <Check habit=choices.hides_system label="Hide system ($…)"/> })}
            {person
                .properties
                .values()
                .any(Value::is_null)
                .then(|| view! { <Check habit=choices.hides_null label="Hide null"/> })}
            <span class="page-gap"></span>
            <span class="page-count" role="status">{count}</span>
            {editing
                .map(|editing| {
                    view! {
                        <Button icon="add" shortcut="n" on_click=move |_| editing.add()>
                            "Add"
                        </Button>
                    }
                })}
        </div>
        {off}
        {adder}
        {either(
            move || keys.read().is_empty(),
            move || view! { <NoneFits reasons choices/> }.into_any(),
            move || {
                view! {
                    <Table person=person.clone() keys pins=choices.pins editing/>
                    <Hidden reasons choices/>
                }
                .into_any()
            },
        )}
    }
    .into_any()
}

#[component]
fn Check(habit: Habit, label: &'static str) -> impl IntoView {
    view! {
        <label class="choice">
            <input
                type="checkbox"
                prop:checked=move || habit.is_on()
                on:change=move |event| habit.set(event_target_checked(&event))
            />
            {label}
        </label>
    }
}

/// The editor of a new property, while it is open.
fn adder(person: Arc<Person>, editing: Editing) -> AnyView {
    when(
        move || editing.is_adding(),
        move || {
            let editor = editor_of(person.clone(), None, editing);
            view! { <div class="panel">{editor}</div> }.into_any()
        },
    )
}

fn editor_of(person: Arc<Person>, key: Option<String>, editing: Editing) -> AnyView {
    let on_close = Callback::new(move |()| editing.close());
    part::widget(
        editor,
        Edited {
            person,
            key,
            on_close,
        },
    )
}

#[component]
fn Table(
    person: Arc<Person>,
    keys: Memo<Vec<String>>,
    pins: Pins,
    editing: Option<Editing>,
) -> impl IntoView {
    let outbox = Outbox::expect();
    if let Some(editing) = editing {
        editing.return_focus();
    }
    let is_all = RwSignal::new(false);
    let limit = move || if is_all.get() { usize::MAX } else { AT_ONCE };
    let is_cut = move || keys.read().len() > limit();
    let row = move |key: &String| {
        let value = person.properties.get(key).cloned();
        let key = key.clone();
        let (person, outbox) = (person.clone(), outbox.clone());
        let lock = editing.and_then(|_| outbox.lock_of(&key));
        let drawn_as = [key.as_str(), if lock.is_some() { " locked" } else { "" }].concat();
        Member::new(drawn_as, move || {
            let on_edit = editing.map(|editing| edit_of(outbox, &person, &key, editing));
            let editor = editing.map(|editing| row_editor(person, key.clone(), editing));
            view! {
                <PropertyRow key value pins on_edit lock/>
                {editor}
            }
            .into_any()
        })
    };
    let drawn = move || keys.read().iter().take(limit()).map(&row).collect();
    view! {
        <div class="panel">
            <table class="properties">
                <caption class="visually-hidden">"Properties"</caption>
                <thead>
                    <tr>
                        <th scope="col"><span class="visually-hidden">"Pin"</span></th>
                        <th scope="col">"Key"</th>
                        <th scope="col">"Value"</th>
                        <th scope="col">"Type"</th>
                        <th scope="col"><span class="visually-hidden">"Copy"</span></th>
                    </tr>
                </thead>
                <tbody>
                    {each(drawn)}
                </tbody>
            </table>
        </div>
        {when(is_cut, move || view! { <ShowAll is_all keys/> }.into_any())}
    }
}

/// The editor of a property below its row, while it is open.
fn row_editor(person: Arc<Person>, key: String, editing: Editing) -> AnyView {
    let edited = key.clone();
    let is_edited = move || editing.is_of(&edited);
    when(is_edited, move || {
        let editor = editor_of(person.clone(), Some(key.clone()), editing);
        view! { <tr><td class="edit-cell" colspan="5">{editor}</td></tr> }.into_any()
    })
}

/// What can be done with a property of somebody: edit it, take it away.
fn edit_of(outbox: Outbox, person: &Arc<Person>, key: &str, editing: Editing) -> Callback<bool> {
    let (person, key) = (person.clone(), key.to_owned());
    Callback::new(move |is_removal: bool| {
        if is_removal {
            remove(&outbox, &person, &key);
        } else {
            editing.edit(key.clone());
        }
    })
}

#[component]
fn ShowAll(is_all: RwSignal<bool>, keys: Memo<Vec<String>>) -> impl IntoView {
    view! {
        <div class="actions">
            <Button on_click=move |_| is_all.set(true)>
                {move || format!("Show all {}", intl::number(keys.read().len() as u64))}
            </Button>
        </div>
    }
}

/// `52 system properties are hidden. Show them`
#[component]
fn Hidden(reasons: Memo<Vec<(Reason, usize)>>, choices: Choices) -> impl IntoView {
    let line = move |(reason, count): &(Reason, usize)| {
        let what = match reason {
            Reason::System => "system ",
            Reason::Null => "null ",
            // Whoever typed a text knows that the others do not contain it.
            Reason::Text => return None,
        };
        let noun = if *count == 1 {
            "property is"
        } else {
            "properties are"
        };
        let (count, reason) = (intl::number(*count as u64), *reason);
        let hidden = view! {
            <p class="note">
                {format!("{count} {what}{noun} hidden. ")}
                <button type="button" class="link" on:click=move |_| choices.give_up(reason)>
                    "Show"
                </button>
            </p>
        };
        Some(hidden.into_any())
    };
    dynamic(move || {
        let reasons = reasons.read();
        reasons.iter().filter_map(line).collect_view().into_any()
    })
}

/// No property at all.
#[component]
fn NoProperties(editing: Option<Editing>, is_past: bool) -> impl IntoView {
    let detail = if is_past {
        "Nothing was known about this person at this moment."
    } else {
        "Nothing is known about this person yet: events carry properties in $set."
    };
    let add = editing.map(|editing| {
        view! { <Button icon="add" on_click=move |_| editing.add()>"Add a property"</Button> }
    });
    view! {
        <Message tone=Tone::Empty title="No properties" detail=detail>
            {add}
        </Message>
    }
}

/// Nothing is left of what there is: why, and how to get it back.
#[component]
fn NoneFits(reasons: Memo<Vec<(Reason, usize)>>, choices: Choices) -> impl IntoView {
    let detail = move || {
        let text = choices.text.get();
        let is_only_text = reasons
            .read()
            .iter()
            .all(|(reason, _)| *reason == Reason::Text);
        match text.trim() {
            "" => "All of them are hidden.".to_owned(),
            text if is_only_text => format!("No key and no value that is shown contains “{text}”."),
            text => format!("“{text}” is only in properties that are hidden."),
        }
    };
    let offer = move |(reason, count): &(Reason, usize)| {
        let words = match reason {
            Reason::Text => "Clear search".to_owned(),
            Reason::System => format!(
                "Look in system properties ({})",
                intl::number(*count as u64)
            ),
            Reason::Null => format!("Show null ({})", intl::number(*count as u64)),
        };
        let reason = *reason;
        view! { <Button on_click=move |_| choices.give_up(reason)>{words}</Button> }.into_any()
    };
    view! {
        <Message tone=Tone::Empty title="No property fits" detail=Signal::derive(detail)>
            {dynamic(move || reasons.read().iter().map(offer).collect_view().into_any())}
        </Message>
    }
}
