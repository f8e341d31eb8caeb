//! Bound sessions where there is no device binding ([SESS-29]).

use super::{
    END, Made, START,
    action::{Action, flash, reauthenticate, set_data, sign_on},
    guest,
    opening::Case,
    recheck::{DENIED, SILENT, answer},
    reference::Setup,
    rules::{Run, Step, T, refused, run, step},
    user,
};
use crate::vector::{Entry, Vector};

/// The thumbprint that RFC 7638 has as its example.
pub(crate) const JKT: &str = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs";

/// Returns the payload of a bound session after changes.
pub(crate) fn bound(changes: &[(&str, &str)]) -> String {
    let jkt = format!("\"{JKT}\"");
    user(&[&[("jkt", &jkt[..])], changes].concat())
}

pub(super) fn vectors() -> Vec<Vector> {
    let cases = [payloads(), order()].into_iter().flatten().map(Case::vector);
    cases.chain(requests().into_iter().map(Run::vector)).collect()
}

#[rustfmt::skip] // one case a line
fn payloads() -> Vec<Case> {
    let spec: &[&str] = &["SESS-01", "SESS-04"];
    let good = |id, comment, payload: String| Case { expect: Err("unproven"), flags: &["bound-session"], ..Case::new(id, &["SESS-04", "SESS-29"], comment, &payload) };
    let bad = |id, comment, payload: String| Case { expect: Err("payload_invalid"), flags: &["strict-json"], ..Case::new(id, spec, comment, &payload) };
    let jkt = |text: &str| bound(&[("jkt", &format!("\"{text}\""))]);
    vec![
        good("bound/jkt", "a session that is bound to a device: none comes with it", bound(&[])),
        good("bound/jkt-marks", "43 hyphens and underscores", jkt(&format!("{}-", "-_".repeat(21)))),
        good("bound/jkt-not-canonical", "a last character that no 32 bytes have", jkt("NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xt")),
        good("bound/jkt-order", "in another place of the payload", format!("{{\"jkt\":\"{JKT}\",{}", &user(&[])[1..])),
        good("bound/jkt-escaped", "its name and one of its characters with an escape", bound(&[]).replace("\"jkt\":\"N", "\"j\\u006bt\":\"\\u004e")),
        good("bound/jkt-zeros", "a jkt of nothing but zeros", jkt(&"0".repeat(43))),
        bad("bound/jkt-42", "one character short", jkt(&JKT[..42])),
        bad("bound/jkt-44", "one character long", jkt(&format!("{JKT}A"))),
        bad("bound/jkt-empty", "no characters", jkt("")),
        bad("bound/jkt-padded", "with padding", jkt(&format!("{JKT}="))),
        bad("bound/jkt-padded-43", "43 characters with the padding", jkt(&format!("{}=", &JKT[..42]))),
        bad("bound/jkt-plus", "a character of the other alphabet", jkt(&format!("{}+", &JKT[..42]))),
        bad("bound/jkt-slash", "a character of the other alphabet", jkt(&format!("{}/", &JKT[..42]))),
        bad("bound/jkt-dot", "a full stop", jkt(&format!("{}.", &JKT[..42]))),
        bad("bound/jkt-line-feed", "43 characters and a line feed", jkt(&format!("{JKT}\\n"))),
        bad("bound/jkt-letter", "43 characters, one of them a letter beyond ASCII", jkt(&format!("{}\u{e9}", &JKT[..42]))),
        bad("bound/jkt-multibyte", "42 characters, one of them in two bytes", jkt(&format!("{}\u{e9}", &JKT[..41]))),
        bad("bound/jkt-null", "null is a wrong type, and none without a key", bound(&[("jkt", "null")])),
        bad("bound/jkt-number", "a number", bound(&[("jkt", "1234567890123456789012345678901234567890123")])),
        bad("bound/jkt-true", "true", bound(&[("jkt", "true")])),
        bad("bound/jkt-array", "an array that holds it", bound(&[("jkt", &format!("[\"{JKT}\"]"))])),
        bad("bound/jkt-object", "an object", bound(&[("jkt", "{}")])),
        bad("bound/jkt-twice", "the name twice", bound(&[("jkt", &format!("\"{JKT}\",\"jkt\":\"{JKT}\""))])),
        bad("bound/jkt-case", "a name in another case is another name", user(&[("JKT", &format!("\"{JKT}\""))])),
        bad("bound/jkt-guest", "a guest's session is bound to nothing", guest(&[("jkt", &format!("\"{JKT}\""))])),
        bad("bound/jkt-guest-null", "nor to null", guest(&[("jkt", "null")])),
        bad("bound/jkt-no-sub", "gen and auth_time without sub", bound(&[("sub", "")])),
        bad("bound/jkt-no-gen", "sub and auth_time without gen", bound(&[("gen", "")])),
        bad("bound/jkt-no-auth-time", "sub and gen without auth_time", bound(&[("auth_time", "")])),
        bad("bound/cnf", "a member of a JWT that binds it to a key", user(&[("cnf", &format!("{{\"jkt\":\"{JKT}\"}}"))])),
    ]
}

