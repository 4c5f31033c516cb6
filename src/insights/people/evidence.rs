//! What put a person behind a number: the events that count, and the conditions they met.

use persons_api::{FilterTree, Properties, PropertyFilter, Subject, Timestamp};
use persons_engine::TextEngine;
use persons_engine::filter::Matcher;

use crate::api::events::Event;
use crate::api::history::Timeline;
use crate::conditions::{is_relative_date, words};
use crate::insights::order::put_in_order;
use crate::insights::question::{
    Breakdown, BreakdownKind, CorrelationKind, Entity, Funnel, Insight, Order, Question, What,
    WindowUnit,
};
use crate::ui::value::plain;

/// An event that counts.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    /// When it happened.
    pub at: Timestamp,
    /// Its name.
    pub name: String,
    /// What it is in the question: `step 2`, `began`, `came back`.
    pub role: String,
    /// The conditions it met, each with the value it met it with.
    pub ticks: Vec<Tick>,
}

/// A condition, as it was met or not.
#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    /// The condition in words.
    pub condition: String,
    /// The value there is: of an event its own, of a person today's.
    pub value: String,
    /// The value the person had when the event happened, as far as that is known; `None` for what is not about
    /// the person.
    pub then: Option<String>,
    /// Whether it holds; `None` where that cannot be seen here.
    pub holds: Option<bool>,
}

/// What is told of somebody.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// The events that count, oldest first.
    pub evidence: Vec<Evidence>,
    /// What that means.
    pub verdict: String,
    /// Whether the events show that the person belongs there.
    pub is_shown: bool,
}

/// How a cell is named: what it is of, and which one. See `answer/`, which makes the keys.
fn parts(key: &str) -> (&str, &str) {
    key.split_once('/').unwrap_or((key, ""))
}

/// What is to be looked through.
pub struct Case<'a> {
    /// The question.
    pub question: &'a Question,
    /// The key of the cell.
    pub key: &'a str,
    /// Its title, which names the value of a breakdown.
    pub title: &'a str,
    /// What the person did, oldest first.
    pub events: &'a [Event],
    /// Whether that is all in the range.
    pub is_all: bool,
    /// The person's properties, as they are now.
    pub person: &'a Properties,
    /// The person's properties, as they were; `None` where the server does not tell.
    pub history: Option<&'a Timeline>,
    /// Compares texts.
    pub engine: &'a dyn TextEngine,
}

