//! Answers for servers that give none: stickiness, lifecycle and retention are made here of who was active in
//! each interval, which servers of all ages up to 2026 list (`persons/trends/`).
//!
//! It costs a request for each interval and each hundred people in it, so it is asked for first.

use std::collections::{HashMap, HashSet};

use persons_api::Timestamp;
use persons_api::timestamp::DAY;
use serde_json::{Value, json};
use uuid::Uuid;

use super::answer;
use super::figure::{Answer, LIFECYCLE};
use super::question::{Insight, Interval, Question, What};
use crate::api::behind::{self, Next};
use crate::api::{ApiError, Client};
use crate::platform::Abort;
use crate::routes::encode_query;

/// More intervals than these would cost more than an answer is worth.
const MOST: usize = 60;

/// Everybody who was active in an interval.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Active {
    /// When the interval began.
    pub start: Timestamp,
    /// Who, and when they were first seen.
    pub people: Vec<(Uuid, Option<Timestamp>)>,
}

/// The intervals that have to be asked for, from the first; `None` for questions that cannot be answered here,
/// with the reason.
pub fn intervals(question: &Question, now: Timestamp) -> Result<Vec<Timestamp>, &'static str> {
    let length = match (question.insight, question.interval) {
        (Insight::Stickiness | Insight::Lifecycle | Insight::Retention, Interval::Day) => DAY,
        (Insight::Stickiness | Insight::Lifecycle | Insight::Retention, Interval::Week) => 7 * DAY,
        (Insight::Stickiness | Insight::Lifecycle | Insight::Retention, _) => {
            return Err("Without the server only days and weeks can be counted.");
        }
        _ => return Err("This cannot be found out without the server."),
    };
    if question
        .series
        .iter()
        .any(|entity| matches!(entity.of, What::Action(..)))
    {
        return Err("What an action stands for only the server knows.");
    }
    let day = |at: i64| at.div_euclid(DAY) * DAY;
    let to = match question.to.as_str() {
        "" => day(now.0),
        text => day(Timestamp::parse(text)
            .ok_or("Choose days of the calendar.")?
            .0),
    };
    // 1970 began on a Thursday, weeks begin on Mondays.
    let begin = |at: i64| match question.interval {
        Interval::Week => (at - 4 * DAY).div_euclid(length) * length + 4 * DAY,
        _ => at,
    };
    let last = begin(to);
    let first = if question.insight == Insight::Retention {
        last - (i64::from(question.retention.intervals) - 1) * length
    } else {
        begin(from(&question.from, to).ok_or("Choose days of the calendar.")?)
    };
    // Who is new or came back is told by the interval before.
    let first = if question.insight == Insight::Lifecycle {
        first - length
    } else {
        first
    };
    let count = usize::try_from((last - first) / length + 1).unwrap_or(0);
    match count {
        0 => Err("The first day comes after the last one."),
        1..=MOST => Ok((0..count as i64)
            .map(|place| Timestamp(first + place * length))
            .collect()),
        _ => Err("So many intervals would take too many requests. Choose fewer days, or weeks."),
    }
}

/// The midnight that a first day means.
fn from(text: &str, to: i64) -> Option<i64> {
    if text.is_empty() {
        return Some(to - 7 * DAY);
    }
    if let Some(at) = Timestamp::parse(text) {
        return Some(at.0.div_euclid(DAY) * DAY);
    }
    let (count, unit) = text.strip_prefix('-')?.split_at_checked(text.len() - 2)?;
    let days = match unit {
        "d" => 1,
        "w" => 7,
        _ => return None,
    };
    Some(to - count.parse::<i64>().ok()? * days * DAY)
}

