//! Keys that PostHog itself writes, in a few words each: who edits one should know where it comes from.

/// Beginnings of keys and what they say. The first that fits counts.
const KNOWN: [(&str, &str); 16] = [
    (
        "$initial_",
        "The first value that was seen. SDKs set it once and never change it.",
    ),
    (
        "$geoip_",
        "Where the last event came from, found by its IP address.",
    ),
    (
        "$creator_event_uuid",
        "The event that this person was made for.",
    ),
    ("$current_url", "The page of the last event."),
    ("$pathname", "The page of the last event, without its host."),
    ("$referrer", "The page that led to the last one."),
    ("$referring_domain", "The host that led to the last page."),
    ("$browser", "The browser of the last event."),
    ("$os", "The system of the last event."),
    (
        "$device_type",
        "Desktop, Mobile or Tablet, of the last event.",
    ),
    ("$app_", "The app that sent the last event."),
    ("utm_", "The campaign of the last visit."),
    ("email", "Names this person in lists, and finds them."),
    ("name", "Names this person in lists."),
    ("username", "Names this person in lists."),
    (
        "$",
        "The system writes this key: the next event may write it again.",
    ),
];

/// Where the values of a key come from, if that is known.
pub fn explained(key: &str) -> Option<&'static str> {
    let fits = |(known, _): &&(&str, &str)| {
        let is_beginning = known.ends_with('_') || *known == "$" || known.starts_with("$browser");
        key == *known || is_beginning && key.starts_with(known)
    };
    KNOWN.iter().find(fits).map(|(_, words)| *words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_system_writes_is_explained_and_own_keys_are_not() {
        for (key, beginning) in [
            ("$initial_os", "The first value"),
            ("$geoip_city_name", "Where"),
            ("$browser_version", "The browser"),
            ("$screen_width", "The system writes"),
            ("utm_source", "The campaign"),
            ("email", "Names this person"),
        ] {
            assert!(
                explained(key).is_some_and(|words| words.starts_with(beginning)),
                "{key}"
            );
        }
        for key in ["plan", "emails", "nameless", ""] {
            assert_eq!(explained(key), None, "{key}");
        }
    }
}