impl Case<'_> {
    /// What put them there.
    pub fn tell(&self) -> Told {
        match self.question.insight {
            Insight::Funnel | Insight::Correlation => self.funnel(),
            Insight::Retention => self.retention(),
            Insight::Paths => self.path(),
            Insight::Trends | Insight::Lifecycle | Insight::Stickiness => self.active(),
        }
    }

    /// Whether an event is what an entity means, with the conditions it met. `None` if it is another event.
    fn ticks(&self, event: &Event, entity: &Entity) -> Option<Vec<Tick>> {
        match &entity.of {
            What::Event(name) if *name != event.name => return None,
            _ => {}
        }
        let conditions = entity.conditions.iter().chain(&self.question.conditions);
        let mut ticks: Vec<Tick> = conditions.map(|filter| self.tick(filter, event)).collect();
        if let What::Action(..) = entity.of {
            // What an action stands for is known to the server alone.
            ticks.push(Tick {
                condition: entity.name(),
                value: event.name.clone(),
                then: None,
                holds: None,
            });
        }
        ticks.extend(self.split(event));
        Some(ticks)
    }

    fn tick(&self, filter: &PropertyFilter, event: &Event) -> Tick {
        let (key, operator, wanted) = words::parts(filter);
        let condition = [key.as_str(), operator, wanted.as_str()].join(" ");
        let properties = match filter.subject {
            Subject::Event => &event.properties,
            Subject::Person => self.person,
            Subject::Cohort => {
                return Tick {
                    condition: condition.trim_end().to_owned(),
                    value: String::new(),
                    then: None,
                    holds: None,
                };
            }
        };
        let is_of_person = filter.subject == Subject::Person;
        // One evaluator for all: what it is about makes no difference to it.
        let tree = FilterTree::Leaf(PropertyFilter {
            subject: Subject::Person,
            ..filter.clone()
        });
        let matcher = Matcher::new(&tree, self.engine)
            .ok()
            .filter(|_| !is_relative_date(filter));
        Tick {
            condition: condition.trim_end().to_owned(),
            value: value_in(properties, &filter.key),
            then: is_of_person
                .then(|| self.then(&filter.key, event.at))
                .flatten(),
            holds: matcher.map(|matcher| matcher.matches(properties, &|_| false)),
        }
    }

    /// The value that put an event of trends into its line.
    fn split(&self, event: &Event) -> Option<Tick> {
        let Breakdown { kind, key } = self.question.breakdown.as_ref()?;
        if self.question.insight != Insight::Trends {
            return None;
        }
        let (value, then) = match kind {
            BreakdownKind::Event => (value_in(&event.properties, key), None),
            BreakdownKind::Person => (value_in(self.person, key), self.then(key, event.at)),
            BreakdownKind::Cohort => return None,
        };
        // As `answer/` names values.
        let words = if value.is_empty() { "empty" } else { &value };
        let mut parts = self.title.split(" · ");
        let is_rest = parts.clone().any(|part| part == "Other");
        Some(Tick {
            condition: format!("split by {key}"),
            holds: (!is_rest).then(|| parts.any(|part| part == words)),
            value,
            then,
        })
    }

    /// What a property of the person was at a moment.
    fn then(&self, key: &str, at: Timestamp) -> Option<String> {
        let properties = self.history?.properties_at(at)?;
        Some(value_in(properties, key))
    }

    /// The events that are what an entity means, with all conditions met as far as can be seen.
    fn matching(&self, entity: &Entity) -> Vec<(usize, Vec<Tick>)> {
        let events = self.events.iter().enumerate();
        events
            .filter_map(|(place, event)| {
                let ticks = self.ticks(event, entity)?;
                let holds = ticks.iter().all(|tick| tick.holds != Some(false));
                holds.then_some((place, ticks))
            })
            .collect()
    }

    fn evidence(&self, place: usize, role: &str, ticks: Vec<Tick>) -> Evidence {
        let event = &self.events[place];
        Evidence {
            at: event.at,
            name: event.name.clone(),
            role: role.to_owned(),
            ticks,
        }
    }

    fn told(&self, evidence: Vec<Evidence>, shown: Option<String>) -> Told {
        let is_shown = shown.is_some();
        let verdict = shown.unwrap_or_else(|| {
            if self.is_all {
                "The events of this person do not show it: they may have been merged, or changed since the chart was drawn.".to_owned()
            } else {
                format!(
                    "It cannot be shown with the {} events that are loaded.",
                    self.events.len()
                )
            }
        });
        Told {
            evidence,
            verdict,
            is_shown,
        }
    }

    /// Trends, lifecycle, stickiness: whoever did it at all.
    fn active(&self) -> Told {
        let (first, second) = parts(self.key);
        let line = first.parse::<usize>().unwrap_or(0);
        let entities = &self.question.series;
        // Values of a breakdown are lines of the same series.
        let entity = entities
            .get(line)
            .or(entities.first())
            .cloned()
            .unwrap_or_default();
        let evidence: Vec<Evidence> = self
            .matching(&entity)
            .into_iter()
            .map(|(place, ticks)| self.evidence(place, "counted", ticks))
            .collect();
        let day = |event: &Evidence| event.at.0.div_euclid(persons_api::timestamp::DAY);
        // They are in the order of their time.
        let days = evidence
            .chunk_by(|one, other| day(one) == day(other))
            .count();
        let name = entity.name();
        let count = evidence.len();
        let times = if count == 1 {
            "once".to_owned()
        } else {
            format!("{count} times")
        };
        let shown = match self.question.insight {
            Insight::Lifecycle if first == "dormant" => Some(format!(
                "They did {name} in the interval before {second}, and not in it."
            ))
            .filter(|_| self.is_all),
            _ if count == 0 => None,
            Insight::Stickiness => Some(format!(
                "They did {name} {times}, on {days} day{} (UTC).",
                if days == 1 { "" } else { "s" }
            )),
            _ => Some(format!("They did {name} {times} in this interval.")),
        };
        self.told(evidence, shown)
    }

    /// Funnels, and correlation, which looks at the same attempt.
    fn funnel(&self) -> Told {
        let attempt = self.attempt();
        let names: Vec<String> = self.question.series.iter().map(Entity::name).collect();
        let reached = attempt.len();
        let (kind, rest) = parts(self.key);
        let step: usize = parts(rest).0.parse().unwrap_or(0);
        let last = names.len();
        let belongs = match (self.question.insight, kind) {
            (Insight::Funnel, "reached") => reached >= step,
            (Insight::Funnel, "lost") => reached + 1 == step,
            (Insight::Correlation, "dropped" | "dropped-without") => reached > 0 && reached < last,
            _ => reached == last,
        };
        let mut evidence: Vec<Evidence> = attempt
            .into_iter()
            .enumerate()
            .map(|(number, (place, ticks))| {
                self.evidence(place, &format!("step {}", number + 1), ticks)
            })
            .collect();
        let terms = super::super::answer::terms(self.question);
        let mut shown = match (reached, names.get(reached)) {
            (0, _) => "They did not begin.".to_owned(),
            (_, None) => format!("They came to {}, {terms}.", names[last - 1]),
            (_, Some(next)) => format!(
                "They came to {}, and did not do {next} {terms}.",
                names[reached - 1]
            ),
        };
        if self.question.insight == Insight::Correlation {
            // What somebody was stands in their properties, what they did among their events.
            let factor = rest.split("::").next().unwrap_or_default();
            let entity = Entity::event(factor);
            let is_property = self.question.correlation == CorrelationKind::Properties;
            if kind.ends_with("without") && !is_property {
                // Before or after the way it may have happened.
                let factor = rest.replace("::", " :: ");
                shown = format!("{shown} {factor} was not on the way.");
            } else if let Some((place, ticks)) = self.matching(&entity).into_iter().next() {
                evidence.push(self.evidence(place, "factor", ticks));
            } else if let Some(value) = self.person.get(factor) {
                shown = format!("{shown} {factor} is {}.", plain(value));
            }
        }
        self.told(evidence, belongs.then_some(shown))
    }

    /// The attempt that reaches furthest, of these the first.
    fn attempt(&self) -> Vec<(usize, Vec<Tick>)> {
        let steps: Vec<Vec<(usize, Vec<Tick>)>> = self
            .question
            .series
            .iter()
            .map(|entity| self.matching(entity))
            .collect();
        let window = window(&self.question.funnel);
        let at = |place: usize| self.events[place].at.0;
        let mut best: Vec<(usize, Vec<Tick>)> = Vec::new();
        if self.question.funnel.order == Order::Unordered {
            return self.unordered(&steps, window);
        }
        for (start, ticks) in steps.first().into_iter().flatten() {
            let mut attempt = vec![(*start, ticks.clone())];
            for step in &steps[1..] {
                let last = attempt.last().map_or(*start, |(place, _)| *place);
                let next = step
                    .iter()
                    .find(|(place, _)| match self.question.funnel.order {
                        Order::Strict => *place == last + 1,
                        _ => *place > last,
                    });
                match next {
                    Some((place, ticks)) if at(*place) - at(*start) <= window => {
                        attempt.push((*place, ticks.clone()));
                    }
                    _ => break,
                }
            }
            if attempt.len() > best.len() {
                best = attempt;
            }
        }
        best
    }

    /// Of all openings the one after which most steps were done.
    fn unordered(&self, steps: &[Vec<(usize, Vec<Tick>)>], window: i64) -> Vec<(usize, Vec<Tick>)> {
        let at = |place: usize| self.events[place].at.0;
        let mut best: Vec<(usize, Vec<Tick>)> = Vec::new();
        for (start, _) in steps.iter().flatten() {
            let mut attempt: Vec<(usize, Vec<Tick>)> = Vec::new();
            for step in steps {
                let next = step.iter().find(|(place, _)| {
                    *place >= *start
                        && at(*place) - at(*start) <= window
                        && !attempt.iter().any(|(taken, _)| taken == place)
                });
                attempt.extend(next.cloned());
            }
            if attempt.len() > best.len() {
                best = attempt;
            }
        }
        put_in_order(&mut best, |(one, _), (other, _)| one < other);
        best
    }

    fn retention(&self) -> Told {
        let (row, column) = parts(self.key);
        let entities = &self.question.series;
        let target = entities.first().cloned().unwrap_or_default();
        let returning = entities.get(1).cloned().unwrap_or_else(|| target.clone());
        let begin = self.matching(&target);
        let Some((first, ticks)) = begin.into_iter().next() else {
            return self.told(Vec::new(), None);
        };
        let mut evidence = vec![self.evidence(first, "began", ticks)];
        let name = target.name();
        let column: usize = column.parse().unwrap_or(0);
        if column == 0 {
            return self.told(
                evidence,
                Some(format!("They did {name} in the interval of {row}.")),
            );
        }
        // The events are those from the row's beginning to the column's end: the last of them is in the column.
        let back = self.matching(&returning);
        let Some((place, ticks)) = back.into_iter().rfind(|(place, _)| *place > first) else {
            return self.told(evidence, None);
        };
        evidence.push(self.evidence(place, "came back", ticks));
        let unit = self.question.interval.label();
        let verdict = format!(
            "They did {name}, and {} in {unit} {column}.",
            returning.name()
        );
        self.told(evidence, Some(verdict))
    }

    /// One thing directly after the other.
    fn path(&self) -> Told {
        let ends = self.key.split_once('>');
        let item = |end: &str| {
            end.split_once('_')
                .map_or_else(|| end.to_owned(), |(_, item)| item.to_owned())
        };
        let Some((source, target)) = ends.map(|(source, target)| (item(source), item(target)))
        else {
            return self.told(Vec::new(), None);
        };
        let items: Vec<(usize, String)> = self
            .events
            .iter()
            .enumerate()
            .filter(|(_, event)| is_on_paths(event, &self.question.paths.event_types))
            .map(|(place, event)| (place, item_of(event)))
            .collect();
        // Equal ones after each other are one.
        let pair = items
            .windows(2)
            .find(|pair| pair[0].1 == source && pair[1].1 == target);
        let Some([(from, _), (to, _)]) = pair else {
            return self.told(Vec::new(), None);
        };
        let evidence = vec![
            self.evidence(*from, "from", Vec::new()),
            self.evidence(*to, "to", Vec::new()),
        ];
        let verdict = format!("They went from {source} directly to {target}.");
        self.told(evidence, Some(verdict))
    }
}

