//! A person as they were: their properties at a moment, and the banner that says so.

use std::sync::Arc;

use leptos::prelude::*;
use persons_api::{Person, Timestamp};

use super::address::Address;
use super::found::Loaded;
use super::history::{Then, at, is_final, points};
use crate::api::history::Timeline;
use crate::api::{ApiError, Load};
use crate::failure::Failure;
use crate::people::{in_order, is_system};
use crate::person::address::{PersonState, PersonTab, TimelineState};
use crate::platform::{clock, intl};
use crate::ui::button::Button;
use crate::ui::dynamic::{dynamic, text};
use crate::ui::message::{Message, Tone};
use crate::ui::skeleton::SkeletonRows;

/// Keys that a server is asked to watch, where the past has to be read from a timeline.
const MOST_KEYS: usize = 40;

/// A person at the moment that the URL names, if it names one.
#[derive(Clone, Copy)]
pub struct Past {
    address: Address,
    /// What the server says of that moment.
    answer: Then,
    /// Where it cannot: when the properties changed.
    points: Load<Arc<Timeline>>,
}

/// What is known of the person at that moment.
#[derive(Clone)]
pub enum Told {
    /// It is now.
    Now,
    /// Not yet anything.
    Waiting,
    /// This.
    Then(Loaded),
    /// Nothing, and why.
    Failed(ApiError),
}

impl Past {
    /// The past of a person.
    pub fn of(person: &Person) -> Self {
        let address = Address::expect();
        let moment = move || address.state().at;
        let answer = at(person.uuid, address, Box::new(moment));
        let properties = &person.properties;
        let keys = properties
            .keys()
            .map(|key| (usize::from(is_system(key)), key));
        let mut keys = in_order(keys);
        keys.truncate(MOST_KEYS);
        let points = points(
            person.uuid,
            Box::new(move || {
                let is_refused = answer.error().as_ref().is_some_and(is_final);
                let moment = moment().filter(|_| is_refused)?;
                Some((keys.clone(), [None, Some(moment)]))
            }),
        );
        Self {
            address,
            answer,
            points,
        }
    }

    /// What is known of the person, who is `now` by now.
    pub fn told(self, now: &Loaded) -> Told {
        let Some(moment) = self.address.state().at else {
            return Told::Now;
        };
        match (self.answer.error(), self.answer.told()) {
            (None, None) => Told::Waiting,
            (None, Some(then)) => Told::Then(then),
            (Some(error), _) if !is_final(&error) => Told::Failed(error),
            (Some(_), _) => match (self.points.error.get(), self.points.value.get()) {
                (Some(error), _) => Told::Failed(error),
                (None, None) => Told::Waiting,
                (None, Some(timeline)) => {
                    let mut person = Person::clone(&now.person);
                    person.properties = timeline.properties_at(moment).cloned().unwrap_or_default();
                    Told::Then(Loaded {
                        person: Arc::new(person),
                        raw: now.raw.clone(),
                    })
                }
            },
        }
    }

    /// Whether another moment than now is shown.
    pub fn is_past(self) -> bool {
        self.address.state().at.is_some()
    }

    fn leave(self) {
        self.address.change(&|state| state.at = None);
    }
}

/// Says that what is shown was, and leads back.
#[component]
pub fn Banner(past: Past) -> impl IntoView {
    dynamic(move || match past.address.state().at {
        Some(moment) => view! { <At past moment/> }.into_any(),
        None => ().into_any(),
    })
}

#[component]
fn At(past: Past, moment: Timestamp) -> impl IntoView {
    let (title, rest) = if moment > clock::now() {
        (
            "This moment is yet to come",
            "Nothing can have changed by then, so these are the values of now.",
        )
    } else {
        (
            "You are in the past",
            "Cohorts and activity are those of now.",
        )
    };
    let source = text(move || {
        let is_told = past.answer.error().is_none();
        if is_told {
            return rest.to_owned();
        }
        let source = "Read from the timeline, because the server does not tell all properties of a moment: what nobody sent later may be older.";
        [source, " ", rest].concat()
    });
    let compared = move || {
        let state = past.address.state();
        let timeline = TimelineState {
            moments: [state.at, None],
            ..TimelineState::default()
        };
        let state = PersonState {
            tab: PersonTab::Timeline,
            at: None,
            timeline,
            ..state
        };
        state.route().url()
    };
    view! {
        <section class="person-past" aria-label=title>
            <p role="status">
                <strong>{title}": "</strong>
                <time datetime=moment.to_string()>{intl::moment(moment)}</time>
                ". "
                {source}
            </p>
            <div class="actions">
                <a class="button" href=compared>"Compare with now"</a>
                <Button shortcut="t" on_click=move |_| past.leave()>"Back to now"</Button>
            </div>
        </section>
    }
}

/// In place of what was.
pub fn without(past: Past, told: Told) -> AnyView {
    match told {
        Told::Failed(error) if error.may_pass() => {
            let again = Callback::new(move |()| past.answer.again());
            view! { <Failure error what="the past" on_retry=again/> }.into_any()
        }
        Told::Failed(error) => {
            let back = view! { <Button on_click=move |_| past.leave()>"Back to now"</Button> };
            not_told(&error, back.into_any())
        }
        _ => view! { <div class="panel"><SkeletonRows rows=8/></div> }.into_any(),
    }
}

/// A server that keeps the past to itself.
pub fn not_told(error: &ApiError, way_out: AnyView) -> AnyView {
    let detail =
        format!("Neither the properties of a moment nor the timeline can be read: {error}");
    view! {
        <Message
            tone=Tone::Problem
            title="This server does not tell how people were"
            detail=Signal::stored(detail)
        >
            {way_out}
        </Message>
    }
    .into_any()
}
