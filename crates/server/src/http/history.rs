//! How a person was: the timeline of its properties, and all of them at one moment.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use persons_api::json::{self, JsonError};
use persons_api::{FilterTree, Subject, Timestamp};
use persons_engine::dates::Interval;
use persons_engine::history::{replay, timeline};
use persons_engine::insights::Action;
use serde_json::{Map, Value, json};

use super::calendar::{calendar, interval, range};
use super::call::{Call, internal};
use super::error::{Answer, ApiError};
use super::params::{Params, too_deep};
use super::path::PersonKey;
use super::person::Wire;
use super::persons::find;
use super::{App, off_thread};

/// `GET persons/:id/properties_timeline/`
pub(super) async fn properties_timeline(
    State(app): State<Arc<App>>,
    call: Call,
    key: PersonKey,
) -> Answer {
    let question = Question::read(&call.params, &app.project.read_all().actions)?;
    off_thread(move || {
        let (ids, first) = {
            let people = app.project.read();
            let first = people.event_stats().map(|(_, stat)| stat.first).min();
            (find(&people, key)?.distinct_id_numbers().to_vec(), first)
        };
        let calendar = calendar(&app, first);
        let range = range(&call.params, question.interval, &calendar)?;
        let (events, steps) = {
            let store = app.project.archive().lock();
            let events = store.seen_events(&ids, &question.events, range.from, range.to)?;
            let steps = store.steps(events.iter().map(|event| event.person))?;
            (events, steps)
        };
        let points: Vec<Value> = timeline(&events, &steps, &question.keys)
            .into_iter()
            .map(|point| {
                json!({
                    "timestamp": point.at,
                    "properties": point.properties,
                    "relevant_event_count": point.events,
                })
            })
            .collect();
        let body = json!({
            "points": points,
            "crucial_property_keys": question.keys,
            "effective_date_from": calendar.print(range.from),
            "effective_date_to": calendar.print(range.to),
        });
        match call.format {
            super::call::Format::Json => call.answer("timeline", &body),
            super::call::Format::Csv => call.answer("timeline", &json!({"results": points})),
        }
    })
    .await?
}

/// What a timeline is asked about.
struct Question {
    /// The names of the events that count; none of them means all.
    events: Vec<String>,
    /// The properties that are watched, in order.
    keys: Vec<String>,
    interval: Interval,
}

impl Question {
    fn read(params: &Params, actions: &BTreeMap<i64, Action>) -> Result<Self, ApiError> {
        let interval = interval(params)?;
        if params.get("aggregation_group_type_index").is_some() {
            let detail = "There are no groups in this project.";
            return Err(ApiError::invalid("aggregation_group_type_index", detail));
        }
        let filter =
            FilterTree::parse(params.get("properties").unwrap_or_default(), Subject::Event)?;
        let mut keys = person_keys(&filter);
        let mut events = Some(Vec::new());
        for entity in entities(params, "actions")? {
            for name in names_of(&entity, actions)? {
                events = match name {
                    Some(name) => events.map(|events| with(events, name)),
                    None => None,
                };
            }
        }
        for entity in entities(params, "events")? {
            // One entity without a name lets every event count.
            events = match entity.get("id") {
                Some(Value::String(name)) => events.map(|events| with(events, name)),
                None | Some(Value::Null) => None,
                Some(_) => {
                    return Err(ApiError::invalid(
                        "events",
                        "An id has to be the name of an event.",
                    ));
                }
            };
            let properties = entity.get("properties").unwrap_or(&Value::Null);
            keys.extend(person_keys(&FilterTree::from_json(
                properties,
                Subject::Event,
            )?));
        }
        if params.get("breakdown_type") == Some("person") {
            let breakdown = params.get("breakdown").map(breakdown_keys).transpose()?;
            keys.extend(breakdown.unwrap_or_default());
        }
        keys.sort();
        keys.dedup();
        Ok(Self {
            events: events.unwrap_or_default(),
            keys,
            interval,
        })
    }
}

