//! Doing something now, and again whenever what it depends on changes.

use leptos::prelude::*;

/// Does it until the current owner is gone. It is told whether it is done for the first time.
///
/// One kind of effect for the whole app: each closure of its own type would bring a copy of what runs it.
pub fn effect(what: impl FnMut(bool) + 'static) {
    run(Box::new(what));
}

fn run(mut what: Box<dyn FnMut(bool)>) {
    Effect::new(move |before: Option<()>| what(before.is_none()));
}
