//! The things that people may have in common, and how many people have each.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use super::odds::Split;
use super::{Candidates, Factor};
use crate::events::Names;
use crate::events::census::Actor;
use crate::events::dictionary::MISSING;
use crate::events::properties::Property;
use crate::events::view::Part;
use crate::insights::breakdown::{BreakdownBy, Values, same_texts};
use crate::insights::matching::Preparation;
use crate::insights::{InsightError, Source};

/// Candidates, ready to be looked for.
pub(super) enum Sought {
    Events {
        names: Arc<Names>,
        /// By name: whether it is one.
        is_one: Vec<bool>,
    },
    EventProperties(EventProperties),
    PersonProperties(Vec<(String, Values)>),
}

/// What is known of the properties of events.
pub(super) struct EventProperties {
    /// The events, and by name which of them it is.
    events: Vec<String>,
    places: Vec<Option<usize>>,
    /// By number of the property.
    keys: Vec<Option<Key>>,
    /// The properties of each shape.
    shapes: Vec<Box<[u32]>>,
}

struct Key {
    text: String,
    property: Arc<Property>,
    /// Codes that mean the same as another one.
    same: HashMap<u32, u32>,
}

impl Sought {
    /// Gets candidates ready; `is_step` says which names of events are steps.
    pub(super) fn new(
        candidates: &Candidates,
        is_step: &[bool],
        preparation: &mut Preparation<'_>,
    ) -> Result<Self, InsightError> {
        let Source { people, events, .. } = preparation.source;
        let names = events.names();
        Ok(match candidates {
            Candidates::Events { except } => {
                let mut is_one: Vec<bool> = is_step.iter().map(|is_step| !is_step).collect();
                for name in except.iter().filter_map(|name| names.number(name)) {
                    is_one[name as usize] = false;
                }
                Self::Events {
                    names: Arc::clone(names),
                    is_one,
                }
            }
            Candidates::EventProperties {
                events: asked,
                except,
            } => {
                let mut places = vec![None; names.len()];
                for (place, name) in asked.iter().enumerate() {
                    if let Some(name) = names.number(name) {
                        places[name as usize] = Some(place).filter(|_| !is_step[name as usize]);
                    }
                }
                let key = |known: Option<(&str, &Arc<Property>)>| {
                    let (key, property) = known?;
                    let is_one = !except.iter().any(|except| except == key);
                    is_one.then(|| Key {
                        text: key.to_owned(),
                        property: Arc::clone(property),
                        same: same_texts(property),
                    })
                };
                Self::EventProperties(EventProperties {
                    events: asked.clone(),
                    places,
                    keys: events.properties().into_iter().map(key).collect(),
                    shapes: events.shapes().map(Box::from).collect(),
                })
            }
            Candidates::PersonProperties { keys, except } => {
                let mut keys: Vec<String> = match keys {
                    Some(keys) => keys.clone(),
                    None => people
                        .columns
                        .iter()
                        .map(|(_, key, _)| key.to_owned())
                        .collect(),
                };
                keys.retain(|key| !except.contains(key));
                keys.sort_unstable();
                keys.dedup();
                let values = keys.into_iter().map(|key| {
                    let by = BreakdownBy::Person(key.clone());
                    Ok((key, Values::new(Some(&by), preparation)?))
                });
                Self::PersonProperties(values.collect::<Result<_, InsightError>>()?)
            }
        })
    }

    /// No one yet.
    pub(super) fn tally(&self) -> Tally {
        let counters = match self {
            Self::Events { is_one, .. } => vec![Counter::new(is_one.len())],
            Self::EventProperties(EventProperties { events, keys, .. }) => {
                vec![Counter::default(); events.len() * keys.len()]
            }
            Self::PersonProperties(keys) => {
                let keys = keys.iter();
                keys.map(|(_, values)| Counter::new(values.codes()))
                    .collect()
            }
        };
        Tally {
            all: Split::default(),
            counters,
            actor: 0,
        }
    }

