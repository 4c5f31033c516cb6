//! The tab with the most important at a glance: what is known, who it is, and the cohorts.

use std::sync::Arc;

use leptos::prelude::*;
use persons_api::{Cohort, Person, Timestamp};

use super::cohorts::CohortLinks;
use super::groups::{GROUPS, Group, automatic};
use super::ids::{AllIds, Id};
use super::pins::{PINNED_ID, Pins};
use super::property::PropertyLine;
use super::somebody::calendar;
use crate::api::Load;
use crate::outbox::{Pending, your_changes};
use crate::person::address::PersonTab;
use crate::platform::{clock, intl};
use crate::ui::copy::CopyButton;
use crate::ui::dynamic::{self, Member, each, when};
use crate::ui::kind::distance;
use crate::ui::part;

/// Lines of a group that are drawn before asking.
const AT_ONCE: usize = 6;

/// Three columns, on a phone one.
#[component]
pub fn Overview(
    /// Who.
    person: Arc<Person>,
    /// The cohorts they are in.
    cohorts: Load<Vec<Cohort>>,
    /// What is pinned.
    pins: Pins,
    /// Chooses another tab.
    on_choose: Callback<PersonTab>,
) -> impl IntoView {
    let groups = GROUPS.map(|group| view! { <Lines person=person.clone() group pins/> }.into_any());
    let (uuid, pending) = (person.uuid, Pending::expect());
    view! {
        <div class="overview">
            <div class="overview-column">
                <Pinned person=person.clone() pins/>
                {groups.into_iter().collect_view()}
            </div>
            <div class="overview-column">
                <Identity person on_choose/>
                {part::widget(calendar, uuid)}
            </div>
            <div class="overview-column">
                <section class="panel" aria-labelledby="overview-cohorts">
                    <h2 id="overview-cohorts">"Cohorts"</h2>
                    <CohortLinks cohorts/>
                </section>
                {when(move || pending.is_awake(), move || part::widget(your_changes, uuid))}
            </div>
        </div>
    }
}

/// What somebody pinned; without that, what is worth it for most.
#[component]
fn Pinned(person: Arc<Person>, pins: Pins) -> impl IntoView {
    let has_none = move || pins.keys().is_empty();
    let title = dynamic::text(move || if has_none() { "At a glance" } else { "Pinned" }.into());
    let lines = move || {
        let pinned = pins.keys();
        let keys = if pinned.is_empty() {
            automatic(&person.properties)
        } else {
            pinned
        };
        keys.into_iter()
            .map(|key| line(&person, key, pins))
            .collect()
    };
    let hint = || {
        view! {
            <p class="note overview-note">
                "Nothing is pinned. The star beside a property keeps it here, for all people of this project."
            </p>
        }
        .into_any()
    };
    view! {
        <section class="panel" aria-labelledby=PINNED_ID>
            <h2 id=PINNED_ID tabindex="-1">{title}</h2>
            <dl>{each(lines)}</dl>
            {when(has_none, hint)}
        </section>
    }
}

fn line(person: &Person, key: String, pins: Pins) -> Member {
    let value = person.properties.get(&key).cloned();
    Member::new(key.clone(), move || {
        view! { <PropertyLine key value pins/> }.into_any()
    })
}

/// What somebody has of a group and is not pinned, if there is anything.
#[component]
fn Lines(person: Arc<Person>, group: Group, pins: Pins) -> impl IntoView {
    let title = group.title;
    let all = group.keys(&person.properties);
    let keys = Memo::new(move |_| {
        let pinned = pins.keys();
        let keys = all.iter().filter(|key| !pinned.contains(key));
        keys.cloned().collect::<Vec<_>>()
    });
    let is_all = RwSignal::new(false);
    when(
        move || !keys.read().is_empty(),
        move || view! { <Section title person=person.clone() keys is_all pins/> }.into_any(),
    )
}

#[component]
fn Section(
    title: &'static str,
    person: Arc<Person>,
    keys: Memo<Vec<String>>,
    is_all: RwSignal<bool>,
    pins: Pins,
) -> impl IntoView {
    let id = format!("overview-{title}");
    let labelled_by = id.clone();
    let lines = move || {
        let limit = if is_all.get() { usize::MAX } else { AT_ONCE };
        let keys = keys.read();
        let shown = keys.iter().take(limit).cloned();
        shown.map(|key| line(&person, key, pins)).collect()
    };
    let more = move || {
        let words = dynamic::text(move || {
            if is_all.get() {
                "Show less".into()
            } else {
                format!("Show all {}", keys.read().len())
            }
        });
        view! {
            <p class="overview-note">
                <button type="button" class="link" on:click=move |_| is_all.update(|is_all| *is_all = !*is_all)>
                    {words}
                </button>
            </p>
        }
        .into_any()
    };
    view! {
        <section class="panel" aria-labelledby=labelled_by>
            <h2 id=id>{title}</h2>
            <dl>{each(lines)}</dl>
            {when(move || keys.read().len() > AT_ONCE, more)}
        </section>
    }
}

/// What identifies somebody, and since when.
#[component]
fn Identity(person: Arc<Person>, on_choose: Callback<PersonTab>) -> impl IntoView {
    let properties = intl::number(person.properties.len() as u64);
    view! {
        <section class="panel" aria-labelledby="overview-identity">
            <h2 id="overview-identity">"Identity"</h2>
            <dl>
                <div class="line">
                    <dt>"UUID"</dt>
                    <dd><Id id=person.uuid.to_string() what="UUID" is_whole=true/></dd>
                </div>
                {person.created_at.map(|at| seen("First seen", "first seen", at))}
                {person.last_seen_at.map(|at| seen("Last seen", "last seen", at))}
                <div class="line">
                    <dt>"Properties"</dt>
                    <dd>
                        <button
                            type="button"
                            class="link"
                            on:click=move |_| on_choose.run(PersonTab::Properties)
                        >
                            {format!("Show all {properties}")}
                        </button>
                    </dd>
                </div>
            </dl>
            <AllIds person/>
        </section>
    }
}

fn seen(title: &'static str, what: &'static str, at: Timestamp) -> AnyView {
    let ago = intl::relative_in_words(distance(at, clock::now()));
    view! {
        <div class="line">
            <dt>{title}</dt>
            <dd>
                <span class="id">
                    <span>
                        <time datetime=at.to_string() title=intl::moment(at)>{intl::day(at)}</time>
                        <span class="property-hint">{ago}</span>
                    </span>
                    <CopyButton what text=move || at.to_string()/>
                </span>
            </dd>
        </div>
    }
    .into_any()
}
