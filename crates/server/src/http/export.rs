//! A list of people as a CSV file: all of it, written in pieces while it is sent.
//!
//! First it is decided who is in the file, then which columns it has, then the people are written. The
//! last two look at a thousand people at a time, so that neither a large project nor a slow client keeps
//! the writer waiting. Somebody who is deleted meanwhile is missing from the rest of the file.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use futures_util::stream;
use persons_engine::{PersonRef, Query};

use super::call::csv_response;
use super::csv::{Columns, Table};
use super::error::{Answer, ApiError};
use super::{App, off_thread};
use crate::regexes::Regexes;

/// People in one piece: a few hundred kilobytes.
const PIECE: usize = 1000;

/// What is still to be sent.
struct Export {
    app: Arc<App>,
    table: Table,
    /// The numbers of the people, in the order of the list.
    numbers: Vec<i64>,
    /// How many of them are written; nothing at all, not even the header, if `None`.
    written: Option<usize>,
}

/// All people of a query, as a table.
pub(super) async fn people(app: Arc<App>, query: Query) -> Answer {
    let export = off_thread(move || Export::begin(app, &query)).await??;
    let pieces = stream::unfold(Some(export), async |export| {
        match off_thread(move || export.and_then(Export::next_piece)).await {
            Ok(Some((piece, export))) => Some((Ok(piece), Some(export))),
            Ok(None) => None,
            // The status is long gone. A broken transfer is the only way left to say that the file
            // is not complete.
            Err(error) => Some((Err(error), None)),
        }
    });
    Ok(csv_response("persons", Body::from_stream(pieces)))
}

impl Export {
    fn begin(app: Arc<App>, query: &Query) -> Result<Self, ApiError> {
        let numbers: Vec<i64> = {
            let people = app.project.read();
            let selection = people.select(query, &Regexes)?;
            let found = people.page(&selection, 0, people.len());
            found.iter().map(PersonRef::number).collect()
        };
        let table = Columns::find(|columns| {
            for piece in numbers.chunks(PIECE) {
                let people = app.project.read();
                let alive = piece.iter().filter_map(|&number| people.by_number(number));
                alive.for_each(|person| columns.note(&person));
            }
        });
        Ok(Self {
            app,
            table,
            numbers,
            written: None,
        })
    }

    /// The next bytes of the file, and what is left to do.
    fn next_piece(mut self) -> Option<(Bytes, Self)> {
        if self.numbers.is_empty() {
            return None;
        }
        let Some(written) = self.written else {
            self.written = Some(0);
            return Some((self.table.header().into(), self));
        };
        let rest = self
            .numbers
            .get(written..)
            .filter(|rest| !rest.is_empty())?;
        let piece = &rest[..rest.len().min(PIECE)];
        let lines = {
            let people = self.app.project.read();
            let found: Vec<PersonRef<'_>> = piece
                .iter()
                .filter_map(|&number| people.by_number(number))
                .collect();
            self.table.lines(found.iter())
        };
        self.written = Some(written + piece.len());
        Some((lines.into(), self))
    }
}
