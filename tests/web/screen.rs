//! The app on the screen, used as people use it: by role, label and text.

use std::any::Any;
use std::cell::RefCell;

use crate::double::Double;
use js_sys::Promise;
use leptos::mount::mount_to;
use leptos::prelude::*;
use persons::app::App;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Document, Element, Event, EventInit, HtmlElement, HtmlInputElement, HtmlSelectElement,
    HtmlTextAreaElement, KeyboardEvent, KeyboardEventInit, PointerEvent, PointerEventInit,
};

/// Rounds of waiting, of ten milliseconds each, before something that does not appear is an error.
const PATIENCE: usize = 1200;

/// What is on the screen, until it is dropped.
pub struct Screen {
    root: HtmlElement,
}

thread_local! {
    /// What is mounted. A test that fails drops nothing, and must not leave its app to the next one.
    static MOUNTED: RefCell<Option<(HtmlElement, Box<dyn Any>)>> = const { RefCell::new(None) };
}

fn clear() {
    if let Some((root, mounted)) = MOUNTED.take() {
        drop(mounted);
        root.remove();
    }
}

impl Screen {
    /// The app at a URL, on a device that remembers nothing.
    pub fn open(url: &str) -> Self {
        let window = window();
        for storage in [window.local_storage(), window.session_storage()] {
            let storage = storage
                .expect("storage is allowed")
                .expect("there is storage");
            storage.clear().expect("storage can be cleared");
        }
        // The people of one test are none of the next one's business.
        let local = window.local_storage().expect("allowed").expect("there");
        local.set_item("persons.keeping", "off").expect("room");
        Self::reload(url)
    }

    /// The app at a URL, started anew on a device that remembers what it did before.
    pub fn reload(url: &str) -> Self {
        run("window.setTimeout = window.unhurried ?? window.setTimeout;");
        let history = window().history().expect("a browser has a history");
        history
            .replace_state_with_url(&JsValue::NULL, "", Some(url))
            .expect("a path of this page");
        Self::mount(App)
    }

