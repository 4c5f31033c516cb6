//! The people every real project has and every demo lacks: strange ids, strange names, strange values.
//!
//! Each story is one person when it is over, and is written out as finished events without time and uuid. A small sample
//! takes the first ones only.

use serde_json::{Map, Value, json};

/// The events of one odd person, in order.
pub(super) type Story = Vec<Value>;

/// Somebody set up from the back end under `id` with these properties, who then looks at one page.
fn known(id: &str, set: Value) -> Story {
    vec![
        json!({"event": "account_imported", "distinct_id": id, "properties": {"$lib": "posthog-python", "$set": set}}),
        page(id),
    ]
}

fn page(id: &str) -> Value {
    json!({"event": "$pageview", "distinct_id": id, "properties": {
        "$lib": "web", "$current_url": "https://app.tidewater.example/home", "$pathname": "/home", "$browser": "Chrome",
        "$os": "Windows", "$device_type": "Desktop", "$referring_domain": "$direct",
    }})
}

fn identify(id: &str, anonymous: &str, set: Value) -> Value {
    json!({"event": "$identify", "distinct_id": id, "properties": {"$lib": "web", "$anon_distinct_id": anonymous, "$set": set}})
}

fn alias(id: &str, alias: &str) -> Value {
    json!({"event": "$create_alias", "distinct_id": id, "properties": {"$lib": "posthog-node", "alias": alias}})
}

/// A person under so many distinct ids: every login on a machine that forgets who used it.
fn many_ids(id: &str, name: &str, ids: usize) -> Story {
    let mut story = known(
        id,
        json!({"name": name, "plan": "team", "is_shared_account": true}),
    );
    // Anonymous ids of the age before UUIDs, as old browsers keep them.
    let browser = id.len() * 1_000;
    story.extend((1..ids).map(|n| {
        let anonymous = format!(
            "{:015x}-0{:013x}-1b2a3c-{n:05x}-{:015x}",
            browser + n,
            n * 7_919,
            browser + n + 1
        );
        identify(id, &anonymous, json!({}))
    }));
    story
}

/// All stories; a project of four hundred people gets every one. Kinds take turns, and what floods a small project
/// (hundreds of logins) comes last.
pub(super) fn stories() -> Vec<Story> {
    let mut kinds = [names(), ids(), values(), histories()].map(Vec::into_iter);
    let mut all = Vec::new();
    loop {
        let before = all.len();
        all.extend(kinds.iter_mut().filter_map(Iterator::next));
        if all.len() == before {
            break;
        }
    }
    all.push(many_ids("odd_kiosk_tablet", "Kiosk Tablet (40 ids)", 40));
    all.push(many_ids("odd_test_robot", "Test Robot (300 ids)", 300));
    all.push(many_ids(
        "odd_call_center",
        "Call Center Login (300 ids)",
        300,
    ));
    all
}

