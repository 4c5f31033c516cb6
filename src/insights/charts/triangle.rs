//! Retention: a curve on top, and below it the share of each row that was there after each interval.

use leptos::prelude::*;

use super::axis::{self, Ticks, path, rect, round};
use super::mark::Marks;
use super::{Size, number};
use crate::insights::figure::{Cell, CellId, Triangle, TriangleRow};
use crate::insights::table::{Entry, Table};

/// Pixels of a row, of the curve, and of the head between them.
const ROW: f64 = 34.0;
const CURVE: f64 = 150.0;
const HEAD: f64 = 40.0;

/// Cells are not narrower than this: the text in them has to be read.
const NARROWEST: f64 = 44.0;

/// Pixels for the sizes of rows.
const SIZES: f64 = 56.0;

/// Steps of the ramp.
const SHADES: usize = 10;

/// Where everything stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Laid {
    /// Where cells begin, and how wide each is.
    pub cells: (f64, f64),
    /// Where the names end and the sizes end.
    pub names: [f64; 2],
    /// The weighted mean of each column in percent, over the cells that are complete.
    pub means: Vec<Option<f64>>,
    /// The middles and heights of the curve.
    pub curve: Vec<(f64, f64)>,
}

/// How many of a row were there, in percent of all of it; `None` if the row is empty.
pub fn share(row: &TriangleRow, column: usize) -> Option<f64> {
    let size = row.size.value;
    let value = row.values.get(column)?.value;
    (size > 0.0).then(|| value / size * 100.0)
}

/// Whether the interval of a cell is not over yet.
pub fn is_open(triangle: &Triangle, row: usize, column: usize) -> bool {
    let row = &triangle.rows[row];
    row.is_unfinished && column + 1 == row.values.len()
}

/// The means, each weighted with the size of its rows.
pub fn means(triangle: &Triangle) -> Vec<Option<f64>> {
    let mean = |column: usize| {
        let complete =
            triangle.rows.iter().enumerate().filter(|(place, row)| {
                row.values.len() > column && !is_open(triangle, *place, column)
            });
        let (there, all) = complete.fold((0.0, 0.0), |(there, all), (_, row)| {
            (there + row.values[column].value, all + row.size.value)
        });
        (all > 0.0).then(|| there / all * 100.0)
    };
    (0..triangle.all.values.len()).map(mean).collect()
}

/// Where everything stands.
pub fn lay_out(triangle: &Triangle, size: Size) -> Laid {
    let means = means(triangle);
    let words = names_width(triangle);
    let left = words + SIZES;
    let columns = means.len().max(1) as f64;
    let width = round(((size.width - left) / columns).clamp(NARROWEST, 96.0));
    let ticks = curve_ticks();
    let curve = means.iter().enumerate().filter_map(|(column, mean)| {
        let x = round(left + (column as f64 + 0.5) * width);
        Some((x, ticks.y((*mean)?, 16.0, CURVE - 8.0)))
    });
    Laid {
        cells: (left, width),
        names: [words, left - 12.0],
        curve: curve.collect(),
        means,
    }
}

/// Pixels for the names of rows.
fn names_width(triangle: &Triangle) -> f64 {
    let names = triangle.rows.iter().map(|row| row.name.chars().count());
    let longest = names.max().unwrap_or(0).max("Began".len());
    (longest as f64 * 7.0 + 8.0).min(140.0)
}

/// How wide it has to be at least.
pub fn width(triangle: &Triangle) -> f64 {
    names_width(triangle) + SIZES + triangle.all.values.len() as f64 * NARROWEST
}

fn curve_ticks() -> Ticks {
    Ticks {
        values: vec![0.0, 50.0, 100.0],
    }
}

/// How high it wants to be.
pub fn height(triangle: &Triangle, _width: f64) -> f64 {
    CURVE + HEAD + (triangle.rows.len() + 1) as f64 * ROW
}

/// The cells as the arrow keys walk them: each row begins with all of its people.
pub fn rows(triangle: &Triangle) -> Vec<Vec<CellId>> {
    let row = |row: &TriangleRow| {
        let all = std::iter::once(&row.size).chain(&row.values);
        all.filter_map(|point| point.cell).collect()
    };
    std::iter::once(&triangle.all)
        .chain(&triangle.rows)
        .map(row)
        .collect()
}

/// The twin.
pub fn table(triangle: &Triangle) -> Table {
    let columns = triangle.all.values.len();
    let mut head = vec!["Began".to_owned(), "People".to_owned()];
    head.extend((0..columns).map(|column| format!("{} {column}", triangle.period)));
    let rows = std::iter::once(&triangle.all).chain(&triangle.rows);
    let rows = rows.map(|row| {
        let mut entries = vec![
            Entry::plain(&row.name),
            Entry {
                text: number(row.size.value),
                cell: row.size.cell,
            },
        ];
        entries.extend((0..columns).map(|column| match row.values.get(column) {
            Some(point) => Entry {
                text: number(point.value),
                cell: point.cell,
            },
            None => Entry::default(),
        }));
        entries
    });
    Table {
        rows: rows.collect(),
        head,
    }
}

fn percent(share: Option<f64>) -> String {
    share.map_or("–".to_owned(), |share| {
        format!("{}%", number(share.round()))
    })
}

/// The class of a shade of the ramp.
fn shade(share: Option<f64>) -> String {
    let place = (share.unwrap_or(0.0) / 100.0 * SHADES as f64).floor() as usize;
    format!("heat heat-{}", place.min(SHADES - 1))
}

