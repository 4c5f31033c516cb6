//! What an entry of the activity log says, in words.

use persons_api::{Activity, Properties};
use serde_json::Value;

/// The kinds one can choose from, with their names on the wire.
pub const KINDS: [(&str, &str); 7] = [
    ("", "everything"),
    ("updated", "edits"),
    ("delete_property", "removed properties"),
    ("split_person", "splits"),
    ("people_merged_into", "merges"),
    ("created", "creations"),
    ("deleted", "deletions"),
];

/// An entry in words.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// Who did it, or which event.
    pub who: String,
    /// What they did, as the rest of the sentence.
    pub what: String,
    /// What is not known, or what else there is to say.
    pub note: Option<&'static str>,
    /// The properties that changed.
    pub lines: Vec<Line>,
    /// Whether there was nothing before, so that it need not be said of each property.
    pub is_new: bool,
    /// The distinct ids it is about.
    pub ids: Vec<String>,
}

/// A property, its value before, and its value after. `None` is not set.
pub type Line = (String, Option<Value>, Option<Value>);

/// An entry in words.
pub fn told(entry: &Activity) -> Told {
    let lines = entry
        .properties
        .as_ref()
        .map(|(before, after)| lines(before, after));
    let count = lines.as_ref().map_or(0, Vec::len);
    let properties = match count {
        1 => "1 property".to_owned(),
        _ => format!("{count} properties"),
    };
    let is_known = lines.is_some();
    let mut note = None;
    let what = match entry.kind.as_str() {
        "created" => "created this person".to_owned(),
        "updated" if !is_known => {
            note = Some("The server does not keep which values changed.");
            "changed properties".to_owned()
        }
        "updated" if count == 0 => {
            note = Some("The values sent were there already.");
            "changed nothing".to_owned()
        }
        "updated" => format!("changed {properties}"),
        "delete_property" if !is_known => {
            note = Some("The server does not keep which one.");
            "removed a property".to_owned()
        }
        "delete_property" if count == 0 => {
            note = Some("The property was not there.");
            "removed nothing".to_owned()
        }
        "delete_property" => format!("removed {properties}"),
        "split_person" => {
            note = Some("These distinct ids were on this person before:");
            "split this person".to_owned()
        }
        "people_merged_into" => {
            note = Some("These distinct ids came with them:");
            "merged somebody else into this person".to_owned()
        }
        "deleted" => "deleted this person".to_owned(),
        other => format!("did \u{201c}{other}\u{201d}"),
    };
    let note = note.filter(|note| !note.ends_with(':') || !entry.distinct_ids.is_empty());
    Told {
        who: match (&entry.user, &entry.event) {
            (Some(user), _) => user.clone(),
            (None, Some(event)) => format!("The event {event}"),
            (None, None) if entry.is_by_split => "The split of another person".to_owned(),
            (None, None) if entry.is_system => "The system".to_owned(),
            // Users can be deleted, and what they did stays.
            (None, None) => "Somebody unknown".to_owned(),
        },
        what,
        note,
        lines: lines.unwrap_or_default(),
        is_new: entry.kind == "created",
        ids: entry.distinct_ids.clone(),
    }
}

fn lines(before: &Properties, after: &Properties) -> Vec<Line> {
    let added = after.keys().filter(|key| !before.contains_key(*key));
    let keys = before.keys().chain(added);
    keys.map(|key| {
        (
            key.clone(),
            before.get(key).cloned(),
            after.get(key).cloned(),
        )
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use persons_api::Timestamp;
    use serde_json::json;

    use super::*;

    fn entry(kind: &str, properties: Value) -> Activity {
        let map = |value: &Value| value.as_object().cloned();
        Activity {
            kind: kind.into(),
            user: None,
            is_system: true,
            person: None,
            event: None,
            is_by_split: false,
            properties: map(&properties[0]).zip(map(&properties[1])),
            distinct_ids: Vec::new(),
            at: Timestamp(0),
        }
    }

    #[test]
    fn what_is_known_is_told_and_what_is_not_is_said() {
        for (kind, properties, what, note, lines) in [
            ("updated", json!(null), "changed properties", true, 0),
            ("updated", json!([{}, {}]), "changed nothing", true, 0),
            (
                "updated",
                json!([{"a": 1}, {"a": 2}]),
                "changed 1 property",
                false,
                1,
            ),
            (
                "updated",
                json!([{"a": 1}, {"a": 2, "b": null}]),
                "changed 2 properties",
                false,
                2,
            ),
            (
                "delete_property",
                json!(null),
                "removed a property",
                true,
                0,
            ),
            (
                "delete_property",
                json!([{"a": null}, {}]),
                "removed 1 property",
                false,
                1,
            ),
            ("split_person", json!(null), "split this person", false, 0),
            ("deleted", json!(null), "deleted this person", false, 0),
            (
                "exported",
                json!(null),
                "did \u{201c}exported\u{201d}",
                false,
                0,
            ),
        ] {
            let told = told(&entry(kind, properties.clone()));
            assert_eq!(
                (told.what.as_str(), told.note.is_some(), told.lines.len()),
                (what, note, lines),
                "{kind} {properties}"
            );
        }
    }

    #[test]
    fn null_and_nothing_are_different_values() {
        let told = told(&entry("updated", json!([{"a": null}, {"b": null}])));
        assert_eq!(
            told.lines,
            [
                ("a".into(), Some(json!(null)), None),
                ("b".into(), None, Some(json!(null)))
            ]
        );
    }

    #[test]
    fn who_did_it_is_a_user_an_event_a_split_the_system_or_unknown() {
        let mut entry = entry("updated", json!(null));
        assert_eq!(told(&entry).who, "The system");
        entry.is_by_split = true;
        assert_eq!(told(&entry).who, "The split of another person");
        (entry.is_by_split, entry.is_system) = (false, false);
        assert_eq!(told(&entry).who, "Somebody unknown");
        entry.event = Some("$identify".into());
        assert_eq!(told(&entry).who, "The event $identify");
        entry.user = Some("Lin".into());
        assert_eq!(told(&entry).who, "Lin");
    }
}
