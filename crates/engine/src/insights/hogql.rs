//! The HogQL expressions that are maths: one function over all events of a series. Everything else that HogQL can
//! say is not understood here.

use super::math::{Aggregation, Math};

/// What an expression calculates; `None` if it is none of these: `count()`, `uniq` or `count(distinct …)` of
/// `person_id` or a property, and `sum`, `avg`, `min`, `max`, `median` or `quantile(0.9)` of a property. Properties
/// are `properties.price` or `properties['a price']`, those that are numbers perhaps in `toFloat(…)`.
pub fn math(expression: &str) -> Option<Math> {
    let (function, rest) = expression.trim().split_once('(')?;
    let inside = rest.strip_suffix(')')?.trim();
    match function.trim().to_ascii_lowercase().as_str() {
        "count" if inside.is_empty() || inside == "*" => Some(Math::Total),
        "count" => distinct(after_distinct(inside)?),
        "uniq" | "uniqexact" => distinct(inside),
        "quantile" => {
            let (part, inside) = inside.split_once(")(")?;
            let part = part.trim().parse().ok();
            let part = part.filter(|part| (0.0..=1.0).contains(part))?;
            number(Aggregation::Quantile(part), inside)
        }
        "sum" => number(Aggregation::Sum, inside),
        "avg" => number(Aggregation::Avg, inside),
        "min" => number(Aggregation::Min, inside),
        "max" => number(Aggregation::Max, inside),
        "median" => number(Aggregation::Quantile(0.5), inside),
        _ => None,
    }
}

/// What stands behind `distinct`, with or without brackets.
fn after_distinct(text: &str) -> Option<&str> {
    let (word, rest) = text.split_at_checked("distinct".len())?;
    let bare = rest.trim();
    let is_distinct = word.eq_ignore_ascii_case("distinct") && rest.len() > bare.len();
    match bare.strip_prefix('(') {
        Some(inside) if word.eq_ignore_ascii_case("distinct") => inside.strip_suffix(')'),
        _ => is_distinct.then_some(bare),
    }
}

fn distinct(of: &str) -> Option<Math> {
    match of.trim() {
        "person_id" | "person.id" => Some(Math::UniquePeople),
        of => property(of).map(Math::DistinctValues),
    }
}

fn number(aggregation: Aggregation, of: &str) -> Option<Math> {
    let of = of.trim();
    // Text that reads as a number counts as that number in any case.
    let bare = of.strip_prefix("toFloat(");
    let bare = bare.map_or(Some(of), |inside| inside.strip_suffix(')'));
    property(bare?).map(|key| Math::Property(aggregation, key))
}

/// The key of a property of the event.
fn property(text: &str) -> Option<String> {
    let rest = text.trim().strip_prefix("properties")?;
    let quoted = rest.strip_prefix("['").map(|rest| rest.strip_suffix("']"));
    let key = match quoted {
        Some(key) => key?,
        None => rest.strip_prefix('.')?,
    };
    let is_plain = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    let is_key = match quoted {
        Some(_) => !key.contains(['\'', '\\']),
        None => key.chars().all(is_plain),
    };
    (is_key && !key.is_empty()).then(|| key.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_maths() {
        let property = |aggregation, key: &str| Some(Math::Property(aggregation, key.into()));
        let values = |key: &str| Some(Math::DistinctValues(key.into()));
        for (expression, expected) in [
            ("count()", Some(Math::Total)),
            (" COUNT( * ) ", Some(Math::Total)),
            ("uniq(person_id)", Some(Math::UniquePeople)),
            ("count(distinct person.id)", Some(Math::UniquePeople)),
            (
                "count(DISTINCT(properties.$session_id))",
                values("$session_id"),
            ),
            ("uniqExact(properties.plan)", values("plan")),
            ("sum(properties.price)", property(Aggregation::Sum, "price")),
            (
                "avg(toFloat(properties['a price']))",
                property(Aggregation::Avg, "a price"),
            ),
            ("min( properties.$x )", property(Aggregation::Min, "$x")),
            ("max(properties.x)", property(Aggregation::Max, "x")),
            (
                "median(properties.x)",
                property(Aggregation::Quantile(0.5), "x"),
            ),
            (
                "quantile(0.9)(properties.x)",
                property(Aggregation::Quantile(0.9), "x"),
            ),
        ] {
            assert_eq!(math(expression), expected, "{expression}");
        }
    }

    #[test]
    fn what_is_more_than_that_is_not_guessed() {
        for expression in [
            "",
            "count",
            "count(",
            "count(distinct)",
            "count(distinctperson_id)",
            "count(properties.x)",
            "sum()",
            "sum(1)",
            "sum(properties)",
            "sum(properties.)",
            "sum(properties.a.b)",
            "sum(properties.price * 2)",
            "sum(properties.a) / count()",
            "sum(properties.a) + sum(properties.b)",
            "sum(properties['a'b'])",
            "sum(properties['a\\'])",
            "sum(person.properties.age)",
            "quantile(2)(properties.x)",
            "quantile(properties.x)",
            "uniq(distinct_id)",
            "sumIf(properties.a, 1)",
        ] {
            assert_eq!(math(expression), None, "{expression}");
        }
    }
}
