//! The page: the question on top, its answer as a chart, and the people behind a number beside it.

use std::sync::Arc;
use std::time::Duration;

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::Value;

use super::address::{Address, InsightState};
use super::builder::Builder;
use super::chart::Chart;
use super::charts::lines;
use super::figure::{Answer, CellId, Figure};
use super::people::People;
use super::question::{Insight, Question};
use super::start::Start;
use super::{device, door};
use crate::api::numbers::{self, QueryOptions, QueryProgress};
use crate::api::{ApiError, Load, Session, load};
use crate::effect::effect;
use crate::failure::{BrokenLink, Failure};
use crate::platform::{Abort, clock, document, keyboard, timer};
use crate::preferences::Preferences;
use crate::routes::encode_query;
use crate::ui::button::{Button, Loudness};
use crate::ui::dynamic::{dynamic, text, when};
use crate::ui::message::{Message, Tone};
use crate::ui::skeleton::SkeletonRows;
use crate::ui::tabs::{Tab, Tabs, panel_id, tab_id};
use crate::ui::time::Time;

/// Insights.
#[component]
pub fn InsightsPage() -> impl IntoView {
    document::set_title("Insights · Persons");
    let address = Address::expect();
    // What it said last stays while the page is about to go.
    let state = Memo::new(
        move |before: Option<&(InsightState, Option<&'static str>)>| {
            address
                .read()
                .unwrap_or_else(|| before.cloned().unwrap_or_default())
        },
    );
    let screen = Memo::new(move |_| {
        let (state, problem) = &*state.read();
        match problem {
            Some(reason) => Screen::Broken(reason),
            None if state.saved.is_some() => Screen::Saved(state.saved.clone().unwrap_or_default()),
            None if state.question.is_none() => Screen::Start,
            None => Screen::Asked,
        }
    });
    dynamic(move || match screen.get() {
        Screen::Start => view! { <Start/> }.into_any(),
        Screen::Broken(reason) => view! { <BrokenLink reason=reason.to_owned()/> }.into_any(),
        Screen::Saved(id) => view! { <Saved id/> }.into_any(),
        Screen::Asked => {
            let state = Memo::new(move |_| state.get().0);
            view! { <Asked state/> }.into_any()
        }
    })
}

