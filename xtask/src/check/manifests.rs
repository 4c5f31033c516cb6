//! Dependencies: each says why it is there, and none points up the layers.

use super::Finding;

/// A crate and the packages it must not depend on.
struct Layer {
    manifest: &'static str,
    forbidden: &'static [&'static str],
    rule: &'static str,
}

const LAYERS: [Layer; 2] = [
    Layer {
        manifest: "crates/api/Cargo.toml",
        forbidden: &[
            "persons-engine",
            "persons-server",
            "axum",
            "hyper",
            "rusqlite",
            "tokio",
            "gloo-net",
            "js-sys",
            "leptos",
            "wasm-bindgen",
            "web-sys",
        ],
        rule: "crates/api knows neither browser nor server",
    },
    Layer {
        manifest: "crates/engine/Cargo.toml",
        forbidden: &[
            "persons-server",
            "axum",
            "rusqlite",
            "tokio",
            "getrandom",
            "rand",
            "leptos",
            "web-sys",
        ],
        rule: "crates/engine is pure and depends on nothing above it",
    },
];

/// An entry of a dependency table.
struct Dependency<'a> {
    line: usize,
    name: &'a str,
    /// Its first line, which says where it comes from.
    text: &'a str,
    has_reason: bool,
    /// For tests or benches only.
    is_dev: bool,
}

/// Finds dependencies that break a rule.
pub fn scan(path: &str, manifest: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    for dependency in dependencies(manifest) {
        let mut report = |rule| {
            findings.push(Finding {
                path: path.to_owned(),
                line: dependency.line,
                found: dependency.name.to_owned(),
                rule,
            });
        };
        if !dependency.has_reason && !dependency.is_our_own_or_inherited() {
            report("each dependency has a comment that says why it is there, in the line above it");
        }
        for layer in LAYERS.iter().filter(|layer| layer.manifest == path) {
            if !dependency.is_dev && layer.forbidden.contains(&dependency.name) {
                report(layer.rule);
            }
        }
    }
    findings
}

impl Dependency<'_> {
    /// Our own crates explain themselves; what is inherited is explained at the workspace's root.
    fn is_our_own_or_inherited(&self) -> bool {
        self.text.contains("path = ") || self.text.contains("workspace = true")
    }
}

fn dependencies(manifest: &str) -> Vec<Dependency<'_>> {
    let mut found = Vec::new();
    let mut table = "";
    let mut above = "";
    let mut open_brackets = 0;
    for (index, line) in manifest.lines().enumerate() {
        let text = line.trim();
        let continues_a_value = open_brackets > 0;
        if let Some(header) = header(text).filter(|_| !continues_a_value) {
            table = header;
        } else {
            open_brackets += brackets(text);
        }
        if !continues_a_value && let Some(name) = dependency_name(table, text) {
            found.push(Dependency {
                line: index + 1,
                name,
                text,
                has_reason: above.starts_with('#') || text.contains(" # "),
                is_dev: table.contains("dev-dependencies"),
            });
        }
        above = text;
    }
    found
}

fn header(text: &str) -> Option<&str> {
    text.strip_prefix('[')?.split(']').next()
}

/// Brackets and braces left open by a line. Comments and strings of manifests rarely have any.
fn brackets(text: &str) -> i32 {
    let code = text.split(" #").next().unwrap_or(text);
    if code.starts_with('#') {
        return 0;
    }
    code.chars()
        .map(|letter| match letter {
            '[' | '{' => 1,
            ']' | '}' => -1,
            _ => 0,
        })
        .sum()
}

/// The name of the dependency a line introduces: an entry of a table of dependencies, or the header
/// of a table of its own (`[dependencies.name]`).
fn dependency_name<'a>(table: &str, text: &'a str) -> Option<&'a str> {
    if let Some(header) = header(text) {
        let (tables, name) = header.rsplit_once('.')?;
        return tables.ends_with("dependencies").then_some(name);
    }
    if !table.ends_with("dependencies") || text.starts_with('#') {
        return None;
    }
    let key = text.split_once('=')?.0.trim();
    key.split('.').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, manifest: &str) -> Vec<(usize, String)> {
        let findings = scan(path, manifest);
        findings.into_iter().map(|f| (f.line, f.found)).collect()
    }

    #[test]
    fn a_dependency_without_a_reason_is_found() {
        let manifest = "[package]\nname = \"a\"\n[dependencies]\n# Why.\none = \"1\"\ntwo = \"1\"\nthree = \"1\" # Why.\n";
        assert_eq!(found("Cargo.toml", manifest), [(6, "two".into())]);
    }

    #[test]
    fn all_kinds_of_dependency_tables_are_read() {
        let manifest = "[workspace.dependencies]\na = \"1\"\n[dev-dependencies]\nb = \"1\"\n\
            [target.'cfg(unix)'.dependencies]\nc = \"1\"\n[dependencies.d]\nversion = \"1\"\n";
        let names: Vec<_> = found("Cargo.toml", manifest)
            .into_iter()
            .map(|(_, name)| name)
            .collect();
        assert_eq!(names, ["a", "b", "c", "d"]);
    }

    #[test]
    fn our_own_and_inherited_ones_need_no_reason() {
        let manifest = "[dependencies]\nserde.workspace = true\nuuid = { workspace = true }\napi = { path = \"../api\" }\n";
        assert!(found("Cargo.toml", manifest).is_empty());
    }

    #[test]
    fn a_list_of_features_is_no_list_of_dependencies() {
        let manifest = "[dependencies]\n# Why.\nweb-sys = { version = \"1\", features = [\n    \"Event\", # a = b\n] }\nbare = \"1\"\n[features]\nx = []\n";
        assert_eq!(found("Cargo.toml", manifest), [(6, "bare".into())]);
    }

    #[test]
    fn a_dependency_up_the_layers_is_found() {
        let manifest = "[dependencies]\npersons-engine.workspace = true\n";
        let places = [(2, "persons-engine".into())];
        assert_eq!(found("crates/api/Cargo.toml", manifest), places);
        assert!(found("crates/server/Cargo.toml", manifest).is_empty());
    }
}
