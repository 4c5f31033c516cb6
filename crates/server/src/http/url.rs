//! One resource, many URLs: nested under a project or an environment, or flat; with or
//! without a trailing slash; with or without a format suffix. All become the one form the routes know,
//! before routing; what was asked stays known for links, without the keys in it.

use std::fmt;

use axum::extract::Request;
use axum::http::Uri;
use axum::http::uri::PathAndQuery;
use form_urlencoded::Serializer;

use super::params::Params;

/// The collections of a project that are also served flat, for the only project there is.
const FLAT: [(&str, &str); 12] = [
    ("person", "persons"),
    ("persons", "persons"),
    ("cohorts", "cohorts"),
    ("event_definitions", "event_definitions"),
    ("property_definitions", "property_definitions"),
    ("ingestion_warnings", "ingestion_warnings"),
    ("actions", "actions"),
    ("event", "events"),
    ("events", "events"),
    ("query", "query"),
    ("insight", "insights"),
    ("insights", "insights"),
];

/// The path as it was asked for, before it is rewritten. Goes along with the request as an extension.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct AskedPath {
    /// The path, percent-encoded as it arrived.
    pub(super) path: String,
    /// `json` or `csv` where the path ended in it.
    pub(super) suffix: Option<&'static str>,
}

impl AskedPath {
    /// Returns the path with this project in the place of the one it names.
    pub(super) fn in_project(&self, project: i64) -> String {
        let mut segments: Vec<&str> = self.path.split('/').collect();
        let project = project.to_string();
        if let ["", "api", "projects" | "environments", named, ..] = segments.as_mut_slice() {
            *named = &project;
        }
        segments.join("/")
    }
}

/// The parameter that may hold a personal API key.
pub(super) const KEY_PARAMETER: &str = "personal_api_key";

/// Whether a parameter is meant to hold a personal API key, even if its name is written so that it does not count:
/// in other letters, with other separators, or encoded more than once.
fn is_key_parameter(name: &str) -> bool {
    let mut name = name.replace(['&', '='], "");
    // Each round of decoding makes the name shorter.
    while name.contains('%') {
        let decoded = form_urlencoded::parse(name.as_bytes()).next();
        match decoded.map(|(decoded, _)| decoded.replace(['&', '='], "")) {
            Some(decoded) if decoded != name => name = decoded,
            _ => break,
        }
    }
    let letters = name.chars().filter(char::is_ascii_alphanumeric);
    let letters = letters.map(|letter| letter.to_ascii_lowercase());
    letters.eq(KEY_PARAMETER.chars().filter(|c| *c != '_'))
}

/// The URL of a request, as links in its response repeat it: rebuilt from the parsed parameters, so that no
/// encoding of a parameter's name carries a key along.
///
/// The project's capture token (`token`, `api_key`) stays. It is no secret, and it may be what names the project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RequestUrl {
    /// Everything before the question mark.
    base: String,
    params: Vec<(String, String)>,
}

impl RequestUrl {
    /// Takes the parameters that hold no credentials. `key` is the key that came with the request, wherever it
    /// was.
    pub(super) fn new(base: String, params: &Params, key: Option<&str>) -> Self {
        let is_key = |text: &str| is_key_parameter(text) || Some(text) == key;
        let params = params.pairs().iter();
        let params = params.filter(|(name, value)| !is_key(name) && Some(value.as_str()) != key);
        Self {
            base,
            params: params.cloned().collect(),
        }
    }

    /// Returns the URL with other values of some parameters, or without those that change to `None`.
    pub(super) fn with(&self, changes: &[(&str, Option<String>)]) -> String {
        let mut query = Serializer::new(String::new());
        let mut is_written = vec![false; changes.len()];
        for (name, value) in &self.params {
            match changes.iter().position(|(changed, _)| changed == name) {
                None => {
                    query.append_pair(name, value);
                }
                Some(place) => {
                    if let (Some(value), false) = (&changes[place].1, is_written[place]) {
                        query.append_pair(name, value);
                    }
                    is_written[place] = true;
                }
            }
        }
        for ((name, value), _) in changes.iter().zip(is_written).filter(|(_, done)| !done) {
            if let Some(value) = value {
                query.append_pair(name, value);
            }
        }
        match query.finish() {
            query if query.is_empty() => self.base.clone(),
            query => format!("{}?{query}", self.base),
        }
    }
}

impl fmt::Display for RequestUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.with(&[]))
    }
}

/// Rewrites the request's URL into the form that the routes know.
pub(super) fn normalise(mut request: Request) -> Request {
    let uri = request.uri();
    let (path, suffix) = canonical(uri.path());
    let asked = AskedPath {
        path: uri.path().to_owned(),
        suffix,
    };
    let path_and_query = match uri.query() {
        Some(query) => format!("{path}?{query}"),
        None => path,
    };
    // Only whole segments of a valid path were moved about, so this parses; if not, the URL stays
    // as it is and finds no route.
    if let Ok(path_and_query) = PathAndQuery::try_from(path_and_query) {
        let mut parts = uri.clone().into_parts();
        parts.path_and_query = Some(path_and_query);
        if let Ok(uri) = Uri::from_parts(parts) {
            *request.uri_mut() = uri;
        }
    }
    request.extensions_mut().insert(asked);
    request
}

