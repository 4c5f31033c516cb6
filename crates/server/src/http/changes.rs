//! What changes people: edit, split, delete. Each is done, on the disk and in the person's history when it
//! is answered.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use persons_api::Properties;
use persons_api::json::{self, JsonError};
use persons_engine::{Actor, DeletionWish, Draft, EditError, Edited, Parting};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::App;
use super::auth::Caller;
use super::call::{Call, internal, json as json_response};
use super::error::{Answer, ApiError};
use super::params::{check_length, too_deep};
use super::path::PersonKey;
use super::person::Wire;
use super::persons::{find, texts};

/// People in one deletion, and distinct ids in one split.
const MAX_BULK: usize = 1000;

/// `PATCH persons/:id/`
pub(super) async fn update(State(app): State<Arc<App>>, call: Call, key: PersonKey) -> Answer {
    let properties = match call.payload.object()?.get("properties") {
        Some(Value::Object(properties)) => properties.clone(),
        None | Some(Value::Null) => return Err(ApiError::required("properties")),
        Some(_) => return Err(ApiError::invalid("properties", "This has to be an object.")),
    };
    edit(&app, &call, key, |draft, person, by| {
        draft.set_properties(person, properties, by)
    })
    .await
}

/// `POST persons/:id/update_property/`
pub(super) async fn update_property(
    State(app): State<Arc<App>>,
    call: Call,
    key: PersonKey,
) -> Answer {
    let body = call.payload.object()?;
    let value = match (body.get("value"), call.params.given("value")) {
        (Some(value), _) => value.clone(),
        (None, Some(text)) => value_of_text(text)?,
        (None, None) => return Err(ApiError::required("value")),
    };
    let name = property_key(&call, body, "key")?;
    let set = Properties::from_iter([(name, value)]);
    edit(&app, &call, key, |draft, person, by| {
        draft.set_properties(person, set, by)
    })
    .await
}

/// `POST persons/:id/delete_property/`
pub(super) async fn delete_property(
    State(app): State<Arc<App>>,
    call: Call,
    key: PersonKey,
) -> Answer {
    let name = property_key(&call, call.payload.object()?, "$unset")?;
    edit(&app, &call, key, |draft, person, by| {
        draft.unset_properties(person, vec![name], by)
    })
    .await
}

/// A value in the query: JSON if it is JSON, else text.
fn value_of_text(text: &str) -> Result<Value, ApiError> {
    match json::parse(text) {
        Ok(value) => Ok(value),
        Err(error @ JsonError::TooDeep { .. }) => Err(too_deep("value", &error)),
        Err(JsonError::Malformed(_)) => Ok(text.into()),
    }
}

/// The name of a property, in the body or in the query.
fn property_key(
    call: &Call,
    body: &Map<String, Value>,
    field: &'static str,
) -> Result<String, ApiError> {
    match body.get(field) {
        Some(Value::String(name)) => Ok(name.clone()),
        Some(Value::Null) => Err(ApiError::required(field)),
        Some(_) => Err(ApiError::invalid(
            field,
            "This has to be the name of a property.",
        )),
        None => {
            let name = call.params.given(field).map(str::to_owned);
            name.ok_or_else(|| ApiError::required(field))
        }
    }
}

/// `POST persons/:id/split/`
pub(super) async fn split(State(app): State<Arc<App>>, call: Call, key: PersonKey) -> Answer {
    let parting = parting(call.payload.object()?)?;
    let number = change(&app, &call, key, move |draft, person, by| {
        draft.split(person, &parting, by)
    })
    .await?;
    let people = app.project.read();
    let person = find(&people, PersonKey::Number(number))?;
    let mut body = serde_json::to_value(Wire(person)).map_err(internal)?;
    body["success"] = true.into();
    call.answer("person", &body)
}

/// Which ids are to move. Null is as good as nothing.
fn parting(body: &Map<String, Value>) -> Result<Parting, ApiError> {
    let field = |name: &str| body.get(name).filter(|value| !value.is_null());
    match (field("main_distinct_id"), field("distinct_ids_to_split")) {
        (None, None) => Ok(Parting::AllButFirst),
        (Some(Value::String(main)), None) => Ok(Parting::AllBut(main.clone())),
        (Some(_), None) => Err(ApiError::invalid("main_distinct_id", "must be a string")),
        (None, ids) => match texts(ids) {
            Some(ids) if ids.is_empty() => Err(ApiError::invalid(
                "distinct_ids_to_split",
                "must not be empty",
            )),
            Some(ids) => {
                check_length("distinct_ids_to_split", ids.len(), MAX_BULK)?;
                Ok(Parting::Only(ids.into_iter().map(str::to_owned).collect()))
            }
            None => Err(ApiError::invalid(
                "distinct_ids_to_split",
                "must be a list of strings",
            )),
        },
        (Some(_), Some(_)) => Err(ApiError::Invalid {
            code: "invalid_input",
            detail: "main_distinct_id cannot be combined with distinct_ids_to_split".into(),
            attr: None,
        }),
    }
}

