//! The rows of the people, and going through them.

use std::sync::Arc;

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use persons_api::Person;

use super::columns::{self, Columns, Heads};
use super::why::Why;
use crate::api::behind::Row;
use crate::insights::charts::number;
use crate::insights::page::Model;
use crate::people::{self, Name};
use crate::platform::focus;
use crate::routes::Route;
use crate::ui::avatar::Avatar;
use crate::ui::dynamic::{Member, each, either, when};
use crate::ui::message::{Message, Tone};

/// The people.
#[component]
pub fn List(
    rows: Memo<Vec<Arc<Row>>>,
    model: Model,
    /// The properties that are shown beside each.
    columns: Columns,
) -> impl IntoView {
    let asked = RwSignal::new(None::<Arc<Row>>);
    let members = move || {
        let rows = rows.get();
        let members = rows.into_iter().enumerate().map(|(place, row)| {
            let key = row.person.uuid.to_string();
            Member::new(key, move || row_view(row, place, columns, asked))
        });
        members.collect::<Vec<_>>()
    };
    let on_keydown = move |event: KeyboardEvent| {
        let here = focused(&rows.read_untracked());
        let count = rows.read_untracked().len();
        let to = match (event.key().as_str(), here) {
            ("j" | "ArrowDown", Some(here)) => (here + 1).min(count.saturating_sub(1)),
            ("k" | "ArrowUp", Some(here)) => here.saturating_sub(1),
            ("w", Some(here)) => {
                asked.set(rows.read_untracked().get(here).cloned());
                event.prevent_default();
                return;
            }
            _ => return,
        };
        event.prevent_default();
        event.stop_propagation();
        if let Some(row) = rows.read_untracked().get(to) {
            go_to(&row.person);
        }
    };
    let why = either(
        move || asked.read().is_some(),
        move || {
            let close = Callback::new(move |()| {
                if let Some(row) = asked.get_untracked() {
                    go_to(&row.person);
                }
                asked.set(None);
            });
            match asked.get_untracked() {
                Some(row) => view! { <Why model row on_close=close/> }.into_any(),
                None => ().into_any(),
            }
        },
        || ().into_any(),
    );
    let grid_head = when(
        move || rows.read().iter().any(|row| row.appearances.len() > 1),
        move || {
            let count = rows.read().iter().map(|row| row.appearances.len()).max();
            let heads = (0..count.unwrap_or(0)).map(|column| view! { <span>{column}</span> });
            view! {
                <div class="people-grid-head" aria-hidden="true">
                    {heads.collect_view()}
                </div>
            }
            .into_any()
        },
    );
    let nobody = when(
        move || rows.read().is_empty(),
        || {
            view! {
                <Message tone=Tone::Empty title="Nobody" detail="Nobody who is loaded fits.">
                    ""
                </Message>
            }
            .into_any()
        },
    );
    view! {
        <Heads rows columns/>
        {grid_head}
        <ul class="people-rows" on:keydown=on_keydown>
            {each(members)}
        </ul>
        {nobody}
        {why}
    }
}

fn row_id(person: &Person) -> String {
    format!("behind-{}", person.uuid)
}

/// The keyboard goes to somebody's link: a row by itself takes no focus.
fn go_to(person: &Person) {
    focus::first_within(&row_id(person), "a");
}

/// The row that has the focus.
fn focused(rows: &[Arc<Row>]) -> Option<usize> {
    rows.iter()
        .position(|row| focus::is_within(&row_id(&row.person)))
}

/// Somebody: who, what tells them apart, and since when.
fn row_view(
    row: Arc<Row>,
    place: usize,
    columns: Columns,
    asked: RwSignal<Option<Arc<Row>>>,
) -> AnyView {
    let person = &row.person;
    let name = people::name(person);
    let known = name.known().map(str::to_owned);
    let words = name.short();
    let below = match (&name, people::email(person)) {
        (Name::Known(name), Some(email)) if name != email => email.to_owned(),
        (Name::Anonymous(_), _) => "anonymous".to_owned(),
        _ => person.distinct_ids.first().cloned().unwrap_or_default(),
    };
    let label = format!("Why is {words} here?");
    let shown = columns::values(&row, columns);
    let value = row
        .value
        .filter(|_| row.appearances.is_empty())
        .map(|value| {
            view! { <span class="people-value">{number(value)}</span> }
        });
    let squares = (row.appearances.len() > 1).then(|| squares(&row.appearances));
    let href = Route::person(person.uuid.to_string()).url();
    let (id, seed) = (row_id(person), person.uuid.to_string());
    view! {
        <li class="people-row" id=id aria-posinset=place + 1>
            <a class="people-who" href=href>
                <Avatar name=known seed/>
                <span class="people-names">
                    <bdi class="people-name">{words}</bdi>
                    <bdi class="people-below">{below}</bdi>
                </span>
            </a>
            {squares}
            {value}
            {shown}
            <button
                type="button"
                class="button button-quiet people-why"
                aria-label=label
                on:click=move |_| asked.set(Some(Arc::clone(&row)))
            >
                "Why?"
            </button>
        </li>
    }
    .into_any()
}

/// In which intervals somebody was there: a filled square, or an empty one.
fn squares(appearances: &[bool]) -> AnyView {
    let there: Vec<String> = appearances
        .iter()
        .enumerate()
        .filter(|(_, there)| **there)
        .map(|(place, _)| place.to_string())
        .collect();
    let squares = appearances.iter().map(|there| {
        let class = if *there { "square is-there" } else { "square" };
        view! { <span class=class></span> }
    });
    view! {
        <span class="people-squares" role="img" aria-label=format!("there in {}", there.join(", "))>
            {squares.collect_view()}
        </span>
    }
    .into_any()
}