/// What the page shows.
#[derive(Clone, PartialEq)]
enum Screen {
    Start,
    /// An insight that was saved in PostHog, by its short id.
    Saved(String),
    Asked,
    Broken(&'static str),
}

/// Loads an insight that was saved in PostHog, and shows its query in place of the link to it.
#[component]
fn Saved(id: String) -> impl IntoView {
    let client = StoredValue::new(Session::expect().client);
    let address = Address::expect();
    let loaded = load(
        move || Some(id.clone()),
        move |id, abort| {
            let client = client.get_value();
            async move { numbers::saved_insight(&client, &id, &abort).await }
        },
    );
    effect(move |_| {
        if let Some(insight) = &*loaded.value.read() {
            address.replace_query(query_of_saved(insight));
        }
    });
    let again = Callback::new(move |()| loaded.again());
    dynamic(move || match loaded.error.get() {
        Some(error) => {
            view! { <Failure error what="the saved insight" on_retry=again/> }.into_any()
        }
        None => view! { <SkeletonRows rows=8/> }.into_any(),
    })
}

/// The query of the URL that asks what a saved insight asks: of its query, or of the parameters that insights were
/// saved with before 2024.
fn query_of_saved(insight: &Value) -> String {
    let query = &insight["query"];
    let parameters: Vec<(&str, String)> = if query.is_object() {
        vec![("q", query.to_string())]
    } else {
        let fields = insight["filters"].as_object().into_iter().flatten();
        let fields = fields.filter(|(_, value)| !value.is_null());
        fields
            .map(|(name, value)| match value {
                Value::String(text) => (name.as_str(), text.clone()),
                other => (name.as_str(), other.to_string()),
            })
            .collect()
    };
    let query = encode_query(&parameters, '?');
    query.trim_start_matches('?').to_owned()
}

/// An answer with the question it answers.
pub(super) type Answered = (Arc<Question>, Arc<Answer>);

/// What the parts of the page share.
#[derive(Clone, Copy)]
pub(super) struct Model {
    /// Changes the URL.
    pub address: Address,
    /// What the URL says.
    pub state: Memo<InsightState>,
    /// The question.
    pub question: Memo<Arc<Question>>,
    /// Its answer; while it is awaited, the last one.
    pub answered: Load<Answered>,
    /// The cells that are chosen in the answer.
    pub chosen: Signal<[Option<CellId>; 2]>,
    /// How often the answer was refreshed; `None` if the server may have answered from its cache.
    pub refreshes: RwSignal<Option<u32>>,
    /// Whether the next time the server is asked, it computes the answer anew.
    is_forced: StoredValue<bool>,
    /// How far a query is that runs in the background, if one does.
    progress: RwSignal<Option<QueryProgress>>,
    /// What cancels the query that is running.
    running: StoredValue<Option<Abort>, LocalStorage>,
}

impl Model {
    fn new(state: Memo<InsightState>) -> Self {
        let client = StoredValue::new(Session::expect().client);
        let refreshes = RwSignal::new(None::<u32>);
        let is_forced = StoredValue::new(false);
        let progress = RwSignal::new(None::<QueryProgress>);
        let running = StoredValue::new_local(None::<Abort>);
        let question =
            Memo::new(move |_| Arc::new(state.read().question.clone().unwrap_or_default()));
        let answered = load(
            move || Some(question.get()).filter(|question| question.missing().is_none()),
            move |question, abort| {
                let client = client.get_value();
                let is_forced = is_forced
                    .try_update_value(std::mem::take)
                    .unwrap_or_default();
                running.set_value(Some(abort.clone()));
                progress.set(None);
                async move {
                    let on_progress = |done| {
                        let _ = progress.try_set(Some(done));
                    };
                    let options = QueryOptions {
                        is_forced,
                        on_progress: Some(&on_progress),
                    };
                    let answer = door::ask(&client, &question, options, &abort).await;
                    if !abort.is_aborted() {
                        progress.set(None);
                        // People who are listed beside a refreshed answer are asked for anew, too.
                        let times = refreshes.get_untracked().unwrap_or_default() + 1;
                        let times = (is_forced && answer.is_ok()).then_some(times);
                        if refreshes.get_untracked() != times {
                            refreshes.set(times);
                        }
                    }
                    Ok((question, Arc::new(answer?)))
                }
            },
        );
        let chosen = Signal::derive(move || {
            let state = state.read();
            let answered = answered.value.read();
            // Keys of one question mean nothing in the answer to another one.
            let answer = answered
                .as_ref()
                .filter(|(asked, _)| state.question.as_ref() == Some(asked));
            let keys = state.chosen.each_ref();
            keys.map(|key| {
                let (_, answer) = answer?;
                let key = key.as_ref()?;
                answer.cells.iter().position(|cell| cell.key == *key)
            })
        });
        Self {
            address: Address::expect(),
            state,
            question,
            answered,
            chosen,
            refreshes,
            is_forced,
            progress,
            running,
        }
    }

    /// Has the server compute the answer anew, whatever it has cached.
    fn refresh(self) {
        self.is_forced.set_value(true);
        self.answered.again();
    }

    /// Cancels the query that is running.
    fn cancel(self) {
        if let Some(Some(abort)) = self.running.try_update_value(Option::take) {
            abort.abort();
            self.answered.is_busy.set(false);
            self.answered.error.set(Some(ApiError::Canceled));
            self.progress.set(None);
        }
    }

    /// Asks something else.
    fn ask(self, question: Question) {
        self.address
            .go(&|state| *state = state.asking_next(question.clone()));
    }

