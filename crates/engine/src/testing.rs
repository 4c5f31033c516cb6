//! A small project for tests, to which anything can happen, and a plain list of all that did.

use std::collections::BTreeMap;
use std::fmt;

use persons_api::timestamp::{DAY, SECOND};
use persons_api::{FilterTree, Properties, Subject, Timestamp};
use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::cohort::{CohortState, Membership};
use crate::draft::{Changes, PersonState};
use crate::events::{Events, LoggedEvent};
use crate::people::People;

/// Distinct ids that there are.
pub(crate) const IDS: u32 = 6;
/// Names of events.
pub(crate) const NAMES: [&str; 3] = ["viewed", "bought", "left"];
/// An hour.
pub(crate) const HOUR: i64 = 3600 * SECOND;
/// Monday 2024-03-04, midnight in UTC: clocks are changed in the week after it.
pub(crate) const START: i64 = 1_709_510_400 * SECOND;
/// The members of this cohort have the plan "pro".
pub(crate) const PROS: i64 = 7;

/// What happens to a project.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// An event of a distinct id; with its time, its name and its properties.
    Event(u32, i64, &'static str, Value),
    /// A distinct id goes to a person (a new one if there is none with that number), or to nobody.
    Move(u32, Option<i64>),
    /// A person is deleted.
    Remove(i64),
    /// The events of a distinct id are deleted, but for some of the latest.
    Delete(u32, i64),
    /// Somebody looks at the events.
    Look,
}

/// Any step; events lie in so many days.
pub(crate) fn step(days: i64) -> impl Strategy<Value = Step> {
    let number = prop_oneof![
        4 => (0..4i64).prop_map(Value::from),
        1 => (0..4i64).prop_map(|n| n.to_string().into()),
        1 => prop::sample::select(vec![json!(null), json!(""), json!("many"), json!([1, {"x": "\n"}])]),
    ];
    let properties = (
        prop::option::weighted(0.8, number),
        prop::option::weighted(0.5, "[a-c]"),
        prop::option::weighted(0.5, 0..4i64),
    );
    let properties = properties.prop_map(|(number, text, session)| {
        let mut properties = Properties::new();
        properties.extend(number.map(|number| ("n".to_owned(), number)));
        properties.extend(text.map(|text| ("a \"key\"".to_owned(), text.into())));
        properties.extend(session.map(|session| ("$session_id".to_owned(), session.into())));
        Value::Object(properties)
    });
    // Many events lie on the borders of hours and days, some right before them.
    let hours = prop_oneof![0..days * 24, (0..days).prop_map(|day| day * 24)];
    let time = (hours, prop::sample::select(vec![0, 0, -1, 1, HOUR / 2]))
        .prop_map(|(hours, beside)| START + hours * HOUR + beside);
    let event = (
        0..IDS,
        time,
        prop::sample::select(NAMES.to_vec()),
        properties,
    );
    prop_oneof![
        12 => event.prop_map(|(id, at, name, properties)| Step::Event(id, at, name, properties)),
        2 => (0..IDS, prop::option::weighted(0.9, 1..5i64)).prop_map(|(id, to)| Step::Move(id, to)),
        1 => (1..5i64).prop_map(Step::Remove),
        1 => (0..IDS, 0..3i64).prop_map(|(id, spared)| Step::Delete(id, spared)),
        2 => Just(Step::Look),
    ]
}

/// Any history: first everybody is somebody, then anything happens.
pub(crate) fn history(days: i64) -> impl Strategy<Value = World> {
    history_of(step(days))
}

/// Any history of these steps, once everybody is somebody.
pub(crate) fn history_of(step: impl Strategy<Value = Step>) -> impl Strategy<Value = World> {
    prop::collection::vec(step, 0..80).prop_map(|steps| {
        let mut world = World::new();
        for id in 0..IDS {
            world.take(Step::Move(id, Some(i64::from(id % 4) + 1)));
        }
        for step in steps {
            world.take(step);
        }
        world
    })
}

/// An event that happened.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Happened {
    pub(crate) number: i64,
    pub(crate) id: u32,
    pub(crate) at: i64,
    pub(crate) name: &'static str,
    pub(crate) properties: Properties,
}

