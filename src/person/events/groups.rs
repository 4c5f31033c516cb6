//! Events by their days, with equal ones after each other together.

use persons_api::Timestamp;
use persons_api::timestamp::DAY;

use crate::api::events::Event;

/// A day with what was done on it.
#[derive(Clone, Debug, PartialEq)]
pub struct Day {
    /// Its midnight, in the time of the screen.
    pub midnight: i64,
    /// What was done, in the order of the list.
    pub groups: Vec<Group>,
}

/// Equal events after each other: places in the list.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// The first one's place.
    pub first: usize,
    /// How many.
    pub count: usize,
}

/// The days of a list. `offset` is how far the clock on the wall is ahead of UTC at a moment, in microseconds.
pub fn days(events: &[Event], offset: impl Fn(Timestamp) -> i64) -> Vec<Day> {
    let mut days: Vec<Day> = Vec::new();
    for (place, event) in events.iter().enumerate() {
        let wall = event.at.0 + offset(event.at);
        let midnight = wall.div_euclid(DAY) * DAY;
        if days.last().is_none_or(|day| day.midnight != midnight) {
            days.push(Day {
                midnight,
                groups: Vec::new(),
            });
        }
        let Some(day) = days.last_mut() else {
            continue;
        };
        match day.groups.last_mut() {
            Some(group) if events[group.first].name == event.name => group.count += 1,
            _ => day.groups.push(Group {
                first: place,
                count: 1,
            }),
        }
    }
    days
}

/// How many events there were on each day, up to today: the last value is today's.
pub fn per_day(
    moments: &[Timestamp],
    today: Timestamp,
    days: usize,
    offset: impl Fn(Timestamp) -> i64,
) -> Vec<u32> {
    let mut counts = vec![0; days];
    let day = |at: Timestamp| (at.0 + offset(at)).div_euclid(DAY);
    let last = day(today);
    for at in moments {
        let back = usize::try_from(last - day(*at)).ok();
        if let Some(back) = back.filter(|back| *back < days) {
            counts[days - 1 - back] += 1;
        }
    }
    counts
}

/// How strong a day's square is, from 0 for nothing to 4: by fourths of the busiest day.
pub fn strength(count: u32, most: u32) -> u32 {
    match count {
        0 => 0,
        count => (count * 4).div_ceil(most.max(1)).clamp(1, 4),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(name: &str, at: &str) -> Event {
        Event {
            id: String::new(),
            name: name.to_owned(),
            at: Timestamp::parse(at).expect("a moment"),
            properties: Default::default(),
        }
    }

    #[test]
    fn equal_events_are_one_until_another_or_another_day_comes() {
        let events = [
            event("a", "2026-03-02T10:00:00Z"),
            event("a", "2026-03-02T09:00:00Z"),
            event("b", "2026-03-02T08:00:00Z"),
            event("a", "2026-03-02T07:00:00Z"),
            event("a", "2026-03-01T23:30:00Z"),
        ];
        let shown = |offset: i64| {
            let days = days(&events, |_| offset);
            let groups = days.iter().map(|day| {
                day.groups
                    .iter()
                    .map(|group| group.count)
                    .collect::<Vec<_>>()
            });
            groups.collect::<Vec<_>>()
        };
        assert_eq!(shown(0), [vec![2, 1, 1], vec![1]]);
        // An hour further east the last one was today.
        assert_eq!(shown(3_600_000_000), [vec![2, 1, 2]]);
        assert_eq!(days(&[], |_| 0), []);
    }

    #[test]
    fn days_are_counted_back_from_today() {
        let at = |text: &str| Timestamp::parse(text).expect("a moment");
        let moments = [
            at("2026-03-02T10:00:00Z"),
            at("2026-03-02T00:00:00Z"),
            at("2026-02-28T23:59:59Z"),
            at("2025-01-01"),
        ];
        assert_eq!(
            per_day(&moments, at("2026-03-02T12:00:00Z"), 4, |_| 0),
            [0, 1, 0, 2]
        );
        // What is in the future of this clock is on no square.
        assert_eq!(
            per_day(&[at("2026-03-03")], at("2026-03-02"), 2, |_| 0),
            [0, 0]
        );
    }

    #[test]
    fn a_square_is_as_strong_as_its_fourth() {
        let shown = [0, 1, 2, 4, 5, 8].map(|count| strength(count, 8));
        assert_eq!(shown, [0, 1, 1, 2, 3, 4]);
        assert_eq!(strength(1, 1), 4);
        assert_eq!(strength(u32::from(u16::MAX), 1), 4);
    }
}
