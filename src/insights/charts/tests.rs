//! Where everything stands: each form at three widths, with nothing, one thing, many, and huge ones.

use std::fmt::Debug;

use super::*;
use crate::insights::figure::{
    AtNode, Bars, Diverging, Edge, Factor, Factors, Flows, Lines, Point, Scale, Series, Step,
    StepGroup, Steps, Triangle, TriangleRow, nodes,
};

/// A desk, a column beside the people, a phone.
const WIDTHS: [f64; 3] = [1100.0, 620.0, 340.0];

/// A name that nobody expects.
const ODD: &str = "<b>a very long name</b> مرحبا 🦄 of something that people do";

fn points(values: &[f64]) -> Vec<Point> {
    let values = values.iter().enumerate();
    values
        .map(|(place, value)| Point {
            value: *value,
            cell: Some(place),
        })
        .collect()
}

fn point(value: f64) -> Point {
    Point {
        value,
        cell: Some(0),
    }
}

fn labels(count: usize) -> Vec<String> {
    (1..=count).map(|day| format!("{day} Nov")).collect()
}

/// `laid` at each width, and what must hold of every geometry: all of it is finite, and nothing is longer
/// than nothing.
fn at_widths<T: Debug>(lay_out: impl Fn(Size) -> T, height: impl Fn(f64) -> f64) -> String {
    let widths = WIDTHS.map(|width| {
        let height = height(width);
        assert!(height.is_finite() && height >= 0.0);
        let laid = format!("{:?}", lay_out(Size { width, height }));
        for never in ["NaN", "inf"] {
            assert!(!laid.contains(never), "{laid}");
        }
        format!("{width} x {height}: {laid}")
    });
    widths.join("\n")
}

fn lines(series: &[(&str, &[f64])]) -> Lines {
    let count = series.first().map_or(0, |(_, values)| values.len());
    Lines {
        scale: Scale::Number,
        labels: labels(count),
        days: Vec::new(),
        is_unfinished: true,
        series: series
            .iter()
            .map(|(name, values)| Series {
                name: (*name).to_owned(),
                earlier_of: None,
                points: points(values),
            })
            .collect(),
    }
}

#[test]
fn lines_and_grouped_bars() {
    let waves: Vec<f64> = (0..30).map(|day| f64::from(day % 7 * 40)).collect();
    let all = [
        lines(&[]),
        lines(&[("one", &[7.0])]),
        lines(&[("ups", &[0.0, 3.0, 12.0]), (ODD, &[-4.0, 0.0, 1e12])]),
        lines(&[("waves", &waves), (ODD, &waves), ("third", &waves)]),
    ];
    let laid = all.map(|lines| {
        at_widths(
            |size| lines::lay_out(&lines, size),
            |width| lines::height(&lines, width),
        )
    });
    insta::assert_snapshot!(laid.join("\n\n"));
}

#[test]
fn all_series_are_said_at_an_interval_the_largest_first() {
    let mut both = lines(&[("small", &[1.0, 2.0]), ("large", &[1000.0, 0.0])]);
    for (place, point) in both.series[1].points.iter_mut().enumerate() {
        point.cell = Some(2 + place);
    }
    let words = |cell| lines::words(&both, cell).unwrap_or_default();
    assert_eq!(words(0), "1 Nov: large 1,000 · small 1");
    assert_eq!(words(3), "2 Nov: small 2 · large 0");
    assert_eq!(words(9), "");
    assert_eq!(lines::words(&lines(&[("one", &[1.0])]), 0), None);
}

#[test]
fn the_pointer_means_the_nearest_line() {
    let size = Size {
        width: 620.0,
        height: 340.0,
    };
    let lines = lines(&[
        ("high", &[100.0, 100.0]),
        ("short", &[50.0]),
        ("low", &[0.0, 0.0]),
        ("as low", &[0.0, 0.0]),
    ]);
    let laid = lines::lay_out(&lines, size);
    let bands = |interval, series: &[usize]| -> Vec<[f64; 2]> {
        let bands = series.iter();
        bands
            .map(|series| lines::band(&laid, *series, interval))
            .collect()
    };
    // The plot is from 16 to 312, and what is near it means the outermost.
    let first = [[8.0, 90.0], [90.0, 238.0], [238.0, 312.0], [312.0, 320.0]];
    assert_eq!(bands(0, &[0, 1, 2, 3]), first);
    assert_eq!(
        bands(1, &[0, 2, 3]),
        [[8.0, 164.0], [164.0, 312.0], [312.0, 320.0]]
    );
}

