//! People: the list and its export, one person, several at once, the values of a property.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use persons_engine::{Kind, Membership, People, PersonRef, Query, ValueRef};
use serde::{Serialize, Serializer};
use serde_json::{Value, json};
use uuid::Uuid;

use super::call::{Call, Format, Page, internal, json_bytes};
use super::error::{Answer, ApiError};
use super::params::DEFAULT_LIMIT;
use super::path::PersonKey;
use super::person::Wire;
use super::{App, export, off_thread};
use crate::regexes::Regexes;

/// Values of a property in one answer.
const MAX_VALUES: usize = 20;

/// People in one batch; more are not looked at.
const MAX_BATCH: usize = 200;

/// `GET persons/`
pub(super) async fn list(State(app): State<Arc<App>>, call: Call) -> Answer {
    let query = call.params.query()?;
    answer_people(app, call, query).await
}

/// The people of a query in the format asked for: a page of them, or all of them as a table.
pub(super) async fn answer_people(app: Arc<App>, call: Call, query: Query) -> Answer {
    if call.format == Format::Csv {
        return export::people(app, query).await;
    }
    let window = call.params.window()?;
    let is_large = window.limit > DEFAULT_LIMIT || !is_trivial(&query);
    let page = move || {
        let people = app.project.read();
        let selection = people.select(&query, &Regexes)?;
        let rows = people.page(&selection, window.offset, window.limit);
        let rows: Vec<Wire<'_>> = rows.into_iter().map(Wire).collect();
        let page: Page<_> = call.page(window, people.count(&selection), rows);
        serde_json::to_vec(&page).map_err(internal)
    };
    let bytes = if is_large {
        off_thread(page).await??
    } else {
        page()?
    };
    Ok(json_bytes(StatusCode::OK, bytes))
}

/// Whether a query selects everybody without looking at anybody.
fn is_trivial(query: &Query) -> bool {
    let Query {
        search,
        email,
        distinct_id,
        filter,
    } = query;
    search.is_none() && email.is_none() && distinct_id.is_none() && filter.is_empty()
}

/// `POST persons/`: people come from events.
pub(super) fn no_creation() -> ApiError {
    ApiError::Refused(
        "Creating persons via this API is not allowed. Please create persons by sending an \
         $identify event. See https://posthog.com/docs/product-analytics/identify for more info.",
    )
}

/// `GET persons/:id/`
pub(super) async fn retrieve(State(app): State<Arc<App>>, call: Call, key: PersonKey) -> Answer {
    let people = app.project.read();
    call.answer("person", &Wire(find(&people, key)?))
}

/// The person with a number or a UUID.
pub(super) fn find(people: &People, key: PersonKey) -> Result<PersonRef<'_>, ApiError> {
    match key {
        PersonKey::Number(number) => people.by_number(number),
        PersonKey::Uuid(uuid) => people.by_uuid(uuid),
    }
    .ok_or(ApiError::NotFound)
}

/// `GET persons/cohorts/?person_id=`
pub(super) async fn cohorts(State(app): State<Arc<App>>, call: Call) -> Answer {
    let id = call.params.get("person_id");
    let key = PersonKey::parse(id.ok_or_else(|| ApiError::required("person_id"))?)?;
    off_thread(move || {
        let people = app.project.read();
        let person = find(&people, key)?;
        call.answer("cohorts", &json!({"results": cohorts_of(&people, person)}))
    })
    .await?
}

fn cohorts_of(people: &People, person: PersonRef<'_>) -> Vec<Value> {
    let alive = people.cohorts().filter(|cohort| !cohort.deleted);
    alive
        .filter_map(|cohort| {
            // A cohort that refers to a deleted one has no members to speak of.
            let members = people.cohort_members(cohort.id, &Regexes).ok()?;
            people.is_selected(&members, person).then(|| {
                json!({
                    "id": cohort.id,
                    "name": cohort.name,
                    "count": people.count(&members),
                    "is_static": matches!(cohort.membership, Membership::Static(_)),
                })
            })
        })
        .collect()
}

