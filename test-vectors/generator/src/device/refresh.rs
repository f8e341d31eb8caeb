//! Cases of `refresh` (§21.7), the JWT apart.

use super::{
    SID, bound, jkt,
    post::{BARE, Post, challenge, device_token, device_token_of, header, jwk, refresh, refreshing, registering},
    proof, public,
    reference::{Device, Sign},
    register::{full, keyless},
};
use crate::{
    cookie::{Fails, T, jar::Cookie, reference::mark},
    opener::Context,
    session::{
        END, IDLE, Made, START, guest,
        recheck::{DENIED, SILENT, answer},
        reference::{Check, Policy, Setup},
        setup, user,
    },
    vector::{Entry, Vector},
};

pub(super) fn vectors() -> Vec<Vector> {
    [good(), healing(), devices(), sessions(), keys(), challenges(), checks(), order(), failures()]
        .into_iter()
        .flatten()
        .collect()
}

/// A sid of another session.
const OTHER: &str = "\"AQEBAQEBAQEBAQEBAQEBAQ\"";

fn checked(check: Check) -> Setup {
    Setup { check: Some(check), ..setup() }
}

fn ring(ring: Vec<Entry>) -> Setup {
    Setup { context: Context { ring, ..setup().context }, ..setup() }
}

fn set_up(setup: Setup, post: Post) -> Post {
    post.with(|case| case.setup = setup)
}

#[rustfmt::skip] // one case a line
fn good() -> Vec<Vector> {
    let ok = |id, comment| refresh(id, &[], comment);
    let device = |device, post: Post| post.with(|case| case.device = Some(device));
    let cookie = |cookie: Cookie, post: Post| post.with(|case| case.cookie = cookie);
    let near = |id, comment, before| ok(id, comment).token(0, Made { issued_at: END - 1000, ..Made::new(bound(1, &[])) }).token(2, Made { issued_at: END - before, ..refreshing(1) }).with(|case| case.now = END - before);
    let two_keys = || ring(vec![Entry::new(1), Entry::new(2).from(START)]);
    let yes = Ok("200 +.proof");
    vec![
        ok("ok/usual", "a new proof and nothing else; the session is not written").answers(yes),
        ok("ok/first", "without a JWT: a challenge").silent().answers(Ok("403")),
        ok("ok/id-quoted", "the id in quotation marks").ids(&["\"{1}\""]).answers(yes),
        ok("ok/id-quoted-first", "and without a JWT: the device token is given back without them").ids(&["\"{1}\""]).silent().answers(Ok("403")),
        ok("ok/id-spaces", "spaces and tabs around the id").ids(&[" \t{1}\t "]).answers(yes),
        ok("ok/jwt-quoted", "the JWT in quotation marks").responses(&["\"{0}\""]).answers(yes),
        ok("ok/with-proof", "a proof that is alive still").with(|case| { case.tokens.push(proof(1)); case.template = vec!["__Host-session={0}; __Host-session.proof={3}".into()]; }).answers(yes),
        ok("ok/with-other-proof", "a proof of another key").with(|case| { case.tokens.push(proof(2)); case.template = vec!["__Host-session={0}; __Host-session.proof={3}".into()]; }).answers(yes),
        ok("ok/reauthenticated", "after a re-authentication the sid is another, and the key the same").token(0, Made::new(bound(1, &[("sid", OTHER)]))).answers(yes),
        ok("ok/half-window", "a session in its second half: a refresh of the proof does not refresh it").token(0, Made { issued_at: START - 1700, ..Made::new(bound(1, &[])) }).answers(yes),
        device(Device { proof: Some(120), ..Device::default() }, ok("ok/proof", "a shorter proof")).answers(yes),
        device(Device { path: Some("/auth/dbsc".into()), require_after: Some(0), ..Device::default() }, ok("ok/settings", "other settings")).answers(yes),
        near("ok/near-end", "100 seconds before the session's end: the proof is so long", 100).answers(yes),
        near("ok/last-second", "in its last second", 1).answers(yes),
        set_up(Setup::ruled(100, 100, 60), ok("ok/own-absolute", "this server's absolute end comes before the session's")).answers(yes),
        set_up(two_keys(), ok("ok/rotated", "a device token of a key that is accepted still: the proof is sealed under the other")).answers(yes),
        set_up(two_keys(), ok("ok/rotated-first", "and so is a new challenge").silent()).answers(Ok("403")),
        cookie(Cookie { same_site: "Strict", ..Cookie::usual() }, ok("ok/strict", "SameSite=Strict")).answers(yes),
        cookie(Cookie { browser_session: true, ..Cookie::usual() }, ok("ok/browser-session", "a browser session: a proof has its Max-Age all the same")).answers(yes),
        ok("ok/parts", "a session in two cookies").with(|case| case.template = vec!["__Host-session=2.aaaaaaaa.{0:0:100}; __Host-session.1=aaaaaaaa.{0:100:}".into()]).answers(yes),
        ok("ok/another-device", "another key").token(0, Made::new(bound(2, &[]))).token(1, device_token(2)).token(2, refreshing(2)).sign(Sign::Key(2)).answers(yes),
    ]
}

