//! Paths: what people did one after the other, and who went which way.
//!
//! - An event becomes an *item* (`items`): a page's address, a screen's name, else the name of the event. What is
//!   excluded or not included is as if it had not happened.
//! - The items of an actor without a long pause between their events are a *session*. Items that follow themselves
//!   are one, which starts at the first event.
//! - What is shown of a session is a *path* (`cut`), whose items are counted from 1. Who was on a path left it at its
//!   last item only if the session really ended there. A path may have one item.
//! - Paths may be only those around a step of a funnel (`around`).
//! - From one item of a path to the next leads an *edge*. Its number is how many paths have it (`edges`).

mod around;
mod cut;
mod edges;
mod items;
#[cfg(test)]
mod tests;

use std::fmt;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use persons_api::FilterTree;
use persons_api::timestamp::SECOND;

use crate::dates::DateRange;
use crate::events::census::Actor;
use crate::events::dictionary::MISSING;
use crate::events::properties::Property;
use crate::events::view::Part;
use crate::events::{Frozen, Stop, View};
use crate::insights::activity::page_of_members;
use crate::insights::actors::{Page, People};
use crate::insights::entity::Entity;
use crate::insights::funnel;
use crate::insights::matching::{EventMatcher, Preparation};
use crate::insights::{InsightError, Source};
use around::Around;
use cut::{Cut, Path, Step};
use edges::{EdgeLimits, Edges};
use items::{Items, Rules};

pub use around::AroundStep;
pub use items::LEFT_OUT;

/// A pause of this length starts a new session, in microseconds.
const PAUSE: i64 = 30 * 60 * SECOND;

/// What is asked.
#[derive(Clone, Debug, PartialEq)]
pub struct PathsQuery {
    /// When.
    pub range: DateRange,
    /// What must hold of all events and their people.
    pub filter: FilterTree,
    /// Which events are on paths; all if none is named.
    pub include: Vec<Include>,
    /// Items that are on no path.
    pub exclude: Vec<String>,
    /// Rules that change items, one after the other.
    pub cleaning: Vec<Cleaning>,
    /// Wildcards, such as `/product/*`: an item in which one is found is called like the first such one.
    pub groupings: Vec<String>,
    /// Only sessions with this item, from there on.
    pub start_point: Option<String>,
    /// Only sessions with this item, up to there.
    pub end_point: Option<String>,
    /// How many items of a path are kept, at least one: the first ones; the last ones if only the end is given;
    /// if both points are given, those at both ends, around [`LEFT_OUT`].
    pub step_limit: usize,
    /// How many edges there are at most, the most frequent.
    pub edge_limit: usize,
    /// Only edges that occur at least so often.
    pub min_edge_weight: Option<u64>,
    /// Only edges that occur at most so often.
    pub max_edge_weight: Option<u64>,
    /// Only what lies around a step of a funnel.
    pub around: Option<AroundStep>,
}

/// Events that are on paths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Include {
    /// `$pageview`.
    Pageviews,
    /// `$screen`.
    Screens,
    /// All whose names do not start with a dollar.
    CustomEvents,
    /// Those with this name.
    Event(String),
}

impl Include {
    /// The kind with this name on the wire.
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "$pageview" => Self::Pageviews,
            "$screen" => Self::Screens,
            "custom_event" => Self::CustomEvents,
            _ => return None,
        })
    }
}

/// A rule that makes items alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cleaning {
    /// A regular expression.
    pub pattern: String,
    /// What stands wherever it is found, as it is.
    pub alias: String,
}

/// An item at a place of a path.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PathNode {
    /// Which place, from 1.
    pub position: usize,
    /// What is there.
    pub item: String,
}

impl PathNode {
    /// The node that a key such as `2_/pricing` names.
    pub fn parse(key: &str) -> Option<Self> {
        let (position, item) = key.split_once('_')?;
        let position = position.parse().ok().filter(|&position| position > 0)?;
        let item = item.to_owned();
        Some(Self { position, item })
    }
}

/// The key, as on the wire.
impl fmt::Display for PathNode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}_{}", self.position, self.item)
    }
}

