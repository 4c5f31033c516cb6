//! Cohorts: make, list, show, change, and the people in one.

use std::sync::Arc;

use axum::extract::{FromRequest, Multipart, Request, State};
use axum::http::header::CONTENT_TYPE;
use persons_api::json::replace_null_characters;
use persons_api::{Cohort, Condition, FilterTree, Operator, PropertyFilter, Subject};
use persons_engine::{
    CohortChange, CohortError, CohortState, Draft, EvaluationError, Matcher, Membership, People,
};
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
    let new = off_thread(move || NewMembership::read(&fields, distinct_ids)).await??;
    let now = app.project.now();
    let id = app
        .project
        .write(move |draft| {
            let (filters, membership) = new.resolve(draft);
            draft.create_cohort(name, description, filters, membership, now)
        })
        .await??;
    off_thread(move || {
        let people = app.project.read();
        let cohort = people.cohort(id).ok_or(ApiError::Internal)?;
        call.created("cohort", &wire(&people, cohort))
    })
    .await?
}

/// Who shall be in a new cohort.
enum NewMembership {
    Static(Vec<String>),
    Dynamic(Value, FilterTree),
}

impl NewMembership {
    fn read(fields: &Map<String, Value>, distinct_ids: DistinctIds) -> Result<Self, ApiError> {
        if is_static(fields)? {
            return Ok(Self::Static(distinct_ids?));
        }
        let filters = fields.get("filters").cloned().unwrap_or_default();
        let tree = tree(fields, &filters)?;
        Ok(Self::Dynamic(filters, tree))
    }

    /// Finds the people that distinct ids belong to when the cohort is written. Ids without a person are skipped.
    fn resolve(self, draft: &Draft<'_>) -> (Value, Membership) {
        match self {
            Self::Static(ids) => {
                let members = ids.iter().filter_map(|id| draft.number_of_id(id));
                let membership = Membership::Static(members.collect());
                (json!({"properties": {}}), membership)
            }
            Self::Dynamic(filters, tree) => (filters, Membership::Dynamic(tree)),
        }
    }
}

/// `PATCH cohorts/:id/`: `name`, `description`, `filters`, `deleted`; other fields stay as they are.
pub(super) async fn update(State(app): State<Arc<App>>, call: Call, id: Number) -> Answer {
    let Number(id) = id;
    app.project.read().cohort(id).ok_or(ApiError::NotFound)?;
    let fields = call.payload.object()?.clone();
    let change = off_thread(move || Change::read(&fields)).await??;
    app.project
        .write(move |draft| change.apply(id, draft))
        .await??;
    retrieve(State(app), call, Number(id)).await
}

/// What a PATCH changes.
struct Change {
    name: Option<String>,
    description: Option<String>,
    filters: Option<NewFilters>,
    deleted: Option<bool>,
}

/// The filters in a PATCH. Whether they can be used depends on the cohort.
struct NewFilters {
    json: Value,
    tree: Result<FilterTree, ApiError>,
}

impl Change {
    fn read(fields: &Map<String, Value>) -> Result<Self, ApiError> {
        let filters = fields.get("filters").map(|filters| NewFilters {
            json: filters.clone(),
            tree: tree(fields, filters),
        });
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

    /// Changes the cohort as it is when the change is written.
    fn apply(self, id: i64, draft: &mut Draft<'_>) -> Result<(), ApiError> {
        let cohort = draft.cohort(id).ok_or(ApiError::NotFound)?;
        let is_static = matches!(cohort.membership, Membership::Static(_));
        let filters = match self.filters {
            // Clients send a whole cohort back; a static one has empty filters then.
            Some(filters) if is_static && is_blank(&filters.json) => None,
            Some(_) if is_static => return Err(CohortError::StaticFilter.into()),
            Some(filters) => Some((filters.json, filters.tree?)),
            None => None,
        };
        let change = CohortChange {
            name: self.name,
            description: self.description,
            filters,
            deleted: self.deleted,
        };
        Ok(draft.update_cohort(id, change)?)
    }
}

impl From<CohortError> for ApiError {
    fn from(error: CohortError) -> Self {
        match error {
            CohortError::NotFound => Self::NotFound,
            _ => Self::invalid("filters", error.to_string()),
        }
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

/// The filter of a dynamic cohort. The cohorts it refers to are looked up when it is written.
fn tree(fields: &Map<String, Value>, filters: &Value) -> Result<FilterTree, ApiError> {
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
    check(&tree).map_err(|error| ApiError::invalid("filters", error.to_string()))?;
    Ok(tree)
}

/// Checks that each condition can be evaluated for people.
fn check(tree: &FilterTree) -> Result<(), EvaluationError> {
    for leaf in tree.leaves() {
        if leaf.subject == Subject::Event {
            return Err(EvaluationError::WrongSubject {
                key: leaf.key.clone(),
                subject: leaf.subject.name(),
            });
        }
    }
    Matcher::new(tree, &Regexes).map(drop)
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
