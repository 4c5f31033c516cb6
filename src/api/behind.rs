//! The people behind a number of an insight.

use persons_api::Person;
use serde_json::{Value, json};

use super::client::parse;
use super::numbers::{self, QueryOptions};
use super::url::resolve_next;
use super::{ApiError, Client};
use crate::people::looks_anonymous;
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
    /// In a retention table: in which columns of the row they appear. The last ones may be left out.
    pub appearances: Vec<bool>,
}

/// Somebody behind a number whom the server cannot find any more: they were merged into another person, or deleted.
#[derive(Clone, Debug, PartialEq)]
pub struct UnresolvedActor {
    /// The UUID that they had.
    pub id: String,
    /// See [`Row::appearances`].
    pub appearances: Vec<bool>,
}

/// A page of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    /// Who is on it.
    pub rows: Vec<Row>,
    /// Who was merged or deleted.
    pub unresolved: Vec<UnresolvedActor>,
    /// How many are behind the number and cannot be listed: of the page of a query, of the whole list elsewhere.
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
        unresolved: Vec::new(),
        missing: answer["missing_persons"].as_u64().unwrap_or_default(),
        next,
    })
}

/// Lists come in one of two shapes: of people, or of people with their appearances, one flag for each column.
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

/// The people of a query, as they are asked for.
#[derive(Clone, Copy, Debug)]
pub struct ActorsRequest<'a> {
    /// The source of the `ActorsQuery`.
    pub source: &'a Value,
    /// What the server searches for; empty for everybody.
    pub search: &'a str,
    /// After so many.
    pub offset: usize,
    /// Whether the server computes the list even if it has a cached one.
    pub is_forced: bool,
    /// The keys of the project that a person's name is chosen from; `None` for PostHog's own.
    pub name_keys: Option<&'a [String]>,
}

/// A page of the people of a query.
///
/// # Errors
/// See [`ApiError`].
pub async fn queried(
    client: &Client,
    request: ActorsRequest<'_>,
    abort: &Abort,
) -> Result<Page, ApiError> {
    let options = QueryOptions {
        is_forced: request.is_forced,
        on_progress: None,
    };
    let answer = numbers::query(client, &actors_query(request), options, abort).await?;
    actors_page(request, &answer).ok_or(ApiError::Unreadable)
}

fn actors_query(request: ActorsRequest<'_>) -> Value {
    let ActorsRequest {
        source,
        search,
        offset,
        ..
    } = request;
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
    query
}

fn actors_page(request: ActorsRequest<'_>, answer: &Value) -> Option<Page> {
    let mut page = Page {
        missing: answer["missing_actors_count"].as_u64().unwrap_or_default(),
        next: (answer["hasMore"] == true).then_some(Next::Offset(request.offset + PAGE_SIZE)),
        ..Page::default()
    };
    for columns in answer["results"].as_array()? {
        let (actor, more) = (&columns[0], &columns[1]);
        let appearances = match more.as_array() {
            Some(intervals) => appearances(intervals),
            None => Vec::new(),
        };
        match person_of_query(actor, request.name_keys) {
            Some(person) if actor["is_unresolved"] != true => page.rows.push(Row {
                person,
                value: more.as_f64(),
                appearances,
            }),
            _ => page.unresolved.push(UnresolvedActor {
                // Of an actor without properties, some versions send the UUID alone.
                id: actor["id"]
                    .as_str()
                    .or(actor.as_str())
                    .unwrap_or_default()
                    .to_owned(),
                appearances,
            }),
        }
    }
    Some(page)
}

/// The flags of the columns in a list of the intervals in which somebody appears: `[0, 2]`.
fn appearances(intervals: &[Value]) -> Vec<bool> {
    let mut flags = Vec::new();
    for interval in intervals.iter().filter_map(Value::as_u64) {
        let Ok(interval) = usize::try_from(interval) else {
            continue;
        };
        // No table has more columns; a wrong number must not fill the memory.
        if interval < MAX_INTERVALS {
            flags.resize(flags.len().max(interval + 1), false);
            flags[interval] = true;
        }
    }
    flags
}

/// More intervals than these are not drawn.
const MAX_INTERVALS: usize = 1000;

/// The keys that PostHog chooses names from where a project says nothing else, of all its versions.
const NAME_KEYS: [&str; 8] = [
    "email", "Email", "$email", "name", "Name", "username", "Username", "UserName",
];

/// A person as queries have them: the id is the UUID, and there is no name. Servers before PostHog's query API
/// send both.
fn person_of_query(value: &Value, name_keys: Option<&[String]>) -> Option<Person> {
    let mut value = value.clone();
    let name = display_name(&value, name_keys);
    let id = value["id"].clone();
    let fields = value.as_object_mut()?;
    fields.entry("uuid").or_insert(id);
    fields.entry("name").or_insert(json!(name));
    fields.entry("distinct_ids").or_insert(json!([]));
    serde_json::from_value(value).ok()
}

