//! Words that have one home: each names a capability that one module has and no other may.

use super::rust_source::RustSource;
use super::{Finding, is_within};

/// A capability, by the words one cannot use it without.
struct Placement {
    /// Where the rule holds.
    within: &'static str,
    /// The one module the words may stand in, if any may.
    home: Option<&'static str>,
    /// Looked for in code.
    names: &'static [&'static str],
    /// Looked for in string literals.
    phrases: &'static [&'static str],
    /// What holds.
    rule: &'static str,
}

const PLACEMENTS: [Placement; 6] = [
    Placement {
        within: "crates",
        home: Some("crates/server/src/store"),
        names: &["rusqlite"],
        phrases: &[
            "SELECT",
            "INSERT INTO",
            "DELETE FROM",
            "CREATE TABLE",
            "CREATE INDEX",
            "PRAGMA",
        ],
        rule: "only crates/server/src/store/ has SQL",
    },
    Placement {
        within: "crates/server/src",
        // What is stored was checked when it came in.
        home: Some("crates/server/src/store"),
        names: &[
            "serde_json::from_reader",
            "serde_json::from_slice",
            "serde_json::from_str",
        ],
        phrases: &[],
        rule: "JSON from outside is parsed by persons_api::json, which limits its depth",
    },
    Placement {
        within: "src",
        home: Some("src/api"),
        names: &[
            "gloo_net",
            "reqwest",
            "XmlHttpRequest",
            "fetch_with_str",
            "fetch_with_request",
            "fetch_with_str_and_init",
            "fetch_with_request_and_init",
        ],
        phrases: &[],
        rule: "only src/api/ does HTTP",
    },
    Placement {
        within: "src",
        home: Some("src/platform"),
        names: &["web_sys"],
        phrases: &[],
        rule: "only src/platform/ touches the browser's API",
    },
    Placement {
        within: "src",
        home: None,
        names: &[
            "inner_html",
            "set_inner_html",
            "outer_html",
            "set_outer_html",
            "insert_adjacent_html",
        ],
        phrases: &["innerHTML", "outerHTML", "insertAdjacentHTML"],
        rule: "text from people is never parsed as HTML",
    },
    Placement {
        within: "crates/engine",
        home: None,
        names: &[
            "SystemTime",
            "Instant",
            "rand",
            "getrandom",
            "fastrand",
            "new_v4",
            "now_v7",
        ],
        phrases: &[],
        rule: "crates/engine reads no clock and draws no random number",
    },
];

/// Finds words away from their home.
pub fn scan(path: &str, source: &RustSource) -> Vec<Finding> {
    let rules = PLACEMENTS.iter().filter(|placement| {
        let at_home = placement.home.is_some_and(|home| is_within(path, home));
        is_within(path, placement.within) && !at_home
    });
    rules
        .flat_map(|placement| placement.violations(source))
        .map(|(offset, word, rule)| Finding {
            path: path.to_owned(),
            line: source.line(offset),
            found: word.to_owned(),
            rule,
        })
        .collect()
}

impl Placement {
    fn violations(&self, source: &RustSource) -> Vec<(usize, &'static str, &'static str)> {
        let mut found = Vec::new();
        for name in self.names {
            let offsets = occurrences(&source.code, name);
            found.extend(offsets.map(|offset| (offset, *name, self.rule)));
        }
        for literal in &source.literals {
            for phrase in self.phrases {
                let offsets = occurrences(&literal.text, phrase);
                found.extend(offsets.map(|at| (literal.offset + at, *phrase, self.rule)));
            }
        }
        found
    }
}

/// Where a word stands as a whole word.
fn occurrences<'a>(text: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    let continues = |letter: char| letter.is_alphanumeric() || letter == '_';
    text.match_indices(word).filter_map(move |(at, word)| {
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        let is_whole = !before.is_some_and(continues) && !after.is_some_and(continues);
        is_whole.then_some(at)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<(usize, String)> {
        let findings = scan(path, &RustSource::parse(text));
        findings.into_iter().map(|f| (f.line, f.found)).collect()
    }

    #[test]
    fn sql_outside_the_store_is_found() {
        let text = "fn f() {\n    run(\"\n    SELECT 1\")\n}";
        assert_eq!(
            found("crates/server/src/routes.rs", text),
            [(3, "SELECT".into())]
        );
        assert!(found("crates/server/src/store/people.rs", text).is_empty());
        assert!(found("crates/server/src/routes.rs", "// SELECT 1").is_empty());
        assert!(found("crates/server/src/routes.rs", "f(\"SELECTION\")").is_empty());
    }

    #[test]
    fn json_that_is_parsed_without_a_limit_is_found() {
        let text = "fn f(text: &str) -> Value {\n    serde_json::from_str(text)\n}";
        assert_eq!(
            found("crates/server/src/http/query.rs", text),
            [(2, "serde_json::from_str".into())]
        );
        assert!(found("crates/server/src/store/load.rs", text).is_empty());
        assert!(found("crates/server/src/http/a.rs", "json::parse(text)").is_empty());
    }

    #[test]
    fn http_outside_the_api_is_found() {
        let text = "use gloo_net::http::Request;";
        assert_eq!(found("src/person/page.rs", text), [(1, "gloo_net".into())]);
        assert!(found("src/api/client.rs", text).is_empty());
    }

    #[test]
    fn the_browsers_api_outside_the_platform_is_found() {
        let text = "fn f(e: leptos::web_sys::Event) {}";
        assert_eq!(found("src/ui/menu.rs", text), [(1, "web_sys".into())]);
        assert!(found("src/platform/focus.rs", text).is_empty());
    }

    #[test]
    fn html_from_text_is_found_everywhere() {
        let text = "view! { <p inner_html=name/> }";
        assert_eq!(
            found("src/platform/dom.rs", text),
            [(1, "inner_html".into())]
        );
        let text = "set(\"innerHTML\", name)";
        assert_eq!(found("src/ui/text.rs", text), [(1, "innerHTML".into())]);
    }

    #[test]
    fn a_clock_in_the_engine_is_found() {
        let text = "let now = std::time::SystemTime::now();";
        assert_eq!(
            found("crates/engine/src/time.rs", text),
            [(1, "SystemTime".into())]
        );
        assert!(found("crates/server/src/clock.rs", text).is_empty());
        assert!(found("crates/engine/src/a.rs", "operand(); brand").is_empty());
    }

    #[test]
    fn a_clock_in_the_engines_tests_is_fine() {
        let text = "#[cfg(test)]\nmod tests { use std::time::Instant; }";
        assert!(found("crates/engine/src/time.rs", text).is_empty());
    }
}
