//! The small shop on actix-web.
#![forbid(unsafe_code)]

use std::{
    collections::BTreeMap,
    convert::Infallible,
    env,
    future::ready,
    io,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer, Result,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    error::ErrorInternalServerError,
    http::{StatusCode, header},
    middleware::{Next, from_fn},
    web::{Data, Form, ReqData, get, head, post},
};
use cretula::{Answer, CommitError, Site, TokenCookie, UnixTime};
use cretula_actix_web::{Check, Middleware, SessionHandle, SessionMiddleware, apply, log_keyring};
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
type Session = ReqData<SessionHandle<Shop>>;

/// The deny-list: a session ID, and until when to keep it.
static DENIED: Mutex<BTreeMap<String, UnixTime>> = Mutex::new(BTreeMap::new());

async fn check(Check { sub, sid, .. }: Check) -> Result<Answer, Infallible> {
    let answer = sub.map_or(Answer::Unanswered, |sub| generation(&sub).map_or(Answer::Denied, Answer::Generation));
    Ok(if lock(&DENIED).contains_key(&sid) { Answer::Denied } else { answer })
}
// [/]

#[actix_web::main]
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
    let return_url = Data::new(site.cookie("return-url", Duration::from_secs(600)).build()?);
    // [/]
    let app = move || {
        App::new()
            .app_data(return_url.clone())
            .route("/", get().to(home))
            .route("/", head().to(home))
            .route("/account", get().to(account))
            .route("/sign-on", get().to(async || "please sign on\n"))
            .route("/sign-on", post().to(sign_on))
            .route("/basket", post().to(basket))
            .route("/sign-off", post().to(sign_off))
            .route("/sign-off-everywhere", post().to(sign_off_everywhere))
            // [set-up]
            .wrap(SessionMiddleware::from(sessions.clone()))
            // [/]
            // [too-large]
            .wrap(from_fn(too_large))
        // [/]
    };
    let server = HttpServer::new(app).workers(2).bind(("127.0.0.1", env::var("PORT")?.parse()?))?;
    for address in server.addrs() {
        println!("http://{address}");
    }
    Ok(server.run().await?)
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

async fn account(session: Session, return_url: Data<TokenCookie>) -> Result<HttpResponse> {
    if let Some(sub) = session.with(|session| session.user().map(|user| user.sub.clone())) {
        return Ok(HttpResponse::Ok().body(format!("account of {sub}\n")));
    }
    let mut response = to("/sign-on");
    // [return-url]
    apply(&return_url.seal("/account").map_err(ErrorInternalServerError)?, response.headers_mut())?;
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
    return_url: Data<TokenCookie>,
    request: HttpRequest,
    form: Form<Fields>,
) -> Result<HttpResponse> {
    let sub = &form.sub;
    // The password would be looked at here.
    let Some(generation) = generation(sub) else { return Ok(HttpResponse::Forbidden().body("no such user\n")) };
    session.with(|session| {
        // [sign-on]
        let basket = session.data().basket.clone();
        session.sign_on(sub, generation).map_err(ErrorInternalServerError)?;
        session.data_mut().basket = basket;
        // [/]
        // [flash]
        session.flash("info", format!("Welcome, {sub}"));
        // [/]
        Ok::<_, actix_web::Error>(())
    })?;
    // [return-url]
    let opened = return_url.open(request.headers().get_all(header::COOKIE)).ok();
    let path = opened.and_then(|opened| String::from_utf8(opened.payload).ok()).filter(|path| is_path(path));
    let mut response = to(path.as_deref().unwrap_or("/"));
    apply(&return_url.expire(), response.headers_mut())?;
    // [/]
    Ok(response)
}

async fn basket(session: Session, form: Form<Fields>) -> HttpResponse {
    session.with(|session| session.data_mut().basket.push(form.item.clone()));
    to("/")
}

async fn sign_off(session: Session) -> HttpResponse {
    // [sign-on]
    session.with(|session| session.sign_off());
    // [/]
    to("/")
}

async fn sign_off_everywhere(session: Session) -> HttpResponse {
    session.with(|session| {
        // [sign-on]
        if let Some(user) = session.user() {
            lock(&USERS).entry(user.sub.clone()).and_modify(|generation| *generation += 1);
        }
        session.sign_off();
        // [/]
    });
    to("/")
}

// [too-large]
async fn too_large(request: ServiceRequest, next: Next<impl MessageBody + 'static>) -> Result<ServiceResponse> {
    let mut response = next.call(request).await?.map_into_boxed_body();
    let error = response.response_mut().extensions_mut().remove();
    let Some(CommitError::TooLarge { over, largest }) = error else { return Ok(response) };
    *response.response_mut().status_mut() = StatusCode::PAYLOAD_TOO_LARGE;
    let page = format!("{}: {over} octets too many\n", largest.unwrap_or_default());
    Ok(response.map_body(|_, _| page.boxed()))
}
// [/]

fn is_path(path: &str) -> bool {
    path.starts_with('/') && !path.starts_with("//") && !path.starts_with("/\\")
}

fn to(path: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((header::LOCATION, path)).finish()
}

fn generation(sub: &str) -> Option<u64> {
    lock(&USERS).get(sub).copied()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
