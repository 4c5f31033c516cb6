//! What events do to people: worked cases from the contract, and properties of any sequence.

use std::collections::{BTreeMap, BTreeSet};

use persons_api::{Properties, Timestamp};
use persons_engine::{CapturedEvent, Draft, People, PersonState, person_uuid};
use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

const PROJECT: i64 = 1;

/// A project that takes events one by one, each in a draft of its own.
struct World {
    people: People,
    warnings: Vec<(&'static str, Value)>,
    clock: i64,
}

impl World {
    fn new() -> Self {
        Self {
            people: People::new(PROJECT),
            warnings: Vec::new(),
            clock: 1_700_000_000_000_000,
        }
    }

    fn event(&mut self, name: &str, id: &str, properties: Value) -> CapturedEvent {
        self.clock += 1_000_000;
        let Value::Object(properties) = properties else {
            panic!("properties are an object")
        };
        CapturedEvent {
            uuid: Uuid::from_u128(self.clock as u128),
            name: name.into(),
            distinct_id: id.into(),
            timestamp: Timestamp(self.clock),
            properties,
        }
    }

    fn send(&mut self, name: &str, id: &str, properties: Value) -> &mut Self {
        let event = self.event(name, id, properties);
        let mut draft = Draft::new(&self.people);
        draft.ingest(event);
        let changes = draft.finish();
        self.warnings.extend(
            changes
                .warnings
                .iter()
                .map(|warning| (warning.kind, warning.details.clone())),
        );
        self.people.apply(changes);
        self
    }

    fn properties(&self, id: &str) -> Properties {
        self.people
            .by_distinct_id(id)
            .expect("a person")
            .to_state()
            .properties
    }

    fn ids(&self, id: &str) -> Vec<&str> {
        self.people
            .by_distinct_id(id)
            .expect("a person")
            .distinct_ids_as_seen()
            .collect()
    }

    fn is_identified(&self, id: &str) -> bool {
        self.people
            .by_distinct_id(id)
            .expect("a person")
            .is_identified()
    }

