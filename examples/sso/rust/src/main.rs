//! One of five servers that share a session: axum with cretula-tower.
#![forbid(unsafe_code)]

mod database;

use std::{collections::HashMap, env, error::Error, fs, io, net::TcpListener, sync::Arc, time::Duration};

use axum::{
    Form, Router,
    extract::{Request, State},
    http::{Method, StatusCode, header},
    middleware::{self, Next},
    response::{Html, IntoResponse, Redirect, Response},
    routing::{get, post},
};
use cretula::{Answer, CommitError, Cookie, Ended, ErrorCode as _, Site, SiteEvent, SourceError};
use cretula_tower::{Check, Event, SessionHandle, SessionLayer};
use serde::{Deserialize, Serialize};

use database::{Database, is_name};

const SERVER: &str = "rust";
const TRAIL: usize = 10;

/// `data` of the session.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Visit {
    #[serde(skip_serializing_if = "String::is_empty")]
    note: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    trail: Vec<String>,
    /// What other servers keep there.
    #[serde(flatten)]
    rest: cretula::Data,
}

impl Visit {
    fn step(&mut self) {
        self.trail.push(SERVER.into());
        self.trail.drain(..self.trail.len().saturating_sub(TRAIL));
    }
}

struct App {
    database: Database,
    page: String,
    origin: String,
    /// Name and origin of each server.
    peers: Vec<(String, String)>,
}

type Session = SessionHandle<Visit>;
type Fields = Form<HashMap<String, String>>;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind(("127.0.0.1", env::var("PORT")?.parse()?))?;
    listener.set_nonblocking(true)?;
    let origin = format!("http://localhost:{}", listener.local_addr()?.port());
    let peers = env::var("PEERS")?;
    let peers = peers.split_whitespace().filter_map(|peer| peer.split_once('='));
    let app = Arc::new(App {
        database: Database::new(env::var("DATA")?.into()),
        page: fs::read_to_string(env::var("PAGE")?)?,
        origin: origin.clone(),
        peers: peers.map(|(name, origin)| (name.to_owned(), origin.to_owned())).collect(),
    });
    let routes = Router::new()
        .route("/", get(home))
        .route("/sign-on", post(sign_on))
        .route("/note", post(note))
        .route("/step-up", post(step_up))
        .route("/sign-off", post(sign_off))
        .route("/sign-off-everywhere", post(sign_off_everywhere))
        .layer(glue(&app)?)
        .layer(middleware::map_response(uncommitted))
        .layer(middleware::from_fn_with_state(app.clone(), same_origin))
        .with_state(app);
    println!("{origin}");
    Ok(axum::serve(tokio::net::TcpListener::from_std(listener)?, routes).await?)
}

fn glue(app: &Arc<App>) -> Result<SessionLayer<Visit>, Box<dyn Error>> {
    let site = Site::watching(env::var("KEYS")?, "sso.example", Duration::from_secs(1), |event| match event {
        SiteEvent::Refused(SourceError::Keyring(_, error)) => eprintln!("keyring refused: {}", error.code()),
        SiteEvent::Refused(error) => eprintln!("keyring refused: {error}"),
        _ => eprintln!("keyring exchanged"),
    })?;
    let sessions = site.sessions().cookie(Cookie::named("__Host-sso")).build()?;
    let (users, ended) = (app.clone(), app.clone());
    let check = move |check: Check| std::future::ready(Ok::<_, io::Error>(answer(&users.database, &check)));
    let deny = move |gone: Ended| std::future::ready(ended.database.deny(&gone.sid, gone.end.as_secs()));
    Ok(SessionLayer::new(sessions, check).on_ended(deny).on_event(|event| match event {
        Event::Refused(reason) => eprintln!("session refused: {}", reason.code()),
        event => eprintln!("{event:?}"),
    }))
}

/// The application's check (§19.5).
fn answer(database: &Database, check: &Check) -> Answer {
    if database.is_denied(&check.sid) {
        return Answer::Denied;
    }
    let Some(name) = check.sub.as_deref() else { return Answer::Unanswered }; // a guest
    database.generation(name).map_or(Answer::Unanswered, Answer::Generation)
}

/// Ports are one site: SameSite does not keep the pages of another port from posting here.
async fn same_origin(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    if request.method() == Method::POST && request.headers().get(header::ORIGIN).is_none_or(|it| *it != *app.origin) {
        eprintln!("post refused: origin");
        return (StatusCode::FORBIDDEN, "This did not come from a page of this server.\n").into_response();
    }
    next.run(request).await
}

