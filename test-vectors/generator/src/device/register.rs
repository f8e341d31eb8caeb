//! Cases of `register` (§21.6), the JWT apart.

use super::{
    SID, bound, jkt,
    post::{Post, challenge, device_token, header, jwt, refreshing, register, registering},
    proof,
    reference::{Device, Sign},
};
use crate::{
    cookie::{
        Fails, T,
        jar::{Cookie, DEFAULT, Place},
        reference::mark,
    },
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
    [good(), sessions(), challenges(), checks(), order(), failures()].into_iter().flatten().collect()
}

/// A session's `data` that leaves so few octets that `jkt` does not fit its cookie.
pub(super) fn full() -> Made {
    let frame = user(&[("data", "{\"pad\":\"\"}")]).len();
    let pad = "x".repeat((4096 - "__Host-session".len()) * 3 / 4 - 85 - frame);
    Made::new(user(&[("data", &format!("{{\"pad\":\"{pad}\"}}"))]))
}

pub(super) fn keyless() -> Setup {
    Setup { context: Context { ring: vec![Entry::new(1).from(END)], ..setup().context }, ..setup() }
}

fn checked(check: Check) -> Setup {
    Setup { check: Some(check), ..setup() }
}

#[rustfmt::skip] // one case a line
fn good() -> Vec<Vector> {
    let ok = |id, comment| register(id, &[], comment);
    let device = |device, post: Post| post.with(|case| case.device = Some(device));
    let cookie = |cookie: Cookie, post: Post| post.with(|case| { case.template = vec![format!("{}={{0}}", cookie.name)]; case.cookie = cookie; });
    let set_up = |setup, post: Post| post.with(|case| case.setup = setup);
    let field = |field: &str, post: Post| post.with(|case| case.template = vec![field.to_owned()]);
    let two_keys = || Setup { context: Context { ring: vec![Entry::new(1), Entry::new(2).from(START)], ..setup().context }, ..setup() };
    let partitioned = Place { partitioned: true, ..Place::root() };
    let other = |made: Made| Made { audience: "admin.example", ..made };
    let admin = Setup { context: Context { audience: "admin.example".into(), purpose: "admin".into(), ..setup().context }, ..setup() };
    let yes = Ok("200 +.proof +");
    vec![
        ok("ok/usual", "the session is bound; sid, start and end stay, rev counts").answers(yes),
        ok("ok/everything", "data and messages stay").token(0, Made::new(user(&[("rev", "5"), ("flash", "{\"notice\":[1.50,\"saved\"]}")]))).answers(yes),
        ok("ok/retry", "the same key again: the answer to the first one was lost").token(0, Made::new(bound(1, &[]))).answers(yes),
        field("__Host-session={0}; __Host-session.proof={2}", ok("ok/retry-proven", "the same key again, with a proof").token(0, Made::new(bound(1, &[]))).with(|case| case.tokens.push(proof(1)))).answers(yes),
        field("__Host-session={0}; __Host-session.proof={2}", ok("ok/other-proof", "a proof of an earlier session is replaced").with(|case| case.tokens.push(proof(2)))).answers(yes),
        field("theme=dark; __Host-session={0}; lang=en", ok("ok/other-cookies", "other cookies beside it")).answers(yes),
        field("__Host-session={0}; __Host-session={2}", ok("ok/two-candidates", "the session of the greater rev is bound").with(|case| case.tokens.push(Made::new(user(&[("rev", "7"), ("data", "")]))))).answers(yes),
        field("__Host-session=2.aaaaaaaa.{0:0:100}; __Host-session.1=aaaaaaaa.{0:100:}", ok("ok/parts", "a session in two cookies becomes one")).answers(Ok("200 +.proof -.1 +")),
        cookie(Cookie { large: true, ..Cookie::usual() }, ok("ok/large", "one that jkt makes too long for one cookie").token(0, full())).answers(Ok("200 +.proof +.1 +")),
        cookie(Cookie::named(DEFAULT), ok("ok/default-name", "the default name")).answers(yes),
        cookie(Cookie { same_site: "Strict", ..Cookie::usual() }, ok("ok/strict", "SameSite=Strict, in the body too")).answers(yes),
        cookie(Cookie { same_site: "None", ..Cookie::usual() }, ok("ok/none", "SameSite=None, in the body too")).answers(yes),
        cookie(Cookie { browser_session: true, ..Cookie::usual() }, ok("ok/browser-session", "a browser session: a proof has its Max-Age all the same")).answers(yes),
        cookie(Cookie { previous: vec![partitioned], ..Cookie::usual() }, ok("ok/previous", "an earlier combination is taken away")).answers(Ok("200 +.proof - +")),
        device(Device { path: Some("/auth/dbsc".into()), ..Device::default() }, ok("ok/path", "another path")).answers(yes),
        device(Device { proof: Some(120), ..Device::default() }, ok("ok/proof", "a shorter proof")).answers(yes),
        device(Device { proof: Some(59), ..Device::default() }, ok("ok/proof-below-first", "a proof that is shorter than a first one is")).answers(yes),
        device(Device { proof: Some(61), ..Device::default() }, ok("ok/proof-above-first", "a proof that is longer by a second")).answers(yes),
        device(Device { proof: Some(3600), ..Device::default() }, ok("ok/proof-longest", "the longest proof, longer than the idle window")).answers(yes),
        device(Device { require_after: Some(0), ..Device::default() }, ok("ok/required", "a session that has to be bound at once")).answers(yes),
        device(Device { require_after: Some(60), ..Device::default() }, ok("ok/required-late", "one that should have been bound by now")).answers(yes),
        ok("ok/near-end", "the proof and the device token end with the session").token(0, Made::new(user(&[("end", "1790000160")]))).answers(yes),
        ok("ok/last-second", "in its last second").token(0, Made::new(user(&[("end", "1790000061")]))).answers(yes),
        set_up(Setup::ruled(100, 100, 60), ok("ok/own-absolute", "this server's absolute end comes first for the proof; the device token has the session's end")).answers(yes),
        set_up(Setup::ruled(IDLE, 34_560_000, 60), ok("ok/longest", "a device token of 400 days, of a session that is longer").token(0, Made::new(user(&[("end", "1900000000")])))).answers(yes),
        ok("ok/half-window", "sealed anew: the idle window is moved").token(0, Made { issued_at: START - 1000, ..Made::new(user(&[])) }).answers(yes),
        set_up(two_keys(), ok("ok/rotated", "session and challenge of a key that is accepted still: everything new under the other")).answers(yes),
        set_up(admin, ok("ok/other-context", "another audience and another purpose").token(0, Made { purpose: "admin", ..other(Made::new(user(&[]))) }).token(1, Made { purpose: "admin.challenge", ..other(registering(SID)) })).answers(yes),
        ok("ok/another-device", "another key").jwt(crate::device::reference::Jwt { sign: Sign::Key(2), ..jwt(header(2), 1) }).answers(yes),
        ok("ok/sid-of-marks", "a sid of hyphens and underscores").token(0, Made::new(user(&[("sid", "\"-_-_-_-_-_-_-_-_-_-_-_\"")]))).token(1, registering("-_-_-_-_-_-_-_-_-_-_-_")).answers(yes),
    ]
}

