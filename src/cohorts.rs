//! What several screens say about a cohort in the same words: its name, and the way to everybody in it.

use leptos::prelude::*;
use persons_api::{Cohort, Operator, PropertyFilter, Subject};
use serde_json::json;

use crate::routes::{PersonsState, Route};

/// The name, leading to everybody in it.
pub fn link(cohort: &Cohort) -> AnyView {
    let members = Route::Persons(PersonsState::filtered(PropertyFilter {
        subject: Subject::Cohort,
        key: "id".into(),
        operator: Operator::In,
        value: json!(cohort.id),
    }));
    let name = cohort.name.clone().filter(|name| !name.is_empty());
    let name = name.unwrap_or_else(|| format!("Cohort {}", cohort.id));
    view! { <a href=members.url()><bdi>{name}</bdi></a> }.into_any()
}
