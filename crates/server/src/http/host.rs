//! Which server a request was meant for, and where links lead.
//!
//! A server on loopback is reachable by every web page the user opens: a page whose name was made to
//! point at 127.0.0.1 sends that name as `Host`. So a server bound to loopback answers for loopback names
//! and for the one it was told, and for nothing else.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;
use std::sync::Arc;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::{CONTENT_LENGTH, HOST, TRANSFER_ENCODING};
use axum::http::request::Parts;
use axum::http::uri::{Authority, Scheme};
use axum::http::{HeaderMap, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::error::ApiError;
use super::{App, Settings};

/// Longer URLs are refused: filters are the largest thing in one, and have limits of their own.
const MAX_URL: usize = 16 * 1024;

/// The URL under which people reach this server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl {
    /// Scheme, host, port and perhaps a path, without a slash at the end.
    base: String,
    /// Scheme, host and port.
    origin: String,
    host: String,
    is_https: bool,
}

impl PublicUrl {
    /// The URL without a slash at the end.
    pub fn as_str(&self) -> &str {
        &self.base
    }

    /// Whether browsers reach it encrypted.
    pub fn is_https(&self) -> bool {
        self.is_https
    }
}

impl FromStr for PublicUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || format!("{text} is not a URL such as https://people.example.com");
        let uri: Uri = text.parse().map_err(|_| wrong())?;
        let (Some(scheme), Some(authority), None) = (uri.scheme(), uri.authority(), uri.query())
        else {
            return Err(wrong());
        };
        let is_https = *scheme == Scheme::HTTPS;
        if !(is_https || *scheme == Scheme::HTTP) || authority.as_str().contains('@') {
            return Err(wrong());
        }
        let origin = format!("{scheme}://{authority}").to_ascii_lowercase();
        Ok(Self {
            base: format!("{origin}{}", uri.path().trim_end_matches('/')),
            origin,
            host: authority.host().to_ascii_lowercase(),
            is_https,
        })
    }
}

/// This server, as the request at hand sees it. Goes along with the request as an extension.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Site {
    /// What links start with; no slash at the end.
    pub(super) base: String,
    /// The origins that this server's own pages have.
    own_origins: Vec<String>,
}

impl Site {
    /// Whether an `Origin` header names a page of this server.
    pub(super) fn is_own(&self, origin: &str) -> bool {
        self.own_origins
            .iter()
            .any(|own| own.eq_ignore_ascii_case(origin))
    }
}

/// Refuses what was not meant for this server or is not proper HTTP, and tells the rest where it is.
pub(super) async fn guard(
    State(app): State<Arc<App>>,
    mut request: Request,
    next: Next,
) -> Response {
    match admit(&app.settings, request.uri(), request.headers()) {
        Ok(site) => {
            request.extensions_mut().insert(site);
            next.run(request).await
        }
        Err(error) => error.into_response(),
    }
}

fn admit(settings: &Settings, uri: &Uri, headers: &HeaderMap) -> Result<Site, ApiError> {
    if headers.contains_key(CONTENT_LENGTH) && headers.contains_key(TRANSFER_ENCODING) {
        return Err(ApiError::Malformed(
            "A request has either a Content-Length or a Transfer-Encoding, not both.",
        ));
    }
    if uri.path_and_query().map_or(0, |url| url.as_str().len()) > MAX_URL {
        return Err(ApiError::UrlTooLong(MAX_URL));
    }
    let asked = authority(uri, headers)?;
    let is_public = settings
        .public_url
        .as_ref()
        .is_some_and(|url| url.host.eq_ignore_ascii_case(asked.host()));
    if settings.loopback_only && !is_public && !is_loopback(asked.host()) {
        return Err(ApiError::Misdirected(asked.to_string()));
    }
    let mut own_origins = vec![format!("http://{asked}")];
    let forwarded = settings.trust_proxy.then(|| forwarded(headers)).flatten();
    own_origins.extend(forwarded);
    own_origins.extend(settings.public_url.as_ref().map(|url| url.origin.clone()));
    let base = match (&settings.public_url, own_origins.last()) {
        (Some(url), _) => url.base.clone(),
        (None, Some(origin)) => origin.clone(),
        (None, None) => String::new(),
    };
    Ok(Site { base, own_origins })
}

/// The authority a request names: in its URL or, as is usual, in `Host`.
fn authority(uri: &Uri, headers: &HeaderMap) -> Result<Authority, ApiError> {
    let mut hosts = headers.get_all(HOST).iter();
    let host = hosts.next();
    if hosts.next().is_some() {
        return Err(ApiError::Malformed("A request has one Host, not several."));
    }
    let authority = match (uri.authority(), host) {
        (Some(authority), _) => Some(authority.clone()),
        (None, Some(host)) => Authority::try_from(host.as_bytes()).ok(),
        (None, None) => return Err(ApiError::Malformed("A request must name its Host.")),
    };
    authority
        .filter(|authority| !authority.as_str().contains('@'))
        .ok_or(ApiError::Malformed("The Host is not a host name."))
}

