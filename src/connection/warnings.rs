//! Ingestion warnings: what the server refused or cannot read, newest first.

use leptos::prelude::*;
use persons_api::{IngestionWarning, Page};
use serde_json::Value;

use crate::api::{ApiError, Client, Load, load, warnings};
use crate::platform::intl;
use crate::ui::button::Button;
use crate::ui::dynamic::dynamic;
use crate::ui::time::Time;

/// Warnings that are listed first, and at most: the server sends no more on one page.
const FIRST_ROWS: usize = 10;
const MAX_ROWS: usize = 1000;

/// The latest warnings.
#[component]
pub fn Warnings(
    /// The way to the server.
    client: Client,
) -> impl IntoView {
    let limit = RwSignal::new(FIRST_ROWS);
    let list = load(
        move || Some((client.clone(), limit.get())),
        |(client, limit), abort| async move { warnings::list(&client, limit, &abort).await },
    );
    let content = dynamic(move || {
        match (list.value.get(), list.error.get()) {
        (_, Some(error)) => view! { <NotLoaded error list/> }.into_any(),
        (None, None) => view! { <p class="quiet">"Loading warnings…"</p> }.into_any(),
        (Some(page), None) if page.results.is_empty() => view! {
            <p class="quiet">
                "No warnings. Events and merges that the server refuses, and rows of its data file that it cannot read, are listed here."
            </p>
        }
        .into_any(),
        (Some(page), None) => view! { <Rows page limit/> }.into_any(),
    }
    });
    view! {
        <section class="panel" aria-labelledby="warnings-title">
            <h2 id="warnings-title">"Ingestion warnings"</h2>
            {content}
        </section>
    }
}

#[component]
fn NotLoaded(error: ApiError, list: Load<Page<IngestionWarning>>) -> impl IntoView {
    view! {
        <p role="alert">{format!("Could not load the warnings. {error}")}</p>
        <div class="actions">
            <Button on_click=move |_| list.again()>"Try again"</Button>
        </div>
    }
}

#[component]
fn Rows(page: Page<IngestionWarning>, limit: RwSignal<usize>) -> impl IntoView {
    let shown = page.results.len();
    let count = page.count.map_or(shown, |count| count as usize);
    let rows = page.results.into_iter().map(|warning| {
        view! {
            <li class="ingestion-warning">
                <strong>{title(&warning.kind)}</strong>
                <span class="note"><Time at=Some(warning.timestamp) in_words=true/></span>
                <p><bdi>{describe(&warning.details)}</bdi></p>
            </li>
        }
        .into_any()
    });
    let more = (shown < count && shown < MAX_ROWS).then(|| {
        let total = intl::number(count as u64);
        let words = format!("The latest {shown} of {total}.");
        view! {
            <div class="actions">
                <span class="quiet">{words}</span>
                <Button on_click=move |_| limit.set((shown * 5).min(MAX_ROWS))>"Show more"</Button>
            </div>
        }
    });
    view! {
        <ul class="ingestion-warnings">{rows.collect_view()}</ul>
        {more}
    }
}

/// What a kind of warning means; its name where this app does not know it.
fn title(kind: &str) -> String {
    let known = match kind {
        "damaged_row" => "A row of the data file cannot be read",
        "cannot_merge_already_identified" => "Merge refused: the person is already identified",
        "cannot_merge_with_illegal_distinct_id" => "Merge refused: the distinct ID is not allowed",
        "invalid_event_when_process_person_profile_is_false" => {
            "Event refused: it needs a person, and asked for none"
        }
        "person_properties_size_violation" => "Properties refused: the person has too many",
        "person_property_keys_left_out" | "event_property_keys_left_out" => {
            "Properties left out: the project has too many"
        }
        "event_nested_too_deeply" => "Event refused: nested too deeply",
        "event_with_too_many_properties" => "Event refused: too many properties",
        _ => return kind.replace('_', " "),
    };
    known.to_owned()
}

/// The details as text: each key with its value.
fn describe(details: &Value) -> String {
    let Value::Object(details) = details else {
        return details.to_string();
    };
    let parts = details.iter().map(|(key, value)| {
        let value = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        format!("{}: {value}", key.replace('_', " "))
    });
    parts.collect::<Vec<_>>().join(" · ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn details_are_listed_with_their_keys() {
        let details = json!({"row": 17, "reason": "not JSON", "distinct_id": "ada"});
        let words = describe(&details);
        assert!(words.contains("row: 17"), "{words}");
        assert!(words.contains("reason: not JSON"), "{words}");
        assert!(words.contains("distinct id: ada"), "{words}");
        assert_eq!(describe(&json!(null)), "null");
    }

    #[test]
    fn an_unknown_kind_keeps_its_name() {
        assert_eq!(title("message_size_too_large"), "message size too large");
        assert_eq!(
            title("damaged_row"),
            "A row of the data file cannot be read"
        );
    }
}
