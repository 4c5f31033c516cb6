//! Paths: which ways people went.

use serde_json::Value;

use super::{Read, Reader, url};
use crate::insights::charts::number;
use crate::insights::figure::{Edge, Figure, Flows, Unit};
use crate::insights::order::put_in_order;

impl Reader<'_> {
    pub(super) fn paths(&mut self, result: &Value) -> Read {
        let mut edges = Vec::new();
        for item in result.as_array()? {
            let (from, to) = (item["source"].as_str()?, item["target"].as_str()?);
            let (source, target) = (node(from)?, node(to)?);
            let value = item["value"].as_f64()?;
            let title = format!("{} → {}", source.1, target.1);
            // An edge counts paths; our server tells how many people went them, others do not.
            let (count, unit) = match item["people"].as_f64() {
                Some(people) => (people, Unit::People),
                None => (value, Unit::Other),
            };
            let cell = self.cell(
                format!("{from}>{to}"),
                title,
                count,
                unit,
                url(&item["people_url"]),
            );
            edges.push(Edge {
                source,
                target,
                weight: crate::insights::figure::Point {
                    value,
                    cell: Some(cell),
                },
                mean_seconds: item["average_conversion_time"]
                    .as_f64()
                    .map(|time| time / 1000.0),
                ended: None,
            });
        }
        put_in_order(&mut edges, |one: &Edge, other| {
            one.weight.value > other.weight.value
        });
        let summary = match edges.first() {
            Some(most) => format!(
                "{} ways from one thing to the next. The most common is from {} to {}, {} times.",
                edges.len(),
                most.source.1,
                most.target.1,
                number(most.weight.value)
            ),
            None => "No paths in this range.".to_owned(),
        };
        Some((Figure::Flows(Flows { edges }), summary))
    }
}

/// `2_/pricing`
fn node(key: &str) -> Option<(usize, String)> {
    let (number, item) = key.split_once('_')?;
    Some((number.parse().ok()?, item.to_owned()))
}
