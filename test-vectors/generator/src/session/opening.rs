//! Cases of `open`: the life of a session, the check, the policy, the order of the steps.

use super::{
    END, IDLE, Made, START, guest,
    reference::{Opened, Setup, without_proofs},
    setup, user,
};
use crate::{
    json::{Json, object},
    opener::Code,
    vector::{Entry, Outcome, Vector, members},
};

/// One vector of `open`.
#[derive(Clone)]
pub(super) struct Case {
    pub(super) id: &'static str,
    pub(super) spec: &'static [&'static str],
    pub(super) flags: &'static [&'static str],
    pub(super) comment: &'static str,
    pub(super) setup: Setup,
    pub(super) now: u64,
    pub(super) ended: bool,
    pub(super) made: Made,
    pub(super) expect: Result<(), Code>,
}

impl Case {
    /// Returns a case of a payload that opens, a minute after the token was sealed.
    pub(super) fn new(id: &'static str, spec: &'static [&'static str], comment: &'static str, payload: &str) -> Self {
        let made = Made::new(payload);
        Self { id, spec, flags: &[], comment, setup: setup(), now: START + 60, ended: false, made, expect: Ok(()) }
    }

    pub(super) fn vector(self) -> Vector {
        let id = format!("session/open/{}", self.id);
        let token = self.made.token(&id);
        let mut inputs = self.setup.json("open");
        inputs.extend(members([
            ("now", self.now.into()),
            ("ended", self.ended.into()),
            ("made_from", self.made.json(&id)),
            ("token", token.clone().into()),
        ]));
        let opened = self.setup.policy.validate().and_then(|()| {
            let opened = self.setup.open(token.as_bytes(), 16_384, self.now, |_| self.ended)?;
            let proofs = without_proofs(&opened.session);
            self.setup.admit(opened, proofs, self.now)
        });
        assert_eq!(opened.as_ref().map(|_| ()).map_err(|code| *code), self.expect, "{id}");
        let outcome = opened.map_or_else(Outcome::Error, |opened| Outcome::Result(opened_json(&opened)));
        let (spec, flags) = (self.spec.to_vec(), self.flags.to_vec());
        Vector { id, spec, flags, comment: self.comment.to_owned(), inputs, outcome }
    }
}

/// Returns the `result` of an opened session.
pub(crate) fn opened_json(opened: &Opened) -> Json {
    object([
        ("payload", opened.session.value().write().into()),
        ("expires_at", opened.expires_at.into()),
        ("last", opened.last.into()),
    ])
}

pub(super) fn vectors() -> Vec<Vector> {
    [life(), policies(), checks(), order()].concat().into_iter().map(Case::vector).collect()
}

#[rustfmt::skip] // one case a line
fn life() -> Vec<Case> {
    let ok = |id, comment, now| Case { now, flags: &["off-by-one"], ..Case::new(id, &["SESS-08", "SESS-09"], comment, &user(&[])) };
    let long = || Made { ttl: 34_560_000, ..Made::new(user(&[])) };
    let late = |id, comment, now, made: Made, setup: Setup| Case { now, made, setup, expect: Err("expired"), flags: &["absolute-ignored"], ..Case::new(id, &["SESS-09"], comment, "") };
    let near = |issued_at| Made { issued_at, ttl: END - issued_at, ..Made::new(user(&[])) };
    let future = |id, comment, changes: &[(&str, &str)], expect| Case { expect, flags: &["off-by-one"], ..Case::new(id, &["SESS-08"], comment, &user(changes)) };
    vec![
        Case::new("ok/user", &["SESS-01", "SESS-08"], "a user's session", &user(&[])),
        Case::new("ok/guest", &["SESS-01", "SESS-08"], "a guest's session", &guest(&[])),
        ok("ok/last-second", "the last second of the idle window", START + IDLE - 1),
        Case { expect: Err("expired"), flags: &["off-by-one"], now: START + IDLE, ..ok("expired/idle", "the idle end is the first second without a session", 0) },
        Case { setup: Setup::ruled(600, 86_400, 60), ..ok("ok/idle-of-opener", "this server's idle window is shorter than the token's: the shorter counts", START + 599) },
        Case { setup: Setup::ruled(600, 86_400, 60), expect: Err("expired"), ..ok("expired/idle-of-opener", "the end of this server's shorter idle window", START + 600) },
        Case { setup: Setup::ruled(86_400, 86_400, 60), expect: Err("expired"), ..ok("expired/idle-not-longer", "a longer idle window of this server does not lengthen ttl", START + IDLE) },
        Case { made: near(END - 1000), now: END - 1, ..ok("ok/end-minus-1", "the last second before the absolute end", 0) },
        late("expired/end", "the absolute end; the token itself is alive, for its sealer did not cut ttl", END, Made { issued_at: END - 1000, ..long() }, setup()),
        late("expired/end-leeway", "leeway does not lengthen the absolute life", END + 299, Made { issued_at: END - 1000, ..long() }, Setup::ruled(IDLE, 86_400, 300)),
        Case { setup: Setup::ruled(IDLE, 3600, 60), made: Made { issued_at: START + 3500, ..Made::new(user(&[])) }, now: START + 3599, ..ok("ok/absolute-of-opener", "the last second of this server's shorter absolute window", 0) },
        late("expired/absolute-of-opener", "this server's absolute window is shorter than the token's: the shorter counts", START + 3600, Made { issued_at: START + 3500, ..long() }, Setup::ruled(IDLE, 3600, 60)),
        late("expired/absolute-not-longer", "a longer absolute window of this server does not lengthen the token's", END, Made { issued_at: END - 1000, ..long() }, Setup::ruled(IDLE, 172_800, 60)),
        late("expired/absolute-1", "an absolute window of one second", START + 1, long(), Setup::ruled(1, 1, 60)),
        Case { setup: Setup::ruled(1, 1, 60), now: START, ..ok("ok/absolute-1", "an absolute window of one second, in it", 0) },
        Case { setup: Setup::ruled(34_560_000, 34_560_000, 0), made: Made { ttl: 34_560_000, ..Made::new(user(&[("end", "1824560000")])) }, now: START + 34_559_999, ..ok("ok/absolute-max", "the longest windows, in their last second", 0) },
        late("expired/end-of-first-second", "a session of one second", START + 1, Made { payload: user(&[("end", "1790000001")]).into(), ..long() }, setup()),
        late("expired/start-0", "a session that began at time 0, in a fresh token", START + 60, Made { payload: user(&[("start", "0")]).into(), ..long() }, setup()),
        future("ok/start-leeway", "the session began within leeway of this clock", &[("start", "1790000120")], Ok(())),
        future("issued-in-future/start", "the session began one second beyond leeway", &[("start", "1790000121")], Err("issued_in_future")),
        future("ok/auth-time-leeway", "signed on within leeway of this clock", &[("auth_time", "1790000120")], Ok(())),
        future("issued-in-future/auth-time", "signed on one second beyond leeway", &[("auth_time", "1790000121")], Err("issued_in_future")),
        Case { setup: Setup::ruled(IDLE, 86_400, 0), ..future("issued-in-future/start-no-leeway", "without leeway one second is too much", &[("start", "1790000061")], Err("issued_in_future")) },
        Case { setup: Setup::ruled(IDLE, 86_400, 0), ..future("issued-in-future/auth-time-no-leeway", "without leeway one second is too much", &[("auth_time", "1790000061")], Err("issued_in_future")) },
        future("ok/auth-time-before-start", "a sign-on before the session began is not forbidden", &[("auth_time", "0")], Ok(())),
        Case { flags: &["wide-time"], ..future("issued-in-future/start-wide", "cut to 32 bits it would be alive", &[("start", "6084967297"), ("end", "6084967399")], Err("issued_in_future")) },
    ]
}

#[rustfmt::skip] // one case a line
fn policies() -> Vec<Case> {
    let policy = |id, idle, absolute, leeway, expect, comment| Case { setup: Setup::ruled(idle, absolute, leeway), expect, flags: &["caller-error"], ..Case::new(id, &["SESS-07"], comment, &user(&[])) };
    vec![
        policy("policy/ok-max", 34_560_000, 34_560_000, 300, Ok(()), "the largest values"),
        policy("policy/ok-idle-is-absolute", 3600, 3600, 0, Ok(()), "both windows equal, no leeway"),
        policy("policy/idle-0", 0, 86_400, 60, Err("idle_range"), "an idle window of nothing"),
        policy("policy/idle-max-plus-1", 34_560_001, 34_560_001, 60, Err("idle_range"), "one second over 400 days; absolute is out of range with it"),
        policy("policy/absolute-below-idle", 1800, 1799, 60, Err("absolute_range"), "absolute shorter than idle"),
        policy("policy/absolute-0", 1, 0, 60, Err("absolute_range"), "an absolute window of nothing"),
        policy("policy/absolute-max-plus-1", 1800, 34_560_001, 60, Err("absolute_range"), "one second over 400 days"),
        policy("policy/leeway-301", 1800, 86_400, 301, Err("leeway_range"), "a leeway over 300"),
        policy("policy/order-idle-first", 0, 34_560_001, 301, Err("idle_range"), "all three out of range: idle is told"),
        policy("policy/order-absolute-before-leeway", 1800, 60, 301, Err("absolute_range"), "absolute and leeway out of range: absolute is told"),
        Case { made: Made { ttl: 0, ..Made::new("") }, ..policy("policy/order-before-token", 1800, 86_400, 301, Err("leeway_range"), "a bad policy and a bad token: the policy is told") },
        Case { now: 1 << 48, expect: Err("clock_range"), ..policy("policy/clock", 1800, 86_400, 60, Ok(()), "a clock out of range is no fault of the token") },
    ]
}

#[rustfmt::skip] // one case a line
fn checks() -> Vec<Case> {
    let check = |id, comment, generation, denied, payload: &str, expect, flags| {
        Case { setup: Setup::checked(generation, denied), expect, flags, ..Case::new(id, &["SESS-21", "SESS-22"], comment, payload) }
    };
    let deny = |id, comment, generation, payload: &str| Case { spec: &["SESS-23"], ..check(id, comment, generation, true, payload, Err("signed_off"), &[]) };
    vec![
        check("check/equal", "the user's generation is the session's", Some(7), false, &user(&[]), Ok(()), &[]),
        check("check/lower", "the server's generation is lower: closed as well", Some(6), false, &user(&[]), Err("revoked"), &["generation-order"]),
        check("check/higher", "the server's generation is higher", Some(8), false, &user(&[]), Err("revoked"), &[]),
        check("check/zero", "the server's generation is 0, which is an answer", Some(0), false, &user(&[]), Err("revoked"), &["missing-check"]),
        check("check/zero-equal", "both generations are 0", Some(0), false, &user(&[("gen", "0")]), Ok(()), &["missing-check"]),
        check("check/zero-in-token", "generation 0 in the token is a generation", Some(7), false, &user(&[("gen", "0")]), Err("revoked"), &["missing-check"]),
        check("check/largest", "2^53 - 1 against 2^53 - 2", Some((1 << 53) - 2), false, &user(&[("gen", "9007199254740991")]), Err("revoked"), &["unsafe-integer"]),
        check("check/wide", "cut to 32 bits the two would be equal", Some(7), false, &user(&[("gen", "4294967303")]), Err("revoked"), &["unsafe-integer"]),
        check("check/fraction-form", "7.0 is 7", Some(7), false, &user(&[("gen", "7.0")]), Ok(()), &[]),
        check("check/unanswered", "a check was wanted and not answered", None, false, &user(&[]), Err("unchecked"), &["missing-check"]),
        check("check/guest-unanswered", "a guest's session needs no answer", None, false, &guest(&[]), Ok(()), &[]),
        check("check/guest-answered", "an answer that a guest's session does not need", Some(8), false, &guest(&[]), Ok(()), &[]),
        deny("check/denied-user", "the application denies the sid of a user's session", Some(7), &user(&[])),
        deny("check/denied-guest", "the application denies the sid of a guest's session", None, &guest(&[])),
        deny("check/denied-guest-answered", "denied, with an answer that a guest's session does not need", Some(8), &guest(&[])),
        Case { ended: true, spec: &["COOK-07", "SESS-08"], flags: &["late-response"], expect: Err("signed_off"), ..Case::new("ended/user", &[], "the transport says that the session has ended", &user(&[])) },
        Case { ended: true, spec: &["COOK-07", "SESS-08"], flags: &["late-response"], expect: Err("signed_off"), ..Case::new("ended/guest", &[], "the transport says that a guest's session has ended", &guest(&[])) },
    ]
}

/// Two faults in one token; the earlier step is told.
#[rustfmt::skip] // one case a line
fn order() -> Vec<Case> {
    let made = Made { ttl: 34_560_000, ..Made::new(user(&[])) };
    let order = |id, comment, payload: &str, code| Case { expect: Err(code), flags: &["order"], made: Made { payload: payload.into(), ..made.clone() }, ..Case::new(id, &["SESS-08"], comment, "") };
    let bad = user(&[("rev", "0")]);
    let future = user(&[("start", "1790000121")]);
    // Began in the future, and has ended for this server's clock: auth_time is ahead, end is past.
    let ahead = user(&[("auth_time", "1790086600"), ("end", "1790000010")]);
    let denied = |generation| Setup::checked(generation, true);
    vec![
        Case { made: Made { key: 2, payload: bad.clone().into(), ..made.clone() }, ..order("order/key-before-payload", "another key and a bad payload", "", "unknown_key") },
        Case { made: Made { purpose: "return-url", payload: bad.clone().into(), ..made.clone() }, ..order("order/purpose-before-payload", "another purpose and a bad payload", "", "unknown_key") },
        Case { setup: Setup { context: crate::opener::Context { ring: vec![Entry::new(1).until(START + 60)], ..setup().context }, ..setup() }, ..order("order/inactive-before-payload", "an ended key and a bad payload", &bad, "key_inactive") },
        Case { made: Made { issued_at: START + 121, payload: bad.clone().into(), ..made.clone() }, ..order("order/future-before-payload", "a token of the future and a bad payload", "", "issued_in_future") },
        Case { now: START + IDLE, ..order("order/expired-before-payload", "an expired token and a bad payload", &bad, "expired") },
        Case { made: Made { ttl: 0, payload: bad.clone().into(), ..made.clone() }, ..order("order/ttl-before-payload", "a ttl of 0 and a bad payload", "", "expired") },
        order("order/payload-before-future", "a bad payload whose session begins in the future", &user(&[("start", "1790000121"), ("rev", "0")]), "payload_invalid"),
        order("order/payload-before-expired", "a bad payload whose session has ended", &user(&[("end", "1790000010"), ("rev", "0")]), "payload_invalid"),
        Case { ended: true, ..order("order/payload-before-ended", "a bad payload of an ended session", &bad, "payload_invalid") },
        Case { setup: denied(Some(8)), ..order("order/payload-before-check", "a bad payload of a revoked and denied session", &bad, "payload_invalid") },
        order("order/future-before-expired", "signed on in the future, and ended", &ahead, "issued_in_future"),
        Case { ended: true, ..order("order/future-before-ended", "begins in the future, and ended by the transport", &future, "issued_in_future") },
        Case { setup: denied(None), ..order("order/future-before-check", "begins in the future, unchecked and denied", &future, "issued_in_future") },
        Case { ended: true, ..order("order/expired-before-ended", "past its end, and ended by the transport", &user(&[("end", "1790000060")]), "expired") },
        Case { setup: denied(None), ..order("order/expired-before-check", "past its end, unchecked and denied", &user(&[("end", "1790000060")]), "expired") },
        Case { ended: true, setup: Setup::checked(None, false), ..order("order/ended-before-unchecked", "ended by the transport, and unchecked", &user(&[]), "signed_off") },
        Case { ended: true, setup: Setup::checked(Some(8), false), ..order("order/ended-before-revoked", "ended by the transport, and revoked", &user(&[]), "signed_off") },
        Case { setup: denied(None), ..order("order/denied-before-unchecked", "denied, and unchecked: it will not be valid in a moment", &user(&[]), "signed_off") },
        Case { setup: denied(Some(8)), ..order("order/denied-before-revoked", "denied, and revoked", &user(&[]), "signed_off") },
    ]
}
