//! Snapshots: whatever changes afterwards, an older clone of people and events stays what it was, and the
//! latest state is what a plain model says. What no one has any more is forgotten.

use std::collections::{BTreeMap, BTreeSet};

use persons_api::{Properties, Timestamp};
use persons_engine::events::LoggedEvent;
use persons_engine::{
    Actor, CapturedEvent, Changes, DeletionWish, Draft, Edited, Events, Parting, Pattern, People,
    PersonState, Query, Selection, TextEngine,
};
use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

struct NoRegex;

impl TextEngine for NoRegex {
    fn compile(&self, _: &str) -> Result<Pattern, String> {
        Err("not in these tests".into())
    }
}

/// Everything that can be asked about people and events.
#[derive(Clone, Debug, PartialEq)]
struct Contents {
    /// In the order of pages.
    people: Vec<(PersonState, Vec<String>, Option<Timestamp>)>,
    /// By key: the values with the number of people who have each.
    values: BTreeMap<String, BTreeMap<String, u32>>,
    /// For some texts: who is found.
    found: Vec<BTreeSet<i64>>,
    events: (usize, Option<Timestamp>, BTreeSet<&'static str>),
}

/// Keys of properties, some of people, some of events.
const KEYS: [&str; 4] = ["plan", "Name", "seats", "rare"];

const NEEDLES: [&str; 4] = ["a", "pro", "7", "id3"];

fn contents(people: &People, events: &Events) -> Contents {
    let page = people.page(&Selection::All, 0, usize::MAX);
    let find = |needle: &str| {
        let query = Query {
            search: Some(needle.into()),
            ..Query::default()
        };
        let selection = people.select(&query, &NoRegex).expect("a good query");
        let found = people.page(&selection, 0, usize::MAX);
        assert_eq!(found.len(), people.count(&selection));
        found.iter().map(|person| person.number()).collect()
    };
    for person in &page {
        let by_uuid = people.by_uuid(person.uuid()).map(|person| person.number());
        assert_eq!(by_uuid, Some(person.number()));
        for id in person.distinct_ids() {
            let owner = people.by_distinct_id(id).map(|person| person.number());
            assert_eq!(owner, Some(person.number()));
        }
        let number = people
            .by_number(person.number())
            .map(|person| person.uuid());
        assert_eq!(number, Some(person.uuid()));
    }
    assert_eq!(page.len(), people.len());
    for (offset, limit) in [(1, 2), (3, 1)] {
        let part = people.page(&Selection::All, offset, limit);
        let part = part.iter().map(|person| person.number());
        let all = page.iter().map(|person| person.number());
        assert!(part.eq(all.skip(offset).take(limit)));
    }
    let values = people.person_keys().into_iter().map(|(key, _)| {
        let values = people.values(key, "", 1000).into_iter();
        let values = values.map(|(value, count)| (value.to_value().to_string(), count));
        (key.to_owned(), values.collect())
    });
    let keys = KEYS.into_iter();
    Contents {
        values: values.collect(),
        found: NEEDLES.into_iter().map(find).collect(),
        events: (
            events.len(),
            events.first(),
            keys.filter(|key| events.property(key).is_some()).collect(),
        ),
        people: page
            .iter()
            .map(|person| {
                let ids = person.distinct_ids_as_seen().map(str::to_owned).collect();
                (person.to_state(), ids, person.last_seen_at())
            })
            .collect(),
    }
}

/// The same as plain lists.
#[derive(Default)]
struct Model {
    persons: BTreeMap<i64, PersonState>,
    /// Each distinct id's text, owner, and latest event.
    ids: Vec<(String, Option<i64>, Option<Timestamp>)>,
    events: Vec<(i64, u32, Timestamp, Properties)>,
}

impl Model {
    fn apply(&mut self, changes: &Changes, first_event: i64) {
        for number in &changes.removed {
            self.persons.remove(number);
            for (_, owner, _) in &mut self.ids {
                *owner = owner.filter(|owner| owner != number);
            }
        }
        for person in &changes.persons {
            self.persons.insert(person.number, person.clone());
        }
        let new = changes.new_ids.iter().cloned();
        self.ids.extend(new.map(|id| (id, None, None)));
        for &(id, owner) in &changes.owners {
            self.ids[id as usize].1 = owner;
        }
        for (number, event) in (first_event..).zip(&changes.events) {
            let seen = &mut self.ids[event.distinct_id as usize].2;
            *seen = (*seen).max(Some(event.timestamp));
            self.events.push((
                number,
                event.distinct_id,
                event.timestamp,
                event.properties.clone(),
            ));
        }
    }