/// Draws it.
pub fn draw(triangle: &Triangle, cells: &[Cell], size: Size, marks: Marks) -> AnyView {
    let laid = lay_out(triangle, size);
    let (left, width) = laid.cells;
    let right = left + triangle.all.values.len() as f64 * width;
    let middle = |column: usize| round(left + (column as f64 + 0.5) * width);
    let text = |x: f64, y: f64, anchor: &'static str, class: &'static str, words: String| {
        view! { <text class=class x=x y=y text-anchor=anchor>{words}</text> }.into_any()
    };
    let top = CURVE + HEAD;
    // Whoever cannot see the share hears it.
    let heard = |cell: CellId, words: &str| Cell {
        title: [&cells[cell].title, ", ", words].concat(),
        ..cells[cell].clone()
    };
    let columns = laid.means.iter().zip(&triangle.all.values);
    let columns = columns.enumerate().map(|(column, (mean, everyone))| {
        let x = left + column as f64 * width;
        let head = if width > 64.0 {
            format!("{} {column}", triangle.period)
        } else {
            column.to_string()
        };
        let words = match triangle.is_counted {
            true => number(everyone.value),
            false => percent(*mean),
        };
        let shape = view! {
            {path("reach", rect(x + 1.0, CURVE + 6.0, width - 2.0, HEAD - 5.0))}
            <g class=shade(*mean)>
                {path("heat-cell", rect(x + 1.0, top + 1.0, width - 2.0, ROW - 2.0))}
                {text(middle(column), top + 22.0, "middle", "heat-text is-strong", words.clone())}
            </g>
        };
        let mark = match everyone.cell {
            Some(cell) => marks.mark(cell, &heard(cell, &words), shape.into_any()),
            None => shape.into_any(),
        };
        view! {
            {mark}
            <g pointer-events="none">{axis::label(middle(column), CURVE + 24.0, "middle", head)}</g>
        }
        .into_any()
    });
    let everyone = path("reach", rect(0.0, top, left - 6.0, ROW));
    let everyone = match triangle.all.size.cell {
        Some(cell) => marks.mark(cell, &cells[cell], everyone),
        None => everyone,
    };
    let heads = triangle.rows.iter().enumerate().map(|(place, row)| {
        let y = top + (place + 1) as f64 * ROW;
        let reach = path("reach", rect(0.0, y, left - 6.0, ROW));
        let reach = match row.size.cell {
            Some(cell) => marks.mark(cell, &cells[cell], reach),
            None => reach,
        };
        // Beside the mark, not in it: what is drawn may be cut off, and the mark's name says all of it.
        view! {
            {reach}
            <g pointer-events="none">
                {text(0.0, y + 22.0, "start", "row-name", axis::fit(&row.name, laid.names[0]))}
                {text(laid.names[1], y + 22.0, "end", "row-size", number(row.size.value))}
            </g>
        }
        .into_any()
    });
    let rows = triangle.rows.iter().enumerate().map(|(place, row)| {
        let y = top + (place + 1) as f64 * ROW;
        let values = row.values.iter().enumerate().map(|(column, point)| {
            let x = left + column as f64 * width;
            let open = is_open(triangle, place, column);
            let class = if open {
                "heat-cell is-open"
            } else {
                "heat-cell"
            };
            let words = match triangle.is_counted {
                true => number(point.value),
                false => percent(share(row, column)),
            };
            let words = words + if open { "~" } else { "" };
            let shape = view! {
                <g class=shade(share(row, column))>
                    {path(class, rect(x + 1.0, y + 1.0, width - 2.0, ROW - 2.0))}
                    {text(middle(column), y + 22.0, "middle", "heat-text", words.clone())}
                </g>
            };
            match point.cell {
                Some(cell) => marks.mark(cell, &heard(cell, &words), shape.into_any()),
                None => shape.into_any(),
            }
        });
        values.collect_view().into_any()
    });
    let way: String = laid
        .curve
        .iter()
        .enumerate()
        .map(|(place, (x, y))| format!("{}{x} {y}", if place == 0 { "M" } else { "L" }))
        .collect();
    let dots = laid
        .curve
        .iter()
        .map(|(x, y)| view! { <circle class="dot" cx=*x cy=*y r="3.5"></circle> }.into_any());
    view! {
        {axis::lines(&curve_ticks(), [left, right], 16.0, CURVE - 8.0)}
        <g class="series-1">{path("line", way)} {dots.collect_view()}</g>
        {columns.collect_view()}
        {rows.collect_view()}
        // What cells are scrolled under.
        <g class="row-heads">
            {path("ground", rect(0.0, 0.0, left - 2.0, size.height))}
            {text(0.0, 20.0, "start", "axis", "Weighted".to_owned())}
            {text(0.0, 36.0, "start", "axis", "mean".to_owned())}
            {axis::numbers(&curve_ticks(), left, 16.0, CURVE - 8.0, "%")}
            {text(0.0, CURVE + 24.0, "start", "axis", "Began".to_owned())}
            {text(laid.names[1], CURVE + 24.0, "end", "axis", "People".to_owned())}
            {everyone}
            <g pointer-events="none">
                {text(0.0, top + 22.0, "start", "row-name is-strong", triangle.all.name.clone())}
                {text(laid.names[1], top + 22.0, "end", "row-size is-strong", number(triangle.all.size.value))}
            </g>
            {heads.collect_view()}
        </g>
    }
    .into_any()
}
