//! Cohorts: make, list, show, change, and the people in one.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::{FromRequest, Multipart, Request, State};
use axum::http::header::CONTENT_TYPE;
use persons_api::json::replace_null_characters;
use persons_api::{Cohort, Condition, FilterTree, Operator, PropertyFilter, Subject};
use persons_engine::{CohortState, Membership, People, Query};
use serde_json::{Map, Value, json};

use super::body::Payload;
use super::call::Call;
use super::error::{Answer, ApiError};
use super::path::Number;
use super::persons::answer_people;
use super::{App, off_thread};
use crate::regexes::Regexes;

/// The largest body that makes a cohort: a list of some hundred thousand distinct ids.
pub(super) const MAX_BODY: usize = 20 << 20;

/// Names and descriptions, in characters.
const MAX_NAME: usize = 400;
const MAX_DESCRIPTION: usize = 1000;

const NO_FILTERS: &str = "Filters must be a dictionary with a 'properties' key.";
const LOOP: &str = "Cohorts cannot reference other cohorts in a loop.";

/// `GET cohorts/`, newest first.
pub(super) async fn list(State(app): State<Arc<App>>, call: Call) -> Answer {
    let window = call.params.window()?;
    let search = call.params.text("search")?.map(str::to_lowercase);
    off_thread(move || {
        let people = app.project.read();
        let mut found: Vec<&CohortState> = people
            .cohorts()
            .filter(|cohort| !cohort.deleted)
            .filter(|cohort| {
                let name = cohort.name.to_lowercase();
                search.as_ref().is_none_or(|part| name.contains(part))
            })
            .collect();
        found.reverse();
        let count = found.len();
        let rows = window.of(found.into_iter().map(|cohort| wire(&people, cohort)));
        call.answer("cohorts", &call.page(window, count, rows))
    })
    .await?
}

/// `GET cohorts/:id/`
pub(super) async fn retrieve(State(app): State<Arc<App>>, call: Call, id: Number) -> Answer {
    off_thread(move || {
        let people = app.project.read();
        let cohort = people.cohort(id.0).ok_or(ApiError::NotFound)?;
        call.answer("cohort", &wire(&people, cohort))
    })
    .await?
}

/// `GET cohorts/:id/persons/`: the list of people, with one condition more.
pub(super) async fn persons(State(app): State<Arc<App>>, call: Call, id: Number) -> Answer {
    let exists = app
        .project
        .read()
        .cohort(id.0)
        .is_some_and(|cohort| !cohort.deleted);
    if !exists {
        return Err(ApiError::NotFound);
    }
    let mut query = call.params.query()?;
    let member = FilterTree::Leaf(PropertyFilter {
        subject: Subject::Cohort,
        key: "id".into(),
        operator: Operator::In,
        value: id.0.into(),
    });
    query.filter = FilterTree::Group(Condition::And, vec![member, query.filter]);
    answer_people(app, call, query).await
}

/// `POST cohorts/`
pub(super) async fn create(State(app): State<Arc<App>>, call: Call) -> Answer {
    let (fields, distinct_ids) = read(&call.payload).await?;
    let name = name(&fields)?.ok_or_else(|| ApiError::required("name"))?;
    let description = description(&fields)?.unwrap_or_default();
    let now = app.project.now();
    let app_again = app.clone();
    let (filters, membership) = off_thread(move || {
        if is_static(&fields)? {
            let members = members(&app_again.project.read(), &distinct_ids?);
            Ok((json!({"properties": {}}), Membership::Static(members)))
        } else {
            let filters = fields.get("filters").cloned().unwrap_or_default();
            let tree = tree(&app_again, &fields, &filters)?;
            Ok::<_, ApiError>((filters, Membership::Dynamic(tree)))
        }
    })
    .await??;
    let id = app
        .project
        .write(move |draft| draft.create_cohort(name, description, filters, membership, now))
        .await?;
    off_thread(move || {
        let people = app.project.read();
        let cohort = people.cohort(id).ok_or(ApiError::Internal)?;
        call.created("cohort", &wire(&people, cohort))
    })
    .await?
}

/// `PATCH cohorts/:id/`: `name`, `description`, `filters`, `deleted`; other fields stay as they are.
pub(super) async fn update(State(app): State<Arc<App>>, call: Call, id: Number) -> Answer {
    let Number(id) = id;
    let change = Change::read(&app, id, call.payload.object()?)?;
    let result = app
        .project
        .write(move |draft| {
            let people = draft.base();
            let mut cohort = people.cohort(id).cloned().ok_or(ApiError::NotFound)?;
            change.apply(people, &mut cohort)?;
            draft.put_cohort(cohort);
            Ok::<_, ApiError>(())
        })
        .await?;
    result?;
    retrieve(State(app), call, Number(id)).await
}

