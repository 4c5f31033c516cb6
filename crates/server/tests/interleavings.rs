//! Whatever is sent in whatever order, the people, their history and the data file agree with a model that
//! is too simple to be wrong.

use std::collections::{BTreeMap, BTreeSet};
use std::pin::Pin;
use std::sync::mpsc;

use persons_api::{FilterTree, Properties, Timestamp};
use persons_engine::dates::{Calendar, DateRange, Interval};
use persons_engine::events::Stop;
use persons_engine::history::{replay, timeline};
use persons_engine::insights::trends::{Shape, TrendsCell, TrendsQuery};
use persons_engine::insights::{Entity, Page, Source};
use persons_engine::{
    Actor, CapturedEvent, CohortChange, CohortState, DeletionWish, Edited, Membership, Parting,
};
use persons_server::project::Project;
use persons_server::regexes::Regexes;
use persons_server::store::{HistoryQuery, Storage};
use proptest::prelude::*;
use serde_json::{Value, json};
use tokio::sync::oneshot;
use uuid::Uuid;

const IDS: [&str; 5] = ["a", "b", "c", "d", "e"];
const KEYS: [&str; 3] = ["x", "y", "z"];

/// Something that is done to the people.
#[derive(Clone, Debug)]
enum Step {
    Set(usize, usize, u8),
    Unset(usize, usize),
    Merge(usize, usize),
    Edit(usize, usize, u8),
    Remove(usize, usize),
    Split(usize),
    Part(usize),
    Delete(usize),
    /// Sends again one of the events that were sent before.
    Retry(usize),
    /// Makes a static cohort of two distinct ids.
    Save(usize, usize),
    /// Renames one of the cohorts.
    Rename(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let (id, key) = (0..IDS.len(), 0..KEYS.len());
    prop_oneof![
        4 => (id.clone(), key.clone(), 0..3u8).prop_map(|(id, key, value)| Step::Set(id, key, value)),
        1 => (id.clone(), key.clone()).prop_map(|(id, key)| Step::Unset(id, key)),
        3 => (id.clone(), id.clone()).prop_map(|(id, other)| Step::Merge(id, other)),
        3 => (id.clone(), key.clone(), 0..3u8).prop_map(|(id, key, value)| Step::Edit(id, key, value)),
        1 => (id.clone(), key).prop_map(|(id, key)| Step::Remove(id, key)),
        1 => id.clone().prop_map(Step::Split),
        1 => id.clone().prop_map(Step::Part),
        1 => id.clone().prop_map(Step::Delete),
        3 => any::<prop::sample::Index>().prop_map(|index| Step::Retry(index.index(1_000))),
        1 => (id.clone(), id).prop_map(|(id, other)| Step::Save(id, other)),
        1 => (0..4usize).prop_map(Step::Rename),
    ]
}

/// Who owns which id, and what is known of each owner. Nothing else.
#[derive(Clone, Debug, Default, PartialEq)]
struct Model {
    owners: BTreeMap<usize, u32>,
    properties: BTreeMap<u32, BTreeMap<usize, u8>>,
    /// The id that each owner's UUID comes from.
    homes: BTreeMap<u32, usize>,
    next: u32,
    /// Ids in the order of their first event.
    seen: Vec<usize>,
    /// The owners in each static cohort.
    cohorts: Vec<BTreeSet<u32>>,
}

impl Model {
    fn see(&mut self, id: usize) {
        if !self.seen.contains(&id) {
            self.seen.push(id);
        }
    }

    fn owner(&mut self, id: usize) -> u32 {
        self.see(id);
        match self.owners.get(&id) {
            Some(owner) => *owner,
            None => self.own(id),
        }
    }

    /// Who has the UUID of an id.
    fn at_home(&self, id: usize) -> Option<u32> {
        let mut living = self
            .homes
            .iter()
            .filter(|(owner, _)| self.properties.contains_key(owner));
        living
            .find(|(_, home)| **home == id)
            .map(|(owner, _)| *owner)
    }

