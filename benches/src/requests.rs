//! Whole requests: from the Cookie field to the application's type, and to what the response carries.

use axum_core::response::IntoResponse as _;
use axum_extra::extract::cookie::PrivateCookieJar;
use cookie::{Cookie, CookieJar};
use cretula::{Answer, Committed, Cookie as Cookies, Sessions};
use http::{
    HeaderMap,
    header::{COOKIE, SET_COOKIE},
};
use serde::{Deserialize, Serialize};

use crate::{
    measure::Case,
    peers::{TTL, jar_key, key, payload, sealer, site},
};

/// What a shop keeps.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Shop {
    pub basket: Vec<u32>,
    note: String,
}

impl Shop {
    pub fn new(size: usize) -> Self {
        Self { basket: vec![17, 4], note: payload(size) }
    }
}

/// A shop's sessions, and the cookie of a user who is signed on.
pub fn signed_on(size: usize) -> (Sessions<Shop>, String) {
    let sessions = site(key()).sessions().build().expect("sessions");
    let pair = cretula_actix_web::signed_on(&sessions, "ada", 7, Shop::new(size)).expect("signed on");
    (sessions, pair)
}

/// A Cookie field with three cookies.
pub fn field(pair: &str) -> String {
    format!("theme=dark; _ga=GA1.2.1234567890.1234567890; {pair}")
}

fn headers(pair: &str) -> HeaderMap {
    HeaderMap::from_iter([(COOKIE, field(pair).parse().expect("a value"))])
}

pub fn request(size: usize, changes: bool) -> Vec<Case<'static>> {
    vec![cretula(size, changes), cretula_http(size, changes), cookie_jar(size, changes), axum_jar(size, changes)]
}

fn cretula(size: usize, changes: bool) -> Case<'static> {
    let (sessions, pair) = signed_on(size);
    let field = field(&pair);
    Case::new("Cretula", move || {
        let committed = serve(&sessions, [&field], changes);
        committed.headers().map(|(_, value)| value.len()).sum::<usize>()
    })
}

fn cretula_http(size: usize, changes: bool) -> Case<'static> {
    let (sessions, pair) = signed_on(size);
    let request = headers(&pair);
    Case::new("Cretula, HeaderMap", move || {
        let mut response = HeaderMap::new();
        serve(&sessions, request.get_all(COOKIE), changes).apply(&mut response);
        response
    })
}

fn serve<F: AsRef<[u8]>>(sessions: &Sessions<Shop>, fields: impl IntoIterator<Item = F>, changes: bool) -> Committed {
    let mut session = sessions.open(fields).checked(Answer::Generation(7)).expect("a session");
    assert!(session.user().is_some());
    if changes {
        session.data_mut().basket.push(1);
    }
    sessions.commit(session).expect("committed")
}

fn session_cookie(shop: &Shop) -> Cookie<'static> {
    let value = serde_json::to_string(shop).expect("JSON");
    let cookie = Cookie::build(("session", value)).path("/").secure(true).http_only(true);
    cookie.max_age(TTL.try_into().expect("a time")).build()
}

fn cookie_jar(size: usize, changes: bool) -> Case<'static> {
    let key = jar_key();
    let mut jar = CookieJar::new();
    jar.private_mut(&key).add(session_cookie(&Shop::new(size)));
    let field = field(&jar.get("session").expect("a cookie").stripped().to_string());
    Case::new("cookie PrivateJar, serde_json", move || {
        let mut jar = CookieJar::new();
        for cookie in Cookie::split_parse(field.clone()) {
            jar.add_original(cookie.expect("a cookie"));
        }
        let held = jar.private(&key).get("session").expect("a session");
        let mut shop: Shop = serde_json::from_str(held.value()).expect("JSON");
        if changes {
            shop.basket.push(1);
            jar.private_mut(&key).add(session_cookie(&shop));
        }
        jar.delta().map(|cookie| cookie.to_string().len()).sum::<usize>() + shop.basket.len()
    })
}

fn axum_jar(size: usize, changes: bool) -> Case<'static> {
    let key = jar_key();
    let first = PrivateCookieJar::new(key.clone()).add(session_cookie(&Shop::new(size))).into_response();
    let line = first.headers()[SET_COOKIE].to_str().expect("a line");
    let request = headers(line.split(';').next().unwrap_or_default());
    Case::new("axum-extra jar, serde_json", move || {
        let mut jar = PrivateCookieJar::from_headers(&request, key.clone());
        let held = jar.get("session").expect("a session");
        let mut shop: Shop = serde_json::from_str(held.value()).expect("JSON");
        if changes {
            shop.basket.push(1);
            jar = jar.add(session_cookie(&shop));
        }
        (jar.into_response(), shop)
    })
}

/// Foreign cookies beside the session's.
pub fn foreign() -> Vec<Case<'static>> {
    let cases = [0_usize, 10, 50].into_iter().map(|count| {
        let (sessions, pair) = signed_on(256);
        let mut field: String = (0..count).map(|number| format!("c{number}={}; ", payload(20))).collect();
        field += &pair;
        Case::new(count.to_string(), move || sessions.open([&field]).checked(Answer::Generation(7)).is_ok())
    });
    cases.collect()
}

/// Requests that are made to cost much, beside a good one.
pub fn hostile() -> Vec<Case<'static>> {
    let sessions = site(key()).sessions::<Shop>().cookie(Cookies::default().large()).build().expect("sessions");
    let token = sealer().seal("", TTL).expect("sealed");
    let many = |pair: &dyn Fn(usize) -> String| vec![(0..10_000).map(pair).collect::<Vec<_>>().join("; ")];
    let fields = [
        ("good", vec![field(&signed_on(256).1)]),
        ("100 fields of 16 KiB", (0..100).map(|n| format!("x{n}={}", ";=\\\"".repeat(4096))).collect()),
        ("10 000 foreign pairs", many(&|n| format!("a{n}=b"))),
        ("10 000 pairs of our name", many(&|n| format!("__Host-Http-session=CrE1{n}"))),
        ("10 000 tokens of our key", many(&|n| format!("__Host-Http-session={}{n:012}", &token[..102]))),
    ];
    let cases = fields.into_iter().map(|(name, fields)| {
        let (octets, sessions) = (fields.iter().map(String::len).sum::<usize>(), sessions.clone());
        let name = format!("{name}, {octets} octets");
        Case::new(name, move || sessions.open(&fields).checked(Answer::Generation(7)).is_ok())
    });
    cases.collect()
}
