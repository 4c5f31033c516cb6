//! Questions about what people did: each built by hand, and each number with as many people as it says.

mod doors;
mod keyboard;

use persons_e2e::{Browser, Key, Outcome, Server, encoded};
use serde_json::{Value, json};

use crate::world::{signed_in, tab_to};

/// The people of a whole answer on one page: how many a chart says, and how many are listed.
const LISTED: &str = "return document.querySelectorAll('.people-row').length";

/// A mark whose number says something.
const NOT_ZERO: &str = ".mark:not([aria-label$=': 0'])";

/// The last weeks of the sample project.
const WHEN: &str = "date_from=2026-05-01&date_to=2026-06-01";

/// Opens a form without any event, as the tab does.
async fn begin(browser: &Browser, server: &Server, insight: &str) -> Outcome {
    let page = format!("{}/insights?insight={insight}&{WHEN}", server.base);
    browser.go(&page).await?;
    browser.find(".builder").await;
    Ok(())
}

/// Chooses an event in a pill or behind a button that adds one.
async fn choose_event(browser: &Browser, opener: &str, event: &str) -> Outcome {
    browser.find(opener).await.click().await?;
    browser.has_focus_on("combobox", "Event").await;
    browser.press(event).await?;
    browser.press(Key::Enter).await?;
    browser.find(&format!("{opener}:focus")).await;
    Ok(())
}

/// The number in the name of a mark of the chart: `Dropped before paid: 1,200`.
async fn number_of(browser: &Browser, mark: &str) -> Result<u64, Box<dyn std::error::Error>> {
    let label = browser.find(mark).await.attr("aria-label").await?;
    let label = label.ok_or("a mark has a name")?;
    let (_, number) = label
        .rsplit_once(": ")
        .ok_or("the name ends with a number")?;
    Ok(number.replace(',', "").parse()?)
}

/// Opens the people of a mark, loads all of them, and counts them.
async fn opens_its_people(browser: &Browser, mark: &str) -> Outcome {
    let number = number_of(browser, mark).await.expect("a number");
    assert!(number > 0, "{mark}: a number that says something");
    browser.find(mark).await.click().await?;
    are_listed(browser, number).await
}

/// Waits until so many people are listed, and until the sentence above them says so.
async fn are_listed(browser: &Browser, number: u64) -> Outcome {
    let words = number_in_words(number);
    browser.sees(&format!("{words} in the chart = ")).await;
    let is_part = "return !!document.querySelector('.people-more button')";
    if number > 100 {
        browser.comes_to(is_part, json!(true)).await;
        browser.click("Load all").await?;
    }
    browser.comes_to(LISTED, json!(number)).await;
    browser
        .sees(&format!("{words} in the chart = {words} listed"))
        .await;
    Ok(())
}

fn number_in_words(number: u64) -> String {
    match number {
        0..1000 => number.to_string(),
        _ => format!("{},{:03}", number / 1000, number % 1000),
    }
}

