//! What a person is known by: two ids at once, the others on request. Some people have thousands.

use std::sync::Arc;

use leptos::prelude::*;
use persons_api::Person;

use crate::people;
use crate::platform::intl;
use crate::ui::copy::CopyButton;
use crate::ui::icon::Icon;

/// Ids in the head of the page.
const AT_FIRST: usize = 2;
/// Ids that are drawn at once in the list of all.
const AT_ONCE: usize = 50;

/// The ids.
#[component]
pub fn Ids(person: Arc<Person>) -> impl IntoView {
    let open = RwSignal::new(false);
    let total = person.ids();
    let first: Vec<String> = person.distinct_ids.iter().take(AT_FIRST).cloned().collect();
    let more = total.saturating_sub(first.len() as u64);
    let one = |id: String| view! { <Id id is_whole=false/> };
    view! {
        <div class="ids">
            <span class="ids-label">"IDs"</span>
            {first.into_iter().map(one).collect_view()}
            <Show when=move || (more > 0)>
                <button
                    type="button"
                    class="tag ids-more"
                    aria-expanded=move || if open.get() { "true" } else { "false" }
                    aria-label=move || if open.get() {
                        "Show fewer ids".to_owned()
                    } else {
                        format!("Show all {} ids", intl::number(total))
                    }
                    on:click=move |_| open.update(|open| *open = !*open)
                >
                    {move || if open.get() { "fewer".to_owned() } else { format!("+{}", intl::number(more)) }}
                </button>
            </Show>
            <span class="ids-label">"UUID"</span>
            <Id id=person.uuid.to_string() is_whole=false/>
        </div>
        <Show when=move || open.get()>
            <AllIds person=person.clone()/>
        </Show>
    }
}

/// All ids that the server sent, to be searched and copied.
#[component]
fn AllIds(person: Arc<Person>) -> impl IntoView {
    let text = RwSignal::new(String::new());
    let limit = RwSignal::new(AT_ONCE);
    let (sent, total) = (person.distinct_ids.len() as u64, person.ids());
    let unsent = (sent < total).then(|| {
        let (sent, total) = (intl::number(sent), intl::number(total));
        view! { <p class="note">{format!("The server sent {sent} of {total} ids.")}</p> }
    });
    let fitting = Memo::new(move |_| {
        let text = text.read().trim().to_lowercase();
        let ids = person.distinct_ids.iter();
        ids.filter(|id| id.to_lowercase().contains(&text)).cloned().collect::<Vec<_>>()
    });
    let hidden = move || fitting.read().len().saturating_sub(limit.get());
    let shown = move || fitting.read().iter().take(limit.get()).cloned().collect::<Vec<_>>();
    view! {
        <section class="panel all-ids" aria-label="All ids">
            <Show when=move || (sent as usize > AT_ONCE)>
                <div class="search">
                    <Icon name="search"/>
                    <input
                        type="search"
                        class="field"
                        aria-label="Search ids"
                        placeholder="Search ids"
                        prop:value=text
                        on:input=move |event| text.set(event_target_value(&event))
                    />
                </div>
            </Show>
            <ul class="all-ids-list">
                <For each=shown key=String::clone children=|id| view! { <li><Id id is_whole=true/></li> }/>
            </ul>
            <Show when=move || (hidden() > 0)>
                <button
                    type="button"
                    class="button"
                    on:click=move |_| limit.update(|limit| *limit += AT_ONCE)
                >
                    {move || format!(
                        "Show {} more of {}",
                        hidden().min(AT_ONCE),
                        intl::number(fitting.read().len() as u64),
                    )}
                </button>
            </Show>
            {unsent}
        </section>
    }
}

/// One id and the button that copies it. In a line of others it is cut in its middle.
#[component]
fn Id(id: String, is_whole: bool) -> impl IntoView {
    let shown = if is_whole { id.clone() } else { people::shortened(&id) };
    let copied = id.clone();
    view! {
        <span class="id">
            <bdi class="mono" title=id>{shown}</bdi>
            <CopyButton what="id" text=move || copied.clone()/>
        </span>
    }
}
