//! What has to be said with a correlation, and the four numbers of the factor that is looked at.

use std::sync::Arc;

use leptos::prelude::*;

use super::charts::factors::two_by_two;
use super::charts::number;
use super::figure::{Answer, CellId, Factor, Factors, Figure};
use super::page::Model;
use crate::ui::dynamic::dynamic;

/// Nothing for other forms than correlation.
#[component]
pub fn BesideFactors(answer: Memo<Option<Arc<Answer>>>, model: Model) -> impl IntoView {
    dynamic(move || match answer.read().as_deref() {
        Some(Answer {
            figure: Figure::Factors(factors),
            ..
        }) => said(factors, model),
        _ => ().into_any(),
    })
}

fn said(factors: &Factors, model: Model) -> AnyView {
    let skewed = factors.is_skewed.then(|| {
        view! {
            <p class="factor-warning">
                "One of the two groups is more than ten times the other: small differences can look large."
            </p>
        }
    });
    let chosen = model.chosen.get()[0];
    let factor = factors.factors.iter().find(|factor| {
        let with = [factor.converted.cell, factor.dropped.cell];
        chosen.is_some() && [with, factor.without].as_flattened().contains(&chosen)
    });
    view! {
        {skewed}
        <p class="factor-note">
            "Association only: nothing here says that one causes the other. Whiskers are 95 % intervals; grey is what cannot be told."
        </p>
        {factor.map(|factor| four(factors, factor, model))}
    }
    .into_any()
}

/// The four numbers. Those with the factor open their people; the others do where a server lists them.
fn four(factors: &Factors, factor: &Factor, model: Model) -> AnyView {
    let [with_yes, with_no, without_yes, without_no] = two_by_two(factors, factor);
    let opening = |value: f64, cell: Option<CellId>| match cell {
        Some(cell) => view! {
            <td>
                <button
                    type="button"
                    class="insights-number"
                    on:click=move |event| model.open(cell, event.shift_key())
                >
                    {number(value)}
                </button>
            </td>
        }
        .into_any(),
        None => view! { <td>{number(value)}</td> }.into_any(),
    };
    view! {
        <table class="table factor-table">
            <caption>{factor.name.clone()}</caption>
            <thead>
                <tr>
                    <td></td>
                    <th scope="col">"Converted"</th>
                    <th scope="col">"Did not"</th>
                </tr>
            </thead>
            <tbody>
                <tr>
                    <th scope="row">"With it"</th>
                    {opening(with_yes, factor.converted.cell)}
                    {opening(with_no, factor.dropped.cell)}
                </tr>
                <tr>
                    <th scope="row">"Without it"</th>
                    {opening(without_yes, factor.without[0])}
                    {opening(without_no, factor.without[1])}
                </tr>
            </tbody>
        </table>
    }
    .into_any()
}
