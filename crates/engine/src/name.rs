//! The name a person is shown under.

use serde_json::Value;

use crate::value::{Kind, ValueRef};

/// The keys a name is taken from when the project names none, best first.
pub const DEFAULT_KEYS: [&str; 7] = [
    "email", "Email", "name", "Name", "username", "Username", "UserName",
];

/// Chooses the name: the first key with a truthy value, else a distinct id that is not anonymous, else
/// any distinct id, else the person's number.
pub fn name<'a>(
    keys: impl IntoIterator<Item = &'a str>,
    property: impl Fn(&str) -> Option<ValueRef<'a>>,
    distinct_ids: impl Iterator<Item = &'a str>,
    number: i64,
) -> Value {
    if let Some(value) = keys
        .into_iter()
        .filter_map(property)
        .find(|value| is_truthy(*value))
    {
        return value.to_value();
    }
    let mut first = None;
    for id in distinct_ids {
        if !is_anonymous(id) {
            return Value::from(id);
        }
        first.get_or_insert(id);
    }
    first.map_or_else(|| Value::from(number.to_string()), Value::from)
}

/// Null, false, zero and everything empty is no name.
fn is_truthy(value: ValueRef<'_>) -> bool {
    match value.kind {
        Kind::Null => false,
        Kind::Bool => value.text == "true",
        Kind::Number => value.text.parse() != Ok(0.0),
        Kind::String => !value.text.is_empty(),
        Kind::Array => value.text != "[]",
        Kind::Object => value.text != "{}",
    }
}

/// Whether an id looks like one made by an SDK: five groups of lower-case letters and digits.
pub fn is_anonymous(id: &str) -> bool {
    let mut groups = 0;
    id.split('-').all(|group| {
        groups += 1;
        !group.is_empty()
            && group
                .bytes()
                .all(|b| b.is_ascii_digit() || b.is_ascii_lowercase())
    }) && groups == 5
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(properties: &[(&str, ValueRef<'static>)], ids: &[&'static str]) -> Value {
        let find = |key: &str| {
            properties
                .iter()
                .find(|(k, _)| *k == key)
                .map(|(_, value)| *value)
        };
        name(DEFAULT_KEYS, find, ids.iter().copied(), 7)
    }

    fn text(text: &'static str) -> ValueRef<'static> {
        ValueRef {
            kind: Kind::String,
            text,
        }
    }

    #[test]
    fn email_comes_before_name_and_empty_values_are_passed_over() {
        assert_eq!(
            named(
                &[("name", text("Ada")), ("email", text("ada@x.example"))],
                &[]
            ),
            "ada@x.example"
        );
        assert_eq!(
            named(&[("email", text("")), ("name", text("Ada"))], &[]),
            "Ada"
        );
        let zero = ValueRef {
            kind: Kind::Number,
            text: "0",
        };
        assert_eq!(named(&[("email", zero)], &["id"]), "id");
    }

    #[test]
    fn real_ids_come_before_anonymous_ones() {
        let anonymous = "0f0e-aa11-bb22-cc33-dd44ee55";
        assert_eq!(named(&[], &[anonymous, "ada"]), "ada");
        assert_eq!(named(&[], &[anonymous]), anonymous);
        assert_eq!(named(&[], &[]), "7");
        assert!(is_anonymous("018f3c5a-7b1e-7c44-9d3e-2f6a1b0c9d8e"));
        assert!(!is_anonymous("a-b-c-d"));
        assert!(!is_anonymous("A-b-c-d-e"));
    }
}