/// A value in words.
fn value_in(properties: &Properties, key: &str) -> String {
    properties
        .get(key)
        .map_or_else(|| "not set".to_owned(), plain)
}

/// Microseconds that an attempt may take.
fn window(funnel: &Funnel) -> i64 {
    let seconds = match funnel.unit {
        WindowUnit::Second => 1,
        WindowUnit::Minute => 60,
        WindowUnit::Hour => 3_600,
        WindowUnit::Day => 86_400,
        WindowUnit::Week => 604_800,
        // Months are of different lengths; the server's are those of the calendar.
        WindowUnit::Month => 2_678_400,
    };
    i64::from(funnel.window) * seconds * 1_000_000
}

/// What an event is on a path: of a page its address, of a screen its name.
fn item_of(event: &Event) -> String {
    let property = |key: &str| event.properties.get(key).map(plain);
    match event.name.as_str() {
        "$pageview" => property("$current_url").map(|url| url.trim_end_matches('/').to_owned()),
        "$screen" => property("$screen_name"),
        _ => None,
    }
    .unwrap_or_else(|| event.name.clone())
}

fn is_on_paths(event: &Event, types: &[String]) -> bool {
    let is = |kind: &str| types.iter().any(|wanted| wanted == kind);
    types.is_empty() || is(&event.name) || is("custom_event") && !event.name.starts_with('$')
}