/// The names of the events that an action is.
fn names_of<'a>(
    entity: &Map<String, Value>,
    actions: &'a BTreeMap<i64, Action>,
) -> Result<Vec<Option<&'a str>>, ApiError> {
    let id = entity.get("id").unwrap_or(&Value::Null);
    let number = id.as_i64().or_else(|| id.as_str()?.parse().ok());
    let action = number.and_then(|number| actions.get(&number));
    let action = action
        .ok_or_else(|| ApiError::invalid("actions", format!("Action ID {id} does not exist!")))?;
    if action.steps.iter().any(|step| !step.filter.is_empty()) {
        let detail = "Only actions that ask for nothing but names of events are offered here.";
        return Err(ApiError::invalid("actions", detail));
    }
    let steps = action.steps.iter();
    Ok(steps.map(|step| step.event.as_deref()).collect())
}

fn with(mut names: Vec<String>, name: &str) -> Vec<String> {
    names.push(name.to_owned());
    names
}

/// The keys of conditions on the person.
fn person_keys(filter: &FilterTree) -> Vec<String> {
    let leaves = filter.leaves().into_iter();
    leaves
        .filter(|filter| filter.subject == Subject::Person)
        .map(|filter| filter.key.clone())
        .collect()
}

/// One key, or a list of them as JSON.
fn breakdown_keys(text: &str) -> Result<Vec<String>, ApiError> {
    match json::parse_as(text) {
        Ok(keys) => Ok(keys),
        Err(error @ JsonError::TooDeep { .. }) => Err(too_deep("breakdown", &error)),
        Err(JsonError::Malformed(_)) => Ok(vec![text.to_owned()]),
    }
}

/// A list of events or actions, as JSON.
fn entities(params: &Params, name: &'static str) -> Result<Vec<Map<String, Value>>, ApiError> {
    let list = params.json(name)?.unwrap_or_else(|| json!([]));
    serde_json::from_value(list)
        .map_err(|_| ApiError::invalid(name, "This has to be a list of objects as JSON."))
}

/// `GET persons/properties_at_time/`
pub(super) async fn properties_at_time(State(app): State<Arc<App>>, call: Call) -> Answer {
    let params = &call.params;
    let text = params
        .get("timestamp")
        .ok_or_else(|| ApiError::required("timestamp"))?;
    let moment = Timestamp::parse(text).ok_or_else(|| {
        ApiError::invalid(
            "timestamp",
            "This has to be a moment such as 2024-05-01T10:00:00Z.",
        )
    })?;
    let include_set_once = params.flag("include_set_once")?;
    let (person_id, distinct_id) = (params.get("person_id"), params.get("distinct_id"));
    let by_person = match (person_id, distinct_id) {
        (Some(id), None) => Some(PersonKey::parse(id)?),
        (None, Some(_)) => None,
        (None, None) => return Err(ApiError::required("distinct_id")),
        (Some(_), Some(_)) => {
            return Err(ApiError::invalid(
                "person_id",
                "Use either distinct_id or person_id, not both.",
            ));
        }
    };
    let call = call.clone();
    off_thread(move || {
        let distinct_id = call.params.get("distinct_id");
        let (mut body, ids, uuid) = {
            let people = app.project.read();
            let person = match by_person {
                Some(key) => find(&people, key)?,
                None => distinct_id
                    .and_then(|id| people.by_distinct_id(id))
                    .ok_or(ApiError::NotFound)?,
            };
            let texts = person.distinct_ids_as_seen().map(str::to_owned);
            let ids: Vec<(u32, String)> = person
                .distinct_id_numbers()
                .iter()
                .copied()
                .zip(texts)
                .collect();
            (
                serde_json::to_value(Wire(person)).map_err(internal)?,
                ids,
                person.uuid(),
            )
        };
        let events = {
            let ids: Vec<(u32, &str)> = ids.iter().map(|(id, text)| (*id, text.as_str())).collect();
            app.project.archive().lock().events_until(&ids, moment)?
        };
        body["properties"] = Value::Object(replay(&events, include_set_once));
        let queried: Vec<&String> = ids
            .iter()
            .map(|(_, text)| text)
            .take(super::person::MAX_DISTINCT_IDS)
            .collect();
        body["point_in_time_metadata"] = json!({
            "queried_timestamp": moment,
            "include_set_once": include_set_once,
            "distinct_id_used": distinct_id,
            "person_id_used": by_person.map(|_| uuid),
            "query_mode": if by_person.is_some() { "person_id" } else { "distinct_id" },
            "distinct_ids_queried": queried,
            "distinct_ids_count": ids.len(),
        });
        call.answer("person", &body)
    })
    .await?
}