fn is_loopback(host: &str) -> bool {
    if let Some(v6) = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')) {
        return v6.parse().is_ok_and(|ip: Ipv6Addr| ip.is_loopback());
    }
    host.eq_ignore_ascii_case("localhost")
        || host.parse().is_ok_and(|ip: Ipv4Addr| ip.is_loopback())
}

/// The origin that a trusted proxy says the browser sees.
fn forwarded(headers: &HeaderMap) -> Option<String> {
    let host = Authority::try_from(first_item(headers, "x-forwarded-host")?).ok()?;
    let scheme = first_item(headers, "x-forwarded-proto").unwrap_or("http");
    (matches!(scheme, "http" | "https") && !host.as_str().contains('@'))
        .then(|| format!("{scheme}://{host}"))
}

fn first_item<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let list = headers.get(name)?.to_str().ok()?;
    list.split(',').next().map(str::trim)
}

/// Returns the address of the client: the other end of the connection or, behind a trusted proxy, of the proxy's.
pub(super) fn peer(settings: &Settings, parts: &Parts) -> Option<IpAddr> {
    let forwarded = settings.trust_proxy.then(|| {
        let list = parts.headers.get("x-forwarded-for")?.to_str().ok()?;
        // A proxy appends what it saw itself; everything before that is hearsay.
        list.rsplit(',').next()?.trim().parse().ok()
    });
    forwarded.flatten().or_else(|| {
        parts
            .extensions
            .get::<ConnectInfo<SocketAddr>>()
            .map(|connect| connect.0.ip())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> Settings {
        Settings {
            loopback_only: true,
            ..Settings::default()
        }
    }

    fn admitted(settings: &Settings, headers: &[(&'static str, &str)]) -> Result<Site, ApiError> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().expect("a header value"));
        }
        admit(settings, &Uri::from_static("/api/person/"), &map)
    }

    #[test]
    fn loopback_answers_for_loopback_names_on_any_port() {
        for host in [
            "localhost",
            "LOCALHOST:8000",
            "127.0.0.1:1",
            "127.9.8.7",
            "[::1]:8000",
        ] {
            assert!(admitted(&settings(), &[("host", host)]).is_ok(), "{host}");
        }
        for host in [
            "people.example.com",
            "localhost.example.com",
            "127.0.0.1.example.com",
            "10.0.0.1",
            "[::2]",
        ] {
            assert_eq!(
                admitted(&settings(), &[("host", host)]),
                Err(ApiError::Misdirected(host.into()))
            );
        }
    }

    #[test]
    fn links_start_with_the_public_url_or_the_accepted_host() {
        let plain = admitted(&settings(), &[("host", "localhost:8000")]).expect("accepted");
        assert_eq!(plain.base, "http://localhost:8000");
        let named = Settings {
            public_url: Some("https://People.example.com/x/".parse().expect("a URL")),
            ..settings()
        };
        let named = admitted(&named, &[("host", "people.example.com")]).expect("accepted");
        assert_eq!(named.base, "https://people.example.com/x");
        assert!(named.is_own("https://people.example.com"));
        assert!(!named.is_own("https://example.com"));
    }

    #[test]
    fn forwarded_names_count_only_behind_a_trusted_proxy() {
        let headers = [
            ("host", "127.0.0.1:8000"),
            ("x-forwarded-host", "people.example.com"),
            ("x-forwarded-proto", "https"),
        ];
        let distrusting = admitted(&settings(), &headers).expect("accepted");
        assert_eq!(distrusting.base, "http://127.0.0.1:8000");
        let trusting = Settings {
            trust_proxy: true,
            ..settings()
        };
        let trusting = admitted(&trusting, &headers).expect("accepted");
        assert_eq!(trusting.base, "https://people.example.com");
    }

    #[test]
    fn two_lengths_two_hosts_or_none_are_refused() {
        for headers in [
            &[
                ("host", "localhost"),
                ("content-length", "3"),
                ("transfer-encoding", "chunked"),
            ][..],
            &[("host", "localhost"), ("host", "localhost")],
            &[],
            &[("host", "user@localhost")],
        ] {
            assert!(matches!(
                admitted(&settings(), headers),
                Err(ApiError::Malformed(_))
            ));
        }
    }

    #[test]
    fn a_public_url_is_a_web_address_without_a_query() {
        for text in [
            "people.example.com",
            "ftp://x.example",
            "https://u@x.example",
            "https://x.example/?a",
        ] {
            assert!(text.parse::<PublicUrl>().is_err(), "{text}");
        }
    }
}
