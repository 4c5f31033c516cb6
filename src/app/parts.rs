//! The screens that are loaded when they are first shown.

use leptos::prelude::*;

use crate::activity::ActivityPage;
use crate::compare::ComparePage;
use crate::connection::ConnectPage;
use crate::insights::InsightsPage;
use crate::outbox::{LedgerPage, OutboxPage};
use crate::person::PersonPage;
use crate::styles;

crate::part! {
    /// One person, by the id in the URL.
    pub person in person: String, |id| {
        style_values();
        styles!(
            "tabs.css",
            "person.css",
            "person-properties.css",
            "person-overview.css",
        );
        style_activity();
        view! { <PersonPage id/> }.into_any()
    }
}

crate::part! {
    /// A few people side by side.
    pub compare in person: (), |()| {
        style_values();
        styles!("compare.css");
        view! { <ComparePage/> }.into_any()
    }
}

crate::part! {
    /// What was done to people.
    pub activity in person: (), |()| {
        style_values();
        style_activity();
        view! { <ActivityPage/> }.into_any()
    }
}

crate::part! {
    /// Questions about what people did.
    pub insights in insights: (), |()| {
        style_values();
        styles!("tabs.css", "insights.css", "builder.css", "chart.css", "series.css");
        view! { <InsightsPage/> }.into_any()
    }
}

crate::part! {
    /// Changes on their way.
    pub outbox in changes: (), |()| view! { <OutboxPage/> }.into_any()
}

crate::part! {
    /// The ledger of deletions.
    pub ledger in changes: (), |()| view! { <LedgerPage/> }.into_any()
}

crate::part! {
    /// Where to choose a server.
    pub connect in connect: (), |()| {
        styles!("connection.css");
        view! { <ConnectPage/> }.into_any()
    }
}

/// A tab of a person and a page of its own show the same.
fn style_activity() {
    styles!("activity.css");
}

/// Tables and the values in them look the same everywhere.
fn style_values() {
    styles!("table.css", "full-value.css", "clamp.css", "json.css");
}
