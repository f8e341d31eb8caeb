//! Device binding (§21) from the outside: a browser with a key in software, its requests, and what a thief makes of them.
#![cfg(feature = "device")]
#![allow(clippy::unwrap_used, reason = "tests")]

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use cretula::{
    Answer, Data, DeviceBinding, DeviceResponse, ErrorCode as _, Key, KeyEntry, Keyring, Session, Sessions, Site,
    UnixTime, hazmat::At as _,
};
use p256::ecdsa::{Signature, SigningKey, signature::Signer as _};
use proptest::prelude::*;
use serde_json::{Value, json};

const START: u64 = 1_790_000_000;
const REGISTER: &str = "/device-binding/start";
const REFRESH: &str = "/device-binding/refresh";

fn at(second: u64) -> UnixTime {
    UnixTime::new(START + second).unwrap()
}

fn binding() -> DeviceBinding {
    DeviceBinding::default()
}

fn of(keyring: impl Into<Keyring>, binding: DeviceBinding) -> Sessions {
    Site::new(keyring, "shop.example").unwrap().sessions().device_binding(binding).build().unwrap()
}

fn key(number: u8) -> Key {
    Key::from_bytes(&[number; 32]).unwrap()
}

fn base64url(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A browser: cookies, and a key for each device session.
#[derive(Clone)]
struct Browser {
    cookies: Vec<(String, String)>,
    key: SigningKey,
    /// The device token.
    id: String,
}

impl Browser {
    fn new(number: u8) -> Self {
        Self { cookies: Vec::new(), key: SigningKey::from_slice(&[number; 32]).unwrap(), id: String::new() }
    }

    fn field(&self) -> String {
        self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    fn take<'h>(&mut self, headers: impl Iterator<Item = (&'static str, &'h str)>) -> Option<String> {
        let mut offer = None;
        for (name, value) in headers {
            if name == "set-cookie" {
                let (pair, attributes) = value.split_once(';').unwrap();
                let (name, value) = pair.split_once('=').unwrap();
                self.cookies.retain(|(known, _)| known != name);
                if !attributes.contains("Max-Age=0;") {
                    self.cookies.push((name.to_owned(), value.to_owned()));
                }
            } else if name == "secure-session-registration" {
                let challenge = value.strip_prefix("(ES256);path=\"/device-binding/start\";challenge=\"").unwrap();
                offer = Some(challenge.strip_suffix('"').unwrap().to_owned());
            }
        }
        offer
    }

    /// A page; returns the challenge of an offer, and the code of a session that is refused.
    fn page(
        &mut self,
        sessions: &Sessions,
        second: u64,
        act: impl FnOnce(&mut Session),
    ) -> (Option<String>, Option<&'static str>) {
        let sessions = sessions.at(at(second));
        let opening = sessions.open([self.field()]);
        let mut session = opening.checked(Answer::Generation(7)).unwrap_or_else(cretula::NotNow::into_guest);
        let code = session.reason().map(|reason| reason.code());
        act(&mut session);
        let committed = sessions.commit(session).unwrap();
        (self.take(committed.headers()), code)
    }

    fn code(&mut self, sessions: &Sessions, second: u64) -> Option<&'static str> {
        self.page(sessions, second, |_| {}).1
    }

    fn sign_on(&mut self, sessions: &Sessions, second: u64) -> String {
        self.page(sessions, second, |session| session.sign_on("ada", 7).unwrap()).0.unwrap()
    }

    fn signed(&self, header: &Value, claims: &Value) -> String {
        let message = format!("{}.{}", base64url(header.to_string()), base64url(claims.to_string()));
        let signature: Signature = self.key.sign(message.as_bytes());
        format!("{message}.{}", base64url(signature.to_bytes()))
    }

    fn jwk(&self) -> Value {
        let point = self.key.verifying_key().to_sec1_point(false);
        let (x, y) = (base64url(&point.as_bytes()[1..33]), base64url(&point.as_bytes()[33..]));
        json!({ "crv": "P-256", "kty": "EC", "x": x, "y": y })
    }

    fn post(&mut self, sessions: &Sessions, path: &str, second: u64, jwts: &[&str]) -> DeviceResponse {
        self.post_answering(sessions, path, second, jwts, Answer::Generation(7))
    }

    fn post_answering(
        &mut self,
        sessions: &Sessions,
        path: &str,
        second: u64,
        jwts: &[&str],
        answer: Answer,
    ) -> DeviceResponse {
        let (cookies, id) = (self.field(), self.id.clone());
        let values = |name: &str| match name {
            "cookie" => vec![cookies.as_bytes()],
            "secure-session-response" => jwts.iter().map(|jwt| jwt.as_bytes()).collect(),
            _ if id.is_empty() => vec![],
            _ => vec![id.as_bytes()],
        };
        let sessions = sessions.at(at(second));
        let response = sessions.device_request("POST", path, values).unwrap().checked(answer).unwrap();
        self.take(response.headers());
        response
    }

    fn register(&mut self, sessions: &Sessions, second: u64, challenge: &str) -> DeviceResponse {
        let header = json!({ "alg": "ES256", "jwk": self.jwk(), "typ": "dbsc+jwt" });
        let jwt = self.signed(&header, &json!({ "jti": challenge }));
        let response = self.post(sessions, REGISTER, second, &[&jwt]);
        if response.status == 200 {
            let body: Value = serde_json::from_str(&response.body).unwrap();
            body["session_identifier"].as_str().unwrap().clone_into(&mut self.id);
        }
        response
    }

    /// Asks for a challenge, and answers it.
    fn refresh(&mut self, sessions: &Sessions, second: u64) -> DeviceResponse {
        let asked = self.post(sessions, REFRESH, second, &[]);
        if asked.status != 403 {
            return asked;
        }
        let challenge = challenge(&asked);
        let jwt = self.signed(&json!({ "alg": "ES256", "typ": "dbsc+jwt" }), &json!({ "jti": challenge }));
        self.post(sessions, REFRESH, second, &[&jwt])
    }

    fn bound(sessions: &Sessions) -> Self {
        let mut browser = Self::new(1);
        let challenge = browser.sign_on(sessions, 0);
        assert_eq!(browser.register(sessions, 1, &challenge).status, 200);
        browser
    }
}