    fn ids(&self, owner: u32) -> Vec<usize> {
        self.seen
            .iter()
            .copied()
            .filter(|id| self.owners.get(id) == Some(&owner))
            .collect()
    }

    /// A new owner of an id.
    fn own(&mut self, id: usize) -> u32 {
        let owner = self.next;
        self.next += 1;
        if self.at_home(id).is_none() {
            self.homes.insert(owner, id);
        }
        self.properties.insert(owner, BTreeMap::new());
        self.owners.insert(id, owner);
        owner
    }

    /// An id leaves its owner: for whoever has its UUID, or to be alone.
    fn part(&mut self, id: usize) {
        match self.at_home(id) {
            Some(home) if self.owners.get(&id) != Some(&home) => {
                self.owners.insert(id, home);
            }
            _ => {
                self.own(id);
            }
        }
    }

    fn apply(&mut self, step: &Step) {
        let known = |model: &Self, id: &usize| model.owners.get(id).copied();
        match step {
            Step::Set(id, key, value) => {
                let owner = self.owner(*id);
                self.properties
                    .entry(owner)
                    .or_default()
                    .insert(*key, *value);
            }
            Step::Unset(id, key) => {
                let owner = self.owner(*id);
                self.properties.entry(owner).or_default().remove(key);
            }
            Step::Merge(id, other) => {
                self.see(*id);
                self.see(*other);
                let target = match (known(self, id), known(self, other)) {
                    (None, Some(owner)) => owner,
                    _ => self.owner(*id),
                };
                self.owners.insert(*id, target);
                let merged = known(self, other);
                self.owners.insert(*other, target);
                if let Some(merged) = merged.filter(|merged| *merged != target) {
                    for moved in self.ids(merged) {
                        self.owners.insert(moved, target);
                    }
                    for cohort in &mut self.cohorts {
                        if cohort.remove(&merged) {
                            cohort.insert(target);
                        }
                    }
                    for (key, value) in self.properties.remove(&merged).unwrap_or_default() {
                        self.properties
                            .entry(target)
                            .or_default()
                            .entry(key)
                            .or_insert(value);
                    }
                }
            }
            Step::Edit(id, key, value) => {
                if let Some(owner) = known(self, id) {
                    self.properties
                        .entry(owner)
                        .or_default()
                        .insert(*key, *value);
                }
            }
            Step::Remove(id, key) => {
                if let Some(owner) = known(self, id) {
                    self.properties.entry(owner).or_default().remove(key);
                }
            }
            Step::Split(id) => {
                if let Some(owner) = known(self, id) {
                    for other in self.ids(owner).into_iter().filter(|other| other != id) {
                        self.part(other);
                    }
                }
            }
            Step::Part(id) => {
                if let Some(owner) = known(self, id)
                    && self.ids(owner).len() > 1
                {
                    self.part(*id);
                }
            }
            Step::Delete(id) => {
                if let Some(owner) = known(self, id) {
                    for gone in self.ids(owner) {
                        self.owners.remove(&gone);
                    }
                    self.properties.remove(&owner);
                    for cohort in &mut self.cohorts {
                        cohort.remove(&owner);
                    }
                }
            }
            Step::Save(id, other) => {
                let members = [id, other].map(|id| known(self, id));
                self.cohorts.push(members.into_iter().flatten().collect());
            }
            Step::Retry(_) | Step::Rename(_) => {}
        }
    }

    /// The ids of the people in each cohort.
    fn shown_cohorts(&self) -> Vec<BTreeSet<&'static str>> {
        let ids = |cohort: &BTreeSet<u32>| {
            let owned = self
                .owners
                .iter()
                .filter(|(_, owner)| cohort.contains(owner));
            owned.map(|(id, _)| IDS[*id]).collect()
        };
        self.cohorts.iter().map(ids).collect()
    }

