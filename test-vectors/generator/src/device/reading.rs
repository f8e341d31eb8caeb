//! Cases of `read`: opening a bound session (§21.3).

use super::{SID, bound, jkt, proof, proof_of, reference::Device};
use crate::{
    cookie::{Case, T, jar::Cookie, reference::mark},
    json::Json,
    opener::{Code, Context},
    session::{
        IDLE, Made, START, guest,
        recheck::{DENIED, SILENT, answer},
        reference::{Check, Setup},
        setup, user,
    },
    vector::{Entry, Outcome, Vector},
};

pub(super) fn vectors() -> Vec<Vector> {
    [proofs(), payloads(), several(), required(), order(), rechecks()].into_iter().flatten().collect()
}

type Flags = &'static [&'static str];

/// Returns a case whose field has `N` for the cookie's name.
fn case(id: &'static str, flags: Flags, comment: &'static str, tokens: Vec<Made>, field: &str) -> Case {
    let field = field.replace('N', "__Host-session");
    Case { spec: &["DEV-04"], flags, device: Some(Device::default()), ..Case::new(id, comment, tokens, &field) }
}

/// Returns a bound session and this proof.
fn with(proof: Made) -> Vec<Made> {
    vec![Made::new(bound(1, &[])), proof]
}

const BOTH: &str = "N={0}; N.proof={1}";
const UNPROVEN: Result<usize, Code> = Err("unproven");

fn clockless(mut vector: Vector) -> Vector {
    vector.inputs.iter_mut().filter(|(name, _)| name == "now").for_each(|(_, now)| *now = Json::Null);
    vector.outcome = Outcome::Error("no_clock");
    vector
}

