//! Rules of the cookie binding that no vector shows: whatever else a request holds, and how much it costs.

use std::time::{Duration, Instant};

use cretula::{
    Cookie, Data, ErrorCode as _, Key, Keyring, NoSession, Sessions, Site, UnixTime, UnsealError,
    hazmat::{self, At as _},
};
use proptest::prelude::*;

fn secs(seconds: u32) -> Duration {
    Duration::from_secs(seconds.into())
}

const NOON: u64 = 1_790_000_000;

fn noon() -> UnixTime {
    UnixTime::new(NOON).unwrap()
}

fn ring() -> Keyring {
    Keyring::from(Key::from_bytes(&[7; 32]).unwrap())
}

fn sessions(cookie: Cookie) -> Sessions {
    Site::new(ring(), "shop.example").unwrap().sessions().cookie(cookie).build().unwrap()
}

/// Returns the `name=value` pairs that a commit sets.
fn pairs(sessions: &Sessions, change: impl FnOnce(&mut Data)) -> Vec<String> {
    let mut session = sessions.at(noon()).open([""]).unchecked().unwrap();
    change(session.data_mut());
    let committed = sessions.at(noon()).commit(session).unwrap();
    let lines = committed.headers().filter(|(name, _)| *name == "set-cookie");
    lines.map(|(_, line)| line.split(';').next().unwrap().to_owned()).collect()
}

fn good_pair(sessions: &Sessions) -> String {
    pairs(sessions, |data| {
        data.insert("user".into(), "ada".into());
    })
    .remove(0)
}

/// A value that has the shape of our token and does not open, different for each number.
fn shaped(number: usize) -> String {
    let token = Site::new(ring(), "shop.example")
        .unwrap()
        .sealer("session")
        .build()
        .unwrap()
        .at(noon())
        .seal("", secs(60))
        .unwrap();
    format!("{}{number:012}", &token[..102])
}

proptest! {
    /// Foreign cookies of any octets, on both sides of a good one and in other fields, change nothing.
    #[test]
    fn foreign_cookies_change_nothing(
        before in proptest::collection::vec(any::<u8>(), 0..60),
        after in proptest::collection::vec(any::<u8>(), 0..60),
        field in proptest::collection::vec(any::<u8>(), 0..60),
    ) {
        let sessions = sessions(Cookie::default());
        let good = good_pair(&sessions);
        let fields = [field.clone(), [&before[..], b";", good.as_bytes(), b";", &after].concat(), field];
        let session = sessions.at(noon()).open(&fields).unchecked().unwrap();
        prop_assert_eq!(session.reason(), None);
        prop_assert_eq!(&session.data()["user"], "ada");
    }

    /// Values of our name without the shape of a token never hide a good one.
    #[test]
    fn garbage_of_our_name_hides_nothing(garbage in proptest::collection::vec("[ -:<-~]{0,200}", 0..20)) {
        let sessions = sessions(Cookie::default());
        let tossed = garbage.iter().map(|value| format!("__Host-Http-session={value}"));
        let fields: Vec<_> = tossed.chain([good_pair(&sessions)]).collect();
        prop_assert_eq!(sessions.at(noon()).open(&fields).unchecked().unwrap().reason(), None);
    }

    /// Any fields: a session that nobody made is never given.
    #[test]
    fn no_field_makes_a_session(fields in proptest::collection::vec(
        prop_oneof![
            any::<Vec<u8>>(),
            "(__Host-Http-session(\\.1|\\.end)?=(CrE1|2\\.|CrS1)?[A-Za-z0-9_.-]{0,130}; ?){0,6}".prop_map(String::into_bytes),
        ], 0..5)) {
        let session = sessions(Cookie::default().large()).at(noon()).open(&fields).unchecked();
        let session = session.unwrap_or_else(cretula::NotNow::read_only); // a token of an unknown key
        prop_assert!(session.reason().is_some() && session.user().is_none() && session.data().is_empty());
    }
}

/// Opens and returns why there was no session, and the time it took on the processor, which other work does not lengthen.
fn timed(sessions: &Sessions, fields: &[Vec<u8>]) -> (Option<NoSession>, Duration) {
    let on_processor = || {
        let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
        text.split(' ').next()?.parse().ok().map(Duration::from_nanos)
    };
    let (begin, used) = (Instant::now(), on_processor());
    let reason = sessions.at(noon()).open(fields).unchecked().unwrap().reason();
    let took = on_processor().zip(used).map(|(after, before)| after - before);
    (reason, took.unwrap_or_else(|| begin.elapsed()))
}

