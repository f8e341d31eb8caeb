//! Sessions in Rocket: the fairing and the request guard of cretula-rocket.
#![forbid(unsafe_code)]

use std::{collections::HashMap, sync::Arc};

use cretula_rocket::{SessionFairing, SessionHandle};
use example_support::{App, Error, HELP, Shop, port};
use rocket::{
    Build, Config, Responder, Rocket, State, fairing::AdHoc, form::Form, get, http::Header, post,
    response::content::RawHtml, routes,
};

#[rocket::main]
async fn main() -> Result<(), Error> {
    let say = AdHoc::on_liftoff("address", |rocket| {
        let port = rocket.config().port;
        Box::pin(async move { println!("http://127.0.0.1:{port}") })
    });
    server(port()?, App::new()?).attach(say).launch().await?;
    Ok(())
}

pub fn server(port: u16, app: Arc<App>) -> Rocket<Build> {
    let config = Config { port, log_level: rocket::config::LogLevel::Off, ..Config::debug_default() };
    rocket::custom(config)
        .attach(SessionFairing::from(app.middleware()))
        .manage(app)
        .mount("/", routes![home, help, visit, basket, sign_on, sign_off, sign_off_everywhere])
}

type Session<'r> = SessionHandle<'r, Shop>;
type Fields = Form<HashMap<String, String>>;

#[get("/")]
fn home(session: Session<'_>, app: &State<Arc<App>>) -> RawHtml<String> {
    RawHtml(session.with(|session| app.page(session)))
}

#[derive(Responder)]
struct Cached(&'static str, Header<'static>);

#[get("/help")]
fn help() -> Cached {
    Cached(HELP, Header::new("cache-control", "max-age=60"))
}

#[post("/visit")]
fn visit(session: Session<'_>, app: &State<Arc<App>>) -> RawHtml<String> {
    RawHtml(session.with(|session| app.visit(session)))
}

#[post("/basket", data = "<form>")]
fn basket(session: Session<'_>, app: &State<Arc<App>>, form: Fields) -> RawHtml<String> {
    RawHtml(session.with(|session| app.basket(session, form.get("item").map_or("", String::as_str))))
}

#[post("/sign-on", data = "<form>")]
fn sign_on(session: Session<'_>, app: &State<Arc<App>>, form: Fields) -> RawHtml<String> {
    RawHtml(session.with(|session| app.sign_on(session, form.get("sub").map_or("", String::as_str))))
}

#[post("/sign-off")]
fn sign_off(session: Session<'_>, app: &State<Arc<App>>) -> RawHtml<String> {
    RawHtml(session.with(|session| app.sign_off(session)))
}

#[post("/sign-off-everywhere")]
fn sign_off_everywhere(session: Session<'_>, app: &State<Arc<App>>) -> RawHtml<String> {
    RawHtml(session.with(|session| app.sign_off_everywhere(session)))
}
