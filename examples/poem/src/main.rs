//! Sessions in poem: a function around the routes.
#![forbid(unsafe_code)]

use std::{collections::HashMap, net::TcpListener, sync::Arc};

use cretula_middleware::Middleware;
use example_support::{App, Error, HELP, Handle, Shop, listen, port};
use poem::{
    Endpoint, EndpointExt as _, IntoResponse, Request, Response, Result, Route, Server, get, handler,
    http::{HeaderValue, StatusCode, header},
    listener::TcpAcceptor,
    post,
    web::{Data, Form, Html},
};

#[tokio::main]
async fn main() -> Result<(), Error> {
    serve(listen(port()?)?, App::new()?).await
}

pub async fn serve(listener: TcpListener, app: Arc<App>) -> Result<(), Error> {
    let sessions = app.middleware();
    let routes = Route::new()
        .at("/", get(home))
        .at("/help", get(help))
        .at("/visit", post(visit))
        .at("/basket", post(basket))
        .at("/sign-on", post(sign_on))
        .at("/sign-off", post(sign_off))
        .at("/sign-off-everywhere", post(sign_off_everywhere))
        .around(move |routes, request| glue(sessions.clone(), routes, request))
        .data(app);
    Ok(Server::new_with_acceptor(TcpAcceptor::from_std(listener)?).run(routes).await?)
}

// glue:begin
async fn glue(middleware: Middleware<Shop>, routes: Arc<impl Endpoint>, mut request: Request) -> Result<Response> {
    let handle = middleware.open(request.headers().get_all(header::COOKIE)).await;
    request.set_data(handle.clone());
    let mut response = routes.get_response(request).await;
    match middleware.commit(&handle).await {
        Ok(Some(committed)) => committed.apply(response.headers_mut()),
        Ok(None) => {}
        Err(failure) => {
            response =
                StatusCode::from_u16(failure.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR).into_response();
            for (name, value) in failure.headers() {
                response.headers_mut().insert(name, HeaderValue::from_static(value));
            }
        }
    }
    Ok(response)
}
// glue:end

type Session<'a> = Data<&'a Handle>;
type Shared<'a> = Data<&'a Arc<App>>;
type Fields = Form<HashMap<String, String>>;

#[handler]
fn home(session: Session, app: Shared) -> Html<String> {
    Html(session.with(|session| app.page(session)))
}

#[handler]
fn help() -> impl IntoResponse {
    HELP.with_header(header::CACHE_CONTROL, "max-age=60")
}

#[handler]
fn visit(session: Session, app: Shared) -> Html<String> {
    Html(session.with(|session| app.visit(session)))
}

#[handler]
fn basket(session: Session, app: Shared, Form(form): Fields) -> Html<String> {
    Html(session.with(|session| app.basket(session, form.get("item").map_or("", String::as_str))))
}

#[handler]
fn sign_on(session: Session, app: Shared, Form(form): Fields) -> Html<String> {
    Html(session.with(|session| app.sign_on(session, form.get("sub").map_or("", String::as_str))))
}

#[handler]
fn sign_off(session: Session, app: Shared) -> Html<String> {
    Html(session.with(|session| app.sign_off(session)))
}

#[handler]
fn sign_off_everywhere(session: Session, app: Shared) -> Html<String> {
    Html(session.with(|session| app.sign_off_everywhere(session)))
}