/// Hostile requests cost time in proportion to their octets. The bound is wide, for a slow machine without optimisation;
/// the benchmark `session` measures.
// covers: [COOK-05]
#[test]
fn hostile_fields_cost_bounded_work() {
    let sessions = sessions(Cookie::default().large());
    let good = good_pair(&sessions);
    let with_good = |field: String| vec![format!("{field}; {good}").into_bytes()];
    let many = |pair: &dyn Fn(usize) -> String| (0..10_000).map(pair).collect::<Vec<_>>().join("; ");
    let big: Vec<_> = (0..100).map(|n| format!("x{n}={}", ";=\\\"".repeat(4096)).into_bytes()).collect();
    let shaped_two = |n: usize| {
        format!("__Host-Http-session=2.{n:08}.{}", &shaped(0)[..60]) + &format!("; __Host-Http-session.1={n:08}.AAAA")
    };
    let cases = [
        ("100 fields of 16 KB and a good cookie", [big, with_good(String::new())].concat(), None),
        ("10 000 foreign pairs and a good one", with_good(many(&|n| format!("a{n}=b"))), None),
        ("10 000 empty pairs of our name and a good one", with_good(many(&|_| "__Host-Http-session=".into())), None),
        (
            "10 000 pairs of our name, too short, and a good one",
            with_good(many(&|n| format!("__Host-Http-session=CrE1{n}"))),
            None,
        ),
        (
            "10 000 second parts and a good one",
            with_good(many(&|n| format!("__Host-Http-session.1={n:08}.AAAA"))),
            None,
        ),
        ("10 000 marks and a good one", with_good(many(&|n| format!("__Host-Http-session.end={n:022}"))), None),
        (
            "10 000 of the shape and a good one",
            with_good(many(&|n| format!("__Host-Http-session={}", shaped(n)))),
            Some("ambiguous"),
        ),
        ("10 000 first and second parts and a good one", with_good(many(&shaped_two)), Some("ambiguous")),
    ];
    for (name, fields, code) in cases {
        let octets: usize = fields.iter().map(Vec::len).sum();
        let (reason, took) = timed(&sessions, &fields);
        assert_eq!(reason.map(|reason| reason.code()), code, "{name}");
        assert!(took < Duration::from_secs(1) + Duration::from_nanos(500) * u32::try_from(octets).unwrap(), "{name}");
        println!("{name}: {octets} octets, {took:?}");
    }
}

/// The work grows with the octets, not with their square: four times as many cost less than ten times as much.
// covers: [COOK-05]
#[test]
fn no_pattern_costs_the_square_of_its_length() {
    let sessions = sessions(Cookie::default().large());
    let first = |n: usize| format!("__Host-Http-session=2.{n:08}.{}", &shaped(0)[..60]);
    let patterns: [&dyn Fn(usize) -> String; 4] = [
        &|n| format!("__Host-Http-session={n}"),
        &|n| if n < 4 { first(n) } else { format!("__Host-Http-session.1={:08}.A{n}", n % 4) },
        &|n| {
            if n < 4 {
                format!("__Host-Http-session={}", shaped(n))
            } else {
                format!("__Host-Http-session.end={n:022}")
            }
        },
        &|_| " \t=".into(),
    ];
    for (at, pattern) in patterns.into_iter().enumerate() {
        let cost = |count: usize| {
            let field = (0..count).map(pattern).collect::<Vec<_>>().join(";").into_bytes();
            (0..5).map(|_| timed(&sessions, std::slice::from_ref(&field)).1).min().unwrap()
        };
        let (small, large) = (cost(10_000), cost(40_000));
        assert!(large < small * 10 + Duration::from_millis(50), "pattern {at}: {small:?}, {large:?}");
    }
}

// covers: [COOK-04]
#[test]
fn a_name_matches_octet_by_octet() {
    let sessions = sessions(Cookie::default());
    let value = good_pair(&sessions).split_once('=').unwrap().1.to_owned();
    let reason = |name: &[u8]| {
        let field = [name, b"=", value.as_bytes()].concat();
        sessions.at(noon()).open([field]).unchecked().unwrap().reason()
    };
    assert_eq!(reason(b"__Host-Http-session"), None);
    for octet in (0..=255_u8).filter(|octet| !matches!(octet, b' ' | b'\t' | b';')) {
        assert_eq!(reason(&[&[octet][..], b"__Host-Http-session"].concat()), Some(NoSession::Absent), "{octet} before");
        let after = reason(&[b"__Host-Http-session", &[octet][..]].concat());
        // An equals sign ends the name: the value then begins with one.
        let expected = if octet == b'=' { UnsealError::NotAToken.into() } else { NoSession::Absent };
        assert_eq!(after, Some(expected), "{octet} after");
    }
}

