//! The eight questions that other engines are asked too, over ten thousand, a hundred thousand, a million and
//! five million events: the numbers, and the first page of the people behind one of them; and what it all takes
//! in memory.
//!
//! With `PERSONS_BENCH_EVENTS` the million events, their people, and our answers with their times are left in that
//! folder, so that other engines can be asked the same.

use std::fs::{self, File};
use std::hint::black_box;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::Instant;

use persons_engine::events::Stop;
use persons_engine::insights::correlation::factor::{FactorCell, FactorQuery, Sign};
use persons_engine::insights::correlation::{Candidates, Factor};
use persons_engine::insights::funnel::{FunnelCell, Order, Progress};
use persons_engine::insights::lifecycle::{LifecycleCell, Status};
use persons_engine::insights::paths::{PathNode, PathsCell, PathsQuery};
use persons_engine::insights::retention::{RetentionCell, RetentionKind};
use persons_engine::insights::stickiness::StickinessCell;
use persons_engine::insights::trends::TrendsCell;
use persons_engine::insights::{BreakdownValue, Entity, Math, Page};
use serde_json::{Value, json};

mod data;
mod memory;

use data::questions::{
    World, all_days, correlation, funnel, lifecycle, retention, stickiness, trends,
};

const SIZES: [u64; 4] = [1_000, 10_000, 100_000, 500_000];
/// So many people are left for others.
const SHARED: u64 = 100_000;
const RUNS: usize = 21;

/// A question that was answered.
struct Asked {
    name: &'static str,
    /// Milliseconds, the median of all runs.
    numbers: f64,
    page: f64,
    answer: Value,
}

fn median_ms<T>(mut ask: impl FnMut() -> T) -> f64 {
    black_box(ask());
    let time = |_| {
        let start = Instant::now();
        black_box(ask());
        start.elapsed().as_secs_f64() * 1000.0
    };
    let mut times: Vec<f64> = (0..RUNS).map(time).collect();
    times.sort_by(f64::total_cmp);
    times[RUNS / 2]
}

/// Asks for the numbers, then for the first page of people of one of them, each from the start.
macro_rules! asked {
    ($name:literal, $source:expr, $query:expr, $answer:expr, $people:expr, $cell:expr) => {{
        let (query, people, cell) = ($query, $people, $cell);
        let (stop, first) = (Stop::default(), Page::first(100));
        let numbers = || {
            let ready = black_box(&query).prepare($source).expect("a good query");
            ready.numbers(&stop).expect("an answer")
        };
        let page = || {
            let ready = black_box(&people).prepare($source).expect("a good query");
            ready.people(&cell, &first, &stop).expect("a page").count
        };
        Asked {
            name: $name,
            numbers: median_ms(numbers),
            page: median_ms(page),
            answer: $answer(numbers()),
        }
    }};
}

