//! What the tests of all insights ask with, and the slow and obvious way to say which events are asked about.

use std::collections::BTreeMap;
use std::fmt::Debug;

use jiff::tz::TimeZone;
use persons_api::timestamp::DAY;
use persons_api::{Condition, FilterTree, Properties, Subject, Timestamp};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::dates::{Calendar, DateRange};
use crate::filter::Matcher;
use crate::filter::tests::Regexes;
use crate::insights::breakdown::{Breakdown, BreakdownBy, BreakdownValue};
use crate::insights::entity::{Action, ActionStep, Entity, Occurrence};
use crate::insights::points::Points;
use crate::insights::{ListedPeople, Source};
use crate::testing::{HOUR, Happened, PROS, START, Whose, World, person};
use crate::value::text_of;

/// The clocks of New York, or those of nowhere in particular.
pub(crate) fn zone(eastern: bool) -> TimeZone {
    if eastern {
        TimeZone::posix("EST5EDT,M3.2.0,M11.1.0").expect("a zone")
    } else {
        TimeZone::UTC
    }
}

pub(crate) fn calendar(zone: TimeZone) -> Calendar {
    Calendar {
        zone,
        weeks_start_on_monday: true,
        now: Timestamp(START + 20 * DAY),
        first: None,
    }
}

/// "viewed" with a small number, or "left".
fn actions() -> BTreeMap<i64, Action> {
    let small = json!([{"key": "n", "operator": "lt", "value": 2}]);
    let step = |event: &str, filter: &Value| ActionStep {
        event: Some(event.into()),
        filter: FilterTree::from_json(filter, Subject::Event).expect("a good filter"),
    };
    let action = Action {
        name: "Looked or left".into(),
        steps: vec![step("viewed", &small), step("left", &json!([]))],
    };
    BTreeMap::from([(3, action)])
}