    /// Opens the people of a cell, beside those of the one that is open if `second`.
    pub(super) fn open(self, cell: CellId, second: bool) {
        let key = self.answered.value.with_untracked(|answered| {
            let (_, answer) = answered.as_ref()?;
            let cell = answer.cells.get(cell)?;
            cell.people.as_ref().map(|_| cell.key.clone())
        });
        let Some(key) = key else {
            return;
        };
        self.address.go(&|state| match (&mut state.chosen, second) {
            ([Some(first), with], true) if *first != key => *with = Some(key.clone()),
            (chosen, _) => *chosen = [Some(key.clone()), None],
        });
    }

    /// Closes the people.
    pub(super) fn close(self) {
        self.address.go(&|state| state.chosen = [None, None]);
    }

    pub(super) fn toggle_table(self) {
        self.address
            .replace(&|state| state.is_table = !state.is_table);
    }

    /// Has shares in place of numbers, or the other way around.
    pub(super) fn turn(self) {
        self.address
            .replace(&|state| state.is_turned = !state.is_turned);
    }

    /// Asks for the time from one cell of a chart to another, and nothing else.
    pub(super) fn narrow(self, cells: [CellId; 2]) {
        let range = self.answered.value.with_untracked(|answered| {
            let (question, answer) = answered.as_ref()?;
            match &answer.figure {
                Figure::Lines(lines) => lines::range(lines, cells, &question.to),
                _ => None,
            }
        });
        if let Some([from, to]) = range {
            self.ask(Question {
                from,
                to,
                ..(*self.question.get_untracked()).clone()
            });
        }
    }

    /// Draws a layer of the chart, or does not.
    pub(super) fn toggle_layer(self, name: &str) {
        self.address.replace(&|state| {
            let count = state.hidden.len();
            state.hidden.retain(|hidden| hidden != name);
            if state.hidden.len() == count {
                state.hidden.push(name.to_owned());
            }
        });
    }

    fn listen_to_keys(self) {
        let preferences = Preferences::expect();
        keyboard::on_command("Enter", move || self.refresh());
        keyboard::on_shortcut(move |event: &KeyboardEvent| {
            if !preferences.has_shortcuts_now() {
                return;
            }
            match event.key().as_str() {
                "T" => self.toggle_table(),
                "r" => self.refresh(),
                "Escape" if self.state.read_untracked().chosen[0].is_some() => self.close(),
                _ => return,
            }
            event.prevent_default();
        });
    }
}

#[component]
fn Asked(state: Memo<InsightState>) -> impl IntoView {
    let model = Model::new(state);
    model.listen_to_keys();
    let title = text(move || title(&model.question.read()));
    let tabs = Insight::ALL.iter().map(|(_, name, label)| Tab {
        name,
        label,
        count: Signal::stored(None),
    });
    let chosen = Signal::derive(move || model.question.read().insight.name());
    let choose = Callback::new(move |name: &'static str| {
        if let Some(insight) = Insight::from_name(name) {
            model.ask(model.question.get_untracked().turned_into(insight));
        }
    });
    let is_busy = move || {
        if model.answered.is_busy.get() {
            "true"
        } else {
            "false"
        }
    };
    view! {
        <div class="insights" aria-busy=is_busy>
            <div class="page insights-question">
                <div class="page-head">
                    <h1>{title}</h1>
                    <span class="page-gap"></span>
                    <Age model/>
                    <Button on_click=move |_| model.refresh() icon="refresh">"Refresh"</Button>
                </div>
                <Tabs label="Kinds of insight" tabs=tabs.collect() chosen on_choose=choose/>
                <div
                    class="insights-body"
                    id=move || panel_id(chosen.get())
                    role="tabpanel"
                    aria-labelledby=move || tab_id(chosen.get())
                >
                    <Builder
                        question=model.question
                        on_change=Callback::new(move |question| model.ask(question))
                    />
                    <LeftOut model/>
                    <Body model/>
                </div>
            </div>
            <People model/>
        </div>
    }
}

