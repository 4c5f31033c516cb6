//! Finding people, compared with a slow and obvious way of finding them.

use persons_api::{FilterTree, Properties, Subject, Timestamp};
use persons_engine::filter::Matcher;
use persons_engine::{
    CapturedEvent, CohortState, Draft, Membership, Pattern, People, Query, Selection, TextEngine,
};
use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

struct Regexes;

impl TextEngine for Regexes {
    fn compile(&self, pattern: &str) -> Result<Pattern, String> {
        let regex = regex::Regex::new(pattern).map_err(|error| error.to_string())?;
        Ok(Box::new(move |text| regex.is_match(text)))
    }
}

/// People with these properties, the distinct ids `p0`, `p1`, …, one second apart.
fn people_with(all: &[Value]) -> People {
    let mut people = People::new(1);
    let mut draft = Draft::new(&people);
    for (index, properties) in all.iter().enumerate() {
        draft.ingest(CapturedEvent {
            uuid: Uuid::from_u128(index as u128),
            name: "$set".into(),
            distinct_id: format!("p{index}"),
            timestamp: Timestamp(index as i64 * 1_000_000),
            properties: json!({"$set": properties})
                .as_object()
                .expect("an object")
                .clone(),
        });
    }
    let changes = draft.finish();
    people.apply(changes);
    people
}

fn found(people: &People, query: &Query) -> Vec<String> {
    let selection = people.select(query, &Regexes).expect("a good query");
    let page = people.page(&selection, 0, 1000);
    assert_eq!(page.len(), people.count(&selection));
    page.iter()
        .filter_map(|person| person.distinct_ids().next().map(str::to_owned))
        .collect()
}

fn filter(filter: Value) -> Query {
    Query {
        filter: FilterTree::from_json(&filter, Subject::Person).expect("a good filter"),
        ..Query::default()
    }
}

fn search(text: &str) -> Query {
    Query {
        search: Some(text.into()),
        ..Query::default()
    }
}

#[test]
fn search_looks_everywhere_and_ignores_case() {
    let people = people_with(&[
        json!({"email": "Ada@Example.com"}),
        json!({"note": {"city": "BONN"}}),
        json!({"plan": "pro"}),
    ]);
    assert_eq!(found(&people, &search("ada@")), ["p0"]);
    assert_eq!(found(&people, &search(" bonn ")), ["p1"]);
    assert_eq!(found(&people, &search("P2")), ["p2"]);
    let uuid = people
        .by_distinct_id("p1")
        .expect("a person")
        .uuid()
        .to_string();
    assert_eq!(found(&people, &search(&uuid.to_uppercase())), ["p1"]);
    assert_eq!(found(&people, &search(&uuid[..13])), ["p1"]);
    assert_eq!(found(&people, &search("")).len(), 3);
}

#[test]
fn the_newest_come_first_and_pages_do_not_overlap() {
    let people = people_with(&vec![json!({}); 25]);
    let all = people
        .select(&Query::default(), &Regexes)
        .expect("everybody");
    let ids = |offset, limit| -> Vec<i64> {
        people
            .page(&all, offset, limit)
            .iter()
            .map(|person| person.number())
            .collect()
    };
    assert_eq!(ids(0, 3), [25, 24, 23]);
    assert_eq!(ids(3, 2), [22, 21]);
    assert_eq!(ids(24, 10), [1]);
    assert!(ids(25, 10).is_empty() && ids(usize::MAX, 10).is_empty());
    assert!(matches!(all, Selection::All));
}

#[test]
fn and_or_trees_hold_and_unknown_keys_match_nobody() {
    let people = people_with(&[
        json!({"plan": "pro", "n": 1}),
        json!({"plan": "free", "n": 2}),
        json!({"n": 3}),
    ]);
    let plan = |value: &str| json!({"type": "AND", "values": [{"key": "plan", "value": value}]});
    assert_eq!(
        found(
            &people,
            &filter(json!({"type": "OR", "values": [plan("pro"), plan("free")]}))
        ),
        ["p1", "p0"]
    );
    assert_eq!(
        found(
            &people,
            &filter(json!([{"key": "plan", "operator": "is_not", "value": "pro"}]))
        ),
        ["p2", "p1"]
    );
    assert!(found(&people, &filter(json!([{"key": "nothing", "value": "x"}]))).is_empty());
    assert_eq!(
        found(
            &people,
            &filter(json!([{"key": "nothing", "operator": "is_not_set"}]))
        )
        .len(),
        3
    );
    assert_eq!(
        found(
            &people,
            &Query {
                email: Some("x".into()),
                ..filter(json!([]))
            }
        )
        .len(),
        0
    );
    assert_eq!(
        found(
            &people,
            &Query {
                distinct_id: Some("p1".into()),
                ..Query::default()
            }
        ),
        ["p1"]
    );
}

