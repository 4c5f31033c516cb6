//! Events: the list, one event, the values of their properties.

use std::sync::Arc;

use axum::extract::State;
use persons_api::{Condition, FilterTree, Operator, PropertyFilter, Subject, Timestamp};
use persons_engine::dates::{Calendar, DateRange, Interval};
use persons_engine::events::Stop;
use persons_engine::insights::listing::{Listed, Listing, ListingQuery, Place, Whose};
use persons_engine::insights::trends::{Line, Shape, Trends, TrendsQuery};
use persons_engine::insights::{
    Breakdown, BreakdownBy, BreakdownValue, Entity, InsightError, Occurrence, Source,
};
use persons_engine::{People, PersonRef};
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::calendar::moment;
use super::call::{Call, Format};
use super::error::{Answer, ApiError};
use super::insights::{Question, Questions, filter};
use super::off_thread;
use super::params::Params;
use super::path::{EventKey, PersonKey};
use super::persons::find;
use crate::project::Project;
use crate::store::StoredEvent;

/// Values of a property in one answer.
const MAX_VALUES: usize = 20;

/// Of the event before which, or after which, the page begins: its number, beside the moment that it shares
/// with others.
const BEFORE_EVENT: &str = "before_event";
const AFTER_EVENT: &str = "after_event";

/// A question for a page of events.
#[derive(Debug)]
pub(super) struct EventsQuestion(ListingQuery);

impl Question for EventsQuestion {
    type Ready = Listing;
    type Found = Listed;

    fn read(params: &Params, source: Source<'_>) -> Result<Self, ApiError> {
        let window = params.window()?;
        Ok(Self(ListingQuery {
            entity: entity(params)?,
            filter: filter(params)?,
            whose: whose(params, source.people)?,
            after: place(params, "after", AFTER_EVENT, source.calendar, Place::end_of)?,
            before: place(
                params,
                "before",
                BEFORE_EVENT,
                source.calendar,
                Place::start_of,
            )?,
            newest_first: newest_first(params)?,
            offset: window.offset,
            limit: window.limit,
        }))
    }

    fn prepare(&self, source: Source<'_>) -> Result<Listing, ApiError> {
        Ok(self.0.prepare(source)?)
    }

    fn answer(&self, ready: Listing, stop: &Stop) -> Result<Listed, InsightError> {
        ready.page(stop)
    }

    fn weight(found: &Listed) -> usize {
        found.places.len()
    }
}

fn entity(params: &Params) -> Result<Entity, ApiError> {
    let occurrence = match (params.get("action_id"), params.text("event")?) {
        (None, name) => Occurrence::Event(name.map(str::to_owned)),
        (Some(id), None) => Occurrence::Action(
            id.parse()
                .map_err(|_| ApiError::invalid("action_id", "A valid integer is required."))?,
        ),
        (Some(_), Some(_)) => {
            let detail = "Use either event or action_id, not both.";
            return Err(ApiError::invalid("action_id", detail));
        }
    };
    Ok(Entity {
        occurrence,
        ..Entity::default()
    })
}

fn whose(params: &Params, people: &People) -> Result<Whose, ApiError> {
    match (params.get("person_id"), params.text("distinct_id")?) {
        (None, None) => Ok(Whose::Anybody),
        (None, Some(id)) => Ok(Whose::DistinctId(id.to_owned())),
        (Some(id), None) => {
            let person = find(people, PersonKey::parse(id)?)?;
            Ok(Whose::Person(person.number()))
        }
        (Some(_), Some(_)) => {
            let detail = "Use either distinct_id or person_id, not both.";
            Err(ApiError::invalid("person_id", detail))
        }
    }
}

/// A moment, excluded; or a place among the events of a moment.
fn place(
    params: &Params,
    name: &'static str,
    number: &'static str,
    calendar: &Calendar,
    edge: fn(Timestamp) -> Place,
) -> Result<Option<Place>, ApiError> {
    let Some(at) = moment(params, name, calendar)? else {
        return Ok(None);
    };
    Ok(Some(match params.number(number)? {
        None => edge(at),
        Some(number) => Place {
            at,
            number: i64::try_from(number).unwrap_or(i64::MAX),
        },
    }))
}

fn newest_first(params: &Params) -> Result<bool, ApiError> {
    let order = params.json("orderBy")?.unwrap_or(Value::Null);
    let order = match &order {
        Value::Array(list) if list.len() == 1 => &list[0],
        order => order,
    };
    match order {
        Value::Null => Ok(true),
        Value::String(order) if matches!(order.as_str(), "-timestamp" | "timestamp DESC") => {
            Ok(true)
        }
        Value::String(order) if matches!(order.as_str(), "timestamp" | "timestamp ASC") => {
            Ok(false)
        }
        _ => Err(ApiError::invalid(
            "orderBy",
            "Use [\"-timestamp\"] or [\"timestamp\"].",
        )),
    }
}

/// An event as it travels.
#[derive(Serialize)]
pub(super) struct Wire<'a> {
    id: Uuid,
    distinct_id: &'a str,
    event: &'a str,
    timestamp: Timestamp,
    properties: &'a persons_api::Properties,
    person: Option<Whom<'a>>,
    elements: [(); 0],
    elements_chain: &'static str,
}

/// What is shown of a person beside an event.
#[derive(Serialize)]
struct Whom<'a> {
    uuid: Uuid,
    is_identified: bool,
    distinct_ids: [&'a str; 1],
    properties: Value,
}