#[cfg(test)]
mod tests {
    use persons_api::Operator;
    use persons_engine::Pattern;
    use serde_json::{Value, json};

    use super::*;
    use crate::api::history::Point;

    /// Texts as the tests need them.
    struct Plain;

    impl TextEngine for Plain {
        fn compile(&self, pattern: &str) -> Result<Pattern, String> {
            let pattern = pattern.to_owned();
            Ok(Box::new(move |text| text.contains(&pattern)))
        }

        fn lowercase(&self) -> fn(&str) -> String {
            str::to_lowercase
        }

        fn number(&self) -> fn(&str) -> Option<f64> {
            |text| text.parse().ok()
        }
    }

    fn event(name: &str, minute: u32, properties: Value) -> Event {
        Event {
            id: String::new(),
            name: name.to_owned(),
            at: Timestamp::parse(&format!("2026-03-02T10:{minute:02}:00Z")).expect("a moment"),
            properties: properties.as_object().cloned().unwrap_or_default(),
        }
    }

    fn tell(question: &Question, key: &str, events: &[Event]) -> String {
        let person = json!({"plan": "pro"});
        let told = Case {
            question,
            key,
            title: "pro · 2 Mar 2026",
            events,
            is_all: true,
            person: person.as_object().expect("an object"),
            history: Some(&history()),
            engine: &Plain,
        }
        .tell();
        let evidence = told.evidence.iter().map(|evidence| {
            let ticks = evidence.ticks.iter().map(|tick| {
                let Tick {
                    condition,
                    value,
                    then,
                    holds,
                } = tick;
                let then = then.as_ref().map(|then| format!(", {then} then"));
                format!(
                    " [{condition} ({value}{}) {holds:?}]",
                    then.unwrap_or_default()
                )
            });
            format!(
                "{} {}{}\n",
                evidence.role,
                evidence.name,
                ticks.collect::<String>()
            )
        });
        format!(
            "{}{}: {}",
            evidence.collect::<String>(),
            told.is_shown,
            told.verdict
        )
    }

