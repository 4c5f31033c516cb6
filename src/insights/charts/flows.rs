//! Paths: nodes in columns, and ribbons as thick as many paths went along them.

use leptos::prelude::*;

use super::axis::{self, path, round};
use super::duration;
use super::mark::Marks;
use super::trace::{Trace, trace};
use super::{Size, number};
use crate::insights::figure::{AtNode, Cell, CellId, Edge, Flows};
use crate::insights::order::put_in_order;
use crate::insights::table::{Entry, Table};

/// Columns and edges that are drawn; the rest is in the table.
const COLUMNS: usize = 5;
const EDGES: usize = 20;

/// Pixels: of a node's bar, between nodes, of the least thickness.
const BAR: f64 = 10.0;
const GAP: f64 = 26.0;

/// Pixels that a number takes above a node where it has no room behind the name.
const NUMBER: f64 = 15.0;

const THINNEST: f64 = 2.0;

/// Pixels that a stub is long: what leaves a node and leads nowhere.
const STUB: f64 = 24.0;

/// Pixels between columns from which on a number has room behind a name.
const ROOMY: f64 = 200.0;

/// Pixels above and below.
const TOP: f64 = 24.0;
const BOTTOM: f64 = 12.0;

/// A thing in a path.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Its place among the nodes of the figure.
    pub place: usize,
    /// Its number in the path, from 1, and what it is.
    pub key: (usize, String),
    /// Left and upper edge, and height.
    pub x: f64,
    /// The upper edge.
    pub y: f64,
    /// The height.
    pub height: f64,
    /// So many paths lead through it.
    pub weight: f64,
}

/// The way between two nodes: both upper edges, and how thick it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Ribbon {
    /// Its place among the edges of the figure.
    pub edge: usize,
    /// Where it leaves: x and y.
    pub from: (f64, f64),
    /// Where it arrives.
    pub to: (f64, f64),
    /// How thick.
    pub thickness: f64,
}

/// Those who ended at a node.
#[derive(Clone, Debug, PartialEq)]
pub struct Stub {
    /// Its place among the ends of the figure.
    pub end: usize,
    /// Where it leaves its node: x and y.
    pub from: (f64, f64),
    /// How thick.
    pub thickness: f64,
}

/// Where everything stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Laid {
    /// The nodes, column after column, from top to bottom.
    pub nodes: Vec<Node>,
    /// The ribbons, from the heaviest.
    pub ribbons: Vec<Ribbon>,
    /// The stubs of these nodes, each below what goes on from there.
    pub stubs: Vec<Stub>,
    /// Pixels between two columns.
    pub step: f64,
}

/// The edges that are drawn: of the first columns the heaviest.
fn shown(flows: &Flows) -> Vec<(usize, &Edge)> {
    let edges = flows.edges.iter().enumerate();
    let edges = edges.filter(|(_, edge)| edge.target.0 <= COLUMNS && edge.source.0 >= 1);
    let mut edges: Vec<_> = edges.collect();
    put_in_order(&mut edges, |one: &(usize, &Edge), other| {
        one.1.weight.value > other.1.weight.value
    });
    edges.truncate(EDGES);
    edges
}

