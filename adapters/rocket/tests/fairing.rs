//! What the fairing does with requests and responses, where the scenario of the examples does not ask.

use cretula::{Answer, Key, Session, Sessions, Site, TokenCookie};
use cretula_rocket::{CookieFields, Middleware, SessionFairing, SessionHandle, WithCookie};
use rocket::{
    Build, Responder, Rocket, State, get,
    http::{Header, Status, uri::Host},
    local::asynchronous::{Client, LocalResponse},
    post,
    response::Redirect,
    routes, uri,
};

fn sessions() -> Sessions {
    Site::new(Key::generate().unwrap(), "shop.example").unwrap().sessions().build().unwrap()
}

type Act = fn(&mut Session);

#[derive(Responder)]
struct Page(&'static str, Header<'static>, Header<'static>);

#[get("/")]
fn page(session: SessionHandle<'_>, act: &State<Act>) -> Page {
    session.with(**act);
    Page("page", Header::new("vary", "Accept"), Header::new("set-cookie", "theme=dark"))
}

#[get("/refused")]
fn refused(session: SessionHandle<'_>) -> Status {
    session.with(Session::send);
    Status::Forbidden
}

#[post("/")]
fn posted(session: SessionHandle<'_>) {
    session.with(Session::send);
}

fn server(middleware: Middleware) -> Rocket<Build> {
    let config = rocket::Config { log_level: rocket::config::LogLevel::Off, ..rocket::Config::debug_default() };
    rocket::custom(config).attach(SessionFairing::from(middleware)).mount("/", routes![page, refused, posted])
}

/// Sends a request with this cookie to a handler that borrows the session for `act`: status and headers of the response.
async fn send(middleware: &Middleware, cookie: &str, act: Act) -> (u16, Vec<(String, String)>) {
    let client = Client::untracked(server(middleware.clone()).manage(act)).await.unwrap();
    let response = client.get("/").header(Header::new("cookie", cookie.to_owned())).dispatch().await;
    (response.status().code, headers(&response))
}

fn headers(response: &LocalResponse<'_>) -> Vec<(String, String)> {
    let headers = response.headers().iter();
    headers.map(|header| (header.name().as_str().to_ascii_lowercase(), header.value().to_owned())).collect()
}

fn values<'a>(headers: &'a [(String, String)], name: &str) -> Vec<&'a str> {
    headers.iter().filter(|(has, _)| has == name).map(|(_, value)| value.as_str()).collect()
}

async fn signed_on(middleware: &Middleware) -> String {
    let (_, headers) = send(middleware, "", |session| session.sign_on("ada", 7).unwrap()).await;
    values(&headers, "set-cookie")[1].split(';').next().unwrap().to_owned()
}

/// A second fairing of the same data takes the place of the first.
#[rocket::async_test]
async fn attached_twice_it_commits_once_and_leaves_other_headers() {
    let middleware = Middleware::unchecked(sessions());
    let twice = server(middleware.clone()).attach(SessionFairing::from(middleware)).manage(Session::send as Act);
    let client = Client::untracked(twice).await.unwrap();
    let headers = headers(&client.get("/").dispatch().await);
    let lines = values(&headers, "set-cookie");
    assert_eq!((lines.len(), lines[0]), (2, "theme=dark"));
    assert!(lines[1].starts_with("__Host-Http-session=CrE1"), "{lines:?}");
    assert_eq!(values(&headers, "vary"), ["Accept", "Cookie"]);
    assert_eq!(values(&headers, "cache-control"), ["no-store"]);
}

#[rocket::async_test]
async fn nothing_is_written_over_a_session_that_may_hold() {
    let sessions = sessions();
    let cookie = signed_on(&Middleware::unchecked(sessions.clone())).await;
    let middleware = Middleware::new(sessions, async |_| Err::<Answer, _>(std::io::Error::other("no database")));
    let (status, headers) = send(&middleware, &cookie, |_| {}).await;
    assert_eq!((status, values(&headers, "set-cookie").len()), (200, 1));
    let (status, headers) = send(&middleware, &cookie, Session::send).await;
    assert_eq!((status, values(&headers, "set-cookie").len()), (503, 0));
    assert_eq!((values(&headers, "vary"), values(&headers, "cache-control")), (vec!["Cookie"], vec!["private"]));
    let (status, headers) = send(&middleware.not_now_as_guest(), &cookie, Session::send).await;
    assert_eq!((status, values(&headers, "set-cookie").len()), (200, 2));
}

#[rocket::async_test]
async fn a_deny_list_that_fails_fails_the_response() {
    let middleware = Middleware::unchecked(sessions()).on_ended(async |_| Err(std::io::Error::other("no redis")));
    let cookie = signed_on(&middleware).await;
    let (status, headers) = send(&middleware, &cookie, Session::sign_off).await;
    assert_eq!((status, values(&headers, "set-cookie").len()), (500, 0));
}

