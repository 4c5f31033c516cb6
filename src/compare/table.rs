//! The table: a column for each person, the rows that differ before those that do not.

use leptos::prelude::*;
use uuid::Uuid;

use super::facts::facts;
use super::head::Head;
use super::people::People;
use super::rows::{Difference, Row, Rows};
use crate::platform::intl;
use crate::ui::dynamic::{Member, dynamic, each, text, when};
use crate::ui::full_value::full;
use crate::ui::icon::Icon;

/// Rows of a group that are drawn before asking: some people have thousands of properties.
const AT_ONCE: usize = 200;

/// Rows that are shown, or not, together.
#[derive(Clone, Copy, PartialEq)]
enum Group {
    /// People's own properties that differ.
    Own,
    /// The system's that differ.
    System,
    /// Those that do not.
    Same,
}

impl Group {
    const ALL: [Self; 3] = [Self::Own, Self::System, Self::Same];

    fn rows(self, rows: &Rows) -> &[Row] {
        match self {
            Self::Own => &rows.own,
            Self::System => &rows.system,
            Self::Same => &rows.same,
        }
    }

    /// Whether it is open before somebody opens or closes it: nothing above it says more.
    fn is_open_at_first(self, rows: &Rows) -> bool {
        match self {
            Self::Own => true,
            Self::System => rows.own.is_empty(),
            Self::Same => rows.people() < 2,
        }
    }

    /// `12 same rows`
    fn words(self, rows: &Rows) -> String {
        let count = self.rows(rows).len();
        let words = match self {
            Self::Own => ["property differs", "properties differ"],
            Self::System => [
                "system property ($…) differs",
                "system properties ($…) differ",
            ],
            Self::Same if rows.people() < 2 => ["property", "properties"],
            Self::Same => ["same row", "same rows"],
        };
        [
            &intl::number(count as u64),
            " ",
            words[usize::from(count != 1)],
        ]
        .concat()
    }
}

/// People, side by side.
#[component]
pub fn Table(
    people: People,
    rows: RwSignal<Rows>,
    /// Puts somebody one place further to the front.
    on_move: Callback<Uuid>,
    /// Takes somebody out.
    on_remove: Callback<Uuid>,
) -> impl IntoView {
    let columns = people.columns;
    let heads = each(move || {
        let columns = columns.read();
        let head = |uuid: Uuid| {
            Member::new(uuid.to_string(), move || {
                view! { <Head people uuid on_move on_remove/> }.into_any()
            })
        };
        columns.iter().map(|column| head(column.uuid)).collect()
    });
    let facts = dynamic(move || facts(&columns.read()).into_any());
    let groups = Group::ALL.map(|group| grouped(group, rows));
    view! {
        // What scrolls must be in reach of the keyboard.
        <div class="panel compare-region" tabindex="0" role="region" aria-label="Side by side">
            <table
                class="compare"
                aria-label="Side by side"
                style=("--people", move || columns.read().len().to_string())
            >
                <thead>
                    <tr>
                        <th scope="col">"Property"</th>
                        {heads}
                        <th scope="col" class="compare-difference">"Difference"</th>
                    </tr>
                </thead>
                <tbody>{facts}</tbody>
                {groups.into_iter().collect_view()}
            </table>
        </div>
    }
}

/// A row: what it is about, a cell for each person, how they stand to each other.
pub fn row(head: String, cells: Vec<AnyView>, difference: AnyView) -> AnyView {
    view! {
        <tr>
            <th scope="row" class="property-key"><bdi>{head}</bdi></th>
            {cells}
            <td class="compare-difference">{difference}</td>
        </tr>
    }
    .into_any()
}

/// A cell of a row.
pub fn cell(content: AnyView) -> AnyView {
    view! { <td class="property-value">{content}</td> }.into_any()
}

/// A group: its head, which opens and closes it, and its rows. Nothing where there are none.
fn grouped(group: Group, rows: RwSignal<Rows>) -> AnyView {
    let is_turned = RwSignal::new(false);
    let is_open = move || group.is_open_at_first(&rows.read()) != is_turned.get();
    let is_all = RwSignal::new(false);
    let count = move || group.rows(&rows.read()).len();
    let shown = move || {
        let rows = rows.read();
        let limit = match (is_open(), is_all.get()) {
            (false, _) => 0,
            (true, false) => AT_ONCE,
            (true, true) => usize::MAX,
        };
        let shown = group.rows(&rows).iter().take(limit);
        shown
            .map(|row| property(row, &rows))
            .collect::<Vec<_>>()
            .into_any()
    };
    let more = move || {
        let words = text(move || ["Show all ", &intl::number(count() as u64)].concat());
        let button = view! {
            <button type="button" class="link" on:click=move |_| is_all.set(true)>{words}</button>
        };
        row("More".into(), vec![cell(button.into_any())], ().into_any())
    };
    let draw = move || {
        let expanded = move || if is_open() { "true" } else { "false" };
        view! {
            <tbody>
                <tr>
                    // One column more than there are would take the width of all others.
                    <th
                        scope="rowgroup"
                        colspan=move || (rows.read().known.len() + 2).to_string()
                        class="compare-group"
                    >
                        <button
                            type="button"
                            aria-expanded=expanded
                            on:click=move |_| is_turned.update(|is_turned| *is_turned = !*is_turned)
                        >
                            <Icon name="chevron"/>
                            {text(move || group.words(&rows.read()))}
                        </button>
                    </th>
                </tr>
                {dynamic(shown)}
                {when(move || is_open() && !is_all.get() && count() > AT_ONCE, more)}
            </tbody>
        }
        .into_any()
    };
    when(move || count() > 0, draw)
}

fn property(property: &Row, rows: &Rows) -> AnyView {
    let cells = property.values.iter().zip(&rows.known);
    let cells = cells.map(|(value, is_known)| {
        cell(match is_known {
            true => full(value.clone()),
            false => ().into_any(),
        })
    });
    row(
        property.key.clone(),
        cells.collect(),
        difference(&property.difference, rows.people()),
    )
}

/// How the values of a row stand to each other: a sign for the eye, words for all.
fn difference(difference: &Difference, people: usize) -> AnyView {
    let (sign, words) = match difference {
        _ if people < 2 => return ().into_any(),
        Difference::Same => ("=", "same".to_owned()),
        Difference::Values => ("≠", "different".to_owned()),
        Difference::Types(names) => ("≠", names.join(", ")),
        Difference::Missing(1, _) => ("+", "only one has it".to_owned()),
        Difference::Missing(count, true) => ("+", format!("{count} of {people}, same")),
        Difference::Missing(count, false) => ("≠", format!("{count} of {people}, different")),
    };
    view! { <span class="compare-sign" aria-hidden="true">{sign}</span> {words} }.into_any()
}
