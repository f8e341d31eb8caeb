//! Text of any length in the session, to see it grow past one cookie and shrink again.

use axum::{
    Form,
    response::{IntoResponse, Redirect, Response},
};
use maud::{Markup, html};
use serde::Deserialize;

use super::page;
use crate::sessions::Visit;

#[derive(Deserialize)]
pub struct Text {
    notes: String,
}

/// What the visitor wrote, should the response's session turn out too large to send.
#[derive(Clone)]
pub struct Draft(pub String);

pub async fn show(visit: Visit) -> Markup {
    let notes = visit.session().data().notes.clone();
    let content = html! {
        h1 { "Notes" }
        p.lead { "Kept in your cookie and nowhere else. Write more than fits, and see what happens." }
        p { "Now " strong data-testid="notes-octets" { (notes.len()) } " octets." }
        (form(&notes))
    };
    page(&visit, "Notes", content)
}

pub(super) fn form(notes: &str) -> Markup {
    html! {
        form.stack id="notes-form" method="post" action="/notes" {
            label for="notes" { "Your notes" }
            textarea id="notes" name="notes" rows="12" maxlength="20000" { (notes) }
            button id="save-notes" { "Save" }
        }
    }
}

pub async fn save(visit: Visit, Form(text): Form<Text>) -> Response {
    // Browsers send line ends as CR LF; one octet will do.
    let notes = text.notes.replace("\r\n", "\n");
    visit.session().data_mut().notes.clone_from(&notes);
    visit.notice("Your notes are saved.");
    let mut response = Redirect::to("/notes").into_response();
    response.extensions_mut().insert(Draft(notes));
    response
}