/// The page of a catcher is a response too: what the handler did to the session is written.
#[rocket::async_test]
async fn an_error_of_a_handler_is_a_response() {
    let server = server(Middleware::unchecked(sessions())).manage(Session::send as Act);
    let client = Client::untracked(server).await.unwrap();
    let response = client.get("/refused").dispatch().await;
    assert_eq!((response.status().code, values(&headers(&response), "set-cookie").len()), (403, 1));
}

#[rocket::async_test]
async fn a_server_without_the_fairing_does_not_launch() {
    let config = rocket::Config { log_level: rocket::config::LogLevel::Off, ..rocket::Config::debug_default() };
    let refused = Client::untracked(rocket::custom(config).mount("/", routes![refused])).await.unwrap_err();
    assert!(matches!(refused.kind(), rocket::error::ErrorKind::SentinelAborts(_)), "{refused}");
}

#[rocket::async_test]
async fn posts_from_pages_of_other_origins_are_refused() {
    let server = server(Middleware::unchecked(sessions()).same_site_posts()).manage((|_| {}) as Act);
    let client = Client::untracked(server).await.unwrap();
    for (name, value, status) in [
        ("origin", "https://shop.example:8443", 200),
        ("origin", "https://shop.example", 403),
        ("origin", "null", 403),
        ("sec-fetch-site", "same-origin", 200),
        ("sec-fetch-site", "cross-site", 403),
    ] {
        let headers = [Header::new("host", "shop.example:8443"), Header::new(name, value)];
        let mut request = client.post("/");
        headers.into_iter().for_each(|header| request.add_header(header));
        request.inner_mut().set_host(Host::from(uri!("shop.example:8443")));
        let response = request.dispatch().await;
        let written = usize::from(status == 200);
        assert_eq!(
            (response.status().code, values(&self::headers(&response), "set-cookie").len()),
            (status, written),
            "{value}"
        );
    }
    let read = client.get("/").header(Header::new("sec-fetch-site", "cross-site"));
    assert_eq!(read.dispatch().await.status().code, 200);
}

/// A cookie that is no session comes in and goes out beside the session's.
#[rocket::async_test]
async fn a_cookie_that_is_no_session_is_read_and_written() {
    let site = Site::new(Key::generate().unwrap(), "shop.example").unwrap();
    let return_url = site.cookie("return-url", std::time::Duration::from_secs(600)).build().unwrap();
    let middleware = Middleware::unchecked(site.sessions().build().unwrap());
    let server = server(middleware).manage(return_url).manage((|_| {}) as Act);
    let client = Client::untracked(server.mount("/", routes![write, read])).await.unwrap();
    let response = client.get("/write").dispatch().await;
    let written = headers(&response);
    assert_eq!((response.status().code, values(&written, "cache-control")), (303, vec!["no-store"]));
    let [line, session] = values(&written, "set-cookie")[..] else { panic!("{written:?}") };
    assert!(line.starts_with("__Host-Http-return-url=CrE1") && session.starts_with("__Host-Http-session=CrE1"));
    let pair = line.split(';').next().unwrap().to_owned();
    let response = client.get("/read").header(Header::new("cookie", pair)).dispatch().await;
    assert_eq!(response.into_string().await.unwrap(), "/account");
}

#[get("/write")]
fn write(session: SessionHandle<'_>, return_url: &State<TokenCookie>) -> WithCookie<Redirect> {
    session.with(Session::send);
    WithCookie(Redirect::to("/sign-on"), return_url.seal("/account").unwrap())
}

#[get("/read")]
fn read(fields: CookieFields<'_>, return_url: &State<TokenCookie>) -> Option<Vec<u8>> {
    return_url.open(fields.0).ok().map(|opened| opened.payload)
}

/// The endpoints of device binding have no route; everything else is served as before.
#[rocket::async_test]
async fn answers_the_endpoints_of_device_binding() {
    let site = Site::new(Key::generate().unwrap(), "shop.example").unwrap();
    let binding = cretula::DeviceBinding::default();
    let sessions: Sessions = site.sessions().device_binding(binding).build().unwrap();
    let act: Act = |_| {};
    let client = Client::untracked(server(Middleware::unchecked(sessions)).manage(act)).await.unwrap();
    for (path, status) in [("/device-binding/start", 401), ("/device-binding/refresh", 401), ("/device-binding", 404)] {
        let response = client.post(path).dispatch().await;
        assert_eq!(response.status().code, status, "{path}");
        let control = if status == 401 { "no-store" } else { "private" };
        assert_eq!(values(&headers(&response), "cache-control"), [control], "{path}");
        assert!(response.into_string().await.unwrap_or_default().is_empty() || status == 404);
    }
}
