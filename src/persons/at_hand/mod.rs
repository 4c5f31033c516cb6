//! What the list does besides showing people: find them among those this device knows while the server is
//! asked, get to know those who will be wanted next, choose who is compared.
//!
//! [`known`] is pure: who is known, and who of them fits. The rest ties it to the list. All of it is
//! loaded after the list.

mod known;
mod neighbours;

use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use persons_api::Person;

pub use self::known::Known;
use self::known::Seen;
use super::list::Basis;
use super::memory;
use super::page::GRID_ID;
use super::source::{Phase, Source};
use crate::api::{kept, persons};
use crate::conditions::browser::Browser;
use crate::effect::effect;
use crate::navigation::Navigation;
use crate::platform::{focus, keyboard, timer};
use crate::preferences::Preferences;
use crate::routes::PersonsState;
use crate::tray;
use crate::ui::grid::Position;
use crate::ui::notice::Notices;

/// What it works on.
#[derive(Clone)]
pub struct AtHand {
    /// The list, which is told who is found.
    pub source: Source,
    /// What the server is asked.
    pub asked: Memo<PersonsState>,
    /// The rows on the screen.
    pub rows: Memo<Vec<Arc<Person>>>,
    /// Which of them the keyboard is on.
    pub position: Position,
}

crate::part! {
    /// Makes it work as long as the list is shown. Nothing of it can be seen but what it finds.
    pub at_hand in device: AtHand, |at_hand| {
        let AtHand { source, asked, rows, position } = at_hand;
        find_first(source, asked);
        neighbours::prefetch(source, rows, position);
        choose_by_key(rows, position);
        ().into_any()
    }
}

/// `c` chooses the person the keyboard is on, to be compared with others, or no longer.
fn choose_by_key(rows: Memo<Vec<Arc<Person>>>, position: Position) {
    let preferences = Preferences::expect();
    let (navigation, notices) = (Navigation::expect(), Notices::expect());
    keyboard::on_shortcut(move |event| {
        let is_meant = event.key() == "c" && preferences.has_shortcuts_now();
        if !is_meant || !focus::is_within(GRID_ID) {
            return;
        }
        if let Some(person) = rows.read_untracked().get(position.active.get_untracked()) {
            event.prevent_default();
            tray::toggle(navigation, notices, person);
        }
    });
}

/// Looks for people on this device before the server answers.
fn find_first(source: Source, asked: Memo<PersonsState>) {
    let known = memory::known();
    let sees_all = source.sees_all();
    let find = move |question: &PersonsState| {
        known.try_with_value(|known| known.find(question, sees_all, &Browser))?
    };
    source.set_finder(Arc::new(find));
    let mut seen = Seen::default();
    effect(move |_| {
        let list = source.list.read();
        if let Some(list) = list.as_ref().filter(|list| list.basis() == Basis::Server) {
            let news = seen.news(list.rows());
            known.try_update_value(|known| known.learn(&news));
        }
    });
    effect(move |_| {
        if !kept::is_attached() {
            return;
        }
        // The server may have answered by now.
        let is_waiting = source.phase.with_untracked(Phase::has_no_answer);
        if is_waiting {
            source.expect(&asked.get_untracked(), true);
        }
        if known.try_update_value(Known::begins_reading) == Some(true) {
            spawn_local(learn_from_what_was_kept(source, known));
        }
    });
}

/// Reads what earlier runs of the app left, a page at a time, so that nothing else has to wait for it.
async fn learn_from_what_was_kept(source: Source, known: StoredValue<Known>) {
    for place in 0.. {
        let page = source
            .client
            .try_with_value(|client| persons::nth_kept_page(client, place));
        let Some(Some(people)) = page else {
            return;
        };
        let people: Vec<_> = people.into_iter().map(Arc::new).collect();
        known.try_update_value(|known| known.learn_older(&people));
        timer::sleep(0).await;
    }
}
