//! Answering questions from a snapshot of the state, never longer than a client waits.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use persons_api::Timestamp;
use persons_engine::dates::Calendar;
use persons_engine::events::{Stop, Stopped};
use persons_engine::insights::{InsightError, Source};
use tokio::sync::Semaphore;

use super::kept::Kept;
use crate::http::calendar::calendar;
use crate::http::call::internal;
use crate::http::error::ApiError;
use crate::http::params::Params;
use crate::http::{App, off_thread};
use crate::project::State;
use crate::regexes::Regexes;

/// How long an answer may take.
const SECONDS: u64 = 20;

/// A kind of question. What it says when it is printed for debugging is all that its answer depends on, beside
/// the people and the events.
pub(in crate::http) trait Question: Debug + Send + Sync + Sized + 'static {
    /// The question with what it takes from the snapshot.
    type Ready: Send + 'static;
    /// The answer.
    type Found: Send + Sync + 'static;

    /// Reads the parameters.
    fn read(params: &Params, source: Source<'_>) -> Result<Self, ApiError>;

    /// Takes from the snapshot what the answer needs.
    fn prepare(&self, source: Source<'_>) -> Result<Self::Ready, ApiError>;

    /// Answers, which may take long.
    fn answer(&self, ready: Self::Ready, stop: &Stop) -> Result<Self::Found, InsightError>;

    /// How many numbers or people there are in an answer.
    fn weight(found: &Self::Found) -> usize;
}

/// An answer to a question.
pub(in crate::http) struct Answered<Q: Question> {
    /// What was asked.
    pub(in crate::http) question: Q,
    /// The answer.
    pub(in crate::http) found: Arc<Q::Found>,
    /// The project's calendar.
    pub(super) calendar: Calendar,
    /// Whether it was kept from before.
    pub(in crate::http) is_cached: bool,
    /// When it was found.
    pub(in crate::http) at: Timestamp,
}

/// Whoever answers questions.
pub(in crate::http) struct Questions {
    /// What is asked about.
    pub(in crate::http) app: Arc<App>,
    kept: Mutex<Kept>,
    /// Each answer uses all processors, so that more at once only take longer.
    places: Semaphore,
}

/// A kept answer, or what it takes to find one.
enum Looked<Q: Question> {
    Kept(Arc<Q::Found>, Timestamp),
    Ready(Q::Ready, u64),
}

impl Questions {
    /// Answers about a project.
    pub(in crate::http) fn new(app: Arc<App>) -> Self {
        let processors = std::thread::available_parallelism();
        Self {
            app,
            kept: Mutex::default(),
            places: Semaphore::new(processors.map_or(1, usize::from).max(2)),
        }
    }

    /// Answers a question. Nobody waiting for the answer any more ends the work.
    pub(in crate::http) async fn ask<Q: Question>(
        self: &Arc<Self>,
        params: &Params,
    ) -> Result<Answered<Q>, ApiError> {
        let answer = self.answer::<Q>(params);
        match tokio::time::timeout(Duration::from_secs(SECONDS), answer).await {
            Ok(answer) => answer,
            Err(_) => Err(InsightError::from(Stopped).into()),
        }
    }

    async fn answer<Q: Question>(
        self: &Arc<Self>,
        params: &Params,
    ) -> Result<Answered<Q>, ApiError> {
        let is_refresh = params.flag("refresh")?;
        let (questions, params) = (Arc::clone(self), params.clone());
        let (question, calendar, looked) =
            off_thread(move || questions.look(&params, is_refresh)).await??;
        let (found, at, question) = match looked {
            Looked::Kept(found, at) => {
                return Ok(Answered {
                    question,
                    found,
                    calendar,
                    is_cached: true,
                    at,
                });
            }
            Looked::Ready(ready, version) => {
                let _place = self.places.acquire().await.map_err(internal)?;
                let stop = Stop::default();
                let _guard = Guard(stop.clone());
                let (found, question) =
                    off_thread(move || (question.answer(ready, &stop), question)).await?;
                let (found, at) = (Arc::new(found?), self.app.project.now());
                let weight = Q::weight(&found);
                let kept: Arc<Q::Found> = Arc::clone(&found);
                self.kept
                    .lock()
                    .put(key(&question), version, kept, at, weight);
                (found, at, question)
            }
        };
        Ok(Answered {
            question,
            found,
            calendar,
            is_cached: false,
            at,
        })
    }

    /// Reads the question, and looks for a kept answer that is still true.
    fn look<Q: Question>(
        &self,
        params: &Params,
        is_refresh: bool,
    ) -> Result<(Q, Calendar, Looked<Q>), ApiError> {
        let state = self.app.project.read_all();
        let calendar = calendar(&self.app, state.events.first());
        let source = source(&state, &calendar);
        let question = Q::read(params, source)?;
        if !is_refresh
            && let Some((found, at)) = self.kept.lock().get(&key(&question), state.version)
        {
            return Ok((question, calendar, Looked::Kept(found, at)));
        }
        let ready = question.prepare(source)?;
        let looked = Looked::Ready(ready, state.version);
        drop(state);
        Ok((question, calendar, looked))
    }
}

/// What questions are asked of.
pub(in crate::http) fn source<'a>(state: &'a State, calendar: &'a Calendar) -> Source<'a> {
    Source {
        people: &state.people,
        events: &state.events,
        actions: &state.actions,
        texts: &Regexes,
        calendar,
    }
}

/// What an answer is kept under.
fn key<Q: Question>(question: &Q) -> String {
    format!("{} {question:?}", std::any::type_name::<Q>())
}

/// Ends the work when the one who waits for it is gone.
struct Guard(Stop);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.stop();
    }
}

