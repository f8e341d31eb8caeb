//! Cases of recheck (§19.5): how long an answer of the check is trusted, and what is written of it.

use super::{
    END, IDLE, Made, START,
    action::{Action, flash, reauthenticate, set_data, sign_on, sign_on_since},
    guest,
    opening::Case,
    reference::{Check, Policy, Setup},
    rules::{Run, Step, T, refused, run, step},
    setup, user,
};
use crate::{
    opener::Context,
    vector::{Entry, Vector, members},
};

pub(super) fn vectors() -> Vec<Vector> {
    let cases = [payloads(), policies(), due()].into_iter().flatten().map(Case::vector);
    let runs = [written(), begun(), failing(), commits()].into_iter().flatten().map(Run::vector);
    cases.chain(runs).collect()
}

/// An answer of this generation.
pub(crate) const fn answer(generation: u64) -> Check {
    Check { generation: Some(generation), denied: false }
}

/// No answer.
pub(crate) const SILENT: Check = Check { generation: None, denied: false };
/// A denial.
pub(crate) const DENIED: Check = Check { generation: None, denied: true };

/// Returns a user's payload that was checked at this time.
fn at(checked: u64) -> String {
    user(&[("checked", &checked.to_string())])
}

#[rustfmt::skip] // one case a line
fn payloads() -> Vec<Case> {
    let spec: &[&str] = &["SESS-01", "SESS-02"];
    let good = |id, comment, text: &str| Case { flags: &["falsy-value"], ..Case::new(id, &["SESS-01", "SESS-05"], comment, &user(&[("checked", text)])) };
    let bad = |id, comment, text: &str| Case { expect: Err("payload_invalid"), flags: &["strict-json"], ..Case::new(id, spec, comment, &user(&[("checked", text)])) };
    let wide = |case: Case| Case { flags: &["unsafe-integer"], ..case };
    let future = |id, comment, checked: &str, expect| Case { expect, flags: &["off-by-one"], ..Case::new(id, &["SESS-08"], comment, &user(&[("checked", checked)])) };
    let order = |id, comment, payload: String, code| Case { expect: Err(code), flags: &["order"], ..Case::new(id, &["SESS-08"], comment, &payload) };
    vec![
        Case::new("recheck/member", &["SESS-01", "SESS-31"], "a time at which the session was checked; without recheck it stays as it is", &at(START)),
        Case::new("recheck/member-guest", &["SESS-01", "SESS-31"], "a guest's session has it too", &guest(&[("checked", "1790000000")])),
        good("recheck/member-zero", "time 0 is a time", "0"),
        good("recheck/member-minus-0", "-0 is 0", "-0"),
        good("recheck/member-exponent", "1790000000 in another spelling", "1.79e9"),
        Case::new("recheck/member-order", &["SESS-01", "SESS-05"], "in another place; a writer keeps the table's", "{\"checked\":1790000000,\"rev\":1,\"end\":1790086400,\"start\":1790000000,\"sid\":\"AAECAwQFBgcICQoLDA0ODw\"}"),
        Case::new("recheck/member-before-start", &["SESS-01", "SESS-08"], "checked before the session began: not forbidden", &at(START - 1)),
        bad("recheck/member-null", "null is a wrong type", "null"),
        bad("recheck/member-text", "a string in its place", "\"1790000000\""),
        bad("recheck/member-true", "true is not 1", "true"),
        bad("recheck/member-false", "false is not 0", "false"),
        bad("recheck/member-array", "an array in its place", "[1790000000]"),
        bad("recheck/member-twice", "the name twice", "1790000000,\"checked\":1790000000"),
        wide(bad("recheck/member-negative", "below 0", "-1")),
        wide(bad("recheck/member-half", "not an integer", "1790000000.5")),
        wide(bad("recheck/member-48-bits", "2^48: out of range is told before the future", "281474976710656")),
        wide(bad("recheck/member-infinite", "beyond binary64", "1e400")),
        Case { expect: Err("payload_invalid"), flags: &["strict-json"], ..Case::new("recheck/member-case", spec, "a name in another case is another name", &user(&[("Checked", "1790000000")])) },
        future("recheck/future-leeway", "checked by a clock that is ahead within leeway", "1790000120", Ok(())),
        future("recheck/future", "checked one second beyond leeway", "1790000121", Err("issued_in_future")),
        future("recheck/future-last", "checked in the last second that there is", "281474976710655", Err("issued_in_future")),
        Case { setup: Setup::ruled(IDLE, 86_400, 0), ..future("recheck/future-no-leeway", "without leeway one second is too much", "1790000061", Err("issued_in_future")) },
        Case { setup: Setup::rechecking(600, Some(answer(7))), ..future("recheck/future-with-recheck", "a time of the future is no answer for long", "1790000121", Err("issued_in_future")) },
        Case { expect: Err("issued_in_future"), ..future("recheck/future-guest", "a guest's alike", "", Ok(())) }.with(guest(&[("checked", "1790000121")])),
        order("recheck/order-payload-first", "a bad payload that was checked in the future", user(&[("checked", "1790000121"), ("rev", "0")]), "payload_invalid"),
        order("recheck/order-future-before-expired", "checked in the future, and ended", user(&[("checked", "1790000121"), ("end", "1790000060")]), "issued_in_future"),
        Case { ended: true, ..order("recheck/order-future-before-ended", "checked in the future, and ended by the transport", at(START + 121), "issued_in_future") },
        Case { setup: Setup::rechecking(600, Some(DENIED)), ..order("recheck/order-future-before-check", "checked in the future, and denied", at(START + 121), "issued_in_future") },
        Case { ended: true, setup: Setup::rechecking(600, Some(answer(7))), ..order("recheck/order-ended-not-due", "ended by the transport, where the check is not due", at(START), "signed_off") },
        Case { setup: Setup::rechecking(600, Some(answer(7))), ..order("recheck/order-expired-not-due", "past its end, where the check is not due", user(&[("checked", "1790000000"), ("end", "1790000060")]), "expired") },
    ]
}