/// A session that a slow response unbound is bound again.
#[rustfmt::skip] // one case a line
fn healing() -> Vec<Vector> {
    let heal = |id, comment| refresh(id, &["lost-binding"], comment).token(0, Made::new(user(&[])));
    let rechecking = |check| Setup { policy: Policy { recheck: Some(600), ..setup().policy }, ..checked(check) };
    vec![
        heal("heal/usual", "an unbound session of the device token's sid is bound again").answers(Ok("200 +.proof +")),
        heal("heal/first", "without a JWT nothing is written").silent().answers(Ok("403")),
        heal("heal/data", "everything else stays").token(0, Made::new(user(&[("rev", "9"), ("flash", "{\"notice\":[1.50]}")]))).answers(Ok("200 +.proof +")),
        heal("heal/required", "one that should have been bound by now").with(|case| case.device = Some(Device { require_after: Some(1), ..Device::default() })).answers(Ok("200 +.proof +")),
        heal("heal/near-end", "near its end").token(0, Made::new(user(&[("end", "1790000070")]))).answers(Ok("200 +.proof +")),
        heal("heal/parts", "in two cookies").with(|case| case.template = vec!["__Host-session=2.aaaaaaaa.{0:0:100}; __Host-session.1=aaaaaaaa.{0:100:}".into()]).answers(Ok("200 +.proof -.1 +")),
        heal("heal/two-cookies", "one that jkt makes too long for one cookie").token(0, full()).with(|case| case.cookie = Cookie { large: true, ..Cookie::usual() }).answers(Ok("200 +.proof +.1 +")),
        set_up(rechecking(answer(7)), heal("heal/recheck", "with recheck: checked is now")).answers(Ok("200 +.proof +")),
        set_up(rechecking(DENIED), heal("heal/denied", "denied: over")).answers(Ok("over signed_off")),
        heal("heal/wrong-key", "with a signature of another key it is not").sign(Sign::Key(2)).answers(Ok("401 jwt_signature")),
        heal("heal/stale", "nor with a stale challenge").token(2, Made { ttl: 1, ..refreshing(1) }).answers(Ok("403 challenge_invalid")),
        heal("heal/other-sid", "an unbound session of another sid is another's: over").token(0, Made::new(user(&[("sid", OTHER)]))).answers(Ok("over device_mismatch")),
        heal("heal/other-sid-first", "also without a JWT").token(0, Made::new(user(&[("sid", OTHER)]))).silent().answers(Ok("over device_mismatch")),
        heal("heal/sid-case", "a sid in other letters is another one").token(0, Made::new(user(&[("sid", "\"AAECAwQFBgcICQoLDA0ODW\"")]))).answers(Ok("over device_mismatch")),
        heal("heal/guest", "a guest's session after a sign-off").token(0, Made::new(guest(&[("sid", OTHER)]))).answers(Ok("over device_mismatch")),
        heal("heal/guest-same-sid", "a guest's session is never bound, not one of the same sid either").token(0, Made::new(guest(&[]))).answers(Ok("over device_mismatch")),
    ]
}

