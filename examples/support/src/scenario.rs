//! One scenario for every framework, over a real socket, in HTTP/1.1 as browsers send it.

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    sync::atomic::Ordering,
    time::Duration,
};

use crate::App;

/// What the framework shows of a Cookie field.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Octets {
    All,
    /// Fields that are not UTF-8 as a whole are dropped.
    Utf8,
}

/// Runs against a server of `app` at `address`. Panics where the server does not do what it should.
pub fn scenario(address: SocketAddr, app: &App, octets: Octets) {
    let server = Server { address, app };
    reads_write_nothing(&server);
    let guest = changes_are_kept(&server);
    let ada = sign_on_keeps_the_basket(&server, &guest);
    cache_control_of_the_application(&server, &ada);
    half_an_idle_life_later(&server);
    foreign_cookies_do_no_harm(&server, &ada);
    odd_octets_do_no_harm(&server, &ada, octets);
    too_large_sends_nothing(&server, &ada);
    sign_off_ends_it_here(&server, &ada);
    a_new_generation_ends_it_everywhere(&server);
}

fn reads_write_nothing(server: &Server) {
    let page = server.get(&[]);
    assert_eq!((page.status, page.user(), page.line("visits")), (200, "guest", "0"));
    page.wrote_nothing();
    assert_eq!(server.logged(), [""; 0], "a visitor without a cookie is nothing for the log");
}

fn changes_are_kept(server: &Server) -> String {
    let page = server.post("/visit", "", &[]);
    assert_eq!((page.status, page.line("visits")), (200, "1"));
    let first = page.sealed();
    let page = server.post("/visit", "", &[first.as_bytes()]);
    assert_eq!(page.line("visits"), "2");
    let second = page.sealed();
    assert_eq!(server.sid(&first), server.sid(&second));

    let page = server.get(&[second.as_bytes()]);
    assert_eq!(page.line("visits"), "2");
    page.wrote_nothing();

    let page = server.post("/basket", "item=Earl+Grey+%26+%C3%9Ft", &[second.as_bytes()]);
    assert_eq!(page.line("basket"), "Earl Grey &amp; \u{df}t");
    page.sealed()
}

fn sign_on_keeps_the_basket(server: &Server, guest: &str) -> String {
    let page = server.post("/sign-on", "sub=ada", &[guest.as_bytes()]);
    assert_eq!((page.status, page.user(), page.line("visits")), (200, "ada", "0"));
    assert_eq!(page.line("basket"), "Earl Grey &amp; \u{df}t");
    let ada = page.sealed();
    assert_ne!(server.sid(guest), server.sid(&ada), "a session known before sign-on is not the one after it");
    let page = server.get(&[ada.as_bytes()]);
    assert_eq!(page.user(), "ada");
    page.wrote_nothing();
    ada
}

fn cache_control_of_the_application(server: &Server, ada: &str) {
    let page = server.get_page("/help", &[ada.as_bytes()]);
    assert_eq!((page.status, page.values("set-cookie")), (200, vec![]));
    assert_eq!(page.values("cache-control"), ["max-age=60"]);
    assert!(page.varies());
}

/// Reading alone writes the session again then, whatever the page says of caches.
fn half_an_idle_life_later(server: &Server) {
    let sessions = &server.app.sessions;
    server.app.ahead.store(-30 * 60 / 2 - 60, Ordering::Relaxed);
    let mut session = sessions.open([""; 0]).unchecked().expect("a clock");
    session.data_mut().visits = 3;
    let committed = sessions.commit(session).expect("it fits");
    server.app.ahead.store(0, Ordering::Relaxed);
    let (_, line) = committed.headers().next().expect("a cookie");
    let cookie = line.split(';').next().unwrap_or_default();
    let page = server.get(&[cookie.as_bytes()]);
    assert_eq!(page.line("visits"), "3");
    assert_eq!(server.sid(&page.sealed()), server.sid(cookie));
    server.get_page("/help", &[cookie.as_bytes()]).sealed();
}

