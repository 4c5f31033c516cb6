//! The question, field by field. Every finished change asks anew.
//!
//! [`control`] has the kinds of fields, [`words`] what is typed in them, [`conditions`] the conditions.

mod conditions;
mod control;
mod words;

use std::sync::Arc;

use leptos::prelude::*;

use self::conditions::conditions;
use self::control::{Text, choice, text, tick};
use super::page::Model;
use super::question::{
    Breakdown, BreakdownKind, CorrelationKind, EVENT_TYPES, Entity, Exclusion, FunnelView, Insight,
    Interval, MATHS, Math, Order, Question, WindowUnit,
};
use crate::api::{Session, definitions, load};
use crate::platform::focus;
use crate::ui::button::{Button, IconButton, Loudness};
use crate::ui::dynamic::{dynamic, when};

/// Lists of suggestions: events and actions, properties of events, of people.
const EVENTS: &str = "insight-events";
pub(super) const EVENT_KEYS: &str = "insight-event-keys";
pub(super) const PERSON_KEYS: &str = "insight-person-keys";

/// More events than these are more than a chart can show or a funnel can have.
const MOST_SERIES: usize = 20;

/// The question in the hands of its fields.
#[derive(Clone, Copy)]
struct Asking {
    question: Memo<Arc<Question>>,
    model: Model,
}

impl Asking {
    /// Asks what `change` makes of the question.
    fn change(self, change: impl FnOnce(&mut Question)) {
        let mut question = Question::clone(&self.question.get_untracked());
        change(&mut question);
        if question != **self.question.read_untracked() {
            self.model.ask(question);
        }
    }

    /// Something of the question, as long as it is there.
    fn of<T>(self, what: impl Fn(&Question) -> T) -> T {
        what(&self.question.read())
    }
}

/// The fields. They are drawn anew only when there are others, so that the focus stays where it is.
#[component]
pub fn Builder(model: Model) -> impl IntoView {
    let asking = Asking {
        question: model.question,
        model,
    };
    let insight = Memo::new(move |_| asking.of(|question| question.insight));
    let fields = dynamic(move || {
        let insight = insight.get();
        let own = match insight {
            Insight::Trends | Insight::Stickiness | Insight::Lifecycle => ().into_any(),
            Insight::Funnel | Insight::Correlation => funnel_fields(asking, insight),
            Insight::Retention => retention_fields(asking),
            Insight::Paths => paths_fields(asking),
        };
        view! {
            {(insight != Insight::Paths).then(|| series(asking, insight))}
            <div class="builder-row">
                {range(asking, insight)}
                {interval(asking)}
                {breakdown(asking)}
                {own}
                {conditions(
                    "builder-all".to_owned(),
                    move || asking.of(|question| question.conditions.clone()),
                    move |conditions| asking.change(|question| question.conditions = conditions),
                )}
            </div>
        }
        .into_any()
    });
    view! {
        <section class="panel builder" aria-label="The question">
            {fields}
            <Suggestions/>
        </section>
    }
}

/// The events it looks at.
fn series(asking: Asking, insight: Insight) -> AnyView {
    let count = Memo::new(move |_| asking.of(|question| question.series.len()));
    let most = match insight {
        Insight::Lifecycle => 1,
        Insight::Retention => 2,
        _ => MOST_SERIES,
    };
    let (is_funnel, add) = match insight {
        Insight::Funnel | Insight::Correlation => (true, "+ Step"),
        Insight::Retention => (false, "+ Came back with"),
        _ => (false, "+ Event"),
    };
    let rows = dynamic(move || {
        let count = count.get();
        let rows = (0..count).map(|place| entity(asking, insight, place, count));
        rows.collect_view().into_any()
    });
    let add_one = move |_| {
        let place = count.get_untracked();
        asking.change(|question| {
            let math = question
                .series
                .last()
                .map(|entity| entity.math)
                .unwrap_or_default();
            question.series.push(Entity {
                math,
                ..Entity::default()
            });
        });
        focus::soon(event_id(place));
    };
    let add_one = when(
        move || count.get() < most,
        move || {
            view! { <Button loudness=Loudness::Quiet on_click=add_one>{add}</Button> }.into_any()
        },
    );
    let class = if is_funnel {
        "builder-series is-funnel"
    } else {
        "builder-series"
    };
    view! { <div class=class>{rows} {add_one}</div> }.into_any()
}

