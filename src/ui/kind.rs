//! What a value is, for showing it: text that only looks like a number stays text, a date is a date.

use persons_api::Timestamp;
use serde_json::Value;

use super::value::{is_ambiguous, type_name};
use crate::platform::intl::Distance;

/// Longer text is text at first sight.
const LONGEST_QUOTED: usize = 60;
/// Longer addresses are no links: nobody sees where they lead.
const LONGEST_LINK: usize = 300;

/// A value by the way it is shown.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// In one word or figure, or as one of the kinds of nothing.
    Plain(Value),
    /// Text that reads like a number, a boolean or null, and is none.
    Quoted(String),
    /// A moment in time, spelled as it was sent.
    Moment(String, Timestamp),
    /// The address of a page that is safe to be followed.
    Link(String),
    /// Other text.
    Text(String),
    /// A list or an object.
    Nested(Value),
}

impl Kind {
    /// Finds out what a value is.
    pub fn of(value: Value) -> Self {
        let is_date = type_name(&value) == "date";
        match value {
            Value::Array(ref items) if items.is_empty() => Self::Plain(value),
            Value::Object(ref members) if members.is_empty() => Self::Plain(value),
            Value::Array(_) | Value::Object(_) => Self::Nested(value),
            Value::String(text) if text.is_empty() => Self::Plain(Value::String(text)),
            Value::String(text) => match Timestamp::parse(&text).filter(|_| is_date) {
                Some(at) => Self::Moment(text, at),
                // In a table of types `"41"` and `41` must not look the same.
                // Beside long text, which may end with a space, the marks would be of no use.
                None if text.len() <= LONGEST_QUOTED && is_ambiguous(&text) => Self::Quoted(text),
                None if is_link(&text) => Self::Link(text),
                None => Self::Text(text),
            },
            scalar => Self::Plain(scalar),
        }
    }
}

/// Whether text is an address that can be made a link. Anything but http(s) could run; a name before the
/// host (`https://bank.example@evil.example`) or letters that turn the direction could deceive.
fn is_link(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let rest = ["https://", "http://"]
        .iter()
        .find_map(|scheme| lower.strip_prefix(scheme));
    let host = rest.and_then(|rest| rest.split(['/', '?', '#', '\\']).next());
    let is_deceptive = |letter: char| {
        letter.is_whitespace()
            || letter.is_control()
            || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    host.is_some_and(|host| !host.is_empty() && !host.contains('@'))
        && text.len() <= LONGEST_LINK
        && !text.contains(is_deceptive)
}

/// How far away a moment is, however far: beside a date, years say more than nothing.
pub fn distance(then: Timestamp, now: Timestamp) -> Distance {
    const DAY: i64 = 86_400_000_000;
    if let Some(distance) = Distance::under_a_week(then, now) {
        return distance;
    }
    let days = (now.0 - then.0) / DAY;
    let (unit, length) = match days.abs() {
        0..14 => ("day", 1),
        14..60 => ("week", 7),
        60..730 => ("month", 30),
        _ => ("year", 365),
    };
    Distance {
        ago: days / length,
        unit,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).expect("a moment")
    }

    #[test]
    fn every_value_is_of_one_kind() {
        let nested = json!({"city": "Bonn"});
        let date = "2026-03-01T10:00:00Z";
        for (value, kind) in [
            (json!(null), Kind::Plain(json!(null))),
            (json!(""), Kind::Plain(json!(""))),
            (json!(true), Kind::Plain(json!(true))),
            (json!(41), Kind::Plain(json!(41))),
            (json!([]), Kind::Plain(json!([]))),
            (json!("41"), Kind::Quoted("41".into())),
            (json!("null"), Kind::Quoted("null".into())),
            (json!(date), Kind::Moment(date.into(), at(date))),
            (
                json!("https://x.org/?a=1"),
                Kind::Link("https://x.org/?a=1".into()),
            ),
            (json!("<b>bold</b>"), Kind::Text("<b>bold</b>".into())),
            (nested.clone(), Kind::Nested(nested)),
        ] {
            assert_eq!(Kind::of(value), kind);
        }
    }

    #[test]
    fn only_plain_addresses_of_pages_are_links() {
        for text in ["https://x.org", "HTTP://x.org/a?b#c", "http://[::1]:8000/"] {
            assert!(is_link(text), "{text}");
        }
        for text in [
            "javascript:alert(1)",
            "data:text/html,<script>",
            "https://",
            "https:///path",
            "https://bank.example@evil.example/",
            "https://x.org/a b",
            "https://x.org/\u{202e}gpj.exe",
            "see https://x.org",
            "//x.org",
            "x.org",
        ] {
            assert!(!is_link(text), "{text}");
        }
    }

    #[test]
    fn distances_are_told_in_the_unit_that_fits() {
        let now = at("2026-11-23T12:00:00Z");
        for (then, ago, unit) in [
            ("2026-11-23T11:00:00Z", 1, "hour"),
            ("2026-11-13", 10, "day"),
            ("2026-10-23", 4, "week"),
            ("2026-02-23", 9, "month"),
            ("1990-01-01", 36, "year"),
            ("2027-02-23", -3, "month"),
        ] {
            assert_eq!(distance(at(then), now), Distance { ago, unit }, "{then}");
        }
    }
}