fn names() -> Vec<Story> {
    let with_name = |number: usize, name: &str| {
        known(
            &format!("odd_name_{number}"),
            json!({"name": name, "plan": "free"}),
        )
    };
    let mut all: Vec<Story> = [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "\"><svg/onload=alert(1)>",
        "'; DROP TABLE persons; --",
        "=HYPERLINK(\"https://evil.example\",\"Invoice\")",
        "{{7*7}} ${7*7} <%= 7*7 %>",
        "&lt;b&gt;Tom &amp; Jerry&lt;/b&gt;",
        // Right to left, with a Latin word and a number inside.
        "محمود عبد الرحمن (Sales 24)",
        "שלומית בן־צבי",
        // A right-to-left override that nobody closed.
        "invoice\u{202e}fdp.exe",
        // Combining marks piled up, and the same name composed and decomposed.
        "Z\u{0300}\u{0301}\u{0302}\u{0303}a\u{0310}\u{0311}\u{0312}l\u{0324}\u{0325}g\u{0330}\u{0331}o\u{0339}\u{033a}",
        "Jose\u{0301} Nu\u{0303}n\u{0303}ez",
        "👩🏽‍💻 Robin 🦊",
        "👨‍👩‍👧‍👦",
        "𝓕𝓪𝓷𝓬𝔂 𝕱𝖔𝖓𝖙",
        "ஜெயலட்சுமி சுப்பிரமணியன்",
        "Ⅻ ﬃ ｆｕｌｌｗｉｄｔｈ",
        "İIıi ẞß",
        // Invisible letters: zero width space, soft hyphen, word joiner.
        "Ze\u{200b}ro Wi\u{00ad}dth Jo\u{2060}iner",
        "Line\nbreak\tand tab",
        "  spaces around  ",
        "\u{3000}",
        "null",
        "undefined",
        "0",
        "Prof. Dr. Dr. h. c. Maximiliana-Friederike Gräfin von und zu Hohenlohe-Waldburg-Zeil-Trauchburg, \
         geborene Freiin Schenk von Stauffenstein zu Greifenklau-Vollraths, Vorsitzende des Aufsichtsrats",
        "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaftsvorsitzende",
    ]
    .iter()
    .enumerate()
    .map(|(number, name)| with_name(number + 1, name))
    .collect();
    all.push(known("odd_name_number", json!({"name": 42, "email": 7})));
    all.push(known("odd_name_object", json!({"name": {"first": "Kim", "last": "Lund"}, "email": ["kim@post.example", "lund@post.example"]})));
    all.push(known(
        "odd_name_empty",
        json!({"name": "", "email": "", "username": "the_empty_one"}),
    ));
    all.push(known("odd_name_null", json!({"name": null, "email": null})));
    all.push(known(
        "odd_email_capital",
        json!({"Email": "Capital.Key@Post.Example", "Name": "Capital Key"}),
    ));
    all.push(known(
        "odd_email_unicode",
        json!({"email": "größe+ünï@bücher.example", "name": "Jörg Größe"}),
    ));
    all.push(known(
        "odd_email_not_one",
        json!({"email": "not an email", "name": "No Mail"}),
    ));
    all
}

fn ids() -> Vec<Story> {
    let plan = || json!({"plan": "free"});
    let mut all: Vec<Story> = [
        "team/7 + 100%?q=a#b@c&d=e",
        "../../etc/passwd",
        "..",
        "%2F%252F%00",
        "id with spaces",
        "\"quoted\" 'id' \\ back",
        "<b>bold</b>",
        "🦄-user-🌈",
        "مستخدم-١٢٣",
        "saml|Blåcove|00QAa000001",
        "urn:uuid:6ba7b810-9dad-11d1-80b4-00c04fd430c8",
        "0012",
        "1e3",
        "true-ish",
        "ID_Case",
        "id_case",
        ",;=",
    ]
    .iter()
    .map(|id| known(id, plan()))
    .collect();
    // Nothing but an id that looks anonymous: the id is all there is to show.
    all.push(vec![page("a1b2-c3d4-e5f6-a7b8-c9d0")]);
    // No properties at all.
    all.push(vec![
        json!({"event": "api_called", "distinct_id": "just_an_id", "properties": {}}),
    ]);
    // A number instead of text: it becomes text.
    all.push(vec![
        json!({"event": "account_imported", "distinct_id": 40417, "properties": {"$set": {"plan": "pro", "name": "Number Forty"}}}),
        json!({"event": "api_called", "distinct_id": "40417", "properties": {"calls": 3}}),
    ]);
    // Capture keeps 200 characters of it.
    let long: String = (0..400)
        .map(|n| char::from(b'a' + (n % 26) as u8))
        .collect();
    all.push(vec![
        json!({"event": "account_imported", "distinct_id": format!("long-{long}")[..400], "properties": {"$set": {"name": "Very Long Id"}}}),
    ]);
    // A back end that forgot its id: refused, and the person is who the event says.
    all.push(vec![identify(
        "odd_merge_with_undefined",
        "undefined",
        json!({"name": "Undefined Merge"}),
    )]);
    all
}

