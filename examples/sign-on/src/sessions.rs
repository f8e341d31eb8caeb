//! The glue between the framework and the session: open, check, run the handler, commit.

use std::{
    collections::BTreeMap,
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    extract::{FromRequestParts, Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use cretula::{Answer, Committed, ErrorCode as _, NotNow, Opening};
use serde::{Deserialize, Serialize};

use crate::{
    App, Shared,
    baskets::{Backup, Source},
    failure::Failure,
    now, pages, return_url,
    users::{self, Known, Person},
};

/// Product and number of pieces.
pub type Basket = BTreeMap<String, u32>;

/// The application's part of the session. What is empty is not sent.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Shop {
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub basket: Basket,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub notes: String,
}

pub type Session = cretula::Session<Shop>;

/// Around every page. This is all that a framework needs.
pub async fn layer(State(app): State<Shared>, mut request: Request, next: Next) -> Response {
    let opening = app.sessions.open(request.headers().get_all(header::COOKIE));
    let (session, person) = check(&app, opening, request.headers()).await;
    let refused = log(&session, &request);
    let visit = Visit::new(&app, session, person);
    request.extensions_mut().insert(visit.clone());
    let mut response = next.run(request).await;

    // The commit takes the session. Look at it before.
    let session = visit.take(&app);
    let backup = Backup::of(&session);
    match app.sessions.commit(session) {
        Ok(committed) => finish(&app, backup, &committed, &mut response).await,
        Err(error) => response = pages::refusal::uncommitted(&visit, &error, &response),
    }
    if let Some(code) = refused {
        response.extensions_mut().insert(Refused(code));
    }
    response
}

/// `POST` of `/device-binding/start` and `/device-binding/refresh`: the browser proves its key. No page is involved.
pub async fn device(State(app): State<Shared>, request: Request) -> Response {
    let values = |name| request.headers().get_all(name).iter().map(HeaderValue::as_bytes).collect();
    let asked = app.sessions.device_request(request.method().as_str(), request.uri().path(), values);
    let Some(asked) = asked else { return StatusCode::NOT_FOUND.into_response() };
    let answer = match asked.opening() {
        Some(opening) => ask(&app, opening).await.0,
        None => Answer::Unanswered,
    };
    let answered = match asked.checked(answer) {
        Ok(answered) => answered,
        Err(error) => {
            eprintln!("error: device binding: {}", error.code());
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
    };
    let status = StatusCode::from_u16(answered.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, answered.body.clone()).into_response();
    response.headers_mut().remove(header::CONTENT_TYPE);
    for (name, value) in answered.headers() {
        // Never refused: visible ASCII and spaces.
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().append(name, value);
        }
    }
    if let Some(reason) = answered.reason {
        eprintln!("device refused: {}: {}", reason.code(), request.uri().path());
        response.extensions_mut().insert(Refused(reason.code()));
    }
    response
}

/// Asks for the session, and closes it if there is no answer.
async fn check(app: &App, opening: Opening<Shop>, headers: &HeaderMap) -> (Session, Option<Person>) {
    let (answer, row) = ask(app, &opening).await;
    let session = opening.checked(answer).unwrap_or_else(NotNow::read_only);
    let Some(row) = row else { return (session, None) };
    let person = row.person.filter(|_| session.user().is_some());
    if let (Some(person), false) = (&person, row.known) {
        remember(app, &session, person, headers).await;
    }
    (session, person)
}

/// One query for generation, deny-list and the user's row.
async fn ask(app: &App, opening: &Opening<Shop>) -> (Answer, Option<users::Answer>) {
    let user = opening.user().and_then(|user| user.sub.parse().ok());
    let row = match opening.sid() {
        Some(sid) => app.users.check(sid.to_owned(), user).await.map(Some),
        None => Ok(None),
    };
    match row {
        Ok(Some(row)) if row.denied || (user.is_some() && row.generation.is_none()) => (Answer::Denied, None),
        Ok(row) => {
            let generation = row.as_ref().and_then(|row| row.generation);
            (generation.map_or(Answer::Unanswered, Answer::Generation), row)
        }
        Err(error) => {
            eprintln!("error: check: {error}");
            (Answer::Unanswered, None)
        }
    }
}

/// For the list of known sessions: written once per session, not per request.
async fn remember(app: &App, session: &Session, person: &Person, headers: &HeaderMap) {
    let (Some(sid), Some(info)) = (session.sid(), session.info()) else { return };
    let agent = headers.get(header::USER_AGENT).map(|agent| String::from_utf8_lossy(agent.as_bytes()));
    let agent = agent.unwrap_or_default().chars().take(200).collect();
    let known = Known { id: 0, sid: sid.into(), first_seen: now(), agent };
    if let Err(error) = app.users.remember(known, person.id, info.end.as_secs()).await {
        eprintln!("error: known sessions: {error}");
    }
}

/// One line per refused session, with the code and never the token.
fn log(session: &Session, request: &Request) -> Option<&'static str> {
    let code = session.reason()?.code();
    if code != "absent" {
        eprintln!("session refused: {code}: {} {}", request.method(), request.uri().path());
    }
    Some(code)
}

