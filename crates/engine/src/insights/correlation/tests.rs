//! Worked cases, and the slow and obvious way to answer the same.

use std::collections::{BTreeMap, BTreeSet};

use persons_api::{FilterTree, Subject};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::factor::{FactorCell, FactorPeople, FactorQuery, Sign};
use super::*;
use crate::insights::actors::Page;
use crate::insights::entity::Entity;
use crate::insights::funnel::slow::{any_query, end, furthest, seen};
use crate::insights::funnel::{Order, Window, WindowUnit};
use crate::insights::testing::{
    asked, assert_lists, days, entity, filter, is_of, properties_of, zone,
};
use crate::testing::{Happened, Step, Whose, World, history};
use crate::value::text_of;

fn funnel(steps: &[&str]) -> FunnelQuery {
    FunnelQuery {
        steps: steps.iter().map(|name| Entity::event(Some(name))).collect(),
        exclusions: Vec::new(),
        filter: FilterTree::default(),
        range: days(5),
        order: Order::Ordered,
        window: Window {
            count: 10,
            unit: WindowUnit::Hour,
        },
        breakdown: None,
    }
}

fn all_events() -> Candidates {
    Candidates::Events { except: Vec::new() }
}

fn answer(world: &World, funnel: FunnelQuery, candidates: Candidates) -> Correlations {
    let query = CorrelationQuery {
        funnel,
        progress: Progress::Reached(1),
        candidates,
    };
    let correlation = asked(world, zone(false), |source| query.prepare(source));
    let correlation = correlation.expect("a good query");
    correlation.numbers(&Stop::default()).expect("an answer")
}

fn people(world: &World, funnel: FunnelQuery, sign: Sign) -> Result<FactorPeople, InsightError> {
    let query = FactorQuery {
        funnel,
        progress: Progress::Reached(1),
        sign,
    };
    asked(world, zone(false), |source| query.prepare(source))
}

/// By name of the factor: who has it.
fn named(answer: &Correlations) -> BTreeMap<String, (usize, usize)> {
    let factors = answer.factors.iter();
    let named = factors.map(|one| (one.factor.name(), (one.with.success, one.with.failure)));
    named.collect()
}

