//! Lifecycle: who is there stands above zero, who went hangs below.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

use super::axis::{self, Ticks, path, rect, round};
use super::mark::Marks;
use super::{Size, number};
use crate::insights::figure::{Cell, CellId, Diverging, LIFECYCLE};
use crate::insights::table::{Entry, Table};
use crate::platform::focus;

/// Pixels above and below the plot; the legend is above.
const TOP: f64 = 40.0;
const BOTTOM: f64 = 28.0;

/// Below this width there is room for the names of the layers and no more above the plot.
const NARROW: f64 = 560.0;

/// In which order layers stand on each other: those who stay at the bottom, as they change least.
const STACK: [usize; 3] = [1, 2, 0];

/// The layer below zero.
const DORMANT: usize = 3;

/// Where everything stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Laid {
    /// The plot, without its labels: left, right, top, bottom.
    pub plot: [f64; 4],
    /// The numbers beside it.
    pub ticks: Ticks,
    /// For each layer of the figure its pieces: left, top, width, height.
    pub layers: [Vec<[f64; 4]>; 4],
    /// The labels below: their middle, and the words.
    pub labels: Vec<(f64, String)>,
    /// How many came or came back for each who went; `None` if nobody went or one of the three is not drawn.
    pub quick_ratio: Option<f64>,
}

/// Where everything stands.
pub fn lay_out(figure: &Diverging, size: Size) -> Laid {
    let value = |layer: usize, place: usize| {
        let point = figure.layers[layer].get(place);
        let point = point.filter(|_| !figure.is_hidden[layer]);
        point.map_or(0.0, |point| point.value)
    };
    let count = figure.labels.len();
    let above = |place| STACK.iter().map(|layer| value(*layer, place)).sum::<f64>();
    let highest = (0..count).map(above).fold(0.0, f64::max);
    let lowest = (0..count)
        .map(|place| value(DORMANT, place))
        .fold(0.0, f64::max);
    let ticks = Ticks::around(-lowest, highest, 8);
    let left = round(ticks.width("") + 12.0);
    let (right, top, bottom) = (size.width - 8.0, TOP, size.height - BOTTOM);
    let step = (right - left) / count.max(1) as f64;
    let width = (step * 0.7).clamp(1.0, 64.0);
    let mut layers: [Vec<[f64; 4]>; 4] = Default::default();
    for place in 0..count {
        let x = left + (place as f64 + 0.5) * step - width / 2.0;
        let mut piece = |layer: usize, from: f64, to: f64| {
            let (y, end) = (ticks.y(to, top, bottom), ticks.y(from, top, bottom));
            layers[layer].push([x, y, width, end - y].map(round));
        };
        let mut reached = 0.0;
        for layer in STACK {
            let next = reached + value(layer, place);
            piece(layer, reached, next);
            reached = next;
        }
        piece(DORMANT, -value(DORMANT, place), 0.0);
    }
    let every = axis::every(&figure.labels, step);
    let labels = figure.labels.iter().enumerate();
    let labels = labels
        .filter(|(place, _)| (count - 1 - place).is_multiple_of(every))
        .map(|(place, label)| (round(left + (place as f64 + 0.5) * step), label.clone()));
    let total = |layer: usize| (0..count).map(|place| value(layer, place)).sum::<f64>();
    let went = total(DORMANT);
    Laid {
        plot: [left, right, top, bottom],
        ticks,
        layers,
        labels: labels.collect(),
        quick_ratio: (went > 0.0 && ![0, 2].iter().any(|layer| figure.is_hidden[*layer]))
            .then(|| (total(0) + total(2)) / went),
    }
}

/// How high it wants to be.
pub fn height(_figure: &Diverging, width: f64) -> f64 {
    if width < NARROW { 320.0 } else { 380.0 }
}

/// The cells as the arrow keys walk them, as they are stacked.
pub fn rows(figure: &Diverging) -> Vec<Vec<CellId>> {
    let layers = STACK.into_iter().rev().chain([DORMANT]);
    layers
        .filter(|layer| !figure.is_hidden[*layer])
        .map(|layer| {
            figure.layers[layer]
                .iter()
                .filter_map(|point| point.cell)
                .collect()
        })
        .collect()
}

