//! One owner of keyring, audience and clock: what it makes, what it refuses to make, and the watch of its keyring.

use std::{
    fs,
    sync::mpsc::{self, RecvTimeoutError},
    time::Duration,
};

use cretula::{Cookie, Data, ErrorCode as _, Key, Keyring, SetupError, Site, SiteEvent, SourceError, UnixTime};

const LIFE: Duration = Duration::from_secs(60);

fn site() -> Site {
    Site::new(Key::generate().unwrap(), "shop.example").unwrap()
}

/// What would be mixed up is refused when the second of two is made, in either order.
// covers: [COOK-03] [SESS-24]
#[test]
fn what_clashes_is_refused() {
    let sessions = |site: &Site| site.sessions::<Data>().build().map(drop);
    let named = |site: &Site, name: &str| site.cookie("other", LIFE).cookie(Cookie::named(name)).build().map(drop);
    type Build<'a> = &'a dyn Fn(&Site) -> Result<(), SetupError>;
    let all: [Build; 8] = [
        &sessions,
        &|site| site.sessions::<Data>().without_cookies().build().map(drop),
        &|site| site.cookie("session", LIFE).cookie(Cookie::named("__Host-a")).build().map(drop),
        &|site| site.sealer("session").build().map(drop),
        &|site| site.signer("session").build().map(drop),
        &|site| named(site, "__Host-Http-session"),
        &|site| named(site, "__Host-Http-session.1"),
        &|site| named(site, "__Host-Http-session.end"),
    ];
    for (at, second) in all.into_iter().enumerate() {
        for order in [[&sessions, second], [second, &sessions]] {
            let site = site();
            order[0](&site).unwrap();
            assert_eq!(order[1](&site).unwrap_err().code(), "cookie_clash", "{at}");
            // A clone is the same site.
            assert_eq!(order[1](&site.clone()).unwrap_err().code(), "cookie_clash", "{at}");
        }
    }
    // What was refused is not remembered, and what does not clash is made.
    let site = site();
    assert!(site.sessions::<Data>().idle(Duration::ZERO).build().is_err());
    sessions(&site).unwrap();
    site.sessions::<Data>().purpose("staff").build().unwrap();
    site.cookie("return-url", LIFE).build().unwrap();
    assert_eq!(site.cookie("return-url", LIFE).cookie(Cookie::named("x")).build().unwrap_err().code(), "cookie_clash");
    let plain = [site.sealer("invitation").build(), site.sealer("invitation").limit(500).build()];
    assert!(plain.iter().all(Result::is_ok), "no cookie, nothing to mix up");
}

// covers: [TIME-04]
#[test]
fn lives_are_whole_seconds() {
    let site = site();
    let odd = Duration::from_millis(1500);
    assert_eq!(site.sessions::<Data>().idle(odd).build().unwrap_err(), SetupError::IdleRange);
    assert_eq!(site.sessions::<Data>().absolute(odd).build().unwrap_err(), SetupError::AbsoluteRange);
    assert_eq!(site.sessions::<Data>().leeway(odd).build().unwrap_err(), SetupError::LeewayRange);
    assert_eq!(site.cookie("a", odd).build().unwrap_err(), SetupError::TtlRange);
    assert_eq!(site.sealer("a").max_age(Duration::MAX).build().unwrap_err(), SetupError::MaxAgeRange);
    let sealer = site.sealer("a").build().unwrap();
    for ttl in [odd, Duration::ZERO, Duration::from_secs(1 << 32), Duration::MAX] {
        assert_eq!(sealer.seal("", ttl).unwrap_err().code(), "ttl_range", "{ttl:?}");
    }
}

/// In development: no prefix, no `Secure`, the site's name in the cookie's, as the other languages write it.
#[test]
fn cookies_of_development_work_on_plain_http() {
    let site = Site::new(Key::generate().unwrap(), "_shop:8080").unwrap().development(true);
    let sessions = site.sessions::<Data>().build().unwrap();
    assert_eq!(sessions.cookie_name(), "shop-8080-session");
    let mut session = sessions.open(["a=b"]).unchecked().unwrap();
    session.send();
    let committed = sessions.commit(session).unwrap();
    let (_, line) = committed.headers().next().unwrap();
    assert!(line.ends_with("; Path=/; Max-Age=1800; HttpOnly; SameSite=Lax"), "{line}");
    let long = Site::new(Key::generate().unwrap(), &"a".repeat(255)).unwrap().development(true);
    let sessions = long.sessions::<Data>().cookie(Cookie::named("__Secure-b")).build().unwrap();
    assert_eq!(sessions.cookie_name(), format!("{}-b", "a".repeat(62)));
    // What browsers take over https alone stays refused.
    let refused = site.cookie("x", LIFE).cookie(Cookie::default().partitioned()).build();
    assert_eq!(refused.unwrap_err().code(), "cookie_attributes");
}

