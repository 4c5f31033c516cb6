//! Funnels: how many people go through some steps, how long it takes them, and who they are.
//!
//! What an actor does is one thing everywhere: the events that matter (`hits`), the attempts made of them
//! (`attempt`), and among these the one that reaches furthest, the earliest such. The answers differ in what
//! they say of it: [`steps`] counts people by step.

mod attempt;
mod hits;
mod query;
#[cfg(test)]
pub(crate) mod slow;
pub mod steps;
#[cfg(test)]
mod tests;

use std::ops::Range;
use std::sync::Arc;

use crate::events::Frozen;
use crate::events::census::Actor;
use crate::events::properties::Property;
use crate::events::view::Part;
use crate::insights::entity::Entity;
use crate::insights::matching::Preparation;
use crate::insights::{InsightError, Source};
use attempt::Rules;
use hits::{Hit, Hits};

pub use query::{Exclusion, FunnelError, FunnelQuery, MOST_STEPS, Order, Window, WindowUnit};
pub use steps::{FunnelCell, StepCount};

/// A query that is ready to be answered.
pub struct Funnel {
    frozen: Frozen,
    properties: Vec<Arc<Property>>,
    hits: Hits,
    rules: Rules,
}

impl FunnelQuery {
    /// Gets ready to answer.
    pub fn prepare(&self, source: Source<'_>) -> Result<Funnel, InsightError> {
        let places = self.places()?;
        let mut preparation = Preparation::new(source);
        let mut matchers = |entities: &mut dyn Iterator<Item = &Entity>| {
            entities
                .map(|entity| preparation.events_of(entity, &self.filter))
                .collect::<Result<Vec<_>, _>>()
        };
        let steps = matchers(&mut self.steps.iter())?;
        let exclusions = matchers(&mut self.exclusions.iter().map(|exclusion| &exclusion.event))?;
        let names = source.events.names().len();
        let takes_all = self.order == Order::Strict;
        Ok(Funnel {
            frozen: source.events.freeze(source.people),
            properties: preparation.properties,
            hits: Hits::new(steps, exclusions, names, self.range, takes_all),
            rules: Rules {
                steps: self.steps.len(),
                order: self.order,
                window: self.window,
                calendar: source.calendar.clone(),
                places,
            },
        })
    }
}

/// Room for what one actor did, which the next one uses again.
#[derive(Default)]
struct Room {
    hits: Vec<Hit>,
    attempts: attempt::Room,
}

impl Funnel {
    /// What an actor did that matters, and which of that is the attempt that reaches furthest.
    fn furthest<'r>(
        &self,
        room: &'r mut Room,
        part: &Part<'_>,
        actor: Actor,
        events: Range<usize>,
    ) -> (&'r [Hit], &'r [usize]) {
        self.hits.collect(part, actor, events, &mut room.hits);
        let furthest = self.rules.furthest(&room.hits, &mut room.attempts);
        (&room.hits, furthest)
    }
}
