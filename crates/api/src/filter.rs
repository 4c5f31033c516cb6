//! The filter grammar: conditions on properties, joined into an AND/OR tree.
//!
//! Accepted on the wire (in `properties`, as JSON): a flat list, which is ANDed, or a tree
//! `{"type": "AND"|"OR", "values": [...]}`. What cannot be built is an error that names it; nothing is
//! dropped in silence. How a condition is evaluated is the engine's business.

use serde_json::{Value, json};
use thiserror::Error;

use crate::json::{self, JsonError};

/// What a condition compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operator {
    /// Text equals one of the values.
    Exact,
    /// Text equals none of the values; a missing property is an empty text.
    IsNot,
    /// Contains, ignoring case; `%` and `_` are wildcards.
    Contains,
    /// Does not contain.
    NotContains,
    /// The pattern is found anywhere.
    Regex,
    /// The pattern is found nowhere.
    NotRegex,
    /// Greater, as numbers.
    Gt,
    /// Greater or equal, as numbers.
    Gte,
    /// Less, as numbers.
    Lt,
    /// Less or equal, as numbers.
    Lte,
    /// The key is there, even if its value is null.
    IsSet,
    /// The key is absent.
    IsNotSet,
    /// The same day, or the same second.
    DateExact,
    /// Later.
    DateAfter,
    /// Earlier.
    DateBefore,
    /// Member of the cohort.
    In,
    /// Not a member of the cohort.
    NotIn,
}

impl Operator {
    /// Every operator with its name on the wire.
    pub const ALL: [(Self, &'static str); 17] = [
        (Self::Exact, "exact"),
        (Self::IsNot, "is_not"),
        (Self::Contains, "icontains"),
        (Self::NotContains, "not_icontains"),
        (Self::Regex, "regex"),
        (Self::NotRegex, "not_regex"),
        (Self::Gt, "gt"),
        (Self::Gte, "gte"),
        (Self::Lt, "lt"),
        (Self::Lte, "lte"),
        (Self::IsSet, "is_set"),
        (Self::IsNotSet, "is_not_set"),
        (Self::DateExact, "is_date_exact"),
        (Self::DateAfter, "is_date_after"),
        (Self::DateBefore, "is_date_before"),
        (Self::In, "in"),
        (Self::NotIn, "not_in"),
    ];

    /// The name on the wire.
    pub fn name(self) -> &'static str {
        Self::ALL[self as usize].1
    }

    /// The operator of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .find(|(_, known)| *known == name)
            .map(|(operator, _)| *operator)
    }

    /// Whether the operator needs no value.
    pub fn is_unary(self) -> bool {
        matches!(self, Self::IsSet | Self::IsNotSet)
    }

    /// The operator that matches exactly what this one does not.
    pub fn negated(self) -> Option<Self> {
        let pairs = [
            (Self::Exact, Self::IsNot),
            (Self::Contains, Self::NotContains),
            (Self::Regex, Self::NotRegex),
            (Self::IsSet, Self::IsNotSet),
            (Self::In, Self::NotIn),
        ];
        pairs.iter().find_map(|&(a, b)| match self {
            x if x == a => Some(b),
            x if x == b => Some(a),
            _ => None,
        })
    }
}

/// What a filter looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    /// A property of the person.
    Person,
    /// Membership in a cohort.
    Cohort,
    /// A property of an event (insights only).
    Event,
}

impl Subject {
    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Cohort => "cohort",
            Self::Event => "event",
        }
    }
}

/// One condition: a subject's key, an operator, and the value it is compared with.
#[derive(Clone, Debug, PartialEq)]
pub struct PropertyFilter {
    /// What it looks at.
    pub subject: Subject,
    /// The property key; `id` for cohorts.
    pub key: String,
    /// How it compares.
    pub operator: Operator,
    /// A scalar or a list of scalars; null for operators without a value.
    pub value: Value,
}

