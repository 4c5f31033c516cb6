//! Axes: round numbers, labels that do not touch, and what grows along them.

use leptos::prelude::*;

use super::number;

/// Pixels of a letter of an axis, on average.
const LETTER: f64 = 6.8;

/// Round numbers from 0 (or below) up to or beyond the largest value.
#[derive(Clone, Debug, PartialEq)]
pub struct Ticks {
    /// From the lowest.
    pub values: Vec<f64>,
}

impl Ticks {
    /// About `count` steps of 1, 2 or 5 times a power of ten that hold both values, and zero.
    pub fn around(lowest: f64, highest: f64, count: usize) -> Self {
        let (lowest, highest) = (lowest.min(0.0), highest.max(0.0));
        let reach = highest - lowest;
        let step = step_of(reach / count.max(1) as f64);
        let first = (lowest / step).floor() as i64;
        let last = ((highest / step).ceil() as i64).max(first + 1);
        Self {
            values: (first..=last).map(|place| place as f64 * step).collect(),
        }
    }

    /// The lowest.
    pub fn lowest(&self) -> f64 {
        self.values.first().copied().unwrap_or(0.0)
    }

    /// The highest.
    pub fn highest(&self) -> f64 {
        self.values.last().copied().unwrap_or(1.0)
    }

    /// Where a value stands between `bottom` and `top` (in pixels from above).
    pub fn y(&self, value: f64, top: f64, bottom: f64) -> f64 {
        let share = (value - self.lowest()) / (self.highest() - self.lowest());
        round(bottom - share * (bottom - top))
    }

    /// Pixels that the longest label needs.
    pub fn width(&self, unit: &str) -> f64 {
        let lengths = self
            .values
            .iter()
            .map(|value| short(*value).chars().count());
        (lengths.max().unwrap_or(1) + unit.len()) as f64 * LETTER
    }
}

/// 1, 2 or 5 times a power of ten, at least as large; people and events are whole.
fn step_of(at_least: f64) -> f64 {
    let at_least = at_least.max(1.0);
    let power = 10_f64.powf(at_least.log10().floor());
    let factor = [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .find(|factor| power * factor >= at_least * (1.0 - 1e-9));
    power * factor.unwrap_or(10.0)
}

/// `1,200`, `12k`, `3.5M`: numbers of an axis.
pub fn short(value: f64) -> String {
    let units = [(1e12, "T"), (1e9, "B"), (1e6, "M"), (1e4, "k")];
    match units.into_iter().find(|(unit, _)| value.abs() >= *unit) {
        Some((1e4, name)) => format!("{}{name}", number(value / 1e3)),
        Some((unit, name)) => format!("{}{name}", number(value / unit)),
        None => number(value),
    }
}

/// Pixels are drawn in tenths: more digits would only make the page longer.
pub fn round(pixels: f64) -> f64 {
    (pixels * 10.0).round() / 10.0
}

/// About how many pixels a text is long.
pub fn length(text: &str) -> f64 {
    text.chars().count() as f64 * LETTER
}

/// As much of a text as fits, with `…` for the rest.
pub fn fit(text: &str, pixels: f64) -> String {
    let room = (pixels / LETTER).floor().max(1.0) as usize;
    if text.chars().count() <= room {
        return text.to_owned();
    }
    let kept: String = text.chars().take(room.saturating_sub(1)).collect();
    kept.trim_end().to_owned() + "…"
}

/// Every how manieth label can be shown when each has so many pixels.
pub fn every(labels: &[String], pixels: f64) -> usize {
    let longest = labels.iter().map(|label| label.chars().count()).max();
    let wanted = longest.unwrap_or(0) as f64 * LETTER + 10.0;
    (wanted / pixels.max(1.0)).ceil().max(1.0) as usize
}

/// A label of an axis.
pub fn label(x: f64, y: f64, anchor: &'static str, text: String) -> AnyView {
    view! {
        <text class="axis" x=x y=y text-anchor=anchor>
            {text}
        </text>
    }
    .into_any()
}

/// A path of one class.
pub fn path(class: &'static str, d: String) -> AnyView {
    view! { <path class=class d=d></path> }.into_any()
}

/// A rectangle as a path, with its upper left corner.
pub fn rect(x: f64, y: f64, width: f64, height: f64) -> String {
    let [x, y, width, height] = [x, y, width, height].map(round);
    format!("M{x} {y}h{width}v{height}h{}z", -width)
}

/// The lines across and the numbers beside them.
pub fn grid(ticks: &Ticks, left: f64, right: f64, top: f64, bottom: f64, unit: &str) -> AnyView {
    view! {
        {lines(ticks, [left, right], top, bottom)}
        {numbers(ticks, left, top, bottom, unit)}
    }
    .into_any()
}

/// The lines across.
pub fn lines(ticks: &Ticks, [left, right]: [f64; 2], top: f64, bottom: f64) -> AnyView {
    let lines = ticks.values.iter();
    let lines = lines.map(|value| format!("M{left} {}H{right}", ticks.y(*value, top, bottom)));
    path("grid-line", lines.collect())
}

/// The numbers to the left of them.
pub fn numbers(ticks: &Ticks, left: f64, top: f64, bottom: f64, unit: &str) -> AnyView {
    let labels = ticks.values.iter().map(|value| {
        let y = ticks.y(*value, top, bottom) + 4.0;
        label(left - 8.0, y, "end", short(*value) + unit)
    });
    labels.collect_view().into_any()
}

/// A label below the axis, at its middle, but within the picture.
pub fn below(x: f64, y: f64, width: f64, text: String) -> AnyView {
    let half = length(&text) / 2.0;
    label(round(x.min(width - half)), y, "middle", text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_hold_everything() {
        for (lowest, highest, expected) in [
            (0.0, 0.0, "0 1"),
            (0.0, 1.0, "0 1"),
            (0.0, 7.0, "0 2 4 6 8"),
            (0.0, 100.0, "0 50 100"),
            (0.0, 547.0, "0 200 400 600"),
            (-40.0, 75.0, "\u{2212}50 0 50 100"),
            (0.0, 1e12, "0 500B 1T"),
            (0.0, 35_000.0, "0 10k 20k 30k 40k"),
        ] {
            let ticks = Ticks::around(lowest, highest, 4);
            let words: Vec<String> = ticks.values.iter().map(|value| short(*value)).collect();
            assert_eq!(words.join(" "), expected, "{lowest} {highest}");
            assert!(ticks.lowest() <= lowest && ticks.highest() >= highest);
            assert!(ticks.values.len() <= 7);
        }
    }

    #[test]
    fn values_stand_between_top_and_bottom() {
        let ticks = Ticks::around(-10.0, 10.0, 2);
        assert_eq!(ticks.y(-10.0, 0.0, 100.0), 100.0);
        assert_eq!(ticks.y(0.0, 0.0, 100.0), 50.0);
        assert_eq!(ticks.y(10.0, 0.0, 100.0), 0.0);
    }

    #[test]
    fn labels_do_not_touch_and_long_ones_end_early() {
        let labels = ["22 Nov".to_owned(), "23 Nov".to_owned()];
        assert_eq!(every(&labels, 100.0), 1);
        assert_eq!(every(&labels, 20.0), 3);
        assert_eq!(every(&[], 20.0), 1);
        assert_eq!(fit("invited_teammate", 60.0), "invited…");
        assert_eq!(fit("🦄🦄🦄", 60.0), "🦄🦄🦄");
    }
}
