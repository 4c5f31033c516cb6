//! Cohorts: saved sets of people, by a filter (dynamic) or by hand (static).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use persons_api::filter::cohort_id;
use persons_api::{FilterTree, Subject, Timestamp};
use serde_json::Value;
use thiserror::Error;

use crate::draft::Draft;
use crate::member_set::MemberSet;
use crate::people::People;

/// Cohorts that may refer to each other in a chain. Members are found by following it.
const MAX_CHAIN: usize = 50;

/// Who is in a cohort.
#[derive(Clone, Debug, PartialEq)]
pub enum Membership {
    /// Whoever matches now.
    Dynamic(FilterTree),
    /// These people, by number.
    Static(MemberSet),
}

/// A cohort.
#[derive(Clone, Debug, PartialEq)]
pub struct CohortState {
    /// Its number.
    pub id: i64,
    /// What people call it.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// `filters` as it was sent, to be given back unchanged.
    pub filters: Value,
    /// Who is in it.
    pub membership: Membership,
    /// Hidden, and matching nobody, until it is restored.
    pub deleted: bool,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Why a cohort cannot be created or changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum CohortError {
    /// No cohort has this number.
    #[error("Not found.")]
    NotFound,
    /// The filter refers to a cohort that does not exist or is deleted.
    #[error("Cohort {0} does not exist")]
    UnknownReference(i64),
    /// The filter refers, directly or through other cohorts, to its own cohort.
    #[error("Cohorts cannot reference other cohorts in a loop.")]
    Loop,
    /// The chain of cohorts that refer to each other is longer than [`MAX_CHAIN`].
    #[error("Cohorts cannot reference each other in a chain of more than {MAX_CHAIN}.")]
    LongChain,
    /// The cohort is static, so it has no filter.
    #[error("A static cohort has no filters.")]
    StaticFilter,
}

/// Changes of a cohort; `None` keeps what is there.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CohortChange {
    /// The name.
    pub name: Option<String>,
    /// The description.
    pub description: Option<String>,
    /// The filters as they were sent, and what they mean.
    pub filters: Option<(Value, FilterTree)>,
    /// Whether the cohort is hidden.
    pub deleted: Option<bool>,
}

impl CohortState {
    /// Whether a person is in it by hand.
    pub(crate) fn lists(&self, person: i64) -> bool {
        matches!(&self.membership, Membership::Static(members) if members.contains(&person))
    }

    pub(crate) fn replace_member(&mut self, from: i64, into: i64) {
        if let Membership::Static(members) = &mut self.membership
            && members.remove(&from)
        {
            members.insert(into);
        }
    }

    pub(crate) fn remove_member(&mut self, number: i64) {
        if let Membership::Static(members) = &mut self.membership {
            members.remove(&number);
        }
    }

    /// The cohorts its filter refers to.
    fn references(&self) -> Vec<i64> {
        match &self.membership {
            Membership::Static(_) => Vec::new(),
            Membership::Dynamic(tree) => references(tree),
        }
    }
}

/// The cohorts a filter refers to.
fn references(tree: &FilterTree) -> Vec<i64> {
    tree.leaves()
        .into_iter()
        .filter(|leaf| leaf.subject == Subject::Cohort)
        .filter_map(|leaf| cohort_id(&leaf.value))
        .collect()
}

impl People {
    /// All cohorts, deleted ones included, oldest first.
    pub fn cohorts(&self) -> impl Iterator<Item = &CohortState> {
        self.cohorts.values().map(|cohort| &**cohort)
    }

    /// A cohort, deleted or not.
    pub fn cohort(&self, id: i64) -> Option<&CohortState> {
        self.cohorts.get(&id).map(|cohort| &**cohort)
    }

    /// Adds or replaces a cohort that has been stored.
    pub fn put_cohort(&mut self, cohort: CohortState) {
        Arc::make_mut(&mut self.cohorts).insert(cohort.id, Arc::new(cohort));
    }
}

