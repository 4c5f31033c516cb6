//! The one evaluator of conditions: the server's list, cohorts, and the app's own narrowing use it.
//!
//! A condition becomes a [`Test`] on one value. Over all people a test runs once per distinct value
//! ([`Test::entries`]); on a single map of properties it runs on that map's value ([`Matcher`]).
//!
//! The rules are those of PostHog: the left side is the value's text, a missing
//! property is an empty text, and each negative operator matches exactly what its positive does not.

use persons_api::filter::{number_of, number_of_text};
use persons_api::timestamp::{DAY, SECOND};
use persons_api::{
    Condition, FilterTree, Operator, Properties, PropertyFilter, Subject, Timestamp,
};
use serde_json::Value;
use thiserror::Error;

use crate::bits::BitSet;
use crate::value::{Kind, ValueRef, text_of};
use crate::value_dictionary::ValueDictionary;

/// A compiled pattern: says whether it is found in a text.
pub type Pattern = Box<dyn Fn(&str) -> bool>;

/// A compiled pattern with a text to put in its place: what another text becomes, or nothing if the pattern is
/// not found in it.
pub type Replacement = Box<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// Who knows about texts: on the server the `regex` crate and Rust's tables, in the app the browser, so that
/// the app carries neither an engine nor tables.
pub trait TextEngine {
    /// Compiles a pattern, or says in a few words where it fails.
    fn compile(&self, pattern: &str) -> Result<Pattern, String>;

    /// Compiles a pattern into what replaces every place where it is found, or says in a few words where it
    /// fails. The new text stands for itself: nothing in it refers to what was found. Only paths need it, so
    /// that who never asks for them need not know how.
    fn replacement(&self, _pattern: &str, _by: &str) -> Result<Replacement, String> {
        Err("nothing can be replaced here".into())
    }

    /// What makes small letters of a text.
    fn lowercase(&self) -> fn(&str) -> String {
        |text| text.to_lowercase()
    }

    /// What reads a number.
    fn number(&self) -> fn(&str) -> Option<f64> {
        |text| text.parse().ok()
    }
}

/// Why a well-formed filter cannot be evaluated.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum EvaluationError {
    /// The pattern does not compile.
    #[error(
        "Filter on \"{key}\" cannot be used: the regular expression does not compile: {reason}"
    )]
    Pattern {
        /// The property key.
        key: String,
        /// Where it fails.
        reason: String,
    },
    /// There is no such cohort.
    #[error("Cohort {0} does not exist")]
    UnknownCohort(i64),
    /// The condition is about something people do not have.
    #[error("Filter on \"{key}\" cannot be used: the type \"{subject}\" does not apply to people")]
    WrongSubject {
        /// The property key.
        key: String,
        /// The type it names.
        subject: &'static str,
    },
}

/// One condition, ready to be applied to values.
pub struct Test {
    check: Check,
    negated: bool,
}

enum Check {
    IsSet,
    OneOf(OneOf),
    Contains(Vec<Like>, fn(&str) -> String),
    Regex(Pattern),
    Number(Comparison, f64, fn(&str) -> Option<f64>),
    Date(DateCheck, Timestamp, Precision),
}

struct OneOf {
    texts: Vec<String>,
    /// The texts that could be a list or an object, all spaces removed.
    spaceless: Vec<String>,
}

#[derive(Clone, Copy)]
enum Comparison {
    Gt,
    Gte,
    Lt,
    Lte,
}

#[derive(Clone, Copy)]
enum DateCheck {
    Exact,
    After,
    Before,
}

#[derive(Clone, Copy, PartialEq)]
enum Precision {
    Day,
    Second,
}

