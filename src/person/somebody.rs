//! The person, once found: who it is, and the tab of the URL.

use leptos::prelude::*;
use persons_api::Cohort;

use super::cohorts::Cohorts;
use super::deeds::{self, Deed, Thought};
use super::found::Loaded;
use super::header::Header;
use super::ids::IDS_ID;
use super::overview::Overview;
use super::properties::{Choices, Properties};
use super::raw::Raw;
use crate::activity::ActivityList;
use crate::api::Load;
use crate::platform::{focus, intl};
use crate::routes::PersonTab;
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
) -> impl IntoView {
    let Loaded { person, raw } = loaded;
    let deed = RwSignal::new(None);
    let (of, said) = (person.clone(), raw.clone());
    let dialog = dynamic(move || match deed.get() {
        Some(deed_now) => part::widget(
            deeds::dialog,
            Thought {
                deed: deed_now,
                person: of.clone(),
                raw: said.clone(),
                on_close: Callback::new(move |()| deed.set(None)),
            },
        ),
        None => ().into_any(),
    });
    let on_deed = Callback::new(move |chosen: Deed| deed.set(Some(chosen)));
    let tabs = tabs(person.properties.len() as u64, cohorts);
    let choose = Callback::new(move |name: &'static str| {
        if let Some((tab, _)) = PersonTab::ALL.iter().find(|(_, known)| *known == name) {
            on_choose.run(*tab);
        }
    });
    let show_ids = Callback::new(move |()| {
        on_choose.run(PersonTab::Overview);
        focus::soon(IDS_ID);
    });
    let shown = person.clone();
    let panel = dynamic(move || {
        let tab = tab.get();
        let content = match tab {
            PersonTab::Overview => {
                let person = shown.clone();
                view! { <Overview person cohorts pins=choices.pins on_choose/> }.into_any()
            }
            PersonTab::Properties => {
                view! { <Properties person=shown.clone() choices/> }.into_any()
            }
            PersonTab::Cohorts => view! { <Cohorts cohorts/> }.into_any(),
            PersonTab::Activity => {
                let kind = RwSignal::new(String::new());
                view! { <ActivityList person=Some(shown.uuid) kind/> }.into_any()
            }
            PersonTab::Raw => view! { <Raw raw=raw.clone()/> }.into_any(),
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
        {panel}
        {dialog}
    }
}

fn tabs(properties: u64, cohorts: Load<Vec<Cohort>>) -> Vec<Tab> {
    let of = move |(tab, name): (PersonTab, &'static str)| {
        let (label, count) = match tab {
            PersonTab::Overview => ("Overview", Signal::stored(None)),
            PersonTab::Properties => ("Properties", Signal::stored(Some(intl::number(properties)))),
            PersonTab::Cohorts => (
                "Cohorts",
                Signal::derive(move || {
                    let cohorts = cohorts.value.read();
                    cohorts
                        .as_ref()
                        .map(|cohorts| intl::number(cohorts.len() as u64))
                }),
            ),
            PersonTab::Activity => ("Activity", Signal::stored(None)),
            PersonTab::Raw => ("Raw JSON", Signal::stored(None)),
        };
        Tab { name, label, count }
    };
    PersonTab::ALL.map(of).into()
}
