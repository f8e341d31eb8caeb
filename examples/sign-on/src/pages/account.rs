//! Profile and known sessions.

use axum::{
    Form,
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use maud::{Markup, html};
use serde::Deserialize;

use super::{Field, duration, page, sign_on::is_name};
use crate::{
    Shared,
    failure::Failure,
    now,
    sessions::Member,
    users::{Known, Person},
};

#[derive(Deserialize)]
pub struct Profile {
    name: String,
}

#[derive(Deserialize)]
pub struct End {
    id: i64,
}

pub async fn show(State(app): State<Shared>, Member { visit, person }: Member) -> Result<Markup, Failure> {
    let known = app.users.known(person.id, now()).await?;
    let (here, is_bound) = {
        let session = visit.session();
        (session.sid().map(str::to_owned), session.info().is_some_and(|info| info.is_bound))
    };
    let content = html! {
        h1 { "Account" }
        (profile(&person))
        section {
            h2 { "Password" }
            p { a href="/account/password" data-testid="change-password" { "Change password" }
                ". Every other browser is signed off then; this one stays." }
        }
        section {
            h2 { "This device" }
            @if is_bound {
                p { strong data-testid="device" { "bound" }
                    ": the session works with a key of this device. Somebody who copies its cookies can use them for "
                    (duration(app.config.proof.as_secs())) " at most." }
            } @else {
                p { strong data-testid="device" { "not bound" }
                    ": a copy of the session’s cookie works until the session ends. Browsers that know device binding bind
                    it by themselves, on https." }
            }
        }
        section {
            h2 { "Your sessions" }
            (sessions(&known, here.as_deref()))
            form method="post" action="/sign-off-everywhere" {
                button.quiet data-testid="sign-off-everywhere" { "Sign off everywhere" }
            }
        }
    };
    Ok(page(&visit, "Account", content))
}

pub async fn rename(
    State(app): State<Shared>,
    Member { visit, person }: Member,
    Form(profile): Form<Profile>,
) -> Result<Redirect, Failure> {
    let name = profile.name.trim();
    if is_name(name) {
        visit.notice("Your name is saved.");
        // Ask first: otherwise the name is saved and the page says that nothing was.
        visit.ensure_fits(&app)?;
        app.users.rename(person.id, name.into()).await?;
    } else {
        visit.notice("A name has 1 to 60 characters. Nothing was changed.");
    }
    Ok(Redirect::to("/account"))
}

/// Ends one session of this user, by the deny-list.
pub async fn end_session(
    State(app): State<Shared>,
    Member { visit, person }: Member,
    Form(end): Form<End>,
) -> Result<Response, Failure> {
    if app.users.end_session(person.id, end.id, now()).await? {
        visit.notice("The session is ended.");
    }
    Ok(Redirect::to("/account").into_response())
}

fn profile(person: &Person) -> Markup {
    html! {
        section {
            h2 { "Profile" }
            p { "Registered as " strong data-testid="email" { (person.email) } }
            form.stack id="profile-form" method="post" action="/account/name" {
                (Field { name: "name", label: "Display name", kind: "text", value: &person.name, autocomplete: "name" })
                button id="save-name" { "Save" }
            }
        }
    }
}

fn sessions(known: &[Known], here: Option<&str>) -> Markup {
    html! {
        table data-testid="sessions" {
            thead { tr { th { "Browser" } th { "Signed on" } th { "" } } }
            tbody {
                @for it in known {
                    tr data-testid="session" {
                        td.long { @if it.agent.is_empty() { "(not named)" } @else { (it.agent) } }
                        td { (duration(now().saturating_sub(it.first_seen))) " ago" }
                        td {
                            @if here == Some(it.sid.as_str()) {
                                strong data-testid="this-session" { "this browser" }
                            } @else {
                                form method="post" action="/account/sessions/end" {
                                    input type="hidden" name="id" value=(it.id);
                                    button.quiet data-testid="end-session" { "End" }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
