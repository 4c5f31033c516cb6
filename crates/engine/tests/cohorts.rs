//! Cohorts that refer to each other: no loops, no long chains, no references to what is not there.

use std::collections::BTreeMap;

use persons_api::{FilterTree, Subject, Timestamp};
use persons_engine::{
    Changes, CohortChange, CohortError, Draft, MemberSet, Membership, Pattern, People, TextEngine,
};
use proptest::prelude::*;
use serde_json::{Value, json};

/// The most cohorts in a chain.
const MAX_CHAIN: i64 = 50;

fn filters(references: &[i64]) -> Value {
    let leaf = |id: &i64| json!({"key": "id", "type": "cohort", "value": id});
    json!({"properties": references.iter().map(leaf).collect::<Vec<_>>()})
}

fn tree(references: &[i64]) -> FilterTree {
    let filters = filters(references);
    FilterTree::from_json(&filters["properties"], Subject::Person).expect("a good filter")
}

fn create(draft: &mut Draft<'_>, references: &[i64]) -> Result<i64, CohortError> {
    let membership = Membership::Dynamic(tree(references));
    draft.create_cohort(
        "C".into(),
        String::new(),
        filters(references),
        membership,
        Timestamp(0),
    )
}

fn refer(draft: &mut Draft<'_>, id: i64, references: &[i64]) -> Result<(), CohortError> {
    let change = CohortChange {
        filters: Some((filters(references), tree(references))),
        ..CohortChange::default()
    };
    draft.update_cohort(id, change)
}

/// Cohorts without conditions, numbered from 1.
fn people_with_cohorts(count: i64) -> People {
    let mut people = People::new(1);
    let mut draft = Draft::new(&people);
    for number in 1..=count {
        assert_eq!(create(&mut draft, &[]), Ok(number));
    }
    let changes = draft.finish();
    people.apply(changes);
    people
}

struct NoTexts;

impl TextEngine for NoTexts {
    fn compile(&self, _: &str) -> Result<Pattern, String> {
        unreachable!("no condition is a pattern")
    }
}

#[test]
fn a_cohort_cannot_refer_to_itself_through_any_number_of_others() {
    for length in [1, 2, 3, MAX_CHAIN] {
        let people = people_with_cohorts(length);
        let mut draft = Draft::new(&people);
        for id in 2..=length {
            assert_eq!(refer(&mut draft, id, &[id - 1]), Ok(()));
        }
        assert_eq!(refer(&mut draft, 1, &[length]), Err(CohortError::Loop));
        assert_eq!(refer(&mut draft, 1, &[]), Ok(()), "nothing was changed");
    }
}

#[test]
fn a_cohort_of_a_loop_can_be_deleted_but_stays_a_link() {
    let people = people_with_cohorts(3);
    let mut draft = Draft::new(&people);
    refer(&mut draft, 2, &[1]).expect("no loop");
    refer(&mut draft, 3, &[2]).expect("no loop");
    let deleted = CohortChange {
        deleted: Some(true),
        ..CohortChange::default()
    };
    draft.update_cohort(2, deleted).expect("it is there");
    assert_eq!(refer(&mut draft, 1, &[3]), Err(CohortError::Loop));
    assert_eq!(
        refer(&mut draft, 1, &[2]),
        Err(CohortError::UnknownReference(2))
    );
}

#[test]
fn a_new_cohort_cannot_refer_to_its_own_number_or_an_unknown_one() {
    let people = people_with_cohorts(1);
    let mut draft = Draft::new(&people);
    assert_eq!(create(&mut draft, &[2]), Err(CohortError::Loop));
    assert_eq!(
        create(&mut draft, &[3]),
        Err(CohortError::UnknownReference(3))
    );
    assert_eq!(draft.finish(), Changes::default());
}

#[test]
fn a_chain_of_cohorts_has_a_greatest_length_whichever_link_is_added_last() {
    for last in [2, MAX_CHAIN / 2, MAX_CHAIN + 1] {
        let people = people_with_cohorts(MAX_CHAIN + 1);
        let mut draft = Draft::new(&people);
        for id in (2..=MAX_CHAIN + 1).filter(|id| *id != last) {
            assert_eq!(refer(&mut draft, id, &[id - 1]), Ok(()));
        }
        assert_eq!(
            refer(&mut draft, last, &[last - 1]),
            Err(CohortError::LongChain)
        );
    }
}

