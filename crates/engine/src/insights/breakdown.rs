//! Cutting numbers by a property, or by cohorts.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use crate::bits::BitSet;
use crate::events::census::Actor;
use crate::events::dictionary::MISSING;
use crate::events::properties::{Known, Property};
use crate::events::view::Part;
use crate::events::{Stop, Stopped, View};
use crate::insights::InsightError;
use crate::insights::matching::Preparation;
use crate::select::CohortMembers;
use crate::value::Kind;

/// How many values are told apart if nobody says otherwise.
pub const DEFAULT_LIMIT: usize = 25;

/// What numbers are cut by.
#[derive(Clone, Debug, PartialEq)]
pub struct Breakdown {
    /// The property, or the cohorts.
    pub by: BreakdownBy,
    /// How many values are told apart, the most frequent; the rest is one.
    pub limit: usize,
}

/// What values come from.
#[derive(Clone, Debug, PartialEq)]
pub enum BreakdownBy {
    /// A property of the event.
    Event(String),
    /// A property of the person, as it is now.
    Person(String),
    /// The number in a property of the event, in this many ranges that hold about as many events each.
    EventRanges(String, usize),
    /// The cohorts that the person is in: by number, or everybody.
    Cohorts(Vec<Option<i64>>),
}

/// One value.
#[derive(Clone, Debug, PartialEq)]
pub enum BreakdownValue {
    /// The text of a property.
    Text(String),
    /// There is no such property, or it is empty.
    Missing,
    /// All values beyond the limit.
    Other,
    /// Numbers from the first up to, not including, the second.
    Range(f64, f64),
    /// Members of a cohort, or everybody.
    Cohort(Option<i64>),
}

/// The word for a missing value on the wire.
pub const MISSING_WORD: &str = "$$_posthog_breakdown_null_$$";
/// The word for the values beyond the limit on the wire.
pub const OTHER_WORD: &str = "$$_posthog_breakdown_other_$$";

impl BreakdownValue {
    /// The value that a text means on the wire.
    pub fn from_text(text: &str) -> Self {
        match text {
            MISSING_WORD | "" => Self::Missing,
            OTHER_WORD => Self::Other,
            text => Self::Text(text.to_owned()),
        }
    }
}

/// No group.
const NONE: u32 = u32::MAX;

/// Where the value of an event comes from.
pub(crate) enum Values {
    /// There is only one.
    One,
    /// A column of the events, and codes that mean the same text as a smaller one.
    Event(Option<(usize, Arc<Property>)>, HashMap<u32, u32>),
    /// A code for each slot, and what the codes mean.
    Person(Vec<u32>, Texts),
    /// The members of each cohort; everybody, distinct ids that belong to nobody too, if there are none.
    Cohorts(Vec<(Option<i64>, Option<BitSet>)>),
}

/// Texts by code, from 1.
#[derive(Default)]
pub(crate) struct Texts {
    all: String,
    ends: Vec<usize>,
}

impl Texts {
    fn push(&mut self, text: &str) {
        self.all.push_str(text);
        self.ends.push(self.all.len());
    }

    fn get(&self, code: u32) -> &str {
        let index = code as usize - 1;
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        &self.all[start..self.ends[index]]
    }
}

impl Values {
    /// Gets the values of a breakdown ready.
    pub(crate) fn new(
        by: Option<&BreakdownBy>,
        preparation: &mut Preparation<'_>,
    ) -> Result<Self, InsightError> {
        Ok(match by {
            None => Self::One,
            Some(BreakdownBy::Event(key) | BreakdownBy::EventRanges(key, _)) => {
                let Some(column) = preparation.column(key) else {
                    return Ok(Self::Event(None, HashMap::new()));
                };
                let property = Arc::clone(&preparation.properties[column]);
                let same = same_texts(&property);
                Self::Event(Some((column, property)), same)
            }
            Some(BreakdownBy::Person(key)) => Self::of_people(key, preparation),
            Some(BreakdownBy::Cohorts(cohorts)) => {
                let source = preparation.source;
                let members = |&id: &Option<i64>| -> Result<_, InsightError> {
                    let members = id.map(|id| {
                        source
                            .people
                            .members(id, source.texts, &mut CohortMembers::default())
                    });
                    Ok((id, members.transpose()?))
                };
                Self::Cohorts(cohorts.iter().map(members).collect::<Result<_, _>>()?)
            }
        })
    }

