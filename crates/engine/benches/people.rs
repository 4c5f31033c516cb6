//! The questions of the people list, over 100,000 people with fifteen properties each, and what they
//! take in memory. With `PERSONS_BENCH_PEOPLE` the people are left in that file as JSON lines, so that
//! other engines can be asked the same.

use std::hint::black_box;
use std::io::Write;

use criterion::{Criterion, criterion_group, criterion_main};
use persons_api::{FilterTree, Subject};
use persons_engine::{Pattern, Query, Selection, TextEngine};
use serde_json::json;

mod data;
mod memory;

struct NoRegex;

impl TextEngine for NoRegex {
    fn compile(&self, _: &str) -> Result<Pattern, String> {
        Err("not in this bench".into())
    }
}

const PEOPLE: u64 = 100_000;

fn people(criterion: &mut Criterion) {
    if let Some(file) = std::env::var_os("PERSONS_BENCH_PEOPLE") {
        leave(file.as_ref()).expect("the file of people can be written");
    }
    let before = memory::resident();
    let start = std::time::Instant::now();
    let people = data::people(PEOPLE);
    let taken = start.elapsed();
    let mb = memory::resident().saturating_sub(before);
    println!(
        "people/memory: {} people with 15 properties each take {mb} MB, loaded in {taken:.1?}",
        people.len()
    );
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

/// Writes the people as JSON lines.
fn leave(file: &std::path::Path) -> std::io::Result<()> {
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut out = std::io::BufWriter::new(std::fs::File::create(file)?);
    for line in data::json_lines(PEOPLE) {
        writeln!(out, "{line}")?;
    }
    out.flush()
}

criterion_group!(benches, people);
criterion_main!(benches);
