//! What can be done to somebody: the request for it, how one sees that it was done, and its inverse.

use persons_api::Person;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::api::changes::Request;
use crate::ui::value::plain;

/// Longer values are cut in sentences.
const LONGEST: usize = 40;

/// A change of one person.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// A property gets a value. `before` is `None` where there was none.
    Set {
        /// The key.
        key: String,
        /// What it was.
        before: Option<Value>,
        /// What it becomes.
        after: Value,
    },
    /// A property goes.
    Unset {
        /// The key.
        key: String,
        /// What it was.
        before: Option<Value>,
    },
    /// The person goes.
    Delete {
        /// Their events, too.
        events: bool,
        /// What was known about them, if it was to be kept.
        snapshot: Option<Value>,
    },
    /// Ids leave.
    Split {
        /// Those that leave, as far as they are known.
        leave: Vec<String>,
        /// The only one that stays; without it only those named leave.
        main: Option<String>,
    },
}

/// How far something can be taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Physics {
    /// The inverse can be sent.
    Reversible,
    /// It is held for a while before it is sent, and is final then.
    Held,
}

impl Change {
    /// How far it can be taken back.
    pub fn physics(&self) -> Physics {
        match self {
            Self::Set { .. } | Self::Unset { .. } => Physics::Reversible,
            Self::Delete { .. } | Self::Split { .. } => Physics::Held,
        }
    }

    /// The property it is about, if it is one.
    pub fn key(&self) -> Option<&str> {
        match self {
            Self::Set { key, .. } | Self::Unset { key, .. } => Some(key),
            Self::Delete { .. } | Self::Split { .. } => None,
        }
    }

    /// What is sent.
    pub fn request(&self, person: Uuid) -> Request {
        match self {
            Self::Set { key, after, .. } => Request::set(person, key, after),
            Self::Unset { key, .. } => Request::unset(person, key),
            Self::Delete { events, .. } => Request::delete(person, *events),
            Self::Split {
                main: Some(main), ..
            } => Request::split_all_but(person, main),
            Self::Split { leave, .. } => Request::split(person, leave),
        }
    }

    /// Whether the person, as read back, shows it. `None` is nobody.
    pub fn is_shown_by(&self, person: Option<&Person>) -> bool {
        let Some(person) = person else {
            return matches!(self, Self::Delete { .. });
        };
        match self {
            Self::Set { key, after, .. } => person
                .properties
                .get(key)
                .is_some_and(|value| is_same(value, after)),
            Self::Unset { key, .. } => !person.properties.contains_key(key),
            Self::Delete { .. } => false,
            Self::Split { leave, .. } => !person.distinct_ids.iter().any(|id| leave.contains(id)),
        }
    }

    /// Whether the person is still as they were before it.
    pub fn is_still_before(&self, person: &Person) -> bool {
        match self {
            Self::Set { key, before, .. } | Self::Unset { key, before } => {
                match (person.properties.get(key), before) {
                    (Some(now), Some(before)) => is_same(now, before),
                    (now, before) => now.is_none() == before.is_none(),
                }
            }
            Self::Delete { .. } | Self::Split { .. } => true,
        }
    }

    /// What undoes it; `None` for what is final.
    pub fn inverse(&self) -> Option<Self> {
        match self.clone() {
            Self::Set {
                key,
                before: None,
                after,
            } => Some(Self::Unset {
                key,
                before: Some(after),
            }),
            Self::Set {
                key,
                before: Some(before),
                after,
            } => Some(Self::Set {
                key,
                before: Some(after),
                after: before,
            }),
            Self::Unset { key, before } => Some(Self::Set {
                key,
                before: None,
                after: before?,
            }),
            Self::Delete { .. } | Self::Split { .. } => None,
        }
    }

    /// In a few words, without the name of the person: `plan: free → pro`.
    pub fn words(&self) -> String {
        match self {
            Self::Set { key, before, after } => {
                let before = before.as_ref().map_or("not set".into(), brief);
                format!("{key}: {before} → {}", brief(after))
            }
            Self::Unset { key, before } => {
                let before = before.as_ref().map_or("something".into(), brief);
                format!("{key}: {before} → not set")
            }
            Self::Delete { events: true, .. } => "delete, with events".into(),
            Self::Delete { .. } => "delete".into(),
            Self::Split {
                main: Some(main), ..
            } => format!("split off all but {}", cut(main)),
            Self::Split { leave, .. } if leave.len() == 1 => {
                format!("split off {}", cut(&leave[0]))
            }
            Self::Split { leave, .. } => format!("split off {} ids", leave.len()),
        }
    }

    /// As it is remembered.
    pub fn write(&self) -> Value {
        match self {
            // A list tells what was missing from what was null.
            Self::Set { key, before, after } => {
                json!({"set": key, "before": before.iter().collect::<Vec<_>>(), "after": after})
            }
            Self::Unset { key, before } => {
                json!({"unset": key, "before": before.iter().collect::<Vec<_>>()})
            }
            Self::Delete { events, snapshot } => json!({"delete": events, "snapshot": snapshot}),
            Self::Split { leave, main } => json!({"split": leave, "main": main}),
        }
    }

