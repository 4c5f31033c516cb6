//! What stands on the pills.

use super::dates;
use crate::conditions::words::parts;
use crate::insights::question::{
    Breakdown, BreakdownKind, CorrelationKind, EVENT_TYPES, Entity, Exclusion, Insight, Math,
    Question, Stretch,
};

/// An event with how it is counted and what it is narrowed by.
pub fn entity(question: &Question, place: usize) -> String {
    let Some(entity) = question.series.get(place) else {
        return match (question.insight, place) {
            // Who is not told what people came back with looks for the same.
            (Insight::Retention, 1) => "the same".to_owned(),
            _ => "choose an event".to_owned(),
        };
    };
    let mut words = vec![entity.name()];
    if question.insight == Insight::Trends && entity.math != Math::Total {
        words.push(counted(entity));
    }
    match &entity.conditions[..] {
        [] => {}
        [one] => words.push(condition(one)),
        several => words.push(format!("{} conditions", several.len())),
    }
    words.join(" · ")
}

fn counted(entity: &Entity) -> String {
    let math = entity.math.label();
    match (entity.math.needs_property(), entity.math_property.as_str()) {
        (false, _) => math.to_owned(),
        (true, "") => format!("{math} …"),
        (true, property) => format!("{math} {property}"),
    }
}

/// A condition as a sentence.
pub fn condition(filter: &persons_api::PropertyFilter) -> String {
    let (key, operator, value) = parts(filter);
    let words = [key.as_str(), operator, value.as_str()];
    words.join(" ").trim_end().to_owned()
}

/// How long an attempt may take.
pub fn window(question: &Question) -> String {
    dates::counted(question.funnel.window, question.funnel.unit.label())
}

/// What the numbers are cut by.
pub fn breakdown(question: &Question) -> String {
    match &question.breakdown {
        None => "nothing".to_owned(),
        Some(Breakdown {
            kind: BreakdownKind::Cohort,
            key,
        }) => match key.split(',').count() {
            1 if key == "all" => "all people".to_owned(),
            1 => format!("cohort {key}"),
            several => format!("{several} cohorts"),
        },
        Some(Breakdown { kind, key }) => format!("{} {key}", kind.label()),
    }
}

/// What must not happen, and where.
pub fn exclusion(
    Exclusion {
        of,
        from_step,
        to_step,
    }: &Exclusion,
) -> String {
    format!(
        "{} between {} and {}",
        of.name(),
        from_step + 1,
        to_step + 1
    )
}

/// The names that are compared in a correlation.
pub fn correlation_names(question: &Question) -> String {
    let names = &question.correlation_names;
    match question.correlation {
        CorrelationKind::EventProperties if names.events.is_empty() => {
            "properties of the steps".to_owned()
        }
        CorrelationKind::EventProperties => format!("properties of {}", list(&names.events)),
        _ if names.properties.is_empty() => "all person properties".to_owned(),
        _ => list(&names.properties),
    }
}

/// So many intervals.
pub fn intervals(question: &Question) -> String {
    let unit = format!("{}s", question.interval.label());
    dates::counted(question.retention.intervals, &unit)
}

/// Whose first time begins a row.
pub fn first_time(question: &Question) -> &'static str {
    if question.retention.is_first_time {
        "first time"
    } else {
        "each time"
    }
}

/// Which events paths are made of.
pub fn event_types(question: &Question) -> String {
    let chosen = &question.paths.event_types;
    let known = EVENT_TYPES.iter();
    let labels = known.filter(|(name, _)| chosen.iter().any(|chosen| chosen == name));
    let labels: Vec<&str> = labels.map(|(_, label)| *label).collect();
    match labels[..] {
        [] => "all events".to_owned(),
        _ => labels.join(", "),
    }
}

/// One end of paths.
pub fn end(text: &str) -> String {
    match text {
        "" => "anywhere".to_owned(),
        text => text.to_owned(),
    }
}

/// Around which step of which funnel paths lie.
pub fn around(question: &Question) -> String {
    let Some(around) = &question.around else {
        return String::new();
    };
    let number = around.step.unsigned_abs() as usize;
    let step = |number: usize| match around.funnel.series.get(number.wrapping_sub(1)) {
        Some(entity) => format!("{number} {}", entity.name()),
        None => number.to_string(),
    };
    match (around.stretch, around.step > 0) {
        (Stretch::Between, true) => format!(
            "from {} to {}",
            step(number.saturating_sub(1)),
            step(number)
        ),
        (Stretch::Between, false) => format!(
            "after {}, no {}",
            step(number.saturating_sub(1)),
            step(number)
        ),
        (stretch, true) => format!("{} {}", stretch.label(), step(number)),
        (stretch, false) => format!("{} the time for {}", stretch.label(), step(number)),
    }
}

