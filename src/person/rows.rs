//! Which properties are shown, and in which order.

use persons_api::Properties;
use serde_json::Value;

use crate::ui::value::plain;

/// What somebody wants to see.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Wanted {
    /// Text in a key or a value, in any case.
    pub text: String,
    /// Leave out what the system wrote (`$…`).
    pub hides_system: bool,
}

/// Keys of the properties that are wanted: people's own first, then the system's, each by name.
pub fn wanted_keys(properties: &Properties, wanted: &Wanted) -> Vec<String> {
    let text = wanted.text.trim().to_lowercase();
    let mut keys: Vec<&String> = properties
        .iter()
        .filter(|(key, value)| {
            !(wanted.hides_system && is_system(key)) && (text.is_empty() || contains(key, value, &text))
        })
        .map(|(key, _)| key)
        .collect();
    keys.sort_by_cached_key(|key| (is_system(key), key.to_lowercase()));
    keys.into_iter().cloned().collect()
}

/// Whether a key belongs to PostHog, not to the people who send events.
pub fn is_system(key: &str) -> bool {
    key.starts_with('$')
}

fn contains(key: &str, value: &Value, text: &str) -> bool {
    key.to_lowercase().contains(text) || plain(value).to_lowercase().contains(text)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn keys(text: &str, hides_system: bool) -> Vec<String> {
        let properties = json!({
            "$os": "Linux", "Seats": 12, "email": "ADA@x.org", "address": {"city": "Bonn"}, "trial": null,
        });
        let wanted = Wanted {
            text: text.into(),
            hides_system,
        };
        wanted_keys(properties.as_object().expect("an object"), &wanted)
    }

    #[test]
    fn peoples_own_properties_come_first() {
        assert_eq!(keys("", false), ["address", "email", "Seats", "trial", "$os"]);
        assert_eq!(keys("", true), ["address", "email", "Seats", "trial"]);
    }

    #[test]
    fn the_search_looks_at_keys_and_into_values() {
        assert_eq!(keys("ada@", false), ["email"]);
        assert_eq!(keys("BONN", false), ["address"]);
        assert_eq!(keys(" seat ", false), ["Seats"]);
        assert_eq!(keys("12", false), ["Seats"]);
        assert_eq!(keys("linux", true), Vec::<String>::new());
    }
}