    fn same(&self, a: &str, b: &str) -> bool {
        let uuid = |id| self.people.by_distinct_id(id).map(|person| person.uuid());
        uuid(a).is_some() && uuid(a) == uuid(b)
    }
}

#[test]
fn the_first_event_creates_a_person() {
    let mut world = World::new();
    world.send(
        "$pageview",
        "anon-1",
        json!({"$browser": "Firefox", "$set_once": {"first": 1}, "$set": {"plan": "free"}}),
    );
    let person = world.people.by_distinct_id("anon-1").expect("created");
    assert_eq!(person.uuid(), person_uuid(PROJECT, "anon-1"));
    assert!(!person.is_identified());
    assert_eq!(person.version(), 0);
    assert_eq!(person.created_at().0, world.clock);
    let properties = world.properties("anon-1");
    assert_eq!(properties["$browser"], "Firefox");
    assert_eq!(properties["$initial_browser"], "Firefox");
    assert_eq!(properties["plan"], "free");
    assert_eq!(properties["first"], 1);
    assert_eq!(
        properties["$creator_event_uuid"],
        json!(Uuid::from_u128(world.clock as u128).to_string())
    );
}

#[test]
fn set_once_keeps_and_set_replaces_and_unset_removes() {
    let mut world = World::new();
    world.send(
        "$set",
        "a",
        json!({"$set": {"plan": "free", "old": 1}, "$set_once": {"first": "x"}}),
    );
    world.send("$set", "a", json!({"$set": {"plan": "pro"}, "$set_once": {"first": "y", "second": 2}, "$unset": ["old"]}));
    let properties = world.properties("a");
    assert_eq!(properties["plan"], "pro");
    assert_eq!(properties["first"], "x");
    assert_eq!(properties["second"], 2);
    assert!(!properties.contains_key("old"));
    world.send("$set", "a", json!({"$unset": {"second": ""}}));
    assert!(!world.properties("a").contains_key("second"));
}

#[test]
fn page_properties_alone_are_no_reason_to_write() {
    let mut world = World::new();
    world.send("$pageview", "a", json!({"$current_url": "/1"}));
    world.send(
        "$pageview",
        "a",
        json!({"$current_url": "/2", "$set": {"$geoip_city_name": "Bonn"}}),
    );
    assert_eq!(world.properties("a")["$current_url"], "/1");
    world.send("$identify", "a", json!({"$current_url": "/3"}));
    assert_eq!(world.properties("a")["$current_url"], "/3");
    world.send(
        "$pageview",
        "a",
        json!({"$current_url": "/4", "$set": {"plan": "pro"}}),
    );
    assert_eq!(world.properties("a")["$current_url"], "/4");
    world.send("$exception", "a", json!({"$set": {"plan": "free"}}));
    assert_eq!(world.properties("a")["plan"], "pro");
}

#[test]
fn personless_events_create_nobody_and_lose_their_person_keys() {
    let mut world = World::new();
    world.send(
        "$pageview",
        "a",
        json!({"$process_person_profile": false, "$set": {"plan": "pro"}}),
    );
    assert!(world.people.by_distinct_id("a").is_none());
    world.send(
        "$identify",
        "a",
        json!({"$process_person_profile": false, "$anon_distinct_id": "b"}),
    );
    assert_eq!(
        world.warnings[0].0,
        "invalid_event_when_process_person_profile_is_false"
    );
    assert!(world.people.is_empty());
    world.send("$pageview", "a", json!({"$process_person_profile": "no"}));
    assert!(world.people.by_distinct_id("a").is_some());
    world.send("$groupidentify", "company_1", json!({}));
    assert!(world.people.by_distinct_id("company_1").is_none());
}

#[test]
fn identify_with_nobody_known_makes_one_person_of_both_ids() {
    let mut world = World::new();
    world.send(
        "$identify",
        "ada",
        json!({"$anon_distinct_id": "anon", "$set": {"email": "ada@x.example"}}),
    );
    assert_eq!(world.people.len(), 1);
    assert!(world.same("ada", "anon") && world.is_identified("ada"));
    let person = world.people.by_distinct_id("anon").expect("a person");
    assert_eq!(person.uuid(), person_uuid(PROJECT, "ada"));
}

#[test]
fn identify_adds_the_id_that_nobody_has() {
    let mut world = World::new();
    world.send("$pageview", "anon", json!({}));
    world.send(
        "$identify",
        "ada",
        json!({"$anon_distinct_id": "anon", "$set": {"plan": "pro"}}),
    );
    assert_eq!(world.ids("ada"), ["anon", "ada"]);
    assert!(world.is_identified("ada"));
    assert_eq!(world.properties("ada")["plan"], "pro");
    world.send("$identify", "ada", json!({"$anon_distinct_id": "phone"}));
    assert_eq!(world.ids("ada"), ["anon", "ada", "phone"]);
}

#[test]
fn identify_without_a_partner_identifies_nobody() {
    let mut world = World::new();
    world.send("$identify", "ada", json!({"$set": {"plan": "pro"}}));
    assert!(!world.is_identified("ada"));
    world.send("$identify", "ada", json!({"$anon_distinct_id": "ada"}));
    assert!(!world.is_identified("ada"));
}

#[test]
fn merging_keeps_the_targets_values_and_the_older_date() {
    let mut world = World::new();
    world.send(
        "$set",
        "anon",
        json!({"$set": {"plan": "free", "referrer": "ad"}}),
    );
    let older = world.clock;
    world.send("$set", "ada", json!({"$set": {"plan": "pro"}}));
    world.send(
        "$identify",
        "ada",
        json!({"$anon_distinct_id": "anon", "$set": {"seats": 3}}),
    );
    assert_eq!(world.people.len(), 1);
    let properties = world.properties("anon");
    assert_eq!(
        (
            &properties["plan"],
            &properties["referrer"],
            &properties["seats"]
        ),
        (&json!("pro"), &json!("ad"), &json!(3))
    );
    let person = world.people.by_distinct_id("anon").expect("a person");
    assert_eq!(person.uuid(), person_uuid(PROJECT, "ada"));
    assert_eq!(person.created_at().0, older);
    assert!(person.version() >= 1);
}

#[test]
fn an_identified_person_is_not_merged_away_except_dangerously() {
    let mut world = World::new();
    world.send("$identify", "ben", json!({"$anon_distinct_id": "anon-b"}));
    world.send("$identify", "ada", json!({"$anon_distinct_id": "anon-a"}));
    world.send(
        "$identify",
        "ada",
        json!({"$anon_distinct_id": "ben", "$set": {"plan": "pro"}}),
    );
    assert!(!world.same("ada", "ben"));
    assert_eq!(world.warnings[0].0, "cannot_merge_already_identified");
    assert_eq!(world.properties("ada")["plan"], "pro");
    world.send("$merge_dangerously", "ada", json!({"alias": "ben"}));
    assert!(world.same("ada", "ben") && world.same("ada", "anon-b"));
}

#[test]
fn an_alias_merges_its_person_into_the_events() {
    let mut world = World::new();
    world.send("e", "a", json!({"$set": {"who": "a"}}));
    world.send("e", "b", json!({"$set": {"who": "b"}}));
    world.send(
        "$create_alias",
        "a",
        json!({"distinct_id": "a", "alias": "b"}),
    );
    assert_eq!(world.properties("b")["who"], "a");
}

#[test]
fn illegal_ids_are_refused_on_either_side() {
    for illegal in [
        "",
        " ",
        "Anonymous",
        "GUEST",
        "null",
        "NaN",
        "[object Object]",
        "\"undefined\"",
        "'0'",
        "Email",
        "none",
    ] {
        let mut world = World::new();
        world.send("e", "ada", json!({}));
        world.send("$identify", "ada", json!({"$anon_distinct_id": illegal}));
        assert_eq!(world.warnings.len(), 1, "{illegal:?}");
        assert_eq!(world.warnings[0].0, "cannot_merge_with_illegal_distinct_id");
        assert_eq!(world.ids("ada"), ["ada"]);
        if !illegal.trim().is_empty() {
            world.send("$create_alias", illegal, json!({"alias": "ada"}));
            assert!(!world.same("ada", illegal), "{illegal:?}");
        }
    }
    // These look alike and are legal.
    for legal in ["NULL", "nan", "NONE", "00", "guests"] {
        let mut world = World::new();
        world.send("$identify", "ada", json!({"$anon_distinct_id": legal}));
        assert!(world.same("ada", legal), "{legal:?}");
    }
}

#[test]
fn a_person_is_last_seen_with_any_of_its_ids() {
    let mut world = World::new();
    world.send("e", "a", json!({}));
    world.send("e", "b", json!({"$process_person_profile": false}));
    let late = world.clock;
    world.send("$identify", "a", json!({"$anon_distinct_id": "c"}));
    world.send("$identify", "a", json!({"$anon_distinct_id": "b"}));
    assert_eq!(
        world
            .people
            .by_distinct_id("a")
            .and_then(|person| person.last_seen_at()),
        Some(Timestamp(world.clock))
    );
    assert!(late < world.clock);
}

/// One step of a random history: few ids, so that everything meets everything.
fn step() -> impl Strategy<Value = (String, String, Value)> {
    let id = prop::sample::select(vec!["a", "b", "c", "d", "e", "f", "null", "guest"]);
    let name = prop::sample::select(vec![
        "e",
        "$set",
        "$identify",
        "$identify",
        "$create_alias",
        "$merge_dangerously",
        "$exception",
    ]);
    let key = prop::sample::select(vec!["p", "q", "r", "$browser"]);
    (name, id.clone(), id, key, 0..3u8, any::<bool>()).prop_map(|(name, id, other, key, value, personless)| {
        let mut properties = json!({"$anon_distinct_id": other, "alias": other, "$set": {key: value}, "$set_once": {format!("{key}{value}"): value}});
        if personless && value == 0 {
            properties["$process_person_profile"] = json!(false);
        }
        (name.to_owned(), id.to_owned(), properties)
    })
}

/// Everything that can be seen of a person.
#[derive(Clone, Debug, PartialEq)]
struct Seen {
    state: PersonState,
    last_seen: Option<Timestamp>,
    ids: Vec<String>,
}

/// Everything that can be seen of a project.
fn snapshot(people: &People) -> BTreeMap<Uuid, Seen> {
    let query = persons_engine::Query::default();
    let all = people.select(&query, &NoRegex).expect("everybody");
    let seen = |person: persons_engine::PersonRef<'_>| Seen {
        state: person.to_state(),
        last_seen: person.last_seen_at(),
        ids: person.distinct_ids().map(str::to_owned).collect(),
    };
    people
        .page(&all, 0, usize::MAX)
        .into_iter()
        .map(|person| (person.uuid(), seen(person)))
        .collect()
}