#[test]
fn what_is_drawn_over_is_a_range_of_days() {
    let weeks = |days: [&str; 3]| {
        let mut lines = lines(&[("one", &[1.0, 2.0, 3.0]), ("two", &[1.0, 2.0, 3.0])]);
        lines.days = days.map(str::to_owned).to_vec();
        for (place, point) in lines.series[1].points.iter_mut().enumerate() {
            point.cell = Some(3 + place);
        }
        lines
    };
    let range =
        |lines: &Lines, cells| lines::range(lines, cells, "2026-06-01").map(|days| days.join(" "));
    let by_week = weeks(["2026-05-04", "2026-05-11", "2026-05-18"]);
    assert_eq!(
        range(&by_week, [0, 1]).as_deref(),
        Some("2026-05-04 2026-05-17")
    );
    // Whichever way and over whichever lines; after the last interval comes what was asked for.
    assert_eq!(
        range(&by_week, [5, 1]).as_deref(),
        Some("2026-05-11 2026-06-01")
    );
    assert_eq!(range(&by_week, [1, 4]), None);
    assert_eq!(range(&by_week, [0, 9]), None);
    let by_hour = weeks([
        "2026-05-04 22:00:00",
        "2026-05-04 23:00:00",
        "2026-05-05 00:00:00",
    ]);
    assert_eq!(
        range(&by_hour, [0, 1]).as_deref(),
        Some("2026-05-04 2026-05-04")
    );
    assert_eq!(
        range(&by_hour, [0, 2]).as_deref(),
        Some("2026-05-04 2026-05-05")
    );
    assert_eq!(range(&lines(&[("one", &[1.0, 2.0])]), [0, 1]), None);
}

#[test]
fn percents_end_at_a_hundred() {
    let conversion = Lines {
        scale: Scale::Percent,
        ..lines(&[("conversion", &[0.0, 33.33, 100.0])])
    };
    let size = Size {
        width: 620.0,
        height: 340.0,
    };
    let laid = lines::lay_out(&conversion, size);
    let [_, _, top, bottom] = laid.plot;
    assert_eq!(laid.points[0][0].1, bottom);
    assert_eq!(laid.points[0][2].1, top);
    assert!(!laid.is_bars);
}

#[test]
fn names_of_lines_never_lie_on_each_other() {
    let flat: Vec<f64> = vec![5.0; 20];
    let series: Vec<(String, &[f64])> = (0..30)
        .map(|number| (format!("line {number}"), &flat[..]))
        .collect();
    let series: Vec<(&str, &[f64])> = series
        .iter()
        .map(|(name, values)| (name.as_str(), *values))
        .collect();
    let size = Size {
        width: 800.0,
        height: 340.0,
    };
    let laid = lines::lay_out(&lines(&series), size);
    let mut heights: Vec<f64> = laid.names.iter().map(|(y, _)| *y).collect();
    heights.sort_by(f64::total_cmp);
    assert!(heights.windows(2).all(|pair| pair[1] - pair[0] >= 15.9));
    assert!(heights.iter().all(|y| (0.0..=340.0).contains(y)));
}

#[test]
fn bars_with_their_stairs() {
    let bars = |values: &[f64], or_more: &[f64]| Bars {
        scale: Scale::Number,
        axis: "days active".to_owned(),
        labels: (1..=values.len())
            .map(|number| number.to_string())
            .collect(),
        series: vec![Series {
            name: String::new(),
            earlier_of: None,
            points: points(values),
        }],
        or_more: points(or_more),
    };
    let many: Vec<f64> = (0..31).map(|day| f64::from(31 - day)).collect();
    let all = [
        bars(&[], &[]),
        bars(&[3.0], &[3.0]),
        bars(&[1e12, 0.0, 5.0], &[1e12, 5.0, 5.0]),
        bars(&many, &many),
    ];
    let laid = all.map(|bars| {
        at_widths(
            |size| bars::lay_out(&bars, size),
            |width| bars::height(&bars, width),
        )
    });
    insta::assert_snapshot!(laid.join("\n\n"));
}