    /// What each known id shows: its companions, and the properties they share.
    fn shown(&self) -> BTreeMap<&'static str, (BTreeSet<&'static str>, Value)> {
        let shown = |(id, owner): (&usize, &u32)| {
            let companions = self.ids(*owner).into_iter().map(|id| IDS[id]).collect();
            let properties: Properties = self.properties[owner]
                .iter()
                .map(|(key, value)| (KEYS[*key].to_owned(), json!(value)))
                .collect();
            (IDS[*id], (companions, Value::Object(properties)))
        };
        self.owners.iter().map(shown).collect()
    }
}

fn shown(project: &Project) -> BTreeMap<&'static str, (BTreeSet<&'static str>, Value)> {
    let people = project.read();
    let known = IDS
        .iter()
        .filter_map(|id| Some((*id, people.by_distinct_id(id)?)));
    known
        .map(|(id, person)| {
            let all: BTreeSet<&str> = person.distinct_ids_as_seen().collect();
            let companions = IDS.into_iter().filter(|id| all.contains(id)).collect();
            let mut properties = person.to_state().properties;
            properties.remove("$creator_event_uuid");
            (id, (companions, Value::Object(properties)))
        })
        .collect()
}

/// The ids of the people in each cohort.
fn shown_cohorts(project: &Project) -> Vec<BTreeSet<&'static str>> {
    let people = project.read();
    let ids = |cohort: &CohortState| {
        let members = people
            .cohort_members(cohort.id, &Regexes)
            .expect("a cohort");
        let is_member = |id: &&str| {
            people
                .by_distinct_id(id)
                .is_some_and(|person| people.is_selected(&members, person))
        };
        IDS.into_iter().filter(is_member).collect()
    };
    people.cohorts().map(ids).collect()
}

/// How many people have how many events, by answering from memory.
fn events_of_people(project: &Project) -> Vec<(i64, f64)> {
    let state = project.read_all();
    let calendar = Calendar {
        zone: jiff::tz::TimeZone::UTC,
        weeks_start_on_monday: true,
        now: at(0),
        first: None,
    };
    let query = TrendsQuery {
        series: vec![Entity::default()],
        filter: FilterTree::default(),
        range: DateRange {
            from: at(0),
            to: at(1_000),
        },
        interval: Interval::Day,
        shape: Shape::Total,
        breakdown: None,
    };
    let source = Source {
        people: &state.people,
        events: &state.events,
        actions: &state.actions,
        texts: &Regexes,
        calendar: &calendar,
    };
    let cell = TrendsCell {
        series: 0,
        breakdown: None,
        point: 0,
    };
    let ready = query.prepare(source).expect("a good query");
    let found = ready.people(&cell, &Page::first(100), &Stop::default());
    let people = found.expect("an answer").people.into_iter();
    let mut people: Vec<_> = people.map(|one| (one.number, one.value)).collect();
    people.sort_by_key(|(number, _)| *number);
    people
}

/// The same by asking the data file.
fn stored_events_of_people(project: &Project) -> Vec<(i64, f64)> {
    let people = project.read();
    let store = project.side_store().lock();
    let mut found = BTreeMap::new();
    for person in IDS.iter().filter_map(|id| people.by_distinct_id(id)) {
        let ids = person.distinct_id_numbers();
        let events = store
            .seen_events(ids, &[], at(0), at(1_000))
            .expect("reads");
        if !events.is_empty() {
            found.insert(person.number(), events.len() as f64);
        }
    }
    found.into_iter().collect()
}

fn event(name: &str, id: usize, second: usize, properties: Value) -> CapturedEvent {
    CapturedEvent {
        uuid: Uuid::now_v7(),
        name: name.into(),
        distinct_id: IDS[id].into(),
        timestamp: at(second),
        properties: properties.as_object().cloned().unwrap_or_default(),
    }
}

fn at(second: usize) -> Timestamp {
    Timestamp(1_700_000_000_000_000 + second as i64 * 1_000_000)
}

