//! One property over time: pieces of a line in which its value stays the same, and marks where it changes.

use serde_json::Value;

use super::scale::{Scale, WHOLE};
use crate::api::history::Point;

/// Tints that tell neighbouring values apart.
const SHADES: usize = 3;

/// A piece of the line, between two places.
#[derive(Clone, Debug, PartialEq)]
pub struct Piece {
    /// Where it begins.
    pub from: u32,
    /// Where it ends.
    pub to: u32,
    /// What is there.
    pub what: What,
}

/// What is known in a piece.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// A value, and its tint: the same value has the same one.
    Value(Value, usize),
    /// The person lacks the property.
    Missing,
    /// So many changes that they cannot be told apart here.
    Many(usize),
}

/// The line of a property.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Line {
    /// Its pieces, from left to right. Before the first one nothing is known.
    pub pieces: Vec<Piece>,
    /// Where it changes, as far as that can be told apart.
    pub marks: Vec<u32>,
}

/// The line of a property. Changes closer than `finest` are one piece.
pub fn line(points: &[Point], key: &str, scale: Scale, finest: u32) -> Line {
    let mut runs: Vec<(u32, Option<&Value>)> = Vec::new();
    for point in points {
        let value = point.properties.get(key);
        if runs.last().is_none_or(|(_, last)| *last != value) {
            runs.push((scale.place(point.at), value));
        }
    }
    let mut line = Line::default();
    let mut values: Vec<&Value> = Vec::new();
    let mut first = 0;
    while first < runs.len() {
        let is_close = |last: &usize| {
            let next = runs.get(last + 1);
            next.is_some_and(|(next, _)| next - runs[*last].0 < finest)
        };
        let mut last = first;
        while is_close(&last) {
            last += 1;
        }
        let (begin, (place, value)) = (runs[first].0, runs[last]);
        let end = runs.get(last + 1).map_or(WHOLE, |(next, _)| *next);
        let mut from = place;
        // The first run of all is no change.
        let changes = last - first + usize::from(first > 0);
        if last > first {
            from = place.max(begin + finest).min(WHOLE);
            line.pieces.push(Piece {
                from: begin,
                to: from,
                what: What::Many(changes),
            });
        } else if changes > 0 {
            line.marks.push(place);
        }
        if from < end {
            let what = value.map_or(What::Missing, |value| {
                let known = values.iter().position(|known| *known == value);
                let shade = known.unwrap_or_else(|| {
                    values.push(value);
                    values.len() - 1
                });
                What::Value(value.clone(), shade % SHADES)
            });
            line.pieces.push(Piece {
                from,
                to: end,
                what,
            });
        }
        first = last + 1;
    }
    line
}

/// The height of a line, in the units of its shapes.
const HEIGHT: u32 = 26;

