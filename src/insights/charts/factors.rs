//! Correlation: each factor's odds ratio with its interval on a logarithmic axis, and who is behind it.

use leptos::prelude::*;

use super::axis::{self, path, rect, round};
use super::mark::Marks;
use super::{Size, number};
use crate::insights::figure::{Cell, CellId, Factor, Factors};
use crate::insights::table::{Entry, Table};

/// Pixels of a row, and of the head.
const ROW: f64 = 36.0;
const HEAD: f64 = 36.0;

/// The ends of the axis; what lies beyond is drawn as an arrow there.
const LEAST: f64 = 1.0 / 16.0;
const MOST: f64 = 16.0;

/// Fewer people than these in any of the four numbers tell little.
const FEW: f64 = 5.0;

/// Narrower charts have no room for everything in one line.
const WIDE: f64 = 720.0;

/// What a factor says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Those with it convert more.
    More,
    /// Those with it convert less.
    Less,
    /// It cannot be told: the reason.
    Unclear(&'static str),
}

impl Direction {
    fn words(self) -> &'static str {
        match self {
            Self::More => "more likely",
            Self::Less => "less likely",
            Self::Unclear(reason) => reason,
        }
    }
}

/// The four numbers of a factor: with it and converted, with it and not, without it and converted, without it
/// and not.
pub fn two_by_two(all: &Factors, factor: &Factor) -> [f64; 4] {
    let (with_yes, with_no) = (factor.converted.value, factor.dropped.value);
    let rest = |total: u64, with: f64| (total as f64 - with).max(0.0);
    [
        with_yes,
        with_no,
        rest(all.converted, with_yes),
        rest(all.dropped, with_no),
    ]
}

/// The interval that holds the odds ratio with 95 % confidence (Woolf's, with half a person added to each
/// number where one is zero).
pub fn interval(numbers: [f64; 4]) -> (f64, f64, f64) {
    let added = if numbers.contains(&0.0) { 0.5 } else { 0.0 };
    let [a, b, c, d] = numbers.map(|number| number + added);
    let ratio = a * d / (b * c);
    let spread = 1.96 * (1.0 / a + 1.0 / b + 1.0 / c + 1.0 / d).sqrt();
    (ratio, ratio * (-spread).exp(), ratio * spread.exp())
}

/// What the numbers say.
pub fn direction(numbers: [f64; 4]) -> Direction {
    let (_, low, high) = interval(numbers);
    if numbers.iter().any(|number| *number < FEW) {
        Direction::Unclear("fewer than 5")
    } else if low > 1.0 {
        Direction::More
    } else if high < 1.0 {
        Direction::Less
    } else {
        Direction::Unclear("unclear")
    }
}

/// Where a factor stands on the axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The upper edge.
    pub y: f64,
    /// The dot, and the ends of the interval, as far as the axis reaches.
    pub dot: f64,
    /// The ends.
    pub whisker: (f64, f64),
    /// Whether the interval goes on to the left, to the right.
    pub goes_on: (bool, bool),
    /// The ratio and its interval in words.
    pub words: String,
    /// What it says.
    pub direction: Direction,
}

/// Where everything stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Laid {
    /// Pixels of the names; the axis follows: from, to.
    pub axis: (f64, f64),
    /// The right ends of the columns after it: the words, those converted, those not. In a narrow chart the
    /// words are left out.
    pub columns: [f64; 3],
    /// The factors.
    pub rows: Vec<Row>,
    /// The ticks with their words.
    pub ticks: Vec<(f64, &'static str)>,
}

fn place(value: f64, axis: (f64, f64)) -> f64 {
    let share = (value / LEAST).ln() / (MOST / LEAST).ln();
    round(axis.0 + share.clamp(0.0, 1.0) * (axis.1 - axis.0))
}

/// Where everything stands.
pub fn lay_out(factors: &Factors, size: Size) -> Laid {
    let is_wide = size.width >= WIDE;
    let names = if is_wide {
        (size.width * 0.24).min(260.0)
    } else {
        size.width * 0.34
    };
    let right = size.width;
    let columns = if is_wide {
        [right - 150.0, right - 78.0, right]
    } else {
        [right - 96.0, right - 50.0, right]
    };
    let end = if is_wide {
        columns[0] - 256.0
    } else {
        columns[1] - 46.0
    };
    let axis = (round(names + 8.0), round(end.max(names + 40.0)));
    let ticks: &[(f64, &str)] = if is_wide {
        &[
            (1.0 / 16.0, "1/16"),
            (0.25, "1/4"),
            (1.0, "1"),
            (4.0, "4"),
            (16.0, "16"),
        ]
    } else {
        &[(0.25, "1/4"), (1.0, "1"), (4.0, "4")]
    };
    let rows = factors
        .factors
        .iter()
        .enumerate()
        .map(|(number_of_row, factor)| {
            let numbers = two_by_two(factors, factor);
            let (ratio, low, high) = interval(numbers);
            let digits = |value: f64| number((value * 10.0).round() / 10.0);
            Row {
                y: HEAD + number_of_row as f64 * ROW,
                dot: place(ratio, axis),
                whisker: (place(low, axis), place(high, axis)),
                goes_on: (low < LEAST, high > MOST),
                words: format!("{} [{}, {}]", digits(ratio), digits(low), digits(high)),
                direction: direction(numbers),
            }
        });
    Laid {
        axis,
        columns: columns.map(round),
        rows: rows.collect(),
        ticks: ticks
            .iter()
            .map(|(value, words)| (place(*value, axis), *words))
            .collect(),
    }
}