/// Asks who was active in each interval. `progress` is told how many intervals are done.
///
/// # Errors
/// See [`ApiError`].
pub async fn ask(
    client: &Client,
    question: &Question,
    intervals: &[Timestamp],
    now: Timestamp,
    progress: impl Fn(usize),
    abort: &Abort,
) -> Result<Answer, ApiError> {
    let length = interval_length(question);
    let mut sets = Vec::new();
    for what in 0..question.series.len().max(1) {
        let mut active = Vec::new();
        for (done, start) in intervals.iter().enumerate() {
            let end = Timestamp(start.0 + length - 1);
            active.push(active_in(client, question, what, *start, end, abort).await?);
            progress(what * intervals.len() + done + 1);
        }
        sets.push(active);
    }
    let made = match question.insight {
        Insight::Stickiness => stickiness(&sets[0]),
        Insight::Lifecycle => lifecycle(&sets[0], length),
        _ => retention(
            &sets[0],
            sets.last().unwrap_or(&sets[0]),
            question.retention.is_first_time,
        ),
    };
    answer::read(question, &json!({"result": made}), now).ok_or(ApiError::Unreadable)
}

fn interval_length(question: &Question) -> i64 {
    match question.interval {
        Interval::Week => 7 * DAY,
        _ => DAY,
    }
}

async fn active_in(
    client: &Client,
    question: &Question,
    what: usize,
    start: Timestamp,
    end: Timestamp,
    abort: &Abort,
) -> Result<Active, ApiError> {
    let entity = question.series.get(what).cloned().unwrap_or_default();
    let asked = Question {
        insight: Insight::Trends,
        series: vec![super::question::Entity {
            math: super::question::Math::People,
            ..entity
        }],
        conditions: question.conditions.clone(),
        from: start.to_string(),
        to: end.to_string(),
        others: question.others.clone(),
        ..Question::default()
    };
    let mut parameters = asked.parameters();
    parameters.retain(|(name, _)| *name != "insight");
    parameters.push(("entity_order", "0".to_owned()));
    parameters.push(("entity_type", "events".to_owned()));
    parameters.push(("explicit_date", "true".to_owned()));
    let query = encode_query(&parameters, '?');
    let list = client.in_this_project(&format!("persons/trends/{query}"));
    let mut path = Some(behind::first_path(&list, ""));
    let mut people = Vec::new();
    let mut known = HashSet::new();
    while let Some(at) = path {
        let page = behind::listed(client, &at, abort).await?;
        for row in page.rows {
            if known.insert(row.person.uuid) {
                people.push((row.person.uuid, row.person.created_at));
            }
        }
        path = match page.next {
            Some(Next::Path(next)) if next != at => Some(next),
            _ => None,
        };
    }
    Ok(Active { start, people })
}

/// By how many intervals people were active in.
fn stickiness(sets: &[Active]) -> Value {
    let mut counts: HashMap<Uuid, usize> = HashMap::new();
    for (uuid, _) in sets.iter().flat_map(|set| &set.people) {
        *counts.entry(*uuid).or_default() += 1;
    }
    let mut by_count: Vec<Vec<Uuid>> = vec![Vec::new(); sets.len()];
    // In the order they were listed, so that the same question has the same answer.
    for (uuid, _) in sets.iter().flat_map(|set| &set.people) {
        if let Some(count) = counts.remove(uuid) {
            by_count[count - 1].push(*uuid);
        }
    }
    json!([{
        "action": {"order": 0},
        "data": by_count.iter().map(Vec::len).collect::<Vec<_>>(),
        "days": (1..=sets.len()).collect::<Vec<_>>(),
        "persons_urls": by_count.iter().map(|people| json!({"url": people})).collect::<Vec<_>>(),
    }])
}

