//! A file of the people of the list: everybody who fits, page by page, with the columns of the screen.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use persons_api::Person;

use crate::api::{Session, persons};
use crate::csv;
use crate::people;
use crate::persons::columns::{Column, automatic};
use crate::persons::list::PeopleList;
use crate::persons::shown::shown;
use crate::persons::source::first_page;
use crate::platform::{Abort, download, intl};
use crate::routes::PersonsState;
use crate::ui::button::{Button, Loudness};
use crate::ui::dynamic::{dynamic, text};
use crate::ui::value::plain;

/// How far it is.
#[derive(Clone, PartialEq)]
enum Progress {
    Waiting,
    Running { loaded: u64, total: Option<u64> },
    Done { rows: u64 },
    Failed(String),
}

/// The tool.
#[component]
pub fn Export(question: Memo<PersonsState>, rows: Memo<Vec<Arc<Person>>>) -> impl IntoView {
    let client = StoredValue::new(Session::expect().client);
    let progress = RwSignal::new(Progress::Waiting);
    let latest = StoredValue::new_local(None::<Abort>);
    let abort = move || {
        if let Some(Some(abort)) = latest.try_update_value(Option::take) {
            abort.abort();
        }
    };
    on_cleanup(abort);
    let columns = Memo::new(move |_| columns_of(&question.read().columns, &rows.read()));
    let begin = move || {
        abort();
        let abort = Abort::new();
        latest.set_value(Some(abort.clone()));
        let (state, columns) = (question.get_untracked(), columns.get_untracked());
        let client = client.get_value();
        progress.set(Progress::Running {
            loaded: 0,
            total: None,
        });
        spawn_local(async move {
            let mut list = None::<PeopleList>;
            loop {
                let page = match list.as_ref().map(|list| list.next().to_vec()) {
                    None => first_page(&client, &state.question(), &abort).await,
                    Some(next) if next.is_empty() => break,
                    Some(next) => persons::more(&client, &next, &abort).await,
                };
                if abort.is_aborted() {
                    return;
                }
                let page = match page {
                    Ok(page) => page,
                    Err(error) => return progress.set(Progress::Failed(error.to_string())),
                };
                let list = match &mut list {
                    Some(list) => {
                        list.append(page);
                        list
                    }
                    none => none.insert(PeopleList::first(page)),
                };
                progress.set(Progress::Running {
                    loaded: list.rows().len() as u64,
                    total: list.total().exactly(),
                });
            }
            let rows = list.as_ref().map_or(&[][..], PeopleList::rows);
            let rows = shown(rows, state.who, state.sort.as_ref());
            save(&columns, &rows);
            progress.set(Progress::Done {
                rows: rows.len() as u64,
            });
        });
    };
    let words = text(move || match progress.get() {
        Progress::Waiting => String::new(),
        Progress::Running { loaded, total } => match total {
            Some(total) => format!(
                "{} of {} loaded…",
                intl::number(loaded),
                intl::number(total)
            ),
            None => format!("{} loaded…", intl::number(loaded)),
        },
        Progress::Done { rows: 1 } => "Exported 1 person to people.csv.".into(),
        Progress::Done { rows } => format!("Exported {} people to people.csv.", intl::number(rows)),
        Progress::Failed(reason) => format!("Nothing was exported. {reason}"),
    });
    let titles = text(move || {
        let titles = columns.read().iter().map(title).collect::<Vec<_>>();
        titles.join(", ")
    });
    let action = dynamic(move || match progress.get() {
        Progress::Running { .. } => {
            let stop = move |_| {
                abort();
                progress.set(Progress::Waiting);
            };
            view! { <Button on_click=stop>"Stop"</Button> }.into_any()
        }
        _ => view! {
            <Button loudness=Loudness::Primary on_click=move |_| begin()>"Export as CSV"</Button>
        }
        .into_any(),
    });
    view! {
        <p class="tool-hint">"Everybody who fits the search and the filters, a hundred per request."</p>
        <p class="tool-hint">"Columns: " {titles}</p>
        <p class="tool-hint" role="status">{words}</p>
        <div class="actions">{action}</div>
    }
}

/// Writes people into a file.
pub fn save(columns: &[Option<Column>], rows: &[Arc<Person>]) {
    download::text("people.csv", "text/csv", &file_of(columns, rows));
}

/// The columns of the file: those of the screen, also where the window has no room for them, and the
/// UUID, which tells people apart.
pub fn columns_of(chosen: &[String], rows: &[Arc<Person>]) -> Vec<Option<Column>> {
    let mut columns = vec![None, Some(Column::Name)];
    let chosen: Vec<_> = if chosen.is_empty() {
        automatic(rows)
    } else {
        chosen
            .iter()
            .filter_map(|name| Column::named(name))
            .collect()
    };
    for column in chosen.into_iter().map(Some) {
        if !columns.contains(&column) {
            columns.push(column);
        }
    }
    columns
}

/// The head of a column; properties are named by their whole key.
fn title(column: &Option<Column>) -> String {
    match column {
        None => "uuid".into(),
        Some(Column::Property(property)) => property.key.clone(),
        Some(column) => column.name().trim_start_matches('@').to_owned(),
    }
}

/// What stands in a cell: values exactly as the server has them, moments in ISO 8601.
fn cell(person: &Person, column: &Option<Column>) -> String {
    let moment = |at: Option<persons_api::Timestamp>| at.map(|at| at.to_string());
    match column {
        None => Some(person.uuid.to_string()),
        Some(Column::Name) => Some(people::name(person).text().to_owned()),
        Some(Column::Email) => people::email(person).map(str::to_owned),
        Some(Column::Ids) => Some(person.ids().to_string()),
        Some(Column::FirstSeen) => moment(person.created_at),
        Some(Column::LastSeen) => moment(person.last_seen_at),
        Some(Column::Property(property)) => person.properties.get(&property.key).map(plain),
    }
    .unwrap_or_default()
}

/// The file.
fn file_of(columns: &[Option<Column>], rows: &[Arc<Person>]) -> String {
    let mut file = String::new();
    csv::line(&mut file, &mut columns.iter().map(title));
    for person in rows {
        csv::line(
            &mut file,
            &mut columns.iter().map(|column| cell(person, column)),
        );
    }
    file
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_as_they_are_and_nothing_breaks_out_of_its_cell() {
        let person = json!({
            "id": 1, "uuid": "018f3c5a-7b1e-7c44-9d3e-2f6a1b0c9d8e", "name": "Ada", "distinct_ids": ["a", "b"],
            "created_at": "2026-03-01T10:00:00Z",
            "properties": {"plan": "pro, \"annual\"", "seats": 12, "tags": ["a", "b"], "note": "one\ntwo", "gone": null},
        });
        let rows = [Arc::new(serde_json::from_value(person).expect("a person"))];
        let names = [
            "@ids",
            "@first_seen",
            "@email",
            ":plan",
            ":seats",
            ":tags",
            ":note",
            ":gone",
            ":none",
        ];
        let columns = columns_of(&names.map(str::to_owned), &rows);
        assert_eq!(
            file_of(&columns, &rows),
            "uuid,name,ids,first_seen,email,plan,seats,tags,note,gone,none\r\n\
             018f3c5a-7b1e-7c44-9d3e-2f6a1b0c9d8e,Ada,2,2026-03-01T10:00:00Z,,\"pro, \"\"annual\"\"\",12,\
             \"[\"\"a\"\",\"\"b\"\"]\",\"one\ntwo\",null,\r\n"
        );
    }
}
