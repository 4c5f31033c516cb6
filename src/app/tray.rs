//! The tray in the rail: who was chosen to be compared, by name. It is remembered in this tab, per project;
//! names are not, only UUIDs.

use leptos::prelude::*;
use uuid::Uuid;

use crate::api::persons::{self, Found};
use crate::api::{ApiError, Client, load};
use crate::connection::Connection;
use crate::effect::effect;
use crate::navigation::{MAIN, Navigation};
use crate::people;
use crate::platform::focus;
use crate::platform::storage::Memory;
use crate::routes::Route;
use crate::styles;
use crate::tray::fill;
use crate::ui::dynamic::{Member, each, text, when};
use crate::ui::icon::Icon;

crate::part! {
    /// Under `Compare` in the rail.
    pub tray in device: (), |()| {
        styles!("tray.css");
        view! { <Tray/> }.into_any()
    }
}

/// Whom the tray holds. Nothing is there while it is empty.
#[component]
fn Tray() -> impl IntoView {
    let navigation = Navigation::expect();
    let connection = Connection::expect();
    let chosen = navigation.compared;
    remember(navigation, connection);
    let members = move || {
        let client = client_of(connection);
        let member = |uuid: &Uuid| {
            let (uuid, client) = (*uuid, client.clone()?);
            Some(Member::new(uuid.to_string(), move || {
                view! { <Chosen uuid client/> }.into_any()
            }))
        };
        chosen.read().iter().filter_map(member).collect()
    };
    let count = move || chosen.read().len();
    when(
        move || count() > 0,
        move || {
            view! {
                <div class="tray">
                    <span class="tray-count" aria-hidden="true">{text(move || count().to_string())}</span>
                    <ul aria-label="Chosen to be compared">{each(members)}</ul>
                </div>
            }
            .into_any()
        },
    )
}

/// One of them, and the way to take them out.
#[component]
fn Chosen(uuid: Uuid, client: Client) -> impl IntoView {
    let navigation = Navigation::expect();
    let client = StoredValue::new(client);
    let kept = move || {
        let kept = client.with_value(|client| persons::kept_person(client, &uuid.to_string()));
        kept.map(|(person, ..)| people::name(&person).short())
    };
    let asked = load(
        move || {
            // A comparison asks for everybody itself.
            let is_compared = matches!(*navigation.route().read(), Route::Compare(_));
            (!is_compared && kept().is_none()).then_some(uuid)
        },
        move |uuid, abort| {
            let client = client.get_value();
            async move {
                match persons::find(&client, &uuid.to_string(), &abort).await? {
                    Found::Person(person, _) => Ok(people::name(&person).short()),
                    Found::ByDistinctId(_) => Err(ApiError::NotFound),
                }
            }
        },
    );
    let name = move || {
        // Whoever asks for the chosen tells it through this signal.
        navigation.compared.track();
        let name = kept().or_else(|| asked.value.get());
        name.unwrap_or_else(|| people::shortened(&uuid.to_string()))
    };
    let take_out = move |_| {
        let mut people = navigation.compared.get_untracked();
        let place = people.iter().position(|other| *other == uuid);
        people.retain(|other| *other != uuid);
        // The focus goes on to who stands there now, or to the last one.
        let next = place.and_then(|place| people.get(place)).or(people.last());
        focus::soon(next.map_or_else(|| MAIN.into(), button_id));
        fill(navigation, people);
    };
    view! {
        <li>
            <a class="cut" href=Route::person(uuid.to_string()).url() title=name>
                <bdi>{text(name)}</bdi>
            </a>
            <button
                type="button"
                id=button_id(&uuid)
                class="button button-quiet button-icon"
                aria-label=move || ["Take ", &name(), " out of Compare"].concat()
                on:click=take_out
            >
                <Icon name="close"/>
            </button>
        </li>
    }
}

/// The id of the button that takes somebody out.
fn button_id(uuid: &Uuid) -> String {
    format!("chosen-{uuid}")
}

fn client_of(connection: Connection) -> Option<Client> {
    connection.session().map(|session| session.client)
}

/// Brings back what this tab remembers of the project, and remembers what is chosen from now on.
fn remember(navigation: Navigation, connection: Connection) {
    let chosen = navigation.compared;
    let key = move || {
        let client = client_of(connection)?;
        Some(
            [
                "persons.compare",
                &client.server().origin(),
                client.project(),
            ]
            .join("."),
        )
    };
    effect(move |is_first| {
        let Some(key) = key() else {
            return chosen.set(Vec::new());
        };
        // A link that was opened has filled it already.
        if is_first && !chosen.read_untracked().is_empty() {
            return;
        }
        let remembered = Memory::Tab.get(&key).map(|url| Route::parse(&url));
        chosen.set(match remembered {
            Some(Route::Compare(people)) => people,
            _ => Vec::new(),
        });
    });
    effect(move |_| {
        let route = Route::Compare(chosen.get());
        if let Some(key) = untrack(key) {
            Memory::Tab.set(&key, &route.url());
        }
    });
}
