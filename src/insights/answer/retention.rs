//! Retention: who came back when.

use serde_json::Value;

use super::{Read, Reader, breakdown_name, people, url, when};
use crate::insights::charts::{number, triangle::means};
use crate::insights::figure::{Figure, Source, Triangle, TriangleRow, Unit};
use crate::insights::question::period;

impl Reader<'_> {
    pub(super) fn retention(&mut self, result: &Value) -> Read {
        let interval = self.question.interval;
        let unit = interval.label();
        let mut rows = Vec::new();
        for (place, item) in result.as_array()?.iter().enumerate() {
            let date = item["date"].as_str();
            let (name, title) = match date {
                Some(date) => (when::label(date, interval), when::title(date, interval)),
                None => {
                    let name = match breakdown_name(&item["breakdown_value"]) {
                        name if name.is_empty() => item["label"].as_str()?.to_owned(),
                        name => name,
                    };
                    (name.clone(), name)
                }
            };
            let key = date.map_or_else(
                || place.to_string(),
                |date| date.get(..13).unwrap_or(date).to_owned(),
            );
            // What a cell's own URL lists is read differently by different servers; the row's is not.
            let values = item["values"].as_array()?;
            let mut counts: Vec<f64> = values
                .iter()
                .map(|value| value["count"].as_f64())
                .collect::<Option<_>>()?;
            // Since 2025, rows of PostHog have all columns, with zeros where the time has not come yet.
            let begin =
                |column: usize| date.and_then(|date| when::interval_after(date, column, interval));
            let has_begun = |column: usize| begin(column).is_none_or(|begin| begin <= self.now);
            let columns = (0..counts.len()).take_while(|column| has_begun(*column));
            let columns = columns.count().max(1).min(counts.len());
            counts.truncate(columns);
            let is_unfinished = match begin(columns) {
                Some(end) => end > self.now,
                None => self.question.to.is_empty(),
            };
            let source = |column: Option<usize>| match url(&item["people_url"])? {
                Source::Known(all) => match column {
                    Some(column) => url(&item["values"][column]["known"]),
                    None => Some(Source::Known(all)),
                },
                row => Some(Source::Row {
                    row: Box::new(row),
                    column,
                    columns,
                }),
            };
            let size = self.point(
                key.clone(),
                format!("Began {title}"),
                counts.first().copied().unwrap_or_default(),
                Unit::People,
                source(None),
            );
            let mut points = Vec::new();
            for (column, count) in counts.into_iter().enumerate() {
                let title = match column {
                    0 => format!("Began {title}"),
                    column => format!("Began {title}, back in {unit} {column}"),
                };
                points.push(self.point(
                    format!("{key}/{column}"),
                    title,
                    count,
                    Unit::People,
                    source(Some(column)),
                ));
            }
            rows.push(TriangleRow {
                name,
                size,
                values: points,
                is_unfinished,
            });
        }
        let is_by_date = result[0]["date"].is_string();
        // Whoever began once is in one row; others are in several of them.
        let is_once = self.question.retention.is_first_time && is_by_date;
        let all = self.all_rows(&rows, is_once);
        let began = all.size.value;
        let triangle = Triangle {
            is_counted: false,
            period: period(interval),
            rows,
            all,
        };
        let began = match is_once {
            true => format!("{} began", people(began)),
            false if began == 1.0 => "People began once".to_owned(),
            false => format!("People began {} times", number(began)),
        };
        let began_in = format!(
            "{began}, in {} {}{}",
            triangle.rows.len(),
            if is_by_date { unit } else { "group" },
            if triangle.rows.len() == 1 { "" } else { "s" },
        );
        let back = means(&triangle).get(1).copied().flatten();
        let summary = match back {
            Some(back) => format!(
                "{began_in}; {} % of those who could came back in {unit} 1.",
                number(back.round())
            ),
            None => format!("{began_in}."),
        };
        Some((Figure::Triangle(triangle), summary))
    }

    /// Everyone, whenever they began.
    fn all_rows(&mut self, rows: &[TriangleRow], is_once: bool) -> TriangleRow {
        let unit = self.question.interval.label();
        let counts = if is_once { Unit::People } else { Unit::Other };
        let mut sum = |column: Option<usize>, title: String| {
            let points = rows.iter().filter_map(|row| match column {
                Some(column) => row.values.get(column),
                None => Some(&row.size),
            });
            let (mut value, mut people) = (0.0, Vec::new());
            for point in points {
                value += point.value;
                let cell = point.cell.and_then(|cell| self.cells.get(cell));
                people.extend(cell.and_then(|cell| cell.people.clone()));
            }
            let key = match column {
                Some(column) => format!("all/{column}"),
                None => "all".to_owned(),
            };
            let people = (!people.is_empty()).then_some(Source::Any(people));
            self.point(key, title, value, counts, people)
        };
        let columns = rows.iter().map(|row| row.values.len()).max().unwrap_or(0);
        let began = "Everyone who began".to_owned();
        TriangleRow {
            name: "All".to_owned(),
            is_unfinished: false,
            size: sum(None, began.clone()),
            values: (0..columns)
                .map(|column| match column {
                    0 => sum(Some(0), began.clone()),
                    column => sum(Some(column), format!("Everyone back in {unit} {column}")),
                })
                .collect(),
        }
    }
}
