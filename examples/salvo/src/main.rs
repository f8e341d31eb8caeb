//! Sessions in salvo: a handler hooped around the routes.
#![forbid(unsafe_code)]

use std::{net::TcpListener, sync::Arc};

use cretula_middleware::Middleware;
use example_support::{App, Error, HELP, Handle, Session, Shop, listen, port};
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
    let glue = Glue { middleware: app.middleware(), app };
    Ok(Server::new(listener).try_serve(Service::new(routes).hoop(glue)).await?)
}

// glue:begin
struct Glue {
    middleware: Middleware<Shop>,
    app: Arc<App>,
}

#[handler]
impl Glue {
    async fn handle(&self, request: &mut Request, depot: &mut Depot, response: &mut Response, flow: &mut FlowCtrl) {
        let handle = self.middleware.open(request.headers().get_all(header::COOKIE)).await;
        depot.insert_typed(self.app.clone()).insert_typed(handle.clone());
        flow.call_next(request, depot, response).await;
        match self.middleware.commit(&handle).await {
            Ok(Some(committed)) => committed.apply(response.headers_mut()),
            Ok(None) => {}
            Err(failure) => {
                *response = Response::new();
                response.status_code(StatusCode::from_u16(failure.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR));
                for (name, value) in failure.headers() {
                    response.headers_mut().insert(name, HeaderValue::from_static(value));
                }
            }
        }
    }
}
// glue:end

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
    let session = depot.get_typed::<Handle>().map_err(|_| missing)?;
    Ok(Text::Html(session.with(|session| page(app, session, &value))))
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
