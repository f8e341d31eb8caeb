//! What is shown instead of a page.

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use cretula::{CommitError, ErrorCode as _};
use maud::{Markup, html};

use super::{
    bare, frame,
    notes::{self, Draft},
    page,
};
use crate::sessions::Visit;

pub async fn not_found(visit: Visit) -> (StatusCode, Markup) {
    let content = html! { h1 { "Not found" } p data-testid="message" { "There is no such page." } };
    (StatusCode::NOT_FOUND, page(&visit, "Not found", content))
}

/// The session could not be sent: nothing was, and the browser keeps the session that it had.
pub fn uncommitted(visit: &Visit, error: &CommitError, response: &Response) -> Response {
    eprintln!("session not sent: {}", error.code());
    let CommitError::TooLarge { over, largest } = error else {
        let status = match error {
            CommitError::NotNow(_) => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        let page = bare("Something went wrong", "Your session could not be written. It is as it was before.");
        return (status, page).into_response();
    };
    let name = visit.person.as_ref().map_or("Guest", |person| person.name.as_str());
    let header = html! { nav { a href="/" { "Shop" } a href="/notes" { "Notes" } } div.who { span { (name) } } };
    let content = html! {
        h1 { "Too large for a cookie" }
        p.fault role="alert" data-testid="too-large" {
            "Too large by " strong data-testid="excess" { (over) } " octets. "
            @if let Some(largest) = largest {
                "The largest part is " code data-testid="largest" { (largest) } "."
            }
        }
        p { "Nothing is lost: your session is as it was before, and what you wrote stands below." }
        @if let Some(Draft(text)) = response.extensions().get::<Draft>() { (notes::form(text)) }
    };
    (StatusCode::PAYLOAD_TOO_LARGE, frame("Too large", header, content)).into_response()
}
