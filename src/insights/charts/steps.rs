//! A funnel: for each step a bar of those who reached it, and on it those who did not.

use leptos::prelude::*;

use super::axis::{self, Ticks, path, rect, round};
use super::duration;
use super::lines::class_of;
use super::mark::Marks;
use super::{Size, number};
use crate::insights::figure::{Cell, CellId, StepGroup, Steps};
use crate::insights::table::{Entry, Table};

/// Pixels above the plot, and of the words below it.
const TOP: f64 = 16.0;
const WORDS: f64 = 92.0;

/// Pixels of the legend, which only several groups have.
const LEGEND: f64 = 28.0;

/// Groups beyond these are only in the table.
const MOST_GROUPS: usize = 6;

/// A bar of a step: from left, how wide, where those who reached it begin, where those who did not.
#[derive(Clone, Debug, PartialEq)]
pub struct Bar {
    /// Left edge.
    pub x: f64,
    /// Width.
    pub width: f64,
    /// The upper edge of those who reached it.
    pub reached: f64,
    /// The upper edge of those who did not; the same where nobody was lost.
    pub lost: f64,
}

/// Where everything stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Laid {
    /// The plot, without its labels: left, right, top, bottom.
    pub plot: [f64; 4],
    /// What belongs to a step, in pixels.
    pub step: f64,
    /// For each step the bars of the groups.
    pub bars: Vec<Vec<Bar>>,
}

fn ticks() -> Ticks {
    Ticks {
        values: vec![0.0, 25.0, 50.0, 75.0, 100.0],
    }
}

/// A part in percent of a whole; nothing of nothing is nothing.
pub fn percent(part: f64, whole: f64) -> f64 {
    if whole > 0.0 {
        part / whole * 100.0
    } else {
        0.0
    }
}

/// Where everything stands.
pub fn lay_out(steps: &Steps, size: Size) -> Laid {
    let groups = &steps.groups[..steps.groups.len().min(MOST_GROUPS)];
    let top = TOP + if groups.len() > 1 { LEGEND } else { 0.0 };
    let (left, right, bottom) = (48.0, size.width - 8.0, size.height - WORDS);
    let count = steps.names.len();
    let step = (right - left) / count.max(1) as f64;
    let room = (step * 0.64).min(160.0 * groups.len().max(1) as f64);
    let width = room / groups.len().max(1) as f64;
    let ticks = ticks();
    // Every group is measured by its own beginning: shares are what is compared.
    let y = |group: &StepGroup, value: f64| {
        let first = group.steps.first().map_or(0.0, |step| step.reached.value);
        ticks.y(percent(value, first), top, bottom)
    };
    let bars = (0..count).map(|number| {
        let bars = groups.iter().enumerate().filter_map(|(place, group)| {
            let step_of_group = group.steps.get(number)?;
            let reached = step_of_group.reached.value;
            let lost = step_of_group.lost.as_ref().map_or(0.0, |lost| lost.value);
            Some(Bar {
                x: round(left + number as f64 * step + place as f64 * width),
                width: round((width - if groups.len() > 1 { 2.0 } else { 0.0 }).max(1.0)),
                reached: y(group, reached),
                lost: y(group, reached + lost),
            })
        });
        bars.collect()
    });
    Laid {
        plot: [left, right, top, bottom],
        step: round(step),
        bars: bars.collect(),
    }
}

/// How high it wants to be.
pub fn height(_steps: &Steps, width: f64) -> f64 {
    if width < 500.0 { 340.0 } else { 420.0 }
}

/// The cells as the arrow keys walk them: those who were lost above those who were not.
pub fn rows(steps: &Steps) -> Vec<Vec<CellId>> {
    let groups = steps.groups.iter().take(MOST_GROUPS);
    groups
        .flat_map(|group| {
            // Where nobody was lost there is nothing to go to.
            let lost = group
                .steps
                .iter()
                .filter_map(|step| step.lost.as_ref().filter(|lost| lost.value > 0.0)?.cell);
            let reached = group.steps.iter().filter_map(|step| step.reached.cell);
            [lost.collect(), reached.collect()]
        })
        .collect()
}