    fn of_people(key: &str, preparation: &Preparation<'_>) -> Self {
        let people = preparation.source.people;
        let (mut codes, mut texts) = (vec![MISSING; people.rows.len()], Texts::default());
        let Some(of_key) = people.column(key) else {
            return Self::Person(codes, texts);
        };
        let column = &of_key.values;
        // Entry of the column → code; values of other kinds with the same text mean the same.
        let mut code_of = vec![MISSING; column.size()];
        let mut later = Vec::new();
        for entry in column.entries() {
            let value = column.value(entry);
            match (value.kind, value.text) {
                (Kind::Null, _) | (_, "") => {}
                (Kind::String, text) => {
                    texts.push(text);
                    code_of[entry as usize] = texts.ends.len() as u32;
                }
                (_, text) => later.push((entry, column.lookup(Kind::String, text))),
            }
        }
        for (entry, same) in later {
            code_of[entry as usize] = match same {
                Some(same) => code_of[same as usize],
                None => {
                    texts.push(column.value(entry).text);
                    texts.ends.len() as u32
                }
            };
        }
        of_key.codes.each(|slot, entry| {
            codes[slot as usize] = code_of[entry as usize];
        });
        Self::Person(codes, texts)
    }

    /// The code of an event's value, where values have codes.
    pub(crate) fn code(&self, part: &Part<'_>, actor: Actor, event: usize) -> u32 {
        match self {
            Self::Event(Some((column, _)), _) => part.columns[*column][event],
            Self::Person(codes, _) => actor.slot().map_or(MISSING, |slot| codes[slot as usize]),
            Self::Event(None, _) | Self::One | Self::Cohorts(_) => MISSING,
        }
    }

    /// Calls `then` with the place of each cohort that an actor is in.
    pub(crate) fn each_cohort(&self, actor: Actor, then: impl FnMut(usize)) {
        let Self::Cohorts(cohorts) = self else {
            return;
        };
        let is_member = |(_, members): &(_, Option<BitSet>)| match (members, actor.slot()) {
            (None, _) => true,
            (Some(members), slot) => slot.is_some_and(|slot| members.contains(slot)),
        };
        let places = (0..cohorts.len()).filter(|&place| is_member(&cohorts[place]));
        places.for_each(then);
    }

    /// The number that is greater than every code.
    pub(crate) fn codes(&self) -> usize {
        match self {
            Self::Event(Some((_, property)), _) => property.known().values.size(),
            Self::Person(_, texts) => texts.ends.len() + 1,
            Self::Event(None, _) | Self::One | Self::Cohorts(_) => 1,
        }
    }

    /// Whether all events have one value, or cohorts, so that nobody needs to count values first.
    fn is_fixed(&self) -> bool {
        matches!(self, Self::One | Self::Cohorts(_))
    }

    /// The groups of a breakdown whose values do not depend on the events.
    pub(crate) fn fixed(&self) -> Groups {
        let values = match self {
            Self::Cohorts(cohorts) => {
                let cohort = |&(id, _): &(Option<i64>, _)| BreakdownValue::Cohort(id);
                Some(cohorts.iter().map(cohort).collect())
            }
            _ => None,
        };
        Groups {
            of_code: vec![0],
            values,
        }
    }

