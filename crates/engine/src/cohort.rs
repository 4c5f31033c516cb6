//! Cohorts: saved sets of people, by a filter (dynamic) or by hand (static).

use std::collections::BTreeSet;
use std::sync::Arc;

use persons_api::filter::cohort_id;
use persons_api::{FilterTree, Operator, Subject, Timestamp};
use serde_json::Value;

use crate::people::People;

/// Who is in a cohort.
#[derive(Clone, Debug, PartialEq)]
pub enum Membership {
    /// Whoever matches now.
    Dynamic(FilterTree),
    /// These people, by number.
    Static(BTreeSet<i64>),
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
pub fn references(tree: &FilterTree) -> Vec<i64> {
    tree.leaves()
        .into_iter()
        .filter(|leaf| {
            leaf.subject == Subject::Cohort
                && matches!(leaf.operator, Operator::In | Operator::NotIn)
        })
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

    /// Whether a cohort with this filter would, directly or not, refer to itself.
    pub fn cohort_would_loop(&self, id: Option<i64>, tree: &FilterTree) -> bool {
        let mut open = references(tree);
        let mut visited = BTreeSet::new();
        while let Some(next) = open.pop() {
            if Some(next) == id {
                return true;
            }
            if visited.insert(next) {
                open.extend(
                    self.cohorts
                        .get(&next)
                        .into_iter()
                        .flat_map(|cohort| cohort.references()),
                );
            }
        }
        false
    }
}