#[rustfmt::skip] // one case a line
fn proofs() -> Vec<Vector> {
    let read = |id, comment, field: &str, expect| case(id, &["bound-session"], comment, with(proof(1)), field).read(expect);
    let at = |id, comment, now, expect| Case { now, ..case(id, &["proof-life", "off-by-one"], comment, with(proof(1)), BOTH) }.read(expect);
    let lives = |id, comment, life, now, expect| Case { now, device: Some(Device { proof: Some(life), ..Device::default() }), ..case(id, &["proof-life", "off-by-one"], comment, with(proof(1)), BOTH) }.read(expect);
    let other = |id, comment, proof: Made| case(id, &["token-confusion"], comment, with(proof), BOTH).read(UNPROVEN);
    let late = |id, comment, issued_at, expect| case(id, &["proof-life", "off-by-one"], comment, with(Made { issued_at, ..proof(1) }), BOTH).read(expect);
    let ruled = |leeway, case: Case| Case { setup: Setup::ruled(IDLE, 86_400, leeway), ..case };
    let ring = |id, comment, ring: Vec<Entry>, tokens: Vec<Made>, expect| Case { setup: Setup { context: Context { ring, ..setup().context }, ..setup() }, ..case(id, &["inactive-key"], comment, tokens, BOTH) }.read(expect);
    let keyed = |key, made: Made| Made { key, ..made };
    let [one, two] = [Entry::new(1), Entry::new(2)];
    vec![
        read("proof/good", "a bound session and a proof of its key", BOTH, Ok(0)),
        read("proof/before-session", "the proof comes first", "N.proof={1}; N={0}", Ok(0)),
        Case { template: vec!["__Host-session.proof={1}".into(), "__Host-session={0}".into()], ..case("proof/two-fields", &["bound-session"], "in two fields", with(proof(1)), "") }.read(Ok(0)),
        Case { cookie: Cookie::named(crate::cookie::jar::DEFAULT), template: vec!["__Host-Http-session={0}; __Host-session.proof={1}".into()], ..case("proof/default-name", &["bound-session"], "the default name", with(proof(1)), "") }.read(Ok(0)),
        read("proof/spaces", "spaces and tabs around the value", "N={0}; N.proof=\t {1} \t", Ok(0)),
        read("proof/parts", "a session in two cookies", "N=2.aaaaaaaa.{0:0:100}; N.1=aaaaaaaa.{0:100:}; N.proof={1}", Ok(0)),
        case("proof/unbound", &["bound-session"], "a session that is not bound needs none", vec![Made::new(user(&[]))], "N={0}").read(Ok(0)),
        case("proof/unbound-other", &["bound-session"], "whatever comes with it", vec![Made::new(user(&[])), proof(2)], BOTH).read(Ok(0)),
        case("proof/guest", &["bound-session"], "a guest's session", vec![Made::new(guest(&[]))], "N={0}").read(Ok(0)),
        read("proof/absent", "no proof", "N={0}", UNPROVEN),
        read("proof/empty", "an empty value", "N={0}; N.proof=", UNPROVEN),
        read("proof/garbage", "a value that is no token", "N={0}; N.proof=x", UNPROVEN),
        read("proof/quoted", "in quotation marks, which are a part of the value", "N={0}; N.proof=\"{1}\"", UNPROVEN),
        read("proof/name-case", "a name in other letters", "N={0}; N.Proof={1}", UNPROVEN),
        read("proof/name-longer", "a longer name", "N={0}; N.proof2={1}; N.proof.1={1}", UNPROVEN),
        read("proof/name-of-session", "under the name of the session: no candidate", "N={0}; N={1}", UNPROVEN),
        read("proof/session-twice", "the session under the name of the proofs", "N={0}; N.proof={0}", UNPROVEN),
        read("proof/alone", "a proof without a session is none", "N.proof={1}", Err("absent")),
        read("proof/tampered", "a letter changed", "N={0}; N.proof={1:0:100}AAAA{1:104:}", UNPROVEN),
        read("proof/cut", "cut short", "N={0}; N.proof={1:0:120}", UNPROVEN),
        read("proof/long", "with more text behind it", "N={0}; N.proof={1}AAAA", UNPROVEN),
        read("proof/parts-of-proof", "a proof in two cookies is none", "N={0}; N.proof=2.aaaaaaaa.{1:0:100}; N.proof.1=aaaaaaaa.{1:100:}", UNPROVEN),
        case("proof/other-key", &["bound-session"], "a proof of another key", with(proof(2)), BOTH).read(UNPROVEN),
        at("life/last-second", "the last second of a proof", START + 599, Ok(0)),
        at("life/at-end", "its end", START + 600, UNPROVEN),
        ruled(300, Case { now: START + 600, ..case("life/leeway", &["leeway-on-life", "proof-life"], "leeway does not lengthen its life", with(proof(1)), BOTH) }).read(UNPROVEN),
        lives("life/of-server", "this server's proofs are shorter than the token's ttl: the shorter counts", 60, START + 59, Ok(0)),
        lives("life/of-server-at-end", "its end", 60, START + 60, UNPROVEN),
        lives("life/of-server-longer", "a longer life of this server does not lengthen ttl", 3600, START + 600, UNPROVEN),
        Case { device: Some(Device { proof: Some(3600), ..Device::default() }), now: START + 1799, ..case("life/longest", &["proof-life"], "a proof of another server, sealed for longer", with(Made { ttl: 3600, ..proof(1) }), BOTH) }.read(Ok(0)),
        late("life/future-leeway", "made by a clock that is ahead within leeway", T + 60, Ok(0)),
        late("life/future", "one second beyond leeway", T + 61, UNPROVEN),
        ruled(0, case("life/future-no-leeway", &["proof-life", "off-by-one"], "without leeway one second is too much", with(Made { issued_at: T + 1, ..proof(1) }), BOTH)).read(UNPROVEN),
        case("life/ttl-0", &["ttl-range"], "a ttl of 0", with(Made { ttl: 0, ..proof(1) }), BOTH).read(UNPROVEN),
        other("confusion/audience", "sealed for another audience", Made { audience: "admin.example", ..proof(1) }),
        other("confusion/purpose-session", "sealed for the session's purpose", Made { purpose: "session", ..proof(1) }),
        other("confusion/purpose-other", "sealed for the proofs of another session", Made { purpose: "remember.proof", ..proof(1) }),
        other("confusion/purpose-case", "sealed for a purpose in other letters", Made { purpose: "session.Proof", ..proof(1) }),
        other("confusion/purpose-challenge", "sealed for challenges", Made { purpose: "session.challenge", ..proof(1) }),
        other("confusion/purpose-device", "sealed for device tokens", Made { purpose: "session.device", ..proof(1) }),
        other("confusion/challenge", "a challenge of its key", Made { purpose: "session.challenge", ttl: 60, ..proof_of(&format!("{{\"use\":\"refresh\",\"jkt\":\"{}\"}}", jkt(1))) }),
        other("confusion/device-token", "a device token of its key", Made { purpose: "session.device", ..proof_of(&super::public(1).device_payload(SID)) }),
        other("confusion/master-key", "sealed with a key that the ring lacks", keyed(2, proof(1))),
        ring("keys/rotated", "sealed with a key that the ring accepts still", vec![two.clone(), one.clone()], vec![keyed(2, Made::new(bound(1, &[]))), proof(1)], Ok(0)),
        ring("keys/rotated-session", "the session with the old key, the proof with the new one", vec![two.clone(), one.clone()], vec![Made::new(bound(1, &[])), keyed(2, proof(1))], Ok(0)),
        ring("keys/ended", "sealed with a key that has ended", vec![two.clone(), one.until(T)], vec![keyed(2, Made::new(bound(1, &[]))), proof(1)], UNPROVEN),
        ring("keys/removed", "sealed with a key that is gone", vec![two.clone()], vec![keyed(2, Made::new(bound(1, &[]))), proof(1)], UNPROVEN),
        clockless(case("no-clock", &["no-clock"], "no clock", with(proof(1)), BOTH).read(Ok(0))),
        Case { now: 1 << 48, ..case("clock-48-bits", &["caller-error"], "a clock out of range", with(proof(1)), BOTH) }.read(Err("clock_range")),
    ]
}

