//! How a condition reads.

use persons_api::{Operator, PropertyFilter, Subject};
use serde_json::Value;

use crate::ui::value::plain;

/// An operator in words, as they stand between a key and a value.
pub fn operator(operator: Operator) -> &'static str {
    match operator {
        Operator::Exact => "is",
        Operator::IsNot => "is not",
        Operator::Contains => "contains",
        Operator::NotContains => "does not contain",
        Operator::Regex => "matches regex",
        Operator::NotRegex => "does not match regex",
        Operator::Gt => "greater than",
        Operator::Gte => "at least",
        Operator::Lt => "less than",
        Operator::Lte => "at most",
        Operator::IsSet => "is set",
        Operator::IsNotSet => "is not set",
        Operator::DateExact => "is on",
        Operator::DateAfter => "after",
        Operator::DateBefore => "before",
        Operator::In => "is in",
        Operator::NotIn => "is not in",
    }
}

/// The parts of a condition: key, operator, value.
pub fn parts(filter: &PropertyFilter) -> (String, &'static str, String) {
    let key = match filter.subject {
        // A cohort is named by its number: its key is always `id`.
        Subject::Cohort => "person".to_owned(),
        Subject::Person | Subject::Event => filter.key.clone(),
    };
    let values = values(filter);
    let words = match (filter.operator, values.len()) {
        (Operator::Exact, 2..) => "is any of",
        (Operator::IsNot, 2..) => "is none of",
        (other, _) => operator(other),
    };
    let value = match filter.subject {
        Subject::Cohort => format!("cohort {}", values.join(", ")),
        _ => values.join(", "),
    };
    (key, words, value)
}

/// The values as text; none for an operator without a value.
pub fn values(filter: &PropertyFilter) -> Vec<String> {
    if filter.operator.is_unary() {
        return Vec::new();
    }
    match &filter.value {
        Value::Array(values) => values.iter().map(shown).collect(),
        Value::Null => Vec::new(),
        value => vec![shown(value)],
    }
}

/// Empty text has to be seen.
fn shown(value: &Value) -> String {
    match plain(value) {
        text if text.is_empty() => "\"\"".into(),
        text => text,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_condition_reads_as_a_sentence() {
        let mut sentences = Vec::new();
        for (operator, _) in Operator::ALL {
            let subject = match operator {
                Operator::In | Operator::NotIn => Subject::Cohort,
                _ => Subject::Person,
            };
            let filter = PropertyFilter {
                subject,
                ..PropertyFilter::person("plan", operator, json!(31))
            };
            let (key, words, value) = parts(&filter);
            sentences.push(format!("{key} {words} {value}").trim().to_owned());
        }
        insta::assert_snapshot!(sentences.join("\n"), @r"
        plan is 31
        plan is not 31
        plan contains 31
        plan does not contain 31
        plan matches regex 31
        plan does not match regex 31
        plan greater than 31
        plan at least 31
        plan less than 31
        plan at most 31
        plan is set
        plan is not set
        plan is on 31
        plan after 31
        plan before 31
        person is in cohort 31
        person is not in cohort 31
        ");
    }

    #[test]
    fn several_values_read_as_alternatives() {
        let several = PropertyFilter::person("plan", Operator::Exact, json!(["pro", ""]));
        assert_eq!(
            parts(&several),
            ("plan".into(), "is any of", "pro, \"\"".into())
        );
        let none = PropertyFilter::person("plan", Operator::IsNot, json!(["a", "b"]));
        assert_eq!(parts(&none).1, "is none of");
    }
}