    fn contents(&self) -> Contents {
        let mut people: Vec<_> = self.persons.values().cloned().collect();
        people.sort_by_key(|person| std::cmp::Reverse((person.created_at, person.number)));
        let mut values = BTreeMap::<_, BTreeMap<_, u32>>::new();
        for (key, value) in people.iter().flat_map(|person| &person.properties) {
            let values = values.entry(key.clone()).or_default();
            *values.entry(value.to_string()).or_default() += 1;
        }
        let own = |number: i64| {
            self.ids
                .iter()
                .filter(move |(_, owner, _)| *owner == Some(number))
        };
        let find = |needle: &str| {
            let has = |person: &&PersonState| {
                let values = person.properties.values().map(|value| match value {
                    Value::String(text) => text.to_lowercase(),
                    other => other.to_string(),
                });
                let ids = own(person.number).map(|(text, ..)| text.clone());
                values.chain(ids).any(|text| text.contains(needle))
            };
            people
                .iter()
                .filter(has)
                .map(|person| person.number)
                .collect()
        };
        let has_key = |key: &&'static str| {
            self.events
                .iter()
                .any(|(.., properties)| properties.contains_key(*key))
        };
        Contents {
            values,
            found: NEEDLES.into_iter().map(find).collect(),
            events: (
                self.events.len(),
                self.events.iter().map(|&(_, _, at, _)| at).min(),
                KEYS.into_iter().filter(has_key).collect(),
            ),
            people: people
                .iter()
                .map(|person| {
                    let ids = own(person.number).map(|(text, ..)| text.clone()).collect();
                    let seen = own(person.number).filter_map(|&(.., seen)| seen).max();
                    (person.clone(), ids, seen)
                })
                .collect(),
        }
    }
}

/// A project, and the model of it.
struct World {
    people: People,
    events: Events,
    model: Model,
    next: i64,
}

impl World {
    fn new() -> Self {
        Self {
            people: People::new(1),
            events: Events::default(),
            model: Model::default(),
            next: 1,
        }
    }