    /// The groups of a breakdown. Where these depend on how many events have each code, `count` counts those of
    /// an actor.
    pub(crate) fn groups(
        &self,
        breakdown: Option<&Breakdown>,
        view: &View,
        properties: &[Arc<Property>],
        stop: &Stop,
        count: impl Fn(&mut Vec<u64>, &Part<'_>, Actor, Range<usize>) + Sync,
    ) -> Result<Groups, Stopped> {
        let Some(breakdown) = breakdown.filter(|_| !self.is_fixed()) else {
            return Ok(self.fixed());
        };
        let counts = view.fold(
            properties,
            stop,
            || vec![0u64; self.codes()],
            count,
            |all, more| {
                all.iter_mut()
                    .zip(more)
                    .for_each(|(all, more)| *all += more)
            },
        )?;
        Ok(self.ranked(breakdown, counts))
    }

    /// The groups of a breakdown, given how many events have each code.
    fn ranked(&self, breakdown: &Breakdown, mut counts: Vec<u64>) -> Groups {
        if let BreakdownBy::EventRanges(_, ranges) = breakdown.by {
            return self.ranges(ranges, &counts);
        }
        // Counts of codes that mean the same belong together.
        for code in 0..counts.len() {
            let same = self.canonical(code as u32) as usize;
            if same != code {
                counts[same] += std::mem::take(&mut counts[code]);
            }
        }
        let mut codes: Vec<u32> = (0..counts.len() as u32)
            .filter(|&code| counts[code as usize] > 0)
            .collect();
        let known = self.known();
        let text = |code| self.text(known, code);
        let by_rank = |&a: &u32, &b: &u32| {
            let count = |code: u32| Reverse(counts[code as usize]);
            (count(a), text(a)).cmp(&(count(b), text(b)))
        };
        let limit = breakdown.limit.max(1);
        let has_others = codes.len() > limit;
        if has_others {
            codes.select_nth_unstable_by(limit, by_rank);
            codes.truncate(limit);
        }
        codes.sort_by(by_rank);
        let value = |&code: &u32| match text(code) {
            Some(text) => BreakdownValue::Text(text.to_owned()),
            None => BreakdownValue::Missing,
        };
        let mut values: Vec<_> = codes.iter().map(value).collect();
        let others = if has_others {
            values.push(BreakdownValue::Other);
            limit as u32
        } else {
            NONE
        };
        let mut of_code = vec![others; counts.len()];
        for (group, &code) in codes.iter().enumerate() {
            of_code[code as usize] = group as u32;
        }
        for code in 0..of_code.len() {
            of_code[code] = of_code[self.canonical(code as u32) as usize];
        }
        Groups {
            of_code,
            values: Some(values),
        }
    }

    /// The one group of a value that is asked for, unless that takes counting the values.
    pub(crate) fn only(&self, value: &BreakdownValue) -> Option<Groups> {
        let of_code = match (self, value) {
            (_, BreakdownValue::Other) | (Self::Cohorts(_) | Self::One, _) => return None,
            (Self::Event(Some((_, property)), _), BreakdownValue::Range(from, to)) => {
                let known = property.known();
                let inside = |code| (*from..*to).contains(&known.values.number(code));
                (0..known.values.size() as u32)
                    .map(|code| if inside(code) { 0 } else { NONE })
                    .collect()
            }
            (_, value) => {
                let mut of_code = vec![NONE; self.codes()];
                let wanted = self.code_of(value);
                for code in 0..of_code.len() as u32 {
                    if Some(self.canonical(code)) == wanted {
                        of_code[code as usize] = 0;
                    }
                }
                of_code
            }
        };
        Some(Groups {
            of_code,
            values: Some(vec![value.clone()]),
        })
    }

    /// The code of a value, if anything has it.
    pub(crate) fn code_of(&self, value: &BreakdownValue) -> Option<u32> {
        match (self, value) {
            (_, BreakdownValue::Missing) => Some(MISSING),
            (Self::Event(Some((_, property)), _), BreakdownValue::Text(text)) => {
                let known = property.known();
                let kinds = Kind::ALL.into_iter().filter(|&kind| kind != Kind::Null);
                let mut codes = kinds.filter_map(|kind| known.values.lookup(kind, text));
                codes.next().map(|code| self.canonical(code))
            }
            (Self::Person(_, texts), BreakdownValue::Text(text)) => {
                (1..=texts.ends.len() as u32).find(|&code| texts.get(code) == text)
            }
            _ => None,
        }
    }

    /// The one code of all that mean the same as a code.
    pub(crate) fn canonical(&self, code: u32) -> u32 {
        match self {
            Self::Event(_, same) if !same.is_empty() => same.get(&code).copied().unwrap_or(code),
            _ => code,
        }
    }

    /// What is known of the property of events, if values are from one.
    pub(crate) fn known(&self) -> Option<&Known> {
        match self {
            Self::Event(Some((_, property)), _) => Some(property.known()),
            _ => None,
        }
    }

    /// The text of a code; `None` for [`MISSING`].
    pub(crate) fn text<'t>(&'t self, known: Option<&'t Known>, code: u32) -> Option<&'t str> {
        match self {
            Self::Event(..) => known?.values.value(code).map(|value| value.text),
            Self::Person(_, texts) if code != MISSING => Some(texts.get(code)),
            Self::Person(..) | Self::One | Self::Cohorts(_) => None,
        }
    }

    /// Ranges that hold about as many of the counted events each.
    fn ranges(&self, ranges: usize, counts: &[u64]) -> Groups {
        let mut of_code = vec![NONE; counts.len()];
        let Self::Event(Some((_, property)), _) = self else {
            let values = Some(Vec::new());
            return Groups { of_code, values };
        };
        let known = property.known();
        let number = |code: u32| known.values.number(code);
        let mut codes: Vec<u32> = (0..counts.len() as u32)
            .filter(|&code| counts[code as usize] > 0 && !number(code).is_nan())
            .collect();
        codes.sort_unstable_by(|&a, &b| number(a).total_cmp(&number(b)));
        let all: u64 = codes.iter().map(|&code| counts[code as usize]).sum();
        let (mut starts, mut before) = (Vec::<f64>::new(), 0);
        for &code in &codes {
            let is_due = before * ranges.max(1) as u64 >= all * starts.len() as u64;
            if is_due && starts.last().is_none_or(|&last| last < number(code)) {
                starts.push(number(code));
            }
            before += counts[code as usize];
        }
        let last = codes.last().map_or(0.0, |&code| number(code));
        let ends = starts.iter().skip(1).copied();
        // The greatest number lies in the last range, whose end is not included.
        let ends = ends.chain(std::iter::once(last.next_up()));
        let values: Vec<_> = starts
            .iter()
            .zip(ends)
            .map(|(&from, to)| BreakdownValue::Range(from, to))
            .collect();
        for code in codes {
            let group = starts.partition_point(|&start| start <= number(code)) - 1;
            of_code[code as usize] = group as u32;
        }
        Groups {
            of_code,
            values: Some(values),
        }
    }
}

/// The codes whose values are written like another one's that has a smaller code or is missing.
pub(crate) fn same_texts(property: &Property) -> HashMap<u32, u32> {
    let known = property.known();
    let values = &known.values;
    let mut same = HashMap::new();
    for (kind, text) in [(Kind::Null, "null"), (Kind::String, "")] {
        if let Some(code) = values.lookup(kind, text) {
            same.insert(code, MISSING);
        }
    }
    if values.is_mixed() {
        for code in 1..values.size() as u32 {
            let Some(value) = values
                .value(code)
                .filter(|value| value.kind != Kind::String)
            else {
                continue;
            };
            if let Some(text) = values.lookup(Kind::String, value.text) {
                same.entry(code).or_insert(text);
            }
        }
    }
    same
}

/// Which codes are counted together.
pub(crate) struct Groups {
    of_code: Vec<u32>,
    /// What the groups are; without a breakdown there is one group, which is nothing in particular.
    values: Option<Vec<BreakdownValue>>,
}

impl Groups {
    /// How many groups there are.
    pub(crate) fn len(&self) -> usize {
        self.values.as_ref().map_or(1, Vec::len)
    }

    /// What a group is, if there is a breakdown.
    pub(crate) fn value(&self, group: usize) -> Option<&BreakdownValue> {
        self.values.as_ref().map(|values| &values[group])
    }

    /// Calls `then` with each group that an event is in.
    #[inline]
    pub(crate) fn each(
        &self,
        values: &Values,
        part: &Part<'_>,
        actor: Actor,
        event: usize,
        mut then: impl FnMut(usize),
    ) {
        match values {
            Values::One => then(0),
            Values::Cohorts(_) => values.each_cohort(actor, then),
            values => {
                let group = self.of_code[values.code(part, actor, event) as usize];
                if group != NONE {
                    then(group as usize);
                }
            }
        }
    }

    /// Which group has this value.
    pub(crate) fn find(&self, value: &BreakdownValue) -> Option<usize> {
        self.values
            .iter()
            .flatten()
            .position(|known| known == value)
    }
}
