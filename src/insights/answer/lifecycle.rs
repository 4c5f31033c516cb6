//! Lifecycle: who is new, stays, comes back, goes.

use serde_json::Value;

use super::{Read, Reader, numbers, texts, url, when};
use crate::insights::charts::number;
use crate::insights::figure::{Diverging, Figure, LIFECYCLE, Point, Unit};

impl Reader<'_> {
    pub(super) fn lifecycle(&mut self, result: &Value) -> Read {
        let items = result.as_array()?;
        let days = match items.first() {
            Some(item) => texts(&item["days"])?,
            None => Vec::new(),
        };
        let interval = self.question.interval;
        let mut layers: [Vec<Point>; 4] = Default::default();
        let mut is_unfinished = false;
        for (status, layer) in LIFECYCLE.into_iter().zip(&mut layers) {
            let Some(item) = items.iter().find(|item| item["status"] == status) else {
                continue;
            };
            let name = [&status[..1].to_ascii_uppercase(), &status[1..]].concat();
            for (place, value) in numbers(&item["data"])?.into_iter().enumerate() {
                let day = days.get(place)?;
                let wire = &item["persons_urls"][place];
                is_unfinished |=
                    place + 1 == days.len() && self.is_to_come(&wire["filter"]["date_to"]);
                layer.push(self.point(
                    format!("{status}/{day}"),
                    format!("{name} · {}", when::title(day, interval)),
                    value.abs(),
                    Unit::People,
                    url(&wire["url"]),
                ));
            }
        }
        let total = |layer: &[Point]| layer.iter().map(|point| point.value).sum::<f64>();
        let totals = LIFECYCLE.into_iter().zip(&layers);
        let totals: Vec<String> = totals
            .map(|(status, layer)| format!("{} {status}", number(total(layer))))
            .collect();
        let labels: Vec<String> = days.iter().map(|day| when::label(day, interval)).collect();
        let figure = Diverging {
            labels,
            is_unfinished,
            layers,
            is_hidden: [false; 4],
        };
        let summary = format!(
            "{}: summed over {} {}{}.",
            totals.join(", "),
            figure.labels.len(),
            interval.label(),
            if figure.labels.len() == 1 { "" } else { "s" },
        );
        Some((Figure::Diverging(figure), summary))
    }
}