fn event_id(place: usize) -> String {
    format!("builder-event-{place}")
}

/// One of the events.
fn entity(asking: Asking, insight: Insight, place: usize, count: usize) -> AnyView {
    let of = move |what: fn(&Entity) -> String| {
        asking.of(|question| question.series.get(place).map(what).unwrap_or_default())
    };
    let change = move |change: Box<dyn FnOnce(&mut Entity)>| {
        asking.change(|question| {
            if let Some(entity) = question.series.get_mut(place) {
                change(entity);
            }
        });
    };
    let label = match (insight, place) {
        (Insight::Retention, 0) => "People who did",
        (Insight::Retention, _) => "came back with",
        // Its number says that it is a step.
        (Insight::Funnel | Insight::Correlation, _) => "",
        _ => "Event",
    };
    let event = text(
        Text {
            id: event_id(place),
            label,
            heard: "Event",
            list: EVENTS,
            placeholder: words::ANY,
            kind: "text",
        },
        move || of(|entity| words::shown(&entity.of)),
        move |typed| change(Box::new(move |entity| entity.of = words::meant(&typed))),
    );
    let math = (insight == Insight::Trends).then(|| {
        let options = MATHS
            .iter()
            .map(|(_, name, words)| ((*name).to_owned(), (*words).to_owned()));
        let math = choice(
            "counting",
            "",
            options.collect(),
            move || of(|entity| entity.math.name().to_owned()),
            move |name| {
                let math = Math::from_name(&name).unwrap_or_default();
                change(Box::new(move |entity| entity.math = math));
            },
        );
        let property = when(
            move || {
                asking.of(|question| {
                    question
                        .series
                        .get(place)
                        .is_some_and(|entity| entity.math.needs_property())
                })
            },
            move || {
                text(
                    Text {
                        id: String::new(),
                        label: "property",
                        heard: "",
                        list: EVENT_KEYS,
                        placeholder: "amount",
                        kind: "text",
                    },
                    move || of(|entity| entity.math_property.clone()),
                    move |typed| change(Box::new(move |entity| entity.math_property = typed)),
                )
            },
        );
        view! {
            {math}
            {property}
        }
    });
    // In retention only which events are meant can be said.
    let own = (insight != Insight::Retention).then(|| {
        conditions(
            format!("builder-{place}"),
            move || {
                asking.of(|question| {
                    let entity = question.series.get(place);
                    entity
                        .map(|entity| entity.conditions.clone())
                        .unwrap_or_default()
                })
            },
            move |conditions| change(Box::new(move |entity| entity.conditions = conditions)),
        )
    });
    let move_to = move |to: usize| {
        asking.change(|question| question.series.swap(place, to));
        focus::soon(event_id(to));
    };
    let is_ordered = matches!(insight, Insight::Funnel | Insight::Correlation);
    let number = (is_ordered || count > 1 && insight != Insight::Retention)
        .then(|| view! { <span class="builder-number">{place + 1}</span> });
    let up = (is_ordered && place > 0).then(|| {
        view! {
            <IconButton
                icon="up"
                label=Signal::stored(format!("Move step {} to the front", place + 1))
                on_click=move |_| move_to(place - 1)
            />
        }
    });
    let down = (is_ordered && place + 1 < count).then(|| {
        view! {
            <IconButton
                icon="down"
                label=Signal::stored(format!("Move step {} to the end", place + 1))
                on_click=move |_| move_to(place + 1)
            />
        }
    });
    let remove = (count > 1).then(|| {
        let remove = move |_| {
            asking.change(|question| {
                question.series.remove(place);
            });
            focus::soon(event_id(place.saturating_sub(1)));
        };
        view! {
            <IconButton
                icon="close"
                label=Signal::stored(format!("Remove event {}", place + 1))
                on_click=remove
            />
        }
    });
    view! {
        <div class="builder-entity">
            {number}
            {event}
            {math}
            {own}
            <span class="builder-deeds">{up} {down} {remove}</span>
        </div>
    }
    .into_any()
}

