//! Sessions in actix-web: a middleware function.
#![forbid(unsafe_code)]

use std::{
    collections::HashMap,
    net::TcpListener,
    sync::{Arc, Mutex},
};

use actix_web::{
    App as Routes, Error as Refusal, HttpMessage as _, HttpResponse, HttpServer, Responder,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    error::InternalError,
    http::{
        StatusCode,
        header::{self, HeaderName, HeaderValue},
    },
    middleware::{Next, from_fn},
    web::{Data, Form, Html, ReqData, get, post},
};
use example_support::{App, CommitError, Error, HELP, Session, listen, lock, port};

#[actix_web::main]
async fn main() -> Result<(), Error> {
    serve(listen(port()?)?, App::new()?).await
}

pub async fn serve(listener: TcpListener, app: Arc<App>) -> Result<(), Error> {
    let routes = move || {
        Routes::new()
            .app_data(Data::from(app.clone()))
            .route("/", get().to(home))
            .route("/help", get().to(help))
            .route("/visit", post().to(visit))
            .route("/basket", post().to(basket))
            .route("/sign-on", post().to(sign_on))
            .route("/sign-off", post().to(sign_off))
            .route("/sign-off-everywhere", post().to(sign_off_everywhere))
            .wrap(from_fn(glue))
    };
    Ok(HttpServer::new(routes).workers(2).listen(listener)?.run().await?)
}

// glue:begin
async fn glue(
    app: Data<App>,
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Refusal> {
    let session = app.check(app.sessions.open(request.headers().get_all(header::COOKIE))).await;
    let session = Arc::new(Mutex::new(session));
    request.extensions_mut().insert(session.clone());

    let mut response = next.call(request).await?;

    let committed = app.sessions.commit(app.take(&session)).map_err(|error| failed(&app, error))?;
    let headers = response.headers_mut();
    for (name, value) in committed.headers() {
        headers.append(HeaderName::from_static(name), HeaderValue::from_str(value)?);
    }
    if let Some(value) = committed.cache_control(headers.contains_key(header::CACHE_CONTROL)) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(value));
    }
    Ok(response)
}
// glue:end

/// The page where the session cannot be written. What the browser has is as good as before.
fn failed(app: &App, error: CommitError) -> InternalError<CommitError> {
    app.log(&error);
    let status = StatusCode::from_u16(App::status(&error)).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut page = HttpResponse::build(status);
    page.insert_header((header::VARY, "Cookie")).insert_header((header::CACHE_CONTROL, "private"));
    InternalError::from_response(error, page.finish())
}

type Handle = ReqData<Arc<Mutex<Session>>>;
type Fields = Form<HashMap<String, String>>;

async fn home(session: Handle, app: Data<App>) -> Html {
    Html::new(app.page(&lock(&session)))
}

async fn help() -> impl Responder {
    HELP.customize().insert_header((header::CACHE_CONTROL, "max-age=60"))
}

async fn visit(session: Handle, app: Data<App>) -> Html {
    Html::new(app.visit(&mut lock(&session)))
}

async fn basket(session: Handle, app: Data<App>, form: Fields) -> Html {
    Html::new(app.basket(&mut lock(&session), form.get("item").map_or("", String::as_str)))
}

async fn sign_on(session: Handle, app: Data<App>, form: Fields) -> Html {
    Html::new(app.sign_on(&mut lock(&session), form.get("sub").map_or("", String::as_str)))
}

async fn sign_off(session: Handle, app: Data<App>) -> Html {
    Html::new(app.sign_off(&mut lock(&session)))
}

async fn sign_off_everywhere(session: Handle, app: Data<App>) -> Html {
    Html::new(app.sign_off_everywhere(&mut lock(&session)))
}
