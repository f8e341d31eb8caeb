//! The small shop on axum.
#![forbid(unsafe_code)]

use std::{
    collections::BTreeMap,
    convert::Infallible,
    env,
    fmt::Display,
    future::ready,
    io,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{
    Form, Router,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    middleware::map_response,
    response::{IntoResponse as _, Redirect, Response},
    routing::{get, post},
};
use cretula::{Answer, CommitError, Site, TokenCookie, UnixTime};
use cretula_tower::{Check, SessionHandle, SessionLayer, log_keyring};
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
type Session = SessionHandle<Shop>;

/// The deny-list: a session ID, and until when to keep it.
static DENIED: Mutex<BTreeMap<String, UnixTime>> = Mutex::new(BTreeMap::new());

async fn check(Check { sub, sid, .. }: Check) -> Result<Answer, Infallible> {
    let answer = sub.map_or(Answer::Unanswered, |sub| generation(&sub).map_or(Answer::Denied, Answer::Generation));
    Ok(if lock(&DENIED).contains_key(&sid) { Answer::Denied } else { answer })
}
// [/]

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    tracing_subscriber::fmt().with_writer(io::stderr).init();
    lock(&USERS).insert("ada".to_owned(), 1);
    // [set-up]
    let site = Site::watching(env::var("KEYS")?, "shop.example", Duration::from_secs(1), log_keyring)?;
    let layer = SessionLayer::new(site.sessions::<Shop>().build()?, check).same_site_posts().on_ended(|ended| {
        lock(&DENIED).insert(ended.sid, ended.end);
        ready(Ok::<_, Infallible>(()))
    });
    // [/]
    // [return-url]
    let return_url = site.cookie("return-url", Duration::from_secs(600)).build()?;
    // [/]
    let routes = Router::new()
        .route("/", get(home))
        .route("/account", get(account))
        .route("/sign-on", get("please sign on\n").post(sign_on))
        .route("/basket", post(basket))
        .route("/sign-off", post(sign_off))
        .route("/sign-off-everywhere", post(sign_off_everywhere))
        // [set-up]
        .layer(layer)
        // [/]
        // [too-large]
        .layer(map_response(too_large))
        // [/]
        .with_state(return_url);
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", env::var("PORT")?.parse()?)).await?;
    println!("http://{}", listener.local_addr()?);
    Ok(axum::serve(listener, routes).await?)
}

async fn home(session: Session) -> String {
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

async fn account(session: Session, State(return_url): State<TokenCookie>) -> Result<Response, Fault> {
    if let Some(sub) = session.with(|session| session.user().map(|user| user.sub.clone())) {
        return Ok(format!("account of {sub}\n").into_response());
    }
    let mut response = Redirect::to("/sign-on").into_response();
    // [return-url]
    return_url.seal("/account").map_err(fault)?.apply(response.headers_mut());
    // [/]
    Ok(response)
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Fields {
    sub: String,
    item: String,
}

async fn sign_on(
    session: Session,
    State(return_url): State<TokenCookie>,
    headers: HeaderMap,
    Form(Fields { sub, .. }): Form<Fields>,
) -> Result<Response, Fault> {
    // The password would be looked at here.
    let Some(generation) = generation(&sub) else { return Err((StatusCode::FORBIDDEN, "no such user\n".to_owned())) };
    session.with(|session| {
        // [sign-on]
        let basket = session.data().basket.clone();
        session.sign_on(&sub, generation).map_err(fault)?;
        session.data_mut().basket = basket;
        // [/]
        // [flash]
        session.flash("info", format!("Welcome, {sub}"));
        // [/]
        Ok(())
    })?;
    // [return-url]
    let opened = return_url.open(headers.get_all(header::COOKIE)).ok();
    let path = opened.and_then(|opened| String::from_utf8(opened.payload).ok()).filter(|path| is_path(path));
    let mut response = Redirect::to(path.as_deref().unwrap_or("/")).into_response();
    return_url.expire().apply(response.headers_mut());
    // [/]
    Ok(response)
}

async fn basket(session: Session, Form(Fields { item, .. }): Form<Fields>) -> Redirect {
    session.with(|session| session.data_mut().basket.push(item));
    Redirect::to("/")
}

async fn sign_off(session: Session) -> Redirect {
    // [sign-on]
    session.with(|session| session.sign_off());
    // [/]
    Redirect::to("/")
}

async fn sign_off_everywhere(session: Session) -> Redirect {
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

// [too-large]
async fn too_large(mut response: Response) -> Response {
    if let Some(CommitError::TooLarge { over, largest }) = response.extensions_mut().remove() {
        *response.status_mut() = StatusCode::PAYLOAD_TOO_LARGE;
        *response.body_mut() = format!("{}: {over} octets too many\n", largest.unwrap_or_default()).into();
    }
    response
}
// [/]

fn is_path(path: &str) -> bool {
    path.starts_with('/') && !path.starts_with("//") && !path.starts_with("/\\")
}

type Fault = (StatusCode, String);

fn fault(error: impl Display) -> Fault {
    (StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n"))
}

fn generation(sub: &str) -> Option<u64> {
    lock(&USERS).get(sub).copied()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
