//! The lines: a row for each watched key, and the two handles across them.

use leptos::ev::{KeyboardEvent, PointerEvent};
use leptos::html::Div;
use leptos::prelude::*;

use super::changes::{Step, snapped, told, why_flat};
use super::picture::Picture;
use super::scale::{WHOLE, percent, ticks};
use super::state::{Compared, LETTERS, Shown};
use super::steps::{Line, What, line, shape};
use crate::api::ApiError;
use crate::failure::Failure;
use crate::platform::{clock, focus, intl, keyboard, pointer, viewport};
use crate::ui::dynamic::{attribute, dynamic};
use crate::ui::message::{Message, Tone};
use crate::ui::skeleton::SkeletonRows;
use crate::ui::value::ValueText;

/// Colours of rows. Further rows begin anew: their names stand beside them.
const SERIES: [&str; 6] = [
    "timeline-row series-1",
    "timeline-row series-5",
    "timeline-row series-2",
    "timeline-row series-4",
    "timeline-row series-3",
    "timeline-row series-6",
];

/// A pointer this near a change, in ten-thousandths of the line, means the change.
const REACH: u32 = 60;

const HANDLES: [&str; 2] = ["timeline-a", "timeline-b"];

/// What depends on the width of the window.
struct Room {
    /// How many marks of the calendar there may be.
    ticks: i64,
    /// How near changes may come to each other.
    finest: u32,
    /// How long a piece has to be to hold words.
    words: u32,
}

const WIDE: Room = Room {
    ticks: 8,
    finest: 45,
    words: 300,
};
const NARROW: Room = Room {
    ticks: 3,
    finest: 180,
    words: 1_000,
};

/// The lines, or why there are none.
#[component]
pub fn Chart(shown: Shown) -> impl IntoView {
    let is_narrow = viewport::is_narrow();
    dynamic(move || {
        let room = if is_narrow.get() { NARROW } else { WIDE };
        let picture = shown.picture.get();
        if picture.answer.is_none() {
            if let Some(error) = shown.timeline.error.get() {
                return without_lines(shown, &picture, error, &room);
            }
            if shown.timeline.is_busy.get() {
                return view! { <SkeletonRows rows=picture.keys.len()/> }.into_any();
            }
        }
        let reason = why_flat(&picture.keys, picture.points(), &picture.changes);
        let reason = reason.map(|reason| view! { <p class="timeline-note note">{reason}</p> });
        let parts = [drawing(shown, &picture, &room), reason.into_any()];
        Vec::from(parts).into_any()
    })
}

/// Why there are no lines. The two moments can be moved all the same where something is known of them.
fn without_lines(shown: Shown, picture: &Picture, error: ApiError, room: &Room) -> AnyView {
    let title = match error {
        ApiError::NotOffered | ApiError::NotFound => "This server does not offer the timeline",
        ApiError::Forbidden { .. } => "This key may not read the timeline",
        error => {
            let again = Callback::new(move |()| shown.again());
            return view! { <Failure error what="the timeline" on_retry=again/> }.into_any();
        }
    };
    let mut detail = error.to_string();
    let mut parts = Vec::new();
    if !matches!(shown.compared(), Compared::Unknown(_)) {
        detail.push_str(" Two moments can be compared all the same: move A and B.");
        let without_keys = Picture {
            keys: Vec::new(),
            ..picture.clone()
        };
        parts.push(drawing(shown, &without_keys, room));
    }
    let message = view! {
        <Message tone=Tone::Empty title=title detail=Signal::stored(detail)>
            ""
        </Message>
    };
    parts.insert(0, message.into_any());
    parts.into_any()
}

fn drawing(shown: Shown, picture: &Picture, room: &Room) -> AnyView {
    let scale = picture.scale;
    let marks = ticks(scale, room.ticks, &clock::offset);
    let mut plotted: Vec<AnyView> = marks
        .into_iter()
        .map(|tick| {
            let words = intl::mark(tick.at, tick.begins);
            placed("timeline-tick", tick.place, WHOLE, words.into_any())
        })
        .collect();
    let mut summary = String::new();
    let mut names = Vec::new();
    let mut rows = Vec::new();
    for (row, key) in picture.keys.iter().enumerate() {
        let line = line(picture.points(), key, scale, room.finest);
        summary.push_str(if row > 0 { ", " } else { "" });
        summary.push_str(&summed_up(key, &line));
        names.push(view! { <li class="cut" title=key.clone()>{key.clone()}</li> }.into_any());
        rows.push(drawn(&line, row, room));
    }
    plotted.push(
        view! { <div class="timeline-rows" role="img" aria-label=summary>{rows}</div> }.into_any(),
    );
    plotted.push(dynamic(move || {
        let [a, b] = shown.moments().map(|moment| scale.place(moment));
        placed("timeline-stretch", a.min(b), a.max(b), ().into_any())
    }));
    for which in [0, 1] {
        plotted.push(handle(shown, which));
    }
    let plot = NodeRef::<Div>::new();
    view! {
        <div class="timeline-chart">
            <ul class="timeline-names" aria-hidden="true">{names}</ul>
            <div
                class="timeline-plot"
                node_ref=plot
                on:pointerdown=move |event| take(shown, plot, &event)
                on:pointermove=move |event| drag(shown, plot, &event)
                on:pointerup=move |_| let_go(shown)
                on:pointercancel=move |_| shown.held.set(None)
            >
                {plotted}
            </div>
        </div>
    }
    .into_any()
}

