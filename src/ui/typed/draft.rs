//! A value as it is being typed. Its type is chosen, never guessed: `00712` stays text until somebody
//! says that it is a number.

use serde_json::Value;

use crate::ui::value::type_name;

/// What a value is meant to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// Text as it stands.
    Text,
    /// A number.
    Number,
    /// True or false.
    Boolean,
    /// Nothing, said in so many words.
    Null,
    /// A moment or a day; it travels as text.
    Date,
    /// Anything else: lists and objects.
    Json,
}

impl Type {
    /// All of them with their names, in the order of the screen.
    pub const ALL: [(Self, &'static str); 6] = [
        (Self::Text, "string"),
        (Self::Number, "number"),
        (Self::Boolean, "boolean"),
        (Self::Null, "null"),
        (Self::Date, "date"),
        (Self::Json, "JSON"),
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        Self::ALL[self as usize].1
    }

    fn named(name: &str) -> Option<Self> {
        let found = Self::ALL.iter().find(|(_, known)| *known == name);
        found.map(|(found, _)| *found)
    }
}

/// A property as it is being typed.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// The key.
    pub key: String,
    /// What the value is meant to be.
    pub kind: Type,
    /// The value, unless its type says it all.
    pub text: String,
    /// The value of a boolean.
    pub flag: bool,
}

impl Draft {
    /// What is there now, to be changed.
    pub fn of(key: &str, value: Option<&Value>) -> Self {
        let kind = value.map_or(Type::Text, |value| match type_name(value) {
            "list" | "object" => Type::Json,
            name => Type::named(name).unwrap_or(Type::Text),
        });
        let text = match value {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => text.clone(),
            Some(nested @ (Value::Array(_) | Value::Object(_))) => {
                crate::ui::json::pretty(&nested.to_string())
            }
            Some(scalar) => scalar.to_string(),
        };
        Self {
            key: key.to_owned(),
            kind,
            text,
            flag: value == Some(&Value::Bool(true)),
        }
    }

    /// The value.
    ///
    /// # Errors
    /// One sentence that says what is wrong, and where.
    pub fn value(&self) -> Result<Value, String> {
        match self.kind {
            Type::Text => Ok(Value::String(self.text.clone())),
            Type::Boolean => Ok(Value::Bool(self.flag)),
            Type::Null => Ok(Value::Null),
            Type::Number => number(self.text.trim()),
            Type::Date => date(self.text.trim()),
            Type::Json => serde_json::from_str(&self.text).map_err(|error| misspelled(&error)),
        }
    }

    /// As it is remembered.
    pub fn write(&self) -> String {
        let parts = [
            Value::from(self.key.as_str()),
            self.kind.name().into(),
            self.text.as_str().into(),
            self.flag.into(),
        ];
        Value::from_iter(parts).to_string()
    }

    /// What was remembered; `None` if it cannot be read.
    pub fn read(text: &str) -> Option<Self> {
        let parts: Value = serde_json::from_str(text).ok()?;
        Some(Self {
            key: parts.get(0)?.as_str()?.to_owned(),
            kind: Type::named(parts.get(1)?.as_str()?)?,
            text: parts.get(2)?.as_str()?.to_owned(),
            flag: parts.get(3)?.as_bool()?,
        })
    }
}

fn number(text: &str) -> Result<Value, String> {
    let digits = text.trim_start_matches('-');
    if digits.len() > 1 && digits.starts_with('0') && digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err("A number has no zeros in front. To keep them, choose string.".into());
    }
    match serde_json::from_str(text) {
        Ok(number @ Value::Number(_)) => Ok(number),
        _ => Err("This is no number. Numbers look like 12, -1.5 or 2e6.".into()),
    }
}

fn date(text: &str) -> Result<Value, String> {
    let value = Value::from(text);
    if type_name(&value) == "date" {
        Ok(value)
    } else {
        Err("This is no date. Dates look like 2026-03-01 or 2026-03-01T14:30:00Z.".into())
    }
}

/// Where JSON goes wrong, and how.
fn misspelled(error: &serde_json::Error) -> String {
    let said = error.to_string();
    let what = said.split(" at line").next().unwrap_or_default();
    format!("Line {}, column {}: {what}.", error.line(), error.column())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn draft(kind: Type, text: &str) -> Draft {
        Draft {
            key: "key".into(),
            kind,
            text: text.into(),
            flag: false,
        }
    }

    #[test]
    fn what_is_not_touched_stays_what_it_was() {
        for value in [
            json!("00712"),
            json!(" 12 "),
            json!("true"),
            json!(""),
            json!(12),
            json!(-1.5),
            json!(9_007_199_254_740_993_u64),
            json!(true),
            json!(false),
            json!(null),
            json!("2026-03-01"),
            json!({"city": "Bonn", "n": [1, "1", null]}),
            json!([]),
        ] {
            let draft = Draft::of("key", Some(&value));
            assert_eq!(draft.value(), Ok(value.clone()), "{value}");
            assert_eq!(Draft::read(&draft.write()), Some(draft));
        }
    }

    #[test]
    fn a_type_that_does_not_fit_is_an_error_that_says_so() {
        assert_eq!(draft(Type::Number, " 12 ").value(), Ok(json!(12)));
        assert_eq!(draft(Type::Number, "1.50").value(), Ok(json!(1.5)));
        assert!(
            draft(Type::Number, "00712")
                .value()
                .is_err_and(|problem| problem.contains("zeros"))
        );
        for text in ["", "twelve", "1,5", "NaN", "\"1\"", "true", "[1]"] {
            assert!(draft(Type::Number, text).value().is_err(), "{text}");
        }
        assert_eq!(draft(Type::Text, "12").value(), Ok(json!("12")));
        assert!(draft(Type::Date, "tomorrow").value().is_err());
        assert_eq!(
            draft(Type::Date, "2026-03-01").value(),
            Ok(json!("2026-03-01"))
        );
    }

    #[test]
    fn wrong_json_is_wrong_in_a_place() {
        let problem = draft(Type::Json, "{\n  \"a\" 1\n}").value();
        assert_eq!(problem, Err("Line 2, column 7: expected `:`.".into()));
        assert!(draft(Type::Json, "").value().is_err());
    }
}
