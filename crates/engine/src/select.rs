//! Finding people: search, filters, pages, the values of a property.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use memchr::memmem;
use persons_api::filter::cohort_id;
use persons_api::{Condition, FilterTree, Operator, PropertyFilter, Subject};
use uuid::Uuid;

use crate::bits::BitSet;
use crate::cohort::Membership;
use crate::filter::{EvaluationError, Test, TextEngine};
use crate::people::{People, PersonRef};
use crate::value::ValueRef;

/// What is asked for; everything given must hold.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// Text that the UUID, a distinct id or the value of any property contains, ignoring case.
    pub search: Option<String>,
    /// The exact `email` property.
    pub email: Option<String>,
    /// The exact distinct id.
    pub distinct_id: Option<String>,
    /// Conditions.
    pub filter: FilterTree,
}

/// A value by its rank in a list: its holders, its text as it is searched, and its entry.
type Ranked<'a> = (Reverse<u32>, &'a [u8], u32);

/// Who was found.
pub enum Selection {
    /// Everybody.
    All,
    /// The people in these slots.
    Slots(BitSet),
}

impl People {
    /// Finds people.
    pub fn select(
        &self,
        query: &Query,
        regex: &dyn TextEngine,
    ) -> Result<Selection, EvaluationError> {
        let mut found: Option<BitSet> = None;
        let mut narrow = |slots: BitSet| match &mut found {
            Some(found) => found.intersect(&slots),
            None => found = Some(slots),
        };
        if !query.filter.is_empty() {
            narrow(self.matching(&query.filter, regex, &mut CohortMembers::default())?);
        }
        if let Some(email) = &query.email {
            let filter = PropertyFilter::person("email", Operator::Exact, email.as_str().into());
            narrow(self.passing(&filter, regex)?);
        }
        if let Some(id) = &query.distinct_id {
            narrow(
                self.by_distinct_id(id)
                    .map(|person| person.slot())
                    .into_iter()
                    .collect(),
            );
        }
        if let Some(needle) = query
            .search
            .as_deref()
            .map(str::trim)
            .filter(|needle| !needle.is_empty())
        {
            narrow(self.search(&needle.to_lowercase()));
        }
        Ok(found.map_or(Selection::All, Selection::Slots))
    }

    /// How many were found.
    pub fn count(&self, selection: &Selection) -> usize {
        match selection {
            Selection::All => self.len(),
            Selection::Slots(slots) => slots.len(),
        }
    }

