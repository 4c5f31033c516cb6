//! Values over time: a line for each series, or bars side by side when there are only a few intervals.

use leptos::prelude::*;

use persons_api::Timestamp;
use persons_api::timestamp::DAY;

use super::axis::{self, Ticks, path, rect, round};
use super::mark::Marks;
use super::{Size, number};
use crate::insights::figure::{Cell, CellId, Lines, Scale, Series};
use crate::insights::order::put_in_order;
use crate::insights::table::{Entry, Table};

/// As many intervals or fewer are drawn as bars.
const MOST_BARS: usize = 14;

/// More series than these look like `Other`.
pub const COLOURS: usize = 6;

/// Pixels above and below the plot.
const TOP: f64 = 16.0;
const BOTTOM: f64 = 28.0;

/// Where everything stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Laid {
    /// The plot, without its labels: left, right, top, bottom.
    pub plot: [f64; 4],
    /// The numbers beside it.
    pub ticks: Ticks,
    /// Whether there are bars.
    pub is_bars: bool,
    /// The places of the points of each series, from left to right: the middle, and the value's height.
    pub points: Vec<Vec<(f64, f64)>>,
    /// How wide a bar is, or what belongs to a point.
    pub step: f64,
    /// The labels below: their middle, and the words.
    pub labels: Vec<(f64, String)>,
    /// The names at the end of the lines: their height, and the words. Empty for one series, and for bars.
    pub names: Vec<(f64, String)>,
}

/// Where everything stands.
pub fn lay_out(lines: &Lines, size: Size) -> Laid {
    let values = lines.series.iter().flat_map(|series| &series.points);
    let highest = values.clone().map(|point| point.value).fold(0.0, f64::max);
    let lowest = values.map(|point| point.value).fold(0.0, f64::min);
    let ticks = match lines.scale {
        Scale::Percent => Ticks {
            values: vec![0.0, 25.0, 50.0, 75.0, 100.0],
        },
        Scale::Number => Ticks::around(lowest, highest, 4),
    };
    let count = lines.labels.len();
    let is_bars = count <= MOST_BARS && lines.scale == Scale::Number;
    let is_named = lines.series.len() > 1 && !is_bars;
    let longest = lines
        .series
        .iter()
        .map(|series| series.name.chars().count());
    let room = if is_named {
        (longest.max().unwrap_or(0) as f64 * 6.8 + 16.0).min(size.width * 0.25)
    } else {
        8.0
    };
    let left = round(ticks.width(unit(lines.scale)) + 12.0);
    let (right, top, bottom) = (round(size.width - room), TOP, size.height - BOTTOM);
    let step = (right - left) / count.max(1) as f64;
    let middle = |place: usize| round(left + (place as f64 + 0.5) * step);
    let points = lines.series.iter().map(|series| {
        let points = series.points.iter().enumerate();
        points
            .map(|(place, point)| (middle(place), ticks.y(point.value, top, bottom)))
            .collect()
    });
    let points: Vec<Vec<(f64, f64)>> = points.collect();
    let every = axis::every(&lines.labels, step);
    let labels = lines.labels.iter().enumerate();
    let labels = labels
        // Counted from the end, as the latest says most.
        .filter(|(place, _)| (count - 1 - place).is_multiple_of(every))
        .map(|(place, label)| (middle(place), label.clone()));
    let names = if is_named {
        names(&lines.series, &points, room, bottom)
    } else {
        Vec::new()
    };
    Laid {
        plot: [left, right, top, bottom],
        ticks,
        is_bars,
        points,
        step,
        labels: labels.collect(),
        names,
    }
}

/// From where to where the pointer means the point of a series in an interval: halfway to the one above and to the
/// one below.
pub fn band(laid: &Laid, series: usize, interval: usize) -> [f64; 2] {
    let [_, _, top, bottom] = laid.plot;
    let (mut from, mut to) = (top - 8.0, bottom + 8.0);
    let (_, y) = laid.points[series][interval];
    for (other, points) in laid.points.iter().enumerate() {
        // The time before may be shorter.
        let Some((_, height)) = points.get(interval) else {
            continue;
        };
        let middle = (y + height) / 2.0;
        if (*height, other) < (y, series) {
            from = middle.max(from);
        } else if other != series {
            to = middle.min(to);
        }
    }
    [from, to]
}

/// The interval that a cell is of.
fn place(lines: &Lines, cell: CellId) -> Option<usize> {
    lines.series.iter().find_map(|series| {
        let mut points = series.points.iter();
        points.position(|point| point.cell == Some(cell))
    })
}

