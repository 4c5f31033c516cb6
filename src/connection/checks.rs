//! What a key may do on a server, found out by asking for a little of each. Nothing is ever written: whether
//! people may be changed is found out with nobody.

use gloo_net::http::Method;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::json;

use crate::api::{ApiError, Client};
use crate::outbox::Pending;
use crate::platform::Abort;
use crate::ui::dynamic::dynamic;

/// What came of asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Not answered yet.
    Waiting,
    /// It works.
    Works,
    /// The key may not.
    Refused,
    /// The server has no such thing.
    Absent,
    /// Nobody knows: the server failed or was busy.
    Unknown,
}

impl Verdict {
    /// Of changing somebody who is not there. Whoever is told so would have been allowed to.
    fn of_writing(answer: Result<(), ApiError>) -> Self {
        match answer {
            Err(ApiError::NotFound | ApiError::Invalid { .. }) => Self::Works,
            answer => Self::of(answer),
        }
    }

    fn of<T>(answer: Result<T, ApiError>) -> Self {
        match answer {
            Ok(_) => Self::Works,
            Err(ApiError::Forbidden { .. } | ApiError::Unauthorized) => Self::Refused,
            Err(ApiError::NotFound | ApiError::NotOffered) => Self::Absent,
            Err(_) => Self::Unknown,
        }
    }

    fn class(self) -> &'static str {
        match self {
            Self::Waiting => "check",
            Self::Works => "check check-works",
            Self::Refused | Self::Absent => "check check-fails",
            Self::Unknown => "check check-unknown",
        }
    }

    /// The mark before the words. It is read aloud as words of its own.
    fn mark(self) -> (&'static str, &'static str) {
        match self {
            Self::Waiting => ("…", "Asking: "),
            Self::Works => ("✓", "Yes: "),
            Self::Refused | Self::Absent => ("✗", "No: "),
            Self::Unknown => ("?", "Unknown: "),
        }
    }
}

/// Something to be able to do.
#[derive(Debug)]
pub struct Ability {
    /// The scope that a key needs for it.
    pub scope: &'static str,
    /// What it is.
    what: &'static str,
    /// What is missing without it.
    without: &'static str,
    /// What is asked for, in the project.
    path: &'static str,
}

/// The first one is what the app cannot do without.
pub const ABILITIES: [Ability; 6] = [
    Ability {
        scope: "person:read",
        what: "people",
        without: "nothing can be shown",
        path: "persons/?limit=1",
    },
    Ability {
        scope: "person:read",
        what: "values of properties",
        without: "no values are suggested",
        // Without a key every server answers at once.
        path: "persons/values/",
    },
    Ability {
        scope: "cohort:read",
        what: "cohorts",
        without: "cohorts are off",
        path: "cohorts/?limit=1",
    },
    Ability {
        scope: "property_definition:read",
        what: "names of properties",
        without: "those of loaded people are suggested",
        path: "property_definitions/?type=person&limit=1",
    },
    Ability {
        scope: "activity_log:read",
        what: "activity",
        without: "the history of changes is off",
        path: "persons/activity/?limit=1",
    },
    Ability {
        scope: "person:write",
        what: "changing people",
        without: "editing is off",
        path: NOBODY,
    },
];

/// A person that no server has.
const NOBODY: &str = "persons/00000000-0000-0000-0000-000000000000/";

impl Ability {
    async fn try_out(&self, client: &Client, abort: &Abort) -> Verdict {
        let path = client.in_this_project(self.path);
        if self.path == NOBODY {
            let nothing = json!({"properties": {}});
            let answer = client.send(Method::PATCH, &path, Some(&nothing), abort);
            return Verdict::of_writing(answer.await.map(drop));
        }
        Verdict::of(client.get_text(&path, abort).await)
    }

    /// The line about it.
    fn words(&self, verdict: Verdict) -> String {
        let Self {
            scope,
            what,
            without,
            ..
        } = self;
        match verdict {
            Verdict::Waiting | Verdict::Works => format!("{what} ({scope})"),
            Verdict::Refused if self.path == NOBODY => {
                format!("{scope}: the key may only read, so {without}")
            }
            Verdict::Refused => format!("{scope}: the key may not read {what}, so {without}"),
            Verdict::Absent => format!("{what}: not offered by this server, so {without}"),
            Verdict::Unknown => format!("{what}: the server did not say"),
        }
    }
}

/// What is known of each ability.
pub type Verdicts = [Verdict; ABILITIES.len()];