/// From when to when.
fn range(asking: Asking, insight: Insight) -> AnyView {
    let day = move |label: &'static str, is_first: bool| {
        text(
            Text {
                id: String::new(),
                label,
                heard: "",
                list: "",
                placeholder: "",
                kind: "date",
            },
            move || {
                asking.of(|question| {
                    if is_first {
                        question.from.clone()
                    } else {
                        question.to.clone()
                    }
                })
            },
            move |typed| {
                asking.change(|question| {
                    if is_first {
                        question.from = typed;
                    } else {
                        question.to = typed;
                    }
                })
            },
        )
    };
    // How far back a table of retention goes, its number of intervals says.
    if insight == Insight::Retention {
        return day("until", false);
    }
    let mut options: Vec<(String, String)> = words::RANGES
        .iter()
        .map(|(begin, name)| ((*begin).to_owned(), (*name).to_owned()))
        .collect();
    options.push((words::BY_HAND.to_owned(), "from … to …".to_owned()));
    let is_by_hand = RwSignal::new(false);
    let preset = move || asking.of(|question| words::preset(&question.from, &question.to));
    let chosen = choice(
        "over",
        "",
        options,
        move || {
            if is_by_hand.get() {
                words::BY_HAND.to_owned()
            } else {
                preset().to_owned()
            }
        },
        move |name| {
            is_by_hand.set(name == words::BY_HAND);
            if name != words::BY_HAND {
                asking.change(|question| {
                    question.from = name;
                    question.to = String::new();
                });
            }
        },
    );
    let days = when(
        move || is_by_hand.get() || preset() == words::BY_HAND,
        move || {
            view! {
                {day("from", true)}
                {day("to", false)}
            }
            .into_any()
        },
    );
    view! {
        {chosen}
        {days}
    }
    .into_any()
}

/// A word of a list in a question.
fn word<T: Copy + PartialEq + Send + Sync + 'static>(
    label: &'static str,
    all: &'static [(T, &'static str, &'static str)],
    asking: Asking,
    get: fn(&Question) -> T,
    set: fn(&mut Question, T),
) -> AnyView {
    let options = all
        .iter()
        .map(|(_, name, words)| ((*name).to_owned(), (*words).to_owned()));
    choice(
        label,
        "Unit of the window",
        options.collect(),
        move || {
            let chosen = asking.of(get);
            let known = all.iter().find(|(word, ..)| *word == chosen);
            known
                .map(|(_, name, _)| (*name).to_owned())
                .unwrap_or_default()
        },
        move |name| {
            if let Some((word, ..)) = all.iter().find(|(_, known, _)| *known == name) {
                asking.change(|question| set(question, *word));
            }
        },
    )
}

fn interval(asking: Asking) -> AnyView {
    when(
        move || {
            asking.of(|question| question.has_interval() || question.insight == Insight::Retention)
        },
        move || {
            word(
                "by",
                Interval::ALL,
                asking,
                |question| question.interval,
                |question, interval| {
                    question.interval = interval;
                },
            )
        },
    )
}