async fn home(session: Session, State(app): State<Arc<App>>) -> Html<String> {
    let of_peers = |show: fn(&str, &str) -> String| -> String {
        app.peers.iter().map(|(name, origin)| show(&escape(name), &escape(origin))).collect()
    };
    Html(session.with(|session| {
        let said: Vec<String> = session.take_flash("notice").iter().filter_map(|it| it.as_str().map(escape)).collect();
        let user = session.user().map(|user| escape(&user.sub));
        let hide = |hidden: bool| if hidden { "hidden" } else { "" }.to_owned();
        let visit = session.data();
        let values = HashMap::from([
            ("server", SERVER.to_owned()),
            ("links", of_peers(|name, origin| format!("<a href=\"{origin}/\">{name}</a> "))),
            ("options", of_peers(|name, _| format!("<option>{name}</option>"))),
            ("flash", said.join(" ")),
            ("sid", session.sid().unwrap_or("none").to_owned()),
            ("note", escape(&visit.note)),
            ("trail", escape(visit.trail.join(" → "))),
            ("for_guests", hide(user.is_some())),
            ("for_users", hide(user.is_none())),
            ("who", user.unwrap_or_else(|| "nobody".to_owned())),
        ]);
        let mut page = String::new();
        for (at, part) in app.page.split("{{").enumerate() {
            let (name, rest) = part.split_once("}}").filter(|_| at > 0).unwrap_or(("", part));
            page.push_str(values.get(name).map_or("", String::as_str));
            page.push_str(rest);
        }
        page
    }))
}

async fn sign_on(session: Session, State(app): State<Arc<App>>, Form(form): Fields) -> Response {
    let name = form.get("name").map_or("", String::as_str);
    if !is_name(name) {
        return (StatusCode::BAD_REQUEST, "One to twenty small letters.\n").into_response();
    }
    let Ok(generation) = app.database.generation_or_new(name) else { return unavailable() };
    session.with(|session| {
        let Visit { note, trail, .. } = std::mem::take(session.data_mut());
        if session.sign_on(name, generation).is_err() {
            return unavailable();
        }
        *session.data_mut() = Visit { note, trail, ..Visit::default() };
        session.data_mut().step();
        session.flash("notice", format!("Signed on at {SERVER}."));
        Redirect::to("/").into_response()
    })
}

async fn note(session: Session, State(app): State<Arc<App>>, Form(form): Fields) -> Response {
    session.with(|session| {
        let visit = session.data_mut();
        visit.note = form.get("note").cloned().unwrap_or_default();
        visit.step();
        session.flash("notice", format!("Saved by {SERVER}."));
        let next = form.get("next").map_or("", String::as_str);
        let origin = app.peers.iter().find(|(name, _)| name == next).map_or("", |(_, origin)| origin);
        Redirect::to(&format!("{origin}/")).into_response()
    })
}

/// After the password was asked for again, or a second factor.
async fn step_up(session: Session, State(app): State<Arc<App>>) -> Response {
    session.with(|session| {
        let user = session.user().map(|user| user.sub.clone());
        if let Some(generation) = user.and_then(|user| app.database.generation(&user)) {
            if session.reauthenticate(generation).is_err() {
                return unavailable();
            }
            session.flash("notice", format!("Stepped up at {SERVER}."));
        }
        Redirect::to("/").into_response()
    })
}

async fn sign_off(session: Session) -> Redirect {
    session.with(|session| session.sign_off());
    Redirect::to("/")
}

async fn sign_off_everywhere(session: Session, State(app): State<Arc<App>>) -> Response {
    session.with(|session| {
        if let Some(user) = session.user().map(|user| user.sub.clone()) {
            if app.database.count_up(&user).is_err() {
                return unavailable();
            }
            session.sign_off();
        }
        Redirect::to("/").into_response()
    })
}

/// The adapter's response is empty where the session could not be written.
async fn uncommitted(response: Response) -> Response {
    match response.extensions().get::<CommitError>() {
        Some(_) => (response.status(), response.headers().clone(), "This could not be saved.\n").into_response(),
        None => response,
    }
}

fn unavailable() -> Response {
    (StatusCode::SERVICE_UNAVAILABLE, "Not now. Try again in a moment.\n").into_response()
}

fn escape(text: impl AsRef<str>) -> String {
    let mut escaped = String::new();
    for letter in text.as_ref().chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(letter),
        }
    }
    escaped
}