impl PropertyFilter {
    /// A condition on a property of the person.
    pub fn person(key: impl Into<String>, operator: Operator, value: Value) -> Self {
        Self {
            subject: Subject::Person,
            key: key.into(),
            operator,
            value,
        }
    }

    /// The form on the wire. `type` and `operator` are always spelt out, because servers disagree on
    /// the defaults.
    pub fn to_json(&self) -> Value {
        // Operators without a value still need the key: servers drop a filter that has none.
        let value = if self.operator.is_unary() {
            json!(self.operator.name())
        } else {
            self.value.clone()
        };
        json!({"key": self.key, "value": value, "operator": self.operator.name(), "type": self.subject.name()})
    }
}

/// How the members of a [`FilterTree`] are joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// All of them.
    And,
    /// At least one of them.
    Or,
}

/// Conditions joined by AND and OR. An empty AND matches everybody.
#[derive(Clone, Debug, PartialEq)]
pub enum FilterTree {
    /// One condition.
    Leaf(PropertyFilter),
    /// Several, joined.
    Group(Condition, Vec<FilterTree>),
}

impl Default for FilterTree {
    fn default() -> Self {
        Self::Group(Condition::And, Vec::new())
    }
}

/// Why a filter cannot be built. The text is shown to people as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum FilterError {
    /// Not JSON at all.
    #[error("Properties are unparsable!")]
    NotJson,
    /// A `values` list with both kinds of members.
    #[error("Property list cannot contain both PropertyGroup and Property objects")]
    Mixed,
    /// A tree that is no tree.
    #[error("PropertyGroup is unparsable: {0}")]
    Tree(String),
    /// One condition that cannot be used.
    #[error("Filter on \"{key}\" cannot be used: {reason}")]
    Filter {
        /// The key it names, or its place in the list.
        key: String,
        /// What is wrong with it.
        reason: String,
    },
    /// JSON nested beyond what is accepted.
    #[error("The filter is {0}.")]
    TooDeep(JsonError),
    /// Groups, conditions or values beyond what is accepted.
    #[error("The filter is too large: {0}")]
    TooLarge(&'static str),
}

/// Levels of groups in a filter, at most. Evaluation is recursive.
const MAX_DEPTH: usize = 8;
/// Conditions in a filter, at most. Each is a pass over the values of a property.
const MAX_CONDITIONS: usize = 500;
/// Groups in a filter, at most: as many as conditions, because an empty group has no use.
const MAX_GROUPS: usize = 500;
/// Values that all conditions of a filter are compared with, at most. The body of a request holds many more.
const MAX_VALUES: usize = 5_000;
/// Characters of a key, at most. No property has a longer one.
const MAX_KEY: usize = 400;

impl FilterTree {
    /// Reads the JSON text of a `properties` parameter. Empty text means no filter.
    /// `default_subject` is meant when a condition names no `type`.
    pub fn parse(text: &str, default_subject: Subject) -> Result<Self, FilterError> {
        if text.trim().is_empty() {
            return Ok(Self::default());
        }
        let value = json::parse(text).map_err(|error| match error {
            JsonError::TooDeep { .. } => FilterError::TooDeep(error),
            JsonError::Malformed(_) => FilterError::NotJson,
        })?;
        Self::from_json(&value, default_subject)
    }

    /// Reads the JSON value of a `properties` parameter.
    pub fn from_json(value: &Value, default_subject: Subject) -> Result<Self, FilterError> {
        let mut reader = Reader {
            default_subject,
            conditions: 0,
            groups: 0,
            values: 0,
        };
        match value {
            Value::Null => Ok(Self::default()),
            Value::Array(items) => Ok(Self::Group(Condition::And, reader.members(items, 0)?)),
            Value::Object(map) if map.is_empty() => Ok(Self::default()),
            Value::Object(map)
                if map.contains_key("values")
                    || map.contains_key("type") && !map.contains_key("key") =>
            {
                reader.group(map, 0)
            }
            Value::Object(map) if map.contains_key("key") => Err(FilterError::Tree(
                "a single filter must stand in a list".into(),
            )),
            Value::Object(map) => reader.ancient_map(map),
            _ => Err(FilterError::NotJson),
        }
    }

