//! What differs between the properties of two moments.

use persons_api::Properties;
use serde_json::Value;

use crate::people::{in_order, is_system};

/// How a property differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Another value.
    Changed,
    /// It was not there before.
    Added,
    /// It is not there any more.
    Removed,
    /// Another value, of another type.
    Retyped,
}

impl Kind {
    /// A sign and a word for it.
    pub fn told(self) -> (&'static str, &'static str) {
        match self {
            Self::Changed => ("~", "changed"),
            Self::Added => ("+", "added"),
            Self::Removed => ("−", "removed"),
            Self::Retyped => ("≠", "type changed"),
        }
    }

    fn of(before: Option<&Value>, after: Option<&Value>) -> Option<Self> {
        match (before, after) {
            (None, None) => None,
            (None, Some(_)) => Some(Self::Added),
            (Some(_), None) => Some(Self::Removed),
            (Some(before), Some(after)) if before == after => None,
            (Some(before), Some(after)) if is_of_another_type(before, after) => Some(Self::Retyped),
            (Some(_), Some(_)) => Some(Self::Changed),
        }
    }
}

/// Null is of no type: where something was unknown, any value is news, and no mistake.
fn is_of_another_type(before: &Value, after: &Value) -> bool {
    let is_known = !before.is_null() && !after.is_null();
    is_known && std::mem::discriminant(before) != std::mem::discriminant(after)
}

/// A property that differs: the value before, the value after.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// The property.
    pub key: String,
    /// How it differs.
    pub kind: Kind,
    /// The value at the one moment.
    pub before: Option<Value>,
    /// The value at the other.
    pub after: Option<Value>,
}

/// All properties of two moments.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Diff {
    /// Those that differ.
    pub differences: Vec<Difference>,
    /// Those that do not.
    pub same: Vec<(String, Value)>,
}

/// Compares. People's own properties come first, then the system's, each by name.
pub fn diff(before: &Properties, after: &Properties) -> Diff {
    let added = after.keys().filter(|key| !before.contains_key(*key));
    let keys = before.keys().chain(added);
    let mut diff = Diff::default();
    for key in in_order(keys.map(|key| (usize::from(is_system(key)), key))) {
        let (before, after) = (before.get(&key), after.get(&key));
        match Kind::of(before, after) {
            Some(kind) => diff.differences.push(Difference {
                kind,
                before: before.cloned(),
                after: after.cloned(),
                key,
            }),
            None => diff.same.extend(before.map(|value| (key, value.clone()))),
        }
    }
    diff
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(before: Value, after: Value) -> Vec<String> {
        let map = |value: &Value| value.as_object().expect("an object").clone();
        let diff = diff(&map(&before), &map(&after));
        let differences = diff.differences.iter();
        let told = differences.map(|found| format!("{} {}", found.kind.told().0, found.key));
        let same = diff.same.iter().map(|(key, _)| format!("= {key}"));
        told.chain(same).collect()
    }

    #[test]
    fn every_kind_of_difference_is_told() {
        let before = json!({"plan": "free", "seats": 10, "trial": true, "age": "41", "name": "Ada", "$os": "Linux"});
        let after = json!({"plan": "team", "seats": 12, "vip": true, "age": 41, "name": "Ada", "$os": "macOS"});
        assert_eq!(
            told(before, after),
            [
                "≠ age",
                "~ plan",
                "~ seats",
                "− trial",
                "+ vip",
                "~ $os",
                "= name"
            ]
        );
    }

    #[test]
    fn null_missing_and_empty_are_three_things() {
        assert_eq!(told(json!({"a": null}), json!({})), ["− a"]);
        assert_eq!(told(json!({}), json!({"a": null})), ["+ a"]);
        assert_eq!(told(json!({"a": null}), json!({"a": ""})), ["~ a"]);
        assert_eq!(told(json!({"a": ""}), json!({})), ["− a"]);
        assert_eq!(told(json!({"a": null}), json!({"a": null})), ["= a"]);
        assert!(told(json!({}), json!({})).is_empty());
    }

    #[test]
    fn types_are_those_of_json() {
        for (before, after, kind) in [
            (json!(1), json!("1"), "≠"),
            (json!(true), json!("true"), "≠"),
            (json!([1]), json!({"0": 1}), "≠"),
            (json!(1), json!(1.5), "~"),
            (json!("2026-03-01"), json!("soon"), "~"),
            (json!({"a": 1, "b": 2}), json!({"b": 2, "a": 3}), "~"),
            (json!({"a": 1, "b": 2}), json!({"b": 2, "a": 1}), "="),
        ] {
            assert_eq!(
                told(json!({"k": before}), json!({"k": after})),
                [format!("{kind} k")]
            );
        }
    }

    #[test]
    fn there_and_back_are_each_others_reverse() {
        let before = json!({"plan": "free", "trial": true});
        let after = json!({"plan": "pro", "vip": 1});
        assert_eq!(
            told(before.clone(), after.clone()),
            ["~ plan", "− trial", "+ vip"]
        );
        assert_eq!(told(after, before), ["~ plan", "+ trial", "− vip"]);
    }
}
