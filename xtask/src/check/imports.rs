//! Who may name whom: inside the web app by layers, and the engine's use of `std` in grouped imports.

use super::rust_source::RustSource;
use super::{Finding, is_within};

/// The screens. They link to each other through routes, so that each can be read, tested and thrown
/// away alone.
const FEATURES: [&str; 5] = ["persons", "person", "compare", "insights", "connection"];

/// What the user has in flight belongs to no screen, so screens may name it; the parts below may not.
const OUTBOX: &str = "outbox";

/// The parts of `std` that reach outside the program.
const OUTSIDE: [&str; 5] = ["env", "fs", "io", "net", "process"];

/// Finds paths to modules that the file must not know.
pub fn scan(path: &str, source: &RustSource) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut report = |root: &str, rule, is_forbidden: &dyn Fn(&str) -> bool| {
        for (offset, module) in first_segments(&source.code, root) {
            if is_forbidden(module) {
                findings.push(Finding {
                    path: path.to_owned(),
                    line: source.line(offset),
                    found: format!("{root}::{module}"),
                    rule,
                });
            }
        }
    };
    if is_within(path, "src/ui") {
        report("crate", "src/ui/ imports no feature", &|module| {
            FEATURES.contains(&module) || module == OUTBOX
        });
    }
    if let Some(own) = FEATURES
        .into_iter()
        .find(|name| is_within(path, &format!("src/{name}")))
    {
        report(
            "crate",
            "features do not import each other; they link through src/routes.rs",
            &|module| FEATURES.contains(&module) && module != own,
        );
    }
    if is_within(path, "crates/engine") {
        report("std", "crates/engine does no I/O", &|module| {
            OUTSIDE.contains(&module)
        });
    }
    findings
}

/// What follows `root::` each time, looking into groups: `crate::{a::b, c}` names `a` and `c`.
fn first_segments<'a>(code: &'a str, root: &str) -> Vec<(usize, &'a str)> {
    let prefix = format!("{root}::");
    let mut segments = Vec::new();
    for (at, _) in code.match_indices(&prefix) {
        let before = code[..at].chars().next_back();
        if before.is_some_and(|letter| letter.is_alphanumeric() || letter == '_' || letter == ':') {
            continue;
        }
        let start = at + prefix.len();
        match code[start..].strip_prefix('{') {
            Some(group) => segments.extend(
                group_members(group)
                    .into_iter()
                    .map(|(offset, name)| (start + 1 + offset, name)),
            ),
            None => segments.push((start, identifier(&code[start..]))),
        }
    }
    segments
}

/// The names that begin each member of a group, whose opening brace is already behind us.
fn group_members(group: &str) -> Vec<(usize, &str)> {
    let mut members = Vec::new();
    let mut depth = 0;
    let mut begins = true;
    for (offset, letter) in group.char_indices() {
        match letter {
            '}' if depth == 0 => break,
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => begins = true,
            _ if begins && !letter.is_whitespace() => {
                members.push((offset, identifier(&group[offset..])));
                begins = false;
            }
            _ => {}
        }
    }
    members
}

fn identifier(text: &str) -> &str {
    let end = text.find(|letter: char| !letter.is_alphanumeric() && letter != '_');
    &text[..end.unwrap_or(text.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<(usize, String)> {
        let findings = scan(path, &RustSource::parse(text));
        findings.into_iter().map(|f| (f.line, f.found)).collect()
    }

    #[test]
    fn a_part_that_knows_a_feature_is_found() {
        let text = "use crate::ui::button;\nuse crate::person::Edit;";
        assert_eq!(found("src/ui/menu.rs", text), [(2, "crate::person".into())]);
        let text = "use crate::outbox::undo;";
        assert_eq!(
            found("src/ui/toast.rs", text),
            [(1, "crate::outbox".into())]
        );
    }

    #[test]
    fn a_feature_that_knows_another_is_found() {
        let text = "use crate::{\n    api::{persons, client},\n    persons::table::Row,\n};";
        assert_eq!(
            found("src/person/page.rs", text),
            [(3, "crate::persons".into())]
        );
        assert!(found("src/persons/page.rs", text).is_empty());
        assert!(found("src/app.rs", text).is_empty());
    }

    #[test]
    fn a_feature_may_know_itself_and_what_is_below() {
        let text = "use crate::person::edit;\nuse crate::api::persons::list;\nuse crate::outbox;";
        assert!(found("src/person/page.rs", text).is_empty());
    }

    #[test]
    fn names_that_only_begin_alike_are_no_features() {
        assert!(
            found(
                "src/ui/grid.rs",
                "use crate::personal::a; use mycrate::person::b;"
            )
            .is_empty()
        );
    }

    #[test]
    fn a_file_system_hidden_in_a_group_is_found() {
        let text = "use std::{collections::HashMap, fs};";
        assert_eq!(
            found("crates/engine/src/a.rs", text),
            [(1, "std::fs".into())]
        );
        assert!(found("crates/server/src/a.rs", text).is_empty());
    }
}