    /// Whether it lets everybody through without looking.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Leaf(_) => false,
            Self::Group(_, members) => members.iter().all(Self::is_empty),
        }
    }

    /// The conditions in it, left to right.
    pub fn leaves(&self) -> Vec<&PropertyFilter> {
        match self {
            Self::Leaf(filter) => vec![filter],
            Self::Group(_, members) => members.iter().flat_map(Self::leaves).collect(),
        }
    }

    /// The form on the wire: a flat list where that is enough (every server understands it), else a tree.
    pub fn to_json(&self) -> Value {
        match self {
            Self::Leaf(filter) => json!([filter.to_json()]),
            Self::Group(Condition::And, members)
                if members.iter().all(|member| matches!(member, Self::Leaf(_))) =>
            {
                members.iter().map(Self::node_json).collect()
            }
            Self::Group(..) => self.node_json(),
        }
    }

    /// A node inside a tree. Leaves beside groups are wrapped, because a list may not mix the two.
    fn node_json(&self) -> Value {
        match self {
            Self::Leaf(filter) => filter.to_json(),
            Self::Group(condition, members) => {
                let mixed = members
                    .iter()
                    .any(|member| matches!(member, Self::Group(..)));
                let values: Vec<Value> = members
                    .iter()
                    .map(|member| match member {
                        Self::Leaf(filter) if mixed => {
                            json!({"type": "AND", "values": [filter.to_json()]})
                        }
                        member => member.node_json(),
                    })
                    .collect();
                json!({"type": condition.name(), "values": values})
            }
        }
    }
}

impl Condition {
    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::And => "AND",
            Self::Or => "OR",
        }
    }
}

struct Reader {
    default_subject: Subject,
    conditions: usize,
    groups: usize,
    values: usize,
}

impl Reader {
    fn group(
        &mut self,
        map: &serde_json::Map<String, Value>,
        depth: usize,
    ) -> Result<FilterTree, FilterError> {
        if depth >= MAX_DEPTH {
            return Err(FilterError::TooLarge("more than 8 levels"));
        }
        self.groups += 1;
        if self.groups > MAX_GROUPS {
            return Err(FilterError::TooLarge("more than 500 groups"));
        }
        let condition = match map.get("type").and_then(Value::as_str) {
            Some("AND") => Condition::And,
            Some("OR") => Condition::Or,
            _ => return Err(FilterError::Tree("type must be AND or OR".into())),
        };
        let Some(Value::Array(items)) = map.get("values") else {
            return Err(FilterError::Tree("values must be a list".into()));
        };
        Ok(FilterTree::Group(
            condition,
            self.members(items, depth + 1)?,
        ))
    }

    fn members(&mut self, items: &[Value], depth: usize) -> Result<Vec<FilterTree>, FilterError> {
        let is_group = |item: &Value| item.get("values").is_some() && item.get("key").is_none();
        let groups = items.iter().filter(|item| is_group(item)).count();
        if groups != 0 && groups != items.len() {
            return Err(FilterError::Mixed);
        }
        items
            .iter()
            .enumerate()
            .map(|(index, item)| match item {
                Value::Object(map) if groups != 0 => self.group(map, depth),
                Value::Object(map) => self.filter(map, index).map(FilterTree::Leaf),
                _ => Err(FilterError::Filter {
                    key: format!("#{}", index + 1),
                    reason: "it is not an object".into(),
                }),
            })
            .collect()
    }

