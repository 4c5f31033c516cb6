//! The events against a list of them that is searched from end to end.

use std::collections::BTreeMap;

use persons_api::Timestamp;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::events::census::Actor;
use crate::testing::{Happened, NAMES, Step, Whose, World, map, step};
use crate::value::{Kind, text_of};

/// Everybody's events, as a view shows them.
fn seen(world: &World) -> BTreeMap<Whose, Vec<Happened>> {
    seen_in(&world.people, &world.events)
}

fn seen_in(people: &People, events: &Events) -> BTreeMap<Whose, Vec<Happened>> {
    let frozen = events.freeze(people);
    let log = events;
    let keys = ["n", "a \"key\"", "$session_id"];
    let known = keys
        .into_iter()
        .filter_map(|key| Some((key, Arc::clone(log.property(key)?))));
    let (keys, properties): (Vec<_>, Vec<_>) = known.unzip();
    let view = frozen.view();
    let seen = view.fold(
        &properties,
        &Stop::default(),
        Vec::new,
        |all, part, actor, events| {
            let seen = events.map(|at| {
                let row = part.rows[at] as usize;
                let (chunk, place) = frozen.log.locate(row as u32);
                let values = keys.iter().zip(&properties).zip(&part.columns);
                let properties = values.filter_map(|((key, property), column)| {
                    let known = property.known();
                    let value = known.values.value(column[at])?;
                    Some(((*key).to_owned(), value.to_value()))
                });
                let name = log.names().text(part.names[at]);
                let is_same = |known: &&&str| **known == name;
                Happened {
                    number: chunk.numbers[place],
                    id: chunk.ids[place],
                    at: part.times[at],
                    name: NAMES.iter().find(is_same).expect("a name"),
                    properties: properties.collect(),
                }
            });
            all.push((whose(&view, actor), seen.collect::<Vec<_>>()));
        },
        |all, more| all.extend(more),
    );
    let seen = seen.expect("nobody stops it");
    let count = seen.len();
    let seen: BTreeMap<_, _> = seen.into_iter().collect();
    assert_eq!(seen.len(), count, "every actor is visited once");
    seen
}

fn whose(view: &View, actor: Actor) -> Result<i64, u32> {
    match actor.slot() {
        Some(slot) => Ok(view.census().person(slot).number),
        None => Err(actor.id().expect("it is a distinct id")),
    }
}

proptest! {
    /// Whatever happens, and whenever somebody looks, everybody's events are there and in order.
    #[test]
    fn a_view_shows_everybodys_events(steps in prop::collection::vec(step(6), 0..120)) {
        let mut world = World::new();
        let mut kept = Vec::new();
        for step in steps {
            let looks = matches!(step, Step::Look);
            world.take(step);
            if looks {
                prop_assert_eq!(seen(&world), world.everybody());
                kept.push((world.people.clone(), world.events.clone(), world.everybody()));
            }
        }
        // Snapshots are asked late, and in another order.
        for (people, events, everybody) in kept.into_iter().rev() {
            prop_assert_eq!(seen_in(&people, &events), everybody);
        }
        prop_assert_eq!(seen(&world), world.everybody());
        prop_assert_eq!(world.events.len(), world.len());
        let first = world.everybody().into_values().flatten().map(|event| Timestamp(event.at)).min();
        prop_assert_eq!(world.events.first(), first);
    }
}

#[test]
fn what_was_frozen_stays_as_it_was() {
    let mut world = World::new();
    world.take(Step::Move(0, Some(1)));
    for at in 0..20 {
        world.take(Step::Event(0, at, NAMES[0], json!({"n": at})));
    }
    let frozen = world.events.freeze(&world.people);
    world.take(Step::Move(0, None));
    world.take(Step::Remove(1));
    world.take(Step::Event(0, 3, NAMES[1], json!({"n": "later"})));
    world.take(Step::Delete(0, 1));
    let view = frozen.view();
    let seen = view.fold(
        &[],
        &Stop::default(),
        Vec::new,
        |all, part, actor, events| all.push((whose(&view, actor), part.times[events].to_vec())),
        |all, more| all.extend(more),
    );
    assert_eq!(seen, Ok(vec![(Ok(1), (0..20).collect())]));
}

#[test]
fn work_stops_when_it_is_asked_to() {
    let mut world = World::new();
    world.take(Step::Event(0, 0, NAMES[0], json!({})));
    let stop = Stop::default();
    stop.clone().stop();
    let view = world.events.freeze(&world.people).view();
    let visited = view.fold(
        &[],
        &stop,
        || 0,
        |count, _, _, _| *count += 1,
        |all, more| *all += more,
    );
    assert_eq!(visited, Err(Stopped));
}

#[test]
fn both_doors_know_the_same_values() {
    let properties = json!({"text": "a\"b", "number": 1.50, "big": 12345678901234567890u64, "list": [1, "x"], "map": {"b": 1, "a": null}, "yes": true, "null": null});
    let mut loader = EventLoader::default();
    let event = LoggedEvent {
        number: 1,
        distinct_id: 0,
        name: "e",
        at: Timestamp(0),
    };
    loader
        .append_json(event, &properties.to_string())
        .expect("an object");
    assert!(loader.append_json(event, "[]").is_err());
    assert!(loader.append_json(event, "{\"a\": 1} x").is_err());
    let mut events = loader.finish();
    assert!(events.property("a").is_none(), "no event has it");
    events.append(event, &map(&properties));
    for (key, value) in map(&properties) {
        let known = events.property(&key).expect("a property").known();
        assert_eq!(known.values.size(), 2, "{key} has one value");
        let code = known.values.lookup(Kind::of(&value), &text_of(&value));
        assert_eq!(code, Some(1), "{key}");
    }
    assert_eq!(events.len(), 2);
}

#[test]
fn values_that_no_event_has_any_more_leave_the_memory() {
    let mut events = Events::default();
    let texts = ["Only Ada's", "shared"];
    for number in 0..40 {
        let event = LoggedEvent {
            number,
            distinct_id: (number % 2) as u32,
            name: NAMES[number as usize % 2],
            at: Timestamp(number),
        };
        let own = format!("{} {number}", texts[number as usize % 2]);
        events.append(event, &map(&json!({"own": own, "both": "b", "n": number})));
    }
    let older = events.clone();
    let unused = events.delete(&[0], 40);
    assert_eq!(unused.names, [NAMES[0].into()]);
    assert!(unused.keys.is_empty());
    let values = |events: &Events, key| {
        events
            .property(key)
            .map(|property| property.known().values.clone())
    };
    let (now, before) = (values(&events, "own"), values(&older, "own"));
    assert!(!now.expect("half is left").values().has_bytes(texts[0]));
    assert!(before.expect("a snapshot").values().has_bytes(texts[0]));
    assert_eq!(events.names().number(NAMES[0]), None);
    assert_eq!((events.len(), events.first()), (20, Some(Timestamp(1))));
    assert_eq!((older.len(), older.first()), (40, Some(Timestamp(0))));
    // Deleting the same again changes nothing.
    assert_eq!(events.delete(&[0], 40), Unused::default());
    let mut unused = events.delete(&[1], 40);
    unused.keys.sort_unstable();
    assert_eq!(unused.keys, ["both".into(), "n".into(), "own".into()]);
    assert!(events.is_empty() && events.property("n").is_none());
}