/// The twin.
pub fn table(steps: &Steps) -> Table {
    let has_groups = steps.groups.len() > 1;
    let mut head = vec!["Step".to_owned()];
    if has_groups {
        head.push("Of".to_owned());
    }
    head.extend(
        [
            "Reached",
            "Lost",
            "Of previous",
            "Of first",
            "Median",
            "Mean",
        ]
        .map(str::to_owned),
    );
    let mut rows = Vec::new();
    for (number_of_step, name) in steps.names.iter().enumerate() {
        for group in &steps.groups {
            let Some(step) = group.steps.get(number_of_step) else {
                continue;
            };
            let before = number_of_step
                .checked_sub(1)
                .map(|before| &group.steps[before]);
            let mut row = vec![Entry::plain(name)];
            if has_groups {
                row.push(Entry::plain(&group.name));
            }
            row.push(Entry {
                text: number(step.reached.value),
                cell: step.reached.cell,
            });
            row.push(
                step.lost
                    .as_ref()
                    .map_or_else(Entry::default, |lost| Entry {
                        text: number(lost.value),
                        cell: lost.cell,
                    }),
            );
            let share =
                |of: f64| Entry::plain(format!("{}%", whole(percent(step.reached.value, of))));
            row.push(before.map_or_else(Entry::default, |before| share(before.reached.value)));
            row.push(share(group.steps[0].reached.value));
            let time = |seconds: Option<f64>| {
                Entry::plain(seconds.map(duration::words).unwrap_or_default())
            };
            row.push(time(step.median_seconds));
            row.push(time(step.mean_seconds));
            rows.push(row);
        }
    }
    Table { head, rows }
}

/// One digit where whole percents would say 0 or 100 of what is neither.
fn whole(percent: f64) -> String {
    let rounded = percent.round();
    let hides = (rounded == 0.0 || rounded == 100.0) && (percent - rounded).abs() > 1e-9;
    number(if hides {
        (percent * 10.0).round() / 10.0
    } else {
        rounded
    })
}

