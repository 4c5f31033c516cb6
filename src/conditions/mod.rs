//! One condition on a property: how it reads, and how it is made. The list of people and insights narrow
//! what they show by conditions, and share these.
//!
//! [`words`] and [`draft`] are pure: how a condition reads, and how one is made from what is typed.
//! [`ConditionForm`] changes one, [`suggestions`] saves typing, [`browser`] says how values are compared.

pub mod browser;
mod draft;
mod form;
pub mod suggestions;
pub mod words;

pub use self::form::ConditionForm;

use persons_api::{Operator, PropertyFilter};

/// Whether a condition compares with a date that is counted from now: `-7d`, `-24h`, `-1mStart`. PostHog's servers
/// know what is meant; on this device it is not computed.
pub fn is_relative_date(filter: &PropertyFilter) -> bool {
    let is_of_date = matches!(
        filter.operator,
        Operator::DateExact | Operator::DateAfter | Operator::DateBefore
    );
    let Some(text) = filter.value.as_str().filter(|_| is_of_date) else {
        return false;
    };
    let text = text.strip_prefix(['-', '+']).unwrap_or(text);
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let unit = unit
        .strip_suffix("Start")
        .or_else(|| unit.strip_suffix("End"))
        .unwrap_or(unit);
    text.starts_with(|c: char| c.is_ascii_digit())
        && matches!(unit, "h" | "d" | "w" | "m" | "q" | "y")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn relative_dates_are_told_from_dates_of_the_calendar() {
        let is_relative = |value: serde_json::Value, operator: Operator| {
            is_relative_date(&PropertyFilter::person("seen", operator, value))
        };
        for text in ["-7d", "7d", "-24h", "-1mStart", "-2wEnd", "-1y"] {
            assert!(is_relative(json!(text), Operator::DateAfter), "{text}");
            assert!(!is_relative(json!(text), Operator::Exact), "{text}");
        }
        for text in ["2026-03-01", "d", "-d", "", "-7", "-7x", "7 d"] {
            assert!(!is_relative(json!(text), Operator::DateAfter), "{text}");
        }
        assert!(!is_relative(json!(7), Operator::DateAfter));
    }
}