fn is_bound(session: &Session) -> bool {
    session.info().is_some_and(|info| info.is_bound)
}

/// The challenge of a 403.
fn challenge(response: &DeviceResponse) -> String {
    let field = response.headers().find(|(name, _)| *name == "secure-session-challenge").unwrap().1;
    field.split('"').nth(1).unwrap().to_owned()
}

fn code(response: &DeviceResponse) -> (u16, Option<&'static str>) {
    (response.status, response.reason.map(|reason| reason.code()))
}

// covers: [DEV-04] [DEV-05] [DEV-07] [DEV-08]
#[test]
fn a_copy_of_all_cookies_dies_with_the_proof() {
    let sessions = of(key(1), binding());
    let mut browser = Browser::new(1);
    let challenge = browser.sign_on(&sessions, 0);
    assert_eq!(browser.code(&sessions, 1), None); // not bound yet
    let response = browser.register(&sessions, 2, &challenge);
    assert_eq!(code(&response), (200, None));
    browser.page(&sessions, 3, |session| assert!(is_bound(session)));

    let mut thief = browser.clone();
    thief.key = SigningKey::from_slice(&[9; 32]).unwrap();
    assert_eq!(thief.code(&sessions, 61), None);
    assert_eq!(thief.code(&sessions, 62), Some("unproven"));
    // Neither the endpoints nor a page gives the thief another proof.
    assert_eq!(code(&thief.refresh(&sessions, 63)), (401, Some("jwt_signature")));
    assert_eq!(code(&thief.register(&sessions, 63, &challenge)), (401, Some("challenge_invalid")));
    assert_eq!(thief.code(&sessions, 64), Some("unproven"));

    assert_eq!(browser.code(&sessions, 65), Some("unproven")); // a real browser waits for its proof
    assert_eq!(code(&browser.refresh(&sessions, 65)), (200, None));
    assert_eq!(browser.code(&sessions, 66), None);
}