/// Without keeping what was found, the last cohort would take 2⁵⁰ steps.
#[test]
fn cohorts_that_refer_twice_to_one_another_are_looked_into_once() {
    let mut people = people_with_cohorts(MAX_CHAIN);
    let mut draft = Draft::new(&people);
    for id in 2..=MAX_CHAIN {
        assert_eq!(refer(&mut draft, id, &[id - 1, id - 1]), Ok(()));
    }
    let changes = draft.finish();
    people.apply(changes);
    let members = people.cohort_members(MAX_CHAIN, &NoTexts);
    assert_eq!(people.count(&members.expect("no loop")), 0);
}

#[test]
fn members_follow_merges_and_deletions_of_the_same_draft() {
    use persons_engine::{Actor, CapturedEvent, DeletionWish, Edited};
    let event = |name: &str, id: &str, properties: Value| CapturedEvent {
        uuid: uuid::Uuid::nil(),
        name: name.into(),
        distinct_id: id.into(),
        timestamp: Timestamp(0),
        properties: properties.as_object().cloned().unwrap_or_default(),
    };
    let members = |draft: &Draft<'_>, id| match draft.cohort(id).map(|cohort| cohort.membership) {
        Some(Membership::Static(members)) => members,
        other => panic!("{other:?}"),
    };
    let mut people = People::new(1);
    let mut draft = Draft::new(&people);
    for id in ["a", "b", "c"] {
        draft.ingest(event("x", id, json!({})));
    }
    let [a, b, c] = ["a", "b", "c"].map(|id| draft.number_of_id(id).expect("created"));
    let all = || Membership::Static([b, c].into());
    let stored = draft
        .create_cohort("S".into(), String::new(), Value::Null, all(), Timestamp(0))
        .expect("no references");
    let changes = draft.finish();
    people.apply(changes);

    let mut draft = Draft::new(&people);
    let drafted = draft
        .create_cohort("D".into(), String::new(), Value::Null, all(), Timestamp(0))
        .expect("no references");
    draft.ingest(event("$merge_dangerously", "a", json!({"alias": "b"})));
    let mut fresh = uuid::Uuid::nil;
    let by = Edited {
        actor: Actor {
            id: "test".into(),
            name: "Test".into(),
        },
        now: Timestamp(0),
        fresh: &mut fresh,
    };
    draft
        .delete(c, DeletionWish::default(), &by)
        .expect("there");
    for id in [stored, drafted] {
        assert_eq!(members(&draft, id), MemberSet::from([a]), "cohort {id}");
    }
    let renamed = CohortChange {
        name: Some("New name".into()),
        ..CohortChange::default()
    };
    draft.update_cohort(stored, renamed).expect("there");
    let changes = draft.finish();
    people.apply(changes);
    for id in [stored, drafted] {
        let draft = Draft::new(&people);
        assert_eq!(members(&draft, id), MemberSet::from([a]), "cohort {id}");
    }
}

proptest! {
    /// Whatever refers to whatever: each change is accepted exactly if no loop comes of it, and members can be found.
    #[test]
    fn accepted_references_never_form_a_loop(
        changes in prop::collection::vec((1..=6i64, prop::collection::vec(1..=6i64, 0..3)), 1..30),
    ) {
        let mut people = people_with_cohorts(6);
        let mut model = BTreeMap::<i64, Vec<i64>>::new();
        for (id, references) in changes {
            let mut draft = Draft::new(&people);
            let changed = refer(&mut draft, id, &references);
            let mut next = model.clone();
            next.insert(id, references);
            let has_loop = {
                let mut reached = next[&id].clone();
                for _ in 0..6 {
                    let further: Vec<i64> =
                        reached.iter().flat_map(|id| next.get(id).cloned().unwrap_or_default()).collect();
                    reached.extend(further);
                    reached.sort_unstable();
                    reached.dedup();
                }
                reached.contains(&id)
            };
            prop_assert_eq!(changed.is_err(), has_loop);
            if !has_loop {
                model = next;
            }
            let changes = draft.finish();
            people.apply(changes);
            for id in 1..=6 {
                prop_assert!(people.cohort_members(id, &NoTexts).is_ok());
            }
        }
    }
}
