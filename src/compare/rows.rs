//! The properties of some people, row by row: where they differ, and where they do not. Pure.

use std::sync::Arc;

use persons_api::{Person, Timestamp};
use serde_json::Value;

use crate::people::{in_order, is_system};
use crate::ui::value::type_name;

/// How the values of a row stand to each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// All have the same.
    Same,
    /// They have different ones, of one type.
    Values,
    /// They have values of these types.
    Types(Vec<&'static str>),
    /// Only so many of them have any; whether those have the same.
    Missing(usize, bool),
}

/// A property in every column.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Its key.
    pub key: String,
    /// Its value for each person; `None` where somebody has none, or is not known.
    pub values: Vec<Option<Value>>,
    /// How they stand to each other.
    pub difference: Difference,
}

/// The rows, in the order of the screen.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rows {
    /// Who of the people is known, in the order of the columns.
    pub known: Vec<bool>,
    /// People's own properties that differ.
    pub own: Vec<Row>,
    /// The system's (`$…`) that differ.
    pub system: Vec<Row>,
    /// Those that do not.
    pub same: Vec<Row>,
}

impl Rows {
    /// How many people are known.
    pub fn people(&self) -> usize {
        self.known.iter().filter(|is_known| **is_known).count()
    }
}

/// The rows of these people; `None` for those who are not known, or not yet.
pub fn rows(people: &[Option<Arc<Person>>]) -> Rows {
    let mut rows = Rows {
        known: people.iter().map(Option::is_some).collect(),
        ..Rows::default()
    };
    let known = people.iter().flatten();
    let mut keys: Vec<&String> = Vec::new();
    for key in known.clone().flat_map(|person| person.properties.keys()) {
        let place = keys.partition_point(|before| *before < key);
        if keys.get(place) != Some(&key) {
            keys.insert(place, key);
        }
    }
    let count = known.count();
    let ranked = keys
        .into_iter()
        .map(|key| (usize::from(is_system(key)), key));
    for key in in_order(ranked) {
        let value = |person: &Option<Arc<Person>>| person.as_ref()?.properties.get(&key).cloned();
        let values: Vec<_> = people.iter().map(value).collect();
        let difference = difference(&values, count);
        let group = match difference {
            Difference::Same => &mut rows.same,
            _ if is_system(&key) => &mut rows.system,
            _ => &mut rows.own,
        };
        group.push(Row {
            key,
            values,
            difference,
        });
    }
    rows
}

fn difference(values: &[Option<Value>], people: usize) -> Difference {
    let mut there = values.iter().flatten();
    let count = there.clone().count();
    let mut types: Vec<&'static str> = Vec::new();
    for name in there.clone().map(type_name) {
        if !types.contains(&name) {
            types.push(name);
        }
    }
    let first = there.next();
    let are_same = there.all(|value| first.is_some_and(|first| is_same(first, value)));
    match (are_same, types.len()) {
        _ if count < people => Difference::Missing(count, are_same),
        (true, _) => Difference::Same,
        (false, 1) => Difference::Values,
        (false, _) => Difference::Types(types),
    }
}

/// `12` and `12.0` are one number: who sent it with a point meant nothing by it.
fn is_same(one: &Value, other: &Value) -> bool {
    one == other
        || one
            .as_f64()
            .is_some_and(|number| Some(number) == other.as_f64())
}

/// What all of these lists have in them, in the order of the first.
pub fn in_all<'a>(lists: &[&'a [String]]) -> Vec<&'a str> {
    let Some((first, others)) = lists.split_first() else {
        return Vec::new();
    };
    let is_everywhere = |text: &&String| others.iter().all(|list| list.contains(text));
    first
        .iter()
        .filter(is_everywhere)
        .map(String::as_str)
        .collect()
}