impl Test {
    /// Builds the test of a condition on a property.
    pub fn new(filter: &PropertyFilter, engine: &dyn TextEngine) -> Result<Self, EvaluationError> {
        let compile = |value: &Value| {
            engine
                .compile(&text_of(value))
                .map_err(|reason| EvaluationError::Pattern {
                    key: filter.key.clone(),
                    reason,
                })
        };
        let lowercase = engine.lowercase();
        let compare = |comparison| {
            let number = number_of(&filter.value, engine.number());
            Check::Number(comparison, number.unwrap_or(f64::NAN), engine.number())
        };
        let check = match filter.operator {
            Operator::IsSet | Operator::IsNotSet => Check::IsSet,
            Operator::Exact | Operator::IsNot => Check::OneOf(OneOf::new(&filter.value)),
            Operator::Contains | Operator::NotContains => Check::Contains(
                scalars(&filter.value)
                    .iter()
                    .map(|v| Like::new(&lowercase(&text_of(v))))
                    .collect(),
                lowercase,
            ),
            Operator::Regex | Operator::NotRegex => Check::Regex(compile(&filter.value)?),
            Operator::Gt => compare(Comparison::Gt),
            Operator::Gte => compare(Comparison::Gte),
            Operator::Lt => compare(Comparison::Lt),
            Operator::Lte => compare(Comparison::Lte),
            Operator::DateExact => date_check(DateCheck::Exact, &filter.value),
            Operator::DateAfter => date_check(DateCheck::After, &filter.value),
            Operator::DateBefore => date_check(DateCheck::Before, &filter.value),
            Operator::In | Operator::NotIn => {
                return Err(EvaluationError::WrongSubject {
                    key: filter.key.clone(),
                    subject: filter.subject.name(),
                });
            }
        };
        let negated = matches!(
            filter.operator,
            Operator::IsNotSet | Operator::IsNot | Operator::NotContains | Operator::NotRegex
        );
        Ok(Self { check, negated })
    }

    /// Whether a value, or its absence, passes.
    pub fn passes(&self, value: Option<ValueRef<'_>>) -> bool {
        let positive = match (&self.check, value) {
            (Check::IsSet, value) => value.is_some(),
            (check, None) => check.holds(ValueRef {
                kind: Kind::String,
                text: "",
            }),
            (check, Some(value)) => check.holds(value),
        };
        positive != self.negated
    }

    /// The entries of a dictionary that pass.
    pub fn entries(&self, values: &ValueDictionary<true>) -> BitSet {
        let positive = match &self.check {
            Check::OneOf(one_of) => one_of.entries(values),
            Check::Contains(likes, _) if likes.len() == 1 && likes[0].plain().is_some() => {
                values.containing(likes[0].plain().unwrap_or_default())
            }
            check => values
                .entries()
                .filter(|&entry| check.holds(values.value(entry)))
                .fold(BitSet::new(values.size()), |mut set, entry| {
                    set.insert(entry);
                    set
                }),
        };
        if !self.negated {
            return positive;
        }
        let mut negative = BitSet::new(values.size());
        values
            .entries()
            .filter(|&entry| !positive.contains(entry))
            .for_each(|entry| negative.insert(entry));
        negative
    }
}

impl Check {
    fn holds(&self, value: ValueRef<'_>) -> bool {
        match self {
            Self::IsSet => true,
            Self::OneOf(one_of) => one_of.holds(value),
            Self::Contains(likes, lowercase) => {
                let lower = lowercase(value.text);
                likes.iter().any(|like| like.found_in(&lower))
            }
            Self::Regex(pattern) => pattern(value.text),
            Self::Number(comparison, right, number) => number_of_text(value.text, *number)
                .is_some_and(|left| comparison.holds(left, *right)),
            Self::Date(check, right, precision) => {
                date_of_text(value.text).is_some_and(|left| check.holds(left, *right, *precision))
            }
        }
    }
}

impl OneOf {
    fn new(value: &Value) -> Self {
        let texts: Vec<String> = scalars(value)
            .iter()
            .map(|v| text_of(v).into_owned())
            .collect();
        let spaceless = texts
            .iter()
            .filter(|text| text.trim_start().starts_with(['{', '[']))
            .map(|text| text.replace(' ', ""))
            .collect();
        Self { texts, spaceless }
    }

    fn holds(&self, value: ValueRef<'_>) -> bool {
        match value.kind {
            Kind::Array | Kind::Object => {
                !self.spaceless.is_empty() && self.spaceless.contains(&value.text.replace(' ', ""))
            }
            _ => self.texts.iter().any(|text| text == value.text),
        }
    }

    fn entries(&self, values: &ValueDictionary<true>) -> BitSet {
        let mut found = BitSet::new(values.size());
        for text in &self.texts {
            for kind in [Kind::Null, Kind::Bool, Kind::Number, Kind::String] {
                if let Some(entry) = values.lookup(kind, text) {
                    found.insert(entry);
                }
            }
        }
        if !self.spaceless.is_empty() {
            values
                .entries()
                .filter(|&entry| self.holds(values.value(entry)))
                .for_each(|entry| found.insert(entry));
        }
        found
    }
}