#[cfg(test)]
mod tests {
    use persons_engine::CapturedEvent;
    use tokio::sync::Notify;

    use super::*;
    use crate::access::Access;
    use crate::http::Settings;
    use crate::project::Project;

    static BEGUN: Notify = Notify::const_new();
    static ENDED: Notify = Notify::const_new();

    /// Takes until somebody stops it.
    #[derive(Debug)]
    struct Endless;

    impl Question for Endless {
        type Ready = ();
        type Found = ();

        fn read(_: &Params, _: Source<'_>) -> Result<Self, ApiError> {
            Ok(Self)
        }

        fn prepare(&self, _: Source<'_>) -> Result<(), ApiError> {
            Ok(())
        }

        fn answer(&self, (): (), stop: &Stop) -> Result<(), InsightError> {
            BEGUN.notify_one();
            while !stop.is_stopped() {
                std::thread::yield_now();
            }
            ENDED.notify_one();
            Err(Stopped.into())
        }

        fn weight((): &()) -> usize {
            0
        }
    }

    /// The clock stands still while a question is being answered.
    #[tokio::test(start_paused = true)]
    async fn work_holds_up_nobody_and_ends_when_it_takes_too_long_or_nobody_waits() {
        let project = Project::in_memory().expect("opens");
        let access = Access::new(&project, None);
        let settings = Settings::default();
        let app = App {
            project,
            access,
            settings,
        };
        let questions = Arc::new(Questions::new(Arc::new(app)));
        let ask = || {
            let questions = Arc::clone(&questions);
            tokio::spawn(async move {
                let answered = questions.ask::<Endless>(&Params::default()).await;
                answered.map(|_| ())
            })
        };

        let asked = ask();
        BEGUN.notified().await;
        tokio::time::advance(Duration::from_secs(SECONDS + 1)).await;
        let error = asked.await.expect("no panic").expect_err("too long");
        assert_eq!(
            error.to_string(),
            "The query took too long and was stopped."
        );
        ENDED.notified().await;

        let asked = ask();
        BEGUN.notified().await;
        // Meanwhile others write, and read what they wrote.
        let event = CapturedEvent {
            uuid: uuid::Uuid::nil(),
            name: "view".into(),
            distinct_id: "ada".into(),
            timestamp: Timestamp(0),
            properties: persons_api::Properties::new(),
        };
        let project = &questions.app.project;
        project.capture(vec![event]).await.expect("stored");
        assert_eq!(project.read().len(), 1);
        asked.abort();
        ENDED.notified().await;
    }
}
