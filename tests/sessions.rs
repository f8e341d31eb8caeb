//! Rules of the session profile that no vector shows: typed data, and how much is written over a day.

use std::time::Duration;

use cretula::{
    Answer, CommitError, Data, ErrorCode as _, Key, Keyring, NoSession, SealError, Session, SessionSealer, Site,
    UnixTime, UnsealError, Wrote, hazmat::At as _,
};
use proptest::prelude::*;
use serde::{Deserialize, Serialize};

fn secs(seconds: u32) -> Duration {
    Duration::from_secs(seconds.into())
}

const NOON: u64 = 1_790_000_000;

fn time(seconds: u64) -> UnixTime {
    UnixTime::new(seconds).unwrap()
}

fn sealer<T>() -> SessionSealer<T> {
    Site::new(Key::generate().unwrap(), "shop.example").unwrap().sessions().without_cookies().build().unwrap()
}

/// Returns the token of a session that was just signed on.
fn signed_on<T: Default + Serialize + for<'de> Deserialize<'de>>(sealer: &SessionSealer<T>, now: u64) -> String {
    let mut session = sealer.at(time(now)).open(None).unchecked().unwrap();
    session.sign_on("ada", 7).unwrap();
    sealed(sealer, session, now).unwrap()
}

fn sealed<T: Default + Serialize + for<'de> Deserialize<'de>>(
    sealer: &SessionSealer<T>,
    session: Session<T>,
    now: u64,
) -> Option<String> {
    match sealer.at(time(now)).commit(session).unwrap().wrote {
        Wrote::Seal { token, .. } => Some(token),
        _ => None,
    }
}

/// Reads pages at the given times with one token jar; returns how often it was written, and how many pages had a user.
fn read_pages(clicks: impl Iterator<Item = u64>) -> (usize, usize) {
    let sealer = sealer::<Data>();
    let mut token = signed_on(&sealer, NOON);
    let (mut writes, mut pages) = (0, 0);
    for at in clicks {
        let session = sealer.at(time(NOON + at)).open(Some(token.as_bytes())).unchecked().unwrap();
        pages += usize::from(session.user().is_some());
        if let Some(new) = sealed(&sealer, session, NOON + at) {
            token = new;
            writes += 1;
        }
    }
    (writes, pages)
}

/// Numbers as ECMAScript writes them, by a way of its own: among all texts of a length the closest, of two the even one.
// covers: [SESS-05]
#[test]
fn a_number_has_one_spelling() {
    let keyring = Keyring::from(Key::generate().unwrap());
    let sealer =
        Site::new(keyring.clone(), "shop.example").unwrap().sessions::<Data>().without_cookies().build().unwrap();
    let plain = cretula::Site::new(keyring.clone(), "shop.example").unwrap().sealer("session").build().unwrap();
    let written = |text: &str| {
        let mut session = sealer.at(time(NOON)).open(None).unchecked().unwrap();
        *session.data_mut() = format!("{{\"a\":{text}}}").parse().unwrap();
        let token = sealed(&sealer, session, NOON).unwrap();
        let payload = String::from_utf8(plain.at(time(NOON)).unseal(token).unwrap().payload).unwrap();
        payload.split_once("{\"a\":").unwrap().1.strip_suffix("}}").unwrap().to_owned()
    };
    for (text, spelling) in [
        ("1e-6", "0.000001"),
        ("9.99e-7", "9.99e-7"),
        ("-0.000012300", "-0.0000123"),
        ("0.00001", "0.00001"),
        ("1e-5", "0.00001"),
        ("-1E-7", "-1e-7"),
        ("2.98023223876953125e-8", "2.9802322387695312e-8"),
        ("2114938299150369.75", "2114938299150369.8"),
        ("5e-324", "5e-324"),
        ("-0.0", "0"),
        ("9007199254740991.0", "9007199254740991"),
        ("1.5e15", "1500000000000000"),
    ] {
        assert_eq!(written(text), spelling, "{text}");
    }
}

