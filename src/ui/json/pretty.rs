//! Indenting JSON text without understanding it.

/// Indents JSON as it travelled: the order of keys and the spelling of numbers stay as the server wrote
/// them, which a parser would lose. What is no JSON comes back much as it was.
pub fn pretty(json: &str) -> String {
    let mut out = String::with_capacity(json.len() * 2);
    let mut depth = 0_usize;
    let mut letters = json.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' => {
                out.push('"');
                while let Some(inner) = letters.next() {
                    out.push(inner);
                    match inner {
                        '\\' => out.extend(letters.next()),
                        '"' => break,
                        _ => {}
                    }
                }
            }
            '{' | '[' => {
                out.push(letter);
                let closing = if letter == '{' { '}' } else { ']' };
                while letters.next_if(|next| next.is_ascii_whitespace()).is_some() {}
                if letters.next_if_eq(&closing).is_some() {
                    out.push(closing);
                } else {
                    depth += 1;
                    new_line(&mut out, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                new_line(&mut out, depth);
                out.push(letter);
            }
            ',' => {
                out.push(',');
                new_line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            space if space.is_ascii_whitespace() => {}
            other => out.push(other),
        }
    }
    out
}

fn new_line(out: &mut String, depth: usize) {
    out.push('\n');
    out.extend(std::iter::repeat_n("  ", depth));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_and_lists_are_indented() {
        let text = pretty(r#"{"b":[1,{"a":null}],"e":{ },"l":[]}"#);
        insta::assert_snapshot!(text, @r#"
        {
          "b": [
            1,
            {
              "a": null
            }
          ],
          "e": {},
          "l": []
        }
        "#);
    }

    #[test]
    fn order_numbers_and_text_stay_as_they_were() {
        let json = r#"{"z":12345678901234567890123,"a":1.50,"t":"a\"b, {c}: [d]\\"}"#;
        let text = pretty(json);
        assert!(text.contains("12345678901234567890123"));
        assert!(text.contains("1.50"));
        assert!(text.contains(r#""a\"b, {c}: [d]\\""#));
        assert!(text.find("\"z\"") < text.find("\"a\""));
    }

    #[test]
    fn indenting_what_is_indented_changes_nothing() {
        let once = pretty(r#"{"a":[1,2],"b":"x  y"}"#);
        assert_eq!(pretty(&once), once);
        assert_eq!(pretty("not json"), "notjson");
        assert_eq!(pretty("]]}"), "\n]\n]\n}");
    }
}