#[rustfmt::skip] // one case a line
fn sessions() -> Vec<Vector> {
    let post = |id, comment| register(id, &["device-status"], comment).with(|case| case.spec = &["DEV-07", "DEV-09"]);
    let field = |id, comment, field: &str| post(id, comment).with(|case| case.template = vec![field.to_owned()]);
    let second = |id, comment, made: Made| field(id, comment, "__Host-session={0}; __Host-session={2}").with(|case| case.tokens.push(made));
    let ring = |ring: Vec<Entry>| Setup { context: Context { ring, ..setup().context }, ..setup() };
    vec![
        field("session/absent", "no session", "theme=dark").answers(Ok("401 absent")),
        field("session/empty", "an empty value", "__Host-session=").answers(Ok("401 not_a_token")),
        field("session/chunks", "the second part is missing", "__Host-session=2.aaaaaaaa.{0:0:100}").answers(Ok("401 chunks")),
        field("session/tampered", "a letter changed", "__Host-session={0:0:100}AAAA{0:104:}").answers(Ok("401 auth_failed")),
        post("session/expired", "its idle window is over").token(0, Made { ttl: 60, ..Made::new(user(&[])) }).answers(Ok("401 expired")),
        post("session/ended", "its absolute end has come").token(0, Made::new(user(&[("end", "1790000060")]))).answers(Ok("401 expired")),
        post("session/payload", "a bad payload").token(0, Made::new("{}")).answers(Ok("401 payload_invalid")),
        field("session/signed-off", "signed off by its mark", &format!("__Host-session={{0}}; __Host-session.end={}", mark(SID))).answers(Ok("401 signed_off")),
        second("session/ambiguous", "two sessions", Made::new(user(&[("sid", "\"AQEBAQEBAQEBAQEBAQEBAQ\"")]))).answers(Ok("401 ambiguous")),
        post("session/unknown-key", "a key that this server may have in a moment: not now").token(0, Made { key: 2, ..Made::new(user(&[])) }).answers(Ok("503 unknown_key")),
        post("session/future", "by a clock that is ahead: not now").token(0, Made { issued_at: START + 121, ..Made::new(user(&[])) }).answers(Ok("503 issued_in_future")),
        post("session/start-in-future", "it began by a clock that is ahead").token(0, Made::new(user(&[("start", "1790000121")]))).answers(Ok("503 issued_in_future")),
        post("session/key-inactive", "a key that has ended").with(|case| case.setup = ring(vec![Entry::new(1).until(T), Entry::new(2)])).answers(Ok("401 key_inactive")),
        Post { fails: Some(Fails::ClockAtOpen), ..register("session/no-clock", &["no-clock", "device-status"], "no clock: not now") }.answers(Ok("503 no_clock")),
        register("session/clock-48-bits", &["caller-error"], "a clock out of range").with(|case| case.now = 1 << 48).answers(Err("clock_range")),
        register("session/other-key", &["bound-session"], "bound to another key: it is never bound anew").token(0, Made::new(bound(2, &[]))).answers(Ok("401 device_mismatch")),
        register("session/other-key-proven", &["bound-session"], "also with a proof of the other key").token(0, Made::new(bound(2, &[]))).with(|case| { case.tokens.push(proof(2)); case.template = vec!["__Host-session={0}; __Host-session.proof={2}".into()]; }).answers(Ok("401 device_mismatch")),
        register("session/guest", &["challenge-replay"], "a guest's session, with the challenge of the user's before it").token(0, Made::new(guest(&[("sid", "\"AQEBAQEBAQEBAQEBAQEBAQ\"")]))).answers(Ok("401 challenge_invalid")),
        register("session/guest-own", &["bound-session"], "a guest's session is never bound, not with a challenge of its own either").token(0, Made::new(guest(&[]))).answers(Ok("401 challenge_invalid")),
    ]
}

