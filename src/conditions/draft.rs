//! A condition that is being made: what is typed, and what comes of it.

use persons_api::{Operator, PropertyFilter, Subject, Timestamp};
use serde_json::{Value, json};

/// The operators on offer for a subject.
pub fn operators(subject: Subject) -> impl Iterator<Item = (Operator, &'static str)> {
    let are_of_cohorts = subject == Subject::Cohort;
    Operator::ALL.into_iter().filter(move |(operator, _)| {
        matches!(operator, Operator::In | Operator::NotIn) == are_of_cohorts
    })
}

/// What kind of value an operator takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// None.
    Nothing,
    /// One text or several.
    Texts,
    /// One text.
    Text,
    /// A number.
    Number,
    /// A date, or a date and time.
    Moment,
    /// The number of a cohort.
    Cohort,
}

/// What an operator takes.
pub fn takes(operator: Operator) -> Takes {
    match operator {
        Operator::IsSet | Operator::IsNotSet => Takes::Nothing,
        Operator::Exact | Operator::IsNot => Takes::Texts,
        Operator::Contains | Operator::NotContains | Operator::Regex | Operator::NotRegex => {
            Takes::Text
        }
        Operator::Gt | Operator::Gte | Operator::Lt | Operator::Lte => Takes::Number,
        Operator::DateExact | Operator::DateAfter | Operator::DateBefore => Takes::Moment,
        Operator::In | Operator::NotIn => Takes::Cohort,
    }
}

/// What is typed.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// What is looked at.
    pub subject: Subject,
    /// The property key; nothing for cohorts.
    pub key: String,
    /// The operator.
    pub operator: Operator,
    /// Values that were chosen already, for operators that take several.
    pub chosen: Vec<String>,
    /// The value in the field.
    pub value: String,
}

