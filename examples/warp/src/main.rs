//! Sessions in warp: its filters as a tower service, with cretula-tower's layer around it.
#![forbid(unsafe_code)]

use std::{collections::HashMap, net::TcpListener, sync::Arc};

use cretula_tower::SessionLayer;
use example_support::{App, Error, HELP, Handle, Session, listen, port};
use hyper::server::conn::http1;
use hyper_util::{rt::TokioIo, service::TowerToHyperService};
use tower::Layer as _;
use warp::{Filter, Rejection, Reply, reply};

#[tokio::main]
async fn main() -> Result<(), Error> {
    serve(listen(port()?)?, App::new()?).await
}

pub async fn serve(listener: TcpListener, app: Arc<App>) -> Result<(), Error> {
    let listener = tokio::net::TcpListener::from_std(listener)?;
    // warp::serve takes filters only, not services.
    let service = TowerToHyperService::new(SessionLayer::from(app.middleware()).layer(warp::service(routes(app))));
    loop {
        let (stream, _) = listener.accept().await?;
        // A fault of one connection is its own.
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service.clone()));
    }
}

fn routes(app: Arc<App>) -> impl Filter<Extract = (impl Reply,), Error = Rejection> + Clone {
    let home = page(app.clone(), warp::path::end().and(warp::get()), |app, session, _| app.page(session));
    let visit = page(app.clone(), action("visit"), |app, session, _| app.visit(session));
    let basket = page(app.clone(), action("basket"), |app, session, form| app.basket(session, field(form, "item")));
    let sign_on = page(app.clone(), action("sign-on"), |app, session, form| app.sign_on(session, field(form, "sub")));
    let sign_off = page(app.clone(), action("sign-off"), |app, session, _| app.sign_off(session));
    let everywhere = page(app, action("sign-off-everywhere"), |app, session, _| app.sign_off_everywhere(session));
    let help = warp::path("help").and(warp::get()).map(|| reply::with_header(HELP, "cache-control", "max-age=60"));
    home.or(help).or(visit).or(basket).or(sign_on).or(sign_off).or(everywhere)
}

type Fields = HashMap<String, String>;

fn action(path: &'static str) -> impl Filter<Extract = (), Error = Rejection> + Clone {
    warp::path(path).and(warp::path::end()).and(warp::post())
}

/// A page with its session, from the request's extensions, and its form, empty for GET.
fn page(
    app: Arc<App>,
    path: impl Filter<Extract = (), Error = Rejection> + Clone,
    handler: fn(&App, &mut Session, &Fields) -> String,
) -> impl Filter<Extract = (impl Reply,), Error = Rejection> + Clone {
    let form = warp::body::form().or(warp::any().map(Fields::new)).unify();
    path.and(warp::ext::get::<Handle>())
        .and(form)
        .map(move |handle: Handle, form| reply::html(handle.with(|session| handler(&app, session, &form))))
}

fn field<'a>(form: &'a Fields, name: &str) -> &'a str {
    form.get(name).map_or("", String::as_str)
}
