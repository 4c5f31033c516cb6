//! How often one item followed another: counting, and which of it is shown.

use std::cmp::Reverse;
use std::collections::HashSet;

use hashbrown::HashMap;

use crate::insights::paths::cut::Path;
use crate::insights::paths::items::Items;
use crate::insights::paths::{PathEdge, PathNode, PathsQuery};

/// No item: what follows the last one.
const NOTHING: u32 = u32::MAX;

/// From the item at a position, from 1, to the one after it, or to [`NOTHING`] where a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Edge {
    position: u32,
    source: u32,
    target: u32,
}

#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    occurrences: u64,
    /// Microseconds from the start of one item to that of the next, of all occurrences.
    time: i64,
    people: usize,
    /// The last person who was counted.
    last: Option<u32>,
}

/// How often there was each edge.
#[derive(Default)]
pub(super) struct Edges {
    tallies: HashMap<Edge, Tally>,
    /// Which actor it is whose paths come.
    actor: u32,
}

impl Edges {
    /// What comes next is somebody else's.
    pub(super) fn next_actor(&mut self) {
        self.actor += 1;
    }

    /// Takes a path of an actor, who counts as one of the people if it is a person.
    pub(super) fn take(&mut self, path: Path<'_>, is_person: bool) {
        for (place, pair) in path.steps.windows(2).enumerate() {
            let edge = Edge {
                position: place as u32 + 1,
                source: pair[0].item,
                target: pair[1].item,
            };
            self.count(edge, pair[1].at - pair[0].at, is_person);
        }
        if let (true, Some(last)) = (path.is_whole, path.steps.last()) {
            let end = Edge {
                position: path.steps.len() as u32,
                source: last.item,
                target: NOTHING,
            };
            self.count(end, 0, is_person);
        }
    }

    fn count(&mut self, edge: Edge, time: i64, is_person: bool) {
        let tally = self.tallies.entry(edge).or_default();
        tally.occurrences += 1;
        tally.time += time;
        if is_person && tally.last != Some(self.actor) {
            tally.people += 1;
            tally.last = Some(self.actor);
        }
    }

    /// Takes what was counted of other actors.
    pub(super) fn join(&mut self, other: Self) {
        for (edge, more) in other.tallies {
            let tally = self.tallies.entry(edge).or_default();
            tally.occurrences += more.occurrences;
            tally.time += more.time;
            tally.people += more.people;
        }
    }

    /// The most frequent edges, as far as they are wanted and hang together.
    pub(super) fn shown(self, wanted: &EdgeLimits, items: &Items) -> Vec<PathEdge> {
        let is_wanted = |(edge, tally): &(&Edge, &Tally)| {
            let is_often_enough = wanted.least <= tally.occurrences;
            edge.target != NOTHING && is_often_enough && tally.occurrences <= wanted.most
        };
        let edges = self.tallies.iter().filter(is_wanted);
        let mut edges: Vec<_> = edges.map(|(edge, tally)| (*edge, *tally)).collect();
        let rank = |(edge, tally): &(Edge, Tally)| {
            let texts = (items.text(edge.source), items.text(edge.target));
            (Reverse(tally.occurrences), edge.position, texts)
        };
        if wanted.count < edges.len() {
            edges.select_nth_unstable_by(wanted.count, |a, b| rank(a).cmp(&rank(b)));
            edges.truncate(wanted.count);
        }
        // Nodes that some edge leads to, from the first item of a path on.
        edges.sort_unstable_by_key(|(edge, _)| edge.position);
        let mut reached = HashSet::new();
        edges.retain(|(edge, _)| {
            let is_reached = edge.position == 1 || reached.contains(&(edge.position, edge.source));
            if is_reached {
                reached.insert((edge.position + 1, edge.target));
            }
            is_reached
        });
        edges.sort_unstable_by(|a, b| rank(a).cmp(&rank(b)));
        let node = |position: u32, item| PathNode {
            position: position as usize,
            item: items.text(item).to_owned(),
        };
        let ended = |position: u32, item: u32| {
            let end = Edge {
                position,
                source: item,
                target: NOTHING,
            };
            let tally = self.tallies.get(&end).copied().unwrap_or_default();
            (tally.occurrences, tally.people)
        };
        let shown = edges.into_iter().map(|(edge, tally)| PathEdge {
            ended: ended(edge.position + 1, edge.target),
            source: node(edge.position, edge.source),
            target: node(edge.position + 1, edge.target),
            value: tally.occurrences,
            people: tally.people,
            average_conversion_time: tally.time as f64 / tally.occurrences as f64 / 1000.0,
        });
        shown.collect()
    }
}

/// Which edges are shown.
pub(super) struct EdgeLimits {
    count: usize,
    least: u64,
    most: u64,
}

impl EdgeLimits {
    pub(super) fn of(query: &PathsQuery) -> Self {
        Self {
            count: query.edge_limit,
            least: query.min_edge_weight.unwrap_or(0),
            most: query.max_edge_weight.unwrap_or(u64::MAX),
        }
    }
}
