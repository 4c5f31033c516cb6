//! URLs of the API: resolving what servers link to, and reading what people type.

/// Where a `next` link leads, as path and query on the server that was asked.
///
/// Servers send it absolute, with a leading slash, or without one (`api/…`); all are meant from the
/// server's root. Only path and query are taken over: behind a proxy the scheme or the host may be
/// wrong, and a key must never travel to a host that an answer names. `None` for a link to the page it
/// stands on, which would be followed for ever.
pub fn resolve_next(current: &str, next: &str) -> Option<String> {
    let path = match next.split_once("://") {
        Some((scheme, rest)) if scheme.chars().all(|c| c.is_ascii_alphanumeric()) => {
            rest.find('/').map_or("", |slash| &rest[slash..])
        }
        _ => next,
    };
    let path = format!("/{}", path.trim_start_matches('/'));
    (path != "/" && path != current).then_some(path)
}

/// Scheme, host and port of the address of a server that somebody typed or pasted.
/// A host alone means `https`; everything after the host is left out.
///
/// # Errors
/// One sentence about what is wrong.
pub fn parse_origin(typed: &str) -> Result<String, &'static str> {
    let typed = typed.trim();
    let (scheme, rest) = typed.split_once("://").unwrap_or(("https", typed));
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let scheme = scheme.to_ascii_lowercase();
    if host.is_empty() {
        return Err("Enter the address of the server, such as https://posthog.example.com.");
    }
    if host.contains('@') || host.contains(char::is_whitespace) {
        return Err("The address may hold neither spaces nor a name and password.");
    }
    match scheme.as_str() {
        "https" => {}
        // A key in clear text is fine only where it never leaves the machine.
        "http" if is_loopback(host) => {}
        "http" => return Err("Keys are sent over https only: use an https address."),
        _ => return Err("The address must begin with https://."),
    }
    Ok(format!("{scheme}://{}", host.to_ascii_lowercase()))
}

fn is_loopback(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    matches!(name, "localhost" | "127.0.0.1" | "::1")
}

#[cfg(test)]
mod tests {
    use super::*;

    const CURRENT: &str = "/api/projects/1/persons/?limit=100";

    #[test]
    fn next_is_resolved_against_the_root_in_all_its_forms() {
        let expected = Some("/api/projects/1/persons/?limit=100&offset=100".to_owned());
        for next in [
            "https://us.posthog.com/api/projects/1/persons/?limit=100&offset=100",
            "http://internal:8000/api/projects/1/persons/?limit=100&offset=100",
            "/api/projects/1/persons/?limit=100&offset=100",
            "api/projects/1/persons/?limit=100&offset=100",
        ] {
            assert_eq!(resolve_next(CURRENT, next), expected, "{next}");
        }
    }

    #[test]
    fn a_search_for_a_url_is_no_absolute_link() {
        let next = "/api/persons/?search=https://x.org/y&offset=100";
        assert_eq!(resolve_next(CURRENT, next).as_deref(), Some(next));
    }

    #[test]
    fn links_to_oneself_or_to_nothing_are_refused() {
        let to_itself = format!("https://us.posthog.com{CURRENT}");
        for next in [
            to_itself.as_str(),
            CURRENT,
            "",
            "/",
            "https://us.posthog.com",
        ] {
            assert_eq!(resolve_next(CURRENT, next), None, "{next}");
        }
    }

    #[test]
    fn a_server_is_its_scheme_and_host() {
        for (typed, origin) in [
            ("posthog.example.com", "https://posthog.example.com"),
            (
                " https://PostHog.example.com:8443/project/1?x ",
                "https://posthog.example.com:8443",
            ),
            ("http://localhost:8000/", "http://localhost:8000"),
            ("http://[::1]:8000", "http://[::1]:8000"),
        ] {
            assert_eq!(parse_origin(typed).as_deref(), Ok(origin));
        }
    }

    #[test]
    fn what_would_leak_a_key_is_refused() {
        for typed in [
            "",
            "http://posthog.example.com",
            "ftp://x",
            "https://me:pw@x.org",
            "a b",
        ] {
            assert!(parse_origin(typed).is_err(), "{typed}");
        }
    }
}