#[rustfmt::skip] // one case a line
fn challenges() -> Vec<Vector> {
    let post = |id, comment| register(id, &["challenge-replay"], comment);
    let bad = |id, comment, made: Made| post(id, comment).token(1, made).answers(Ok("401 challenge_invalid"));
    let at = |id, comment, now| register(id, &["challenge-replay", "off-by-one"], comment).with(|case| case.now = now);
    let of = |payload: String| challenge(&payload);
    let confused = |id, comment, made: Made| register(id, &["token-confusion"], comment).token(1, made).answers(Ok("401 challenge_invalid"));
    let strict = |id, comment, payload: String| register(id, &["strict-json"], comment).token(1, of(payload)).answers(Ok("401 challenge_invalid"));
    let taken = |id, comment, payload: String| register(id, &["strict-json"], comment).token(1, of(payload)).answers(Ok("200 +.proof +"));
    let jti = |id, comment, jti: &str| post(id, comment).claims(format!("{{\"jti\":\"{jti}\"}}"));
    let register_of = |sid: &str| format!("{{\"use\":\"register\",\"sid\":\"{sid}\"}}");
    vec![
        at("challenge/last-second", "the last of its 60 seconds", START + 69).answers(Ok("200 +.proof +")),
        at("challenge/at-end", "60 seconds are over", START + 70).answers(Ok("401 challenge_invalid")),
        at("challenge/long-ttl", "a longer ttl does not lengthen them", START + 70).token(1, Made { ttl: 600, ..registering(SID) }).answers(Ok("401 challenge_invalid")),
        at("challenge/short-ttl", "a shorter ttl shortens them", START + 40).token(1, Made { ttl: 30, ..registering(SID) }).answers(Ok("401 challenge_invalid")),
        at("challenge/leeway", "leeway does not lengthen them", START + 70).with(|case| case.setup = Setup::ruled(IDLE, 86_400, 300)).answers(Ok("401 challenge_invalid")),
        at("challenge/future-leeway", "by a clock that is ahead within leeway", T).token(1, Made { issued_at: T + 60, ..registering(SID) }).answers(Ok("200 +.proof +")),
        at("challenge/future", "one second beyond leeway: no reason to go on", T).token(1, Made { issued_at: T + 61, ..registering(SID) }).answers(Ok("401 challenge_invalid")),
        bad("challenge/other-session", "of another session", registering("AQEBAQEBAQEBAQEBAQEBAQ")),
        bad("challenge/sid-case", "of a sid in other letters", registering("AAECAwQFBgcICQoLDA0ODW")),
        bad("challenge/refresh", "of the use refresh", refreshing(1)),
        bad("challenge/refresh-with-sid", "of the use refresh, with the sid", of(format!("{{\"use\":\"refresh\",\"sid\":\"{SID}\"}}"))),
        bad("challenge/register-with-jkt", "of the use register, with a key", of(format!("{{\"use\":\"register\",\"jkt\":\"{}\"}}", jkt(1)))),
        bad("challenge/use-case", "of a use in other letters", of(format!("{{\"use\":\"Register\",\"sid\":\"{SID}\"}}"))),
        bad("challenge/use-other", "of another use", of(format!("{{\"use\":\"login\",\"sid\":\"{SID}\"}}"))),
        bad("challenge/other-key", "of a key that the ring lacks: 401 all the same", Made { key: 2, ..registering(SID) }),
        register("challenge/ended-key", &["inactive-key"], "of a key that has ended").token(0, Made { key: 2, ..Made::new(user(&[])) }).with(|case| case.setup.context.ring = vec![Entry::new(1).until(T), Entry::new(2)]).answers(Ok("401 challenge_invalid")),
        confused("challenge/audience", "for another audience", Made { audience: "admin.example", ..registering(SID) }),
        confused("challenge/purpose", "for another session's challenges", Made { purpose: "remember.challenge", ..registering(SID) }),
        confused("challenge/purpose-session", "sealed for the session's purpose", Made { purpose: "session", ..registering(SID) }),
        confused("challenge/purpose-device", "sealed for device tokens", Made { purpose: "session.device", ..registering(SID) }),
        confused("challenge/purpose-proof", "sealed for proofs", Made { purpose: "session.proof", ..registering(SID) }),
        confused("challenge/device-token", "a device token in its place", device_token(1)),
        confused("challenge/proof", "a proof in its place", proof(1)),
        register("challenge/session", &["token-confusion"], "the session in its place").claims("{\"jti\":\"{0}\"}").answers(Ok("401 challenge_invalid")),
        jti("challenge/empty", "an empty jti", "").answers(Ok("401 challenge_invalid")),
        jti("challenge/garbage", "a jti that is no token", "x").answers(Ok("401 challenge_invalid")),
        jti("challenge/quoted", "in quotation marks", "\\\"{1}\\\"").answers(Ok("401 challenge_invalid")),
        jti("challenge/space", "a space behind it", "{1} ").answers(Ok("401 challenge_invalid")),
        jti("challenge/line-feed", "a line feed behind it", "{1}\\n").answers(Ok("401 challenge_invalid")),
        post("challenge/escaped", "its first letter with an escape: the same string").escaped().answers(Ok("200 +.proof +")),
        register("challenge/tampered", &["tampered"], "a letter changed").claims("{\"jti\":\"A{1}\"}").answers(Ok("401 challenge_invalid")),
        taken("challenge/order", "members in another order", format!("{{\"sid\":\"{SID}\",\"use\":\"register\"}}")),
        taken("challenge/white-space", "white space of JSON", format!("{{ \"use\" : \"register\" , \"sid\" : \"{SID}\" }}\n")),
        strict("challenge/more", "a further member", format!("{{\"use\":\"register\",\"sid\":\"{SID}\",\"jkt\":\"{}\"}}", jkt(1))),
        strict("challenge/more-null", "a further member that is null", format!("{{\"use\":\"register\",\"sid\":\"{SID}\",\"jkt\":null}}")),
        strict("challenge/twice", "a name twice", format!("{{\"use\":\"refresh\",\"use\":\"register\",\"sid\":\"{SID}\"}}")),
        strict("challenge/no-use", "no use", format!("{{\"sid\":\"{SID}\"}}")),
        strict("challenge/no-sid", "no sid", "{\"use\":\"register\"}".to_owned()),
        strict("challenge/array", "an array", format!("[\"register\",\"{SID}\"]")),
        strict("challenge/sid-long", "a sid that is longer", register_of(&format!("{SID}A"))),
        strict("challenge/bom", "a byte order mark before it", format!("\u{feff}{}", register_of(SID))),
    ]
}

