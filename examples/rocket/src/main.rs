//! Sessions in Rocket: a fairing that opens and commits, and a request guard that handlers take.
#![forbid(unsafe_code)]

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use example_support::{App, CommitError, Error, HELP, Session, lock, port};
use rocket::{
    Build, Config, Data, Request, Responder, Response, Rocket, State,
    fairing::{AdHoc, Fairing, Info, Kind},
    form::Form,
    get,
    http::{Header, Status},
    post,
    request::{FromRequest, Outcome},
    response::content::RawHtml,
    routes,
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
        .manage(app.clone())
        .attach(Glue(app))
        .mount("/", routes![home, help, visit, basket, sign_on, sign_off, sign_off_everywhere])
}

// glue:begin
struct Glue(Arc<App>);
type Slot = Option<Mutex<Session>>;

#[rocket::async_trait]
impl Fairing for Glue {
    fn info(&self) -> Info {
        Info { name: "session", kind: Kind::Request | Kind::Response }
    }

    async fn on_request(&self, request: &mut Request<'_>, _: &mut Data<'_>) {
        let Self(app) = self;
        let session = app.check(app.sessions.open(request.headers().get("cookie"))).await;
        request.local_cache(|| Some(Mutex::new(session)));
    }

    async fn on_response<'r>(&self, request: &'r Request<'_>, response: &mut Response<'r>) {
        let Self(app) = self;
        let Some(session) = request.local_cache(|| Slot::None) else { return };
        let committed = match app.sessions.commit(app.take(session)) {
            Ok(committed) => committed,
            Err(error) => return *response = failed(app, &error),
        };
        for (name, value) in committed.headers() {
            response.adjoin_raw_header(name, value.to_owned());
        }
        if let Some(value) = committed.cache_control(response.headers().contains("cache-control")) {
            response.set_raw_header("cache-control", value);
        }
    }
}

struct Handle<'r>(&'r Mutex<Session>);

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Handle<'r> {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        match request.local_cache(|| Slot::None) {
            Some(session) => Outcome::Success(Self(session)),
            None => Outcome::Error((Status::InternalServerError, ())),
        }
    }
}
// glue:end

/// The page where the session cannot be written. What the browser has is as good as before.
fn failed<'r>(app: &App, error: &CommitError) -> Response<'r> {
    app.log(error);
    let mut page = Response::build();
    page.status(Status::new(App::status(error)));
    page.raw_header("vary", "Cookie").raw_header("cache-control", "private").finalize()
}

type Fields = Form<HashMap<String, String>>;

#[get("/")]
fn home(session: Handle<'_>, app: &State<Arc<App>>) -> RawHtml<String> {
    RawHtml(app.page(&lock(session.0)))
}

#[derive(Responder)]
struct Cached(&'static str, Header<'static>);

#[get("/help")]
fn help() -> Cached {
    Cached(HELP, Header::new("cache-control", "max-age=60"))
}

#[post("/visit")]
fn visit(session: Handle<'_>, app: &State<Arc<App>>) -> RawHtml<String> {
    RawHtml(app.visit(&mut lock(session.0)))
}

#[post("/basket", data = "<form>")]
fn basket(session: Handle<'_>, app: &State<Arc<App>>, form: Fields) -> RawHtml<String> {
    RawHtml(app.basket(&mut lock(session.0), form.get("item").map_or("", String::as_str)))
}

#[post("/sign-on", data = "<form>")]
fn sign_on(session: Handle<'_>, app: &State<Arc<App>>, form: Fields) -> RawHtml<String> {
    RawHtml(app.sign_on(&mut lock(session.0), form.get("sub").map_or("", String::as_str)))
}

#[post("/sign-off")]
fn sign_off(session: Handle<'_>, app: &State<Arc<App>>) -> RawHtml<String> {
    RawHtml(app.sign_off(&mut lock(session.0)))
}

#[post("/sign-off-everywhere")]
fn sign_off_everywhere(session: Handle<'_>, app: &State<Arc<App>>) -> RawHtml<String> {
    RawHtml(app.sign_off_everywhere(&mut lock(session.0)))
}
