//! What people did.

use persons_api::{Properties, Timestamp};
use serde_json::{Value, json};
use uuid::Uuid;

use super::client::parse;
use super::url::resolve_next;
use super::{ApiError, Client, numbers};
use crate::platform::Abort;
use crate::routes::encode_query;

/// Something somebody did.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Its UUID.
    pub id: String,
    /// Its name.
    pub name: String,
    /// When.
    pub at: Timestamp,
    /// What else is known about it.
    pub properties: Properties,
}

/// Which events of a person.
#[derive(Clone, Debug, PartialEq)]
pub struct Wanted {
    /// Whose.
    pub person: Uuid,
    /// Of this name; of any if empty.
    pub name: String,
    /// Later than this moment, and earlier than that one.
    pub range: [Option<Timestamp>; 2],
    /// Whether the oldest come first.
    pub is_oldest_first: bool,
    /// How many on a page.
    pub page_size: usize,
}

/// Some events, in the order that was wanted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    /// The events.
    pub events: Vec<Event>,
    /// Where it goes on.
    pub next: Option<Next>,
}

/// Where it goes on.
#[derive(Clone, Debug, PartialEq)]
pub enum Next {
    /// At this path.
    Path(String),
    /// With a query, after so many.
    Offset(usize),
}

/// A page of events: the first, or where the one before said it goes on. Servers that list no events any more
/// are asked with a query.
///
/// # Errors
/// See [`ApiError`].
pub async fn page(
    client: &Client,
    wanted: &Wanted,
    from: Option<Next>,
    abort: &Abort,
) -> Result<Page, ApiError> {
    let path = match from {
        Some(Next::Path(path)) => path,
        Some(Next::Offset(offset)) => return queried(client, wanted, offset, abort).await,
        None => first_path(client, wanted),
    };
    match listed(client, &path, abort).await {
        Err(ApiError::NotOffered | ApiError::NotFound) => queried(client, wanted, 0, abort).await,
        answer => answer,
    }
}

fn first_path(client: &Client, wanted: &Wanted) -> String {
    let mut parameters = vec![
        ("person_id", wanted.person.to_string()),
        ("limit", wanted.page_size.to_string()),
    ];
    if !wanted.name.is_empty() {
        parameters.push(("event", wanted.name.clone()));
    }
    for (name, moment) in ["after", "before"].into_iter().zip(wanted.range) {
        parameters.extend(moment.map(|moment| (name, moment.to_string())));
    }
    if wanted.is_oldest_first {
        parameters.push(("orderBy", json!(["timestamp"]).to_string()));
    }
    client.in_this_project(&format!("events/{}", encode_query(&parameters, '?')))
}

async fn listed(client: &Client, path: &str, abort: &Abort) -> Result<Page, ApiError> {
    let text = client.get_text(path, abort).await?;
    let answer: Value = parse(&text)?;
    let results = answer["results"].as_array().ok_or(ApiError::Unreadable)?;
    let next = answer["next"].as_str();
    Ok(Page {
        events: results.iter().filter_map(event).collect(),
        next: next
            .and_then(|next| resolve_next(path, next))
            .map(Next::Path),
    })
}

async fn queried(
    client: &Client,
    wanted: &Wanted,
    offset: usize,
    abort: &Abort,
) -> Result<Page, ApiError> {
    let order = ["timestamp DESC", "timestamp ASC"][usize::from(wanted.is_oldest_first)];
    let mut query = json!({
        "kind": "EventsQuery",
        "select": ["*"],
        "personId": wanted.person,
        "orderBy": [order],
        "limit": wanted.page_size,
        "offset": offset,
    });
    if !wanted.name.is_empty() {
        query["event"] = json!(wanted.name);
    }
    // Without a beginning newer servers look at the last day only.
    query["after"] = wanted.range[0].map_or(json!("all"), |moment| json!(moment));
    if let Some(moment) = wanted.range[1] {
        query["before"] = json!(moment);
    }
    let answer = numbers::query(client, &query, Default::default(), abort).await?;
    let results = answer["results"].as_array().ok_or(ApiError::Unreadable)?;
    let has_more = answer["hasMore"] == true;
    Ok(Page {
        events: results.iter().filter_map(|row| event(&row[0])).collect(),
        next: has_more.then_some(Next::Offset(offset + wanted.page_size)),
    })
}

/// An event of a list (`id`, properties as an object) or of a query (`uuid`, properties also as text).
fn event(value: &Value) -> Option<Event> {
    let properties = match &value["properties"] {
        Value::String(text) => serde_json::from_str(text).ok()?,
        properties => properties.as_object().cloned().unwrap_or_default(),
    };
    let id = value["id"].as_str().or(value["uuid"].as_str())?;
    Some(Event {
        id: id.to_owned(),
        name: value["event"].as_str()?.to_owned(),
        at: Timestamp::parse(value["timestamp"].as_str()?)?,
        properties,
    })
}

/// What was wanted, oldest first, and whether that is all. At most about `most` events.
///
/// # Errors
/// See [`ApiError`].
pub async fn all(
    client: &Client,
    wanted: &Wanted,
    most: usize,
    abort: &Abort,
) -> Result<(Vec<Event>, bool), ApiError> {
    let mut events = Vec::new();
    let mut next = None;
    loop {
        let found = page(client, wanted, next, abort).await?;
        events.extend(found.events);
        next = found.next;
        if next.is_none() || events.len() >= most {
            if !wanted.is_oldest_first {
                events.reverse();
            }
            return Ok((events, next.is_none()));
        }
    }
}