#[test]
fn those_who_went_hang_below_zero() {
    let figure = |layers: [&[f64]; 4]| Diverging {
        labels: labels(layers[0].len()),
        is_unfinished: false,
        layers: layers.map(points),
        is_hidden: [false; 4],
    };
    let all = [
        figure([&[], &[], &[], &[]]),
        figure([&[4.0], &[0.0], &[1.0], &[2.0]]),
        figure([&[1e9, 2.0], &[5.0, 5.0], &[0.0, 1.0], &[3.0, 1e9]]),
    ];
    let laid = all.map(|figure| {
        at_widths(
            |size| diverging::lay_out(&figure, size),
            |width| diverging::height(&figure, width),
        )
    });
    insta::assert_snapshot!(laid.join("\n\n"));
    let size = Size {
        width: 620.0,
        height: 380.0,
    };
    let laid = diverging::lay_out(&figure([&[4.0], &[3.0], &[1.0], &[2.0]]), size);
    let [_, _, top, bottom] = laid.plot;
    let zero = laid.ticks.y(0.0, top, bottom);
    let [new, returning, resurrecting, dormant] = laid.layers.map(|layer| layer[0]);
    // They stand on each other without a gap, and dormant people begin at zero.
    assert_eq!(returning[1] + returning[3], zero);
    assert!((resurrecting[1] + resurrecting[3] - returning[1]).abs() < 0.11);
    assert!((new[1] + new[3] - resurrecting[1]).abs() < 0.11);
    assert_eq!(dormant[1], zero);
    assert_eq!(laid.quick_ratio, Some(2.5));
}

#[test]
fn what_is_hidden_takes_no_room() {
    let figure = Figure::Diverging(Diverging {
        labels: labels(1),
        is_unfinished: false,
        layers: [4.0, 3.0, 1.0, 90.0].map(|count| points(&[count])),
        is_hidden: [false; 4],
    });
    assert_eq!(figure.without(&[]), None);
    assert_eq!(figure.without(&["paying".to_owned()]), None);
    let Some(Figure::Diverging(less)) = figure.without(&["dormant".to_owned(), "new".to_owned()])
    else {
        panic!("{figure:?}");
    };
    let size = Size {
        width: 620.0,
        height: 380.0,
    };
    let laid = diverging::lay_out(&less, size);
    assert_eq!(laid.ticks.values.first(), Some(&0.0));
    assert_eq!(laid.quick_ratio, None);
    assert_eq!(
        laid.layers.map(|layer| layer[0][3] > 0.0),
        [false, true, true, false]
    );
    assert_eq!(diverging::rows(&less).len(), 2);
    // The twin has all numbers.
    assert_eq!(diverging::table(&less), table(&figure));
}

fn funnel(groups: &[(&str, &[f64])]) -> Steps {
    let group = |(name, counts): &(&str, &[f64])| StepGroup {
        name: (*name).to_owned(),
        steps: counts
            .iter()
            .enumerate()
            .map(|(place, count)| Step {
                reached: point(*count),
                lost: (place > 0).then(|| point(counts[place - 1] - count)),
                median_seconds: (place > 0).then_some(90.0),
                mean_seconds: None,
            })
            .collect(),
    };
    let count = groups.first().map_or(0, |(_, counts)| counts.len());
    Steps {
        names: (0..count).map(|place| format!("{place} {ODD}")).collect(),
        terms: String::new(),
        groups: groups.iter().map(group).collect(),
    }
}

