//! Screens that are loaded when they are first shown. A release build makes a WebAssembly file of each,
//! with all that only it needs; other builds have them in the app.

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::connection::ConnectPage;
use crate::person::PersonPage;
use crate::ui::dynamic::dynamic;
use crate::ui::message::ProblemPage;
use crate::ui::skeleton::SkeletonRows;

/// A screen in a file of its own.
#[derive(Clone, Copy)]
pub enum Part {
    /// One person.
    Person,
    /// Where to choose a server.
    Connect,
}

/// Draws a screen for the id in its URL, if it has one.
type Draw = fn(String) -> AnyView;

/// The file did not arrive.
#[derive(Clone)]
struct NotLoaded;

#[cfg(split_screens)]
impl From<leptos::wasm_split::SplitLoaderError> for NotLoaded {
    fn from(_: leptos::wasm_split::SplitLoaderError) -> Self {
        Self
    }
}

/// Makes an asynchronous function that gives a [`Draw`], and a split point of it where there are some.
macro_rules! part {
    ($name:ident, $draw:expr) => {
        #[cfg(split_screens)]
        #[leptos::wasm_split::wasm_split($name, wasm_split_path = leptos::wasm_split, fallible)]
        fn $name() -> Result<Draw, NotLoaded> {
            Ok($draw)
        }

        #[cfg(not(split_screens))]
        async fn $name() -> Result<Draw, NotLoaded> {
            Ok($draw)
        }
    };
}

part!(person, |id| view! { <PersonPage id/> }.into_any());
part!(connect, |_| view! { <ConnectPage/> }.into_any());

impl Part {
    async fn load(self) -> Result<Draw, NotLoaded> {
        match self {
            Self::Person => person().await,
            Self::Connect => connect().await,
        }
    }

    /// Begins to load it, for somebody who will soon want to see it.
    pub fn prefetch(self) {
        // Whoever shows it asks again, and tells what went wrong.
        spawn_local(async move { drop(self.load().await) });
    }

    /// The screen, or why it is not there.
    pub fn show(self, id: String) -> AnyView {
        let loaded = RwSignal::new(None);
        let load = move || {
            spawn_local(async move {
                let draw = self.load().await;
                // Nobody waits for a screen that was left.
                loaded.try_set(Some(draw));
            });
        };
        load();
        dynamic(move || match loaded.get() {
            None => view! { <div class="page"><SkeletonRows rows=8/></div> }.into_any(),
            Some(Ok(draw)) => draw(id.clone()),
            Some(Err(NotLoaded)) => view! { <Missing retry=load/> }.into_any(),
        })
    }
}

/// Instead of a screen whose file did not arrive.
#[component]
fn Missing(retry: impl Fn() + Send + 'static) -> impl IntoView {
    let reason = "The server did not answer, or the app was updated since this page was opened.";
    view! {
        <ProblemPage title="This screen could not be loaded" detail=reason.to_owned()>
            <button class="button button-primary" type="button" on:click=move |_| retry()>
                "Try again"
            </button>
            // The target leaves the link to the browser: the app would only show the same screen again.
            <a class="button" href="" target="_self">"Reload the page"</a>
        </ProblemPage>
    }
}