impl Case {
    fn with(mut self, payload: String) -> Self {
        self.made = Made::new(payload);
        self
    }
}

#[rustfmt::skip] // one case a line
fn policies() -> Vec<Case> {
    let policy = |id, (idle, absolute, leeway), recheck, expect, comment| Case { setup: Setup { policy: Policy { idle, absolute, leeway, recheck: Some(recheck) }, ..setup() }, expect, flags: &["caller-error"], ..Case::new(id, &["SESS-07"], comment, &user(&[])) };
    let usual = (IDLE, 86_400, 60);
    vec![
        policy("recheck/policy-0", usual, 0, Ok(()), "0, given as such"),
        policy("recheck/policy-1", usual, 1, Ok(()), "one second"),
        policy("recheck/policy-max", usual, 86_400, Ok(()), "a day"),
        policy("recheck/policy-max-plus-1", usual, 86_401, Err("recheck_range"), "one second over a day"),
        policy("recheck/policy-wide", usual, 1 << 32, Err("recheck_range"), "cut to 32 bits it would be 0"),
        policy("recheck/policy-longer-than-idle", (61, 61, 0), 86_400, Ok(()), "it may be longer than the windows"),
        policy("recheck/policy-order-idle", (0, 86_400, 60), 86_401, Err("idle_range"), "idle and recheck out of range: idle is told"),
        policy("recheck/policy-order-absolute", (1800, 1799, 60), 86_401, Err("absolute_range"), "absolute and recheck out of range: absolute is told"),
        policy("recheck/policy-order-leeway", (1800, 86_400, 301), 86_401, Err("leeway_range"), "leeway and recheck out of range: leeway is told"),
        Case { made: Made { ttl: 0, ..Made::new("") }, ..policy("recheck/policy-order-token", usual, 86_401, Err("recheck_range"), "a bad policy and a bad token: the policy is told") },
        Case { now: 1 << 48, ..policy("recheck/policy-order-clock", usual, 86_401, Err("recheck_range"), "a bad policy and a clock out of range") },
    ]
}

