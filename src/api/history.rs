//! How a person was: the timeline of their properties, and all of them at one moment.

use persons_api::{Operator, Person, Properties, PropertyFilter, Timestamp};
use serde_json::Value;
use uuid::Uuid;

use super::client::parse;
use super::{ApiError, Client};
use crate::platform::Abort;
use crate::routes::encode_query;

/// When properties that were asked for changed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Timeline {
    /// Where one of them became something else, oldest first; the first is the first event of all.
    pub points: Vec<Point>,
    /// The range, as the server understood it.
    pub from: Option<Timestamp>,
    /// Its last moment.
    pub to: Option<Timestamp>,
}

/// All properties as they were from one event on.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// When the event happened.
    pub at: Timestamp,
    /// The properties it met.
    pub properties: Properties,
}

impl Timeline {
    /// Reads an answer; `None` if it is of another shape.
    fn read(mut answer: Value) -> Option<Self> {
        let moment = |value: &Value| Timestamp::parse(value.as_str()?);
        let mut timeline = Self {
            points: Vec::new(),
            from: moment(&answer["effective_date_from"]),
            to: moment(&answer["effective_date_to"]),
        };
        for point in answer.get_mut("points")?.as_array_mut()? {
            let (at, properties) = (moment(&point["timestamp"])?, point["properties"].take());
            let Value::Object(properties) = properties else {
                return None;
            };
            let points = &mut timeline.points;
            let place = points.partition_point(|before| before.at <= at);
            points.insert(place, Point { at, properties });
        }
        Some(timeline)
    }

    /// The properties at a moment, as far as points tell; `None` before the first one.
    pub fn properties_at(&self, moment: Timestamp) -> Option<&Properties> {
        let later = self.points.partition_point(|point| point.at <= moment);
        let point = self.points.get(later.checked_sub(1)?)?;
        Some(&point.properties)
    }
}

/// The path that tells when these properties of a person changed. Without a first day since ever, without a
/// last one until today.
pub fn timeline_path(
    client: &Client,
    person: Uuid,
    keys: &[String],
    days: [Option<Timestamp>; 2],
) -> String {
    // Servers look only at the keys of conditions on the person. This condition needs no value.
    let watched = keys
        .iter()
        .map(|key| PropertyFilter::person(key.clone(), Operator::IsSet, Value::Null).to_json());
    let mut parameters = vec![("properties", watched.collect::<Value>().to_string())];
    let from = days[0].map_or("all".into(), day);
    parameters.push(("date_from", from));
    parameters.extend(days[1].map(|to| ("date_to", day(to))));
    let query = encode_query(&parameters, '?');
    client.in_this_project(&format!("persons/{person}/properties_timeline/{query}"))
}

/// The timeline at a path that [`timeline_path`] made.
///
/// # Errors
/// See [`ApiError`].
pub async fn timeline(client: &Client, path: &str, abort: &Abort) -> Result<Timeline, ApiError> {
    let answer: Value = client.get(path, abort).await?;
    Timeline::read(answer).ok_or(ApiError::Unreadable)
}

/// `2026-03-01`
fn day(at: Timestamp) -> String {
    let mut text = at.to_string();
    text.truncate(10);
    text
}

/// What is asked to see a person with the properties of a moment.
pub fn question_at(person: Uuid, moment: Timestamp, include_set_once: bool) -> String {
    let parameters = [
        ("person_id", person.to_string()),
        ("timestamp", moment.to_string()),
        ("include_set_once", include_set_once.to_string()),
    ];
    format!("properties_at_time/{}", encode_query(&parameters, '?'))
}

/// The person that a question of [`question_at`] is about, rebuilt from events, and what the server said byte
/// for byte.
///
/// # Errors
/// See [`ApiError`].
pub async fn at_time(
    client: &Client,
    question: &str,
    abort: &Abort,
) -> Result<(Person, String), ApiError> {
    let text = client.get_beside_people(question, abort).await?;
    Ok((parse(&text)?, text))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).expect("a moment")
    }

    #[test]
    fn points_are_read_in_the_order_of_time() {
        let answer = json!({
            "points": [
                {"timestamp": "2026-02-02T10:00:00Z", "properties": {"plan": "pro"}, "relevant_event_count": 1},
                {"timestamp": "2026-01-02T10:00:00.5Z", "properties": {"plan": null}, "relevant_event_count": 2},
            ],
            "crucial_property_keys": ["plan"],
            "effective_date_from": "2026-01-01T00:00:00+01:00",
            "effective_date_to": "2026-03-31T23:59:59.999999+02:00",
        });
        let timeline = Timeline::read(answer).expect("a timeline");
        assert_eq!(timeline.from, Some(at("2025-12-31T23:00:00Z")));
        assert_eq!(timeline.to, Some(at("2026-03-31T21:59:59.999999Z")));
        let plan = |moment: &str| {
            let properties = timeline.properties_at(at(moment))?;
            properties.get("plan").cloned()
        };
        assert_eq!(plan("2026-01-02T10:00:00Z"), None);
        assert_eq!(plan("2026-01-02T10:00:00.5Z"), Some(json!(null)));
        assert_eq!(plan("2026-02-02T09:59:59Z"), Some(json!(null)));
        assert_eq!(plan("2027-01-01"), Some(json!("pro")));
    }

    #[test]
    fn a_timeline_without_points_is_one_and_other_shapes_are_none() {
        let empty = Timeline::read(json!({"points": []}));
        assert_eq!(empty, Some(Timeline::default()));
        let person = json!({"id": 1, "properties": {}});
        let of = |point: Value| json!({"points": [point]});
        for answer in [
            person,
            json!([]),
            json!(null),
            of(json!(7)),
            of(json!({"timestamp": "soon", "properties": {}})),
            of(json!({"timestamp": "2026-01-01", "properties": null})),
        ] {
            assert_eq!(Timeline::read(answer.clone()), None, "{answer}");
        }
    }
}