/// What is shown stays after a reload: the same cell with the same people.
async fn stays_after_a_reload(browser: &Browser) -> Outcome {
    let shown = "return document.querySelector('.people-reconciled p')?.innerText ?? ''";
    let before = browser.run(shown).await?;
    browser.reload().await?;
    browser.find(".people-row").await;
    let before = before.as_str().unwrap_or_default().to_owned();
    let (chart, _) = before.split_once(" = ").expect("a sentence");
    browser.sees(chart).await;
    browser.find(".mark.is-chosen").await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_of_trends_opens_the_people_of_a_day() -> Outcome {
    let server = Server::with_sample();
    let browser = signed_in(&server).await;
    begin(&browser, &server, "TRENDS").await?;
    choose_event(&browser, "#pill-AddSeries", "$pageview").await?;
    browser.find("#pill-Series0").await.click().await?;
    browser.has_focus_on("combobox", "Event").await;
    let count = "const field = [...document.querySelectorAll('.pill-popover select')]
            .find(select => [...select.options].some(option => option.value === 'dau'));
        field.value = 'dau'; field.dispatchEvent(new Event('change', {bubbles: true}))";
    browser.run(count).await?;
    browser.arrives_at("dau").await;
    browser.press(Key::Escape).await?;
    opens_its_people(&browser, NOT_ZERO).await?;
    stays_after_a_reload(&browser).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_pointer_is_drawn_over_becomes_the_range() -> Outcome {
    let server = Server::with_sample();
    let browser = signed_in(&server).await;
    let events = json!([{"id": "$pageview", "math": "dau"}, {"id": "purchase", "order": 1}]);
    let events = encoded(&events.to_string());
    let page = format!(
        "{}/insights?insight=TRENDS&{WHEN}&events={events}",
        server.base
    );
    browser.go(&page).await?;
    browser.find(".mark").await;
    // Backwards, from one line to the other: its middle is where the pointer means it.
    let draw = "const at = day => [...document.querySelectorAll('.mark')]
            .find(mark => mark.ariaLabel.includes(day));
        const tell = (what, day) => at(day).dispatchEvent(
            new PointerEvent(what, {bubbles: what !== 'pointerenter'}));
        tell('pointerdown', '$pageview · 12 May 2026');
        tell('pointerenter', 'purchase · 6 May 2026');
        return new Promise(done => requestAnimationFrame(() => {
            const drawn = document.querySelector('.grabbed').getAttribute('d') !== '';
            tell('pointerup', 'purchase · 6 May 2026');
            done(drawn);
        }))";
    assert_eq!(browser.run(draw).await?, json!(true), "the range is shown");
    browser.arrives_at("date_from=2026-05-06").await;
    browser.arrives_at("date_to=2026-05-12").await;
    let days = "return [...document.querySelectorAll('.mark')]
        .filter(mark => mark.ariaLabel.includes('$pageview')).length";
    browser.comes_to(days, json!(7)).await;
    browser.back().await?;
    browser.arrives_at("date_from=2026-05-01").await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_time_before_stands_beside_trends_and_opens_its_people() -> Outcome {
    let server = Server::with_sample();
    let browser = signed_in(&server).await;
    let events = encoded(&json!([{"id": "$pageview", "math": "dau"}]).to_string());
    let plan = json!([{"key": "plan", "operator": "is_set", "value": null, "type": "person"}]);
    let range = "interval=week&date_from=2026-05-11&date_to=2026-05-31";
    browser
        .go(&format!(
            "{}/insights?insight=TRENDS&{range}&events={events}&properties={}",
            server.base,
            encoded(&plan.to_string())
        ))
        .await?;
    browser.find("#pill-Dates").await.click().await?;
    browser
        .find(".pill-popover .choice input")
        .await
        .click()
        .await?;
    browser.arrives_at("compare=true").await;
    browser.press(Key::Escape).await?;
    let earlier = format!("{NOT_ZERO}[aria-label*='the time before']");
    opens_its_people(&browser, &earlier).await?;
    stays_after_a_reload(&browser).await?;
    // What tells people apart stands beside them; another property is shown on request.
    browser.find(".people-column-head").await;
    let show = "const field = document.querySelector('#people-property');
        field.value = field.options[1].value;
        field.dispatchEvent(new Event('change', {bubbles: true}))";
    browser.run(show).await?;
    let heads = "return document.querySelectorAll('.people-column-head').length";
    browser.comes_to(heads, json!(2)).await;
    browser
        .find(".people-column-head:first-child button")
        .await
        .click()
        .await?;
    browser.comes_to(heads, json!(1)).await;
    // Why somebody is there: what they are, and what they were when it happened.
    browser.find(".people-why").await.click().await?;
    browser.sees("They did $pageview").await;
    browser.sees("plan is set: ").await;
    browser.sees("beside it stands what they were then").await;
    let then = "return /(, then and now| then, .+ now)/.test(document.querySelector('.evidence').innerText)";
    browser.comes_to(then, json!(true)).await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_funnel_opens_those_who_came_and_those_who_did_not() -> Outcome {
    let server = Server::with_sample();
    let browser = signed_in(&server).await;
    begin(&browser, &server, "FUNNELS").await?;
    for step in ["signed_up", "project_created", "invited_teammate"] {
        choose_event(&browser, "#pill-AddSeries", step).await?;
    }
    let lost = ".mark[aria-label^='Dropped before project_created']";
    opens_its_people(&browser, lost).await?;
    stays_after_a_reload(&browser).await?;
    opens_its_people(&browser, ".mark[aria-label^='Reached invited_teammate']").await?;
    // Back walks the cells.
    browser.back().await?;
    browser
        .find(".mark.is-chosen[aria-label^='Dropped before project_created']")
        .await;
    // Both at once: nobody was lost before they came.
    let second = browser
        .find(".mark[aria-label^='Reached project_created']")
        .await;
    browser.run("document.activeElement.blur()").await?;
    second.focus().await?;
    browser.press_with(Key::Shift, Key::Enter.value()).await?;
    browser.sees("Both 0").await;
    browser.sees("Only second").await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_along_with_buying_opens_both_sides() -> Outcome {
    let server = Server::with_sample();
    let browser = signed_in(&server).await;
    begin(&browser, &server, "CORRELATION").await?;
    for step in ["signed_up", "purchase"] {
        choose_event(&browser, "#pill-AddSeries", step).await?;
    }
    opens_its_people(&browser, ".mark[aria-label^='project_created · converted']").await?;
    stays_after_a_reload(&browser).await?;
    opens_its_people(&browser, ".mark[aria-label^='project_created · did not']").await?;
    // Beside them are those without it, as many as are left of all.
    let without = browser
        .find(".factor-table tr:last-child td:last-child button")
        .await;
    let number: u64 = without.text().await?.replace(',', "").parse()?;
    assert!(number > 0, "a number that says something");
    without.click().await?;
    are_listed(&browser, number).await?;
    browser
        .sees("project_created · did not convert, without it")
        .await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn lifecycle_and_stickiness_open_those_they_count() -> Outcome {
    let server = Server::with_sample();
    let browser = signed_in(&server).await;
    for insight in ["LIFECYCLE", "STICKINESS"] {
        begin(&browser, &server, insight).await?;
        let opener = match insight {
            "LIFECYCLE" => "#pill-Series0",
            _ => "#pill-AddSeries",
        };
        choose_event(&browser, opener, "$pageview").await?;
        let marks: [String; 2] = match insight {
            "LIFECYCLE" => [
                format!(".life-new {NOT_ZERO}"),
                format!(".life-dormant {NOT_ZERO}"),
            ],
            _ => [
                ".mark[aria-label*='active on exactly 1 day']",
                ".mark[aria-label^='Active on 2 days or more']",
            ]
            .map(str::to_owned),
        };
        for mark in &marks {
            opens_its_people(&browser, mark).await?;
        }
        stays_after_a_reload(&browser).await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn kinds_of_people_are_left_out_of_a_chart_and_come_back() -> Outcome {
    let server = Server::with_sample();
    let browser = signed_in(&server).await;
    begin(&browser, &server, "LIFECYCLE").await?;
    choose_event(&browser, "#pill-Series0", "$pageview").await?;
    let drawn = "return ['new', 'dormant']
        .map(kind => !!document.querySelector(`.life-${kind} .mark`))";
    browser.comes_to(drawn, json!([true, true])).await;
    browser.find("#legend-dormant").await.click().await?;
    browser.arrives_at("hidden=dormant").await;
    browser.comes_to(drawn, json!([true, false])).await;
    browser.reload().await?;
    browser.comes_to(drawn, json!([true, false])).await;
    browser.find("#legend-dormant").await.focus().await?;
    browser.has_focus_on("checkbox", "dormant").await;
    browser.press(" ").await?;
    browser.comes_to(drawn, json!([true, true])).await;
    // The picture is another one, and the keyboard is still there.
    browser.has_focus_on("checkbox", "dormant").await;
    // The table has all numbers anyway.
    browser.press(" ").await?;
    browser.comes_to(drawn, json!([true, false])).await;
    browser.press("T").await?;
    browser.find(".insights-table").await;
    let columns = "return document.querySelectorAll('.insights-table thead th').length";
    browser.comes_to(columns, json!(5)).await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn whether_shares_or_numbers_are_shown_is_in_the_link() -> Outcome {
    let server = Server::with_sample();
    let browser = signed_in(&server).await;
    // The curve above a triangle is one of shares anyway.
    let has_shares =
        "return (document.querySelector('#chart .heat-text') ?? document.querySelector('#chart'))
        ?.textContent.includes('%')";
    for (insight, turn, value) in [
        ("RETENTION", "Numbers", "values=numbers"),
        ("STICKINESS", "Percent", "values=percent"),
    ] {
        begin(&browser, &server, insight).await?;
        if insight == "RETENTION" {
            choose_event(&browser, "#pill-Series0", "signed_up").await?;
            choose_event(&browser, "#pill-Series1", "$pageview").await?;
        } else {
            choose_event(&browser, "#pill-AddSeries", "$pageview").await?;
        }
        let shares_after = value == "values=percent";
        browser.comes_to(has_shares, json!(!shares_after)).await;
        browser.click(turn).await?;
        browser.arrives_at(value).await;
        browser.comes_to(has_shares, json!(shares_after)).await;
        browser.reload().await?;
        browser.comes_to(has_shares, json!(shares_after)).await;
        // The next question is looked at in the same way.
        browser.find("#pill-Interval").await.click().await?;
        browser.click("week").await?;
        browser.arrives_at("eek").await;
        browser.arrives_at(value).await;
        browser.comes_to(has_shares, json!(shares_after)).await;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn those_who_came_back_are_opened_by_their_week() -> Outcome {
    let server = Server::with_sample();
    let browser = signed_in(&server).await;
    begin(&browser, &server, "RETENTION").await?;
    choose_event(&browser, "#pill-Series0", "signed_up").await?;
    choose_event(&browser, "#pill-Series1", "$pageview").await?;
    browser.find("#pill-Interval").await.click().await?;
    browser.click("week").await?;
    browser.arrives_at("period=Week").await;
    let back = format!("{NOT_ZERO}[aria-label^='Began'][aria-label*='back in week 1']");
    opens_its_people(&browser, &back).await?;
    stays_after_a_reload(&browser).await?;
    // A whole row: who of them was there in which week.
    let row = ".mark[aria-label^='Began week of 4 May']:not([aria-label*=','])";
    opens_its_people(&browser, row).await?;
    browser.find(".people-squares .square.is-there").await;
    // A whole column. Nobody begins twice for the first time, so its number is of people.
    browser.find("#pill-FirstTime").await.click().await?;
    browser.click("only the first time ever begins").await?;
    browser.arrives_at("retention_first_time").await;
    opens_its_people(&browser, ".mark[aria-label^='Everyone back in week 1']").await?;
    stays_after_a_reload(&browser).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_way_opens_those_who_went_it() -> Outcome {
    let server = Server::with_sample();
    let browser = signed_in(&server).await;
    begin(&browser, &server, "PATHS").await?;
    browser.find("#pill-EventTypes").await.click().await?;
    browser.click("pages").await?;
    browser.arrives_at("include_event_types").await;
    browser.click("Done").await?;
    // A ribbon is curved: its middle need not be a part of it, so it is opened as the keyboard does.
    let way = ".mark[aria-label*='/home → ']";
    let number = number_of(&browser, way).await.expect("a number");
    browser.find(way).await.focus().await?;
    browser.press(Key::Enter).await?;
    are_listed(&browser, number).await?;
    stays_after_a_reload(&browser).await?;
    // Those who ended there, and only the ways that lead there stand out.
    let end = ".mark[aria-label^='Ended at']";
    let number = number_of(&browser, end).await.expect("a number");
    browser.find(end).await.focus().await?;
    browser.press(Key::Enter).await?;
    are_listed(&browser, number).await?;
    browser.find(".ribbon.is-faint").await;
    browser.find(".ribbon:not(.is-faint)").await;
    // Those who came to a page, and from there to paths that begin with it.
    let node = ".mark[aria-label^='Came to'][aria-label*='/reports, step 2']";
    let number = number_of(&browser, node).await.expect("a number");
    browser.find(node).await.focus().await?;
    browser.press(Key::Enter).await?;
    browser
        .sees(&format!("people behind {}", number_in_words(number)))
        .await;
    browser.find(".people-row").await;
    browser.click("Begin with /reports").await?;
    browser.arrives_at("start_point=").await;
    let first = "return [...document.querySelectorAll('.mark[aria-label*=\"step 1:\"]')]
        .map(mark => mark.ariaLabel.includes('/reports, step 1'))";
    browser.comes_to(first, json!([true])).await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_funnel_leads_to_what_people_did_instead() -> Outcome {
    let server = Server::with_sample();
    let browser = signed_in(&server).await;
    begin(&browser, &server, "FUNNELS").await?;
    for step in ["signed_up", "project_created"] {
        choose_event(&browser, "#pill-AddSeries", step).await?;
    }
    let lost = ".mark[aria-label^='Dropped before project_created']";
    opens_its_people(&browser, lost).await?;
    let uuids = "return [...document.querySelectorAll('.people-row')].map(row => row.id).sort()";
    let lost = browser.run(uuids).await?;
    let lost = lost.as_array().expect("a list").clone();
    browser.click("What they did instead").await?;
    browser
        .sees("after 1 signed_up, no 2 project_created")
        .await;
    // Everybody on the way is somebody who was lost.
    let way = ".mark[aria-label*=' → ']";
    let number = number_of(&browser, way).await.expect("a number");
    browser.find(way).await.focus().await?;
    browser.press(Key::Enter).await?;
    are_listed(&browser, number).await?;
    let there = browser.run(uuids).await?;
    let mut there = there.as_array().into_iter().flatten();
    assert!(there.all(|row| lost.contains(row)), "only who was lost");
    stays_after_a_reload(&browser).await?;
    // Another part of their time, and then anybody's.
    browser.find("#pill-Around").await.click().await?;
    browser.click("before").await?;
    browser.arrives_at("funnel_path_before_step").await;
    browser.find(".chip-remove").await.click().await?;
    browser.no_longer_sees("signed_up, no").await;
    browser.find(".mark").await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn who_came_back_is_found_by_keyboard_alone() -> Outcome {
    let server = Server::with_sample();
    let browser = signed_in(&server).await;
    browser.press("gi").await?;
    browser.sees("Seven kinds of questions").await;
    // The sample project ended some time ago, so the ready-made question would find nobody.
    let target = encoded(&json!({"id": "signed_up", "type": "events"}).to_string());
    let any = encoded(&json!({"id": null, "type": "events"}).to_string());
    let question = format!(
        "insight=RETENTION&period=Week&target_entity={target}&returning_entity={any}&{WHEN}"
    );
    browser
        .go(&format!("{}/insights?{question}", server.base))
        .await?;
    browser.find(".mark").await;
    // To the first row, one week to the right, and down to where somebody came back.
    tab_to(&browser, "button", "Everyone who began").await?;
    browser.press(Key::Down).await?;
    browser.has_focus_on("button", "Began").await;
    browser.press(Key::Right).await?;
    browser.press(Key::Right).await?;
    browser.has_focus_on("button", "back in week 1").await;
    while number_of(&browser, ".mark:focus").await.expect("a number") == 0 {
        browser.press(Key::Down).await?;
    }
    let number = number_of(&browser, ".mark:focus").await.expect("a number");
    browser.press(Key::Enter).await?;
    are_listed(&browser, number).await?;
    // Why one of them is there.
    tab_to(&browser, "link", "").await?;
    let row = ".people-row";
    browser.find(row).await;
    for _ in 0..80 {
        if browser
            .run("return !!document.activeElement.closest('.people-row')")
            .await?
            == json!(true)
        {
            break;
        }
        browser.press(Key::Tab).await?;
    }
    browser.press("w").await?;
    browser
        .sees("They did signed_up, and any event in week 1.")
        .await;
    browser.press(Key::Escape).await?;
    browser.no_longer_sees("They did signed_up").await;
    // The table has the same numbers.
    browser.press("T").await?;
    browser.arrives_at("as=table").await;
    browser.find(".insights-number[aria-pressed=true]").await;
    Ok(())
}

/// Lets the page find nothing where newer servers have nothing any more.
const WITHOUT_INSIGHTS: &str = r#"
    const real = window.fetch;
    const gone = /\/insights\/|persons\/(trends|funnel|lifecycle|stickiness|retention|path)\//;
    const none = JSON.stringify({type: 'invalid_request', code: 'not_found', detail: 'Endpoint not found.', attr: null});
    window.fetch = (input, options) => gone.test(input.url ?? String(input))
        ? Promise.resolve(new Response(none, {status: 404, headers: {'Content-Type': 'application/json'}}))
        : real(input, options);
"#;

#[tokio::test(flavor = "multi_thread")]
async fn the_same_numbers_come_from_servers_that_only_know_queries() -> Outcome {
    let server = Server::with_sample();
    let browser = Browser::open().await;
    browser.runs_first(WITHOUT_INSIGHTS).await?;
    browser.go(&server.sign_in).await?;
    browser.sees("People").await;
    let any = json!([{"id": null, "math": "dau"}]);
    let signing_up =
        json!([{"id": "signed_up", "order": 0}, {"id": "project_created", "order": 1}]);
    let buying = json!([{"id": "signed_up", "order": 0}, {"id": "purchase", "order": 1}]);
    let target = json!({"id": "signed_up", "type": "events"});
    let events = |events: &Value| format!("&events={}", encoded(&events.to_string()));
    let questions = [
        ("TRENDS", events(&any), NOT_ZERO.to_owned()),
        (
            "FUNNELS",
            events(&signing_up),
            ".mark[aria-label^='Dropped before project_created']".to_owned(),
        ),
        (
            "CORRELATION",
            events(&buying),
            ".mark[aria-label^='project_created · converted']".to_owned(),
        ),
        ("LIFECYCLE", events(&any), format!(".life-new {NOT_ZERO}")),
        (
            "STICKINESS",
            events(&any),
            ".mark[aria-label*='active on exactly 1 day']".to_owned(),
        ),
        (
            "RETENTION",
            format!(
                "&period=Week&target_entity={}&returning_entity={}",
                encoded(&target.to_string()),
                encoded(&json!({"id": null, "type": "events"}).to_string())
            ),
            format!("{NOT_ZERO}[aria-label^='Began'][aria-label*='back in week 1']"),
        ),
    ];
    for (insight, parameters, mark) in &questions {
        let page = format!(
            "{}/insights?insight={insight}&{WHEN}{parameters}",
            server.base
        );
        browser.go(&page).await?;
        opens_its_people(&browser, mark).await?;
    }
    // A ribbon is curved, so it is opened as the keyboard does.
    let around = json!({"events": signing_up, "funnel_step": -2});
    let around = format!(
        "&funnel_paths=funnel_path_between_steps&funnel_filter={}",
        encoded(&around.to_string())
    );
    for parameters in [String::new(), around] {
        let page = format!("{}/insights?insight=PATHS&{WHEN}{parameters}", server.base);
        browser.go(&page).await?;
        let number = number_of(&browser, ".mark").await.expect("a number");
        assert!(number > 0);
        browser.find(".mark").await.focus().await?;
        browser.press(Key::Enter).await?;
        // Queries count paths, some of which are the same person's.
        browser
            .sees(&format!(" behind {}", number_in_words(number)))
            .await;
    }
    Ok(())
}

/// Lets the page find neither answers nor queries: only people, as older keys may.
const ONLY_PEOPLE: &str = r#"
    const real = window.fetch;
    const gone = /\/insights\/|\/query\//;
    const none = JSON.stringify({type: 'invalid_request', code: 'not_found', detail: 'Endpoint not found.', attr: null});
    window.fetch = (input, options) => gone.test(new URL(input.url ?? String(input), location.href).pathname)
        ? Promise.resolve(new Response(none, {status: 404, headers: {'Content-Type': 'application/json'}}))
        : real(input, options);
"#;

#[tokio::test(flavor = "multi_thread")]
async fn what_no_server_answers_is_found_out_here_with_the_same_numbers() -> Outcome {
    let server = Server::with_sample();
    let browser = Browser::open().await;
    browser.runs_first(ONLY_PEOPLE).await?;
    browser.go(&server.sign_in).await?;
    browser.sees("People").await;
    let events = encoded(&json!([{"id": "$pageview"}]).to_string());
    let range = "date_from=2026-05-25&date_to=2026-05-31";
    for (insight, requests) in [("STICKINESS", 7), ("LIFECYCLE", 8)] {
        let question = format!("insight={insight}&{range}&events={events}");
        browser
            .go(&format!("{}/insights?{question}", server.base))
            .await?;
        browser.sees(&format!("at least {requests} requests")).await;
        browser.click("Find out here").await?;
        browser.find(".mark").await;
        browser.press("T").await?;
        browser.find(".insights-table").await;
        // Column by column the numbers that this server would have given.
        let answer = server.get(&format!(
            "/api/projects/@current/insights/trend/?{question}"
        ));
        let statuses = ["new", "returning", "resurrecting", "dormant"];
        let expected: Vec<Vec<u64>> = match insight {
            "STICKINESS" => vec![numbers(&answer["result"][0]["data"])],
            _ => statuses
                .iter()
                .filter_map(|status| {
                    let items = answer["result"].as_array()?;
                    let item = items.iter().find(|item| item["status"] == *status)?;
                    Some(numbers(&item["data"]))
                })
                .collect(),
        };
        let shown = format!(
            "return [...Array({}).keys()].map(column => [...document.querySelectorAll('.insights-table tbody tr')]
                .map(row => Number(row.cells[column + 1].innerText.replace(',', ''))))",
            expected.len()
        );
        browser.comes_to(&shown, json!(expected)).await;
    }
    // What cannot be found out says so in a sentence.
    let steps = encoded(&json!([{"id": "a", "order": 0}, {"id": "b", "order": 1}]).to_string());
    browser
        .go(&format!(
            "{}/insights?insight=FUNNELS&events={steps}",
            server.base
        ))
        .await?;
    browser.sees("cannot be found out without the server").await;
    Ok(())
}

/// The numbers of a list, none below zero.
fn numbers(list: &Value) -> Vec<u64> {
    let numbers = list.as_array().into_iter().flatten();
    numbers
        .filter_map(|number| Some(number.as_f64()?.abs() as u64))
        .collect()
}
