//! The tab with the server's answer as it travelled.

use std::sync::Arc;

use leptos::prelude::*;

use crate::ui::copy::CopyButton;
use crate::ui::json::pretty;

/// JSON, indented.
#[component]
pub fn Raw(raw: Arc<str>) -> impl IntoView {
    let text = pretty(&raw);
    let copied = text.clone();
    view! {
        <div class="panel raw">
            <CopyButton what="JSON" text=move || copied.clone()/>
            // Long lines scroll, and what scrolls must be in reach of the keyboard.
            <pre class="mono" tabindex="0" aria-label="The server's answer as JSON"><code>{text}</code></pre>
        </div>
    }
}