    /// A page of those found, newest first: by `created_at`, then by number, both descending.
    pub fn page<'a>(
        &'a self,
        selection: &'a Selection,
        offset: usize,
        limit: usize,
    ) -> Vec<PersonRef<'a>> {
        match selection {
            Selection::All => {
                let slots = self.order.iter_back(offset).take(limit);
                slots.filter_map(|&slot| self.person(slot)).collect()
            }
            Selection::Slots(found) => self
                .order
                .iter()
                .rev()
                .filter(|&&slot| found.contains(slot))
                .skip(offset)
                .take(limit)
                .filter_map(|&slot| self.person(slot))
                .collect(),
        }
    }

    /// The people in a cohort, or why there is no answer.
    pub fn cohort_members(
        &self,
        id: i64,
        regex: &dyn TextEngine,
    ) -> Result<Selection, EvaluationError> {
        Ok(Selection::Slots(self.members(
            id,
            regex,
            &mut CohortMembers::default(),
        )?))
    }

    /// Whether a person was found.
    pub fn is_selected(&self, selection: &Selection, person: PersonRef<'_>) -> bool {
        match selection {
            Selection::All => true,
            Selection::Slots(slots) => slots.contains(person.slot()),
        }
    }

    /// The values of a property with the number of people who have each, most frequent first, equal
    /// counts by text. `contains` narrows them, ignoring case.
    pub fn values(&self, key: &str, contains: &str, limit: usize) -> Vec<(ValueRef<'_>, u32)> {
        let Some(column) = self.column(key).map(|column| &column.values) else {
            return Vec::new();
        };
        // What ranks them is looked up once for each, not for each comparison.
        let mut entries: Vec<Ranked<'_>> = Vec::new();
        column.each_containing(&memmem::Finder::new(&contains.to_lowercase()), |entry| {
            entries.push((
                Reverse(column.holders(entry)),
                column.searched(entry),
                entry,
            ))
        });
        let by_rank = |a: &Ranked<'_>, b: &Ranked<'_>| {
            let by_text = || column.compare(a.2, b.2);
            (a.0, a.1).cmp(&(b.0, b.1)).then_with(by_text)
        };
        if entries.len() > limit {
            // Only the part that is shown needs an order.
            entries.select_nth_unstable_by(limit, by_rank);
            entries.truncate(limit);
        }
        entries.sort_unstable_by(by_rank);
        entries
            .into_iter()
            .map(|(Reverse(holders), _, entry)| (column.value(entry), holders))
            .collect()
    }

    /// The slots of the people in whom the lower-case needle is found.
    fn search(&self, needle: &str) -> BitSet {
        let finder = memmem::Finder::new(needle);
        let mut found = BitSet::new(self.rows.len());
        for (_, _, column) in self.columns.iter() {
            let hits = column.values.containing_with(&finder);
            if !hits.is_empty() {
                column.codes.each(|slot, entry| {
                    if hits.contains(entry) {
                        found.insert(slot);
                    }
                });
            }
        }
        self.ids.each_containing(&finder, |id| {
            let owner = self.owners[id as usize];
            if self.person(owner).is_some() {
                found.insert(owner);
            }
        });
        if may_be_part_of_uuid(needle) {
            let mut buffer = Uuid::encode_buffer();
            for (slot, row) in self.alive() {
                let text = row.uuid.hyphenated().encode_lower(&mut buffer);
                if finder.find(text.as_bytes()).is_some() {
                    found.insert(slot);
                }
            }
        }
        found
    }

    fn everybody(&self) -> BitSet {
        let mut all = BitSet::new(self.rows.len());
        self.order.iter().for_each(|&slot| all.insert(slot));
        all
    }

    /// The slots of the people who pass a filter.
    fn matching(
        &self,
        tree: &FilterTree,
        regex: &dyn TextEngine,
        cohorts: &mut CohortMembers,
    ) -> Result<BitSet, EvaluationError> {
        let (condition, members) = match tree {
            FilterTree::Leaf(filter) => return self.matching_leaf(filter, regex, cohorts),
            FilterTree::Group(condition, members) => (condition, members),
        };
        let Some((first, rest)) = members.split_first() else {
            // An empty group asks for nothing, so it holds nothing back.
            return Ok(self.everybody());
        };
        let mut found = self.matching(first, regex, cohorts)?;
        for member in rest {
            let slots = self.matching(member, regex, cohorts)?;
            match condition {
                Condition::And => found.intersect(&slots),
                Condition::Or => found.unite(&slots),
            }
        }
        Ok(found)
    }

    /// The slots of the people who pass one condition.
    pub(crate) fn matching_leaf(
        &self,
        filter: &PropertyFilter,
        regex: &dyn TextEngine,
        cohorts: &mut CohortMembers,
    ) -> Result<BitSet, EvaluationError> {
        match filter.subject {
            Subject::Person => self.passing(filter, regex),
            Subject::Cohort => {
                let members =
                    self.members(cohort_id(&filter.value).unwrap_or_default(), regex, cohorts)?;
                if filter.operator == Operator::In {
                    return Ok(members);
                }
                let mut others = self.everybody();
                others.subtract(&members);
                Ok(others)
            }
            Subject::Event => Err(EvaluationError::WrongSubject {
                key: filter.key.clone(),
                subject: filter.subject.name(),
            }),
        }
    }

    /// The slots of the people whose property, or lack of it, passes one condition.
    fn passing(
        &self,
        filter: &PropertyFilter,
        regex: &dyn TextEngine,
    ) -> Result<BitSet, EvaluationError> {
        let test = Test::new(filter, regex)?;
        let missing_passes = test.passes(None);
        let mut found = if missing_passes {
            self.everybody()
        } else {
            BitSet::new(self.rows.len())
        };
        if let Some(column) = self.column(&filter.key) {
            let entries = test.entries(&column.values);
            column.codes.each(
                |slot, entry| match (entries.contains(entry), missing_passes) {
                    (true, false) => found.insert(slot),
                    (false, true) => found.remove(slot),
                    _ => {}
                },
            );
        }
        Ok(found)
    }

    /// The slots of a cohort's members.
    pub(crate) fn members(
        &self,
        id: i64,
        regex: &dyn TextEngine,
        cohorts: &mut CohortMembers,
    ) -> Result<BitSet, EvaluationError> {
        if let Some(found) = cohorts.found.get(&id) {
            return Ok(found.clone());
        }
        let cohort = self
            .cohort(id)
            .filter(|cohort| !cohort.deleted && cohorts.open.insert(id))
            .ok_or(EvaluationError::UnknownCohort(id))?;
        let slots = match &cohort.membership {
            Membership::Static(members) => members
                .iter()
                .filter_map(|&number| self.slot_of_number(number))
                .collect(),
            Membership::Dynamic(tree) => self.matching(tree, regex, cohorts)?,
        };
        cohorts.open.remove(&id);
        cohorts.found.insert(id, slots.clone());
        Ok(slots)
    }
}

/// The cohorts of one selection. Each is looked into once, however many conditions refer to it: cohorts that
/// refer twice to one another would take twice as long with each further link.
#[derive(Default)]
pub(crate) struct CohortMembers {
    /// Those that are being looked into.
    open: BTreeSet<i64>,
    /// The slots of the members of the others.
    found: BTreeMap<i64, BitSet>,
}

/// Whether a needle is looked for in UUIDs. Short words such as "ada" or "beef" are hexadecimal by
/// accident and would find one person in a hundred, so a digit, a dash or eight characters are asked for.
fn may_be_part_of_uuid(needle: &str) -> bool {
    (4..=36).contains(&needle.len())
        && needle.bytes().all(|b| b == b'-' || b.is_ascii_hexdigit())
        && (needle.len() >= 8 || needle.bytes().any(|b| b == b'-' || b.is_ascii_digit()))
}
