//! Where a number leads: questions that begin with what was chosen in the answer.

use leptos::prelude::*;

use super::address::InsightState;
use super::charts::flows::name;
use super::figure::{AtNode, CellId, Figure, Flows, Steps};
use super::page::Model;
use super::question::{Around, Funnel, FunnelView, Insight, Question, Stretch};
use crate::ui::dynamic::dynamic;

/// Another question, and what it is called.
type Link = (String, Question);

/// Links to them, for the number that is chosen.
#[component]
pub fn Onward(model: Model) -> impl IntoView {
    dynamic(move || {
        let links = match (&*model.answered.value.read(), model.chosen.get()[0]) {
            (Some((question, answer)), Some(cell)) => links(question, &answer.figure, cell),
            _ => Vec::new(),
        };
        if links.is_empty() {
            return ().into_any();
        }
        let link = |(words, question): Link| {
            let href = InsightState::asking(question).route().url();
            view! { <a class="button" href=href>{words}</a> }.into_any()
        };
        let links: Vec<AnyView> = links.into_iter().map(link).collect();
        view! {
            <nav class="insights-onward" aria-label="Go on from here">{links}</nav>
        }
        .into_any()
    })
}

fn links(question: &Question, figure: &Figure, cell: CellId) -> Vec<Link> {
    match figure {
        Figure::Flows(flows) => at_node(question, flows, cell),
        Figure::Steps(steps) => around_step(question, steps, cell),
        _ => Vec::new(),
    }
}

/// From a node: paths that begin there, end there, or pass it over.
fn at_node(question: &Question, flows: &Flows, cell: CellId) -> Vec<Link> {
    let mut nodes = flows.nodes.iter();
    let Some(AtNode { node, .. }) = nodes.find(|node| node.weight.cell == Some(cell)) else {
        return Vec::new();
    };
    let item = &node.1;
    let changed = |words: &str, change: fn(&mut Question, String)| {
        let mut other = question.clone();
        change(&mut other, item.clone());
        (format!("{words} {}", name(item)), other)
    };
    let mut links = vec![
        changed("Begin with", |question, item| question.paths.start = item),
        changed("End with", |question, item| question.paths.end = item),
        changed("Leave out", |question, item| {
            question.paths.excluded.push(item)
        }),
    ];
    links.retain(|(_, other)| other != question);
    links
}

/// From a step of a funnel: what people did around it.
fn around_step(question: &Question, steps: &Steps, cell: CellId) -> Vec<Link> {
    // Paths are not told apart by what a funnel is cut by.
    let ([group], None) = (&steps.groups[..], &question.breakdown) else {
        return Vec::new();
    };
    let is_chosen = |lost: bool| {
        group.steps.iter().position(|step| {
            let point = if lost {
                step.lost.as_ref()
            } else {
                Some(&step.reached)
            };
            point.is_some_and(|point| point.cell == Some(cell))
        })
    };
    let paths = |words: &str, stretch: Stretch, step: i64| {
        let funnel = Question {
            insight: Insight::Funnel,
            from: String::new(),
            to: String::new(),
            funnel: Funnel {
                view: FunnelView::Steps,
                ..question.funnel.clone()
            },
            ..question.clone()
        };
        let question = Question {
            insight: Insight::Paths,
            from: question.from.clone(),
            to: question.to.clone(),
            around: Some(Box::new(Around {
                funnel,
                stretch,
                step,
            })),
            ..Question::default()
        };
        (words.to_owned(), question)
    };
    match (is_chosen(false), is_chosen(true)) {
        (Some(place), _) => {
            let step = place as i64 + 1;
            let between =
                (place > 0).then(|| paths("Paths from the step before", Stretch::Between, step));
            let before = paths("Paths that led here", Stretch::Before, step);
            let after = paths("Paths from here", Stretch::After, step);
            [Some(before), between, Some(after)]
                .into_iter()
                .flatten()
                .collect()
        }
        (_, Some(place)) => {
            vec![paths(
                "What they did instead",
                Stretch::Between,
                -(place as i64 + 1),
            )]
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::insights::figure::{Point, Step, StepGroup};
    use crate::insights::question::{Breakdown, BreakdownKind, Entity};

    fn at(cell: CellId) -> Point {
        Point {
            value: 1.0,
            cell: Some(cell),
        }
    }

    fn words(links: &[Link]) -> Vec<&str> {
        links.iter().map(|(words, _)| words.as_str()).collect()
    }

    #[test]
    fn a_node_can_be_where_paths_begin_or_end() {
        let flows = Flows {
            edges: Vec::new(),
            nodes: vec![AtNode {
                node: (2, "https://a.example/pricing".into()),
                weight: at(7),
            }],
            ends: Vec::new(),
        };
        let mut question = Question {
            insight: Insight::Paths,
            ..Question::default()
        };
        let figure = Figure::Flows(flows);
        assert_eq!(links(&question, &figure, 8), []);
        let all = links(&question, &figure, 7);
        assert_eq!(
            words(&all),
            [
                "Begin with /pricing",
                "End with /pricing",
                "Leave out /pricing"
            ]
        );
        assert_eq!(all[0].1.paths.start, "https://a.example/pricing");
        assert_eq!(all[2].1.paths.excluded, ["https://a.example/pricing"]);
        question.paths.start = "https://a.example/pricing".into();
        assert_eq!(links(&question, &figure, 7).len(), 2);
    }

    #[test]
    fn a_step_leads_to_the_paths_around_it() {
        let group = StepGroup {
            name: String::new(),
            steps: [(0, None), (1, Some(2))]
                .map(|(reached, lost): (CellId, Option<CellId>)| Step {
                    reached: at(reached),
                    lost: lost.map(at),
                    median_seconds: None,
                    mean_seconds: None,
                })
                .into(),
        };
        let steps = Steps {
            names: vec!["a".into(), "b".into()],
            terms: String::new(),
            groups: vec![group],
        };
        let mut question = Question {
            insight: Insight::Funnel,
            series: vec![Entity::event("a"), Entity::event("b")],
            from: "-30d".into(),
            ..Question::default()
        };
        let told = |cell| links(&question, &Figure::Steps(steps.clone()), cell);
        assert_eq!(words(&told(0)), ["Paths that led here", "Paths from here"]);
        assert_eq!(told(1).len(), 3);
        let lost = told(2);
        assert_eq!(words(&lost), ["What they did instead"]);
        let (_, paths) = &lost[0];
        let around = paths.around.as_deref().expect("a funnel");
        assert_eq!((around.stretch, around.step), (Stretch::Between, -2));
        assert_eq!(
            (paths.from.as_str(), around.funnel.from.as_str()),
            ("-30d", "")
        );
        // The link says all of it.
        let route = InsightState::asking(paths.clone()).route().url();
        let query = route.split_once('?').expect("a query").1;
        assert_eq!(InsightState::read(query).0.question.as_ref(), Some(paths));
        question.breakdown = Some(Breakdown {
            kind: BreakdownKind::Event,
            key: "$os".into(),
        });
        assert_eq!(links(&question, &Figure::Steps(steps), 1), []);
    }
}