#[test]
fn steps_of_funnels() {
    let many: Vec<f64> = (0..20).map(|step| f64::from(20 - step)).collect();
    let all = [
        funnel(&[]),
        funnel(&[("", &[0.0, 0.0])]),
        funnel(&[("", &[900.0, 548.0, 342.0])]),
        funnel(&[("pro", &[1e12, 1.0]), (ODD, &[5.0, 5.0])]),
        funnel(&[("", &many)]),
    ];
    let laid = all.map(|steps| {
        at_widths(
            |size| steps::lay_out(&steps, size),
            |width| steps::height(&steps, width),
        )
    });
    insta::assert_snapshot!(laid.join("\n\n"));
}

#[test]
fn factors_on_their_axis() {
    let factor = |name: &str, converted: f64, dropped: f64| Factor {
        name: name.to_owned(),
        odds_ratio: 1.0,
        converted: point(converted),
        dropped: point(dropped),
        without: [None; 2],
    };
    let factors = |factors: Vec<Factor>| Factors {
        converted: 342,
        dropped: 558,
        is_skewed: false,
        factors,
    };
    let all = [
        factors(Vec::new()),
        factors(vec![factor("invited", 160.0, 150.0)]),
        factors(vec![
            factor(ODD, 342.0, 0.0),
            factor("nobody", 0.0, 0.0),
            factor("everybody", 342.0, 558.0),
            factor("coupon", 4.0, 3.0),
            factor("more than all", 1e12, 1e12),
        ]),
    ];
    let laid = all.map(|factors| {
        at_widths(
            |size| factors::lay_out(&factors, size),
            |width| factors::height(&factors, width),
        )
    });
    insta::assert_snapshot!(laid.join("\n\n"));
}

#[test]
fn intervals_are_those_of_the_book() {
    // 2.4 [1.8, 3.2]: with it 160 of 310 converted, without it 182 of 590.
    let (ratio, low, high) = factors::interval([160.0, 150.0, 182.0, 408.0]);
    assert!((ratio - 2.391).abs() < 0.001);
    assert!(
        (low - 1.802).abs() < 0.01 && (high - 3.173).abs() < 0.01,
        "{low} {high}"
    );
    assert_eq!(
        factors::direction([160.0, 150.0, 182.0, 408.0]),
        factors::Direction::More
    );
    assert_eq!(
        factors::direction([12.0, 61.0, 330.0, 497.0]),
        factors::Direction::Less
    );
    assert_eq!(
        factors::direction([30.0, 62.0, 312.0, 496.0]),
        factors::Direction::Unclear("unclear")
    );
    assert_eq!(
        factors::direction([4.0, 3.0, 338.0, 555.0]),
        factors::Direction::Unclear("fewer than 5")
    );
}

fn triangle(rows: &[&[f64]]) -> Triangle {
    let columns = rows.iter().map(|row| row.len()).max().unwrap_or(0);
    Triangle {
        all: TriangleRow {
            name: "All".to_owned(),
            size: point(0.0),
            values: points(&vec![0.0; columns]),
            is_unfinished: false,
        },
        is_counted: false,
        period: "Week".to_owned(),
        rows: rows
            .iter()
            .enumerate()
            .map(|(place, values)| TriangleRow {
                name: format!("{place} Nov"),
                size: point(values.first().copied().unwrap_or_default()),
                values: points(values),
                is_unfinished: true,
            })
            .collect(),
    }
}

#[test]
fn triangles_of_retention() {
    let many: Vec<Vec<f64>> = (0..12).map(|row| vec![1e9; 12 - row]).collect();
    let many: Vec<&[f64]> = many.iter().map(Vec::as_slice).collect();
    let all = [
        triangle(&[]),
        triangle(&[&[5.0]]),
        triangle(&[&[10.0, 5.0, 2.0], &[0.0, 0.0], &[4.0]]),
        triangle(&many),
    ];
    let laid = all.map(|triangle| {
        at_widths(
            |size| triangle::lay_out(&triangle, size),
            |width| triangle::height(&triangle, width),
        )
    });
    insta::assert_snapshot!(laid.join("\n\n"));
}

