//! What a commit of a hundred events costs: its changes applied to the writer's copy of people and events, and
//! a clone of these published. That must not depend on how many people there are, nor on whether snapshots
//! are alive; readers wait for none of it.

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use persons_api::Timestamp;
use persons_engine::events::LoggedEvent;
use persons_engine::{CapturedEvent, Changes, Draft, Events, People};
use serde_json::{Value, json};
use uuid::Uuid;

mod data;
mod memory;

/// Events in a commit.
const EVENTS: u64 = 100;

/// Where the events of a commit begin, in microseconds since 1970.
const START: i64 = 1_790_000_000_000_000;

/// The writer's copy.
struct Working {
    people: People,
    events: Events,
    count: u64,
    random: data::Mix,
    next: i64,
}

impl Working {
    fn new(count: u64) -> Self {
        let mut working = Self {
            people: data::people(count),
            events: Events::default(),
            count,
            random: data::Mix::new(7),
            next: 1,
        };
        // A log with some chunks, and more than one block.
        for _ in 0..500 {
            let changes = working.decide();
            working.apply(changes);
        }
        working
    }

    /// A hundred events: of ten new people, and of ninety that exist, of whom every second one changes.
    fn decide(&mut self) -> Changes {
        let mut draft = Draft::new(&self.people);
        for event in 0..EVENTS {
            let random = self.random.below(self.count);
            let id_of = |number: u64| {
                let person = self.people.by_number(number as i64 + 1);
                let mut ids = person.expect("numbers begin at 1").distinct_ids_as_seen();
                ids.next().expect("everyone has two").to_owned()
            };
            let (distinct_id, set) = match event % 10 {
                0 => (format!("new {} {event}", self.next), json!({})),
                1..5 => (
                    id_of(random),
                    json!({"last_page": format!("/page/{random}"), "seats": random % 50, "plan": "pro"}),
                ),
                _ => (id_of(random % 1000), json!({})),
            };
            let properties = json!({
                "$browser": "Firefox", "$os": "Linux", "$session_id": format!("s{random}"), "price": random,
                "$current_url": format!("https://site.example/page/{}", random % 500), "$set": set,
            });
            let Value::Object(properties) = properties else {
                unreachable!("the literal above is an object");
            };
            draft.ingest(CapturedEvent {
                uuid: Uuid::from_u64_pair(self.next as u64, event),
                name: "$pageview".into(),
                distinct_id,
                timestamp: Timestamp(START + self.next * 1_000_000),
                properties,
            });
        }
        draft.finish()
    }

    fn apply(&mut self, changes: Changes) {
        for event in &changes.events {
            let logged = LoggedEvent {
                number: self.next,
                distinct_id: event.distinct_id,
                name: &event.name,
                at: event.timestamp,
            };
            self.next += 1;
            self.events.append(logged, &event.properties);
        }
        self.people.apply(changes);
    }
}

fn commits(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("commit/100 events");
    for count in [10_000, 100_000, 1_000_000] {
        let before = memory::resident();
        let mut working = Working::new(count);
        let mb = memory::resident().saturating_sub(before);
        println!("commit/memory: {count} people and 50,000 events take {mb} MB");
        group.bench_function(BenchmarkId::new("without a snapshot", count), |bench| {
            bench.iter_custom(|commits| {
                let mut taken = Duration::ZERO;
                for _ in 0..commits {
                    let changes = working.decide();
                    let start = Instant::now();
                    working.apply(changes);
                    taken += start.elapsed();
                }
                taken
            })
        });
        group.bench_function(
            BenchmarkId::new("with the published snapshot", count),
            |bench| {
                let mut published = (working.people.clone(), working.events.clone());
                bench.iter_custom(|commits| {
                    let mut taken = Duration::ZERO;
                    for _ in 0..commits {
                        let changes = working.decide();
                        let start = Instant::now();
                        working.apply(changes);
                        published = (working.people.clone(), working.events.clone());
                        taken += start.elapsed();
                    }
                    taken
                });
                black_box(published.0.len());
            },
        );
        group.bench_function(BenchmarkId::new("of it, the clone", count), |bench| {
            bench.iter(|| black_box((working.people.clone(), working.events.clone())));
        });
    }
    group.finish();
}

criterion_group!(benches, commits);
criterion_main!(benches);