/// What the payload of a proof may be.
#[rustfmt::skip] // one case a line
fn payloads() -> Vec<Vector> {
    let one = jkt(1);
    let read = |id, comment, payload: &str, expect| Case { spec: &["DEV-02", "DEV-04"], ..case(id, &["strict-json"], comment, with(proof_of(payload)), BOTH) }.read(expect);
    let bad = |id, comment, payload: &str| read(id, comment, payload, UNPROVEN);
    vec![
        read("payload/spaces", "white space of JSON", &format!(" {{ \"sid\" : \"{SID}\" , \"jkt\" :\n\"{one}\" }} "), Ok(0)),
        read("payload/escapes", "a name and a character with an escape", &format!("{{\"sid\":\"{SID}\",\"j\\u006bt\":\"\\u{:04x}{}\"}}", u32::from(one.as_bytes()[0]), &one[1..]), Ok(0)),
        bad("payload/no-sid", "no sid", &format!("{{\"jkt\":\"{one}\"}}")),
        bad("payload/sid-null", "null in the place of the sid", &format!("{{\"sid\":null,\"jkt\":\"{one}\"}}")),
        bad("payload/sid-cut", "a sid that is cut", &format!("{{\"sid\":\"{}\",\"jkt\":\"{one}\"}}", &SID[..21])),
        read("payload/order", "the members in another order", &format!("{{\"jkt\":\"{one}\",\"sid\":\"{SID}\"}}"), Ok(0)),
        read("payload/other-sid", "of another session that is bound to the same key, or of this one before a re-authentication", &format!("{{\"sid\":\"AAAAAAAAAAAAAAAAAAAAAA\",\"jkt\":\"{one}\"}}"), Ok(0)),
        bad("payload/empty", "no payload", ""),
        bad("payload/empty-object", "no member", "{}"),
        bad("payload/string", "a string", &format!("\"{one}\"")),
        bad("payload/array", "an array", &format!("[\"{one}\"]")),
        bad("payload/array-of-object", "an array of the object", &format!("[{{\"sid\":\"{SID}\",\"jkt\":\"{one}\"}}]")),
        bad("payload/null", "null in its place", &format!("{{\"sid\":\"{SID}\",\"jkt\":null}}")),
        bad("payload/number", "a number in its place", &format!("{{\"sid\":\"{SID}\",\"jkt\":7}}")),
        bad("payload/array-of-keys", "an array in its place", &format!("{{\"sid\":\"{SID}\",\"jkt\":[\"{one}\"]}}")),
        bad("payload/more", "a further member", &format!("{{\"sid\":\"{SID}\",\"jkt\":\"{one}\",\"x\":\"{SID}\"}}")),
        bad("payload/more-null", "a further member that is null", &format!("{{\"sid\":\"{SID}\",\"jkt\":\"{one}\",\"x\":null}}")),
        bad("payload/twice", "the name twice", &format!("{{\"sid\":\"{SID}\",\"jkt\":\"{one}\",\"jkt\":\"{one}\"}}")),
        bad("payload/twice-other", "the name twice, first of another key", &format!("{{\"sid\":\"{SID}\",\"jkt\":\"{}\",\"jkt\":\"{one}\"}}", jkt(2))),
        bad("payload/name-case", "a name in another case", &format!("{{\"sid\":\"{SID}\",\"JKT\":\"{one}\"}}")),
        bad("payload/cut", "a jkt that is cut", &format!("{{\"sid\":\"{SID}\",\"jkt\":\"{}\"}}", &one[..42])),
        bad("payload/padded", "a jkt with padding", &format!("{{\"sid\":\"{SID}\",\"jkt\":\"{one}=\"}}")),
        bad("payload/key-case", "a jkt whose letters are in the other case", &format!("{{\"sid\":\"{SID}\",\"jkt\":\"{}\"}}", one.chars().map(|letter| if letter.is_ascii_lowercase() { letter.to_ascii_uppercase() } else { letter.to_ascii_lowercase() }).collect::<String>())),
        bad("payload/bom", "a byte order mark before the text", &format!("\u{feff}{{\"sid\":\"{SID}\",\"jkt\":\"{one}\"}}")),
        bad("payload/trailing", "text behind it", &format!("{{\"sid\":\"{SID}\",\"jkt\":\"{one}\"}}x")),
        bad("payload/session", "a session of the same key", &bound(1, &[])),
    ]
}

