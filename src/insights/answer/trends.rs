//! Trends: a line for each series, or one total for each.

use serde_json::Value;

use super::{Read, Reader, breakdown_name, numbers, texts, url, when};
use crate::insights::charts::number;
use crate::insights::figure::{Bars, Figure, Lines, Point, Scale, Series, Source, Unit};
use crate::insights::question::Math;

impl Reader<'_> {
    pub(super) fn trends(&mut self, result: &Value) -> Read {
        let items = result.as_array()?;
        if items
            .iter()
            .any(|item| item["aggregated_value"].is_number())
        {
            return self.totals(items);
        }
        let days = match items.first() {
            Some(item) => texts(&item["days"])?,
            None => Vec::new(),
        };
        let interval = self.question.interval;
        let labels: Vec<String> = days.iter().map(|day| when::label(day, interval)).collect();
        let mut series = Vec::new();
        let mut is_unfinished = false;
        for (line, item) in items.iter().enumerate() {
            let (name, unit) = self.name_and_unit(item);
            let mut points = Vec::new();
            for (place, value) in numbers(&item["data"])?.into_iter().enumerate() {
                let day = days.get(place)?;
                let wire = &item["persons_urls"][place];
                let people = url(&wire["url"]);
                is_unfinished |=
                    place + 1 == days.len() && self.is_to_come(&wire["filter"]["date_to"]);
                points.push(self.point(
                    format!("{line}/{day}"),
                    format!("{name} · {}", when::title(day, interval)),
                    value,
                    unit.behind(people.as_ref()),
                    people,
                ));
            }
            series.push(Series {
                name,
                earlier_of: None,
                points,
            });
        }
        let summary = summary(&series, &labels);
        let lines = Lines {
            scale: Scale::Number,
            labels,
            days,
            is_unfinished,
            series,
        };
        Some((Figure::Lines(lines), summary))
    }

    fn totals(&mut self, items: &[Value]) -> Read {
        let mut labels = Vec::new();
        let mut points = Vec::new();
        for (place, item) in items.iter().enumerate() {
            let (name, unit) = self.name_and_unit(item);
            let value = item["aggregated_value"].as_f64().unwrap_or_default();
            let people = url(&item["persons"]["url"]);
            let unit = unit.behind(people.as_ref());
            points.push(self.point(format!("{place}/all"), name.clone(), value, unit, people));
            labels.push(name);
        }
        let summary = labels.iter().zip(&points);
        let summary: Vec<String> = summary
            .map(|(name, point)| format!("{name}: {}", number(point.value)))
            .collect();
        let bars = Bars {
            scale: Scale::Number,
            axis: String::new(),
            labels,
            series: vec![Series {
                name: String::new(),
                earlier_of: None,
                points,
            }],
            or_more: Vec::new(),
        };
        Some((Figure::Bars(bars), summary.join("; ")))
    }

    /// What a series is called, and what it counts.
    pub(super) fn name_and_unit(&self, item: &Value) -> (String, Unit) {
        let action = &item["action"];
        let order = action["order"].as_u64().unwrap_or_default() as usize;
        let entity = self.question.series.get(order);
        let math = entity.map(|entity| entity.math).unwrap_or_default();
        let mut name = match (
            action["custom_name"].as_str(),
            action["name"].as_str(),
            entity,
        ) {
            (Some(name), ..) if !name.is_empty() => name.to_owned(),
            (_, Some(name), _) if !name.is_empty() => name.to_owned(),
            (_, _, Some(entity)) => entity.name(),
            _ => item["label"].as_str().unwrap_or("events").to_owned(),
        };
        let value = breakdown_name(&item["breakdown_value"]);
        if !value.is_empty() {
            // One series needs no name beside its values.
            name = match self.question.series.len() {
                1 => value,
                _ => format!("{name} · {value}"),
            };
        }
        let unit = match math {
            math if math.counts_people() => Unit::People,
            Math::Total => Unit::Events,
            Math::Sum => Unit::Sum,
            _ => Unit::Other,
        };
        (name, unit)
    }
}

fn summary(series: &[Series], labels: &[String]) -> String {
    let (Some(first), Some(last)) = (labels.first(), labels.last()) else {
        return "Nothing in this range.".to_owned();
    };
    let mut parts = vec![format!("{first} to {last}")];
    for Series { name, points, .. } in series.iter().take(6) {
        let most = points.iter().map(|point| point.value).fold(0.0, f64::max);
        let latest = points.last().map_or(0.0, |point| point.value);
        parts.push(format!(
            "{name}: {} at most, {} at last",
            number(most),
            number(latest)
        ));
    }
    if series.len() > 6 {
        parts.push(format!("and {} more", series.len() - 6));
    }
    parts.join("; ") + "."
}

/// The people of a whole series, from those of its points.
pub(super) fn any_of(points: &[Point], people: impl Fn(usize) -> Option<Source>) -> Option<Source> {
    let sources = points.iter().filter_map(|point| people(point.cell?));
    Some(Source::Any(sources.collect()))
}
