//! What the middleware does with requests and responses, where the scenario of the examples does not ask.

use std::future::ready;

use actix_web::{App, HttpRequest, HttpResponse, dev::ServiceResponse, test, web};
use cretula::{Answer, CommitError, ErrorCode as _, Key, Session, Sessions, Site};
use cretula_actix_web::{Middleware, SessionHandle, SessionMiddleware};

fn sessions() -> Sessions {
    Site::new(Key::generate().unwrap(), "shop.example").unwrap().sessions().build().unwrap()
}

type Act = fn(&mut Session);

/// Sends a request with this cookie to a handler inside the middlewares, which borrows the session for `act`.
async fn send(
    middlewares: [SessionMiddleware; 2],
    cookie: &str,
    act: Act,
) -> ServiceResponse<impl actix_web::body::MessageBody> {
    let [outer, inner] = middlewares;
    let handler = move |session: web::ReqData<SessionHandle>| {
        session.with(act);
        let mut page = HttpResponse::Ok();
        page.insert_header(("vary", "Accept")).insert_header(("set-cookie", "theme=dark"));
        ready(page.body("page"))
    };
    let app = test::init_service(App::new().wrap(inner).wrap(outer).route("/", web::get().to(handler))).await;
    test::call_service(&app, test::TestRequest::get().insert_header(("cookie", cookie)).to_request()).await
}

fn once(middleware: &Middleware) -> [SessionMiddleware; 2] {
    [SessionMiddleware::from(middleware.clone()), SessionMiddleware::from(middleware.clone())]
}

fn values<B>(response: &ServiceResponse<B>, name: &str) -> Vec<String> {
    response.headers().get_all(name).map(|value| value.to_str().unwrap().to_owned()).collect()
}

async fn signed_on(middleware: &Middleware) -> String {
    let response = send(once(middleware), "", |session| session.sign_on("ada", 7).unwrap()).await;
    values(&response, "set-cookie")[1].split(';').next().unwrap().to_owned()
}

/// The inner of two middlewares leaves the session to the outer one.
#[actix_web::test]
async fn mounted_twice_it_commits_once_and_leaves_other_headers() {
    let middleware = Middleware::unchecked(sessions());
    let response = send(once(&middleware), "", Session::send).await;
    let lines = values(&response, "set-cookie");
    assert_eq!((lines.len(), lines[0].as_str()), (2, "theme=dark"));
    assert!(lines[1].starts_with("__Host-Http-session=CrE1"), "{lines:?}");
    assert_eq!(values(&response, "vary"), ["Accept", "Cookie"]);
    assert_eq!(values(&response, "cache-control"), ["no-store"]);
}

#[actix_web::test]
async fn nothing_is_written_over_a_session_that_may_hold() {
    let sessions = sessions();
    let cookie = signed_on(&Middleware::unchecked(sessions.clone())).await;
    let middleware = Middleware::new(sessions, async |_| Err::<Answer, _>(std::io::Error::other("no database")));
    let response = send(once(&middleware), &cookie, |_| {}).await;
    assert_eq!((response.status().as_u16(), values(&response, "set-cookie").len()), (200, 1));
    let response = send(once(&middleware), &cookie, Session::send).await;
    assert_eq!((response.status().as_u16(), values(&response, "set-cookie").len()), (503, 0));
    assert_eq!(
        (values(&response, "vary"), values(&response, "cache-control")),
        (vec!["Cookie".into()], vec!["private".into()])
    );
    assert_eq!(response.response().extensions().get::<CommitError>().unwrap().code(), "unchecked");
    let response = send(once(&middleware.not_now_as_guest()), &cookie, Session::send).await;
    assert_eq!((response.status().as_u16(), values(&response, "set-cookie").len()), (200, 2));
}

#[actix_web::test]
async fn a_deny_list_that_fails_fails_the_response() {
    let middleware = Middleware::unchecked(sessions()).on_ended(async |_| Err(std::io::Error::other("no redis")));
    let cookie = signed_on(&middleware).await;
    let response = send(once(&middleware), &cookie, Session::sign_off).await;
    assert_eq!((response.status().as_u16(), values(&response, "set-cookie").len()), (500, 0));
}

/// What a handler or an extractor refuses is a response too: what was done to the session before is written.
#[actix_web::test]
async fn an_error_of_a_handler_is_a_response() {
    let middleware = SessionMiddleware::from(Middleware::unchecked(sessions()));
    let handler = async |session: web::ReqData<SessionHandle>, _: HttpRequest| {
        session.with(Session::send);
        Err::<HttpResponse, _>(actix_web::error::ErrorForbidden("no"))
    };
    let app = test::init_service(App::new().wrap(middleware).route("/", web::get().to(handler))).await;
    let response = test::call_service(&app, test::TestRequest::get().to_request()).await;
    assert_eq!((response.status().as_u16(), values(&response, "set-cookie").len()), (403, 1));
}

#[actix_web::test]
async fn a_route_without_the_middleware_is_a_500() {
    let handler = async |_: web::ReqData<SessionHandle>| HttpResponse::Ok();
    let app = test::init_service(App::new().route("/", web::get().to(handler))).await;
    let response = test::call_service(&app, test::TestRequest::get().to_request()).await;
    assert_eq!(response.status().as_u16(), 500);
}

#[actix_web::test]
async fn posts_from_pages_of_other_origins_are_refused() {
    let middleware = Middleware::unchecked(sessions()).same_site_posts();
    let handler = async |session: web::ReqData<SessionHandle>| {
        session.with(Session::send);
        HttpResponse::Ok().finish()
    };
    let app = App::new().wrap(SessionMiddleware::from(middleware)).default_service(web::to(handler));
    let app = test::init_service(app).await;
    for (origin, status) in [("https://shop.example", 200), ("https://evil.example", 403), ("null", 403)] {
        let post = test::TestRequest::post().insert_header(("host", "shop.example")).insert_header(("origin", origin));
        let response = test::call_service(&app, post.to_request()).await;
        let written = usize::from(status == 200);
        assert_eq!((response.status().as_u16(), values(&response, "set-cookie").len()), (status, written), "{origin}");
    }
    for (method, site, status) in [
        ("POST", "cross-site", 403),
        ("POST", "same-origin", 200),
        ("GET", "cross-site", 200),
        ("PATCH", "same-site", 403),
    ] {
        let request =
            test::TestRequest::default().method(method.parse().unwrap()).insert_header(("sec-fetch-site", site));
        let response = test::call_service(&app, request.to_request()).await;
        assert_eq!(response.status().as_u16(), status, "{method} {site}");
    }
}

/// The endpoints of device binding have no route; everything else is served as before.
#[actix_web::test]
async fn answers_the_endpoints_of_device_binding() {
    let site = Site::new(Key::generate().unwrap(), "shop.example").unwrap();
    let binding = cretula::DeviceBinding::default();
    let sessions: Sessions = site.sessions().device_binding(binding).build().unwrap();
    let middleware = SessionMiddleware::from(Middleware::unchecked(sessions));
    let app = test::init_service(App::new().wrap(middleware)).await;
    for (path, status) in [("/device-binding/start", 401), ("/device-binding/refresh", 401), ("/device-binding", 404)] {
        let response = test::call_service(&app, test::TestRequest::post().uri(path).to_request()).await;
        assert_eq!(response.status().as_u16(), status, "{path}");
        let control = if status == 401 { "no-store" } else { "private" };
        assert_eq!((values(&response, "cache-control"), values(&response, "vary").len()), (vec![control.into()], 1));
    }
}