/// What the numbers are cut by.
fn breakdown(asking: Asking) -> AnyView {
    let kind_of =
        move || asking.of(|question| question.breakdown.as_ref().map(|breakdown| breakdown.kind));
    when(
        move || asking.of(Question::can_break_down),
        move || {
            let mut options = vec![(String::new(), "nothing".to_owned())];
            let kinds = BreakdownKind::ALL.iter();
            options.extend(kinds.map(|(_, name, words)| ((*name).to_owned(), (*words).to_owned())));
            // A breakdown without a key is none yet, but the field for it has to be there.
            let chosen = RwSignal::new(untrack(kind_of));
            let kind = choice(
                "cut by",
                "",
                options,
                move || {
                    chosen
                        .get()
                        .map(|kind| kind.name().to_owned())
                        .unwrap_or_default()
                },
                move |name| {
                    let kind = BreakdownKind::from_name(&name);
                    chosen.set(kind);
                    asking.change(|question| {
                        question.breakdown = match (kind, question.breakdown.take()) {
                            (Some(kind), Some(before)) if before.kind == kind => Some(before),
                            _ => None,
                        };
                    });
                },
            );
            let key = when(
                move || chosen.get().is_some(),
                move || {
                    let (list, placeholder) = match chosen.get_untracked() {
                        Some(BreakdownKind::Event) => (EVENT_KEYS, "$browser"),
                        Some(BreakdownKind::Cohort) => ("", "1, 2"),
                        _ => (PERSON_KEYS, "plan"),
                    };
                    text(
                        Text {
                            id: String::new(),
                            label: "",
                            heard: "What to cut by",
                            list,
                            placeholder,
                            kind: "text",
                        },
                        move || {
                            asking.of(|question| {
                                let breakdown = question.breakdown.as_ref();
                                breakdown
                                    .map(|breakdown| breakdown.key.clone())
                                    .unwrap_or_default()
                            })
                        },
                        move |key| {
                            asking.change(|question| {
                                let kind = chosen.get_untracked().unwrap_or_default();
                                question.breakdown =
                                    (!key.is_empty()).then_some(Breakdown { kind, key });
                            })
                        },
                    )
                },
            );
            view! {
                {kind}
                {key}
            }
            .into_any()
        },
    )
}

/// A number that is at least one. What is none is not taken, and what stood there comes back.
fn count(
    label: &'static str,
    asking: Asking,
    get: fn(&Question) -> u32,
    set: fn(&mut Question, u32),
) -> AnyView {
    let again = RwSignal::new(0_u32);
    text(
        Text {
            id: String::new(),
            label,
            heard: "",
            list: "",
            placeholder: "",
            kind: "number",
        },
        move || {
            again.track();
            asking.of(get).to_string()
        },
        move |typed| match typed.parse::<u32>() {
            Ok(count @ 1..) => asking.change(|question| set(question, count)),
            _ => again.update(|again| *again += 1),
        },
    )
}

fn funnel_fields(asking: Asking, insight: Insight) -> AnyView {
    let view = (insight == Insight::Funnel).then(|| {
        word(
            "shown as",
            FunnelView::ALL,
            asking,
            |question| question.funnel.view,
            |question, view| {
                question.funnel.view = view;
            },
        )
    });
    let kind = (insight == Insight::Correlation).then(|| {
        word(
            "along with",
            CorrelationKind::ALL,
            asking,
            |question| question.correlation,
            |question, kind| {
                question.correlation = kind;
            },
        )
    });
    view! {
        {count("within", asking, |question| question.funnel.window, |question, window| {
            question.funnel.window = window;
        })}
        {word("", WindowUnit::ALL, asking, |question| question.funnel.unit, |question, unit| {
            question.funnel.unit = unit;
        })}
        {word("order", Order::ALL, asking, |question| question.funnel.order, |question, order| {
            question.funnel.order = order;
        })}
        {view}
        {kind}
        {exclusion(asking)}
    }
    .into_any()
}

