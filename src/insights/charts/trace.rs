//! What hangs together in paths: everything that leads to something, and everything it leads to.

use crate::insights::figure::{AtNode, CellId, Flows};

/// What stands out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// Whether each edge of the figure does.
    pub edges: Vec<bool>,
    /// Whether each end does.
    pub ends: Vec<bool>,
}

/// What hangs together with a node, an edge or an end, by its cell; `None` with nothing.
pub fn trace(flows: &Flows, cell: CellId) -> Option<Trace> {
    let at = |those: &[AtNode]| {
        let mut those = those.iter();
        those.position(|at| at.weight.cell == Some(cell))
    };
    let (node, end) = (at(&flows.nodes), at(&flows.ends));
    let mut edges = flows.edges.iter();
    let edge = edges.position(|edge| edge.weight.cell == Some(cell));
    let (source, target) = match (node, edge, end) {
        (Some(node), ..) => (&flows.nodes[node].node, Some(&flows.nodes[node].node)),
        (_, Some(edge), _) => (&flows.edges[edge].source, Some(&flows.edges[edge].target)),
        (_, _, Some(end)) => (&flows.ends[end].node, None),
        _ => return None,
    };
    let mut trace = Trace {
        edges: vec![false; flows.edges.len()],
        ends: vec![false; flows.ends.len()],
    };
    if let Some(edge) = edge {
        trace.edges[edge] = true;
    }
    // Backwards from the source.
    let mut nodes = vec![source];
    while let Some(node) = nodes.pop() {
        for (place, edge) in flows.edges.iter().enumerate() {
            if edge.target == *node && !trace.edges[place] {
                trace.edges[place] = true;
                nodes.push(&edge.source);
            }
        }
    }
    // Onwards from the target. What was found before lies before the source.
    nodes.extend(target);
    let mut passed = nodes.clone();
    while let Some(node) = nodes.pop() {
        for (place, edge) in flows.edges.iter().enumerate() {
            if edge.source == *node && !trace.edges[place] {
                trace.edges[place] = true;
                nodes.push(&edge.target);
                passed.push(&edge.target);
            }
        }
    }
    for (place, ended) in flows.ends.iter().enumerate() {
        trace.ends[place] = end == Some(place) || passed.contains(&&ended.node);
    }
    Some(trace)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::insights::figure::{Edge, Point};

    fn point(cell: usize) -> Point {
        Point {
            value: 1.0,
            cell: Some(cell),
        }
    }

    /// `a → b → d`, `a → c → d`, `b` and `d` are ends, `b` has people; cells in this order from 0.
    fn web() -> Flows {
        let node = |key: &str| {
            let number = match key {
                "a" => 1,
                "d" => 3,
                _ => 2,
            };
            (number, key.to_owned())
        };
        let edges = [("a", "b"), ("a", "c"), ("b", "d"), ("c", "d")];
        let edges = edges.iter().enumerate().map(|(place, (from, to))| Edge {
            source: node(from),
            target: node(to),
            weight: point(place),
            mean_seconds: None,
        });
        let at = |(key, cell): (&str, usize)| AtNode {
            node: node(key),
            weight: point(cell),
        };
        Flows {
            edges: edges.collect(),
            nodes: [("b", 6)].map(at).into(),
            ends: [("b", 4), ("d", 5)].map(at).into(),
        }
    }

    fn marks(trace: Option<Trace>) -> String {
        let Some(trace) = trace else {
            return "all".to_owned();
        };
        let all = trace.edges.iter().chain(&trace.ends);
        all.map(|is_on| if *is_on { '#' } else { '.' }).collect()
    }

    #[test]
    fn both_directions_stand_out_and_nothing_else() {
        let flows = web();
        let of_cell = |cell| marks(trace(&flows, cell));
        assert_eq!(of_cell(99), "all");
        assert_eq!(of_cell(0), "#.#.##");
        assert_eq!(of_cell(2), "#.#..#");
        assert_eq!(of_cell(4), "#...#.");
        assert_eq!(of_cell(5), "####.#");
        assert_eq!(of_cell(6), "#.#.##");
    }
}