/// Several values of the name.
#[rustfmt::skip] // one case a line
fn several() -> Vec<Vector> {
    let read = |id, comment, proofs: Vec<Made>, field: &str, expect| case(id, &["cookie-tossing"], comment, [vec![Made::new(bound(1, &[]))], proofs].concat(), field).read(expect);
    let over = || Made { ttl: 30, ..proof(1) };
    let six = || vec![proof(2), proof(2), proof(2), proof(2), proof(1)];
    let sessions = |id, comment, older: String, newer: String, expect| case(id, &["bound-session", "cookie-tossing"], comment, vec![Made::new(older), Made::new(newer), proof(1)], "N={0}; N={1}; N.proof={2}").read(expect);
    vec![
        read("several/other-first", "a proof of another key before the right one", vec![proof(2), proof(1)], "N={0}; N.proof={1}; N.proof={2}", Ok(0)),
        read("several/other-last", "and behind it", vec![proof(1), proof(2)], "N={0}; N.proof={1}; N.proof={2}", Ok(0)),
        read("several/over-first", "one that is over before it", vec![over(), proof(1)], "N={0}; N.proof={1}; N.proof={2}", Ok(0)),
        read("several/tampered-first", "a tampered one before it", vec![proof(1)], "N={0}; N.proof={1:0:116}; N.proof={1}", Ok(0)),
        read("several/garbage-first", "values that have not the shape of one hide nothing", vec![proof(1)], "N={0}; N.proof=; N.proof=x; N.proof=y; N.proof=2.aaaaaaaa.{1}; N.proof={0}; N.proof={1}", Ok(0)),
        read("several/two-right", "two right ones", vec![proof(1), Made { issued_at: START + 10, ..proof(1) }], "N={0}; N.proof={1}; N.proof={2}", Ok(0)),
        read("several/two-wrong", "two wrong ones", vec![proof(2), over()], "N={0}; N.proof={1}; N.proof={2}", UNPROVEN),
        read("several/fourth", "the fourth is looked at", six(), "N={0}; N.proof={1}; N.proof={2}; N.proof={3}; N.proof={5}", Ok(0)),
        read("several/fifth", "the fifth is not", six(), "N={0}; N.proof={1}; N.proof={2}; N.proof={3}; N.proof={4}; N.proof={5}", UNPROVEN),
        read("several/fifth-right-first", "five, the right one first", six(), "N={0}; N.proof={5}; N.proof={1}; N.proof={2}; N.proof={3}; N.proof={4}", Ok(0)),
        read("several/equal", "equal ones count once", vec![proof(2), proof(1)], "N={0}; N.proof={1}; N.proof={1}; N.proof={1}; N.proof={1}; N.proof={1}; N.proof={2}", Ok(0)),
        read("several/too-long", "one that is too long has not the shape", vec![proof(1)], &format!("N={{0}}; N.proof={{1}}{0}; N.proof={{1}}{0}A; N.proof={{1}}{0}B; N.proof={{1}}{0}C; N.proof={{1}}", "A".repeat(5900)), Ok(0)),
        sessions("several/newer-unproven", "the greater rev is chosen, and is bound to another key: no other is taken", bound(1, &[]), bound(2, &[("rev", "2")]), UNPROVEN),
        sessions("several/newer-proven", "the greater rev is the one that is proven", bound(2, &[]), bound(1, &[("rev", "2")]), Ok(1)),
        sessions("several/newer-unbound", "the greater rev is not bound", bound(2, &[]), user(&[("rev", "2")]), Ok(1)),
    ]
}

