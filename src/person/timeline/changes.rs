//! When watched properties changed, as a list, in words, and as places to step to.

use persons_api::Timestamp;
use serde_json::Value;

use super::scale::{Scale, WHOLE};
use crate::api::history::Point;
use crate::ui::value::plain;

/// Letters of a value that are read aloud.
const SPOKEN: usize = 40;

/// The part of the line that a large step passes over.
const LARGE_STEP: u32 = WHOLE / 20;

/// Something watched became something else.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// When.
    pub at: Timestamp,
    /// What changed: the key, the value before, the value after.
    pub lines: Vec<(String, Option<Value>, Option<Value>)>,
}

/// The changes of watched properties, oldest first. The first one is where the range begins: what was
/// known then.
pub fn changes(points: &[Point], keys: &[String]) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut last: Option<&Point> = None;
    for point in points {
        let line = |key: &String| {
            let before = last.and_then(|last| last.properties.get(key));
            let after = point.properties.get(key);
            (before != after).then(|| (key.clone(), before.cloned(), after.cloned()))
        };
        let lines: Vec<_> = keys.iter().filter_map(line).collect();
        if last.is_none() || !lines.is_empty() {
            let at = point.at;
            changes.push(Change { at, lines });
        }
        last = Some(point);
    }
    changes
}

/// `plan changes to pro, trial is removed`; nothing for a moment at which nothing changes.
pub fn told(changes: &[Change], moment: Timestamp) -> String {
    let mut told = String::new();
    let here = changes.iter().find(|change| change.at == moment);
    for (key, before, after) in here.iter().flat_map(|change| &change.lines) {
        let separator = if told.is_empty() { "" } else { ", " };
        let (verb, value) = match (before, after) {
            (_, None) => (" is removed", String::new()),
            (None, Some(value)) => (" is ", spoken(value)),
            (Some(_), Some(value)) => (" changes to ", spoken(value)),
        };
        for part in [separator, key, verb, &value] {
            told.push_str(part);
        }
    }
    told
}

fn spoken(value: &Value) -> String {
    let text = plain(value);
    if text.is_empty() {
        return "empty text".into();
    }
    match text.char_indices().nth(SPOKEN) {
        Some((end, _)) => [&text[..end], "…"].concat(),
        None => text,
    }
}

/// Why there is nothing to step to, in one sentence; `None` if there is.
pub fn why_flat(keys: &[String], points: &[Point], changes: &[Change]) -> Option<&'static str> {
    match changes.len() {
        _ if keys.is_empty() => {
            Some("No key is watched. Choose one: each of its changes makes a step.")
        }
        _ if points.is_empty() => Some(
            "There is no event of this person in this range, so nothing is known of their properties in it.",
        ),
        0 | 1 => Some(
            "No watched key changed in this range. Only watched keys make steps: watch another one, or a longer range.",
        ),
        _ => None,
    }
}

/// A step of one of the moments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// To the change before.
    Back,
    /// To the change after.
    On,
    /// To the first moment.
    First,
    /// To the last moment.
    Last,
    /// A twentieth of the line towards its beginning.
    FarBack,
    /// A twentieth of the line towards its end.
    FarOn,
}

impl Step {
    /// What a key means on a handle.
    pub fn of_key(key: &str) -> Option<Self> {
        Some(match key {
            "ArrowLeft" | "ArrowDown" => Self::Back,
            "ArrowRight" | "ArrowUp" => Self::On,
            "Home" => Self::First,
            "End" => Self::Last,
            "PageDown" => Self::FarBack,
            "PageUp" => Self::FarOn,
            _ => return None,
        })
    }

    /// Where it leads. Without a change to go to, changes are steps of a twentieth.
    pub fn from(self, moment: Timestamp, changes: &[Change], scale: Scale) -> Timestamp {
        let place = scale.place(moment);
        let step = match self {
            Self::Back if changes.len() < 2 => Self::FarBack,
            Self::On if changes.len() < 2 => Self::FarOn,
            step => step,
        };
        match step {
            Self::First => changes.first().map_or(scale.from, |change| change.at),
            Self::Last => scale.to,
            Self::FarBack => scale.moment(place.saturating_sub(LARGE_STEP)),
            Self::FarOn => scale.moment(place + LARGE_STEP),
            Self::Back => {
                let later = changes.partition_point(|change| change.at < moment);
                let before = later.checked_sub(1).and_then(|place| changes.get(place));
                before.map_or(moment, |change| change.at)
            }
            Self::On => {
                let place = changes.partition_point(|change| change.at <= moment);
                changes.get(place).map_or(scale.to, |change| change.at)
            }
        }
    }
}

