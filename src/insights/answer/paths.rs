//! Paths: which ways people went, and where they ended.

use serde_json::Value;

use super::{Read, Reader, url};
use crate::insights::charts::number;
use crate::insights::figure::{AtNode, Edge, Figure, Flows, Point, Source, Unit, nodes};
use crate::insights::order::put_in_order;
use crate::routes::{decode_query, encode_query};

/// Edges that servers answer if nobody says how many.
const USUAL_EDGES: usize = 50;

impl Reader<'_> {
    pub(super) fn paths(&mut self, result: &Value) -> Read {
        let items = result.as_array()?;
        let mut edges = Vec::new();
        for item in items {
            let (from, to) = (item["source"].as_str()?, item["target"].as_str()?);
            let (source, target) = (node(from)?, node(to)?);
            let value = item["value"].as_f64()?;
            let title = format!("{} → {}", source.1, target.1);
            // An edge counts paths; our server tells how many people went them, others do not.
            let (count, unit) = match item["people"].as_f64() {
                Some(people) => (people, Unit::People),
                None => (value, Unit::Other),
            };
            let key = format!("{from}>{to}");
            let cell = self.cell(key, title, count, unit, url(&item["people_url"]));
            edges.push(Edge {
                source,
                target,
                weight: Point {
                    value,
                    cell: Some(cell),
                },
                mean_seconds: item["average_conversion_time"]
                    .as_f64()
                    .map(|time| time / 1000.0),
            });
        }
        put_in_order(&mut edges, |one: &Edge, other| {
            one.weight.value > other.weight.value
        });
        let ends = match items.first() {
            Some(item) if item["dropoffs"].is_number() => self.told_ends(items)?,
            _ => self.reckoned_ends(&edges),
        };
        let mut nodes = nodes(&edges, &ends);
        for AtNode { node, weight } in &mut nodes {
            // Whoever came to the first one came from nowhere.
            let mut ways = edges.iter();
            let way = match ways.clone().find(|edge| edge.target == *node) {
                Some(edge) => Some((edge, "path_end_key")),
                None => ways
                    .find(|edge| edge.source == *node)
                    .map(|edge| (edge, "path_start_key")),
            };
            let people = way.and_then(|(edge, parameter)| self.at_node(edge, parameter, node));
            let title = format!("Came to {}, step {}", node.1, node.0);
            let key = format!("{}_{}", node.0, node.1);
            weight.cell = Some(self.cell(key, title, weight.value, Unit::Other, people));
        }
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
        Some((Figure::Flows(Flows { edges, nodes, ends }), summary))
    }

    /// Our server says how many paths ended where an edge leads.
    fn told_ends(&mut self, items: &[Value]) -> Option<Vec<AtNode>> {
        let mut ends = Vec::<AtNode>::new();
        for item in items {
            let node = node(item["target"].as_str()?)?;
            let (value, people) = (item["dropoffs"].as_f64()?, item["dropoff_people"].as_f64()?);
            if value > 0.0 && !ends.iter().any(|end| end.node == node) {
                let people = (people, Unit::People, url(&item["dropoff_url"]));
                ends.push(self.end(node, value, people));
            }
        }
        Some(ends)
    }

    /// Others do not: what comes to a node and does not go on has ended there, provided that paths are not cut
    /// and that all ways are told.
    fn reckoned_ends(&mut self, edges: &[Edge]) -> Vec<AtNode> {
        let paths = &self.question.paths;
        let limits = ["edge_limit", "min_edge_weight", "max_edge_weight"];
        let is_limited = self
            .question
            .others
            .iter()
            .any(|(name, _)| limits.contains(&name.as_str()));
        let is_cut = !paths.end.is_empty() || self.question.around.is_some();
        if is_limited || is_cut || edges.len() >= USUAL_EDGES {
            return Vec::new();
        }
        let mut ends = Vec::<AtNode>::new();
        for edge in edges {
            let node = &edge.target;
            // Whoever comes to the last place may have gone on.
            let is_last = node.0 >= paths.steps as usize;
            if is_last || ends.iter().any(|end| end.node == *node) {
                continue;
            }
            let sum = |is_meant: fn(&Edge, &(usize, String)) -> bool| -> f64 {
                let meant = edges.iter().filter(|edge| is_meant(edge, node));
                meant.map(|edge| edge.weight.value).sum()
            };
            let ended =
                sum(|edge, node| edge.target == *node) - sum(|edge, node| edge.source == *node);
            if ended <= 0.0 {
                continue;
            }
            if let Some(people) = self.at_node(edge, "path_dropoff_key", node) {
                ends.push(self.end(node.clone(), ended, (ended, Unit::Other, Some(people))));
            }
        }
        ends
    }

    /// Those at a node of an edge, by a parameter that names it.
    fn at_node(
        &self,
        edge: &Edge,
        parameter: &'static str,
        node: &(usize, String),
    ) -> Option<Source> {
        let people = self.cells[edge.weight.cell?].people.as_ref()?;
        asked_alone(people, parameter, node)
    }

    fn end(
        &mut self,
        node: (usize, String),
        value: f64,
        (count, unit, people): (f64, Unit, Option<Source>),
    ) -> AtNode {
        let key = format!("{}_{}!", node.0, node.1);
        let title = format!("Ended at {}, step {}", node.1, node.0);
        let cell = self.cell(key, title, count, unit, people);
        AtNode {
            node,
            weight: Point {
                value,
                cell: Some(cell),
            },
        }
    }
}

/// `2_/pricing`
fn node(key: &str) -> Option<(usize, String)> {
    let (number, item) = key.split_once('_')?;
    Some((number.parse().ok()?, item.to_owned()))
}

/// The names of a parameter where the other door has it.
fn query_name(parameter: &str) -> &'static str {
    match parameter {
        "path_start_key" => "pathStartKey",
        "path_end_key" => "pathEndKey",
        _ => "pathDropoffKey",
    }
}

/// Who is meant by one parameter alone, asked like those who went a way.
fn asked_alone(
    way: &Source,
    parameter: &'static str,
    (number, item): &(usize, String),
) -> Option<Source> {
    let key = format!("{number}_{item}");
    match way {
        Source::Url(way) => {
            let (path, query) = way.split_once('?')?;
            let ways = ["path_start_key", "path_end_key"];
            let mut parameters = decode_query(query);
            parameters.retain(|(name, _)| !ways.contains(&name.as_str()));
            let kept = parameters.iter();
            let kept = kept.map(|(name, value)| (name.as_str(), value.clone()));
            let parameters: Vec<_> = kept.chain([(parameter, key)]).collect();
            Some(Source::Url(
                path.to_owned() + &encode_query(&parameters, '?'),
            ))
        }
        Source::Query(way) => {
            let mut query = way.clone();
            let filter = query["source"]["pathsFilter"].as_object_mut()?;
            filter.remove("pathStartKey");
            filter.remove("pathEndKey");
            filter.insert(query_name(parameter).to_owned(), key.into());
            Some(Source::Query(query))
        }
        _ => None,
    }
}