/// The days from the interval of one cell to that of another; `None` if it is the same one. `to` is the day up to
/// which was asked.
pub fn range(lines: &Lines, cells: [CellId; 2], to: &str) -> Option<[String; 2]> {
    let (one, other) = (place(lines, cells[0])?, place(lines, cells[1])?);
    let (first, last) = (one.min(other), one.max(other));
    let day = |text: &str| text.get(..10).map(str::to_owned);
    let is_within_a_day = lines.days.get(last)?.len() > 10;
    let end = match lines.days.get(last + 1) {
        _ if is_within_a_day => day(&lines.days[last])?,
        Some(next) => day(&Timestamp(Timestamp::parse(next)?.0 - DAY).to_string())?,
        None => to.to_owned(),
    };
    (one != other).then_some([day(&lines.days[first])?, end])
}

/// What stands behind a number.
pub fn unit(scale: Scale) -> &'static str {
    match scale {
        Scale::Number => "",
        Scale::Percent => "%",
    }
}

/// Names at the end of their lines, moved apart where lines end together.
fn names(
    series: &[Series],
    points: &[Vec<(f64, f64)>],
    room: f64,
    bottom: f64,
) -> Vec<(f64, String)> {
    const LINE: f64 = 16.0;
    let most = ((bottom - TOP) / LINE).floor() as usize;
    let mut order: Vec<usize> = (0..series.len().min(most)).collect();
    let end = |place: usize| points[place].last().map_or(bottom, |(_, y)| *y);
    put_in_order(&mut order, |one, other| end(*one) < end(*other));
    let mut heights = vec![0.0; order.len()];
    let mut free = TOP;
    for (above, place) in order.iter().enumerate() {
        // Those below must find room, too.
        let lowest = bottom - (order.len() - 1 - above) as f64 * LINE;
        heights[*place] = end(*place).min(lowest).max(free);
        free = heights[*place] + LINE;
    }
    let words = series
        .iter()
        .map(|series| axis::fit(&series.name, room - 12.0));
    heights.into_iter().zip(words).collect()
}

/// How high it wants to be.
pub fn height(_lines: &Lines, width: f64) -> f64 {
    if width < 500.0 { 260.0 } else { 340.0 }
}

/// The cells as the arrow keys walk them.
pub fn rows(lines: &Lines) -> Vec<Vec<CellId>> {
    let cells = |series: &Series| {
        series
            .points
            .iter()
            .filter_map(|point| point.cell)
            .collect()
    };
    lines.series.iter().map(cells).collect()
}

/// The twin.
pub fn table(lines: &Lines) -> Table {
    let names = lines.series.iter().map(|series| series.name.clone());
    let rows = lines.labels.iter().enumerate().map(|(place, label)| {
        let values = lines
            .series
            .iter()
            .map(|series| match series.points.get(place) {
                Some(point) => Entry {
                    text: number(point.value) + unit(lines.scale),
                    cell: point.cell,
                },
                None => Entry::default(),
            });
        std::iter::once(Entry::plain(label)).chain(values).collect()
    });
    Table {
        head: std::iter::once("Interval".to_owned())
            .chain(names)
            .collect(),
        rows: rows.collect(),
    }
}

/// All series at the interval of a cell, the largest first; `None` if there is only one.
pub fn words(lines: &Lines, cell: CellId) -> Option<String> {
    let place = place(lines, cell)?;
    let mut here: Vec<(&str, f64)> = lines
        .series
        .iter()
        .filter_map(|series| Some((&*series.name, series.points.get(place)?.value)))
        .collect();
    if here.len() < 2 {
        return None;
    }
    put_in_order(&mut here, |one, other| one.1 > other.1);
    let more = here.len().saturating_sub(COLOURS);
    let unit = unit(lines.scale);
    let mut words: Vec<String> = here
        .iter()
        .take(COLOURS)
        .map(|(name, value)| format!("{name} {}{unit}", number(*value)))
        .collect();
    if more > 0 {
        words.push(format!("and {more} more"));
    }
    Some(format!(
        "{}: {}",
        lines.labels.get(place)?,
        words.join(" · ")
    ))
}

/// The class of a series: its colour and its dashes.
pub fn class_of(place: usize) -> &'static str {
    const CLASSES: [&str; COLOURS + 1] = [
        "series-1",
        "series-2",
        "series-3",
        "series-4",
        "series-5",
        "series-6",
        "series-other",
    ];
    CLASSES[place.min(COLOURS)]
}