/// What a link of PostHog's own app asks for and cannot be expressed here.
#[component]
fn LeftOut(model: Model) -> impl IntoView {
    let words = Memo::new(move |_| model.state.read().left_out.join(", "));
    when(
        move || !words.read().is_empty(),
        move || {
            let sentence = text(move || {
                [
                    "This link from PostHog was opened without: ",
                    &*words.read(),
                    ".",
                ]
                .concat()
            });
            view! { <p class="insights-left-out" role="status">{sentence}</p> }.into_any()
        },
    )
}

/// When the server computed the answer, where it says so.
#[component]
fn Age(model: Model) -> impl IntoView {
    let minutes = RwSignal::new(0_u32);
    timer::every(Duration::from_secs(30), move || {
        minutes.update(|passed| *passed += 1);
    });
    let age = dynamic(move || {
        minutes.track();
        let answered = model.answered.value.read();
        let calculated_at = answered
            .as_ref()
            .and_then(|(_, answer)| answer.calculated_at);
        match calculated_at {
            Some(at) => view! {
                "Updated "
                <Time at=Some(at.min(clock::now())) in_words=true/>
            }
            .into_any(),
            None => ().into_any(),
        }
    });
    view! { <span class="insights-age">{age}</span> }
}

/// How far a query is that the server runs in the background, and the way to stop waiting for it.
#[component]
fn Progress(model: Model) -> impl IntoView {
    let words = move || match model.progress.get() {
        Some(progress) => match progress.percent() {
            Some(percent) => format!("The server is running the query: {percent} %"),
            None => "The server is running the query.".to_owned(),
        },
        None => String::new(),
    };
    when(
        move || model.progress.read().is_some(),
        move || {
            view! {
                <div class="insights-progress">
                    <span role="status">{text(words)}</span>
                    <Button on_click=move |_| model.cancel()>"Cancel"</Button>
                </div>
            }
            .into_any()
        },
    )
}

/// The answer, or why there is none.
#[component]
fn Body(model: Model) -> impl IntoView {
    let Model { answered, .. } = model;
    let shown = Memo::new(move |_| {
        if let Some(missing) = model.question.read().missing() {
            return Shown::Missing(missing);
        }
        match (answered.error.get(), &*answered.value.read()) {
            (Some(error), _) => Shown::Failed(error),
            (None, Some(_)) => Shown::Answer,
            (None, None) => Shown::Waiting,
        }
    });
    let again = Callback::new(move |()| answered.again());
    let content = dynamic(move || {
        match shown.get() {
        Shown::Waiting => view! { <SkeletonRows rows=8/> }.into_any(),
        Shown::Missing(what) => view! {
            <Message tone=Tone::Empty title=what.to_owned() detail=Signal::stored("The answer appears here as soon as there is enough to ask.".to_owned())>
                ""
            </Message>
        }
        .into_any(),
        Shown::Failed(error) if is_not_offered(&error) => view! { <Here model/> }.into_any(),
        Shown::Failed(error) => view! { <Failure error what="the answer" on_retry=again/> }.into_any(),
        Shown::Answer => view! { <Chart model/> }.into_any(),
    }
    });
    let is_behind = move || answered.is_busy.get();
    view! {
        <section class="panel insights-answer" class:is-behind=is_behind>
            {when(
                move || answered.is_busy.get(),
                || view! { <div class="progress is-running"></div> }.into_any(),
            )}
            <Progress model/>
            {content}
        </section>
    }
}

/// Whether the server has no answer to such questions.
fn is_not_offered(error: &ApiError) -> bool {
    matches!(error, ApiError::NotOffered | ApiError::NotFound)
}

