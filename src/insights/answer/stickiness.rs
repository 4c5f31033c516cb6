//! Stickiness: on how many intervals people were active.

use serde_json::Value;

use super::trends::any_of;
use super::{Read, Reader, numbers, people, url};
use crate::insights::figure::{Bars, Figure, Point, Scale, Series, Unit};

impl Reader<'_> {
    pub(super) fn stickiness(&mut self, result: &Value) -> Read {
        let interval = self.question.interval.label();
        let mut series: Vec<Series> = Vec::new();
        let mut most = 0;
        for (line, item) in result.as_array()?.iter().enumerate() {
            let (name, _) = self.name_and_unit(item);
            let values = numbers(&item["data"])?;
            most = most.max(values.len());
            let mut points = Vec::new();
            for (place, value) in values.into_iter().enumerate() {
                let times = place + 1;
                points.push(self.point(
                    format!("{line}/{times}"),
                    format!("{name} · active on exactly {}", count(times, interval)),
                    value,
                    Unit::People,
                    url(&item["persons_urls"][place]["url"]),
                ));
            }
            series.push(Series {
                name,
                earlier_of: None,
                points,
            });
        }
        let or_more = match &series[..] {
            [only] => self.or_more(&only.points.clone(), interval),
            _ => Vec::new(),
        };
        let summary = match or_more.first() {
            Some(all) => format!(
                "{} in all, by how many {interval}s they were active.",
                people(all.value)
            ),
            None => format!("People by how many {interval}s they were active."),
        };
        let bars = Bars {
            scale: Scale::Number,
            axis: format!("{interval}s active"),
            labels: (1..=most).map(|times| times.to_string()).collect(),
            series,
            or_more,
        };
        Some((Figure::Bars(bars), summary))
    }

    /// For each number of intervals, those who were active on as many or more.
    fn or_more(&mut self, points: &[Point], interval: &str) -> Vec<Point> {
        let mut all = Vec::new();
        for place in 0..points.len() {
            let these = &points[place..];
            let value = these.iter().map(|point| point.value).sum();
            let sources = any_of(these, |cell| self.cells[cell].people.clone());
            all.push(self.point(
                format!("{}+", place + 1),
                format!("Active on {} or more", count(place + 1, interval)),
                value,
                Unit::People,
                sources,
            ));
        }
        all
    }
}

/// `1 day`, `3 days`
fn count(times: usize, interval: &str) -> String {
    let plural = if times == 1 { "" } else { "s" };
    format!("{times} {interval}{plural}")
}
