//! Sessions in poem: a function around the routes.
#![forbid(unsafe_code)]

use std::{
    collections::HashMap,
    net::TcpListener,
    sync::{Arc, Mutex},
};

use example_support::{App, CommitError, Error, HELP, Session, listen, lock, port};
use poem::{
    Endpoint, EndpointExt as _, IntoResponse, Request, Response, Result, Route, Server, get, handler,
    http::{StatusCode, header},
    listener::TcpAcceptor,
    post,
    web::{Data, Form, Html},
};

#[tokio::main]
async fn main() -> Result<(), Error> {
    serve(listen(port()?)?, App::new()?).await
}

pub async fn serve(listener: TcpListener, app: Arc<App>) -> Result<(), Error> {
    let routes = Route::new()
        .at("/", get(home))
        .at("/help", get(help))
        .at("/visit", post(visit))
        .at("/basket", post(basket))
        .at("/sign-on", post(sign_on))
        .at("/sign-off", post(sign_off))
        .at("/sign-off-everywhere", post(sign_off_everywhere))
        .data(app.clone())
        .around(move |routes, request| glue(app.clone(), routes, request));
    Ok(Server::new_with_acceptor(TcpAcceptor::from_std(listener)?).run(routes).await?)
}

// glue:begin
async fn glue(app: Arc<App>, routes: Arc<impl Endpoint>, mut request: Request) -> Result<Response> {
    let session = app.check(app.sessions.open(request.headers().get_all(header::COOKIE))).await;
    let session = Arc::new(Mutex::new(session));
    request.set_data(session.clone());

    let mut response = routes.get_response(request).await;

    let committed = app.sessions.commit(app.take(&session)).map_err(|error| failed(&app, error))?;
    committed.apply(response.headers_mut());
    Ok(response)
}
// glue:end

/// The page where the session cannot be written. What the browser has is as good as before.
fn failed(app: &App, error: CommitError) -> poem::Error {
    app.log(&error);
    let status = StatusCode::from_u16(App::status(&error)).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let page = status.with_header(header::VARY, "Cookie");
    poem::Error::from_response(page.with_header(header::CACHE_CONTROL, "private").into_response())
}

type Handle<'a> = Data<&'a Arc<Mutex<Session>>>;
type Shared<'a> = Data<&'a Arc<App>>;
type Fields = Form<HashMap<String, String>>;

#[handler]
fn home(session: Handle, app: Shared) -> Html<String> {
    Html(app.page(&lock(&session)))
}

#[handler]
fn help() -> impl IntoResponse {
    HELP.with_header(header::CACHE_CONTROL, "max-age=60")
}

#[handler]
fn visit(session: Handle, app: Shared) -> Html<String> {
    Html(app.visit(&mut lock(&session)))
}

#[handler]
fn basket(session: Handle, app: Shared, Form(form): Fields) -> Html<String> {
    Html(app.basket(&mut lock(&session), form.get("item").map_or("", String::as_str)))
}

#[handler]
fn sign_on(session: Handle, app: Shared, Form(form): Fields) -> Html<String> {
    Html(app.sign_on(&mut lock(&session), form.get("sub").map_or("", String::as_str)))
}

#[handler]
fn sign_off(session: Handle, app: Shared) -> Html<String> {
    Html(app.sign_off(&mut lock(&session)))
}

#[handler]
fn sign_off_everywhere(session: Handle, app: Shared) -> Html<String> {
    Html(app.sign_off_everywhere(&mut lock(&session)))
}
