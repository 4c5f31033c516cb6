//! Funnels: how many people go through some steps, how long it takes them, and who they are.
//!
//! What an actor does is one thing everywhere: the events that matter (`hits`), the attempts made of them
//! (`attempt`), and among these the one that reaches furthest, the earliest such; with a breakdown, for each
//! value (`groups`). The answers differ in what they say of it: [`steps`] counts people by step, [`trends`] by
//! when they start, [`durations`] by how long they take; what they did around and between
//! the steps (`stretch`) is for paths and correlation.

mod attempt;
pub mod durations;
mod groups;
mod hits;
mod query;
#[cfg(test)]
pub(crate) mod slow;
pub mod steps;
pub(crate) mod stretch;
#[cfg(test)]
mod tests;
pub mod trends;

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use persons_api::Timestamp;

use crate::events::census::Actor;
use crate::events::properties::Property;
use crate::events::view::Part;
use crate::events::{Frozen, Stop, Stopped, View};
use crate::insights::breakdown::BreakdownValue;
use crate::insights::entity::Entity;
use crate::insights::matching::Preparation;
use crate::insights::{InsightError, Source};
use attempt::Rules;
use groups::{Breakdown, Groups, Key};
use hits::{Hit, Hits};

pub use query::{
    Attribution, DEFAULT_LIMIT, Exclusion, FunnelBreakdown, FunnelError, FunnelQuery,
    MOST_PROPERTIES, MOST_STEPS, Order, Window, WindowUnit,
};
pub use steps::{FunnelCell, FunnelLine, Progress, StepCount};
pub use stretch::Stretch;

/// A query that is ready to be answered.
pub struct Funnel {
    pub(crate) frozen: Frozen,
    pub(crate) properties: Vec<Arc<Property>>,
    hits: Hits,
    rules: Rules,
    breakdown: Option<Breakdown>,
}

impl FunnelQuery {
    /// Gets ready to answer.
    pub fn prepare(&self, source: Source<'_>) -> Result<Funnel, InsightError> {
        let mut preparation = Preparation::new(source);
        let funnel = self.prepare_with(&mut preparation)?;
        Ok(match self.order {
            // Whatever lies between two steps matters.
            Order::Strict => funnel,
            Order::Ordered | Order::Unordered => Funnel {
                frozen: funnel.frozen.of_names(preparation.names()),
                ..funnel
            },
        })
    }

    /// Gets ready to answer together with something else that reads columns.
    pub(crate) fn prepare_with(
        &self,
        preparation: &mut Preparation<'_>,
    ) -> Result<Funnel, InsightError> {
        let source = preparation.source;
        let places = self.places()?;
        self.check_breakdown()?;
        let mut matchers = |entities: &mut dyn Iterator<Item = &Entity>| {
            entities
                .map(|entity| preparation.events_of(entity, &self.filter))
                .collect::<Result<Vec<_>, _>>()
        };
        let steps = matchers(&mut self.steps.iter())?;
        let exclusions = matchers(&mut self.exclusions.iter().map(|exclusion| &exclusion.event))?;
        let breakdown = Breakdown::new(self.breakdown.as_ref(), preparation)?;
        let names = source.events.names().len();
        let takes_all = self.order == Order::Strict;
        Ok(Funnel {
            frozen: source.events.freeze(source.people),
            properties: preparation.properties.clone(),
            hits: Hits::new(steps, exclusions, names, self.range, takes_all),
            rules: Rules::new(self, places, source.calendar),
            breakdown,
        })
    }
}

/// Room for what one actor did, which the next one uses again.
#[derive(Default)]
pub struct Room {
    hits: Vec<Hit>,
    /// The group of each hit.
    groups: Vec<Option<usize>>,
    /// The groups that there are.
    distinct: Vec<usize>,
    /// The hits as they are in one group.
    grouped: Vec<Hit>,
    attempts: attempt::Room,
}

impl Funnel {
    /// The length of the conversion window of an attempt that starts then, in microseconds.
    pub(crate) fn window_from(&self, start: Timestamp) -> i64 {
        self.rules.end(start.0).saturating_sub(start.0)
    }

