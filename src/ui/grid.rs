//! A long table of which only what is in view is drawn: an ARIA grid with one tab stop.
//!
//! Rows have one height. The row that has the focus is drawn even when it is scrolled away, or the focus
//! would be lost with it.

use std::sync::Arc;

use leptos::ev::KeyboardEvent;
use leptos::html::Div;
use leptos::prelude::*;

use super::dynamic::{Member, dynamic, each};
use super::window::{reveal, visible};
use crate::effect::effect;
use crate::platform::viewport::{self, Size};
use crate::platform::{focus, keyboard};

/// How near the end one must be for more rows to be asked for: about two screens.
const NEAR_END: usize = 60;

/// A column's head and width.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// The words at its head.
    pub title: String,
    /// What it is known by, when rows are ordered by it.
    pub name: String,
    /// Its class, for its cells too.
    pub class: &'static str,
    /// Its width, as a track of a CSS grid.
    pub track: &'static str,
}

/// The column that rows are ordered by, and whether the largest comes first.
pub type Order = Option<(String, bool)>;

/// Where somebody is in a grid. Kept by the page, so that Back can return to it.
#[derive(Clone, Copy, Debug)]
pub struct Position {
    /// The row that the keyboard is on.
    pub active: RwSignal<usize>,
    /// How far it is scrolled, in pixels.
    pub scroll_top: RwSignal<f64>,
}

/// The id of a row's element.
pub fn row_id(grid: &str, index: usize) -> String {
    format!("{grid}-row-{index}")
}