/// Two faults in one token; the earlier step is told.
#[rustfmt::skip] // one case a line
fn order() -> Vec<Case> {
    let order = |id, comment, payload: String, code| Case { expect: Err(code), flags: &["order", "bound-session"], ..Case::new(id, &["SESS-08", "SESS-29"], comment, &payload) };
    let asked = |check, case: Case| Case { setup: Setup { check: Some(check), ..case.setup.clone() }, ..case };
    let recheck = |case: Case| Case { setup: Setup::rechecking(600, Some(answer(7))), ..case };
    vec![
        order("bound/order-payload-first", "a bad payload", bound(&[("rev", "0")]), "payload_invalid"),
        order("bound/order-start-in-future", "begins in the future", bound(&[("start", "1790000121")]), "issued_in_future"),
        order("bound/order-auth-time-in-future", "signed on in the future", bound(&[("auth_time", "1790000121")]), "issued_in_future"),
        order("bound/order-checked-in-future", "checked in the future", bound(&[("checked", "1790000121")]), "issued_in_future"),
        order("bound/order-expired", "past its end", bound(&[("end", "1790000060")]), "expired"),
        Case { now: START + 1800, ..order("bound/order-idle", "its idle window is over", bound(&[]), "expired") },
        Case { ended: true, ..order("bound/order-ended", "ended by the transport", bound(&[]), "signed_off") },
        Case { made: Made { key: 2, ..Made::new(bound(&[])) }, ..order("bound/order-key", "of another key", String::new(), "unknown_key") },
        asked(SILENT, order("bound/order-before-unchecked", "the check has no answer: unproven is told", bound(&[]), "unproven")),
        asked(answer(8), order("bound/order-before-revoked", "revoked: unproven is told, and nobody is asked", bound(&[]), "unproven")),
        asked(DENIED, order("bound/order-before-denied", "denied: unproven is told, and nobody is asked", bound(&[]), "unproven")),
        asked(answer(7), order("bound/order-answered", "an answer that is right proves no key", bound(&[]), "unproven")),
        recheck(order("bound/order-not-due", "a check that is not due proves no key", bound(&[("checked", "1790000060")]), "unproven")),
        recheck(order("bound/order-due", "nor one that is", bound(&[]), "unproven")),
    ]
}

#[rustfmt::skip] // one case a line
fn requests() -> Vec<Run> {
    let spec: &[&str] = &["SESS-10", "SESS-18", "SESS-29"];
    let flags: &[&str] = &["bound-session", "not-now"];
    let one = |id, comment, actions, wrote| run(id, spec, flags, comment, Some(bound(&[])), vec![step("unproven", actions, wrote)]);
    let half = |step| Step { now: Some(START + 900), commit: Some(START + 900), ..step };
    vec![
        run("bound/read", spec, flags, "a page that reads: nothing is written, the session stays", Some(bound(&[])), vec![step("unproven", vec![], "nothing"), step("unproven", vec![], "nothing")]),
        run("bound/refresh", spec, flags, "nor is it refreshed", Some(bound(&[])), vec![half(step("unproven", vec![], "nothing"))]),
        one("bound/change", "what the application writes replaces it", vec![set_data("{\"a\":1}")], "seal"),
        one("bound/send", "what it sends too", vec![Action::Send], "seal"),
        one("bound/sign-on", "a sign-on: a new session that is not bound; the old one is offered", vec![sign_on("ada", 7)], "seal ended"),
        one("bound/sign-off", "a sign-off: expired, and offered", vec![Action::SignOff], "expire ended"),
        one("bound/sign-off-flash", "a message after it", vec![Action::SignOff, flash("notice", "\"bye\"")], "seal ended"),
        refused("user_invalid", one("bound/reauthenticate", "nobody is signed on who could re-authenticate", vec![reauthenticate(7)], "")),
        run("bound/sign-off-expired", &["SESS-17", "SESS-29"], flags, "one that has ended is not offered", Some(bound(&[("end", "1790000060")])), vec![step("expired", vec![Action::SignOff], "expire")]),
        run("bound/sign-off-at-end", &["SESS-17", "SESS-29"], flags, "one that ends during the request is", Some(bound(&[("end", "1790000061")])), vec![Step { commit: Some(T + 1), ..step("unproven", vec![Action::SignOff], "expire ended") }]),
        Run { setup: Setup::rechecking(600, Some(answer(7))), ..run("bound/recheck", &["SESS-29", "SESS-31"], flags, "nobody is asked, and nothing is written of it", Some(bound(&[])), vec![step("unproven", vec![], "nothing")]) },
        Run { setup: Setup { check: Some(DENIED), ..super::setup() }, ..one("bound/denied-sign-off", "denied, and signed off", vec![Action::SignOff], "expire ended") },
        run("bound/key-gone", &["SESS-18", "SESS-29"], flags, "a key that this server has not yet, then the key: unproven, both not now", Some(bound(&[])), vec![
            Step { rings: [Some(vec![Entry::new(2)]), None], ..step("unknown_key", vec![], "nothing") },
            Step { rings: [Some(vec![Entry::new(1), Entry::new(2)]), None], ..step("unproven", vec![], "nothing") },
        ]),
        Run { made: Some(Made { issued_at: END - 1000, ttl: 1000, ..Made::new(bound(&[])) }), ..run("bound/at-end", &["SESS-08", "SESS-29"], flags, "its last second, and its end", None, vec![
            Step { now: Some(END - 1), commit: Some(END), ..step("unproven", vec![], "nothing") },
            Step { now: Some(END), commit: Some(END), ..step("expired", vec![], "nothing") },
        ]) },
    ]
}