// covers: [COOK-13] [COOK-15]
#[test]
fn two_cookies_have_a_new_id_each_time_and_any_reader_joins_them() {
    let writer = sessions(Cookie::default().large());
    let big = |data: &mut Data| {
        data.insert("notes".into(), "x".repeat(3500).into());
    };
    let (one, two) = (pairs(&writer, big), pairs(&writer, big));
    assert_eq!((one.len(), two.len()), (2, 2));
    let id = |pairs: &[String]| pairs[0].split('.').nth(1).unwrap().to_owned();
    assert_ne!(id(&one), id(&two));
    let reader = sessions(Cookie::default());
    let open =
        |fields: &[&String]| reader.at(noon()).open(fields.iter().map(|field| field.as_bytes())).unchecked().unwrap();
    assert_eq!(open(&[&one[1], &one[0]]).data()["notes"].as_str().unwrap().len(), 3500);
    assert_eq!(open(&[&one[0], &two[1]]).reason(), Some(NoSession::Chunks));
    assert_eq!(open(&[&one[0], &two[1], &one[1]]).reason(), None, "the part of another is ignored");
}

/// Two openers on one thread each, and replaced keys while both work: nothing is shared that could mix.
#[test]
fn sessions_are_shared_between_threads() {
    fn shared<T: Send + Sync + Clone + 'static>(_: &T) {}
    let site = Site::new(ring(), "shop.example").unwrap();
    let sessions = site.sessions::<Data>().build().unwrap();
    shared(&site);
    shared(&sessions);
    shared(&site.cookie("return-url", secs(60)).build().unwrap());
    let good = good_pair(&sessions);
    let other = sessions.clone();
    std::thread::scope(|scope| {
        let reader =
            scope.spawn(|| (0..500).all(|_| other.at(noon()).open([&good]).unchecked().unwrap().reason().is_none()));
        for _ in 0..500 {
            site.replace_keyring(ring());
        }
        assert!(reader.join().unwrap());
    });
    site.replace_keyring(Key::generate().unwrap());
    assert_eq!(other.at(noon()).open([&good]).unchecked().unwrap_err().code(), "unknown_key");
}

/// The limit of a token cookie is that of cookies, and a cookie for it is one cookie in one place.
// covers: [COOK-08] [COOK-18]
#[test]
fn a_token_cookie_is_one_cookie() {
    let token =
        |ttl, cookie| Site::new(ring(), "shop.example").unwrap().cookie("return-url", secs(ttl)).cookie(cookie).build();
    let cookie = token(60, Cookie::default()).unwrap();
    let committed = cookie.at(noon()).seal("x".repeat(500)).unwrap();
    let headers: Vec<_> = committed.headers().collect();
    assert_eq!((headers.len(), headers[0].0, committed.cache_control(true)), (1, "set-cookie", Some("no-store")));
    let pair = headers[0].1.split(';').next().unwrap();
    assert_eq!(cookie.at(noon()).open([pair]).unwrap().payload, "x".repeat(500).as_bytes());
    let long = format!("__Host-Http-session=CrE1{}", "A".repeat(5977));
    assert_eq!(cookie.at(noon()).open([long]), Err(UnsealError::TooLong.into()));
    assert_eq!(token(60, Cookie::default().large()).unwrap_err().code(), "cookie_attributes");
    assert_eq!(token(60, Cookie::default().previous("/", None, true)).unwrap_err().code(), "cookie_attributes");
    assert_eq!(token(0, Cookie::default()).unwrap_err().code(), "ttl_range");
    assert_eq!(cookie.at(noon()).seal("x".repeat(5000)).unwrap_err().code(), "cookie_too_large");
}

/// A sign-off takes away the second of two cookies also where the open had no clock.
// covers: [COOK-09]
#[test]
fn without_a_clock_the_second_cookie_is_expired_all_the_same() {
    let sessions = sessions(Cookie::default());
    let mut session =
        hazmat::without_clock(|| sessions.open(["__Host-Http-session.1="])).unchecked().unwrap_err().into_guest();
    assert_eq!(session.reason().map(|reason| reason.code()), Some("no_clock"));
    session.sign_off();
    let committed = sessions.at(noon()).commit(session).unwrap();
    let names: Vec<_> =
        committed.headers().filter_map(|(_, line)| line.split_once('=')).map(|(name, _)| name).collect();
    assert_eq!(names, ["__Host-Http-session.1", "__Host-Http-session"]);
}