/// The one form of a path, and the format its suffix asked for.
fn canonical(path: &str) -> (String, Option<&'static str>) {
    let bare = path.strip_suffix('/').unwrap_or(path);
    let Some(rest) = bare.strip_prefix("/api/") else {
        return (if bare.is_empty() { "/" } else { bare }.to_owned(), None);
    };
    let (rest, suffix) = ["json", "csv"]
        .into_iter()
        .find_map(|format| {
            let rest = rest.strip_suffix(format)?.strip_suffix('.')?;
            (!rest.is_empty() && !rest.ends_with('/')).then_some((rest, Some(format)))
        })
        .unwrap_or((rest, None));
    let (first, below) = rest.split_once('/').map_or((rest, ""), |(a, b)| (a, b));
    let slash = if below.is_empty() { "" } else { "/" };
    if first == "environments" {
        return (format!("/api/projects{slash}{below}"), suffix);
    }
    match FLAT.iter().find(|(flat, _)| *flat == first) {
        Some((_, resource)) => (
            format!("/api/projects/@current/{resource}{slash}{below}"),
            suffix,
        ),
        None => (format!("/api/{rest}"), suffix),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_a_url_becomes_the_same() {
        for path in [
            "/api/projects/@current/persons",
            "/api/projects/@current/persons/",
            "/api/environments/@current/persons/",
            "/api/person",
            "/api/persons/",
        ] {
            assert_eq!(
                canonical(path),
                ("/api/projects/@current/persons".into(), None),
                "{path}"
            );
        }
        assert_eq!(
            canonical("/api/environments/"),
            ("/api/projects".into(), None)
        );
        assert_eq!(
            canonical("/api/users/@me/"),
            ("/api/users/@me".into(), None)
        );
        assert_eq!(canonical("/e/"), ("/e".into(), None));
        assert_eq!(canonical("/"), ("/".into(), None));
    }

    #[test]
    fn a_suffix_is_a_format_only_at_the_end_of_an_api_path() {
        assert_eq!(
            canonical("/api/person.csv"),
            ("/api/projects/@current/persons".into(), Some("csv"))
        );
        assert_eq!(
            canonical("/api/projects/1/persons/7.json/"),
            ("/api/projects/1/persons/7".into(), Some("json"))
        );
        assert_eq!(canonical("/app.json"), ("/app.json".into(), None));
        assert_eq!(
            canonical("/api/person/.csv"),
            ("/api/projects/@current/persons/.csv".into(), None)
        );
    }

    #[test]
    fn escaped_characters_stay_escaped() {
        assert_eq!(
            canonical("/api/person/a%2Fb%3Fc/").0,
            "/api/projects/@current/persons/a%2Fb%3Fc"
        );
    }

    #[test]
    fn the_query_survives() {
        let request = Request::get("/api/person/?search=a%26b")
            .body(axum::body::Body::empty())
            .expect("valid");
        let request = normalise(request);
        assert_eq!(
            request.uri().to_string(),
            "/api/projects/@current/persons?search=a%26b"
        );
        assert_eq!(
            request
                .extensions()
                .get::<AskedPath>()
                .map(|asked| asked.path.as_str()),
            Some("/api/person/")
        );
    }

    fn url(url: &str) -> RequestUrl {
        let (base, query) = url.split_once('?').unwrap_or((url, ""));
        RequestUrl::new(base.to_owned(), &Params::new(query), Some("phx_used"))
    }

    #[test]
    fn links_change_some_parameters_and_keep_the_others() {
        for (asked, expected) in [
            ("http://h/p/", "http://h/p/?offset=7"),
            ("http://h/p/?limit=5", "http://h/p/?limit=5&offset=7"),
            (
                "http://h/p/?offset=2&search=a%26b",
                "http://h/p/?offset=7&search=a%26b",
            ),
            ("http://h/p/?offset=&x", "http://h/p/?offset=7&x="),
            (
                "http://h/p/?%6Fffset=2&x=a%20b",
                "http://h/p/?offset=7&x=a+b",
            ),
        ] {
            assert_eq!(url(asked).with(&[("offset", Some("7".into()))]), expected);
        }
        let changes = [
            ("before", Some("2024-05-01T10:00:00+01:00".to_owned())),
            ("offset", None),
        ];
        for (asked, expected) in [
            (
                "http://h/?offset=3",
                "http://h/?before=2024-05-01T10%3A00%3A00%2B01%3A00",
            ),
            (
                "http://h/?before=a&x=%20&before=b",
                "http://h/?before=2024-05-01T10%3A00%3A00%2B01%3A00&x=+",
            ),
        ] {
            assert_eq!(url(asked).with(&changes), expected);
        }
        assert_eq!(url("http://h/?offset=3").with(&changes[1..]), "http://h/");
    }

    #[test]
    fn links_hold_no_key_however_its_parameter_is_written() {
        for query in [
            "personal_api_key=phx_a",
            "personal%5Fapi_key=phx_a&personal%5fapi%5Fkey=phx_b&personal_api_key",
            "%70ersonal_api_key=%70hx_a",
            "=phx_used&x=phx_used&phx_used=x",
        ] {
            assert_eq!(
                url(&format!("http://h/?{query}&a=1")).to_string(),
                "http://h/?a=1"
            );
        }
        assert_eq!(
            url("http://h/?token=phc_public").to_string(),
            "http://h/?token=phc_public"
        );
    }

    #[test]
    fn a_path_is_rewritten_for_the_project_that_a_token_names() {
        for (path, expected) in [
            ("/api/projects/4711/persons/", "/api/projects/1/persons/"),
            (
                "/api/environments/phx_a/persons",
                "/api/environments/1/persons",
            ),
            ("/api/person/7/", "/api/person/7/"),
        ] {
            let asked = AskedPath {
                path: path.into(),
                suffix: None,
            };
            assert_eq!(asked.in_project(1), expected);
        }
    }
}