    fn filter(
        &mut self,
        map: &serde_json::Map<String, Value>,
        index: usize,
    ) -> Result<PropertyFilter, FilterError> {
        self.conditions += 1;
        if self.conditions > MAX_CONDITIONS {
            return Err(FilterError::TooLarge("more than 500 conditions"));
        }
        let named = map
            .get("key")
            .map(|key| key.as_str().map_or_else(|| key.to_string(), str::to_owned));
        let fail = |reason: String| FilterError::Filter {
            key: named.clone().unwrap_or_else(|| format!("#{}", index + 1)),
            reason,
        };
        let count = map
            .get("value")
            .and_then(Value::as_array)
            .map_or(1, Vec::len);
        self.values += count;
        if self.values > MAX_VALUES {
            return Err(FilterError::TooLarge("more than 5000 values"));
        }
        let subject = match map.get("type") {
            None | Some(Value::Null) => self.default_subject,
            Some(Value::String(kind)) => match kind.as_str() {
                "person" => Subject::Person,
                "event" => Subject::Event,
                "cohort" | "static-cohort" | "precalculated-cohort" => Subject::Cohort,
                other => return Err(fail(format!("the type \"{other}\" is not offered here"))),
            },
            Some(other) => return Err(fail(format!("the type {other} is not text"))),
        };
        let key = match (&named, subject) {
            (Some(key), _) if key.chars().nth(MAX_KEY).is_some() => {
                return Err(FilterError::TooLarge("a key with more than 400 characters"));
            }
            (Some(key), _) if map["key"].is_string() => key.clone(),
            (None, Subject::Cohort) => "id".to_owned(),
            (None, _) => return Err(fail("it has no key".into())),
            (Some(_), _) => return Err(fail("the key is not text".into())),
        };
        let operator = match map.get("operator") {
            None | Some(Value::Null) if subject == Subject::Cohort => Operator::In,
            None | Some(Value::Null) => Operator::Exact,
            Some(Value::String(name)) => Operator::from_name(name)
                .ok_or_else(|| fail(format!("the operator \"{name}\" is not known")))?,
            Some(other) => return Err(fail(format!("the operator {other} is not text"))),
        };
        let operator = match (subject, operator) {
            (Subject::Cohort, Operator::Exact) => Operator::In,
            (Subject::Cohort, Operator::IsNot) => Operator::NotIn,
            (Subject::Cohort, Operator::In | Operator::NotIn) => operator,
            (Subject::Cohort, other) => {
                return Err(fail(format!(
                    "a cohort cannot be compared with \"{}\"",
                    other.name()
                )));
            }
            (_, Operator::In | Operator::NotIn) => {
                return Err(fail("only cohorts have members".into()));
            }
            (_, other) => other,
        };
        let operator = match map.get("negation") {
            Some(Value::Bool(true)) => operator
                .negated()
                .ok_or_else(|| fail(format!("\"{}\" cannot be negated", operator.name())))?,
            _ => operator,
        };
        // The value of an operator without one is a habit of clients, not a part of the filter.
        let value = map
            .get("value")
            .filter(|_| !operator.is_unary())
            .cloned()
            .unwrap_or(Value::Null);
        if let Some(reason) = value_fault(operator, map.get("value")) {
            return Err(fail(reason));
        }
        Ok(PropertyFilter {
            subject,
            key,
            operator,
            value,
        })
    }

    /// `{"email__icontains": "x"}`, the oldest form.
    fn ancient_map(
        &mut self,
        map: &serde_json::Map<String, Value>,
    ) -> Result<FilterTree, FilterError> {
        let items: Vec<Value> = map
            .iter()
            .map(|(key, value)| {
                let (key, operator) = match key.rsplit_once("__") {
                    Some((key, name)) if Operator::from_name(name).is_some() => (key, name),
                    _ => (key.as_str(), "exact"),
                };
                json!({"key": key, "operator": operator, "value": value})
            })
            .collect();
        Ok(FilterTree::Group(Condition::And, self.members(&items, 0)?))
    }
}

