//! People and their history in memory: identity, filters, search, cohorts, events and insights.
//!
//! What belongs here: every rule about people, as plain functions over plain data. What does not: I/O,
//! clocks, randomness, HTTP. Moments and new ids come in as arguments.
//!
//! Where to look: an event's way is [`event`] → [`identity`] (decides) → [`draft`] (collects) →
//! [`people`] (applies); edits that users request begin in [`edit`] instead. [`history`] records the changes. A question's way is [`select`] → [`filter`] → [`value_dictionary`];
//! one about what people did, [`insights`] → [`events`].

pub mod bits;
pub mod cohort;
pub mod column_codes;
pub mod dates;
pub mod definitions;
pub mod draft;
pub mod edit;
pub mod event;
pub mod events;
pub mod filter;
pub mod history;
mod id_list;
pub mod identity;
pub mod insights;
mod key_sets;
mod key_table;
mod member_set;
pub mod name;
mod parallel;
pub mod people;
mod persistent;
pub mod select;
#[cfg(test)]
mod testing;
pub mod value;
pub mod value_dictionary;

pub use cohort::{CohortChange, CohortError, CohortState, Membership};
pub use definitions::{Definitions, EventStat};
pub use draft::{
    Changes, Draft, EventDeletion, EventRecord, ImportCheckpoint, PersonState, StoredEvents,
    Warning,
};
pub use edit::{DeletionWish, EditError, Edited, Parting};
pub use event::{Arrival, CapturedEvent, EventError, OversizedEvent};
pub use events::Events;
pub use filter::{EvaluationError, Matcher, Pattern, Replacement, TextEngine};
pub use history::{Act, Actor, Cause, HistoryEntry, Point, Seen, Step};
pub use member_set::MemberSet;
pub use people::{People, PersonRef, StoredId, person_uuid};
pub use select::{Query, Selection};
pub use value::{Kind, ValueRef};
