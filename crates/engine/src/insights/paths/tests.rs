//! Worked cases, and the slow and obvious way to answer the same.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use jiff::tz::TimeZone;
use persons_api::Timestamp;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::insights::funnel::{FunnelQuery, Order, Stretch, Window, WindowUnit, slow};
use crate::insights::testing::{asked, assert_lists, days, filter, passes};
use crate::testing::{HOUR, Happened, START, Step, Whose, World, history_of, step};
use crate::value::text_of;

const MINUTE: i64 = 60 * SECOND;

fn query() -> PathsQuery {
    PathsQuery::over(days(3))
}

fn prepare(world: &World, query: &PathsQuery) -> Paths {
    let prepared = asked(world, TimeZone::UTC, |source| query.prepare(source));
    prepared.expect("a good query")
}

/// Edges as (source, target, occurrences, people, minutes).
fn edges(world: &World, query: &PathsQuery) -> Vec<(String, String, u64, usize, f64)> {
    let edges = prepare(world, query).numbers(&Stop::default());
    let edges = edges.expect("an answer").into_iter();
    let line = |edge: PathEdge| {
        let minutes = edge.average_conversion_time / 60_000.0;
        let keys = (edge.source.to_string(), edge.target.to_string());
        (keys.0, keys.1, edge.value, edge.people, minutes)
    };
    edges.map(line).collect()
}

/// The sources and targets of edges, with how often they occur.
fn ways(world: &World, query: &PathsQuery) -> Vec<(String, u64)> {
    let edges = edges(world, query).into_iter();
    edges
        .map(|(source, target, value, ..)| (format!("{source} {target}"), value))
        .collect()
}

fn listed(world: &World, query: &PathsQuery, cell: &PathsCell) -> (Vec<i64>, usize) {
    let page = prepare(world, query).people(cell, &Page::first(10), &Stop::default());
    let page = page.expect("a page");
    let mut numbers: Vec<_> = page.people.iter().map(|one| one.number).collect();
    numbers.sort_unstable();
    (numbers, page.missing)
}

fn node(key: &str) -> PathNode {
    PathNode::parse(key).expect("a key")
}

