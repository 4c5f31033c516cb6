//! Whether these people may be one human, in words that claim no more than the signs do.

use leptos::prelude::*;

use super::likeness::{Pair, Reason, Verdict, Weight, pairs};
use super::people::{Column, People};
use crate::people;
use crate::ui::dynamic::dynamic;

/// What can be said about every two of them. Nothing while fewer than two are known.
#[component]
pub fn Verdicts(people: People) -> impl IntoView {
    let columns = people.columns;
    dynamic(move || {
        let columns = columns.read();
        let known: Vec<_> = columns.iter().map(Column::known).enumerate().collect();
        let known: Vec<_> = known
            .iter()
            .filter_map(|(place, person)| Some((*place, &**person.as_ref()?)))
            .collect();
        let pairs = pairs(&known);
        if pairs.is_empty() {
            return ().into_any();
        }
        let name = |place: usize| {
            let person = known.iter().find(|(known, _)| *known == place);
            person
                .map(|(_, person)| people::name(person).text().to_owned())
                .unwrap_or_default()
        };
        let items: Vec<AnyView> = pairs
            .iter()
            .map(|pair| item(pair, [name(pair.one), name(pair.other)]))
            .collect();
        view! {
            <section class="panel likeness" aria-labelledby="likeness">
                <h2 id="likeness">"Same human?"</h2>
                <ul>{items}</ul>
                <p class="note">
                    "Judged by the e-mail addresses, phone numbers, ids, devices, names and times that are known here. \
                     It proves nothing, neither way."
                </p>
            </section>
        }
        .into_any()
    })
}

fn item(pair: &Pair, [one, other]: [String; 2]) -> AnyView {
    let (class, sign, words) = match pair.likeness.verdict {
        Verdict::Likely => ("tag tag-success", "●", "likely"),
        Verdict::Possible => ("tag tag-warning", "◐", "possible"),
        Verdict::NoSign => ("tag", "○", "no sign"),
    };
    let reasons: Vec<AnyView> = pair.likeness.reasons.iter().map(reason).collect();
    let reasons = (!reasons.is_empty()).then(|| view! { <ul class="reasons">{reasons}</ul> });
    view! {
        <li class="pair">
            <span class=class>
                <span aria-hidden="true">{sign}</span>
                {words}
            </span>
            <div>
                <p class="pair-who"><bdi>{one}</bdi> " and " <bdi>{other}</bdi></p>
                {reasons}
            </div>
        </li>
    }
    .into_any()
}

fn reason(reason: &Reason) -> AnyView {
    let (class, sign) = match reason.weight {
        Weight::Against => ("reason-against", "✗"),
        _ => ("reason", "✓"),
    };
    let detail = (!reason.detail.is_empty()).then(|| {
        view! { ": " <bdi class="reason-detail">{reason.detail.clone()}</bdi> }
    });
    view! {
        <li class=class>
            <span aria-hidden="true">{sign}</span>
            <span>{reason.what} {detail}</span>
        </li>
    }
    .into_any()
}
