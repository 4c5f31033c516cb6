//! What the app hears from the server, where that is not what the server says.
//!
//! Refusals and broken networks are rare, and a real server cannot be asked for them. So the page's own
//! way to ask is replaced before any other script runs; everything else stays as it is.

/// What the app hears when it asks about people.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Answers {
    /// What the server says.
    #[default]
    True,
    /// The key may not read people.
    Forbidden,
    /// Too many requests; it may be asked again in a minute.
    Throttled,
    /// The server fails.
    Broken,
    /// There is no network.
    Offline,
    /// Nothing, for as long as one waits.
    Late,
}

impl Answers {
    /// The script that sees to it; none where the server speaks for itself.
    pub(crate) fn script(self) -> Option<String> {
        let refusal = |status: u16, headers: &str, body: &str| {
            format!(
                "Promise.resolve(new Response('{body}', {{status: {status}, headers: {headers}}}))"
            )
        };
        let answer = match self {
            Self::True => return None,
            Self::Forbidden => refusal(
                403,
                "{}",
                r#"{"detail": "API key missing required scope \'person:read\'"}"#,
            ),
            Self::Throttled => refusal(429, "{'Retry-After': '60'}", "{}"),
            Self::Broken => refusal(500, "{}", ""),
            Self::Offline => "Promise.reject(new TypeError('offline'))".into(),
            Self::Late => "new Promise(() => {})".into(),
        };
        // What may pass is asked again by itself after a while. Nobody wants to watch that, except where
        // the wait is what is shown.
        let hurry = matches!(self, Self::Broken | Self::Offline);
        let is_offline = self == Self::Offline;
        Some(format!(
            "(() => {{
                const ask = window.fetch;
                window.fetch = (request, ...more) =>
                    String(request.url ?? request).includes('/persons/') ? {answer} : ask(request, ...more);
                if ({hurry}) {{
                    const later = window.setTimeout;
                    window.setTimeout = (run, wait, ...more) => later(run, Math.min(wait ?? 0, 20), ...more);
                }}
                if ({is_offline}) Object.defineProperty(Navigator.prototype, 'onLine', {{get: () => false}});
            }})()"
        ))
    }
}
