//! Parts of the app that are loaded when they are first shown.
//!
//! A release build makes a WebAssembly file of each, with all that only it needs (`xtask/src/split.rs`);
//! other builds have them in the app. What stands in a part is declared with [`part!`](crate::part), next to
//! what it draws.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::dynamic::dynamic;
use super::message::ProblemPage;
use super::skeleton::SkeletonRows;

/// The file of a part did not arrive.
#[derive(Clone)]
pub struct NotLoaded;

#[cfg(split_screens)]
impl From<leptos::wasm_split::SplitLoaderError> for NotLoaded {
    fn from(_: leptos::wasm_split::SplitLoaderError) -> Self {
        Self
    }
}

/// A part on its way, and what comes of it.
pub type Loading<T> = Pin<Box<dyn Future<Output = Result<T, NotLoaded>>>>;

/// A part: how to load the function that draws it.
pub type Part<T> = fn() -> Loading<fn(T) -> AnyView>;

/// Declares a [`Part`]: its name, in which file it is, what it is drawn from, and how.
#[macro_export]
macro_rules! part {
    ($(#[$doc:meta])* $visible:vis $name:ident in $file:ident: $input:ty, $draw:expr) => {
        $(#[$doc])*
        $visible fn $name() -> $crate::ui::part::Loading<fn($input) -> leptos::prelude::AnyView> {
            type Draw = fn($input) -> leptos::prelude::AnyView;

            #[cfg(split_screens)]
            #[leptos::wasm_split::wasm_split($file, wasm_split_path = leptos::wasm_split, fallible)]
            fn $name() -> Result<Draw, $crate::ui::part::NotLoaded> {
                Ok($draw)
            }

            #[cfg(not(split_screens))]
            async fn $name() -> Result<Draw, $crate::ui::part::NotLoaded> {
                Ok($draw)
            }

            Box::pin($name())
        }
    };
}

/// Lets the page use styles that only a part needs, the first time it is drawn. They stand in the part's
/// file, in `style/` like all others.
#[macro_export]
macro_rules! styles {
    ($($file:literal),+ $(,)?) => {{
        use $crate::ui::squeeze::{squeeze, text};
        const WRITTEN: &str = concat!($(include_str!(concat!("../../style/", $file))),+);
        const SQUEEZED: ([u8; WRITTEN.len()], usize) = squeeze(WRITTEN);
        const CSS: &str = text(&SQUEEZED.0, SQUEEZED.1);
        static ADOPTED: std::sync::Once = std::sync::Once::new();
        ADOPTED.call_once(|| $crate::platform::style::adopt(CSS));
    }};
}

/// Begins to load a part, for somebody who will soon want to see it.
pub fn prefetch<T: 'static>(part: Part<T>) {
    // Whoever shows it asks again, and tells what went wrong.
    spawn_local(async move { drop(part().await) });
}

/// A screen that is a part, or why it is not there.
pub fn screen<T: Clone + Send + Sync + 'static>(part: Part<T>, input: T) -> AnyView {
    shown(
        drawn_from(part, input),
        || view! { <div class="page"><SkeletonRows rows=8/></div> }.into_any(),
        |retry| view! { <Missing retry/> }.into_any(),
    )
}

/// Something small that is a part: nothing is there until it is. Who asks for it again tries again.
pub fn widget<T: Clone + Send + Sync + 'static>(part: Part<T>, input: T) -> AnyView {
    shown(drawn_from(part, input), || ().into_any(), |_| ().into_any())
}

/// What is drawn, again and again, from the same input.
type Draw = Arc<dyn Fn() -> AnyView + Send + Sync>;

fn drawn_from<T: Clone + Send + Sync + 'static>(
    part: Part<T>,
    input: T,
) -> Box<dyn Fn() -> Loading<Draw> + Send + Sync> {
    Box::new(move || {
        let input = input.clone();
        Box::pin(async move {
            let draw = part().await?;
            Ok(Arc::new(move || draw(input.clone())) as Draw)
        })
    })
}

fn shown(
    load: Box<dyn Fn() -> Loading<Draw> + Send + Sync>,
    meanwhile: fn() -> AnyView,
    otherwise: fn(Callback<()>) -> AnyView,
) -> AnyView {
    let loaded = RwSignal::new(None);
    let load = Callback::new(move |()| {
        let draw = load();
        spawn_local(async move {
            let draw = draw.await;
            // Nobody waits for a part that was left.
            loaded.try_set(Some(draw));
        });
    });
    load.run(());
    dynamic(move || match loaded.get() {
        None => meanwhile(),
        Some(Ok(draw)) => draw(),
        Some(Err(NotLoaded)) => otherwise(load),
    })
}

/// Instead of a screen whose file did not arrive.
#[component]
fn Missing(retry: Callback<()>) -> impl IntoView {
    let reason = "The server did not answer, or the app was updated since this page was opened.";
    view! {
        <ProblemPage title="This screen could not be loaded" detail=reason.to_owned()>
            <button class="button button-primary" type="button" on:click=move |_| retry.run(())>
                "Try again"
            </button>
            // The target leaves the link to the browser: the app would only show the same screen again.
            <a class="button" href="" target="_self">"Reload the page"</a>
        </ProblemPage>
    }
}