impl<'a> Wire<'a> {
    pub(super) fn new(event: &'a StoredEvent, people: &'a People) -> Self {
        Self {
            id: event.uuid,
            distinct_id: &event.distinct_id,
            event: &event.name,
            timestamp: event.timestamp,
            properties: &event.properties,
            person: people.by_distinct_id(&event.distinct_id).map(whom),
            elements: [],
            elements_chain: "",
        }
    }
}

fn whom(person: PersonRef<'_>) -> Whom<'_> {
    let shown = ["email", "name", "username"];
    let properties = shown.into_iter().filter_map(|key| {
        let value = person.property(key)?;
        Some((key.to_owned(), value.to_value()))
    });
    Whom {
        uuid: person.uuid(),
        is_identified: person.is_identified(),
        distinct_ids: [person.distinct_ids().next().unwrap_or_default()],
        properties: Value::Object(properties.collect()),
    }
}

/// What is stored of the events of a page. Some may be deleted by now.
pub(super) fn stored(project: &Project, listed: &Listed) -> Result<Vec<StoredEvent>, ApiError> {
    let places = listed.places.iter();
    let numbers: Vec<i64> = places.map(|place| place.number).collect();
    Ok(project.archive().lock().events(&numbers)?)
}

/// `GET events/`
pub(super) async fn list(State(questions): State<Arc<Questions>>, call: Call) -> Answer {
    let answered = questions.ask::<EventsQuestion>(&call.params).await?;
    off_thread(move || {
        let project = &questions.app.project;
        let places = &answered.found.places;
        let events = stored(project, &answered.found)?;
        let people = project.read();
        let results: Vec<Wire<'_>> = events
            .iter()
            .map(|event| Wire::new(event, &people))
            .collect();
        let next = places.last().filter(|_| answered.found.has_more);
        let names = match answered.question.0.newest_first {
            true => ["before", BEFORE_EVENT],
            false => ["after", AFTER_EVENT],
        };
        let next = next.map(|last| {
            let [at, number] = names;
            call.link_with(&[
                (at, Some(last.at.to_string())),
                (number, Some(last.number.to_string())),
                ("offset", None),
            ])
        });
        call.answer("events", &json!({"next": next, "results": results}))
    })
    .await?
}

/// `GET events/:id/`
pub(super) async fn retrieve(
    State(questions): State<Arc<Questions>>,
    call: Call,
    EventKey(id): EventKey,
) -> Answer {
    off_thread(move || {
        let project = &questions.app.project;
        let event = project.archive().lock().event(id)?;
        let event = event.ok_or(ApiError::NoEvent(id))?;
        call.answer("event", &Wire::new(&event, &project.read()))
    })
    .await?
}

/// A question for the values of a property of events.
#[derive(Debug)]
pub(super) struct ValuesQuestion(TrendsQuery);

impl Question for ValuesQuestion {
    type Ready = Trends;
    type Found = Vec<Line>;

    fn read(params: &Params, _: Source<'_>) -> Result<Self, ApiError> {
        let key = params.text("key")?.unwrap_or_default();
        let contains = params.text("value")?.map(|part| {
            FilterTree::Leaf(PropertyFilter {
                subject: Subject::Event,
                key: key.to_owned(),
                operator: Operator::Contains,
                value: part.into(),
            })
        });
        Ok(Self(TrendsQuery {
            series: vec![Entity::event(params.text("event_name")?)],
            filter: FilterTree::Group(Condition::And, contains.into_iter().collect()),
            range: DateRange {
                from: Timestamp(i64::MIN / 4),
                to: Timestamp(i64::MAX / 4),
            },
            interval: Interval::Day,
            shape: Shape::Total,
            breakdown: Some(Breakdown {
                by: BreakdownBy::Event(key.to_owned()),
                limit: MAX_VALUES + 1,
            }),
        }))
    }

    fn prepare(&self, source: Source<'_>) -> Result<Trends, ApiError> {
        Ok(self.0.prepare(source)?)
    }

    fn answer(&self, ready: Trends, stop: &Stop) -> Result<Vec<Line>, InsightError> {
        ready.numbers(stop)
    }

    fn weight(found: &Vec<Line>) -> usize {
        found.len()
    }
}

/// `GET events/values/?key=&value=&event_name=`: the most frequent first. The key `custom_event` means the names of events.
pub(super) async fn values(State(questions): State<Arc<Questions>>, call: Call) -> Answer {
    let names: Vec<Value> = match call.params.text("key")? {
        None => Vec::new(),
        Some("custom_event") => {
            let part = call
                .params
                .text("value")?
                .unwrap_or_default()
                .to_lowercase();
            let people = questions.app.project.read();
            let names = people.event_stats().map(|(name, _)| name);
            let names = names.filter(|name| name.to_lowercase().contains(&part));
            names.map(|name| json!({"name": name})).collect()
        }
        Some(_) => {
            let answered = questions.ask::<ValuesQuestion>(&call.params).await?;
            let texts = answered
                .found
                .iter()
                .filter_map(|line| match &line.breakdown {
                    Some(BreakdownValue::Text(text)) => Some(json!({"name": text})),
                    _ => None,
                });
            texts.take(MAX_VALUES).collect()
        }
    };
    match call.format {
        Format::Json => call.answer("values", &names),
        Format::Csv => call.answer("values", &json!({"results": names})),
    }
}
