//! What the layer does with requests and responses.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::{
    convert::Infallible,
    panic,
    sync::{Arc, Mutex},
};

use cretula::{Answer, CommitError, Cookie, ErrorCode as _, Key, Session, Sessions, Site};
use cretula_tower::{Check, Event, SessionHandle, SessionLayer};
use http::{HeaderValue, Request, Response};
use serde::{Deserialize, Serialize};
use tower::{Layer, ServiceExt, service_fn};

#[derive(Default, Serialize, Deserialize)]
struct Shop {
    #[serde(default)]
    basket: Vec<String>,
}

fn sessions() -> Sessions<Shop> {
    Site::new(Key::generate().unwrap(), "shop.example").unwrap().sessions().build().unwrap()
}

/// Sends a request with these Cookie lines to a handler inside the layer.
async fn send(
    layer: &SessionLayer<Shop>,
    cookies: &[&[u8]],
    handler: impl FnOnce(&SessionHandle<Shop>, &mut Response<String>) + Clone + Send + 'static,
) -> Response<String> {
    let service = service_fn(move |request: Request<()>| {
        let mut response = Response::new("page".to_owned());
        handler.clone()(request.extensions().get().unwrap(), &mut response);
        async move { Ok::<_, Infallible>(response) }
    });
    let mut request = Request::new(());
    for line in cookies {
        request.headers_mut().append("cookie", HeaderValue::from_bytes(line).unwrap());
    }
    layer.layer(service).oneshot(request).await.unwrap()
}

fn values<'a>(response: &'a Response<String>, name: &str) -> Vec<&'a str> {
    response.headers().get_all(name).iter().map(|value| value.to_str().unwrap()).collect()
}

/// What a browser sends back.
fn cookie(response: &Response<String>) -> String {
    let line = values(response, "set-cookie")[0];
    line.split(';').next().unwrap().to_owned()
}

async fn signed_on(layer: &SessionLayer<Shop>) -> String {
    cookie(&send(layer, &[], |session, _| session.with(|session| session.sign_on("ada", 7).unwrap())).await)
}

/// What the session was at the handler: who, and the code of the refusal.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<(Option<String>, Option<&'static str>)>>);

impl Seen {
    fn look(&self) -> impl FnOnce(&SessionHandle<Shop>, &mut Response<String>) + Clone + Send + 'static {
        let seen = self.0.clone();
        move |session, _| {
            let what = |session: &mut Session<Shop>| {
                (session.user().map(|user| user.sub.clone()), session.reason().map(|reason| reason.code()))
            };
            *seen.lock().unwrap() = session.with(what);
        }
    }

    fn user(&self) -> Option<String> {
        self.0.lock().unwrap().0.clone()
    }

    fn reason(&self) -> Option<&'static str> {
        self.0.lock().unwrap().1
    }
}

#[tokio::test]
async fn a_request_that_only_reads_gets_no_cookie() {
    let layer = SessionLayer::unchecked(sessions());
    let seen = Seen::default();
    let response = send(&layer, &[], seen.look()).await;
    assert_eq!((seen.user(), seen.reason()), (None, Some("absent")));
    assert!(values(&response, "set-cookie").is_empty());
    assert_eq!((values(&response, "vary"), values(&response, "cache-control")), (vec!["Cookie"], vec!["private"]));

    let cookie = signed_on(&layer).await;
    let response = send(&layer, &[cookie.as_bytes()], seen.look()).await;
    assert_eq!(seen.user().as_deref(), Some("ada"));
    assert!(values(&response, "set-cookie").is_empty());
}

#[tokio::test]
async fn headers_of_the_application_stay_but_a_cache_control_beside_a_cookie() {
    let layer = SessionLayer::unchecked(sessions());
    let headers = |response: &mut Response<String>| {
        for (name, value) in [("set-cookie", "theme=dark"), ("vary", "Accept"), ("cache-control", "public")] {
            response.headers_mut().append(name, HeaderValue::from_static(value));
        }
    };
    let response = send(&layer, &[], move |_, response| headers(response)).await;
    assert_eq!(values(&response, "set-cookie"), ["theme=dark"]);
    assert_eq!(values(&response, "vary"), ["Accept", "Cookie"]);
    assert_eq!(values(&response, "cache-control"), ["public"]);

    let response = send(&layer, &[], move |session, response| {
        headers(response);
        session.with(Session::send);
    })
    .await;
    let cookies = values(&response, "set-cookie");
    assert_eq!((cookies.len(), cookies[0]), (2, "theme=dark"));
    assert!(cookies[1].starts_with("__Host-Http-session=CrE1"));
    assert_eq!(values(&response, "cache-control"), ["no-store"]);
    let sensitive: Vec<_> = response.headers().get_all("set-cookie").iter().map(HeaderValue::is_sensitive).collect();
    assert_eq!(sensitive, [false, true]);
}

