//! A file of the people of the list.

use persons_e2e::{Outcome, Server, encoded};
use serde_json::{Value, json};

use crate::world::{ROW, email_of, name_of, plain, signed_in};

/// Columns by their names in the address.
const COLUMNS: [&str; 9] = [
    "@email",
    ":plan",
    ":seats",
    ":note",
    ":formula",
    ":tags",
    "@ids",
    "@first_seen",
    "@last_seen",
];

/// The head of the file.
const HEAD: [&str; 11] = [
    "uuid",
    "name",
    "email",
    "plan",
    "seats",
    "note",
    "formula",
    "tags",
    "ids",
    "first_seen",
    "last_seen",
];

/// The cells of a file, after RFC 4180.
fn cells(file: &str) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    let mut row = Vec::new();
    let mut rest = file;
    while !rest.is_empty() {
        let mut cell = String::new();
        if let Some(quoted) = rest.strip_prefix('"') {
            rest = quoted;
            loop {
                let (text, after) = rest.split_once('"').expect("a closing quote");
                cell += text;
                match after.strip_prefix('"') {
                    Some(after) => {
                        cell.push('"');
                        rest = after;
                    }
                    None => {
                        rest = after;
                        break;
                    }
                }
            }
        } else {
            let end = rest.find([',', '\r']).expect("the end of a cell");
            cell += &rest[..end];
            rest = &rest[end..];
        }
        row.push(cell);
        if let Some(after) = rest.strip_prefix(',') {
            rest = after;
        } else {
            rest = rest.strip_prefix("\r\n").expect("the end of a line");
            rows.push(std::mem::take(&mut row));
        }
    }
    rows
}

/// What the file has to say of somebody.
fn expected(person: &Value) -> Vec<String> {
    let property = |key: &str| person["properties"].get(key).map(plain).unwrap_or_default();
    let moment = |key: &str| match &person[key] {
        Value::String(text) => without_zeros(text),
        _ => String::new(),
    };
    vec![
        plain(&person["uuid"]),
        name_of(person),
        email_of(person).to_owned(),
        property("plan"),
        property("seats"),
        property("note"),
        property("formula"),
        property("tags"),
        plain(&person["distinct_id_count"]),
        moment("created_at"),
        moment("last_seen_at"),
    ]
}

/// A moment without the zeros after the second that mean nothing.
fn without_zeros(moment: &str) -> String {
    match moment.trim_end_matches('Z').split_once('.') {
        Some((second, fraction)) => match fraction.trim_end_matches('0') {
            "" => format!("{second}Z"),
            fraction => format!("{second}.{fraction}Z"),
        },
        None => moment.to_owned(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_file_has_everybody_cell_by_cell_as_the_api_says() -> Outcome {
    let server = Server::with_sample();
    server.capture(json!([
        {"event": "e", "distinct_id": "odd-1", "properties": {"$set": {
            "name": "Quote \"Q\" O’Neil, Jr.", "email": "q@acme.example", "plan": "pro, \"annual\"", "seats": 12.5,
            "note": "one\ntwo\r\nthree\t", "formula": "=HYPERLINK(\"https://evil.example\",\"open\")",
            "tags": ["a, b", {"deep": null}],
        }}},
        {"event": "e", "distinct_id": "odd-2", "properties": {"$set": {
            "name": "日本 نور Ωμέγα", "plan": "", "seats": null, "note": "  spaces  ", "formula": "=1+1", "tags": [],
        }}},
        {"event": "e", "distinct_id": "odd-3", "properties": {"$set": {
            "plan": true, "seats": "00712", "note": "\"", "formula": "@SUM(A1)", "tags": {},
        }}},
    ]));
    let people = server.people(&[]);
    assert!(people.len() > 300, "more than three pages");
    let browser = signed_in(&server).await;
    let columns = encoded(&json!(COLUMNS).to_string());
    browser
        .go(&format!("{}/persons?columns={columns}", server.base))
        .await?;
    browser.find(ROW).await;
    browser.click("Export").await?;
    browser.click("Export as CSV").await?;
    browser
        .sees(&format!("Exported {} people to people.csv.", people.len()))
        .await;

    let rows = cells(&browser.downloaded("people.csv").await);
    assert_eq!(rows[0], HEAD);
    assert_eq!(rows.len(), people.len() + 1);
    for (row, person) in rows[1..].iter().zip(&people) {
        let mut row = row.clone();
        for moment in &mut row[9..] {
            *moment = without_zeros(moment);
        }
        assert_eq!(row, expected(person));
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_file_has_only_those_who_fit() -> Outcome {
    let server = Server::with_sample();
    let filter = r#"[{"type":"person","key":"plan","operator":"exact","value":["team"]}]"#;
    let people = server.people(&[("properties", filter)]);
    let browser = signed_in(&server).await;
    let filter = encoded(filter);
    browser
        .go(&format!(
            "{}/persons?properties={filter}&sort=-@name",
            server.base
        ))
        .await?;
    browser.find(ROW).await;
    browser.click("Export").await?;
    browser.click("Export as CSV").await?;
    let rows = cells(&browser.downloaded("people.csv").await);
    let mut found: Vec<_> = rows[1..].iter().map(|row| row[1].clone()).collect();
    let order: Vec<_> = found.iter().map(|name| name.to_lowercase()).collect();
    assert!(order.is_sorted_by(|one, other| one >= other), "{order:?}");
    let mut expected: Vec<_> = people.iter().map(name_of).collect();
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
    Ok(())
}