/// By what the interval before and the first day of each say. The first set is only looked back at.
fn lifecycle(sets: &[Active], length: i64) -> Value {
    let mut statuses: [Vec<Vec<Uuid>>; 4] = Default::default();
    for pair in sets.windows(2) {
        let [before, here] = pair else { continue };
        let was: HashSet<Uuid> = before.people.iter().map(|(uuid, _)| *uuid).collect();
        let is: HashSet<Uuid> = here.people.iter().map(|(uuid, _)| *uuid).collect();
        let mut of: [Vec<Uuid>; 4] = Default::default();
        for (uuid, created) in &here.people {
            let is_new =
                created.is_some_and(|at| (here.start.0..here.start.0 + length).contains(&at.0));
            let status = match (is_new, was.contains(uuid)) {
                (true, _) => 0,
                (false, true) => 1,
                (false, false) => 2,
            };
            of[status].push(*uuid);
        }
        let gone = before.people.iter().filter(|(uuid, _)| !is.contains(uuid));
        of[3].extend(gone.map(|(uuid, _)| *uuid));
        for (all, these) in statuses.iter_mut().zip(of) {
            all.push(these);
        }
    }
    let days: Vec<Timestamp> = sets.iter().skip(1).map(|set| set.start).collect();
    let items = LIFECYCLE.into_iter().zip(&statuses).map(|(status, people)| {
        json!({
            "status": status,
            "days": days,
            "data": people.iter().map(Vec::len).collect::<Vec<_>>(),
            "persons_urls": people.iter().map(|people| json!({"url": people})).collect::<Vec<_>>(),
        })
    });
    items.collect()
}

