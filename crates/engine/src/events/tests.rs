//! The events against a list of them that is searched from end to end.

use std::collections::BTreeMap;

use persons_api::{Properties, Timestamp};
use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use crate::draft::{Changes, PersonState};
use crate::events::census::Actor;
use crate::value::{Kind, text_of};

const IDS: u32 = 6;
const NAMES: [&str; 3] = ["viewed", "bought", "left"];

/// What happens to a project.
#[derive(Clone, Debug)]
enum Step {
    /// An event of a distinct id; with its time, its name and its properties.
    Event(u32, i64, usize, Value),
    /// A distinct id goes to a person (a new one if there is none with that number), or to nobody.
    Move(u32, Option<i64>),
    /// A person is deleted.
    Remove(i64),
    /// The events of a distinct id are deleted, but for some of the latest.
    Delete(u32, i64),
    /// Somebody looks.
    Look,
}

fn step() -> impl Strategy<Value = Step> {
    let properties = prop_oneof![
        Just(json!({})),
        (0..3).prop_map(|n| json!({"n": n})),
        ("[a-c]", 0..3i64).prop_map(|(text, n)| json!({"a \"key\"": text, "n": n.to_string()})),
        Just(json!({"n": null, "list": [1, {"x": "\n"}]})),
    ];
    prop_oneof![
        8 => (0..IDS, 0..20i64, 0..3usize, properties).prop_map(|(id, at, name, properties)| Step::Event(id, at, name, properties)),
        2 => (0..IDS, prop::option::weighted(0.8, 1..5i64)).prop_map(|(id, to)| Step::Move(id, to)),
        1 => (1..5i64).prop_map(Step::Remove),
        1 => (0..IDS, 0..3i64).prop_map(|(id, spared)| Step::Delete(id, spared)),
        2 => Just(Step::Look),
    ]
}

/// An event of the model: (number, distinct id, time, name, properties).
type Remembered = (i64, u32, i64, usize, Value);

struct World {
    people: People,
    events: Events,
    /// The person of each distinct id.
    owners: [Option<i64>; IDS as usize],
    log: Vec<Remembered>,
    next: i64,
}

