//! Actions: make, list, show, change, delete.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use persons_engine::insights::Entity;
use persons_engine::insights::listing::ListingQuery;
use serde_json::{Map, Value, json};

use super::App;
use super::calendar::calendar;
use super::call::Call;
use super::cohorts::{description, name};
use super::error::{Answer, ApiError};
use super::insights::source;
use super::off_thread;
use super::path::Number;
use crate::actions;
use crate::store::StoredAction;

/// `GET actions/`, newest first.
pub(super) async fn list(State(app): State<Arc<App>>, call: Call) -> Answer {
    let window = call.params.window()?;
    let search = call.params.text("search")?.map(str::to_lowercase);
    let state = app.project.read_all();
    let found = state.stored_actions.values().rev();
    let found = found.filter(|action| !action.deleted);
    let found: Vec<&StoredAction> = found
        .filter(|action| {
            let name = action.name.to_lowercase();
            search.as_ref().is_none_or(|part| name.contains(part))
        })
        .collect();
    let count = found.len();
    let rows = window.of(found.into_iter().map(wire));
    call.answer("actions", &call.page(window, count, rows))
}

/// `GET actions/:id/`
pub(super) async fn retrieve(State(app): State<Arc<App>>, call: Call, id: Number) -> Answer {
    call.answer("action", &wire(&find(&app, id)?))
}

fn find(app: &App, id: Number) -> Result<StoredAction, ApiError> {
    let state = app.project.read_all();
    let action = state.stored_actions.get(&id.0);
    action.cloned().ok_or(ApiError::NotFound)
}

/// `POST actions/`
pub(super) async fn create(State(app): State<Arc<App>>, call: Call) -> Answer {
    let change = Change::read(&app, call.payload.object()?).await?;
    let name = change.name.clone();
    let action = StoredAction {
        id: 0,
        name: name.ok_or_else(|| ApiError::required("name"))?,
        description: String::new(),
        steps: json!([]),
        deleted: false,
        created_at: app.project.now(),
    };
    let made = app.project.change_action(None, |_| Some(change.of(action)));
    let made = made.await?.ok_or(ApiError::NotFound)?;
    call.created("action", &wire(&made))
}

/// `PATCH actions/:id/`: `name`, `description`, `steps`, `deleted`; other fields stay as they are.
pub(super) async fn update(State(app): State<Arc<App>>, call: Call, id: Number) -> Answer {
    find(&app, id)?;
    let change = Change::read(&app, call.payload.object()?).await?;
    let changed = app
        .project
        .change_action(Some(id.0), |action| Some(change.of(action?)));
    let action = changed.await?.ok_or(ApiError::NotFound)?;
    call.answer("action", &wire(&action))
}

/// `DELETE actions/:id/`
pub(super) async fn delete(State(app): State<Arc<App>>, id: Number) -> Answer {
    let deleted = app.project.change_action(Some(id.0), |action| {
        let action = action.filter(|action| !action.deleted)?;
        Some(StoredAction {
            deleted: true,
            ..action
        })
    });
    deleted.await?.ok_or(ApiError::NotFound)?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// What a POST or a PATCH says of an action.
struct Change {
    name: Option<String>,
    description: Option<String>,
    steps: Option<Value>,
    deleted: Option<bool>,
}

impl Change {
    async fn read(app: &Arc<App>, fields: &Map<String, Value>) -> Result<Self, ApiError> {
        let steps = fields.get("steps").cloned();
        if let Some(steps) = steps.clone() {
            let app = Arc::clone(app);
            off_thread(move || check(&app, &steps)).await??;
        }
        Ok(Self {
            name: name(fields)?,
            description: description(fields)?,
            steps,
            deleted: match fields.get("deleted") {
                None => None,
                Some(Value::Bool(deleted)) => Some(*deleted),
                Some(_) => return Err(ApiError::invalid("deleted", "Must be a valid boolean.")),
            },
        })
    }

    /// The action as it says.
    fn of(self, action: StoredAction) -> StoredAction {
        StoredAction {
            name: self.name.unwrap_or(action.name),
            description: self.description.unwrap_or(action.description),
            steps: self.steps.unwrap_or(action.steps),
            deleted: self.deleted.unwrap_or(action.deleted),
            ..action
        }
    }
}

/// Whether steps can be evaluated.
fn check(app: &App, steps: &Value) -> Result<(), ApiError> {
    let wrong = |error: &dyn std::fmt::Display| ApiError::invalid("steps", error.to_string());
    let action = actions::read("", steps).map_err(|error| wrong(&error))?;
    let state = app.project.read_all();
    let calendar = calendar(app, None);
    for step in action.steps {
        let events = ListingQuery {
            entity: Entity {
                filter: step.filter,
                ..Entity::event(step.event.as_deref())
            },
            ..ListingQuery::default()
        };
        let ready = events.prepare(source(&state, &calendar));
        ready.map_err(|error| wrong(&error))?;
    }
    Ok(())
}

/// An action as it travels.
fn wire(action: &StoredAction) -> Value {
    json!({
        "id": action.id,
        "name": action.name,
        "description": action.description,
        "steps": action.steps,
        "deleted": action.deleted,
        "created_at": action.created_at,
        "is_action": true,
        "is_calculating": false,
        "tags": [],
    })
}