impl Post {
    /// Spells the first letter of the challenge with an escape.
    fn escaped(self) -> Self {
        let text = self.tokens()[1].clone();
        self.claims(format!("{{\"jti\":\"\\u0043{}\"}}", &text[1..]))
    }
}

#[rustfmt::skip] // one case a line
fn checks() -> Vec<Vector> {
    let post = |id, comment, check| register(id, &["device-check"], comment).with(|case| { case.spec = &["DEV-07", "DEV-09"]; case.setup = checked(check); });
    let recheck = |id, comment, check, payload: String| register(id, &["device-check", "recheck-window"], comment).token(0, Made::new(payload)).with(|case| { case.setup = Setup { policy: Policy { recheck: Some(600), ..setup().policy }, ..checked(check) }; });
    let now = || user(&[("checked", "1790000060")]);
    vec![
        post("check/answered", "the check is answered", answer(7)).answers(Ok("200 +.proof +")),
        post("check/unanswered", "no answer: not now", SILENT).answers(Ok("503 unchecked")),
        post("check/revoked", "another generation", answer(8)).answers(Ok("401 revoked")),
        post("check/denied", "denied", DENIED).answers(Ok("401 signed_off")),
        post("check/retry-denied", "denied, the same key again", DENIED).token(0, Made::new(bound(1, &[]))).answers(Ok("401 signed_off")),
        recheck("check/recheck", "with recheck: checked is now", answer(7), user(&[])).answers(Ok("200 +.proof +")),
        recheck("check/not-due", "asked although it is not due: answered, and checked is now", answer(7), user(&[("checked", "1790000001")])).answers(Ok("200 +.proof +")),
        recheck("check/not-due-denied", "asked although it is not due: denied", DENIED, now()).answers(Ok("401 signed_off")),
        recheck("check/not-due-revoked", "another generation", answer(8), now()).answers(Ok("401 revoked")),
        recheck("check/not-due-unanswered", "no answer", SILENT, now()).answers(Ok("503 unchecked")),
        register("check/none", &["device-check"], "an application without a check, with recheck: checked stays").token(0, Made::new(user(&[("checked", "1790000001")]))).with(|case| case.setup = Setup::rechecking(600, None)).answers(Ok("200 +.proof +")),
        register("check/off", &["device-check"], "recheck 0: checked stays as another server wrote it").token(0, Made::new(user(&[("checked", "1790000001")]))).with(|case| case.setup = checked(answer(7))).answers(Ok("200 +.proof +")),
    ]
}

