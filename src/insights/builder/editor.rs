//! What stands in which popover.

use leptos::prelude::*;

use super::fields::{Choice, Number, Texts, choices, number, select, texts};
use super::model::{Model, Open};
use super::{breakdown, conditions, entity, paths, steps, when};
use crate::insights::question::{
    CorrelationKind, Funnel, FunnelView, Interval, Order, Question, Stretch, WindowUnit,
};
use crate::platform::focus;

/// What changes a term.
pub fn view(model: Model, open: Open) -> AnyView {
    match open {
        Open::Series(place) => entity::at(model, place),
        Open::AddSeries => entity::one_more(model),
        Open::Condition { of, at } => conditions::form(model, of, at),
        Open::Dates => when::view(model),
        Open::Interval => words(
            model,
            Interval::ALL,
            |question| question.interval,
            |question, interval| question.interval = interval,
        ),
        Open::Breakdown => breakdown::view(model),
        Open::Window => window(model),
        Open::Order => words(
            model,
            Order::ALL,
            |question| question.funnel.order,
            |question, order| question.funnel.order = order,
        ),
        Open::View => words(
            model,
            FunnelView::ALL,
            |question| question.funnel.view,
            |question, view| question.funnel.view = view,
        ),
        Open::Exclusion(place) => entity::exclusion(model, place),
        Open::Correlation => words(
            model,
            CorrelationKind::ALL,
            |question| question.correlation,
            |question, kind| question.correlation = kind,
        ),
        Open::CorrelationNames => correlation_names(model),
        Open::Intervals => number(
            model,
            Number {
                label: "How many intervals, the first included",
                range: 1..=100,
                value: |question| question.retention.intervals,
                set: |question, intervals| question.retention.intervals = intervals,
            },
        ),
        Open::FirstTime => first_time(model),
        Open::EventTypes => paths::event_types(model),
        Open::Start => paths::start(model),
        Open::End => paths::end(model),
        Open::Steps => number(
            model,
            Number {
                label: "How many items of a path are kept",
                range: 1..=50,
                value: |question| question.paths.steps,
                set: |question, steps| question.paths.steps = steps,
            },
        ),
        Open::Excluded => paths::excluded(model),
        Open::Groupings => paths::groupings(model),
        Open::Around => words(
            model,
            Stretch::ALL,
            |question| {
                question
                    .around
                    .as_deref()
                    .map(|around| around.stretch)
                    .unwrap_or_default()
            },
            |question, stretch| {
                if let Some(around) = &mut question.around {
                    around.stretch = stretch;
                }
            },
        ),
    }
}

/// Moves an event by one place; the focus goes along with its pill.
pub fn shift(model: Model, place: usize, is_right: bool) {
    let mut question = (*model.question.get_untracked()).clone();
    if let Some(to) = steps::shift(&mut question, place, is_right) {
        model.open.set(None);
        model.on_change.run(question);
        focus::soon(Open::Series(to).id());
    }
}

/// One word of a fixed list.
fn words<T: Copy + PartialEq + 'static>(
    model: Model,
    all: &'static [(T, &'static str, &'static str)],
    read: fn(&Question) -> T,
    write: fn(&mut Question, T),
) -> AnyView {
    let chosen = untrack(|| model.says(read));
    let choice = |(word, _, label): &(T, &'static str, &'static str)| {
        let word = *word;
        Choice::new(*label, word == chosen, move |question| {
            write(question, word)
        })
    };
    choices(model, all.iter().map(choice).collect())
}

/// The names that are compared in a correlation.
fn correlation_names(model: Model) -> AnyView {
    let kind = untrack(|| model.says(|question| question.correlation));
    let list = match kind {
        CorrelationKind::EventProperties => Texts {
            label: "Add event",
            hint: "Events whose properties are compared. Without any: the events of the funnel.",
            placeholder: "$pageview",
            list: |question| &mut question.correlation_names.events,
        },
        _ => Texts {
            label: "Add person property",
            hint: "Person properties that are compared. Without any: all of them.",
            placeholder: "plan",
            list: |question| &mut question.correlation_names.properties,
        },
    };
    texts(model, list)
}

fn first_time(model: Model) -> AnyView {
    let chosen = untrack(|| model.says(|question| question.retention.is_first_time));
    let choice = |(is_first_time, label): (bool, &'static str)| {
        Choice::new(label, is_first_time == chosen, move |question| {
            question.retention.is_first_time = is_first_time;
        })
    };
    let all = [
        (true, "only the first time ever begins"),
        (false, "each time begins anew"),
    ];
    choices(model, all.map(choice).into())
}

/// How long an attempt may take: a number and its unit.
fn window(model: Model) -> AnyView {
    let units = WindowUnit::ALL.iter();
    let units = units.map(|(_, name, label)| ((*name).to_owned(), (*label).to_owned()));
    let chosen = move || {
        model
            .says(|question| question.funnel.unit)
            .name()
            .to_owned()
    };
    let choose = move |name: String| {
        model.change(&|question| {
            question.funnel.unit = WindowUnit::from_name(&name).unwrap_or_default();
        });
    };
    view! {
        {number(
            model,
            Number {
                label: "From the first step to the last, at most",
                range: 1..=100_000,
                value: |question| question.funnel.window,
                set: |Question { funnel: Funnel { window, .. }, .. }, number| *window = number,
            },
        )}
        {select("builder-unit", "Unit", units.collect(), chosen, choose)}
    }
    .into_any()
}
