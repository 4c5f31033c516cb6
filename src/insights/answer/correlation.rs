//! Correlation: what goes along with coming to the end of a funnel.

use serde_json::Value;

use super::{Read, Reader, people, url};
use crate::insights::charts::factors::{interval, two_by_two};
use crate::insights::figure::{Factor, Factors, Figure, Unit};
use crate::insights::order::put_in_order;

impl Reader<'_> {
    pub(super) fn correlation(&mut self, result: &Value) -> Read {
        let total = |name: &str| result[name].as_u64().unwrap_or_default();
        let (converted, dropped) = (total("success_total"), total("failure_total"));
        let mut factors = Vec::new();
        for item in result["events"].as_array()? {
            let wire = item["event"]["event"].as_str()?;
            let name = wire.replace("::", " :: ");
            let mut side = |key: &str, how: &str, value: f64, people: &str| {
                let key = format!("{key}/{wire}");
                self.point(
                    key,
                    format!("{name} · {how}"),
                    value,
                    Unit::People,
                    url(&item[people]),
                )
            };
            let (with_yes, with_no) = (
                item["success_count"].as_f64()?,
                item["failure_count"].as_f64()?,
            );
            let mut without = |key: &str, how: &str, value: f64, people: &str| {
                let is_listed = !item[people].is_null();
                is_listed
                    .then(|| side(key, how, value, people).cell)
                    .flatten()
            };
            let (rest_yes, rest_no) = (converted as f64 - with_yes, dropped as f64 - with_no);
            factors.push(Factor {
                without: [
                    without(
                        "converted-without",
                        "converted without it",
                        rest_yes,
                        "success_without_people_url",
                    ),
                    without(
                        "dropped-without",
                        "did not convert, without it",
                        rest_no,
                        "failure_without_people_url",
                    ),
                ],
                converted: side("converted", "converted", with_yes, "success_people_url"),
                dropped: side("dropped", "did not convert", with_no, "failure_people_url"),
                odds_ratio: item["odds_ratio"].as_f64()?,
                name,
            });
        }
        let mut factors = Factors {
            converted,
            dropped,
            is_skewed: result["skewed"].as_bool().unwrap_or_default(),
            factors,
        };
        // The order of what is drawn; servers smooth their ratios, each in a way of its own.
        let ratio = |factor: &Factor| interval(two_by_two(&factors, factor)).0;
        let mut order: Vec<(f64, usize)> = factors.factors.iter().map(ratio).zip(0..).collect();
        put_in_order(&mut order, |one, other| one.0 > other.0);
        factors.factors = order
            .into_iter()
            .map(|(_, place)| factors.factors[place].clone())
            .collect();
        let summary = match (factors.factors.first(), factors.factors.last()) {
            (Some(most), Some(least)) => format!(
                "{} converted and {} did not. {} goes along with converting most, {} least.",
                people(converted as f64),
                dropped,
                most.name,
                least.name
            ),
            _ => "Too few people converted, or too few did not, to tell what goes along with it."
                .to_owned(),
        };
        Some((Figure::Factors(factors), summary))
    }
}
