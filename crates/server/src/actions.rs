//! Actions: conditions on events under a name, as they are written and what they mean.

use persons_api::{Condition, FilterError, FilterTree, Operator, PropertyFilter, Subject};
use persons_engine::insights::{Action, ActionStep};
use serde_json::{Map, Value};
use thiserror::Error;

/// More steps than this are a mistake.
const MOST_STEPS: usize = 100;

/// More conditions than this in all steps are a mistake, too.
const MOST_CONDITIONS: usize = 500;

/// Characters of a text in a step, at most. Patterns and URLs are no longer.
const MAX_TEXT: usize = 1000;

/// What a step may be about on PostHog and not here: what somebody clicked on is not looked at.
const NOT_OFFERED: [&str; 5] = ["selector", "tag_name", "text", "href", "name"];

/// Why the steps of an action mean nothing.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ActionError {
    /// Not what steps look like.
    #[error("The steps have to be a list of up to {MOST_STEPS} objects.")]
    NoList,
    /// More conditions than [`MOST_CONDITIONS`].
    #[error("The steps have more than {MOST_CONDITIONS} conditions.")]
    TooManyConditions,
    /// A field of another kind than it must be.
    #[error("The field \"{0}\" of a step has to be a text.")]
    NoText(&'static str),
    /// A text with more than [`MAX_TEXT`] characters.
    #[error("The field \"{0}\" of a step has more than {MAX_TEXT} characters.")]
    LongText(&'static str),
    /// Something that is not looked at here.
    #[error("Steps with \"{0}\" are not offered here: use event, properties and url.")]
    NotOffered(&'static str),
    /// An unknown way to compare URLs.
    #[error("\"url_matching\" has to be contains, exact or regex.")]
    UrlMatching,
    /// A condition that cannot be used.
    #[error(transparent)]
    Filter(#[from] FilterError),
}

/// What an action means. `steps` are a list of objects with `event`, `properties`, `url` and `url_matching`.
pub fn read(name: &str, steps: &Value) -> Result<Action, ActionError> {
    let steps = steps.as_array().filter(|steps| steps.len() <= MOST_STEPS);
    let steps = steps.ok_or(ActionError::NoList)?.iter();
    let steps = steps.map(|step| read_step(step.as_object().ok_or(ActionError::NoList)?));
    let steps: Vec<ActionStep> = steps.collect::<Result<_, _>>()?;
    let conditions = steps.iter().map(|step| step.filter.leaves().len());
    if conditions.sum::<usize>() > MOST_CONDITIONS {
        return Err(ActionError::TooManyConditions);
    }
    Ok(Action {
        name: name.to_owned(),
        steps,
    })
}

fn read_step(step: &Map<String, Value>) -> Result<ActionStep, ActionError> {
    for name in NOT_OFFERED {
        if text(step, name)?.is_some() {
            return Err(ActionError::NotOffered(name));
        }
    }
    let properties = step.get("properties").unwrap_or(&Value::Null);
    let mut conditions = vec![FilterTree::from_json(properties, Subject::Event)?];
    let operator = match text(step, "url_matching")? {
        None | Some("contains") => Operator::Contains,
        Some("exact") => Operator::Exact,
        Some("regex") => Operator::Regex,
        Some(_) => return Err(ActionError::UrlMatching),
    };
    if let Some(url) = text(step, "url")? {
        conditions.push(FilterTree::Leaf(PropertyFilter {
            subject: Subject::Event,
            key: "$current_url".into(),
            operator,
            value: url.into(),
        }));
    }
    Ok(ActionStep {
        event: text(step, "event")?.map(str::to_owned),
        filter: FilterTree::Group(Condition::And, conditions),
    })
}

/// A text that is there and not empty.
fn text<'a>(
    step: &'a Map<String, Value>,
    name: &'static str,
) -> Result<Option<&'a str>, ActionError> {
    match step.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.chars().nth(MAX_TEXT).is_some() => {
            Err(ActionError::LongText(name))
        }
        Some(Value::String(text)) => Ok(Some(text.as_str()).filter(|text| !text.is_empty())),
        Some(_) => Err(ActionError::NoText(name)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn steps_are_events_with_conditions() {
        let steps = json!([
            {"event": "view", "properties": [{"key": "n", "value": 1}], "url": "/a", "url_matching": "exact", "selector": null, "text": ""},
            {"event": null},
        ]);
        let action = read("Look", &steps).expect("good steps");
        assert_eq!(action.name, "Look");
        assert_eq!(action.steps[0].event.as_deref(), Some("view"));
        let leaves = action.steps[0].filter.leaves();
        let leaves: Vec<_> = leaves
            .iter()
            .map(|leaf| (leaf.key.as_str(), leaf.operator, leaf.subject))
            .collect();
        assert_eq!(
            leaves,
            [
                ("n", Operator::Exact, Subject::Event),
                ("$current_url", Operator::Exact, Subject::Event)
            ]
        );
        assert_eq!(action.steps[1].event, None);
        assert!(action.steps[1].filter.is_empty());
    }

    #[test]
    fn steps_that_mean_nothing_say_why() {
        for (steps, error) in [
            (json!({}), ActionError::NoList),
            (json!([1]), ActionError::NoList),
            (json!([{"event": 1}]), ActionError::NoText("event")),
            (
                json!([{"event": "e".repeat(MAX_TEXT + 1)}]),
                ActionError::LongText("event"),
            ),
            (
                json!([{"selector": "a"}]),
                ActionError::NotOffered("selector"),
            ),
            (json!([{"url_matching": "x"}]), ActionError::UrlMatching),
            (
                json!([{"properties": "x"}]),
                ActionError::Filter(FilterError::NotJson),
            ),
        ] {
            assert_eq!(read("x", &steps), Err(error), "{steps}");
        }
    }
}
