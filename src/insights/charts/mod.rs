//! Charts: figures become geometry (pure), and geometry becomes SVG.
//!
//! Each form has a file: `lay_out` knows only numbers and a size, `draw` writes what was laid out as one `<svg>`,
//! `rows` are its cells as the arrow keys walk them, `height` is how high it wants to be at a width, `table` its twin.
//! [`mark`] is what all marks share: they can be pointed at, focused and opened.

pub mod axis;
pub mod bars;
pub mod diverging;
pub mod duration;
pub mod factors;
pub mod flows;
pub mod lines;
pub mod mark;
pub mod steps;
pub mod trace;
pub mod triangle;

use leptos::prelude::*;

use self::mark::Marks;
use super::figure::{Answer, CellId, Figure};
use super::table::Table;

/// The size of a chart in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Size {
    /// From left to right.
    pub width: f64,
    /// From top to bottom.
    pub height: f64,
}

/// How wide a figure is drawn where there is so much room. What has to be wider is scrolled.
pub fn width(figure: &Figure, room: f64) -> f64 {
    match figure {
        Figure::Triangle(figure) => triangle::width(figure).max(room),
        _ => room,
    }
}

/// How high a figure wants to be at a width.
pub fn height(figure: &Figure, width: f64) -> f64 {
    match figure {
        Figure::Lines(figure) => lines::height(figure, width),
        Figure::Bars(figure) => bars::height(figure, width),
        Figure::Diverging(figure) => diverging::height(figure, width),
        Figure::Steps(figure) => steps::height(figure, width),
        Figure::Factors(figure) => factors::height(figure, width),
        Figure::Triangle(figure) => triangle::height(figure, width),
        Figure::Flows(figure) => flows::height(figure, width),
    }
}

/// The cells of a figure as the arrow keys walk them, from top to bottom and from left to right.
pub fn rows(figure: &Figure) -> Vec<Vec<CellId>> {
    match figure {
        Figure::Lines(figure) => lines::rows(figure),
        Figure::Bars(figure) => bars::rows(figure),
        Figure::Diverging(figure) => diverging::rows(figure),
        Figure::Steps(figure) => steps::rows(figure),
        Figure::Factors(figure) => factors::rows(figure),
        Figure::Triangle(figure) => triangle::rows(figure),
        Figure::Flows(figure) => flows::rows(figure),
    }
}

/// The twin of a figure.
pub fn table(figure: &Figure) -> Table {
    match figure {
        Figure::Lines(figure) => lines::table(figure),
        Figure::Bars(figure) => bars::table(figure),
        Figure::Diverging(figure) => diverging::table(figure),
        Figure::Steps(figure) => steps::table(figure),
        Figure::Factors(figure) => factors::table(figure),
        Figure::Triangle(figure) => triangle::table(figure),
        Figure::Flows(figure) => flows::table(figure),
    }
}

/// What is said of a cell that is pointed at.
pub fn words(answer: &Answer, cell: CellId) -> String {
    if let Figure::Lines(figure) = &answer.figure
        && let Some(words) = lines::words(figure, cell)
    {
        return words;
    }
    let cell = &answer.cells[cell];
    format!("{}: {}", cell.title, number(cell.value))
}

/// Draws an answer.
pub fn draw(answer: &Answer, size: Size, marks: Marks) -> AnyView {
    let cells = &answer.cells;
    let drawn = match &answer.figure {
        Figure::Lines(figure) => lines::draw(figure, cells, size, marks),
        Figure::Bars(figure) => bars::draw(figure, cells, size, marks),
        Figure::Diverging(figure) => diverging::draw(figure, cells, size, marks),
        Figure::Steps(figure) => steps::draw(figure, cells, size, marks),
        Figure::Factors(figure) => factors::draw(figure, cells, size, marks),
        Figure::Triangle(figure) => triangle::draw(figure, cells, size, marks),
        Figure::Flows(figure) => flows::draw(figure, cells, size, marks),
    };
    let Size { width, height } = size;
    view! {
        <svg
            class="chart-picture"
            role="group"
            aria-label=answer.summary.clone()
            width=width
            height=height
            viewBox=format!("0 0 {width} {height}")
        >
            {patterns()}
            {drawn}
        </svg>
    }
    .into_any()
}

/// What tells parts apart where colours do not: stripes for those who went, dots for those who came back.
fn patterns() -> AnyView {
    view! {
        <defs>
            <pattern id="stripes" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
                <path class="pattern" d="M0 0V6"></path>
            </pattern>
            <pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
                <path class="pattern-hatch" d="M0 0V6"></path>
            </pattern>
            <pattern id="dots" width="6" height="6" patternUnits="userSpaceOnUse">
                <circle class="pattern" cx="3" cy="3" r="1"></circle>
            </pattern>
        </defs>
    }
    .into_any()
}

/// A number for people: whole ones with separators, others with two digits.
pub fn number(value: f64) -> String {
    let rounded = (value * 100.0).round() / 100.0;
    let (whole, rest) = (rounded.abs().trunc(), rounded.abs().fract());
    let digits = format!("{whole:.0}");
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if rest > 0.0 {
        let fraction = format!("{rest:.2}");
        text.push_str(fraction[1..].trim_end_matches('0'));
    }
    if rounded < 0.0 {
        text.insert(0, '\u{2212}');
    }
    text
}

#[cfg(test)]
mod tests;

#[cfg(test)]
mod numbers {
    use super::number;

    #[test]
    fn numbers_are_short_and_exact_enough() {
        for (value, text) in [
            (0.0, "0"),
            (-0.0, "0"),
            (7.0, "7"),
            (999.0, "999"),
            (1000.0, "1,000"),
            (1_234_567.0, "1,234,567"),
            (0.5, "0.5"),
            (1.005, "1"),
            (12.345, "12.35"),
            (0.999, "1"),
            (-1200.25, "\u{2212}1,200.25"),
        ] {
            assert_eq!(number(value), text, "{value}");
        }
    }
}