    /// Counts an actor for all that they have.
    pub(super) fn take(
        &self,
        tally: &mut Tally,
        part: &Part<'_>,
        actor: Actor,
        is_converted: bool,
        events: Range<usize>,
    ) {
        tally.all.add(is_converted);
        tally.actor += 1;
        let Tally {
            counters,
            actor: number,
            ..
        } = tally;
        let once = (*number, is_converted);
        match self {
            Self::Events { is_one, .. } => {
                for event in events {
                    let name = part.names[event] as usize;
                    if is_one[name] {
                        counters[0].count(name, once);
                    }
                }
            }
            Self::EventProperties(sought) => {
                for event in events {
                    let Some(place) = sought.places[part.names[event] as usize] else {
                        continue;
                    };
                    let (shape, codes) = part.row(event);
                    for (&key, &code) in sought.shapes[shape as usize].iter().zip(codes) {
                        let Some(known) = &sought.keys[key as usize] else {
                            continue;
                        };
                        let code = match known.same.is_empty() {
                            true => code,
                            false => known.same.get(&code).copied().unwrap_or(code),
                        };
                        let counter = &mut counters[place * sought.keys.len() + key as usize];
                        if counter.values.is_empty() {
                            *counter = Counter::new(known.property.known().values.size());
                        }
                        if code != MISSING {
                            counter.count(code as usize, once);
                        }
                    }
                }
            }
            Self::PersonProperties(keys) => {
                for ((_, values), counter) in keys.iter().zip(counters) {
                    let code = values.code(part, actor, 0);
                    if code != MISSING {
                        counter.count(code as usize, once);
                    }
                }
            }
        }
    }

    /// All factors that somebody has, with who has them.
    pub(super) fn factors(&self, tally: &Tally, mut then: impl FnMut(Split, &dyn Fn() -> Factor)) {
        for (number, counter) in tally.counters.iter().enumerate() {
            for (code, &(with, _)) in counter.values.iter().enumerate() {
                if with.all() > 0 {
                    then(with, &|| self.factor(number, code as u32));
                }
            }
        }
    }

    fn factor(&self, counter: usize, code: u32) -> Factor {
        match self {
            Self::Events { names, .. } => Factor::Event(names.text(code).to_owned()),
            Self::EventProperties(sought) => {
                let (event, key) = (counter / sought.keys.len(), counter % sought.keys.len());
                let key = sought.keys[key].as_ref().expect("only such are counted");
                let known = key.property.known();
                let value = known.values.value(code).expect("only such are counted");
                Factor::EventProperty {
                    event: sought.events[event].clone(),
                    key: key.text.clone(),
                    value: value.text.to_owned(),
                }
            }
            Self::PersonProperties(keys) => {
                let (key, values) = &keys[counter];
                Factor::PersonProperty {
                    key: key.clone(),
                    value: values.text(None, code).unwrap_or_default().to_owned(),
                }
            }
        }
    }
}

/// Who has what.
#[derive(Clone)]
pub(super) struct Tally {
    pub(super) all: Split,
    counters: Vec<Counter>,
    /// Which actor is counted.
    actor: u32,
}

impl Tally {
    pub(super) fn join(&mut self, other: Self) {
        self.all.join(other.all);
        for (all, more) in self.counters.iter_mut().zip(other.counters) {
            if all.values.is_empty() {
                *all = more;
                continue;
            }
            // What was captured in between may have made one larger; nobody has such a value here.
            for ((all, _), (more, _)) in all.values.iter_mut().zip(more.values) {
                all.join(more);
            }
        }
    }
}

/// By code: who has the value, and the last actor that was counted.
#[derive(Clone, Default)]
struct Counter {
    values: Vec<(Split, u32)>,
}

impl Counter {
    fn new(size: usize) -> Self {
        Self {
            values: vec![Default::default(); size],
        }
    }

    /// Counts an actor (by number, from 1) for a value, however often they have it.
    fn count(&mut self, code: usize, (actor, is_converted): (u32, bool)) {
        let (with, last) = &mut self.values[code];
        if *last != actor {
            *last = actor;
            with.add(is_converted);
        }
    }
}
