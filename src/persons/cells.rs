//! A person as a row of cells.

use leptos::prelude::*;
use persons_api::Person;
use serde_json::Value;

use super::columns::Column;
use super::list::Mark;
use crate::people::{self, Name, found_in};
use crate::platform::intl;
use crate::routes::Route;
use crate::ui::avatar::Avatar;
use crate::ui::time::Time;
use crate::ui::value::{ValueText, plain};

/// The cells of a row, one per column. What was searched for is in small letters.
pub fn cells(person: &Person, columns: &[Column], searched: &str, mark: Option<Mark>) -> AnyView {
    columns
        .iter()
        .map(|column| {
            let class = format!("cell {}", column.head().class);
            view! {
                <div role="gridcell" class=class>
                    {content(person, column, searched, mark)}
                </div>
            }
            .into_any()
        })
        .collect_view()
        .into_any()
}

fn content(person: &Person, column: &Column, searched: &str, mark: Option<Mark>) -> AnyView {
    match column {
        Column::Name => name(person, searched, mark).into_any(),
        Column::Email => {
            let email = people::email(person).map(|email| Value::String(email.to_owned()));
            text(email.as_ref()).into_any()
        }
        Column::Property(property) => text(person.properties.get(&property.key)).into_any(),
        Column::Ids => intl::number(person.ids()).into_any(),
        Column::FirstSeen => view! { <Time at=person.created_at/> }.into_any(),
        Column::LastSeen => view! { <Time at=person.last_seen_at/> }.into_any(),
    }
}

/// A value that may be cut off, whole when pointed at.
fn text(value: Option<&Value>) -> impl IntoView + use<> {
    let title = value.map(plain);
    view! {
        <span class="cut" title=title>
            <ValueText value/>
        </span>
    }
}

/// A link, so that a person can be opened in a new tab, copied and followed. Rows have the focus, so it
/// is no tab stop of its own.
fn name(person: &Person, searched: &str, mark: Option<Mark>) -> impl IntoView + use<> {
    let name = people::name(person);
    let (text, class) = match &name {
        Name::Known(text) => (text.clone(), "person-link"),
        Name::Anonymous(id) => (people::shortened(id), "person-link person-anonymous mono"),
    };
    let href = Route::person(person.uuid.to_string()).url();
    view! {
        <Avatar name=name.known().map(str::to_owned) seed=person.uuid.to_string()/>
        <a class=class href=href tabindex="-1" title=name.text().to_owned()>
            <bdi>{text}</bdi>
        </a>
        {found_in(person, searched).map(|field| tag("tag tag-match", "The search was found here", field))}
        {mark.map(|mark| {
            let (title, words) = match mark {
                Mark::OnDevice => ("The server has not named this person", "on this device"),
                Mark::FromServer => ("This device did not know that", "from server"),
            };
            tag("tag tag-match tag-mark", title, words.into())
        })}
    }
}

fn tag(class: &'static str, title: &'static str, text: String) -> AnyView {
    view! {
        <span class=class title=title>
            <bdi>{text}</bdi>
        </span>
    }
    .into_any()
}
