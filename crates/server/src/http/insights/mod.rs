//! Questions about what people did: numbers, and the people behind each of them.
//!
//! One file per insight says what its parameters mean, how its numbers are written, and where the people of each
//! are listed. What they share: [`questions`] answers without holding anybody up and keeps answers, [`series`]
//! and [`breakdown`] read what is counted and what it is cut by, [`cells`] makes the URLs of people, [`people`]
//! writes those, [`numbers`] the rest.

mod breakdown;
mod cells;
mod correlation;
mod funnel;
mod kept;
mod lifecycle;
mod numbers;
mod paths;
mod people;
mod questions;
mod retention;
mod series;
mod stickiness;
mod trends;

pub(super) use correlation::{CorrelationNumbers, CorrelationPeople};
pub(super) use funnel::{FunnelNumbers, FunnelPeople};
pub(super) use lifecycle::{LifecycleNumbers, LifecyclePeople};
pub(super) use numbers::{
    Numbers, NumbersQuestion, correlation, funnel, numbers, path, retention, trend,
};
pub(super) use paths::{PathsNumbers, PathsPeople};
pub(super) use people::{Behind, PeopleQuestion, list};
pub(super) use questions::{Question, Questions, source};
pub(super) use retention::{
    DEFAULT_INTERVALS as DEFAULT_RETENTION_INTERVALS, RetentionNumbers, RetentionPeople,
    people as retention_people,
};
pub(super) use series::filter;
pub(super) use stickiness::{StickinessNumbers, StickinessPeople};
pub(super) use trends::{TrendsNumbers, TrendsPeople};