    /// What an actor did that matters, nobody told apart, and which of that is the attempt that reaches furthest.
    fn furthest<'r>(
        &self,
        room: &'r mut Room,
        part: &Part<'_>,
        actor: Actor,
        events: Range<usize>,
    ) -> (&'r [Hit], &'r [usize]) {
        let hits = self.hits.collect(part, actor, events, &mut room.hits);
        (hits, self.rules.furthest(hits, &mut room.attempts))
    }

    /// Visits an actor: calls `then` with each group that they are in, and what they did in it that matters.
    fn visit(
        &self,
        room: &mut Room,
        part: &Part<'_>,
        actor: Actor,
        events: Range<usize>,
        groups: Option<&Groups>,
        mut then: impl FnMut(usize, &[Hit], &mut attempt::Room),
    ) {
        let Room {
            hits,
            groups: of_hit,
            distinct,
            grouped,
            attempts,
        } = room;
        let hits = self.hits.collect(part, actor, events, hits);
        let (Some(breakdown), Some(groups)) = (&self.breakdown, groups) else {
            return then(0, hits, attempts);
        };
        let own = match breakdown.source() {
            groups::Source::Events(own) => own,
            groups::Source::Actor => {
                return breakdown.keys(part, actor, hits, |key| {
                    if let Some(group) = groups.group(&key) {
                        then(group, hits, attempts);
                    }
                });
            }
        };
        let group = |hit: &Hit| {
            let has_own = hit.steps & own != 0;
            groups
                .group(&breakdown.key(part, actor, hit))
                .filter(|_| has_own)
        };
        of_hit.clear();
        of_hit.extend(hits.iter().map(group));
        distinct.clear();
        distinct.extend(of_hit.iter().flatten());
        distinct.sort_unstable();
        distinct.dedup();
        for &mut group in distinct {
            grouped.clear();
            grouped.extend(hits.iter().zip(&*of_hit).map(|(hit, of_hit)| Hit {
                steps: if *of_hit == Some(group) {
                    hit.steps
                } else {
                    hit.steps & !own
                },
                ..*hit
            }));
            then(group, grouped, attempts);
        }
    }

    /// What people are told apart by; nothing if there is no breakdown.
    fn groups(&self, view: &View, stop: &Stop) -> Result<Option<Groups>, Stopped> {
        let Some(breakdown) = &self.breakdown else {
            return Ok(None);
        };
        if let Some(fixed) = breakdown.fixed() {
            return Ok(Some(fixed));
        }
        let opening = self.rules.opening();
        let (.., counts) = view.fold(
            &self.properties,
            stop,
            || (Vec::new(), Vec::new(), HashMap::<Key, u64>::new()),
            |(hits, keys, counts), part, actor, events| {
                if actor.slot().is_none() {
                    return;
                }
                let hits = self.hits.collect(part, actor, events, hits);
                if !hits.iter().any(|hit| hit.steps & opening != 0) {
                    return;
                }
                keys.clear();
                match breakdown.source() {
                    groups::Source::Actor => {
                        breakdown.keys(part, actor, hits, |key| keys.push(key));
                    }
                    groups::Source::Events(own) => {
                        // All steps have the value, the one that opens an attempt too.
                        let own = if own == u32::MAX { opening } else { own };
                        let has_own = hits.iter().filter(|hit| hit.steps & own != 0);
                        keys.extend(has_own.map(|hit| breakdown.key(part, actor, hit)));
                        keys.sort_unstable();
                        keys.dedup();
                    }
                }
                for key in &*keys {
                    *counts.entry(*key).or_default() += 1;
                }
            },
            |(.., all), (.., more)| {
                for (key, count) in more {
                    *all.entry(key).or_default() += count;
                }
            },
        )?;
        Ok(Some(breakdown.ranked(&counts)))
    }

    /// The group with some values, among all groups or alone; nobody is told apart without values.
    fn group(
        &self,
        view: &View,
        values: Option<&[BreakdownValue]>,
        stop: &Stop,
    ) -> Result<(Option<Groups>, usize), InsightError> {
        let Some(values) = values else {
            return Ok((None, 0));
        };
        let only = self.breakdown.as_ref().and_then(|by| by.only(values));
        let groups = match only {
            Some(groups) => Some(groups),
            None => self.groups(view, stop)?,
        };
        let all = groups.as_ref().map_or(&[][..], Groups::values);
        let wanted = all.iter().position(|known| known == values);
        let wanted = wanted.ok_or(InsightError::NoSuchCell("breakdown value"))?;
        Ok((groups, wanted))
    }
}
