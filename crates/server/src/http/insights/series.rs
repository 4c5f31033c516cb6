//! What is counted: the entities of `events` and `actions`, and the one that a list of people is about.

use std::collections::BTreeMap;

use persons_api::{FilterTree, Subject};
use persons_engine::insights::hogql;
use persons_engine::insights::math::MathError;
use persons_engine::insights::{Action, Entity, Math, Occurrence};
use serde_json::{Map, Value, json};

use crate::http::error::ApiError;
use crate::http::params::Params;

/// More than this in one question are a mistake.
const MOST: usize = 50;

/// One entity as it was asked for.
#[derive(Clone, Debug)]
pub(in crate::http) struct Series {
    /// What it means.
    pub(super) entity: Entity,
    /// What people call it.
    pub(super) name: String,
    /// The name it was given in the question.
    custom_name: Option<String>,
    /// What is calculated, as it is written.
    pub(super) math: String,
    math_property: Option<String>,
    math_hogql: Option<String>,
    /// Its conditions, as they were written.
    properties: Value,
}

impl Series {
    /// The id and the type on the wire.
    pub(super) fn id_and_type(&self) -> (Value, &'static str) {
        match &self.entity.occurrence {
            Occurrence::Event(name) => (json!(name), "events"),
            Occurrence::Action(id) => (json!(id), "actions"),
        }
    }

    /// The entity on the wire, as one of several.
    pub(super) fn wire(&self, order: usize) -> Value {
        let (id, kind) = self.id_and_type();
        json!({
            "id": id,
            "type": kind,
            "order": order,
            "name": self.name,
            "custom_name": self.custom_name,
            "math": self.math,
            "math_property": self.math_property,
            "math_hogql": self.math_hogql,
            "properties": self.properties,
        })
    }

    /// The name to show.
    pub(super) fn label(&self) -> &str {
        self.custom_name.as_deref().unwrap_or(&self.name)
    }

    /// Reads one; `kind` is `events` or `actions`.
    pub(super) fn read(
        fields: &Map<String, Value>,
        kind: &'static str,
        actions: &BTreeMap<i64, Action>,
    ) -> Result<Self, ApiError> {
        let text = |name: &str| fields.get(name).and_then(Value::as_str);
        let occurrence = occurrence(fields.get("id").unwrap_or(&Value::Null), kind)?;
        let math = text("math").unwrap_or("total");
        let group = fields.get("math_group_type_index").and_then(Value::as_u64);
        let group = group.and_then(|group| u32::try_from(group).ok());
        let math_property = text("math_property");
        let math_hogql = text("math_hogql");
        let properties = fields.get("properties").cloned().unwrap_or(json!({}));
        Ok(Self {
            name: name(&occurrence, text("name"), actions),
            entity: Entity {
                occurrence,
                math: read_math(math, math_property, group, math_hogql)?,
                filter: FilterTree::from_json(&properties, Subject::Event)?,
            },
            custom_name: text("custom_name").map(str::to_owned),
            math: math.to_owned(),
            math_property: math_property.map(str::to_owned),
            math_hogql: math_hogql.map(str::to_owned),
            properties,
        })
    }

    /// Reads one with its type in it.
    pub(super) fn typed(
        fields: &Map<String, Value>,
        actions: &BTreeMap<i64, Action>,
    ) -> Result<Self, ApiError> {
        let kind = match fields.get("type").and_then(Value::as_str) {
            Some("actions") => "actions",
            _ => "events",
        };
        Self::read(fields, kind, actions)
    }
}

fn name(occurrence: &Occurrence, given: Option<&str>, actions: &BTreeMap<i64, Action>) -> String {
    let own = match occurrence {
        Occurrence::Event(name) => name.clone(),
        Occurrence::Action(id) => actions.get(id).map(|action| action.name.clone()),
    };
    own.or(given.map(str::to_owned))
        .unwrap_or_else(|| "All events".to_owned())
}

fn read_math(
    name: &str,
    property: Option<&str>,
    group: Option<u32>,
    hogql: Option<&str>,
) -> Result<Math, ApiError> {
    if name == "hogql" {
        return expression(hogql);
    }
    Math::from_name(name, property, group).map_err(|error| match error {
        MathError::NoProperty => ApiError::required("math_property"),
        MathError::Unknown(_) => ApiError::invalid("math", error.to_string()),
    })
}

/// The math that an expression is.
fn expression(text: Option<&str>) -> Result<Math, ApiError> {
    let text = text.ok_or_else(|| ApiError::required("math_hogql"))?;
    hogql::math(text).ok_or_else(|| {
        let detail = "Use count(), uniq() of person_id or of a property, or sum(), avg(), min(), max(), median() or quantile(0.9)() of a property, such as sum(properties.price). Other expressions are not offered here.";
        ApiError::invalid("math_hogql", detail)
    })
}