/// The number of a person, or the distinct id that belongs to nobody.
pub(crate) type Whose = Result<i64, u32>;

/// A project, and what happened to it.
pub(crate) struct World {
    pub(crate) people: People,
    pub(crate) events: Events,
    /// The person of each distinct id.
    owners: [Option<i64>; IDS as usize],
    log: Vec<Happened>,
    next: i64,
}

/// What a failed test prints.
impl fmt::Debug for World {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut world = formatter.debug_struct("World");
        world.field("owners", &self.owners).field("log", &self.log);
        world.finish_non_exhaustive()
    }
}

impl World {
    pub(crate) fn new() -> Self {
        let mut people = People::new(1);
        people.apply(Changes {
            new_ids: (0..IDS).map(|id| format!("id{id}")).collect(),
            ..Changes::default()
        });
        let pros = json!([{"key": "plan", "value": "pro"}]);
        people.put_cohort(CohortState {
            id: PROS,
            name: "Pros".into(),
            description: String::new(),
            filters: Value::Null,
            membership: Membership::Dynamic(
                FilterTree::from_json(&pros, Subject::Person).expect("a good filter"),
            ),
            deleted: false,
            created_at: Timestamp(START),
        });
        Self {
            people,
            events: Events::default(),
            owners: [None; IDS as usize],
            log: Vec::new(),
            next: 1,
        }
    }

    /// An event of a distinct id, some hours after [`START`].
    pub(crate) fn event(&mut self, id: u32, hours: i64, name: &'static str, properties: Value) {
        self.take(Step::Event(id, START + hours * HOUR, name, properties));
    }

    pub(crate) fn take(&mut self, step: Step) {
        match step {
            Step::Event(id, at, name, properties) => {
                let event = LoggedEvent {
                    number: self.next,
                    distinct_id: id,
                    name,
                    at: Timestamp(at),
                };
                let properties = map(&properties);
                // Both ways lead to the same.
                if self.next % 2 == 0 {
                    self.events.append(event, &properties);
                } else {
                    let json = Value::Object(properties.clone()).to_string();
                    self.events.append_json(event, &json).expect("an object");
                }
                self.log.push(Happened {
                    number: self.next,
                    id,
                    at,
                    name,
                    properties,
                });
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
                let is_left = |&id: &u32| self.owners[id as usize] == Some(number);
                let left: Vec<u32> = (0..IDS).filter(is_left).collect();
                self.people.apply(Changes {
                    removed: vec![number],
                    owners: left.iter().map(|&id| (id, None)).collect(),
                    ..Changes::default()
                });
                left.iter().for_each(|&id| self.owners[id as usize] = None);
            }
            Step::Delete(id, spared) => {
                let before = self.next - spared;
                self.events.delete(&[id], before);
                self.log
                    .retain(|event| event.id != id || event.number >= before);
            }
            Step::Look => {
                self.events.freeze(&self.people).view();
            }
        }
    }

    /// How many events there are.
    pub(crate) fn len(&self) -> usize {
        self.log.len()
    }

    /// Everybody's events, each one's in order.
    pub(crate) fn everybody(&self) -> BTreeMap<Whose, Vec<Happened>> {
        let mut all = BTreeMap::<_, Vec<Happened>>::new();
        for event in &self.log {
            let whose = self.owners[event.id as usize].ok_or(event.id);
            all.entry(whose).or_default().push(event.clone());
        }
        for events in all.values_mut() {
            events.sort_by_key(|event| (event.at, event.number));
        }
        all
    }
}

/// A person as it is from the start: the number says everything about it.
pub(crate) fn person(number: i64) -> PersonState {
    let properties = match number % 4 {
        1 => json!({"plan": "pro"}),
        2 => json!({"plan": "free", "seats": 3}),
        3 => json!({"plan": "pro", "seats": "3"}),
        _ => json!({}),
    };
    PersonState {
        number,
        uuid: Uuid::from_u128(number as u128 * 7 % 5),
        created_at: Timestamp(START + number * DAY * 3 / 2),
        is_identified: false,
        version: 0,
        properties: map(&properties),
    }
}

/// The properties that a JSON value is.
pub(crate) fn map(value: &Value) -> Properties {
    value.as_object().expect("an object").clone()
}