    /// The plan became pro at the second minute.
    fn history() -> Timeline {
        let point = |minute: u32, plan: &str| Point {
            at: event("", minute, json!({})).at,
            properties: json!({"plan": plan})
                .as_object()
                .cloned()
                .unwrap_or_default(),
        };
        Timeline {
            points: vec![point(0, "free"), point(2, "pro")],
            ..Timeline::default()
        }
    }

    fn asking(insight: Insight, names: &[&str]) -> Question {
        Question {
            insight,
            series: names.iter().map(|name| Entity::event(name)).collect(),
            ..Question::default()
        }
    }

    #[test]
    fn an_event_is_shown_with_the_conditions_it_met() {
        let mut question = asking(Insight::Trends, &["purchase"]);
        question.series[0].conditions = vec![PropertyFilter {
            subject: Subject::Event,
            ..PropertyFilter::person("amount", Operator::Gt, json!(10))
        }];
        question.conditions = vec![PropertyFilter::person(
            "plan",
            Operator::Exact,
            json!("pro"),
        )];
        let events = [
            event("purchase", 0, json!({"amount": 3})),
            event("purchase", 1, json!({"amount": 30})),
            event("$pageview", 2, json!({})),
        ];
        insta::assert_snapshot!(tell(&question, "0/2026-03-02", &events), @"
        counted purchase [amount greater than 10 (30) Some(true)] [plan is pro (pro, free then) Some(true)]
        true: They did purchase once in this interval.
        ");
        insta::assert_snapshot!(tell(&question, "0/2026-03-02", &events[..1]), @"false: The events of this person do not show it: they may have been merged, or changed since the chart was drawn.");
    }

    #[test]
    fn a_line_of_a_breakdown_shows_the_value_of_now_and_then() {
        let mut question = asking(Insight::Trends, &["purchase"]);
        question.breakdown = Some(Breakdown {
            kind: BreakdownKind::Person,
            key: "plan".to_owned(),
        });
        let events = [event("purchase", 3, json!({}))];
        insta::assert_snapshot!(tell(&question, "0/2026-03-02", &events), @"
        counted purchase [split by plan (pro, pro then) Some(true)]
        true: They did purchase once in this interval.
        ");
        question.breakdown = Some(Breakdown {
            kind: BreakdownKind::Event,
            key: "plan".to_owned(),
        });
        let events = ["free", "pro"].map(|plan| event("purchase", 3, json!({"plan": plan})));
        insta::assert_snapshot!(tell(&question, "0/2026-03-02", &events), @"
        counted purchase [split by plan (pro) Some(true)]
        true: They did purchase once in this interval.
        ");
    }

    #[test]
    fn a_funnel_shows_the_attempt_and_where_it_ended() {
        let mut question = asking(Insight::Funnel, &["a", "b", "c"]);
        let events = [
            event("a", 0, json!({})),
            event("x", 1, json!({})),
            event("b", 2, json!({})),
        ];
        insta::assert_snapshot!(tell(&question, "lost/3", &events), @"
        step 1 a
        step 2 b
        true: They came to b, and did not do c within 14 days, in this order.
        ");
        assert!(tell(&question, "reached/2", &events).contains("true: "));
        assert!(tell(&question, "reached/3", &events).contains("false: "));
        question.funnel.order = Order::Strict;
        assert!(
            tell(&question, "lost/2", &events).contains("true: They came to a, and did not do b")
        );
        question.funnel = Funnel {
            window: 1,
            unit: WindowUnit::Minute,
            ..Funnel::default()
        };
        assert!(tell(&question, "lost/2", &events).contains("true: "));
        question.funnel = Funnel {
            order: Order::Unordered,
            ..Funnel::default()
        };
        let backwards = [event("c", 0, json!({})), event("a", 1, json!({}))];
        assert!(tell(&question, "reached/2", &backwards).contains("true: "));
    }

    #[test]
    fn coming_back_needs_a_beginning() {
        let question = asking(Insight::Retention, &["signed_up", "$pageview"]);
        let events = [
            event("signed_up", 0, json!({})),
            event("$pageview", 5, json!({})),
        ];
        insta::assert_snapshot!(tell(&question, "2026-03-02T00/1", &events), @"
        began signed_up
        came back $pageview
        true: They did signed_up, and $pageview in day 1.
        ");
        assert!(tell(&question, "2026-03-02T00/1", &events[1..]).contains("false: "));
    }

    #[test]
    fn a_way_is_one_thing_directly_after_the_other() {
        let mut question = asking(Insight::Paths, &[]);
        question.paths.event_types = vec!["$pageview".into()];
        let page = |url: &str, minute| event("$pageview", minute, json!({"$current_url": url}));
        let events = [
            page("/home/", 0),
            event("x", 1, json!({})),
            page("/docs", 2),
        ];
        assert!(tell(&question, "1_/home>2_/docs", &events).contains("true: "));
        assert!(tell(&question, "1_/docs>2_/home", &events).contains("false: "));
    }

    #[test]
    fn what_goes_along_is_an_event_or_a_property() {
        let question = asking(Insight::Correlation, &["a", "b"]);
        let events = [
            event("a", 0, json!({})),
            event("x", 1, json!({})),
            event("b", 2, json!({})),
        ];
        insta::assert_snapshot!(tell(&question, "converted/x", &events), @"
        step 1 a
        step 2 b
        factor x
        true: They came to b, within 14 days, in this order.
        ");
        assert!(tell(&question, "converted/plan::pro", &events).ends_with("plan is pro."));
        assert!(tell(&question, "dropped/x", &events).contains("false: "));
        // What happened after the way is nothing that was on it.
        let events = [event("a", 0, json!({})), event("x", 1, json!({}))];
        insta::assert_snapshot!(tell(&question, "dropped-without/y", &events), @"
        step 1 a
        true: They came to a, and did not do b within 14 days, in this order. y was not on the way.
        ");
    }
}