/// `plan: 2 changes`
fn summed_up(key: &str, line: &Line) -> String {
    let many = line.pieces.iter().map(|piece| match piece.what {
        What::Many(count) => count,
        _ => 0,
    });
    let count = line.marks.len() + many.sum::<usize>();
    let noun = if count == 1 { "change" } else { "changes" };
    format!("{key}: {count} {noun}")
}

/// Something between two places of the line.
fn placed(class: &'static str, from: u32, to: u32, content: AnyView) -> AnyView {
    view! {
        <span
            class=class
            style:inset-inline-start=percent(from)
            style:inline-size=percent(to - from)
        >
            {content}
        </span>
    }
    .into_any()
}

/// A row: the pieces of its line as shapes, and over them their values.
fn drawn(line: &Line, row: usize, room: &Room) -> AnyView {
    let shapes =
        shape(line).map(|(class, path)| view! { <path class=class d=path></path> }.into_any());
    let words = line.pieces.iter().filter_map(|piece| {
        let words = match &piece.what {
            What::Value(value, _) => view! { <ValueText value=Some(value)/> }.into_any(),
            What::Many(count) => format!("{count} changes").into_any(),
            What::Missing => return None,
        };
        let is_long = piece.to - piece.from >= room.words;
        is_long.then(|| placed("timeline-value", piece.from, piece.to, words))
    });
    let words: Vec<AnyView> = words.collect();
    view! {
        <div class=SERIES[row % SERIES.len()]>
            <svg viewBox="0 0 10000 26" preserveAspectRatio="none">{Vec::from(shapes)}</svg>
            {words}
        </div>
    }
    .into_any()
}

/// A or B: a slider with a line across all rows.
fn handle(shown: Shown, which: usize) -> AnyView {
    let letter = LETTERS[which];
    let moment = move || shown.moments()[which];
    let place = move || shown.picture.read().scale.place(moment());
    let on_keydown = move |event: KeyboardEvent| {
        let step = Step::of_key(&event.key());
        if let Some(step) = step.filter(|_| keyboard::is_bare(&event)) {
            event.prevent_default();
            shown.step(if event.shift_key() { 1 } else { which }, step);
        }
    };
    // `Monday 2 March 2026 at 14:00:00 UTC, plan changes to pro`
    let words = move || {
        let told = told(&shown.picture.read().changes, moment());
        let separator = if told.is_empty() { "" } else { ", " };
        [intl::moment(moment()).as_str(), separator, &told].concat()
    };
    view! {
        <div
            id=HANDLES[which]
            class=["timeline-handle", "timeline-handle is-second"][which]
            role="slider"
            tabindex="0"
            aria-label=["Moment ", letter].concat()
            aria-valuenow=attribute(move || (place() / 100).to_string())
            aria-valuetext=attribute(words)
            title=attribute(move || intl::moment(moment()))
            style:inset-inline-start=attribute(move || percent(place()))
            on:keydown=on_keydown
        >
            <span class="timeline-flag">{letter}</span>
        </div>
    }
    .into_any()
}

/// Takes the handle that is pointed at, else the nearest one.
fn take(shown: Shown, plot: NodeRef<Div>, event: &PointerEvent) {
    let Some(element) = plot.get_untracked().filter(|_| event.button() == 0) else {
        return;
    };
    pointer::capture(event, &element);
    let pointed = HANDLES.iter().position(|handle| {
        let selector = ["#", handle].concat();
        keyboard::is_on(event, &selector)
    });
    let place = place_of(event, plot);
    let moments = shown.moments_now();
    let which = pointed.unwrap_or_else(|| {
        let scale = shown.picture.read_untracked().scale;
        let [a, b] = moments.map(|moment| scale.place(moment).abs_diff(place));
        usize::from(b < a)
    });
    shown.held.set(Some((which, moments[which])));
    // A flag stands beside its line: it is taken where it is.
    if pointed.is_none() {
        drag(shown, plot, event);
    }
}

fn drag(shown: Shown, plot: NodeRef<Div>, event: &PointerEvent) {
    if let Some((which, _)) = shown.held.get_untracked() {
        let picture = shown.picture.get_untracked();
        let place = place_of(event, plot);
        let moment = snapped(place, REACH, &picture.changes, picture.scale);
        shown.held.set(Some((which, moment)));
    }
}

fn let_go(shown: Shown) {
    if let Some((which, moment)) = shown.held.get_untracked() {
        shown.set_moment(which, moment);
        shown.held.set(None);
        focus::soon(HANDLES[which]);
    }
}

fn place_of(event: &PointerEvent, plot: NodeRef<Div>) -> u32 {
    let plot = plot.get_untracked();
    let along = plot.map_or(0.0, |plot| pointer::along(event, &plot));
    (along.clamp(0.0, 1.0) * f64::from(WHOLE)) as u32
}