/// When the check is asked, and what the session is after it.
#[rustfmt::skip] // one case a line
fn due() -> Vec<Case> {
    let spec: &[&str] = &["SESS-30", "SESS-31"];
    let flags: &[&str] = &["recheck-window", "off-by-one"];
    let case = |id, comment, recheck, check, payload: String, now, expect| Case { setup: Setup::rechecking(recheck, check), now, expect, flags, ..Case::new(id, spec, comment, &payload) };
    let zero = |id, comment, now, expect| {
        let payload = user(&[("start", "0"), ("end", "86400"), ("auth_time", "0"), ("checked", "0")]);
        Case { made: Made { issued_at: 0, ..Made::new(payload) }, flags: &["falsy-value", "recheck-window"], ..case(id, comment, 60, Some(DENIED), String::new(), now, expect) }
    };
    let missing = |case: Case| Case { flags: &["missing-check"], ..case };
    vec![
        case("recheck/before", "the last second in which the answer is trusted: not asked, checked stays", 60, Some(answer(7)), at(START), START + 59, Ok(())),
        case("recheck/at", "the second in which the check is due: answered, and checked is now", 60, Some(answer(7)), at(START), START + 60, Ok(())),
        case("recheck/after", "long after it", 60, Some(answer(7)), at(START), START + 1000, Ok(())),
        case("recheck/before-revoked", "another generation, and the check is not due: open", 60, Some(answer(8)), at(START), START + 59, Ok(())),
        case("recheck/at-revoked", "another generation, and it is due", 60, Some(answer(8)), at(START), START + 60, Err("revoked")),
        case("recheck/before-denied", "denied, and the check is not due: open", 60, Some(DENIED), at(START), START + 59, Ok(())),
        case("recheck/at-denied", "denied, and it is due", 60, Some(DENIED), at(START), START + 60, Err("signed_off")),
        case("recheck/before-unanswered", "an answer that is not needed", 60, Some(SILENT), at(START), START + 59, Ok(())),
        missing(case("recheck/at-unanswered", "an answer that is needed and missing", 60, Some(SILENT), at(START), START + 60, Err("unchecked"))),
        missing(case("recheck/never", "a session that was never checked: asked", 86_400, Some(answer(7)), user(&[]), START, Ok(()))),
        missing(case("recheck/never-revoked", "never checked, and revoked: neither start nor auth_time nor the sealing counts", 86_400, Some(answer(8)), user(&[]), START, Err("revoked"))),
        missing(case("recheck/never-denied", "never checked, and denied", 86_400, Some(DENIED), user(&[]), START, Err("signed_off"))),
        missing(case("recheck/never-unanswered", "never checked, and no answer", 86_400, Some(SILENT), user(&[]), START, Err("unchecked"))),
        case("recheck/off", "recheck 0: asked at each request; checked stays as another server wrote it", 0, Some(answer(7)), at(START + 59), T, Ok(())),
        case("recheck/off-revoked", "recheck 0: revoked, though checked in this second", 0, Some(answer(8)), at(T), T, Err("revoked")),
        case("recheck/off-denied", "recheck 0: denied, though checked in this second", 0, Some(DENIED), at(T), T, Err("signed_off")),
        case("recheck/off-future", "recheck 0, and checked by a clock that is ahead: asked", 0, Some(answer(8)), at(T + 60), T, Err("revoked")),
        case("recheck/no-check", "no check at all: nothing is written of it", 60, None, user(&[]), T, Ok(())),
        case("recheck/no-check-due", "no check at all, where it would be due: checked stays", 60, None, at(START), T, Ok(())),
        case("recheck/one-second", "one second, in it", 1, Some(answer(8)), at(T), T, Ok(())),
        case("recheck/one-second-over", "one second, after it", 1, Some(answer(8)), at(T), T + 1, Err("revoked")),
        case("recheck/ahead", "checked by a clock that is ahead: trusted so much longer", 60, Some(answer(8)), at(T + 60), T, Ok(())),
        case("recheck/ahead-over", "and no longer", 60, Some(answer(8)), at(START + 60), START + 120, Err("revoked")),
        Case { made: Made { issued_at: START + 86_000, ..Made::new(at(START)) }, ..case("recheck/longest", "a day, in its last second", 86_400, Some(answer(8)), String::new(), START + 86_399, Ok(())) },
        case("recheck/own-window", "a server of a shorter recheck asks earlier", 10, Some(answer(8)), at(START), START + 10, Err("revoked")),
        case("recheck/guest", "a guest's session needs no answer: asked, and checked is now", 60, Some(SILENT), guest(&[("checked", "1790000000")]), T, Ok(())),
        case("recheck/guest-never", "a guest's that was never checked", 60, Some(SILENT), guest(&[]), T, Ok(())),
        case("recheck/guest-before-denied", "a guest's, denied, and the check is not due", 60, Some(DENIED), guest(&[("checked", "1790000001")]), T, Ok(())),
        case("recheck/guest-denied", "a guest's, denied, and it is due", 60, Some(DENIED), guest(&[("checked", "1790000000")]), T, Err("signed_off")),
        case("recheck/denied-and-answered", "denied, with an answer that is right", 60, Some(Check { denied: true, ..answer(7) }), at(START), T, Err("signed_off")),
        zero("recheck/zero-before", "checked at time 0, which is a time: not due", 59, Ok(())),
        zero("recheck/zero-at", "checked at time 0, and due", 60, Err("signed_off")),
        case("recheck/data", "everything else stays", 60, Some(answer(7)), user(&[("checked", "1790000000"), ("rev", "5"), ("flash", "{\"notice\":[1.50]}")]), T, Ok(())),
    ]
}

