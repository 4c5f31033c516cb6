//! What is typed in the builder, as terms of a question, and back.

use crate::insights::question::What;

/// Ranges that are mostly wanted: their beginning in the API, and their name.
pub const RANGES: [(&str, &str); 8] = [
    ("-7d", "last 7 days"),
    ("-14d", "last 14 days"),
    ("-30d", "last 30 days"),
    ("-90d", "last 90 days"),
    ("-180d", "last 180 days"),
    ("mStart", "this month"),
    ("yStart", "this year"),
    ("all", "all time"),
];

/// What stands for days that are chosen by hand.
pub const BY_HAND: &str = "by hand";

/// What stands for any event in a field.
pub const ANY: &str = "any event";

/// What the field of an event says.
pub fn shown(what: &What) -> String {
    match what {
        What::Any => ANY.to_owned(),
        What::Event(name) => name.clone(),
        What::Action(number, name) => format!("action {number}: {name}"),
    }
}

/// What is meant by it.
pub fn meant(typed: &str) -> What {
    let typed = typed.trim();
    if typed.is_empty() || typed == ANY {
        return What::Any;
    }
    let action = typed.strip_prefix("action ").and_then(|rest| {
        let (number, name) = rest.split_once(':')?;
        Some(What::Action(
            number.trim().parse().ok()?,
            name.trim().to_owned(),
        ))
    });
    action.unwrap_or_else(|| What::Event(typed.to_owned()))
}

/// The preset of a range, or that it was chosen by hand.
pub fn preset(from: &str, to: &str) -> &'static str {
    let from = if from.is_empty() { "-7d" } else { from };
    let known = RANGES
        .iter()
        .find(|(begin, _)| *begin == from && to.is_empty());
    known.map_or(BY_HAND, |(begin, _)| begin)
}

/// Names in a field, with commas between them.
pub fn list(typed: &str) -> Vec<String> {
    let names = typed
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty());
    names.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_is_what_is_meant() {
        for what in [
            What::Any,
            What::Event("signed_up".into()),
            What::Event("action".into()),
            What::Event("action x: y".into()),
            What::Action(7, "Paid: twice".into()),
            What::Action(7, String::new()),
        ] {
            assert_eq!(meant(&shown(&what)), what);
        }
        assert_eq!(meant("  "), What::Any);
    }

    #[test]
    fn ranges_have_names() {
        assert_eq!(preset("", ""), "-7d");
        assert_eq!(preset("-30d", ""), "-30d");
        assert_eq!(preset("-30d", "2026-01-01"), BY_HAND);
        assert_eq!(preset("2026-01-01", ""), BY_HAND);
        assert_eq!(list(" /a, /b ,,"), ["/a", "/b"]);
    }
}
