//! What every screen says about a person in the same words: the name, the e-mail address, the order of
//! properties.

use persons_api::Person;
use serde_json::Value;

use crate::platform::text::lowercase;

/// Property keys that hold a person's own name, best first.
const NAME_KEYS: [&str; 5] = ["name", "Name", "full_name", "username", "Username"];
/// Property keys that hold an e-mail address.
const EMAIL_KEYS: [&str; 3] = ["email", "Email", "$email"];

/// How a person is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Name {
    /// A name or an address that says something to people.
    Known(String),
    /// An id that only machines remember.
    Anonymous(String),
}

impl Name {
    /// The text of it.
    pub fn text(&self) -> &str {
        match self {
            Self::Known(text) | Self::Anonymous(text) => text,
        }
    }

    /// The text of it, of an id both ends.
    pub fn short(&self) -> String {
        match self {
            Self::Known(text) => text.clone(),
            Self::Anonymous(id) => shortened(id),
        }
    }

    /// The name for initials; an id has none.
    pub fn known(&self) -> Option<&str> {
        match self {
            Self::Known(text) => Some(text),
            Self::Anonymous(_) => None,
        }
    }
}

/// A name among the properties.
pub fn own_name(person: &Person) -> Option<&str> {
    text_at(person, &NAME_KEYS)
}

/// How a person is called: a name among the properties, else what the server chose (mostly the e-mail
/// address), else the UUID.
pub fn name(person: &Person) -> Name {
    let chosen = [own_name(person).unwrap_or_default(), person.name.trim()]
        .into_iter()
        .find(|name| !name.is_empty());
    match chosen {
        Some(name) if looks_anonymous(name) => Name::Anonymous(name.to_owned()),
        Some(name) => Name::Known(name.to_owned()),
        None => Name::Anonymous(person.uuid.to_string()),
    }
}

/// The e-mail address, if the properties have one.
pub fn email(person: &Person) -> Option<&str> {
    text_at(person, &EMAIL_KEYS)
}

/// Whether a key says what [`name`] and [`email`] say already.
pub fn is_name_or_email(key: &str) -> bool {
    NAME_KEYS.contains(&key) || EMAIL_KEYS.contains(&key)
}

/// Whether a key belongs to PostHog, not to the people who send events.
pub fn is_system(key: &str) -> bool {
    key.starts_with('$')
}

/// Keys by rank, and by name within a rank.
pub fn in_order<'a>(keys: impl Iterator<Item = (usize, &'a String)>) -> Vec<String> {
    // Put into place one by one: a person has few enough for it, and a sort is more code than a screen.
    let mut in_order: Vec<((usize, String), &String)> = Vec::new();
    for (rank, key) in keys {
        let rank = (rank, lowercase(key));
        let place = in_order.partition_point(|(before, _)| *before <= rank);
        in_order.insert(place, (rank, key));
    }
    in_order.into_iter().map(|(_, key)| key.clone()).collect()
}

/// Whether a text in small letters is in the name or anywhere else.
pub fn is_found(person: &Person, searched: &str) -> bool {
    lowercase(name(person).text()).contains(searched) || found_in(person, searched).is_some()
}

/// Where a text in small letters was found, unless it is the name, which says so itself.
pub fn found_in(person: &Person, searched: &str) -> Option<String> {
    let fits = |text: &str| lowercase(text).contains(searched);
    if searched.is_empty() || fits(name(person).text()) {
        return None;
    }
    if email(person).is_some_and(fits) {
        return Some("Email".into());
    }
    if person.distinct_ids.iter().any(|id| fits(id)) {
        return Some("Distinct ID".into());
    }
    if fits(&person.uuid.to_string()) {
        return Some("UUID".into());
    }
    let values = person.properties.iter();
    values
        .filter(|(_, value)| match value {
            Value::String(text) => fits(text),
            Value::Null => false,
            other => fits(&other.to_string()),
        })
        .map(|(key, _)| key.clone())
        .next()
}

fn text_at<'a>(person: &'a Person, keys: &[&str]) -> Option<&'a str> {
    let values = keys.iter().filter_map(|key| person.properties.get(*key));
    values
        .filter_map(Value::as_str)
        .map(str::trim)
        .find(|text| !text.is_empty())
}

/// Whether a distinct id was made by a machine. PostHog's rule: five groups of small letters and digits, as in a UUID.
pub fn looks_anonymous(id: &str) -> bool {
    let mut groups = 0;
    let all_fit = id.split('-').all(|group| {
        groups += 1;
        !group.is_empty()
            && group
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    });
    all_fit && groups == 5
}

/// `018f3c5a…9c2a`: both ends of an id, which is what people compare.
pub fn shortened(id: &str) -> String {
    const ENDS: (usize, usize) = (8, 4);
    let letters: Vec<char> = id.chars().collect();
    if letters.len() <= ENDS.0 + ENDS.1 + 4 {
        return id.to_owned();
    }
    let (head, tail) = (&letters[..ENDS.0], &letters[letters.len() - ENDS.1..]);
    head.iter().chain(&['…']).chain(tail).collect()
}

/// The same of an id that machines made. An address is read as a whole, and cut where there is no room.
pub fn shortened_unless_address(id: &str) -> String {
    if id.contains('@') {
        id.to_owned()
    } else {
        shortened(id)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn person(name: &str, properties: Value) -> Person {
        let person = json!({
            "id": 1,
            "uuid": "018f3c5a-7b1e-7c44-9d3e-2f6a1b0c9d8e",
            "name": name,
            "properties": properties,
        });
        serde_json::from_value(person).expect("a person")
    }

    #[test]
    fn a_name_among_the_properties_comes_before_the_servers_choice() {
        let ada = person("ada@x.org", json!({"email": "ada@x.org", "name": "Ada"}));
        assert_eq!(name(&ada), Name::Known("Ada".into()));
        assert_eq!(email(&ada), Some("ada@x.org"));
        let nameless = person("ada@x.org", json!({"name": " ", "email": "ada@x.org"}));
        assert_eq!(name(&nameless), Name::Known("ada@x.org".into()));
    }

    #[test]
    fn ids_of_machines_are_no_names() {
        let uuid = "0190c0de-0000-7000-8000-000000000001";
        assert_eq!(name(&person(uuid, json!({}))), Name::Anonymous(uuid.into()));
        let unnamed = name(&person("", json!({"name": 7})));
        assert_eq!(
            unnamed,
            Name::Anonymous("018f3c5a-7b1e-7c44-9d3e-2f6a1b0c9d8e".into())
        );
        assert_eq!(
            name(&person("user-13", json!({}))),
            Name::Known("user-13".into())
        );
    }

    #[test]
    fn long_ids_keep_both_ends() {
        assert_eq!(
            shortened("018f3c5a-7b1e-7c44-9d3e-2f6a1b0c9d8e"),
            "018f3c5a…9d8e"
        );
        assert_eq!(shortened("user-13"), "user-13");
        assert_eq!(shortened(&"é".repeat(40)), "éééééééé…éééé");
    }
}
