//! Where to begin: seven questions that can be asked of any project, in the words of its own events.

use leptos::prelude::*;

use super::address::InsightState;
use super::question::{Entity, Insight, Interval, Math, Question, Retention, What};

/// A question with its name.
pub struct Ready {
    /// What it asks, as a person would.
    pub title: &'static str,
    /// What the answer shows.
    pub note: &'static str,
    /// The question.
    pub question: Question,
}

/// The seven. They are about the events of the sample project; what others call theirs is chosen there.
pub fn ready() -> [Ready; 7] {
    let asked = |insight: Insight, names: &[&str]| Question {
        insight,
        series: names.iter().map(|name| Entity::event(name)).collect(),
        from: "-30d".to_owned(),
        ..Question::default()
    };
    let anything = Entity {
        of: What::Any,
        ..Entity::default()
    };
    [
        Ready {
            title: "How many people are active?",
            note: "Who did anything at all, day by day",
            question: Question {
                series: vec![Entity {
                    math: Math::People,
                    ..anything.clone()
                }],
                ..asked(Insight::Trends, &[])
            },
        },
        Ready {
            title: "Where do new people stop?",
            note: "From signing up to the first purchase",
            question: asked(
                Insight::Funnel,
                &[
                    "signed_up",
                    "project_created",
                    "invited_teammate",
                    "purchase",
                ],
            ),
        },
        Ready {
            title: "What goes along with buying?",
            note: "What those who buy do more often, and less",
            question: Question {
                from: "-90d".to_owned(),
                ..asked(Insight::Correlation, &["signed_up", "purchase"])
            },
        },
        Ready {
            title: "Who comes, stays and goes?",
            note: "New, returning, resurrecting and dormant people, week by week",
            question: Question {
                interval: Interval::Week,
                from: "-90d".to_owned(),
                series: vec![anything.clone()],
                ..asked(Insight::Lifecycle, &[])
            },
        },
        Ready {
            title: "How many days are people there?",
            note: "On how many days of the last 30 people looked at a page",
            question: asked(Insight::Stickiness, &["$pageview"]),
        },
        Ready {
            title: "Do those who sign up come back?",
            note: "In the weeks after, with anything they do",
            question: Question {
                from: String::new(),
                interval: Interval::Week,
                series: vec![Entity::event("signed_up"), anything],
                retention: Retention {
                    intervals: 9,
                    is_first_time: true,
                },
                ..asked(Insight::Retention, &[])
            },
        },
        Ready {
            title: "Which ways do people go?",
            note: "From page to page",
            question: Question {
                paths: super::question::Paths {
                    event_types: vec!["$pageview".to_owned()],
                    ..Default::default()
                },
                ..asked(Insight::Paths, &[])
            },
        },
    ]
}

/// The screen that offers them.
#[component]
pub fn Start() -> impl IntoView {
    let cards = ready().map(
        |Ready {
             title,
             note,
             question,
         }| {
            let form = question.insight.label();
            let href = InsightState::asking(question).route().url();
            view! {
                <li>
                    <a class="panel insight-card" href=href>
                        <span class="insight-form">{form}</span>
                        <strong>{title}</strong>
                        <span class="insight-note">{note}</span>
                    </a>
                </li>
            }
        },
    );
    view! {
        <div class="page">
            <div class="page-head">
                <h1>"Insights"</h1>
            </div>
            <p class="insight-lead">
                "Seven kinds of questions. Every number in an answer opens the people behind it."
            </p>
            <ul class="insight-cards">{cards.into_iter().collect_view()}</ul>
        </div>
    }
}