impl Comparison {
    fn holds(self, left: f64, right: f64) -> bool {
        match self {
            Self::Gt => left > right,
            Self::Gte => left >= right,
            Self::Lt => left < right,
            Self::Lte => left <= right,
        }
    }
}

impl DateCheck {
    /// Both sides count in whole seconds. A bare date on the right means all of that day.
    fn holds(self, left: Timestamp, right: Timestamp, precision: Precision) -> bool {
        let left = left.0.div_euclid(SECOND);
        let right = right.0.div_euclid(SECOND);
        let day = DAY / SECOND;
        match (self, precision) {
            (Self::Exact, Precision::Day) => left.div_euclid(day) * day == right,
            (Self::Exact, Precision::Second) => left == right,
            (Self::After, Precision::Day) => left > right + day - 1,
            (Self::After, Precision::Second) => left > right,
            (Self::Before, _) => left < right,
        }
    }
}

fn date_check(check: DateCheck, value: &Value) -> Check {
    let text = text_of(value);
    let precision = if text.trim().len() == 10 {
        Precision::Day
    } else {
        Precision::Second
    };
    // The grammar let only dates through, so the default is never compared with.
    Check::Date(
        check,
        Timestamp::parse(&text).unwrap_or_default(),
        precision,
    )
}

/// Reads a property as a date: the full text, else its first ten characters, else seconds or
/// milliseconds since 1970 (ten or thirteen digits).
pub fn date_of_text(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    Timestamp::parse(text)
        .or_else(|| Timestamp::parse(text.get(..10)?))
        .or_else(|| {
            if !text.bytes().all(|b| b.is_ascii_digit()) {
                return None;
            }
            match text.len() {
                10 => text
                    .parse::<i64>()
                    .ok()
                    .map(|seconds| Timestamp(seconds * SECOND)),
                13 => text
                    .parse::<i64>()
                    .ok()
                    .map(|millis| Timestamp(millis * 1000)),
                _ => None,
            }
        })
}

/// A list's members, or the one value there is.
fn scalars(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(items) => items.iter().collect(),
        single => vec![single],
    }
}

/// A lower-cased piece of text to find anywhere, in which `%` stands for any text and `_` for any one
/// character (a backslash makes them ordinary).
struct Like {
    tokens: Vec<Token>,
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Text(String),
    Any,
    One,
}

impl Like {
    /// The pattern is in small letters.
    fn new(pattern: &str) -> Self {
        let mut tokens = Vec::new();
        let mut text = String::new();
        let mut chars = pattern.chars().peekable();
        while let Some(c) = chars.next() {
            let token = match c {
                '\\' if matches!(chars.peek(), Some('%' | '_' | '\\')) => {
                    text.extend(chars.next());
                    continue;
                }
                '%' => Token::Any,
                '_' => Token::One,
                c => {
                    text.push(c);
                    continue;
                }
            };
            if !text.is_empty() {
                tokens.push(Token::Text(std::mem::take(&mut text)));
            }
            tokens.push(token);
        }
        if !text.is_empty() {
            tokens.push(Token::Text(text));
        }
        Self { tokens }
    }

    /// The text, if there is no wildcard in it.
    fn plain(&self) -> Option<&str> {
        match self.tokens.as_slice() {
            [] => Some(""),
            [Token::Text(text)] => Some(text),
            _ => None,
        }
    }

    fn found_in(&self, lower: &str) -> bool {
        if let Some(text) = self.plain() {
            return lower.contains(text);
        }
        // "Anywhere" is a wildcard on both sides; the greedy match then needs no recursion: only the
        // latest `%` is ever tried again.
        let pattern: Vec<Token> = std::iter::once(Token::Any)
            .chain(self.tokens.iter().cloned())
            .chain(std::iter::once(Token::Any))
            .collect();
        let (mut at, mut token) = (0, 0);
        let mut retry: Option<(usize, usize)> = None;
        loop {
            let step = match pattern.get(token) {
                None if at == lower.len() => return true,
                None => None,
                Some(Token::Any) => {
                    retry = Some((at, token));
                    token += 1;
                    continue;
                }
                Some(Token::One) => lower[at..].chars().next().map(char::len_utf8),
                Some(Token::Text(text)) => {
                    lower[at..].starts_with(text.as_str()).then_some(text.len())
                }
            };
            match (step, retry) {
                (Some(length), _) => {
                    at += length;
                    token += 1;
                }
                (None, Some((start, any))) => match lower[start..].chars().next() {
                    Some(c) => {
                        at = start + c.len_utf8();
                        retry = Some((at, any));
                        token = any + 1;
                    }
                    None => return false,
                },
                (None, None) => return false,
            }
        }
    }
}

