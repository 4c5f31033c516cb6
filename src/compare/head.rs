//! The head of a column: who it is, and what can be done with the column.

use leptos::prelude::*;
use persons_api::Person;
use uuid::Uuid;

use super::people::{Column, People, State};
use crate::people::{self, Name};
use crate::platform::intl;
use crate::routes::Route;
use crate::ui::avatar::Avatar;
use crate::ui::button::IconButton;
use crate::ui::dynamic::{dynamic, when};
use crate::ui::icon::Icon;

/// The id of the button that moves somebody's column to the front.
pub fn move_id(uuid: Uuid) -> String {
    format!("move-{uuid}")
}

/// The head of somebody's column. It stays as long as they do, whatever becomes known.
#[component]
pub fn Head(
    people: People,
    uuid: Uuid,
    /// Puts somebody one place further to the front.
    on_move: Callback<Uuid>,
    /// Takes somebody out.
    on_remove: Callback<Uuid>,
) -> impl IntoView {
    let columns = people.columns;
    let place = move || columns.read().iter().position(|column| column.uuid == uuid);
    let of = move |before: &str, after: &str| {
        let columns = columns.read();
        let known = columns
            .iter()
            .find(|column| column.uuid == uuid)
            .and_then(Column::known);
        match known {
            Some(person) => [before, &people::name(&person).short(), after].concat(),
            None => [before, &people::shortened(&uuid.to_string()), after].concat(),
        }
    };
    let who = dynamic(move || {
        let columns = columns.read();
        columns
            .iter()
            .find(|column| column.uuid == uuid)
            .map(who)
            .into_any()
    });
    let is_movable = move || place().is_some_and(|place| place > 0);
    view! {
        <th scope="col" class="compare-head">
            <div class="compare-actions">
                {when(is_movable, move || {
                    let label = Signal::derive(move || of("Move ", " one place forward"));
                    view! {
                        <button
                            type="button"
                            id=move_id(uuid)
                            class="button button-quiet button-icon"
                            aria-label=label
                            data-tip=label
                            on:click=move |_| on_move.run(uuid)
                        >
                            <Icon name="back"/>
                        </button>
                    }
                    .into_any()
                })}
                <IconButton
                    icon="close"
                    label=Signal::derive(move || of("Remove the column of ", ""))
                    on_click=move |_| on_remove.run(uuid)
                />
            </div>
            {who}
        </th>
    }
}

fn who(column: &Column) -> AnyView {
    let id = column.uuid.to_string();
    let unknown = || Name::Anonymous(id.clone());
    let (name, note) = match column.state() {
        State::There(person) => (people::name(&person), note(column, &person)),
        State::Waiting => (unknown(), String::new()),
        State::Gone => (
            unknown(),
            "Gone: this person was deleted, or merged into somebody else.".to_owned(),
        ),
        State::Failed(error) => (unknown(), error.to_string()),
    };
    // A sentence takes the room it needs.
    let is_sure = column.error.is_none();
    let is_anonymous = name.known().is_none();
    let href = Route::person(id.clone()).url();
    view! {
        <div class="compare-who">
            <Avatar name=name.known().map(str::to_owned) seed=id/>
            <div>
                <a href=href class:mono=is_anonymous title=name.text().to_owned()>
                    <bdi>{name.short()}</bdi>
                </a>
                <p class="note" class:cut=is_sure>
                    <bdi>{note}</bdi>
                </p>
            </div>
        </div>
    }
    .into_any()
}

/// What else tells who it is; where that may be out of date, this instead.
fn note(column: &Column, person: &Person) -> String {
    if let Some(error) = &column.error {
        let since = column.since.map(intl::ago_in_words);
        return match since {
            Some(since) => format!("As of {since}: {error}"),
            None => format!("This may be out of date: {error}"),
        };
    }
    let name = people::name(person);
    let ids = person.distinct_ids.iter().map(String::as_str);
    let mut notes = people::email(person).into_iter().chain(ids);
    let note = notes.find(|note| *note != name.text());
    note.map(people::shortened_unless_address)
        .unwrap_or_default()
}