// covers: [COOK-16]
#[tokio::test]
async fn every_final_response_carries_the_lines_once() {
    let layer = SessionLayer::unchecked(sessions());
    for status in [101, 200, 204, 304, 404, 500] {
        let response = send(&layer, &[], move |session, response| {
            session.with(Session::send);
            *response.status_mut() = http::StatusCode::from_u16(status).unwrap();
        })
        .await;
        assert_eq!((response.status().as_u16(), values(&response, "set-cookie").len()), (status, 1));
        assert_eq!((values(&response, "vary"), values(&response, "cache-control")), (vec!["Cookie"], vec!["no-store"]));
    }
}

#[tokio::test]
async fn the_check_is_asked_about_sessions_and_its_answer_counts() {
    let sessions = sessions();
    let cookie = signed_on(&SessionLayer::unchecked(sessions.clone())).await;
    let answers = [
        (Answer::Generation(7), None),
        (Answer::Generation(6), Some("revoked")),
        (Answer::Generation(8), Some("revoked")),
        (Answer::Denied, Some("signed_off")),
        (Answer::Unanswered, Some("unchecked")),
    ];
    for (answer, reason) in answers {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let refused = Arc::new(Mutex::new(Vec::new()));
        let (asked_in, refused_in) = (asked.clone(), refused.clone());
        let layer = SessionLayer::new(sessions.clone(), move |check: Check| {
            asked_in.lock().unwrap().push(check);
            async move {
                tokio::task::yield_now().await;
                Ok::<_, Infallible>(answer)
            }
        })
        .on_event(move |event| {
            let Event::Refused(reason) = event else { panic!("{event:?}") };
            refused_in.lock().unwrap().push(reason.code());
        });
        let seen = Seen::default();
        let response = send(&layer, &[cookie.as_bytes()], seen.look()).await;
        assert_eq!((seen.user().is_some(), seen.reason()), (reason.is_none(), reason), "{answer:?}");
        assert_eq!(*refused.lock().unwrap(), Vec::from_iter(reason));
        assert!(values(&response, "set-cookie").is_empty(), "a closed session is left as it is");
        {
            let asked = asked.lock().unwrap();
            assert_eq!((asked.len(), asked[0].sub.as_deref(), asked[0].sid.len()), (1, Some("ada"), 22));
        }

        send(&layer, &[], seen.look()).await;
        send(&layer, &[b"__Host-Http-session=oops"], seen.look()).await;
        assert_eq!(asked.lock().unwrap().len(), 1, "without a session there is nothing to ask");
        let refused = refused.lock().unwrap().clone();
        assert_eq!(refused, Vec::from_iter(reason.into_iter().chain(["not_a_token"])), "`absent` is not for the log");
    }
}

#[tokio::test]
async fn a_guest_needs_no_answer_but_can_be_denied() {
    let sessions = sessions();
    let layer = SessionLayer::unchecked(sessions.clone());
    let guest = cookie(&send(&layer, &[], |session, _| session.with(Session::send)).await);
    for (answer, reason) in
        [(Answer::Unanswered, None), (Answer::Generation(1), None), (Answer::Denied, Some("signed_off"))]
    {
        let layer = SessionLayer::new(sessions.clone(), move |check: Check| async move {
            assert_eq!(check.sub, None);
            Ok::<_, Infallible>(answer)
        });
        let seen = Seen::default();
        send(&layer, &[guest.as_bytes()], seen.look()).await;
        assert_eq!(seen.reason(), reason, "{answer:?}");
    }
}

#[tokio::test]
async fn cookies_are_read_from_all_lines_as_octets() {
    let layer = SessionLayer::unchecked(sessions());
    let cookie = signed_on(&layer).await;
    let seen = Seen::default();
    let beside = [b"name=J\xfcrgen; ", cookie.as_bytes(), b"; \xff"].concat();
    let lines: [&[&[u8]]; 3] =
        [&[b"theme=dark", cookie.as_bytes(), b"a=b"], &[&beside], &[b"__Host-Http-session=oops", cookie.as_bytes()]];
    for lines in lines {
        send(&layer, lines, seen.look()).await;
        assert_eq!(seen.user().as_deref(), Some("ada"));
    }
}

