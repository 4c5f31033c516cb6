//! What the tab remembers of a connection with a key, if its owner asked for it.
//!
//! The key lies in the tab's session storage, never in a URL, and is gone with the tab. The script in
//! index.html looks whether there is anything, to know that the cookie's server is not the one to ask.

use serde::{Deserialize, Serialize};

use crate::api::{Client, Secret, Server};
use crate::platform::storage::Memory;

const KEY: &str = "persons.connection";

#[derive(Serialize, Deserialize)]
struct Remembered {
    /// Scheme and host; absent for this server.
    origin: Option<String>,
    key: String,
    project: String,
}

/// The connection that this tab was asked to remember.
pub fn recall() -> Option<Client> {
    let text = Memory::Tab.get(KEY)?;
    let remembered: Remembered = serde_json::from_str(&text).ok()?;
    let server = match remembered.origin {
        Some(origin) => Server::Other(origin.into()),
        None => Server::This,
    };
    let client = Client::with_key(server, Secret::new(&remembered.key));
    Some(client.in_project(remembered.project))
}

/// Remembers a connection with a key until the tab is closed.
pub fn remember(client: &Client) {
    let origin = match client.server() {
        Server::This => None,
        Server::Other(origin) => Some(origin.to_string()),
    };
    let Some(key) = client.key() else { return };
    let remembered = Remembered {
        origin,
        key: key.expose().to_owned(),
        project: client.project().to_owned(),
    };
    if let Ok(text) = serde_json::to_string(&remembered) {
        Memory::Tab.set(KEY, &text);
    }
}

/// Forgets it.
pub fn forget() {
    Memory::Tab.remove(KEY);
}
