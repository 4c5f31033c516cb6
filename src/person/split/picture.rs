//! Before and after, side by side.

use std::sync::Arc;

use leptos::prelude::*;
use persons_api::Person;
use uuid::Uuid;

use super::plan::{Becomes, DRAWN, Leaving, Plan, Wish};
use crate::api::{Load, Session, load, persons};
use crate::people;
use crate::platform::intl;
use crate::platform::text::lowercase;
use crate::ui::avatar::Avatar;
use crate::ui::dynamic::{Member, dynamic, each};
use crate::ui::search_field::SearchField;

/// Ids that can be chosen without searching among them.
const AT_ONCE: usize = 50;
/// More than these are searched sooner than read.
const SEARCHED: usize = 12;

/// Who there is after the split, where the server knows them already.
type Known = Vec<(Uuid, Option<String>)>;

/// The person as it is, and the people it becomes.
#[component]
pub fn Picture(
    person: Arc<Person>,
    wish: RwSignal<Wish>,
    planned: Memo<Result<Plan, &'static str>>,
) -> impl IntoView {
    let known = known(planned);
    let before = person.clone();
    let after = dynamic(move || {
        let plan = planned.get().ok();
        let stay = plan
            .as_ref()
            .map_or_else(|| person.distinct_ids.clone(), |plan| plan.stay.clone());
        let leave = plan.as_ref().map_or(&[][..], |plan| &plan.leave[..]);
        let drawn = leave.iter().take(DRAWN);
        let more = plan.as_ref().map_or(0, Plan::leaving) - drawn.len() as u64;
        let drawn = drawn.map(|leaving| newcomer(leaving, known)).collect_view();
        view! {
            <div class="split-person">
                <Who person=person.clone()/>
                <p class="note">
                    {format!("keeps {} and {}", counted(person.properties.len() as u64, "property", "properties"), named(&stay))}
                </p>
            </div>
            {drawn}
            {(more > 0).then(|| view! { <p class="note">{format!("and {} more", intl::number(more))}</p> })}
        }
        .into_any()
    });
    view! {
        <div class="split-picture">
            <section aria-label="Before">
                <h3>"Before"</h3>
                <div class="split-person">
                    <Who person=before.clone()/>
                    <Choice person=before wish/>
                </div>
            </section>
            <section aria-label="After" aria-live="polite">
                <h3>"After"</h3>
                {after}
            </section>
        </div>
    }
}

#[component]
fn Who(person: Arc<Person>) -> impl IntoView {
    let name = people::name(&person);
    view! {
        <p class="split-who">
            <Avatar name=name.known().map(str::to_owned) seed=person.uuid.to_string()/>
            <bdi class="split-name">{name.text().to_owned()}</bdi>
        </p>
    }
}

/// The ids, each to be chosen.
#[component]
fn Choice(person: Arc<Person>, wish: RwSignal<Wish>) -> impl IntoView {
    let search = RwSignal::new(String::new());
    let is_long = person.distinct_ids.len() > SEARCHED;
    let unsent = person.ids() - person.distinct_ids.len() as u64;
    let shown = move || {
        let text = lowercase(search.read().trim());
        let fits = |id: &&String| lowercase(id).contains(&text);
        let ids = person.distinct_ids.iter().filter(fits).take(AT_ONCE);
        ids.map(|id| {
            let id = id.clone();
            Member::new(id.clone(), move || view! { <IdChoice id wish/> }.into_any())
        })
        .collect()
    };
    view! {
        {is_long.then(|| view! { <SearchField text=search label="Search ids" placeholder="Search ids"/> })}
        <ul class="split-ids">{each(shown)}</ul>
        {(unsent > 0)
            .then(|| {
                view! {
                    <p class="note">
                        {format!("The server did not name {} more ids.", intl::number(unsent))}
                    </p>
                }
            })}
    }
}

/// One id: whether it leaves, or whether it is the one that stays.
#[component]
fn IdChoice(id: String, wish: RwSignal<Wish>) -> impl IntoView {
    let (checked, changed) = (id.clone(), id.clone());
    let is_one_of_many = move || matches!(*wish.read(), Wish::Chosen(_));
    let is_checked = move || match &*wish.read() {
        Wish::Chosen(chosen) => chosen.contains(&checked),
        Wish::AllBut(main) => *main == checked,
    };
    let on_change = move |_| {
        wish.update(|wish| match wish {
            Wish::Chosen(chosen) => match chosen.iter().position(|id| *id == changed) {
                Some(place) => drop(chosen.remove(place)),
                None => chosen.push(changed.clone()),
            },
            Wish::AllBut(main) => main.clone_from(&changed),
        });
    };
    view! {
        <li>
            <label class="choice">
                <input
                    type=move || if is_one_of_many() { "checkbox" } else { "radio" }
                    name="split-id"
                    prop:checked=is_checked
                    on:change=on_change
                />
                <bdi class="mono" title=id.clone()>{id.clone()}</bdi>
            </label>
        </li>
    }
}

/// Somebody who comes of the split.
fn newcomer(leaving: &Leaving, known: Load<Known>) -> AnyView {
    let becomes = leaving.becomes;
    let fact = dynamic(move || {
        let Becomes::Derived(uuid) = becomes else {
            return "a new person; this one was made for the id".into_any();
        };
        let error = known.error.read();
        let known = known.value.read();
        let known = known.iter().flatten().find(|(known, _)| *known == uuid);
        match known {
            Some((_, Some(name))) => {
                view! { <strong>"joins " <bdi>{name.clone()}</bdi> ", who exists already"</strong> }
                    .into_any()
            }
            Some((_, None)) => "a new person without properties".into_any(),
            None if error.is_some() => {
                "a new person without properties, or somebody who exists already: the server did not say"
                    .into_any()
            }
            None => "asking whether they exist already…".into_any(),
        }
    });
    view! {
        <div class="split-person">
            <p class="split-who">
                <Avatar name=None seed=leaving.id.clone()/>
                <bdi class="split-name mono" title=leaving.id.clone()>{leaving.id.clone()}</bdi>
            </p>
            <p class="note">{fact}</p>
        </div>
    }
    .into_any()
}

/// Asks which of the people there are already.
fn known(planned: Memo<Result<Plan, &'static str>>) -> Load<Known> {
    let client = StoredValue::new(Session::expect().client);
    let asked = Memo::new(move |_| {
        let planned = planned.read();
        let leave = planned.as_ref().map_or(&[][..], |plan| &plan.leave[..]);
        let derived = leave
            .iter()
            .take(DRAWN)
            .filter_map(|leaving| match leaving.becomes {
                Becomes::Derived(uuid) => Some(uuid),
                Becomes::Own => None,
            });
        derived.collect::<Vec<_>>()
    });
    load(
        move || Some(asked.get()),
        move |asked, abort| {
            let client = client.get_value();
            async move {
                let mut known = Known::new();
                for uuid in asked {
                    let person = persons::by_uuid(&client, uuid, &abort).await?;
                    let name = person.map(|person| people::name(&person).text().to_owned());
                    known.push((uuid, name));
                }
                Ok(known)
            }
        },
    )
}

/// `ada@x.org and dev-9`, or how many.
fn named(ids: &[String]) -> String {
    match ids {
        [one] => format!("the id {}", people::shortened(one)),
        many => counted(many.len() as u64, "id", "ids"),
    }
}

fn counted(count: u64, one: &str, many: &str) -> String {
    format!(
        "{} {}",
        intl::number(count),
        if count == 1 { one } else { many }
    )
}