/// Sessions that must be bound in time.
#[rustfmt::skip] // one case a line
fn required() -> Vec<Vector> {
    let read = |id, comment, after, payload: String, now, expect| Case { now, device: Some(Device { require_after: Some(after), ..Device::default() }), ..case(id, &["require-binding", "off-by-one"], comment, vec![Made::new(payload), proof(1)], BOTH) }.read(expect);
    let plain = || user(&[]);
    let asked = |id, comment, check, now, expect| Case { now, setup: Setup { check: Some(check), ..setup() }, device: Some(Device { require_after: Some(60), ..Device::default() }), ..case(id, &["require-binding", "order"], comment, vec![Made::new(plain())], "N={0}") }.read(expect);
    vec![
        read("require/before", "the last second in which a user's session need not be bound", 60, plain(), START + 59, Ok(0)),
        read("require/at", "the second from which it must be; a proof is no binding", 60, plain(), START + 60, UNPROVEN),
        read("require/after", "long after it", 60, plain(), START + 1700, UNPROVEN),
        read("require/zero", "at once", 0, plain(), START, UNPROVEN),
        read("require/one", "after one second, in the first", 1, plain(), START, Ok(0)),
        read("require/largest", "400 days", 34_560_000, plain(), T, Ok(0)),
        read("require/bound", "a bound session that is proven", 60, bound(1, &[]), T, Ok(0)),
        read("require/bound-unproven", "a bound session that is not, before the time", 3600, bound(2, &[]), T, UNPROVEN),
        read("require/guest", "a guest's session need not be bound", 60, guest(&[]), T, Ok(0)),
        read("require/guest-zero", "nor at once", 0, guest(&[]), T, Ok(0)),
        read("require/start", "start counts, not auth_time", 60, user(&[("start", "1790000010"), ("auth_time", "1790000000")]), T, Ok(0)),
        read("require/start-not-checked", "nor checked, nor the sealing", 60, user(&[("auth_time", "1790000060"), ("checked", "1790000060")]), T, UNPROVEN),
        read("require/start-in-future", "a session that began by a clock that is ahead", 0, user(&[("start", "1790000061")]), T, Ok(0)),
        asked("require/before-denied", "denied as well: unproven is told", DENIED, T, UNPROVEN),
        asked("require/before-unanswered", "unchecked as well", SILENT, T, UNPROVEN),
        asked("require/then-revoked", "before the time the check decides", answer(8), START + 59, Err("revoked")),
    ]
}

