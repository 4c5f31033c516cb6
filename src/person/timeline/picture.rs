//! What is drawn: which keys, which changes, which stretch of time.

use std::sync::Arc;

use persons_api::{Properties, Timestamp};

use super::changes::{Change, changes};
use super::scale::Scale;
use crate::api::history::{Point, Timeline};
use crate::people::{in_order, is_system};
use crate::person::address::TimelineState;
use crate::person::groups::automatic;

/// Keys that are watched where nobody chose any.
const AT_FIRST: usize = 5;

/// How long a line is where nothing is known about its beginning, in microseconds: 90 days.
const USUAL_LENGTH: i64 = 90 * DAY;

/// A day in microseconds.
const DAY: i64 = 86_400_000_000;

/// Everything but the two moments.
#[derive(Clone)]
pub struct Picture {
    /// The properties that are watched.
    pub keys: Vec<String>,
    /// What the server said, once it did.
    pub answer: Option<Arc<Timeline>>,
    /// The same as a list, oldest first.
    pub changes: Vec<Change>,
    /// The range as a line.
    pub scale: Scale,
}

impl Picture {
    /// What is drawn of an answer about these keys and the days of the URL, for somebody who is known `since`
    /// a moment.
    pub fn of(
        keys: Vec<String>,
        answer: Option<Arc<Timeline>>,
        url: &TimelineState,
        since: Option<Timestamp>,
        now: Timestamp,
    ) -> Self {
        let scale = range(answer.as_deref(), url, since, now);
        let points = answer.as_ref().map_or(&[][..], |answer| &answer.points);
        let changes = changes(points, &keys);
        Self {
            keys,
            answer,
            changes,
            scale,
        }
    }

    /// Whether another one is drawn the same, as far as can be told at a glance.
    pub fn is_same(&self, other: &Self) -> bool {
        let answers = [&self.answer, &other.answer].map(|answer| answer.as_ref().map(Arc::as_ptr));
        answers[0] == answers[1] && self.keys == other.keys && self.scale == other.scale
    }

    /// The points of the answer.
    pub fn points(&self) -> &[Point] {
        self.answer
            .as_ref()
            .map_or(&[][..], |answer| &answer.points)
    }

    /// Where the two moments are while nobody moves them: at the first thing that is known, and at the end.
    pub fn ends(&self) -> [Timestamp; 2] {
        let first = self.changes.first().map(|change| change.at);
        [first.unwrap_or(self.scale.from), self.scale.to]
    }

    /// The two moments: where somebody put them, or the ends.
    pub fn moments(&self, put: [Option<Timestamp>; 2]) -> [Timestamp; 2] {
        let [a, b] = self.ends();
        [put[0].unwrap_or(a), put[1].unwrap_or(b)]
    }
}

/// The keys that are watched where nobody chose any: those that are pinned, else those that most look at
/// first, else any.
pub fn worth_watching(properties: &Properties, pinned: Vec<String>) -> Vec<String> {
    let all = properties
        .keys()
        .map(|key| (usize::from(is_system(key)), key));
    let mut keys = pinned;
    if keys.is_empty() {
        keys = automatic(properties);
    }
    if keys.is_empty() {
        keys = in_order(all);
    }
    keys.truncate(AT_FIRST);
    keys
}

/// The ends of the line: as the server understood the days, and not beyond now.
fn range(
    answer: Option<&Timeline>,
    url: &TimelineState,
    since: Option<Timestamp>,
    now: Timestamp,
) -> Scale {
    let to = url.to.map(|day| {
        let end = answer.and_then(|answer| answer.to);
        end.unwrap_or(Timestamp(day.0 + DAY - 1))
    });
    let from = match url.from {
        Some(day) => answer.and_then(|answer| answer.from).unwrap_or(day),
        None => {
            let first = answer.and_then(|answer| answer.points.first());
            let first = first.map(|point| point.at).or(since);
            first.unwrap_or(Timestamp(now.0 - USUAL_LENGTH))
        }
    };
    Scale::new(from, to.map_or(now, |to| to.min(now)))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).expect("a moment")
    }

    fn watched(properties: Value, pinned: &[&str]) -> Vec<String> {
        let pinned = pinned.iter().map(|key| (*key).to_owned()).collect();
        worth_watching(properties.as_object().expect("an object"), pinned)
    }

    #[test]
    fn pinned_keys_are_watched_then_well_known_ones_then_any() {
        let ada = json!({"seats": 1, "plan": "pro", "$os": "Linux", "bio": "x".repeat(100)});
        assert_eq!(watched(ada.clone(), &["$os", "gone"]), ["$os", "gone"]);
        assert_eq!(watched(ada, &[]), ["plan", "seats"]);
        assert_eq!(
            watched(json!({"$os": "Linux", "$browser": "x"}), &[]),
            ["$browser", "$os"]
        );
        assert!(watched(json!({}), &[]).is_empty());
        assert_eq!(
            watched(json!({}), &["a", "b", "c", "d", "e", "f"]).len(),
            AT_FIRST
        );
    }

    fn answer() -> Timeline {
        Timeline {
            points: vec![Point {
                at: at("2025-12-24"),
                properties: Properties::new(),
            }],
            from: Some(at("2020-01-01")),
            to: Some(at("2026-03-10T23:59:59Z")),
        }
    }

    const NOW: &str = "2026-03-10T12:00:00Z";

    #[test]
    fn the_line_begins_with_the_first_event_and_ends_now() {
        let since = Some(at("2026-01-05"));
        let ever = TimelineState::default();
        let line = |answer: Option<&Timeline>, url: &TimelineState, since| {
            let Scale { from, to } = range(answer, url, since, at(NOW));
            format!("{from} {to}")
        };
        let until_now = |from: &str| format!("{from} {NOW}");
        assert_eq!(
            line(Some(&answer()), &ever, since),
            until_now("2025-12-24T00:00:00Z")
        );
        assert_eq!(line(None, &ever, since), until_now("2026-01-05T00:00:00Z"));
        assert_eq!(line(None, &ever, None), until_now("2025-12-10T12:00:00Z"));
        let days = TimelineState {
            from: Some(at("2020-01-02")),
            to: Some(at("2026-03-01")),
            ..ever
        };
        assert_eq!(
            line(None, &days, since),
            "2020-01-02T00:00:00Z 2026-03-01T23:59:59.999999Z"
        );
        // The server knows its own days, and today is not over.
        assert_eq!(
            line(Some(&answer()), &days, since),
            until_now("2020-01-01T00:00:00Z")
        );
    }

    #[test]
    fn the_moments_stand_at_the_ends_of_what_is_known_until_they_are_put_elsewhere() {
        let url = TimelineState {
            from: Some(at("2020-01-01")),
            ..TimelineState::default()
        };
        let picture = |answer| Picture::of(Vec::new(), answer, &url, None, at(NOW));
        let known = picture(Some(Arc::new(answer())));
        assert_eq!(known.moments([None; 2]), [at("2025-12-24"), at(NOW)]);
        let put = Some(at("2026-02-02"));
        assert_eq!(
            known.moments([None, put]),
            [at("2025-12-24"), at("2026-02-02")]
        );
        assert_eq!(known.moments([put, None]), [at("2026-02-02"), at(NOW)]);
        let unknown = picture(None);
        assert_eq!(unknown.moments([None; 2]), [at("2020-01-01"), at(NOW)]);
        assert!(unknown.points().is_empty());
    }
}