#[rustfmt::skip] // one case a line
fn devices() -> Vec<Vector> {
    let post = |id, comment| refresh(id, &["device-status"], comment);
    let ids = |id, comment, ids: &[&str], expect| post(id, comment).ids(ids).answers(Ok(expect));
    let token = |id, comment, made: Made, expect| post(id, comment).token(1, made).answers(Ok(expect));
    let confused = |id, comment, made: Made| refresh(id, &["token-confusion"], comment).token(1, made).answers(Ok("503 unknown_key"));
    let strict = |id, comment, payload: String| refresh(id, &["strict-json"], comment).token(1, device_token_of(&payload)).answers(Ok("401 payload_invalid"));
    let taken = |id, comment, payload: String| refresh(id, &["strict-json"], comment).token(1, device_token_of(&payload)).answers(Ok("200 +.proof"));
    let one = public(1);
    let device = |sid: &str, x: &str, y: &str| format!("{{\"sid\":\"{sid}\",\"x\":\"{x}\",\"y\":\"{y}\"}}");
    let (x, y) = (&one.x[..], &one.y[..]);
    // A last character with other unused bits.
    let loose = |text: &str| { let digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"; let at = digits.find(&text[42..]).expect("a digit"); format!("{}{}", &text[..42], &digits[at ^ 1..=at ^ 1]) };
    vec![
        ids("id/none", "no id", &[], "401 absent"),
        ids("id/two", "two ids", &["{1}", "x"], "401 absent"),
        ids("id/two-equal", "the same id twice", &["{1}", "{1}"], "401 absent"),
        ids("id/empty", "an empty value", &[""], "401 not_a_token"),
        ids("id/quotation-marks", "nothing in quotation marks", &["\"\""], "401 not_a_token"),
        ids("id/quoted-spaces", "spaces inside the quotation marks", &["\" {1}\""], "401 not_a_token"),
        ids("id/quoted-once", "a quotation mark before it alone", &["\"{1}"], "401 not_a_token"),
        ids("id/quoted-once-last", "behind it alone", &["{1}\""], "401 encoding"),
        ids("id/quoted-twice", "two of them at both ends", &["\"\"{1}\"\""], "401 not_a_token"),
        ids("id/garbage", "no token", &["device-1"], "401 not_a_token"),
        ids("id/list", "two of them in one value", &["{1}, {1}"], "401 encoding"),
        ids("id/version", "a token of another version", &["CrE2{1:4:}"], "401 unsupported_version"),
        ids("id/kind", "a signed token", &["CrS1{1:4:}"], "401 wrong_kind"),
        ids("id/short", "cut short", &["{1:0:100}"], "401 too_short"),
        ids("id/tampered", "a letter changed", &["{1:0:100}AAAA{1:104:}"], "401 auth_failed"),
        post("id/16-384", "16 384 octets are read").ids(&[&format!("CrE1{}", "A".repeat(16_380))]).answers(Ok("503 unknown_key")),
        post("id/16-385", "one more is too long").ids(&[&format!("CrE1{}", "A".repeat(16_381))]).answers(Ok("401 too_long")),
        post("id/16-384-quoted", "quotation marks do not count").ids(&[&format!("\"CrE1{}\"", "A".repeat(16_380))]).answers(Ok("503 unknown_key")),
        token("device/unknown-key", "of a key that this server may have in a moment: not now", Made { key: 2, ..device_token(1) }, "503 unknown_key"),
        token("device/future", "by a clock that is ahead: not now", Made { issued_at: T + 61, ..device_token(1) }, "503 issued_in_future"),
        token("device/future-leeway", "within leeway", Made { issued_at: T + 60, ..device_token(1) }, "200 +.proof"),
        token("device/last-second", "the last second of its life", Made { ttl: 61, ..device_token(1) }, "200 +.proof"),
        token("device/expired", "its life is over", Made { ttl: 60, ..device_token(1) }, "401 expired"),
        token("device/ttl-0", "a ttl of 0", Made { ttl: 0, ..device_token(1) }, "401 expired"),
        token("device/old", "sealed 399 days ago", Made { issued_at: START - 34_473_600, ttl: 34_560_000, ..device_token(1) }, "200 +.proof"),
        set_up(ring(vec![Entry::new(1).until(T), Entry::new(2)]), post("device/ended-key", "of a key that has ended: for ever").token(0, Made { key: 2, ..Made::new(bound(1, &[])) }).token(2, Made { key: 2, ..refreshing(1) })).answers(Ok("401 key_inactive")),
        confused("device/audience", "for another audience: no key of the ring", Made { audience: "admin.example", ..device_token(1) }),
        confused("device/purpose", "for another session's devices", Made { purpose: "remember.device", ..device_token(1) }),
        confused("device/purpose-session", "sealed for the session's purpose", Made { purpose: "session", ..device_token(1) }),
        confused("device/purpose-challenge", "sealed for challenges", Made { purpose: "session.challenge", ..device_token(1) }),
        confused("device/purpose-proof", "sealed for proofs", Made { purpose: "session.proof", ..device_token(1) }),
        confused("device/challenge", "a challenge in its place", refreshing(1)),
        confused("device/proof", "a proof in its place", proof(1)),
        refresh("device/session", &["token-confusion"], "the session in its place").ids(&["{0}"]).answers(Ok("503 unknown_key")),
        taken("device/order", "members in another order", format!("{{\"y\":\"{y}\",\"x\":\"{x}\",\"sid\":\"{SID}\"}}")),
        strict("device/more", "a further member", format!("{{\"sid\":\"{SID}\",\"x\":\"{x}\",\"y\":\"{y}\",\"kty\":\"EC\"}}")),
        strict("device/no-sid", "no sid", format!("{{\"x\":\"{x}\",\"y\":\"{y}\"}}")),
        strict("device/no-y", "no y", format!("{{\"sid\":\"{SID}\",\"x\":\"{x}\"}}")),
        strict("device/twice", "a name twice", format!("{{\"sid\":\"{SID}\",\"sid\":\"{SID}\",\"x\":\"{x}\",\"y\":\"{y}\"}}")),
        strict("device/null", "null", format!("{{\"sid\":\"{SID}\",\"x\":\"{x}\",\"y\":null}}")),
        strict("device/jkt", "a thumbprint in the place of the key", format!("{{\"sid\":\"{SID}\",\"jkt\":\"{}\"}}", jkt(1))),
        strict("device/sid-21", "a sid of 21 characters", device(&SID[..21], x, y)),
        strict("device/x-42", "x of 42 characters", device(SID, &x[..42], y)),
        strict("device/x-44", "x of 44 characters", device(SID, &format!("{x}A"), y)),
        strict("device/y-padded", "y with padding", device(SID, x, &format!("{y}="))),
        strict("device/x-trailing-bits", "x with other unused bits", device(SID, &loose(x), y)),
        refresh("device/swapped", &["invalid-curve"], "x and y have changed places: no point of the curve").token(1, device_token_of(&device(SID, y, x))).answers(Ok("401 payload_invalid")),
        refresh("device/zeros", &["invalid-curve"], "zeros: no point of the curve").token(1, device_token_of(&device(SID, &"A".repeat(43), &"A".repeat(43)))).answers(Ok("401 payload_invalid")),
        refresh("device/off-curve", &["invalid-curve"], "a point that is not on the curve").token(1, device_token_of(&device(SID, x, &public(2).y))).answers(Ok("401 payload_invalid")),
    ]
}

#[rustfmt::skip] // one case a line
fn sessions() -> Vec<Vector> {
    let post = |id, comment| refresh(id, &["device-status"], comment);
    let field = |id, comment, field: &str| post(id, comment).with(|case| case.template = vec![field.to_owned()]);
    let session = |id, comment, made: Made, expect| post(id, comment).token(0, made).answers(Ok(expect));
    let one = || Made::new(bound(1, &[]));
    vec![
        field("session/absent", "no session: over", "theme=dark").answers(Ok("over absent")),
        field("session/absent-quoted", "the body names the device token without quotation marks", "theme=dark").ids(&["\"{1}\""]).answers(Ok("over absent")),
        field("session/garbage", "a value that is no token", "__Host-session=x").answers(Ok("over not_a_token")),
        field("session/tampered", "a letter changed", "__Host-session={0:0:100}AAAA{0:104:}").answers(Ok("over auth_failed")),
        field("session/signed-off", "signed off by its mark", &format!("__Host-session={{0}}; __Host-session.end={}", mark(SID))).answers(Ok("over signed_off")),
        field("session/ambiguous", "two sessions", "__Host-session={0}; __Host-session={3}").with(|case| case.tokens.push(Made::new(user(&[("sid", OTHER)])))).answers(Ok("over ambiguous")),
        session("session/expired", "its idle window is over", Made { ttl: 60, ..one() }, "over expired"),
        session("session/ended", "its absolute end has come", Made::new(bound(1, &[("end", "1790000060")])), "over expired"),
        session("session/payload", "a bad payload", Made::new("{}"), "over payload_invalid"),
        session("session/unknown-key", "a key that this server may have in a moment: not now", Made { key: 2, ..one() }, "503 unknown_key"),
        session("session/future", "by a clock that is ahead: not now", Made { issued_at: T + 61, ..one() }, "503 issued_in_future"),
        session("session/checked-in-future", "checked by a clock that is ahead", Made::new(bound(1, &[("checked", "1790000121")])), "503 issued_in_future"),
        session("session/other-key", "bound to another key: over", Made::new(bound(2, &[])), "over device_mismatch"),
        session("session/other-key-other-sid", "bound to another key, with another sid", Made::new(bound(2, &[("sid", OTHER)])), "over device_mismatch"),
        set_up(ring(vec![Entry::new(1).until(T), Entry::new(2)]), post("session/ended-key", "a key that has ended").token(1, Made { key: 2, ..device_token(1) }).token(2, Made { key: 2, ..refreshing(1) })).answers(Ok("over key_inactive")),
        Post { fails: Some(Fails::ClockAtOpen), ..refresh("session/no-clock", &["no-clock", "device-status"], "no clock: not now") }.answers(Ok("503 no_clock")),
        refresh("session/clock-48-bits", &["caller-error"], "a clock out of range").with(|case| case.now = 1 << 48).answers(Err("clock_range")),
    ]
}

/// Keys in the header of the JWT: none is trusted.
#[rustfmt::skip] // one case a line
fn keys() -> Vec<Vector> {
    let post = |id, comment, header: String| refresh(id, &["header-key"], comment).header(header);
    let with = |jwk: &str| format!("{{\"alg\":\"ES256\",\"jwk\":{jwk},\"typ\":\"dbsc+jwt\"}}");
    let ok = |id, comment, jwk: &str| post(id, comment, with(jwk)).answers(Ok("200 +.proof"));
    let bad = |id, comment, header: String| post(id, comment, header).sign(Sign::Key(2)).answers(Ok("401 jwt_signature"));
    vec![
        ok("key/same", "the right key in the header is not looked at", &jwk(1)),
        ok("key/other", "another key in the header, and a signature of the right one", &jwk(2)),
        ok("key/null", "a jwk that is null", "null"),
        ok("key/number", "a number", "1"),
        ok("key/empty", "an empty object", "{}"),
        ok("key/private", "a private key", &jwk(1).replace("\"kty\"", "\"d\":\"AA\",\"kty\"")),
        ok("key/off-curve", "no point of the curve", "{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"A\",\"y\":\"A\"}"),
        bad("key/attacker", "a signature of another key, which the header names", header(2)),
        bad("key/attacker-bare", "a signature of another key", BARE.to_owned()),
        bad("key/attacker-right-jwk", "a signature of another key, and the right one in the header", header(1)),
        bad("key/attacker-kid", "a key that is named otherwise", format!("{{\"alg\":\"ES256\",\"jku\":\"https://evil.example\",\"kid\":\"2\",\"x5c\":[],\"keys\":[{}],\"typ\":\"dbsc+jwt\"}}", jwk(2))),
        post("key/attacker-claims", "a signature of another key, which the claims name", BARE.to_owned()).sign(Sign::Key(2)).claims(format!("{{\"jti\":\"{{2}}\",\"jwk\":{}}}", jwk(2))).answers(Ok("401 jwt_signature")),
        post("key/crit", "crit is refused here too", "{\"alg\":\"ES256\",\"crit\":[],\"typ\":\"dbsc+jwt\"}".to_owned()).answers(Ok("401 jwt_algorithm")),
        post("key/none", "the algorithm none", "{\"alg\":\"none\",\"typ\":\"dbsc+jwt\"}".to_owned()).sign(Sign::Octets(vec![])).answers(Ok("401 jwt_algorithm")),
        post("key/typ", "another typ", "{\"alg\":\"ES256\",\"typ\":\"JWT\"}".to_owned()).answers(Ok("401 jwt_algorithm")),
        refresh("key/two-values", &["lax-jwt"], "two values, of which one is right").responses(&["{0}", "x"]).answers(Ok("401 jwt_format")),
        refresh("key/two-equal", &["lax-jwt"], "the same value twice").responses(&["{0}", "{0}"]).answers(Ok("401 jwt_format")),
        refresh("key/empty-value", &["lax-jwt"], "an empty value is one: no challenge").responses(&[""]).answers(Ok("401 jwt_format")),
        refresh("key/no-jti", &["lax-jwt"], "no jti").claims("{}").answers(Ok("401 jwt_format")),
        refresh("key/more-claims", &[], "further claims").claims("{\"aud\":\"https://evil.example\",\"exp\":0,\"iat\":0,\"jti\":\"{2}\",\"sub\":\"grace\"}").answers(Ok("200 +.proof")),
    ]
}

#[rustfmt::skip] // one case a line
fn challenges() -> Vec<Vector> {
    let post = |id, comment| refresh(id, &["challenge-replay"], comment);
    let bad = |id, comment, made: Made| post(id, comment).token(2, made).answers(Ok("403 challenge_invalid"));
    let at = |id, comment, now| refresh(id, &["challenge-replay", "off-by-one"], comment).with(|case| case.now = now);
    let confused = |id, comment, made: Made| refresh(id, &["token-confusion"], comment).token(2, made).answers(Ok("403 challenge_invalid"));
    let of = |payload: String| challenge(&payload);
    vec![
        at("challenge/last-second", "the last of its 60 seconds", START + 69).answers(Ok("200 +.proof")),
        at("challenge/at-end", "60 seconds are over: a new one", START + 70).answers(Ok("403 challenge_invalid")),
        at("challenge/long-ttl", "a longer ttl does not lengthen them", START + 70).token(2, Made { ttl: 600, ..refreshing(1) }).answers(Ok("403 challenge_invalid")),
        at("challenge/future-leeway", "by a clock that is ahead within leeway", T).token(2, Made { issued_at: T + 60, ..refreshing(1) }).answers(Ok("200 +.proof")),
        at("challenge/future", "one second beyond leeway", T).token(2, Made { issued_at: T + 61, ..refreshing(1) }).answers(Ok("403 challenge_invalid")),
        bad("challenge/register", "of the use register", registering(SID)),
        bad("challenge/register-with-jkt", "of the use register, with the key", of(format!("{{\"use\":\"register\",\"jkt\":\"{}\"}}", jkt(1)))),
        bad("challenge/refresh-with-sid", "of the use refresh, with the sid", of(format!("{{\"use\":\"refresh\",\"sid\":\"{SID}\"}}"))),
        bad("challenge/other-key", "of another key", refreshing(2)),
        bad("challenge/more", "a further member", of(format!("{{\"use\":\"refresh\",\"jkt\":\"{}\",\"sid\":\"{SID}\"}}", jkt(1)))),
        bad("challenge/jkt-long", "a jkt that is longer", of(format!("{{\"use\":\"refresh\",\"jkt\":\"{}A\"}}", jkt(1)))),
        bad("challenge/master-key", "of a key that the ring lacks: a new one all the same", Made { key: 2, ..refreshing(1) }),
        confused("challenge/audience", "for another audience", Made { audience: "admin.example", ..refreshing(1) }),
        confused("challenge/purpose-proof", "sealed for proofs", Made { purpose: "session.proof", ..refreshing(1) }),
        confused("challenge/proof", "a proof in its place", proof(1)),
        refresh("challenge/device-token", &["token-confusion"], "the device token in its place").claims("{\"jti\":\"{1}\"}").answers(Ok("403 challenge_invalid")),
        refresh("challenge/session", &["token-confusion"], "the session in its place").claims("{\"jti\":\"{0}\"}").answers(Ok("403 challenge_invalid")),
        post("challenge/garbage", "a jti that is no token").claims("{\"jti\":\"x\"}").answers(Ok("403 challenge_invalid")),
        post("challenge/empty", "an empty jti").claims("{\"jti\":\"\"}").answers(Ok("403 challenge_invalid")),
        post("challenge/garbage-quoted-id", "the new challenge names the device token without quotation marks").ids(&["\"{1}\""]).claims("{\"jti\":\"x\"}").answers(Ok("403 challenge_invalid")),
    ]
}

#[rustfmt::skip] // one case a line
fn checks() -> Vec<Vector> {
    let post = |id, comment, check| set_up(checked(check), refresh(id, &["device-check"], comment));
    let recheck = |id, comment, check| set_up(Setup::rechecking(600, Some(check)), refresh(id, &["device-check", "recheck-window"], comment).token(0, Made::new(bound(1, &[("checked", "1790000060")]))));
    vec![
        post("check/answered", "the check is answered", answer(7)).answers(Ok("200 +.proof")),
        post("check/unanswered", "no answer: not now", SILENT).answers(Ok("503 unchecked")),
        post("check/revoked", "another generation: over", answer(8)).answers(Ok("over revoked")),
        post("check/denied", "denied: over", DENIED).answers(Ok("over signed_off")),
        post("check/first-denied", "without a JWT nobody is asked", DENIED).silent().answers(Ok("403")),
        recheck("check/not-due", "asked although it is not due: answered, and the session is not written", answer(7)).answers(Ok("200 +.proof")),
        recheck("check/not-due-denied", "denied", DENIED).answers(Ok("over signed_off")),
        recheck("check/not-due-revoked", "another generation", answer(8)).answers(Ok("over revoked")),
        recheck("check/not-due-unanswered", "no answer", SILENT).answers(Ok("503 unchecked")),
        set_up(Setup::rechecking(60, Some(answer(7))), refresh("check/due", &["device-check", "recheck-window"], "due and answered: the proof is the sign of it").token(0, Made::new(bound(1, &[("checked", "1790000000")])))).answers(Ok("200 +.proof")),
        refresh("check/proof-does-not-answer", &["device-check"], "a proof of this second answers nothing here").with(|case| { case.setup = Setup::rechecking(600, Some(DENIED)); case.tokens.push(Made { issued_at: T, ..proof(1) }); case.template = vec!["__Host-session={0}; __Host-session.proof={3}".into()]; }).answers(Ok("over signed_off")),
    ]
}

/// Two faults; the one of the earlier step is told.
#[rustfmt::skip] // one case a line
fn order() -> Vec<Vector> {
    let post = |id, comment| refresh(id, &["order"], comment);
    let absent = |post: Post| post.with(|case| case.template = vec!["theme=dark".into()]);
    let denied = |post: Post| set_up(checked(DENIED), post);
    let stale = || Made { ttl: 1, ..refreshing(1) };
    let other = || Made::new(bound(2, &[]));
    let over = || Made { ttl: 60, ..device_token(1) };
    let unknown = |made: Made| Made { key: 2, ..made };
    vec![
        absent(post("order/ids-before-session", "two ids and no session").ids(&["{1}", "{1}"])).answers(Ok("401 absent")),
        absent(post("order/device-before-session", "an expired device token and no session").token(1, over())).answers(Ok("401 expired")),
        absent(post("order/not-now-before-session", "a device token of a key that may come, and no session").token(1, unknown(device_token(1)))).answers(Ok("503 unknown_key")),
        post("order/device-before-not-now", "an expired device token, and a session of a key that may come").token(1, over()).token(0, unknown(Made::new(bound(1, &[])))).answers(Ok("401 expired")),
        post("order/device-before-jwt", "an expired device token and two JWTs").token(1, over()).responses(&["{0}", "{0}"]).answers(Ok("401 expired")),
        absent(post("order/session-before-jwt", "no session and a bad JWT").responses(&["x"])).answers(Ok("over absent")),
        absent(post("order/session-before-first", "no session and no JWT").silent()).answers(Ok("over absent")),
        post("order/not-now-before-first", "a session of a key that may come, and no JWT").token(0, unknown(Made::new(bound(1, &[])))).silent().answers(Ok("503 unknown_key")),
        post("order/mismatch-before-first", "bound to another key, and no JWT").token(0, other()).silent().answers(Ok("over device_mismatch")),
        post("order/mismatch-before-values", "bound to another key, and two JWTs").token(0, other()).responses(&["{0}", "{0}"]).answers(Ok("over device_mismatch")),
        post("order/mismatch-before-jwt", "bound to another key, and a bad JWT").token(0, other()).responses(&["x"]).answers(Ok("over device_mismatch")),
        denied(post("order/mismatch-before-check", "bound to another key, and denied").token(0, other())).answers(Ok("over device_mismatch")),
        post("order/jwt-before-challenge", "a bad signature and a stale challenge").token(2, stale()).sign(Sign::Key(2)).answers(Ok("401 jwt_signature")),
        denied(post("order/jwt-before-check", "a bad signature, and denied").sign(Sign::Key(2))).answers(Ok("401 jwt_signature")),
        denied(post("order/challenge-before-check", "a stale challenge, and denied: a new one").token(2, stale())).answers(Ok("403 challenge_invalid")),
        set_up(checked(SILENT), post("order/challenge-before-unchecked", "a stale challenge, and no answer: a new one").token(2, stale())).answers(Ok("403 challenge_invalid")),
        set_up(Setup { check: Some(DENIED), ..keyless() }, post("order/check-before-proof", "denied, and no key that seals")).answers(Ok("over signed_off")),
    ]
}

#[rustfmt::skip] // one case a line
fn failures() -> Vec<Vector> {
    let dry = |post: Post| Post { fails: Some(Fails::Randomness), ..post };
    let heal = |id, flags, comment| refresh(id, flags, comment).token(0, Made::new(user(&[])));
    vec![
        set_up(keyless(), refresh("fails/no-key", &["no-fall-back"], "no key seals the proof")).answers(Err("no_sealing_key")),
        set_up(keyless(), refresh("fails/no-key-first", &["no-fall-back"], "no key seals the challenge").silent()).answers(Err("no_sealing_key")),
        set_up(keyless(), heal("fails/no-key-heal", &["no-fall-back"], "no key seals the session that is bound again")).answers(Err("no_sealing_key")),
        dry(refresh("fails/no-randomness", &["no-randomness"], "no randomness for the proof")).answers(Err("no_randomness")),
        dry(refresh("fails/no-randomness-first", &["no-randomness"], "none for the challenge").silent()).answers(Err("no_randomness")),
        dry(refresh("fails/no-randomness-over", &["no-randomness"], "what is over draws nothing").token(0, Made::new(bound(2, &[])))).answers(Ok("over device_mismatch")),
        heal("fails/too-large", &["size-on-wire"], "with jkt the session does not fit its cookie").token(0, full()).answers(Err("cookie_too_large")),
        set_up(Setup::ruled(IDLE, 86_400, 0), refresh("fails/no-leeway", &["off-by-one"], "without leeway a device token of the next second is not now").token(1, Made { issued_at: T + 1, ..device_token(1) })).answers(Ok("503 issued_in_future")),
    ]
}
