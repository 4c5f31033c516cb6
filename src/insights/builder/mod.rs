//! The question as pills, each of which opens what changes it.
//!
//! [`words`], [`dates`] and [`steps`] are pure: how terms read, and what a change of the events means for the
//! rest. [`pill`] is a pill with its popover, [`editor`] says what stands in which one; [`fields`] are the
//! parts they are made of.

mod breakdown;
mod conditions;
mod dates;
mod editor;
mod entity;
mod fields;
mod model;
mod paths;
mod pill;
mod steps;
mod when;
mod words;

use std::sync::Arc;

use leptos::prelude::*;

use self::model::{Model, Open};
use self::pill::{Pill, adder};
use super::question::{CorrelationKind, Insight, Question};
use crate::platform::focus;
use crate::ui::dynamic::{Member, dynamic, each, text, when};

/// The builder. There is no draft: a change that is finished is asked at once, one that is not stays in the
/// field it is typed in.
#[component]
pub fn Builder(
    /// The question that is asked.
    #[prop(into)]
    question: Signal<Arc<Question>>,
    /// Asks another one.
    on_change: Callback<Question>,
) -> impl IntoView {
    let model = Model {
        question,
        on_change,
        open: RwSignal::new(None),
    };
    let insight = Memo::new(move |_| question.read().insight);
    let terms = dynamic(move || {
        let insight = insight.get();
        // What was open belonged to another form.
        model.open.set(None);
        view! {
            <div class="builder-terms">
                {what(model, insight)}
                {conditions::pills(model)}
            </div>
            <div class="builder-terms builder-how">{how(model, insight)}</div>
        }
        .into_any()
    });
    view! {
        <section class="panel builder" aria-label="Question">
            {terms}
        </section>
    }
}

/// What the question looks at.
fn what(model: Model, insight: Insight) -> AnyView {
    let missing = text(move || {
        let missing = model.says(Question::missing);
        missing.unwrap_or_default().to_owned()
    });
    let terms = match insight {
        Insight::Paths => paths::pills(model),
        Insight::Retention => view! {
            {Pill::new(Open::Series(0), "did", |question| words::entity(question, 0)).view(model)}
            <span class="builder-word">"then"</span>
            {Pill::new(Open::Series(1), "came back with", |question| words::entity(question, 1))
                .view(model)}
        }
        .into_any(),
        Insight::Lifecycle => {
            Pill::new(Open::Series(0), "of", |question| words::entity(question, 0)).view(model)
        }
        _ => series(model, insight),
    };
    view! {
        {terms}
        <p class="field-problem" role="status">{missing}</p>
    }
    .into_any()
}

/// Events in a row, of which there can be more.
fn series(model: Model, insight: Insight) -> AnyView {
    let are_steps = matches!(insight, Insight::Funnel | Insight::Correlation);
    let pills = each(move || {
        let places = 0..model.question.read().series.len();
        let member =
            |place: usize| Member::new(place.to_string(), move || one(model, place, are_steps));
        places.map(member).collect()
    });
    let can_add = move || model.says(steps::can_add);
    let word = if are_steps { "Step" } else { "Event" };
    view! {
        {pills}
        {when(can_add, move || adder(model, Open::AddSeries, word))}
    }
    .into_any()
}

fn one(model: Model, place: usize, is_step: bool) -> AnyView {
    let remove = move |()| {
        model.change(&|question| steps::remove(question, place));
        model.open.set(None);
        focus::soon(Open::AddSeries.id());
    };
    let pill = Pill {
        on_remove: Some(Callback::new(remove)),
        ..Pill::new(Open::Series(place), "", move |question| {
            words::entity(question, place)
        })
    };
    let arrow = (is_step && place > 0)
        .then(|| view! { <span class="builder-word" aria-hidden="true">"→"</span> });
    let number = is_step.then(|| view! { <span class="tag">{place + 1}</span> });
    view! {
        {arrow}
        <span class="builder-step">
            {number}
            {pill.view(model)}
        </span>
    }
    .into_any()
}

/// How it is counted, and from when to when.
fn how(model: Model, insight: Insight) -> AnyView {
    let pill = |open, key, words: fn(&Question) -> String| Pill::new(open, key, words).view(model);
    let own = match insight {
        Insight::Funnel => view! {
            {exclusions(model)}
            {pill(Open::Window, "within", words::window)}
            {pill(Open::Order, "order", |question| question.funnel.order.label().to_owned())}
            {pill(Open::View, "show", |question| question.funnel.view.label().to_owned())}
        }
        .into_any(),
        Insight::Correlation => view! {
            {exclusions(model)}
            {pill(Open::Window, "within", words::window)}
            {pill(Open::Order, "order", |question| question.funnel.order.label().to_owned())}
            {pill(Open::Correlation, "with", |question| question.correlation.label().to_owned())}
            {when(
                move || model.says(|question| question.correlation != CorrelationKind::Events),
                move || Pill::new(Open::CorrelationNames, "compare", words::correlation_names).view(model),
            )}
        }
        .into_any(),
        Insight::Retention => view! {
            {pill(Open::Interval, "by", |question| question.interval.label().to_owned())}
            {pill(Open::Intervals, "for", words::intervals)}
            {pill(Open::FirstTime, "", |question| words::first_time(question).to_owned())}
        }
        .into_any(),
        _ => ().into_any(),
    };
    let can_break_down = move || model.says(Question::can_break_down);
    let has_interval = move || model.says(Question::has_interval);
    let by = move || Pill::new(Open::Breakdown, "split by", words::breakdown).view(model);
    let interval = move || {
        let words = |question: &Question| question.interval.label().to_owned();
        Pill::new(Open::Interval, "by", words).view(model)
    };
    let dates = match insight {
        Insight::Retention => pill(Open::Dates, "until", |question| dates::day(&question.to)),
        _ => pill(Open::Dates, "", |question| {
            let dates = dates::words(&question.from, &question.to);
            match (question.insight, question.is_compared) {
                (Insight::Trends, true) => dates + ", and before",
                _ => dates,
            }
        }),
    };
    view! {
        {own}
        {when(can_break_down, by)}
        {when(has_interval, interval)}
        {dates}
    }
    .into_any()
}

/// What must not happen between steps.
fn exclusions(model: Model) -> AnyView {
    let pills = each(move || {
        let places = 0..model.question.read().funnel.exclusions.len();
        let pill = move |place: usize| {
            let words = move |question: &Question| {
                let exclusion = question.funnel.exclusions.get(place);
                exclusion.map(words::exclusion).unwrap_or_default()
            };
            let remove = move |()| {
                model.change(&|question| {
                    if place < question.funnel.exclusions.len() {
                        question.funnel.exclusions.remove(place);
                    }
                });
                model.open.set(None);
                focus::soon(Open::Exclusion(None).id());
            };
            Pill {
                on_remove: Some(Callback::new(remove)),
                ..Pill::new(Open::Exclusion(Some(place)), "without", words)
            }
            .view(model)
        };
        places
            .map(|place| Member::new(place.to_string(), move || pill(place)))
            .collect()
    });
    let has_steps = move || model.says(|question| question.series.len() > 1);
    view! {
        {pills}
        {when(has_steps, move || adder(model, Open::Exclusion(None), "Exclusion"))}
    }
    .into_any()
}
