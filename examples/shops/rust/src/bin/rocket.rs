//! The small shop on Rocket.
#![forbid(unsafe_code)]

use std::{
    collections::BTreeMap,
    convert::Infallible,
    env,
    fmt::Display,
    future::ready,
    io::{self, Cursor},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use cretula::{Answer, CommitError, Site, TokenCookie, UnixTime, UserError};
use cretula_rocket::{Check, CookieFields, Middleware, SessionFairing, SessionHandle, WithCookie, log_keyring};
use rocket::{
    Config, FromForm, Responder, State, fairing::AdHoc, form::Form, get, http::Status, post, response::Redirect, routes,
};
use serde::{Deserialize, Serialize};

/// Your table: the session generation of each user.
static USERS: Mutex<BTreeMap<String, u64>> = Mutex::new(BTreeMap::new());

/// What the shop keeps in a session.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Shop {
    basket: Vec<String>,
}

// [set-up]
type Session<'r> = SessionHandle<'r, Shop>;

/// The deny-list: a session ID, and until when to keep it.
static DENIED: Mutex<BTreeMap<String, UnixTime>> = Mutex::new(BTreeMap::new());

async fn check(Check { sub, sid, .. }: Check) -> Result<Answer, Infallible> {
    let answer = sub.map_or(Answer::Unanswered, |sub| generation(&sub).map_or(Answer::Denied, Answer::Generation));
    Ok(if lock(&DENIED).contains_key(&sid) { Answer::Denied } else { answer })
}
// [/]

#[rocket::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    tracing_subscriber::fmt().with_writer(io::stderr).init();
    lock(&USERS).insert("ada".to_owned(), 1);
    // [set-up]
    let site = Site::watching(env::var("KEYS")?, "shop.example", Duration::from_secs(1), log_keyring)?;
    let sessions = Middleware::new(site.sessions::<Shop>().build()?, check).same_site_posts().on_ended(|ended| {
        lock(&DENIED).insert(ended.sid, ended.end);
        ready(Ok::<_, Infallible>(()))
    });
    // [/]
    // [return-url]
    let return_url = site.cookie("return-url", Duration::from_secs(600)).build()?;
    // [/]
    let config =
        Config { port: env::var("PORT")?.parse()?, log_level: rocket::log::LogLevel::Off, ..Config::debug_default() };
    rocket::custom(config)
        // [set-up]
        .attach(SessionFairing::from(sessions))
        // [/]
        // [too-large]
        .attach(AdHoc::on_response("too large", |request, response| {
            Box::pin(async move {
                let Some(CommitError::TooLarge { over, largest }) = request.local_cache(|| None) else { return };
                response.set_status(Status::PayloadTooLarge);
                let page = format!("{}: {over} octets too many\n", largest.as_deref().unwrap_or_default());
                response.set_sized_body(page.len(), Cursor::new(page));
            })
        }))
        // [/]
        .attach(AdHoc::on_liftoff("address", |rocket| {
            let port = rocket.config().port;
            Box::pin(async move { println!("http://127.0.0.1:{port}") })
        }))
        .manage(return_url)
        .mount("/", routes![home, account, sign_on_page, sign_on, basket, sign_off, sign_off_everywhere])
        .launch()
        .await?;
    Ok(())
}

#[get("/")]
fn home(session: Session<'_>) -> String {
    session.with(|session| {
        let user = session.user().map_or("guest", |user| user.sub.as_str());
        let mut page = format!("user: {user}\nbasket: {}\n", session.data().basket.join(", "));
        // [flash]
        for message in session.take_flash("info") {
            page += &format!("message: {}\n", message.as_str().unwrap_or_default());
        }
        // [/]
        page
    })
}

#[derive(Responder)]
#[allow(clippy::large_enum_variant, reason = "one is made for each request")]
enum Answered {
    Page(String),
    To(WithCookie<Redirect>),
    Failed((Status, String)),
}

#[get("/account")]
fn account(session: Session<'_>, return_url: &State<TokenCookie>) -> Answered {
    if let Some(sub) = session.with(|session| session.user().map(|user| user.sub.clone())) {
        return Answered::Page(format!("account of {sub}\n"));
    }
    let to = Redirect::to("/sign-on");
    // [return-url]
    return_url.seal("/account").map_or_else(failed, |cookie| Answered::To(WithCookie(to, cookie)))
    // [/]
}

#[get("/sign-on")]
const fn sign_on_page() -> &'static str {
    "please sign on\n"
}

#[derive(FromForm)]
struct Fields {
    #[field(default = "")]
    sub: String,
    #[field(default = "")]
    item: String,
}

#[post("/sign-on", data = "<form>")]
fn sign_on(
    session: Session<'_>,
    fields: CookieFields<'_>,
    form: Form<Fields>,
    return_url: &State<TokenCookie>,
) -> Answered {
    let sub = &form.sub;
    // The password would be looked at here.
    let Some(generation) = generation(sub) else {
        return Answered::Failed((Status::Forbidden, "no such user\n".into()));
    };
    let signed_on = session.with(|session| {
        // [sign-on]
        let basket = session.data().basket.clone();
        session.sign_on(sub, generation)?;
        session.data_mut().basket = basket;
        // [/]
        // [flash]
        session.flash("info", format!("Welcome, {sub}"));
        // [/]
        Ok::<_, UserError>(())
    });
    if let Err(error) = signed_on {
        return failed(error);
    }
    // [return-url]
    let opened = return_url.open(fields.0).ok();
    let path = opened.and_then(|opened| String::from_utf8(opened.payload).ok()).filter(|path| is_path(path));
    Answered::To(WithCookie(Redirect::to(path.unwrap_or_else(|| "/".to_owned())), return_url.expire()))
    // [/]
}

#[post("/basket", data = "<form>")]
fn basket(session: Session<'_>, form: Form<Fields>) -> Redirect {
    session.with(|session| session.data_mut().basket.push(form.into_inner().item));
    Redirect::to("/")
}

#[post("/sign-off")]
fn sign_off(session: Session<'_>) -> Redirect {
    // [sign-on]
    session.with(|session| session.sign_off());
    // [/]
    Redirect::to("/")
}

#[post("/sign-off-everywhere")]
fn sign_off_everywhere(session: Session<'_>) -> Redirect {
    session.with(|session| {
        // [sign-on]
        if let Some(user) = session.user() {
            lock(&USERS).entry(user.sub.clone()).and_modify(|generation| *generation += 1);
        }
        session.sign_off();
        // [/]
    });
    Redirect::to("/")
}

fn is_path(path: &str) -> bool {
    path.starts_with('/') && !path.starts_with("//") && !path.starts_with("/\\")
}

fn failed(error: impl Display) -> Answered {
    Answered::Failed((Status::InternalServerError, format!("{error}\n")))
}

fn generation(sub: &str) -> Option<u64> {
    lock(&USERS).get(sub).copied()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