/// What has been sent so far.
#[derive(Default)]
struct Sent {
    events: Vec<CapturedEvent>,
    second: usize,
}

impl Sent {
    /// Returns a write for the next step.
    fn write<'p>(&mut self, project: &'p Project, step: &Step) -> Write<'p> {
        let second = self.second;
        self.second += 1;
        let captured = match step.clone() {
            Step::Set(id, key, value) => {
                event("$set", id, second, json!({"$set": {KEYS[key]: value}}))
            }
            Step::Unset(id, key) => event("$set", id, second, json!({"$unset": [KEYS[key]]})),
            Step::Merge(id, other) => event(
                "$merge_dangerously",
                id,
                second,
                json!({"alias": IDS[other]}),
            ),
            Step::Retry(index) if self.events.is_empty() => {
                return Box::pin(async move { assert!(index < 1_000, "nothing to repeat") });
            }
            Step::Retry(index) => {
                let mut again = self.events[index % self.events.len()].clone();
                again.timestamp = at(second);
                again.properties.insert("again".into(), json!(true));
                again
            }
            step => return Box::pin(decide(project, step, second)),
        };
        self.events.push(captured.clone());
        Box::pin(async move { project.capture(vec![captured]).await.expect("stored") })
    }
}

type Write<'p> = Pin<Box<dyn Future<Output = ()> + 'p>>;

/// A step that is not an event.
async fn decide(project: &Project, step: Step, second: usize) {
    let write = project.write(move |draft| {
        let mut fresh = Uuid::now_v7;
        let actor = Actor {
            id: "test".into(),
            name: "Test".into(),
        };
        let mut by = Edited {
            actor,
            now: at(second),
            fresh: &mut fresh,
        };
        let id = match step {
            Step::Save(id, other) => {
                let members = [id, other].into_iter();
                let members = members
                    .filter_map(|id| draft.number_of_id(IDS[id]))
                    .collect();
                let (name, none) = ("Cohort".to_owned(), String::new());
                let members = Membership::Static(members);
                let made = draft.create_cohort(name, none, Value::Null, members, at(second));
                made.expect("no references");
                return;
            }
            Step::Rename(index) => {
                let change = CohortChange {
                    name: Some(format!("Name {second}")),
                    ..CohortChange::default()
                };
                // There may be no such cohort.
                let _ = draft.update_cohort(index as i64 + 1, change);
                return;
            }
            Step::Edit(id, ..)
            | Step::Remove(id, _)
            | Step::Split(id)
            | Step::Part(id)
            | Step::Delete(id) => id,
            _ => unreachable!("the others are events"),
        };
        let Some(person) = draft.number_of_id(IDS[id]) else {
            return;
        };
        let done = match step {
            Step::Edit(_, key, value) => draft.set_properties(
                person,
                Properties::from_iter([(KEYS[key].into(), json!(value))]),
                &mut by,
            ),
            Step::Remove(_, key) => draft.unset_properties(person, vec![KEYS[key].into()], &mut by),
            Step::Split(id) => draft.split(person, &Parting::AllBut(IDS[id].into()), &mut by),
            Step::Part(id) => {
                match draft.split(person, &Parting::Only(vec![IDS[id].into()]), &mut by) {
                    Err(persons_engine::EditError::NothingLeft) => Ok(()),
                    done => done,
                }
            }
            _ => draft.delete(person, DeletionWish::default(), &by).map(drop),
        };
        done.expect("the person is there");
    });
    write.await.expect("stored");
}

/// Performs one step after the other, each in a transaction of its own.
fn perform(project: &Project, step: &Step, sent: &mut Sent) {
    block_on(sent.write(project, step));
}

