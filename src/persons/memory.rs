//! The list one comes back to: what was loaded, and where one was in it.

use leptos::prelude::*;

use super::at_hand::Known;
use super::list::PeopleList;
use crate::routes::PersonsState;

/// A list that was left.
#[derive(Clone)]
pub struct Left {
    /// What was asked.
    pub question: PersonsState,
    /// What was loaded.
    pub list: PeopleList,
    /// The row the keyboard was on.
    pub active: usize,
    /// How far it was scrolled.
    pub scroll_top: f64,
}

/// The last list that was left (one is enough: going back further loads anew), and everybody in it and in
/// those before.
#[derive(Clone, Copy)]
struct Memory {
    left: StoredValue<Option<Left>>,
    known: StoredValue<Known>,
}

/// Makes the memory available below. It belongs to one connection: another one has other people.
pub fn provide_memory() {
    provide_context(Memory {
        left: StoredValue::new(None),
        known: StoredValue::new(Known::default()),
    });
}

/// The people this device knows.
pub fn known() -> StoredValue<Known> {
    expect_context::<Memory>().known
}

/// What was left, if it answers the same question.
pub fn recall(question: &PersonsState) -> Option<Left> {
    let Memory { left, .. } = expect_context();
    left.get_value().filter(|left| left.question == *question)
}

/// A way to remember, for when the context is out of reach: while a page is cleaned up.
pub fn rememberer() -> impl Fn(Left) + Copy + Send + Sync {
    let Memory { left: slot, .. } = expect_context();
    move |left| {
        slot.try_update_value(|slot| *slot = Some(left));
    }
}