/// Returns a step at this time.
fn later(now: u64, check: Check, step: Step) -> Step {
    Step { now: Some(now), commit: Some(now), check: Some(check), ..step }
}

fn ruled(recheck: u64, check: Option<Check>, run: Run) -> Run {
    Run { setup: Setup::rechecking(recheck, check), ..run }
}

/// What a check that was answered writes.
#[rustfmt::skip] // one case a line
fn written() -> Vec<Run> {
    let spec: &[&str] = &["SESS-11", "SESS-31"];
    let flags: &[&str] = &["recheck-window"];
    let one = |id, comment, payload: String, check, step: Step| ruled(60, Some(check), run(id, spec, flags, comment, Some(payload), vec![step]));
    let read = |wrote| step("opened", vec![], wrote);
    let slow = |step| Step { commit: Some(T + 5), ..step };
    let at_once = |now, wrote| later(now, answer(7), step("opened", vec![], wrote));
    let near = |now, commit, wrote| Step { now: Some(now), commit: Some(commit), ..step("opened", vec![], wrote) };
    vec![
        one("recheck/answered", "answered: sealed for this alone, with checked and rev + 1", at(START), answer(7), read("seal")),
        one("recheck/never", "a session that was never checked", user(&[]), answer(7), read("seal")),
        one("recheck/not-due", "not due: nothing", at(START + 1), answer(7), read("nothing")),
        one("recheck/not-due-changed", "not due, and a change: checked stays", at(START + 1), answer(8), step("opened", vec![set_data("{}")], "seal")),
        one("recheck/slow", "checked is the time of the open, not of the commit", at(START), answer(7), slow(read("seal"))),
        one("recheck/changed", "a change too: sealed once, and checked at the open", at(START), answer(7), slow(step("opened", vec![set_data("{}")], "seal"))),
        one("recheck/undone", "a change that was undone: sealed all the same", at(START), answer(7), step("opened", vec![set_data("{}"), set_data("{\"basket\":[17,4]}")], "seal")),
        one("recheck/guest", "a guest's session alike", guest(&[("checked", "1790000000")]), SILENT, read("seal")),
        one("recheck/guest-never", "a guest's that was never checked", guest(&[]), SILENT, read("seal")),
        one("recheck/rev-largest", "rev stays at 2^53 - 1", user(&[("rev", "9007199254740991")]), answer(7), read("seal")),
        one("recheck/no-clock", "without a clock nothing is asked", at(START), DENIED, Step { now: None, ..step("no_clock", vec![], "nothing") }),
        ruled(60, None, run("recheck/no-check", spec, &["missing-check"], "an application without a check: nothing", Some(at(START)), vec![read("nothing")])),
        ruled(60, None, run("recheck/no-check-changed", spec, &["missing-check"], "its changes leave checked as it is", Some(at(START)), vec![step("opened", vec![set_data("{}")], "seal")])),
        ruled(60, None, run("recheck/no-check-never", spec, &["missing-check"], "or absent", Some(user(&[])), vec![step("opened", vec![set_data("{}")], "seal")])),
        ruled(0, Some(answer(7)), run("recheck/off", spec, flags, "recheck 0: asked, and nothing is written of it", Some(at(START)), vec![read("nothing"), later(T + 1, answer(8), step("revoked", vec![], "nothing"))])),
        ruled(0, Some(answer(7)), run("recheck/off-changed", spec, flags, "recheck 0: a change leaves checked as another server wrote it", Some(at(START)), vec![step("opened", vec![set_data("{}")], "seal")])),
        ruled(0, Some(answer(7)), run("recheck/off-refresh", spec, flags, "and so does a refresh", Some(at(START)), vec![at_once(START + IDLE / 2, "seal")])),
        ruled(60, Some(answer(7)), run("recheck/not-now", &["SESS-18", "SESS-30", "SESS-31"], &["missing-check", "not-now"], "no answer: nothing is written; the next request asks again, and is answered", Some(at(START)), vec![
            later(T, SILENT, step("unchecked", vec![], "nothing")),
            later(T + 1, SILENT, step("unchecked", vec![], "nothing")),
            at_once(T + 2, "seal"),
            at_once(T + 3, "nothing"),
        ])),
        ruled(300, Some(answer(7)), run("recheck/window", spec, flags, "after an answer nothing is asked for 300 seconds, then again", Some(user(&[])), vec![
            at_once(T, "seal"),
            later(T + 1, answer(8), step("opened", vec![], "nothing")),
            later(T + 150, DENIED, step("opened", vec![], "nothing")),
            later(T + 299, SILENT, step("opened", vec![], "nothing")),
            at_once(T + 300, "seal"),
            later(T + 599, answer(8), step("opened", vec![], "nothing")),
            later(T + 600, answer(8), step("revoked", vec![], "nothing")),
        ])),
        ruled(300, Some(answer(7)), run("recheck/every-100-seconds", spec, &["recheck-window", "refresh-storm"], "asked once in 300 seconds, which refreshes the session as well", Some(at(START)), (1..=18).map(|n| at_once(START + n * 100, if n % 3 == 0 { "seal" } else { "nothing" })).collect())),
        ruled(1200, Some(answer(7)), run("recheck/refresh-between", spec, flags, "a refresh in which nothing is asked leaves checked as it is", Some(at(START)), vec![at_once(START + 900, "seal"), at_once(START + 1199, "nothing"), at_once(START + 1200, "seal")])),
        Run { made: Some(Made { issued_at: END - 1000, ttl: 1000, ..Made::new(at(START)) }), ..ruled(60, Some(answer(7)), run("recheck/near-end", spec, &["recheck-window", "refresh-storm"], "near the absolute end, where a refresh gains nothing: written all the same", None, vec![near(END - 100, END - 100, "seal"), near(END - 41, END - 41, "nothing"), near(END - 40, END - 40, "seal"), near(END - 1, END - 1, "nothing")])) },
        Run { made: Some(Made { issued_at: END - 1000, ttl: 1000, ..Made::new(at(START)) }), ..ruled(60, Some(answer(7)), run("recheck/at-last", &["SESS-13", "SESS-31"], flags, "a request that takes until the absolute end: expired", None, vec![near(END - 1, END, "expire")])) },
        ruled(600, Some(answer(7)), run("recheck/revoked-later", spec, flags, "a new generation takes effect when the check is due, and not before", None, vec![
            step("new", vec![sign_on("ada", 7)], "seal"),
            later(T + 1, answer(8), step("opened", vec![], "nothing")),
            later(T + 599, answer(8), step("opened", vec![set_data("{\"a\":1}")], "seal")),
            later(T + 600, answer(8), step("revoked", vec![], "nothing")),
        ])),
        ruled(600, Some(answer(7)), run("recheck/denied-later", spec, &["recheck-window", "deny-list"], "a denial alike; the session that it closed is offered", None, vec![
            step("new", vec![sign_on("ada", 7)], "seal"),
            later(T + 599, DENIED, step("opened", vec![], "nothing")),
            later(T + 600, DENIED, step("signed_off", vec![], "nothing")),
            later(T + 601, DENIED, step("signed_off", vec![Action::SignOff], "expire ended")),
        ])),
    ]
}

