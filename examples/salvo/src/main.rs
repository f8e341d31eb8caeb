//! Sessions in salvo: a handler hooped around the routes.
#![forbid(unsafe_code)]

use std::{
    net::TcpListener,
    sync::{Arc, Mutex},
};

use example_support::{App, CommitError, Error, HELP, Session, listen, lock, port};
use salvo::{
    Depot, FlowCtrl, Request, Response, Router, Server, Service,
    conn::tcp::TcpAcceptor,
    handler,
    http::{StatusCode, header, header::HeaderValue},
    writing::Text,
};

#[tokio::main]
async fn main() -> Result<(), Error> {
    serve(listen(port()?)?, App::new()?).await
}

pub async fn serve(listener: TcpListener, app: Arc<App>) -> Result<(), Error> {
    let routes = Router::new()
        .get(home)
        .push(Router::with_path("help").get(help))
        .push(Router::with_path("visit").post(visit))
        .push(Router::with_path("basket").post(basket))
        .push(Router::with_path("sign-on").post(sign_on))
        .push(Router::with_path("sign-off").post(sign_off))
        .push(Router::with_path("sign-off-everywhere").post(sign_off_everywhere));
    let listener = TcpAcceptor::try_from(tokio::net::TcpListener::from_std(listener)?)?;
    Ok(Server::new(listener).try_serve(Service::new(routes).hoop(Glue(app))).await?)
}

// glue:begin
struct Glue(Arc<App>);

#[handler]
impl Glue {
    async fn handle(&self, request: &mut Request, depot: &mut Depot, response: &mut Response, flow: &mut FlowCtrl) {
        let Self(app) = self;
        let session = app.check(app.sessions.open(request.headers().get_all(header::COOKIE))).await;
        let session = Arc::new(Mutex::new(session));
        depot.insert_typed(app.clone()).insert_typed(session.clone());

        flow.call_next(request, depot, response).await;

        let committed = match app.sessions.commit(app.take(&session)) {
            Ok(committed) => committed,
            Err(error) => return *response = failed(app, &error),
        };
        committed.apply(response.headers_mut());
    }
}
// glue:end

/// The page where the session cannot be written. What the browser has is as good as before.
fn failed(app: &App, error: &CommitError) -> Response {
    app.log(error);
    let mut page = Response::new();
    page.status_code(StatusCode::from_u16(App::status(error)).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR));
    page.headers_mut().insert(header::VARY, HeaderValue::from_static("Cookie"));
    page.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("private"));
    page
}

/// Calls `page` with the session and, for a form, the value of its field.
async fn answer(
    request: &mut Request,
    depot: &Depot,
    field: &str,
    page: impl FnOnce(&App, &mut Session, &str) -> String,
) -> Result<Text<String>, StatusCode> {
    let value = request.form::<String>(field).await.unwrap_or_default();
    let missing = StatusCode::INTERNAL_SERVER_ERROR;
    let app = depot.get_typed::<Arc<App>>().map_err(|_| missing)?;
    let session = depot.get_typed::<Arc<Mutex<Session>>>().map_err(|_| missing)?;
    Ok(Text::Html(page(app, &mut lock(session), &value)))
}

#[handler]
async fn home(request: &mut Request, depot: &Depot) -> Result<Text<String>, StatusCode> {
    answer(request, depot, "", |app, session, _| app.page(session)).await
}

#[handler]
async fn help(response: &mut Response) {
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("max-age=60"));
    response.render(Text::Plain(HELP));
}

#[handler]
async fn visit(request: &mut Request, depot: &Depot) -> Result<Text<String>, StatusCode> {
    answer(request, depot, "", |app, session, _| app.visit(session)).await
}

#[handler]
async fn basket(request: &mut Request, depot: &Depot) -> Result<Text<String>, StatusCode> {
    answer(request, depot, "item", App::basket).await
}

#[handler]
async fn sign_on(request: &mut Request, depot: &Depot) -> Result<Text<String>, StatusCode> {
    answer(request, depot, "sub", App::sign_on).await
}

#[handler]
async fn sign_off(request: &mut Request, depot: &Depot) -> Result<Text<String>, StatusCode> {
    answer(request, depot, "", |app, session, _| app.sign_off(session)).await
}

#[handler]
async fn sign_off_everywhere(request: &mut Request, depot: &Depot) -> Result<Text<String>, StatusCode> {
    answer(request, depot, "", |app, session, _| app.sign_off_everywhere(session)).await
}
