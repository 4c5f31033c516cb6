//! Telling people apart by what their events, or they themselves, are like.

use std::cmp::Reverse;
use std::collections::HashMap;

use super::hits::Hit;
use super::query::{Attribution, FunnelBreakdown, MOST_PROPERTIES};
use crate::events::census::Actor;
use crate::events::dictionary::MISSING;
use crate::events::view::Part;
use crate::insights::InsightError;
use crate::insights::breakdown::{BreakdownBy, BreakdownValue, Values};
use crate::insights::matching::Preparation;

/// The codes of the values, or the place of a cohort.
pub(super) type Key = [u32; MOST_PROPERTIES];

/// A breakdown, ready to be looked up.
pub(super) struct Breakdown {
    by: Vec<Values>,
    limit: usize,
    attribution: Attribution,
}

/// Whose values count.
pub(super) enum Source {
    /// The actor has the same in all events.
    Actor,
    /// Each event that is one of these steps, a bit each, has its own, and other events do not do them.
    Events(u32),
}

/// Which keys are counted together.
pub(super) struct Groups {
    of_key: HashMap<Key, usize>,
    others: Option<usize>,
    values: Vec<Vec<BreakdownValue>>,
}

impl Groups {
    /// The group of a key, if it is in any.
    pub(super) fn group(&self, key: &Key) -> Option<usize> {
        self.of_key.get(key).copied().or(self.others)
    }

    /// What each group has in common.
    pub(super) fn values(&self) -> &[Vec<BreakdownValue>] {
        &self.values
    }
}

impl Breakdown {
    /// Gets a breakdown ready; nothing is told apart by no properties.
    pub(super) fn new(
        asked: Option<&FunnelBreakdown>,
        preparation: &mut Preparation<'_>,
    ) -> Result<Option<Self>, InsightError> {
        let Some(asked) = asked.filter(|asked| !asked.by.is_empty()) else {
            return Ok(None);
        };
        let values = |by: &BreakdownBy| Values::new(Some(by), preparation);
        Ok(Some(Self {
            by: asked.by.iter().map(values).collect::<Result<_, _>>()?,
            limit: asked.limit.max(1),
            attribution: asked.attribution,
        }))
    }

    pub(super) fn source(&self) -> Source {
        let reads_events = self.by.iter().any(|by| matches!(by, Values::Event(..)));
        match self.attribution {
            Attribution::AllEvents if reads_events => Source::Events(u32::MAX),
            Attribution::Step(step) if reads_events => Source::Events(1 << step),
            _ => Source::Actor,
        }
    }

    /// The values at an event.
    pub(super) fn key(&self, part: &Part<'_>, actor: Actor, hit: &Hit) -> Key {
        let mut key = [MISSING; MOST_PROPERTIES];
        for (code, values) in key.iter_mut().zip(&self.by) {
            *code = values.canonical(values.code(part, actor, hit.event));
        }
        key
    }

    /// Calls `then` with the values of an actor, where [`Self::source`] says that these count.
    pub(super) fn keys(
        &self,
        part: &Part<'_>,
        actor: Actor,
        hits: &[Hit],
        mut then: impl FnMut(Key),
    ) {
        if let [cohorts @ Values::Cohorts(_)] = &self.by[..] {
            return cohorts.each_cohort(actor, |place| then([place as u32, MISSING, MISSING]));
        }
        let steps = hits.iter().filter(|hit| hit.steps != 0);
        let has_value = |key: &Key| {
            let mut codes = self.by.iter().zip(key);
            codes.any(|(by, &code)| matches!(by, Values::Event(..)) && code != MISSING)
        };
        let key = |hit: &Hit| self.key(part, actor, hit);
        let Some(first) = steps.clone().next().map(key) else {
            return;
        };
        let touched = match self.attribution {
            Attribution::LastTouch => steps.rev().map(key).find(has_value),
            _ => steps.map(key).find(has_value),
        };
        then(touched.unwrap_or(first));
    }

    /// The groups, if they do not depend on how many people have each value.
    pub(super) fn fixed(&self) -> Option<Groups> {
        let [Values::Cohorts(cohorts)] = &self.by[..] else {
            return None;
        };
        let value = |&(id, _): &(Option<i64>, _)| vec![BreakdownValue::Cohort(id)];
        let keys = (0..cohorts.len()).map(|place| ([place as u32, MISSING, MISSING], place));
        Some(Groups {
            of_key: keys.collect(),
            others: None,
            values: cohorts.iter().map(value).collect(),
        })
    }

    /// The one group of values that are asked for, unless that takes counting people.
    pub(super) fn only(&self, values: &[BreakdownValue]) -> Option<Groups> {
        if self.fixed().is_some() || values.contains(&BreakdownValue::Other) {
            return None;
        }
        let mut key = Some([MISSING; MOST_PROPERTIES]).filter(|_| values.len() == self.by.len());
        for (place, (by, value)) in self.by.iter().zip(values).enumerate() {
            match (key.as_mut(), by.code_of(value)) {
                (Some(key), Some(code)) => key[place] = code,
                _ => key = None,
            }
        }
        Some(Groups {
            of_key: key.map(|key| (key, 0)).into_iter().collect(),
            others: None,
            values: vec![values.to_vec()],
        })
    }

    /// The groups, given how many people have each key: the most frequent come first.
    pub(super) fn ranked(&self, counts: &HashMap<Key, u64>) -> Groups {
        let known: Vec<_> = self.by.iter().map(Values::known).collect();
        let texts = |key: &Key| -> Vec<Option<&str>> {
            let parts = self.by.iter().zip(&known).zip(key);
            let text = parts.map(|((by, known), &code)| by.text(*known, code));
            text.collect()
        };
        let by_rank = |a: &Key, b: &Key| {
            let count = |key| Reverse(counts[key]);
            let by_count = count(a).cmp(&count(b));
            by_count.then_with(|| texts(a).cmp(&texts(b)))
        };
        let mut keys: Vec<Key> = counts.keys().copied().collect();
        let has_others = keys.len() > self.limit;
        if has_others {
            keys.select_nth_unstable_by(self.limit, by_rank);
            keys.truncate(self.limit);
        }
        keys.sort_unstable_by(by_rank);
        let value = |text: Option<&str>| match text {
            Some(text) => BreakdownValue::Text(text.to_owned()),
            None => BreakdownValue::Missing,
        };
        let values = |key| texts(key).into_iter().map(value).collect();
        let mut values: Vec<Vec<_>> = keys.iter().map(values).collect();
        let others = has_others.then_some(keys.len());
        if has_others {
            values.push(vec![BreakdownValue::Other; self.by.len()]);
        }
        Groups {
            of_key: keys.into_iter().zip(0..).collect(),
            others,
            values,
        }
    }
}