/// Who of those who began in an interval was there in a later one.
fn retention(begun: &[Active], back: &[Active], is_first_time: bool) -> Value {
    let mut known = HashSet::new();
    let mut rows = Vec::new();
    for (place, row) in begun.iter().enumerate() {
        let people = row.people.iter().map(|(uuid, _)| *uuid);
        // The first time as far back as was looked.
        let people: Vec<Uuid> = people
            .filter(|uuid| known.insert(*uuid) || !is_first_time)
            .collect();
        let values = back.iter().skip(place).enumerate().map(|(column, later)| {
            let there: HashSet<Uuid> = later.people.iter().map(|(uuid, _)| *uuid).collect();
            let these = people
                .iter()
                .filter(|uuid| column == 0 || there.contains(uuid));
            let these: Vec<&Uuid> = these.collect();
            json!({"count": these.len(), "known": these})
        });
        rows.push(
            json!({"date": row.start, "people_url": people, "values": values.collect::<Vec<_>>()}),
        );
    }
    rows.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::insights::figure::{Figure, Source};
    use crate::insights::question::Entity;

    fn moment(text: &str) -> Timestamp {
        Timestamp::parse(text).expect("a moment")
    }

    /// Three days: 1, 2 and 3; then 1; then 1 and 2. Nobody but 3 was new on the first.
    fn sets() -> Vec<Active> {
        let days = ["2026-03-02", "2026-03-03", "2026-03-04"].map(moment);
        let people: [&[u128]; 3] = [&[1, 2, 3], &[1], &[1, 2]];
        let created = |number: u128| {
            Some(moment(if number == 3 {
                "2026-03-02T10:00:00Z"
            } else {
                "2026-01-01"
            }))
        };
        let set = |(start, people): (Timestamp, &[u128])| Active {
            start,
            people: people
                .iter()
                .map(|number| (Uuid::from_u128(*number), created(*number)))
                .collect(),
        };
        days.into_iter().zip(people).map(set).collect()
    }

    fn asking(insight: Insight) -> Question {
        Question {
            insight,
            series: vec![Entity::event("e")],
            to: "2026-03-04".into(),
            ..Question::default()
        }
    }

    fn known(source: &Source) -> Vec<String> {
        match source {
            Source::Known(people) => people
                .iter()
                .map(|uuid| uuid.as_u128().to_string())
                .collect(),
            Source::Any(sources) => sources.iter().flat_map(known).collect(),
            other => panic!("{other:?}"),
        }
    }

    /// The cells that have somebody: key, and who.
    fn told(insight: Insight, made: Value) -> Vec<String> {
        let answer = answer::read(
            &asking(insight),
            &json!({"result": made}),
            moment("2026-04-01"),
        )
        .expect("an answer");
        let cells = answer.cells.iter().filter(|cell| cell.value > 0.0);
        cells
            .map(|cell| {
                let people = known(cell.people.as_ref().expect("people"));
                assert_eq!(people.len() as f64, cell.value);
                format!("{}: {}", cell.key, people.join(" "))
            })
            .collect()
    }

    #[test]
    fn people_are_counted_by_their_days() {
        let made = stickiness(&sets());
        let answer = answer::read(
            &asking(Insight::Stickiness),
            &json!({"result": made}),
            moment("2026-04-01"),
        );
        let Some(Answer {
            figure: Figure::Bars(bars),
            ..
        }) = answer
        else {
            panic!("{answer:?}");
        };
        let values: Vec<f64> = bars.series[0]
            .points
            .iter()
            .map(|point| point.value)
            .collect();
        assert_eq!(values, [1.0, 1.0, 1.0]);
        assert_eq!(
            bars.or_more
                .iter()
                .map(|point| point.value)
                .collect::<Vec<_>>(),
            [3.0, 2.0, 1.0]
        );
    }

    #[test]
    fn who_came_and_who_went() {
        assert_eq!(
            told(Insight::Lifecycle, lifecycle(&sets(), DAY)),
            [
                "returning/2026-03-03T00:00:00Z: 1",
                "returning/2026-03-04T00:00:00Z: 1",
                "resurrecting/2026-03-04T00:00:00Z: 2",
                "dormant/2026-03-03T00:00:00Z: 2 3",
            ]
        );
        let mut before = sets();
        before.insert(0, Active::default());
        assert!(
            told(Insight::Lifecycle, lifecycle(&before, DAY))
                .contains(&"new/2026-03-02T00:00:00Z: 3".to_owned())
        );
    }

    #[test]
    fn who_came_back() {
        let sets = sets();
        assert_eq!(
            told(Insight::Retention, retention(&sets, &sets, false)),
            [
                "2026-03-02T00: 1 2 3",
                "2026-03-02T00/0: 1 2 3",
                "2026-03-02T00/1: 1",
                "2026-03-02T00/2: 1 2",
                "2026-03-03T00: 1",
                "2026-03-03T00/0: 1",
                "2026-03-03T00/1: 1",
                "2026-03-04T00: 1 2",
                "2026-03-04T00/0: 1 2",
                "all: 1 2 3 1 1 2",
                "all/0: 1 2 3 1 1 2",
                "all/1: 1 1",
                "all/2: 1 2",
            ]
        );
        let first_time = told(Insight::Retention, retention(&sets, &sets, true));
        assert_eq!(first_time.len(), 4 + 4);
    }

    #[test]
    fn intervals_are_whole_and_few_enough() {
        let now = moment("2026-03-04T12:00:00Z");
        let count = |question: &Question| {
            intervals(question, now).map(|all| (all.len(), all[0].to_string()))
        };
        let mut question = asking(Insight::Stickiness);
        question.from = "-2d".into();
        assert_eq!(count(&question), Ok((3, "2026-03-02T00:00:00Z".into())));
        question.interval = Interval::Week;
        question.from = "2026-02-20".into();
        assert_eq!(count(&question), Ok((3, "2026-02-16T00:00:00Z".into())));
        question.insight = Insight::Lifecycle;
        assert_eq!(count(&question), Ok((4, "2026-02-09T00:00:00Z".into())));
        question.insight = Insight::Retention;
        question.retention.intervals = 2;
        assert_eq!(count(&question), Ok((2, "2026-02-23T00:00:00Z".into())));
        question.insight = Insight::Funnel;
        assert!(count(&question).is_err());
        let long = Question {
            from: "-400d".into(),
            ..asking(Insight::Stickiness)
        };
        assert!(count(&long).is_err());
        let odd = Question {
            from: "mStart".into(),
            ..asking(Insight::Stickiness)
        };
        assert!(count(&odd).is_err());
    }
}
