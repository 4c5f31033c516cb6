//! Funnels that tell people apart.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::json;

use super::super::slow::{Seen, any_query, furthest, seen};
use super::super::*;
use super::{prepare, query};
use crate::insights::actors::Page;
use crate::insights::breakdown::BreakdownBy;
use crate::insights::testing::{assert_lists, properties_of};
use crate::testing::{Happened, PROS, Step, Whose, World, history};
use crate::value::text_of;

fn by_browser(attribution: Attribution) -> FunnelQuery {
    FunnelQuery {
        breakdown: Some(FunnelBreakdown {
            by: vec![BreakdownBy::Event("browser".into())],
            limit: DEFAULT_LIMIT,
            attribution,
        }),
        ..query(&["viewed", "bought"], Order::Ordered, 10)
    }
}

fn text(text: &str) -> Vec<BreakdownValue> {
    vec![BreakdownValue::from_text(text)]
}

/// The steps' counts by the values of the breakdown.
fn counts(world: &World, query: &FunnelQuery) -> Vec<(Vec<BreakdownValue>, Vec<usize>)> {
    let funnel = prepare(world, query).expect("a good query");
    let lines = funnel.numbers(&Stop::default()).expect("an answer");
    let line = lines.into_iter().map(|line| {
        let counts = line.steps.iter().map(|step| step.count).collect();
        (line.breakdown.expect("a value"), counts)
    });
    line.collect()
}

/// Person 1 uses Chrome, person 2 Safari, person 3 views with Safari and buys with Chrome, person 4 says nothing.
fn browsers() -> World {
    let mut world = World::new();
    for (id, number) in (0..4).zip(1..) {
        world.take(Step::Move(id, Some(number)));
    }
    for (id, hour, name, browser) in [
        (0, 0, "viewed", "Chrome"),
        (0, 1, "bought", "Chrome"),
        (1, 0, "viewed", "Safari"),
        (2, 0, "viewed", "Safari"),
        (2, 1, "bought", "Chrome"),
    ] {
        world.event(id, hour, name, json!({"browser": browser}));
    }
    world.event(3, 0, "viewed", json!({"browser": null}));
    world.event(3, 2, "left", json!({"browser": "Lynx"}));
    world
}

#[test]
fn attributions_differ_in_the_events_that_values_are_taken_from() {
    let world = browsers();
    let of = |attribution| counts(&world, &by_browser(attribution));
    assert_eq!(
        of(Attribution::FirstTouch),
        [
            (text("Safari"), vec![2, 1]),
            (text(""), vec![1, 0]),
            (text("Chrome"), vec![1, 1]),
        ]
    );
    assert_eq!(
        of(Attribution::LastTouch),
        [
            (text("Chrome"), vec![2, 2]),
            (text(""), vec![1, 0]),
            (text("Safari"), vec![1, 0]),
        ]
    );
    assert_eq!(
        of(Attribution::AllEvents),
        [
            (text("Safari"), vec![2, 0]),
            (text(""), vec![1, 0]),
            (text("Chrome"), vec![1, 1]),
        ]
    );
    assert_eq!(
        of(Attribution::Step(0)),
        [
            (text("Safari"), vec![2, 1]),
            (text(""), vec![1, 0]),
            (text("Chrome"), vec![1, 1]),
        ]
    );
    assert_eq!(of(Attribution::Step(1)), [(text("Chrome"), vec![2, 2])]);
}