/// From one item to the next.
#[derive(Clone, Debug, PartialEq)]
pub struct PathEdge {
    /// Where it starts.
    pub source: PathNode,
    /// Where it ends.
    pub target: PathNode,
    /// How many paths have it, those of distinct ids without a person among them.
    pub value: u64,
    /// How many people these are: those of [`PathsCell::Edge`].
    pub people: usize,
    /// The mean time from the start of one item to that of the next, in milliseconds.
    pub average_conversion_time: f64,
    /// How many paths ended at the target because their session did, whichever way they came, and how many people
    /// these are: those of [`PathsCell::DropOff`].
    pub ended: (u64, usize),
}

/// Some of the people on paths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathsCell {
    /// Everybody on any path.
    Any,
    /// Who went on from a node.
    From(PathNode),
    /// Who came to a node from another one.
    To(PathNode),
    /// Who went from the first node to the second.
    Edge(PathNode, PathNode),
    /// Whose session ended at a node.
    DropOff(PathNode),
}

impl PathsCell {
    /// What the parameters of a request mean together.
    pub fn of_nodes(
        start: Option<PathNode>,
        end: Option<PathNode>,
        dropoff: Option<PathNode>,
    ) -> Self {
        match (start, end, dropoff) {
            (_, _, Some(node)) => Self::DropOff(node),
            (Some(start), Some(end), None) => Self::Edge(start, end),
            (Some(node), None, None) => Self::From(node),
            (None, Some(node), None) => Self::To(node),
            (None, None, None) => Self::Any,
        }
    }
}

/// A query that is ready to be answered.
pub struct Paths {
    frozen: Frozen,
    properties: Vec<Arc<Property>>,
    range: DateRange,
    around: Option<Around>,
    /// The length of a pause that starts a new session, in microseconds.
    pause: i64,
    events: EventMatcher,
    rules: Rules,
    /// Made when first needed, because there may be many.
    items: OnceLock<Items>,
    start_point: Option<String>,
    end_point: Option<String>,
    step_limit: usize,
    limits: EdgeLimits,
}

impl PathsQuery {
    /// Everything in a range, as it is asked for if nothing else is said: five items of each path, fifty edges.
    pub fn over(range: DateRange) -> Self {
        Self {
            range,
            filter: FilterTree::default(),
            include: Vec::new(),
            exclude: Vec::new(),
            cleaning: Vec::new(),
            groupings: Vec::new(),
            start_point: None,
            end_point: None,
            step_limit: 5,
            edge_limit: 50,
            min_edge_weight: None,
            max_edge_weight: None,
            around: None,
        }
    }

    /// Gets ready to answer.
    pub fn prepare(&self, source: Source<'_>) -> Result<Paths, InsightError> {
        let mut preparation = Preparation::new(source);
        let events = preparation.events_of(&Entity::event(None), &self.filter)?;
        let rules = Rules::new(self, &mut preparation)?;
        let around = self.around.as_ref();
        let around = around.map(|around| around.prepare(&mut preparation));
        let around = around.transpose()?;
        Ok(Paths {
            frozen: source.events.freeze(source.people),
            properties: preparation.properties,
            range: self.range,
            pause: around.as_ref().map_or(PAUSE, Around::pause),
            around,
            events,
            rules,
            items: OnceLock::new(),
            start_point: self.start_point.clone(),
            end_point: self.end_point.clone(),
            step_limit: self.step_limit.max(1),
            limits: EdgeLimits::of(self),
        })
    }
}

/// What one thread keeps from actor to actor.
#[derive(Default)]
struct Walk<T> {
    room: Room,
    shortened: Vec<Step>,
    found: T,
}

/// What sessions are found with.
#[derive(Default)]
struct Room {
    funnel: funnel::Room,
    session: Vec<Step>,
}

impl Paths {
    /// The edges that are shown, the most frequent first. Edges that are not reached from the first item of a path
    /// over other ones are not shown.
    pub fn numbers(&self, stop: &Stop) -> Result<Vec<PathEdge>, InsightError> {
        let edges = self.walk(
            &self.frozen.view(),
            stop,
            |edges: &mut Edges, actor, path| edges.take(path, actor.slot().is_some()),
            Edges::next_actor,
            Edges::join,
        )?;
        Ok(edges.shown(&self.limits, self.items()))
    }

