//! Parameters in the query string: found, measured, turned into numbers and filters.

use persons_api::json::{self, JsonError};
use persons_api::{FilterTree, Subject};
use persons_engine::Query;
use serde_json::{Map, Value};

use super::error::ApiError;

/// Rows on a page when nothing is said, and at most.
pub(super) const DEFAULT_LIMIT: usize = 100;
const MAX_LIMIT: usize = 1000;

/// No parameter that is compared with texts is longer than this, in characters.
const MAX_TEXT: usize = 1000;

/// Items of a list of texts in one parameter, at most.
const MAX_TEXTS: usize = 1000;

/// The parameters of a request. Of several with one name the last counts.
#[derive(Clone, Debug, Default)]
pub(super) struct Params(Vec<(String, String)>);

/// Which rows of a list are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Window {
    /// Rows to pass over.
    pub(super) offset: usize,
    /// Rows to answer, 1 to 1000.
    pub(super) limit: usize,
}

impl Window {
    /// The rows of a list that exists anyway.
    pub(super) fn of<T>(self, rows: impl Iterator<Item = T>) -> Vec<T> {
        rows.skip(self.offset).take(self.limit).collect()
    }
}

impl Params {
    /// Reads a query string.
    pub(super) fn new(query: &str) -> Self {
        let pairs = form_urlencoded::parse(query.as_bytes()).into_owned();
        Self(
            pairs
                .map(|(name, value)| (name, json::replace_null_characters(value)))
                .collect(),
        )
    }

    /// Returns all parameters, decoded, in the order of the query string.
    pub(super) fn pairs(&self) -> &[(String, String)] {
        &self.0
    }

    /// These and the fields of a JSON body, each as the text that would stand for it in a query string. The
    /// body wins, but for the conditions, and for the place in a list: the link to its next page is a URL to
    /// send the same body to.
    pub(super) fn and(&self, body: &Map<String, Value>) -> Self {
        let mut all = self.0.clone();
        for (name, value) in body {
            let is_place = name == "offset" || name.ends_with("_offset");
            let url_wins = is_place || name == "properties";
            if url_wins && self.get(name).is_some() {
                continue;
            }
            match value {
                Value::Null => {}
                Value::String(text) => all.push((name.clone(), text.clone())),
                value => all.push((name.clone(), value.to_string())),
            }
        }
        Self(all)
    }

    /// Those of these names that are there and not empty, in the order of the names.
    pub(super) fn only<'a>(
        &'a self,
        names: &'a [&'static str],
    ) -> impl Iterator<Item = (&'static str, &'a str)> {
        let named = |&name: &&'static str| Some((name, self.get(name)?));
        names.iter().filter_map(named)
    }

    /// A parameter that is JSON.
    pub(super) fn json(&self, name: &'static str) -> Result<Option<Value>, ApiError> {
        let value = self.get(name).map(json::parse).transpose();
        value.map_err(|error| match error {
            JsonError::TooDeep { .. } => too_deep(name, &error),
            JsonError::Malformed(_) => ApiError::invalid(name, "This has to be JSON."),
        })
    }

    /// A parameter that is a list of texts, as JSON; none if it is not there.
    pub(super) fn texts(&self, name: &'static str) -> Result<Vec<String>, ApiError> {
        let texts = self.json(name)?.map(serde_json::from_value).transpose();
        let wrong = |_| ApiError::invalid(name, "This has to be a list of texts as JSON.");
        let texts: Vec<String> = texts.map_err(wrong)?.unwrap_or_default();
        check_length(name, texts.len(), MAX_TEXTS)?;
        Ok(texts)
    }

    /// A parameter that is there and not empty: forms send empty ones for "nothing".
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.given(name).filter(|value| !value.is_empty())
    }

    /// A parameter that is there, empty or not.
    pub(super) fn given(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().rev().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }

    /// A yes or no, by what it says: a parameter without a value is a yes, one that is not there a no.
    pub(super) fn flag(&self, name: &'static str) -> Result<bool, ApiError> {
        match self.given(name).map(str::to_ascii_lowercase).as_deref() {
            Some("" | "true" | "1" | "yes") => Ok(true),
            None | Some("false" | "0" | "no") => Ok(false),
            Some(_) => Err(ApiError::invalid(name, "Must be a valid boolean.")),
        }
    }

    /// A parameter that is compared with texts.
    pub(super) fn text(&self, name: &'static str) -> Result<Option<&str>, ApiError> {
        match self.get(name) {
            Some(value) if value.chars().nth(MAX_TEXT).is_some() => Err(ApiError::invalid(
                name,
                format!("Ensure this field has no more than {MAX_TEXT} characters."),
            )),
            value => Ok(value),
        }
    }

    /// A number that is not negative. More than the machine can count is as much as it can count.
    pub(super) fn number(&self, name: &'static str) -> Result<Option<usize>, ApiError> {
        let Some(text) = self.get(name) else {
            return Ok(None);
        };
        let digits = text.strip_prefix('-').unwrap_or(text);
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(ApiError::invalid(name, "A valid integer is required."));
        }
        if digits.len() < text.len() {
            return Err(too_small(name, 0));
        }
        Ok(Some(digits.parse().unwrap_or(usize::MAX)))
    }

    /// `limit` and `offset`. More rows than a page can have are a full page, with a link to the next.
    pub(super) fn window(&self) -> Result<Window, ApiError> {
        self.window_of(DEFAULT_LIMIT)
    }

    /// [`Self::window`] of a list with a usual length of its own.
    pub(super) fn window_of(&self, default_limit: usize) -> Result<Window, ApiError> {
        self.window_named("limit", "offset", default_limit)
    }

    /// [`Self::window`] of a list whose parameters are called otherwise.
    pub(super) fn window_named(
        &self,
        limit: &'static str,
        offset: &'static str,
        default_limit: usize,
    ) -> Result<Window, ApiError> {
        let limit = match self.number(limit)? {
            Some(0) => return Err(too_small(limit, 1)),
            Some(limit) => limit.min(MAX_LIMIT),
            None => default_limit,
        };
        let offset = self.number(offset)?.unwrap_or(0);
        Ok(Window { offset, limit })
    }

    /// Who is asked for: the parameters of every list of people.
    pub(super) fn query(&self) -> Result<Query, ApiError> {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        Ok(Query {
            search: owned(self.text("search")?),
            email: owned(self.text("email")?),
            distinct_id: owned(self.text("distinct_id")?),
            filter: FilterTree::parse(self.get("properties").unwrap_or_default(), Subject::Person)?,
        })
    }
}

