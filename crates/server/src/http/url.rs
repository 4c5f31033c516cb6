//! One resource, many URLs: nested under a project or an environment, or flat; with or
//! without a trailing slash; with or without a format suffix. All become the one form the routes know,
//! before routing; what was asked stays known for links.

use axum::extract::Request;
use axum::http::Uri;
use axum::http::uri::PathAndQuery;

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

/// The URL as it was asked for. Goes along with the request as an extension.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct AskedUrl {
    /// The path and the query.
    pub(super) path_and_query: String,
    /// `json` or `csv` where the path ended in it.
    pub(super) suffix: Option<&'static str>,
}

/// Rewrites the request's URL into the form that the routes know.
pub(super) fn normalise(mut request: Request) -> Request {
    let uri = request.uri();
    let (path, suffix) = canonical(uri.path());
    let asked = AskedUrl {
        path_and_query: uri
            .path_and_query()
            .map_or("/", PathAndQuery::as_str)
            .to_owned(),
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
                .get::<AskedUrl>()
                .map(|asked| asked.path_and_query.as_str()),
            Some("/api/person/?search=a%26b")
        );
    }
}