fn ask(world: &World) -> Vec<Asked> {
    let source = world.source();
    let city = BreakdownValue::from_text("Berlin");
    let cell = |breakdown| TrendsCell {
        series: 0,
        breakdown,
        point: 45,
    };
    let people_per_day = || trends(Math::UniquePeople, None);
    let by_city = || trends(Math::UniquePeople, Some("city"));
    let three_steps = || funnel(Order::Ordered, None);
    let paths = || PathsQuery::over(all_days());
    vec![
        asked!(
            "people per day",
            source,
            people_per_day(),
            |lines: Vec<_>| json!(data_of(&lines)[0].1),
            people_per_day(),
            cell(None)
        ),
        asked!(
            "people per day, by city",
            source,
            by_city(),
            |lines: Vec<_>| Value::Object(
                data_of(&lines)
                    .into_iter()
                    .map(|(city, data)| (city, json!(data)))
                    .collect()
            ),
            by_city(),
            cell(Some(city))
        ),
        asked!(
            "funnel of three steps",
            source,
            three_steps(),
            |lines: Vec<persons_engine::insights::funnel::FunnelLine>| {
                let counts = lines[0].steps.iter().map(|step| step.count);
                json!(counts.collect::<Vec<_>>())
            },
            three_steps(),
            FunnelCell {
                progress: Progress::Reached(2),
                breakdown: None,
            }
        ),
        asked!(
            "retention over 12 weeks",
            source,
            retention(RetentionKind::Recurring),
            |rows: Vec<persons_engine::insights::retention::RetentionRow>| {
                let values = rows.into_iter().map(|row| row.values);
                json!(values.collect::<Vec<_>>())
            },
            retention(RetentionKind::Recurring),
            RetentionCell::Interval(2)
        ),
        asked!(
            "stickiness over 90 days",
            source,
            stickiness(),
            |series: Vec<Vec<f64>>| json!(series[0]),
            stickiness(),
            StickinessCell {
                series: 0,
                intervals: 3,
            }
        ),
        asked!(
            "lifecycle over 90 days",
            source,
            lifecycle(),
            |numbers: [Vec<f64>; 4]| {
                let pairs = Status::ALL.map(Status::name).into_iter().zip(numbers);
                Value::Object(
                    pairs
                        .map(|(name, data)| (name.to_owned(), json!(data)))
                        .collect(),
                )
            },
            lifecycle(),
            LifecycleCell {
                status: Status::Dormant,
                point: 45,
            }
        ),
        asked!(
            "correlation by events",
            source,
            correlation(Candidates::Events { except: Vec::new() }),
            |found: persons_engine::insights::correlation::Correlations| {
                let factors = found.factors.iter().map(|one| match &one.factor {
                    Factor::Event(name) => {
                        (name.clone(), json!([one.with.success, one.with.failure]))
                    }
                    _ => unreachable!("only events were asked for"),
                });
                json!({
                    "all": [found.all.success, found.all.failure],
                    "with": Value::Object(factors.collect()),
                })
            },
            FactorQuery {
                funnel: three_steps(),
                progress: Progress::Reached(1),
                sign: Sign::Did(Entity::event(Some("searched"))),
            },
            FactorCell {
                is_converted: Some(true),
                has_factor: true,
            }
        ),
        asked!(
            "paths",
            source,
            paths(),
            |edges: Vec<persons_engine::insights::paths::PathEdge>| {
                let edges = edges.iter().map(|edge| {
                    json!([
                        edge.source.position,
                        edge.source.item,
                        edge.target.item,
                        edge.value,
                        edge.people,
                        edge.average_conversion_time
                    ])
                });
                json!(edges.collect::<Vec<_>>())
            },
            paths(),
            PathsCell::From(PathNode {
                position: 1,
                item: "https://site.example/pricing".into(),
            })
        ),
    ]
}

/// The lines of trends, by the text of their value.
fn data_of(lines: &[persons_engine::insights::trends::Line]) -> Vec<(String, Vec<f64>)> {
    let text = |value: &Option<BreakdownValue>| match value {
        Some(BreakdownValue::Text(text)) => text.clone(),
        _ => String::new(),
    };
    let lines = lines.iter();
    lines
        .map(|line| (text(&line.breakdown), line.data.clone()))
        .collect()
}

fn leave(folder: &Path, asked: &[Asked]) -> std::io::Result<()> {
    fs::create_dir_all(folder)?;
    let file =
        |name: &str| Ok::<_, std::io::Error>(BufWriter::new(File::create(folder.join(name))?));
    let mut events = file("events.jsonl")?;
    for (distinct_id, name, at, properties) in data::events::events(SHARED) {
        let person = distinct_id / 2;
        writeln!(
            events,
            r#"{{"person":{person},"event":"{name}","at":{at},"properties":{properties}}}"#
        )?;
    }
    events.flush()?;
    let mut people = file("people.jsonl")?;
    for (person, created_at) in data::created(SHARED).enumerate() {
        writeln!(
            people,
            r#"{{"person":{person},"created_at":{}}}"#,
            created_at.0
        )?;
    }
    people.flush()?;
    let answers = asked.iter().map(|asked| {
        let own = json!({"ms": asked.numbers, "page_ms": asked.page, "answer": asked.answer});
        (asked.name.to_owned(), own)
    });
    let answers = Value::Object(answers.collect());
    fs::write(folder.join("answers.json"), answers.to_string())
}

fn main() {
    for people in SIZES {
        let before = memory::resident();
        let start = Instant::now();
        let world = World::new(people);
        let loaded = start.elapsed().as_millis();
        let start = Instant::now();
        world.events.freeze(&world.people).view();
        let ordered = start.elapsed().as_millis();
        let asked = ask(&world);
        println!(
            "questions/{} events: made and loaded in {loaded} ms, put in order in {ordered} ms, {} MB after all questions",
            world.events.len(),
            memory::resident().saturating_sub(before),
        );
        for one in &asked {
            println!(
                "  {:26} {:8.2} ms; first page of people {:8.2} ms",
                one.name, one.numbers, one.page
            );
        }
        let folder = std::env::var_os("PERSONS_BENCH_EVENTS").filter(|_| people == SHARED);
        if let Some(folder) = folder {
            leave(folder.as_ref(), &asked).expect("the folder can be written to");
        }
    }
}