    fn decide(&mut self, decide: impl FnOnce(&mut Draft<'_>)) {
        let mut draft = Draft::new(&self.people);
        decide(&mut draft);
        let changes = draft.finish();
        self.model.apply(&changes, self.next);
        for event in &changes.events {
            let logged = LoggedEvent {
                number: self.next,
                distinct_id: event.distinct_id,
                name: &event.name,
                at: event.timestamp,
            };
            self.events.append(logged, &event.properties);
            self.next += 1;
        }
        self.people.apply(changes);
    }

    fn capture(&mut self, name: &str, id: &str, at: i64, properties: Value) {
        let event = CapturedEvent {
            uuid: Uuid::from_u128(self.next as u128),
            name: name.into(),
            distinct_id: id.into(),
            timestamp: Timestamp(at),
            properties: properties.as_object().expect("an object").clone(),
        };
        self.decide(|draft| draft.ingest(event));
    }

    fn edit(&mut self, edit: impl FnOnce(&mut Draft<'_>, &mut Edited<'_>)) {
        let mut next = self.next as u128 + (1 << 100);
        let mut fresh = || {
            next += 1;
            Uuid::from_u128(next)
        };
        let actor = Actor {
            id: "test".into(),
            name: "test".into(),
        };
        self.decide(|draft| {
            let mut by = Edited {
                actor,
                now: Timestamp(0),
                fresh: &mut fresh,
            };
            edit(draft, &mut by);
        });
    }

    /// Deletes events of a distinct id, as the writer does once the store did.
    fn delete_events(&mut self, id: &str) {
        let Some(number) = self.people.distinct_id_number(id) else {
            return;
        };
        let unused = self.events.delete(&[number], self.next);
        self.people.forget_definitions(&unused);
        self.model.events.retain(|&(_, id, ..)| id != number);
        let seen = [(number, None)];
        self.model.ids[number as usize].2 = None;
        self.people.set_seen(&seen);
    }
}

#[derive(Clone, Debug)]
enum Step {
    Capture(u8, i64, Value),
    Identify(u8, u8),
    Unset(u8, &'static str),
    Split(u8),
    Delete(u8),
    DeleteEvents(u8),
    Keep,
}

fn step() -> impl Strategy<Value = Step> {
    let value = prop_oneof![
        prop::sample::select(vec![
            json!("Pro"),
            json!("free"),
            json!("Äda"),
            json!(7),
            json!("7"),
            json!(null),
            json!([1])
        ]),
        "[a-zA-Z]{0,300}".prop_map(Value::from),
    ];
    let key = prop::sample::select(KEYS.to_vec());
    let set = prop::collection::btree_map(key.clone(), value, 0..4);
    let capture = (0..8u8, 0..50i64, set).prop_map(|(id, at, set)| {
        let mut properties = json!(set);
        properties["$set"] = json!(set);
        Step::Capture(id, at, properties)
    });
    prop_oneof![
        10 => capture,
        2 => (0..8u8, 0..8u8).prop_map(|(id, other)| Step::Identify(id, other)),
        2 => (0..8u8, key).prop_map(|(id, key)| Step::Unset(id, key)),
        1 => (0..8u8).prop_map(Step::Split),
        2 => (0..8u8).prop_map(Step::Delete),
        2 => (0..8u8).prop_map(Step::DeleteEvents),
        3 => Just(Step::Keep),
    ]
}

proptest! {
    #[test]
    fn older_snapshots_stay_and_the_latest_state_is_what_the_model_says(
        steps in prop::collection::vec(step(), 0..80)
    ) {
        let mut world = World::new();
        let mut kept = Vec::new();
        for step in steps {
            let owner = |world: &World, id: u8| {
                let person = world.people.by_distinct_id(&format!("id{id}"));
                person.map_or(-1, |person| person.number())
            };
            match step {
                Step::Capture(id, at, properties) => {
                    world.capture("viewed", &format!("id{id}"), at, properties);
                }
                Step::Identify(id, other) => {
                    let alias = json!({"alias": format!("id{other}")});
                    world.capture("$merge_dangerously", &format!("id{id}"), 60, alias);
                }
                Step::Unset(id, key) => {
                    let person = owner(&world, id);
                    world.edit(|draft, by| {
                        let _ = draft.unset_properties(person, vec![key.to_owned()], by);
                    });
                }
                Step::Split(id) => {
                    let person = owner(&world, id);
                    world.edit(|draft, by| {
                        let _ = draft.split(person, &Parting::AllButFirst, by);
                    });
                }
                Step::Delete(id) => {
                    let person = owner(&world, id);
                    let wish = DeletionWish { events: false, keep_person: false };
                    world.edit(|draft, by| {
                        let _ = draft.delete(person, wish, by);
                    });
                }
                Step::DeleteEvents(id) => world.delete_events(&format!("id{id}")),
                Step::Keep => {
                    let contents = contents(&world.people, &world.events);
                    prop_assert_eq!(&contents, &world.model.contents());
                    kept.push((world.people.clone(), world.events.clone(), contents));
                }
            }
        }
        prop_assert_eq!(contents(&world.people, &world.events), world.model.contents());
        for (people, events, before) in &kept {
            prop_assert_eq!(&contents(people, events), before);
        }
    }
}

#[test]
fn keys_that_no_one_has_any_more_are_forgotten() {
    let mut world = World::new();
    world.capture(
        "viewed",
        "stays",
        1,
        json!({"shared": 1, "$set": {"plan": "pro"}}),
    );
    for event in 0..10 {
        // Well below the limit of keys that one event may have.
        let keys = event * 500..(event + 1) * 500;
        let mut properties = Properties::new();
        properties.extend(keys.map(|n| (format!("key {n}"), json!(n))));
        let set = Value::Object(properties.clone());
        properties.insert("$set".into(), set);
        properties.insert("shared".into(), json!(2));
        world.capture("signed up", "goes", 2 + event, Value::Object(properties));
    }
    assert_eq!(world.people.person_keys().len(), 5_000 + 2);
    assert_eq!(world.people.event_keys().count(), 5_000 + 2);

    let person = world
        .people
        .by_distinct_id("goes")
        .map(|person| person.number());
    let wish = DeletionWish {
        events: true,
        keep_person: false,
    };
    world.edit(|draft, by| {
        draft
            .delete(person.expect("there"), wish, by)
            .expect("deleted");
    });
    world.delete_events("goes");
    let left = world.people.person_keys();
    let left: Vec<&str> = left.into_iter().map(|(key, _)| key).collect();
    assert_eq!(left, ["$creator_event_uuid", "plan"]);
    let keys: Vec<&str> = world.people.event_keys().map(|(key, _)| key).collect();
    assert_eq!(keys, ["$set", "shared"]);
    let names: Vec<&str> = world.people.event_stats().map(|(name, _)| name).collect();
    assert_eq!(names, ["viewed"]);
    assert!(world.events.property("key 1").is_none());
    assert!(world.events.property("shared").is_some());

    // Their numbers are free for other keys.
    world.capture(
        "viewed",
        "new",
        3,
        json!({"other": "x", "$set": {"other": "y"}}),
    );
    let values = world.people.values("other", "", 10);
    assert_eq!(values.len(), 1);
    assert_eq!((values[0].0.text, values[0].1), ("y", 1));
    assert!(world.people.values("key 1", "", 10).is_empty());
}

#[test]
fn a_forgotten_distinct_id_is_found_nowhere_and_gets_another_number_when_it_comes_back() {
    let mut world = World::new();
    world.capture("viewed", "goes", 1, json!({}));
    world.capture("viewed", "stays", 2, json!({}));
    let older = world.people.clone();
    let number = |people: &People, id: &str| people.distinct_id_number(id);
    let (goes, stays) = (number(&older, "goes"), number(&older, "stays"));
    world.people.forget_distinct_ids(&[goes.expect("seen")]);
    assert_eq!(number(&world.people, "goes"), goes, "someone has it");

    let person = older.by_distinct_id("goes").map(|person| person.number());
    let wish = DeletionWish {
        events: true,
        keep_person: false,
    };
    world.edit(|draft, by| {
        draft
            .delete(person.expect("there"), wish, by)
            .expect("deleted");
    });
    world.people.forget_distinct_ids(&[goes.expect("seen")]);
    assert_eq!(number(&world.people, "goes"), None);
    assert_eq!(number(&world.people, "stays"), stays);
    assert_eq!(number(&older, "goes"), goes);
    world.capture("viewed", "goes", 3, json!({}));
    assert_eq!(number(&world.people, "goes"), Some(2));

    // The store remembers the number of a forgotten id without its text.
    let ids = [
        ("", None),
        ("stays", Some(2)),
        ("", None),
        ("again", Some(2)),
    ];
    let ids = ids.map(|(text, person)| persons_engine::StoredId {
        text: text.into(),
        person,
        seen: None,
    });
    let persons = older.by_number(2).map(|person| person.to_state());
    let restored = People::restore(1, persons, ids, 3);
    assert_eq!(number(&restored, "again"), Some(3));
    assert_eq!(number(&restored, ""), None);
    let person = restored.by_distinct_id("stays").expect("restored");
    assert!(person.distinct_ids_as_seen().eq(["stays", "again"]));
}