/// What is wrong with a value for an operator, if anything.
fn value_fault(operator: Operator, value: Option<&Value>) -> Option<String> {
    if operator.is_unary() {
        return None;
    }
    let value = match value {
        None => return Some("it has no value".into()),
        Some(Value::Null) => return Some("its value is null; use is_set or is_not_set".into()),
        Some(value) => value,
    };
    let scalar = |value: &Value| !matches!(value, Value::Array(_) | Value::Object(_));
    match operator {
        Operator::Gt | Operator::Gte | Operator::Lt | Operator::Lte => {
            number_of(value, |text| text.parse().ok())
                .is_none()
                .then(|| format!("{value} is not a number"))
        }
        Operator::DateExact | Operator::DateAfter | Operator::DateBefore => value
            .as_str()
            .and_then(crate::Timestamp::parse)
            .is_none()
            .then(|| format!("{value} is not a date")),
        Operator::In | Operator::NotIn => cohort_id(value)
            .is_none()
            .then(|| format!("{value} is not a cohort's number")),
        Operator::Regex | Operator::NotRegex => {
            (!value.is_string()).then(|| "the pattern is not text".into())
        }
        Operator::Exact | Operator::IsNot => None,
        _ => match value {
            Value::Array(items) if items.is_empty() => Some("its list of values is empty".into()),
            Value::Array(items) if !items.iter().all(scalar) => {
                Some("its list holds lists or objects".into())
            }
            _ => None,
        },
    }
}

/// A number, or text that is one once blanks are taken out; lists of one count as their member. `read`
/// reads a number from a text without blanks.
pub fn number_of(value: &Value, read: fn(&str) -> Option<f64>) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => number_of_text(text, read),
        Value::Array(items) if items.len() == 1 => number_of(&items[0], read),
        _ => None,
    }
}

/// The number a text stands for, blanks and quotes left out, as the numeric operators read it.
pub fn number_of_text(text: &str, read: fn(&str) -> Option<f64>) -> Option<f64> {
    if text.contains([' ', '"']) {
        let stripped: String = text.chars().filter(|c| !matches!(c, ' ' | '"')).collect();
        return read(&stripped);
    }
    read(text)
}