/// Draws it.
pub fn draw(steps: &Steps, cells: &[Cell], size: Size, marks: Marks) -> AnyView {
    let laid = lay_out(steps, size);
    let [left, right, top, bottom] = laid.plot;
    let groups = &steps.groups[..steps.groups.len().min(MOST_GROUPS)];
    let is_single = groups.len() == 1;
    let text = |class: &'static str, x: f64, y: f64, words: String| {
        view! { <text class=class x=x y=y text-anchor="middle">{words}</text> }.into_any()
    };
    let bands = laid
        .bars
        .windows(2)
        .filter(|_| is_single)
        .filter_map(|pair| {
            let (from, to) = (pair[0].first()?, pair[1].first()?);
            let x = from.x + from.width;
            Some(path("band", rect(x, to.lost, to.x - x, bottom - to.lost)))
        });
    let bars = laid.bars.iter().enumerate().map(|(number_of_step, bars)| {
        let of_groups = bars.iter().zip(groups).enumerate().map(|(place, (bar, group))| {
            let step = &group.steps[number_of_step];
            let middle = round(bar.x + bar.width / 2.0);
            let room = bar.width > 40.0;
            let lost = step.lost.as_ref().and_then(|lost| {
                let (cell, height) = (lost.cell?, bar.reached - bar.lost);
                if lost.value == 0.0 {
                    return None;
                }
                let words = if room && height > 20.0 {
                    text("lost-text", middle, (bar.reached + bar.lost) / 2.0 + 4.0, format!("{} lost", number(lost.value)))
                } else {
                    ().into_any()
                };
                // Few are still enough to be hit.
                let reach = rect(bar.x, bar.reached - height.max(8.0), bar.width, height.max(8.0));
                let shape = view! {
                    {path("reach", reach)}
                    {path("lost", rect(bar.x, bar.lost, bar.width, height.max(1.0)))}
                    {path("lost-pattern", rect(bar.x, bar.lost, bar.width, height.max(1.0)))}
                };
                let mark = marks.mark(cell, &cells[cell], shape.into_any());
                // Beside the mark, whose name says it in other words.
                let drawn = view! {
                    {mark}
                    <g pointer-events="none">{words}</g>
                };
                Some(drawn.into_any())
            });
            let height = bottom - bar.reached;
            let words = match (room, height > 28.0) {
                (true, true) => text("bar-text", middle, (bar.reached + bottom) / 2.0 + 6.0, number(step.reached.value)),
                (true, false) => text("low-text", middle, bar.reached.min(bottom) - 6.0, number(step.reached.value)),
                _ => ().into_any(),
            };
            // Where the number stands on those who were lost, it would be read as theirs.
            let words = if height <= 28.0 && bar.reached - bar.lost > 20.0 { ().into_any() } else { words };
            let shape = view! {
                {path("reach", rect(bar.x, bottom - height.max(12.0), bar.width, height.max(12.0)))}
                {path("bar", rect(bar.x, bar.reached, bar.width, height.max(1.0)))}
                {words}
            };
            let reached = match step.reached.cell {
                Some(cell) => marks.mark(cell, &cells[cell], shape.into_any()),
                None => shape.into_any(),
            };
            view! {
                <g class=class_of(place)>
                    {lost}
                    {reached}
                </g>
            }
            .into_any()
        });
        of_groups.collect_view().into_any()
    });
    let words = laid.bars.iter().enumerate().map(|(number_of_step, bars)| {
        let x = bars.first().map_or(left, |bar| bar.x);
        let room = laid.step - 12.0;
        let line = |class: &'static str, place: usize, words: String| {
            let y = bottom + 20.0 + place as f64 * 17.0;
            view! { <text class=class x=x y=y>{axis::fit(&words, room)}</text> }.into_any()
        };
        let name = format!("{}. {}", number_of_step + 1, steps.names[number_of_step]);
        let details = groups.first().filter(|_| is_single).map(|group| {
            let step = &group.steps[number_of_step];
            let first = group.steps[0].reached.value;
            let Some(before) = number_of_step.checked_sub(1) else {
                let words = if first > 0.0 { "100%" } else { "nobody" };
                return line("step-detail", 1, format!("{} · {words}", number(first)));
            };
            let before = group.steps[before].reached.value;
            let reached = step.reached.value;
            let median = step.median_seconds.map(|seconds| format!("median {}", duration::words(seconds)));
            view! {
                {line("step-detail", 1, format!("{} · {}% of previous", number(reached), whole(percent(reached, before))))}
                {line("step-detail", 2, format!("{}% of first", whole(percent(reached, first))))}
                {median.map(|median| line("step-detail", 3, median))}
            }
            .into_any()
        });
        view! {
            {line("step-name", 0, name)}
            {details}
        }
        .into_any()
    });
    let mut from = left;
    let legend = groups
        .iter()
        .enumerate()
        .filter(|_| !is_single)
        .map(|(place, group)| {
            let x = from;
            let name = axis::fit(&group.name, 120.0);
            from += name.chars().count() as f64 * 7.0 + 30.0;
            view! {
                <g class=class_of(place)>
                    {path("bar", rect(x, 8.0, 10.0, 10.0))}
                    {axis::label(x + 16.0, 17.0, "start", name)}
                </g>
            }
            .into_any()
        });
    view! {
        {axis::grid(&ticks(), left, right, top, bottom, "%")}
        <g class="series-1">{bands.collect_view()}</g>
        {legend.collect_view()}
        {bars.collect_view()}
        {words.collect_view()}
    }
    .into_any()
}