#[test]
fn values_beyond_the_limit_are_one() {
    let world = browsers();
    let mut query = by_browser(Attribution::AllEvents);
    let other = vec![BreakdownValue::Other];
    if let Some(breakdown) = &mut query.breakdown {
        breakdown.limit = 1;
    }
    assert_eq!(
        counts(&world, &query),
        [(text("Safari"), vec![2, 0]), (other.clone(), vec![2, 1])]
    );
    let funnel = prepare(&world, &query).expect("a good query");
    let people = |progress, values: Option<Vec<BreakdownValue>>| {
        let cell = FunnelCell {
            progress,
            breakdown: values,
        };
        let page = funnel.people(&cell, &Page::first(9), &Stop::default());
        page.map(|page| page.people.iter().map(|one| one.number).collect::<Vec<_>>())
    };
    assert_eq!(people(Progress::Reached(1), Some(other)), Ok(vec![4, 1]));
    // A value that is no line of its own can be asked for all the same.
    let chrome = Some(text("Chrome"));
    assert_eq!(people(Progress::Reached(2), chrome), Ok(vec![1]));
    assert_eq!(people(Progress::Reached(2), Some(text("Lynx"))), Ok(vec![]));
    assert_eq!(people(Progress::Reached(2), None), Ok(vec![3, 1]));
}

#[test]
fn values_that_are_not_there_are_said() {
    let cell = FunnelCell {
        progress: Progress::Reached(1),
        breakdown: Some(vec![BreakdownValue::Other]),
    };
    let missing = Some(InsightError::NoSuchCell("breakdown value"));
    for query in [
        query(&["viewed"], Order::Ordered, 1),
        by_browser(Attribution::FirstTouch),
    ] {
        let funnel = prepare(&browsers(), &query).expect("a good query");
        let page = funnel.people(&cell, &Page::first(9), &Stop::default());
        assert_eq!(page.err(), missing);
    }
}

#[test]
fn breakdowns_that_make_no_sense_are_said() {
    let error = |by: &[BreakdownBy], attribution| {
        let mut query = by_browser(attribution);
        if let Some(breakdown) = &mut query.breakdown {
            breakdown.by = by.to_vec();
        }
        prepare(&World::new(), &query).err()
    };
    let person = BreakdownBy::Person("plan".into());
    let cohorts = BreakdownBy::Cohorts(vec![Some(PROS)]);
    let ranges = BreakdownBy::EventRanges("n".into(), 3);
    let first = Attribution::FirstTouch;
    for (by, attribution, expected) in [
        (
            vec![person.clone(); 4],
            first,
            FunnelError::TooManyProperties,
        ),
        (
            vec![person.clone(), cohorts],
            first,
            FunnelError::MixedBreakdown,
        ),
        (vec![ranges], first, FunnelError::RangesBreakdown),
        (
            vec![person.clone()],
            Attribution::Step(2),
            FunnelError::AttributionStep,
        ),
    ] {
        assert_eq!(error(&by, attribution), Some(expected.into()));
    }
    assert_eq!(error(&vec![person; 3], first), None);
}

fn any_breakdown() -> impl Strategy<Value = FunnelBreakdown> {
    let event = |key: &str| BreakdownBy::Event(key.into());
    let person = |key: &str| BreakdownBy::Person(key.into());
    let by = prop::sample::select(vec![
        vec![event("a \"key\"")],
        vec![event("n")],
        vec![event("unseen")],
        vec![person("plan")],
        vec![person("seats")],
        vec![event("n"), person("plan")],
        vec![event("a \"key\""), event("$session_id"), event("n")],
        vec![BreakdownBy::Cohorts(vec![None, Some(PROS)])],
    ]);
    let attribution = prop_oneof![
        Just(Attribution::FirstTouch),
        Just(Attribution::LastTouch),
        Just(Attribution::AllEvents),
        (0..3usize).prop_map(Attribution::Step),
    ];
    (by, 1..5usize, attribution).prop_map(|(by, limit, attribution)| FunnelBreakdown {
        by,
        limit,
        attribution,
    })
}

/// The values of an event, as texts.
type Label = Vec<Option<String>>;

fn label(by: &[BreakdownBy], whose: &Whose, event: &Happened) -> Label {
    let value = |by: &BreakdownBy| {
        let own = properties_of(whose);
        let value = match by {
            BreakdownBy::Event(key) => event.properties.get(key),
            BreakdownBy::Person(key) => own.get(key),
            _ => None,
        };
        let value = value.filter(|value| !value.is_null());
        value.map(|value| text_of(value).into_owned())
    };
    let values = by.iter().map(value);
    values
        .map(|value| value.filter(|text| !text.is_empty()))
        .collect()
}