    /// One part of a screen alone.
    pub fn mount<V: IntoView + 'static>(view: impl FnOnce() -> V + 'static) -> Self {
        let root: HtmlElement = document()
            .create_element("div")
            .expect("a plain element")
            .unchecked_into();
        // As wide as a desk's screen, whatever window the tests run in.
        let width = root.style().set_property("width", "1400px");
        width.expect("a plain style");
        let body = document().body().expect("a page has a body");
        body.append_child(&root).expect("the body takes children");
        clear();
        let mounted = mount_to(root.clone(), view);
        MOUNTED.set(Some((root.clone(), Box::new(mounted))));
        Self { root }
    }

    /// Everything that can be read.
    pub fn text(&self) -> String {
        self.root.inner_text()
    }

    /// Waits until a text can be read.
    pub async fn sees(&self, text: &str) {
        self.until(text, |screen| screen.text().contains(text))
            .await;
    }

    /// Waits until a text is gone.
    pub async fn misses(&self, text: &str) {
        self.until(text, |screen| !screen.text().contains(text))
            .await;
    }

    /// Waits until an element fits a selector.
    pub async fn finds(&self, selector: &str) {
        self.until(selector, |screen| screen.find(selector).is_some())
            .await;
    }

    /// Waits until the address bar has this in it.
    pub async fn arrives_at(&self, part: &str) {
        self.until(part, |_| url().contains(part)).await;
    }

    /// Waits until the address bar has exactly this.
    pub async fn is_at(&self, wanted: &str) {
        self.until(wanted, |_| url() == wanted).await;
    }

    /// Waits until the app has asked for a path.
    pub async fn asks(&self, server: &Double, path: &str) {
        self.until(path, |_| server.times(path) > 0).await;
    }

    /// Waits until the app has asked so many queries of a kind.
    pub async fn until_queried(&self, server: &Double, kind: &str, times: u32) {
        self.until(kind, |_| server.queries(kind) >= times).await;
    }

    /// Waits until the app has written so often.
    pub async fn asks_to_write(&self, server: &Double, write: (&str, &str), times: u32) {
        self.until(write.1, |_| server.writes(write) >= times).await;
    }

    /// Waits until the app has asked for a path so often.
    pub async fn asks_times(&self, server: &Double, path: &str, times: u32) {
        self.until(path, |_| server.times(path) >= times).await;
    }

    async fn until(&self, what: &str, holds: impl Fn(&Self) -> bool) {
        for _ in 0..PATIENCE {
            if holds(self) {
                return;
            }
            pause().await;
        }
        panic!(
            "waited in vain for {what:?}; the screen says:\n{}",
            self.text()
        );
    }

    /// The first element that fits a selector.
    pub fn find(&self, selector: &str) -> Option<HtmlElement> {
        let found = self
            .root
            .query_selector(selector)
            .expect("a valid selector");
        found.map(JsCast::unchecked_into)
    }

    /// The first element that fits a selector, once there is one.
    pub async fn shows(&self, selector: &str) -> HtmlElement {
        self.until(selector, |screen| screen.find(selector).is_some())
            .await;
        self.find(selector).expect("seen just now")
    }

    /// The elements that fit a selector.
    pub fn all(&self, selector: &str) -> Vec<HtmlElement> {
        let found = self
            .root
            .query_selector_all(selector)
            .expect("a valid selector");
        (0..found.length())
            .filter_map(|place| found.item(place))
            .map(JsCast::unchecked_into)
            .collect()
    }

    /// The control with these words on it, or with this label.
    fn control(&self, name: &str) -> Option<HtmlElement> {
        let controls = self.all("button, a[href], label");
        controls.into_iter().find(|control| {
            control.inner_text().trim() == name
                || control.get_attribute("aria-label").as_deref() == Some(name)
        })
    }

    /// Clicks a control once it is there.
    pub async fn click(&self, name: &str) {
        self.until(name, |screen| screen.control(name).is_some())
            .await;
        self.control(name).expect("seen just now").click();
        drawn().await;
    }

    /// The text field with this label, beside it or unseen.
    fn field(&self, label: &str) -> Option<HtmlElement> {
        let labels = self.all("label[for]");
        let beside = labels.iter().find(|beside| beside.inner_text() == label);
        match beside.and_then(|beside| beside.get_attribute("for")) {
            Some(id) => self.find(&format!("#{id}")),
            None => self.find(&format!(
                "input[aria-label='{label}'], textarea[aria-label='{label}']"
            )),
        }
    }

    /// Types into the field with this label, in place of what it holds.
    pub async fn fill(&self, label: &str, text: &str) {
        self.until(label, |screen| screen.field(label).is_some())
            .await;
        let field = self.field(label).expect("seen just now");
        match field.dyn_ref::<HtmlTextAreaElement>() {
            Some(field) => field.set_value(text),
            None => field.unchecked_ref::<HtmlInputElement>().set_value(text),
        }
        let bubbles = EventInit::new();
        bubbles.set_bubbles(true);
        let event = Event::new_with_event_init_dict("input", &bubbles).expect("a plain event");
        field.dispatch_event(&event).expect("the field listens");
        drawn().await;
    }

    /// Puts the keyboard into the field or choice with this label.
    pub async fn enter(&self, label: &str) {
        self.until(label, |screen| screen.field(label).is_some())
            .await;
        let field = self.field(label).expect("seen just now");
        field.focus().expect("it takes the focus");
        drawn().await;
    }

    /// Chooses an option of the choice with this label.
    pub async fn choose(&self, label: &str, value: &str) {
        let choice = self.field(label).expect("a choice");
        let choice: HtmlSelectElement = choice.unchecked_into();
        choice.set_value(value);
        let event = Event::new("change").expect("a plain event");
        choice.dispatch_event(&event).expect("the choice listens");
        drawn().await;
    }

    /// Presses a key where the focus is.
    pub async fn press(&self, key: &str) {
        self.press_with(key, [false, false, false]).await;
    }

    /// The same with Shift held.
    pub async fn press_shift(&self, key: &str) {
        self.press_with(key, [false, true, false]).await;
    }

    /// The same with Ctrl held.
    pub async fn press_command(&self, key: &str) {
        self.press_with(key, [true, false, false]).await;
    }

    /// The same with Alt held.
    pub async fn press_alt(&self, key: &str) {
        self.press_with(key, [false, false, true]).await;
    }

    async fn press_with(&self, key: &str, [ctrl, shift, alt]: [bool; 3]) {
        let target: Element = document()
            .active_element()
            .expect("the body, if nothing else");
        let init = KeyboardEventInit::new();
        init.set_bubbles(true);
        init.set_cancelable(true);
        init.set_key(key);
        init.set_ctrl_key(ctrl);
        init.set_shift_key(shift);
        init.set_alt_key(alt);
        let event = KeyboardEvent::new_with_keyboard_event_init_dict("keydown", &init)
            .expect("a plain event");
        target.dispatch_event(&event).expect("the page listens");
        drawn().await;
    }

    /// What the pointer does on an element, at this place along the window.
    pub async fn point(&self, what: &str, on: &HtmlElement, x: f64) {
        let init = PointerEventInit::new();
        init.set_bubbles(true);
        init.set_client_x(x as i32);
        let event = PointerEvent::new_with_event_init_dict(what, &init).expect("a plain event");
        on.dispatch_event(&event).expect("the element listens");
        drawn().await;
    }

    /// Waits until what has the focus reads like this, or has this label.
    pub async fn focus_is_on(&self, text: &str) {
        self.until(&format!("the focus on {text}"), |_| {
            let focused = document().active_element();
            // Without any focus it is the body's, in which everything can be read.
            let focused = focused.filter(|focused| focused.tag_name() != "BODY");
            focused.is_some_and(|focused| {
                let label = focused.get_attribute("aria-label");
                let words = focused.unchecked_into::<HtmlElement>().inner_text();
                words.contains(text) || label.as_deref() == Some(text)
            })
        })
        .await;
    }

    /// The row of a table with this head.
    pub fn row(&self, head: &str) -> Option<HtmlElement> {
        let rows = self.all("tbody tr");
        let has_head = |row: &HtmlElement| {
            let cell: Option<Element> = row.query_selector("th").expect("a valid selector");
            cell.is_some_and(|cell| cell.text_content().as_deref() == Some(head))
        };
        rows.into_iter().find(has_head)
    }

    /// The cells of the row with this head, as they can be read.
    pub fn cells(&self, head: &str) -> Vec<String> {
        let row = self
            .row(head)
            .unwrap_or_else(|| panic!("no row {head:?}:\n{}", self.text()));
        let cells = row.query_selector_all("td").expect("a valid selector");
        (0..cells.length())
            .filter_map(|place| cells.item(place))
            .map(|cell| {
                cell.unchecked_into::<HtmlElement>()
                    .inner_text()
                    .trim()
                    .to_owned()
            })
            .collect()
    }

    /// The heads of the rows, in their order.
    pub fn heads(&self) -> Vec<String> {
        let heads = self.all("tbody th");
        heads.iter().map(|head| head.inner_text()).collect()
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        clear();
    }
}