/// Sessions that begin or are re-authenticated in a request.
#[rustfmt::skip] // one case a line
fn begun() -> Vec<Run> {
    let spec: &[&str] = &["SESS-31"];
    let flags: &[&str] = &["recheck-window"];
    let earlier = || sign_on_since(START - 300);
    let new = |id, comment, actions, wrote| ruled(600, Some(answer(7)), run(id, spec, flags, comment, None, vec![Step { commit: Some(T + 5), ..step("new", actions, wrote) }]));
    let opened = |id, comment, checked, actions, wrote| ruled(600, Some(answer(7)), run(id, spec, flags, comment, Some(at(checked)), vec![Step { commit: Some(T + 5), ..step("opened", actions, wrote) }]));
    let proof = |run: Run| Run { flags: &["missing-check", "stale-proof"], ..run };
    vec![
        new("recheck/new-guest", "a guest's session that begins: checked at the commit", vec![set_data("{\"a\":1}")], "seal"),
        new("recheck/new-send", "an empty one that is sent", vec![Action::Send], "seal"),
        new("recheck/sign-on", "a sign-on counts as checked, at the commit", vec![sign_on("ada", 7)], "seal"),
        ruled(600, None, run("recheck/sign-on-no-check", spec, flags, "also where the application has no check", None, vec![step("new", vec![sign_on("ada", 7)], "seal")])),
        ruled(0, Some(answer(7)), run("recheck/sign-on-off", spec, flags, "recheck 0: not written", None, vec![step("new", vec![sign_on("ada", 7)], "seal")])),
        ruled(0, Some(answer(7)), run("recheck/sign-on-off-again", spec, flags, "recheck 0: what another server wrote belongs to the session before it", Some(at(START)), vec![step("opened", vec![sign_on("ada", 7)], "seal ended")])),
        ruled(0, Some(answer(7)), run("recheck/reauthenticate-off", spec, flags, "recheck 0: a re-authentication leaves it as it is", Some(at(START)), vec![step("opened", vec![reauthenticate(7)], "seal ended")])),
        proof(new("recheck/earlier-proof", "a sign-on that rests on an earlier proof is not checked", vec![earlier()], "seal")),
        proof(ruled(600, Some(answer(7)), run("recheck/earlier-proof-next", spec, flags, "so the next request asks, and is refused", None, vec![
            step("new", vec![earlier()], "seal"),
            later(T + 1, answer(8), step("revoked", vec![], "nothing")),
            later(T + 2, answer(7), step("opened", vec![], "seal")),
            later(T + 601, answer(8), step("opened", vec![], "nothing")),
        ]))),
        proof(opened("recheck/earlier-proof-over-checked", "over a session that was checked in this request: not checked", START - 600, vec![earlier()], "seal ended")),
        proof(opened("recheck/earlier-proof-over-trusted", "over one that is trusted", START, vec![earlier()], "seal ended")),
        proof(new("recheck/earlier-then-sign-on", "an earlier proof, then a sign-on: checked", vec![earlier(), sign_on("ada", 7)], "seal")),
        proof(new("recheck/sign-on-then-earlier", "a sign-on, then an earlier proof: the last one decides", vec![sign_on("ada", 7), earlier()], "seal")),
        proof(new("recheck/earlier-then-reauthenticate", "an earlier proof, then a re-authentication: checked", vec![earlier(), reauthenticate(7)], "seal")),
        proof(opened("recheck/reauthenticate-then-earlier", "a re-authentication, then an earlier proof: not checked", START, vec![reauthenticate(7), earlier()], "seal ended")),
        proof(new("recheck/earlier-then-sign-off", "an earlier proof, then a sign-off: the guest's session is not checked, as the last sign-on decides", vec![earlier(), Action::SignOff, set_data("{\"a\":1}")], "seal")),
        new("recheck/sign-on-then-sign-off", "a sign-on, then a sign-off: the guest's session is checked", vec![sign_on("ada", 7), Action::SignOff, set_data("{\"a\":1}")], "seal"),
        opened("recheck/sign-off-flash", "a guest's session after a sign-off: checked at the commit", START, vec![Action::SignOff, flash("notice", "\"bye\"")], "seal ended"),
        opened("recheck/reauthenticate", "a re-authentication counts as checked, at the commit", START, vec![reauthenticate(8)], "seal ended"),
        opened("recheck/reauthenticate-answered", "where the check was answered too, the commit counts", START - 600, vec![reauthenticate(8)], "seal ended"),
        opened("recheck/sign-on-over", "a sign-on over a session", START, vec![sign_on("grace", 3)], "seal ended"),
        ruled(600, Some(SILENT), run("recheck/sign-on-over-unchecked", spec, flags, "a sign-on over a session whose check had no answer", Some(user(&[])), vec![step("unchecked", vec![sign_on("ada", 7)], "seal ended")])),
        ruled(600, Some(answer(7)), run("recheck/sign-on-no-clock", &["SESS-27", "SESS-31"], &["no-clock"], "a sign-on in a request that opened without a clock: the commit has one", Some(at(START)), vec![Step { now: None, ..step("no_clock", vec![sign_on("ada", 7)], "seal") }])),
    ]
}