/// Returns the error for JSON in a parameter or field that is nested too deeply.
pub(super) fn too_deep(name: &'static str, error: &JsonError) -> ApiError {
    ApiError::invalid(name, format!("This value is {error}."))
}

/// Checks how many items a list has.
pub(super) fn check_length(name: &'static str, length: usize, max: usize) -> Result<(), ApiError> {
    if length > max {
        let detail = format!("Ensure this list has no more than {max} items.");
        return Err(ApiError::invalid(name, detail));
    }
    Ok(())
}

fn too_small(name: &'static str, least: u8) -> ApiError {
    ApiError::invalid(
        name,
        format!("Ensure this value is greater than or equal to {least}."),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(query: &str) -> Result<(usize, usize), ApiError> {
        let window = Params::new(query).window()?;
        Ok((window.offset, window.limit))
    }

    #[test]
    fn pages_have_a_hundred_rows_unless_told_and_never_more_than_a_thousand() {
        assert_eq!(window(""), Ok((0, 100)));
        assert_eq!(window("limit=&offset="), Ok((0, 100)));
        assert_eq!(window("limit=7&offset=30"), Ok((30, 7)));
        assert_eq!(window("limit=99999999999999999999999"), Ok((0, 1000)));
    }

    #[test]
    fn what_is_no_count_is_refused_by_name() {
        for (query, name) in [
            ("limit=0", "limit"),
            ("limit=-1", "limit"),
            ("limit=ten", "limit"),
            ("limit=1.5", "limit"),
            ("limit=%2B5", "limit"),
            ("offset=-1", "offset"),
            ("offset=0x1", "offset"),
        ] {
            let Err(ApiError::Invalid { attr, .. }) = window(query) else {
                panic!("{query} was accepted");
            };
            assert_eq!(attr, Some(name), "{query}");
        }
    }

    #[test]
    fn the_last_of_several_counts() {
        assert_eq!(Params::new("a=1&a=2&b=%26+c").get("a"), Some("2"));
        assert_eq!(Params::new("a=1&a=2&b=%26+c").get("b"), Some("& c"));
    }

    #[test]
    fn long_texts_are_refused() {
        let params = Params::new(&format!(
            "search={}&email={}",
            "é".repeat(1000),
            "é".repeat(1001)
        ));
        assert!(params.text("search").is_ok());
        assert!(params.text("email").is_err());
    }
}
