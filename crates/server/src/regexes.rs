//! The server's regular expressions: linear-time matching, bounded compilation.

use std::borrow::Cow;

use persons_engine::{Pattern, Replacement, TextEngine};
use regex::{NoExpand, Regex, RegexBuilder};

/// The `regex` crate, with limits that a hostile pattern meets before the server does.
pub struct Regexes;

/// Patterns longer than this are mistakes.
const MAX_LENGTH: usize = 1_000;
/// Bytes that a compiled pattern may take.
const MAX_SIZE: usize = 1 << 20;

impl TextEngine for Regexes {
    fn compile(&self, pattern: &str) -> Result<Pattern, String> {
        let regex = compiled(pattern)?;
        Ok(Box::new(move |text| regex.is_match(text)))
    }

    fn replacement(&self, pattern: &str, by: &str) -> Result<Replacement, String> {
        let (regex, by) = (compiled(pattern)?, by.to_owned());
        Ok(Box::new(move |text| {
            match regex.replace_all(text, NoExpand(&by)) {
                Cow::Owned(replaced) => Some(replaced),
                Cow::Borrowed(_) => None,
            }
        }))
    }
}

fn compiled(pattern: &str) -> Result<Regex, String> {
    if pattern.len() > MAX_LENGTH {
        return Err(format!("it is longer than {MAX_LENGTH} bytes"));
    }
    let built = RegexBuilder::new(pattern).size_limit(MAX_SIZE).build();
    built.map_err(|error| one_line(&error.to_string()))
}

/// The crate draws an arrow under the pattern; an error body has one line.
fn one_line(error: &str) -> String {
    let lines: Vec<&str> = error
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    let reason = lines
        .last()
        .copied()
        .unwrap_or_default()
        .trim_start_matches("error: ");
    let column = error
        .lines()
        .find(|line| line.trim_start().starts_with('^'))
        .and_then(|line| line.find('^'));
    match column {
        // The drawing is indented by four.
        Some(column) => format!("{reason} (at character {})", column.saturating_sub(3)),
        None => reason.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_pattern_says_where_it_fails() {
        let Err(error) = Regexes.compile("ab(c") else {
            panic!("it compiled")
        };
        assert_eq!(error, "unclosed group (at character 3)");
    }

    #[test]
    fn what_is_found_is_replaced_by_a_text_that_stands_for_itself() {
        let Ok(replace) = Regexes.replacement(r"/user/\d+", "/user/$0") else {
            panic!("it does not compile")
        };
        assert_eq!(
            replace("/user/17/user/9").as_deref(),
            Some("/user/$0/user/$0")
        );
        assert_eq!(replace("/home"), None);
        assert!(Regexes.replacement("ab(c", "").is_err());
    }

    #[test]
    fn patterns_that_would_explode_are_refused() {
        assert!(Regexes.compile(&"a".repeat(2_000)).is_err());
        assert!(Regexes.compile("((a{100}){100}){100}").is_err());
    }
}