/// Seals that fail.
#[rustfmt::skip] // one case a line
fn failing() -> Vec<Run> {
    let spec: &[&str] = &["SESS-11", "SESS-31"];
    let flags: &[&str] = &["lost-page"];
    let keyless = |run: Run| Run { setup: Setup { context: Context { ring: vec![Entry::new(1).from(END)], ..setup().context }, ..Setup::rechecking(60, Some(answer(7))) }, ..run };
    let one = |id, comment, step| keyless(run(id, spec, flags, comment, Some(at(START)), vec![step]));
    let half = |step| Step { now: Some(START + IDLE / 2), commit: Some(START + IDLE / 2), ..step };
    vec![
        one("recheck/no-key", "no key seals: a page that only reads is not lost", step("opened", vec![], "nothing")),
        one("recheck/no-key-refresh", "nor where a refresh asks for the seal as well", half(step("opened", vec![], "nothing"))),
        refused("no_sealing_key", one("recheck/no-key-changed", "a change is an error", step("opened", vec![set_data("{}")], ""))),
        refused("no_sealing_key", one("recheck/no-key-send", "and so is a wish to send", step("opened", vec![Action::Send], ""))),
        one("recheck/no-key-sign-off", "a sign-off expires", step("opened", vec![Action::SignOff], "expire ended")),
        keyless(run("recheck/no-key-again", spec, flags, "the next request asks again", Some(at(START)), vec![step("opened", vec![], "nothing"), later(T + 1, answer(8), step("revoked", vec![], "nothing"))])),
        ruled(60, Some(answer(7)), run("recheck/no-randomness", spec, &["no-randomness"], "no randomness: nothing is written", Some(at(START)), vec![Step { no_randomness: true, ..step("opened", vec![], "nothing") }])),
        refused("no_clock", ruled(60, Some(answer(7)), run("recheck/commit-no-clock", &["SESS-28"], &["no-clock"], "a commit without a clock is an error, also where only a recheck asks", Some(at(START)), vec![Step { commit: None, ..step("opened", vec![], "") }]))),
    ]
}