#[test]
fn means_leave_out_what_is_not_over() {
    let rows: [&[f64]; 3] = [&[10.0, 5.0, 2.0], &[30.0, 3.0], &[8.0]];
    let means = triangle::means(&triangle(&rows));
    // The last cell of each row is in the week that goes on.
    assert_eq!(means, [Some(100.0), Some(50.0), None]);
    let mut over = triangle(&rows);
    for row in &mut over.rows {
        row.is_unfinished = false;
    }
    assert_eq!(
        triangle::means(&over),
        [Some(100.0), Some(20.0), Some(20.0)]
    );
}

fn flows(edges: &[(usize, &str, &str, f64)]) -> Flows {
    let edges = edges.iter().enumerate();
    joined(
        edges
            .map(|(place, (step, from, to, weight))| Edge {
                source: (*step, (*from).to_owned()),
                target: (step + 1, (*to).to_owned()),
                weight: Point {
                    value: *weight,
                    cell: Some(place),
                },
                mean_seconds: None,
            })
            .collect(),
        Vec::new(),
    )
}

fn joined(edges: Vec<Edge>, ends: Vec<AtNode>) -> Flows {
    Flows {
        nodes: nodes(&edges, &ends),
        edges,
        ends,
    }
}

/// Nodes of a column do not touch, and ribbons begin and end within them.
fn holds_together(flows: &Flows, size: Size) {
    let laid = flows::lay_out(flows, size);
    for pair in laid.nodes.windows(2) {
        if pair[0].key.0 == pair[1].key.0 {
            assert!(pair[1].y > pair[0].y + pair[0].height, "{pair:?}");
        }
    }
    for ribbon in &laid.ribbons {
        let edge = &flows.edges[ribbon.edge];
        for (key, (_, y)) in [(&edge.source, ribbon.from), (&edge.target, ribbon.to)] {
            let node = laid
                .nodes
                .iter()
                .find(|node| node.key == *key)
                .expect("a node");
            assert!(y >= node.y - 0.11, "{ribbon:?} {node:?}");
            assert!(
                y + ribbon.thickness <= node.y + node.height + 0.31,
                "{ribbon:?} {node:?}"
            );
        }
    }
    for stub in &laid.stubs {
        let key = &flows.ends[stub.end].node;
        let node = laid.nodes.iter().find(|node| node.key == *key);
        let node = node.expect("a node");
        let (_, y) = stub.from;
        assert!(y >= node.y - 0.11 && y + stub.thickness <= node.y + node.height + 0.31);
    }
}

#[test]
fn ways_through_nodes() {
    let all = [
        flows(&[]),
        flows(&[(1, "/", "/docs", 7.0)]),
        flows(&[
            (1, "/", "/docs", 1e12),
            (1, "/", "/pricing", 1.0),
            (1, ODD, "/docs", 3.0),
            (2, "/docs", "/", 0.0),
            (2, "/docs", ODD, 40.0),
            (7, "too", "far", 40.0),
        ]),
        joined(
            flows(&[(1, "/", "/docs", 7.0), (2, "/docs", "/", 2.0)]).edges,
            [(2, "/docs", 5.0), (9, "too far", 1.0)]
                .map(|(number, item, value)| AtNode {
                    node: (number, item.to_owned()),
                    weight: point(value),
                })
                .into(),
        ),
    ];
    let laid = all.map(|flows| {
        for width in WIDTHS {
            let height = flows::height(&flows, width);
            holds_together(&flows, Size { width, height });
        }
        at_widths(
            |size| flows::lay_out(&flows, size),
            |width| flows::height(&flows, width),
        )
    });
    insta::assert_snapshot!(laid.join("\n\n"));
}

#[test]
fn every_way_of_a_dense_web_holds_together() {
    let names = ["a", "b", "c", "d", "e"];
    let mut edges = Vec::new();
    for step in 1..=4 {
        for (place, from) in names.iter().enumerate() {
            for to in names {
                edges.push((step, *from, to, ((place * 7 + step * 3) % 11 * 10) as f64));
            }
        }
    }
    let flows = flows(&edges);
    for width in WIDTHS {
        let height = flows::height(&flows, width);
        holds_together(&flows, Size { width, height });
    }
}
