//! The tab with the server's answer as it travelled.

use std::sync::Arc;

use leptos::prelude::*;

use crate::platform::intl;
use crate::ui::button::Button;
use crate::ui::copy::CopyButton;
use crate::ui::dynamic;
use crate::ui::json::pretty;

/// Lines and bytes that are drawn before asking: more take a browser a noticeable time.
const LINES: usize = 1_000;
const BYTES: usize = 100_000;

/// JSON, indented.
#[component]
pub fn Raw(raw: Arc<str>) -> impl IntoView {
    let text: Arc<str> = pretty(&raw).into();
    let copied = text.clone();
    let beginning = beginning(&text, LINES, BYTES).map(Arc::<str>::from);
    let is_long = beginning.is_some();
    let is_all = RwSignal::new(!is_long);
    let lines = intl::number(text.lines().count() as u64);
    let shown = dynamic::text(move || match &beginning {
        Some(beginning) if !is_all.get() => beginning.to_string(),
        _ => text.to_string(),
    });
    view! {
        <div class="panel raw">
            <CopyButton what="JSON" text=move || copied.to_string()/>
            // Long lines scroll, and what scrolls must be in reach of the keyboard.
            <pre class="mono" tabindex="0" role="region" aria-label="The server's answer as JSON">
                <code>{shown}</code>
            </pre>
        </div>
        {is_long
            .then(|| {
                let words = dynamic::text(move || {
                    if is_all.get() { "Show the beginning".into() } else { format!("Show all {lines} lines") }
                });
                view! {
                    <div class="actions">
                        <Button on_click=move |_| is_all.update(|is_all| *is_all = !*is_all)>
                            {words}
                        </Button>
                    </div>
                }
            })}
    }
}

/// The first lines of a long text; `None` if it is short.
fn beginning(text: &str, lines: usize, bytes: usize) -> Option<&str> {
    let by_lines = text.match_indices('\n').nth(lines - 1).map(|(end, _)| end);
    let by_bytes = (text.len() > bytes).then(|| text.floor_char_boundary(bytes));
    let end = by_lines.into_iter().chain(by_bytes).min()?;
    Some(&text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_text_is_cut_after_a_line_or_a_letter() {
        assert_eq!(beginning("a\nb\nc", 2, 99), Some("a\nb"));
        assert_eq!(beginning("a\nb\nc", 3, 99), None);
        assert_eq!(beginning("aéb", 9, 2), Some("a"));
        assert_eq!(beginning("aé\nb", 1, 4), Some("aé"));
        assert_eq!(beginning("", 1, 1), None);
    }
}
