//! What numbers are cut by, and the values on the wire.

use persons_api::json::{self, JsonError};
use persons_engine::insights::breakdown::{DEFAULT_LIMIT, MISSING_WORD, OTHER_WORD};
use persons_engine::insights::{Breakdown, BreakdownBy, BreakdownValue};
use serde_json::{Value, json};

use super::series::objects;
use crate::http::error::ApiError;
use crate::http::params::{Params, check_length, too_deep};

/// The parameters that say what numbers are cut by.
pub(super) const NAMES: [&str; 5] = [
    "breakdown",
    "breakdowns",
    "breakdown_type",
    "breakdown_limit",
    "breakdown_histogram_bin_count",
];

/// More values or ranges than this are more than anybody can look at.
const MOST: usize = 1000;

/// Properties in one breakdown, at most. Each insight has a lower limit of its own.
const MAX_PROPERTIES: usize = 100;

/// What numbers are cut by, if by anything.
pub(super) fn breakdown(params: &Params) -> Result<Option<Breakdown>, ApiError> {
    let mut all = breakdown_by(params)?;
    if all.len() > 1 {
        let name = match params.get("breakdowns") {
            None => "breakdown",
            Some(_) => "breakdowns",
        };
        let detail = "Only one breakdown at a time is offered here.";
        return Err(ApiError::invalid(name, detail));
    }
    let limit = limit(params, DEFAULT_LIMIT)?;
    Ok(all.pop().map(|by| Breakdown { by, limit }))
}

/// How many values are told apart.
pub(super) fn limit(params: &Params, default: usize) -> Result<usize, ApiError> {
    Ok(count(params, "breakdown_limit")?.unwrap_or(default))
}

/// All that numbers are cut by at once.
pub(super) fn breakdown_by(params: &Params) -> Result<Vec<BreakdownBy>, ApiError> {
    let asked = asked(params)?.into_iter();
    asked.map(|(key, kind)| by(params, key, &kind)).collect()
}

fn by(params: &Params, key: Value, kind: &str) -> Result<BreakdownBy, ApiError> {
    let ranges = count(params, "breakdown_histogram_bin_count")?;
    match (kind, ranges) {
        ("event", None) => Ok(BreakdownBy::Event(text_key(key)?)),
        ("event", Some(ranges)) => Ok(BreakdownBy::EventRanges(text_key(key)?, ranges)),
        ("person", None) => Ok(BreakdownBy::Person(text_key(key)?)),
        ("cohort", None) => Ok(BreakdownBy::Cohorts(cohorts(&key)?)),
        (_, Some(_)) => {
            let detail = "Only numbers in properties of events can be cut into ranges.";
            Err(ApiError::invalid("breakdown_histogram_bin_count", detail))
        }
        _ => Err(ApiError::invalid(
            "breakdown_type",
            "Use event, person or cohort.",
        )),
    }
}

/// Keys and their kinds. The cohorts are one key.
fn asked(params: &Params) -> Result<Vec<(Value, String)>, ApiError> {
    if let Some(list) = params.json("breakdowns")? {
        let list = objects("breakdowns", &list)?;
        check_length("breakdowns", list.len(), MAX_PROPERTIES)?;
        let asked = list.into_iter().map(|one| {
            let key = one.get("property").or(one.get("value"));
            let key = key.ok_or_else(|| ApiError::required("breakdowns"))?;
            let kind = one.get("type").and_then(Value::as_str);
            let kind = kind.or(params.get("breakdown_type")).unwrap_or("event");
            Ok((key.clone(), kind.to_owned()))
        });
        return asked.collect();
    }
    let Some(text) = params.get("breakdown") else {
        return Ok(Vec::new());
    };
    let kind = params.get("breakdown_type").unwrap_or("event");
    // A key may look like a number; a list is never a key.
    let keys = match json::parse(text) {
        Ok(Value::Array(list)) if kind != "cohort" => list,
        Ok(list @ Value::Array(_)) => vec![list],
        Err(error @ JsonError::TooDeep { .. }) => return Err(too_deep("breakdown", &error)),
        _ => vec![Value::from(text)],
    };
    check_length("breakdown", keys.len(), MAX_PROPERTIES)?;
    Ok(keys.into_iter().map(|key| (key, kind.to_owned())).collect())
}

fn text_key(key: Value) -> Result<String, ApiError> {
    match key {
        Value::String(key) if !key.is_empty() => Ok(key),
        _ => Err(ApiError::invalid(
            "breakdown",
            "This has to be the key of a property.",
        )),
    }
}

fn cohorts(list: &Value) -> Result<Vec<Option<i64>>, ApiError> {
    let list = match list {
        Value::Array(list) => list.as_slice(),
        one => std::slice::from_ref(one),
    };
    let cohorts = list.iter().map(cohort);
    let cohorts = cohorts.collect::<Option<Vec<_>>>();
    cohorts
        .filter(|cohorts| cohorts.len() <= MOST)
        .ok_or_else(|| ApiError::invalid("breakdown", "Use the numbers of cohorts, or \"all\"."))
}

/// A cohort's number, or everybody.
fn cohort(id: &Value) -> Option<Option<i64>> {
    match id {
        Value::String(text) if text == "all" => Some(None),
        Value::String(text) => text.parse().ok().map(Some),
        id => id.as_i64().map(Some),
    }
}

fn count(params: &Params, name: &'static str) -> Result<Option<usize>, ApiError> {
    match params.number(name)? {
        Some(0) => Err(ApiError::invalid(
            name,
            "Ensure this value is greater than or equal to 1.",
        )),
        count => Ok(count.map(|count| count.min(MOST))),
    }
}

/// The value that `breakdown_value` means.
pub(super) fn value(by: &BreakdownBy, text: &str) -> Result<BreakdownValue, ApiError> {
    let wrong = |detail: &str| ApiError::invalid("breakdown_value", detail);
    Ok(match by {
        BreakdownBy::Event(_) | BreakdownBy::Person(_) => BreakdownValue::from_text(text),
        BreakdownBy::EventRanges(..) => match json::parse_as::<[f64; 2]>(text) {
            Ok([from, to]) => BreakdownValue::Range(from, to),
            Err(_) => return Err(wrong("This has to be a range such as [0, 10].")),
        },
        BreakdownBy::Cohorts(_) => BreakdownValue::Cohort(
            cohort(&Value::from(text))
                .ok_or_else(|| wrong("Use the number of a cohort, or \"all\"."))?,
        ),
    })
}

/// A value on the wire.
pub(super) fn wire(value: &BreakdownValue) -> Value {
    match value {
        BreakdownValue::Text(text) => json!(text),
        BreakdownValue::Missing => json!(MISSING_WORD),
        BreakdownValue::Other => json!(OTHER_WORD),
        BreakdownValue::Range(from, to) => json!(json!([from, to]).to_string()),
        BreakdownValue::Cohort(Some(id)) => json!(id),
        BreakdownValue::Cohort(None) => json!("all"),
    }
}