    /// The people of a cell, in the order of their UUIDs.
    pub fn people(
        &self,
        cell: &PathsCell,
        asked: &Page,
        stop: &Stop,
    ) -> Result<People<()>, InsightError> {
        let is_on = self.pattern(cell);
        let view = self.frozen.view();
        let found = self.walk(
            &view,
            stop,
            |found: &mut Vec<(Actor, ())>, actor, path| {
                if found.last() != Some(&(actor, ())) && is_on(path) {
                    found.push((actor, ()));
                }
            },
            |_| {},
            |all, more| all.extend(more),
        )?;
        Ok(page_of_members(found, &view, asked))
    }

    fn items(&self) -> &Items {
        self.items.get_or_init(|| self.rules.items())
    }

    /// Whether a path is in a cell.
    fn pattern(&self, cell: &PathsCell) -> impl Fn(Path<'_>) -> bool + Sync + use<> {
        // An item that is on no path is the item of no step.
        let place = |node: &PathNode| (node.position - 1, self.items().find(&node.item));
        let (from, to, dropoff) = match cell {
            PathsCell::Any => (None, None, None),
            PathsCell::From(node) => (Some(place(node)), None, None),
            PathsCell::To(node) => (None, Some(place(node)), None),
            PathsCell::Edge(from, to) => (Some(place(from)), Some(place(to)), None),
            PathsCell::DropOff(node) => (None, None, Some(place(node))),
        };
        let follow = from.zip(to).is_none_or(|(from, to)| from.0 + 1 == to.0);
        move |path| {
            let last = path.steps.len() - 1;
            let is_at = |(place, item): (usize, u32)| {
                path.steps.get(place).is_some_and(|step| step.item == item)
            };
            follow
                && from.is_none_or(|from| from.0 < last && is_at(from))
                && to.is_none_or(|to| to.0 > 0 && is_at(to))
                && dropoff.is_none_or(|node| path.is_whole && node.0 == last && is_at(node))
        }
    }

    /// Visits every path, actor by actor: `take` takes a path, `leave` comes after the last one of each actor.
    fn walk<T: Default + Send>(
        &self,
        view: &View,
        stop: &Stop,
        take: impl Fn(&mut T, Actor, Path<'_>) + Sync,
        leave: impl Fn(&mut T) + Sync,
        join: impl Fn(&mut T, T),
    ) -> Result<T, InsightError> {
        let items = self.items();
        let point = |point: &Option<String>| point.as_ref().map(|text| items.find(text));
        let cut = Cut {
            start: point(&self.start_point),
            end: point(&self.end_point),
            limit: self.step_limit,
        };
        let all = view.fold(
            &self.properties,
            stop,
            Walk::<T>::default,
            |walk, part, actor, events| {
                let Walk {
                    room,
                    shortened,
                    found,
                } = walk;
                self.each_session(items, room, part, actor, events, |session| {
                    if let Some(path) = cut.path(session, shortened) {
                        take(found, actor, path);
                    }
                });
                leave(found);
            },
            |all, more| join(&mut all.found, more.found),
        )?;
        Ok(all.found)
    }

    /// Calls `then` with each session of an actor.
    fn each_session(
        &self,
        items: &Items,
        room: &mut Room,
        part: &Part<'_>,
        actor: Actor,
        events: Range<usize>,
        mut then: impl FnMut(&[Step]),
    ) {
        let Room { funnel, session } = room;
        if !self.events.admits(actor) {
            return;
        }
        let (mut from, mut to) = (self.range.from.0, self.range.to.0);
        if let Some(around) = &self.around {
            let Some(times) = around.times(funnel, part, actor, events.clone()) else {
                return;
            };
            (from, to) = (from.max(*times.start()), to.min(*times.end()));
        }
        session.clear();
        let mut previous = i64::MIN;
        for event in events {
            let at = part.times[event];
            if at < from {
                continue;
            }
            if at > to {
                break;
            }
            let item = items.of(part, event);
            if item == MISSING || !self.events.matches(part, actor, event) {
                continue;
            }
            if !session.is_empty() && at - previous >= self.pause {
                then(session);
                session.clear();
            }
            previous = at;
            if session.last().is_none_or(|last| last.item != item) {
                session.push(Step { item, at });
            }
        }
        if !session.is_empty() {
            then(session);
        }
    }
}