/// Person n has the distinct id n; id 4 belongs to nobody. Each does something at some minutes: a page if it
/// starts with a slash, else an event of that name.
fn world(events: &[(u32, i64, &'static str)]) -> World {
    let mut world = World::new();
    for number in 1..4 {
        world.take(Step::Move(number, Some(i64::from(number))));
    }
    for &(id, minutes, what) in events {
        let at = START + minutes * MINUTE;
        let event = if what.starts_with('/') {
            Step::Event(id, at, "$pageview", json!({"$current_url": what}))
        } else {
            Step::Event(id, at, what, json!({}))
        };
        world.take(event);
    }
    world
}

/// One person, a minute between all items.
fn walk(items: &[&'static str]) -> World {
    let events = items.iter().enumerate();
    let events: Vec<_> = events.map(|(at, &item)| (1, at as i64, item)).collect();
    world(&events)
}

fn shop() -> World {
    world(&[
        (1, 0, "/"),
        (1, 2, "/pricing/"),
        (1, 3, "signed up"),
        // A pause of half an hour starts a new session.
        (1, 33, "/"),
        (1, 37, "/pricing"),
        (2, 0, "/"),
        (2, 29, "/"),
        (2, 58, "/pricing"),
        (3, 0, "/pricing"),
        (4, 0, "/"),
        (4, 1, "/blog"),
    ])
}

#[test]
fn edges_are_counted_in_sessions() {
    let edge = |from: &str, to: &str, value, people, minutes| {
        (from.to_owned(), to.to_owned(), value, people, minutes)
    };
    assert_eq!(
        edges(&shop(), &query()),
        [
            // Two minutes, four, and fifty-eight: a run of equal items starts at its first event.
            edge("1_/", "2_/pricing", 3, 2, 64.0 / 3.0),
            // Who is nobody counts as an occurrence only.
            edge("1_/", "2_/blog", 1, 0, 1.0),
            edge("2_/pricing", "3_signed up", 1, 1, 1.0),
        ]
    );
}

#[test]
fn people_are_found_by_what_they_did_at_a_node() {
    let world = shop();
    let listed = |cell: PathsCell| listed(&world, &query(), &cell);
    assert_eq!(listed(PathsCell::Any), (vec![1, 2, 3], 1));
    assert_eq!(listed(PathsCell::From(node("1_/"))), (vec![1, 2], 1));
    assert_eq!(listed(PathsCell::From(node("2_/pricing"))), (vec![1], 0));
    assert_eq!(listed(PathsCell::To(node("2_/pricing"))), (vec![1, 2], 0));
    // A path that starts at an item does not lead to it.
    assert_eq!(listed(PathsCell::To(node("1_/pricing"))), (vec![], 0));
    let edge = PathsCell::Edge(node("1_/"), node("2_/blog"));
    assert_eq!(listed(edge), (vec![], 1));
    let gap = PathsCell::Edge(node("1_/"), node("3_signed up"));
    assert_eq!(listed(gap), (vec![], 0));
    assert_eq!(
        listed(PathsCell::DropOff(node("2_/pricing"))),
        (vec![1, 2], 0)
    );
    assert_eq!(listed(PathsCell::DropOff(node("1_/pricing"))), (vec![3], 0));
    assert_eq!(listed(PathsCell::DropOff(node("1_/"))), (vec![], 0));
    assert_eq!(listed(PathsCell::From(node("1_/never"))), (vec![], 0));
}

#[test]
fn paths_start_and_end_where_it_is_asked_for() {
    let world = walk(&["/a", "/b", "/c", "/b", "/d", "/e", "/f"]);
    let path = |start: Option<&str>, end: Option<&str>, step_limit| {
        let query = PathsQuery {
            start_point: start.map(str::to_owned),
            end_point: end.map(str::to_owned),
            step_limit,
            ..query()
        };
        let edges = prepare(&world, &query).numbers(&Stop::default());
        let mut edges = edges.expect("an answer");
        edges.sort_by_key(|edge| edge.source.position);
        let Some(first) = edges.first() else {
            return (String::new(), false);
        };
        let mut items = vec![first.source.item.clone()];
        items.extend(edges.iter().map(|edge| edge.target.item.clone()));
        let last = edges[edges.len() - 1].target.clone();
        let is_dropoff = listed(&world, &query, &PathsCell::DropOff(last)).0 == [1];
        (items.join(" "), is_dropoff)
    };
    let is = |path: &str, is_dropoff| (path.to_owned(), is_dropoff);
    assert_eq!(path(None, None, 9), is("/a /b /c /b /d /e /f", true));
    assert_eq!(path(None, None, 3), is("/a /b /c", false));
    assert_eq!(path(Some("/b"), None, 3), is("/b /c /b", false));
    assert_eq!(path(Some("/d/"), None, 5), is("/d /e /f", true));
    assert_eq!(path(None, Some("/b"), 5), is("/a /b", false));
    assert_eq!(path(None, Some("/e"), 3), is("/b /d /e", false));
    assert_eq!(path(None, Some("/f"), 3), is("/d /e /f", true));
    assert_eq!(path(Some("/c"), Some("/b"), 5), is("/c /b", false));
    assert_eq!(path(Some("/a"), Some("/f"), 5), is("/a /b ... /e /f", true));
    assert_eq!(path(Some("/a"), Some("/e"), 3), is("/a ... /e", false));
    assert_eq!(
        path(Some("/a"), Some("/e"), 6),
        is("/a /b /c /b /d /e", false)
    );
    assert_eq!(path(Some("/f"), Some("/a"), 5), is("", false));
    assert_eq!(path(Some("/never"), None, 5), is("", false));
}

#[test]
fn what_is_left_out_starts_with_its_first_item() {
    let world = world(&[(1, 0, "a"), (1, 1, "b"), (1, 5, "c"), (1, 15, "d")]);
    let query = PathsQuery {
        start_point: Some("a".into()),
        end_point: Some("d".into()),
        step_limit: 3,
        ..query()
    };
    let times: Vec<_> = edges(&world, &query)
        .into_iter()
        .map(|edge| edge.4)
        .collect();
    assert_eq!(times, [1.0, 14.0]);
    let through = PathsCell::To(node("2_..."));
    assert_eq!(listed(&world, &query, &through), (vec![1], 0));
}

#[test]
fn items_are_cleaned_then_grouped_then_excluded() {
    let world = walk(&[
        "/user/7/",
        "/user/23/posts",
        "/shop/a",
        "/shop/b",
        "ping",
        "/end",
    ]);
    let query = PathsQuery {
        cleaning: vec![
            Cleaning {
                pattern: "[0-9]+".into(),
                alias: "$0".into(),
            },
            Cleaning {
                pattern: "posts$".into(),
                alias: "all".into(),
            },
        ],
        groupings: vec!["/shop/*".into(), "/shop/b".into()],
        exclude: vec!["ping".into(), "/user/$0/".into()],
        ..query()
    };
    let expected = [
        ("1_/user/$0/all 2_/shop/*".to_owned(), 1),
        ("2_/shop/* 3_/end".to_owned(), 1),
    ];
    assert_eq!(ways(&world, &query), expected);
    let query = PathsQuery {
        cleaning: vec![Cleaning {
            pattern: "a(".into(),
            alias: String::new(),
        }],
        ..query
    };
    let prepared = asked(&world, TimeZone::UTC, |source| query.prepare(source));
    let error = prepared.err().expect("an error").to_string();
    assert!(error.starts_with("The path cleaning rule \"a(\" cannot be used: "));
}

#[test]
fn kinds_of_events_can_be_asked_for() {
    let mut world = walk(&["/a", "bought", "$autocapture", "left"]);
    let screen = json!({"$screen_name": "Home/"});
    for (minute, name, properties) in [
        (10, "$screen", screen),
        (11, "$screen", json!({})),
        (12, "$pageview", json!({"$current_url": null})),
    ] {
        world.take(Step::Event(1, START + minute * MINUTE, name, properties));
    }
    let path = |include: &[Include]| {
        let query = PathsQuery {
            include: include.to_vec(),
            step_limit: 9,
            ..query()
        };
        let targets = edges(&world, &query).into_iter().map(|edge| edge.1);
        targets.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(
        path(&[]),
        "2_bought 3_$autocapture 4_left 5_Home/ 6_$screen 7_$pageview"
    );
    assert_eq!(path(&[Include::Pageviews]), "2_$pageview");
    assert_eq!(path(&[Include::Screens]), "2_$screen");
    assert_eq!(path(&[Include::CustomEvents]), "2_left");
    for name in ["$pageview", "$screen", "custom_event"] {
        let include = Include::from_name(name).expect("a kind");
        assert!(include.has(name), "{name} is one of its kind");
    }
    assert_eq!(Include::from_name("bought"), None);
    let some = [Include::Event("left".into()), Include::Pageviews];
    assert_eq!(path(&some), "2_left 3_$pageview");
}

#[test]
fn edges_have_limits_and_hang_together() {
    let world = world(&[
        (1, 0, "a"),
        (1, 1, "b"),
        (1, 2, "c"),
        (2, 0, "a"),
        (2, 1, "c"),
        (2, 2, "d"),
        (3, 0, "b"),
        (3, 1, "c"),
        (3, 2, "d"),
        (4, 0, "a"),
        (4, 1, "b"),
    ]);
    let ways = |change: &dyn Fn(&mut PathsQuery)| {
        let mut query = query();
        change(&mut query);
        let ways = ways(&world, &query).into_iter();
        ways.map(|(way, value)| format!("{way} {value}"))
            .collect::<Vec<_>>()
    };
    let all = [
        "1_a 2_b 2",
        "2_c 3_d 2",
        "1_a 2_c 1",
        "1_b 2_c 1",
        "2_b 3_c 1",
    ];
    assert_eq!(ways(&|_| {}), all);
    assert_eq!(ways(&|query| query.edge_limit = 3), all[..3]);
    // Without the edges to its source nothing leads to the second one.
    assert_eq!(ways(&|query| query.edge_limit = 2), all[..1]);
    assert_eq!(ways(&|query| query.min_edge_weight = Some(2)), all[..1]);
    let few = ["1_a 2_c 1", "1_b 2_c 1"];
    assert_eq!(ways(&|query| query.max_edge_weight = Some(1)), few);
}

#[test]
fn pages_of_people_follow_each_other() {
    let world = shop();
    let paths = prepare(&world, &query());
    let page = |offset| {
        let page = Page {
            offset,
            ..Page::first(2)
        };
        let page = paths.people(&PathsCell::Any, &page, &Stop::default());
        let page = page.expect("a page");
        (page.people.len(), page.missing, page.has_more, page.count)
    };
    assert_eq!(page(0), (2, 0, true, 3));
    assert_eq!(page(2), (1, 1, false, 3));
}

#[test]
fn keys_name_nodes() {
    for key in ["1_/", "12_a_b", "3_"] {
        assert_eq!(node(key).to_string(), key);
    }
    for key in ["", "_a", "0_a", "-1_a", "a", "a_1"] {
        assert_eq!(PathNode::parse(key), None);
    }
    let (a, b) = (node("1_a"), node("2_b"));
    let cell = |start, end, dropoff| {
        let given = |is_given, node: &PathNode| if is_given { Some(node.clone()) } else { None };
        PathsCell::of_nodes(given(start, &a), given(end, &b), given(dropoff, &b))
    };
    assert_eq!(cell(true, true, true), PathsCell::DropOff(b.clone()));
    assert_eq!(
        cell(true, true, false),
        PathsCell::Edge(a.clone(), b.clone())
    );
    assert_eq!(cell(true, false, false), PathsCell::From(a.clone()));
    assert_eq!(cell(false, true, false), PathsCell::To(b.clone()));
    assert_eq!(cell(false, false, false), PathsCell::Any);
}

/// Paths around a step of the funnel from "a" to "bought" within an hour.
fn around(stretch: Stretch, step: i64) -> PathsQuery {
    let steps = ["a", "bought"].map(|name| Entity::event(Some(name)));
    let funnel = FunnelQuery {
        steps: steps.to_vec(),
        exclusions: Vec::new(),
        filter: FilterTree::default(),
        range: days(3),
        order: Order::Ordered,
        window: Window {
            count: 1,
            unit: WindowUnit::Hour,
        },
        breakdown: None,
    };
    PathsQuery {
        around: Some(AroundStep {
            funnel,
            stretch,
            step,
        }),
        ..query()
    }
}

#[test]
fn paths_may_lie_around_a_step_of_a_funnel() {
    let world = world(&[
        (1, 0, "z"),
        (1, 10, "a"),
        (1, 50, "b"),
        (1, 55, "bought"),
        (1, 100, "c"),
        (1, 160, "d"),
        (2, 0, "a"),
        (2, 1, "b"),
        (2, 70, "c"),
        (3, 0, "b"),
    ]);
    let ways = |stretch, step| {
        let ways = ways(&world, &around(stretch, step)).into_iter();
        ways.map(|(way, _)| way).collect::<Vec<_>>()
    };
    // A pause is as long as the window: forty minutes are none, an hour is one.
    assert_eq!(
        ways(Stretch::Before, 2),
        ["1_z 2_a", "2_a 3_b", "3_b 4_bought"]
    );
    assert_eq!(ways(Stretch::Between, 2), ["1_a 2_b", "2_b 3_bought"]);
    assert_eq!(ways(Stretch::After, 2), ["1_bought 2_c"]);
    assert_eq!(
        ways(Stretch::After, 1),
        ["1_a 2_b", "2_b 3_bought", "3_bought 4_c"]
    );
    // Who did not buy did not do so an hour after "a".
    assert_eq!(ways(Stretch::Between, -2), ["1_a 2_b"]);
    assert_eq!(ways(Stretch::After, -2), [""; 0]);
}

#[test]
fn there_are_no_paths_around_what_is_no_step() {
    let world = world(&[(1, 0, "a")]);
    for (stretch, step) in [
        (Stretch::Before, 0),
        (Stretch::Before, 3),
        (Stretch::After, -1),
        (Stretch::After, i64::MIN),
        (Stretch::Between, 1),
        (Stretch::Between, -3),
    ] {
        let query = around(stretch, step);
        let prepared = asked(&world, TimeZone::UTC, |source| query.prepare(source));
        let error = prepared.err();
        assert_eq!(
            error,
            Some(InsightError::NoSuchCell("funnel step")),
            "{step}"
        );
    }
}

/// Steps of people who look at pages and do other things, minutes apart.
fn visit() -> impl Strategy<Value = Step> {
    let text = |texts: &[Value]| prop::sample::select(texts.to_vec());
    let pages = [
        json!("https://a/"),
        json!("https://a/p/1"),
        json!("https://a/p/2/"),
        json!("/"),
        json!(7),
        json!(null),
    ];
    let page = text(&pages).prop_map(|page| ("$pageview", json!({"$current_url": page, "n": 1})));
    let screen = text(&[json!("Home"), json!("")]);
    let screen = screen.prop_map(|screen| ("$screen", json!({"$screen_name": screen})));
    let other = prop::sample::select(vec!["$pageview", "$autocapture", "viewed", "bought"]);
    let other = other.prop_map(|name| (name, json!({})));
    let time = (0..40i64, prop::sample::select(vec![0, 0, 0, -1, 1]));
    let time = time.prop_map(|(tens, beside)| START + tens * 10 * MINUTE + beside);
    let event = prop_oneof![3 => page, 1 => screen, 2 => other];
    let visit = (0..crate::testing::IDS, time, event)
        .prop_map(|(id, at, (name, properties))| Step::Event(id, at, name, properties));
    prop_oneof![6 => visit, 1 => step(1)]
}

/// Something around a step that there is.
fn any_step() -> impl Strategy<Value = AroundStep> {
    let stretches = vec![Stretch::Before, Stretch::Between, Stretch::After];
    let stretch = prop::sample::select(stretches);
    let place = any::<prop::sample::Index>();
    (slow::any_query(), stretch, place).prop_map(|(funnel, stretch, place)| {
        let last = funnel.steps.len() as i64;
        let (stretch, first) = match stretch {
            Stretch::Between if last > 1 => (stretch, 2),
            Stretch::Between => (Stretch::Before, 1),
            Stretch::Before | Stretch::After => (stretch, 1),
        };
        let steps: Vec<i64> = (first..=last).chain(-last..=-2).collect();
        AroundStep {
            step: *place.get(&steps),
            funnel: FunnelQuery {
                range: days(3),
                ..funnel
            },
            stretch,
        }
    })
}

/// Where somebody's paths around a step lie.
fn time_around(
    around: &AroundStep,
    whose: &Whose,
    events: &[Happened],
) -> Option<RangeInclusive<i64>> {
    let seen = slow::seen(&around.funnel, whose, events);
    let done = slow::furthest(&around.funnel, &seen);
    let at = |step: usize| done.get(step).map(|&event| seen[event].at);
    let step = around.step.unsigned_abs() as usize - 1;
    let target = if around.step > 0 {
        at(step)?
    } else {
        at(0)
            .filter(|_| done.len() == step)
            .map(|first| slow::end(&around.funnel, first))?
    };
    Some(match around.stretch {
        Stretch::Before => i64::MIN..=target,
        Stretch::Between => at(step - 1)?..=target,
        Stretch::After => target..=i64::MAX,
    })
}

fn any_query() -> impl Strategy<Value = PathsQuery> {
    let include = prop::sample::subsequence(
        vec![
            Include::Pageviews,
            Include::Screens,
            Include::CustomEvents,
            Include::Event("bought".into()),
        ],
        0..3,
    );
    let exclude = prop::sample::subsequence(vec!["viewed", "https://a", "/p/*", "Home"], 0..2);
    let cleaning = prop::sample::subsequence(vec![("[0-9]", "<n>"), ("^https://a$", "home")], 0..3);
    let groupings = prop::sample::subsequence(vec!["/p/*", "b*t", "*wed"], 0..3);
    let point = || {
        prop::option::of(prop::sample::select(vec![
            "https://a/",
            "/p/*",
            "bought",
            "/",
            "home",
        ]))
    };
    let range = (0..6 * 60i64, 0..12 * 60i64).prop_map(|(from, length)| DateRange {
        from: Timestamp(START + from * MINUTE / 2),
        to: Timestamp(START + (from + length) * MINUTE),
    });
    let texts = |texts: Vec<&str>| texts.into_iter().map(str::to_owned).collect::<Vec<_>>();
    let weight = || prop::option::weighted(0.2, 1..4u64);
    let items = (include, exclude, cleaning, groupings);
    let shown = (
        1..7usize,
        prop_oneof![Just(1000), 1..6usize],
        weight(),
        weight(),
    );
    let points = (point(), point());
    let around = prop::option::weighted(0.4, any_step());
    (items, points, range, filter(), shown, around).prop_map(
        move |(items, points, range, filter, shown, around)| {
            let (include, exclude, cleaning, groupings) = items;
            let cleaning = cleaning.into_iter().map(|(pattern, alias)| Cleaning {
                pattern: pattern.into(),
                alias: alias.into(),
            });
            PathsQuery {
                range,
                filter,
                include,
                exclude: texts(exclude),
                cleaning: cleaning.collect(),
                groupings: texts(groupings),
                start_point: points.0.map(str::to_owned),
                end_point: points.1.map(str::to_owned),
                step_limit: shown.0,
                edge_limit: shown.1,
                min_edge_weight: shown.2,
                max_edge_weight: shown.3,
                around,
            }
        },
    )
}

/// What an event is called on a path.
fn item_of(query: &PathsQuery, event: &Happened) -> Option<String> {
    let includes = |include: &Include| match include {
        Include::Pageviews => event.name == "$pageview",
        Include::Screens => event.name == "$screen",
        Include::CustomEvents => !event.name.starts_with('$'),
        Include::Event(name) => event.name == name,
    };
    if !query.include.is_empty() && !query.include.iter().any(includes) {
        return None;
    }
    let property = |key: &str| {
        let value = event.properties.get(key).filter(|value| !value.is_null());
        value
            .map(|value| text_of(value).into_owned())
            .filter(|text| !text.is_empty())
    };
    let own = match event.name {
        "$pageview" => property("$current_url").map(|url| match url.strip_suffix('/') {
            Some(page) if !page.is_empty() => page.to_owned(),
            _ => url,
        }),
        "$screen" => property("$screen_name"),
        _ => None,
    };
    let mut item = own.unwrap_or_else(|| event.name.to_owned());
    for rule in &query.cleaning {
        let regex = regex::Regex::new(&rule.pattern).expect("a good pattern");
        item = regex.replace_all(&item, rule.alias.as_str()).into_owned();
    }
    let group = query.groupings.iter().find(|grouping| {
        let pattern = regex::escape(grouping).replace(r"\*", ".*");
        regex::Regex::new(&pattern)
            .expect("a good pattern")
            .is_match(&item)
    });
    let item = group.cloned().unwrap_or(item);
    (!query.exclude.contains(&item)).then_some(item)
}

/// A path: what came when, and whether the session ended with it.
type Way = (Vec<(String, i64)>, bool);

/// Somebody's paths.
fn paths_of(query: &PathsQuery, whose: &Whose, events: &[Happened]) -> Vec<Way> {
    let (mut range, mut pause) = (query.range.from.0..query.range.to.0 + 1, 30 * MINUTE);
    if let Some(around) = &query.around {
        let Some(times) = time_around(around, whose, events) else {
            return Vec::new();
        };
        pause = i64::from(around.funnel.window.count) * HOUR;
        let end = times.end().saturating_add(1);
        range = range.start.max(*times.start())..range.end.min(end);
    }
    let mut sessions: Vec<Vec<(String, i64)>> = Vec::new();
    for event in events {
        let Some(item) = item_of(query, event) else {
            continue;
        };
        if range.contains(&event.at) && passes(&query.filter, whose, event) {
            let last = sessions.last_mut();
            match last.filter(|session| event.at - session[session.len() - 1].1 < pause) {
                Some(session) => session.push((item, event.at)),
                None => sessions.push(vec![(item, event.at)]),
            }
        }
    }
    let point = |point: &str| match point {
        "https://a/" => "https://a".to_owned(),
        point => point.to_owned(),
    };
    let mut ways = Vec::new();
    for mut session in sessions {
        session.dedup_by(|next, previous| next.0 == previous.0);
        let mut is_whole = true;
        let at = |session: &[(String, i64)], wanted: &str| {
            session.iter().position(|(item, _)| *item == point(wanted))
        };
        if let Some(start) = &query.start_point {
            match at(&session, start) {
                Some(place) => session.drain(..place),
                None => continue,
            };
        }
        if let Some(end) = &query.end_point {
            match at(&session, end) {
                Some(place) => {
                    is_whole = place + 1 == session.len();
                    session.truncate(place + 1);
                }
                None => continue,
            };
        }
        let length = session.len();
        let limit = query.step_limit;
        if length > limit {
            match (&query.start_point, &query.end_point) {
                (Some(_), Some(_)) => {
                    let half = (limit / 2).max(1);
                    if length > 2 * half {
                        let first_left_out = session[half].1;
                        let gap = ("...".to_owned(), first_left_out);
                        session.splice(half..length - half, [gap]);
                    }
                }
                (None, Some(_)) => {
                    session.drain(..length - limit);
                }
                _ => {
                    is_whole = false;
                    session.truncate(limit);
                }
            }
        }
        ways.push((session, is_whole));
    }
    ways
}

/// What everybody's paths have at each place: the cells that they are in.
fn cells_of((steps, is_whole): &Way) -> Vec<PathsCell> {
    let node = |place: usize| PathNode {
        position: place + 1,
        item: steps[place].0.clone(),
    };
    let mut cells = vec![PathsCell::Any];
    for place in 1..steps.len() {
        let (from, to) = (node(place - 1), node(place));
        cells.push(PathsCell::From(from.clone()));
        cells.push(PathsCell::To(to.clone()));
        cells.push(PathsCell::Edge(from, to));
    }
    if *is_whole {
        cells.push(PathsCell::DropOff(node(steps.len() - 1)));
    }
    cells
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Every cell has the people of the slow way, and every edge its numbers and as many people as are listed.
    #[test]
    fn numbers_and_people_agree_with_the_slow_way(
        world in history_of(visit()), query in any_query(),
    ) {
        let paths = prepare(&world, &query);
        let stop = Stop::default();
        let everybody = world.everybody().into_iter();
        let ways = everybody.map(|(whose, events)| (whose, paths_of(&query, &whose, &events)));
        let ways: BTreeMap<_, _> = ways.collect();

        let mut people = BTreeMap::<String, (PathsCell, BTreeMap<Whose, ()>)>::new();
        for (whose, ways) in &ways {
            for cell in ways.iter().flat_map(cells_of) {
                let found = people.entry(format!("{cell:?}"));
                found.or_insert((cell, BTreeMap::new())).1.insert(*whose, ());
            }
        }
        for (cell, expected) in people.values() {
            let page = paths.people(cell, &Page::first(100), &stop).expect("a page");
            assert_lists(&page, expected);
            prop_assert!(page.people.is_sorted_by_key(|one| one.uuid));
        }

        // Each edge by how often, in which order it is shown.
        let mut all = BTreeMap::<(usize, String, String), Vec<i64>>::new();
        for (steps, _) in ways.values().flatten() {
            for (place, pair) in steps.windows(2).enumerate() {
                let edge = (place + 1, pair[0].0.clone(), pair[1].0.clone());
                all.entry(edge).or_default().push(pair[1].1 - pair[0].1);
            }
        }
        let weights = query.min_edge_weight.unwrap_or(0)..=query.max_edge_weight.unwrap_or(u64::MAX);
        let mut expected: Vec<_> = all.iter().filter(|(_, times)| weights.contains(&(times.len() as u64))).collect();
        expected.sort_by_key(|(_, times)| std::cmp::Reverse(times.len()));
        expected.truncate(query.edge_limit);
        let mut reached: BTreeSet<(usize, String)> = BTreeSet::new();
        for _ in 0..query.step_limit + 1 {
            for ((place, from, to), _) in &expected {
                if *place == 1 || reached.contains(&(*place, from.clone())) {
                    reached.insert((place + 1, to.clone()));
                }
            }
        }
        expected.retain(|((place, from, _), _)| *place == 1 || reached.contains(&(*place, from.clone())));

        let edges = paths.numbers(&stop).expect("an answer");
        let shown: Vec<_> = edges.iter().map(|edge| {
            prop_assert_eq!(edge.source.position + 1, edge.target.position);
            Ok((edge.source.position, edge.source.item.clone(), edge.target.item.clone()))
        }).collect::<Result<_, _>>()?;
        let names: Vec<_> = expected.iter().map(|(edge, _)| (*edge).clone()).collect();
        prop_assert_eq!(shown, names);
        for (edge, (_, times)) in edges.iter().zip(expected) {
            prop_assert_eq!(edge.value, times.len() as u64);
            let mean = times.iter().sum::<i64>() as f64 / times.len() as f64 / 1000.0;
            prop_assert!((edge.average_conversion_time - mean).abs() < 1e-6);
            let cell = PathsCell::Edge(edge.source.clone(), edge.target.clone());
            let page = paths.people(&cell, &Page::first(100), &stop).expect("a page");
            prop_assert_eq!(edge.people, page.count);
            prop_assert!(page.count as u64 <= edge.value);
            let is_at_its_end = |(steps, is_whole): &&(Vec<(String, i64)>, bool)| {
                let last = steps.len() == edge.target.position && steps[steps.len() - 1].0 == edge.target.item;
                last && *is_whole
            };
            let ended = ways.values().flatten().filter(is_at_its_end).count();
            let dropoff = PathsCell::DropOff(edge.target.clone());
            let page = paths.people(&dropoff, &Page::first(100), &stop).expect("a page");
            prop_assert_eq!(edge.ended, (ended as u64, page.count));
        }
    }
}
