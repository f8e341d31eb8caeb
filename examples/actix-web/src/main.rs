//! Sessions in actix-web: the middleware of cretula-actix-web.
#![forbid(unsafe_code)]

use std::{collections::HashMap, net::TcpListener, sync::Arc};

use actix_web::{
    App as Routes, HttpServer, Responder,
    http::header,
    web::{Data, Form, Html, ReqData, get, post},
};
use cretula_actix_web::SessionMiddleware;
use example_support::{App, Error, HELP, Handle, listen, port};

#[actix_web::main]
async fn main() -> Result<(), Error> {
    serve(listen(port()?)?, App::new()?).await
}

pub async fn serve(listener: TcpListener, app: Arc<App>) -> Result<(), Error> {
    let sessions = SessionMiddleware::from(app.middleware());
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
            .wrap(sessions.clone())
    };
    Ok(HttpServer::new(routes).workers(2).listen(listener)?.run().await?)
}

type Session = ReqData<Handle>;
type Fields = Form<HashMap<String, String>>;

async fn home(session: Session, app: Data<App>) -> Html {
    Html::new(session.with(|session| app.page(session)))
}

async fn help() -> impl Responder {
    HELP.customize().insert_header((header::CACHE_CONTROL, "max-age=60"))
}

async fn visit(session: Session, app: Data<App>) -> Html {
    Html::new(session.with(|session| app.visit(session)))
}

async fn basket(session: Session, app: Data<App>, form: Fields) -> Html {
    Html::new(session.with(|session| app.basket(session, form.get("item").map_or("", String::as_str))))
}

async fn sign_on(session: Session, app: Data<App>, form: Fields) -> Html {
    Html::new(session.with(|session| app.sign_on(session, form.get("sub").map_or("", String::as_str))))
}

async fn sign_off(session: Session, app: Data<App>) -> Html {
    Html::new(session.with(|session| app.sign_off(session)))
}

async fn sign_off_everywhere(session: Session, app: Data<App>) -> Html {
    Html::new(session.with(|session| app.sign_off_everywhere(session)))
}
