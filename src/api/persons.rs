//! People: lists of them, one of them, and the values of their properties.

use persons_api::{Page, Person, ValueCount, ValueCounts};
use uuid::Uuid;

use super::client::parse;
use super::url::resolve_next;
use super::{ApiError, Client};
use crate::platform::Abort;
use crate::routes::{encode, encode_query};

/// Rows a page asks for. The page's script in index.html asks for as many.
pub const PAGE_SIZE: usize = 100;

/// Pages without anybody that are passed over at once. A server that links them in a circle is left then.
const MAX_EMPTY_PAGES: u32 = 20;

/// One page of the list, and the way to the next.
#[derive(Clone, Debug, PartialEq)]
pub struct People {
    /// The people on this page.
    pub rows: Vec<Person>,
    /// How many there are in all, where the server counts them.
    pub count: Option<u64>,
    /// What to pass to [`more`]; `None` on the last page. A short page is not the last one.
    pub next: Option<String>,
}

/// The first page of people that fit the parameters (`search`, `properties`).
///
/// # Errors
/// See [`ApiError`].
pub async fn list(
    client: &Client,
    parameters: &[(&'static str, String)],
    abort: &Abort,
) -> Result<People, ApiError> {
    let query = encode_query(parameters, '&');
    let path = client.in_this_project(&format!("persons/?limit={PAGE_SIZE}{query}"));
    more(client, &path, abort).await
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

/// The page that [`People::next`] leads to.
///
/// # Errors
/// See [`ApiError`].
pub async fn more(client: &Client, path: &str, abort: &Abort) -> Result<People, ApiError> {
    let mut path = path.to_owned();
    let mut empty_pages = 0;
    loop {
        let page: Page<Person> = client.get(&path, abort).await?;
        let next = page.next.and_then(|next| resolve_next(&path, &next));
        match next {
            // Everybody on a page may have been deleted since the server counted them.
            Some(next) if page.results.is_empty() && empty_pages < MAX_EMPTY_PAGES => {
                path = next;
                empty_pages += 1;
            }
            next => {
                return Ok(People {
                    next,
                    rows: page.results,
                    count: page.count,
                });
            }
        }
    }
}

/// What came of looking somebody up.
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    /// The person, and what the server said byte for byte.
    Person(Box<Person>, String),
    /// The text was a distinct id of the person with this UUID.
    ByDistinctId(Uuid),
}

/// The person with this UUID or number; else the one who has it as a distinct id.
///
/// Distinct ids often look like UUIDs, so a UUID that is nobody's is looked for among them, too.
///
/// # Errors
/// [`ApiError::NotFound`] when it is nobody's at all; see [`ApiError`] for the rest.
pub async fn find(client: &Client, id: &str, abort: &Abort) -> Result<Found, ApiError> {
    let path = client.in_this_project(&format!("persons/{}/", encode(id)));
    let is_person_id = Uuid::try_parse(id).is_ok() || id.parse::<i64>().is_ok();
    if is_person_id {
        match client.get_text(&path, abort).await {
            Err(ApiError::NotFound | ApiError::Invalid { .. }) => {}
            answer => {
                let text = answer?;
                return Ok(Found::Person(parse(&text)?, text));
            }
        }
    }
    let query = encode_query(&[("distinct_id", id.to_owned())], '?');
    let path = client.in_this_project(&format!("persons/{query}"));
    let page: Page<Person> = client.get(&path, abort).await?;
    match page.results.first() {
        Some(person) => Ok(Found::ByDistinctId(person.uuid)),
        None => Err(ApiError::NotFound),
    }
}

/// The most frequent values under a property key that contain the text.
///
/// # Errors
/// See [`ApiError`].
pub async fn values(
    client: &Client,
    key: &str,
    text: &str,
    abort: &Abort,
) -> Result<Vec<ValueCount>, ApiError> {
    let parameters = [("key", key.to_owned()), ("value", text.to_owned())];
    let query = encode_query(&parameters, '?');
    let path = client.in_this_project(&format!("persons/values/{query}"));
    let values: ValueCounts = client.get(&path, abort).await?;
    Ok(values.into_list())
}