/// Two faults; the one of the earlier step is told.
#[rustfmt::skip] // one case a line
fn order() -> Vec<Vector> {
    let post = |id, comment| register(id, &["order"], comment);
    let alg = header(1).replace("ES256", "none");
    let wrong = || Sign::Key(2);
    let stale = || Made { ttl: 1, ..registering(SID) };
    let denied = |post: Post| post.with(|case| case.setup = checked(DENIED));
    let absent = |post: Post| post.with(|case| case.template = vec!["theme=dark".into()]);
    let late = |post: Post| post.token(0, Made { key: 2, ..Made::new(user(&[])) });
    let other = |post: Post| post.token(0, Made::new(bound(2, &[])));
    vec![
        absent(post("order/values-before-session", "two values and no session").responses(&["{0}", "{0}"])).answers(Ok("401 jwt_format")),
        late(post("order/values-before-not-now", "no value, and a session of a key that may come").silent()).answers(Ok("401 jwt_format")),
        absent(post("order/session-before-jwt", "no session and a bad JWT").responses(&["x"])).answers(Ok("401 absent")),
        late(post("order/not-now-before-jwt", "a session of a key that may come, and a bad JWT").responses(&["x"])).answers(Ok("503 unknown_key")),
        post("order/jti-before-algorithm", "no jti, and another algorithm").header(alg.clone()).claims("{}").answers(Ok("401 jwt_format")),
        post("order/algorithm-before-key", "another algorithm, and no key").header("{\"alg\":\"none\",\"typ\":\"dbsc+jwt\"}").answers(Ok("401 jwt_algorithm")),
        post("order/algorithm-before-signature", "another algorithm, and no signature").header(alg).sign(Sign::Octets(vec![])).answers(Ok("401 jwt_algorithm")),
        post("order/key-before-signature", "no key, and no signature").header(super::post::BARE).sign(Sign::Octets(vec![])).answers(Ok("401 jwt_key")),
        post("order/signature-before-challenge", "a bad signature and a stale challenge").token(1, stale()).sign(wrong()).answers(Ok("401 jwt_signature")),
        denied(post("order/signature-before-check", "a bad signature, and denied").sign(wrong())).answers(Ok("401 jwt_signature")),
        other(post("order/signature-before-mismatch", "a bad signature, and bound to another key").sign(wrong())).answers(Ok("401 jwt_signature")),
        other(post("order/challenge-before-mismatch", "a stale challenge, and bound to another key").token(1, stale())).answers(Ok("401 challenge_invalid")),
        denied(post("order/challenge-before-check", "a stale challenge, and denied").token(1, stale())).answers(Ok("401 challenge_invalid")),
        denied(other(post("order/mismatch-before-check", "bound to another key, and denied"))).answers(Ok("401 device_mismatch")),
        other(post("order/mismatch-before-unchecked", "bound to another key, and no answer").with(|case| case.setup = checked(SILENT))).answers(Ok("401 device_mismatch")),
        denied(post("order/check-before-commit", "denied, and too large").token(0, full())).answers(Ok("401 signed_off")),
        post("order/unchecked-before-commit", "no answer, and no key that seals").with(|case| case.setup = Setup { check: Some(SILENT), ..keyless() }).answers(Ok("503 unchecked")),
        post("order/size-before-key", "too large, and no key that seals").token(0, full()).with(|case| case.setup = keyless()).answers(Err("cookie_too_large")),
    ]
}

#[rustfmt::skip] // one case a line
fn failures() -> Vec<Vector> {
    vec![
        register("fails/too-large", &["size-on-wire"], "with jkt the session does not fit its cookie: it stays as it was").token(0, full()).answers(Err("cookie_too_large")),
        register("fails/no-key", &["no-fall-back"], "no key seals").with(|case| case.setup = keyless()).answers(Err("no_sealing_key")),
        Post { fails: Some(Fails::Randomness), ..register("fails/no-randomness", &["no-randomness"], "no randomness") }.answers(Err("no_randomness")),
        Post { fails: Some(Fails::Randomness), ..register("fails/refused-no-randomness", &["no-randomness"], "what is refused draws nothing").responses(&[]) }.answers(Ok("401 jwt_format")),
    ]
}