fn foreign_cookies_do_no_harm(server: &Server, ada: &str) {
    let tampered = format!("{ada}AAAA");
    let around = format!(
        "__Host-Http-session=undefined; {ada}; {tampered}; __Host-Http-session=; __Host-Http-session; =; a=\"b; c\""
    );
    for lines in [
        &["theme=dark", ada, "lang=de"][..],
        &[around.as_str()],
        &["__Host-Http-session=undefined", ada],
        &[ada, "__Host-Http-session=undefined"],
        &["a=%FF%00; b=%; c={\"d\":1,\"e\":2}", ada],
    ] {
        let lines: Vec<_> = lines.iter().map(|line| line.as_bytes()).collect();
        let page = server.get(&lines);
        assert_eq!(page.user(), "ada", "{lines:?}");
        page.wrote_nothing();
    }
    assert_eq!(server.logged(), [""; 0]);

    // What a decoding parser would take for the cookie.
    let token = ada.strip_prefix("__Host-Http-session=").expect("the cookie's name");
    for (line, code) in [
        (format!("__%48ost-Http-session={token}"), None),
        (format!("__host-http-session={token}"), None),
        (format!("__Host-Http-session=%43{}", &token[1..]), Some("not_a_token")),
        (format!("__Host-Http-session=\"{token}\""), Some("not_a_token")),
    ] {
        let page = server.get(&[line.as_bytes()]);
        assert_eq!(page.user(), "guest", "{line}");
        page.wrote_nothing();
        assert_eq!(server.logged(), Vec::from_iter(code), "{line}");
    }
}

fn odd_octets_do_no_harm(server: &Server, ada: &str, octets: Octets) {
    let page = server.get(&[b"name=J\xfcrgen", ada.as_bytes()]);
    assert_eq!(page.user(), "ada", "in another line");
    let page = server.get(&[&[b"name=J\xfcrgen; ", ada.as_bytes()].concat()]);
    assert_eq!(page.user(), if octets == Octets::All { "ada" } else { "guest" }, "in the same line");
    page.wrote_nothing();
    let page = server.get(&[format!("name=J\u{fc}rgen; \u{a0}{ada}; {ada}").as_bytes()]);
    assert_eq!(page.user(), "ada", "UTF-8");
}

fn too_large_sends_nothing(server: &Server, ada: &str) {
    let page = server.post("/basket", &format!("item={}", "x".repeat(5000)), &[ada.as_bytes()]);
    assert_eq!(page.status, 500);
    assert_eq!((page.values("set-cookie"), page.values("cache-control")), (vec![], vec!["private"]));
    assert!(page.varies());
    assert!(!page.text.contains("xxx"));
    assert_eq!(server.logged(), ["cookie_too_large"]);
    assert_eq!(server.get(&[ada.as_bytes()]).user(), "ada", "the earlier cookie is as good as before");
}

fn sign_off_ends_it_here(server: &Server, ada: &str) {
    let page = server.post("/sign-off", "", &[ada.as_bytes()]);
    assert_eq!((page.status, page.user()), (200, "guest"));
    let lines = page.values("set-cookie");
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines[0].starts_with("__Host-Http-session.end="), "{lines:?}");
    assert_eq!(lines[1], "__Host-Http-session=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax");
    assert_eq!(page.values("cache-control"), ["no-store"]);
    assert!(page.varies());

    let mark = lines[0].split(';').next().unwrap_or_default();
    let page = server.get(&[format!("{mark}; {ada}").as_bytes()]);
    assert_eq!(page.user(), "guest", "an old cookie, put back into the browser that signed off");
    page.wrote_nothing();
    assert_eq!(server.logged(), ["signed_off"]);
}