/// What someone did, with the label of each event.
struct Labelled {
    whose: Whose,
    seen: Vec<Seen>,
    labels: Vec<Label>,
}

impl Labelled {
    fn opens(&self, query: &FunnelQuery, index: usize) -> bool {
        match query.order {
            Order::Unordered => self.seen[index].steps.contains(&true),
            Order::Ordered | Order::Strict => self.seen[index].steps[0],
        }
    }

    /// Whether the label of an event counts, where each event has its own.
    fn counts(&self, query: &FunnelQuery, index: usize) -> bool {
        match query.breakdown.as_ref().expect("one").attribution {
            Attribution::Step(step) => self.seen[index].steps[step],
            _ => self.seen[index].steps.contains(&true),
        }
    }

    /// The label of all events, where they have one in common.
    fn common(&self, query: &FunnelQuery) -> Option<Label> {
        let FunnelBreakdown {
            by, attribution, ..
        } = query.breakdown.as_ref().expect("one");
        let is_event = |by: &BreakdownBy| matches!(by, BreakdownBy::Event(_));
        let has_value = |label: &Label| {
            by.iter()
                .zip(label)
                .any(|(by, text)| is_event(by) && text.is_some())
        };
        let mut steps: Vec<&Label> = (0..self.seen.len())
            .filter(|&index| self.seen[index].steps.contains(&true))
            .map(|index| &self.labels[index])
            .collect();
        let first = *steps.first()?;
        if *attribution == Attribution::LastTouch {
            steps.reverse();
        }
        Some(
            steps
                .into_iter()
                .find(|label| has_value(label))
                .unwrap_or(first)
                .clone(),
        )
    }

    /// The labels that the person enters the funnel with.
    fn entered_with(&self, query: &FunnelQuery) -> BTreeSet<Label> {
        let all = 0..self.seen.len();
        if !all.clone().any(|index| self.opens(query, index)) {
            return BTreeSet::new();
        }
        if !has_own(query) {
            return self.common(query).into_iter().collect();
        }
        let is_all = query.breakdown.as_ref().expect("one").attribution == Attribution::AllEvents;
        let counts =
            |&index: &usize| self.counts(query, index) && (!is_all || self.opens(query, index));
        all.filter(counts)
            .map(|index| self.labels[index].clone())
            .collect()
    }

    /// How far the person gets in the funnel of some labels.
    fn furthest(&self, query: &FunnelQuery, is_in: impl Fn(&Label) -> bool) -> usize {
        if !has_own(query) {
            let is_in = self.common(query).is_some_and(|label| is_in(&label));
            return if is_in {
                furthest(query, &self.seen).len()
            } else {
                0
            };
        }
        if !(0..self.seen.len())
            .any(|index| self.counts(query, index) && is_in(&self.labels[index]))
        {
            return 0;
        }
        let seen = self.seen.iter().zip(&self.labels).map(|(seen, label)| {
            let mut seen = seen.clone();
            if !is_in(label) {
                match query.breakdown.as_ref().expect("one").attribution {
                    Attribution::Step(step) => seen.steps[step] = false,
                    _ => seen.steps.fill(false),
                }
            }
            seen
        });
        furthest(query, &seen.collect::<Vec<_>>()).len()
    }
}

/// Whether each event has its own label.
fn has_own(query: &FunnelQuery) -> bool {
    let breakdown = query.breakdown.as_ref().expect("one");
    let reads_events = breakdown
        .by
        .iter()
        .any(|by| matches!(by, BreakdownBy::Event(_)));
    let is_touch = matches!(
        breakdown.attribution,
        Attribution::FirstTouch | Attribution::LastTouch
    );
    reads_events && !is_touch
}

