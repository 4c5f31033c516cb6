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

pub(super) use correlation::CorrelationPeople;
pub(super) use funnel::FunnelPeople;
pub(super) use lifecycle::LifecyclePeople;
pub(super) use numbers::{correlation, funnel, path, retention, trend};
pub(super) use paths::PathsPeople;
pub(super) use people::list;
pub(super) use questions::{Question, Questions, source};
pub(super) use retention::people as retention_people;
pub(super) use series::filter;
pub(super) use stickiness::StickinessPeople;
pub(super) use trends::TrendsPeople;
