//! The rows that everybody has: what somebody is known by, when they were seen, the cohorts they are in.

use std::sync::Arc;

use leptos::prelude::*;
use persons_api::{Cohort, Person, Timestamp};

use super::people::Column;
use super::rows::{in_all, span};
use super::table::{cell, row};
use crate::api::ApiError;
use crate::cohorts;
use crate::people;
use crate::platform::intl;
use crate::ui::kind::distance;
use crate::ui::time::Time;

/// Distinct ids, and cohorts, that are listed of one person.
const MOST: usize = 4;

/// All of them, in the order of the screen.
pub fn facts(columns: &[Column]) -> Vec<AnyView> {
    let known: Vec<Option<Arc<Person>>> = columns.iter().map(Column::known).collect();
    let at = |moment: fn(&Person) -> Option<Timestamp>| -> Vec<Option<Timestamp>> {
        let moments = known.iter().map(|person| moment(person.as_ref()?));
        moments.collect()
    };
    let last = at(|person| person.last_seen_at);
    let mut facts = vec![
        ids(&known),
        moments("First seen", &known, &at(|person| person.created_at)),
    ];
    // Older servers do not know.
    if last.iter().any(Option::is_some) {
        facts.push(moments("Last seen", &known, &last));
    }
    facts.push(cohorts_of(columns));
    facts
}

fn ids(known: &[Option<Arc<Person>>]) -> AnyView {
    let cells = known.iter().map(|person| {
        let Some(person) = person else {
            return cell(().into_any());
        };
        let ids = person.distinct_ids.iter().take(MOST);
        let ids = ids.map(|id| {
            let shown = people::shortened_unless_address(id);
            view! { <bdi class="mono" title=id.clone()>{shown}</bdi> }.into_any()
        });
        listed(ids.collect(), person.ids())
    });
    let lists: Vec<&[String]> = known
        .iter()
        .flatten()
        .map(|person| person.distinct_ids.as_slice())
        .collect();
    let mut difference = shared(&lists);
    if known
        .iter()
        .flatten()
        .any(|person| person.ids() > person.distinct_ids.len() as u64)
    {
        difference.push_str(" of those sent");
    }
    row(
        "Distinct ids".into(),
        cells.collect(),
        difference.into_any(),
    )
}

/// Things one below the other, and how many more there are.
fn listed(items: Vec<AnyView>, total: u64) -> AnyView {
    let more = total.saturating_sub(items.len() as u64);
    let more = (more > 0).then(|| note(format!("and {} more", intl::number(more))));
    let items = items.into_iter().chain(more);
    let items: Vec<AnyView> = items
        .map(|item| view! { <li>{item}</li> }.into_any())
        .collect();
    cell(view! { <ul>{items}</ul> }.into_any())
}

fn note(words: String) -> AnyView {
    view! { <span class="note">{words}</span> }.into_any()
}

/// What the people with these lists have in common; nothing is said of one alone.
fn shared(lists: &[&[String]]) -> String {
    let number = match in_all(lists).len() {
        0 => "none".to_owned(),
        shared => intl::number(shared as u64),
    };
    match lists.len() {
        0 | 1 => String::new(),
        2 => number + " shared",
        _ => number + " shared by all",
    }
}

fn moments(label: &str, known: &[Option<Arc<Person>>], moments: &[Option<Timestamp>]) -> AnyView {
    let cells = known.iter().zip(moments).map(|(person, at)| {
        cell(match person {
            Some(_) => view! { <Time at=*at in_words=true/> }.into_any(),
            None => ().into_any(),
        })
    });
    let apart = span(moments).map(|(earliest, latest)| {
        let distance = distance(earliest, latest);
        if distance.ago == 0 {
            return "at the same time".to_owned();
        }
        let plural = if distance.ago == 1 { "" } else { "s" };
        let least = match moments.iter().flatten().count() {
            2 => "",
            _ => "up to ",
        };
        let number = intl::number(distance.ago as u64);
        [least, &number, " ", distance.unit, plural, " apart"].concat()
    });
    row(
        label.to_owned(),
        cells.collect(),
        apart.unwrap_or_default().into_any(),
    )
}

fn cohorts_of(columns: &[Column]) -> AnyView {
    let mut lists: Vec<Vec<String>> = Vec::new();
    let mut one = |cohorts: &Result<Vec<Cohort>, ApiError>| match cohorts {
        Ok(cohorts) => {
            lists.push(cohorts.iter().map(|cohort| cohort.id.to_string()).collect());
            if cohorts.is_empty() {
                return cell(note("in none".into()));
            }
            let links = cohorts.iter().take(MOST).map(cohorts::link);
            listed(links.collect(), cohorts.len() as u64)
        }
        Err(error) => cell(note(error.to_string())),
    };
    let cells = columns.iter().map(|column| {
        let cohorts = column.known().and(column.cohorts.as_ref());
        cohorts.map_or_else(|| cell(().into_any()), &mut one)
    });
    let cells = cells.collect();
    let lists: Vec<&[String]> = lists.iter().map(Vec::as_slice).collect();
    row("Cohorts".into(), cells, shared(&lists).into_any())
}
