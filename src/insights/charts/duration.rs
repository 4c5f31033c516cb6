//! Lengths of time in words.

/// Units from the largest, in seconds.
const UNITS: [(f64, &str); 4] = [(86_400.0, "d"), (3_600.0, "h"), (60.0, "min"), (1.0, "s")];

/// `4 min`, `2.5 d`: the largest unit that there is one of, with one digit below ten.
pub fn words(seconds: f64) -> String {
    let fits = UNITS.iter().find(|(unit, _)| seconds >= *unit);
    let (unit, name) = fits.unwrap_or(&UNITS[3]);
    let count = seconds / unit;
    let digits = if count < 10.0 { 10.0 } else { 1.0 };
    let count = (count * digits).round() / digits;
    format!("{} {name}", super::number(count))
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn the_largest_unit_that_fits() {
        for (seconds, text) in [
            (0.0, "0 s"),
            (0.25, "0.3 s"),
            (59.0, "59 s"),
            (60.0, "1 min"),
            (58_265.0, "16 h"),
            (216_000.0, "2.5 d"),
            (8_640_000.0, "100 d"),
        ] {
            assert_eq!(words(seconds), text);
        }
    }
}