/// Draws it.
pub fn draw(lines: &Lines, cells: &[Cell], size: Size, marks: Marks) -> AnyView {
    let laid = lay_out(lines, size);
    let [left, right, top, bottom] = laid.plot;
    let series = lines.series.iter().enumerate().map(|(place, series)| {
        let marks = if laid.is_bars {
            bars(lines, &laid, place, cells, marks)
        } else {
            line(lines, &laid, place, cells, marks)
        };
        let class = match series.earlier_of {
            Some(of) => class_of(of).to_owned() + " is-earlier",
            None => class_of(place).to_owned(),
        };
        view! { <g class=class>{marks}</g> }.into_any()
    });
    let labels = laid
        .labels
        .iter()
        .map(|(x, words)| axis::below(*x, size.height - 8.0, size.width, words.clone()));
    let names = laid
        .names
        .iter()
        .map(|(y, words)| axis::label(right + 8.0, y + 4.0, "start", words.clone()));
    view! {
        {axis::grid(&laid.ticks, left, right, top, bottom, unit(lines.scale))}
        {grabbed(lines, &laid, marks)}
        {labels.collect_view()}
        {names.collect_view()}
        {series.collect_view()}
    }
    .into_any()
}

/// The intervals from where the pointer was pressed to where it is.
fn grabbed(lines: &Lines, laid: &Laid, marks: Marks) -> AnyView {
    let lines = lines.clone();
    let ([left, _, top, bottom], step) = (laid.plot, laid.step);
    let d = move || {
        let one = place(&lines, marks.grabbed.get()?)?;
        let other = place(&lines, marks.pointed.get()?)?;
        let from = left + one.min(other) as f64 * step;
        let width = (one.abs_diff(other) + 1) as f64 * step;
        (one != other).then(|| rect(from, top, width, bottom - top))
    };
    view! { <path class="grabbed" d=move || d().unwrap_or_default()></path> }.into_any()
}

/// A line, its last piece dashed while the last interval is not over, and a mark for each point.
fn line(lines: &Lines, laid: &Laid, place: usize, cells: &[Cell], marks: Marks) -> AnyView {
    let points = &laid.points[place];
    let [_, _, top, bottom] = laid.plot;
    let way = |points: &[(f64, f64)]| -> String {
        let steps = points.iter().enumerate();
        steps
            .map(|(place, (x, y))| format!("{}{x} {y}", if place == 0 { "M" } else { "L" }))
            .collect()
    };
    let last = points.len().saturating_sub(1);
    let is_earlier = lines.series[place].earlier_of.is_some();
    let (sure, open) = if lines.is_unfinished && !is_earlier {
        (
            &points[..points.len().saturating_sub(1)],
            &points[last.saturating_sub(1)..],
        )
    } else {
        (&points[..], &points[..0])
    };
    let each = points
        .iter()
        .zip(&lines.series[place].points)
        .enumerate()
        .map(|(number, ((x, y), point))| {
            let Some(cell) = point.cell else {
                return ().into_any();
            };
            let [from, to] = band(laid, place, number);
            let half = (laid.step / 2.0).max(1.0);
            let shape = view! {
                {path("reach", rect(x - half, from, half * 2.0, to - from))}
                {path("crosshair", format!("M{x} {top}V{bottom}"))}
                <circle class="dot" cx=*x cy=*y r="4"></circle>
            };
            marks.mark(cell, &cells[cell], shape.into_any())
        });
    view! {
        {path("line", way(sure))}
        {path("line is-open", way(open))}
        {each.collect_view()}
    }
    .into_any()
}

/// Bars of a series.
fn bars(lines: &Lines, laid: &Laid, place: usize, cells: &[Cell], marks: Marks) -> AnyView {
    let [_, _, top, bottom] = laid.plot;
    let zero = laid.ticks.y(0.0, top, bottom);
    let count = lines.series.len() as f64;
    let group = (laid.step * 0.7).min(72.0 * count);
    let width = group / count;
    let series = &lines.series[place];
    let points = &series.points;
    let each = laid.points[place].iter().zip(points).enumerate().map(|(number, ((x, y), point))| {
        let from = x - group / 2.0 + place as f64 * width;
        let is_open = lines.is_unfinished && series.earlier_of.is_none() && number + 1 == points.len();
        let class = if is_open { "bar is-open" } else { "bar" };
        let shape = view! {
            {path("reach", rect(from, top, width, bottom - top))}
            {path(class, rect(from + 1.0, y.min(zero), (width - 2.0).max(1.0), (zero - y).abs().max(1.0)))}
        };
        match point.cell {
            Some(cell) => marks.mark(cell, &cells[cell], shape.into_any()),
            None => shape.into_any(),
        }
    });
    each.collect_view().into_any()
}
