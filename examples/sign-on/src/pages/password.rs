//! Change of password, behind a fresh proof of who asks.

use axum::{
    Form,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect, Response},
};
use maud::{Markup, html};
use serde::Deserialize;

use super::{Field, fault, page, username};
use crate::{
    Shared,
    failure::Failure,
    password,
    sessions::{self, Member},
};

#[derive(Deserialize)]
pub struct Proof {
    current: String,
}

#[derive(Deserialize)]
pub struct NewPassword {
    new: String,
    again: String,
}

pub async fn form(State(app): State<Shared>, member: Member) -> Response {
    if !member.visit.session().reauth_within(app.config.reauth) {
        return sessions::detour(&app, "/confirm", Some("/account/password"));
    }
    change_page(&member, None).into_response()
}

pub async fn submit(
    State(app): State<Shared>,
    member: Member,
    Form(it): Form<NewPassword>,
) -> Result<Response, Failure> {
    let Member { visit, person } = &member;
    if !visit.session().reauth_within(app.config.reauth) {
        return Ok(sessions::detour(&app, "/confirm", Some("/account/password")));
    }
    let differs = (it.new != it.again).then_some("The two passwords differ.");
    if let Some(text) = password::weakness(&it.new).or(differs) {
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, change_page(&member, Some(text))).into_response());
    }
    visit.notice("Your password is changed. Every other browser is signed off.");
    // Ask first: if the commit fails after the change, this browser keeps the old generation and is signed off too.
    visit.ensure_fits(&app)?;
    // Every session of the user carries the old generation now, so every one is revoked; this one follows.
    let generation = app.users.change_password(person.id, it.new).await?;
    visit.session().reauthenticate(generation)?;
    Ok(Redirect::to("/account").into_response())
}

pub async fn confirm_form(member: Member) -> Markup {
    confirm_page(&member, None)
}

/// The current password proves who asks; the session gets a new `sid` and goes on.
pub async fn confirm(
    State(app): State<Shared>,
    member: Member,
    headers: HeaderMap,
    Form(proof): Form<Proof>,
) -> Result<Response, Failure> {
    let Some((_, generation)) = app.users.verify(member.person.email.clone(), proof.current).await? else {
        let page = confirm_page(&member, Some("This is not your password."));
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    };
    member.visit.session().reauthenticate(generation)?;
    Ok(sessions::back(&app, &headers, "/account"))
}

fn confirm_page(member: &Member, refused: Option<&str>) -> Markup {
    let content = html! {
        h1 { "Please confirm that it is you" }
        (fault(refused))
        form.stack id="confirm-form" method="post" action="/confirm" {
            (username(&member.person.email))
            (Field { name: "current", label: "Current password", kind: "password", value: "",
                autocomplete: "current-password" })
            button id="submit" { "Go on" }
        }
    };
    page(&member.visit, "Confirm", content)
}

fn change_page(member: &Member, refused: Option<&str>) -> Markup {
    let content = html! {
        h1 { "Change password" }
        (fault(refused))
        form.stack id="password-form" method="post" action="/account/password" {
            (username(&member.person.email))
            (Field { name: "new", label: "New password", kind: "password", value: "", autocomplete: "new-password" })
            (Field { name: "again", label: "New password, again", kind: "password", value: "",
                autocomplete: "new-password" })
            button id="submit" { "Change" }
        }
    };
    page(&member.visit, "Change password", content)
}