/// The checks of a key, in a project.
#[derive(Clone, Copy)]
pub struct Checks {
    pending: Pending,
    verdicts: RwSignal<Option<Verdicts>>,
    latest: StoredValue<Option<Abort>, LocalStorage>,
}

impl Checks {
    /// Nothing is checked yet.
    pub fn new() -> Self {
        let checks = Self {
            pending: Pending::expect(),
            verdicts: RwSignal::new(None),
            latest: StoredValue::new_local(None),
        };
        on_cleanup(move || checks.replace_latest(None));
        checks
    }

    /// Asks all of it, in place of what was asked before.
    pub fn begin(self, client: &Client) {
        let pending = self.pending;
        let abort = Abort::new();
        self.replace_latest(Some(abort.clone()));
        self.verdicts.set(Some([Verdict::Waiting; ABILITIES.len()]));
        for (place, ability) in ABILITIES.iter().enumerate() {
            let (client, abort) = (client.clone().hasty(), abort.clone());
            spawn_local(async move {
                let verdict = ability.try_out(&client, &abort).await;
                if !abort.is_aborted() {
                    if ability.path == NOBODY && verdict != Verdict::Unknown {
                        pending.learn_writing(&client, verdict == Verdict::Works);
                    }
                    self.verdicts
                        .update(|verdicts| verdicts.iter_mut().for_each(|v| v[place] = verdict));
                }
            });
        }
    }

    /// Forgets all of it.
    pub fn clear(self) {
        self.replace_latest(None);
        self.verdicts.set(None);
    }

    /// Whether the app has people to show, as far as is known.
    pub fn people(self) -> Verdict {
        let verdicts = self.verdicts.get_untracked();
        verdicts.map_or(Verdict::Waiting, |verdicts| verdicts[0])
    }

    fn replace_latest(self, newer: Option<Abort>) {
        let older = self
            .latest
            .try_update_value(|latest| std::mem::replace(latest, newer));
        if let Some(Some(older)) = older {
            older.abort();
        }
    }
}

/// The list of them.
#[component]
pub fn CheckList(checks: Checks) -> impl IntoView {
    dynamic(move || {
        let list = checks.verdicts.get().map(|verdicts| {
            let lines = ABILITIES.iter().zip(verdicts).map(|(ability, verdict)| {
                let (mark, aloud) = verdict.mark();
                view! {
                    <li class=verdict.class()>
                        <span class="check-mark" aria-hidden="true">{mark}</span>
                        <span>
                            <span class="visually-hidden">{aloud}</span>
                            {ability.words(verdict)}
                        </span>
                    </li>
                }
                .into_any()
            });
            view! {
                <section aria-labelledby="checks-title">
                    <h3 id="checks-title">"What this key can do"</h3>
                    <ul class="checks">{lines.collect_view()}</ul>
                </section>
            }
            .into_any()
        });
        list.into_any()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_answer_is_a_verdict() {
        let of = |error| Verdict::of(Err::<(), _>(error));
        let refused = ApiError::from_answer(
            403,
            None,
            r#"{"detail":"API key missing required scope 'cohort:read'"}"#,
        );
        assert_eq!(of(refused), Verdict::Refused);
        assert_eq!(of(ApiError::from_answer(404, None, "")), Verdict::Absent);
        assert_eq!(of(ApiError::from_answer(405, None, "")), Verdict::Absent);
        assert_eq!(of(ApiError::from_answer(429, None, "")), Verdict::Unknown);
        assert_eq!(of(ApiError::from_answer(502, None, "")), Verdict::Unknown);
        assert_eq!(Verdict::of(Ok(())), Verdict::Works);
        let of_writing = |error| Verdict::of_writing(Err(error));
        let not_there = ApiError::from_answer(404, None, "");
        assert_eq!(of_writing(not_there), Verdict::Works);
        let refused = ApiError::from_answer(403, None, "");
        assert_eq!(of_writing(refused), Verdict::Refused);
        // A server that has no such endpoint lets nobody change anything.
        let absent = ApiError::from_answer(405, None, "");
        assert_eq!(of_writing(absent), Verdict::Absent);
    }

    #[test]
    fn a_verdict_is_put_into_words() {
        let cohorts = &ABILITIES[2];
        assert_eq!(cohorts.words(Verdict::Works), "cohorts (cohort:read)");
        assert_eq!(
            cohorts.words(Verdict::Refused),
            "cohort:read: the key may not read cohorts, so cohorts are off"
        );
        assert_eq!(
            cohorts.words(Verdict::Absent),
            "cohorts: not offered by this server, so cohorts are off"
        );
    }
}
