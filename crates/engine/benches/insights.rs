//! The questions about events, over ten thousand, a hundred thousand and a million of them, ten for each
//! person, with ten properties each; and what the events take in memory.

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use persons_engine::events::Stop;
use persons_engine::insights::correlation::Candidates;
use persons_engine::insights::correlation::factor::{FactorCell, FactorQuery, Sign};
use persons_engine::insights::funnel::{FunnelCell, Order, Progress};
use persons_engine::insights::lifecycle::{LifecycleCell, Status};
use persons_engine::insights::paths::{Include, PathNode, PathsCell, PathsQuery};
use persons_engine::insights::retention::{RetentionCell, RetentionKind};
use persons_engine::insights::trends::{TrendsCell, TrendsQuery};
use persons_engine::insights::{BreakdownBy, Entity, Math, Page};

mod data;
mod memory;

use data::questions::{World, all_days, correlation, funnel, lifecycle, retention, trends};

fn insights(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("insights");
    // There are many: a second for each is enough to see what a change did.
    group
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1))
        .sample_size(20);
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
        for (name, query) in [
            ("funnel of three steps", funnel(Order::Ordered, None)),
            (
                "funnel of three steps in any order",
                funnel(Order::Unordered, None),
            ),
            (
                "funnel of three steps by city",
                funnel(Order::Ordered, Some(BreakdownBy::Event("city".into()))),
            ),
        ] {
            let ready = || black_box(&query).prepare(source).expect("a good query");
            measure(name, &|| ready().numbers(&stop).expect("an answer").len());
            let cell = FunnelCell {
                progress: Progress::Reached(2),
                breakdown: None,
            };
            measure(&format!("{name}, only people"), &|| {
                ready().people(&cell, &first, &stop).expect("a page").count
            });
        }
        for (name, candidates) in [
            (
                "correlation by events",
                Candidates::Events { except: Vec::new() },
            ),
            (
                "correlation by properties of an event",
                Candidates::EventProperties {
                    events: vec!["searched".into()],
                    except: vec!["$session_id".into()],
                },
            ),
            (
                "correlation by all properties of people",
                Candidates::PersonProperties {
                    keys: None,
                    except: Vec::new(),
                },
            ),
        ] {
            let query = correlation(candidates);
            measure(name, &|| {
                let correlation = black_box(&query).prepare(source).expect("a good query");
                correlation.numbers(&stop).expect("an answer").factors.len()
            });
        }
        let query = FactorQuery {
            funnel: funnel(Order::Ordered, None),
            progress: Progress::Reached(1),
            sign: Sign::Did(Entity::event(Some("searched"))),
        };
        let cell = FactorCell {
            is_converted: Some(true),
            has_factor: true,
        };
        measure("correlation by events, only people", &|| {
            let factor = black_box(&query).prepare(source).expect("a good query");
            factor.people(&cell, &first, &stop).expect("a page").count
        });
    }
    group.finish();
}

criterion_group!(benches, insights);
criterion_main!(benches);
