//! Correlation: what the people who go through a funnel have in common, and those who do not.
//!
//! Each person counts once, by the attempt that reaches furthest, see [`crate::insights::funnel`]. What they
//! did *on the way* lies after the first step and before the last; up to the end of the window, for those who
//! did not do the last. Events with the name of a step do not count, whatever else they are.
//!
//! Many candidates are counted in one pass (`candidates`) and judged by their odds ([`odds`]); the people of
//! one of them are found by [`factor`].

mod candidates;
pub mod factor;
pub mod odds;
#[cfg(test)]
mod tests;

use thiserror::Error;

use crate::events::Stop;
use crate::insights::entity::Occurrence;
use crate::insights::funnel::{Funnel, FunnelQuery, Progress, Room};
use crate::insights::matching::Preparation;
use crate::insights::{InsightError, Source};
use candidates::Sought;
use odds::{Direction, OddsRatio, Split};

/// As many factors are shown of those that go along with success, and of those that go along with failure.
const MOST_FACTORS: usize = 10;

/// What is asked.
#[derive(Clone, Debug, PartialEq)]
pub struct CorrelationQuery {
    /// The funnel. Its breakdown is not looked at.
    pub funnel: FunnelQuery,
    /// How far the people came who are compared: [`Progress::Reached`] 1 is everybody.
    pub progress: Progress,
    /// What they may have in common.
    pub candidates: Candidates,
}

/// What people may have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Candidates {
    /// Events on the way.
    Events {
        /// But for those with these names.
        except: Vec<String>,
    },
    /// Values of properties of events on the way.
    EventProperties {
        /// The names of the events.
        events: Vec<String>,
        /// Properties that do not count.
        except: Vec<String>,
    },
    /// Values of properties that the people have now.
    PersonProperties {
        /// These properties; all if not given.
        keys: Option<Vec<String>>,
        /// Properties that do not count.
        except: Vec<String>,
    },
}

/// Something that people have in common.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Factor {
    /// They did this.
    Event(String),
    /// They did this, and the event had this value.
    EventProperty {
        /// What they did.
        event: String,
        /// The property.
        key: String,
        /// The text of its value.
        value: String,
    },
    /// They have this value.
    PersonProperty {
        /// The property.
        key: String,
        /// The text of its value.
        value: String,
    },
}

impl Factor {
    /// Its name on the wire.
    pub fn name(&self) -> String {
        match self {
            Self::Event(event) => event.clone(),
            Self::EventProperty { event, key, value } => format!("{event}::{key}::{value}"),
            Self::PersonProperty { key, value } => format!("{key}::{value}"),
        }
    }
}

/// The answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Correlations {
    /// Everybody who is compared.
    pub all: Split,
    /// Whether one group is so much larger than the other that ratios say little; if one is empty there are
    /// no factors at all.
    pub is_skewed: bool,
    /// The strongest that go along with success, then the strongest that go along with failure.
    pub factors: Vec<Correlated>,
}

/// A factor, and what goes along with it.
#[derive(Clone, Debug, PartialEq)]
pub struct Correlated {
    /// What it is.
    pub factor: Factor,
    /// Who has it.
    pub with: Split,
    /// How much that says.
    pub odds: OddsRatio,
}

/// Why a correlation makes no sense. The texts are shown to people as they stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum CorrelationError {
    /// A condition on events, where people are looked for.
    #[error("People of a property are found by properties of people and cohorts, not of events.")]
    NotAboutPeople,
}

/// A query that is ready to be answered.
pub struct Correlation {
    funnel: Funnel,
    progress: Progress,
    sought: Sought,
}

impl CorrelationQuery {
    /// Gets ready to answer.
    pub fn prepare(&self, source: Source<'_>) -> Result<Correlation, InsightError> {
        let mut preparation = Preparation::new(source);
        let is_step = step_names(&self.funnel, source);
        let sought = Sought::new(&self.candidates, &is_step, &mut preparation)?;
        Ok(Correlation {
            funnel: self.funnel.prepare_with(&mut preparation)?,
            progress: self.progress.clone(),
            sought,
        })
    }
}

/// Which names of events the steps of a funnel name.
fn step_names(funnel: &FunnelQuery, source: Source<'_>) -> Vec<bool> {
    let names = source.events.names();
    let mut is_step = vec![false; names.len()];
    let mut note = |name: &Option<String>| {
        let number = name.as_deref().and_then(|name| names.number(name));
        if let Some(number) = number {
            is_step[number as usize] = true;
        }
    };
    for step in &funnel.steps {
        match &step.occurrence {
            Occurrence::Event(name) => note(name),
            Occurrence::Action(id) => {
                let steps = source.actions.get(id).into_iter();
                let steps = steps.flat_map(|action| &action.steps);
                steps.for_each(|step| note(&step.event));
            }
        }
    }
    is_step
}

impl Correlation {
    /// The factors that say most.
    pub fn numbers(&self, stop: &Stop) -> Result<Correlations, InsightError> {
        let view = self.funnel.frozen.view();
        let (_, tally) = view.fold(
            &self.funnel.properties,
            stop,
            || (Room::default(), self.sought.tally()),
            |(room, tally), part, actor, events| {
                if actor.slot().is_none() {
                    return;
                }
                let way = self.funnel.way(room, part, actor, events);
                if let Some(way) = way.filter(|way| self.progress.contains(way.steps)) {
                    self.sought
                        .take(tally, part, actor, way.is_converted, way.events);
                }
            },
            |(_, all), (_, more)| all.join(more),
        )?;
        let all = tally.all;
        let mut factors = Vec::new();
        if all.success > 0 && all.failure > 0 {
            self.sought.factors(&tally, |with, factor| {
                if !all.hardly_has(with) {
                    factors.push(Correlated {
                        factor: factor(),
                        with,
                        odds: OddsRatio::new(with, all),
                    });
                }
            });
        }
        Ok(Correlations {
            all,
            is_skewed: all.is_skewed(),
            factors: strongest(factors),
        })
    }
}

/// The strongest factors of each direction.
fn strongest(factors: Vec<Correlated>) -> Vec<Correlated> {
    let is_success = |one: &Correlated| one.odds.direction() == Direction::Success;
    let (mut success, mut failure): (Vec<_>, Vec<_>) = factors.into_iter().partition(is_success);
    for factors in [&mut success, &mut failure] {
        factors.sort_unstable_by(|a, b| {
            let by_strength = a.odds.strongest_first(b.odds);
            by_strength.then_with(|| a.factor.cmp(&b.factor))
        });
        factors.truncate(MOST_FACTORS);
    }
    success.append(&mut failure);
    success
}
