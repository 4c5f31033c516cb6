//! People: lists of them, one of them, and the values of their properties.

use persons_api::{Page, Person, Timestamp};
use uuid::Uuid;

use super::client::parse;
use super::kept::{self, Answer};
use super::url::resolve_next;
use super::{ApiError, Client};
use crate::platform::Abort;
use crate::routes::{encode, encode_query};

/// Rows a page asks for. The page's script in index.html asks for as many.
pub const PAGE_SIZE: usize = 100;

/// Letters of a distinct id that are kept of a longer one when it comes with an event.
const LONGEST_ID: usize = 200;

/// Pages without anybody that are passed over at once. A server that links them in a circle is left then.
const MAX_EMPTY_PAGES: u32 = 20;

/// Parameters of the list (`search`, `properties`).
pub type Parameters = [(&'static str, String)];

/// One page of the list, and the way to the next.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct People {
    /// The people on this page.
    pub rows: Vec<Person>,
    /// How many there are in all, where the server counts them.
    pub count: Option<u64>,
    /// What to pass to [`more`]; empty on the last page. A short page is not the last one.
    pub next: Vec<String>,
    /// The answers as they travelled, by their paths.
    answers: Vec<(String, String)>,
}

impl People {
    /// Keeps the answers, to show them before the server gives them again.
    pub fn keep(&self, client: &Client) {
        for (path, text) in &self.answers {
            kept::keep(client, path, text);
        }
    }
}

fn first_page(client: &Client, parameters: &Parameters) -> String {
    let query = encode_query(parameters, '&');
    client.in_this_project(&format!("persons/?limit={PAGE_SIZE}{query}"))
}

/// The first page of people who fit the parameters.
///
/// # Errors
/// See [`ApiError`].
pub async fn list(
    client: &Client,
    parameters: &Parameters,
    abort: &Abort,
) -> Result<People, ApiError> {
    more(client, &[first_page(client, parameters)], abort).await
}

/// The first pages of people who fit any of several lists of parameters: for servers that know no OR.
///
/// # Errors
/// See [`ApiError`].
pub async fn any(
    client: &Client,
    alternatives: &[Vec<(&'static str, String)>],
    abort: &Abort,
) -> Result<People, ApiError> {
    let pages: Vec<_> = alternatives
        .iter()
        .map(|parameters| first_page(client, parameters))
        .collect();
    more(client, &pages, abort).await
}

/// The first page of [`list`] as it was answered last, and when.
pub fn kept_list(client: &Client, parameters: &Parameters) -> Option<(People, Timestamp)> {
    let path = first_page(client, parameters);
    let Answer { text, at, .. } = kept::recall(client, &path)?;
    Some((page_of(&path, &text).ok()?, at))
}

/// The people on a page that was kept: the latest has the first place.
pub fn nth_kept_page(client: &Client, place: usize) -> Option<Vec<Person>> {
    let lists = client.in_this_project("persons/?");
    let answer = kept::nth(client, &lists, place)?;
    let page = parse::<Page<Person>>(&answer.text);
    Some(page.map(|page| page.results).unwrap_or_default())
}

/// The first few who fit a search.
///
/// # Errors
/// See [`ApiError`].
pub async fn some(
    client: &Client,
    search: &str,
    most: usize,
    abort: &Abort,
) -> Result<Vec<Person>, ApiError> {
    let query = encode_query(&[("search", search.to_owned())], '&');
    let path = client.in_this_project(&format!("persons/?limit={most}{query}"));
    let page: Page<Person> = client.get(&path, abort).await?;
    Ok(page.results)
}

/// The pages that [`People::next`] leads to, as one. Somebody can be on several of them.
///
/// # Errors
/// See [`ApiError`].
pub async fn more(client: &Client, paths: &[String], abort: &Abort) -> Result<People, ApiError> {
    let mut all = People::default();
    for path in paths {
        let page = page_with_somebody(client, path, abort).await?;
        for person in page.rows {
            let is_before = |known: &Person| known.created_at >= person.created_at;
            let place = match paths.len() {
                1 => all.rows.len(),
                _ => all.rows.partition_point(is_before),
            };
            all.rows.insert(place, person);
        }
        all.next.extend(page.next);
        all.answers.extend(page.answers);
        // How many fit several lists of conditions, nobody can say.
        all.count = page.count.filter(|_| paths.len() == 1);
    }
    Ok(all)
}

async fn page_with_somebody(
    client: &Client,
    path: &str,
    abort: &Abort,
) -> Result<People, ApiError> {
    let mut path = path.to_owned();
    let mut empty_pages = 0;
    loop {
        let text = client.get_text(&path, abort).await;
        let text = text.inspect_err(forget_if_refused)?;
        let mut page = page_of(&path, &text)?;
        match page.next.first() {
            // Everybody on a page may have been deleted since the server counted them.
            Some(next) if page.rows.is_empty() && empty_pages < MAX_EMPTY_PAGES => {
                path = next.clone();
                empty_pages += 1;
            }
            _ => {
                page.answers.push((path, text));
                return Ok(page);
            }
        }
    }
}

/// Who may not see people any more keeps none.
fn forget_if_refused(error: &ApiError) {
    if matches!(error, ApiError::Unauthorized | ApiError::Forbidden { .. }) {
        kept::forget();
    }
}

fn page_of(path: &str, text: &str) -> Result<People, ApiError> {
    let page: Page<Person> = parse(text)?;
    let next = page.next.and_then(|next| resolve_next(path, &next));
    Ok(People {
        rows: page.results,
        count: page.count,
        next: next.into_iter().collect(),
        answers: Vec::new(),
    })
}

/// What came of looking somebody up.
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    /// The person, and what the server said byte for byte.
    Person(Box<Person>, String),
    /// The text was a distinct id of the person with this UUID.
    ByDistinctId(Uuid),
}

fn person_path(client: &Client, id: &str) -> String {
    client.in_this_project(&format!("persons/{}/", encode(id)))
}

/// The person with this UUID or number as the server knew them last: whom, in which words, and when.
pub fn kept_person(client: &Client, id: &str) -> Option<(Box<Person>, String, Timestamp)> {
    let Answer { text, at, .. } = kept::recall(client, &person_path(client, id))?;
    Some((parse(&text).ok()?, text, at))
}

/// Asks for somebody who may be wanted soon, unless the answer is known since `fresh_since`.
pub async fn prefetch(client: &Client, uuid: Uuid, fresh_since: Timestamp) {
    let path = person_path(client, &uuid.to_string());
    let known = kept::recall(client, &path);
    if known.is_some_and(|known| known.at >= fresh_since) {
        return;
    }
    // Nobody waits for it: whoever does ask, asks again and is told what is wrong.
    let client = client.clone().hasty();
    if let Ok(text) = client.get_text(&path, &Abort::new()).await {
        kept::keep(&client, &path, &text);
    }
}

/// The person with this UUID or number; else the one who has it as a distinct id.
///
/// Distinct ids often look like UUIDs, so a UUID that is nobody's is looked for among them, too.
///
/// # Errors
/// [`ApiError::NotFound`] when it is nobody's at all; see [`ApiError`] for the rest.
pub async fn find(client: &Client, id: &str, abort: &Abort) -> Result<Found, ApiError> {
    let path = person_path(client, id);
    let is_person_id = Uuid::try_parse(id).is_ok() || id.parse::<i64>().is_ok();
    if is_person_id {
        match client.get_text(&path, abort).await {
            Err(ApiError::NotFound | ApiError::Invalid { .. }) => kept::drop(client, &path),
            answer => {
                let text = answer.inspect_err(forget_if_refused)?;
                let person = parse(&text)?;
                kept::keep(client, &path, &text);
                return Ok(Found::Person(person, text));
            }
        }
    }
    let mut found = by_distinct_id(client, id, abort).await?;
    if let (None, Some((end, _))) = (found, id.char_indices().nth(LONGEST_ID)) {
        found = by_distinct_id(client, &id[..end], abort).await?;
    }
    found.map(Found::ByDistinctId).ok_or(ApiError::NotFound)
}

/// The person with this UUID, if there is one.
///
/// # Errors
/// See [`ApiError`].
pub async fn by_uuid(
    client: &Client,
    uuid: Uuid,
    abort: &Abort,
) -> Result<Option<Box<Person>>, ApiError> {
    match client
        .get(&person_path(client, &uuid.to_string()), abort)
        .await
    {
        Ok(person) => Ok(Some(person)),
        Err(ApiError::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The person who has this distinct id now.
///
/// # Errors
/// See [`ApiError`].
pub async fn owner(client: &Client, id: &str, abort: &Abort) -> Result<Option<Uuid>, ApiError> {
    by_distinct_id(client, id, abort).await
}

/// Keeps nothing of somebody any more: they are not what they were.
pub fn forget(client: &Client, uuid: Uuid) {
    kept::drop(client, &person_path(client, &uuid.to_string()));
}

/// How the deletion of somebody's events stands, in the server's word; `None` where it knows of none.
///
/// # Errors
/// See [`ApiError`].
pub async fn deletion_status(
    client: &Client,
    uuid: Uuid,
    abort: &Abort,
) -> Result<Option<String>, ApiError> {
    let path = client.in_this_project(&format!(
        "persons/deletion_status/?status=all&person_uuid={uuid}"
    ));
    let answer: serde_json::Value = client.get(&path, abort).await?;
    Ok(answer["results"][0]["status"].as_str().map(str::to_owned))
}

async fn by_distinct_id(
    client: &Client,
    id: &str,
    abort: &Abort,
) -> Result<Option<Uuid>, ApiError> {
    let query = encode_query(&[("distinct_id", id.to_owned())], '?');
    let path = client.in_this_project(&format!("persons/{query}"));
    let page: Page<Person> = client.get(&path, abort).await?;
    Ok(page.results.first().map(|person| person.uuid))
}
