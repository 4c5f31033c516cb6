//! The questions about events, over ten thousand, a hundred thousand and a million of them, ten for each
//! person, with ten properties each; and what the events take in memory.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::Instant;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use jiff::tz::TimeZone;
use persons_api::{FilterTree, Timestamp};
use persons_engine::dates::{Calendar, DateRange, Interval};
use persons_engine::events::Stop;
use persons_engine::insights::lifecycle::{LifecycleCell, LifecycleQuery, Status};
use persons_engine::insights::paths::{Include, PathNode, PathsCell, PathsQuery};
use persons_engine::insights::retention::{RetentionCell, RetentionKind, RetentionQuery};
use persons_engine::insights::trends::{Shape, TrendsCell, TrendsQuery};
use persons_engine::insights::{Breakdown, BreakdownBy, Entity, Math, Page, Source};
use persons_engine::{Events, Pattern, People, TextEngine};

mod data;
mod memory;

use data::events::{DAYS, START};

struct NoRegex;

impl TextEngine for NoRegex {
    fn compile(&self, _: &str) -> Result<Pattern, String> {
        Err("not in this bench".into())
    }
}

/// A project to ask about.
struct World {
    people: People,
    events: Events,
    calendar: Calendar,
}

impl World {
    fn new(people: u64) -> Self {
        Self {
            people: data::people(people),
            events: data::events::loaded(people),
            calendar: Calendar {
                zone: TimeZone::UTC,
                weeks_start_on_monday: true,
                now: Timestamp(START + DAYS * 86_400_000_000),
                first: Some(Timestamp(START)),
            },
        }
    }

    fn source(&self) -> Source<'_> {
        static NO_ACTIONS: BTreeMap<i64, persons_engine::insights::Action> = BTreeMap::new();
        Source {
            people: &self.people,
            events: &self.events,
            actions: &NO_ACTIONS,
            texts: &NoRegex,
            calendar: &self.calendar,
        }
    }
}

/// All days that have events.
fn all_days() -> DateRange {
    DateRange {
        from: Timestamp(START),
        to: Timestamp(START + DAYS * 86_400_000_000 - 1),
    }
}

fn trends(math: Math, breakdown: Option<&str>) -> TrendsQuery {
    TrendsQuery {
        series: vec![Entity {
            math,
            ..Entity::event(Some("$pageview"))
        }],
        filter: FilterTree::default(),
        range: all_days(),
        interval: Interval::Day,
        shape: Shape::Line,
        breakdown: breakdown.map(|key| Breakdown {
            by: BreakdownBy::Event(key.into()),
            limit: 100,
        }),
    }
}

fn lifecycle() -> LifecycleQuery {
    LifecycleQuery {
        entity: Entity::event(Some("$pageview")),
        filter: FilterTree::default(),
        range: all_days(),
        interval: Interval::Day,
    }
}

fn retention(kind: RetentionKind) -> RetentionQuery {
    RetentionQuery {
        target: Entity::event(Some("$pageview")),
        returning: Entity::event(Some("$pageview")),
        kind,
        filter: FilterTree::default(),
        until: all_days().to,
        interval: Interval::Week,
        intervals: 12,
        breakdown: None,
    }
}

fn insights(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("insights");
    for people in [1_000, 10_000, 100_000] {
        let before = memory::resident();
        let start = Instant::now();
        let world = World::new(people);
        let loaded = start.elapsed().as_millis();
        let start = Instant::now();
        world.events.freeze(&world.people).view();
        println!(
            "insights/memory: {} events and {} people were made and loaded in {loaded} ms, put in order in {} ms and take {} MB",
            world.events.len(),
            world.people.len(),
            start.elapsed().as_millis(),
            memory::resident().saturating_sub(before),
        );
        let events = people * 10;
        let source = world.source();
        let mut trends_of = |name: &str, query: &TrendsQuery| {
            group.bench_function(BenchmarkId::new(name, events), |bench| {
                bench.iter(|| {
                    let trends = black_box(query).prepare(source).expect("a good query");
                    trends.numbers(&Stop::default()).expect("an answer").len()
                })
            });
            group.bench_function(
                BenchmarkId::new(format!("{name}, people"), events),
                |bench| {
                    bench.iter(|| {
                        let trends = black_box(query).prepare(source).expect("a good query");
                        let numbers = trends.numbers(&Stop::default()).expect("an answer");
                        let cell = TrendsCell {
                            series: 0,
                            breakdown: numbers[0].breakdown.clone(),
                            point: 45,
                        };
                        let page = trends.people(&cell, &Page::first(100), &Stop::default());
                        page.expect("a page").count
                    })
                },
            );
        };
        trends_of(
            "trends of people over 90 days",
            &trends(Math::UniquePeople, None),
        );
        trends_of("trends of events over 90 days", &trends(Math::Total, None));
        trends_of(
            "trends of people by city",
            &trends(Math::UniquePeople, Some("city")),
        );
        trends_of(
            "trends of monthly active people",
            &trends(Math::ActivePeople(30), None),
        );
        let mut measure = |name: &str, ask: &dyn Fn() -> usize| {
            group.bench_function(BenchmarkId::new(name, events), |bench| bench.iter(ask));
        };
        let (stop, first) = (Stop::default(), Page::first(100));
        let ready = || {
            black_box(lifecycle())
                .prepare(source)
                .expect("a good query")
        };
        measure("lifecycle over 90 days", &|| {
            ready().numbers(&stop).expect("an answer").len()
        });
        let cell = LifecycleCell {
            status: Status::Dormant,
            point: 45,
        };
        measure("lifecycle over 90 days, only people", &|| {
            ready().people(&cell, &first, &stop).expect("a page").count
        });
        for (name, kind) in [
            ("retention over 12 weeks", RetentionKind::Recurring),
            (
                "first-time retention over 12 weeks",
                RetentionKind::FirstTime,
            ),
        ] {
            let query = retention(kind);
            let ready = || black_box(&query).prepare(source).expect("a good query");
            measure(name, &|| ready().numbers(&stop).expect("an answer").len());
            let cell = RetentionCell::Interval(2);
            measure(&format!("{name}, only people"), &|| {
                ready().people(&cell, &first, &stop).expect("a page").count
            });
        }
        for (name, include) in [
            ("paths over pages", [Include::Pageviews].as_slice()),
            ("paths over everything", &[]),
        ] {
            let query = PathsQuery {
                include: include.to_vec(),
                ..PathsQuery::over(all_days())
            };
            let ready = || black_box(&query).prepare(source).expect("a good query");
            measure(name, &|| ready().numbers(&stop).expect("an answer").len());
            let cell = PathsCell::From(PathNode {
                position: 1,
                item: "https://site.example/pricing".into(),
            });
            measure(&format!("{name}, only people"), &|| {
                ready().people(&cell, &first, &stop).expect("a page").count
            });
        }
    }
    group.finish();
}

criterion_group!(benches, insights);
criterion_main!(benches);
