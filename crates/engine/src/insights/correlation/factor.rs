//! The people behind one factor: who has it and who has not, of those who went through and those who did not.

use persons_api::{FilterTree, Subject};

use super::odds::Split;
use super::{CorrelationError, step_names};
use crate::events::Stop;
use crate::events::view::Part;
use crate::events::{census::Actor, view::View};
use crate::insights::actors::{Page, People, page};
use crate::insights::entity::Entity;
use crate::insights::funnel::steps::newest_first;
use crate::insights::funnel::stretch::Way;
use crate::insights::funnel::{Funnel, FunnelQuery, Progress, Room};
use crate::insights::matching::{EventMatcher, Preparation};
use crate::insights::{InsightError, Source};

/// What is asked: who has something, of the people in a funnel.
#[derive(Clone, Debug, PartialEq)]
pub struct FactorQuery {
    /// The funnel.
    pub funnel: FunnelQuery,
    /// How far they came.
    pub progress: Progress,
    /// What they have.
    pub sign: Sign,
}

/// What people may have.
#[derive(Clone, Debug, PartialEq)]
pub enum Sign {
    /// They did this on the way. Events with the name of a step do not count.
    Did(Entity),
    /// This holds of them. It must not ask for events.
    Are(FilterTree),
}

/// The people of one number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FactorCell {
    /// Whether they went through the funnel; both if not given.
    pub is_converted: Option<bool>,
    /// Whether they have it.
    pub has_factor: bool,
}

/// The four numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FactorTable {
    /// Who has it.
    pub with: Split,
    /// Who has not.
    pub without: Split,
}

/// A query that is ready to be answered.
pub struct FactorPeople {
    funnel: Funnel,
    progress: Progress,
    sign: Wanted,
    is_step: Vec<bool>,
}

/// A [`Sign`], ready to be looked for.
enum Wanted {
    Did(EventMatcher),
    Are(EventMatcher),
}

impl FactorQuery {
    /// Gets ready to answer.
    pub fn prepare(&self, source: Source<'_>) -> Result<FactorPeople, InsightError> {
        let mut preparation = Preparation::new(source);
        let none = FilterTree::default();
        let sign = match &self.sign {
            Sign::Did(entity) => Wanted::Did(preparation.events_of(entity, &none)?),
            Sign::Are(filter) => {
                if asks_for_events(filter) {
                    return Err(CorrelationError::NotAboutPeople.into());
                }
                Wanted::Are(preparation.events_of(&Entity::event(None), filter)?)
            }
        };
        Ok(FactorPeople {
            funnel: self.funnel.prepare_with(&mut preparation)?,
            progress: self.progress.clone(),
            sign,
            is_step: step_names(&self.funnel, source),
        })
    }
}

fn asks_for_events(filter: &FilterTree) -> bool {
    match filter {
        FilterTree::Leaf(leaf) => leaf.subject == Subject::Event,
        FilterTree::Group(_, members) => members.iter().any(asks_for_events),
    }
}

impl FactorPeople {
    fn has_factor(&self, part: &Part<'_>, actor: Actor, way: &Way) -> bool {
        match &self.sign {
            Wanted::Did(matcher) => {
                let mut events = way.events.clone();
                matcher.admits(actor)
                    && events.any(|event| {
                        !self.is_step[part.names[event] as usize]
                            && matcher.matches(part, actor, event)
                    })
            }
            Wanted::Are(matcher) => matcher.admits(actor),
        }
    }

    /// Visits everybody who is meant, with how many steps they did, and the cell they are in.
    fn fold<T: Send + Default>(
        &self,
        view: &View,
        stop: &Stop,
        take: impl Fn(&mut T, Actor, usize, bool, bool) + Sync,
        mut join: impl FnMut(&mut T, T),
    ) -> Result<T, InsightError> {
        let (_, found) = view.fold(
            &self.funnel.properties,
            stop,
            <(Room, T)>::default,
            |(room, found), part, actor, events| {
                let way = self.funnel.way(room, part, actor, events);
                let Some(way) = way.filter(|way| self.progress.contains(way.steps)) else {
                    return;
                };
                let has_factor = self.has_factor(part, actor, &way);
                take(found, actor, way.steps, way.is_converted, has_factor);
            },
            |(_, all), (_, more)| join(all, more),
        )?;
        Ok(found)
    }

    /// How many people have it and have not.
    pub fn numbers(&self, stop: &Stop) -> Result<FactorTable, InsightError> {
        self.fold(
            &self.funnel.frozen.view(),
            stop,
            |table: &mut FactorTable, actor, _, is_converted, has_factor| {
                if actor.slot().is_none() {
                } else if has_factor {
                    table.with.add(is_converted);
                } else {
                    table.without.add(is_converted);
                }
            },
            |all, more| {
                all.with.join(more.with);
                all.without.join(more.without);
            },
        )
    }

    /// The people of one number, each with how many steps they did, newest first.
    pub fn people(
        &self,
        cell: &FactorCell,
        asked: &Page,
        stop: &Stop,
    ) -> Result<People<usize>, InsightError> {
        let view = self.funnel.frozen.view();
        let found = self.fold(
            &view,
            stop,
            |found: &mut Vec<_>, actor, steps, is_converted, has_factor| {
                let is_meant = cell.is_converted.is_none_or(|meant| meant == is_converted);
                if is_meant && has_factor == cell.has_factor {
                    found.push((actor, steps));
                }
            },
            |all, more| all.extend(more),
        )?;
        Ok(page(found, view.census(), asked, newest_first))
    }
}