// covers: [DEV-08]
#[test]
fn a_key_in_the_header_is_not_trusted_at_a_refresh() {
    let sessions = of(key(1), binding());
    let browser = Browser::bound(&sessions);
    let mut thief = browser.clone();
    thief.key = SigningKey::from_slice(&[9; 32]).unwrap();
    let challenge = challenge(&thief.post(&sessions, REFRESH, 10, &[]));
    let header = json!({ "alg": "ES256", "jwk": thief.jwk(), "typ": "dbsc+jwt" });
    let jwt = thief.signed(&header, &json!({ "jti": challenge }));
    assert_eq!(code(&thief.post(&sessions, REFRESH, 10, &[&jwt])), (401, Some("jwt_signature")));
    // The right key with the wrong one in its header is right.
    let header = json!({ "alg": "ES256", "jwk": thief.jwk(), "typ": "dbsc+jwt" });
    let jwt = browser.signed(&header, &json!({ "jti": challenge }));
    assert_eq!(code(&browser.clone().post(&sessions, REFRESH, 10, &[&jwt])), (200, None));
}

// covers: [DEV-09]
#[test]
fn any_server_with_the_keys_takes_what_another_began() {
    let of_server = || of(key(1), binding());
    let mut browser = Browser::new(1);
    let offered = browser.sign_on(&of_server(), 0);
    assert_eq!(browser.register(&of_server(), 1, &offered).status, 200);
    let asked = challenge(&browser.post(&of_server(), REFRESH, 500, &[]));
    let jwt = browser.signed(&json!({ "alg": "ES256", "typ": "dbsc+jwt" }), &json!({ "jti": asked }));
    let mut copy = browser.clone();
    assert_eq!(browser.post(&of_server(), REFRESH, 559, &[&jwt]).status, 200);
    assert_eq!(browser.code(&of_server(), 1158), None);
    // A JWT can be sent again as long as its challenge lives, and no longer: the answer is a new challenge.
    let again = copy.post(&of_server(), REFRESH, 560, &[&jwt]);
    assert_eq!(code(&again), (403, Some("challenge_invalid")));
}

#[test]
fn a_slow_response_unbinds_until_the_next_refresh() {
    let sessions = of(key(1), binding());
    let mut browser = Browser::new(1);
    let challenge = browser.sign_on(&sessions, 0);
    let mut slow = browser.clone();
    assert_eq!(browser.register(&sessions, 1, &challenge).status, 200);
    slow.page(&sessions, 2, |session| session.flash("notice", "slow"));
    let name = sessions.cookie_name();
    let unbound = slow.cookies.iter().find(|(known, _)| known == name).unwrap().1.clone();
    browser.cookies.iter_mut().find(|(known, _)| known == name).unwrap().1 = unbound;

    browser.page(&sessions, 3, |session| assert!(!is_bound(session) && session.user().is_some()));
    assert_eq!(browser.refresh(&sessions, 500).status, 200);
    browser.page(&sessions, 501, |session| assert!(is_bound(session)));
    assert_eq!(browser.code(&sessions, 501), None);
}

#[test]
fn re_authentication_keeps_the_device() {
    let sessions = of(key(1), binding());
    let mut browser = Browser::bound(&sessions);
    let (offer, _) = browser.page(&sessions, 10, |session| session.reauthenticate(7).unwrap());
    assert_eq!(offer, None); // it is bound already
    assert_eq!(code(&browser.refresh(&sessions, 500)), (200, None));
    assert_eq!(browser.code(&sessions, 900), None);
}

// covers: [DEV-10]
#[test]
fn a_sign_off_ends_the_device_session() {
    let sessions = of(key(1), binding());
    let mut browser = Browser::bound(&sessions);
    let earlier = browser.clone();
    browser.page(&sessions, 10, Session::sign_off);
    assert!(!browser.cookies.iter().any(|(name, _)| name.ends_with(".proof")), "the proof is gone");
    let response = browser.refresh(&sessions, 11);
    assert_eq!(code(&response), (200, Some("absent")));
    assert_eq!(response.body, format!("{{\"session_identifier\":\"{}\",\"continue\":false}}", browser.id));
    // The mark beside an old session.
    browser.cookies.extend(earlier.cookies);
    assert_eq!(code(&browser.refresh(&sessions, 12)), (200, Some("signed_off")));
    // Somebody else signs on in the same browser.
    let mut browser = Browser::bound(&sessions);
    browser.sign_on(&sessions, 20);
    assert_eq!(code(&browser.refresh(&sessions, 21)), (200, Some("device_mismatch")));
}

