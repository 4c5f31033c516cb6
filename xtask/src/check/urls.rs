//! URLs of the app are built in one place. A guess: a literal that begins like a path is taken for one.

use super::rust_source::RustSource;
use super::{Finding, is_within};

/// Where such literals belong: the app's own URLs, and those of the server's contract.
const HOMES: [&str; 2] = ["src/routes", "src/api"];

/// What marks a line that declares which screen a path shows, rather than building a path.
const DECLARATIONS: [&str; 2] = ["path!", "Segment("];

/// Finds literals that look like a path of the app.
pub fn scan(path: &str, source: &RustSource) -> Vec<Finding> {
    if !is_within(path, "src") || HOMES.iter().any(|home| is_within(path, home)) {
        return Vec::new();
    }
    let suspects = source.literals.iter().filter(|literal| {
        let line = source.code_of_line(literal.offset);
        looks_like_a_path(&literal.text) && !DECLARATIONS.iter().any(|mark| line.contains(mark))
    });
    suspects
        .map(|literal| Finding {
            path: path.to_owned(),
            line: source.line(literal.offset),
            found: literal.text.clone(),
            rule: "only src/routes.rs builds the app's URLs",
        })
        .collect()
}

/// `/person/{id}` does; `/icons.svg#add` is a file, `/ month` a unit.
fn looks_like_a_path(text: &str) -> bool {
    let Some(rest) = text.strip_prefix('/') else {
        return false;
    };
    let begins_a_word =
        rest.starts_with(|letter: char| letter.is_ascii_lowercase() || letter == '{');
    let is_sentence = rest.contains(char::is_whitespace);
    begins_a_word && !is_sentence && !rest.contains('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<String> {
        let findings = scan(path, &RustSource::parse(text));
        findings.into_iter().map(|finding| finding.found).collect()
    }

    #[test]
    fn a_url_built_by_a_screen_is_found() {
        let text = "let url = format!(\"/person/{id}\");";
        assert_eq!(found("src/persons/table.rs", text), ["/person/{id}"]);
        assert!(found("src/routes.rs", text).is_empty());
        assert!(found("src/api/persons.rs", text).is_empty());
    }

    #[test]
    fn declaring_a_route_is_not_building_one() {
        let text = "<Route path=path!(\"/person/:id\") view=Page/>";
        assert!(found("src/app.rs", text).is_empty());
    }

    #[test]
    fn files_units_and_separators_are_no_urls() {
        let text = "icon(\"/icons.svg#add\"); f(\"/ month\"); g(\"/\"); h(\"a/b\")";
        assert!(found("src/ui/icon.rs", text).is_empty());
    }
}
