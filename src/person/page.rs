//! The page: asks for the person of the URL, and shows them or why they cannot be shown.

use leptos::prelude::*;
use persons_api::Timestamp;

use super::address::{Address, PersonState, PersonTab};
use super::deeds::{self, Deed, Thought};
use super::found::{Loaded, find};
use super::nobody::Nobody;
use super::properties::{Choices, SEARCH_ID};
use super::somebody::Somebody;
use super::waiting::Waiting;
use crate::api::{ApiError, Load, Session, cohorts, load};
use crate::effect::effect;
use crate::failure::{BrokenLink, Failure};
use crate::navigation::Navigation;
use crate::outbox::Pending;
use crate::people;
use crate::platform::{document, focus, intl, keyboard};
use crate::preferences::Preferences;
use crate::routes::Route;
use crate::tray;
use crate::ui::button::Button;
use crate::ui::copy;
use crate::ui::dynamic::dynamic;
use crate::ui::notice::Notices;
use crate::ui::part;

/// One person.
#[component]
pub fn PersonPage(
    /// A UUID, or whatever stands in its place in the URL.
    id: String,
) -> impl IntoView {
    document::set_title("Person · Persons");
    let address = Address::expect();
    let tab = tab_of_route();
    let (found, since) = find(&id);
    let content = Memo::new(move |_| Content::of(found, since));
    let cohorts = cohorts_of(content);
    let again = Callback::new(move |()| {
        found.again();
        cohorts.again();
    });
    ask_again_after_changes(content, again);
    let choose = Callback::new(move |tab| address.change(&|state| state.tab = tab));
    // Made here, so that they outlive a change of tab and a refresh.
    let choices = Choices::remembered();
    listen_to_keys(content, address, choose, again, choices);
    // Made here as well: an answer that differs from what was kept must not close what somebody has begun.
    let deed = RwSignal::new(None);
    let dialog = dialog_of(deed, content);
    let on_deed = Callback::new(move |chosen: Deed| deed.set(Some(chosen)));
    let problem = Memo::new(move |_| address.problem());
    let content = dynamic(move || match content.get() {
        _ if problem.get().is_some() => {
            let reason = problem.get().unwrap_or_default().to_owned();
            view! { <BrokenLink reason/> }.into_any()
        }
        Content::Waiting => view! { <Waiting tab=tab.get_untracked()/> }.into_any(),
        Content::Nobody => view! { <Nobody id=id.clone()/> }.into_any(),
        Content::Failed(error) => view! {
            <div class="person-body">
                <h1 class="visually-hidden">"Person"</h1>
                <Failure error what="this person" on_retry=again/>
            </div>
        }
        .into_any(),
        Content::Somebody(loaded) => {
            document::set_title(&format!(
                "{} · Persons",
                people::name(&loaded.person).text()
            ));
            view! { <Somebody loaded cohorts tab choices on_choose=choose on_again=again on_deed/> }
                .into_any()
        }
    });
    view! {
        <div class="page-person" aria-busy=move || if found.is_busy.get() { "true" } else { "false" }>
            <div class="progress" class:is-running=move || found.is_busy.get()></div>
            <Stale found since on_again=again/>
            {content}
            {dialog}
        </div>
    }
}

/// The dialog for what is to be done, about the person as they are known by now.
fn dialog_of(deed: RwSignal<Option<Deed>>, content: Memo<Content>) -> AnyView {
    let is_chosen = move || Some((deed.get()?, content.get()));
    dynamic(move || match is_chosen() {
        Some((deed_now, Content::Somebody(Loaded { raw, person }))) => {
            let thought = Thought {
                deed: deed_now,
                person,
                raw,
                on_close: Callback::new(move |()| deed.set(None)),
            };
            part::widget(deeds::dialog, thought)
        }
        _ => ().into_any(),
    })
}

/// What is shown. The same answer a second time changes nothing on the screen.
#[derive(Clone, PartialEq)]
enum Content {
    Waiting,
    Nobody,
    Failed(ApiError),
    Somebody(Loaded),
}

impl Content {
    fn of(found: Load<Option<Loaded>>, since: RwSignal<Option<Timestamp>>) -> Self {
        match (found.value.get().flatten(), found.error.get()) {
            (_, Some(ApiError::NotFound)) => Self::Nobody,
            // What is kept from before may not be seen any more.
            (_, Some(error)) if since.read().is_some() && !error.may_pass() => Self::Failed(error),
            // A refresh that failed takes nothing away.
            (Some(loaded), _) => Self::Somebody(loaded),
            (None, Some(error)) => Self::Failed(error),
            (None, None) => Self::Waiting,
        }
    }
}

