//! The people behind a number of an insight.

use persons_api::Person;
use serde_json::{Value, json};

use super::client::parse;
use super::numbers;
use super::url::resolve_next;
use super::{ApiError, Client};
use crate::platform::Abort;
use crate::routes::encode_query;

/// People a page asks for.
const PAGE_SIZE: usize = 100;

/// Somebody behind a number.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Who.
    pub person: Person,
    /// What they add to the number, where it does not count people.
    pub value: Option<f64>,
    /// In a retention table: in which columns of the row they appear.
    pub appearances: Vec<bool>,
}

/// A page of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    /// Who is on it.
    pub rows: Vec<Row>,
    /// How many are behind the number and cannot be listed.
    pub missing: u64,
    /// Where it goes on: a path, or the offset of a query.
    pub next: Option<Next>,
}

/// Where it goes on.
#[derive(Clone, Debug, PartialEq)]
pub enum Next {
    /// At this path.
    Path(String),
    /// After so many.
    Offset(usize),
}

/// The path of a list that a server named: it may lack the slash in front, and says nothing of how many are
/// wanted or searched for.
pub fn first_path(url: &str, search: &str) -> String {
    let mut more = vec![("limit", PAGE_SIZE.to_string())];
    if !search.is_empty() {
        more.push(("search", search.to_owned()));
    }
    let first = if url.contains('?') { '&' } else { '?' };
    let slash = if url.starts_with('/') || url.contains("://") {
        ""
    } else {
        "/"
    };
    [slash, url, &encode_query(&more, first)].concat()
}

/// A page of a list that a server named.
///
/// # Errors
/// See [`ApiError`].
pub async fn listed(client: &Client, path: &str, abort: &Abort) -> Result<Page, ApiError> {
    let answer: Value = client.get(path, abort).await?;
    let next = answer["next"].as_str();
    let next = next
        .and_then(|next| resolve_next(path, next))
        .map(Next::Path);
    Ok(Page {
        rows: rows(&answer).ok_or(ApiError::Unreadable)?,
        missing: answer["missing_persons"].as_u64().unwrap_or_default(),
        next,
    })
}

/// Lists come in one of two shapes: of people, or of people with their appearances.
fn rows(answer: &Value) -> Option<Vec<Row>> {
    if let Some(list) = answer["result"].as_array() {
        let row = |item: &Value| {
            let appearances = item["appearances"].as_array()?.iter();
            Some(Row {
                appearances: appearances.map(|there| there != &json!(0)).collect(),
                ..row(&item["person"])?
            })
        };
        return list.iter().map(row).collect();
    }
    let lists = answer["results"].as_array()?.iter();
    let people = lists.flat_map(|list| list["people"].as_array().into_iter().flatten());
    people.map(row).collect()
}

fn row(person: &Value) -> Option<Row> {
    Some(Row {
        value: person["value_at_data_point"].as_f64(),
        appearances: Vec::new(),
        person: serde_json::from_value(person.clone()).ok()?,
    })
}

/// A page of the people of a query, after so many.
///
/// # Errors
/// See [`ApiError`].
pub async fn queried(
    client: &Client,
    source: &Value,
    search: &str,
    offset: usize,
    abort: &Abort,
) -> Result<Page, ApiError> {
    let of = source["source"]["kind"].as_str().unwrap_or_default();
    let mut select = vec!["person"];
    match of {
        "TrendsQuery" => select.push("event_count"),
        "RetentionQuery" => select.push("appearances"),
        _ => {}
    }
    let mut query = json!({
        "kind": "ActorsQuery",
        "select": select,
        "source": source,
        "limit": PAGE_SIZE,
        "offset": offset,
    });
    if !search.is_empty() {
        query["search"] = json!(search);
    }
    let answer = numbers::query(client, &query, abort).await?;
    let results = answer["results"].as_array().ok_or(ApiError::Unreadable)?;
    let rows = results.iter().filter_map(|columns| {
        let more = &columns[1];
        Some(Row {
            person: person_of_query(&columns[0])?,
            value: more.as_f64(),
            appearances: match more.as_array() {
                Some(list) => list.iter().map(|there| there != &json!(0)).collect(),
                None => Vec::new(),
            },
        })
    });
    let after = offset + PAGE_SIZE;
    Ok(Page {
        rows: rows.collect(),
        missing: answer["missing_actors_count"].as_u64().unwrap_or_default(),
        next: (answer["hasMore"] == true).then_some(Next::Offset(after)),
    })
}

/// A person as queries have them: the id is the UUID, and nobody chose a name.
fn person_of_query(value: &Value) -> Option<Person> {
    let mut value = value.clone();
    let id = value["id"].clone();
    let fields = value.as_object_mut()?;
    fields.entry("uuid").or_insert(id);
    fields.entry("name").or_insert(json!(""));
    fields.entry("distinct_ids").or_insert(json!([]));
    serde_json::from_value(value).ok()
}

/// Makes a cohort of these people, who stay in it; its number.
///
/// # Errors
/// See [`ApiError`].
pub async fn save_cohort(
    client: &Client,
    name: &str,
    people: &[&Person],
    abort: &Abort,
) -> Result<i64, ApiError> {
    let ids = people
        .iter()
        .filter_map(|person| person.distinct_ids.first());
    let mut csv = String::new();
    for id in ids {
        crate::csv::line(&mut csv, &mut std::iter::once(id.clone()));
    }
    let path = client.in_this_project("cohorts/");
    let fields = [("name", name), ("is_static", "true")];
    let text = client
        .send_form(&path, &fields, ("csv", "people.csv", &csv), abort)
        .await?;
    let answer: Value = parse(&text)?;
    answer["id"].as_i64().ok_or(ApiError::Unreadable)
}
