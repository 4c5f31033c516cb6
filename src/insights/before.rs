//! The time before: the same question for as many intervals as the answer has, ending where it begins.

use persons_api::Timestamp;
use persons_api::timestamp::{DAY, SECOND};

use super::figure::{Answer, Figure, Lines, Series};
use super::question::{Interval, Question};

/// The words that lead the keys of its cells.
pub const KEY: &str = "before/";

/// What is asked for the time before an answer; `None` if it has no intervals.
pub fn question(question: &Question, answer: &Answer) -> Option<Question> {
    let Figure::Lines(lines) = &answer.figure else {
        return None;
    };
    let cell = lines.series.first()?.points.first()?.cell?;
    let (_, first) = answer.cells[cell].key.split_once('/')?;
    let (from, to) = range(first, lines.labels.len(), question.interval)?;
    Some(Question {
        from,
        to,
        is_compared: false,
        ..question.clone()
    })
}

/// From when to when so many intervals are that end where the one called `first` begins.
fn range(first: &str, count: usize, interval: Interval) -> Option<(String, String)> {
    let begin = Timestamp::parse(first)?.0;
    let count = i64::try_from(count).ok()?;
    // Calendar days without a zone: hours are those on the wall.
    let day = |micros: i64| Some(Timestamp(micros).to_string().get(..10)?.to_owned());
    let time = |micros: i64| Some(Timestamp(micros).to_string().get(..19)?.to_owned());
    Some(match interval {
        Interval::Hour => (
            time(begin - count * interval.micros())?,
            time(begin - SECOND)?,
        ),
        Interval::Day | Interval::Week => {
            (day(begin - count * interval.micros())?, day(begin - DAY)?)
        }
        Interval::Month => {
            let (year, month) = (first.get(..4)?, first.get(5..7)?);
            let months = year.parse::<i64>().ok()? * 12 + month.parse::<i64>().ok()? - 1 - count;
            let from = format!(
                "{:04}-{:02}-01",
                months.div_euclid(12),
                months.rem_euclid(12) + 1
            );
            (from, day(begin - DAY)?)
        }
    })
}

/// Puts the time before into an answer: each of its series beside the one of the same name.
pub fn join(answer: &mut Answer, before: Answer) {
    let Figure::Lines(earlier) = before.figure else {
        return;
    };
    let Figure::Lines(Lines { series, labels, .. }) = &mut answer.figure else {
        return;
    };
    let offset = answer.cells.len();
    let asked = series.len();
    for of in 0..asked {
        let same = earlier
            .series
            .iter()
            .find(|other| other.name == series[of].name);
        let Some(same) = same else {
            continue;
        };
        let mut points = same.points.clone();
        points.truncate(labels.len());
        for point in &mut points {
            point.cell = point.cell.map(|cell| cell + offset);
        }
        series.push(Series {
            name: format!("{}, before", same.name),
            earlier_of: Some(of),
            points,
        });
    }
    for mut cell in before.cells {
        cell.key.insert_str(0, KEY);
        cell.title.push_str(", the time before");
        answer.cells.push(cell);
    }
    // The older of the two times at which they were computed.
    answer.calculated_at = answer.calculated_at.min(before.calculated_at);
    answer.summary = format!("{} The time before: {}", answer.summary, before.summary);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::insights::figure::{Cell, Point, Scale, Unit};

    #[test]
    fn the_time_before_ends_where_the_answer_begins() {
        for (first, count, interval, from, to) in [
            ("2026-03-01", 7, Interval::Day, "2026-02-22", "2026-02-28"),
            ("2026-03-01", 2, Interval::Week, "2026-02-15", "2026-02-28"),
            ("2026-03-01", 3, Interval::Month, "2025-12-01", "2026-02-28"),
            (
                "2026-01-01",
                13,
                Interval::Month,
                "2024-12-01",
                "2025-12-31",
            ),
            (
                "2026-03-01 02:00:00",
                3,
                Interval::Hour,
                "2026-02-28T23:00:00",
                "2026-03-01T01:59:59",
            ),
        ] {
            let expected = Some((from.to_owned(), to.to_owned()));
            assert_eq!(
                range(first, count, interval),
                expected,
                "{first} {interval:?}"
            );
        }
        assert_eq!(range("soon", 3, Interval::Day), None);
    }

    fn answer(days: &[&str], series: &[&str]) -> Answer {
        let mut cells = Vec::new();
        let series = series.iter().map(|name| {
            let points = days.iter().map(|day| {
                cells.push(Cell {
                    key: format!("0/{day}"),
                    title: format!("{name} · {day}"),
                    value: 1.0,
                    unit: Unit::People,
                    people: None,
                });
                Point {
                    value: 1.0,
                    cell: Some(cells.len() - 1),
                }
            });
            Series {
                name: (*name).to_owned(),
                earlier_of: None,
                points: points.collect(),
            }
        });
        let series = series.collect();
        Answer {
            figure: Figure::Lines(Lines {
                scale: Scale::Number,
                labels: days.iter().map(|day| (*day).to_owned()).collect(),
                days: Vec::new(),
                is_unfinished: true,
                series,
            }),
            cells,
            summary: "Summed up.".to_owned(),
            calculated_at: None,
        }
    }

    #[test]
    fn series_of_the_same_name_stand_beside_each_other() {
        let mut now = answer(&["2026-03-01", "2026-03-02"], &["pro", "free"]);
        let before = question(&Question::default(), &now).expect("a question");
        assert_eq!((&*before.from, &*before.to), ("2026-02-27", "2026-02-28"));
        let before = answer(
            &["2026-02-26", "2026-02-27", "2026-02-28"],
            &["gone", "free"],
        );
        join(&mut now, before);
        let Figure::Lines(lines) = &now.figure else {
            panic!("{now:?}");
        };
        let names: Vec<_> = lines
            .series
            .iter()
            .map(|series| (&*series.name, series.earlier_of))
            .collect();
        assert_eq!(
            names,
            [("pro", None), ("free", None), ("free, before", Some(1))]
        );
        // As long as what it is compared with, and its cells are its own.
        let points = &lines.series[2].points;
        assert_eq!(points.len(), 2);
        let cell = points[1].cell.map(|cell| &now.cells[cell]).expect("a cell");
        assert_eq!(cell.key, "before/0/2026-02-27");
        assert_eq!(cell.title, "free · 2026-02-27, the time before");
    }
}
