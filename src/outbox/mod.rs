//! Changes on their way to the server: queued, sent, and read back before they count as done.
//!
//! A change ([`change`]) of somebody is an entry ([`entry`]) of the outbox ([`desk`]), which this device
//! remembers ([`stored`]). The worker ([`worker`]) sends one after the other, looks whether the server
//! shows them, and never sends again what may have arrived without looking first. What cannot be undone is
//! held for a while ([`bar`]), and what may not be written is known beforehand ([`permission`]). [`page`] lists everything, [`ledger`] the deletions.
//!
//! All of that is loaded with the first change. What the first screen needs to know is [`Pending`].

mod bar;
pub mod change;
pub mod desk;
pub mod entry;
mod ledger;
mod page;
pub mod permission;
mod stored;
mod worker;

use leptos::prelude::*;
use uuid::Uuid;

pub use self::change::Change;
pub use self::desk::Outbox;
pub use self::ledger::LedgerPage;
pub use self::page::OutboxPage;
use self::page::YourChanges;
use self::worker::AtWork;
use crate::api::Session;
use crate::platform::storage::Memory;
use crate::styles;
use crate::ui::dynamic::when;
use crate::ui::part;

/// What the keys begin with under which entries are remembered.
const KEY: &str = "persons.outbox";

/// What everybody may know of the outbox. There is one, in the context of the app.
#[derive(Clone, Copy)]
pub struct Pending {
    /// Which run of the app it belongs to.
    run: u32,
    /// How many changes are not over.
    count: RwSignal<u64>,
    /// Whether there is anything to do.
    is_awake: RwSignal<bool>,
    /// Whether nothing is sent for the time being.
    is_paused: RwSignal<bool>,
    /// Who was changed last, and how many changes there were before.
    changed: RwSignal<(u32, Uuid)>,
    /// How often everything was to be forgotten.
    forgotten: RwSignal<u32>,
    /// Where the key may only read.
    read_only: RwSignal<Option<String>>,
}

impl Pending {
    /// Makes it available below.
    pub fn provide() {
        thread_local! {
            static RUNS: std::cell::Cell<u32> = const { std::cell::Cell::new(0) };
        }
        let run = RUNS.get() + 1;
        RUNS.set(run);
        provide_context(Self {
            run,
            count: RwSignal::new(0),
            is_awake: RwSignal::new(Memory::Device.get(KEY).is_some()),
            is_paused: RwSignal::new(false),
            changed: RwSignal::new((0, Uuid::nil())),
            forgotten: RwSignal::new(0),
            read_only: RwSignal::new(Memory::Device.get(permission::READ_ONLY)),
        });
    }

    /// The one of the app.
    ///
    /// # Panics
    /// Outside of the app.
    pub fn expect() -> Self {
        expect_context()
    }

    /// How many changes are not over.
    pub fn count(self) -> u64 {
        self.count.get()
    }

    /// Whether anything was changed on this device.
    pub fn is_awake(self) -> bool {
        self.is_awake.get()
    }

    /// Forgets what was changed on this device. What is still on its way is remembered again with its next
    /// step.
    pub fn forget(self) {
        for key in Memory::Device.keys(KEY) {
            Memory::Device.remove(&key);
        }
        self.forgotten.update(|times| *times += 1);
    }

    /// How many changes of this person were read back: whoever shows them, asks again then.
    pub fn changes_of(self, person: Uuid) -> Memo<u32> {
        Memo::new(move |before: Option<&u32>| {
            let (count, changed) = self.changed.get();
            if changed == person {
                count
            } else {
                before.copied().unwrap_or_default()
            }
        })
    }

    /// The place in the page where the outbox works and shows what it holds.
    pub fn view(self, session: Session) -> AnyView {
        let is_awake = self.is_awake;
        when(
            move || is_awake.get(),
            move || part::widget(at_work, session.clone()),
        )
    }
}

/// How everything looks that changes somebody: its parts are one file, and so are its styles.
pub fn style() {
    styles!("outbox.css", "deed.css", "edit.css", "bulk.css");
}

crate::part! {
    /// What was changed of one person on this device, for their overview.
    pub your_changes in changes: Uuid, |person| view! { <YourChanges person/> }.into_any()
}

crate::part! {
    at_work in changes: Session, |session| {
        style();
        view! { <AtWork session/> }.into_any()
    }
}