/// Two faults; the earlier step is told.
#[rustfmt::skip] // one case a line
fn order() -> Vec<Vector> {
    let order = |id, comment, payload: String, expect| Case { spec: &["DEV-04", "SESS-08"], ..case(id, &["order"], comment, vec![Made::new(payload), proof(2)], BOTH) }.read(expect);
    let asked = |id, comment, check: Check, proof, expect| Case { spec: &["DEV-04", "SESS-08"], setup: Setup { check: Some(check), ..setup() }, ..case(id, &["order"], comment, with(proof), BOTH) }.read(expect);
    vec![
        order("order/payload", "a bad payload and no proof of its key", bound(1, &[("rev", "0")]), Err("payload_invalid")),
        order("order/future", "begins in the future", bound(1, &[("start", "1790000121")]), Err("issued_in_future")),
        order("order/expired", "past its end", bound(1, &[("end", "1790000060")]), Err("expired")),
        Case { spec: &["DEV-04", "SESS-08"], ..case("order/ended", &["order"], "ended by its mark", with(proof(2)), &format!("{BOTH}; N.end={}", mark(SID))) }.read(Err("signed_off")),
        Case { spec: &["DEV-04", "SESS-08"], ..case("order/ended-proven", &["order", "late-response"], "ended by its mark, and proven", with(proof(1)), &format!("{BOTH}; N.end={}", mark(SID))) }.read(Err("signed_off")),
        asked("order/denied", "denied, and not proven", DENIED, proof(2), UNPROVEN),
        asked("order/revoked", "revoked, and not proven", answer(8), proof(2), UNPROVEN),
        asked("order/unanswered", "unchecked, and not proven", SILENT, proof(2), UNPROVEN),
        asked("order/proven-denied", "proven, and denied", DENIED, proof(1), Err("signed_off")),
        asked("order/proven-revoked", "proven, and revoked", answer(8), proof(1), Err("revoked")),
        asked("order/proven-unanswered", "proven, and unchecked", SILENT, proof(1), Err("unchecked")),
        asked("order/proven-answered", "proven, and answered", answer(7), proof(1), Ok(0)),
        case("order/ambiguous", &["order"], "two sessions: neither, whichever is proven", vec![Made::new(bound(1, &[])), Made::new(bound(2, &[("sid", "\"AQEBAQEBAQEBAQEBAQEBAQ\"")])), proof(1)], "N={0}; N={1}; N.proof={2}").read(Err("ambiguous")),
    ]
}

