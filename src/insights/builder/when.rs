//! From when to when: what is offered, or two days.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

use super::dates::{self, PRESETS};
use super::fields::{Choice, choices, complaint};
use super::model::Model;
use crate::insights::question::Insight;
use crate::ui::dynamic::when;

/// Whether the time before is looked at, too.
fn comparison(model: Model) -> AnyView {
    let is_compared = model.question.read_untracked().is_compared;
    let on_change = move |event| {
        let is_wanted = event_target_checked(&event);
        model.change(&|question| question.is_compared = is_wanted);
    };
    view! {
        <label class="choice">
            <input type="checkbox" checked=is_compared on:change=on_change/>
            "Compare with the time before"
        </label>
    }
    .into_any()
}

/// The popover of the dates.
pub fn view(model: Model) -> AnyView {
    let (insight, from, to) = {
        let question = model.question.read_untracked();
        (question.insight, question.from.clone(), question.to.clone())
    };
    // Retention counts its intervals back from the last day.
    let has_first_day = insight != Insight::Retention;
    let first = RwSignal::new(dates::for_field(&from));
    let last = RwSignal::new(dates::for_field(&to));
    let is_today = to.is_empty();
    let offered = if has_first_day {
        let preset = |preset: &'static str| {
            let is_chosen = is_today && from == preset;
            Choice::new(dates::words(preset, ""), is_chosen, move |question| {
                preset.clone_into(&mut question.from);
                question.to.clear();
            })
        };
        PRESETS.map(preset).into()
    } else {
        vec![Choice::new("today", is_today, |question| {
            question.to.clear()
        })]
    };
    let problem =
        Signal::derive(move || dates::problem(&first.read(), &last.read()).map(str::to_owned));
    let commit = Callback::new(move |()| {
        let (first, last) = (first.get_untracked(), last.get_untracked());
        let is_meant = dates::is_meant(&first) && dates::is_meant(&last);
        if !is_meant || dates::problem(&first, &last).is_some() {
            return false;
        }
        model.change(&|question| {
            // A field that shows nothing leaves words of the API that it cannot show.
            for (field, text) in [(&first, &mut question.from), (&last, &mut question.to)] {
                if *field != dates::for_field(text) {
                    field.clone_into(text);
                }
            }
        });
        true
    });
    let field = move |id: &'static str, label: &'static str, day: RwSignal<String>| {
        let on_keydown = move |event: KeyboardEvent| {
            if event.key() == "Enter" {
                event.prevent_default();
                if commit.run(()) {
                    model.close();
                }
            }
        };
        view! {
            <div class="combobox">
                <label for=id>{label}</label>
                <input
                    id=id
                    class="field"
                    type="date"
                    aria-invalid=move || problem.read().is_some().then_some("true")
                    prop:value=day
                    on:input=move |event| day.set(event_target_value(&event))
                    on:change=move |_| { commit.run(()); }
                    on:keydown=on_keydown
                />
            </div>
        }
        .into_any()
    };
    view! {
        {choices(model, offered)}
        <div class="pill-days">
            {when(move || has_first_day, move || field("builder-first", "First day", first))}
            {field("builder-last", "Last day", last)}
        </div>
        {complaint(problem)}
        {when(move || insight == Insight::Trends, move || comparison(model))}
    }
    .into_any()
}
