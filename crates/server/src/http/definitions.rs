//! What the project has seen: event names, property keys.

use std::cmp::Reverse;
use std::sync::Arc;

use axum::extract::State;
use persons_api::{EventDefinition, PropertyDefinition, PropertyType};
use uuid::Uuid;

use super::App;
use super::call::Call;
use super::error::{Answer, ApiError};

/// `GET event_definitions/`
pub(super) async fn events(State(app): State<Arc<App>>, call: Call) -> Answer {
    let window = call.params.window()?;
    let search = search(&call)?;
    let wanted: fn(&str) -> bool = match call.params.get("event_type") {
        None | Some("all" | "event") => |_| true,
        Some("event_posthog") => |name| name.starts_with('$'),
        Some("event_custom") => |name| !name.starts_with('$'),
        // Actions have a list of their own.
        Some(_) => |_| false,
    };
    let mut found: Vec<EventDefinition> = app
        .project
        .read()
        .event_stats()
        .filter(|(name, _)| wanted(name) && contains(name, &search))
        .map(|(name, stat)| EventDefinition {
            id: definition_id(&app, "event", name),
            name: name.to_owned(),
            created_at: Some(stat.first),
            last_seen_at: Some(stat.last),
        })
        .collect();
    match call.params.get("ordering") {
        Some("-last_seen_at") => found.sort_by_key(|event| Reverse(event.last_seen_at)),
        Some("last_seen_at") => found.sort_by_key(|event| event.last_seen_at),
        Some("-name") => found.reverse(),
        // By name is how they are kept.
        _ => {}
    }
    let count = found.len();
    let rows = window.of(found.into_iter());
    call.answer("event_definitions", &call.page(window, count, rows))
}

/// `GET property_definitions/?type=person|event`
pub(super) async fn properties(State(app): State<Arc<App>>, call: Call) -> Answer {
    let window = call.params.window()?;
    let search = search(&call)?;
    let named: Option<Vec<&str>> = call
        .params
        .get("properties")
        .map(|list| list.split(',').collect());
    let is_numerical = call.params.get("is_numerical").map(|value| value == "true");
    let kind = call.params.get("type").unwrap_or("event");
    let people = app.project.read();
    let keys: Vec<(&str, Option<PropertyType>)> = match kind {
        "person" => people.person_keys(),
        "event" => people.event_keys().collect(),
        // Kinds that this server does not keep.
        "group" | "session" => Vec::new(),
        _ => {
            let detail = format!("\"{kind}\" is not a valid choice.");
            return Err(ApiError::invalid("type", detail));
        }
    };
    let found: Vec<_> = keys
        .into_iter()
        .filter(|(key, _)| contains(key, &search))
        .filter(|(key, _)| named.as_ref().is_none_or(|named| named.contains(key)))
        .filter(|(_, kind)| is_numerical.is_none_or(|wanted| wanted == is_number(*kind)))
        .collect();
    let count = found.len();
    let rows = window.of(found
        .into_iter()
        .map(|(key, property_type)| PropertyDefinition {
            id: definition_id(&app, kind, key),
            name: key.to_owned(),
            is_numerical: is_number(property_type),
            property_type,
        }));
    call.answer("property_definitions", &call.page(window, count, rows))
}

fn is_number(kind: Option<PropertyType>) -> bool {
    kind == Some(PropertyType::Numeric)
}

/// The text that names must contain, in lower case.
fn search(call: &Call) -> Result<String, ApiError> {
    Ok(call
        .params
        .text("search")?
        .unwrap_or_default()
        .to_lowercase())
}

fn contains(name: &str, part: &str) -> bool {
    part.is_empty() || name.to_lowercase().contains(part)
}

/// An id that is the same whenever the same definition is asked for.
fn definition_id(app: &App, kind: &str, name: &str) -> Uuid {
    Uuid::new_v5(
        &app.project.info().uuid,
        format!("{kind}:{name}").as_bytes(),
    )
}