    /// What was remembered; `None` if it cannot be read.
    pub fn read(json: &Value) -> Option<Self> {
        let before = || {
            json["before"]
                .as_array()
                .and_then(|before| before.first().cloned())
        };
        if let Some(key) = json["set"].as_str() {
            return Some(Self::Set {
                key: key.to_owned(),
                before: before(),
                after: json.get("after")?.clone(),
            });
        }
        if let Some(key) = json["unset"].as_str() {
            return Some(Self::Unset {
                key: key.to_owned(),
                before: before(),
            });
        }
        if let Some(events) = json["delete"].as_bool() {
            return Some(Self::Delete {
                events,
                snapshot: json.get("snapshot").filter(|kept| !kept.is_null()).cloned(),
            });
        }
        let leave = json["split"].as_array()?.iter();
        Some(Self::Split {
            leave: leave.filter_map(Value::as_str).map(str::to_owned).collect(),
            main: json["main"].as_str().map(str::to_owned),
        })
    }
}

/// Servers may spell a number in another way.
fn is_same(a: &Value, b: &Value) -> bool {
    a == b || a.as_f64().is_some_and(|number| b.as_f64() == Some(number))
}

fn brief(value: &Value) -> String {
    match value {
        Value::String(text) if text.is_empty() => "\"\"".into(),
        value => cut(&plain(value)),
    }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => [&text[..end], "…"].concat(),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(properties: Value, ids: &[&str]) -> Person {
        let person =
            json!({"id": 1, "uuid": Uuid::nil(), "properties": properties, "distinct_ids": ids});
        serde_json::from_value(person).expect("a person")
    }

    fn set(before: Option<Value>, after: Value) -> Change {
        Change::Set {
            key: "plan".into(),
            before,
            after,
        }
    }

    fn all() -> Vec<Change> {
        vec![
            set(None, json!("pro")),
            set(Some(json!(null)), json!({"a": 1})),
            set(Some(json!("00712")), json!(712)),
            Change::Unset {
                key: "plan".into(),
                before: Some(json!(false)),
            },
            Change::Delete {
                events: true,
                snapshot: Some(json!({"plan": "pro"})),
            },
            Change::Delete {
                events: false,
                snapshot: None,
            },
            Change::Split {
                leave: vec!["a".into(), "b".into()],
                main: None,
            },
            Change::Split {
                leave: vec!["a".into()],
                main: Some("c".into()),
            },
        ]
    }

    #[test]
    fn every_change_is_remembered_as_it_was() {
        for change in all() {
            let text = change.write().to_string();
            let read = serde_json::from_str(&text).expect("JSON");
            assert_eq!(Change::read(&read), Some(change), "{text}");
        }
        assert_eq!(Change::read(&json!({})), None);
    }

    #[test]
    fn the_inverse_of_the_inverse_is_the_change_itself() {
        for change in all() {
            let twice = change.inverse().and_then(|inverse| inverse.inverse());
            match change.physics() {
                Physics::Reversible => assert_eq!(twice, Some(change)),
                Physics::Held => assert_eq!(twice, None),
            }
        }
    }

    #[test]
    fn a_change_is_done_when_the_person_shows_it() {
        let pro = person(json!({"plan": "pro", "seats": 12}), &["a"]);
        assert!(set(None, json!("pro")).is_shown_by(Some(&pro)));
        assert!(!set(None, json!("Pro")).is_shown_by(Some(&pro)));
        let seats = |after| Change::Set {
            key: "seats".into(),
            before: None,
            after,
        };
        assert!(seats(json!(12.0)).is_shown_by(Some(&pro)));
        assert!(!seats(json!("12")).is_shown_by(Some(&pro)));
        let [.., unset, delete, _, split, _] = &all()[..] else {
            panic!("all changes were expected");
        };
        assert!(!unset.is_shown_by(Some(&pro)) && unset.is_shown_by(Some(&person(json!({}), &[]))));
        assert!(delete.is_shown_by(None) && !delete.is_shown_by(Some(&pro)));
        assert!(
            !split.is_shown_by(Some(&pro)) && split.is_shown_by(Some(&person(json!({}), &["c"])))
        );
    }

    #[test]
    fn what_was_changed_by_others_since_is_noticed() {
        let undo = set(Some(json!("pro")), json!("free"));
        assert!(undo.is_still_before(&person(json!({"plan": "pro"}), &[])));
        assert!(!undo.is_still_before(&person(json!({"plan": "team"}), &[])));
        assert!(!undo.is_still_before(&person(json!({}), &[])));
        assert!(!set(None, json!(1)).is_still_before(&person(json!({"plan": null}), &[])));
    }

    #[test]
    fn words_are_few() {
        assert_eq!(set(None, json!("")).words(), "plan: not set → \"\"");
        assert!(set(None, json!("x".repeat(900))).words().len() < 100);
    }
}