#[tokio::test]
async fn a_panic_while_the_session_is_borrowed_does_not_spread() {
    let layer = SessionLayer::unchecked(sessions());
    let response = send(&layer, &[], |session, _| {
        let session = session.clone();
        let caught = panic::catch_unwind(panic::AssertUnwindSafe(|| {
            session.with(|session| {
                session.data_mut().basket.push("tea".to_owned());
                panic!("in the handler");
            })
        }));
        assert!(caught.is_err());
        assert_eq!(session.with(|session| session.data().basket.len()), 1);
    })
    .await;
    assert_eq!((response.status().as_u16(), values(&response, "set-cookie").len()), (200, 1));
}

#[tokio::test]
async fn a_session_that_cannot_be_written_gives_an_empty_500() {
    let failed = Arc::new(Mutex::new(Vec::new()));
    let failed_in = failed.clone();
    let layer = SessionLayer::unchecked(sessions()).on_event(move |event| {
        let Event::NotWritten(error) = event else { panic!("{event:?}") };
        failed_in.lock().unwrap().push(error.to_string());
    });
    let response = send(&layer, &[], |session, response| {
        response.headers_mut().insert("set-cookie", HeaderValue::from_static("welcome=ada"));
        session.with(|session| {
            session.sign_on("ada", 7).unwrap();
            session.data_mut().basket.push("x".repeat(5000));
        });
    })
    .await;
    assert_eq!((response.status().as_u16(), response.body().as_str()), (500, ""));
    assert!(values(&response, "set-cookie").is_empty());
    assert_eq!((values(&response, "vary"), values(&response, "cache-control")), (vec!["Cookie"], vec!["private"]));
    let error = response.extensions().get::<CommitError>().unwrap();
    assert_eq!(error.code(), "cookie_too_large");
    assert_eq!(*failed.lock().unwrap(), [error.to_string()]);
}

/// A change after the head would be lost in silence.
// covers: [SESS-26]
#[tokio::test]
async fn a_handle_kept_after_the_response_is_refused() {
    let layer = SessionLayer::unchecked(sessions());
    let kept = Arc::new(Mutex::new(None));
    let keep = kept.clone();
    let response = send(&layer, &[], move |session, _| *keep.lock().unwrap() = Some(session.clone())).await;
    let handle = kept.lock().unwrap().take().unwrap();
    let late = panic::catch_unwind(panic::AssertUnwindSafe(|| handle.with(Session::sign_off)));
    let words = late.unwrap_err();
    assert!(words.downcast_ref::<String>().map_or("", String::as_str).contains("committed"), "{words:?}");
    assert!(values(&response, "set-cookie").is_empty());
}

/// A check that fails is heard of. A page that only reads is shown as to a guest; one that writes is a 503; a sign-on and a
/// sign-off are written.
// covers: [SESS-18]
#[tokio::test]
async fn nothing_is_written_over_a_session_that_may_hold() {
    let sessions = sessions();
    let cookie = signed_on(&SessionLayer::unchecked(sessions.clone())).await;
    let heard = Arc::new(Mutex::new(Vec::new()));
    let heard_in = heard.clone();
    let layer = SessionLayer::new(sessions, async |_| Err::<Answer, _>(std::io::Error::other("no database")))
        .on_event(move |event| heard_in.lock().unwrap().push(format!("{event:?}")));
    let cookies = [cookie.as_bytes()];

    let seen = Seen::default();
    let response = send(&layer, &cookies, seen.look()).await;
    assert_eq!((response.status().as_u16(), seen.reason()), (200, Some("unchecked")));
    assert!(values(&response, "set-cookie").is_empty());
    assert!(heard.lock().unwrap().iter().any(|event| event.contains("no database")), "{heard:?}");

    let push = |session: &SessionHandle<Shop>, _: &mut Response<String>| {
        session.with(|session| session.data_mut().basket.push("tea".to_owned()));
    };
    let response = send(&layer, &cookies, push).await;
    assert_eq!((response.status().as_u16(), response.body().as_str()), (503, ""));
    assert_eq!(response.extensions().get::<CommitError>().unwrap().code(), "unchecked");
    assert!(values(&response, "set-cookie").is_empty());

    let response =
        send(&layer, &cookies, |session, _| session.with(|session| session.sign_on("eve", 1).unwrap())).await;
    assert!(values(&response, "set-cookie")[0].starts_with("__Host-Http-session=CrE1"));
    let response = send(&layer, &cookies, |session, _| session.with(Session::sign_off)).await;
    assert!(values(&response, "set-cookie").last().unwrap().starts_with("__Host-Http-session=; "));

    let response = send(&layer.not_now_as_guest(), &cookies, push).await;
    assert_eq!((response.status().as_u16(), values(&response, "set-cookie").len()), (200, 1));
}

