//! What was done to people, as the activity log tells it.

use serde_json::{Map, Value};

use crate::{Properties, Timestamp};

/// One entry. Servers differ in nearly every field, so each is read on its own and may be missing.
#[derive(Clone, Debug, PartialEq)]
pub struct Activity {
    /// What was done: `updated`, `split_person`, … Servers may know more kinds.
    pub kind: String,
    /// Who did it; `None` for the system and for users who are gone.
    pub user: Option<String>,
    /// Whether nobody did it, but the system by itself.
    pub is_system: bool,
    /// The number of the person, as text.
    pub person: Option<String>,
    /// The event that did it, if an event did.
    pub event: Option<String>,
    /// Whether it is a consequence of splitting somebody else.
    pub is_by_split: bool,
    /// What the properties were and are, as far as they changed. PostHog does not say: `None`.
    pub properties: Option<(Properties, Properties)>,
    /// The distinct ids it is about: of a split all that there were, of a merge those that were gained.
    pub distinct_ids: Vec<String>,
    /// When.
    pub at: Timestamp,
}

impl Activity {
    /// Reads an entry; `None` if it does not even say what was done and when.
    pub fn read(entry: &Value) -> Option<Self> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let user = &entry["user"];
        let is_system = user["is_system"] == true;
        let mut name = ["first_name", "email"]
            .into_iter()
            .filter_map(|field| text(&user[field]));
        let detail = &entry["detail"];
        let change = &detail["changes"][0];
        let map = |value: &Value| -> Option<Map<String, Value>> { value.as_object().cloned() };
        let properties = map(&change["before"]).zip(map(&change["after"]));
        let ids = match &change["after"]["distinct_ids"] {
            Value::Null => &detail["merge"]["source"][0]["distinct_ids"],
            ids => ids,
        };
        Some(Self {
            kind: text(&entry["activity"])?,
            user: name.find(|name| !name.is_empty() && !is_system),
            is_system,
            person: text(&entry["item_id"]),
            event: text(&detail["trigger"]["payload"]["event"]),
            is_by_split: detail["trigger"]["job_type"] == "split",
            properties: properties.filter(|_| change["field"] == "properties"),
            distinct_ids: ids
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(text)
                .collect(),
            at: Timestamp::parse(entry["created_at"].as_str()?)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn posthogs_entries_say_less_than_ours() {
        let theirs = Activity::read(&json!({
            "user": {"first_name": "Lin", "email": "lin@example.com"},
            "activity": "updated", "scope": "Person", "item_id": "90210",
            "detail": {"changes": [{"type": "Person", "action": "changed", "field": "properties", "before": null, "after": null}],
                       "trigger": null, "type": null, "name": null, "short_id": null},
            "created_at": "2024-05-02T12:00:00Z"
        }))
        .expect("an entry");
        assert_eq!(
            (theirs.user.as_deref(), theirs.properties),
            (Some("Lin"), None)
        );
        let ours = Activity::read(&json!({
            "user": {"first_name": "System", "email": null, "is_system": true},
            "activity": "updated",
            "detail": {"changes": [{"field": "properties", "before": {}, "after": {"plan": "pro"}}],
                       "trigger": {"job_type": "ingestion", "payload": {"event": "$set"}}},
            "created_at": "2024-05-02T12:00:00Z"
        }))
        .expect("an entry");
        assert_eq!((ours.user, ours.event.as_deref()), (None, Some("$set")));
        assert_eq!(json!(ours.properties), json!([{}, {"plan": "pro"}]));
    }

    #[test]
    fn an_entry_without_detail_or_user_is_one_and_nonsense_is_none() {
        let bare = json!({"activity": "deleted", "user": null, "detail": null, "created_at": "2024-05-02T12:00:00Z"});
        assert_eq!(
            Activity::read(&bare).map(|entry| entry.kind).as_deref(),
            Some("deleted")
        );
        for nonsense in [
            json!(null),
            json!({}),
            json!({"activity": "x"}),
            json!({"activity": 7, "created_at": "2024-05-02"}),
        ] {
            assert_eq!(Activity::read(&nonsense), None);
        }
    }
}
