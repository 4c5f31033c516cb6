//! The answer: as a chart or as a table, with what can be taken away of it.

use std::sync::Arc;

use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::charts::{self, Size, mark::Marks};
use super::factor::BesideFactors;
use super::figure::{Answer, CellId, Figure};
use super::page::Model;
use super::table::Table;
use crate::effect::effect;
use crate::navigation::Navigation;
use crate::platform::viewport::{self, Size as Extent};
use crate::platform::{download, picture};
use crate::ui::button::{Button, Loudness};
use crate::ui::copy;
use crate::ui::dynamic::{dynamic, either, text, when};
use crate::ui::notice::Notices;

/// Charts are not drawn narrower than this; they scroll instead.
const NARROWEST: f64 = 280.0;

/// The answer.
#[component]
pub fn Chart(model: Model) -> impl IntoView {
    let answer = Memo::new(move |_| {
        let answered = model.answered.value.read();
        answered.as_ref().map(|(_, answer)| Arc::clone(answer))
    });
    let marks = Marks {
        chosen: model.chosen,
        pointed: RwSignal::new(None),
        current: RwSignal::new(None),
        open: Callback::new(move |(cell, second)| model.open(cell, second)),
        grabbed: RwSignal::new(None),
        span: Callback::new(move |cells| model.narrow(cells)),
        toggle: Callback::new(move |layer| model.toggle_layer(layer)),
    };
    let is_table = move || model.state.read().is_table;
    let drawn = Memo::new(move |_| {
        let answer = answer.get()?;
        let state = model.state.read();
        let turned = state.is_turned.then(|| answer.figure.turned()).flatten();
        let changed = turned.or_else(|| answer.figure.without(&state.hidden));
        Some(match changed {
            Some(figure) => Arc::new(Answer {
                figure,
                ..(*answer).clone()
            }),
            None => answer,
        })
    });
    // The Tab key leads to what is chosen, or to the first number.
    effect(move |_| {
        let chosen = model.chosen.get()[0];
        let rows = drawn
            .read()
            .as_ref()
            .map(|answer| charts::rows(&answer.figure));
        let rows = rows.unwrap_or_default();
        let mut cells = rows.iter().flatten().copied();
        let chosen = cells.clone().find(|cell| Some(*cell) == chosen);
        marks.current.set(chosen.or_else(|| cells.next()));
        marks.pointed.set(None);
    });
    let summary = text(move || {
        let answer = answer.read();
        answer
            .as_ref()
            .map(|answer| answer.summary.clone())
            .unwrap_or_default()
    });
    let pointed = text(move || {
        let answer = answer.read();
        let cell = marks.pointed.get().or(marks.chosen.get()[0]);
        match (answer.as_ref(), cell) {
            (Some(answer), Some(cell)) if cell < answer.cells.len() => charts::words(answer, cell),
            _ => String::new(),
        }
    });
    let content = either(
        is_table,
        move || {
            dynamic(move || match &*answer.read() {
                Some(answer) => table_view(&charts::table(&answer.figure), model),
                None => ().into_any(),
            })
        },
        move || view! { <Drawing answer=drawn marks/> }.into_any(),
    );
    view! {
        <p class="insights-summary">{summary}</p>
        <p class="insights-pointed" aria-hidden="true">{pointed}</p>
        {content}
        <BesideFactors answer model/>
        <Exports model answer/>
    }
}

/// The picture, as wide as there is room for it.
#[component]
fn Drawing(answer: Memo<Option<Arc<Answer>>>, marks: Marks) -> impl IntoView {
    let place = NodeRef::<html::Div>::new();
    let extent = RwSignal::new(Extent::default());
    effect(move |_| {
        if let Some(place) = place.get() {
            viewport::observe_size(&place, extent);
        }
    });
    let width = Memo::new(move |_| extent.read().width.max(NARROWEST).round());
    let picture = dynamic(move || {
        let room = width.get();
        match &*answer.read() {
            Some(answer) if room > NARROWEST => {
                let width = charts::width(&answer.figure, room);
                let height = charts::height(&answer.figure, width);
                charts::draw(answer, Size { width, height }, marks)
            }
            _ => ().into_any(),
        }
    });
    // The names of rows stay where they are.
    let scrolled = RwSignal::new(0.0);
    let on_scroll = move |_| {
        if let Some(place) = place.get_untracked() {
            scrolled.set(viewport::scroll_left(&place));
        }
    };
    let on_keydown = move |event: KeyboardEvent| {
        if event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        let rows = answer.with_untracked(|answer| {
            answer
                .as_ref()
                .map(|answer| charts::rows(&answer.figure))
                .unwrap_or_default()
        });
        if marks.take_key(&event.key(), event.shift_key(), &rows) {
            event.prevent_default();
            event.stop_propagation();
        }
    };
    view! {
        <div
            class="chart"
            id=CHART_ID
            node_ref=place
            on:keydown=on_keydown
            on:scroll=on_scroll
            on:pointerup=move |_| marks.grabbed.set(None)
            on:pointerleave=move |_| marks.grabbed.set(None)
            style=("--scrolled", move || format!("{}px", scrolled.get()))
        >
            {picture}
        </div>
    }
}