/// `DELETE persons/:id/`
pub(super) async fn delete(State(app): State<Arc<App>>, call: Call, key: PersonKey) -> Answer {
    let wish = DeletionWish {
        events: call.params.flag("delete_events")?,
        keep_person: call.params.flag("keep_person")?,
    };
    // There are no recordings here; what is sent must make sense all the same.
    call.params.flag("delete_recordings")?;
    change(&app, &call, key, move |draft, person, by| {
        draft.delete(person, wish, by).map(drop)
    })
    .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Whom a bulk deletion names.
enum Named {
    Uuids(Vec<Uuid>),
    DistinctIds(Vec<String>),
}

/// `POST persons/bulk_delete/`
pub(super) async fn bulk_delete(State(app): State<Arc<App>>, call: Call) -> Answer {
    let body = call.payload.object()?;
    let named = named(body)?;
    let is_true = |name: &str| body.get(name).is_some_and(is_truthy);
    let wish = DeletionWish {
        events: is_true("delete_events"),
        keep_person: is_true("keep_person"),
    };
    let (actor, now) = (actor(&call.caller), app.project.now());
    let found = app
        .project
        .write(move |draft| {
            let mut numbers: Vec<i64> = match named {
                Named::Uuids(uuids) => uuids
                    .into_iter()
                    .filter_map(|uuid| draft.number_of(uuid))
                    .collect(),
                Named::DistinctIds(ids) => {
                    ids.iter().filter_map(|id| draft.number_of_id(id)).collect()
                }
            };
            numbers.sort_unstable();
            numbers.dedup();
            let mut fresh = Uuid::now_v7;
            let by = Edited {
                actor,
                now,
                fresh: &mut fresh,
            };
            let done = numbers
                .into_iter()
                .filter(|&number| draft.delete(number, wish, &by).is_ok());
            done.count()
        })
        .await?;
    let body = json!({
        "persons_found": found,
        "persons_deleted": if wish.keep_person { 0 } else { found },
        "events_queued_for_deletion": wish.events && found > 0,
        "recordings_queued_for_deletion": false,
        "deletion_errors": [],
    });
    json_response(StatusCode::ACCEPTED, &body)
}

fn named(body: &Map<String, Value>) -> Result<Named, ApiError> {
    let refused = |detail: &str| ApiError::Invalid {
        code: "invalid_input",
        detail: detail.into(),
        attr: None,
    };
    let list = |name: &'static str| -> Result<Option<Vec<&str>>, ApiError> {
        let Some(value) = body.get(name).filter(|value| is_truthy(value)) else {
            return Ok(None);
        };
        let list = texts(Some(value))
            .ok_or_else(|| ApiError::invalid(name, "must be a list of strings"))?;
        if list.len() > MAX_BULK {
            let detail = format!("You can only pass {MAX_BULK} {name} in one call");
            return Err(ApiError::invalid(name, detail));
        }
        Ok(Some(list))
    };
    match (list("ids")?, list("distinct_ids")?) {
        (Some(ids), None) => {
            let uuids: Result<Vec<Uuid>, _> = ids.into_iter().map(Uuid::parse_str).collect();
            let uuids =
                uuids.map_err(|_| ApiError::invalid("ids", "One or more UUIDs are invalid."))?;
            Ok(Named::Uuids(uuids))
        }
        (None, Some(ids)) => Ok(Named::DistinctIds(
            ids.into_iter().map(str::to_owned).collect(),
        )),
        (None, None) => Err(refused("You need to specify either distinct_ids or ids")),
        (Some(_), Some(_)) => Err(refused(
            "You must provide either distinct_ids or ids, not both",
        )),
    }
}

/// What a flag in a JSON body means: anything that is not nothing is yes.
fn is_truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(flag) => *flag,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(list) => !list.is_empty(),
        Value::Object(map) => !map.is_empty(),
    }
}

/// Changes a person and answers how it is afterwards.
async fn edit(
    app: &App,
    call: &Call,
    key: PersonKey,
    work: impl FnOnce(&mut Draft<'_>, i64, &mut Edited<'_>) -> Result<(), EditError> + Send + 'static,
) -> Answer {
    let number = change(app, call, key, work).await?;
    let people = app.project.read();
    call.answer("person", &Wire(find(&people, PersonKey::Number(number))?))
}

/// Changes a person and gives its number.
async fn change(
    app: &App,
    call: &Call,
    key: PersonKey,
    work: impl FnOnce(&mut Draft<'_>, i64, &mut Edited<'_>) -> Result<(), EditError> + Send + 'static,
) -> Result<i64, ApiError> {
    let (actor, now) = (actor(&call.caller), app.project.now());
    let changed = app
        .project
        .write(move |draft| {
            // Others may have been faster: who it is, is decided where the change is.
            let number = match key {
                PersonKey::Number(number) => Some(number).filter(|&number| draft.exists(number)),
                PersonKey::Uuid(uuid) => draft.number_of(uuid),
            };
            let number = number.ok_or(EditError::Nobody)?;
            let mut fresh = Uuid::now_v7;
            work(
                draft,
                number,
                &mut Edited {
                    actor,
                    now,
                    fresh: &mut fresh,
                },
            )?;
            Ok::<_, EditError>(number)
        })
        .await?;
    Ok(changed?)
}

/// Who asks, for the history.
fn actor(caller: &Caller) -> Actor {
    let (id, name) = caller.name();
    Actor {
        id: id.to_owned(),
        name: name.to_owned(),
    }
}

impl From<EditError> for ApiError {
    fn from(error: EditError) -> Self {
        let field = match error {
            EditError::Nobody => return Self::NotFound,
            EditError::TooManyKeys | EditError::TooManyProjectKeys | EditError::LongKey(_) => {
                "properties"
            }
            EditError::NotMain(_) => "main_distinct_id",
            EditError::NotTheirs(_) | EditError::NothingLeft => "distinct_ids_to_split",
        };
        Self::invalid(field, error.to_string())
    }
}
