//! Marks of a chart: parts of it that stand for a cell.

use leptos::prelude::*;

use crate::insights::figure::{Cell, CellId};
use crate::platform::focus;

/// What a chart is told and tells about its cells. One for each chart on the screen.
#[derive(Clone, Copy)]
pub struct Marks {
    /// The cell whose people are shown, and the one they are compared with.
    pub chosen: Signal<[Option<CellId>; 2]>,
    /// The cell under the pointer or with the focus.
    pub pointed: RwSignal<Option<CellId>>,
    /// The cell the Tab key leads to.
    pub current: RwSignal<Option<CellId>>,
    /// Opens the people of a cell; as the second one, if so.
    pub open: Callback<(CellId, bool)>,
    /// The cell on which the pointer was pressed, while it is.
    pub grabbed: RwSignal<Option<CellId>>,
    /// The pointer was pressed on the first cell and let go on the second.
    pub span: Callback<[CellId; 2]>,
    /// Draws a layer by its name, or does not.
    pub toggle: Callback<&'static str>,
}

/// The id of the element of a cell.
fn id_of(cell: CellId) -> String {
    format!("mark-{cell}")
}

impl Marks {
    /// A part of the picture that opens the people of a cell. `shape` is what is drawn of it.
    pub fn mark(self, id: CellId, cell: &Cell, shape: AnyView) -> AnyView {
        let label = format!("{}: {}", cell.title, super::number(cell.value));
        let has_people = cell.people.is_some();
        let class = move || {
            let chosen = self.chosen.get();
            match chosen.iter().position(|chosen| *chosen == Some(id)) {
                Some(0) => "mark is-chosen",
                Some(_) => "mark is-second",
                None if has_people => "mark",
                None => "mark is-mute",
            }
        };
        let tab_index = move || {
            if self.current.get() == Some(id) {
                "0"
            } else {
                "-1"
            }
        };
        let point_at = move || self.pointed.set(Some(id));
        view! {
            <g
                id=id_of(id)
                class=class
                role="button"
                tabindex=tab_index
                aria-label=label
                on:pointerenter=move |_| point_at()
                on:pointerleave=move |_| self.pointed.set(None)
                on:focus=move |_| {
                    self.current.set(Some(id));
                    point_at();
                }
                on:blur=move |_| self.pointed.set(None)
                on:pointerdown=move |_| self.grabbed.set(Some(id))
                on:pointerup=move |_| {
                    if let Some(from) = self.grabbed.get_untracked().filter(|from| *from != id) {
                        self.span.run([from, id]);
                    }
                }
                on:click=move |event| self.open.run((id, event.shift_key()))
            >
                {shape}
            </g>
        }
        .into_any()
    }

    /// Moves the focus, or opens what has it. `rows` are the cells as they lie in the chart, from top to
    /// bottom and from left to right. Whether the key meant something.
    pub fn take_key(self, key: &str, shift: bool, rows: &[Vec<CellId>]) -> bool {
        let Some(current) = self.current.get_untracked() else {
            return false;
        };
        if matches!(key, "Enter" | " ") {
            self.open.run((current, shift));
            return true;
        }
        let Some(next) = neighbour(rows, current, key) else {
            return false;
        };
        self.current.set(Some(next));
        focus::drawn(&id_of(next))
    }
}

/// The cell that an arrow leads to; the same one at an edge. `None` for other keys.
fn neighbour(rows: &[Vec<CellId>], from: CellId, key: &str) -> Option<CellId> {
    let (row, column) = rows.iter().enumerate().find_map(|(row, cells)| {
        let column = cells.iter().position(|cell| *cell == from)?;
        Some((row, column))
    })?;
    let in_row = |row: usize| {
        let cells = rows.get(row).filter(|cells| !cells.is_empty())?;
        Some(cells[column.min(cells.len() - 1)])
    };
    let next = match key {
        "ArrowLeft" => rows[row].get(column.wrapping_sub(1)).copied(),
        "ArrowRight" => rows[row].get(column + 1).copied(),
        "ArrowUp" => (0..row).rev().find_map(in_row),
        "ArrowDown" => (row + 1..rows.len()).find_map(in_row),
        "Home" => rows[row].first().copied(),
        "End" => rows[row].last().copied(),
        _ => return None,
    };
    Some(next.unwrap_or(from))
}

#[cfg(test)]
mod tests {
    use super::neighbour;

    #[test]
    fn arrows_lead_through_rows_of_different_lengths() {
        let rows = [vec![0, 1, 2], vec![], vec![3], vec![4, 5]];
        for (from, key, expected) in [
            (0, "ArrowLeft", 0),
            (0, "ArrowRight", 1),
            (2, "ArrowRight", 2),
            (2, "ArrowDown", 3),
            (3, "ArrowDown", 4),
            (3, "ArrowUp", 0),
            (5, "ArrowUp", 3),
            (0, "ArrowUp", 0),
            (5, "ArrowDown", 5),
            (1, "Home", 0),
            (0, "End", 2),
        ] {
            assert_eq!(neighbour(&rows, from, key), Some(expected), "{from} {key}");
        }
        assert_eq!(neighbour(&rows, 0, "q"), None);
        assert_eq!(neighbour(&rows, 9, "Home"), None);
    }
}