/// A filter on one person's properties: compiled once, applied to many.
pub enum Matcher {
    /// All of them.
    All(Vec<Matcher>),
    /// At least one of them; none of them lets everybody through.
    Any(Vec<Matcher>),
    /// Whether the person is in the cohort, and whether that is wanted.
    Cohort(i64, bool),
    /// A test on the value of a property.
    Property(String, Test),
}

impl Matcher {
    /// Compiles a filter.
    pub fn new(tree: &FilterTree, engine: &dyn TextEngine) -> Result<Self, EvaluationError> {
        let compiled = |members: &[FilterTree]| -> Result<Vec<Self>, EvaluationError> {
            members
                .iter()
                .map(|member| Self::new(member, engine))
                .collect()
        };
        Ok(match tree {
            FilterTree::Group(Condition::And, members) => Self::All(compiled(members)?),
            FilterTree::Group(Condition::Or, members) => Self::Any(compiled(members)?),
            FilterTree::Leaf(filter) if filter.subject == Subject::Cohort => Self::Cohort(
                persons_api::filter::cohort_id(&filter.value).unwrap_or_default(),
                filter.operator == Operator::In,
            ),
            FilterTree::Leaf(filter) => {
                Self::Property(filter.key.clone(), Test::new(filter, engine)?)
            }
        })
    }