fn values() -> Vec<Story> {
    let text = "Notes from the call. Customer wants the weekly report by mail, in German, with last year beside it. ";
    let long: String = text.chars().cycle().take(5_000).collect();
    let many: Map<String, Value> = (1..=60)
        .map(|n| (format!("survey_q_{n:02}"), json!(n % 5 + 1)))
        .collect();
    let deep = (0..20).fold(
        json!("bottom"),
        |inner, level| json!({format!("level_{level}"): inner}),
    );
    vec![
        // One key, four types.
        known("odd_age_number", json!({"name": "Age Number", "age": 41})),
        known("odd_age_text", json!({"name": "Age Text", "age": "41"})),
        known("odd_age_null", json!({"name": "Age Null", "age": null})),
        known("odd_age_true", json!({"name": "Age True", "age": true})),
        known(
            "odd_dates",
            json!({
                "name": "Many Dates", "birthday": "1984-02-29", "trial_ends": "2031-01-31T23:59:60+14:00", "renewal_date": "2027-01-01",
                "last_order_at": "2026-03-29T01:30:00Z", "joined_unix": 1_700_000_000, "joined_unix_ms": 1_700_000_000_000_i64,
                "not_a_date": "2026-02-30", "us_date": "12/31/2025", "year": "2026",
            }),
        ),
        known(
            "odd_numbers",
            json!({
                "name": "Many Numbers", "score": -0.1, "balance": -1_234_567.89, "views": 9_007_199_254_740_993_i64, "tiny": 1.5e-7, "huge": 1e21,
                "unsigned": u64::MAX, "zero": 0, "minus_zero": -0.0, "ratio": 0.1 + 0.2, "as_text": "1,234.50", "seats": 3.0,
            }),
        ),
        known(
            "odd_booleans",
            json!({
                "name": "Many Booleans", "is_admin": true, "is_churned": false, "is_text_true": "true", "is_text_false": "False", "beta": 1,
            }),
        ),
        known(
            "odd_empties",
            json!({
                "name": "Many Empties", "company": "", "role": null, "tags": [], "address": {}, "comment": "   ", "newline": "\n",
            }),
        ),
        known(
            "odd_nested",
            json!({
                "name": "Nested Values", "tags": ["vip", "beta tester", "größe", 7, null, true],
                "address": {"street": "Hauptstraße 1", "city": {"name": "Köln", "zip": "50667"}, "lines": ["2nd floor", "c/o"]},
                "orders": [{"id": 1, "total": 19.99, "items": [{"sku": "A-1", "n": 2}]}, {"id": 2, "total": 0, "items": []}],
                "matrix": [[1, 2], [3, 4]], "deep": deep,
            }),
        ),
        known(
            "odd_long_text",
            json!({"name": "Long Text", "notes": long, "url": format!("https://post.example/?q={}", "x".repeat(1_500))}),
        ),
        known(
            "odd_keys",
            json!({
                "name": "Odd Keys", "key with spaces": 1, "key.with.dots": 2, "$custom": 3, "$$double": 4, "ключ": 5, "🔑": 6, "UPPER": 7, "upper": 8, "": 9,
                "a/b?c#d&e=f%20": 10, "__proto__": "a", "constructor": "b", "toString": "c", "<i>key</i>": 11, "quote\"key'": 12, "id": "own id",
                "a_key_that_is_so_long_that_no_column_of_any_table_was_ever_made_for_it_and_that_goes_on_and_on_until_somebody_stops_it": 13,
            }),
        ),
        known("odd_many_keys", Value::Object(many)),
        known(
            "odd_links",
            json!({
                "name": "Odd Links", "website": "javascript:alert(1)", "avatar": "https://img.example/a.png?size=64&v=2", "phone": "+49 (0)221 / 555-0100",
                "json_in_text": "{\"a\": [1, 2]}", "sql": "' OR '1'='1", "csv": "a,\"b\"\nc;d", "html": "<a href=\"https://evil.example\">click</a>",
                "color": "#ff0000", "path": "C:\\Temp\\ü", "$avatar": "data:image/png;base64,AAAA",
            }),
        ),
    ]
}