/// What is wrong, and with which field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// With the key.
    Key(&'static str),
    /// With the value.
    Value(&'static str),
}

impl Draft {
    /// Nothing typed yet, about this subject.
    pub fn about(subject: Subject) -> Self {
        let operator = operators(subject).next();
        Self {
            subject,
            key: String::new(),
            operator: operator.map_or(Operator::Exact, |(operator, _)| operator),
            chosen: Vec::new(),
            value: String::new(),
        }
    }

    /// The draft that would make this condition.
    pub fn of(filter: &PropertyFilter) -> Self {
        let mut chosen = match &filter.value {
            _ if filter.operator.is_unary() => Vec::new(),
            Value::Array(values) => values.iter().map(crate::ui::value::plain).collect(),
            Value::Null => Vec::new(),
            value => vec![crate::ui::value::plain(value)],
        };
        // One value stands in the field, where it can be changed.
        let value = if chosen.len() == 1 {
            chosen.remove(0)
        } else {
            String::new()
        };
        Self {
            subject: filter.subject,
            key: filter.key.clone(),
            operator: filter.operator,
            chosen,
            value,
        }
    }

    /// The condition.
    ///
    /// # Errors
    /// What is missing or cannot be meant.
    pub fn finish(&self) -> Result<PropertyFilter, Problem> {
        let key = match self.subject {
            Subject::Cohort => "id",
            _ => self.key.trim(),
        };
        if key.is_empty() {
            return Err(Problem::Key("Choose a property."));
        }
        let typed = self.value.trim();
        let value = match takes(self.operator) {
            Takes::Nothing => Value::Null,
            Takes::Texts => self.texts()?,
            Takes::Text if self.value.is_empty() => {
                return Err(Problem::Value("Enter a value."));
            }
            // Spaces may be what is looked for.
            Takes::Text => json!(self.value),
            Takes::Number => number(typed)?,
            Takes::Cohort => cohort(typed)?,
            Takes::Moment if Timestamp::parse(typed).is_some() => json!(typed),
            Takes::Moment => {
                return Err(Problem::Value("Enter a date such as 2026-03-01."));
            }
        };
        Ok(PropertyFilter {
            subject: self.subject,
            key: key.to_owned(),
            operator: self.operator,
            value,
        })
    }

    fn texts(&self) -> Result<Value, Problem> {
        let mut texts = self.chosen.clone();
        if !self.value.is_empty() && !texts.contains(&self.value) {
            texts.push(self.value.clone());
        }
        match &texts[..] {
            [] => Err(Problem::Value("Enter a value, or use “is set”.")),
            [one] => Ok(json!(one)),
            several => Ok(json!(several)),
        }
    }
}

fn cohort(typed: &str) -> Result<Value, Problem> {
    let number = typed.parse::<u32>();
    number
        .map(Value::from)
        .map_err(|_| Problem::Value("Choose a cohort."))
}

fn number(typed: &str) -> Result<Value, Problem> {
    // As JSON has it: no infinity, nothing that only one language takes for a number.
    let number = serde_json::from_str::<serde_json::Number>(typed);
    number
        .map(Value::Number)
        .map_err(|_| Problem::Value("Enter a number."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(operator: Operator, value: &str) -> Draft {
        Draft {
            key: " plan ".into(),
            operator,
            value: value.into(),
            ..Draft::about(Subject::Person)
        }
    }

    #[test]
    fn every_operator_on_offer_makes_a_condition_that_can_be_changed_again() {
        for (operator, name) in operators(Subject::Person) {
            let value = match takes(operator) {
                Takes::Nothing | Takes::Cohort => "",
                Takes::Number => "12.5",
                Takes::Moment => "2026-03-01",
                Takes::Text | Takes::Texts => "pro, \"100%\"",
            };
            let filter = draft(operator, value).finish().expect(name);
            assert_eq!((filter.key.as_str(), filter.operator), ("plan", operator));
            assert_eq!(Draft::of(&filter).finish(), Ok(filter), "{name}");
        }
    }

    #[test]
    fn conditions_on_events_and_cohorts_can_be_changed_again() {
        let on_event = Draft {
            subject: Subject::Event,
            ..draft(Operator::Exact, "pro")
        };
        let in_cohort = Draft {
            operator: Operator::NotIn,
            value: "12".into(),
            ..Draft::about(Subject::Cohort)
        };
        for (draft, words) in [
            (
                &on_event,
                r#"{"key":"plan","operator":"exact","type":"event","value":"pro"}"#,
            ),
            (
                &in_cohort,
                r#"{"key":"id","operator":"not_in","type":"cohort","value":12}"#,
            ),
        ] {
            let filter = draft.finish().expect("complete");
            assert_eq!(filter.to_json().to_string(), words);
            assert_eq!(Draft::of(&filter).finish(), Ok(filter));
        }
        let nobody = Draft::about(Subject::Cohort).finish();
        assert_eq!(nobody, Err(Problem::Value("Choose a cohort.")));
    }

    #[test]
    fn several_values_are_sent_as_a_list_without_repetition() {
        let mut draft = draft(Operator::Exact, "team");
        draft.chosen = vec!["pro".into(), "team".into()];
        let filter = draft.finish().expect("complete");
        assert_eq!(filter.value, json!(["pro", "team"]));
        assert_eq!(Draft::of(&filter).chosen, ["pro", "team"]);
    }

    #[test]
    fn numbers_and_dates_are_checked_and_text_is_not_trimmed() {
        assert_eq!(
            draft(Operator::Gt, "12").finish().map(|f| f.value),
            Ok(json!(12))
        );
        assert_eq!(
            draft(Operator::Contains, " x").finish().map(|f| f.value),
            Ok(json!(" x"))
        );
        for (operator, value) in [
            (Operator::Gt, "twelve"),
            (Operator::Gt, "inf"),
            (Operator::DateAfter, "soon"),
            (Operator::Exact, ""),
            (Operator::Regex, ""),
        ] {
            let finished = draft(operator, value).finish();
            assert!(matches!(finished, Err(Problem::Value(_))), "{value}");
        }
        assert!(matches!(
            Draft::about(Subject::Person).finish(),
            Err(Problem::Key(_))
        ));
    }
}
