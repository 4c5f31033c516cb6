//! The questions of the people list, over 100,000 people with fifteen properties each.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use persons_api::{FilterTree, Subject};
use persons_engine::{Pattern, Query, RegexEngine, Selection};
use serde_json::json;

mod data;

struct NoRegex;

impl RegexEngine for NoRegex {
    fn compile(&self, _: &str) -> Result<Pattern, String> {
        Err("not in this bench".into())
    }
}

fn people(criterion: &mut Criterion) {
    let people = data::people(100_000);
    let count = |query: &Query| {
        let selection = people.select(query, &NoRegex).expect("a good query");
        people.count(&selection)
    };

    let search = Query {
        search: Some("acme".into()),
        ..Query::default()
    };
    assert!(count(&search) > 0);
    criterion.bench_function("people/search everything", |bench| {
        bench.iter(|| count(black_box(&search)))
    });

    let conditions = json!([
        {"key": "plan", "operator": "exact", "value": "pro"},
        {"key": "email", "operator": "icontains", "value": "acme"},
    ]);
    let filter = Query {
        filter: FilterTree::from_json(&conditions, Subject::Person).expect("a good filter"),
        ..Query::default()
    };
    assert!(count(&filter) > 0);
    criterion.bench_function("people/two conditions", |bench| {
        bench.iter(|| count(black_box(&filter)))
    });

    criterion.bench_function("people/first page as JSON", |bench| {
        bench.iter(|| {
            let page = people.page(&Selection::All, 0, 100);
            let mut bytes = Vec::with_capacity(128 * 1024);
            for person in page {
                let row: std::collections::BTreeMap<_, _> =
                    person.properties().into_iter().collect();
                serde_json::to_writer(
                    &mut bytes,
                    &(person.uuid(), person.created_at(), person.name(), row),
                )
                .expect("prints");
            }
            bytes.len()
        });
    });

    criterion.bench_function("people/values of country", |bench| {
        bench.iter(|| people.values(black_box("country"), "", 100).len());
    });
    criterion.bench_function("people/values of email", |bench| {
        bench.iter(|| people.values(black_box("email"), "", 100).len());
    });
}

criterion_group!(benches, people);
criterion_main!(benches);