/// Asks something of a project.
pub(crate) fn asked<T>(world: &World, zone: TimeZone, ask: impl FnOnce(Source<'_>) -> T) -> T {
    ask(Source {
        people: &world.people,
        events: &world.events,
        actions: &actions(),
        texts: &Regexes,
        calendar: &calendar(zone),
    })
}

/// Some days from [`START`] on.
pub(crate) fn days(count: i64) -> DateRange {
    DateRange {
        from: Timestamp(START),
        to: Timestamp(START + count * DAY - 1),
    }
}

pub(crate) fn filter() -> impl Strategy<Value = FilterTree> {
    let leaf = prop::sample::select(vec![
        json!({"type": "event", "key": "n", "operator": "lt", "value": 2}),
        json!({"type": "event", "key": "a \"key\"", "operator": "is_not", "value": "a"}),
        json!({"type": "event", "key": "unseen", "operator": "is_not_set", "value": ""}),
        json!({"type": "person", "key": "plan", "operator": "exact", "value": "pro"}),
        json!({"type": "person", "key": "seats", "operator": "is_not", "value": 3}),
        json!({"type": "cohort", "key": "id", "operator": "in", "value": PROS}),
        json!({"type": "cohort", "key": "id", "operator": "not_in", "value": PROS}),
    ]);
    let leaf = leaf.prop_map(|leaf| {
        FilterTree::from_json(&json!([leaf]), Subject::Event).expect("a good filter")
    });
    let tree = leaf.prop_recursive(2, 6, 3, |inner| {
        let condition = prop::sample::select(vec![Condition::And, Condition::Or]);
        (condition, prop::collection::vec(inner, 0..3))
            .prop_map(|(condition, members)| FilterTree::Group(condition, members))
    });
    prop_oneof![2 => Just(FilterTree::default()), 1 => tree]
}

/// Anything that can be counted.
pub(crate) fn entity() -> impl Strategy<Value = Entity> {
    let occurrence = prop::sample::select(vec![
        Occurrence::Event(None),
        Occurrence::Event(Some("viewed".into())),
        Occurrence::Event(Some("unseen".into())),
        Occurrence::Action(3),
    ]);
    (occurrence, filter()).prop_map(|(occurrence, filter)| Entity {
        occurrence,
        filter,
        ..Entity::event(None)
    })
}

/// Some hours in the days of a history.
pub(crate) fn range() -> impl Strategy<Value = DateRange> {
    (0..4 * 24i64, 0..6 * 24i64).prop_map(|(from, length)| DateRange {
        from: Timestamp(START + from * HOUR),
        to: Timestamp(START + (from + length) * HOUR),
    })
}

/// Anything that numbers can be cut by.
pub(crate) fn breakdown() -> impl Strategy<Value = Breakdown> {
    let by = prop::sample::select(vec![
        BreakdownBy::Event("a \"key\"".into()),
        BreakdownBy::Event("n".into()),
        BreakdownBy::Event("unseen".into()),
        BreakdownBy::Person("plan".into()),
        BreakdownBy::Person("seats".into()),
        BreakdownBy::EventRanges("n".into(), 2),
        BreakdownBy::Cohorts(vec![Some(PROS), None]),
    ]);
    (by, 1..4usize).prop_map(|(by, limit)| Breakdown { by, limit })
}

pub(crate) fn properties_of(whose: &Whose) -> Properties {
    whose.map_or_else(|_| Properties::new(), |number| person(number).properties)
}

pub(crate) fn passes(tree: &FilterTree, whose: &Whose, event: &Happened) -> bool {
    match tree {
        FilterTree::Group(Condition::And, members) => {
            members.iter().all(|member| passes(member, whose, event))
        }
        FilterTree::Group(Condition::Or, members) => {
            members.is_empty() || members.iter().any(|member| passes(member, whose, event))
        }
        FilterTree::Leaf(leaf) => {
            let own = properties_of(whose);
            let is_pro = own.get("plan") == Some(&json!("pro"));
            let properties = if leaf.subject == Subject::Event {
                &event.properties
            } else {
                &own
            };
            Matcher::new(tree, &Regexes)
                .expect("a good filter")
                .matches(properties, &|_| is_pro)
        }
    }
}

/// Whether an event is one of an entity, and passes a filter.
pub(crate) fn is_of(entity: &Entity, filter: &FilterTree, whose: &Whose, event: &Happened) -> bool {
    let happens = match &entity.occurrence {
        Occurrence::Event(name) => name.as_deref().is_none_or(|name| name == event.name),
        Occurrence::Action(_) => {
            event.name == "left" || event.name == "viewed" && number(event).is_some_and(|n| n < 2.0)
        }
    };
    happens && passes(&entity.filter, whose, event) && passes(filter, whose, event)
}

/// Whether an event has a value; the other values are told apart from it.
pub(crate) fn is_in_group(
    by: &BreakdownBy,
    value: &BreakdownValue,
    others: &[BreakdownValue],
    whose: &Whose,
    event: &Happened,
) -> bool {
    let own = properties_of(whose);
    let text = |properties: &Properties, key: &str| match properties.get(key) {
        None | Some(Value::Null) => BreakdownValue::Missing,
        Some(value) => BreakdownValue::from_text(&text_of(value)),
    };
    let found = match by {
        BreakdownBy::Event(key) => text(&event.properties, key),
        BreakdownBy::Person(key) => text(&own, key),
        BreakdownBy::EventRanges(..) => {
            let BreakdownValue::Range(from, to) = value else {
                panic!("a range")
            };
            return number(event).is_some_and(|number| *from <= number && number < *to);
        }
        BreakdownBy::Cohorts(_) => {
            return *value == BreakdownValue::Cohort(None)
                || own.get("plan") == Some(&json!("pro"));
        }
    };
    match value {
        BreakdownValue::Other => !others.contains(&found),
        value => *value == found,
    }
}

pub(crate) fn number(event: &Happened) -> Option<f64> {
    text_of(event.properties.get("n")?).parse().ok()
}

/// The times at which somebody did what an entity is.
pub(crate) fn times(
    entity: &Entity,
    filter: &FilterTree,
    whose: &Whose,
    events: &[Happened],
) -> Vec<i64> {
    let events = events.iter();
    let events = events.filter(|event| is_of(entity, filter, whose, event));
    events.map(|event| event.at).collect()
}

/// The piece that a moment is in.
pub(crate) fn piece_of(points: &Points, at: i64) -> Option<usize> {
    let holds = |range: DateRange| range.from.0 <= at && at <= range.to.0;
    points.pieces.iter().position(|piece| holds(piece.range))
}

/// A page of everybody has those who are expected, and says how many of them are nobody.
pub(crate) fn assert_lists<T: Clone + Debug + PartialEq>(
    page: &ListedPeople<T>,
    expected: &BTreeMap<Whose, T>,
) {
    let people = expected.iter();
    let people = people.filter_map(|(whose, value)| Some(((*whose).ok()?, value.clone())));
    let people: BTreeMap<i64, T> = people.collect();
    let listed = page.people.iter();
    let listed: BTreeMap<i64, T> = listed.map(|one| (one.number, one.value.clone())).collect();
    assert_eq!(listed, people);
    assert_eq!(
        (page.people.len(), page.count),
        (people.len(), people.len())
    );
    assert_eq!(page.missing, expected.len() - people.len());
}
