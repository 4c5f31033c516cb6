//! The cohorts somebody is in: a tab, and a list for the overview.

use leptos::prelude::*;
use persons_api::Cohort;

use crate::api::{Load, Server, Session};
use crate::cohorts::link;
use crate::failure::Failure;
use crate::platform::intl;
use crate::ui::dynamic::dynamic;
use crate::ui::message::{Message, Tone};
use crate::ui::skeleton::SkeletonRows;

/// Cohorts, each a link to everybody in it.
#[component]
pub fn Cohorts(cohorts: Load<Vec<Cohort>>) -> impl IntoView {
    let try_again = Callback::new(move |()| cohorts.again());
    dynamic(move || match (cohorts.value.get(), cohorts.error.get()) {
        (Some(list), _) if list.is_empty() => view! { <InNone/> }.into_any(),
        (Some(list), _) => view! { <InThese cohorts=list/> }.into_any(),
        (None, Some(error)) => {
            view! { <Failure error what="the cohorts" on_retry=try_again/> }.into_any()
        }
        (None, None) => view! { <div class="panel"><SkeletonRows rows=4/></div> }.into_any(),
    })
}

#[component]
fn InThese(cohorts: Vec<Cohort>) -> impl IntoView {
    view! {
        <div class="panel">
            <table class="cohorts">
                <caption class="visually-hidden">"Cohorts"</caption>
                <thead>
                    <tr>
                        <th scope="col">"Cohort"</th>
                        <th scope="col">"Kind"</th>
                        <th scope="col" class="number">"People"</th>
                    </tr>
                </thead>
                <tbody>{cohorts.into_iter().map(row).collect_view()}</tbody>
            </table>
        </div>
    }
}

fn row(cohort: Cohort) -> impl IntoView {
    view! {
        <tr>
            <th scope="row">{link(&cohort)}</th>
            <td>{kind(&cohort)}</td>
            // Older servers do not count.
            <td class="number">{cohort.count.map_or_else(|| "–".into(), intl::number)}</td>
        </tr>
    }
}

/// The same in the fewest words.
#[component]
pub fn CohortLinks(
    /// The cohorts.
    cohorts: Load<Vec<Cohort>>,
) -> impl IntoView {
    let try_again = Callback::new(move |()| cohorts.again());
    dynamic(move || match (cohorts.value.get(), cohorts.error.get()) {
        (Some(list), _) if list.is_empty() => view! { <InNone/> }.into_any(),
        (Some(list), _) => {
            let items = list.into_iter().map(item).collect_view();
            view! { <ul>{items}</ul> }.into_any()
        }
        (None, Some(error)) => {
            view! { <Failure error what="the cohorts" on_retry=try_again/> }.into_any()
        }
        (None, None) => {
            view! { <div class="overview-waiting"><SkeletonRows rows=3/></div> }.into_any()
        }
    })
}

fn item(cohort: Cohort) -> impl IntoView {
    view! {
        <li class="line cohort-line">
            <span>
                {link(&cohort)} " " <span class="property-hint">{kind(&cohort)}</span>
            </span>
            {cohort
                .count
                .map(|count| {
                    let noun = if count == 1 { "person" } else { "people" };
                    view! {
                        <span class="cohort-size">{format!("{} {noun}", intl::number(count))}</span>
                    }
                })}
        </li>
    }
}

fn kind(cohort: &Cohort) -> &'static str {
    if cohort.is_static {
        "chosen by hand"
    } else {
        "by properties"
    }
}

#[component]
fn InNone() -> impl IntoView {
    // PostHog looks in the project its owner is in at the moment, whatever is asked for.
    let detail = match Session::expect().client.server() {
        Server::This => "Cohorts are saved sets of people, by properties or chosen by hand.",
        Server::Other(_) => {
            "If you expected some: PostHog looks them up in the project that the owner of the key has \
             open. Open this project in PostHog, then load this page again."
        }
    };
    view! {
        <Message tone=Tone::Empty title="In no cohort" detail=detail>
            ""
        </Message>
    }
}