/// The site's clock is that of what it makes; one that fails is none.
// covers: [TIME-02]
#[test]
fn the_clock_is_the_sites() {
    let site = site().clock(|| UnixTime::new(1_790_000_000).ok());
    let sealer = site.sealer("a").build().unwrap();
    let claims = sealer.unseal(sealer.seal("", LIFE).unwrap()).unwrap().claims;
    assert_eq!(claims.issued_at.as_secs(), 1_790_000_000);
    let stopped = site.clock(|| None);
    let sealer = stopped.sealer("a").build().unwrap();
    assert_eq!(sealer.seal("", LIFE).unwrap_err().code(), "no_clock");
    let sessions = stopped.sessions::<Data>().build().unwrap();
    assert_eq!(sessions.open(["a=b"]).unchecked().unwrap_err().code(), "no_clock");
}

/// The watch goes on while anything that the site made is alive, and ends with the last of it.
#[test]
fn a_watch_ends_with_the_last_thing_that_the_site_made() {
    let path = std::env::temp_dir().join(format!("cretula-watch-{}", std::process::id()));
    let write = |text: &str| {
        let next = path.with_extension("next");
        fs::write(&next, text).unwrap();
        fs::rename(next, &path).unwrap();
    };
    let keys = [(); 2].map(|()| Key::generate().unwrap());
    write(&keys[0].to_text());
    let (told, events) = mpsc::channel();
    let site = Site::watching(&path, "a", Duration::from_millis(10), move |event| drop(told.send(event))).unwrap();
    let sealer = site.sealer("b").build().unwrap();
    drop(site);
    let wait = Duration::from_secs(20);

    write("oops");
    let Ok(SiteEvent::Refused(error)) = events.recv_timeout(wait) else { panic!("no refusal") };
    assert!(matches!(&error, SourceError::Keyring(place, _) if *place == path.display().to_string()), "{error}");
    fs::remove_file(&path).unwrap();
    let refused = |event: &SiteEvent| matches!(event, SiteEvent::Refused(SourceError::File(..)));
    while !refused(&events.recv_timeout(wait).unwrap()) {}
    write(&keys[1].to_text());
    while !matches!(events.recv_timeout(wait).unwrap(), SiteEvent::Exchanged) {}
    let other = Site::new(keys[1].clone(), "a").unwrap().sealer("b").build().unwrap();
    assert!(other.unseal(sealer.seal("", LIFE).unwrap()).is_ok());

    drop(sealer);
    let ended = || events.recv_timeout(wait);
    assert!(matches!(ended().err(), Some(RecvTimeoutError::Disconnected)), "the thread is still there");
    fs::remove_file(path).unwrap();
}

/// Errors of a source name the place, and show no key.
// covers: [KEY-08]
#[test]
fn errors_of_a_source_name_the_place_alone() {
    let text = "cretula_key1_00112233";
    let path = std::env::temp_dir().join(format!("cretula-source-{}", std::process::id()));
    fs::write(&path, text).unwrap();
    let error = Site::watching(&path, "a", LIFE, drop).unwrap_err();
    assert!(error.to_string().contains(&path.display().to_string()) && !error.to_string().contains(text));
    assert_eq!(format!("{error:?}"), error.to_string());
    fs::remove_file(&path).unwrap();
    assert!(matches!(Site::watching(&path, "a", LIFE, drop), Err(SourceError::File(..))));
    let error = Keyring::from_env("CRETULA_NOT_SET").unwrap_err();
    assert_eq!(error.to_string(), "the variable CRETULA_NOT_SET is not set, or is not text");
    fs::write(&path, &*Key::generate().unwrap().to_text()).unwrap();
    assert!(matches!(Site::watching(&path, "a b", LIFE, drop), Err(SourceError::Setup(SetupError::Context))));
    fs::remove_file(path).unwrap();
}