/// What must not happen on the way. One event between two steps; links may have more, which stay.
fn exclusion(asking: Asking) -> AnyView {
    let shown = move || {
        asking.of(|question| {
            let first = question.funnel.exclusions.first();
            first
                .map(|exclusion| words::shown(&exclusion.of))
                .unwrap_or_default()
        })
    };
    let event = text(
        Text {
            id: String::new(),
            label: "without",
            heard: "",
            list: EVENTS,
            placeholder: "an event",
            kind: "text",
        },
        shown,
        move |typed| {
            asking.change(|question| {
                let last = question.series.len().saturating_sub(1);
                let exclusions = &mut question.funnel.exclusions;
                if typed.is_empty() {
                    exclusions.clear();
                    return;
                }
                let of = words::meant(&typed);
                match exclusions.first_mut() {
                    Some(first) => first.of = of,
                    None => exclusions.push(Exclusion {
                        of,
                        from_step: 0,
                        to_step: last,
                    }),
                }
            })
        },
    );
    let steps = when(
        move || asking.of(|question| !question.funnel.exclusions.is_empty()),
        move || {
            let step = |label: &'static str, is_first: bool| {
                text(
                    Text {
                        id: String::new(),
                        label,
                        heard: "",
                        list: "",
                        placeholder: "",
                        kind: "number",
                    },
                    move || {
                        asking.of(|question| {
                            let exclusion = question.funnel.exclusions.first();
                            let step = exclusion.map_or(0, |exclusion| {
                                if is_first {
                                    exclusion.from_step
                                } else {
                                    exclusion.to_step
                                }
                            });
                            (step + 1).to_string()
                        })
                    },
                    move |typed| {
                        asking.change(|question| {
                            let last = question.series.len();
                            let step =
                                typed.parse::<usize>().unwrap_or(1).clamp(1, last.max(1)) - 1;
                            if let Some(exclusion) = question.funnel.exclusions.first_mut() {
                                if is_first {
                                    exclusion.from_step = step;
                                } else {
                                    exclusion.to_step = step;
                                }
                            }
                        })
                    },
                )
            };
            view! {
                {step("between step", true)}
                {step("and step", false)}
            }
            .into_any()
        },
    );
    view! {
        {event}
        {steps}
    }
    .into_any()
}

fn retention_fields(asking: Asking) -> AnyView {
    view! {
        {count("intervals", asking, |question| question.retention.intervals, |question, intervals| {
            question.retention.intervals = intervals;
        })}
        {tick(
            "the first time ever",
            move || asking.of(|question| question.retention.is_first_time),
            move |first| asking.change(|question| question.retention.is_first_time = first),
        )}
    }
    .into_any()
}

fn paths_fields(asking: Asking) -> AnyView {
    let kinds = EVENT_TYPES.map(|(name, words)| {
        tick(
            words,
            move || {
                asking.of(|question| question.paths.event_types.iter().any(|kind| kind == name))
            },
            move |on| {
                asking.change(|question| {
                    let kinds = &mut question.paths.event_types;
                    kinds.retain(|kind| kind != name);
                    if on {
                        kinds.push(name.to_owned());
                    }
                })
            },
        )
    });
    let field = |label: &'static str,
                 placeholder: &'static str,
                 get: fn(&Question) -> String,
                 set: fn(&mut Question, String)| {
        text(
            Text {
                id: String::new(),
                label,
                heard: "",
                list: EVENTS,
                placeholder,
                kind: "text",
            },
            move || asking.of(get),
            move |typed| asking.change(|question| set(question, typed)),
        )
    };
    view! {
        {kinds.into_iter().collect_view()}
        {field("beginning with", "anywhere", |question| question.paths.start.clone(), |question, start| {
            question.paths.start = start;
        })}
        {field("ending with", "anywhere", |question| question.paths.end.clone(), |question, end| {
            question.paths.end = end;
        })}
        {field("without", "/a, /b", |question| question.paths.excluded.join(", "), |question, typed| {
            question.paths.excluded = words::list(&typed);
        })}
        {field("taking for one", "/product/*", |question| question.paths.groupings.join(", "), |question, typed| {
            question.paths.groupings = words::list(&typed);
        })}
        {count("steps", asking, |question| question.paths.steps, |question, steps| {
            question.paths.steps = steps;
        })}
    }
    .into_any()
}

/// Names that fields suggest. Where a server does not tell them, any text does.
#[component]
fn Suggestions() -> impl IntoView {
    let client = StoredValue::new(Session::expect().client);
    let names = load(
        move || Some(()),
        move |(), abort| {
            let client = client.get_value();
            async move { Ok(definitions::names(&client, &abort).await) }
        },
    );
    let list = |id: &'static str, names: Vec<String>| {
        let options = names
            .into_iter()
            .map(|name| view! { <option value=name></option> });
        view! { <datalist id=id>{options.collect_view()}</datalist> }.into_any()
    };
    dynamic(move || {
        let names = names.value.get().unwrap_or_default();
        view! {
            {list(EVENTS, names.events)}
            {list(EVENT_KEYS, names.event_keys)}
            {list(PERSON_KEYS, names.person_keys)}
        }
        .into_any()
    })
}