/// Items of a list: all of a short one, the number of a long one.
pub fn list(items: &[String]) -> String {
    match items {
        [] => "nothing".to_owned(),
        [_] | [_, _] => items.join(", "),
        _ => format!("{} items", items.len()),
    }
}

#[cfg(test)]
mod tests {
    use persons_api::{Operator, PropertyFilter};
    use serde_json::json;

    use super::*;
    use crate::insights::question::{Around, Funnel, Retention, What, WindowUnit};

    fn asked(insight: Insight, entity: Entity) -> Question {
        Question {
            insight,
            series: vec![entity],
            ..Question::default()
        }
    }

    #[test]
    fn an_event_is_told_with_what_changes_its_number() {
        let plain = asked(Insight::Trends, Entity::event("purchase"));
        assert_eq!(entity(&plain, 0), "purchase");
        assert_eq!(entity(&plain, 1), "choose an event");
        let is_pro = PropertyFilter::person("plan", Operator::Exact, json!("pro"));
        let sum = Entity {
            math: Math::Sum,
            math_property: "price".into(),
            conditions: vec![is_pro.clone()],
            ..Entity::event("purchase")
        };
        let trends = asked(Insight::Trends, sum.clone());
        assert_eq!(entity(&trends, 0), "purchase · sum of price · plan is pro");
        // Only trends count in different ways.
        let funnel = asked(Insight::Funnel, sum.clone());
        assert_eq!(entity(&funnel, 0), "purchase · plan is pro");
        let unfinished = Entity {
            math_property: String::new(),
            conditions: vec![is_pro.clone(), is_pro],
            of: What::Any,
            ..sum
        };
        let trends = asked(Insight::Trends, unfinished);
        assert_eq!(entity(&trends, 0), "any event · sum of … · 2 conditions");
    }

    #[test]
    fn retention_comes_back_with_the_same_unless_told() {
        let question = Question {
            retention: Retention {
                intervals: 1,
                is_first_time: true,
            },
            ..asked(Insight::Retention, Entity::event("signed_up"))
        };
        assert_eq!(entity(&question, 1), "the same");
        assert_eq!(intervals(&question), "1 day");
        assert_eq!(first_time(&question), "first time");
    }

    #[test]
    fn paths_lie_around_a_step_of_a_funnel() {
        let around = |stretch, step| {
            let funnel = Question {
                series: vec![Entity::event("signed_up"), Entity::event("paid")],
                ..Question::default()
            };
            let around = Around {
                funnel,
                stretch,
                step,
            };
            super::around(&Question {
                around: Some(Box::new(around)),
                ..Question::default()
            })
        };
        assert_eq!(around(Stretch::Before, 1), "before 1 signed_up");
        assert_eq!(around(Stretch::After, 2), "after 2 paid");
        assert_eq!(around(Stretch::Between, 2), "from 1 signed_up to 2 paid");
        assert_eq!(around(Stretch::Between, -2), "after 1 signed_up, no 2 paid");
        assert_eq!(around(Stretch::After, -2), "after the time for 2 paid");
        assert!(!around(Stretch::Between, i64::MIN).is_empty());
    }

    #[test]
    fn other_pills_read_in_few_words() {
        let mut question = Question {
            funnel: Funnel {
                window: 1,
                unit: WindowUnit::Hour,
                ..Funnel::default()
            },
            ..Question::default()
        };
        assert_eq!(window(&question), "1 hour");
        let by = |kind, key: &str| {
            let breakdown = Some(Breakdown {
                kind,
                key: key.into(),
            });
            super::breakdown(&Question {
                breakdown,
                ..Question::default()
            })
        };
        assert_eq!(
            by(BreakdownKind::Event, "$browser"),
            "event property $browser"
        );
        assert_eq!(by(BreakdownKind::Cohort, "7"), "cohort 7");
        assert_eq!(by(BreakdownKind::Cohort, "7,all"), "2 cohorts");
        question.correlation = CorrelationKind::Properties;
        assert_eq!(correlation_names(&question), "all person properties");
        question.correlation_names.properties = vec!["plan".into()];
        assert_eq!(correlation_names(&question), "plan");
        question.correlation = CorrelationKind::EventProperties;
        assert_eq!(correlation_names(&question), "properties of the steps");
        question.correlation_names.events = vec!["paid".into()];
        assert_eq!(correlation_names(&question), "properties of paid");
        assert_eq!(event_types(&question), "all events");
        question.paths.event_types = vec!["$screen".into(), "$pageview".into()];
        assert_eq!(event_types(&question), "pages, screens");
        let items: Vec<String> = ["/a", "/b", "/c"].map(str::to_owned).to_vec();
        assert_eq!(list(&items[..2]), "/a, /b");
        assert_eq!(list(&items), "3 items");
        let refund = Exclusion {
            of: What::Event("refund".into()),
            from_step: 0,
            to_step: 2,
        };
        assert_eq!(exclusion(&refund), "refund between 1 and 3");
    }
}