/// What a PATCH changes.
struct Change {
    name: Option<String>,
    description: Option<String>,
    filters: Option<(Value, FilterTree)>,
    deleted: Option<bool>,
}

impl Change {
    fn read(app: &App, id: i64, fields: &Map<String, Value>) -> Result<Self, ApiError> {
        let is_static = {
            let people = app.project.read();
            let cohort = people.cohort(id).ok_or(ApiError::NotFound)?;
            matches!(cohort.membership, Membership::Static(_))
        };
        let filters = match fields.get("filters") {
            None => None,
            // Clients send a whole cohort back; a static one has empty filters then.
            Some(filters) if is_static && is_blank(filters) => None,
            Some(_) if is_static => {
                let detail = "A static cohort has no filters.";
                return Err(ApiError::invalid("filters", detail));
            }
            Some(filters) => Some((filters.clone(), tree(app, fields, filters)?)),
        };
        let deleted = match fields.get("deleted") {
            None => None,
            Some(Value::Bool(deleted)) => Some(*deleted),
            Some(_) => return Err(ApiError::invalid("deleted", "Must be a valid boolean.")),
        };
        Ok(Self {
            name: name(fields)?,
            description: description(fields)?,
            filters,
            deleted,
        })
    }

    fn apply(self, people: &People, cohort: &mut CohortState) -> Result<(), ApiError> {
        if let Some((filters, tree)) = self.filters {
            if people.cohort_would_loop(Some(cohort.id), &tree) {
                return Err(ApiError::invalid("filters", LOOP));
            }
            cohort.membership = Membership::Dynamic(tree);
            cohort.filters = filters;
        }
        if let Some(name) = self.name {
            cohort.name = name;
        }
        if let Some(description) = self.description {
            cohort.description = description;
        }
        if let Some(deleted) = self.deleted {
            cohort.deleted = deleted;
        }
        Ok(())
    }
}

/// Whether filters hold no condition in any of the forms in which servers write that.
fn is_blank(filters: &Value) -> bool {
    let properties = filters.get("properties").unwrap_or(&Value::Null);
    FilterTree::from_json(properties, Subject::Person).is_ok_and(|tree| tree.is_empty())
}

/// A cohort as it travels. Members are found when asked for, so the count is always the current one.
fn wire(people: &People, cohort: &CohortState) -> Cohort {
    let members = people.cohort_members(cohort.id, &Regexes);
    Cohort {
        id: cohort.id,
        name: Some(cohort.name.clone()),
        description: Some(cohort.description.clone()),
        filters: cohort.filters.clone(),
        is_static: matches!(cohort.membership, Membership::Static(_)),
        deleted: cohort.deleted,
        is_calculating: false,
        count: members.ok().map(|members| people.count(&members) as u64),
        created_at: Some(cohort.created_at),
    }
}

/// The distinct ids of a static cohort, or why there are none.
type DistinctIds = Result<Vec<String>, ApiError>;

/// The fields of a new cohort: a JSON object, or a form with a CSV file.
async fn read(payload: &Payload) -> Result<(Map<String, Value>, DistinctIds), ApiError> {
    if payload.is_multipart() {
        let (fields, csv) = read_form(payload).await?;
        let ids = csv.map(|csv| first_column(&csv));
        return Ok((
            fields,
            ids.unwrap_or_else(|| Err(ApiError::required("csv"))),
        ));
    }
    let fields = payload.object()?.clone();
    let ids = match fields.get("distinct_ids") {
        None => Err(ApiError::required("distinct_ids")),
        Some(list) => list
            .as_array()
            .and_then(|list| {
                list.iter()
                    .map(|id| Some(id.as_str()?.to_owned()))
                    .collect()
            })
            .ok_or_else(|| ApiError::invalid("distinct_ids", "Expected a list of texts.")),
    };
    Ok((fields, ids))
}