/// `GET persons/values/?key=&value=`
pub(super) async fn values(State(app): State<Arc<App>>, call: Call) -> Answer {
    let part = call.params.text("value")?.unwrap_or_default().to_owned();
    // Virtual properties have no stored values.
    let key = call
        .params
        .text("key")?
        .filter(|key| !key.starts_with("$virt"));
    let Some(key) = key.map(str::to_owned) else {
        return call.answer("values", &json!([]));
    };
    off_thread(move || {
        let people = app.project.read();
        call.answer("values", &most_frequent(&people, &key, &part))
    })
    .await?
}

/// A value as text, and how many people have it.
#[derive(Serialize)]
struct Frequency<'a> {
    name: &'a str,
    count: u32,
}

/// The most frequent values. Values that read the same (true and "true") are one; empty ones are none.
fn most_frequent<'a>(people: &'a People, key: &str, part: &str) -> Vec<Frequency<'a>> {
    // A text has at most two kinds, and the empty values are at most two.
    let found = people.values(key, part, 2 * MAX_VALUES + 2);
    let mut values: Vec<Frequency<'_>> = Vec::new();
    for (ValueRef { kind, text }, count) in found {
        if kind == Kind::Null || text.is_empty() {
            continue;
        }
        match values.iter_mut().find(|value| value.name == text) {
            Some(value) => value.count += count,
            None => values.push(Frequency { name: text, count }),
        }
    }
    values.sort_by(|a, b| b.count.cmp(&a.count).then(a.name.cmp(b.name)));
    values.truncate(MAX_VALUES);
    values
}

/// `POST persons/batch_by_uuids/`
pub(super) async fn batch_by_uuids(State(app): State<Arc<App>>, call: Call) -> Answer {
    let body = call.payload.object()?;
    let list = body.get("uuids").and_then(Value::as_array);
    let uuids = list
        .map_or(&[][..], Vec::as_slice)
        .iter()
        .take(MAX_BATCH)
        .map(|uuid| uuid.as_str().and_then(|text| Uuid::parse_str(text).ok()))
        .collect::<Option<Vec<Uuid>>>()
        .ok_or_else(|| ApiError::invalid("uuids", "One or more UUIDs are invalid."))?;
    let people = app.project.read();
    let found = uuids.into_iter().filter_map(|uuid| {
        let person = people.by_uuid(uuid)?;
        Some((uuid.to_string(), person))
    });
    call.answer("persons", &Batch::new(found))
}

/// `POST persons/batch_by_distinct_ids/`
pub(super) async fn batch_by_distinct_ids(State(app): State<Arc<App>>, call: Call) -> Answer {
    // Anything but a list of texts finds nobody, as on PostHog.
    let ids = texts(call.payload.object()?.get("distinct_ids")).unwrap_or_default();
    let people = app.project.read();
    let found = ids.into_iter().take(MAX_BATCH).filter_map(|id| {
        let person = people.by_distinct_id(id)?;
        Some((id.to_owned(), person))
    });
    call.answer("persons", &Batch::new(found))
}

/// The texts of a list; nothing if it is no list of texts.
pub(super) fn texts(list: Option<&Value>) -> Option<Vec<&str>> {
    let list = list?.as_array()?;
    list.iter().map(Value::as_str).collect()
}

/// People by what they were asked for with.
#[derive(Serialize)]
struct Batch<'a> {
    results: PersonMap<'a>,
}

struct PersonMap<'a>(Vec<(String, PersonRef<'a>)>);

impl<'a> Batch<'a> {
    fn new(found: impl Iterator<Item = (String, PersonRef<'a>)>) -> Self {
        let mut found: Vec<_> = found.collect();
        found.sort_by(|(a, _), (b, _)| a.cmp(b));
        found.dedup_by(|(a, _), (b, _)| a == b);
        Self {
            results: PersonMap(found),
        }
    }
}

impl Serialize for PersonMap<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, person)| (key, Wire(*person))))
    }
}
