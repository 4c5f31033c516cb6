//! The shell: what is around every screen, and which screen is shown.

mod device;
mod help;
mod overlay;
mod palette;
mod parts;
mod rail;
mod top_bar;
mod traffic;
mod tray;

use leptos::prelude::*;

use self::overlay::Overlay;
use self::rail::Rail;
use self::top_bar::TopBar;
use crate::api::{Session, kept};
use crate::connection::{Connection, State};
use crate::effect::effect;
use crate::failure::BrokenLink;
use crate::navigation::{MAIN, Navigation};
use crate::outbox::Pending;
use crate::persons::{self, PersonsPage};
use crate::platform::focus;
use crate::preferences::Preferences;
use crate::routes::Route;
use crate::ui::dynamic::dynamic;
use crate::ui::notice::{NoticeRegion, Notices};
use crate::ui::part;
use crate::ui::skeleton::SkeletonRows;

/// The app.
#[component]
pub fn App() -> impl IntoView {
    kept::begin();
    Notices::provide();
    Preferences::provide();
    Pending::provide();
    let navigation = Navigation::provide();
    let connection = Connection::provide();
    let overlay = Overlay::provide();
    focus_main_after_navigation(navigation);
    // The screen travels while the server is asked who we are.
    if let Route::Person(_) = navigation.route().get_untracked() {
        part::prefetch(parts::person);
    }
    let content = dynamic(move || match connection.state().get() {
        State::Checking => view! { <Starting/> }.into_any(),
        State::Open(session) => view! { <Screens session/> }.into_any(),
        State::Closed(_) => part::screen(parts::connect, ()),
    });
    view! {
        <a class="skip-link" href="#main">"Skip to content"</a>
        <div class="shell">
            <TopBar/>
            <Rail/>
            <main id=MAIN class="main" tabindex="-1">
                {content}
            </main>
        </div>
        {overlay.view()}
        <NoticeRegion/>
        {part::widget(traffic::hold, ())}
        {part::widget(device::keeping, ())}
    }
}

/// A kind of screen with what makes it another one. Search, filters and tabs do not: they change the
/// screen that is there.
#[derive(Clone, PartialEq)]
enum Screen {
    List,
    Person(String),
    Compare,
    Activity,
    Insights,
    Outbox,
    Ledger,
    Connect,
    Broken(String),
}

impl From<Route> for Screen {
    fn from(route: Route) -> Self {
        match route {
            Route::Persons(_) => Self::List,
            Route::Person(state) => Self::Person(state.id),
            Route::Compare(_) => Self::Compare,
            Route::Activity(_) => Self::Activity,
            Route::Insights(_) => Self::Insights,
            Route::Outbox => Self::Outbox,
            Route::Ledger => Self::Ledger,
            Route::Connect => Self::Connect,
            Route::Broken(reason) => Self::Broken(reason),
        }
    }
}

/// The screen of the route, for an open connection.
#[component]
fn Screens(session: Session) -> impl IntoView {
    let outbox = Pending::expect().view(session.clone());
    provide_context(session);
    persons::provide_memory();
    let navigation = Navigation::expect();
    let screen = Memo::new(move |_| Screen::from(navigation.route().get()));
    let content = dynamic(move || match screen.get() {
        Screen::List => view! { <PersonsPage/> }.into_any(),
        Screen::Person(id) => part::screen(parts::person, id),
        Screen::Compare => part::screen(parts::compare, ()),
        Screen::Activity => part::screen(parts::activity, ()),
        Screen::Insights => part::screen(parts::insights, ()),
        Screen::Outbox => part::screen(parts::outbox, ()),
        Screen::Ledger => part::screen(parts::ledger, ()),
        Screen::Connect => part::screen(parts::connect, ()),
        Screen::Broken(reason) => view! { <BrokenLink reason/> }.into_any(),
    });
    view! {
        {content}
        {outbox}
    }
}

/// While the server is asked whether it knows us.
#[component]
fn Starting() -> impl IntoView {
    view! {
        <div class="page">
            <h1>"People"</h1>
            <SkeletonRows rows=14/>
        </div>
    }
}

/// Another screen is a new page to those who cannot see it change: the focus goes to its beginning. The
/// list then takes the focus to the row one was on, if it remembers one.
fn focus_main_after_navigation(navigation: Navigation) {
    let screen = Memo::new(move |_| Screen::from(navigation.route().get()));
    effect(move |is_first| {
        // A memo changes only to something else.
        if screen.get() != Screen::List && !is_first {
            focus::now(MAIN);
        }
    });
}