/// Puts the header fields on, keeps the basket, denies the sessions that were ended.
async fn finish(app: &App, backup: Option<Backup>, committed: &Committed, response: &mut Response) {
    committed.apply(response.headers_mut());
    if committed.is_large {
        eprintln!("note: cookies of over 3500 octets together were written; some proxies refuse that");
    }
    if let Some(backup) = backup {
        app.baskets.keep(backup, now());
    }
    for ended in &committed.ended {
        app.baskets.forget(&ended.sid);
        if let Err(error) = app.users.deny(ended.sid.clone(), ended.end.as_secs(), now()).await {
            eprintln!("error: deny-list: {error}");
        }
    }
}

/// Why a request had no session, or a device no proof; an extension of the response, inside this process only.
#[derive(Clone, Copy)]
pub struct Refused(pub &'static str);

/// What handlers get: the session, and the user's row if somebody is signed on.
#[derive(Clone)]
pub struct Visit {
    session: Arc<Mutex<Session>>,
    pub person: Option<Person>,
    pub basket_from: Source,
}

impl Visit {
    fn new(app: &App, mut session: Session, person: Option<Person>) -> Self {
        let basket_from = app.baskets.recall(&mut session);
        Self { session: Arc::new(Mutex::new(session)), person, basket_from }
    }

    /// Not to be held while waiting.
    pub fn session(&self) -> MutexGuard<'_, Session> {
        self.session.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the session out for the commit. What a handler left behind may still change is a new one, never written.
    fn take(&self, app: &App) -> Session {
        mem::replace(&mut *self.session(), app.sessions.open([""]).unchecked().unwrap_or_else(NotNow::read_only))
    }

    /// Fails if the session would not fit its cookie. Call it before work that a failed commit cannot undo. The layer
    /// then shows the page for a session that is too large, whatever the handler returns.
    pub fn ensure_fits(&self, app: &App) -> Result<(), Failure> {
        match app.sessions.excess(&self.session())? {
            0 => Ok(()),
            excess => Err(format!("the session would be {excess} octets too large").into()),
        }
    }

    /// Says something on the next page that is shown.
    pub fn notice(&self, text: &str) {
        self.session().flash("notice", text);
    }
}

impl<S: Sync> FromRequestParts<S> for Visit {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        Ok(parts.extensions.get::<Self>().ok_or("a page outside the session layer")?.clone())
    }
}

/// A page for signed-on users. Others go to the sign-on form, and come back after it.
pub struct Member {
    pub visit: Visit,
    pub person: Person,
}

impl FromRequestParts<Shared> for Member {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Response> {
        let visit = Visit::from_request_parts(parts, app).await.map_err(Failure::into_response)?;
        if let Some(person) = visit.person.clone() {
            return Ok(Self { visit, person });
        }
        let path = parts.uri.path_and_query().map(|path| path.as_str());
        // What was posted is gone, so there is nothing to come back to.
        let path = path.filter(|_| parts.method == Method::GET);
        Err(detour(app, "/sign-on", path))
    }
}

/// Sends the visitor to a form, with the way back in a sealed cookie.
pub fn detour(app: &App, form: &str, back: Option<&str>) -> Response {
    let mut response = Redirect::to(form).into_response();
    if let Some(committed) = back.and_then(|path| return_url::remember(app, path)) {
        committed.apply(response.headers_mut());
    }
    response
}

/// The way back, or `otherwise`; the cookie that held it is expired.
pub fn back(app: &App, headers: &HeaderMap, otherwise: &str) -> Response {
    let Some(path) = return_url::recall(app, headers) else { return Redirect::to(otherwise).into_response() };
    let mut response = Redirect::to(&path).into_response();
    app.return_url.expire().apply(response.headers_mut());
    response
}