fn histories() -> Vec<Story> {
    let mut all = Vec::new();

    // Properties that come and go.
    let id = "odd_set_and_unset";
    let mut story = known(
        id,
        json!({"name": "Comes And Goes", "plan": "free", "coupon": "SPRING", "temp": 1}),
    );
    story.push(json!({"event": "$set", "distinct_id": id, "properties": {"$unset": ["coupon", "temp", "never_there"]}}));
    // At the top of the event, as posthog-python sends it; the top wins over the properties.
    story.push(json!({"event": "$set", "distinct_id": id, "$set": {"plan": "team"}, "properties": {"$set": {"plan": "pro", "seats": 4}}}));
    story.push(json!({"event": "$set_once", "distinct_id": id, "$set_once": {"plan": "ignored", "first_coupon": "SPRING"}, "properties": {}}));
    story.push(
        json!({"event": "$set", "distinct_id": id, "properties": {"$unset": {"seats": null}}}),
    );
    all.push(story);

    // One property that changes type and value twenty times.
    let id = "odd_flip_flop";
    let mut story = known(id, json!({"name": "Flip Flop", "plan": "free"}));
    story.extend((0..20).map(|n| {
        let plan = [json!("free"), json!("pro"), json!(null), json!(2), json!(["pro"])][n % 5].clone();
        json!({"event": "plan_changed", "distinct_id": id, "properties": {"n": n, "$set": {"plan": plan}}})
    }));
    all.push(story);

    // Known, and some of their events explicitly not part of the profile.
    let id = "odd_partly_personless";
    let mut story = known(id, json!({"name": "Partly Personless", "plan": "pro"}));
    story.push(json!({"event": "api_called", "distinct_id": id, "properties": {"$process_person_profile": false, "$set": {"plan": "must not be seen"}}}));
    story.push(json!({"event": "api_called", "distinct_id": id, "properties": {"$process_person_profile": "false", "calls": 1}}));
    all.push(story);

    // Two anonymous visitors, then an alias each: three people become one.
    let id = "odd_alias_chain";
    all.push(vec![
        page("odd-anon-phone"),
        page("odd-anon-laptop"),
        json!({"event": "account_imported", "distinct_id": id, "properties": {"$set": {"name": "Alias Chain", "plan": "team"}}}),
        alias(id, "odd-anon-phone"),
        alias(id, "odd-anon-laptop"),
        // Again, and with itself: nothing happens.
        alias(id, "odd-anon-laptop"),
        alias(id, id),
    ]);

    // Two identified accounts of one person; only the dangerous merge may join them.
    let id = "odd_merged_account";
    all.push(vec![
        identify("odd_merged_old", "odd-anon-old", json!({"name": "Merged Account (old)", "plan": "free", "legacy": true})),
        identify(id, "odd-anon-new", json!({"name": "Merged Account", "plan": "pro"})),
        alias(id, "odd_merged_old"),
        json!({"event": "$merge_dangerously", "distinct_id": id, "properties": {"alias": "odd_merged_old"}}),
        page(id),
    ]);

    // Two people behind one browser whose second login nobody had heard of: it is added to the first, for good or ill.
    all.push(vec![
        page("odd-anon-family"),
        identify(
            "odd_family_parent",
            "odd-anon-family",
            json!({"name": "Family Parent", "plan": "pro"}),
        ),
        identify(
            "odd_family_child",
            "odd-anon-family",
            json!({"name": "Family Child"}),
        ),
        page("odd_family_parent"),
    ]);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_odd_event_has_a_name_an_id_and_properties() {
        for event in stories().iter().flatten() {
            assert!(
                event["event"].as_str().is_some_and(|name| !name.is_empty()),
                "{event}"
            );
            assert!(
                event["distinct_id"].is_string() || event["distinct_id"].is_number(),
                "{event}"
            );
            assert!(event["properties"].is_object(), "{event}");
        }
    }
}