fn a_new_generation_ends_it_everywhere(server: &Server) {
    let [here, there] = [(); 2].map(|()| server.post("/sign-on", "sub=ada", &[]).sealed());
    assert_eq!(server.get(&[there.as_bytes()]).user(), "ada");
    let page = server.post("/sign-off-everywhere", "", &[here.as_bytes()]);
    assert_eq!((page.status, page.user()), (200, "guest"));
    for cookie in [here, there] {
        let page = server.get(&[cookie.as_bytes()]);
        assert_eq!(page.user(), "guest");
        page.wrote_nothing();
        assert_eq!(server.logged(), ["revoked"]);
    }
    let page = server.post("/sign-on", "sub=ada", &[]);
    assert_eq!(server.get(&[page.sealed().as_bytes()]).user(), "ada");
}

struct Server<'a> {
    address: SocketAddr,
    app: &'a App,
}

impl Server<'_> {
    fn get(&self, cookies: &[&[u8]]) -> Page {
        self.get_page("/", cookies)
    }

    fn get_page(&self, path: &str, cookies: &[&[u8]]) -> Page {
        self.send(&format!("GET {path} HTTP/1.1\r\n"), "", cookies)
    }

    fn post(&self, path: &str, form: &str, cookies: &[&[u8]]) -> Page {
        let kind = "Content-Type: application/x-www-form-urlencoded";
        self.send(&format!("POST {path} HTTP/1.1\r\n{kind}\r\nContent-Length: {}\r\n", form.len()), form, cookies)
    }

    fn send(&self, head: &str, form: &str, cookies: &[&[u8]]) -> Page {
        let mut request = format!("{head}Host: {}\r\nConnection: close\r\n", self.address).into_bytes();
        for line in cookies {
            request.extend([b"Cookie: ", *line, b"\r\n"].concat());
        }
        request.extend([b"\r\n", form.as_bytes()].concat());
        let mut stream = TcpStream::connect(self.address).expect("the server listens");
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout");
        stream.write_all(&request).expect("the server reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("the server answers, in UTF-8");
        Page::read(answer)
    }

    fn sid(&self, cookie: &str) -> Option<String> {
        self.app.sessions.open([cookie]).sid().map(str::to_owned)
    }

    fn logged(&self) -> Vec<&'static str> {
        self.app.logged()
    }
}

struct Page {
    status: u16,
    headers: Vec<(String, String)>,
    text: String,
}

impl Page {
    fn read(answer: String) -> Self {
        let (head, text) = answer.split_once("\r\n\r\n").expect("a head");
        let mut lines = head.split("\r\n");
        let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok()).expect("a status");
        let header = |line: &str| {
            let (name, value) = line.split_once(':').expect("a header field");
            (name.to_ascii_lowercase(), value.trim().to_owned())
        };
        Self { status, headers: lines.map(header).collect(), text: text.to_owned() }
    }

    fn values(&self, name: &str) -> Vec<&str> {
        self.headers.iter().filter(|(other, _)| other == name).map(|(_, value)| value.as_str()).collect()
    }

    fn line(&self, name: &str) -> &str {
        let start = format!("<p>{name}: ");
        self.text.lines().find_map(|line| line.strip_prefix(start.as_str())).unwrap_or_else(|| panic!("{}", self.text))
    }

    fn user(&self) -> &str {
        self.line("user")
    }

    fn varies(&self) -> bool {
        self.values("vary").iter().flat_map(|value| value.split(',')).any(|name| name.trim() == "Cookie")
    }

    fn wrote_nothing(&self) {
        assert_eq!(self.values("set-cookie"), [""; 0]);
        assert_eq!(self.values("cache-control"), ["private"]);
        assert!(self.varies());
    }

    /// The cookie of a response that wrote one, as a browser sends it back.
    fn sealed(&self) -> String {
        let lines = self.values("set-cookie");
        assert_eq!(lines.len(), 1, "{lines:?}");
        assert_eq!(self.values("cache-control"), ["no-store"]);
        assert!(self.varies());
        let (pair, attributes) = lines[0].split_once("; ").expect("attributes");
        assert!(pair.starts_with("__Host-Http-session=CrE1"), "{pair}");
        assert_eq!(attributes, "Path=/; Max-Age=1800; Secure; HttpOnly; SameSite=Lax");
        pair.to_owned()
    }
}