/// The earliest and the latest of some moments, if at least two are known.
pub fn span(moments: &[Option<Timestamp>]) -> Option<(Timestamp, Timestamp)> {
    let known = || moments.iter().flatten().copied();
    let (earliest, latest) = (
        known().min_by_key(|at| at.0)?,
        known().max_by_key(|at| at.0)?,
    );
    (known().count() > 1).then_some((earliest, latest))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn people(properties: &[Value]) -> Vec<Option<Arc<Person>>> {
        let person = |properties: &Value| {
            let person = json!({
                "id": 1, "uuid": "018f3c5a-7b1e-7c44-9d3e-2f6a1b0c9d8e", "properties": properties,
            });
            serde_json::from_value(person).expect("a person")
        };
        let known = |value: &&Value| !value.is_null();
        properties
            .iter()
            .map(|value| {
                Some(value)
                    .filter(known)
                    .map(|value| Arc::new(person(value)))
            })
            .collect()
    }

    fn keys(rows: &[Row]) -> Vec<&str> {
        rows.iter().map(|row| row.key.as_str()).collect()
    }

    fn differences(one: Value, other: Value) -> Difference {
        let mut rows = rows(&people(&[json!({"k": one}), json!({"k": other})]));
        rows.same.append(&mut rows.own);
        rows.same.remove(0).difference
    }

    #[test]
    fn rows_that_differ_stand_apart_from_those_that_do_not() {
        let found = rows(&people(&[
            json!({"plan": "pro", "Seats": 1, "$os": "Linux", "vip": true, "$ip": null}),
            json!({"plan": "pro", "Seats": 2, "$os": "macOS", "bio": "", "$ip": null}),
        ]));
        assert_eq!(keys(&found.own), ["bio", "Seats", "vip"]);
        assert_eq!(keys(&found.system), ["$os"]);
        assert_eq!(keys(&found.same), ["plan", "$ip"]);
        assert_eq!(found.own[0].values, [None, Some(json!(""))]);
    }

    #[test]
    fn null_nothing_empty_and_text_are_four_different_things() {
        let four = [json!(null), json!(""), json!("null")];
        for (place, one) in four.iter().enumerate() {
            for other in &four[place + 1..] {
                assert_ne!(differences(one.clone(), other.clone()), Difference::Same);
            }
        }
        let missing = rows(&people(&[json!({"k": null}), json!({})]));
        assert_eq!(missing.own[0].difference, Difference::Missing(1, true));
    }

    #[test]
    fn of_those_who_have_any_it_is_said_whether_they_have_the_same() {
        let missing = |last: Value| {
            let some = [json!({"k": 1}), json!({}), json!({"k": last})];
            rows(&people(&some)).own.remove(0).difference
        };
        assert_eq!(missing(json!(1)), Difference::Missing(2, true));
        assert_eq!(missing(json!("1")), Difference::Missing(2, false));
    }

    #[test]
    fn types_that_differ_are_named() {
        let types = differences(json!("41"), json!(41));
        assert_eq!(types, Difference::Types(vec!["string", "number"]));
        assert_eq!(differences(json!(41), json!(42)), Difference::Values);
        assert_eq!(differences(json!(12), json!(12.0)), Difference::Same);
        assert_eq!(
            differences(json!({"a": [1]}), json!({"a": [1]})),
            Difference::Same
        );
        assert_eq!(
            differences(json!({"a": [1]}), json!({"a": [2]})),
            Difference::Values
        );
    }

    #[test]
    fn who_is_not_known_makes_no_difference_and_keeps_the_place() {
        let found = rows(&people(&[json!({"k": 1}), Value::Null, json!({"k": 1})]));
        assert_eq!(keys(&found.same), ["k"]);
        assert_eq!(found.same[0].values, [Some(json!(1)), None, Some(json!(1))]);
        assert_eq!(
            (found.known.as_slice(), found.people()),
            (&[true, false, true][..], 2)
        );
    }

    #[test]
    fn what_all_have_in_common_is_found() {
        let list = |texts: &[&str]| -> Vec<String> {
            texts.iter().map(|text| (*text).to_owned()).collect()
        };
        let (one, two, three) = (list(&["a", "b", "c"]), list(&["c", "b"]), list(&["b"]));
        assert_eq!(in_all(&[&one, &two]), ["b", "c"]);
        assert_eq!(in_all(&[&one, &two, &three]), ["b"]);
        assert!(in_all(&[]).is_empty());
    }

    #[test]
    fn a_span_needs_two_moments() {
        let at = |second: i64| Some(Timestamp(second));
        assert_eq!(
            span(&[at(5), None, at(2), at(9)]),
            Some((Timestamp(2), Timestamp(9)))
        );
        assert_eq!(span(&[at(5), None]), None);
        assert_eq!(span(&[]), None);
    }
}