/// What a line looks like: paths with their classes, on a field of ten thousand by twenty-six. Stretched to
/// any width they stay what they are: pieces are boxes, what is missing is a line in the middle, and marks are
/// points, which are as large as their stroke is wide.
pub fn shape(line: &Line) -> [(&'static str, String); 7] {
    let mut shapes = [
        "shade-0",
        "shade-1",
        "shade-2",
        "is-many",
        "is-missing",
        "mark",
        "mark-inside",
    ]
    .map(|class| (class, String::new()));
    let mut draw = |shape: usize, parts: &[&str], numbers: &[u32]| {
        for (part, number) in parts.iter().zip(numbers) {
            shapes[shape].1.push_str(part);
            shapes[shape].1.push_str(&number.to_string());
        }
    };
    for Piece { from, to, what } in &line.pieces {
        let shape = match what {
            What::Value(_, shade) => *shade,
            What::Many(_) => SHADES,
            What::Missing => {
                draw(SHADES + 1, &["M", " ", "H"], &[*from, HEIGHT / 2, *to]);
                continue;
            }
        };
        draw(
            shape,
            &["M", " 0H", "V", "H", "V"],
            &[*from, *to, HEIGHT, *from, 0],
        );
    }
    for place in &line.marks {
        for shape in [SHADES + 2, SHADES + 3] {
            draw(shape, &["M", " ", "h"], &[*place, HEIGHT / 2, 0]);
        }
    }
    shapes
}

#[cfg(test)]
mod tests {
    use persons_api::Timestamp;
    use serde_json::json;

    use super::*;

    const MINUTE: i64 = 60_000_000;

    /// A scale on which a minute is one place.
    const SCALE: Scale = Scale {
        from: Timestamp(0),
        to: Timestamp(MINUTE * WHOLE as i64),
    };

    /// Points at these places; a value of `[]` stands for none.
    fn drawn(values: &[(i64, Value)], finest: u32) -> Line {
        let points: Vec<Point> = values
            .iter()
            .map(|(place, value)| {
                let properties = match value {
                    Value::Array(_) => json!({}),
                    value => json!({"plan": value}),
                };
                Point {
                    at: Timestamp(place * MINUTE),
                    properties: properties.as_object().expect("an object").clone(),
                }
            })
            .collect();
        line(&points, "plan", SCALE, finest)
    }

    fn pieces(line: &Line) -> Vec<(u32, u32, String)> {
        let told = line.pieces.iter().map(|piece| {
            let what = match &piece.what {
                What::Value(value, shade) => format!("{value} {shade}"),
                What::Missing => "-".into(),
                What::Many(count) => format!("{count} changes"),
            };
            (piece.from, piece.to, what)
        });
        told.collect()
    }

    #[test]
    fn a_value_that_comes_back_has_its_tint_back() {
        let line = drawn(
            &[
                (1000, json!("free")),
                (2000, json!("pro")),
                // Another key changed here.
                (3000, json!("pro")),
                (5000, json!("free")),
            ],
            40,
        );
        assert_eq!(
            pieces(&line),
            [
                (1000, 2000, "\"free\" 0".into()),
                (2000, 5000, "\"pro\" 1".into()),
                (5000, WHOLE, "\"free\" 0".into())
            ]
        );
        assert_eq!(line.marks, [2000, 5000]);
    }

    #[test]
    fn null_missing_and_empty_are_three_things_and_types_differ() {
        let line = drawn(
            &[
                (0, json!([])),
                (1000, json!(null)),
                (2000, json!("")),
                (3000, json!("41")),
                (4000, json!(41)),
                (5000, json!([])),
            ],
            40,
        );
        let told: Vec<String> = pieces(&line).into_iter().map(|piece| piece.2).collect();
        assert_eq!(told, ["-", "null 0", "\"\" 1", "\"41\" 2", "41 0", "-"]);
        assert_eq!(line.marks, [1000, 2000, 3000, 4000, 5000]);
    }

    #[test]
    fn no_point_is_no_line_and_one_is_a_line_without_a_mark() {
        assert_eq!(drawn(&[], 40), Line::default());
        let one = drawn(&[(2500, json!(true))], 40);
        assert_eq!(pieces(&one), [(2500, WHOLE, "true 0".into())]);
        assert!(one.marks.is_empty());
    }

    #[test]
    fn changes_that_lie_close_are_one_piece() {
        let line = drawn(
            &[
                (0, json!(1)),
                (1000, json!(2)),
                (1010, json!(3)),
                (1020, json!(4)),
                (6000, json!(5)),
            ],
            40,
        );
        assert_eq!(
            pieces(&line),
            [
                (0, 1000, "1 0".into()),
                (1000, 1040, "3 changes".into()),
                (1040, 6000, "4 1".into()),
                (6000, WHOLE, "5 2".into())
            ]
        );
        assert_eq!(line.marks, [6000]);
        let at_once = drawn(
            &[
                (0, json!(1)),
                (0, json!(2)),
                (9990, json!(3)),
                (9999, json!(4)),
            ],
            40,
        );
        assert_eq!(
            pieces(&at_once),
            [
                (0, 40, "1 changes".into()),
                (40, 9990, "2 0".into()),
                (9990, WHOLE, "2 changes".into())
            ]
        );
    }

    #[test]
    fn thousands_of_changes_stay_a_few_hundred_pieces() {
        let many: Vec<(i64, Value)> = (0..20_000).map(|n| (n / 2, json!(n))).collect();
        assert_eq!(
            pieces(&drawn(&many, 40)),
            [
                (0, 9999, "19999 changes".into()),
                (9999, WHOLE, "19999 0".into())
            ]
        );
        let apart: Vec<(i64, Value)> = (0..5_000).map(|n| (n / 3 * 50, json!(n))).collect();
        let line = drawn(&apart[..600], 40);
        assert!(line.pieces.len() <= 2 * 250, "{}", line.pieces.len());
        for pair in line.pieces.windows(2) {
            assert_eq!(pair[0].to, pair[1].from);
        }
    }

    #[test]
    fn shapes_are_boxes_lines_and_points() {
        let line = drawn(
            &[
                (1000, json!("free")),
                (2000, json!("pro")),
                (2010, json!("free")),
                (5000, json!([])),
                (7000, json!("pro")),
            ],
            40,
        );
        let shapes = shape(&line).map(|(class, path)| format!("{class} {path}"));
        assert_eq!(
            shapes,
            [
                "shade-0 M1000 0H2000V26H1000V0M2040 0H5000V26H2040V0",
                "shade-1 M7000 0H10000V26H7000V0",
                "shade-2 ",
                "is-many M2000 0H2040V26H2000V0",
                "is-missing M5000 13H7000",
                "mark M5000 13h0M7000 13h0",
                "mark-inside M5000 13h0M7000 13h0",
            ]
        );
    }
}