/// Commits by another object.
#[rustfmt::skip] // one case a line
fn commits() -> Vec<Run> {
    let spec: &[&str] = &["SESS-26"];
    let flags: &[&str] = &["other-commit"];
    let policy = |recheck| members([("policy", Policy { recheck, ..setup().policy }.json())]);
    let other = |id, comment, own, recheck, actions| {
        let step = Step { commit_as: policy(recheck), elsewhere: true, ..step("opened", actions, "") };
        refused("context_invalid", ruled(own, None, run(id, spec, flags, comment, Some(user(&[])), vec![step])))
    };
    let same = |id, comment, own, recheck| ruled(own, None, run(id, spec, flags, comment, Some(user(&[])), vec![Step { commit_as: policy(recheck), ..step("opened", vec![set_data("{}")], "seal") }]));
    vec![
        other("recheck/commit-other", "committed under a policy of another recheck", 60, Some(61), vec![set_data("{}")]),
        other("recheck/commit-without", "under one without recheck", 60, None, vec![set_data("{}")]),
        other("recheck/commit-with", "under one with recheck, where there was none", 0, Some(1), vec![set_data("{}")]),
        other("recheck/commit-other-nothing", "where nothing is to be written, too", 60, Some(59), vec![]),
        same("recheck/commit-same", "under one that is the same", 60, Some(60)),
        same("recheck/commit-same-off", "0 is the default", 0, None),
    ]
}
