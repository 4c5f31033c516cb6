//! The person, once found: who it is, and the tab of the URL.

use std::sync::Arc;

use leptos::prelude::*;
use persons_api::{Cohort, Person};
use uuid::Uuid;

use super::cohorts::Cohorts;
use super::deeds::Deed;
use super::events::{Calendar, Events};
use super::found::Loaded;
use super::header::Header;
use super::ids::IDS_ID;
use super::overview::Overview;
use super::past::{self, Banner, Past, Told};
use super::pins::Pins;
use super::properties::{Choices, Properties};
use super::raw::Raw;
use super::timeline::Timeline;
use crate::activity::ActivityList;
use crate::api::Load;
use crate::outbox::Pending;
use crate::person::address::PersonTab;
use crate::platform::{focus, intl};
use crate::styles;
use crate::ui::dynamic::dynamic;
use crate::ui::part;
use crate::ui::tabs::{Tab, Tabs, panel_id, tab_id};

/// The person.
#[component]
pub fn Somebody(
    /// Who.
    loaded: Loaded,
    /// The cohorts they are in.
    cohorts: Load<Vec<Cohort>>,
    /// The tab of the URL.
    tab: Memo<PersonTab>,
    /// Which properties are wanted.
    choices: Choices,
    /// Chooses a tab.
    on_choose: Callback<PersonTab>,
    /// Loads everything again.
    on_again: Callback<()>,
    /// Takes in what is to be done to them.
    on_deed: Callback<Deed>,
) -> impl IntoView {
    let person = loaded.person.clone();
    let past = Past::of(&person);
    let now = loaded.clone();
    // What is known of them, at the moment that is shown.
    let known = move || match past.told(&now) {
        Told::Now => Ok(now.clone()),
        Told::Then(then) => Ok(then),
        missing => Err(missing),
    };
    let counted = known.clone();
    let count = Signal::derive(move || {
        let known = counted().ok()?;
        Some(intl::number(known.person.properties.len() as u64))
    });
    let tabs = tabs(count, cohorts);
    let choose = Callback::new(move |name: &'static str| {
        if let Some((tab, _)) = PersonTab::ALL.iter().find(|(_, known)| *known == name) {
            on_choose.run(*tab);
        }
    });
    let show_ids = Callback::new(move |()| {
        on_choose.run(PersonTab::Overview);
        focus::soon(IDS_ID);
    });
    let is_read_only = Pending::expect().is_read_only();
    let panel = dynamic(move || {
        let tab = tab.get();
        let content = match tab {
            PersonTab::Timeline => part::widget(timeline, (loaded.person.clone(), choices.pins)),
            PersonTab::Events => part::widget(events, loaded.person.uuid),
            PersonTab::Cohorts => view! { <Cohorts cohorts/> }.into_any(),
            PersonTab::Activity => {
                let kind = RwSignal::new(String::new());
                view! { <ActivityList person=Some(loaded.person.uuid) kind/> }.into_any()
            }
            tab => match (tab, known()) {
                (_, Err(missing)) => past::without(past, missing),
                (PersonTab::Raw, Ok(Loaded { raw, .. })) => view! { <Raw raw/> }.into_any(),
                (PersonTab::Properties, Ok(Loaded { person, .. })) => {
                    let is_past = past.is_past();
                    let is_read_only = is_read_only.get();
                    view! { <Properties person choices is_past is_read_only/> }.into_any()
                }
                (_, Ok(Loaded { person, .. })) => {
                    view! { <Overview person cohorts pins=choices.pins on_choose/> }.into_any()
                }
            },
        };
        view! {
            <div
                role="tabpanel"
                class="tab-panel person-body"
                id=panel_id(tab.name())
                aria-labelledby=tab_id(tab.name())
            >
                {content}
            </div>
        }
        .into_any()
    });
    view! {
        <div class="person-top">
            <Header person on_ids=show_ids on_again on_deed/>
            <Tabs
                label="About this person"
                tabs=tabs
                chosen=Signal::derive(move || tab.get().name())
                on_choose=choose
            />
        </div>
        <Banner past/>
        {panel}
    }
}

fn tabs(properties: Signal<Option<String>>, cohorts: Load<Vec<Cohort>>) -> Vec<Tab> {
    let cohorts = Signal::derive(move || {
        let cohorts = cohorts.value.read();
        cohorts
            .as_ref()
            .map(|cohorts| intl::number(cohorts.len() as u64))
    });
    let of = move |(tab, name): (PersonTab, &'static str)| {
        let none = Signal::stored(None);
        let (label, count) = match tab {
            PersonTab::Overview => ("Overview", none),
            PersonTab::Properties => ("Properties", properties),
            PersonTab::Timeline => ("Timeline", none),
            PersonTab::Events => ("Events", none),
            PersonTab::Cohorts => ("Cohorts", cohorts),
            PersonTab::Activity => ("Activity", none),
            PersonTab::Raw => ("Raw JSON", none),
        };
        Tab { name, label, count }
    };
    PersonTab::ALL.map(of).into()
}

crate::part! {
    /// Few who open a person open this.
    timeline in timeline: (Arc<Person>, Pins), |(person, pins)| {
        styles!("timeline.css", "series.css");
        view! { <Timeline person pins/> }.into_any()
    }
}

crate::part! {
    /// What they did.
    events in timeline: Uuid, |person| {
        styles!("events.css");
        view! { <Events person/> }.into_any()
    }
}

crate::part! {
    /// On which days they did something: loaded after the rest is shown.
    pub(super) calendar in timeline: Uuid, |person| {
        styles!("events.css");
        view! { <Calendar person/> }.into_any()
    }
}