/// The twin.
pub fn table(figure: &Diverging) -> Table {
    let head = std::iter::once("Interval").chain(LIFECYCLE);
    let rows = figure.labels.iter().enumerate().map(|(place, label)| {
        let values = figure.layers.iter().map(|layer| match layer.get(place) {
            Some(point) => Entry {
                text: number(point.value),
                cell: point.cell,
            },
            None => Entry::default(),
        });
        std::iter::once(Entry::plain(label)).chain(values).collect()
    });
    Table {
        head: head.map(str::to_owned).collect(),
        rows: rows.collect(),
    }
}

/// The classes of the layers.
const CLASSES: [&str; 4] = [
    "life-new",
    "life-returning",
    "life-resurrecting",
    "life-dormant",
];

/// Draws it.
pub fn draw(figure: &Diverging, cells: &[Cell], size: Size, marks: Marks) -> AnyView {
    let laid = lay_out(figure, size);
    let [left, right, top, bottom] = laid.plot;
    let shown = (0..CLASSES.len()).filter(|layer| !figure.is_hidden[*layer]);
    let layers = shown.map(|layer| {
        let (points, drawn) = (&figure.layers[layer], &laid.layers[layer]);
        let class = CLASSES[layer];
        let each = points
            .iter()
            .zip(drawn)
            .filter_map(|(point, [x, y, width, height])| {
                let cell = point.cell?;
                let shape = view! {
                    {path("bar", rect(*x, *y, *width, *height))}
                    {path("bar-pattern", rect(*x, *y, *width, *height))}
                };
                Some(marks.mark(cell, &cells[cell], shape.into_any()))
            });
        view! { <g class=class>{each.collect_view()}</g> }.into_any()
    });
    let labels = laid
        .labels
        .iter()
        .map(|(x, words)| axis::below(*x, size.height - 8.0, size.width, words.clone()));
    let (mut from, gap) = if size.width < NARROW {
        (4.0, 26.0)
    } else {
        (left, 40.0)
    };
    let legend = LIFECYCLE.into_iter().enumerate().map(|(layer, name)| {
        let x = from;
        let width = axis::length(name) + gap;
        from += width;
        legend(layer, name, [x, width], !figure.is_hidden[layer], marks)
    });
    let legend = legend.collect_view();
    let ratio = match laid.quick_ratio {
        Some(ratio) if size.width >= NARROW => {
            let words = format!("quick ratio {}", number((ratio * 100.0).round() / 100.0));
            axis::label(right, 17.0, "end", words)
        }
        _ => ().into_any(),
    };
    let zero = laid.ticks.y(0.0, top, bottom);
    view! {
        {axis::grid(&laid.ticks, left, right, top, bottom, "")}
        {labels.collect_view()}
        {legend}
        {ratio}
        {layers.collect_view()}
        {path("zero-line", format!("M{left} {zero}H{right}"))}
    }
    .into_any()
}

/// A box with its name, which draws a layer or does not. `[x, width]` is where it stands.
fn legend(
    layer: usize,
    name: &'static str,
    [x, width]: [f64; 2],
    is_drawn: bool,
    marks: Marks,
) -> AnyView {
    let id = format!("legend-{name}");
    let toggle = {
        let id = id.clone();
        move || {
            marks.toggle.run(name);
            // The picture is drawn anew, and the keyboard was in it.
            let id = id.clone();
            request_animation_frame(move || {
                focus::drawn(&id);
            });
        }
    };
    let on_click = {
        let toggle = toggle.clone();
        move |_| toggle()
    };
    let on_keydown = move |event: KeyboardEvent| {
        if matches!(event.key().as_str(), " " | "Enter") {
            event.prevent_default();
            event.stop_propagation();
            toggle();
        }
    };
    let swatch = if is_drawn { "bar" } else { "swatch-off" };
    view! {
        <g class=CLASSES[layer]>
            <g
                id=id
                class="legend"
                role="checkbox"
                tabindex="0"
                aria-checked=if is_drawn { "true" } else { "false" }
                aria-label=name
                on:click=on_click
                on:keydown=on_keydown
            >
                {path("reach", rect(x - 4.0, 0.0, width - 2.0, 26.0))}
                {path(swatch, rect(x, 8.0, 10.0, 10.0))}
                {is_drawn.then(|| path("bar-pattern", rect(x, 8.0, 10.0, 10.0)))}
                {axis::label(x + 16.0, 17.0, "start", name.to_owned())}
            </g>
        </g>
    }
    .into_any()
}