/// Performs steps in one transaction.
fn perform_as_group(project: &Project, steps: &[Step], sent: &mut Sent) {
    block_on(async {
        let (release, released) = mpsc::channel::<()>();
        let (begun, has_begun) = oneshot::channel();
        let mut held = Box::pin(project.write(move |_| {
            begun.send(()).expect("the test waits");
            // Ends with an error once the sender is dropped.
            let _ = released.recv();
        }));
        assert!(futures_util::poll!(&mut held).is_pending());
        has_begun.await.expect("the writer works");
        let mut writes: Vec<_> = steps.iter().map(|step| sent.write(project, step)).collect();
        let mut finished = Vec::new();
        for write in &mut writes {
            finished.push(futures_util::poll!(write).is_ready());
        }
        drop(release);
        for (write, is_finished) in writes.into_iter().zip(finished) {
            if !is_finished {
                write.await;
            }
        }
        held.await.expect("nothing was written");
    });
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.expect("starts").block_on(future)
}

/// Checks that what the history tells of each person leads to what the person is.
fn check_history(project: &Project) {
    let people = project.read();
    let store = project.side_store().lock();
    for id in IDS {
        let Some(person) = people.by_distinct_id(id) else {
            continue;
        };
        let steps = store.steps([person.number()]).expect("reads");
        let mut properties = Properties::new();
        for step in &steps[&person.number()] {
            for (key, before) in &step.before {
                assert_eq!(properties.get(key), Some(before), "{id} {key} {steps:?}");
            }
            for key in step
                .before
                .keys()
                .filter(|key| !step.after.contains_key(*key))
            {
                properties.remove(key);
            }
            properties.extend(step.after.clone());
        }
        assert_eq!(properties, person.to_state().properties, "{id}");
    }
}