/// The deny-list could not be told: the response that would say so is dropped.
#[tokio::test]
async fn a_deny_list_that_fails_fails_the_response() {
    let layer = SessionLayer::unchecked(sessions()).on_ended(async |_| Err(std::io::Error::other("no redis")));
    let cookie = signed_on(&layer).await;
    let response = send(&layer, &[cookie.as_bytes()], |session, _| session.with(Session::sign_off)).await;
    assert_eq!((response.status().as_u16(), values(&response, "set-cookie").len()), (500, 0));
}

/// The inner of two layers leaves the session to the outer one: a sign-on is not undone by a refresh.
#[tokio::test]
async fn a_layer_mounted_twice_commits_once() {
    let layer = SessionLayer::unchecked(sessions());
    let service = service_fn(|request: Request<()>| {
        request.extensions().get::<SessionHandle<Shop>>().unwrap().with(|session| session.sign_on("ada", 7).unwrap());
        async { Ok::<_, Infallible>(Response::new("page".to_owned())) }
    });
    let twice = layer.layer(layer.layer(service));
    let response = twice.oneshot(Request::new(())).await.unwrap();
    assert_eq!((values(&response, "set-cookie").len(), values(&response, "vary").len()), (1, 1));
    let (cookie, seen) = (cookie(&response), Seen::default());
    send(&layer, &[cookie.as_bytes()], seen.look()).await;
    assert_eq!(seen.user().as_deref(), Some("ada"));
}

/// Two cookies of one type are two sessions.
#[tokio::test]
async fn layers_of_two_cookies_commit_each_their_own() {
    let site = Site::new(Key::generate().unwrap(), "shop.example").unwrap();
    let layer = |purpose: &str, name: &str| {
        let sessions = site.sessions::<Shop>().purpose(purpose).cookie(Cookie::named(name)).build();
        SessionLayer::unchecked(sessions.unwrap())
    };
    let service = service_fn(|request: Request<()>| {
        request.extensions().get::<SessionHandle<Shop>>().unwrap().with(Session::send);
        async { Ok::<_, Infallible>(Response::new("page".to_owned())) }
    });
    let both = layer("session", "__Host-a").layer(layer("remember", "__Host-b").layer(service));
    let response = both.oneshot(Request::new(())).await.unwrap();
    assert!(values(&response, "set-cookie")[0].starts_with("__Host-b=CrE1"), "the handler has the inner one");
}