/// The name that PostHog shows: the first of these properties that has a value, else the first distinct id that was
/// not made by a machine. Empty if there is none.
fn display_name(person: &Value, name_keys: Option<&[String]>) -> String {
    let of_property = |key: &str| match &person["properties"][key] {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()).filter(|number| number != "0"),
        _ => None,
    };
    let property = match name_keys {
        Some(keys) => keys.iter().find_map(|key| of_property(key)),
        None => NAME_KEYS.iter().find_map(|key| of_property(key)),
    };
    let ids = person["distinct_ids"].as_array().into_iter().flatten();
    let mut ids = ids.filter_map(Value::as_str);
    property
        .or_else(|| ids.find(|id| !looks_anonymous(id)).map(str::to_owned))
        .unwrap_or_default()
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

#[cfg(test)]
mod tests {
    use super::*;

    fn uuid(number: u8) -> String {
        format!("00000000-0000-0000-0000-{number:012}")
    }

    fn request(source: &Value) -> ActorsRequest<'_> {
        ActorsRequest {
            source,
            search: "",
            offset: 100,
            is_forced: false,
            name_keys: None,
        }
    }

    fn page(answer: &Value) -> Page {
        actors_page(request(&Value::Null), answer).expect("a page")
    }

    #[test]
    fn the_columns_of_an_actors_query_depend_on_its_source() {
        let select = |kind: &str| {
            let source = json!({"kind": "InsightActorsQuery", "source": {"kind": kind}});
            actors_query(request(&source))["select"].clone()
        };
        assert_eq!(select("TrendsQuery"), json!(["person", "event_count"]));
        assert_eq!(select("RetentionQuery"), json!(["person", "appearances"]));
        assert_eq!(select("StickinessQuery"), json!(["person"]));
    }

    #[test]
    fn appearances_in_queries_are_numbers_of_intervals() {
        let people = [
            json!([0, 1, 2, 3]),
            json!([0, 2]),
            json!([0]),
            json!([0, 1]),
        ];
        let results: Vec<Value> = (1..)
            .zip(people)
            .map(|(number, appearances)| json!([{"id": uuid(number)}, appearances]))
            .collect();
        let page = page(&json!({"results": results}));
        let there = |column: usize| {
            let rows = page.rows.iter();
            rows.filter(|row| row.appearances.get(column) == Some(&true))
                .count()
        };
        assert_eq!([0, 1, 2, 3, 4].map(there), [4, 2, 2, 1, 0]);
    }

    #[test]
    fn a_wrong_interval_does_not_fill_the_memory() {
        let intervals = [json!(1), json!(u64::MAX), json!(-1), json!("2")];
        assert_eq!(appearances(&intervals), [false, true]);
    }

    #[test]
    fn appearances_of_lists_are_flags() {
        let person = json!({"id": 1, "uuid": uuid(1)});
        let answer = json!({"result": [{"person": person, "appearances": [1, 0, 1]}]});
        let rows = rows(&answer).expect("rows");
        assert_eq!(rows[0].appearances, [true, false, true]);
    }

    #[test]
    fn people_of_queries_have_the_names_that_posthog_shows() {
        let machine = "0190c0de-0000-7000-8000-000000000001";
        let name = |person: Value, keys: Option<&[&str]>| {
            let keys = keys.map(|keys| keys.iter().map(|key| (*key).to_owned()).collect());
            let keys: Option<Vec<String>> = keys;
            display_name(&person, keys.as_deref())
        };
        let ada = json!({"properties": {"email": "ada@x.org", "name": "Ada", "nick": 7, "off": false},
            "distinct_ids": [machine, "user-1"]});
        assert_eq!(name(ada.clone(), None), "ada@x.org");
        assert_eq!(name(ada.clone(), Some(&["off", "nick", "email"])), "7");
        // The project's keys are all that counts, but for distinct ids.
        assert_eq!(name(ada, Some(&["title"])), "user-1");
        assert_eq!(name(json!({"distinct_ids": [machine]}), None), "");
        assert_eq!(name(json!({"properties": null}), None), "");
    }

    #[test]
    fn a_person_of_a_query_needs_neither_name_nor_uuid() {
        let person = json!({"id": uuid(1), "properties": {"email": "ada@x.org"}, "is_identified": true,
            "created_at": "2026-03-01T10:00:00Z", "distinct_ids": ["a"]});
        let page = page(&json!({"results": [[person, 3]], "hasMore": true}));
        let row = &page.rows[0];
        assert_eq!(row.person.uuid.to_string(), uuid(1));
        assert_eq!(row.person.name, "ada@x.org");
        assert_eq!((row.value, page.next), (Some(3.0), Some(Next::Offset(200))));
    }

    #[test]
    fn unresolved_actors_are_not_listed_and_counted_apart() {
        let unresolved = json!({"id": uuid(2), "is_unresolved": true});
        let answer = json!({"results": [[{"id": uuid(1)}, [0]], [unresolved, [1]]], "missing_actors_count": 4});
        let page = page(&answer);
        assert_eq!((page.rows.len(), page.missing), (1, 4));
        let expected = UnresolvedActor {
            id: uuid(2),
            appearances: vec![false, true],
        };
        assert_eq!(page.unresolved, [expected]);
    }
}