/// People do these things, one each hour, all with a property.
fn world(doing: &[&[&'static str]]) -> World {
    let mut world = World::new();
    for (id, names) in (0..).zip(doing) {
        world.take(Step::Move(id, Some(i64::from(id) + 1)));
        for (hour, name) in (0..).zip(*names) {
            world.event(id, hour, name, json!({"by": id % 2, "none": null}));
        }
    }
    world
}

#[test]
fn events_on_the_way_count_once_for_each_person() {
    let world = world(&[
        // "looked" before the first step and after the last is not on the way.
        &["looked", "viewed", "demo", "demo", "bought", "looked"],
        &["viewed", "bought"],
        &["viewed", "left"],
        &["viewed", "demo", "left", "viewed"],
        &["left", "demo"],
    ]);
    let answer = answer(&world, funnel(&["viewed", "bought"]), all_events());
    assert_eq!(
        answer.all,
        Split {
            success: 2,
            failure: 2
        }
    );
    assert!(!answer.is_skewed);
    let names: Vec<_> = answer.factors.iter().map(|one| one.factor.name()).collect();
    assert_eq!(names, ["left", "demo"]);
    assert_eq!(
        named(&answer),
        BTreeMap::from([("demo".into(), (1, 1)), ("left".into(), (0, 2))])
    );
    // (0 + 1) · (2 − 2 + 1) ÷ ((2 − 0 + 1) · (2 + 1))
    assert_eq!(answer.factors[0].odds.value, 1.0 / 9.0);
}

#[test]
fn who_did_not_finish_is_on_the_way_until_the_window_ends() {
    let mut doing = vec!["viewed"; 1];
    doing.extend(["idle"; 9]);
    doing.extend(["just", "late"]);
    let world = world(&[&doing, &["viewed", "bought"]]);
    let answer = answer(&world, funnel(&["viewed", "bought"]), all_events());
    let names: Vec<_> = named(&answer).into_keys().collect();
    assert_eq!(names, ["idle", "just"]);
}

#[test]
fn names_can_be_left_out() {
    let world = world(&[&["viewed", "demo", "left", "bought"], &["viewed", "demo"]]);
    let except = Candidates::Events {
        except: vec!["demo".into(), "unseen".into()],
    };
    let answer = answer(&world, funnel(&["viewed", "bought"]), except);
    assert_eq!(named(&answer), BTreeMap::from([("left".into(), (1, 0))]));
}

#[test]
fn only_who_came_so_far_is_compared() {
    let world = world(&[
        &["viewed", "demo", "bought", "left"],
        &["viewed", "demo", "bought"],
        &["viewed", "demo"],
    ]);
    let query = CorrelationQuery {
        funnel: funnel(&["viewed", "bought", "left"]),
        progress: Progress::Reached(2),
        candidates: all_events(),
    };
    let correlation = asked(&world, zone(false), |source| query.prepare(source));
    let answer = correlation.expect("a good query").numbers(&Stop::default());
    let answer = answer.expect("an answer");
    assert_eq!(
        answer.all,
        Split {
            success: 1,
            failure: 1
        }
    );
    assert_eq!(named(&answer), BTreeMap::from([("demo".into(), (1, 1))]));
}

#[test]
fn where_one_group_is_empty_there_are_no_factors() {
    let world = world(&[&["viewed", "demo"], &["viewed"]]);
    let answer = answer(&world, funnel(&["viewed", "bought"]), all_events());
    assert_eq!((answer.factors.len(), answer.is_skewed), (0, true));
    assert_eq!(
        answer.all,
        Split {
            success: 0,
            failure: 2
        }
    );
}

#[test]
fn values_of_events_are_told_apart() {
    let world = world(&[
        &["viewed", "demo", "bought"],
        &["viewed", "demo", "demo"],
        &["viewed", "left"],
        &["viewed", "left", "bought"],
    ]);
    let of = |events: &[&str], except: &[&str]| {
        let texts = |texts: &[&str]| texts.iter().map(|&text| text.into()).collect();
        let candidates = Candidates::EventProperties {
            events: texts(events),
            except: texts(except),
        };
        let answer = answer(&world, funnel(&["viewed", "bought"]), candidates);
        named(&answer).into_iter().collect::<Vec<_>>()
    };
    assert_eq!(
        of(&["demo", "unseen", "viewed"], &[]),
        [
            ("demo::by::0".into(), (1, 0)),
            ("demo::by::1".into(), (0, 1))
        ]
    );
    assert_eq!(
        of(&["left", "demo"], &[]),
        [
            ("demo::by::0".into(), (1, 0)),
            ("demo::by::1".into(), (0, 1)),
            ("left::by::0".into(), (0, 1)),
            ("left::by::1".into(), (1, 0)),
        ]
    );
    assert_eq!(of(&["left"], &["by"]), []);
}

#[test]
fn values_of_people_are_those_of_now() {
    // 1 and 3 are "pro", 2 is "free", 2 and 3 have 3 seats.
    let world = world(&[&["viewed", "bought"], &["viewed"], &["viewed", "bought"]]);
    let of = |keys: Option<&[&str]>, except: &[&str]| {
        let texts = |texts: &[&str]| texts.iter().map(|&text| text.into()).collect();
        let candidates = Candidates::PersonProperties {
            keys: keys.map(texts),
            except: texts(except),
        };
        let answer = answer(&world, funnel(&["viewed", "bought"]), candidates);
        named(&answer).into_iter().collect::<Vec<_>>()
    };
    let plans = [("plan::free".into(), (0, 1)), ("plan::pro".into(), (2, 0))];
    let seats = [("seats::3".into(), (1, 1))];
    assert_eq!(of(Some(&["plan", "unseen", "plan"]), &[]), plans);
    assert_eq!(of(None, &["plan"]), seats);
    assert_eq!(of(None, &[]), [&plans[..], &seats[..]].concat());
}

#[test]
fn only_the_strongest_are_shown() {
    let mut world = World::new();
    let names = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"];
    for (id, last) in [(0, "bought"), (1, "left")] {
        world.take(Step::Move(id, Some(i64::from(id) + 1)));
        world.event(id, 0, "viewed", json!({}));
        if last == "bought" {
            for name in names {
                world.event(id, 1, name, json!({}));
            }
        }
        world.event(id, 2, last, json!({}));
    }
    let answer = answer(&world, funnel(&["viewed", "bought"]), all_events());
    let shown: Vec<_> = answer.factors.iter().map(|one| one.factor.name()).collect();
    let mut expected = names[..10].to_vec();
    expected.push("left");
    assert_eq!(shown, expected);
}

#[test]
fn people_of_each_cell_come_page_by_page() {
    let demo: &[&str] = &["viewed", "demo", "bought"];
    let world = world(&[demo, demo, demo, demo, &["viewed", "demo"], &["viewed"]]);
    let sign = Sign::Did(Entity::event(Some("demo")));
    let factor = people(&world, funnel(&["viewed", "bought"]), sign).expect("a good query");
    let table = factor.numbers(&Stop::default()).expect("an answer");
    assert_eq!(
        table.with,
        Split {
            success: 4,
            failure: 1
        }
    );
    assert_eq!(
        table.without,
        Split {
            success: 0,
            failure: 1
        }
    );
    let page = |is_converted, has_factor, offset| {
        let cell = FactorCell {
            is_converted,
            has_factor,
        };
        let asked = Page {
            offset,
            ..Page::first(3)
        };
        let page = factor.people(&cell, &asked, &Stop::default());
        let page = page.expect("a page");
        let numbers: Vec<_> = page.people.iter().map(|one| one.number).collect();
        (numbers, page.has_more)
    };
    assert_eq!(page(Some(true), true, 0), (vec![4, 3, 2], true));
    assert_eq!(page(Some(true), true, 3), (vec![1], false));
    assert_eq!(page(Some(false), true, 0), (vec![5], false));
    assert_eq!(page(None, true, 0), (vec![5, 4, 3], true));
    assert_eq!(page(None, false, 0), (vec![6], false));
}

#[test]
fn people_are_not_found_by_what_events_are() {
    let event = json!([{"type": "event", "key": "unseen", "value": 1}]);
    let sign = Sign::Are(FilterTree::from_json(&event, Subject::Person).expect("a good filter"));
    let error = people(&World::new(), funnel(&["viewed"]), sign).err();
    assert_eq!(error, Some(CorrelationError::NotAboutPeople.into()));
}

/// Who is compared: whether they finished, and what they did on the way.
struct Compared {
    is_converted: bool,
    steps: usize,
    way: Vec<Happened>,
}

fn compared(query: &FunnelQuery, world: &World) -> BTreeMap<Whose, Compared> {
    let mut all = BTreeMap::new();
    for (whose, events) in world.everybody() {
        let seen = seen(query, &whose, &events);
        let taken = furthest(query, &seen);
        let (Some(&first), Some(&last)) = (taken.first(), taken.last()) else {
            continue;
        };
        let is_converted = taken.len() == query.steps.len();
        let end = end(query, seen[first].at);
        let range = query.range.from.0..=query.range.to.0;
        let inside = events.into_iter().filter(|event| range.contains(&event.at));
        let way = inside.enumerate().filter(|(index, event)| {
            *index > first
                && if is_converted {
                    *index < last
                } else {
                    event.at <= end
                }
        });
        let is_step = |event: &Happened| {
            query.steps.iter().any(|step| match &step.occurrence {
                Occurrence::Event(name) => name.as_deref() == Some(event.name),
                Occurrence::Action(_) => ["viewed", "left"].contains(&event.name),
            })
        };
        let way = way.map(|(_, event)| event).filter(|event| !is_step(event));
        let one = Compared {
            is_converted,
            steps: taken.len(),
            way: way.collect(),
        };
        all.insert(whose, one);
    }
    all
}

/// All that someone has.
fn factors(candidates: &Candidates, whose: &Whose, one: &Compared) -> BTreeSet<Factor> {
    let text = |value: &Value| {
        Some(text_of(value).into_owned()).filter(|text| !value.is_null() && !text.is_empty())
    };
    match candidates {
        Candidates::Events { except } => {
            let names = one.way.iter().map(|event| event.name.to_owned());
            names
                .filter(|name| !except.contains(name))
                .map(Factor::Event)
                .collect()
        }
        Candidates::EventProperties { events, except } => {
            let way = one
                .way
                .iter()
                .filter(|event| events.iter().any(|name| name == event.name));
            let all = way.flat_map(|event| {
                event
                    .properties
                    .iter()
                    .map(move |(key, value)| (event.name, key, value))
            });
            let factor = |(event, key, value): (&str, &String, &Value)| {
                let value = text(value).filter(|_| !except.contains(key))?;
                Some(Factor::EventProperty {
                    event: event.into(),
                    key: key.clone(),
                    value,
                })
            };
            all.filter_map(factor).collect()
        }
        Candidates::PersonProperties { keys, except } => {
            let is_asked = |key: &String| keys.as_ref().is_none_or(|keys| keys.contains(key));
            let own = properties_of(whose);
            let all = own
                .iter()
                .filter(|(key, _)| is_asked(key) && !except.contains(key));
            let factor = |(key, value): (&String, &Value)| {
                Some(Factor::PersonProperty {
                    key: key.clone(),
                    value: text(value)?,
                })
            };
            all.filter_map(factor).collect()
        }
    }
}

/// What to look for to find the people of a factor.
fn sign(factor: &Factor) -> Sign {
    let filter = |kind: &str, key: &str, value: &str| {
        let filter = json!([{"type": kind, "key": key, "operator": "exact", "value": [value]}]);
        FilterTree::from_json(&filter, Subject::Person).expect("a good filter")
    };
    match factor {
        Factor::Event(name) => Sign::Did(Entity::event(Some(name))),
        Factor::EventProperty { event, key, value } => Sign::Did(Entity {
            filter: filter("event", key, value),
            ..Entity::event(Some(event))
        }),
        Factor::PersonProperty { key, value } => Sign::Are(filter("person", key, value)),
    }
}

fn any_candidates() -> impl Strategy<Value = Candidates> {
    let texts = |texts: &[&str]| {
        texts
            .iter()
            .map(|&text| text.to_owned())
            .collect::<Vec<_>>()
    };
    prop::sample::select(vec![
        all_events(),
        all_events(),
        Candidates::Events {
            except: texts(&["left"]),
        },
        Candidates::EventProperties {
            events: texts(&["left", "bought", "viewed"]),
            except: texts(&[]),
        },
        Candidates::EventProperties {
            events: texts(&["bought", "unseen"]),
            except: texts(&["n"]),
        },
        Candidates::PersonProperties {
            keys: None,
            except: texts(&[]),
        },
        Candidates::PersonProperties {
            keys: Some(texts(&["seats", "unseen"])),
            except: texts(&["plan"]),
        },
    ])
}

fn any_progress() -> impl Strategy<Value = Progress> {
    prop_oneof![3 => Just(1i64), 1 => -3..4i64].prop_map(Progress::from_step)
}

proptest! {
    /// Every factor is that of the slow way, and its four numbers are the numbers of people in its lists.
    #[test]
    fn factors_and_people_agree_with_the_slow_way(
        world in history(6),
        funnel in any_query(),
        candidates in any_candidates(),
        progress in any_progress(),
    ) {
        let query = CorrelationQuery { funnel, progress, candidates };
        let correlation = asked(&world, zone(false), |source| query.prepare(source)).expect("a good query");
        let answer = correlation.numbers(&Stop::default()).expect("an answer");
        let mut compared = compared(&query.funnel, &world);
        compared.retain(|_, one| query.progress.contains(one.steps));
        let mut all = Split::default();
        let mut expected = BTreeMap::<Factor, Split>::new();
        for (whose, one) in compared.iter().filter(|(whose, _)| whose.is_ok()) {
            all.add(one.is_converted);
            for factor in factors(&query.candidates, whose, one) {
                expected.entry(factor).or_default().add(one.is_converted);
            }
        }
        prop_assert_eq!(answer.all, all);
        if all.success == 0 || all.failure == 0 {
            prop_assert!(answer.is_skewed);
            prop_assert_eq!(answer.factors, vec![]);
            return Ok(());
        }
        // The few people there are have fewer factors than are shown, or more of which the strongest are shown.
        for direction in [Direction::Success, Direction::Failure] {
            let strength = |with: &Split| OddsRatio::new(*with, all);
            let mut strongest: Vec<_> = expected.iter().filter(|(_, with)| strength(with).direction() == direction).collect();
            strongest.sort_by(|a, b| strength(a.1).strongest_first(strength(b.1)));
            strongest.truncate(10);
            let shown = answer.factors.iter().filter(|one| one.odds.direction() == direction);
            let shown: Vec<_> = shown.map(|one| (&one.factor, &one.with)).collect();
            prop_assert_eq!(shown, strongest);
        }
        for one in answer.factors.iter().take(4) {
            let sign = sign(&one.factor);
            let query = FactorQuery { funnel: query.funnel.clone(), progress: query.progress.clone(), sign };
            let factor = asked(&world, zone(false), |source| query.prepare(source)).expect("a good query");
            let table = factor.numbers(&Stop::default()).expect("an answer");
            prop_assert_eq!(table.with, one.with);
            let rest = Split { success: all.success - one.with.success, failure: all.failure - one.with.failure };
            prop_assert_eq!(table.without, rest);
        }
    }

    /// Who has something is who has it in the slow way.
    #[test]
    fn people_agree_with_the_slow_way(
        world in history(6),
        funnel in any_query(),
        entity in entity(),
        own in filter(),
        is_done in any::<bool>(),
    ) {
        let sign = if is_done { Sign::Did(entity.clone()) } else { Sign::Are(own.clone()) };
        let query = FactorQuery { funnel, progress: Progress::Reached(1), sign };
        let factor = match asked(&world, zone(false), |source| query.prepare(source)) {
            Ok(factor) => factor,
            Err(error) => {
                prop_assert_eq!(error, CorrelationError::NotAboutPeople.into());
                return Ok(());
            }
        };
        let none = FilterTree::default();
        let has = |whose: &Whose, one: &Compared| if is_done {
            one.way.iter().any(|event| is_of(&entity, &none, whose, event))
        } else {
            let anything = Happened { number: 0, id: 0, at: 0, name: "viewed", properties: Default::default() };
            is_of(&Entity::event(None), &own, whose, &anything)
        };
        let compared = compared(&query.funnel, &world);
        let table = factor.numbers(&Stop::default()).expect("an answer");
        for has_factor in [false, true] {
            for is_converted in [None, Some(false), Some(true)] {
                let cell = FactorCell { is_converted, has_factor };
                let page = factor.people(&cell, &Page::first(100), &Stop::default()).expect("a page");
                let is_in = |(whose, one): &(&Whose, &Compared)| {
                    has(whose, one) == has_factor && is_converted.is_none_or(|meant| meant == one.is_converted)
                };
                let expected = compared.iter().filter(is_in);
                assert_lists(&page, &expected.map(|(whose, one)| (*whose, one.steps)).collect());
                let split = if has_factor { table.with } else { table.without };
                let count = match is_converted {
                    None => split.all(),
                    Some(true) => split.success,
                    Some(false) => split.failure,
                };
                prop_assert_eq!(page.count, count);
            }
        }
    }
}