impl World {
    fn new() -> Self {
        let mut people = People::new(1);
        people.apply(Changes {
            new_ids: (0..IDS).map(|id| format!("id{id}")).collect(),
            ..Changes::default()
        });
        Self {
            people,
            events: Events::default(),
            owners: [None; IDS as usize],
            log: Vec::new(),
            next: 1,
        }
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Event(distinct_id, at, name, properties) => {
                let event = LoggedEvent {
                    number: self.next,
                    distinct_id,
                    name: NAMES[name],
                    at: Timestamp(at),
                };
                // Both doors lead to the same.
                if self.next % 2 == 0 {
                    self.events.append(event, &map(&properties));
                } else {
                    let json = properties.to_string();
                    self.events.append_json(event, &json).expect("an object");
                }
                self.log
                    .push((self.next, distinct_id, at, name, properties));
                self.next += 1;
            }
            Step::Move(id, to) => {
                let new = to.filter(|&number| self.people.by_number(number).is_none());
                self.people.apply(Changes {
                    persons: new.into_iter().map(person).collect(),
                    owners: vec![(id, to)],
                    ..Changes::default()
                });
                self.owners[id as usize] = to;
            }
            Step::Remove(number) => {
                let left = (0..IDS).filter(|&id| self.owners[id as usize] == Some(number));
                self.people.apply(Changes {
                    removed: vec![number],
                    owners: left.map(|id| (id, None)).collect(),
                    ..Changes::default()
                });
                let owners = self.owners.iter_mut();
                owners
                    .filter(|owner| **owner == Some(number))
                    .for_each(|owner| *owner = None);
            }
            Step::Delete(id, spared) => {
                let before = self.next - spared;
                self.events.delete(&[id], before);
                self.log
                    .retain(|&(number, other, ..)| other != id || number >= before);
            }
            Step::Look => {}
        }
    }

    /// Everybody's events in order, by the number of the person or the distinct id that has none.
    fn expected(&self) -> BTreeMap<Result<i64, u32>, Vec<Remembered>> {
        let mut all = BTreeMap::<_, Vec<Remembered>>::new();
        for event in &self.log {
            let whose = self.owners[event.1 as usize].ok_or(event.1);
            all.entry(whose).or_default().push(event.clone());
        }
        all.values_mut()
            .for_each(|events| events.sort_by_key(|&(number, _, at, ..)| (at, number)));
        all
    }

    /// The same, as a view shows it.
    fn seen(&self) -> BTreeMap<Result<i64, u32>, Vec<Remembered>> {
        let frozen = self.events.freeze(&self.people);
        let keys = ["n", "a \"key\"", "list"];
        let properties: Vec<_> = keys
            .iter()
            .filter_map(|key| self.events.property(key).cloned())
            .collect();
        let known: Vec<&str> = keys
            .into_iter()
            .filter(|key| self.events.property(key).is_some())
            .collect();
        let view = frozen.view();
        let seen = view.fold(
            &properties,
            &Stop::default(),
            Vec::new,
            |all, part, actor, events| {
                let whose = whose(&view, actor);
                let seen = events.map(|at| {
                    let row = part.rows[at] as usize;
                    let chunk = &frozen.chunks[row / CHUNK];
                    let name = self.events.names().text(part.names[at]);
                    let name = NAMES
                        .iter()
                        .position(|known| *known == name)
                        .expect("a name");
                    let mut seen = Properties::new();
                    for ((key, property), column) in
                        known.iter().zip(&properties).zip(&part.columns)
                    {
                        if let Some(value) = property.known().values.value(column[at]) {
                            seen.insert((*key).to_owned(), value.to_value());
                        }
                    }
                    let (number, id) = (chunk.numbers[row % CHUNK], chunk.ids[row % CHUNK]);
                    (number, id, part.times[at], name, Value::Object(seen))
                });
                all.push((whose, seen.collect::<Vec<_>>()));
            },
            |all, more| all.extend(more),
        );
        let seen = seen.expect("nobody stops it");
        let count = seen.len();
        let seen: BTreeMap<_, _> = seen.into_iter().collect();
        assert_eq!(seen.len(), count, "every actor is visited once");
        seen
    }
}

fn whose(view: &View, actor: Actor) -> Result<i64, u32> {
    match actor.slot() {
        Some(slot) => Ok(view.census().person(slot).number),
        None => Err(actor.id().expect("it is a distinct id")),
    }
}

fn person(number: i64) -> PersonState {
    PersonState {
        number,
        uuid: Uuid::from_u128(number as u128),
        created_at: Timestamp(number),
        is_identified: false,
        version: 0,
        properties: Properties::new(),
    }
}

fn map(value: &Value) -> Properties {
    value.as_object().expect("an object").clone()
}

proptest! {
    /// Whatever happens, and whenever somebody looks, everybody's events are there and in order.
    #[test]
    fn a_view_shows_everybodys_events(steps in prop::collection::vec(step(), 0..120)) {
        let mut world = World::new();
        for step in steps {
            let looks = matches!(step, Step::Look);
            world.take(step);
            if looks {
                prop_assert_eq!(world.seen(), world.expected());
            }
        }
        prop_assert_eq!(world.seen(), world.expected());
        prop_assert_eq!(world.events.len(), world.log.len());
        let first = world.log.iter().map(|event| Timestamp(event.2)).min();
        prop_assert_eq!(world.events.first(), first);
    }
}

#[test]
fn what_was_frozen_stays_as_it_was() {
    let mut world = World::new();
    world.take(Step::Move(0, Some(1)));
    for at in 0..20 {
        world.take(Step::Event(0, at, 0, json!({"n": at})));
    }
    let frozen = world.events.freeze(&world.people);
    world.take(Step::Move(0, None));
    world.take(Step::Remove(1));
    world.take(Step::Event(0, 3, 1, json!({"n": "later"})));
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
    world.take(Step::Event(0, 0, 0, json!({})));
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