/// A proof is the sign of an answered check.
#[rustfmt::skip] // one case a line
fn rechecks() -> Vec<Vector> {
    let spec: &[&str] = &["DEV-04", "SESS-30", "SESS-31"];
    let base = |id, comment, check, changes: &[(&str, &str)], proofs: Vec<Made>, field: &str, now| Case { spec, now, setup: Setup::rechecking(60, Some(check)), ..case(id, &["recheck-window", "off-by-one"], comment, [vec![Made::new(bound(1, changes))], proofs].concat(), field) };
    let made = |issued_at| Made { issued_at, ..proof(1) };
    let read = |id, comment, check, changes: &[(&str, &str)], issued_at, now, expect| base(id, comment, check, changes, vec![made(issued_at)], BOTH, now).read(expect);
    let two = "N={0}; N.proof={1}; N.proof={2}";
    vec![
        read("recheck/before", "a proof of less than recheck seconds: nobody is asked", DENIED, &[], START + 30, START + 89, Ok(0)),
        read("recheck/at", "the second in which the check is due", DENIED, &[], START + 30, START + 90, Err("signed_off")),
        Case { checked: true, ..base("recheck/answered", "due and answered: checked is now", answer(7), &[], vec![made(START + 30)], BOTH, START + 90) }.read(Ok(0)),
        read("recheck/unanswered", "due and unanswered", SILENT, &[], START + 30, START + 90, Err("unchecked")),
        read("recheck/older-checked", "checked long ago, and a later proof: the later counts, checked stays", answer(8), &[("checked", "1790000000")], START + 30, START + 89, Ok(0)),
        read("recheck/later-checked", "a proof made long ago, and checked later", answer(8), &[("checked", "1790000030")], START, START + 89, Ok(0)),
        read("recheck/later-checked-at", "its end", answer(8), &[("checked", "1790000030")], START, START + 90, Err("revoked")),
        base("recheck/greatest", "of two proofs the later counts", answer(8), &[], vec![made(START), made(START + 30)], two, START + 89).read(Ok(0)),
        base("recheck/greatest-first", "the other way round", answer(8), &[], vec![made(START + 30), made(START)], two, START + 89).read(Ok(0)),
        base("recheck/other-key", "a later proof of another key does not count", answer(8), &[], vec![made(START), Made { issued_at: START + 30, ..proof(2) }], two, START + 60).read(Err("revoked")),
        base("recheck/other-session", "nor a later one of another session, which somebody bound to the same key", answer(8), &[], vec![made(START), Made { issued_at: START + 30, ..proof_of(&format!("{{\"sid\":\"AAAAAAAAAAAAAAAAAAAAAA\",\"jkt\":\"{}\"}}", jkt(1))) }], two, START + 60).read(Err("revoked")),
        base("recheck/tampered", "nor does one that does not open", answer(8), &[], vec![made(START), made(START + 30)], "N={0}; N.proof={1}; N.proof={2:0:116}", START + 60).read(Err("revoked")),
        base("recheck/fifth", "nor a fifth one", answer(8), &[], vec![made(START), made(START + 1), made(START + 2), made(START + 3), made(START + 30)], "N={0}; N.proof={1}; N.proof={2}; N.proof={3}; N.proof={4}; N.proof={5}", START + 63).read(Err("revoked")),
        read("recheck/ahead", "made by a clock that is ahead: trusted so much longer", answer(8), &[], T + 60, T + 60, Ok(0)),
        Case { setup: Setup { check: Some(answer(8)), ..setup() }, ..base("recheck/off", "recheck 0: asked at each request, also with a proof of this second", answer(8), &[], vec![made(T)], BOTH, T) }.read(Err("revoked")),
        Case { setup: Setup::rechecking(600, Some(answer(8))), ..base("recheck/as-long-as-proof", "a recheck as long as proofs: no page needs a look-up", answer(8), &[], vec![made(START)], BOTH, START + 599) }.read(Ok(0)),
        Case { tokens: vec![Made::new(user(&[])), made(T)], ..base("recheck/unbound", "a proof says nothing of a session that is not bound", answer(8), &[], vec![], BOTH, T) }.read(Err("revoked")),
        Case { setup: Setup::rechecking(60, None), ..base("recheck/no-check", "an application without a check", answer(8), &[], vec![made(START)], BOTH, START + 90) }.read(Ok(0)),
    ]
}
