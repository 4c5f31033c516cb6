//! Charts: figures become geometry (pure), and geometry becomes SVG.
//!
//! Each form has a file: `lay_out` knows only numbers and a size, `draw` writes what was laid out as one `<svg>`,
//! `rows` are its cells as the arrow keys walk them, `height` is how high it wants to be at a width, `table` its twin.
//! [`mark`] is what all marks share: they can be pointed at, focused and opened.

pub mod duration;
pub mod mark;

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

/// How high a figure wants to be at a width.
pub fn height(figure: &Figure, width: f64) -> f64 {
    let _ = (figure, width);
    320.0
}
/// The cells of a figure as the arrow keys walk them, from top to bottom and from left to right.
pub fn rows(_figure: &Figure) -> Vec<Vec<CellId>> {
    Vec::new()
}
/// The twin of a figure.
pub fn table(_figure: &Figure) -> Table {
    Table::default()
}
/// Draws an answer.
pub fn draw(_answer: &Answer, _size: Size, _marks: Marks) -> AnyView {
    ().into_any()
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
mod tests {
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