/// The lines that are expected: their values, and how far everybody gets.
fn expected(
    world: &World,
    query: &FunnelQuery,
) -> Vec<(Vec<BreakdownValue>, BTreeMap<Whose, usize>)> {
    let FunnelBreakdown { by, limit, .. } = query.breakdown.as_ref().expect("one");
    let everybody = world.everybody();
    let everybody: Vec<Labelled> = everybody
        .iter()
        .map(|(whose, events)| {
            let range = query.range.from.0..=query.range.to.0;
            let inside = events.iter().filter(|event| range.contains(&event.at));
            Labelled {
                whose: *whose,
                seen: seen(query, whose, events),
                labels: inside.map(|event| label(by, whose, event)).collect(),
            }
        })
        .collect();
    if let [BreakdownBy::Cohorts(cohorts)] = &by[..] {
        let line = |&id: &Option<i64>| {
            let is_member = |one: &&Labelled| {
                id.is_none() || properties_of(&one.whose).get("plan") == Some(&json!("pro"))
            };
            let members = everybody.iter().filter(is_member);
            let far = members.map(|one| (one.whose, furthest(query, &one.seen).len()));
            (vec![BreakdownValue::Cohort(id)], far.collect())
        };
        return cohorts.iter().map(line).collect();
    }
    let mut ranks = BTreeMap::<Label, usize>::new();
    for one in everybody.iter().filter(|one| one.whose.is_ok()) {
        for label in one.entered_with(query) {
            *ranks.entry(label).or_default() += 1;
        }
    }
    let mut ranks: Vec<(Label, usize)> = ranks.into_iter().collect();
    ranks.sort_by_key(|(label, count)| (Reverse(*count), label.clone()));
    let known: Vec<Label> = ranks.into_iter().map(|(label, _)| label).collect();
    let shown = &known[..known.len().min(*limit)];
    let far = |is_in: &dyn Fn(&Label) -> bool| {
        let far = everybody.iter();
        far.map(|one| (one.whose, one.furthest(query, is_in)))
            .collect()
    };
    let line = |own: &Label| {
        let texts = own.iter().map(|text| text.as_deref().unwrap_or_default());
        let values = texts.map(BreakdownValue::from_text).collect();
        (values, far(&|label| label == own))
    };
    let mut lines: Vec<_> = shown.iter().map(line).collect();
    if known.len() > *limit {
        let other = vec![BreakdownValue::Other; by.len()];
        lines.push((other, far(&|label| !shown.contains(label))));
    }
    lines
}

proptest! {
    /// The lines are those of the slow way, and each number is the number of people in its list.
    #[test]
    fn numbers_and_people_agree_with_the_slow_way(
        world in history(6),
        query in any_query(),
        mut breakdown in any_breakdown(),
    ) {
        if let Attribution::Step(step) = &mut breakdown.attribution {
            *step %= query.steps.len();
        }
        let query = FunnelQuery { breakdown: Some(breakdown), ..query };
        let funnel = prepare(&world, &query).expect("a good query");
        let lines = funnel.numbers(&Stop::default()).expect("an answer");
        let expected = expected(&world, &query);
        let values: Vec<_> = lines.iter().map(|line| line.breakdown.clone().expect("a value")).collect();
        prop_assert_eq!(&values, &expected.iter().map(|(values, _)| values.clone()).collect::<Vec<_>>());
        for (line, (values, far)) in lines.iter().zip(&expected) {
            for (step, number) in (1..).zip(&line.steps) {
                for wanted in [step, -step] {
                    let cell = FunnelCell { progress: Progress::from_step(wanted), breakdown: Some(values.clone()) };
                    let page = funnel.people(&cell, &Page::first(100), &Stop::default()).expect("a page");
                    let is_in = |&(_, &done): &(&Whose, &usize)| done > 0 && match wanted {
                        step if step > 0 => done as i64 >= step,
                        step => done as i64 + 1 == -step,
                    };
                    assert_lists(&page, &far.iter().filter(is_in).map(|(whose, done)| (*whose, *done)).collect());
                    if wanted > 0 {
                        prop_assert_eq!(page.count, number.count);
                    }
                }
            }
        }
    }
}
