//! A round mark with initials, in a colour that stays the same for the same thing.

use leptos::prelude::*;

/// Tones in `style/avatar.css`. White letters are readable on all of them.
const TONES: u32 = 6;

/// Decoration: the name always stands beside it.
#[component]
pub fn Avatar(
    /// The name whose initials are shown; `None` shows a question mark.
    name: Option<String>,
    /// What the colour depends on.
    seed: String,
    /// For the head of a page.
    #[prop(optional)]
    large: bool,
) -> impl IntoView {
    let letters = name.as_deref().map(initials).unwrap_or_else(|| "?".into());
    let tone = format!("avatar tone-{}", tone(&seed));
    view! {
        <span class=tone class:avatar-large=large aria-hidden="true">
            {letters}
        </span>
    }
}

/// The first letters of the first and the last word.
fn initials(name: &str) -> String {
    let mut letters = name
        .split([' ', '.', '@', '_', '-', '+'])
        .filter_map(first_letter);
    let first = letters.next();
    // Of an e-mail address the host says nothing about the person.
    let last = if name.contains('@') {
        let local = name.split('@').next().unwrap_or_default();
        local
            .split(['.', '_', '-', '+'])
            .filter_map(first_letter)
            .nth(1)
    } else {
        letters.next_back()
    };
    let both: String = first.into_iter().chain(last).collect();
    if both.is_empty() { "?".into() } else { both }
}

/// The style makes it a capital: the browser knows how, in every script.
fn first_letter(word: &str) -> Option<char> {
    word.chars()
        .find(|letter| !letter.is_ascii_punctuation() && !letter.is_ascii_whitespace())
}

/// FNV-1a: short, and the same in every build.
fn tone(seed: &str) -> u32 {
    let hash = seed.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    hash % TONES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_are_those_of_the_first_and_last_word() {
        for (name, expected) in [
            ("Ada Lovelace", "AL"),
            ("Jun’ichirō Tanizaki III", "JI"),
            ("Hana 花", "H花"),
            ("émile", "é"),
            ("ada.lovelace@acme.example", "al"),
            ("ada@acme.example", "a"),
            ("  ", "?"),
            ("<b>", "b"),
            ("مريم", "م"),
        ] {
            assert_eq!(initials(name), expected, "{name}");
        }
    }

    #[test]
    fn the_colour_depends_on_the_seed_alone() {
        assert_eq!(tone("018f3c5a"), tone("018f3c5a"));
        let tones: std::collections::BTreeSet<_> = (0..100).map(|n| tone(&n.to_string())).collect();
        assert_eq!(tones.len(), TONES as usize);
    }
}