impl Draft<'_> {
    /// Returns a cohort at this point of the draft, deleted or not.
    pub fn cohort(&self, id: i64) -> Option<CohortState> {
        if let Some(cohort) = self.drafted_cohorts().iter().find(|cohort| cohort.id == id) {
            return Some(cohort.clone());
        }
        let mut cohort = self.base().cohort(id)?.clone();
        if let Membership::Static(members) = &mut cohort.membership {
            self.bring_up_to_date(members);
        }
        Some(cohort)
    }

    /// Adds a cohort and returns its number.
    ///
    /// # Errors
    ///
    /// If its filter refers to a cohort that does not exist, or makes a chain of cohorts too long.
    pub fn create_cohort(
        &mut self,
        name: String,
        description: String,
        filters: Value,
        membership: Membership,
        created_at: Timestamp,
    ) -> Result<i64, CohortError> {
        let drafted = self.drafted_cohorts().iter().map(|cohort| cohort.id).max();
        let stored = self.base().cohorts().map(|cohort| cohort.id).last();
        let id = drafted.max(stored).unwrap_or(0) + 1;
        let cohort = CohortState {
            id,
            name,
            description,
            filters,
            membership,
            deleted: false,
            created_at,
        };
        self.check_references(&cohort)?;
        self.put_cohort(cohort);
        Ok(id)
    }

    /// Changes a cohort as it is at this point of the draft.
    ///
    /// # Errors
    ///
    /// If there is no such cohort, or its new filter cannot be used.
    pub fn update_cohort(&mut self, id: i64, change: CohortChange) -> Result<(), CohortError> {
        let mut cohort = self.cohort(id).ok_or(CohortError::NotFound)?;
        if let Some((filters, tree)) = change.filters {
            if let Membership::Static(_) = cohort.membership {
                return Err(CohortError::StaticFilter);
            }
            cohort.filters = filters;
            cohort.membership = Membership::Dynamic(tree);
            self.check_references(&cohort)?;
        }
        cohort.name = change.name.unwrap_or(cohort.name);
        cohort.description = change.description.unwrap_or(cohort.description);
        cohort.deleted = change.deleted.unwrap_or(cohort.deleted);
        self.put_cohort(cohort);
        Ok(())
    }

    /// Checks that the cohorts a new or changed cohort refers to exist, and that no chain becomes a loop or too
    /// long. Deleted cohorts count as links of a chain, because they can be restored.
    fn check_references(&self, changed: &CohortState) -> Result<(), CohortError> {
        let own = changed.references();
        let mut links: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
        let mut living = BTreeSet::new();
        let drafted = self.drafted_cohorts().iter();
        for cohort in self.base().cohorts().chain(drafted) {
            links.insert(cohort.id, cohort.references());
            if cohort.deleted {
                living.remove(&cohort.id);
            } else {
                living.insert(cohort.id);
            }
        }
        if own.contains(&changed.id) {
            return Err(CohortError::Loop);
        }
        if let Some(unknown) = own.iter().find(|id| !living.contains(id)) {
            return Err(CohortError::UnknownReference(*unknown));
        }
        links.insert(changed.id, own);
        let of = |links: &BTreeMap<i64, Vec<i64>>, id| links.get(&id).cloned().unwrap_or_default();
        let below = chain_length(changed.id, |id| of(&links, id))?;
        let mut referrers: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
        for (id, references) in &links {
            for reference in references {
                referrers.entry(*reference).or_default().push(*id);
            }
        }
        let above = chain_length(changed.id, |id| of(&referrers, id))?;
        // Both counts include the changed cohort.
        if below + above - 1 > MAX_CHAIN {
            return Err(CohortError::LongChain);
        }
        Ok(())
    }
}

/// Returns the number of cohorts in the longest chain that starts with `first`.
fn chain_length(first: i64, next: impl Fn(i64) -> Vec<i64>) -> Result<usize, CohortError> {
    // All cohorts that can be reached in `length` steps.
    let mut reached = BTreeSet::from([first]);
    let mut length = 0;
    while !reached.is_empty() {
        length += 1;
        if length > MAX_CHAIN {
            return Err(CohortError::LongChain);
        }
        reached = reached.into_iter().flat_map(&next).collect();
        if reached.contains(&first) {
            return Err(CohortError::Loop);
        }
    }
    Ok(length)
}