fn document() -> Document {
    window().document().expect("a window has a document")
}

/// Lets every timer run out so many times faster, until the next app is opened.
pub fn hasten(factor: u32) {
    run(&format!(
        "window.unhurried ??= window.setTimeout; \
         window.setTimeout = (what, after, ...rest) => window.unhurried(what, (after ?? 0) / {factor}, ...rest);"
    ));
}

fn run(script: &str) {
    let run = js_sys::Function::new_no_args(script).call0(&JsValue::NULL);
    run.expect("the script runs");
}

/// Goes back, as with the browser's button.
pub fn go_back() {
    let history = window().history().expect("a browser has a history");
    history.back().expect("there is something to go back to");
}

/// What the browser says when the network is back.
pub fn come_online() {
    let event = Event::new("online").expect("a plain event");
    let heard = window().dispatch_event(&event);
    heard.expect("the window takes events");
}

/// Whether a text lies in what this tab or this device remembers.
pub fn tab_remembers(text: &str) -> bool {
    let window = window();
    let storages = [window.session_storage(), window.local_storage()];
    let storages = storages
        .into_iter()
        .filter_map(|storage| storage.ok().flatten());
    storages.into_iter().any(|storage| {
        let keys = 0..storage.length().expect("a length");
        keys.filter_map(|place| storage.key(place).ok().flatten())
            .filter_map(|key| storage.get_item(&key).ok().flatten())
            .any(|value| value.contains(text))
    })
}

/// Lets this device remember something, as another tab does.
pub fn remember(key: &str, text: &str) {
    let storage = window().local_storage().expect("allowed").expect("there");
    storage.set_item(key, text).expect("room");
}

/// The title of the page.
pub fn title() -> String {
    document().title()
}

/// Whether the whole page carries a mark.
pub fn is_marked(name: &str) -> bool {
    let root = document().document_element();
    root.is_some_and(|root| root.has_attribute(name))
}

/// Path and query in the address bar.
pub fn url() -> String {
    let location = window().location();
    location.pathname().expect("a path") + &location.search().expect("a query")
}

/// Lets the app do what it has to do.
/// Waits until what somebody did has been drawn: nobody acts faster than that, and what moves the focus does so
/// with the next drawing.
async fn drawn() {
    let frame = Promise::new(&mut |resolve, _| {
        window()
            .request_animation_frame(&resolve)
            .expect("a browser draws");
    });
    JsFuture::from(frame).await.expect("drawing does not fail");
    pause().await;
}

async fn pause() {
    let later = Promise::new(&mut |resolve, _| {
        window()
            .set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, 10)
            .expect("a browser has timers");
    });
    JsFuture::from(later).await.expect("a timer does not fail");
}
