//! One condition on a property: how it reads, and how it is made. The list of people and insights narrow
//! what they show by conditions, and share these.
//!
//! [`words`] and [`draft`] are pure: how a condition reads, and how one is made from what is typed.
//! [`ConditionForm`] changes one, [`suggestions`] saves typing, [`browser`] says how values are compared.

pub mod browser;
mod draft;
mod form;
pub mod suggestions;
pub mod words;

pub use self::form::ConditionForm;