/// The cohort a value names: a number, its text, or a list of one.
pub fn cohort_id(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.parse().ok(),
        Value::Array(items) if items.len() == 1 => cohort_id(&items[0]),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<FilterTree, FilterError> {
        FilterTree::parse(text, Subject::Person)
    }

    #[test]
    fn every_operator_is_found_under_its_own_name() {
        for (operator, name) in Operator::ALL {
            assert_eq!(operator.name(), name);
            assert_eq!(Operator::from_name(name), Some(operator));
        }
    }

    #[test]
    fn a_flat_list_is_anded_and_survives_the_way_back() {
        let text = r#"[{"key":"email","value":"@example.com","operator":"icontains","type":"person"},{"key":"plan","value":["pro","team"]}]"#;
        let tree = parse(text).expect("valid");
        assert_eq!(tree.leaves().len(), 2);
        assert_eq!(
            FilterTree::from_json(&tree.to_json(), Subject::Event),
            Ok(tree)
        );
    }

    #[test]
    fn a_tree_survives_the_way_back() {
        let text = r#"{"type":"OR","values":[{"type":"AND","values":[{"key":"plan","value":"pro"}]},{"type":"AND","values":[{"key":"vip","operator":"is_set"}]}]}"#;
        let tree = parse(text).expect("valid");
        assert_eq!(
            FilterTree::from_json(&tree.to_json(), Subject::Event),
            Ok(tree)
        );
    }

    #[test]
    fn mixed_lists_are_refused() {
        let text = r#"{"type":"AND","values":[{"key":"a","value":1},{"type":"OR","values":[]}]}"#;
        assert_eq!(parse(text), Err(FilterError::Mixed));
    }

    #[test]
    fn what_cannot_be_built_is_named() {
        for (text, part) in [
            (
                r#"[{"key":"plan"}]"#,
                "\"plan\" cannot be used: it has no value",
            ),
            (
                r#"[{"key":"plan","value":1,"operator":"like"}]"#,
                "\"like\" is not known",
            ),
            (r#"[{"value":1}]"#, "\"#1\" cannot be used: it has no key"),
            (
                r#"[{"key":"seats","value":"many","operator":"gt"}]"#,
                "is not a number",
            ),
            (
                r#"[{"key":"born","value":"soon","operator":"is_date_after"}]"#,
                "is not a date",
            ),
            (
                r#"[{"key":"id","value":"x","type":"cohort"}]"#,
                "is not a cohort's number",
            ),
            (
                r#"[{"key":"x","value":1,"type":"group"}]"#,
                "\"group\" is not offered",
            ),
            (r#"[5]"#, "#1"),
            ("{", "unparsable"),
            ("7", "unparsable"),
            (r#"{"type":"XOR","values":[]}"#, "type must be AND or OR"),
        ] {
            let error = parse(text).expect_err(text).to_string();
            assert!(error.contains(part), "{text}: {error}");
        }
    }

    #[test]
    fn deep_and_large_filters_are_refused() {
        let mut deep = r#"{"type":"AND","values":[{"key":"a","value":1}]}"#.to_owned();
        for _ in 0..10 {
            deep = format!(r#"{{"type":"AND","values":[{deep}]}}"#);
        }
        assert!(matches!(parse(&deep), Err(FilterError::TooLarge(_))));
        let many = format!("[{}]", vec![r#"{"key":"a","value":1}"#; 501].join(","));
        assert!(matches!(parse(&many), Err(FilterError::TooLarge(_))));
    }

    #[test]
    fn groups_values_keys_and_levels_of_a_filter_are_limited() {
        let large = |text: &str| match parse(text) {
            Err(error @ (FilterError::TooLarge(_) | FilterError::TooDeep(_))) => error.to_string(),
            other => panic!("{other:?}"),
        };
        let groups = |count| {
            let groups = vec![r#"{"type":"OR","values":[]}"#; count].join(",");
            format!(r#"{{"type":"AND","values":[{groups}]}}"#)
        };
        assert!(parse(&groups(MAX_GROUPS - 1)).is_ok());
        assert!(large(&groups(MAX_GROUPS)).contains("500 groups"));
        let values = |count| {
            let values = vec!["1"; count].join(",");
            format!(r#"[{{"key":"a","value":1}},{{"key":"b","value":[{values}]}}]"#)
        };
        assert!(parse(&values(MAX_VALUES - 1)).is_ok());
        assert!(large(&values(MAX_VALUES)).contains("5000 values"));
        let key = |length| format!(r#"[{{"key":"{}","value":1}}]"#, "é".repeat(length));
        assert!(parse(&key(MAX_KEY)).is_ok());
        assert!(large(&key(MAX_KEY + 1)).contains("400 characters"));
        let deep = format!(
            r#"[{{"key":"a","value":{}{}}}]"#,
            "[".repeat(63),
            "]".repeat(63)
        );
        assert!(large(&deep).contains("nested deeper than 64 levels"));
    }

    #[test]
    fn cohorts_and_negation_are_understood() {
        let tree =
            parse(r#"[{"key":"id","value":31,"type":"cohort","negation":true}]"#).expect("valid");
        assert_eq!(tree.leaves()[0].operator, Operator::NotIn);
    }

    #[test]
    fn the_oldest_form_is_understood() {
        let tree = parse(r#"{"email__icontains":"x","plan":"pro"}"#).expect("valid");
        let operators: Vec<_> = tree.leaves().iter().map(|leaf| leaf.operator).collect();
        assert_eq!(operators, [Operator::Contains, Operator::Exact]);
    }
}