/// What this device can find out itself, and what that costs.
#[component]
fn Here(model: Model) -> impl IntoView {
    let client = StoredValue::new(Session::expect().client);
    let done = RwSignal::new(None::<usize>);
    let latest = StoredValue::new_local(None::<Abort>);
    let stop = move || {
        if let Some(Some(abort)) = latest.try_update_value(Option::take) {
            abort.abort();
        }
        let _ = done.try_set(None);
    };
    on_cleanup(stop);
    let now = clock::now();
    let question = model.question.get_untracked();
    let intervals = match device::intervals(&question, now) {
        Ok(intervals) => intervals,
        Err(reason) => {
            return view! {
                <Message
                    tone=Tone::Empty
                    title="This server does not offer this"
                    detail=reason
                >
                    ""
                </Message>
            }
            .into_any();
        }
    };
    let requests = intervals.len() * question.series.len().max(1);
    let detail = format!(
        "It can be found out on this device from who was active when: at least {requests} requests, one more for each further hundred people. Days are those of UTC."
    );
    let begin = move || {
        let abort = Abort::new();
        latest.set_value(Some(abort.clone()));
        done.set(Some(0));
        let (client, question, intervals) =
            (client.get_value(), Arc::clone(&question), intervals.clone());
        spawn_local(async move {
            let progress = move |count| {
                let _ = done.try_set(Some(count));
            };
            let answer = device::ask(&client, &question, &intervals, now, progress, &abort).await;
            if abort.is_aborted() {
                return;
            }
            done.set(None);
            match answer {
                Ok(answer) => {
                    model.answered.value.set(Some((question, Arc::new(answer))));
                    model.answered.error.set(None);
                }
                Err(error) => model.answered.error.set(Some(match error {
                    // Who was active is not told either.
                    error if is_not_offered(&error) => ApiError::Invalid {
                        detail: "This server offers neither the answer nor the people it could be made of.".to_owned(),
                        attr: None,
                    },
                    error => error,
                })),
            }
        });
    };
    let action = dynamic(move || match done.get() {
        Some(count) => view! {
            <span role="status">{format!("{count} of {requests}")}</span>
            <Button on_click=move |_| stop()>"Stop"</Button>
        }
        .into_any(),
        None => {
            let begin = begin.clone();
            view! {
                <Button loudness=Loudness::Primary on_click=move |_| begin()>"Find out here"</Button>
            }
            .into_any()
        }
    });
    view! {
        <Message tone=Tone::Empty title="This server does not offer this" detail=Signal::stored(detail)>
            {action}
        </Message>
    }
    .into_any()
}

/// What stands in the place of the answer.
#[derive(Clone, PartialEq)]
enum Shown {
    Waiting,
    Missing(&'static str),
    Failed(ApiError),
    Answer,
}

/// The question in a few words.
fn title(question: &Question) -> String {
    let names: Vec<String> = question.series.iter().map(|entity| entity.name()).collect();
    let form = question.insight.label();
    match (question.insight, &names[..]) {
        (Insight::Funnel | Insight::Correlation, [first, .., last]) => {
            format!("{form}: {first} to {last}")
        }
        (Insight::Retention, [first, second]) => format!("{form}: {first}, then {second}"),
        (Insight::Paths, _) | (_, []) => form.to_owned(),
        (_, names) => format!("{form} of {}", names.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn saved_insights_open_by_their_query_or_their_parameters() {
        let source =
            json!({"kind": "TrendsQuery", "series": [{"kind": "EventsNode", "event": "a"}]});
        let query = json!({"kind": "InsightVizNode", "source": source});
        let older = json!({"insight": "TRENDS", "events": [{"id": "a", "type": "events"}], "date_to": null});
        for insight in [
            json!({"short_id": "x", "query": query, "filters": {}}),
            json!({"short_id": "x", "query": null, "filters": older}),
        ] {
            let (state, problem) = InsightState::read(&query_of_saved(&insight));
            let series = state.question.expect("a question").series;
            assert_eq!((problem, series.len()), (None, 1), "{insight}");
            assert_eq!(series[0].name(), "a");
        }
        assert_eq!(query_of_saved(&json!({})), "");
    }
}
