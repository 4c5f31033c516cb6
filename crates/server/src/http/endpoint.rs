//! One endpoint of the API: how it is reached, what it asks for, what it answers.

use axum::handler::Handler;
use axum::http::Method;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodFilter, MethodRouter, on};
use serde_json::Value;

use super::Shared;
use super::gate::{self, Gate};
use super::openapi::Parameter;

/// The largest JSON body, in bytes.
const MAX_JSON: usize = 1 << 20;

/// An endpoint of the API.
pub(super) struct Endpoint {
    /// The method.
    pub(super) method: Method,
    /// The path in the one form that [`super::url`] makes of all others.
    pub(super) path: &'static str,
    /// The scopes that a key needs, all of them.
    pub(super) scopes: Scopes,
    /// What it does, in one sentence.
    pub(super) summary: &'static str,
    /// Parameters in the query string.
    pub(super) query: Vec<Parameter>,
    /// The schema of the JSON body, if it takes one.
    pub(super) body: Option<Value>,
    /// The status and the schema of the answer.
    pub(super) answer: (u16, Value),
    body_limit: usize,
    handler: MethodRouter<Shared>,
}

/// The scopes of an endpoint.
type Scopes = &'static [&'static str];

impl Endpoint {
    /// An endpoint that reads.
    pub(super) fn get<H: Handler<T, Shared>, T: 'static>(
        path: &'static str,
        scopes: Scopes,
        handler: H,
        summary: &'static str,
    ) -> Self {
        // GET answers HEAD too.
        let handler = on(MethodFilter::GET, handler);
        Self::new(Method::GET, path, scopes, handler, summary)
    }

    /// An endpoint that makes something, or reads by a list that is too long for a URL.
    pub(super) fn post<H: Handler<T, Shared>, T: 'static>(
        path: &'static str,
        scopes: Scopes,
        handler: H,
        summary: &'static str,
    ) -> Self {
        let handler = on(MethodFilter::POST, handler);
        Self::new(Method::POST, path, scopes, handler, summary)
    }

    /// An endpoint that changes something.
    pub(super) fn patch<H: Handler<T, Shared>, T: 'static>(
        path: &'static str,
        scopes: Scopes,
        handler: H,
        summary: &'static str,
    ) -> Self {
        let handler = on(MethodFilter::PATCH, handler);
        Self::new(Method::PATCH, path, scopes, handler, summary)
    }

    /// An endpoint that takes something away.
    pub(super) fn delete<H: Handler<T, Shared>, T: 'static>(
        path: &'static str,
        scopes: Scopes,
        handler: H,
        summary: &'static str,
    ) -> Self {
        let handler = on(MethodFilter::DELETE, handler);
        Self::new(Method::DELETE, path, scopes, handler, summary)
    }

    fn new(
        method: Method,
        path: &'static str,
        scopes: Scopes,
        handler: MethodRouter<Shared>,
        summary: &'static str,
    ) -> Self {
        Self {
            method,
            path,
            scopes,
            summary,
            query: Vec::new(),
            body: None,
            answer: (200, Value::Null),
            body_limit: MAX_JSON,
            handler,
        }
    }

    /// Parameters in the query string.
    pub(super) fn query(mut self, parameters: &[&[Parameter]]) -> Self {
        self.query = parameters.concat();
        self
    }

    /// The schema of the JSON body.
    pub(super) fn takes(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }

    /// The largest body in bytes, where a JSON object's usual limit is too small.
    pub(super) fn up_to(mut self, body_limit: usize) -> Self {
        self.body_limit = body_limit;
        self
    }

    /// The status and the schema of the answer.
    pub(super) fn answers(mut self, status: u16, body: Value) -> Self {
        self.answer = (status, body);
        self
    }

    /// The handler with its gate before it.
    pub(super) fn guarded(self, shared: &Shared) -> MethodRouter<Shared> {
        let gate = Gate {
            shared: shared.clone(),
            scopes: self.scopes,
            body_limit: self.body_limit,
        };
        self.handler
            .route_layer(from_fn_with_state(gate, gate::pass))
    }
}
