//! A JSON value in one line. Null, missing, empty text and text look different from each other.

use leptos::prelude::*;
use serde_json::Value;

/// What a value is, in the words of JSON; text that holds a date says so.
pub fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(text) if is_moment(text) => "date",
        Value::String(_) => "string",
        Value::Array(_) => "list",
        Value::Object(_) => "object",
    }
}

/// Dates alone are ten characters; the parser alone would take a text that merely begins with one.
fn is_moment(text: &str) -> bool {
    text.len() >= 10 && persons_api::Timestamp::parse(text).is_some()
}

/// A value as text: what is copied, and what is searched.
pub fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A value in one line, for a cell.
#[component]
pub fn ValueText<'a>(
    /// The value; `None` when there is none.
    value: Option<&'a Value>,
) -> impl IntoView + use<> {
    match value {
        None => {
            view! { <span class="missing" role="img" aria-label="not set">"–"</span> }.into_any()
        }
        Some(Value::Null) => view! { <span class="null">"null"</span> }.into_any(),
        Some(Value::String(text)) if text.is_empty() => {
            view! { <span class="empty-text">"\"\""</span> }.into_any()
        }
        // Its own direction, so that Arabic or Hebrew does not move what stands beside it.
        Some(Value::String(text)) => view! { <bdi>{text.clone()}</bdi> }.into_any(),
        Some(other) => view! { <span class="literal">{other.to_string()}</span> }.into_any(),
    }
}

/// Text that reads like another type (`00712`, `true`, `null`) and is shown in quotes where types matter.
pub fn is_ambiguous(text: &str) -> bool {
    let trimmed = text.trim();
    trimmed.len() != text.len()
        || matches!(trimmed, "true" | "false" | "null")
        || looks_like_a_number(trimmed)
}

/// Digits with a sign, a point and an exponent, as far as they go. A parser of numbers would weigh more
/// than this whole page.
fn looks_like_a_number(text: &str) -> bool {
    let text = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    digits(whole) && digits(fraction) && digits(exponent)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn types_are_named_as_people_know_them() {
        for (value, name) in [
            (json!(null), "null"),
            (json!(true), "boolean"),
            (json!(1.5), "number"),
            (json!("00712"), "string"),
            (json!("2026-03-01"), "date"),
            (json!("2026-03-01T10:00:00Z"), "date"),
            (json!([1]), "list"),
            (json!({}), "object"),
        ] {
            assert_eq!(type_name(&value), name);
        }
    }

    #[test]
    fn text_that_looks_like_something_else_is_ambiguous() {
        for text in ["00712", "41", "-1.5", "1e3", "true", "null", " pro"] {
            assert!(is_ambiguous(text), "{text}");
        }
        for text in ["pro", "", "1.2.3", "infinity", "-", "12 min", "NaN"] {
            assert!(!is_ambiguous(text), "{text}");
        }
    }
}