/// Where everything stands.
pub fn lay_out(flows: &Flows, size: Size) -> Laid {
    let edges = shown(flows);
    let is_drawn = |key: &(usize, String)| {
        let mut edges = edges.iter();
        edges.any(|(_, edge)| [&edge.source, &edge.target].contains(&key))
    };
    let nodes = flows.nodes.iter().enumerate();
    let nodes = nodes.filter(|(_, AtNode { node, .. })| is_drawn(node));
    let mut nodes: Vec<Node> = nodes
        .map(|(place, AtNode { node, weight })| Node {
            place,
            key: node.clone(),
            x: 0.0,
            y: 0.0,
            height: 0.0,
            weight: weight.value,
        })
        .collect();
    let ending = |key: &(usize, String)| -> Option<(usize, &AtNode)> {
        let mut ends = flows.ends.iter().enumerate();
        ends.find(|(_, end)| end.node == *key)
    };
    put_in_order(&mut nodes, |one: &Node, other| {
        let rank = |node: &Node| (node.key.0, -node.weight);
        (rank(one), &one.key.1) < (rank(other), &other.key.1)
    });
    let columns = nodes.iter().map(|node| node.key.0).max().unwrap_or(1);
    let step = (size.width - BAR) / columns.max(2) as f64;
    let extra = if step < ROOMY { NUMBER } else { 0.0 };
    let (top, gap) = (TOP + extra, GAP + extra);
    let room = size.height - top - BOTTOM;
    // One scale for all columns, so that thickness can be compared.
    let mut scale = f64::INFINITY;
    for column in 1..=columns {
        let these = nodes.iter().filter(|node| node.key.0 == column);
        let (count, weight) = these.fold((0.0, 0.0), |(count, weight), node| {
            (count + 1.0, weight + node.weight)
        });
        if weight > 0.0 {
            scale = scale.min((room - count * gap).max(8.0) / weight);
        }
    }
    let thickness = |weight: f64| {
        if scale.is_finite() {
            (weight * scale).max(THINNEST)
        } else {
            THINNEST
        }
    };
    let mut y = top;
    for place in 0..nodes.len() {
        if place == 0 || nodes[place].key.0 != nodes[place - 1].key.0 {
            y = top;
        }
        // Thin ribbons are drawn thicker than they are, so a node holds at least what leaves or comes.
        let drawn = |end: fn(&Edge) -> &(usize, String)| -> f64 {
            let edges = edges
                .iter()
                .filter(|(_, edge)| end(edge) == &nodes[place].key);
            edges.map(|(_, edge)| thickness(edge.weight.value)).sum()
        };
        let ended = ending(&nodes[place].key).map_or(0.0, |(_, end)| thickness(end.weight.value));
        let height = (drawn(|edge| &edge.source) + ended).max(drawn(|edge| &edge.target));
        let node = &mut nodes[place];
        node.x = round((node.key.0 - 1) as f64 * step);
        node.y = round(y);
        node.height = round(height);
        y += height + gap;
    }
    let find = |key: &(usize, String)| {
        nodes
            .iter()
            .position(|node| node.key == *key)
            .expect("made above")
    };
    // Ribbons leave and arrive in the order of what they lead to, so that few of them cross.
    let mut order: Vec<usize> = (0..edges.len()).collect();
    let ends = |place: &usize| (find(&edges[*place].1.source), find(&edges[*place].1.target));
    put_in_order(&mut order, |one, other| ends(one) < ends(other));
    let mut left = vec![0.0; nodes.len()];
    let mut arrived = vec![0.0; nodes.len()];
    let mut ribbons = Vec::new();
    for place in order {
        let (edge, drawn) = edges[place];
        let (source, target) = (find(&drawn.source), find(&drawn.target));
        let thickness = thickness(drawn.weight.value);
        ribbons.push(Ribbon {
            edge,
            from: (nodes[source].x + BAR, round(nodes[source].y + left[source])),
            to: (nodes[target].x, round(nodes[target].y + arrived[target])),
            thickness: round(thickness),
        });
        left[source] += thickness;
        arrived[target] += thickness;
    }
    put_in_order(&mut ribbons, |one: &Ribbon, other| {
        one.thickness > other.thickness
    });
    let stubs = nodes.iter().enumerate().filter_map(|(place, node)| {
        let (end, ended) = ending(&node.key)?;
        Some(Stub {
            end,
            from: (node.x + BAR, round(node.y + left[place])),
            thickness: round(thickness(ended.weight.value)),
        })
    });
    Laid {
        stubs: stubs.collect(),
        nodes,
        ribbons,
        step: round(step),
    }
}

