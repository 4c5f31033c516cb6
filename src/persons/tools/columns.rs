//! Choosing the columns of the list, their order, and what the rows are ordered by.

use std::sync::Arc;

use leptos::prelude::*;
use persons_api::Person;

use crate::conditions::suggestions;
use crate::persons::columns::{Column, automatic};
use crate::platform::focus;
use crate::routes::{PersonsState, Sort};
use crate::ui::button::{Button, Loudness};
use crate::ui::combobox::Combobox;
use crate::ui::dynamic::{dynamic, when};
use crate::ui::icon::Icon;

const ADD_ID: &str = "add-column";

/// A change of the columns.
#[derive(Clone, Copy)]
enum Change {
    Up,
    Down,
    Remove,
}

/// Carries a change of the column at a place out.
fn changed(mut names: Vec<String>, place: usize, change: Change) -> Vec<String> {
    match change {
        Change::Up if place > 0 => names.swap(place - 1, place),
        Change::Down if place + 1 < names.len() => names.swap(place, place + 1),
        Change::Remove if place < names.len() => drop(names.remove(place)),
        _ => {}
    }
    names
}

/// The tool.
#[component]
pub fn ChooseColumns(
    question: Memo<PersonsState>,
    rows: Memo<Vec<Arc<Person>>>,
    on_change: Callback<PersonsState>,
) -> impl IntoView {
    // The name always stands first, so it is no matter of choice.
    let names = Memo::new(move |_| {
        let chosen = question.read().columns.clone();
        let mut names = if chosen.is_empty() {
            let columns = automatic(&rows.read());
            columns.iter().map(Column::name).collect()
        } else {
            chosen
        };
        names.retain(|name| *name != Column::Name.name());
        names
    });
    let set = move |columns: Vec<String>| {
        on_change.run(PersonsState {
            columns,
            ..question.get_untracked()
        });
    };
    let add = move |name: String| {
        let mut names = names.get_untracked();
        if !names.contains(&name) {
            names.push(name);
        }
        set(names);
    };
    let change = Callback::new(move |(place, change): (usize, Change)| {
        let was = names.get_untracked();
        set(changed(was, place, change));
        focus::soon(match change {
            Change::Up => button_id(place.saturating_sub(1), "up"),
            Change::Down => button_id(place + 1, "down"),
            Change::Remove => ADD_ID.to_owned(),
        });
    });
    let order = move |name: &str| {
        let question = question.read();
        let sort = question.sort.as_ref().filter(|sort| sort.column == name)?;
        Some(sort.descending)
    };
    let sort = Callback::new(move |column: String| {
        let state = question.get_untracked();
        let descending = match &state.sort {
            Some(sort) if sort.column == column => !sort.descending,
            _ => false,
        };
        let sort = Some(Sort { column, descending });
        on_change.run(PersonsState { sort, ..state });
    });
    let list = dynamic(move || {
        let names = names.get().into_iter();
        let row = |(place, name): (usize, String)| {
            let title = Column::named(&name).map_or_else(String::new, |column| column.head().title);
            let (sign, words) = match order(&name) {
                None => ("↕", "not sorted"),
                Some(false) => ("↑", "ascending"),
                Some(true) => ("↓", "descending"),
            };
            view! {
                <li class="tool-row">
                    <bdi class="cut" title=title.clone()>{title.clone()}</bdi>
                    <button
                        type="button"
                        class="button button-quiet button-icon"
                        aria-label=format!("Sort by {title}: {words}")
                        on:click=move |_| sort.run(name.clone())
                    >
                        {sign}
                    </button>
                    {step(place, &title, "up", "Move up", Change::Up, change)}
                    {step(place, &title, "down", "Move down", Change::Down, change)}
                    {step(place, &title, "close", "Remove", Change::Remove, change)}
                </li>
            }
            .into_any()
        };
        names.enumerate().map(row).collect_view().into_any()
    });
    let missing = dynamic(move || {
        let names = names.get();
        let missing = Column::FIXED.into_iter().skip(1);
        let missing = missing.filter(|(_, name)| !names.iter().any(|known| known == name));
        let button = |(column, name): (Column, &'static str)| {
            view! {
                <Button loudness=Loudness::Quiet icon="add" on_click=move |_| add(name.to_owned())>
                    {column.head().title}
                </Button>
            }
            .into_any()
        };
        missing.map(button).collect_view().into_any()
    });
    let key = RwSignal::new(String::new());
    let add_key = move || {
        let typed = key.get_untracked();
        if !typed.trim().is_empty() {
            add([":", typed.trim()].concat());
            key.set(String::new());
        }
    };
    let is_chosen = move || !question.read().columns.is_empty();
    let reset = move || {
        view! {
            <Button on_click=move |_| set(Vec::new())>"Let the app choose"</Button>
        }
        .into_any()
    };
    view! {
        <p class="tool-hint">"The name stands first. Columns that do not fit the window are left out."</p>
        <ul class="tool-list" aria-label="Chosen columns">
            {list}
        </ul>
        <div class="tool-add">
            <Combobox
                id=ADD_ID
                label="Add a property"
                text=key
                suggestions=suggestions::keys(key, rows)
                on_choose=Callback::new(move |_| add_key())
                on_enter=Callback::new(move |()| add_key())
                placeholder="plan"
            />
            <div class="actions">
                {missing}
                {when(is_chosen, reset)}
            </div>
        </div>
    }
}

fn button_id(place: usize, icon: &str) -> String {
    format!("column-{place}-{icon}")
}

fn step(
    place: usize,
    title: &str,
    icon: &'static str,
    words: &'static str,
    change: Change,
    on_change: Callback<(usize, Change)>,
) -> AnyView {
    view! {
        <button
            type="button"
            id=button_id(place, icon)
            class="button button-quiet button-icon"
            aria-label=[words, " ", title].concat()
            on:click=move |_| on_change.run((place, change))
        >
            <Icon name=icon/>
        </button>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_move_by_one_place_and_never_get_lost() {
        let names = || ["a", "b", "c"].map(str::to_owned).to_vec();
        assert_eq!(changed(names(), 1, Change::Up), ["b", "a", "c"]);
        assert_eq!(changed(names(), 1, Change::Down), ["a", "c", "b"]);
        assert_eq!(changed(names(), 0, Change::Up), names());
        assert_eq!(changed(names(), 2, Change::Down), names());
        assert_eq!(changed(names(), 1, Change::Remove), ["a", "c"]);
        assert_eq!(changed(names(), 9, Change::Remove), names());
    }
}