// covers: [SESS-12]
#[test]
fn a_day_of_clicks_causes_few_writes_and_none_near_the_end() {
    let day = 86_400;
    // A click every 10 seconds until the absolute end: at most one write in half an idle life, 15 minutes.
    let (writes, pages) = read_pages((10..day).step_by(10));
    println!("a click every 10 s for 24 h, idle 30 min: {writes} writes on {pages} pages");
    assert_eq!((writes, pages), (94, 8639));
    // The last half window: no write at all, where a plain sliding window would write with each request.
    let (writes, pages) = read_pages((10..day - 900).step_by(10).chain(day - 890..day));
    println!("and one every second in the last 15 minutes: {writes} writes on {pages} pages");
    assert_eq!((writes, pages), (94, 8549 + 890));
    // Every 25 minutes: each click is in the second half of the window.
    let (writes, pages) = read_pages((1500..day).step_by(1500));
    println!("a click every 25 min: {writes} writes on {pages} pages");
    assert_eq!((writes, pages), (56, 57));
    // Ten clicks within a minute, then nothing for longer than the idle life: over.
    let (writes, pages) = read_pages((0..60).step_by(6).chain([3600]));
    assert_eq!((writes, pages), (0, 10));
}

#[derive(Default, Debug, PartialEq, Serialize, Deserialize)]
struct Shop {
    basket: Vec<u32>,
    #[serde(default)]
    note: Option<String>,
}

// covers: [SESS-10] [SESS-11] [SESS-14]
#[test]
fn typed_data_is_read_changed_and_written() {
    let sealer = sealer::<Shop>();
    let mut session = sealer.at(time(NOON)).open(None).unchecked().unwrap();
    assert_eq!((session.data(), session.sid(), session.info()), (&Shop::default(), None, None));
    session.data_mut().basket.push(4);
    session.data_mut().basket.pop();
    assert_eq!(sealed(&sealer, session, NOON), None, "undone");
    let mut session = sealer.at(time(NOON)).open(None).unchecked().unwrap();
    session.data_mut().basket.extend([17, 4]);
    let token = sealed(&sealer, session, NOON).unwrap();

    let open = || sealer.at(time(NOON + 1)).open(Some(token.as_bytes())).unchecked().unwrap();
    let mut session = open();
    assert_eq!(
        (&session.data().basket[..], session.info().map(|info| (info.rev, info.start))),
        (&[17, 4][..], Some((1, time(NOON))))
    );
    session.data_mut().note = Some("nested".into());
    assert!(sealed(&sealer, session, NOON + 1).is_some());

    let mut session = open();
    session.data_mut().note = Some("nested".into());
    let basket = std::mem::take(&mut session.data_mut().basket);
    session.sign_on("ada", 7).unwrap();
    session.data_mut().basket = basket;
    assert_eq!(session.data(), &Shop { basket: vec![17, 4], note: None }, "the note was not named");
}

#[test]
fn data_of_another_type_is_no_session_and_stays() {
    let keyring = Keyring::from(Key::generate().unwrap());
    let free =
        Site::new(keyring.clone(), "shop.example").unwrap().sessions::<Data>().without_cookies().build().unwrap();
    let typed =
        Site::new(keyring.clone(), "shop.example").unwrap().sessions::<Shop>().without_cookies().build().unwrap();
    let mut session = free.at(time(NOON)).open(None).unchecked().unwrap();
    session.data_mut().insert("basket".into(), "not a list".into());
    let token = sealed(&free, session, NOON).unwrap();
    let session = typed.at(time(NOON)).open(Some(token.as_bytes())).unchecked().unwrap();
    assert_eq!(session.reason(), Some(NoSession::Token(UnsealError::PayloadInvalid)));
    assert_eq!(typed.at(time(NOON)).commit(session).unwrap().wrote, Wrote::Nothing);
}