#[test]
fn the_check_decides_at_both_endpoints() {
    let sessions = of(key(1), binding());
    let answers = [
        (Answer::Generation(7), (200, None)),
        (Answer::Unanswered, (503, Some("unchecked"))),
        (Answer::Generation(8), (200, Some("revoked"))),
        (Answer::Denied, (200, Some("signed_off"))),
    ];
    for (answer, (status, reason)) in answers {
        let mut browser = Browser::bound(&sessions);
        let asked = challenge(&browser.post(&sessions, REFRESH, 10, &[]));
        let jwt = browser.signed(&json!({ "alg": "ES256", "typ": "dbsc+jwt" }), &json!({ "jti": asked }));
        let response = browser.post_answering(&sessions, REFRESH, 10, &[&jwt], answer);
        assert_eq!(code(&response), (status, reason), "{answer:?}");

        let mut browser = Browser::new(1);
        let asked = browser.sign_on(&sessions, 0);
        let header = json!({ "alg": "ES256", "jwk": browser.jwk(), "typ": "dbsc+jwt" });
        let jwt = browser.signed(&header, &json!({ "jti": asked }));
        let response = browser.post_answering(&sessions, REGISTER, 10, &[&jwt], answer);
        let status = if reason.is_some() && status == 200 { 401 } else { status };
        assert_eq!(code(&response), (status, reason), "{answer:?}");
    }
}

// covers: [DEV-04]
#[test]
fn a_proof_is_the_sign_of_an_answered_check() {
    let site = Site::new(key(1), "shop.example").unwrap();
    let ten_minutes = Duration::from_secs(600);
    let sessions: Sessions = site.sessions().recheck(ten_minutes).device_binding(binding()).build().unwrap();
    let mut browser = Browser::bound(&sessions);
    assert_eq!(browser.refresh(&sessions, 500).status, 200);
    let due = |second| sessions.at(at(second)).open([browser.field()]).is_check_due();
    assert!(!due(1099)); // while the proof lives
    let response = browser.clone().page(&sessions, 1099, |_| {});
    assert_eq!(response, (None, None));
}

#[test]
fn a_session_has_to_be_bound_in_time_where_that_is_asked() {
    let sessions = of(key(1), binding().require_after(Duration::from_secs(30)));
    let mut browser = Browser::new(1);
    let challenge = browser.sign_on(&sessions, 0);
    assert_eq!(browser.code(&sessions, 29), None);
    assert_eq!(browser.code(&sessions, 30), Some("unproven"));
    // It can still be bound, with a challenge that lives.
    assert_eq!(browser.register(&sessions, 40, &challenge).status, 200);
    assert_eq!(browser.code(&sessions, 41), None);
}

#[test]
fn a_rotation_does_not_end_device_sessions() {
    let old = Sessions::clone(&of(key(1), binding()));
    let mut browser = Browser::bound(&old);
    let entry =
        |number, accept_until| KeyEntry { key: key(number), seal_from: UnixTime::new(0).unwrap(), accept_until };
    let rotated = Keyring::new(vec![entry(2, None), entry(1, Some(at(90_000)))]).unwrap();
    let new = of(rotated, binding());
    assert_eq!(code(&browser.refresh(&new, 500)), (200, None));
    assert_eq!(browser.code(&new, 1000), None);
    // Where the new key has not arrived, nothing ends.
    assert_eq!(code(&browser.refresh(&of(key(3), binding()), 1001)), (503, Some("unknown_key")));
}

// covers: [SESS-29]
#[test]
fn a_server_without_device_binding_takes_no_bound_session() {
    let mut browser = Browser::bound(&of(key(1), binding()));
    let without: Sessions = Site::new(key(1), "shop.example").unwrap().sessions().build().unwrap();
    assert_eq!(browser.code(&without, 2), Some("unproven"));
    assert!(without.device_request("POST", REGISTER, |_| vec![]).is_none());
}