fn occurrence(id: &Value, kind: &'static str) -> Result<Occurrence, ApiError> {
    if kind == "actions" {
        let number = id.as_i64().or_else(|| id.as_str()?.parse().ok());
        let wrong = || ApiError::invalid("actions", "The id of an action has to be a number.");
        return number.map(Occurrence::Action).ok_or_else(wrong);
    }
    match id {
        Value::Null => Ok(Occurrence::Event(None)),
        Value::String(name) => Ok(Occurrence::Event(Some(name.clone()))),
        _ => Err(ApiError::invalid(
            "events",
            "The id of an event has to be its name.",
        )),
    }
}

/// The entities of `events` and `actions`, in their order.
pub(super) fn series(
    params: &Params,
    actions: &BTreeMap<i64, Action>,
) -> Result<Vec<Series>, ApiError> {
    let mut found = Vec::new();
    for kind in ["events", "actions"] {
        let list = params.json(kind)?.unwrap_or(Value::Null);
        let list = objects(kind, &list)?;
        if found.len() + list.len() > MOST {
            let detail = format!("Ensure that there are no more than {MOST} events and actions.");
            return Err(ApiError::invalid("events", detail));
        }
        for fields in list {
            let order = fields.get("order").and_then(Value::as_i64);
            found.push((order, Series::read(fields, kind, actions)?));
        }
    }
    found.sort_by_key(|(order, _)| *order);
    Ok(found.into_iter().map(|(_, series)| series).collect())
}

/// The objects in a list; none if there is no list.
pub(super) fn objects<'a>(
    name: &'static str,
    list: &'a Value,
) -> Result<Vec<&'a Map<String, Value>>, ApiError> {
    let objects = match list {
        Value::Null => Some(Vec::new()),
        Value::Array(list) => list.iter().map(Value::as_object).collect(),
        _ => None,
    };
    objects.ok_or_else(|| ApiError::invalid(name, "This has to be a list of objects as JSON."))
}

/// An entity that stands alone, with its type in it.
pub(super) fn one(
    params: &Params,
    name: &'static str,
    actions: &BTreeMap<i64, Action>,
) -> Result<Option<Series>, ApiError> {
    match params.json(name)? {
        None => Ok(None),
        Some(Value::Object(fields)) => Ok(Some(Series::typed(&fields, actions)?)),
        Some(_) => Err(ApiError::invalid(name, "This has to be an object as JSON.")),
    }
}

/// At least one entity.
pub(super) fn some_series(
    params: &Params,
    actions: &BTreeMap<i64, Action>,
) -> Result<Vec<Series>, ApiError> {
    let series = series(params, actions)?;
    if series.is_empty() {
        return Err(ApiError::required("events"));
    }
    Ok(series)
}

/// The conditions on all events and their people.
pub(in crate::http) fn filter(params: &Params) -> Result<FilterTree, ApiError> {
    let text = params.get("properties").unwrap_or_default();
    Ok(FilterTree::parse(text, Subject::Event)?)
}

/// The entity that a list of people is about: by its place, by what it is, or one that stands nowhere else.
pub(super) fn target(params: &Params, actions: &BTreeMap<i64, Action>) -> Result<Entity, ApiError> {
    let all = series(params, actions)?;
    let either = |a, b| params.get(a).or_else(|| params.get(b));
    if let Some(order) = either("entity_order", "target_entity_order") {
        let place = order.parse::<usize>();
        let place =
            place.map_err(|_| ApiError::invalid("entity_order", "A valid integer is required."))?;
        if let Some(series) = all.into_iter().nth(place) {
            return Ok(series.entity);
        }
        let detail = "An entity must be provided for target entity to be determined";
        return Err(ApiError::invalid("entity_order", detail));
    }
    let (id, kind) = (
        either("entity_id", "entityId"),
        either("entity_type", "type"),
    );
    let kind = match kind {
        Some("events") => "events",
        Some("actions") if id.is_some() => "actions",
        Some(other) if other != "actions" => {
            return Err(ApiError::invalid("entity_type", "Use events or actions."));
        }
        _ => {
            let detail = "An entity id and the entity type must be provided to determine an entity";
            return Err(ApiError::invalid("entity_id", detail));
        }
    };
    let wanted = occurrence(&json!(id), kind)?;
    let math = params.get("entity_math").unwrap_or("total");
    let same = |series: &&Series| series.entity.occurrence == wanted && series.math == math;
    if let Some(series) = all.iter().find(same) {
        return Ok(series.entity.clone());
    }
    Ok(Entity {
        occurrence: wanted,
        math: read_math(
            math,
            params.get("math_property"),
            None,
            params.get("math_hogql"),
        )?,
        filter: FilterTree::default(),
    })
}

/// Values that mean what is done anyway, which clients send by habit.
const HARMLESS: [(&str, &str); 3] = [
    ("smoothing_intervals", "1"),
    ("funnel_aggregate_by_hogql", "person_id"),
    ("paths_hogql_expression", "event"),
];

/// Refuses what would change the answer and is not offered here, so that nothing is dropped in silence.
pub(super) fn refuse(params: &Params, names: &[&'static str]) -> Result<(), ApiError> {
    for (name, value) in params.only(names) {
        let says_no = matches!(value, "false" | "0" | "[]" | "{}");
        if !says_no && !HARMLESS.contains(&(name, value)) {
            return Err(ApiError::invalid(name, "This is not offered here."));
        }
    }
    Ok(())
}