/// How high it wants to be.
pub fn height(flows: &Flows, width: f64) -> f64 {
    let edges = shown(flows);
    let most = (1..=COLUMNS).map(|column| {
        let mut keys: Vec<&str> = Vec::new();
        let ends = edges
            .iter()
            .flat_map(|(_, edge)| [&edge.source, &edge.target]);
        for (_, item) in ends.filter(|(number, _)| *number == column) {
            if !keys.contains(&item.as_str()) {
                keys.push(item);
            }
        }
        keys.len()
    });
    let most = most.max().unwrap_or(0) as f64;
    // Where the columns are narrow, if there are as many as can be.
    let extra = if width / (COLUMNS as f64) < ROOMY {
        NUMBER
    } else {
        0.0
    };
    (most * (GAP + extra + 30.0) + TOP + extra + BOTTOM).clamp(260.0, 720.0)
}

/// The cells as the arrow keys walk them, column by column: nodes, what leads on from there, and ends.
pub fn rows(flows: &Flows) -> Vec<Vec<CellId>> {
    let edges = shown(flows);
    let columns = (1..=COLUMNS).map(|column| {
        let of_column = edges
            .iter()
            .filter(move |(_, edge)| edge.source.0 == column);
        let drawn = |those: &[AtNode]| -> Vec<CellId> {
            let drawn = those.iter().filter(|AtNode { node, .. }| {
                let mut edges = edges.iter();
                let is_drawn = edges.any(|(_, edge)| [&edge.source, &edge.target].contains(&node));
                node.0 == column && is_drawn
            });
            drawn.filter_map(|node| node.weight.cell).collect()
        };
        let nodes = drawn(&flows.nodes).into_iter();
        nodes
            .chain(of_column.filter_map(|(_, edge)| edge.weight.cell))
            .chain(drawn(&flows.ends))
            .collect::<Vec<_>>()
    });
    // Left and right go from column to column, so the columns are laid on their side.
    let columns: Vec<Vec<CellId>> = columns.filter(|cells| !cells.is_empty()).collect();
    let longest = columns.iter().map(Vec::len).max().unwrap_or(0);
    (0..longest)
        .map(|row| {
            columns
                .iter()
                .filter_map(|cells| cells.get(row).copied())
                .collect()
        })
        .collect()
}

/// The twin.
pub fn table(flows: &Flows) -> Table {
    let head = ["From", "To", "Step", "Times", "Mean time"].map(str::to_owned);
    let rows = flows.edges.iter().map(|edge| {
        vec![
            Entry::plain(&edge.source.1),
            Entry::plain(&edge.target.1),
            Entry::plain(format!("{} to {}", edge.source.0, edge.target.0)),
            Entry {
                text: number(edge.weight.value),
                cell: edge.weight.cell,
            },
            Entry::plain(edge.mean_seconds.map(duration::words).unwrap_or_default()),
        ]
    });
    let ends = flows.ends.iter().map(|end| {
        vec![
            Entry::plain(&end.node.1),
            Entry::plain("nothing more"),
            Entry::plain(format!("after {}", end.node.0)),
            Entry {
                text: number(end.weight.value),
                cell: end.weight.cell,
            },
            Entry::default(),
        ]
    });
    Table {
        head: head.to_vec(),
        rows: rows.chain(ends).collect(),
    }
}

/// What a node is called: of a URL its path.
pub fn name(item: &str) -> &str {
    let bare = item
        .strip_prefix("https://")
        .or_else(|| item.strip_prefix("http://"));
    match bare.and_then(|bare| bare.find('/').map(|slash| &bare[slash..])) {
        Some(path) => path,
        None => item,
    }
}