/// A long table. `T` is what a row is about.
#[component]
pub fn Grid<T: PartialEq + Send + Sync + 'static>(
    /// The grid's id.
    id: &'static str,
    /// What the rows are.
    label: &'static str,
    /// The columns.
    columns: Memo<Vec<Column>>,
    /// What the rows are ordered by; nothing is the order they came in.
    order: Memo<Order>,
    /// Orders by the column with this name, or the other way round.
    on_order: Callback<String>,
    /// The rows that are loaded.
    rows: Memo<Vec<Arc<T>>>,
    /// How many rows there are in all, loaded or not; `None` if nobody knows.
    #[prop(into)]
    total: Signal<Option<u64>>,
    /// The height of a row in pixels.
    row_height: Memo<u32>,
    /// What a row is known by when the list changes.
    key: fn(&T) -> String,
    /// Where somebody is.
    position: Position,
    /// Set to the grid's size, for choosing columns that fit.
    size: RwSignal<Size>,
    /// Draws the cells of a row, which may be told something new about the same one.
    cells: Callback<Memo<Arc<T>>, AnyView>,
    /// Opens a row.
    on_open: Callback<Arc<T>>,
    /// Shows a row beside the grid, or no longer.
    on_peek: Callback<Arc<T>>,
    /// Whether a row is selected.
    is_selected: Callback<Arc<T>, bool>,
    /// Selects a row, or no longer.
    on_select: Callback<Arc<T>>,
    /// Called when the end of what is loaded comes near.
    on_near_end: Callback<()>,
) -> impl IntoView {
    let body = NodeRef::<Div>::new();
    let Position { active, scroll_top } = position;
    let count = Memo::new(move |_| rows.read().len());
    // The browser shows a place before it tells that it scrolled there. Who scrolls fast goes on as far
    // again with the next frame, so the rows of that place are drawn, too.
    let moved = RwSignal::new(0.0);
    let windows = Memo::new(move |_| {
        let top = scroll_top.get();
        let (height, row_height) = (size.get().height, f64::from(row_height.get()));
        [top, top + moved.get()].map(|top| visible(top, height, row_height, count.get()))
    });
    body.on_load(move |body| {
        viewport::observe_size(&body, size);
        viewport::scroll_to(&body, scroll_top.get_untracked());
    });
    effect(move |_| {
        if count.get() > 0 && windows.read()[0].end + NEAR_END >= count.get() {
            on_near_end.run(());
        }
    });
    // A new list begins at its top: the page resets the position, the element follows.
    effect(move |_| {
        let wanted = scroll_top.get();
        if let Some(body) = body.get_untracked()
            && (viewport::scroll_top(&body) - wanted).abs() > 1.0
        {
            viewport::scroll_to(&body, wanted);
        }
    });
    let move_to = move |row: usize| {
        let row = row.min(count.get_untracked().saturating_sub(1));
        let (height, row_height) = (
            size.get_untracked().height,
            f64::from(row_height.get_untracked()),
        );
        active.set(row);
        scroll_top.set(reveal(row, scroll_top.get_untracked(), height, row_height));
        focus::soon(row_id(id, row));
    };
    let on_keydown = move |event: KeyboardEvent| {
        if !keyboard::is_bare(&event) && !matches!(event.key().as_str(), "Home" | "End") {
            return;
        }
        let here = active.get_untracked();
        let page = (size.get_untracked().height / f64::from(row_height.get_untracked())) as usize;
        match event.key().as_str() {
            "ArrowDown" | "j" => move_to(here + 1),
            "ArrowUp" | "k" => move_to(here.saturating_sub(1)),
            "PageDown" => move_to(here + page.max(2) - 1),
            "PageUp" => move_to(here.saturating_sub(page.max(2) - 1)),
            "Home" => move_to(0),
            "End" => move_to(usize::MAX),
            key @ ("Enter" | " " | "x") => {
                let act = match key {
                    "Enter" => on_open,
                    " " => on_peek,
                    _ => on_select,
                };
                if let Some(row) = rows.read_untracked().get(here) {
                    act.run(row.clone());
                }
            }
            _ => return,
        }
        event.prevent_default();
    };
    // Whole pixels: printing fractions of numbers weighs more than this grid.
    let pixels = move |rows: usize| format!("{}px", rows * row_height.get() as usize);
    let draw = move |index: usize, row: Arc<T>| {
        // Whoever is in this place may be told anew. Somebody else gets a row of their own.
        let known = key(&row);
        let row = Memo::new(move |_| {
            let rows = rows.read();
            let news = rows.get(index).filter(|news| key(news) == known);
            news.unwrap_or(&row).clone()
        });
        view! {
            <div
                role="row"
                id=row_id(id, index)
                class="grid-row"
                aria-rowindex=index + 2
                aria-selected=move || if is_selected.run(row.get()) { "true" } else { "false" }
                tabindex=move || if active.get() == index { 0 } else { -1 }
                style:transform=move || format!("translateY({})", pixels(index))
                on:focus=move |_| active.set(index)
                on:click=move |event| {
                    if keyboard::is_plain_click(&event) {
                        let on_mark = keyboard::is_on(&event, ".avatar");
                        let act = if on_mark { on_select } else { on_open };
                        act.run(row.get_untracked());
                    }
                }
            >
                {cells.run(row)}
            </div>
        }
        .into_any()
    };
    let drawn = move || {
        let ([window, next], active) = (windows.get(), active.get());
        let rows = rows.read();
        let is_apart = |row: &usize| !window.contains(row);
        let beyond = Some(active).filter(|row| !next.contains(row));
        let apart = next.clone().chain(beyond).filter(is_apart);
        let indices = window.clone().chain(apart);
        indices
            .filter_map(|index| {
                let row = rows.get(index)?.clone();
                // The place is a part of what a row is: it says where it is drawn.
                let key = format!("{index} {}", key(&row));
                Some(Member::new(key, move || draw(index, row)))
            })
            .collect()
    };
    let tracks = move || {
        let columns = columns.read();
        columns
            .iter()
            .map(|column| column.track)
            .collect::<Vec<_>>()
            .join(" ")
    };
    let head = dynamic(move || {
        let order = order.get();
        let columns = columns.get().into_iter();
        columns
            .map(|column| head_cell(column, &order, on_order))
            .collect_view()
            .into_any()
    });
    view! {
        <div
            role="grid"
            id=id
            class="grid"
            aria-label=label
            aria-multiselectable="true"
            // One more for the head; -1 means nobody knows.
            aria-rowcount=move || total.get().map_or(-1, |total| total as i64 + 1)
            aria-colcount=move || columns.read().len()
            style=("--tracks", tracks)
            on:keydown=on_keydown
        >
            <div role="rowgroup" class="grid-head">
                <div role="row" class="grid-head-row" aria-rowindex="1">
                    {head}
                </div>
            </div>
            <div
                role="rowgroup"
                class="grid-body"
                node_ref=body
                on:scroll=move |_| {
                    if let Some(body) = body.get_untracked() {
                        let top = viewport::scroll_top(&body);
                        moved.set(top - scroll_top.get_untracked());
                        scroll_top.set(top);
                    }
                }
            >
                <div
                    role="none"
                    class="grid-space"
                    style:height=move || pixels(count.get())
                >
                    {each(drawn)}
                </div>
            </div>
        </div>
    }
}

fn head_cell(column: Column, order: &Order, on_order: Callback<String>) -> AnyView {
    let Column {
        title, name, class, ..
    } = column;
    let (sort, arrow) = match order {
        Some((by, true)) if *by == name => ("descending", "↓"),
        Some((by, false)) if *by == name => ("ascending", "↑"),
        _ => ("none", ""),
    };
    view! {
        <div role="columnheader" class=format!("grid-head-cell {class}") aria-sort=sort>
            <button type="button" tabindex="-1" on:click=move |_| on_order.run(name.clone())>
                {title}
                <span aria-hidden="true">{arrow}</span>
            </button>
        </div>
    }
    .into_any()
}