/// The moment at a place of the line: that of a change that is drawn within reach of it, else its own.
pub fn snapped(place: u32, reach: u32, changes: &[Change], scale: Scale) -> Timestamp {
    let nearest = changes
        .iter()
        .min_by_key(|change| scale.place(change.at).abs_diff(place));
    let near = nearest.filter(|change| scale.place(change.at).abs_diff(place) <= reach);
    near.map_or_else(|| scale.moment(place), |change| change.at)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).expect("a moment")
    }

    fn points(points: &[(&str, Value)]) -> Vec<Point> {
        let point = |(moment, properties): &(&str, Value)| Point {
            at: at(moment),
            properties: properties.as_object().expect("an object").clone(),
        };
        points.iter().map(point).collect()
    }

    fn keys(keys: &[&str]) -> Vec<String> {
        keys.iter().map(|key| (*key).to_owned()).collect()
    }

    fn adas() -> Vec<Point> {
        points(&[
            (
                "2026-01-05",
                json!({"plan": "free", "seats": 5, "other": 1}),
            ),
            (
                "2026-02-19T09:12:00Z",
                json!({"plan": "free", "seats": 10, "other": 2}),
            ),
            // Nothing that is watched.
            (
                "2026-02-20",
                json!({"plan": "free", "seats": 10, "other": 3}),
            ),
            (
                "2026-03-02",
                json!({"plan": "pro", "trial": "", "other": 3}),
            ),
        ])
    }

    fn watched() -> Vec<Change> {
        changes(&adas(), &keys(&["plan", "seats", "trial"]))
    }

    fn scale() -> Scale {
        Scale::new(at("2026-01-01"), at("2026-03-31"))
    }

    #[test]
    fn only_watched_keys_make_changes() {
        let days: Vec<String> = watched()
            .iter()
            .map(|change| change.at.to_string()[..10].to_owned())
            .collect();
        assert_eq!(days, ["2026-01-05", "2026-02-19", "2026-03-02"]);
        assert_eq!(
            watched()[2].lines,
            [
                ("plan".into(), Some(json!("free")), Some(json!("pro"))),
                ("seats".into(), Some(json!(10)), None),
                ("trial".into(), None, Some(json!("")))
            ]
        );
        // Where nothing is watched, the beginning is all there is.
        assert_eq!(changes(&adas(), &[]).len(), 1);
        assert!(changes(&[], &keys(&["plan"])).is_empty());
    }

    #[test]
    fn changes_are_told_as_a_sentence() {
        let changes = watched();
        assert_eq!(told(&changes, at("2026-01-05")), "plan is free, seats is 5");
        assert_eq!(
            told(&changes, at("2026-03-02")),
            "plan changes to pro, seats is removed, trial is empty text"
        );
        assert_eq!(told(&changes, at("2026-03-03")), "");
        let long = points(&[("2026-01-05", json!({"bio": "🦄".repeat(500)}))]);
        let told = told(&super::changes(&long, &keys(&["bio"])), at("2026-01-05"));
        assert_eq!(told.chars().count(), "bio is …".chars().count() + SPOKEN);
    }

    #[test]
    fn a_flat_line_says_why() {
        let reason =
            |keys: &[String], points: &[Point]| why_flat(keys, points, &changes(points, keys));
        let plan = keys(&["plan"]);
        assert!(reason(&[], &adas()).is_some_and(|why| why.starts_with("No key is watched")));
        assert!(reason(&plan, &[]).is_some_and(|why| why.starts_with("There is no event")));
        assert!(reason(&plan, &adas()[..1]).is_some_and(|why| why.starts_with("No watched key")));
        assert!(
            reason(&keys(&["email"]), &adas()).is_some_and(|why| why.starts_with("No watched key"))
        );
        assert_eq!(reason(&plan, &adas()), None);
    }

    #[test]
    fn arrows_go_from_change_to_change_and_to_the_end() {
        let changes = watched();
        let step = |step: Step, from: &str| step.from(at(from), &changes, scale()).to_string();
        for (taken, from, to) in [
            (Step::Back, "2026-03-31", "2026-03-02T00:00:00Z"),
            (Step::Back, "2026-03-02", "2026-02-19T09:12:00Z"),
            (Step::Back, "2026-02-01", "2026-01-05T00:00:00Z"),
            (Step::Back, "2026-01-05", "2026-01-05T00:00:00Z"),
            (Step::On, "2026-01-01", "2026-01-05T00:00:00Z"),
            (Step::On, "2026-02-19T09:12:00Z", "2026-03-02T00:00:00Z"),
            (Step::On, "2026-03-02", "2026-03-31T00:00:00Z"),
            (Step::On, "2026-03-31", "2026-03-31T00:00:00Z"),
            (Step::First, "2026-03-31", "2026-01-05T00:00:00Z"),
            (Step::Last, "2026-01-05", "2026-03-31T00:00:00Z"),
            (Step::FarBack, "2026-01-03", "2026-01-01T00:00:00Z"),
            (Step::FarOn, "2026-01-01", "2026-01-05T10:48:00Z"),
            (Step::FarOn, "2026-03-30", "2026-03-31T00:00:00Z"),
        ] {
            assert_eq!(step(taken, from), to, "{taken:?} from {from}");
        }
    }

    #[test]
    fn without_changes_arrows_take_large_steps() {
        let from = at("2026-02-01");
        for changes in [&[][..], &watched()[..1]] {
            assert_eq!(
                Step::Back.from(from, changes, scale()),
                Step::FarBack.from(from, changes, scale())
            );
            assert_eq!(
                Step::On.from(from, changes, scale()),
                Step::FarOn.from(from, changes, scale())
            );
            assert!(Step::On.from(from, changes, scale()) > from);
        }
    }

    #[test]
    fn a_place_near_a_change_is_that_change() {
        let (changes, scale) = (watched(), scale());
        let change = at("2026-02-19T09:12:00Z");
        let place = scale.place(change);
        assert_eq!(snapped(place + 60, 60, &changes, scale), change);
        assert_eq!(
            snapped(place - 61, 60, &changes, scale),
            scale.moment(place - 61)
        );
        assert_eq!(snapped(WHOLE, 60, &changes, scale), scale.to);
        assert_eq!(snapped(5, 60, &[], scale), scale.moment(5));
    }

    #[test]
    fn keys_of_a_slider_are_known() {
        for key in [
            "ArrowLeft",
            "ArrowRight",
            "Home",
            "End",
            "PageUp",
            "PageDown",
        ] {
            assert!(Step::of_key(key).is_some(), "{key}");
        }
        assert_eq!(Step::of_key("x"), None);
        assert_eq!(Step::of_key("ArrowUp"), Some(Step::On));
    }
}
