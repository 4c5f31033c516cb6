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
    let frozen = world.events.freeze(&world.people);
    let keys = ["n", "a \"key\"", "$session_id"];
    let known = keys
        .into_iter()
        .filter_map(|key| Some((key, Arc::clone(world.events.property(key)?))));
    let (keys, properties): (Vec<_>, Vec<_>) = known.unzip();
    let view = frozen.view();
    let seen = view.fold(
        &properties,
        &Stop::default(),
        Vec::new,
        |all, part, actor, events| {
            let seen = events.map(|at| {
                let row = part.rows[at] as usize;
                let chunk = &frozen.chunks[row / CHUNK];
                let values = keys.iter().zip(&properties).zip(&part.columns);
                let properties = values.filter_map(|((key, property), column)| {
                    let known = property.known();
                    let value = known.values.value(column[at])?;
                    Some(((*key).to_owned(), value.to_value()))
                });
                let name = world.events.names().text(part.names[at]);
                let is_same = |known: &&&str| **known == name;
                Happened {
                    number: chunk.numbers[row % CHUNK],
                    id: chunk.ids[row % CHUNK],
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
        for step in steps {
            let looks = matches!(step, Step::Look);
            world.take(step);
            if looks {
                prop_assert_eq!(seen(&world), world.everybody());
            }
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
    let mut events = Events::default();
    let event = LoggedEvent {
        number: 1,
        distinct_id: 0,
        name: "e",
        at: Timestamp(0),
    };
    events.append(event, &map(&properties));
    events
        .append_json(event, &properties.to_string())
        .expect("an object");
    for (key, value) in map(&properties) {
        let known = events.property(&key).expect("a property").known();
        assert_eq!(known.values.size(), 2, "{key} has one value");
        let code = known.values.lookup(Kind::of(&value), &text_of(&value));
        assert_eq!(code, Some(1), "{key}");
    }
    assert!(events.append_json(event, "[]").is_err());
    assert!(events.append_json(event, "{\"a\": 1} x").is_err());
    assert_eq!(events.len(), 2);
}
