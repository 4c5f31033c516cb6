//! The people who are compared: each is asked for alone, so that who is gone takes nobody along.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use persons_api::{Cohort, Person, Timestamp};
use uuid::Uuid;

use crate::api::persons::{self, Found};
use crate::api::{ApiError, Client, Session, cohorts};
use crate::effect::effect;
use crate::navigation::Navigation;
use crate::platform::Abort;

/// One of them, as far as they are known.
#[derive(Clone, PartialEq)]
pub struct Column {
    /// Who.
    pub uuid: Uuid,
    /// The last answer.
    person: Option<Arc<Person>>,
    /// When it was true, if that is longer ago than this visit.
    pub since: Option<Timestamp>,
    /// Why the latest attempt failed.
    pub error: Option<ApiError>,
    /// Whether an answer is awaited.
    pub is_busy: bool,
    /// The cohorts they are in, or why that is not known.
    pub cohorts: Option<Result<Vec<Cohort>, ApiError>>,
}

/// What can be shown of somebody.
pub enum State {
    /// Nothing yet.
    Waiting,
    /// Nobody has this UUID.
    Gone,
    /// Nothing, for this reason.
    Failed(ApiError),
    /// The person.
    There(Arc<Person>),
}

impl Column {
    /// What can be shown.
    pub fn state(&self) -> State {
        match (&self.person, &self.error) {
            (_, Some(ApiError::NotFound)) => State::Gone,
            // What is kept from before may not be seen any more.
            (_, Some(error)) if self.since.is_some() && !error.may_pass() => {
                State::Failed(error.clone())
            }
            (Some(person), _) => State::There(person.clone()),
            (None, Some(error)) => State::Failed(error.clone()),
            (None, None) => State::Waiting,
        }
    }

    /// The person, if they can be shown.
    pub fn known(&self) -> Option<Arc<Person>> {
        match self.state() {
            State::There(person) => Some(person),
            _ => None,
        }
    }
}

/// All of them, in the order of the screen.
#[derive(Clone, Copy)]
pub struct People {
    /// A column for each.
    pub columns: RwSignal<Vec<Column>>,
    client: StoredValue<Client>,
    navigation: Navigation,
    abort: StoredValue<Abort, LocalStorage>,
    /// Told that a UUID turned out to be a distinct id of somebody else.
    on_other: Callback<(Uuid, Uuid)>,
}

impl People {
    /// Those with these UUIDs. What is known from before is there at once.
    pub fn with(ids: Memo<Vec<Uuid>>, on_other: Callback<(Uuid, Uuid)>) -> Self {
        let abort = Abort::new();
        let people = Self {
            columns: RwSignal::new(Vec::new()),
            client: StoredValue::new(Session::expect().client),
            navigation: Navigation::expect(),
            abort: StoredValue::new_local(abort.clone()),
            on_other,
        };
        on_cleanup(move || abort.abort());
        effect(move |_| {
            let known = people.columns.get_untracked();
            let column = |uuid: &Uuid| {
                let known = known.iter().find(|column| column.uuid == *uuid);
                known.cloned().unwrap_or_else(|| people.kept(*uuid))
            };
            let ids = ids.get();
            people.columns.set(ids.iter().map(column).collect());
            let is_new = |uuid: &&Uuid| !known.iter().any(|column| column.uuid == **uuid);
            ids.iter().filter(is_new).for_each(|uuid| people.ask(*uuid));
        });
        people
    }

    /// Asks for everybody once more.
    pub fn again(self) {
        let columns = self.columns.get_untracked();
        columns.iter().for_each(|column| self.ask(column.uuid));
    }

    fn kept(self, uuid: Uuid) -> Column {
        let kept = self
            .client
            .with_value(|client| persons::kept_person(client, &uuid.to_string()));
        let (person, since) = match kept {
            Some((person, _, since)) => (Some(Arc::from(person)), Some(since)),
            None => (None, None),
        };
        Column {
            uuid,
            person,
            since,
            error: None,
            is_busy: false,
            cohorts: None,
        }
    }

    fn ask(self, uuid: Uuid) {
        let (client, abort) = (self.client.get_value(), self.abort.get_value());
        self.change(uuid, Box::new(|column| column.is_busy = true));
        spawn_local(async move {
            let found = persons::find(&client, &uuid.to_string(), &abort).await;
            // After cleanup the signals are gone.
            if abort.is_aborted() {
                return;
            }
            if let Ok(Found::ByDistinctId(other)) = found {
                return self.on_other.run((uuid, other));
            }
            let is_found = found.is_ok();
            self.change(
                uuid,
                Box::new(move |column| {
                    column.is_busy = false;
                    match found {
                        Ok(Found::Person(person, _)) => {
                            column.person = Some(Arc::from(person));
                            (column.since, column.error) = (None, None);
                        }
                        Ok(Found::ByDistinctId(_)) => {}
                        Err(error) => column.error = Some(error),
                    }
                }),
            );
            if is_found {
                // The tray, too, may know them now.
                self.navigation.compared.notify();
                let cohorts = cohorts::of_person(&client, uuid, &abort).await;
                if !abort.is_aborted() {
                    self.change(uuid, Box::new(|column| column.cohorts = Some(cohorts)));
                }
            }
        });
    }

    /// Changes the column of somebody who is still among them.
    fn change(self, uuid: Uuid, change: Box<dyn FnOnce(&mut Column)>) {
        self.columns.update(|columns| {
            if let Some(column) = columns.iter_mut().find(|column| column.uuid == uuid) {
                change(column);
            }
        });
    }
}
