//! Which properties are shown, in which order, and what would bring the others back.

use persons_api::Properties;
use serde_json::Value;

use crate::people::{in_order, is_system};
use crate::platform::text::lowercase;
use crate::ui::value::plain;

/// What somebody wants to see.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Wanted {
    /// Text in a key or a value, in any case.
    pub text: String,
    /// Leave out what the system wrote (`$…`).
    pub hides_system: bool,
    /// Leave out what is null.
    pub hides_null: bool,
    /// What somebody pinned, in their order.
    pub pinned: Vec<String>,
}

/// One of the things that keep a property from being shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Neither key nor value contains the text.
    Text,
    /// The system wrote it.
    System,
    /// It is null.
    Null,
}

impl Wanted {
    /// The same without one of the reasons.
    fn without(&self, reason: Reason) -> Self {
        let mut wanted = self.clone();
        match reason {
            Reason::Text => wanted.text.clear(),
            Reason::System => wanted.hides_system = false,
            Reason::Null => wanted.hides_null = false,
        }
        wanted
    }
}

/// Keys of the properties that are wanted: the pinned ones first, then people's own, then the system's,
/// each by name.
///
/// A pinned key stands there even if the person lacks it: that it is missing is what somebody wants to
/// know. Only the search hides it.
pub fn wanted_keys(properties: &Properties, wanted: &Wanted) -> Vec<String> {
    let text = lowercase(wanted.text.trim());
    let fits = |key: &str| text.is_empty() || contains(key, properties.get(key), &text);
    let pinned = wanted.pinned.iter().filter(|key| fits(key)).cloned();
    let others = properties.iter().filter(|(key, value)| {
        let is_hidden =
            wanted.hides_system && is_system(key) || wanted.hides_null && value.is_null();
        !is_hidden && !wanted.pinned.contains(key) && fits(key)
    });
    let others = others.map(|(key, _)| (usize::from(is_system(key)), key));
    pinned.chain(in_order(others)).collect()
}

/// How many properties each reason keeps away all by itself, the one that keeps away most first.
pub fn ways_out(properties: &Properties, wanted: &Wanted) -> Vec<(Reason, usize)> {
    let shown = wanted_keys(properties, wanted).len();
    let mut ways: Vec<(Reason, usize)> = Vec::new();
    for reason in [Reason::Text, Reason::System, Reason::Null] {
        let gained = wanted_keys(properties, &wanted.without(reason)).len() - shown;
        if gained > 0 {
            let place = ways.partition_point(|(_, more)| *more >= gained);
            ways.insert(place, (reason, gained));
        }
    }
    ways
}

/// Whether hiding what the system wrote hides something, and not everything.
pub fn can_hide_system(properties: &Properties) -> bool {
    properties.keys().any(|key| is_system(key)) && !properties.keys().all(|key| is_system(key))
}

fn contains(key: &str, value: Option<&Value>, text: &str) -> bool {
    lowercase(key).contains(text)
        || value.is_some_and(|value| lowercase(&plain(value)).contains(text))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn properties() -> Properties {
        let properties = json!({
            "$os": "Linux", "$ip": null, "Seats": 12, "email": "ADA@x.org",
            "address": {"city": "Bonn"}, "trial": null,
        });
        properties.as_object().expect("an object").clone()
    }

    fn wanted(text: &str) -> Wanted {
        Wanted {
            text: text.into(),
            ..Wanted::default()
        }
    }

    fn keys(wanted: &Wanted) -> Vec<String> {
        wanted_keys(&properties(), wanted)
    }

    fn hiding(hides_system: bool, hides_null: bool) -> Wanted {
        Wanted {
            hides_system,
            hides_null,
            ..Wanted::default()
        }
    }

    #[test]
    fn peoples_own_properties_come_first() {
        assert_eq!(
            keys(&Wanted::default()),
            ["address", "email", "Seats", "trial", "$ip", "$os"]
        );
        assert_eq!(
            keys(&hiding(true, false)),
            ["address", "email", "Seats", "trial"]
        );
        assert_eq!(
            keys(&hiding(false, true)),
            ["address", "email", "Seats", "$os"]
        );
        assert_eq!(keys(&hiding(true, true)), ["address", "email", "Seats"]);
    }

    #[test]
    fn what_is_pinned_comes_first_and_is_hidden_by_the_search_alone() {
        let pinned = Wanted {
            pinned: ["$os", "trial", "gone"].map(str::to_owned).into(),
            ..hiding(true, true)
        };
        assert_eq!(
            keys(&pinned),
            ["$os", "trial", "gone", "address", "email", "Seats"]
        );
        let searched = |text: &str| Wanted {
            text: text.into(),
            ..pinned.clone()
        };
        assert_eq!(keys(&searched("linux")), ["$os"]);
        assert_eq!(keys(&searched("GONE")), ["gone"]);
        // A key that is not there is not null.
        assert_eq!(keys(&searched("null")), ["trial"]);
    }

    #[test]
    fn the_search_looks_at_keys_and_into_values() {
        for (text, found) in [
            ("ada@", "email"),
            ("BONN", "address"),
            (" seat ", "Seats"),
            ("12", "Seats"),
            ("linux", "$os"),
        ] {
            assert_eq!(keys(&wanted(text)), [found], "{text}");
        }
    }

    #[test]
    fn what_keeps_most_away_is_named_first() {
        let linux = Wanted {
            hides_system: true,
            ..wanted("linux")
        };
        assert_eq!(
            ways_out(&properties(), &linux),
            [(Reason::Text, 4), (Reason::System, 1)]
        );
        // `$ip` is hidden for two reasons: giving up one of them does not show it.
        let both = hiding(true, true);
        assert_eq!(
            ways_out(&properties(), &both),
            [(Reason::System, 1), (Reason::Null, 1)]
        );
        assert_eq!(ways_out(&properties(), &Wanted::default()), []);
    }

    #[test]
    fn hiding_the_systems_properties_is_offered_when_others_remain() {
        let of = |json: Value| can_hide_system(json.as_object().expect("an object"));
        assert!(of(json!({"$os": 1, "plan": 2})));
        assert!(!of(json!({"$os": 1})));
        assert!(!of(json!({"plan": 2})));
        assert!(!of(json!({})));
    }
}
