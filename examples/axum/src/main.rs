//! Sessions in axum: cretula-tower's layer around the router.
#![forbid(unsafe_code)]

use std::{collections::HashMap, net::TcpListener, sync::Arc};

use axum::{
    Form, Router,
    extract::State,
    http::header,
    response::{Html, IntoResponse},
    routing::{get, post},
};
use cretula_tower::SessionLayer;
use example_support::{App, Error, HELP, Handle, listen, port};

#[tokio::main]
async fn main() -> Result<(), Error> {
    serve(listen(port()?)?, App::new()?).await
}

pub async fn serve(listener: TcpListener, app: Arc<App>) -> Result<(), Error> {
    let routes = Router::new()
        .route("/", get(home))
        .route("/help", get(help))
        .route("/visit", post(visit))
        .route("/basket", post(basket))
        .route("/sign-on", post(sign_on))
        .route("/sign-off", post(sign_off))
        .route("/sign-off-everywhere", post(sign_off_everywhere))
        .layer(SessionLayer::from(app.middleware()))
        .with_state(app);
    Ok(axum::serve(tokio::net::TcpListener::from_std(listener)?, routes).await?)
}

type Fields = Form<HashMap<String, String>>;

async fn home(session: Handle, State(app): State<Arc<App>>) -> Html<String> {
    Html(session.with(|session| app.page(session)))
}

async fn help() -> impl IntoResponse {
    ([(header::CACHE_CONTROL, "max-age=60")], HELP)
}

async fn visit(session: Handle, State(app): State<Arc<App>>) -> Html<String> {
    Html(session.with(|session| app.visit(session)))
}

async fn basket(session: Handle, State(app): State<Arc<App>>, Form(form): Fields) -> Html<String> {
    let item = form.get("item").map_or("", String::as_str);
    Html(session.with(|session| app.basket(session, item)))
}

async fn sign_on(session: Handle, State(app): State<Arc<App>>, Form(form): Fields) -> Html<String> {
    let sub = form.get("sub").map_or("", String::as_str);
    Html(session.with(|session| app.sign_on(session, sub)))
}

async fn sign_off(session: Handle, State(app): State<Arc<App>>) -> Html<String> {
    Html(session.with(|session| app.sign_off(session)))
}

async fn sign_off_everywhere(session: Handle, State(app): State<Arc<App>>) -> Html<String> {
    Html(session.with(|session| app.sign_off_everywhere(session)))
}
