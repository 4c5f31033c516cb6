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
            person.map(|(_, person)| people::name(person).short())
        };
        let names = |pair: &Pair| [name(pair.one), name(pair.other)].map(Option::unwrap_or_default);
        let is_alike = |pair: &&Pair| pair.likeness.verdict != Verdict::NoSign;
        let (alike, others): (Vec<&Pair>, Vec<&Pair>) = pairs.iter().partition(is_alike);
        let mut items: Vec<AnyView> = alike
            .iter()
            .map(|pair| item(&[names(pair)], pair))
            .collect();
        // Where there is nothing to tell, one line tells it of all.
        if let Some(pair) = others.first() {
            let others: Vec<_> = others.iter().map(|pair| names(pair)).collect();
            items.push(item(&others, pair));
        }
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

/// What can be said about a pair, and about others of whom the same can be said.
fn item(names: &[[String; 2]], pair: &Pair) -> AnyView {
    let (class, sign, words) = match pair.likeness.verdict {
        Verdict::Likely => ("tag tag-success", "●", "likely"),
        Verdict::Possible => ("tag tag-warning", "◐", "possible"),
        Verdict::NoSign => ("tag", "○", "no sign"),
    };
    let names = names.iter().map(|[one, other]| {
        view! { <span><bdi>{one.clone()}</bdi> " and " <bdi>{other.clone()}</bdi></span> }
            .into_any()
    });
    let names: Vec<AnyView> = names.collect();
    let reasons: Vec<AnyView> = pair.likeness.reasons.iter().map(reason).collect();
    view! {
        <li class="pair">
            <span class=class>
                <span aria-hidden="true">{sign}</span>
                {words}
            </span>
            <div>
                <p class="pair-who">{names}</p>
                <ul class="reasons">{reasons}</ul>
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