#[test]
fn cohorts_filter_and_follow_other_cohorts() {
    let mut people = people_with(&[
        json!({"plan": "pro"}),
        json!({"plan": "free"}),
        json!({"plan": "pro"}),
    ]);
    let cohort = |id, membership| CohortState {
        id,
        name: String::new(),
        description: String::new(),
        filters: Value::Null,
        membership,
        deleted: false,
        created_at: Timestamp(0),
    };
    let tree =
        |value: Value| FilterTree::from_json(&value, Subject::Person).expect("a good filter");
    people.put_cohort(cohort(
        1,
        Membership::Dynamic(tree(json!([{"key": "plan", "value": "pro"}]))),
    ));
    people.put_cohort(cohort(2, Membership::Static([1, 2].into())));
    people.put_cohort(cohort(3, Membership::Dynamic(tree(json!([{"key": "id", "type": "cohort", "value": 1}, {"key": "id", "type": "cohort", "value": 2}])))));
    let within = |id: i64| filter(json!([{"key": "id", "type": "cohort", "value": id}]));
    assert_eq!(found(&people, &within(1)), ["p2", "p0"]);
    assert_eq!(found(&people, &within(3)), ["p0"]);
    assert_eq!(
        found(
            &people,
            &filter(json!([{"type": "cohort", "operator": "not_in", "value": 1}]))
        ),
        ["p1"]
    );
    assert!(people.select(&within(9), &Regexes).is_err());
}

#[test]
fn values_are_counted_most_frequent_first() {
    let people = people_with(&[
        json!({"c": "DE"}),
        json!({"c": "FR"}),
        json!({"c": "DE"}),
        json!({"c": 7}),
        json!({"d": 1}),
    ]);
    let values = |contains: &str, limit| -> Vec<(Value, u32)> {
        people
            .values("c", contains, limit)
            .into_iter()
            .map(|(value, count)| (value.to_value(), count))
            .collect()
    };
    assert_eq!(
        values("", 10),
        [(json!("DE"), 2), (json!(7), 1), (json!("FR"), 1)]
    );
    assert_eq!(values("fr", 10), [(json!("FR"), 1)]);
    assert_eq!(values("", 1), [(json!("DE"), 2)]);
    assert!(people.values("nothing", "", 10).is_empty());
}

fn any_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-3i64..3).prop_map(Value::from),
        "[abAB 1]{0,3}".prop_map(Value::from),
        Just(json!("2024-05-01T10:00:00Z")),
        Just(json!(["a", 1])),
        Just(json!({"a": "b"})),
    ]
}

fn any_properties() -> impl Strategy<Value = Value> {
    prop::collection::btree_map("[kl]", any_value(), 0..3)
        .prop_map(|map| Value::Object(map.into_iter().collect()))
}

fn any_filter() -> impl Strategy<Value = Value> {
    let leaf = (
        "[klm]",
        prop_oneof![
            (
                prop::sample::select(vec!["exact", "is_not", "icontains", "not_icontains"]),
                "[ab1]{0,2}".prop_map(Value::from)
            ),
            (
                prop::sample::select(vec!["gt", "gte", "lt", "lte"]),
                (-2i64..3).prop_map(Value::from)
            ),
            (
                prop::sample::select(vec!["is_set", "is_not_set"]),
                Just(Value::Null)
            ),
            (
                prop::sample::select(vec!["regex", "not_regex"]),
                prop::sample::select(vec!["a", "ab", "^$", "^a|1$", "."]).prop_map(Value::from)
            ),
            (
                prop::sample::select(vec!["is_date_exact", "is_date_after", "is_date_before"]),
                Just(json!("2024-05-01"))
            ),
        ],
    )
        .prop_map(
            |(key, (operator, value))| json!({"key": key, "operator": operator, "value": value}),
        );
    let group = (
        prop::sample::select(vec!["AND", "OR"]),
        prop::collection::vec(leaf, 1..4),
    )
        .prop_map(|(kind, values)| json!({"type": kind, "values": values}));
    (
        prop::sample::select(vec!["AND", "OR"]),
        prop::collection::vec(group, 1..3),
    )
        .prop_map(|(kind, values)| json!({"type": kind, "values": values}))
}

proptest! {
    // Beside a test's own folder there is no place for files of failed cases; the seed is printed.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// The columns find exactly whom the evaluator of single maps finds.
    #[test]
    fn columns_agree_with_single_people(all in prop::collection::vec(any_properties(), 0..12), tree in any_filter()) {
        let people = people_with(&all);
        let query = filter(tree);
        let mut expected: Vec<String> = Vec::new();
        let matcher = Matcher::new(&query.filter, &Regexes).expect("a good filter");
        for index in 0..all.len() {
            let id = format!("p{index}");
            let properties: Properties = people.by_distinct_id(&id).expect("a person").to_state().properties;
            if matcher.matches(&properties, &|_| false) {
                expected.insert(0, id);
            }
        }
        prop_assert_eq!(found(&people, &query), expected);
    }

    /// Search finds exactly those with the text somewhere.
    #[test]
    fn search_agrees_with_looking_at_everything(all in prop::collection::vec(any_properties(), 0..12), needle in "[aAb1p]{1,2}") {
        let people = people_with(&all);
        let lower = needle.to_lowercase();
        let mut expected = Vec::new();
        for index in 0..all.len() {
            let person = people.by_distinct_id(&format!("p{index}")).expect("a person");
            let in_values = person.properties().iter().any(|(_, value)| value.text.to_lowercase().contains(&lower));
            if in_values || person.distinct_ids().any(|id| id.contains(&lower)) {
                expected.insert(0, format!("p{index}"));
            }
        }
        prop_assert_eq!(found(&people, &search(&needle)), expected);
    }
}
