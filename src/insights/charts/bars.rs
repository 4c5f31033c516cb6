//! Bars side by side, with the line of how many are in a bar or a later one.

use leptos::prelude::*;

use super::axis::{self, Ticks, path, rect, round};
use super::lines::{class_of, unit};
use super::mark::Marks;
use super::{Size, number};
use crate::insights::figure::{Bars, Cell, CellId, Point};
use crate::insights::table::{Entry, Table};

/// Pixels above and below the plot.
const TOP: f64 = 16.0;
const BOTTOM: f64 = 46.0;

/// Where everything stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Laid {
    /// The plot, without its labels: left, right, top, bottom.
    pub plot: [f64; 4],
    /// The numbers beside it.
    pub ticks: Ticks,
    /// What belongs to a label, in pixels.
    pub step: f64,
    /// For each series its bars: left, top, width, height.
    pub bars: Vec<Vec<[f64; 4]>>,
    /// The line: for each label the left end and the height.
    pub or_more: Vec<(f64, f64)>,
    /// The labels below: their middle, and the words.
    pub labels: Vec<(f64, String)>,
}

/// Where everything stands.
pub fn lay_out(bars: &Bars, size: Size) -> Laid {
    let all = bars.series.iter().flat_map(|series| &series.points);
    let all = all.chain(&bars.or_more).map(|point| point.value);
    let ticks = Ticks::around(all.clone().fold(0.0, f64::min), all.fold(0.0, f64::max), 4);
    let left = round(ticks.width(unit(bars.scale)) + 12.0);
    let (right, top, bottom) = (size.width - 8.0, TOP, size.height - BOTTOM);
    let step = (right - left) / bars.labels.len().max(1) as f64;
    let zero = ticks.y(0.0, top, bottom);
    let count = bars.series.len().max(1) as f64;
    let group = (step * 0.7).min(96.0 * count);
    let width = group / count;
    let of_series = |(place, points): (usize, &Vec<Point>)| {
        let points = points.iter().enumerate();
        points
            .map(|(number, point)| {
                let x = left + (number as f64 + 0.5) * step - group / 2.0 + place as f64 * width;
                let y = ticks.y(point.value, top, bottom);
                [
                    x,
                    y.min(zero),
                    (width - 1.0).max(1.0),
                    (zero - y).abs().max(1.0),
                ]
                .map(round)
            })
            .collect()
    };
    let series = bars.series.iter().map(|series| &series.points).enumerate();
    let or_more = bars.or_more.iter().enumerate().map(|(place, point)| {
        (
            round(left + place as f64 * step),
            ticks.y(point.value, top, bottom),
        )
    });
    let every = axis::every(&bars.labels, step);
    let labels = bars.labels.iter().enumerate();
    let labels = labels
        .filter(|(place, _)| place.is_multiple_of(every))
        .map(|(place, label)| {
            let words = axis::fit(label, (step * every as f64).max(40.0));
            (round(left + (place as f64 + 0.5) * step), words)
        });
    Laid {
        plot: [left, right, top, bottom],
        bars: series.map(of_series).collect(),
        or_more: or_more.collect(),
        labels: labels.collect(),
        ticks,
        step,
    }
}

/// How high it wants to be.
pub fn height(_bars: &Bars, width: f64) -> f64 {
    if width < 500.0 { 280.0 } else { 360.0 }
}

/// The cells as the arrow keys walk them: the line above the bars.
pub fn rows(bars: &Bars) -> Vec<Vec<CellId>> {
    let cells = |points: &Vec<Point>| points.iter().filter_map(|point| point.cell).collect();
    let all = std::iter::once(&bars.or_more).filter(|points| !points.is_empty());
    let all = all.chain(bars.series.iter().map(|series| &series.points));
    all.map(cells).collect()
}

/// The twin.
pub fn table(bars: &Bars) -> Table {
    let mut head = vec![bars.axis.clone()];
    head.extend(
        bars.series
            .iter()
            .map(|series| match series.name.is_empty() {
                true => "People".to_owned(),
                false => series.name.clone(),
            }),
    );
    let has_more = !bars.or_more.is_empty();
    if has_more {
        head.push("or more".to_owned());
    }
    let entry = |point: Option<&Point>| match point {
        Some(point) => Entry {
            text: number(point.value),
            cell: point.cell,
        },
        None => Entry::default(),
    };
    let rows = bars.labels.iter().enumerate().map(|(place, label)| {
        let mut row = vec![Entry::plain(label)];
        row.extend(
            bars.series
                .iter()
                .map(|series| entry(series.points.get(place))),
        );
        if has_more {
            row.push(entry(bars.or_more.get(place)));
        }
        row
    });
    Table {
        rows: rows.collect(),
        head,
    }
}

/// Draws it.
pub fn draw(bars: &Bars, cells: &[Cell], size: Size, marks: Marks) -> AnyView {
    let laid = lay_out(bars, size);
    let [left, right, top, bottom] = laid.plot;
    let series = bars
        .series
        .iter()
        .zip(&laid.bars)
        .enumerate()
        .map(|(place, (series, drawn))| {
            let each = series
                .points
                .iter()
                .zip(drawn)
                .map(|(point, [x, y, width, height])| {
                    // A low bar can be hit, too, above its end.
                    let reach = rect(
                        *x,
                        (bottom - 24.0).min(*y),
                        *width,
                        bottom - (bottom - 24.0).min(*y),
                    );
                    let shape = view! {
                        {path("reach", reach)}
                        {path("bar", rect(*x, *y, *width, *height))}
                    };
                    match point.cell {
                        Some(cell) => marks.mark(cell, &cells[cell], shape.into_any()),
                        None => shape.into_any(),
                    }
                });
            view! { <g class=class_of(place)>{each.collect_view()}</g> }.into_any()
        });
    let stairs: String = laid
        .or_more
        .iter()
        .enumerate()
        .map(|(place, (x, y))| {
            let begin = if place == 0 {
                format!("M{x} {y}")
            } else {
                format!("V{y}")
            };
            format!("{begin}H{}", round(x + laid.step))
        })
        .collect();
    let or_more = laid
        .or_more
        .iter()
        .zip(&bars.or_more)
        .map(|((x, y), point)| {
            let shape = view! {
                {path("reach", rect(*x, y - 8.0, laid.step, 16.0))}
                {path("stair", format!("M{x} {y}h{}", round(laid.step)))}
            };
            match point.cell {
                Some(cell) => marks.mark(cell, &cells[cell], shape.into_any()),
                None => shape.into_any(),
            }
        });
    let labels = laid
        .labels
        .iter()
        .map(|(x, words)| axis::below(*x, bottom + 18.0, size.width, words.clone()));
    let note = match laid.or_more.first() {
        Some((x, y)) => axis::label(x + 4.0, y - 6.0, "start", "this many or more".to_owned()),
        None => ().into_any(),
    };
    let middle = (left + right) / 2.0;
    view! {
        {axis::grid(&laid.ticks, left, right, top, bottom, unit(bars.scale))}
        {labels.collect_view()}
        {axis::label(middle, size.height - 6.0, "middle", bars.axis.clone())}
        {series.collect_view()}
        <g class="series-3">{path("stairs", stairs)} {or_more.collect_view()}</g>
        {note}
    }
    .into_any()
}