/// How high it wants to be.
pub fn height(factors: &Factors, _width: f64) -> f64 {
    HEAD + factors.factors.len().max(1) as f64 * ROW + 8.0
}

/// The cells as the arrow keys walk them.
pub fn rows(factors: &Factors) -> Vec<Vec<CellId>> {
    let row = |factor: &Factor| {
        [factor.converted.cell, factor.dropped.cell]
            .into_iter()
            .flatten()
            .collect()
    };
    factors.factors.iter().map(row).collect()
}

/// The twin.
pub fn table(factors: &Factors) -> Table {
    let head = [
        "Factor",
        "Odds ratio",
        "95 % from",
        "to",
        "Direction",
        "Converted",
        "Did not",
        "Without it: converted",
        "did not",
    ];
    let rows = factors.factors.iter().map(|factor| {
        let numbers = two_by_two(factors, factor);
        let (ratio, low, high) = interval(numbers);
        let people = |value: f64, cell: Option<CellId>| Entry {
            text: number(value),
            cell,
        };
        vec![
            Entry::plain(&factor.name),
            Entry::plain(number(ratio)),
            Entry::plain(number(low)),
            Entry::plain(number(high)),
            Entry::plain(direction(numbers).words()),
            people(numbers[0], factor.converted.cell),
            people(numbers[1], factor.dropped.cell),
            people(numbers[2], factor.without[0]),
            people(numbers[3], factor.without[1]),
        ]
    });
    Table {
        head: head.map(str::to_owned).to_vec(),
        rows: rows.collect(),
    }
}

/// Draws it.
pub fn draw(factors: &Factors, cells: &[Cell], size: Size, marks: Marks) -> AnyView {
    let laid = lay_out(factors, size);
    let is_wide = size.width >= WIDE;
    let text = |class: &'static str, x: f64, y: f64, anchor: &'static str, words: String| {
        view! { <text class=class x=x y=y text-anchor=anchor>{words}</text> }.into_any()
    };
    let bottom = height(factors, size.width) - 8.0;
    let ticks = laid.ticks.iter().map(|(x, words)| {
        let class = if *words == "1" {
            "zero-line"
        } else {
            "grid-line"
        };
        view! {
            {path(class, format!("M{x} {HEAD}V{bottom}"))}
            {axis::label(*x, HEAD - 8.0, "middle", (*words).to_owned())}
        }
        .into_any()
    });
    let [words_end, converted_end, dropped_end] = laid.columns;
    let rows = laid.rows.iter().zip(&factors.factors).map(|(row, factor)| {
        let y = row.y + ROW / 2.0;
        let class = match row.direction {
            Direction::More => "factor is-more",
            Direction::Less => "factor is-less",
            Direction::Unclear(_) => "factor is-unclear",
        };
        let (from, to) = row.whisker;
        let end = |x: f64, goes_on: bool, towards: f64| {
            if goes_on {
                format!("M{} {}L{x} {y}L{} {}", x - towards, y - 4.0, x - towards, y + 4.0)
            } else {
                format!("M{x} {}V{}", y - 4.0, y + 4.0)
            }
        };
        let whisker = format!(
            "M{from} {y}H{to}{}{}",
            end(from, row.goes_on.0, -5.0),
            end(to, row.goes_on.1, 5.0)
        );
        let people = |point: &crate::insights::figure::Point, right: f64| {
            let shape = view! {
                {path("reach", rect(right - 46.0, row.y + 4.0, 50.0, ROW - 8.0))}
                {text("factor-number", right, y + 5.0, "end", number(point.value))}
            };
            match point.cell {
                Some(cell) => marks.mark(cell, &cells[cell], shape.into_any()),
                None => shape.into_any(),
            }
        };
        let details = is_wide.then(|| {
            view! {
                {text("factor-words", words_end - 104.0, y + 5.0, "end", row.words.clone())}
                {text("factor-words", words_end - 92.0, y + 5.0, "start", row.direction.words().to_owned())}
            }
        });
        view! {
            <g class=class>
                {path("row-line", format!("M0 {}H{}", row.y, size.width))}
                {text("row-name", 0.0, y + 5.0, "start", axis::fit(&factor.name, laid.axis.0 - 14.0))}
                {path("whisker", whisker)}
                <circle class="dot" cx=row.dot cy=y r="5"></circle>
                {details}
                {people(&factor.converted, converted_end)}
                {people(&factor.dropped, dropped_end)}
            </g>
        }
        .into_any()
    });
    let heads = if is_wide {
        ["converted", "did not"]
    } else {
        ["yes", "no"]
    };
    view! {
        {ticks.collect_view()}
        {axis::label(0.0, HEAD - 8.0, "start", "Factor".to_owned())}
        {axis::label(converted_end, HEAD - 8.0, "end", heads[0].to_owned())}
        {axis::label(dropped_end, HEAD - 8.0, "end", heads[1].to_owned())}
        {rows.collect_view()}
    }
    .into_any()
}