/// A multipart form: its text fields, and the file `csv`.
async fn read_form(payload: &Payload) -> Result<(Map<String, Value>, Option<Vec<u8>>), ApiError> {
    let wrong = |error: &dyn std::fmt::Display| ApiError::Invalid {
        code: "invalid_input",
        detail: format!("Multipart form parse error - {error}"),
        attr: None,
    };
    let request = Request::builder()
        .header(CONTENT_TYPE, &payload.content_type)
        .extension(axum::extract::DefaultBodyLimit::disable())
        .body(payload.bytes.clone().into())
        .map_err(|error| wrong(&error))?;
    let mut form = Multipart::from_request(request, &())
        .await
        .map_err(|error| wrong(&error))?;
    let (mut fields, mut csv) = (Map::new(), None);
    while let Some(field) = form.next_field().await.map_err(|error| wrong(&error))? {
        let name = field.name().unwrap_or_default().to_owned();
        let bytes = field.bytes().await.map_err(|error| wrong(&error))?;
        if name == "csv" {
            csv = Some(bytes.to_vec());
        } else {
            let text = replace_null_characters(String::from_utf8_lossy(&bytes).into_owned());
            fields.insert(name, text.into());
        }
    }
    Ok((fields, csv))
}

/// The first cells of a CSV file. A heading is no distinct id anybody has, so it needs no special care.
fn first_column(csv: &[u8]) -> DistinctIds {
    let mut reader = ::csv::ReaderBuilder::new();
    reader.has_headers(false).flexible(true);
    let mut ids = Vec::new();
    for record in reader.from_reader(csv).byte_records() {
        let record = record.map_err(|error| ApiError::invalid("csv", error.to_string()))?;
        let first = record.get(0).unwrap_or_default();
        let first = first.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(first);
        if !first.is_empty() {
            let id = String::from_utf8_lossy(first).into_owned();
            ids.push(replace_null_characters(id));
        }
    }
    Ok(ids)
}

/// The numbers of the people whom these distinct ids belong to. Ids of nobody are passed over.
fn members(people: &People, distinct_ids: &[String]) -> BTreeSet<i64> {
    distinct_ids
        .iter()
        .filter_map(|id| people.by_distinct_id(id))
        .map(|person| person.number())
        .collect()
}

/// The filter of a dynamic cohort, if it can be evaluated.
fn tree(app: &App, fields: &Map<String, Value>, filters: &Value) -> Result<FilterTree, ApiError> {
    if fields.get("query").is_some_and(|query| !query.is_null()) {
        let detail = match filters {
            Value::Null => "This server makes cohorts from filters, not from queries.",
            _ => "Cannot set both query and filters at the same time.",
        };
        return Err(ApiError::invalid("query", detail));
    }
    let properties = filters
        .get("properties")
        .ok_or_else(|| ApiError::invalid("filters", NO_FILTERS))?;
    let tree = FilterTree::from_json(properties, Subject::Person)
        .map_err(|error| ApiError::invalid("filters", error.to_string()))?;
    let query = Query {
        filter: tree.clone(),
        ..Query::default()
    };
    app.project
        .read()
        .select(&query, &Regexes)
        .map_err(|error| ApiError::invalid("filters", error.to_string()))?;
    Ok(tree)
}

fn is_static(fields: &Map<String, Value>) -> Result<bool, ApiError> {
    match fields.get("is_static") {
        None | Some(Value::Null) => Ok(false),
        Some(Value::Bool(is_static)) => Ok(*is_static),
        // Forms have texts only.
        Some(Value::String(text)) if text.eq_ignore_ascii_case("true") => Ok(true),
        Some(Value::String(text)) if text.eq_ignore_ascii_case("false") => Ok(false),
        Some(_) => Err(ApiError::invalid("is_static", "Must be a valid boolean.")),
    }
}

pub(super) fn name(fields: &Map<String, Value>) -> Result<Option<String>, ApiError> {
    match text(fields, "name", MAX_NAME)? {
        Some(name) if name.trim().is_empty() => {
            Err(ApiError::invalid("name", "This field may not be blank."))
        }
        name => Ok(name),
    }
}

pub(super) fn description(fields: &Map<String, Value>) -> Result<Option<String>, ApiError> {
    text(fields, "description", MAX_DESCRIPTION)
}

/// A text field, if there is one, not longer than `most` characters.
fn text(
    fields: &Map<String, Value>,
    name: &'static str,
    most: usize,
) -> Result<Option<String>, ApiError> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.chars().nth(most).is_some() => Err(ApiError::invalid(
            name,
            format!("Ensure this field has no more than {most} characters."),
        )),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(ApiError::invalid(name, "Not a valid string.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_column_is_read_whatever_else_there_is() {
        let csv =
            b"\xEF\xBB\xBFdistinct_id,email\r\n\"a,1\",x\r\n\r\nb\r\n\"c\nd\",,,\r\n,empty\r\ne\0";
        assert_eq!(
            first_column(csv),
            Ok(vec![
                "distinct_id".into(),
                "a,1".into(),
                "b".into(),
                "c\nd".into(),
                "e\u{fffd}".into()
            ])
        );
    }
}