/// The client goes away while the deny-list is told: the function was called, with every session.
#[tokio::test]
async fn a_client_that_goes_away_costs_the_deny_list_no_entry() {
    let told = Arc::new(Mutex::new(Vec::new()));
    let told_in = told.clone();
    let layer = SessionLayer::unchecked(sessions()).on_ended(move |gone| {
        told_in.lock().unwrap().push(gone.sid);
        std::future::pending::<Result<(), Infallible>>()
    });
    let cookie = signed_on(&layer).await;
    let cookies = [cookie.as_bytes()];
    let response = send(&layer, &cookies, |session, _| session.with(Session::sign_off));
    assert!(tokio::time::timeout(std::time::Duration::from_millis(50), response).await.is_err());
    assert_eq!(told.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn ended_sessions_and_large_cookies_are_told() {
    let ended = Arc::new(Mutex::new(Vec::new()));
    let large = Arc::new(Mutex::new(0));
    let (ended_in, large_in) = (ended.clone(), large.clone());
    let layer = SessionLayer::unchecked(sessions())
        .on_ended(move |gone| {
            let ended = ended_in.clone();
            async move {
                tokio::task::yield_now().await;
                ended.lock().unwrap().push(gone.sid);
                Ok::<_, Infallible>(())
            }
        })
        .on_event(move |event| {
            if matches!(event, Event::Large) {
                *large_in.lock().unwrap() += 1;
            }
        });
    let cookie = signed_on(&layer).await;
    assert!(ended.lock().unwrap().is_empty());

    let sid = Arc::new(Mutex::new(None));
    let sid_in = sid.clone();
    let response = send(&layer, &[cookie.as_bytes()], move |session, _| {
        session.with(|session| {
            *sid_in.lock().unwrap() = session.sid().map(str::to_owned);
            session.sign_off();
        });
    })
    .await;
    assert_eq!(*ended.lock().unwrap(), Vec::from_iter(sid.lock().unwrap().clone()));
    let cookies = values(&response, "set-cookie");
    assert!(cookies[0].starts_with("__Host-Http-session.end="), "{cookies:?}");
    assert!(cookies[1].starts_with("__Host-Http-session=; Path=/; Max-Age=0"), "{cookies:?}");

    assert_eq!(*large.lock().unwrap(), 0);
    send(&layer, &[], |session, _| session.with(|session| session.data_mut().basket.push("x".repeat(2600)))).await;
    assert_eq!(*large.lock().unwrap(), 1);
}

#[tokio::test]
async fn an_error_of_the_service_is_passed_on() {
    let layer = SessionLayer::unchecked(sessions());
    let service = service_fn(|_: Request<()>| async { Err::<Response<String>, _>("no") });
    assert_eq!(layer.layer(service).oneshot(Request::new(())).await.unwrap_err(), "no");
}

/// The rule for posts from other origins: method, headers, and whether the request is refused.
#[tokio::test]
async fn posts_from_pages_of_other_origins_are_refused() {
    type Case = (&'static str, &'static [(&'static str, &'static str)], bool);
    let cases: &[Case] = &[
        ("POST", &[("sec-fetch-site", "cross-site")], true),
        ("POST", &[("sec-fetch-site", "same-site")], true),
        ("PUT", &[("sec-fetch-site", "")], true),
        ("POST", &[("sec-fetch-site", "same-origin"), ("origin", "https://evil.example")], false),
        ("DELETE", &[("sec-fetch-site", "none")], false),
        ("GET", &[("sec-fetch-site", "cross-site")], false),
        ("HEAD", &[("sec-fetch-site", "cross-site")], false),
        ("OPTIONS", &[("origin", "https://evil.example"), ("host", "shop.example")], false),
        ("POST", &[("origin", "https://shop.example"), ("host", "shop.example")], false),
        ("POST", &[("origin", "https://shop.example:8443"), ("host", "SHOP.example:8443")], false),
        ("POST", &[("origin", "https://shop.example:8443"), ("host", "shop.example")], true),
        ("POST", &[("origin", "https://evil.example"), ("host", "shop.example")], true),
        ("POST", &[("origin", "https://shop.example.evil.example"), ("host", "shop.example")], true),
        ("POST", &[("origin", "https://shop.example")], true),
        ("POST", &[("origin", "null"), ("host", "shop.example")], true),
        ("POST", &[("origin", "null")], true),
        ("POST", &[("origin", "")], true),
        ("POST", &[("host", "shop.example")], false),
    ];
    let open = SessionLayer::unchecked(sessions());
    let guarded = open.clone().same_site_posts();
    for (method, headers, refused) in cases {
        let send = async |layer: &SessionLayer<Shop>, uri: &str| {
            let service = service_fn(|request: Request<()>| async move {
                request.extensions().get::<SessionHandle<Shop>>().unwrap().with(Session::send);
                Ok::<_, Infallible>(Response::new("page".to_owned()))
            });
            let mut request = Request::builder().method(*method).uri(uri);
            for (name, value) in *headers {
                request = request.header(*name, *value);
            }
            layer.layer(service).oneshot(request.body(()).unwrap()).await.unwrap()
        };
        let response = send(&guarded, "/").await;
        let expected = if *refused { (403, "", 0) } else { (200, "page", 1) };
        let got = (response.status().as_u16(), response.body().as_str(), values(&response, "set-cookie").len());
        assert_eq!(got, expected, "{method} {headers:?}");
        assert_eq!(send(&open, "/").await.status().as_u16(), 200, "the option is off: {method} {headers:?}");
        // HTTP/2 has the host in the place of the Host field.
        if headers == &[("origin", "https://shop.example")] {
            assert_eq!(send(&guarded, "https://shop.example/").await.status().as_u16(), 200);
            assert_eq!(send(&guarded, "https://other.example/").await.status().as_u16(), 403);
        }
    }
}

/// Cookies that do not come back are told of once, and not where one came back.
#[tokio::test]
async fn sessions_that_never_come_back_are_told_of_once() {
    for came_back_after in [None, Some(0), Some(2), Some(3)] {
        let told = Arc::new(Mutex::new(0));
        let telling = told.clone();
        let layer = SessionLayer::unchecked(sessions()).on_event(move |event| {
            *telling.lock().unwrap() += u32::from(matches!(event, Event::NoneReturned));
        });
        let mut cookie = String::new();
        for written in 0..9 {
            if came_back_after == Some(written) {
                let returned = if written == 0 { "__Host-Http-session=old".to_owned() } else { cookie.clone() };
                send(&layer, &[returned.as_bytes()], |_, _| {}).await;
            }
            assert_eq!(
                *told.lock().unwrap(),
                u32::from(written >= 3 && came_back_after.is_none_or(|after| after >= 3))
            );
            cookie = signed_on(&layer).await;
            send(&layer, &[], |_, _| {}).await; // a guest who only looks
        }
    }
}