// covers: [SESS-06]
#[test]
fn what_another_language_would_change_is_not_written() {
    #[derive(Default, Serialize, Deserialize)]
    struct Wild {
        value: f64,
        big: u64,
        #[serde(flatten)]
        rest: Data,
    }
    let sealer = sealer::<Wild>();
    let refused = |change: fn(&mut Wild)| {
        let mut session = sealer.at(time(NOON)).open(None).unchecked().unwrap();
        change(session.data_mut());
        match sealer.at(time(NOON)).commit(session) {
            Err(CommitError::Unserializable(why)) => why,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(refused(|wild| wild.value = f64::NAN), "a number is infinite, or not a number");
    assert_eq!(refused(|wild| wild.value = 1e16), "an integer is outside -(2^53 - 1) to 2^53 - 1");
    assert_eq!(refused(|wild| wild.big = u64::MAX), "an integer is outside -(2^53 - 1) to 2^53 - 1");
    assert_eq!(
        refused(|wild| {
            wild.rest.insert("big".into(), 1.into());
        }),
        "a name occurs twice in an object"
    );
    assert_eq!(
        refused(|wild| {
            wild.rest.insert("__proto__".into(), 1.into());
        }),
        "a name is `__proto__`"
    );
    // A type that is no object, and one without a form.
    let mut list = sealer_of::<Vec<u8>>();
    list.data_mut().push(1);
    assert_eq!(commit(list), Err(CommitError::Unserializable("it is no JSON object")));
}

fn sealer_of<T: Default + Serialize + for<'de> Deserialize<'de>>() -> Session<T> {
    sealer::<T>().at(time(NOON)).open(None).unchecked().unwrap()
}

fn commit<T: Default + Serialize + for<'de> Deserialize<'de>>(session: Session<T>) -> Result<(), CommitError> {
    sealer::<T>().at(time(NOON)).commit(session).map(drop)
}

// covers: [SESS-04]
#[test]
fn every_session_has_a_name_of_its_own() {
    let sealer = sealer::<Data>();
    let names: std::collections::HashSet<_> = (0..1000)
        .map(|_| {
            let token = signed_on(&sealer, NOON);
            sealer.at(time(NOON)).open(Some(token.as_bytes())).sid().unwrap().to_owned()
        })
        .collect();
    assert_eq!(names.len(), 1000);
    assert!(names.iter().all(|name| name.len() == 22 && "AQgw".contains(&name[21..])), "16 bytes in base64url");
}

// covers: [SESS-17] [SESS-21]
#[test]
fn a_replaced_session_is_offered_for_the_deny_list_and_dies_with_it() {
    let sealer = sealer::<Data>();
    let token = signed_on(&sealer, NOON);
    let mut session = sealer.at(time(NOON)).open(Some(token.as_bytes())).checked(Answer::Generation(7)).unwrap();
    session.reauthenticate(8).unwrap();
    let commit = sealer.at(time(NOON)).commit(session).unwrap();
    let [ended] = commit.ended.try_into().unwrap();
    assert_eq!(ended.end, time(NOON + 86_400));
    // The copy: without an answer it is closed, with the new generation too, and by the deny-list.
    let copy = || sealer.at(time(NOON)).open(Some(token.as_bytes()));
    assert_eq!(copy().sid(), Some(ended.sid.as_str()));
    assert_eq!(copy().checked(Answer::Unanswered).unwrap_err().into_guest().reason(), Some(NoSession::Unchecked));
    assert_eq!(copy().checked(Answer::Generation(8)).unwrap().reason(), Some(NoSession::Revoked));
    assert_eq!(copy().checked(Answer::Generation(6)).unwrap().reason(), Some(NoSession::Revoked));
    assert_eq!(copy().checked(Answer::Denied).unwrap().reason(), Some(NoSession::SignedOff));
    assert_eq!(copy().unchecked().unwrap().reason(), None, "without any of them it lives on");
}

#[test]
fn a_ring_that_cannot_seal_writes_nothing() {
    let later = cretula::KeyEntry { seal_from: time(NOON + 1), ..Key::generate().unwrap().into() };
    let sealer = Site::new(Keyring::new([later]).unwrap(), "shop.example")
        .unwrap()
        .sessions::<Data>()
        .without_cookies()
        .build()
        .unwrap();
    let sent = || {
        let mut session = sealer.at(time(NOON)).open(None).unchecked().unwrap();
        session.send();
        session
    };
    assert_eq!(sealer.at(time(NOON)).commit(sent()), Err(CommitError::Seal(SealError::NoSealingKey)));
    assert!(sealer.at(time(NOON + 1)).commit(sent()).is_ok());
}

// covers: [SESS-12]
#[test]
fn what_was_not_changed_is_written_as_it_came() {
    let keyring = Keyring::from(Key::generate().unwrap());
    let free =
        Site::new(keyring.clone(), "shop.example").unwrap().sessions::<Data>().without_cookies().build().unwrap();
    let typed =
        Site::new(keyring.clone(), "shop.example").unwrap().sessions::<Shop>().without_cookies().build().unwrap();
    let mut session = free.at(time(NOON)).open(None).unchecked().unwrap();
    session.sign_on("ada", 7).unwrap();
    session.data_mut().extend([("basket".into(), vec![1].into()), ("of_another_service".into(), "x".into())]);
    let token = sealed(&free, session, NOON).unwrap();
    // A service that knows the basket only: a refresh, and a new name.
    let open = || typed.at(time(NOON + 900)).open(Some(token.as_bytes())).unchecked().unwrap();
    let refreshed = sealed(&typed, open(), NOON + 900).unwrap();
    let mut session = open();
    session.reauthenticate(8).unwrap();
    let renamed = sealed(&typed, session, NOON + 900).unwrap();
    for token in [refreshed, renamed] {
        let session = free.at(time(NOON + 901)).open(Some(token.as_bytes())).unchecked().unwrap();
        assert_eq!(session.data()["of_another_service"], "x");
    }
    // It changes what it knows; the rest stays.
    let mut session = typed.at(time(NOON)).open(Some(token.as_bytes())).unchecked().unwrap();
    session.data_mut().basket.push(2);
    let token = sealed(&typed, session, NOON).unwrap();
    let session = free.at(time(NOON)).open(Some(token.as_bytes())).unchecked().unwrap();
    assert_eq!(session.data()["basket"], serde_json::json!([1, 2]));
    assert_eq!(session.data()["of_another_service"], "x");
}

#[test]
fn absent_data_is_read_as_an_empty_object() {
    #[derive(Serialize, Deserialize)]
    struct Flagged {
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        newsletter: bool,
    }
    impl Default for Flagged {
        fn default() -> Self {
            Self { newsletter: true }
        }
    }
    let sealer = sealer::<Flagged>();
    let mut session = sealer.at(time(NOON)).open(None).unchecked().unwrap();
    session.data_mut().newsletter = false;
    let token = sealed(&sealer, session, NOON).unwrap();
    assert!(!sealer.at(time(NOON)).open(Some(token.as_bytes())).unchecked().unwrap().data().newsletter);
}

#[test]
fn an_application_without_data_says_so_with_a_unit() {
    let sealer = sealer::<()>();
    let token = signed_on(&sealer, NOON);
    assert_eq!(sealer.at(time(NOON)).open(Some(token.as_bytes())).unchecked().unwrap().user().unwrap().sub, "ada");
}

// covers: [SESS-11]
#[test]
fn neither_a_page_that_reads_nor_a_sign_off_is_lost_to_a_missing_key() {
    let key = Key::generate().unwrap();
    let ring = |accept_until| {
        let old = cretula::KeyEntry::from(key.clone());
        let (seal_from, end) = (time(accept_until), time(accept_until + 1));
        let key = Key::from_bytes(&[9; 32]).unwrap();
        let ended = cretula::KeyEntry { key, seal_from, accept_until: Some(end) };
        Keyring::new([old, ended]).unwrap()
    };
    let sealer =
        Site::new(ring(NOON + 10), "shop.example").unwrap().sessions::<Data>().without_cookies().build().unwrap();
    let token = signed_on(&sealer, NOON);
    let open = |at| sealer.at(time(at)).open(Some(token.as_bytes())).unchecked().unwrap();
    let late = NOON + 900;

    let commit = sealer.at(time(late)).commit(open(late)).unwrap();
    assert_eq!((commit.wrote, commit.fault), (Wrote::Nothing, Some(CommitError::Seal(SealError::NoSealingKey))));
    let changed = || {
        let mut session = open(late);
        session.data_mut().insert("a".into(), 1.into());
        session
    };
    assert_eq!(sealer.at(time(late)).commit(changed()).unwrap_err().code(), "no_sealing_key");
    let mut session = changed();
    session.sign_off();
    session.flash("notice", "signed off");
    let commit = sealer.at(time(late)).commit(session).unwrap();
    assert_eq!(commit.wrote, Wrote::Expire);
    assert!(commit.fault.is_some() && commit.ended.len() == 1);
}

#[test]
fn a_change_away_from_what_cannot_be_written_is_a_change() {
    #[derive(Default, Serialize, Deserialize)]
    struct Value {
        value: Option<f64>,
    }
    let sealer = sealer::<Value>();
    let with = |values: &[f64]| {
        let mut session = sealer.at(time(NOON)).open(None).unchecked().unwrap();
        values.iter().for_each(|value| session.data_mut().value = Some(*value));
        session
    };
    assert!(sealer.at(time(NOON)).commit(with(&[f64::NAN])).is_err());
    assert!(sealer.at(time(NOON)).commit(with(&[f64::NAN, -1e16])).is_err());
    let token = sealed(&sealer, with(&[f64::NAN, -1e16, 1.5]), NOON).unwrap();
    assert_eq!(sealer.at(time(NOON)).open(Some(token.as_bytes())).unchecked().unwrap().data().value, Some(1.5));
}

/// Debugging forms show neither the user nor data.
#[test]
fn nothing_of_a_session_is_printed() {
    let sealer = sealer::<Data>();
    let mut session = sealer.at(time(NOON)).open(None).unchecked().unwrap();
    session.sign_on("ada-lovelace", 7).unwrap();
    session.data_mut().insert("diary".into(), "secret".into());
    let printed = format!("{session:?}");
    let commit = sealer.at(time(NOON)).commit(session).unwrap();
    let printed = format!("{printed} {:?} {commit:?}", sealer.at(time(NOON)).open(None));
    assert!(!printed.contains("CrE1"), "{printed}");
    assert!(!printed.contains("ada") && !printed.contains("secret") && !printed.contains("diary"), "{printed}");
}

proptest! {
    /// Any bytes as a payload: a session that is written again as it was read, or `payload_invalid`; never a panic.
    #[test]
    fn any_payload_is_judged(payload in prop_oneof![
        any::<Vec<u8>>(),
        "\\{(\"(sid|start|end|rev|sub|gen|auth_time|data|flash)\":(\"[A-Za-z0-9_-]{22}\"|[0-9]{1,3}|\\{\\}|null),?){0,9}\\}"
            .prop_map(String::into_bytes),
        (0..9_usize, "[-0-9.eE\"\\[\\]{}:,nul]{0,6}").prop_map(|(place, junk)| {
            let mut members = [
                "\"sid\":\"AAECAwQFBgcICQoLDA0ODw\"", "\"start\":1790000000", "\"end\":1790086400", "\"rev\":1",
                "\"sub\":\"ada\"", "\"gen\":1", "\"auth_time\":1790000000", "\"data\":{\"a\":1}", "\"flash\":{\"a\":[1]}",
            ].map(str::to_owned);
            members[place].push_str(&junk);
            format!("{{{}}}", members.join(",")).into_bytes()
        }),
    ]) {
        let keyring = Keyring::from(Key::from_bytes(&[7; 32]).unwrap());
        let plain = Site::new(keyring.clone(), "shop.example").unwrap().sealer("session").build().unwrap();
        let sealer = Site::new(keyring.clone(), "shop.example").unwrap().sessions::<Data>().without_cookies().build().unwrap();
        let token = plain.at(time(NOON)).seal(&payload, secs(1800)).unwrap();
        // A session that begins later, or whose user proved who they are later, is for later.
        let session = sealer.at(time(NOON)).open(Some(token.as_bytes())).unchecked();
        let mut session = session.unwrap_or_else(cretula::NotNow::read_only);
        if session.reason().is_none() {
            session.send();
            // What an opener may accept and a sealer refuses is refused with a code.
            match sealer.at(time(NOON)).commit(session) {
                Ok(commit) => prop_assert!(commit.wrote != Wrote::Nothing && commit.wrote != Wrote::Expire),
                Err(error) => prop_assert_eq!(error.code(), "payload_unserializable"),
            }
        }
    }
}