/// The line that says that what is shown may be old, and, while the server is asked, how old.
#[component]
fn Stale(
    found: Load<Option<Loaded>>,
    /// When what is shown was true, if that is longer ago than this visit.
    since: RwSignal<Option<Timestamp>>,
    on_again: Callback<()>,
) -> impl IntoView {
    let reason = move || {
        let error = found
            .error
            .get()
            .filter(|error| *error != ApiError::NotFound)?;
        let is_shown = found.value.read().as_ref().is_some_and(Option::is_some);
        let age = match since.get() {
            Some(since) => format!("This is as of {}", intl::ago_in_words(since)),
            None => "This may be out of date".to_owned(),
        };
        is_shown.then(|| format!("{age}: {error}"))
    };
    let waiting = move || {
        let since = since.get().filter(|_| found.error.read().is_none())?;
        let ago = intl::ago_in_words(since);
        Some(format!("As of {ago} · asking the server…"))
    };
    dynamic(move || {
        if let Some(words) = waiting() {
            return view! { <p class="person-kept">{words}</p> }.into_any();
        }
        let line = reason().map(|reason| {
            view! {
                <p class="person-stale" role="status">
                    {reason}
                    <Button on_click=move |_| on_again.run(())>"Try again"</Button>
                </p>
            }
            .into_any()
        });
        line.into_any()
    })
}

fn tab_of_route() -> Memo<PersonTab> {
    let route = Navigation::expect().route();
    Memo::new(move |last: Option<&PersonTab>| match &*route.read() {
        Route::Person(route) => PersonState::read(route).0.tab,
        // The page is about to go.
        _ => last.copied().unwrap_or_default(),
    })
}

/// Asked for at once, not when the tab is opened: the number on the tab is of use before that.
fn cohorts_of(content: Memo<Content>) -> Load<Vec<persons_api::Cohort>> {
    let client = StoredValue::new(Session::expect().client);
    let uuid = Memo::new(move |_| match &*content.read() {
        Content::Somebody(loaded) => Some(loaded.person.uuid),
        _ => None,
    });
    load(
        move || uuid.get(),
        move |uuid, abort| {
            let client = client.get_value();
            async move { cohorts::of_person(&client, uuid, &abort).await }
        },
    )
}

/// What was changed here and read back is shown as it is now.
fn ask_again_after_changes(content: Memo<Content>, again: Callback<()>) {
    let pending = Pending::expect();
    let uuid = Memo::new(move |_| match &*content.read() {
        Content::Somebody(loaded) => Some(loaded.person.uuid),
        _ => None,
    });
    let changes = Memo::new(move |_| uuid.get().map(|uuid| pending.changes_of(uuid)));
    let last = StoredValue::new(None);
    effect(move |_| {
        let now = changes.get().map(|changes| changes.get());
        let before = last
            .try_update_value(|last| std::mem::replace(last, now))
            .flatten();
        if matches!((before, now), (Some(before), Some(now)) if before != now) {
            again.run(());
        }
    });
}

/// Numbers choose a tab, `/` searches properties, `n` adds one, `c` chooses who is compared, `y` copies the
/// link, `r` loads again, `t` leaves the past.
fn listen_to_keys(
    content: Memo<Content>,
    address: Address,
    choose: Callback<PersonTab>,
    again: Callback<()>,
    choices: Choices,
) {
    let preferences = Preferences::expect();
    let (notices, navigation) = (Notices::expect(), Navigation::expect());
    let is_read_only = Pending::expect().is_read_only();
    keyboard::on_shortcut(move |event| {
        if !preferences.has_shortcuts_now() {
            return;
        }
        let key = event.key();
        let state = address.state_now();
        match key.as_str() {
            "/" if state.tab == PersonTab::Properties => focus::select(SEARCH_ID),
            "/" => {
                choose.run(PersonTab::Properties);
                focus::soon(SEARCH_ID);
            }
            "n" if state.at.is_none() && !is_read_only.get_untracked() => {
                choose.run(PersonTab::Properties);
                choices.editing.add();
            }
            "c" => {
                if let Content::Somebody(loaded) = &*content.read_untracked() {
                    tray::toggle(navigation, notices, &loaded.person);
                }
            }
            "y" => copy::copy(notices, "link".into(), navigation.link()),
            "r" => again.run(()),
            "t" if state.at.is_some() => address.change(&|state| state.at = None),
            key => match tab_of_key(key) {
                Some(tab) => choose.run(tab),
                None => return,
            },
        }
        event.prevent_default();
    });
}

/// The tab whose place is a key's digit.
fn tab_of_key(key: &str) -> Option<PersonTab> {
    let place = match key.as_bytes() {
        [digit @ b'1'..=b'9'] => digit - b'1',
        _ => return None,
    };
    let (tab, _) = PersonTab::ALL.get(usize::from(place))?;
    Some(*tab)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tabs_are_numbered_in_their_order() {
        let tabs: Vec<_> = ["1", "3", "7"].map(tab_of_key).into();
        let expected = [PersonTab::Overview, PersonTab::Timeline, PersonTab::Raw];
        assert_eq!(tabs, expected.map(Some));
        for key in ["0", "8", "9", "12", "a", "", "é"] {
            assert_eq!(tab_of_key(key), None, "{key}");
        }
    }
}
