//! Funnels: how many come to each step, how many convert over time, how long it takes.

use serde_json::Value;

use super::{Read, Reader, breakdown_name, numbers, people, texts, url, when};
use crate::insights::charts::number;
use crate::insights::figure::{
    Bars, Figure, Lines, Point, Scale, Series, Step, StepGroup, Steps, Unit,
};
use crate::insights::question::Question;

impl Reader<'_> {
    pub(super) fn steps(&mut self, result: &Value) -> Read {
        let result = result.as_array()?;
        let groups: Vec<&[Value]> = match result.first() {
            Some(Value::Array(_)) => {
                let groups = result
                    .iter()
                    .map(|group| group.as_array().map(Vec::as_slice));
                groups.collect::<Option<_>>()?
            }
            _ => vec![result],
        };
        let mut names = Vec::new();
        let mut read = Vec::new();
        for (place, group) in groups.into_iter().enumerate() {
            if names.is_empty() {
                names = group.iter().map(|step| self.step_name(step)).collect();
            }
            read.push(self.group(place, group, &names)?);
        }
        let summary = match read.first() {
            Some(group) => summary(&names, group),
            None => "Nobody began in this range.".to_owned(),
        };
        let steps = Steps {
            names,
            terms: terms(self.question),
            groups: read,
        };
        Some((Figure::Steps(steps), summary))
    }

    fn step_name(&self, step: &Value) -> String {
        let order = step["order"].as_u64().unwrap_or_default() as usize;
        let text = |name: &str| step[name].as_str().filter(|text| !text.is_empty());
        match (
            text("custom_name").or(text("name")),
            self.question.series.get(order),
        ) {
            (Some(name), _) => name.to_owned(),
            (None, Some(entity)) => entity.name(),
            (None, None) => format!("Step {}", order + 1),
        }
    }

    fn group(&mut self, place: usize, group: &[Value], names: &[String]) -> Option<StepGroup> {
        let name = match group.first() {
            Some(step) => breakdown_name(&step["breakdown_value"]),
            None => String::new(),
        };
        let (key, among) = if name.is_empty() {
            (String::new(), String::new())
        } else {
            (["", &place.to_string()].join("/"), format!(" · {name}"))
        };
        let mut steps: Vec<Step> = Vec::new();
        for (number, (step, step_name)) in group.iter().zip(names).enumerate() {
            let count = step["count"].as_f64()?;
            let step_number = number + 1;
            let lost = steps.last().map(|before| {
                self.point(
                    format!("lost/{step_number}{key}"),
                    format!("Dropped before {step_name}{among}"),
                    (before.reached.value - count).max(0.0),
                    Unit::People,
                    url(&step["dropped_people_url"]),
                )
            });
            let verb = if number == 0 { "Began with" } else { "Reached" };
            let reached = self.point(
                format!("reached/{step_number}{key}"),
                format!("{verb} {step_name}{among}"),
                count,
                Unit::People,
                url(&step["converted_people_url"]),
            );
            steps.push(Step {
                reached,
                lost,
                median_seconds: step["median_conversion_time"].as_f64(),
                mean_seconds: step["average_conversion_time"].as_f64(),
            });
        }
        Some(StepGroup { name, steps })
    }

    pub(super) fn conversion(&mut self, result: &Value) -> Read {
        let items = result.as_array()?;
        let days = match items.first() {
            Some(item) => texts(&item["days"])?,
            None => Vec::new(),
        };
        let interval = self.question.interval;
        let mut series = Vec::new();
        for (line, item) in items.iter().enumerate() {
            let name = match breakdown_name(&item["breakdown_value"]) {
                name if name.is_empty() => "conversion".to_owned(),
                name => name,
            };
            let mut points = Vec::new();
            for (place, percent) in numbers(&item["data"])?.into_iter().enumerate() {
                let day = days.get(place)?;
                let converted = item["reached_to_step_counts"][place].as_f64();
                // The cell counts people, the line is in percent. Where the number is not told, the list tells.
                let unit = match converted {
                    Some(_) => Unit::People,
                    None => Unit::Other,
                };
                let cell = self.cell(
                    format!("{line}/{day}"),
                    format!("Began {} and converted", when::title(day, interval)),
                    converted.unwrap_or(percent),
                    unit,
                    url(&item["converted_people_urls"][place]),
                );
                points.push(Point {
                    value: percent,
                    cell: Some(cell),
                });
            }
            series.push(Series {
                name,
                earlier_of: None,
                points,
            });
        }
        let latest = series
            .first()
            .and_then(|series| series.points.last())
            .map_or(0.0, |point| point.value);
        let lines = Lines {
            scale: Scale::Percent,
            labels: days.iter().map(|day| when::label(day, interval)).collect(),
            days,
            // Whoever began lately may still convert.
            is_unfinished: true,
            series,
        };
        let summary = format!(
            "Conversion by when people began, {} of those who began last.",
            percent(latest)
        );
        Some((Figure::Lines(lines), summary))
    }

    pub(super) fn durations(&mut self, result: &Value) -> Read {
        let bins = result["bins"].as_array()?;
        let mut labels = Vec::new();
        let mut points = Vec::new();
        for (place, bin) in bins.iter().enumerate() {
            let (from, count) = (bin[0].as_f64()?, bin[1].as_f64()?);
            let label = crate::insights::charts::duration::words(from);
            points.push(self.point(
                format!("bin/{place}"),
                format!("Took {label} or longer, up to the next bar"),
                count,
                Unit::People,
                url(&result["people_urls"][place]),
            ));
            labels.push(label);
        }
        let converted = points.iter().map(|point| point.value).sum();
        let summary = match result["average_conversion_time"].as_f64() {
            Some(mean) => format!(
                "{} converted, {} on average.",
                people(converted),
                crate::insights::charts::duration::words(mean)
            ),
            None => "Nobody converted.".to_owned(),
        };
        let bars = Bars {
            scale: Scale::Number,
            axis: "time to convert".to_owned(),
            labels,
            series: vec![Series {
                name: String::new(),
                earlier_of: None,
                points,
            }],
            or_more: Vec::new(),
        };
        Some((Figure::Bars(bars), summary))
    }
}

/// `within 14 days, in this order`
pub fn terms(question: &Question) -> String {
    let funnel = &question.funnel;
    let unit = match funnel.window {
        1 => funnel.unit.label().trim_end_matches('s'),
        _ => funnel.unit.label(),
    };
    format!("within {} {unit}, {}", funnel.window, funnel.order.label())
}

fn percent(value: f64) -> String {
    format!("{} %", number(value))
}

fn summary(names: &[String], group: &StepGroup) -> String {
    let (Some(first), Some(last)) = (group.steps.first(), group.steps.last()) else {
        return "Nobody began in this range.".to_owned();
    };
    let (began, ended) = (first.reached.value, last.reached.value);
    let share = if began > 0.0 {
        ended / began * 100.0
    } else {
        0.0
    };
    format!(
        "{} began with {}; {} of them came to {}: {}.",
        people(began),
        names.first().map_or("", String::as_str),
        number(ended),
        names.last().map_or("", String::as_str),
        percent((share * 10.0).round() / 10.0),
    )
}