    /// Whether a person's properties pass. `in_cohort` answers for conditions on cohorts.
    pub fn matches(&self, properties: &Properties, in_cohort: &dyn Fn(i64) -> bool) -> bool {
        let passes = |member: &Self| member.matches(properties, in_cohort);
        match self {
            Self::All(members) => members.iter().all(passes),
            Self::Any(members) => members.is_empty() || members.iter().any(passes),
            Self::Cohort(id, wanted) => in_cohort(*id) == *wanted,
            Self::Property(key, test) => {
                let value = properties.get(key);
                let text = value.map(text_of);
                let value = value.zip(text.as_ref()).map(|(value, text)| ValueRef {
                    kind: Kind::of(value),
                    text,
                });
                test.passes(value)
            }
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    /// The server's engine, for tests.
    pub(crate) struct Regexes;

    impl TextEngine for Regexes {
        fn compile(&self, pattern: &str) -> Result<Pattern, String> {
            let regex = regex::Regex::new(pattern).map_err(|error| error.to_string())?;
            Ok(Box::new(move |text| regex.is_match(text)))
        }

        fn replacement(&self, pattern: &str, by: &str) -> Result<Replacement, String> {
            let regex = regex::Regex::new(pattern).map_err(|error| error.to_string())?;
            let by = by.to_owned();
            Ok(Box::new(move |text| {
                let replaced = regex.replace_all(text, regex::NoExpand(&by));
                matches!(replaced, std::borrow::Cow::Owned(_)).then(|| replaced.into_owned())
            }))
        }
    }

    fn passes(operator: &str, value: Value, property: Option<Value>) -> bool {
        let text = json!([{"key": "k", "operator": operator, "value": value}]).to_string();
        let tree = FilterTree::parse(&text, Subject::Person).expect("a good filter");
        let mut properties = Properties::new();
        properties.extend(property.map(|value| ("k".to_owned(), value)));
        let matcher = Matcher::new(&tree, &Regexes).expect("compiles");
        let alone = matcher.matches(&properties, &|_| false);
        // The same through a column: both ways of asking must agree.
        if let Some(value) = properties.get("k") {
            let mut column = ValueDictionary::<true>::default();
            let entry = column.hold(Kind::of(value), &text_of(value));
            let test = Test::new(tree.leaves()[0], &Regexes).expect("evaluates");
            assert_eq!(
                test.entries(&column).contains(entry),
                alone,
                "{text} on {value}"
            );
        }
        alone
    }

    #[test]
    fn exact_compares_texts_of_any_type() {
        assert!(passes("exact", json!("1"), Some(json!(1))));
        assert!(passes("exact", json!(true), Some(json!("true"))));
        assert!(passes("exact", json!(["a", "b"]), Some(json!("b"))));
        assert!(!passes("exact", json!("Ada"), Some(json!("ada"))));
        assert!(passes("exact", json!("{\"a\": 1}"), Some(json!({"a": 1}))));
        assert!(passes("exact", json!(""), None));
        assert!(passes("is_not", json!("x"), None));
        assert!(!passes("is_not", json!("x"), Some(json!("x"))));
    }

    #[test]
    fn contains_ignores_case_and_knows_wildcards() {
        assert!(passes(
            "icontains",
            json!("ÉMILE"),
            Some(json!("émile@zola.example"))
        ));
        assert!(passes(
            "icontains",
            json!("a%@b"),
            Some(json!("xada@B.example"))
        ));
        assert!(passes("icontains", json!("a_a"), Some(json!("Ada"))));
        assert!(!passes("icontains", json!("a\\_a"), Some(json!("Ada"))));
        assert!(passes("not_icontains", json!("x"), None));
        assert!(passes(
            "icontains",
            json!("city"),
            Some(json!({"city": "Bonn"}))
        ));
    }

    #[test]
    fn numbers_are_compared_as_numbers() {
        assert!(passes("gt", json!(9), Some(json!("10"))));
        assert!(passes("gte", json!("10"), Some(json!("1 0"))));
        assert!(!passes("lt", json!(10), Some(json!("many"))));
        assert!(!passes("lt", json!(10), None));
        assert!(passes("lte", json!(-2.5), Some(json!(-2.5))));
    }

    #[test]
    fn set_means_that_the_key_is_there() {
        assert!(passes("is_set", Value::Null, Some(Value::Null)));
        assert!(!passes("is_set", Value::Null, None));
        assert!(passes("is_not_set", Value::Null, None));
    }

    #[test]
    fn dates_count_days_or_seconds() {
        let at = |text: &str| Some(json!(text));
        assert!(passes(
            "is_date_exact",
            json!("2024-05-01"),
            at("2024-05-01T23:59:59.999Z")
        ));
        assert!(passes(
            "is_date_exact",
            json!("2024-05-01T10:00:00Z"),
            at("2024-05-01 10:00:00.7")
        ));
        assert!(!passes(
            "is_date_after",
            json!("2024-05-01"),
            at("2024-05-01T23:59:59.5Z")
        ));
        assert!(passes(
            "is_date_after",
            json!("2024-05-01"),
            at("2024-05-02T00:00:00Z")
        ));
        assert!(passes(
            "is_date_before",
            json!("2024-05-01"),
            at("2024-04-30T23:59:59Z")
        ));
        assert!(passes(
            "is_date_before",
            json!("2024-05-02"),
            at("2024-05-01 garbage")
        ));
        assert!(passes(
            "is_date_after",
            json!("2024-05-01"),
            Some(json!(1_714_700_000))
        ));
        assert!(!passes("is_date_before", json!("2024-05-01"), None));
    }

    #[test]
    fn patterns_are_found_anywhere_and_bad_ones_are_named() {
        assert!(passes(
            "regex",
            json!("@ac.e\\."),
            Some(json!("ada@acme.example"))
        ));
        assert!(passes("not_regex", json!("^x"), None));
        let tree = FilterTree::parse(
            r#"[{"key":"k","operator":"regex","value":"("}]"#,
            Subject::Person,
        )
        .expect("a filter");
        let error = Matcher::new(&tree, &Regexes).err().expect("no pattern");
        assert!(
            error.to_string().contains("\"k\"") && error.to_string().contains("does not compile")
        );
    }

    proptest! {
        /// A negative operator is the exact opposite of its positive, whatever the value is.
        #[test]
        fn negatives_are_opposites(
            right in "[a-b%_ ]{0,4}", left in prop::option::of("[a-b ]{0,6}"),
            pair in prop::sample::select(vec![("exact", "is_not"), ("icontains", "not_icontains"), ("is_set", "is_not_set")])
        ) {
            let left = left.map(Value::from);
            prop_assert_ne!(passes(pair.0, json!(right), left.clone()), passes(pair.1, json!(right), left));
        }

        /// Wildcards mean what the same pattern means as a regular expression.
        #[test]
        fn wildcards_agree_with_regex(pattern in "[ab%_]{0,6}", text in "[abAB]{0,8}") {
            let regex = pattern.to_lowercase().replace('%', ".*").replace('_', ".");
            let expected = regex::Regex::new(&regex).expect("valid").is_match(&text.to_lowercase());
            prop_assert_eq!(Like::new(&pattern.to_lowercase()).found_in(&text.to_lowercase()), expected, "{} in {}", pattern, text);
        }
    }
}