// covers: [DEV-01]
#[test]
fn settings_out_of_range_are_refused() {
    let refused = |binding: DeviceBinding| {
        let site = Site::new(key(1), "shop.example").unwrap();
        let made = site.sessions::<Data>().device_binding(binding).build();
        made.map(|_| ()).map_err(|error| error.code())
    };
    let seconds = Duration::from_secs;
    for path in ["", "/", "a", "/a/", "/a b", "/a\"", "/ä", &format!("/{}", "a".repeat(101))] {
        assert_eq!(refused(binding().path(path)), Err("device_settings"), "{path}");
    }
    for path in ["/a", "/a/b-c.d_e~f", &format!("/{}", "a".repeat(100))] {
        assert_eq!(refused(binding().path(path)), Ok(()), "{path}");
    }
    assert_eq!(refused(binding().proof(seconds(0))), Err("device_settings"));
    assert_eq!(refused(binding().proof(seconds(3601))), Err("device_settings"));
    assert_eq!(refused(binding().proof(Duration::from_millis(1500))), Err("device_settings"));
    assert_eq!(refused(binding().require_after(seconds(34_560_001))), Err("device_settings"));
    assert_eq!(refused(binding().proof(seconds(3600)).require_after(seconds(0))), Ok(()));
}

// covers: [COOK-03]
#[test]
fn nothing_else_of_the_site_has_a_purpose_of_device_binding() {
    for end in ["challenge", "device", "proof"] {
        let site = Site::new(key(1), "shop.example").unwrap();
        let _sessions: Sessions = site.sessions().device_binding(binding()).build().unwrap();
        let made = site.sealer(&format!("session.{end}")).build();
        assert_eq!(made.unwrap_err().code(), "cookie_clash", "{end}");
    }
    // Nor the path.
    let site = Site::new(key(1), "shop.example").unwrap();
    let _sessions: Sessions = site.sessions().device_binding(binding()).build().unwrap();
    let second = |binding| site.sessions::<Data>().purpose("remember").device_binding(binding).build();
    assert_eq!(second(binding()).unwrap_err().code(), "cookie_clash");
    assert!(second(binding().path("/remember")).is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    // covers: [DEV-06]
    #[test]
    fn a_jwt_of_which_one_octet_differs_is_refused(place in 0_usize..2000, octet in any::<u8>()) {
        let sessions = of(key(1), binding());
        let mut browser = Browser::new(1);
        let challenge = browser.sign_on(&sessions, 0);
        let header = json!({ "alg": "ES256", "jwk": browser.jwk(), "typ": "dbsc+jwt" });
        let mut jwt = browser.signed(&header, &json!({ "jti": challenge })).into_bytes();
        let place = place % jwt.len();
        let is_same = jwt[place] == octet;
        jwt[place] = octet;
        let cookies = browser.field();
        let values = |name: &str| match name {
            "cookie" => vec![cookies.as_bytes()],
            _ => vec![jwt.as_slice()],
        };
        let answered = sessions.at(at(1)).device_request("POST", REGISTER, values).unwrap();
        // White space at the ends is none of the value.
        let at_an_end = (place == 0 || place + 1 == jwt.len()) && matches!(octet, b' ' | b'\t');
        let status = answered.checked(Answer::Generation(7)).unwrap().status;
        prop_assert_eq!(status, if is_same { 200 } else { 401 }, "{} {}", place, at_an_end);
    }

    #[test]
    fn no_header_makes_an_endpoint_panic(
        cookie in any::<Vec<u8>>(),
        response in prop::collection::vec(any::<Vec<u8>>(), 0..3),
        id in prop::collection::vec(any::<Vec<u8>>(), 0..3),
        path in prop::sample::select(vec![REGISTER, REFRESH]),
    ) {
        let sessions = of(key(1), binding());
        let values = |name: &str| match name {
            "cookie" => vec![cookie.as_slice()],
            "secure-session-response" => response.iter().map(Vec::as_slice).collect(),
            _ => id.iter().map(Vec::as_slice).collect(),
        };
        let answered = sessions.at(at(0)).device_request("POST", path, values).unwrap();
        prop_assert_eq!(answered.checked(Answer::Denied).unwrap().status, 401);
    }
}