struct NoRegex;

impl persons_engine::TextEngine for NoRegex {
    fn compile(&self, _: &str) -> Result<persons_engine::Pattern, String> {
        Err("not in this test".into())
    }
}

proptest! {
    // Beside a test's own folder there is no place for files of failed cases; the seed is printed.
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    /// No distinct id on two people, no person without one, and a merge loses no key.
    #[test]
    fn any_history_leaves_people_whole(steps in prop::collection::vec(step(), 0..40)) {
        let mut world = World::new();
        for (name, id, properties) in steps {
            let before: BTreeMap<String, BTreeSet<String>> = ["a", "b", "c", "d", "e", "f"].iter()
                .filter(|id| world.people.by_distinct_id(id).is_some())
                .map(|id| (id.to_string(), world.properties(id).keys().cloned().collect())).collect();
            world.send(&name, &id, properties);
            let mut owners = BTreeSet::new();
            for person in snapshot(&world.people).into_values() {
                prop_assert!(!person.ids.is_empty());
                for id in person.ids {
                    prop_assert!(owners.insert(id));
                }
            }
            for (id, keys) in before {
                let now: BTreeSet<String> = world.properties(&id).keys().cloned().collect();
                prop_assert!(keys.is_subset(&now), "{} lost {:?}", id, keys.difference(&now));
            }
        }
    }

    /// One draft for many events decides the same as a draft for each.
    #[test]
    fn grouping_changes_nothing(steps in prop::collection::vec(step(), 0..40)) {
        let mut alone = World::new();
        let mut together = World::new();
        let events: Vec<_> = steps.iter().map(|(name, id, properties)| together.event(name, id, properties.clone())).collect();
        let mut draft = Draft::new(&together.people);
        events.into_iter().for_each(|event| draft.ingest(event));
        let changes = draft.finish();
        together.people.apply(changes);
        for (name, id, properties) in steps {
            alone.send(&name, &id, properties);
        }
        let strip = |people: &People| {
            let mut seen = snapshot(people);
            // Numbers of people who came and went differ; everything else must not.
            seen.values_mut().for_each(|person| person.state.number = 0);
            seen
        };
        prop_assert_eq!(strip(&alone.people), strip(&together.people));
    }

    /// What is stored is enough to rebuild what is seen.
    #[test]
    fn restoring_gives_the_same_people(steps in prop::collection::vec(step(), 0..40)) {
        let mut world = World::new();
        let mut seen: BTreeMap<String, Timestamp> = BTreeMap::new();
        for (name, id, properties) in steps {
            let dropped = properties.get("$process_person_profile").is_some() && name.starts_with('$') && name != "$set" && name != "$exception";
            world.send(&name, &id, properties);
            if !dropped {
                seen.insert(id, Timestamp(world.clock));
            }
        }
        let everybody = snapshot(&world.people);
        let persons: Vec<_> = everybody.keys().map(|uuid| world.people.by_uuid(*uuid).expect("alive").to_state()).collect();
        let mut ids: Vec<(u32, &str)> = ["a", "b", "c", "d", "e", "f", "null", "guest"].into_iter()
            .filter_map(|id| Some((world.people.distinct_id_number(id)?, id))).collect();
        ids.sort_unstable();
        let stored = ids.into_iter().map(|(_, id)| persons_engine::StoredId {
            text: id.to_owned(),
            person: world.people.by_distinct_id(id).map(|person| person.number()),
            seen: seen.get(id).copied(),
        });
        let restored = People::restore(PROJECT, persons, stored.collect::<Vec<_>>(), world.people.next_number());
        prop_assert_eq!(snapshot(&restored), everybody);
    }
}