/// Checks the timeline of each person against the states that were seen after each of its events.
fn check_timelines(project: &Project, after: &BTreeMap<Timestamp, (usize, Value)>) {
    let people = project.read();
    let store = project.side_store().lock();
    for id in IDS {
        let Some(person) = people.by_distinct_id(id) else {
            continue;
        };
        let ids = person.distinct_id_numbers();
        let events = store
            .seen_events(ids, &[], at(0), at(1_000))
            .expect("reads");
        let steps = store
            .steps(events.iter().map(|event| event.person))
            .expect("reads");
        let keys = ["x".to_owned()];
        let points = timeline(&events, &steps, &keys);
        assert_eq!(
            points.iter().map(|point| point.events).sum::<usize>(),
            events.len()
        );
        let mut current = None;
        let mut left = points.iter();
        for event in &events {
            if !after.contains_key(&event.at) {
                continue;
            }
            let value = after[&event.at].1.get("x").cloned();
            if current.as_ref() != Some(&value) {
                let point = left.next().expect("a point where the value changes");
                assert_eq!(
                    (point.at, point.properties.get("x").cloned()),
                    (event.at, value.clone())
                );
                current = Some(value);
            }
        }
        assert_eq!(left.next(), None);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn people_are_what_the_model_says(steps in prop::collection::vec(step(), 1..40)) {
        let folder = std::env::temp_dir().join(format!("persons-interleavings-{}", Uuid::now_v7()));
        let storage = Storage::File(folder.join("persons.sqlite"));
        let project = Project::open(&storage, None).expect("opens");
        let mut model = Model::default();
        let mut sent = Sent::default();
        for step in &steps {
            perform(&project, step, &mut sent);
            model.apply(step);
            prop_assert_eq!(shown(&project), model.shown(), "after {:?}", step);
            prop_assert_eq!(shown_cohorts(&project), model.shown_cohorts(), "after {:?}", step);
            prop_assert_eq!(events_of_people(&project), stored_events_of_people(&project), "after {:?}", step);
        }
        check_history(&project);
        drop(project);
        let again = Project::open(&storage, None).expect("opens again");
        prop_assert_eq!(shown(&again), model.shown());
        prop_assert_eq!(shown_cohorts(&again), model.shown_cohorts());
        prop_assert_eq!(events_of_people(&again), stored_events_of_people(&again));
        check_history(&again);
        drop(again);
        std::fs::remove_dir_all(folder).expect("ours");
    }

    /// What shares a transaction is decided as if each step had one of its own.
    #[test]
    fn groups_are_what_the_model_says(groups in prop::collection::vec(prop::collection::vec(step(), 1..8), 1..8)) {
        let folder = std::env::temp_dir().join(format!("persons-interleavings-{}", Uuid::now_v7()));
        let storage = Storage::File(folder.join("persons.sqlite"));
        let project = Project::open(&storage, None).expect("opens");
        let mut model = Model::default();
        let mut sent = Sent::default();
        for steps in &groups {
            perform_as_group(&project, steps, &mut sent);
            steps.iter().for_each(|step| model.apply(step));
            prop_assert_eq!(shown(&project), model.shown(), "after {:?}", steps);
            prop_assert_eq!(shown_cohorts(&project), model.shown_cohorts(), "after {:?}", steps);
            prop_assert_eq!(events_of_people(&project), stored_events_of_people(&project), "after {:?}", steps);
        }
        check_history(&project);
        drop(project);
        let again = Project::open(&storage, None).expect("opens again");
        prop_assert_eq!(shown(&again), model.shown());
        prop_assert_eq!(shown_cohorts(&again), model.shown_cohorts());
        prop_assert_eq!(events_of_people(&again), stored_events_of_people(&again));
        check_history(&again);
        drop(again);
        std::fs::remove_dir_all(folder).expect("ours");
    }

    /// Without deletions, which make events forget: what each event saw is what its person was then.
    #[test]
    fn timelines_are_what_was_seen(steps in prop::collection::vec(step().prop_filter("nobody goes", |step| !matches!(step, Step::Delete(_))), 1..40)) {
        let project = Project::in_memory().expect("opens");
        let mut after = BTreeMap::new();
        let mut sent = Sent::default();
        for (second, step) in steps.iter().enumerate() {
            perform(&project, step, &mut sent);
            if let Step::Set(id, ..) | Step::Unset(id, _) | Step::Merge(id, _) | Step::Edit(id, ..) | Step::Remove(id, _) = step
                && let Some((_, properties)) = shown(&project).remove(IDS[*id])
            {
                after.insert(at(second), (*id, properties));
            }
        }
        check_timelines(&project, &after);
    }

    /// The properties at a moment are those of the naive replay, whatever the order of arrival.
    #[test]
    fn replaying_is_naive(sets in prop::collection::vec((0..20usize, 0..3usize, 0..3u8, any::<bool>()), 1..20), until in 0..20usize) {
        let project = Project::in_memory().expect("opens");
        for (second, key, value, once) in &sets {
            let map = json!({KEYS[*key]: value});
            let properties = if *once { json!({"$set_once": map}) } else { json!({"$set": map}) };
            project.capture_blocking(vec![event("$set", 0, *second, properties)]).expect("stored");
        }
        let ids = [(0, IDS[0])];
        let events = project.side_store().lock().events_until(&ids, at(until)).expect("reads");
        for include_set_once in [false, true] {
            let mut expected = BTreeMap::new();
            for second in 0..=until {
                for (_, key, value, once) in sets.iter().filter(|set| set.0 == second) {
                    if !once {
                        expected.insert(KEYS[*key], *value);
                    } else if include_set_once {
                        expected.entry(KEYS[*key]).or_insert(*value);
                    }
                }
            }
            prop_assert_eq!(json!(replay(&events, include_set_once)), json!(expected));
        }
    }
}

#[test]
fn nothing_is_told_of_what_did_not_happen() {
    let project = Project::in_memory().expect("opens");
    perform(&project, &Step::Edit(0, 0, 1), &mut Sent::default());
    let (count, _) = project
        .side_store()
        .lock()
        .history(&HistoryQuery::default(), 10, 0)
        .expect("reads");
    assert_eq!(count, 0);
}