/// Draws it. What hangs together with the way that is pointed at, or with the node, stands out.
pub fn draw(flows: &Flows, cells: &[Cell], size: Size, marks: Marks) -> AnyView {
    let laid = lay_out(flows, size);
    let known = StoredValue::new(flows.clone());
    let traced = Memo::new(move |_| {
        let cell = marks.pointed.get().or(marks.chosen.get()[0])?;
        known.with_value(|flows| trace(flows, cell))
    });
    let faint = move |class: &'static str,
                      faint: &'static str,
                      is_on: fn(&Trace, usize) -> bool,
                      place: usize| {
        move || match &*traced.read() {
            Some(trace) if !is_on(trace, place) => faint,
            _ => class,
        }
    };
    let ribbons = laid.ribbons.iter().filter_map(|ribbon| {
        let edge = &flows.edges[ribbon.edge];
        let cell = edge.weight.cell?;
        let ((x, y), (to_x, to_y)) = (ribbon.from, ribbon.to);
        let middle = round((x + to_x) / 2.0);
        let (low, to_low) = (round(y + ribbon.thickness), round(to_y + ribbon.thickness));
        let d = format!(
            "M{x} {y}C{middle} {y} {middle} {to_y} {to_x} {to_y}V{to_low}C{middle} {to_low} {middle} {low} {x} {low}z"
        );
        let class = faint("ribbon", "ribbon is-faint", |trace, place| trace.edges[place], ribbon.edge);
        let shape = view! { <path class=class d=d></path> }.into_any();
        Some(marks.mark(cell, &cells[cell], shape))
    });
    let stubs = laid.stubs.iter().filter_map(|stub| {
        let cell = flows.ends[stub.end].weight.cell?;
        let (x, y) = stub.from;
        let d = axis::rect(x, y, STUB, stub.thickness);
        // What is thin must be hit, too.
        let reach = axis::rect(
            x,
            y + stub.thickness / 2.0 - 12.0,
            STUB,
            stub.thickness.max(24.0),
        );
        let class = faint(
            "stub",
            "stub is-faint",
            |trace, place| trace.ends[place],
            stub.end,
        );
        let shape = view! {
            {path("reach", reach)}
            <path class=class d=d></path>
        };
        Some(marks.mark(cell, &cells[cell], shape.into_any()))
    });
    let first = flows.nodes.iter().filter(|node| node.node.0 == 1);
    let first: f64 = first.map(|node| node.weight.value).sum();
    let nodes = laid.nodes.iter().map(|node| {
        let share = if first > 0.0 {
            node.weight / first * 100.0
        } else {
            0.0
        };
        let words = format!("{} · {}%", number(node.weight), number(share.round()));
        // The number stands behind the name; where columns are narrow, below it.
        let (taken, lift) = if laid.step >= ROOMY {
            (axis::length(&words) + 6.0, 0.0)
        } else {
            (0.0, NUMBER)
        };
        let how_many = if lift > 0.0 {
            view! { <tspan class="node-number" x=node.x y={node.y - 5.0}>{words}</tspan> }
                .into_any()
        } else {
            view! { <tspan class="node-number" dx="6">{words}</tspan> }.into_any()
        };
        let words = axis::fit(name(&node.key.1), laid.step - BAR - 10.0 - taken);
        let label = axis::length(&words) + taken + 8.0;
        let reach = [
            axis::rect(node.x - 4.0, node.y, BAR + 8.0, node.height),
            axis::rect(node.x - 4.0, node.y - 20.0 - lift, label, 20.0 + lift),
        ];
        let shape = view! {
            {path("reach", reach.concat())}
            {path("node", axis::rect(node.x, node.y, BAR, node.height))}
            <title>{node.key.1.clone()}</title>
        }
        .into_any();
        let mark = match flows.nodes[node.place].weight.cell {
            Some(cell) => marks.mark(cell, &cells[cell], shape),
            None => shape,
        };
        view! {
            {mark}
            <text class="node-name" x=node.x y={node.y - 5.0 - lift}>
                {words}
                {how_many}
            </text>
        }
        .into_any()
    });
    view! {
        <g class="series-1">{ribbons.collect_view()}{stubs.collect_view()}</g>
        {nodes.collect_view()}
    }
    .into_any()
}