/// The element that holds the picture.
const CHART_ID: &str = "chart";

fn table_view(table: &Table, model: Model) -> AnyView {
    let head = table
        .head
        .iter()
        .map(|name| view! { <th scope="col">{name.clone()}</th> }.into_any());
    let row = |row: &Vec<super::table::Entry>| {
        let cells = row.iter().enumerate().map(|(place, entry)| {
            let words = entry.text.clone();
            match (place, entry.cell) {
                (0, _) => view! { <th scope="row">{words}</th> }.into_any(),
                (_, Some(cell)) => opening(words, cell, model),
                _ => view! { <td>{words}</td> }.into_any(),
            }
        });
        view! { <tr>{cells.collect_view()}</tr> }.into_any()
    };
    let rows = table.rows.iter().map(row);
    view! {
        <div class="insights-table" tabindex="0" role="region" aria-label="The numbers as a table">
            <table class="table">
                <thead>
                    <tr>{head.collect_view()}</tr>
                </thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}

/// A number of the table that opens its people.
fn opening(words: String, cell: CellId, model: Model) -> AnyView {
    let pressed = move || {
        let is_chosen = model.chosen.get().contains(&Some(cell));
        if is_chosen { "true" } else { "false" }
    };
    view! {
        <td>
            <button
                type="button"
                class="insights-number"
                aria-pressed=pressed
                on:click=move |event| model.open(cell, event.shift_key())
            >
                {words}
            </button>
        </td>
    }
    .into_any()
}

/// What can be taken away.
#[component]
fn Exports(model: Model, answer: Memo<Option<Arc<Answer>>>) -> impl IntoView {
    let notices = Notices::expect();
    let navigation = Navigation::expect();
    let is_table = move || model.state.read().is_table;
    let csv = move || {
        if let Some(answer) = answer.get_untracked() {
            let csv = charts::table(&answer.figure).csv();
            download::text(&file_name(model, "csv"), "text/csv", &csv);
        }
    };
    let svg = move || {
        if let Some(svg) = picture::svg(CHART_ID) {
            download::text(&file_name(model, "svg"), "image/svg+xml", &svg);
        }
    };
    let png = move || {
        let name = file_name(model, "png");
        spawn_local(async move {
            match picture::png(CHART_ID).await {
                Some(data) => download::address(&name, &data),
                None => notices.show("This browser cannot make a picture of it.".to_owned()),
            }
        });
    };
    let turning = Memo::new(move |_| match &answer.read().as_ref()?.figure {
        Figure::Triangle(_) => Some("Numbers"),
        Figure::Bars(bars) if !bars.or_more.is_empty() => Some("Percent"),
        _ => None,
    });
    let turn = dynamic(move || match turning.get().filter(|_| !is_table()) {
        Some(words) => view! {
            <button
                type="button"
                class=Loudness::Quiet.class()
                aria-pressed=move || if model.state.read().is_turned { "true" } else { "false" }
                on:click=move |_| model.turn()
            >
                {words}
            </button>
        }
        .into_any(),
        None => ().into_any(),
    });
    let pictures = when(
        move || !is_table(),
        move || {
            view! {
                <Button loudness=Loudness::Quiet on_click=move |_| svg()>"SVG"</Button>
                <Button loudness=Loudness::Quiet on_click=move |_| png()>"PNG"</Button>
            }
            .into_any()
        },
    );
    view! {
        <div class="insights-exports">
            <button
                type="button"
                class=Loudness::Quiet.class()
                aria-pressed=move || if is_table() { "true" } else { "false" }
                aria-keyshortcuts="Shift+T"
                on:click=move |_| model.toggle_table()
            >
                "Table"
                <kbd aria-hidden="true">"⇧T"</kbd>
            </button>
            {turn}
            <span class="page-gap"></span>
            <Button loudness=Loudness::Quiet on_click=move |_| csv()>"CSV"</Button>
            {pictures}
            <Button
                loudness=Loudness::Quiet
                on_click=move |_| copy::copy(notices, "Link".to_owned(), navigation.link())
            >
                "Copy link"
            </Button>
        </div>
    }
}

/// `funnel-2026-11-25.csv`
fn file_name(model: Model, ending: &str) -> String {
    let insight = model
        .question
        .read_untracked()
        .insight
        .label()
        .to_lowercase();
    let mut day = crate::platform::clock::now().to_string();
    day.truncate(10);
    format!("{insight}-{day}.{ending}")
}
