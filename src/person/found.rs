//! Finding the person of the URL.

use std::sync::Arc;

use leptos::prelude::*;
use persons_api::{Person, Timestamp};

use crate::api::persons::{self, Found};
use crate::api::{Client, Load, Session, load};
use crate::navigation::Navigation;
use crate::routes::{PersonRoute, Route};

/// Somebody who was found, and what the server said byte for byte.
#[derive(Clone, Debug, PartialEq)]
pub struct Loaded {
    /// The server's answer. It comes first, because other answers differ soon.
    pub raw: Arc<str>,
    /// The person.
    pub person: Arc<Person>,
}

/// Loads the person. A distinct id in place of the UUID leads to the right address, and to `None` here.
/// What is known from before is there at once; also given is since when, until the server answers.
pub fn find(id: &str) -> (Load<Option<Loaded>>, RwSignal<Option<Timestamp>>) {
    let client = Session::expect().client;
    let kept = persons::kept_person(&client, id);
    let since = RwSignal::new(None);
    let found = ask(client, id.to_owned(), since);
    if let Some((person, raw, at)) = kept {
        since.set(Some(at));
        found.value.set(Some(Some(Loaded {
            person: Arc::from(person),
            raw: raw.into(),
        })));
    }
    (found, since)
}

fn ask(client: Client, id: String, since: RwSignal<Option<Timestamp>>) -> Load<Option<Loaded>> {
    let navigation = Navigation::expect();
    let client = StoredValue::new(client);
    load(
        move || Some(id.clone()),
        move |id, abort| async move {
            let client = client.get_value();
            let found = persons::find(&client, &id, &abort).await?;
            since.try_set(None);
            Ok(match found {
                Found::Person(person, raw) => Some(Loaded {
                    person: Arc::from(person),
                    raw: raw.into(),
                }),
                Found::ByDistinctId(uuid) => {
                    // Somebody who has left by now must not be fetched back.
                    if let (Route::Person(route), false) =
                        (navigation.route().get_untracked(), abort.is_aborted())
                    {
                        navigation.replace(Route::Person(PersonRoute {
                            id: uuid.to_string(),
                            ..route
                        }));
                    }
                    None
                }
            })
        },
    )
}
