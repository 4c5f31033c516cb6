//! What this device remembers of a connection with a key, if its owner asked for it: locked with a
//! passphrase, which is kept nowhere.

use super::memory;
use crate::api::{Client, Server};
use crate::platform::crypto;
use crate::platform::storage::Memory;

const KEY: &str = "persons.locked";

/// The server whose key lies here, for people to know what they unlock. What the key is sent to is
/// written inside, where nobody can change it.
pub fn locked_origin() -> Option<String> {
    let text = Memory::Device.get(KEY)?;
    let (origin, _) = text.split_once('\n')?;
    Some(origin.to_owned())
}

/// Locks a connection and remembers it. `false` where the browser cannot.
pub async fn remember(client: &Client, passphrase: &str) -> bool {
    let Some(text) = memory::write(client) else {
        return false;
    };
    let Some(locked) = crypto::lock(&text, passphrase).await else {
        return false;
    };
    let origin = match client.server() {
        Server::This => "",
        Server::Other(origin) => origin,
    };
    Memory::Device.set(KEY, &format!("{origin}\n{}", to_hex(&locked)));
    true
}

/// The connection that is remembered; `None` when the passphrase is another one.
pub async fn unlock(passphrase: &str) -> Option<Client> {
    let text = Memory::Device.get(KEY)?;
    let (_, locked) = text.split_once('\n')?;
    memory::read(&crypto::unlock(&from_hex(locked)?, passphrase).await?)
}

/// Forgets it.
pub fn forget() {
    Memory::Device.remove(KEY);
}

fn to_hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(value.into(), 16).unwrap_or_default();
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(digit).collect()
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> = text.chars().map(|digit| digit.to_digit(16)).collect();
    let byte = |pair: &[u32]| u8::try_from(pair.first()? * 16 + pair.get(1)?).ok();
    digits?.chunks(2).map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_survive_as_hexadecimal_digits() {
        let bytes = [0, 9, 16, 128, 255];
        assert_eq!(to_hex(&bytes), "00091080ff");
        assert_eq!(from_hex("00091080ff").as_deref(), Some(bytes.as_slice()));
        assert_eq!(from_hex("0"), None);
        assert_eq!(from_hex("zz"), None);
    }
}
