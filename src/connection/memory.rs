//! What the tab remembers of a connection with a key, if its owner asked for it.
//!
//! The key lies in the tab's session storage, never in a URL, and is gone with the tab. The script in
//! index.html looks whether there is anything, to know that the cookie's server is not the one to ask.

use crate::api::{Client, Secret, Server};
use crate::platform::storage::Memory;

const KEY: &str = "persons.connection";

/// The connection that this tab was asked to remember.
pub fn recall() -> Option<Client> {
    read(&Memory::Tab.get(KEY)?)
}

/// Remembers a connection with a key until the tab is closed.
pub fn remember(client: &Client) {
    if let Some(text) = write(client) {
        Memory::Tab.set(KEY, &text);
    }
}

/// Forgets it.
pub fn forget() {
    Memory::Tab.remove(KEY);
}

/// A connection with a key as three lines: scheme and host (empty for this server), key, project. None of
/// them can hold a line break.
pub fn write(client: &Client) -> Option<String> {
    let origin = match client.server() {
        Server::This => "",
        Server::Other(origin) => origin,
    };
    let lines = [origin, client.key()?.expose(), client.project()];
    Some(lines.join("\n"))
}

/// What [`write`] wrote.
pub fn read(text: &str) -> Option<Client> {
    let mut lines = text.split('\n');
    let (origin, key, project) = (lines.next()?, lines.next()?, lines.next()?);
    let server = match origin {
        "" => Server::This,
        origin => Server::Other(origin.into()),
    };
    Some(Client::with_key(server, Secret::new(key)).in_project(project))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_again() {
        for server in [Server::This, Server::Other("https://eu.posthog.com".into())] {
            let client = Client::with_key(server, Secret::new("phx_secret")).in_project(7);
            let text = write(&client).expect("it has a key");
            assert_eq!(read(&text), Some(client));
        }
        assert_eq!(
            write(&Client::this_server()),
            None,
            "a cookie needs no help"
        );
        assert_eq!(read("{}"), None);
    }
}
