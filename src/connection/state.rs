//! The connection: checked once at the start, changed on the Connect screen.

use leptos::prelude::*;
use leptos::task::spawn_local;
use persons_api::Project;

use super::memory;
use crate::api::{ApiError, Client, Session, kept, numbers, projects};
use crate::platform::Abort;

/// How far the connection is.
#[derive(Clone, Debug, PartialEq)]
pub enum State {
    /// Asking the server whether it knows us.
    Checking,
    /// It does.
    Open(Session),
    /// It does not, or there is no server: the Connect screen says why.
    Closed(ApiError),
}

/// The connection. There is one, in the context of the app.
#[derive(Clone, Copy)]
pub struct Connection {
    state: RwSignal<State>,
    /// Who was asked last.
    client: StoredValue<Client>,
}

impl Connection {
    /// Begins to check the tab's remembered connection, else this server's, and makes itself available.
    pub fn provide() -> Self {
        let connection = Self {
            state: RwSignal::new(State::Checking),
            client: StoredValue::new(memory::recall().unwrap_or_else(Client::this_server)),
        };
        provide_context(connection);
        connection.check();
        connection
    }

    /// The one of the app.
    ///
    /// # Panics
    /// Outside of the app.
    pub fn expect() -> Self {
        expect_context()
    }

    /// How far it is.
    pub fn state(self) -> ReadSignal<State> {
        self.state.read_only()
    }

    /// The open connection, if it is open.
    pub fn session(self) -> Option<Session> {
        match self.state.get() {
            State::Open(session) => Some(session),
            State::Checking | State::Closed(_) => None,
        }
    }

    /// Asks the server again whether it knows us.
    pub fn check(self) {
        self.state.set(State::Checking);
        // The server may have been updated.
        numbers::forget_servers();
        let client = self.client.get_value();
        spawn_local(async move {
            let answer = projects::current(&client, &Abort::new()).await;
            // The app may be gone by now (in tests), and its signals with it.
            let _ = self.state.try_set(match answer {
                Ok(project) => State::Open(Session { client, project }),
                Err(ApiError::Forbidden { .. }) if client.project() != "@current" => {
                    let project = unnamed_project(client.project());
                    State::Open(Session { client, project })
                }
                Err(error) => State::Closed(error),
            });
        });
    }

    /// Who was asked last, answer or none.
    pub fn client(self) -> Client {
        self.client.get_value()
    }

    /// Asks another server, or the same one by another key, whether it knows us.
    pub fn check_with(self, client: Client) {
        self.client.set_value(client);
        self.check();
    }

    /// Opens a connection with a key that was checked. `is_kept` lets the tab remember it.
    pub fn open(self, client: Client, project: Project, is_kept: bool) {
        memory::forget();
        if is_kept {
            memory::remember(&client);
        }
        self.client.set_value(client.clone());
        self.state.set(State::Open(Session { client, project }));
    }

    /// Forgets the key and the people it led to, and goes back to this server.
    pub fn forget(self) {
        memory::forget();
        kept::forget();
        self.check_with(Client::this_server());
    }
}

/// A project of which a key may see people but not the name.
pub fn unnamed_project(id: &str) -> Project {
    Project {
        id: id.parse().unwrap_or_default(),
        uuid: None,
        api_token: String::new(),
        name: format!("Project {id}"),
        timezone: String::new(),
        is_demo: false,
        person_display_name_properties: None,
        week_start_day: None,
        test_account_filters: serde_json::Value::Null,
    }
}
