//! Register, sign on, sign off.

use axum::{
    Form,
    extract::{Query, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect, Response},
};
use maud::{Markup, html};
use serde::Deserialize;

use super::{Field, bare, fault, page};
use crate::{
    Shared,
    failure::Failure,
    password,
    sessions::{self, Visit},
};

#[derive(Deserialize)]
pub struct Wish {
    r#return: Option<String>,
}

#[derive(Deserialize)]
pub struct Credentials {
    email: String,
    password: String,
}

#[derive(Deserialize)]
pub struct Registration {
    email: String,
    name: String,
    password: String,
}

/// `?return=` asks for the way back; what is no path of this site is ignored.
pub async fn form(State(app): State<Shared>, visit: Visit, Query(wish): Query<Wish>) -> Response {
    if let Some(path) = wish.r#return {
        return sessions::detour(&app, "/sign-on", Some(&path));
    }
    sign_on_page(&visit, "", None).into_response()
}

pub async fn submit(
    State(app): State<Shared>,
    visit: Visit,
    headers: HeaderMap,
    Form(it): Form<Credentials>,
) -> Result<Response, Failure> {
    let email = it.email.trim().to_owned();
    let Some((user, generation)) = app.users.verify(email.clone(), it.password).await? else {
        let page = sign_on_page(&visit, &email, Some("Address or password is wrong."));
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    };
    sign_on(&visit, user, generation, "You are signed on.")?;
    Ok(sessions::back(&app, &headers, "/account"))
}

/// A new session; of the guest's data the basket is kept, by name.
fn sign_on(visit: &Visit, user: i64, generation: u64, notice: &str) -> Result<(), Failure> {
    let mut session = visit.session();
    let basket = session.data().basket.clone();
    session.sign_on(&user.to_string(), generation)?;
    session.data_mut().basket = basket;
    session.flash("notice", notice);
    Ok(())
}

pub async fn register_form(visit: Visit) -> Markup {
    register_page(&visit, "", "", None)
}

pub async fn register(
    State(app): State<Shared>,
    visit: Visit,
    headers: HeaderMap,
    Form(it): Form<Registration>,
) -> Result<Response, Failure> {
    let (email, name) = (it.email.trim().to_owned(), it.name.trim().to_owned());
    let refused = |text| (StatusCode::UNPROCESSABLE_ENTITY, register_page(&visit, &email, &name, Some(text)));
    if !email.contains('@') || email.len() > 200 || !is_name(&name) {
        return Ok(refused("Please give an e-mail address and a name of at most 60 characters.").into_response());
    }
    if let Some(weakness) = password::weakness(&it.password) {
        return Ok(refused(weakness).into_response());
    }
    let Some((user, generation)) = app.users.register(email.clone(), name.clone(), it.password).await? else {
        return Ok(refused("This address is registered already.").into_response());
    };
    sign_on(&visit, user, generation, "Welcome! Your account is made, and you are signed on.")?;
    Ok(sessions::back(&app, &headers, "/account"))
}

pub(super) fn is_name(name: &str) -> bool {
    (1..=60).contains(&name.chars().count()) && !name.chars().any(char::is_control)
}

/// Ends this session in this browser; the glue puts its `sid` on the deny-list.
pub async fn sign_off(visit: Visit) -> Redirect {
    visit.session().sign_off();
    Redirect::to("/signed-off")
}

/// Ends every session of the user in every browser, by a new generation.
pub async fn sign_off_everywhere(State(app): State<Shared>, visit: Visit) -> Result<Redirect, Failure> {
    if let Some(person) = &visit.person {
        app.users.revoke(person.id).await?;
    }
    visit.session().sign_off();
    Ok(Redirect::to("/signed-off"))
}

pub async fn signed_off() -> Markup {
    bare("Signed off", "You are signed off. Your session is over, and a copy of its cookie opens nothing.")
}

fn sign_on_page(visit: &Visit, email: &str, refused: Option<&str>) -> Markup {
    let content = html! {
        h1 { "Sign on" }
        (fault(refused))
        form.stack id="sign-on-form" method="post" action="/sign-on" {
            (Field { name: "email", label: "E-mail", kind: "email", value: email, autocomplete: "username" })
            (Field { name: "password", label: "Password", kind: "password", value: "", autocomplete: "current-password" })
            button id="submit" { "Sign on" }
        }
        p { "No account? " a href="/register" { "Register" } }
    };
    page(visit, "Sign on", content)
}

fn register_page(visit: &Visit, email: &str, name: &str, refused: Option<&str>) -> Markup {
    let content = html! {
        h1 { "Register" }
        (fault(refused))
        form.stack id="register-form" method="post" action="/register" {
            (Field { name: "email", label: "E-mail", kind: "email", value: email, autocomplete: "username" })
            (Field { name: "name", label: "Name", kind: "text", value: name, autocomplete: "name" })
            (Field { name: "password", label: "Password (8 characters or more)", kind: "password", value: "",
                autocomplete: "new-password" })
            button id="submit" { "Register" }
        }
        p { "Have an account? " a href="/sign-on" { "Sign on" } }
    };
    page(visit, "Register", content)
}
