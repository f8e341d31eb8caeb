//! Requests through the session middleware of actix-web. A handler is all that is around it: no router, no socket.

use std::{
    convert::Infallible,
    future::ready,
    hint::black_box,
    pin::pin,
    rc::Rc,
    task::{Context, Poll, Waker},
};

use actix_session::{
    Session, SessionExt as _, SessionMiddleware, config::PersistentSession, storage::CookieSessionStore,
};
use actix_web::{
    Error, HttpMessage as _, HttpResponse,
    cookie::Key,
    dev::{Service, ServiceRequest, ServiceResponse, Transform as _, fn_service},
    http::header::{COOKIE, SET_COOKIE},
    test::TestRequest,
};
use cretula::Answer;
use cretula_actix_web::{Middleware, SessionHandle};

use crate::{
    measure::Case,
    peers::TTL,
    requests::{Shop, field, signed_on},
};

pub fn request(size: usize, changes: bool) -> Vec<Case<'static>> {
    vec![cretula(size, changes), actix_session(size, changes), bare(size)]
}

fn cretula(size: usize, changes: bool) -> Case<'static> {
    let (sessions, pair) = signed_on(size);
    let middleware = Middleware::new(sessions, |_| ready(Ok::<_, Infallible>(Answer::Generation(7))));
    let inner = handler(move |request| {
        let session = request.extensions().get::<SessionHandle<Shop>>().expect("a session").clone();
        session.with(|session| {
            assert!(session.user().is_some());
            if changes {
                session.data_mut().basket.push(1);
            }
        });
    });
    let service = now(cretula_actix_web::SessionMiddleware::from(middleware).new_transform(inner)).expect("a service");
    case("Cretula for actix-web", service, &pair)
}

fn actix_session(size: usize, changes: bool) -> Case<'static> {
    let lifecycle = PersistentSession::default().session_ttl(TTL.try_into().expect("a time"));
    let middleware = SessionMiddleware::builder(CookieSessionStore::default(), Key::derive_from(&[7; 32]));
    let middleware = middleware.session_lifecycle(lifecycle).build();
    let serve = |work: Rc<dyn Fn(Session)>| {
        let inner = handler(move |request| work(request.get_session()));
        now(middleware.new_transform(inner)).expect("a service")
    };
    let first = serve(Rc::new(move |session| session.insert("shop", Shop::new(size)).expect("JSON")));
    let first = call(&first, "");
    let line = first.headers().get(SET_COOKIE).expect("a cookie").to_str().expect("a line");
    let service = serve(Rc::new(move |session| {
        let mut shop: Shop = session.get("shop").expect("JSON").expect("a session");
        if changes {
            shop.basket.push(1);
            session.insert("shop", &shop).expect("JSON");
        }
        black_box(shop);
    }));
    case("actix-session, cookie", service, line.split(';').next().unwrap_or_default())
}

fn bare(size: usize) -> Case<'static> {
    case("actix-web without sessions", handler(|_| {}), &signed_on(size).1)
}

fn case<B: 'static>(
    name: &str,
    service: impl Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    pair: &str,
) -> Case<'static> {
    let field = field(pair);
    Case::new(name, move || call(&service, &field))
}

fn call<B>(
    service: &impl Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    field: &str,
) -> ServiceResponse<B> {
    let request = TestRequest::default().insert_header((COOKIE, field)).to_srv_request();
    now(service.call(request)).expect("served")
}

fn handler(
    work: impl Fn(&ServiceRequest) + Clone + 'static,
) -> impl Service<ServiceRequest, Response = ServiceResponse, Error = Error> + 'static {
    fn_service::<_, _, _, _, _, ()>(move |request: ServiceRequest| {
        work(&request);
        ready(Ok(request.into_response(HttpResponse::Ok().finish())))
    })
}

/// What is ready at once: nothing here waits.
fn now<R>(future: impl Future<Output = R>) -> R {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(done) => done,
        Poll::Pending => unreachable!("something waits"),
    }
}
