//! One of five servers that share a session: axum with cretula-tower.
#![forbid(unsafe_code)]

mod database;

use std::{collections::HashMap, env, error::Error, fs, net::TcpListener, sync::Arc, thread, time::Duration};

use axum::{
    Extension, Form, Router,
    extract::{Request, State},
    http::{Method, StatusCode, header},
    middleware::{self, Next},
    response::{Html, IntoResponse, Redirect, Response},
    routing::{get, post},
};
use cretula::{CommitError, Context, Cookie, Keyring, Policy, Sessions};
use cretula_tower::{Answer, Check, SessionHandle, SessionLayer};
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

type Session = Extension<SessionHandle<Visit>>;
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
    let path = env::var("KEYS")?;
    let document = fs::read(&path)?;
    let context = Context::new("sso.example", "session")?;
    let cookie = Cookie::named("__Host-sso");
    let sessions = Sessions::new(&Keyring::parse(&document)?, &context, Policy::new(1_800, 86_400)?, cookie)?;
    thread::spawn({
        let sessions = sessions.clone();
        move || follow(&path, document, &sessions)
    });
    let (users, ended) = (app.clone(), app.clone());
    let check = move |check: Check| std::future::ready(answer(&users.database, &check));
    Ok(SessionLayer::new(sessions, check)
        .on_refused(|reason| eprintln!("session refused: {}", reason.code()))
        .on_failed(|error| eprintln!("session not written: {}", error.code()))
        .on_ended(move |gone| {
            if let Err(error) = ended.database.deny(&gone.sid, gone.end) {
                eprintln!("deny-list not written: {error}"); // raise an alarm
            }
            std::future::ready(())
        }))
}

/// The application's check (§19.5).
fn answer(database: &Database, check: &Check) -> Answer {
    if database.is_denied(&check.sid) {
        return Answer::Denied;
    }
    check.sub.as_deref().and_then(|name| database.generation(name)).into()
}

/// Reads the keyring document again every second. A refused one leaves the old ring in force.
fn follow(path: &str, mut last: Vec<u8>, sessions: &Sessions<Visit>) {
    loop {
        thread::sleep(Duration::from_secs(1));
        let Ok(document) = fs::read(path) else { continue };
        if document == last {
            continue;
        }
        match Keyring::parse(&document) {
            Ok(ring) => {
                sessions.replace_keyring(&ring);
                eprintln!("keyring exchanged");
            }
            Err(error) => eprintln!("keyring refused: {}", error.code()),
        }
        last = document;
    }
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
        // Do not write then: it would replace a session that may still be valid ([SESS-18]).
        if session.reason().is_some_and(|reason| reason.is_not_now()) {
            return unavailable();
        }
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
